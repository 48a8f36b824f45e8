"""A database with data in every table, without the constraints that protect it."""

import re
import shutil
import time
from pathlib import Path

from Campaigns.database import connected, rows
from Campaigns.hostile_database.bench import DAN, GIL, IDA
from Campaigns.preparation import ANN, BOB, EVE
from regctl import Site


def make_prototype(site: Site) -> bytes:
    """A database with something in every table; values of any kind fit every column."""
    site.ok("create-db", "--journal-mode", "truncate")
    with connected(site.db) as connection:
        connection.execute("PRAGMA user_version = 7")
    fill(site)
    return site.db.read_bytes()


def fill(site: Site, kind: str = "") -> None:
    """Gives every table rows: of accounts that were deleted, archived and gone again.

    The application's own column is of a kind.
    """
    for email in (ANN, DAN):
        site.ok("register", email, "--no-password")
    site.ok("create-admin", BOB, "--password-file", "-", input="correct horse battery")
    site.ok("register", EVE, "--no-password")
    with connected(site.db) as connection:
        # As a process leaves it that dies while it sends: an attempt.
        connection.execute("UPDATE regctl_outbox SET state = 'sending', attempts = 1 WHERE id = 1")
    site.ok("deliver")
    site.ok("confirm", "--email", EVE, "--reason", "called")
    site.ok("issue-token", "--stdin", input=f"{ANN}\n{DAN}\n")
    long_ago = int(time.time()) - 40 * 86_400
    with connected(site.db) as connection:
        for table, columns in {
            "regctl_outbox": ("queued_at", "finished_at"),
            "regctl_audit": ("at",),
            "regctl_accounts": ("registered_at",),
        }.items():
            for column in columns:
                connection.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {column} IS NOT NULL", (long_ago,)
                )
        connection.execute("UPDATE users SET registered_on = '2026-01-01 00:00:00.000000'")
        connection.execute(f"ALTER TABLE users ADD COLUMN colour {kind}")
        connection.execute("UPDATE users SET colour = 'red'")
    site.ok("prune", "--older-than", "30d", "--max", "5", "--yes")
    site.ok("unprune", "1", "--email", ANN)
    site.ok("register", "fay@example.org", "--no-password")
    site.ok("change-email", EVE, "evelyn@example.org")
    site.ok("resend", "--all-unconfirmed", "--yes", "--campaign", "first")
    for email in (GIL, "hal@spam.example", IDA):
        site.ok("register", email, "--no-password")
    site.ok("delete", GIL, "--reason", "left", "--yes")
    site.ok("lock", "@spam.example", "--reason", "spam", "--yes")
    site.ok("lock", IDA, "--reason", "spam")
    with connected(site.db) as connection:
        connection.execute("UPDATE regctl_accounts SET not_before = registered_at")
        # As purge leaves them.
        connection.execute(
            "INSERT INTO regctl_purged_mails (account_id, state, mails, first_at, last_at)"
            " SELECT id, 'sent', 1, ?, ? FROM users", (long_ago, long_ago),
        )
        connection.execute(
            "INSERT INTO regctl_purged_accounts (run, account_id, domain, mailed)"
            " SELECT run, account_id, 'x.org', TRUE FROM regctl_tombstones"
        )
        connection.execute(
            "INSERT INTO regctl_bounces (mail_id, account_id, email, at, result)"
            " SELECT id, account_id, email, ?, 'delayed' FROM regctl_outbox", (long_ago,),
        )
        connection.execute(
            "INSERT INTO regctl_languages (account_id, email, language)"
            " SELECT id, email, 'de' FROM users"
        )
        connection.execute("INSERT INTO regctl_moments VALUES ('alarm_stopped', ?)", (long_ago,))
        connection.execute("INSERT INTO regctl_pace VALUES (?, 1)", (long_ago // 60,))
    shutil.rmtree(site.maildir)


def without_constraints(content: bytes, path: Path) -> bytes:
    """The database with columns that take every value, as SQLite lets every program write a schema."""
    path.write_bytes(content)
    with connected(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        schema = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL"
        for name, sql in connection.execute(schema).fetchall():
            lax = re.sub(r"CHECK \(\s*state IN \([^)]*\)\)", "", sql)
            # A table without a rowid has no NULL in its key, and keys name rows.
            if "WITHOUT ROWID" not in sql:
                lax = lax.replace("NOT NULL", "")
            connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (lax, name))
    return path.read_bytes()


def columns(content: bytes, path: Path) -> list[tuple[str, str]]:
    path.write_bytes(content)
    sql = (
        "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY 1, c.cid"
    )
    return rows(path, sql)
