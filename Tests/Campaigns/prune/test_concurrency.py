"""P6: concurrent prunes, registrations and readers."""

import itertools
import json
import subprocess
import sys
import threading
import time

import pytest

from Campaigns.database import integrity, rows, value
from Campaigns.processes import at_once, spawn
from Campaigns.prune.accounts import ALL, as_it_is, emails_in, prune, stale
from Campaigns.prune.held import HABITS, held
from Campaigns.sites import in_each_database, with_database
from engines import on_both_engines
from regctl import ROOT, Site

WRITERS = 4


@in_each_database
def test_of_several_pruners_none_takes_an_account_twice(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    count = 4000
    emails = stale(site.db, count)
    words = ["prune", "--yes", *ALL, "--json", "--busy-timeout", "60s"]
    outcomes = at_once(site, [words] * WRITERS)
    assert [code for code, _, _ in outcomes] == [0] * WRITERS, [error for _, _, error in outcomes]
    answers = [json.loads(output) for _, output, _ in outcomes]
    gone = [each["email"] for answer in answers for each in answer["accounts"]]
    assert sorted(gone) == sorted(emails)
    for answer in answers:
        assert answer["pruned"] == len(answer["accounts"])
    assert emails_in(site.db) == []
    assert emails_in(site.db, "regctl_archive") == sorted(emails)
    assert value(site.db, "SELECT count(*) FROM regctl_tombstones") == count
    runs = {run["run"]: run["pruned"] for run in site.json("list-prunes")["prunes"]}
    assert runs == {answer["run"]: answer["pruned"] for answer in answers if answer["pruned"]}
    by_run = dict(rows(site.db, "SELECT run, count(*) FROM regctl_archive GROUP BY run"))
    assert by_run == {run: pruned for run, pruned in runs.items() if pruned}
    assert integrity(site.db) == "ok"


@on_both_engines
def test_two_concurrent_unprunes_restore_each_account_once(site):
    emails = stale(site.db, 200)
    before = as_it_is(site.db)
    prune(site)
    outcomes = at_once(site, [["unprune", 1, "--yes", "--json", "--busy-timeout", "60s"]] * 2)
    assert {code for code, _, _ in outcomes} <= {0, 1, 67}, outcomes
    results = [each for _, output, _ in outcomes if output for each in json.loads(output)["results"]]
    assert sorted(each["email"] for each in results if each["result"] == "restored") == sorted(emails)
    assert as_it_is(site.db) == before
    [run] = site.json("list-prunes")["prunes"]
    assert (run["pruned"], run["restored"]) == (200, 200)


# Registers until it is told to stop, and prints how long each took.
REGISTERS = """
import sqlite3, sys, time
name, tests = sys.argv[1:]
if "://" in name:
    sys.path.append(tests)
    from server_database import ServerConnection
    db, begin = ServerConnection(name), "BEGIN"
else:
    db, begin = sqlite3.connect(name, isolation_level=None, timeout=60), "BEGIN IMMEDIATE"
print("ready", flush=True)
sys.stdin.readline()
number = 0
while True:
    start = time.monotonic()
    db.execute(begin)
    db.execute("INSERT INTO users (email, password, registered_on, admin, confirmed)"
               " VALUES (?, '!', '2099-01-01 00:00:00.000000', FALSE, FALSE)",
               (f"app{number}@example.org",))
    db.execute("COMMIT")
    print(start, time.monotonic() - start, flush=True)
    number += 1
    time.sleep(0.01)
"""


def waits_of_application(site: Site, pruning: subprocess.Popen) -> list[float]:
    """How long the application waited for each registration while accounts were pruned."""
    words = [sys.executable, "-I", "-c", REGISTERS, str(site.db), ROOT / "Tests"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "ready\n"
        begin = time.monotonic()
        other.stdin.write("go\n")
        other.stdin.flush()
        lines: list[str] = []
        reader = threading.Thread(target=lambda: lines.extend(other.stdout))
        reader.start()
        pruning.wait(timeout=120)
        end = time.monotonic()
        # One that has begun is let finish.
        time.sleep(0.2)
        other.kill()
        reader.join()
    pairs = [tuple(map(float, line.split())) for line in lines if line.endswith("\n")]
    return [wait for start, wait in pairs if begin <= start < end]


def waits_of_regctl(site: Site, pruning: subprocess.Popen) -> list[float]:
    """How long each `register` took while accounts were pruned."""
    waits = []
    for number in itertools.count():
        if pruning.poll() is not None:
            return waits
        start = time.monotonic()
        site.ok("register", f"regctl{number}@example.org", "--no-password", "--busy-timeout", "60s")
        waits.append(time.monotonic() - start)


@in_each_database
@pytest.mark.parametrize("registering", [waits_of_application, waits_of_regctl])
def test_registrations_do_not_wait_long_for_a_prune(new_site, journal_mode, registering):
    site = with_database(new_site(), journal_mode)
    count = 20_000
    stale(site.db, count)
    start = time.monotonic()
    words = ["prune", "--yes", *ALL, "--busy-timeout", "60s"]
    # What waits in a pipe would be written late.
    with spawn(site, *words, stdout=subprocess.DEVNULL) as pruning:
        waits = registering(site, pruning)
        error = pruning.stderr.read()
    seconds = time.monotonic() - start
    assert (pruning.returncode, error) == (0, b"")
    print(f"{journal_mode}: {len(waits)} registrations in {seconds:.2f} s, longest {max(waits):.3f} s")
    assert value(site.db, "SELECT count(*) FROM regctl_archive") == count
    assert value(site.db, "SELECT count(*) FROM users WHERE email LIKE 'user%'") == 0
    assert len(waits) >= 3
    assert max(waits) < 1
    # Where all is done within a second, a writer that waits until the end has been starved all the same.
    assert max(waits) < seconds / 2


def test_readers_of_a_log_do_not_wait_for_a_prune(site):
    stale(site.db, 5000)
    # The last process to close a log cleans it up, and all others have to wait.
    with held(site.db, HABITS["idle"]), spawn(site, "prune", "--yes", *ALL) as pruning:
        reads = 0
        while pruning.poll() is None:
            site.ok("list-unconfirmed", "--count", "--busy-timeout", "0s")
            reads += 1
    assert pruning.returncode == 0 and reads
