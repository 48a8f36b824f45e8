"""Password hashes of regctl, bcrypt and Flask-Bcrypt: what one makes, the others verify."""

import base64
import json
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import bcrypt
import flask_bcrypt
import pytest

from Campaigns.database import rows as query
from Campaigns.extent import amount
from Peers.users_table import add_users
from engines import SQLITE, on_both_engines

PREFIXES = ["2a", "2b", "2y"]
HASHES = Path(__file__).parent.parent / "RegctlCoreTests" / "Vectors" / "hashes.jsonl"
GOOD = b"right password"
LETTERS = "abcXYZ019 !\"#$%&'()\\{}~\t\x01\x7fäöüß€éñ中文密码😀"


def passwords(seed: int, count: int) -> list[bytes]:
    """Passwords that the policy allows, of 8 characters to 72 bytes."""
    random = Random(seed)
    found = []
    while len(found) < count:
        alphabet = random.choice([LETTERS, LETTERS[:11], "é中😀"])
        password = "".join(random.choices(alphabet, k=random.randint(8, 72)))
        if random.random() < 0.3:
            password = password.encode()[:72].decode(errors="ignore")
        if len(password.encode()) <= 72 and len(password) >= 8:
            found.append(password.encode())
    return found


def other(random: Random, password: bytes) -> bytes:
    """A password that differs a little."""
    at = random.randrange(len(password))
    changed = bytes([password[at] ^ 0x01 or 0x7f])
    return random.choice([password[:at] + changed + password[at + 1 :], password[:-1]])


def enters(site, email: str, password: bytes) -> bool:
    """Whether regctl accepts this password for a confirmed account."""
    result = site.run("check", email, "--password-file", "-", input=password)
    assert result.returncode in {0, 1}, result
    return result.returncode == 0


def by_two(function, *columns: list) -> list:
    """Applies a function to each row, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(function, *columns))


def refused(site, password: bytes) -> str:
    """The error code of a registration, which must fail and leave no account."""
    exit_code, error = site.error(
        "register", "ann@example.org", "--password-file", "-", input=password
    )
    assert exit_code == 65
    assert query(site.db, "SELECT count(*) FROM users") == [(0,)]
    return error["code"]


def test_python_verifies_what_regctl_hashes(site):
    words = passwords(1, amount("hashes of regctl", 400, 4))
    emails = [f"user{number}@example.org" for number in range(len(words))]

    def register(email: str, password: bytes) -> None:
        site.ok("register", email, "--password-file", "-", input=password)

    by_two(register, emails, words)
    stored = dict(query(site.db, "SELECT email, password FROM users"))
    random = Random(2)
    for email, password in zip(emails, words, strict=True):
        assert stored[email].startswith("$2b$04$")
        assert bcrypt.checkpw(password, stored[email].encode())
        assert flask_bcrypt.check_password_hash(stored[email], password.decode())
        assert not bcrypt.checkpw(other(random, password), stored[email].encode())


@pytest.mark.parametrize("prefix", PREFIXES)
def test_regctl_verifies_what_python_hashes(site, prefix):
    random = Random(3)
    words = passwords(4, amount("hashes of bcrypt", 140, 4))
    emails = [f"user{number}@example.org" for number in range(len(words))]
    for email, password in zip(emails, words, strict=True):
        salt = bcrypt.gensalt(4).replace(b"$2b$", f"${prefix}$".encode())
        hashed = bcrypt.hashpw(password, salt).decode()
        assert hashed.startswith(f"${prefix}$04$")
        add_users(site.db, [email], confirmed=True, password=hashed)
    assert by_two(lambda *row: enters(site, *row), emails, words) == [True] * len(words)
    wrong = [other(random, password) for password in words]
    assert by_two(lambda *row: enters(site, *row), emails, wrong) == [False] * len(words)


@on_both_engines
def test_regctl_verifies_what_flask_bcrypt_stores_as_bytes(site, engine):
    hashed = flask_bcrypt.generate_password_hash("right password", 4)
    assert isinstance(hashed, bytes)
    add_users(site.db, ["ann@example.org"], confirmed=True, password=hashed)
    # The text of bytes on a server is their digits.
    shown = hashed if engine == SQLITE else f"\\x{hashed.hex()}"
    assert query(site.db, "SELECT password FROM users") == [(shown,)]
    assert enters(site, "ann@example.org", GOOD)
    assert not enters(site, "ann@example.org", b"wrong password")


def test_the_frozen_hashes_are_verified_by_both(site):
    vectors = [json.loads(line) for line in HASHES.read_text().splitlines()]
    assert {vector["prefix"] for vector in vectors} == set(PREFIXES)
    for number, vector in enumerate(vectors):
        password = base64.b64decode(vector["password_base64"])
        email = f"user{number}@example.org"
        add_users(site.db, [email], confirmed=True, password=vector["hash"])
        assert bcrypt.checkpw(password, vector["hash"].encode())
        assert enters(site, email, password + b"\n")


@pytest.mark.parametrize("password", [b"x" * 72, "é".encode() * 36, "😀".encode() * 18])
def test_seventy_two_bytes_are_accepted_whole(site, password):
    site.ok("register", "ann@example.org", "--password-file", "-", input=password)
    site.ok("confirm", "--email", "ann@example.org", "--reason", "test")
    stored = query(site.db, "SELECT password FROM users")[0][0]
    assert bcrypt.checkpw(password, stored.encode())
    assert enters(site, "ann@example.org", password)
    assert not enters(site, "ann@example.org", password[:-1] + b"y")
    assert not enters(site, "ann@example.org", password + b"y")


@pytest.mark.parametrize(
    "password", [b"x" * 73, "é".encode() * 36 + b"x", b"x" * 4000, b"x" * 100_000]
)
def test_more_than_seventy_two_bytes_are_refused_and_not_cut(site, password):
    assert refused(site, password) == "invalid_password"


@pytest.mark.parametrize(
    "password",
    [b"", b"\n", b"\r\n", b"1234567", "éééé".encode(), b"NUL\0 inside", b"\0" * 8, b"\xff" * 9],
)
def test_an_invalid_password_is_rejected(site, password):
    assert refused(site, password) == "invalid_password"


@on_both_engines
def test_no_password_enters_an_account_without_one(site):
    site.ok("register", "ann@example.org", "--no-password")
    site.ok("confirm", "--email", "ann@example.org", "--reason", "test")
    [(stored,)] = query(site.db, "SELECT password FROM users")
    assert query(site.db, "SELECT hash FROM regctl_no_password") == [(stored,)]
    for password in [b"!", b"", b"no such password", GOOD, b"x" * 72]:
        assert not bcrypt.checkpw(password, stored.encode())
        assert not enters(site, "ann@example.org", password)
    assert not enters(site, "ann@example.org", b"x" * 100)


@pytest.mark.parametrize("cost", [16, 20, 31])
def test_a_cost_above_fifteen_is_never_run(site, cost):
    hashed = bcrypt.hashpw(GOOD, bcrypt.gensalt(4)).decode().replace("$04$", f"${cost}$")
    add_users(site.db, ["ann@example.org"], confirmed=True, password=hashed)
    start = time.monotonic()
    assert not enters(site, "ann@example.org", GOOD)
    # Cost 16 takes some four seconds, cost 31 a day and a half.
    assert time.monotonic() - start < 1


def mangled(random: Random, hashed: str) -> str:
    """A hash after something happened to it."""
    at = random.randrange(len(hashed))
    character = random.choice("./$aB09*é\0 ")
    return random.choice(
        [
            hashed[:at] + character + hashed[at + 1 :],
            hashed[:at] + hashed[at + 1 :],
            hashed[:at] + character + hashed[at:],
            hashed[:at],
            hashed + character,
            hashed.swapcase(),
            character + hashed,
        ]
    )


def accepted_by_python(hashed: str) -> bool:
    try:
        return bcrypt.checkpw(GOOD, hashed.encode())
    except ValueError:
        return False


def test_no_password_matches_a_mangled_hash(site):
    random = Random(5)
    hashed = bcrypt.hashpw(GOOD, bcrypt.gensalt(4)).decode()
    hashes = {mangled(random, hashed) for _ in range(300)} - {hashed}
    assert [stored for stored in hashes if accepted_by_python(stored)] == []
    emails = [f"user{number}@example.org" for number in range(len(hashes))]
    for email, stored in zip(emails, hashes, strict=True):
        add_users(site.db, [email], confirmed=True, password=stored)
    answers = by_two(lambda email: enters(site, email, GOOD), emails)
    found = zip(hashes, answers, strict=True)
    assert [stored for stored, entered in found if entered] == []


@pytest.mark.parametrize(
    "stored", ["", "!", "*", "plain text", "$1$salt$hash", "$2b$04$", "$6$salt$" + "x" * 86]
)
def test_no_password_matches_text_that_is_not_a_bcrypt_hash(site, stored):
    add_users(site.db, ["ann@example.org"], confirmed=True, password=stored)
    for password in [GOOD, stored.encode(), b"plain text"]:
        assert not enters(site, "ann@example.org", password)


def test_an_unconfirmed_account_is_refused_even_with_its_password(site):
    site.ok("register", "ann@example.org", "--password-file", "-", input=GOOD)
    answers = [
        site.error("check", "ann@example.org", "--password-file", "-", input=password)
        for password in (GOOD, b"wrong password")
    ]
    assert [(exit_code, error["code"]) for exit_code, error in answers] == [
        (1, "not_confirmed"), (1, "wrong_password"),
    ]


def test_every_refusal_of_a_password_takes_the_time_of_a_true_comparison(new_site):
    """Short of a campaign on medians: no refusal comes before a whole bcrypt was run.

    It is the time of the processor, because that of the clock depends on what else is running, and
    the callers take turns, because a processor is not as fast at each moment.
    """
    site = new_site(bcrypt_cost=11)
    site.ok("create-db")
    hashed = bcrypt.hashpw(b"a right password", bcrypt.gensalt(11)).decode()
    add_users(site.db, ["known@example.org"], password=hashed, confirmed=True)
    add_users(site.db, ["unusable@example.org"], password="!", confirmed=True)
    wrong = ("known@example.org", b"a wrong password")
    refused = [
        ("nobody@example.org", b"a wrong password"),
        ("unusable@example.org", b"a wrong password"),
        ("known@example.org", b"x" * 73),
        ("known@example.org", b"a wrong\0password"),
        ("known@example.org", b""),
        ("no address at all", b"a wrong password"),
    ]

    def seconds(email: str, password: bytes) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        code, error = site.error("check", email, "--password-file", "-", input=password)
        assert (code, error["code"]) == (1, "wrong_password")
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before

    shortest = dict.fromkeys([wrong, *refused], float("inf"))
    for _ in range(12):
        for caller in shortest:
            shortest[caller] = min(shortest[caller], seconds(*caller))
    assert shortest[wrong] > 0.05
    for caller in refused:
        assert 0.7 < shortest[caller] / shortest[wrong] < 1.4, caller
