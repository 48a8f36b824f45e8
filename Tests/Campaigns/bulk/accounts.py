"""Accounts as an application stores them, and as lines of an import."""

import json
import random
import subprocess
from pathlib import Path

from Campaigns.database import Database, create_application_table, filling
from regctl import Site

COLUMNS = ["id", "email", "password", "registered_on", "admin", "confirmed", "confirmed_on"]
# The accounts of a table, with ! for those without a password.
EVERYTHING = (
    "SELECT id, email,"
    " CASE WHEN password IN (SELECT hash FROM regctl_no_password) THEN '!' ELSE password END,"
    f" {', '.join(COLUMNS[3:])} FROM users ORDER BY id"
)
ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
HASH = "$2b$13$" + ALPHABET[:53]
NOW = "2026-11-23 09:00:00.123456"

# Rows of an application that no two programs would write alike.
ODD = [
    (1, "ann@example.org", HASH, NOW, 0, 0, None),
    (2, "Bob.O'Hara+tag@EXAMPLE.Org", "$2a$12" + HASH[6:], "2026-11-23 09:00:00", 1, 1, NOW),
    (7, "{x}|~`!#$%&'*/?=^_@xn--mller-kva.example", "$2y$31" + HASH[6:], "2026-11-23", 0, 1, None),
    (8, "eve@sub.domain.example", "!", "1999-12-31 23:59:59.5", 0, 0, NOW),
    (2**53 + 1, "far@example.org", "!", "9999-12-31 23:59:59.999999", 1, 1, "0000-01-01 00:00"),
]

# Those of an application on a server, whose columns take numbers of 32 bits and valid dates only.
ODD_ON_SERVER = [
    (1, "ann@example.org", HASH, NOW, 0, 0, None),
    (2, "Bob.O'Hara+tag@EXAMPLE.Org", "$2a$12" + HASH[6:], "2026-11-23 09:00:00.000000", 1, 1, NOW),
    (7, "{x}|~`!#$%&'*/?=^_@xn--mller-kva.example", "$2y$31" + HASH[6:],
     "2026-11-23 00:00:00.000000", 0, 1, None),
    (8, "eve@sub.domain.example", "!", "1999-12-31 23:59:59.500000", 0, 0, NOW),
    (2**31 - 1, "far@example.org", "!", "9999-12-31 23:59:59.999999", 1, 1,
     "0001-01-01 00:00:00.000000"),
]  # fmt: skip

# What such an application may hold besides, and what a line of it is refused for.
IMPOSSIBLE = [
    ((20, "müller@example.org", HASH, NOW, 0, 0, None), "invalid_email"),
    ((21, '"quoted, local"@example.org', HASH, NOW, 0, 0, None), "invalid_email"),
    ((22, "line\nbreak@example.org", HASH, NOW, 0, 0, None), "invalid_email"),
    ((23, "hexadecimal@example.org", "\\x24326224", NOW, 0, 0, None), "invalid_password"),
    ((24, "plain@example.org", 'correct "horse", é', NOW, 0, 0, None), "invalid_password"),
    ((25, "yesterday@example.org", HASH, "yesterday", 0, 0, None), "invalid_value"),
    ((26, "number@example.org", HASH, 1767225600, 0, 0, None), "invalid_value"),
    ((27, "february@example.org", HASH, "2026-02-30 09:00:00", 0, 0, None), "invalid_value"),
    ((28, "two@example.org", HASH, NOW, 2, 0, None), "invalid_value"),
]


def insert(db: Database, accounts: list[tuple]) -> None:
    if not isinstance(db, Path):
        accounts = [(*row[:4], bool(row[4]), bool(row[5]), row[6]) for row in accounts]
    with filling(db) as connection:
        connection.executemany(
            f"INSERT INTO users ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)", accounts
        )


def account(number: int) -> tuple:
    """An account like many others."""
    chosen = random.Random(number)
    moment = f"2026-{number % 9 + 1:02}-01 {number % 24:02}:00:00.{number % 10**6:06}"
    hashed = "$2b$13$" + "".join(chosen.choices(ALPHABET, k=53))
    confirmed = number % 2
    email = f"user{number}@example.org"
    return number, email, hashed, moment, 0, confirmed, moment if confirmed else None


def line(account: tuple) -> str:
    """A line of JSON as regctl writes it."""
    values = dict(zip(COLUMNS, account, strict=True))
    values |= {"admin": bool(values["admin"]), "confirmed": bool(values["confirmed"])}
    return json.dumps({"schema": 1} | values, separators=(",", ":"), ensure_ascii=False) + "\n"


def lines(count: int, first: int = 1) -> str:
    return "".join(line(account(number)) for number in range(first, first + count))


def adopted(site: Site, accounts: list[tuple]) -> Site:
    create_application_table(site.db)
    insert(site.db, accounts)
    site.ok("migrate-db")
    return site


def failures(result: subprocess.CompletedProcess) -> list[tuple[int, str]]:
    """The line and the code of each refusal in a JSON answer."""
    answer = json.loads(result.stdout)
    assert list(answer) == ["schema", "dry_run", "failures", "imported", "unchanged", "refused"]
    assert answer["refused"] == len(answer["failures"])
    return [(each["line"], each["error"]["code"]) for each in answer["failures"]]
