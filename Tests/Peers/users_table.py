"""Rows of the application's own table, written past regctl."""

from collections.abc import Iterable

from Campaigns.database import Database, filling


def add_users(
    database: Database, emails: Iterable[str], confirmed: bool = False, password: str | bytes = "!"
) -> None:
    """Writes accounts as the application stores them, in one transaction."""
    moment = "2020-01-02 03:04:05.678901"
    rows = [
        (email, password, moment, False, confirmed, moment if confirmed else None)
        for email in emails
    ]
    with filling(database) as connection:
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed, confirmed_on)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
