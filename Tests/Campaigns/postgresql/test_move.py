"""Everything that a database has goes to a server and back, whole or not at all."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from Campaigns.database import connected, rows
from Campaigns.extent import sample
from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.load import Load
from Campaigns.postgresql.server_site import ServerSite
from Campaigns.processes import spawn
from regctl import BINARY, Site

STATES = ("queued", "sending", "sent", "failed", "cancelled", "expired")


def world(directory: Path, count: int = 300) -> Site:
    """Accounts with mails in each state, of which some were pruned, deleted, confirmed or moved."""
    site = Site(directory, change_email_url="https://app.example/change/{token}")
    site.ok("create-db")
    site.ok("create-admin", "root@example.org", "--generate-password")
    with connected(site.db) as connection:
        # What the application registered long ago, and regctl mailed.
        connection.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count // 4})"
            " INSERT INTO users (email, password, registered_on, admin, confirmed)"
            " SELECT 'old' || i || '@example.org', '!x', '2020-01-02 03:04:05.678901', 0, 0 FROM n"
        )
        connection.execute(
            "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,"
            " finished_at, message_id) SELECT id, email, 'confirm', 'confirm', 'sent', 1, 2, 'm' || id"
            " FROM users WHERE confirmed = 0"
        )
    site.ok("prune", "--yes", "--max", count)
    emails = "".join(f"ann{number}@example.org\n" for number in range(count))
    site.ok("import", "-", input="email\n" + emails)
    site.ok("resend", "--all-unconfirmed", "--yes", "--campaign", "spring")
    with connected(site.db) as connection:
        for number, state in enumerate(STATES):
            connection.execute(
                "UPDATE regctl_outbox SET state = ?, attempts = ?, last_reply = ?,"
                " possible_duplicate = ?, finished_at = CASE WHEN ? IN (0, 1) THEN NULL ELSE queued_at END"
                " WHERE id % 6 = ? AND account_id > 0",
                (state, number, f"450 4.2.0 ä\t{number}", number % 2, number, number),
            )
    site.ok("confirm", "--email", "ann0@example.org", "--reason", "called")
    site.ok("change-email", "ann0@example.org", "zoe@example.org")
    site.ok("change-email", "ann1@example.org", "uwe@example.org")
    site.ok("delete", "ann4@example.org", "--reason", "left", "--yes")
    site.ok("register", "newest@example.org", "--no-password")
    return site


def tables(db: Path) -> dict[str, list[tuple]]:
    """All rows of a file, by table."""
    names = [name for (name,) in rows(db, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {name: sorted(rows(db, f"SELECT * FROM {name}"), key=repr) for name in names}


def is_empty(server: Cluster, database: str) -> bool:
    """Whether a database has neither the application's table nor anything of regctl's."""
    return server.rows(
        "SELECT to_regclass('users') IS NULL AND to_regnamespace('regctl') IS NULL", database
    ) == ["t"]


def wait_for_sessions(server: Cluster, database: str) -> None:
    """Waits until the server has ended the sessions of dead processes."""
    limit = time.monotonic() + 30
    query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'"
    while server.rows(query) != ["0"]:
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_there_and_back_every_table_is_the_same(server: Cluster, tmp_path: Path):
    site = world(tmp_path)
    before = tables(site.db)
    assert {row[5] for row in before["regctl_outbox"]} == set(STATES)
    assert len(before["regctl_archive"]) > 10
    address = server.address(server.new_database())
    moved = site.json("move-db", address)
    assert tables(site.db) == before
    assert moved["accounts"] == len(before["users"]) and moved["mails"] == len(before["regctl_outbox"])
    verified = site.ok("audit", "--verify")
    assert site.ok("audit", "--verify", "--db", address) == verified
    for words in (["list-accounts", "--format", "tsv"], ["list-outbox", "--format", "tsv"], ["list-prunes"], ["audit"]):
        assert site.ok(*words, "--db", address) == site.ok(*words), words
    back = tmp_path / "back.db"
    site.ok("move-db", back, "--db", address)
    assert tables(back) == before
    assert rows(back, "PRAGMA integrity_check") == [("ok",)]
    # Both go on alike: the archive, and the next numbers.
    for db in (site.db, back, address):
        site.ok("unprune", "1", "--yes", "--db", db)
        site.ok("register", "next@example.org", "--no-password", "--db", db)
    exported = {site.ok("export", "--db", db) for db in (site.db, back)}
    assert len({re.sub(r'"registered_on":"2026[^"]*"', "", text) for text in exported}) == 1
    assert site.json("show", "next@example.org", "--db", address)["account"]["id"] == site.json(
        "show", "next@example.org"
    )["account"]["id"]


@pytest.mark.parametrize("call", ["sendto", "recvfrom"])
def test_a_server_is_empty_wherever_the_move_is_killed(server: Cluster, tmp_path: Path, call: str):
    site = world(tmp_path, 60)
    log = tmp_path / "strace"
    trace = ["strace", "-f", "-qq", "-o"]
    whole = server.new_database()
    line = [*trace, log, "-e", f"trace={call}", BINARY, "move-db", server.address(whole)]
    subprocess.run(line, env=site.environment, check=True, capture_output=True)
    count = len(re.findall(rf"^\d+ +{call}\(", log.read_text(), re.MULTILINE))
    assert count > 30
    before = tables(site.db)
    survivors = 0
    database = server.new_database()
    for ordinal in [*range(1, count, max(1, count // 15)), count - 1, count]:
        inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={ordinal}"]
        line = [*trace, "/dev/null", *inject, BINARY, "move-db", server.address(database)]
        result = subprocess.run(line, env=site.environment, capture_output=True, timeout=120)
        wait_for_sessions(server, database)
        if is_empty(server, database):
            assert result.returncode != 0, (ordinal, result)
            continue
        # The commit was sent: everything is there.
        survivors += 1
        back = tmp_path / f"back{ordinal}.db"
        site.ok("move-db", back, "--db", server.address(database))
        assert tables(back) == before
        database = server.new_database()
    assert survivors <= 3
    assert tables(site.db) == before
    site.ok("move-db", server.address(server.new_database()))


def killed_at_calls(site: Site, words: list[object], calls: str, check, most: int = 40) -> None:
    """Kills a command at its calls that change files, one a time, and checks what is left."""
    log = site.directory / "strace"
    copy = site.directory.with_name("kept")
    shutil.copytree(site.directory, copy)

    def reset() -> None:
        shutil.rmtree(site.directory)
        shutil.copytree(copy, site.directory)

    line = ["strace", "-f", "-qq", "-o", log, "-e", f"trace={calls}", BINARY, *map(str, words)]
    subprocess.run(line, env=site.environment, check=True, capture_output=True)
    counts: dict[str, int] = {}
    for name in re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE):
        counts[name] = counts.get(name, 0) + 1
    points = [(name, ordinal) for name, count in counts.items() for ordinal in range(1, count + 1)]
    assert len(points) > 10, counts
    # The last ones are about the commit.
    chosen = points[:: max(1, len(points) // most)] + list(counts.items())
    for name, ordinal in dict.fromkeys(chosen):
        reset()
        line = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={name}"]
        line += ["-e", f"inject={name}:signal=KILL:when={ordinal}", BINARY, *map(str, words)]
        result = subprocess.run(line, env=site.environment, capture_output=True, timeout=120)
        check(name, ordinal, result)
    shutil.rmtree(copy)


WRITES = "pwrite64,fdatasync,fsync,linkat,unlinkat,unlink,ftruncate"


def test_a_file_is_absent_or_complete_wherever_the_move_is_killed(server: Cluster, tmp_path: Path):
    directory = tmp_path / "site"
    directory.mkdir()
    site = world(directory, 60)
    address = server.address(server.new_database())
    site.ok("move-db", address)
    before = tables(site.db)
    back = directory / "back.db"

    def check(name: str, ordinal: int, result: subprocess.CompletedProcess) -> None:
        assert result.returncode != 0 or back.exists()
        if back.exists():
            assert tables(back) == before, (name, ordinal)
            assert rows(back, "PRAGMA integrity_check") == [("ok",)]

    killed_at_calls(site, ["move-db", back, "--db", address], WRITES, check)


@pytest.mark.parametrize("mode", ["wal", "truncate"])
def test_a_database_has_the_old_content_or_the_new_wherever_restore_is_killed(tmp_path: Path, mode: str):
    directory = tmp_path / "site"
    directory.mkdir()
    site = world(directory, 60)
    copy = directory / "copy.db"
    site.ok("backup", copy)
    site.ok("register", "late@example.org", "--no-password")
    with connected(site.db) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
    old, new = tables(site.db), tables(copy)
    seen: set[str] = set()

    def check(name: str, ordinal: int, result: subprocess.CompletedProcess) -> None:
        site.ok("audit", "--verify")
        assert rows(site.db, "PRAGMA integrity_check") == [("ok",)]
        found = tables(site.db)
        act = found["regctl_audit"].pop()
        acts = [row for row in found["regctl_audit"] if row[4] == "restore"]
        is_new = act[4] == "restore" or acts != []
        seen.add("new" if is_new else "old")
        assert is_new or result.returncode != 0
        assert found["users"] == (new if is_new else old)["users"], (name, ordinal)
        assert found["regctl_outbox"] == (new if is_new else old)["regctl_outbox"]

    killed_at_calls(site, ["restore", copy, "--yes"], WRITES, check)
    assert seen == {"old", "new"}


def test_a_backup_under_load_is_of_one_moment(server_site: ServerSite):
    server_site.ok("create-admin", "root@example.org", "--generate-password")
    load = Load(server_site)
    try:
        counts = []
        for number in range(5):
            time.sleep(0.3)
            copy = server_site.directory / f"copy{number}.db"
            server_site.ok("backup", copy)
            server_site.ok("audit", "--verify", "--db", copy)
            ((accounts, mails, acts),) = rows(
                copy,
                "SELECT (SELECT count(*) FROM users WHERE email LIKE 'w%'),"
                " (SELECT count(*) FROM regctl_outbox),"
                " (SELECT count(*) FROM regctl_audit WHERE act = 'register')",
            )
            # A number that a registration had taken is reserved besides.
            assert accounts == mails == acts
            assert oct(copy.stat().st_mode & 0o777) == "0o600"
            counts.append(accounts)
    finally:
        load.end()
    assert counts == sorted(counts) and counts[-1] > counts[0]
    assert not load.codes, load.codes


def test_writers_wait_while_the_database_is_moved(server: Cluster, tmp_path: Path):
    """The process is stopped in the middle; a reader goes on, a writer is told to come again."""
    site = world(tmp_path, 3000)
    database = server.new_database()
    process = spawn(site, "move-db", server.address(database))
    limit = time.monotonic() + 60
    busy = f"SELECT 1 FROM pg_stat_activity WHERE datname = '{database}' AND backend_xid IS NOT NULL"
    while not server.rows(busy):
        assert process.poll() is None and time.monotonic() < limit
    process.send_signal(signal.SIGSTOP)
    try:
        site.ok("show", "ann2@example.org")
        words = ["register", "late@example.org", "--no-password", "--busy-timeout", "0s"]
        assert site.error(*words)[1]["code"] == "db_busy"
    finally:
        os.kill(process.pid, signal.SIGCONT)
    assert process.wait(120) == 0, process.stderr.read()
    site.ok("register", "late@example.org", "--no-password")


def test_restore_fills_an_empty_database_and_refuses_another(server_site: ServerSite):
    server_site.ok("register", "ann@example.org", "--no-password")
    copy = server_site.directory / "copy.db"
    server_site.ok("backup", copy)
    code, error = server_site.error("restore", copy, "--yes")
    assert (code, error["code"]) == (73, "db_exists")
    address = server_site.server.address(server_site.server.new_database())
    server_site.ok("restore", copy, "--dry-run", "--db", address)
    assert server_site.error("show", "ann@example.org", "--db", address)[1]["code"] == "schema_missing"
    server_site.ok("restore", copy, "--db", address)
    assert server_site.json("show", "ann@example.org", "--db", address)["account"]["id"] == 1
    acts = [entry["act"] for entry in server_site.json("audit", "--db", address)["entries"]]
    assert acts == ["create-db", "register", "restore"]


def test_what_a_file_cannot_hold_is_named(server_site: ServerSite):
    server_site.ok("register", "ann@example.org", "--no-password")
    change = "UPDATE users SET registered_on = 'infinity'"
    server_site.server.ask(change, server_site.database)
    code, error = server_site.error("backup", server_site.directory / "copy.db")
    assert (code, error["code"]) == (65, "invalid_value")
    assert "users row 1, registered_on" in error["message"]
    assert not (server_site.directory / "copy.db").exists()


# In place of a value of a file: what regctl does not write, and a server may not take.
HOSTILE = [
    "NULL", "''", "'x'", "'12abc'", "'0000-00-00 00:00:00'", "'9999-12-31 23:59:59.999999+14:00'",
    "x'00ff'", "CAST(x'ff' AS TEXT)", "'a' || char(0)", "-9223372036854775808", "9223372036854775807",
    "0.5", "1e300", "9e999", "'" + "x" * 100_000 + "'", "'\u212b {\"a\": \\u0000}'",
]  # fmt: skip


def test_no_value_in_any_column_is_moved_as_another(server: Cluster, tmp_path: Path):
    """Each value comes back as it was, or its row is named."""
    site = world(tmp_path, 12)
    original = site.db.read_bytes()
    columns = [
        (table, column)
        for table in tables(site.db) if table != "regctl_schema"
        for (column,) in rows(site.db, "SELECT name FROM pragma_table_info(?)", table)
    ]
    database = server.new_database()
    address = server.address(database)
    back = tmp_path / "back.db"
    codes: dict[str, int] = {}
    values = [(table, column, value) for table, column in columns for value in HOSTILE]
    for table, column, value in sample("hostile values that are moved", values, 11):
        site.db.write_bytes(original)
        with connected(site.db) as connection:
            try:
                connection.execute(
                    f"UPDATE {table} SET {column} = {value} WHERE {column} IS"
                    f" (SELECT max({column}) FROM {table})"
                )
            except sqlite3.Error:
                continue
        result = site.run("move-db", address, "--json")
        name = "moved"
        if result.returncode:
            name = json.loads(result.stderr.splitlines()[-1])["error"]["code"]
            assert is_empty(server, database), (table, column, value)
        codes[name] = codes.get(name, 0) + 1
        assert name in ("moved", "invalid_value", "db_corrupt", "schema_missing"), (
            table, column, value[:20], result,
        )
        if name != "moved":
            continue
        again = site.run("move-db", back, "--db", address, "--json")
        assert again.returncode == 0, (table, column, value[:20], again)
        before, after = tables(site.db), tables(back)
        same = {name: after[name] == before[name] for name in before}
        assert all(same.values()) or is_rewritten(value), (table, column, value[:20], same)
        back.unlink()
        server.ask("DROP TABLE users; DROP SCHEMA regctl CASCADE", database)
    assert codes["moved"] > 20 and codes["invalid_value"] > 20, codes


def is_rewritten(value: str) -> bool:
    """Whether a server has another form of a value that means the same."""
    return value.startswith(("x'", "'0000", "''"))
