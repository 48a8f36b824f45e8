"""Rows of the application's own table, written past regctl."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path


def add_users(
    database: Path, emails: Iterable[str], confirmed: bool = False, password: str | bytes = "!"
) -> None:
    """Writes accounts as the application stores them, in one transaction."""
    moment = "2020-01-02 03:04:05.678901"
    rows = [
        (email, password, moment, False, confirmed, moment if confirmed else None)
        for email in emails
    ]
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed, confirmed_on)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )


def query(database: Path, statement: str, *values: object) -> list[tuple]:
    """Runs one statement on the database and returns its rows."""
    with closing(sqlite3.connect(database)) as connection, connection:
        return connection.execute(statement, values).fetchall()
