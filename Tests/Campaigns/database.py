"""A database inspected without regctl."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from server_database import ServerConnection, ServerDatabase

Database = Path | ServerDatabase
Connection = sqlite3.Connection | ServerConnection

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


def create_application_table(db: Database, table: str = APPLICATION_TABLE) -> None:
    """Creates a table of users in a new database, with the types of its engine."""
    with connected(db) as connection:
        if isinstance(db, ServerDatabase):
            table = table.replace("id INTEGER", "id SERIAL").replace("DATETIME", "TIMESTAMP")
        connection.execute(table)
    if isinstance(db, Path):
        db.chmod(0o600)


@contextlib.contextmanager
def connected(db: Database) -> Iterator[Connection]:
    """A connection in autocommit mode, closed at the end."""
    if isinstance(db, ServerDatabase):
        connection = db.connect()
    else:
        connection = sqlite3.connect(db, isolation_level=None, timeout=30)
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def filling(db: Database) -> Iterator[Connection]:
    """A connection in one transaction, which is committed at the end, for many rows."""
    with connected(db) as connection:
        if isinstance(db, Path):
            connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")


def rows(db: Database, sql: str, *values: object) -> list[tuple]:
    """The rows of a query, or none of another statement."""
    with connected(db) as connection:
        cursor = connection.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def value(db: Database, sql: str, *values: object) -> object:
    """The first column of the first row of a query."""
    return rows(db, sql, *values)[0][0]


RESERVED = "email LIKE 'deleted-%@invalid'"
"""The condition for rows of `users` that only keep a number from being assigned again.

There are none on a server, which assigns no number twice.
"""


def account_count(db: Database) -> int:
    """The number of accounts without reserved rows."""
    return value(db, f"SELECT count(*) FROM users WHERE NOT {RESERVED}")


def free_reserved_numbers(db: Database) -> None:
    """Deletes the reserved rows, as the application may."""
    rows(db, f"DELETE FROM users WHERE {RESERVED}")


def column_names(db: Database, table: str) -> list[str]:
    """The columns of a table, in its order."""
    with connected(db) as connection:
        cursor = connection.execute(f'SELECT * FROM "{table}" LIMIT 0')
        return [column[0] for column in cursor.description]


SCHEMA_IN_FILE = "SELECT type, tbl_name, name, sql FROM sqlite_schema ORDER BY type, name"
# What is in a database of a server, without what belongs to the system.
SCHEMAS_ON_SERVER = "('public', 'regctl')"
ON_SERVER = f"n.nspname IN {SCHEMAS_ON_SERVER}"
TABLES_ON_SERVER = f"""
SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE {ON_SERVER} AND relkind = 'r' ORDER BY 1
"""
SCHEMA_ON_SERVER = f"""
SELECT 'column', c.relname, attname, format_type(atttypid, atttypmod) || CASE WHEN attnotnull
 THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '')
FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE {ON_SERVER} AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes
 WHERE schemaname IN {SCHEMAS_ON_SERVER}
UNION ALL SELECT 'trigger', relname, tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN
 pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal
UNION ALL SELECT 'constraint', relname, conname, pg_get_constraintdef(o.oid) FROM pg_constraint o
 JOIN pg_class c ON c.oid = conrelid JOIN pg_namespace n ON n.oid = connamespace WHERE {ON_SERVER}
ORDER BY 1, 2, 3
"""


def schema(db: Database) -> list[tuple[str, str, str, str]]:
    """The kind, the table, the name and the definition of each object of a schema."""
    return rows(db, SCHEMA_ON_SERVER if isinstance(db, ServerDatabase) else SCHEMA_IN_FILE)


def dump(db: Database) -> dict[str, list[tuple]]:
    """Every table of a database and its schema, as far as SQL can tell."""
    with connected(db) as connection:
        if isinstance(connection, sqlite3.Connection):
            connection.text_factory = bytes
            names = "SELECT CAST(name AS BLOB) FROM sqlite_schema WHERE type = 'table' ORDER BY 1"
            tables = [name.decode() for (name,) in connection.execute(names).fetchall()]
        else:
            tables = [name for (name,) in connection.execute(TABLES_ON_SERVER).fetchall()]
        query = SCHEMA_ON_SERVER if isinstance(db, ServerDatabase) else SCHEMA_IN_FILE
        content = {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for name in tables
        }
        return content | {"schema": connection.execute(query).fetchall()}


def integrity(db: Database) -> str:
    """`ok`, or the problem that SQLite finds in a database; no client can damage a server's."""
    if isinstance(db, ServerDatabase):
        return "ok" if dump(db) else "empty"
    try:
        return value(db, "PRAGMA integrity_check")
    except sqlite3.DatabaseError as error:
        return str(error)


@contextlib.contextmanager
def locked(db: Database, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Keeps the database locked by another writer."""
    with connected(db) as connection:
        if isinstance(db, ServerDatabase):
            connection.execute("BEGIN; LOCK TABLE regctl_turn IN EXCLUSIVE MODE")
        else:
            connection.execute(f"BEGIN {kind}")
        yield
        connection.execute("ROLLBACK")
