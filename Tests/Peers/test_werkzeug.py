"""Password hashes of regctl and Werkzeug: what one makes, the other verifies."""

import time
from random import Random

import pytest
from werkzeug import security
from werkzeug.security import check_password_hash, generate_password_hash

from Campaigns.database import rows as query
from Peers.test_bcrypt import GOOD, by_two, enters, other, passwords
from Peers.users_table import add_users
from engines import on_both_engines

ANN, BOB = "ann@example.org", "bob@example.org"
CHEAP = [
    "scrypt:128:1:1", "scrypt:1024:8:3", "scrypt:16384:1:1", "pbkdf2:sha256:1", "pbkdf2:sha1:1000",
    "pbkdf2:sha512:1000",
]
SCHEMES = {
    "scrypt": "scrypt:32768:8:1",
    "pbkdf2": f"pbkdf2:sha256:{security.DEFAULT_PBKDF2_ITERATIONS}",
}


def verify(site, method: str, salt_length: int, words: list[bytes]) -> None:
    """Hashes words with Werkzeug, and checks with regctl that these words and no others pass."""
    random = Random(f"{method} {salt_length}")
    emails = [f"user{number}@example.org" for number in range(len(words))]
    for email, word in zip(emails, words, strict=True):
        hashed = generate_password_hash(word.decode(), method, salt_length)
        add_users(site.db, [email], confirmed=True, password=hashed)
    assert by_two(lambda *row: enters(site, *row), emails, words) == [True] * len(words)
    wrong = [other(random, word) for word in words]
    assert by_two(lambda *row: enters(site, *row), emails, wrong) == [False] * len(words)


@pytest.mark.parametrize("method", CHEAP)
@pytest.mark.parametrize("salt_length", [1, 16, 40])
def test_regctl_verifies_what_werkzeug_hashes(site, method, salt_length):
    verify(site, method, salt_length, [*passwords(salt_length, 2), b"x" * 200, "é".encode() * 400])


@pytest.mark.parametrize("method", ["scrypt", "pbkdf2"])
def test_regctl_verifies_what_werkzeug_hashes_by_default(site, method):
    verify(site, method, 16, [GOOD])


@pytest.mark.parametrize(("scheme", "method"), SCHEMES.items())
def test_werkzeug_verifies_what_regctl_hashes(new_site, scheme, method):
    site = new_site(password_scheme=scheme)
    site.ok("create-db")
    words = [*passwords(1, 1), "é".encode() * 400]
    emails = [f"user{number}@example.org" for number in range(len(words))]
    for email, word in zip(emails, words, strict=True):
        site.ok("register", email, "--password-file", "-", input=word)
    stored = dict(query(site.db, "SELECT email, password FROM users"))
    for email, word in zip(emails, words, strict=True):
        found_method, salt, _ = stored[email].split("$")
        assert found_method == method
        assert len(salt) == 16
        assert set(salt) <= set(security.SALT_CHARS)
        assert check_password_hash(stored[email], word.decode())
        assert not check_password_hash(stored[email], word.decode()[:-1])
    assert len({text.split("$")[1] for text in stored.values()}) == len(words)
    site.ok("set-password", emails[0], "--password-file", "-", input=GOOD)
    site.ok("confirm", "--email", emails[0], "--reason", "test")
    assert enters(site, emails[0], GOOD)
    assert not enters(site, emails[0], words[0])


@on_both_engines
@pytest.mark.parametrize(("scheme", "method"), SCHEMES.items())
def test_werkzeug_answers_false_for_an_account_without_a_password(new_site, scheme, method):
    site = new_site(password_scheme=scheme)
    site.ok("create-db")
    site.ok("register", ANN, "--no-password")
    site.ok("confirm", "--email", ANN, "--reason", "test")
    [(stored,)] = query(site.db, "SELECT password FROM users")
    assert stored.startswith(method + "$")
    for word in ["!", "any password", stored]:
        assert not check_password_hash(stored, word)
        assert not enters(site, ANN, word.encode())
    assert '"password":"!"' in site.ok("export")


@pytest.mark.parametrize(
    "method",
    [
        "scrypt:1073741824:8:1", "scrypt:32768:8:64", "scrypt:4194304:1:1", "scrypt:2:8:999999999",
        "scrypt:33554432:1:999999999", "pbkdf2:sha256:10000001", "pbkdf2:sha256:999999999",
        "pbkdf2:sha512:99999999999999999999",
    ],
)
def test_a_cost_beyond_the_limits_is_never_run(site, method):
    length = 128 if method.startswith("scrypt") or "sha512" in method else 64
    add_users(site.db, [ANN], confirmed=True, password=f"{method}$salt${'0' * length}")
    start = time.monotonic()
    assert not enters(site, ANN, GOOD)
    assert time.monotonic() - start < 1


@pytest.mark.parametrize(
    "stored",
    [
        "scrypt:32768:8:1$$" + "0" * 128, "scrypt:32767:8:1$salt$" + "0" * 128,
        "scrypt:0:8:1$salt$" + "0" * 128, "scrypt:32768:8$salt$" + "0" * 128, "scrypt$salt$00",
        "scrypt:32768:8:1$salt$" + "0" * 127 + "G", "scrypt:32768:8:1$salt$", "scrypt:32768:8:1",
        "pbkdf2:sha256:1$salt$" + "0" * 63, "pbkdf2:md5:1$salt$" + "0" * 32,
        "pbkdf2:sha256:-1$salt$" + "0" * 64, "pbkdf2:sha256:0$salt$" + "0" * 64,
        "sha256$salt$" + "0" * 64, "plain$$right password",
    ],
)
def test_no_password_matches_text_that_is_no_hash_of_werkzeug(site, stored):
    add_users(site.db, [ANN], confirmed=True, password=stored)
    assert not enters(site, ANN, GOOD)
    checks = site.run("doctor", "--json").stdout
    assert b'"check":"passwords","result":"failed"' in checks


@on_both_engines
def test_an_export_of_hashes_of_werkzeug_is_imported_again(new_site):
    old, new = new_site(), new_site()
    hashed = [generate_password_hash("right password", method) for method in CHEAP]
    for site in (old, new):
        site.ok("create-db")
    for number, text in enumerate(hashed):
        add_users(old.db, [f"user{number}@example.org"], confirmed=True, password=text)
    found = old.run("doctor", "--json").stdout
    assert b"not a known hash" not in found
    assert b"and regctl writes bcrypt" in found
    new.ok("import", "-", input=old.ok("export"))
    assert query(new.db, "SELECT password FROM users ORDER BY id") == [(text,) for text in hashed]
    assert enters(new, "user0@example.org", GOOD)
