"""The benchmarks of the support desk, for `run.py`: one account among ten million, and reports.

`run.py` has to import this module inside a function, since this one imports `run`.
"""

import contextlib
import sqlite3
import subprocess

from run import Site, best, report

# A third has not confirmed; registered over a year, confirmed within a day.
ACCOUNTS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
INSERT INTO users (id, email, password, registered_on, admin, confirmed, confirmed_on)
SELECT i, 'user.' || i || '@example.org', '!', datetime(1790000000 - i % 31536000, 'unixepoch')
    || '.000000', 0, i % 3 > 0,
  CASE WHEN i % 3 THEN datetime(1790000000 - i % 31536000 + i % 86400, 'unixepoch') || '.000000' END
FROM n
"""
MAILS = """
INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at, finished_at,
  message_id)
SELECT id, email, 'confirm', 'confirm', 'sent', 1790000000, 1790000060, 'm' || id FROM users
"""
MOMENT = "substr(registered_on, 1, 10) || 'T' || substr(registered_on, 12, 8) || 'Z'"
# What regctl lists, and the query with the same output.
LISTS = [
    (
        ["list-unconfirmed", "--fields", "email,registered_on"],
        f"SELECT email, {MOMENT} FROM users WHERE confirmed = 0 ORDER BY registered_on, id",
    ),
    (["list-unconfirmed", "--count"], "SELECT count(*) FROM users WHERE confirmed = 0"),
    (
        ["list-accounts", "99.9", "--fields", "id,email"],
        "SELECT id, email FROM users WHERE email LIKE '%99.9%' ORDER BY id",
    ),
    (
        ["list-accounts", "r.99", "--fields", "id,email"],
        "SELECT id, email FROM users WHERE email LIKE '%r.99%' ORDER BY id",
    ),
]
COHORTS = "SELECT strftime('%Y-%W', registered_on), count(*), sum(confirmed) FROM users GROUP BY 1"


class Accounts(Site):
    """A database of many accounts, each of which has had its mail."""

    def __init__(self, count: int) -> None:
        super().__init__(0)
        with contextlib.closing(sqlite3.connect(self.db)) as connection, connection:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(ACCOUNTS.format(count=count))
            connection.execute(MAILS)

    def show(self) -> None:
        self.regctl("show", "user.999@example.org")

    def confirm(self) -> None:
        self.regctl("confirm", self.token, "--quiet")

    def make_token(self) -> None:
        """A token for an account that is not confirmed, which it is again before each round."""
        with contextlib.closing(sqlite3.connect(self.db)) as connection, connection:
            connection.execute("UPDATE users SET confirmed = 0, confirmed_on = NULL WHERE id = 999")
        issued = self.regctl("issue-token", "user.999@example.org", stdout=subprocess.PIPE)
        self.token = issued.stdout.decode().strip()


def one_of_many(many: int = 10_000_000, few: int = 1000, rounds: int = 60) -> None:
    """How much longer one account takes among ten million than among a thousand."""
    large, small = Accounts(many), Accounts(few)

    def before() -> None:
        large.make_token()
        small.make_token()

    for name in ("show", "confirm"):
        among_many, among_few = best([getattr(large, name), getattr(small, name)], rounds, before)
        report(
            f"`{name}`, one of {many:,} accounts ({among_many * 1000:.1f} ms)",
            f"one of {few:,} ({among_few * 1000:.1f} ms)", f"{among_many / among_few:.2f} x",
            "<= 1.3 x",
        )
    large.remove()
    small.remove()


def report_many(count: int = 1_000_000, rounds: int = 3) -> None:
    """The report of cohorts beside a query that only groups the dates."""
    site = Accounts(count)
    shell = lambda: subprocess.run(  # noqa: E731
        ["sqlite3", site.db, COHORTS], stdout=subprocess.DEVNULL, check=True
    )
    ours, theirs = best([lambda: site.regctl("report", "cohorts"), shell], rounds)
    report(
        f"`report cohorts`, {count:,} accounts ({ours:.2f} s)",
        f"`sqlite3`, grouping the dates ({theirs:.2f} s)", f"{ours / theirs:.2f} x", "<= 3 x",
    )
    site.remove()


def list_many(count: int = 1_000_000, rounds: int = 5) -> None:
    """Lists beside the shell with the same output."""
    site = Accounts(count)
    for words, query in LISTS:
        shape = [] if "--count" in words else ["--format", "tsv", "--no-header"]
        sides = [
            lambda words=words, shape=shape, **streams: site.regctl(*words, *shape, **streams),
            lambda query=query, **streams: subprocess.run(
                ["sqlite3", "-tabs", site.db, query],
                **{"stdout": subprocess.DEVNULL, "check": True} | streams,
            ),
        ]
        ours, theirs = (side(stdout=subprocess.PIPE).stdout for side in sides)
        assert ours == theirs
        ours, theirs = best(sides, rounds)
        report(
            f"`{' '.join(words)}`, {count:,} accounts ({ours:.2f} s)",
            f"`sqlite3` ({theirs:.2f} s)", f"{ours / theirs:.2f} x", "<= 1.2 x",
        )
    site.remove()


BENCHMARKS = {"one-of-many": one_of_many, "report": report_many, "lists": list_many}
