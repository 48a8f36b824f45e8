"""P3: `prune`, a plan and `unprune` killed at every system call."""

import sys

import pytest

from Campaigns.database import integrity
from Campaigns.kill_points.pruning import (
    STALE,
    STAYING,
    look_at_pruning,
    prepare_pruning,
    pruning,
    wrong_with_accounts,
)
from Campaigns.kills import WRITING_CALLS, Command, Kill, campaign
from Campaigns.prune.accounts import ALL, emails_in, lines, plan_of, prune, user
from regctl import Site


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_each_account_is_complete_wherever_prune_is_killed(new_site, tmp_path, journal_mode):
    points, wrong = campaign(pruning(journal_mode), new_site(), tmp_path)
    print(f"{points} points")
    assert points > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_a_plan_is_complete_or_absent_wherever_prune_is_killed(
    new_site, tmp_path, journal_mode
):
    def look(kill: Kill) -> None:
        kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
        kill.wrong += wrong_with_accounts(kill.site.db)
        path = kill.site.directory / "plan"
        if path.exists():
            found = [each["email"] for each in lines(path)[1:]]
            kill.expect(found == STALE, f"not a whole plan: {path.read_text()}")
            kill.expect(path.stat().st_mode & 0o777 == 0o600, "others may read it")
        kill.expect(path.exists() or "would go" not in kill.output, "acknowledged but missing")

    def repeat(kill: Kill) -> None:
        is_there = (kill.site.directory / "plan").exists()
        result = kill.again("prune", "--plan", kill.site.directory / "plan")
        kill.expect(result.returncode == (73 if is_there else 0), f"again: {result}")
        look(kill)
        kill.expect((kill.site.directory / "plan").exists(), "no plan after the second run")

    command = Command(
        words=lambda site: ["prune", "--plan", site.directory / "plan"],
        prepare=prepare_pruning(journal_mode),
        look=look,
        repeat=repeat,
    )
    points, wrong = campaign(command, new_site(), tmp_path)
    assert points > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_each_account_is_complete_wherever_a_plan_is_killed(new_site, tmp_path, journal_mode):
    def prepare(site: Site) -> None:
        prepare_pruning(journal_mode)(site)
        plan_of(site)

    def repeat(kill: Kill) -> None:
        result = kill.again("prune", "--apply", kill.site.directory / "plan", "--yes", *ALL)
        kill.expect(result.returncode == 0, f"again: {result}")
        look_at_pruning(kill)
        kill.expect(emails_in(kill.site.db) == sorted(STAYING), "not pruned after the second run")

    command = Command(
        words=lambda site: ["prune", "--apply", site.directory / "plan", "--yes", *ALL],
        prepare=prepare,
        look=look_at_pruning,
        repeat=repeat,
    )
    points, wrong = campaign(command, new_site(), tmp_path)
    assert points > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("words", [[1, "--email", user(3)], [1, "--yes"]], ids=["one", "all"])
@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_each_account_is_complete_wherever_unprune_is_killed(
    new_site, tmp_path, journal_mode, words
):
    def prepare(site: Site) -> None:
        prepare_pruning(journal_mode)(site)
        prune(site)

    def look(kill: Kill) -> None:
        kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
        live, archived = emails_in(kill.site.db), emails_in(kill.site.db, "regctl_archive")
        kill.expect(sorted(live + archived) == sorted(STALE + STAYING), "not each account once")
        kill.expect(kill.count("regctl_tombstones") == len(archived), "other tombstones")
        kill.expect(kill.count("regctl_accounts") == len(live), "other memories")
        kill.expect(kill.count("regctl_outbox", "account_id > 0") == len(live), "other mails")
        # An act on many names its accounts elsewhere.
        acts = "audit_id IN (SELECT id FROM regctl_audit WHERE act GLOB 'unprune*')"
        named = kill.count("regctl_audit", "act = 'unprune' AND account_id IS NOT NULL")
        named += kill.count("regctl_audit_accounts", acts)
        kill.expect(named == len(live) - len(STAYING), "other acts")
        if user(3) in kill.output:
            kill.expect(user(3) in live, "acknowledged but missing")

    def repeat(kill: Kill) -> None:
        archived = emails_in(kill.site.db, "regctl_archive")
        result = kill.again("unprune", 1, "--yes")
        kill.expect(result.returncode == (0 if archived else 67), f"again: {result}")
        look(kill)
        kill.expect(emails_in(kill.site.db, "regctl_archive") == [], "not all after the second run")

    command = Command(
        words=lambda site: ["unprune", *words],
        prepare=prepare,
        look=look,
        repeat=repeat,
    )
    points, wrong = campaign(command, new_site(), tmp_path)
    assert points > 50
    assert not wrong, "\n".join(wrong)


# Uses two transactions for one change.
TWO_TRANSACTIONS = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("INSERT INTO regctl_archive (run, account_id, email, password, registered_on)"
           " SELECT 1, id, email, password, registered_on FROM users WHERE email LIKE 'user%'")
db.execute("DELETE FROM users WHERE email LIKE 'user%'")
"""


def test_the_campaign_detects_what_a_careless_pruner_leaves(new_site, tmp_path):
    """The control: without it, a campaign that finds nothing might be blind."""
    careless = Command(
        words=lambda site: [site.db],
        prepare=prepare_pruning("wal"),
        look=look_at_pruning,
        repeat=lambda kill: None,
        program=[sys.executable, "-I", "-S", "-c", TWO_TRANSACTIONS],
    )
    _, wrong = campaign(careless, new_site(), tmp_path, only=WRITING_CALLS)
    assert any("archived: " in found for found in wrong), wrong
