"""Accounts to prune or to keep, and the results of `prune`."""

import json
import sqlite3
import struct
import time
from datetime import UTC, datetime
from pathlib import Path

from Campaigns.database import RESERVED, connected, rows
from regctl import Site

DAY = 86_400
FORTNIGHT = 14 * DAY
OLD = "2020-01-02 03:04:05.678901"
LONG_AGO = 1_577_934_366
SALT = "my_precious_two"
PASSWORD = "right password"
ALL = ["--max", 1_000_000]


def text_of(moment: float) -> str:
    """A time as SQLAlchemy writes it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def seconds_of(moment: str) -> int:
    """The second that regctl has printed."""
    return int(datetime.fromisoformat(moment).timestamp())


def user(number: int) -> str:
    return f"user{number}@example.org"


def write_account(connection: sqlite3.Connection, email: str, registered_on: object = OLD) -> int:
    """Writes an unconfirmed account past regctl and returns its number."""
    return connection.execute(
        "INSERT INTO users (email, password, registered_on, admin, confirmed)"
        " VALUES (?, '!', ?, 0, 0)",
        (email, registered_on),
    ).lastrowid


def write_mail(
    connection: sqlite3.Connection, account: int, state: str = "sent", finished_at: int = LONG_AGO
) -> None:
    """Writes a mail in a state to an account."""
    waits = state in ("queued", "sending")
    connection.execute(
        "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, attempts,"
        " queued_at, finished_at, last_reply, message_id) SELECT id, email, 'confirm', 'confirm',"
        " ?, 1, ?, ?, '250 ok', 'm' || id || '@app.example' FROM users WHERE id = ?",
        (state, LONG_AGO - 60, None if waits else finished_at, account),
    )


def populate(
    db: Path, emails: list[str], registered_on: object = OLD, mails: tuple[str, ...] = ("sent",)
) -> None:
    """Writes accounts with mails that were dealt with long ago."""
    with connected(db) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        for email in emails:
            account = write_account(connection, email, registered_on)
            for state in mails:
                write_mail(connection, account, state)
        connection.execute("COMMIT")


def stale(db: Path, count: int) -> list[str]:
    """Writes accounts that are to go."""
    emails = [user(number) for number in range(count)]
    populate(db, emails)
    return emails


def fresh(db: Path, count: int) -> None:
    """Writes accounts that are too young to go."""
    populate(db, [f"fresh{number}@example.org" for number in range(count)], text_of(time.time()))


def emails_in(db: Path, table: str = "users") -> list[str]:
    query = f"SELECT email FROM {table} WHERE NOT {RESERVED} ORDER BY email"
    return [email for (email,) in rows(db, query)]


def decisions(site: Site, *words: object) -> dict[str, tuple[str, str | None]]:
    """The decision on each account in a dry run, and the reason."""
    answer = site.json("prune", "--dry-run", *words)
    assert answer["dry_run"] is True
    found = {each["email"]: (each["result"], each["reason"]) for each in answer["accounts"]}
    assert len(found) == len(answer["accounts"]), "an account twice"
    return found


def prune(site: Site, *words: object) -> dict:
    """Prunes without a question and without a limit."""
    return site.json("prune", "--yes", *ALL, *words)


def mailed_at(connection: sqlite3.Connection, email: str, second: int) -> None:
    write_mail(connection, write_account(connection, email), "sent", second)


def touched_at(connection: sqlite3.Connection, email: str, second: int) -> None:
    account = write_account(connection, email)
    write_mail(connection, account)
    connection.execute(
        "INSERT INTO regctl_audit (at, actor, uid, act, account_id, email)"
        " VALUES (?, 'me', 0, 'issue-token', ?, ?)",
        (second, account, email),
    )


def touched_with_others_at(connection: sqlite3.Connection, email: str, second: int) -> None:
    account = write_account(connection, email)
    write_mail(connection, account)
    act = connection.execute(
        "INSERT INTO regctl_audit (at, actor, uid, act) VALUES (?, 'me', 0, 'issue-token')",
        (second,),
    ).lastrowid
    connection.execute(
        "INSERT INTO regctl_audit_accounts (account_id, audit_id, subject_id) VALUES (?1, ?2, ?1)",
        (account, act),
    )


def plan_of(site: Site, *words: object) -> Path:
    """Writes a plan."""
    path = site.directory / "plan"
    site.ok("prune", "--plan", path, *words)
    return path


def results(answer: dict) -> dict[str, tuple[str, str | None]]:
    return {each["email"]: (each["result"], each["reason"]) for each in answer["accounts"]}


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def as_it_is(db: Path, where: str = "1") -> list[tuple]:
    """Each column of each account three ways: its type, its literal and its bytes."""
    with connected(db) as connection:
        connection.text_factory = bytes
        names = [name.decode() for _, name, *_ in connection.execute("PRAGMA table_xinfo(users)")]
        quoted = ['"' + name.replace('"', '""') + '"' for name in names]
        looks = ", ".join(f"typeof({name}), quote({name}), hex({name}), {name}" for name in quoted)
        found = connection.execute(f"SELECT {looks} FROM users WHERE {where} ORDER BY id").fetchall()
    # A double is compared by its bits, as 0.0 equals -0.0.
    return [
        tuple(struct.pack(">d", part) if isinstance(part, float) else part for part in row)
        for row in found
    ]
