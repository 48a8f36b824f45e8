"""Both at work at once, without a pause, on a database of 200,000 accounts.

REGCTL_TOGETHER_SECONDS is how long, on a quiet machine: at most 1 s is waited then. The suite has a
short run, with the limit at which the application gives up: a busy machine makes everyone wait.
"""

import itertools
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from Applications.adoption import adopt
from Applications.driver import PASSWORD
from Campaigns.database import connected, filling, integrity
from engines import POSTGRESQL, SQLITE

SECONDS = float(os.environ.get("REGCTL_TOGETHER_SECONDS", 10))
LONGEST_WAIT = 1.0 if "REGCTL_TOGETHER_SECONDS" in os.environ else 2.0
ACCOUNTS = 200_000


def fill(application, host: str, accounts: int) -> None:
    """Gives the application accounts of long ago, every second one confirmed."""
    date = "2026-01-02 03:04:05.000000"
    rows = (
        (f"u{n}@{host}", "x", date, n % 2 == 1, date if n % 2 else None) for n in range(accounts)
    )
    with filling(application.db) as connection:
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed, confirmed_on)"
            " VALUES (?, ?, ?, FALSE, ?, ?)",
            rows,
        )


def visit(application, name: str, end: float) -> list[tuple[int, float]]:
    """Registers accounts and logs in and out; returns the status and the time of each page."""
    pages = []

    def take(request, *words) -> None:
        start = time.monotonic()
        pages.append((request(*words).status, time.monotonic() - start))

    for number in itertools.count():
        if time.monotonic() > end:
            return pages
        browser = application.browser()
        take(browser.register, f"{name}{number}@example.net")
        take(browser.logout)
        take(browser.login, f"{name}{number}@example.net")
        take(browser.resend)


def administer(site, application, end: float) -> list[tuple[list[str], int, bytes]]:
    """Runs regctl again and again; returns the lines that failed."""
    failed = []
    for number in itertools.count():
        # So that each round has some to prune: what an operator has touched of late is kept.
        fill(application, f"host{number}.example", 100)
        address = f"r{number}@example.com"
        imported = "".join(
            json.dumps({"email": f"i{number}-{line}@example.com"}) + "\n" for line in range(2000)
        )
        for words, given in (
            (["register", address, "--password-file", "-"], PASSWORD),
            (["import", "-"], imported),
            (["confirm", "--email", address, "--reason", "test"], ""),
            (["set-password", address, "--password-file", "-"], PASSWORD),
            (["list-unconfirmed", "--count"], ""),
            (["prune", "--older-than", "30d", "--yes", "--include-never-mailed", "--max", "300000"], ""),
            (["unprune", str(number + 1), "--yes"], ""),
            (["delete", address, "--reason", "test", "--yes"], ""),
        ):
            if time.monotonic() > end:
                return failed
            result = site.run(*words, input=given)
            if result.returncode:
                failed.append((words, result.returncode, result.stderr))
    return failed


def longest_wait(application, end: float) -> float:
    """The longest time that another writer waits: for its turn, or on a server for its row."""
    longest, is_file = 0.0, isinstance(application.db, Path)
    insert = (
        "BEGIN; INSERT INTO users (email, password, registered_on, admin, confirmed)"
        " VALUES ('w@example.org', 'x', now(), FALSE, FALSE)"
    )
    with connected(application.db) as other:
        while (start := time.monotonic()) < end:
            other.execute("BEGIN IMMEDIATE" if is_file else insert)
            longest = max(longest, time.monotonic() - start)
            other.execute("ROLLBACK")
            time.sleep(0.005)
    return longest


# With one generation of packages on a server, which has its own way of locking.
@pytest.mark.parametrize(
    ["package_set", "engine"],
    [("pinned", SQLITE), ("today", SQLITE), ("today", POSTGRESQL)], indirect=True,
)  # fmt: skip
def test_both_write_for_a_while_and_no_one_waits_long(application):
    fill(application, "example.org", ACCOUNTS)
    site = adopt(application)
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor() as pool:
        visitors = [pool.submit(visit, application, name, end) for name in "ab"]
        operator = pool.submit(administer, site, application, end)
        wait = pool.submit(longest_wait, application, end)
        pages = [page for visitor in visitors for page in visitor.result()]
    print(f"{len(pages)} pages, longest {max(seconds for _, seconds in pages):.2f} s,"
          f" longest wait {wait.result():.2f} s")
    assert operator.result() == []
    assert {status for status, _ in pages} == {200}, application.log.read_text()[-2000:]
    assert "database is locked" not in application.log.read_text()
    assert wait.result() < LONGEST_WAIT
    assert integrity(application.db) == "ok"
