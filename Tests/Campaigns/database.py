"""A database inspected without regctl."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

JOURNAL_MODES = ["wal", "truncate", "delete"]

# The table of the original application, as its SQLAlchemy model creates it.
APPLICATION_TABLE = """
CREATE TABLE users (
    id INTEGER NOT NULL,
    email VARCHAR NOT NULL,
    password VARCHAR NOT NULL,
    registered_on DATETIME NOT NULL,
    admin BOOLEAN NOT NULL,
    confirmed BOOLEAN NOT NULL,
    confirmed_on DATETIME,
    PRIMARY KEY (id),
    UNIQUE (email)
)
"""


@contextlib.contextmanager
def connected(db: Path) -> Iterator[sqlite3.Connection]:
    """A connection in autocommit mode, closed at the end."""
    connection = sqlite3.connect(db, isolation_level=None, timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def rows(db: Path, sql: str, *values: object) -> list[tuple]:
    """The rows of a query."""
    with connected(db) as connection:
        return connection.execute(sql, values).fetchall()


def value(db: Path, sql: str, *values: object) -> object:
    """The first column of the first row of a query."""
    return rows(db, sql, *values)[0][0]


RESERVED = "email GLOB 'deleted-[0-9]*@invalid'"
"""The condition for rows of `users` that only keep a number from being assigned again."""


def account_count(db: Path) -> int:
    """The number of accounts without reserved rows."""
    return value(db, f"SELECT count(*) FROM users WHERE NOT {RESERVED}")


def free_reserved_numbers(db: Path) -> None:
    """Deletes the reserved rows, as the application may."""
    with connected(db) as connection:
        connection.execute(f"DELETE FROM users WHERE {RESERVED}")


def dump(db: Path) -> dict[str, list[tuple]]:
    """Every table of a database and its schema, as far as SQL can tell."""
    with connected(db) as connection:
        connection.text_factory = bytes
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
        tables = [name.decode() for (name,) in names.fetchall()]
        content = {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for name in tables
        }
        content["sqlite_schema"] = connection.execute(
            "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
        ).fetchall()
        return content


def integrity(db: Path) -> str:
    """`ok`, or the problem that SQLite finds in a database."""
    try:
        return value(db, "PRAGMA integrity_check")
    except sqlite3.DatabaseError as error:
        return str(error)


@contextlib.contextmanager
def locked(db: Path, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Keeps the database locked by another writer."""
    with connected(db) as connection:
        connection.execute(f"BEGIN {kind}")
        yield
        connection.execute("ROLLBACK")
