"""H2: crafted journals, and changes interrupted by a kill."""

import os
import struct
import subprocess
from pathlib import Path

import pytest

from Campaigns.database import connected, integrity, rows
from Campaigns.directories import NOBODY
from Campaigns.foreign_owner.place import LOOKS, PYTHON, WRITES, Place, both, name_of, trace
from Campaigns.preparation import ANN
from Campaigns.processes import last_error
from regctl import BINARY

# A crafted journal

MAGIC = bytes.fromhex("d9d505f920a163d7")


def crafted_journal(db: Path, victim: Path) -> bytes:
    """A hot journal that restores nothing and names a file as its super-journal.

    See https://www.sqlite.org/fileformat.html#the_rollback_journal and readSuperJournal in pager.c.
    """
    page_size, = struct.unpack(">H", db.read_bytes()[16:18])
    pages = db.stat().st_size // page_size
    header = MAGIC + struct.pack(">IIIII", 0, 7, pages, 512, page_size)
    name = os.fsencode(victim)
    page = (1 << 30) // page_size + 1
    trailer = struct.pack(">I", page) + name + struct.pack(">II", len(name), sum(name)) + MAGIC
    return header.ljust(512, b"\0") + trailer


def craft(place: Place, victim: Path) -> None:
    path = Path(f"{place.site.db}-journal")
    path.write_bytes(crafted_journal(place.site.db, victim))
    os.chown(path, place.owner, place.owner)


@pytest.mark.parametrize("words", [["list-admins"], ["audit"], *WRITES], ids=lambda words: words[0])
def test_a_journal_that_names_a_file_of_root_deletes_nothing(place, words):
    craft(place, place.canary)
    # The owner does not even see whether there is such a file, and goes on.
    assert place.run(*words).returncode == 0
    assert place.canary.exists()


@pytest.mark.parametrize("words", [["list-admins"], WRITES[0]], ids=lambda words: words[0])
def test_a_journal_that_names_a_file_of_the_owner_deletes_nothing_either(place, words):
    """Even a file that the user of regctl may delete is kept."""
    victim = place.directory / "theirs"
    victim.mkdir()
    (victim / "precious").write_text("precious")
    for path in (victim, victim / "precious"):
        os.chown(path, place.owner, place.owner)
    craft(place, victim / "precious")
    result = place.run(*words)
    assert result.returncode in (0, 74), result
    assert (victim / "precious").exists()
    # The journal is played back by then: the next command goes on.
    assert place.run(*words).returncode == 0
    assert (victim / "precious").exists()


def test_a_journal_beside_a_database_of_root_deletes_nothing(place):
    """Where others may write to the directory, root stays root and ignores the journal."""
    shared = place.directory / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    db = shared / "regctl.db"
    # No key is made there, since it would not count.
    given = {"REGCTL_SECRET_KEY_FILE": str(place.canary.parent / "key")}
    words = ["create-db", "--db", db, "--journal-mode", "truncate"]
    assert place.run(*words, environment=given).returncode == 0
    Path(f"{db}-journal").write_bytes(crafted_journal(db, place.canary))
    os.chown(f"{db}-journal", place.owner, place.owner)
    assert place.run("list-admins", "--db", db).returncode in (0, 74)
    assert place.canary.exists()
    assert place.run("list-admins", "--db", db).returncode == 0
    assert place.canary.exists()


@pytest.mark.parametrize("by", ["root", "owner"])
def test_the_shell_of_sqlite_deletes_what_a_crafted_journal_names(place, by):
    """The control: the journal has the effect it is crafted for."""
    victim = place.site.directory / "victim"
    if by == "root":
        victim = place.canary.parent / "victim"
    victim.write_text("victim")
    os.chown(victim, 0 if by == "root" else place.owner, -1)
    craft(place, victim)
    line = ["sqlite3", place.site.db, "SELECT count(*) FROM users"]
    if by == "root":
        subprocess.run([*map(str, line)], check=True, capture_output=True)
    else:
        assert place.as_owner(*line).returncode == 0
    assert not victim.exists()


# Changes that a kill has interrupted

KILLED = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(f"PRAGMA journal_mode={sys.argv[2]}")
# So that changed pages are in the file before the commit.
connection.execute("PRAGMA cache_size=1")
connection.execute("PRAGMA cache_spill=1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE users SET email = 'torn@example.org'")
connection.execute("CREATE TABLE torn (x)")
for _ in range(300):
    connection.execute("INSERT INTO torn VALUES (randomblob(1000))")
os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_in_the_middle(place: Place, mode: str) -> None:
    """The application dies in the middle of a transaction, half of it in the file."""
    assert place.as_owner(PYTHON, "-c", KILLED, place.site.db, mode).returncode == -9
    assert Path(f"{place.site.db}-journal").stat().st_size > 0
    assert b"torn@example.org" in place.site.db.read_bytes()


@pytest.mark.parametrize("mode", ["delete", "truncate", "persist"])
@pytest.mark.parametrize("by", ["owner", "root"])
@pytest.mark.parametrize("words", [["list-unconfirmed"], ["show", "1"], WRITES[0]], ids=lambda w: w[0])
def test_a_user_who_may_write_completes_a_change_by_any_command(place, mode, by, words):
    kill_in_the_middle(place, mode)
    result = (place.regctl if by == "owner" else place.run)(*words)
    assert result.returncode == 0, result
    assert words[0] == "register" or ANN.encode() in result.stdout
    assert rows(place.site.db, "SELECT email FROM users WHERE id = 1") == [(ANN,)]
    assert integrity(place.site.db) == "ok"
    assert {path.lstat().st_uid for path in place.site.directory.rglob("*")} == {place.owner}


@both
@pytest.mark.parametrize("mode", ["delete", "truncate", "persist"])
def test_a_user_who_may_only_read_learns_which_user_can_complete_it(place, mode):
    kill_in_the_middle(place, mode)
    place.site.directory.chmod(0o755)
    place.site.db.chmod(0o644)
    reader = 1 if place.owner == NOBODY else NOBODY
    before = {path.name: path.read_bytes() for path in place.site.directory.iterdir()}
    for words in (*LOOKS, ["prune", "--dry-run"]):
        result = subprocess.run(
            [place.directory / "regctl", *words, "--json"], env=place.site.environment, cwd="/",
            user=reader, group=reader, extra_groups=[], capture_output=True,
        )  # fmt: skip
        error = last_error(result.stderr)
        assert (result.returncode, error["code"]) == (77, "db_readonly"), words
        assert error["message"] == "an interrupted transaction must be rolled back first"
        owner = name_of(place.owner) if place.owner == NOBODY else f"'#{place.owner}'"
        hint = f"sudo -u {owner} regctl list-admins --quiet --db {place.site.db}"
        assert error["hint"] == hint
    after = {path.name: path.read_bytes() for path in place.site.directory.iterdir()}
    assert after == before
    # What the hint says is enough.
    completed = place.regctl("list-admins", "--quiet", "--db", place.site.db)
    assert completed.returncode == 0
    assert rows(place.site.db, "SELECT email FROM users WHERE id = 1") == [(ANN,)]


OPEN = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("UPDATE users SET email = email")
print("open", flush=True)
sys.stdin.read()
"""
# What is missing beside a log, and the error for a user who may only read.
LOGS = {
    "none": "the directory of the database is not writable",
    "index": "the log of the database cannot be opened, or its index cannot be created",
    "readable-index": "the log of the database cannot be opened, or its index cannot be created",
    "readable-log": "the log of the database cannot be opened, or its index cannot be created",
}


@pytest.mark.parametrize("missing", LOGS)
def test_a_user_who_may_only_read_beside_a_log_learns_what_is_missing(place, missing):
    holder = subprocess.Popen(
        [PYTHON, "-c", OPEN, place.site.db], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        user=place.owner, group=place.owner, extra_groups=[], cwd="/",
    )  # fmt: skip
    assert holder.stdout.readline() == b"open\n"
    # A kill leaves the log where it is.
    if missing != "none":
        holder.kill()
    holder.stdin.close()
    holder.wait()
    place.site.directory.chmod(0o755)
    for path in place.site.directory.glob("regctl.db*"):
        path.chmod(0o644)
    if missing == "index":
        Path(f"{place.site.db}-shm").unlink()
    if missing.startswith("readable"):
        suffix = {"readable-index": "-shm", "readable-log": "-wal"}[missing]
        Path(place.site.db.as_posix() + suffix).chmod(0o600)
    result = subprocess.run(
        [place.directory / "regctl", "list-admins", "--json"], env=place.site.environment, cwd="/",
        user=1, group=1, extra_groups=[], capture_output=True,
    )  # fmt: skip
    assert result.returncode == 77, result
    error = last_error(result.stderr)
    assert (error["code"], error["message"]) == ("db_readonly", LOGS[missing])
    assert "sudo -u nobody regctl" in error["hint"]
    # The control: the owner reads it.
    assert place.regctl("list-admins").returncode == 0


@pytest.mark.parametrize("words", [["list-unconfirmed"], ["audit"], ["prune", "--dry-run"]])
@pytest.mark.parametrize("mode", ["delete", "truncate", "wal"])
def test_without_a_log_a_reading_command_opens_the_database_read_only(place, words, mode):
    with connected(place.site.db) as connection:
        assert connection.execute(f"PRAGMA journal_mode={mode}").fetchall() == [(mode,)]
    for path in place.site.directory.iterdir():
        os.chown(path, place.owner, place.owner)
    status, calls = trace(place, BINARY, *words)
    assert status == 0
    opened = [call for call in calls if "open" in call and f'"{place.site.db}"' in call]
    assert opened
    writes = [call for call in opened if "O_RDWR" in call]
    # The control: beside a log, SQLite needs its index.
    assert bool(writes) == (mode == "wal")
