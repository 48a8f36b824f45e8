"""Prints tokens of itsdangerous and hashes of bcrypt and Werkzeug that never change, a JSON object a line.

The Swift tests read them. To regenerate them, in the directory of the repository:

    cd Tests
    ../.venv/bin/python -m Peers.frozen_vectors tokens > RegctlCoreTests/Vectors/tokens.jsonl
    ../.venv/bin/python -m Peers.frozen_vectors hashes > RegctlCoreTests/Vectors/hashes.jsonl
    ../.venv/bin/python -m Peers.frozen_vectors werkzeug > RegctlCoreTests/Vectors/werkzeug.jsonl
"""

import base64
import json
import sys
from collections.abc import Iterator
from itertools import product
from random import Random

import bcrypt
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from werkzeug.security import SALT_CHARS, _hash_internal

from Peers.addresses import KINDS, saving, without_repetition


class FrozenSigner(TimestampSigner):
    """A signer at whose clock it is always the same second."""

    def __init__(self, *arguments, moment: int, **options) -> None:
        super().__init__(*arguments, **options)
        self.moment = moment

    def get_timestamp(self) -> int:
        return self.moment


def serializer(keys: list[str] | str, moment: int) -> URLSafeTimedSerializer:
    """The application's serializer, frozen at a second."""
    return URLSafeTimedSerializer(keys, signer=FrozenSigner, signer_kwargs={"moment": moment})


OLD = "the first key of this application"
NEW = "0123456789abcdef0123456789abcdef"
SALT = "email-confirm"
MOMENT = 1_795_424_400

PLAIN = ["a@b.cd", "ann@example.org", "o'hara+tag@sub.example.org", "x" * 64 + "@example.org"]
COMPRESSED = [
    "a" * 60 + "@" + "a" * 60 + ".aa", "ab" * 30 + "@" + "ab." * 60 + "example", "na" * 99
]
ESCAPED = [
    'say "hi"@example.org', "back\\slash@example.org", "tab\there@example.org", "line\nend@x.org",
    "return\r@x.org", "feed\f@x.org", "bell\x07@x.org", "\b\x00\x1f@x.org", "delete\x7f@x.org",
    "slash/@x.org", '"' * 80,
]
FOREIGN = [
    "jürgen@example.org", "josé@exämple.org", "用户@例子.公司", "😀@example.org", "é" * 40,
    "line\u2028separator@x.org", "e\u0301@x.org", "\ufeffmark@x.org", "äöü" * 30 + "@example.org",
]
MOMENTS = [
    0, 1, 255, 256, 65_535, 65_536, 0xFFFFFF, 0x1000000, 2**31 - 1, 2**31, 2**32 - 1, 2**32,
    253_402_300_799,
]
KEY_RINGS = [
    [OLD, NEW], [NEW, OLD], ["k"], ["clé secrète du site"], ["x" * 200], ["a b\tc", NEW, OLD]
]
SALTS = ["", "password-reset", "change-email", "my_precious_two", "Salz für Tübingen"]


def edge_cases() -> Iterator[str]:
    """Texts without repetition that save one byte, which is too little, up to three."""
    random = Random(1)
    for wanted in [0, 1, 1, 2, 2, 3]:
        while saving(text := without_repetition(random)) != wanted:
            pass
        yield text


def tokens() -> Iterator[dict]:
    """Token vectors: what is signed with which keys, under which salt, in which second."""
    cases = [([NEW], SALT, email, MOMENT) for email in [*PLAIN, *COMPRESSED, *ESCAPED, *FOREIGN]]
    cases += [([NEW], SALT, email, MOMENT) for email in edge_cases()]
    random = Random(2)
    cases += [([NEW], SALT, kind(random), MOMENT) for kind in KINDS]
    cases += [([NEW], SALT, "ann@example.org", moment) for moment in MOMENTS]
    cases += [(keys, SALT, "ann@example.org", MOMENT) for keys in KEY_RINGS]
    cases += [([NEW], salt, "ann@example.org", MOMENT) for salt in SALTS]
    for keys, salt, email, moment in cases:
        token = serializer(keys, moment).dumps(email, salt=salt)
        yield dict(keys=keys, salt=salt, email=email, timestamp=moment, token=token)


def bcrypt_salt(random: Random, prefix: str) -> bytes:
    """A salt of cost 4 as `bcrypt.gensalt` makes it, but from a generator with a seed."""
    standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    own = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    encoded = base64.b64encode(random.randbytes(16)).rstrip(b"=")
    return f"${prefix}$04$".encode() + encoded.translate(bytes.maketrans(standard, own))


def hashes() -> Iterator[dict]:
    """Hash vectors at cost 4, in every prefix that an application may have stored."""
    random = Random(3)
    passwords = [
        b"correct horse battery staple", "Pässwörter 密码 😀".encode(), "ü".encode() * 36,
        bytes(range(1, 73)), b"\x80\xfe\xc3( is no UTF-8", b" a\tb\rc\nd ", b"1",
    ]
    for password, prefix in product(passwords, ["2a", "2b", "2y"]):
        made = bcrypt.hashpw(password, bcrypt_salt(random, prefix)).decode()
        encoded = base64.b64encode(password).decode()
        yield dict(password_base64=encoded, hash=made, prefix=prefix)


def werkzeug() -> Iterator[dict]:
    """Hash vectors of Werkzeug, by every function and at low costs."""
    random = Random(4)
    words = [
        "correct horse battery staple", "Pässwörter 密码 😀", "ü" * 100, " a\tb\rc\nd ", "1",
    ]
    methods = [
        "scrypt:128:1:1", "scrypt:1024:8:1", "scrypt:256:4:3", "pbkdf2:sha1:10", "pbkdf2:sha256:100",
        "pbkdf2:sha512:1",
    ]
    for word, method in product(words, methods):
        salt = "".join(random.choices(SALT_CHARS, k=16))
        # What generate_password_hash does with a salt that it has generated.
        key, name = _hash_internal(method, salt, word)
        encoded = base64.b64encode(word.encode()).decode()
        yield dict(password_base64=encoded, hash=f"{name}${salt}${key}")


if __name__ == "__main__":
    for vector in {"tokens": tokens, "hashes": hashes, "werkzeug": werkzeug}[sys.argv[1]]():
        print(json.dumps(vector))
