"""A database on a server, with what the tests use of a file of SQLite."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import psycopg
from psycopg.adapt import Loader

if TYPE_CHECKING:
    from postgresql_server import PostgreSQLServer


class TimestampLoader(Loader):
    """Loads a date without zone as SQLAlchemy writes it into SQLite."""

    def load(self, data: bytes) -> str:
        text = bytes(data).decode()
        return text.ljust(26, "0") if "." in text else text + ".000000"


class ServerConnection:
    """A connection in autocommit mode that takes statements as sqlite3 does."""

    def __init__(self, url: str) -> None:
        # What belongs to regctl is found without the name of its schema.
        options = "-c search_path=public,regctl"
        self._connection = psycopg.connect(
            url, autocommit=True, options=options, cursor_factory=psycopg.RawCursor
        )
        self._connection.adapters.register_loader("timestamp", TimestampLoader)

    def execute(self, statement: str, values: Iterable[object] = ()) -> psycopg.Cursor:
        """Runs one statement with its values, or several without any."""
        values = tuple(values)
        return self._connection.execute(numbered(statement) if values else statement, values or None)

    def executemany(self, statement: str, rows: Iterable[Iterable[object]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(numbered(statement), [tuple(row) for row in rows])

    # Several statements are no different for a server.
    executescript = execute

    def close(self) -> None:
        self._connection.close()


def numbered(statement: str) -> str:
    """A statement with `$1` and so on for the `?` and `?1` of SQLite."""
    count = 0

    def dollar(mark: re.Match) -> str:
        nonlocal count
        count += 1
        return f"${mark[1] or count}"

    return re.sub(r"\?(\d*)", dollar, statement)


class ServerDatabase:
    """A database on a server; as text, its address for regctl and for SQLAlchemy."""

    def __init__(self, server: "PostgreSQLServer", name: str) -> None:
        self.server = server
        self.name = name
        # SQLAlchemy names the driver here, too.
        self.scheme = "postgresql"

    def __str__(self) -> str:
        return f"{self.scheme}://postgres@127.0.0.1:{self.server.port}/{self.name}"

    def connect(self) -> ServerConnection:
        return ServerConnection(f"postgresql://postgres@127.0.0.1:{self.server.port}/{self.name}")

    def copy(self) -> "ServerDatabase":
        """Another database with the same content, to which no session is connected."""
        return self.server.new_database(template=self.name)

    def become_copy(self, of: "ServerDatabase") -> None:
        """Replaces the content by that of a database to which no session is connected."""
        self.drop()
        self.server.create(self.name, of.name)

    def drop(self) -> None:
        self.server.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
