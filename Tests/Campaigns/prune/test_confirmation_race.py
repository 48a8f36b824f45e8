"""P4: accounts that are confirmed while they are pruned."""

import json
import subprocess
import sys
import time
from collections import Counter

import pytest

from Campaigns.database import Database, integrity, rows, value
from Campaigns.processes import at_once, last_error
from Campaigns.prune.accounts import ALL, emails_in, stale
from Campaigns.sites import with_database
from engines import POSTGRESQL, SQLITE
from regctl import Site
from tokens import token

ROUNDS = 25
ACCOUNTS_A_ROUND = 40


def race(site: Site, emails: list[str], round: int) -> dict[str, tuple[int, bytes]]:
    """Prunes accounts and confirms each at the same time; returns how each confirmation ended."""
    commands = []
    for number, email in enumerate(emails):
        by_hand = ["--email", email, "--reason", "called"]
        how = by_hand if number % 2 else [token(email, int(time.time()))]
        commands.append(["confirm", *how, "--json", "--busy-timeout", "60s"])
    # In another place of the queue each time, so that it comes early and late.
    place = round * len(emails) // ROUNDS
    commands.insert(place, ["prune", "--yes", *ALL, "--json", "--busy-timeout", "60s"])
    outcomes = at_once(site, commands)
    code, output, error = outcomes.pop(place)
    assert code == 0, error
    gone = {each["email"] for each in json.loads(output)["accounts"]}
    assert gone == set(emails_in(site.db, "regctl_archive"))
    return {email: (code, error) for email, (code, _, error) in zip(emails, outcomes, strict=True)}


def wrong_with_race(db: Database, email: str, code: int, error: bytes) -> list[str]:
    """Violations of the rule that an account is either confirmed and live, or in the archive."""
    live = rows(db, "SELECT confirmed FROM users WHERE email = ?", email)
    archived = value(db, "SELECT count(*) FROM regctl_archive WHERE email = ?", email)
    stones = value(db, "SELECT count(*) FROM regctl_tombstones")
    whole = stones == value(db, "SELECT count(*) FROM regctl_archive")
    if live == [(1,)] and archived == 0 and whole:
        return [] if code == 0 else [f"{email} is confirmed, but: {code} {error}"]
    if live == [] and archived == 1 and whole:
        if code == 67 and "regctl unprune" in (last_error(error)["hint"] or ""):
            return []
        return [f"{email} is gone, but: {code} {error}"]
    return [f"{email}: live {live}, archived {archived}, tombstones {stones}"]


@pytest.mark.parametrize(
    ["engine", "journal_mode"], [(SQLITE, "wal"), (SQLITE, "truncate"), (POSTGRESQL, None)],
    indirect=["engine"],
)  # fmt: skip
def test_of_a_thousand_accounts_each_is_confirmed_or_pruned(new_site, journal_mode):
    wrong, ends = [], Counter()
    rounds = range(0, ROUNDS, {"wal": 1, "truncate": 5, None: 8}[journal_mode])
    for round in rounds:
        site = with_database(new_site(), journal_mode)
        emails = stale(site.db, ACCOUNTS_A_ROUND)
        for email, (code, error) in race(site, emails, round).items():
            wrong += wrong_with_race(site.db, email, code, error)
            ends[code] += 1
        assert integrity(site.db) == "ok"
    print(ends)
    assert not wrong, "\n".join(wrong)
    assert sum(ends.values()) == len(rounds) * ACCOUNTS_A_ROUND
    assert journal_mode != "wal" or sum(ends.values()) == 1000
    # The control: the race was won by either.
    assert ends[0] and ends[67], ends


# Selects accounts that are old, waits, and removes them without checking again.
LOOKS_THEN_PRUNES = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
old = db.execute("SELECT id, email FROM users WHERE confirmed = 0").fetchall()
print("looked", flush=True)
sys.stdin.read()
db.execute("BEGIN IMMEDIATE")
db.executemany("INSERT INTO regctl_archive (run, account_id, email) VALUES (1, ?, ?)", old)
db.executemany("INSERT INTO regctl_tombstones (run, account_id) VALUES (1, ?)", [old[0][:1]])
db.execute("DELETE FROM users WHERE id = ?", old[0][:1])
db.execute("COMMIT")
"""


def test_the_campaign_detects_a_lost_confirmation(site):
    """The control: one account was confirmed and is gone, the other is live and in the archive."""
    emails = stale(site.db, 2)
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", LOOKS_THEN_PRUNES, site.db],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"looked\n"
        results = [site.run("confirm", token(email, int(time.time()))) for email in emails]
        process.stdin.close()
    for email, result in zip(emails, results, strict=True):
        assert wrong_with_race(site.db, email, result.returncode, result.stderr), email
