"""The benchmarks of pruning, for `run.py`: against one transaction of the sqlite3 shell.

`run.py` has to import this module inside a function, since this one imports `run`.
"""

import contextlib
import multiprocessing
import multiprocessing.synchronize
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from run import Site, address, best, report

DAY = 86_400
EVERY = 0.05
MOST = "1000000"
ACCOUNT = (
    "INSERT INTO users (email, password, registered_on, admin, confirmed, confirmed_on)"
    " VALUES (?, '!', ?, 0, ?, ?)"
)
SENT = (
    "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, attempts, queued_at,"
    " finished_at, message_id) SELECT id, email, 'confirm', 'confirm', 'sent', 1, ?, ?, 'm' || id"
    " FROM users"
)

# What `prune` does to accounts, without checking reasons to keep them and without an audit entry.
# The cache is as large as that of regctl.
SHELL = """
PRAGMA cache_size=-65536;
BEGIN IMMEDIATE;
INSERT INTO regctl_prunes (at, actor, uid, cutoff) VALUES (unixepoch(), 'sqlite3', 0, unixepoch());
INSERT INTO regctl_tombstones (run, account_id, registered_on, mailed_at)
  SELECT 1, id, registered_on,
    (SELECT min(finished_at) FROM regctl_outbox WHERE account_id = users.id AND state = 'sent')
  FROM users WHERE confirmed = FALSE AND admin = FALSE AND registered_on < datetime('now', '-14 days');
INSERT INTO regctl_archive (run, account_id, email, password, registered_on, admin, confirmed,
    confirmed_on, registered_at, not_before)
  SELECT 1, u.id, u.email, u.password, u.registered_on, u.admin, u.confirmed, u.confirmed_on,
    a.registered_at, a.not_before
  FROM users u LEFT JOIN regctl_accounts a ON a.account_id = u.id
  WHERE confirmed = FALSE AND admin = FALSE AND registered_on < datetime('now', '-14 days');
DELETE FROM users
  WHERE confirmed = FALSE AND admin = FALSE AND registered_on < datetime('now', '-14 days');
UPDATE regctl_prunes SET pruned = (SELECT count(*) FROM regctl_archive);
COMMIT;
"""


class Accounts(Site):
    """A database in which every other account is to be pruned, which can be reset."""

    def __init__(self, count: int) -> None:
        super().__init__(0)
        self.count = count
        then = int(time.time()) - 30 * DAY
        with contextlib.closing(sqlite3.connect(self.db)) as connection, connection:
            connection.executemany(ACCOUNT, (self.account(n, then) for n in range(count)))
            connection.execute(SENT, (then, then + 60))
        self.pristine = self.directory / "pristine.db"
        self.other = self.directory / "other.db"
        shutil.copyfile(self.db, self.pristine)

    def account(self, n: int, then: int) -> tuple[str, str, int, str | None]:
        """An account, registered a second after the one before; those with even numbers were confirmed."""
        moment = datetime.fromtimestamp(then - self.count + n, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return address(n), moment, 1 - n % 2, None if n % 2 else moment

    def put_back(self) -> None:
        """Restores all accounts, for regctl and for the shell."""
        for path in (self.db, self.other):
            shutil.copyfile(self.pristine, path)

    def prune(self) -> None:
        self.regctl("prune", "--yes", "--max", MOST, "--quiet")

    def shell(self) -> None:
        words = ["sqlite3", "-bail", self.other]
        # As regctl does: otherwise glibc returns memory to the system for each row.
        environment = os.environ | {"MALLOC_TRIM_THRESHOLD_": "67108864"}
        subprocess.run(
            words, input=SHELL, text=True, stdout=subprocess.DEVNULL, env=environment, check=True
        )

    def check(self, database: Path) -> None:
        """Fails unless every other account was archived."""
        with contextlib.closing(sqlite3.connect(database)) as connection:
            for table, condition in (
                ("users", "confirmed = 1"), ("regctl_archive", "1"), ("regctl_tombstones", "1"),
                ("regctl_outbox", "account_id < 0"),
            ):
                query = f"SELECT count(*) FROM {table} WHERE {condition}"
                (found,) = connection.execute(query).fetchone()
                assert found == self.count // 2, (database, table, found)


def keep_registering(
    database: Path, has_begun: multiprocessing.synchronize.Event,
    may_stop: multiprocessing.synchronize.Event, waits: Connection,
) -> None:
    """Registers accounts as an application would, and sends the duration of each."""
    taken = []
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    connection = sqlite3.connect(database, isolation_level=None, timeout=600)
    while not may_stop.is_set():
        start = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(ACCOUNT, (f"new{len(taken)}@example.org", moment, 0, None))
        connection.execute("COMMIT")
        taken.append(time.perf_counter() - start)
        has_begun.set()
        time.sleep(max(0, EVERY - taken[-1]))
    connection.close()
    waits.send(taken)


def waits_during(database: Path, work: Callable[[], None]) -> list[float]:
    """The duration of each registration by another process during some work."""
    context = multiprocessing.get_context("fork")
    has_begun, may_stop = context.Event(), context.Event()
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=keep_registering, args=(database, has_begun, may_stop, theirs), daemon=True
    )
    process.start()
    has_begun.wait()
    try:
        work()
    finally:
        may_stop.set()
    waits = ours.recv()
    process.join()
    return waits


def prune_many(count: int = 1_000_000, rounds: int = 2) -> None:
    """Half of all accounts are pruned while others are registered."""
    site = Accounts(count)
    ours, theirs = best([site.prune, site.shell], rounds, before=site.put_back)
    site.check(site.db)
    site.check(site.other)
    work = f"`prune`, {count // 2:,} of {count:,} accounts"
    report(
        f"{work} ({ours:.2f} s)", f"`sqlite3`, one transaction ({theirs:.2f} s)",
        f"{ours / theirs:.2f} x", "<= 1.5 x",
    )
    site.put_back()
    idle = waits_during(site.db, lambda: time.sleep(1))
    site.put_back()
    waits = waits_during(site.db, site.prune)
    site.check(site.db)
    report(
        f"the same, a registration every 50 ms ({len(waits)})",
        f"longest wait without a prune: {max(idle) * 1000:.0f} ms",
        f"longest wait {max(waits) * 1000:.0f} ms", "<= 200 ms",
    )
    site.remove()


BENCHMARKS = {"prune": prune_many}
