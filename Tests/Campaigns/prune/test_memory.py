"""P8: many accounts need little memory."""

import json
from collections import Counter
from pathlib import Path

import pytest

from Campaigns.database import account_count, value
from Campaigns.memory import measured
from Campaigns.prune.accounts import ALL, stale
from regctl import Site

# The page cache has up to 64 MiB.
KILOBYTES_AT_MOST = 72 * 1024

MANY = 100_000


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    """A database with many accounts to go, to be copied."""
    site = Site(tmp_path_factory.mktemp("many"))
    site.ok("create-db")
    stale(site.db, MANY)
    return site.db


@pytest.mark.parametrize("format", ["text", "json"])
@pytest.mark.parametrize("words", [["--dry-run", *ALL], ["--yes", *ALL]], ids=["--dry-run", "--yes"])
def test_many_accounts_need_little_memory(many, new_site, tmp_path, words, format):
    site = new_site()
    site.db.write_bytes(many.read_bytes())
    site.db.chmod(0o600)
    kilobytes = measured(site, tmp_path / "output", "prune", *words, "--format", format)
    print(f"prune {words[0]} of {MANY} as {format}: {kilobytes / 1024:.1f} MB")
    left = account_count(site.db)
    assert left == (MANY if "--dry-run" in words else 0)
    if format == "json":
        answer = json.loads((tmp_path / "output").read_bytes())
        assert len(answer["accounts"]) == MANY
        assert answer["pruned"] == MANY
    assert kilobytes <= KILOBYTES_AT_MOST


def test_a_plan_of_many_accounts_and_their_return_need_little_memory(many, new_site, tmp_path):
    site = new_site()
    site.db.write_bytes(many.read_bytes())
    site.db.chmod(0o600)
    plan = site.directory / "plan"
    for words in (
        ["prune", "--plan", plan, *ALL],
        ["prune", "--apply", plan, "--dry-run", "--json", *ALL],
        ["prune", "--apply", plan, "--yes", "--json", *ALL],
        ["unprune", 1, "--yes", "--json"],
    ):
        kilobytes = measured(site, tmp_path / "output", *words)
        print(f"{words} of {MANY}: {kilobytes / 1024:.1f} MB")
        assert kilobytes <= KILOBYTES_AT_MOST, words
    answer = json.loads((tmp_path / "output").read_bytes())
    assert Counter(each["result"] for each in answer["results"]) == {"restored": MANY}
    assert value(site.db, "SELECT count(*) FROM users") == MANY
