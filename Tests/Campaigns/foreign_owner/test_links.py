"""H2: links and pipes in place of files beside the database, and in the Maildir."""

import fcntl
import os
import re

import pytest

from Campaigns.database import connected, integrity, rows, value
from Campaigns.foreign_owner.place import LOOKS, WRITES, both
from Campaigns.preparation import BOB
from Campaigns.processes import last_error


@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm", ".deliver.lock"])
@pytest.mark.parametrize("mode", ["truncate", "wal"])
def test_a_link_beside_the_database_is_not_followed(place, suffix, mode):
    if mode == "wal":
        with connected(place.site.db) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    place.link("regctl.db" + suffix, place.canary)
    for words in (*LOOKS, *WRITES):
        result = place.run(*words)
        assert result.returncode in (0, 74, 77), (words, result)
        # The owner can unlink it, as SQLite does with a journal; what it leads to stays.
        place.link("regctl.db" + suffix, place.canary)
    (place.site.directory / f"regctl.db{suffix}").unlink()
    assert integrity(place.site.db) == "ok"


@both
def test_a_link_in_place_of_the_lock_is_named(place):
    place.link("regctl.db.deliver.lock", place.canary)
    result = place.run("deliver", "--json")
    assert result.returncode == 74
    assert "cannot lock" in last_error(result.stderr)["message"]
    (place.site.directory / "regctl.db.deliver.lock").unlink()
    assert place.run("deliver").returncode == 0


@pytest.mark.parametrize("made", ["file", "missing"])
def test_a_link_in_place_of_a_new_file_is_a_file_that_exists(place, made):
    target = place.canary if made == "file" else place.canary.parent / "new"
    place.link("target", target)
    path = place.site.directory / "target"
    for words in (["backup", path], ["prune", "--plan", path, "--older-than", "2h"]):
        result = place.run(*words)
        assert result.returncode in (73, 77), (words, result)
    assert path.is_symlink()


def test_a_link_in_place_of_the_key_is_not_written_through(place):
    for name in ("regctl.db", "secret.key"):
        (place.site.directory / name).unlink()
    place.link("secret.key", place.canary.parent / "key")
    assert place.run("create-db").returncode == 77
    assert (place.site.directory / "secret.key").is_symlink()
    assert not place.site.db.exists()


def test_a_link_to_a_database_of_root_is_not_opened_for_the_owner_of_the_link(place):
    """The owner of the link would make root read a file that the owner may not read."""
    own = place.canary.parent / "own.db"
    before = place.root_files()
    assert place.run("create-db", "--db", own).returncode == 0
    place.link("link.db", own)
    result = place.run("list-admins", "--db", place.site.directory / "link.db", "--json")
    assert result.returncode == 77, result
    assert last_error(result.stderr)["code"] == "permission_denied"
    for path in place.canary.parent.iterdir():
        if path.name not in before:
            path.unlink()


def test_two_names_of_one_database_share_the_lock(place):
    place.link("other.db", place.site.db)
    path = place.site.directory / "regctl.db.deliver.lock"
    path.touch(0o600)
    os.chown(path, place.owner, place.owner)
    names = (place.site.db, place.site.directory / "other.db")
    with path.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for db in names:
            result = place.run("deliver", "--db", db, "--json")
            assert last_error(result.stderr)["code"] == "deliver_running", db
    # The control: the lock is free.
    assert place.run("deliver", "--db", names[1]).returncode == 0
    assert not (place.site.directory / "other.db.deliver.lock").exists()


# A database of several names, and what beside it is not a file


def test_a_pipe_in_place_of_the_lock_is_not_waited_for(place):
    path = place.site.directory / "regctl.db.deliver.lock"
    os.mkfifo(path, 0o600)
    os.chown(path, place.owner, place.owner)
    assert place.run("deliver").returncode == 74


# The Maildir


@pytest.mark.parametrize("name", ["tmp", "new", "cur"])
@pytest.mark.parametrize("by", ["owner", "root"])
def test_a_link_in_place_of_a_directory_of_the_maildir_is_not_followed(place, name, by):
    elsewhere = place.directory / "elsewhere"
    elsewhere.mkdir()
    os.chown(elsewhere, place.owner, place.owner)
    place.site.maildir.mkdir()
    os.chown(place.site.maildir, place.owner, place.owner)
    for target in (place.canary.parent, elsewhere):
        place.link(f"Maildir/{name}", target)
        result = (place.regctl if by == "owner" else place.run)("deliver", "--json")
        assert result.returncode == 69, result
        error = last_error(result.stderr)
        assert error["code"] == "mail_unavailable"
        assert f"Maildir/{name}" in error["message"]
    assert list(elsewhere.iterdir()) == []
    # The control: the mail waits, uncharged, and leaves when the link is gone.
    (place.site.maildir / name).unlink()
    assert place.run("deliver").returncode == 0
    assert len(list((place.site.maildir / "new").iterdir())) == 1


@pytest.mark.parametrize(
    "identity",
    [
        "../../escaped@app.example",
        "../escaped",
        "/etc/cron.d/escaped@app.example",
        "1.2@app.example>\r\nBcc: eve@example.org\r\nX: <",
        "1.2\nBcc: eve@example.org",
        "1.2@app.example\0",
        "",
        "@app.example",
    ],
)
@pytest.mark.parametrize("transport", ["maildir", "stdout"])
def test_a_row_with_a_message_id_of_others_makes_no_header_and_no_file(place, identity, transport):
    if transport == "stdout":
        place.configure(mail_transport="stdout")
    assert place.run("register", BOB, "--no-password").returncode == 0
    with connected(place.site.db) as connection:
        connection.execute("UPDATE regctl_outbox SET message_id = ? WHERE id = 1", (identity,))
    shown = place.run("show-mail", "1", "--raw", "--json")
    assert (shown.returncode, shown.stdout) == (74, b""), shown
    assert last_error(shown.stderr)["code"] == "db_corrupt"
    result = place.run("deliver")
    assert result.returncode == 0, result
    assert b"Bcc" not in result.stdout
    # The other mail goes, and this one is set aside.
    states = rows(place.site.db, "SELECT state, last_reply FROM regctl_outbox ORDER BY id")
    assert states[0] == ("failed", "the Message-ID is not one that regctl makes")
    assert states[1][0] == "sent"
    names = [path.name for path in place.directory.rglob("*") if "escaped" in path.name]
    assert names == []
    if transport == "maildir":
        files = [path.name for path in (place.site.maildir / "new").iterdir()]
        assert len(files) == 1 and re.fullmatch(r"[0-9a-f]{32}\.regctl", files[0])


def test_a_row_with_an_address_of_several_lines_makes_no_header(place):
    with connected(place.site.db) as connection:
        address = "ann@example.org\r\nBcc: eve@example.org"
        connection.execute("UPDATE users SET email = ?", (address,))
        connection.execute("UPDATE regctl_outbox SET email = ?", (address,))
    place.configure(mail_transport="stdout")
    for words in (["show-mail", "1", "--raw"], ["deliver"]):
        assert b"Bcc" not in place.run(*words).stdout
    assert value(place.site.db, "SELECT state FROM regctl_outbox") == "failed"
