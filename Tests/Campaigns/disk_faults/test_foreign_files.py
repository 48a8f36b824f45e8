"""K8: a file that is no database of regctl is refused by every command, and is not changed."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from Campaigns.disk_faults.commands import ACKNOWLEDGED
from Campaigns.processes import last_error
from Campaigns.sites import LINKS


def text(path: Path) -> None:
    path.write_bytes(b"This is a letter and no database.\n" * 1000)


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def zeros(path: Path) -> None:
    path.write_bytes(bytes(20_000))


def program(path: Path) -> None:
    path.write_bytes(Path("/bin/true").read_bytes())


def begins_like_one(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\xa5" * 20_000)


def other_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (id INTEGER PRIMARY KEY, title TEXT)")
    connection.close()


def newer_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO regctl_schema VALUES (99, 0)")
    connection.close()


def pipe(path: Path) -> None:
    os.mkfifo(path)


CONTENTS = [text, nothing, zeros, program, begins_like_one, other_database, newer_database, pipe]
CODES = {"not_a_database", "schema_missing", "schema_too_new", "db_corrupt"}


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: content.__name__)
def test_a_foreign_file_is_refused_and_unchanged(new_site, content: Callable):
    for command in ACKNOWLEDGED:
        made, site = command("truncate"), new_site(**LINKS)
        made.prepare(site)
        # All but a database that is only too new stand in the place of one.
        if content is not newer_database:
            site.db.unlink()
        content(site.db)
        before = site.db.read_bytes() if site.db.is_file() else b""
        line = made.line(site)
        environment = {"REGCTL_FORMAT": "json"}
        result = site.run(*line[1:], environment=environment) if line[0] != "sh" else site.run(
            "export", environment=environment
        )
        assert result.returncode == 74, (command.__name__, result)
        assert last_error(result.stderr)["code"] in CODES, (command.__name__, result)
        assert not result.stdout
        assert before == (site.db.read_bytes() if site.db.is_file() else b"")
