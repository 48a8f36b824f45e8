"""The output of a run, and the limits on the number of accounts."""

import time

import pytest

from Campaigns.database import dump, value
from Campaigns.prune.accounts import (
    FORTNIGHT,
    decisions,
    emails_in,
    fresh,
    populate,
    prune,
    seconds_of,
    stale,
    user,
)
from engines import on_both_engines

pytestmark = on_both_engines

# The output of a run


def test_a_run_is_reported_as_one_object_and_listed(site):
    stale(site.db, 3)
    populate(site.db, ["never@example.org"], mails=())
    fresh(site.db, 4)
    before = int(time.time())
    answer = site.json("prune", "--yes")
    assert list(answer) == ["schema", "run", "dry_run", "cutoff", "pruned", "kept", "accounts"]
    assert (answer["schema"], answer["run"], answer["dry_run"], answer["pruned"]) == (1, 1, False, 3)
    assert before - FORTNIGHT <= seconds_of(answer["cutoff"]) <= time.time() - FORTNIGHT
    assert answer["kept"] == {"no_final_answer": 1}
    assert [each["email"] for each in answer["accounts"]] == [user(number) for number in range(3)]
    [run] = site.json("list-prunes")["prunes"]
    assert (run["run"], run["pruned"], run["restored"]) == (1, 3, 0)
    assert run["cutoff"] == answer["cutoff"]


def test_a_second_run_finds_nothing_and_is_not_listed(site):
    stale(site.db, 2)
    prune(site)
    answer = prune(site)
    assert (answer["run"], answer["pruned"], answer["accounts"]) == (None, 0, [])
    assert len(site.json("list-prunes")["prunes"]) == 1


def test_a_run_leaves_an_archive_a_tombstone_and_an_audit_entry(site):
    emails = stale(site.db, 3)
    prune(site)
    assert emails_in(site.db) == []
    assert emails_in(site.db, "regctl_archive") == emails
    assert value(site.db, "SELECT count(*) FROM regctl_tombstones") == 3
    assert value(site.db, "SELECT count(*) FROM regctl_audit WHERE act = 'prune'") == 1
    assert value(site.db, "SELECT count(*) FROM regctl_audit_accounts") == 3


# P2: limits


def test_more_than_prune_max_accounts_are_not_pruned(new_site):
    site = new_site(prune_max=5)
    site.ok("create-db")
    stale(site.db, 6)
    fresh(site.db, 50)
    before = dump(site.db)
    code, error = site.error("prune", "--yes")
    assert (code, error["code"]) == (1, "prune_cap")
    assert dump(site.db) == before
    site.ok("resend", user(0), "--force")
    assert site.json("prune", "--yes")["pruned"] == 5


def test_more_than_a_thousand_accounts_are_not_pruned_by_default(site):
    stale(site.db, 1001)
    fresh(site.db, 1500)
    code, error = site.error("prune", "--yes")
    assert (code, error["code"]) == (1, "prune_cap")
    site.ok("resend", user(0), "--force")
    assert site.json("prune", "--yes")["pruned"] == 1000


def test_more_than_half_of_all_accounts_are_not_pruned(site):
    stale(site.db, 4)
    fresh(site.db, 3)
    before = dump(site.db)
    code, error = site.error("prune", "--yes")
    assert (code, error["code"]) == (1, "prune_cap")
    assert dump(site.db) == before
    # The control: half is not more than half.
    site.ok("register", "more@example.org", "--no-password")
    assert site.json("prune", "--yes")["pruned"] == 4


@pytest.mark.parametrize("prune_max", [2, 1000])
def test_a_limit_of_the_command_replaces_both_others(new_site, prune_max):
    site = new_site(prune_max=prune_max)
    site.ok("create-db")
    stale(site.db, 4)
    code, error = site.error("prune", "--yes", "--max", 3)
    assert (code, error["code"]) == (1, "prune_cap")
    assert len(emails_in(site.db)) == 4
    assert site.json("prune", "--yes", "--max", 4)["pruned"] == 4


def test_a_dry_run_changes_no_row(site):
    stale(site.db, 3)
    fresh(site.db, 4)
    before = dump(site.db)
    assert user(0) in site.ok("prune", "--dry-run")
    assert dump(site.db) == before


def test_a_dry_run_reports_more_accounts_than_may_be_pruned(site):
    stale(site.db, 30)
    assert decisions(site) == {user(number): ("prune", None) for number in range(30)}
    result = site.run("prune", "--dry-run")
    assert result.returncode == 0
    words = "30 of 30 accounts to prune, more than half; none deleted"
    assert result.stderr.decode() == f"regctl: warning: prune: {words}\n"
    assert site.run("prune", "--dry-run", "--max", "30").stderr == b""
