"""Accounts to prune or to keep, and the results of `prune`."""

import json
import struct
import time
from datetime import UTC, datetime
from pathlib import Path

from Campaigns.database import (
    RESERVED,
    Connection,
    Database,
    column_names,
    connected,
    filling,
    rows,
    value,
)
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


INSERT = (
    "INSERT INTO users (email, password, registered_on, admin, confirmed)"
    " VALUES (?, '!', ?, FALSE, FALSE)"
)


def write_account(connection: Connection, email: str, registered_on: object = OLD) -> int:
    """Writes an unconfirmed account past regctl and returns its number."""
    inserted = connection.execute(f"{INSERT} RETURNING id", (email, registered_on))
    return inserted.fetchall()[0][0]


def write_mail(
    connection: Connection, account: int, state: str = "sent", finished_at: int = LONG_AGO
) -> None:
    """Writes a mail in a state to an account."""
    write_mails(connection, "id = ?", account, state, finished_at)


def write_mails(
    connection: Connection, where: str, number: int, state: str, finished_at: int = LONG_AGO
) -> None:
    """Writes a mail in a state to each of some accounts."""
    waits = state in ("queued", "sending")
    connection.execute(
        "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, attempts,"
        " queued_at, finished_at, last_reply, message_id) SELECT id, email, 'confirm', 'confirm',"
        f" ?, 1, ?, ?, '250 ok', 'm' || id || '@app.example' FROM users WHERE {where} ORDER BY id",
        (state, LONG_AGO - 60, None if waits else finished_at, number),
    )


def populate(
    db: Database, emails: list[str], registered_on: object = OLD,
    mails: tuple[str, ...] = ("sent",),
) -> None:
    """Writes accounts with mails that were dealt with long ago; a list has a date for each."""
    dates = registered_on if isinstance(registered_on, list) else [registered_on] * len(emails)
    greatest = value(db, "SELECT coalesce(max(id), 0) FROM users")
    with filling(db) as connection:
        connection.executemany(INSERT, list(zip(emails, dates, strict=True)))
        for state in mails:
            write_mails(connection, "id > ?", greatest, state)


def stale(db: Database, count: int) -> list[str]:
    """Writes accounts that are to go."""
    emails = [user(number) for number in range(count)]
    populate(db, emails)
    return emails


def fresh(db: Database, count: int) -> None:
    """Writes accounts that are too young to go."""
    populate(db, [f"fresh{number}@example.org" for number in range(count)], text_of(time.time()))


def emails_in(db: Database, table: str = "users") -> list[str]:
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


def mailed_at(connection: Connection, email: str, second: int) -> None:
    write_mail(connection, write_account(connection, email), "sent", second)


def touched_at(connection: Connection, email: str, second: int) -> None:
    account = write_account(connection, email)
    write_mail(connection, account)
    connection.execute(
        "INSERT INTO regctl_audit (id, at, actor, uid, act, account_id, email)"
        " SELECT coalesce(max(id), 0) + 1, ?, 'me', 0, 'issue-token', ?, ? FROM regctl_audit",
        (second, account, email),
    )


def touched_with_others_at(connection: Connection, email: str, second: int) -> None:
    account = write_account(connection, email)
    write_mail(connection, account)
    act = connection.execute(
        "INSERT INTO regctl_audit (id, at, actor, uid, act)"
        " SELECT coalesce(max(id), 0) + 1, ?, 'me', 0, 'issue-token' FROM regctl_audit RETURNING id",
        (second,),
    ).fetchall()[0][0]
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


def as_it_is(db: Database, where: str = "id > 0") -> list[tuple]:
    """Each column of each account three ways: its type, its literal and its bytes.

    On a server, whose columns have types, as text.
    """
    if not isinstance(db, Path):
        quoted = ['"' + name.replace('"', '""') + '"' for name in column_names(db, "users")]
        # As many parts for each column as in a file.
        looks = ", ".join(f"'', '', '', CAST({name} AS TEXT)" for name in quoted)
        return rows(db, f"SELECT {looks} FROM users WHERE {where} ORDER BY id")
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
