"""A secret that is printed once."""

import json
import os
import re

import pytest

from Campaigns.calls import Call, closed, run
from Campaigns.database import dump
from Campaigns.preparation import ANN, EVE

SECRET = [
    (EVE, ["register", EVE, "--generate-password"]),
    (EVE, ["create-admin", EVE, "--generate-password"]),
    (ANN, ["set-password", ANN, "--generate-password"]),
    (ANN, ["reset-password", "--token", "{reset}", "--generate-password"]),
]
each_secret = pytest.mark.parametrize(
    ("email", "words"), SECRET, ids=[words[0] for _, words in SECRET]
)


@each_secret
@pytest.mark.parametrize("format", ["text", "tsv", "json", "jsonl"])
def test_a_password_that_cannot_be_printed_changes_nothing(alive, email, words, format):
    before = dump(alive.db)
    with open("/dev/full", "wb") as full:
        result = run(alive, *Call(words).line(alive), "--format", format, stdout=full)
    assert result.returncode == 74
    assert dump(alive.db) == before
    assert run(alive, *Call(words).line(alive), "--format", format, **closed(1)).returncode == 74
    assert dump(alive.db) == before


@each_secret
@pytest.mark.parametrize("format", ["text", "json"])
def test_a_password_without_a_reader_changes_nothing(alive, email, words, format):
    """Its reader is gone: for a list that is no error, for a secret it is."""
    before = dump(alive.db)
    reader, writer = os.pipe()
    os.close(reader)
    result = run(alive, *Call(words).line(alive), "--format", format, stdout=writer)
    os.close(writer)
    assert result.returncode == 74
    assert b"standard output" in result.stderr
    assert dump(alive.db) == before


@each_secret
def test_a_generated_password_is_printed_alone_and_is_valid(alive, email, words):
    result = run(alive, *Call(words).line(alive))
    assert result.returncode == 0
    password = result.stdout.decode()
    assert re.fullmatch(r"\S{20}\n", password)
    assert email in result.stderr.decode()
    alive.ok("confirm", "--email", email, "--reason", "test")
    alive.ok("check", email, "--password-file", "-", input=password)
    assert alive.run("check", email, "--password-file", "-", input="wrong horse").returncode == 1


@each_secret
@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_a_generated_password_is_part_of_the_json_object(alive, email, words, format):
    result = run(alive, *Call(words).line(alive), "--format", format)
    [line] = result.stdout.splitlines()
    found = json.loads(line)
    assert list(found)[:2] == ["schema", "password"]
    assert found["account"]["email"] == email
    alive.ok("confirm", "--email", email, "--reason", "test")
    alive.ok("check", email, "--password-file", "-", input=found["password"])
