"""Imports that are interrupted, or concurrent with other commands."""

import json
import signal
import subprocess
import sys
import time

import pytest

from Campaigns.bulk.accounts import EVERYTHING, account, lines
from Campaigns.database import integrity, locked, rows, value
from Campaigns.processes import spawn
from Campaigns.sites import in_each_database, with_database
from engines import POSTGRESQL, SQLITE, on_both_engines
from regctl import BINARY

MANY = 30_000


@pytest.mark.parametrize(
    ["engine", "after"],
    [(SQLITE, 1), (SQLITE, 5000), (SQLITE, 12_000), (POSTGRESQL, 5000)], indirect=["engine"],
)  # fmt: skip
def test_a_killed_import_leaves_complete_batches_and_can_be_completed(site, tmp_path, after):
    path = tmp_path / "accounts.jsonl"
    path.write_text(lines(MANY))
    with spawn(site, "import", path) as process:
        deadline = time.monotonic() + 60
        while value(site.db, "SELECT count(*) FROM users") < after:
            assert process.poll() is None and time.monotonic() < deadline
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert integrity(site.db) == "ok"
    found = value(site.db, "SELECT count(*) FROM users")
    assert after <= found < MANY
    assert value(site.db, "SELECT count(*) FROM regctl_audit_accounts") == found
    answer = site.json("import", path)
    assert (answer["imported"], answer["unchanged"]) == (MANY - found, found)
    assert rows(site.db, EVERYTHING) == [account(number) for number in range(1, MANY + 1)]
    assert value(site.db, "SELECT count(*) FROM regctl_audit_accounts") == MANY


@on_both_engines
@pytest.mark.parametrize("format", ["text", "json"])
def test_an_import_that_has_to_stop_reports_what_it_did(site, format):
    """The lock is taken while the import waits for more lines; another run does the rest."""
    # As many lines as an import begins with.
    batch = 4000
    words = ["import", "-", "--busy-timeout", "0s", "--format", format]
    with spawn(site, *words, stdin=subprocess.PIPE) as process:
        process.stdin.write(("{}\n" + lines(batch - 1)).encode())
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while value(site.db, "SELECT count(*) FROM users") == 0:
            assert process.poll() is None and time.monotonic() < deadline
        with locked(site.db):
            output, error = process.communicate(lines(10, first=batch).encode(), timeout=60)
    assert process.returncode == 75
    if format == "json":
        answer = json.loads(output)
        assert (answer["imported"], answer["refused"]) == (batch - 1, 1)
        codes = [json.loads(text)["error"]["code"] for text in error.splitlines()]
        assert codes == ["invalid_value", "partial", "db_busy"]
    else:
        assert output.decode() == f"Imported {batch - 1} accounts; 1 line was refused.\n"
        assert b"the database is locked by another process\nhint: run the command again" in error
    assert rows(site.db, EVERYTHING) == [account(number) for number in range(1, batch)]
    assert site.json("import", "-", input=lines(batch + 9))["imported"] == 10


REGISTERS = """
import subprocess, sys, time
waits = []
for number in range(10**6):
    if sys.stdin.closed or time.time() > float(sys.argv[3]) + 60: break
    start = time.monotonic()
    subprocess.run([sys.argv[1], "register", f"{sys.argv[2]}{number}@example.net", "--no-password",
                    "--quiet", "--busy-timeout", "30s"], check=True)
    print(time.monotonic() - start, flush=True)
"""


@in_each_database
def test_accounts_are_registered_during_an_import(new_site, tmp_path, journal_mode):
    site = with_database(new_site(), journal_mode)
    path = tmp_path / "accounts.csv"
    path.write_text("email\n" + "".join(f"user{number}@example.org\n" for number in range(MANY)))
    words = [sys.executable, "-I", "-S", "-c", REGISTERS, BINARY]
    others = [
        subprocess.Popen(
            [*words, name, str(time.time())], env=site.environment, stdout=subprocess.PIPE, text=True
        )
        for name in ("ann", "bob")
    ]
    for other in others:
        assert other.stdout.readline()
    result = site.run("import", path, "--busy-timeout", "60s")
    waits = []
    for other in others:
        other.terminate()
        waits += [float(text) for text in other.communicate()[0].splitlines() if text]
    # One that was being registered when its starter died is let finish.
    time.sleep(0.5)
    assert result.returncode == 0, result
    assert integrity(site.db) == "ok"
    assert value(site.db, "SELECT count(*) FROM users WHERE email LIKE '%@example.org'") == MANY
    registered = value(site.db, "SELECT count(*) FROM users WHERE email LIKE '%@example.net'")
    assert registered == value(site.db, "SELECT count(*) FROM regctl_outbox") >= len(waits) > 4
    print(f"{journal_mode}: {registered} registrations, longest {max(waits):.3f} s")
    assert max(waits) < 2
