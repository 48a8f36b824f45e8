"""The vectors that the Swift tests read are those that the peers make today."""

import json
from pathlib import Path

import bcrypt
import pytest
from werkzeug.security import check_password_hash

from Peers import frozen_vectors
from Peers.frozen_vectors import serializer

VECTORS = Path(__file__).parent.parent / "RegctlCoreTests" / "Vectors"


@pytest.mark.parametrize("kind", ["tokens", "hashes", "werkzeug"])
def test_the_file_is_what_its_script_prints(kind):
    stored = (VECTORS / f"{kind}.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in stored] == list(getattr(frozen_vectors, kind)())


def test_the_tokens_are_read_by_itsdangerous():
    for vector in map(json.loads, (VECTORS / "tokens.jsonl").read_text().splitlines()):
        signer = serializer(vector["keys"], vector["timestamp"])
        assert signer.loads(vector["token"], salt=vector["salt"], max_age=0) == vector["email"]


def test_the_tokens_cover_plain_and_compressed_payloads():
    tokens = [vector["token"] for vector in frozen_vectors.tokens()]
    assert 10 < sum(token.startswith(".") for token in tokens) < len(tokens) - 10


def test_the_hashes_are_verified_by_bcrypt():
    for vector in frozen_vectors.hashes():
        password = frozen_vectors.base64.b64decode(vector["password_base64"])
        assert bcrypt.checkpw(password, vector["hash"].encode())


def test_the_hashes_are_verified_by_werkzeug():
    for vector in frozen_vectors.werkzeug():
        password = frozen_vectors.base64.b64decode(vector["password_base64"]).decode()
        assert check_password_hash(vector["hash"], password)
