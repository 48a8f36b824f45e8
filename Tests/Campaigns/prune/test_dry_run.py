"""P1: a dry run changes nothing."""

from pathlib import Path

import pytest

from Campaigns.database import JOURNAL_MODES
from Campaigns.prune.accounts import fresh, stale, user
from Campaigns.prune.held import HABITS, files, held
from Campaigns.sites import with_database
from engines import SQLITE, only
from regctl import Site

pytestmark = only(SQLITE, "about files and their bytes; test_run.py has rows")

SPILLING = [
    "PRAGMA cache_size=1",
    "BEGIN IMMEDIATE",
    "UPDATE regctl_outbox SET last_reply = zeroblob(10000)",
]


def leave_unchanged(site: Site, made: list[str] = []) -> None:
    """A dry run, which must list the accounts, change no file and create no others."""
    before = files(site.directory)
    for words in (["--json"], [], ["--format", "tsv"]):
        assert user(0) in site.ok("prune", "--dry-run", *words)
    after = files(site.directory)
    assert sorted(after) == sorted([*before, *made])
    assert [name for name in before if after[name] != before[name]] == []


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_a_dry_run_changes_no_byte(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    stale(site.db, 20)
    leave_unchanged(site)


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
@pytest.mark.parametrize("habit", HABITS)
def test_a_dry_run_changes_no_byte_beside_an_open_connection(new_site, journal_mode, habit):
    """With a log, all accounts are in there."""
    site = with_database(new_site(), journal_mode)
    with held(site.db, HABITS["idle"]):
        stale(site.db, 20)
        with held(site.db, HABITS[habit]):
            assert Path(f"{site.db}-wal").exists() == (journal_mode == "wal")
            leave_unchanged(site)


@pytest.mark.parametrize("habit", ["idle", "reading"])
def test_a_dry_run_changes_no_byte_beside_a_reader_of_an_older_log(site, habit):
    stale(site.db, 20)
    with held(site.db, HABITS[habit]):
        fresh(site.db, 1)
        leave_unchanged(site)


def test_a_dry_run_changes_no_byte_while_a_log_has_pages_of_an_unfinished_change(site):
    stale(site.db, 20)
    with held(site.db, SPILLING):
        leave_unchanged(site)


@pytest.mark.parametrize("has_index", [True, False], ids=["with its index", "without its index"])
def test_a_dry_run_changes_no_byte_of_a_log_that_is_not_open(new_site, has_index):
    """As left by a killed process; a reader of a log without an index needs a new one."""
    site, left = with_database(new_site(), "wal"), new_site()
    with held(site.db, HABITS["idle"]):
        stale(site.db, 20)
        for name, content in files(site.directory).items():
            if name.startswith("regctl.db") and (has_index or not name.endswith("-shm")):
                (left.directory / name).write_bytes(content)
    assert (left.directory / "regctl.db-wal").stat().st_size > 0
    leave_unchanged(left, made=[] if has_index else ["regctl.db-shm"])
