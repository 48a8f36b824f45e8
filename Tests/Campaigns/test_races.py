"""K9-K12: many processes at once, one that holds the lock, and eight that deliver."""

import fcntl
import itertools
import json
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from Campaigns.database import JOURNAL_MODES, connected, dump, integrity, locked, rows, value
from Campaigns.processes import at_once, last_error, spawn
from Campaigns.sites import LINKS, with_database
from regctl import Site
from tokens import bound_token, fingerprint, token

EMAIL = "abcdef@example.org"
# All 64 ways to write its first six letters.
SPELLINGS = [
    "".join(letters) + "@example.org"
    for letters in itertools.product(*((letter, letter.upper()) for letter in "abcdef"))
]


def register(email: str) -> list[object]:
    return ["register", email, "--no-password", "--json"]


# Registering


def wrong_with_one_account(site: Site) -> list[str]:
    """Violations of the rule that there is one account with one mail, in any spelling."""
    counts = {
        "accounts": value(site.db, "SELECT count(*) FROM users WHERE lower(email) = ?", EMAIL),
        "mails": value(site.db, "SELECT count(*) FROM regctl_outbox"),
        "acts": value(site.db, "SELECT count(*) FROM regctl_audit WHERE act = 'register'"),
        "memories": value(site.db, "SELECT count(*) FROM regctl_accounts"),
    }
    return [f"{count} {what}" for what, count in counts.items() if count != 1]


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_64_spellings_of_one_address_are_one_account(new_site, journal_mode):
    """The adopted database has no unique index to help: there only the transaction does it."""
    site = with_database(new_site(), journal_mode)
    outcomes = at_once(site, [register(spelling) for spelling in SPELLINGS])
    assert Counter(code for code, _, _ in outcomes) == {0: 1, 1: 63}, outcomes
    refusals = [last_error(error) for code, _, error in outcomes if code == 1]
    assert {refusal["code"] for refusal in refusals} == {"already_registered_unconfirmed"}
    assert wrong_with_one_account(site) == []
    [winner] = [json.loads(output) for code, output, _ in outcomes if code == 0]
    assert value(site.db, "SELECT email FROM users") == winner["account"]["email"]
    assert integrity(site.db) == "ok"


# Reads and then writes, in two steps; between them it waits until all others have read too.
LOOKS_THEN_WRITES = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
taken = db.execute("SELECT 1 FROM users WHERE lower(email) = lower(?)", sys.argv[2:]).fetchall()
print("looked", flush=True)
sys.stdin.read()
if not taken:
    db.execute("INSERT INTO users (email, password, registered_on, admin, confirmed)"
               " VALUES (?, '!', '2026-01-01 00:00:00.000000', 0, 0)", sys.argv[2:])
"""


def test_the_campaign_detects_a_lost_race(new_site):
    """The control: a program that reads first and writes later creates several accounts."""
    site = with_database(new_site(), "delete")
    careless = [
        subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", LOOKS_THEN_WRITES, site.db, spelling],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for spelling in SPELLINGS[:4]
    ]
    assert [process.stdout.readline() for process in careless] == [b"looked\n"] * 4
    for process in careless:
        process.communicate(timeout=120)
        assert process.returncode == 0
    assert "4 accounts" in wrong_with_one_account(site)


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_200_addresses_at_once_are_200_accounts(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    emails = [f"user{number}@example.org" for number in range(200)]
    # A rollback journal takes half as long again for each commit: on a loaded machine, 200 of them
    # are more than the 5 s of the default, which a log needs less than half of.
    patience = [] if journal_mode == "wal" else ["--busy-timeout", "60s"]
    outcomes = at_once(site, [[*register(email), *patience] for email in emails])
    failures = [(code, error) for code, _, error in outcomes if code != 0]
    assert failures == []
    assert sorted(email for (email,) in rows(site.db, "SELECT email FROM users")) == sorted(emails)
    paired = "SELECT count(*) FROM users u JOIN regctl_outbox m ON m.account_id = u.id"
    assert value(site.db, f"{paired} AND m.email = u.email AND m.state = 'queued'") == 200
    assert value(site.db, "SELECT count(*) FROM regctl_outbox") == 200
    assert value(site.db, "SELECT count(DISTINCT message_id) FROM regctl_outbox") == 200
    assert integrity(site.db) == "ok"


def test_administrators_made_at_once_are_one(site):
    password = site.directory / "password"
    password.write_text("correct horse")
    password.chmod(0o600)
    words = ["create-admin", "--password-file", password, "--json"]
    outcomes = at_once(site, [[*words, spelling] for spelling in SPELLINGS[:8]])
    assert Counter(code for code, _, _ in outcomes) == {0: 1, 1: 7}, outcomes
    assert value(site.db, "SELECT count(*) FROM users") == 1
    assert value(site.db, "SELECT count(*) FROM regctl_audit WHERE act = 'create-admin'") == 1


def test_of_many_who_create_the_database_one_does(new_site):
    site = new_site()
    site.key_file.unlink()
    outcomes = at_once(site, [["create-db", "--json"]] * 16)
    assert Counter(code for code, _, _ in outcomes) == {0: 1, 73: 15}, outcomes
    assert {last_error(error)["code"] for code, _, error in outcomes if code} == {"db_exists"}
    assert integrity(site.db) == "ok"
    assert value(site.db, "SELECT count(*) FROM regctl_audit WHERE act = 'create-db'") == 1
    assert not list(site.directory.glob("*.tmp*"))
    site.ok("register", EMAIL, "--no-password")
    site.ok("issue-token", EMAIL)


def test_the_last_two_administrators_cannot_both_go_at_once(site):
    """Each sees the other while it reads; only one may act on that."""
    for email in ("ann@example.org", "bob@example.org"):
        site.ok("register", email, "--no-password")
        site.ok("grant-admin", email)
    outcomes = at_once(
        site, [["revoke-admin", f"{name}@example.org", "--json"] for name in ("ann", "bob")]
    )
    assert sorted(code for code, _, _ in outcomes) == [0, 1], outcomes
    assert value(site.db, "SELECT count(*) FROM users WHERE admin = 1") == 1


# Confirming


def test_a_link_opened_30_times_at_once_confirms_once(site):
    site.ok("register", EMAIL, "--no-password")
    link = "https://app.example/confirm/" + token(EMAIL, int(time.time()))
    outcomes = at_once(site, [["confirm", link, "--json"]] * 30)
    assert {code for code, _, _ in outcomes} == {0}, outcomes
    results = [json.loads(output)["results"][0]["result"] for _, output, _ in outcomes]
    assert Counter(results) == {"confirmed": 1, "already_confirmed": 29}
    assert value(site.db, "SELECT count(*) FROM regctl_audit WHERE act = 'confirm'") == 1
    [(confirmed, confirmed_on)] = rows(site.db, "SELECT confirmed, confirmed_on FROM users")
    assert confirmed == 1
    site.ok("confirm", link)
    assert rows(site.db, "SELECT confirmed, confirmed_on FROM users") == [(1, confirmed_on)]


# Delivering


def message_ids(site: Site) -> Counter[bytes]:
    """How many files of the Maildir have each Message-ID."""
    return Counter(
        re.search(rb"^Message-ID: <([^>]+)>", path.read_bytes(), re.MULTILINE)[1]
        for path in (site.maildir / "new").iterdir()
    )


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_of_eight_deliverers_one_sends_each_mail_once(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    with connected(site.db) as connection:
        connection.execute("BEGIN")
        for number in range(40):
            account = (f"user{number}@example.org", "!", "2026-01-01 00:00:00.000000", 0, 0)
            connection.execute(
                "INSERT INTO users (email, password, registered_on, admin, confirmed)"
                " VALUES (?, ?, ?, ?, ?)",
                account,
            )
        connection.execute(
            "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,"
            " next_attempt_at, message_id) SELECT id, email, 'confirm', 'confirm', 'queued',"
            " ?1, ?1, 'mail' || id || '@app.example' FROM users",
            (int(time.time()),),
        )
        connection.execute("COMMIT")
    outcomes = at_once(site, [["deliver", "--json"]] * 8)
    assert {code for code, _, _ in outcomes} <= {0, 75}, outcomes
    assert {last_error(error)["code"] for code, _, error in outcomes if code} <= {"deliver_running"}
    sent = [json.loads(output)["sent"] for code, output, _ in outcomes if code == 0]
    assert sorted(sent)[-1] == sum(sent) == 40, outcomes
    assert message_ids(site) == {b"mail%d@app.example" % number: 1 for number in range(1, 41)}
    states = "SELECT state, attempts, possible_duplicate FROM regctl_outbox"
    assert set(rows(site.db, states)) == {("sent", 1, 0)}


def test_a_second_deliverer_fails_at_once_and_changes_nothing(site):
    site.ok("register", EMAIL, "--no-password")
    before = dump(site.db)
    with open(f"{site.db}.deliver.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        start = time.monotonic()
        code, error = site.error("deliver")
        assert time.monotonic() - start < 1
        assert (code, error["code"]) == (75, "deliver_running")
        assert dump(site.db) == before
    # The control: the lock's holder is gone, and the mail leaves.
    assert site.json("deliver")["sent"] == 1


# Waiting for a writer


def writing_commands(site: Site) -> list[list[object]]:
    """Every command that writes, with words that would succeed if it got the lock."""
    reset = bound_token([EMAIL, fingerprint("!")], int(time.time()), "reset")
    return [
        ["register", "new@example.org", "--no-password"],
        ["create-admin", "new@example.org", "--generate-password"],
        ["create-admin", EMAIL, "--promote"],
        ["confirm", token(EMAIL, int(time.time()))],
        ["confirm", "--email", EMAIL, "--reason", "called"],
        ["unconfirm", "done@example.org", "--reason", "bounced"],
        ["issue-token", EMAIL],
        ["resend", EMAIL, "--force"],
        ["change-email", EMAIL, "new@example.org"],
        ["change-email", "done@example.org", "new@example.org"],
        ["reset-password", EMAIL],
        ["reset-password", "--token", reset, "--generate-password"],
        ["deliver"],
        ["grant-admin", EMAIL],
        ["revoke-admin", "done@example.org", "--force"],
        ["migrate-db", "--unique-email"],
    ]


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_every_writer_fails_without_a_trace_when_the_lock_is_held(new_site, journal_mode):
    site = with_database(new_site(**LINKS), journal_mode)
    site.ok("register", EMAIL, "--no-password")
    site.ok("register", "done@example.org", "--no-password")
    site.ok("create-admin", "done@example.org", "--promote")
    (site.directory / "regctl.db.deliver.lock").touch()
    before = dump(site.db)
    with locked(site.db):
        for words in writing_commands(site):
            # Without an index to add, there is nothing to migrate.
            code, error = site.error(*words, "--busy-timeout", "0s")
            assert (code, error["code"], error["exit"]) == (75, "db_busy", 75), words
            assert error["hint"]
    assert dump(site.db) == before


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_a_writer_waits_as_long_as_it_was_told(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    before = dump(site.db)
    with locked(site.db):
        start = time.monotonic()
        code, error = site.error("register", EMAIL, "--no-password", "--busy-timeout", "1s")
        waited = time.monotonic() - start
    assert (code, error["code"]) == (75, "db_busy")
    assert 0.9 < waited < 3
    assert dump(site.db) == before


def test_a_reader_never_waits_for_a_writer_in_wal(site):
    site.ok("register", EMAIL, "--no-password")
    with locked(site.db, "EXCLUSIVE"):
        for words in (["list-unconfirmed"], ["show", EMAIL], ["list-outbox"], ["list-admins"]):
            site.ok(*words, "--busy-timeout", "0s")


@pytest.mark.parametrize("words", [["list-unconfirmed"], ["show", EMAIL], ["check", EMAIL]])
def test_a_reader_of_a_rollback_journal_says_that_the_database_is_busy(new_site, words):
    site = with_database(new_site(), "truncate")
    site.ok("register", EMAIL, "--no-password")
    with locked(site.db, "EXCLUSIVE"):
        code, error = site.error(*words, "--busy-timeout", "0s")
    assert (code, error["code"]) == (75, "db_busy")


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_a_writer_goes_on_as_soon_as_the_lock_is_free(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    with locked(site.db):
        words = ["register", EMAIL, "--no-password", "--busy-timeout", "60s"]
        process = spawn(site, *words)
        # It waits once the kernel says that it sleeps for a time.
        wchan = Path(f"/proc/{process.pid}/wchan")
        deadline = time.monotonic() + 30
        while "nanosleep" not in wchan.read_text():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
    start = time.monotonic()
    output, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (0, b"")
    assert output.startswith(b"Registered")
    assert time.monotonic() - start < 2
    assert wrong_with_one_account(site) == []
