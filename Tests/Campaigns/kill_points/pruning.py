"""prune: valid states after a kill, and the result of the next run."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from Campaigns.database import connected, integrity
from Campaigns.kills import Command, Kill
from Campaigns.prune.accounts import ALL, LONG_AGO, emails_in, fresh, populate, stale, user
from Campaigns.sites import with_database
from regctl import Site

STALE = [user(number) for number in range(6)]
STAYING = ["done@example.org", "waiting@example.org", *[f"fresh{n}@example.org" for n in range(5)]]


def prepare_pruning(journal_mode: str) -> Callable[[Site], None]:
    """Six accounts to prune, with all their data, and seven to keep."""

    def prepare(site: Site) -> None:
        with_database(site, journal_mode)
        stale(site.db, len(STALE))
        fresh(site.db, 5)
        populate(site.db, ["waiting@example.org"], mails=("queued",))
        populate(site.db, ["done@example.org"])
        with connected(site.db) as connection:
            connection.execute("UPDATE users SET confirmed = 1 WHERE email LIKE 'done@%'")
            connection.execute(
                "INSERT INTO regctl_accounts SELECT id, ?, NULL FROM users", (LONG_AGO,)
            )

    return prepare


def wrong_with_accounts(db: Path) -> list[str]:
    """Violations of the rule that every account is live, or in the archive with a tombstone."""
    with connected(db) as connection:

        def numbers(table: str, column: str = "account_id", condition: str = "1") -> Counter[int]:
            found = connection.execute(f"SELECT {column} FROM {table} WHERE {condition}")
            return Counter(abs(number) for (number,) in found)

        live = numbers("users", "id")
        runs = connection.execute("SELECT total(pruned) FROM regctl_prunes").fetchone()[0]
        gone = Counter(range(1, len(STALE) + len(STAYING) + 1)) - live
        found = {
            "memories": (numbers("regctl_accounts"), live),
            "mails": (numbers("regctl_outbox", condition="account_id > 0"), live),
            "orphaned mails": (numbers("regctl_outbox", condition="account_id < 0"), gone),
            "archived": (numbers("regctl_archive"), gone),
            "tombstones": (numbers("regctl_tombstones"), gone),
            "acts": (numbers("regctl_audit_accounts", condition="account_id < 0"), gone),
            "acts on the living": (numbers("regctl_audit_accounts", condition="account_id > 0"), Counter()),
            "sum of runs": (runs, len(gone)),
            "staying": (numbers("users", "id", "email NOT LIKE 'user%'"), Counter(range(7, 14))),
        }
    return [f"{what}: {are}, not {ought}" for what, (are, ought) in found.items() if are != ought]


def look_at_pruning(kill: Kill) -> None:
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    kill.wrong += wrong_with_accounts(kill.site.db)
    if "Pruned" in kill.output:
        kill.expect(emails_in(kill.site.db) == sorted(STAYING), "acknowledged but missing")


def prune_again(kill: Kill) -> None:
    """The second run prunes the accounts that the first one left, and reports their number."""
    result = kill.again("prune", "--yes", *ALL)
    kill.expect(result.returncode == 0, f"again: {result}")
    look_at_pruning(kill)
    kill.expect(emails_in(kill.site.db) == sorted(STAYING), "not pruned after the second run")
    if result.returncode == 0:
        last = json.loads(result.stdout)["pruned"]
        kill.expect(last in (0, len(STALE)), f"{last} were left")
        kill.expect(last == 0 or "Pruned" not in kill.output, "acknowledged but pruned again")


def pruning(journal_mode: str) -> Command:
    return Command(
        words=lambda site: ["prune", "--yes", *ALL],
        prepare=prepare_pruning(journal_mode),
        look=look_at_pruning,
        repeat=prune_again,
    )
