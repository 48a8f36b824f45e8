"""K1: a command is killed at every system call by which it works, and nothing is half done or lost.

Each point gets a fresh copy of a prepared site. What the dead process left is judged twice: by
SQLite from outside, on a copy, and by the next run of regctl, which has to clean up by itself.
"""

import sys

import pytest

from Campaigns.database import JOURNAL_MODES
from Campaigns.kill_points.accounts import CREATE_ADMIN, confirm, register
from Campaigns.kill_points.databases import (
    MIGRATE_DB,
    create_again,
    create_again_in_container,
    create_db,
    import_accounts,
)
from Campaigns.kill_points.links import (
    ASK_FOR_RESET,
    CHANGE_EMAIL,
    CONFIRM_CHANGE,
    REQUEST_CHANGE,
    RESET,
)
from Campaigns.kill_points.mail import RESEND, deliver
from Campaigns.kill_points.removals import (
    delete,
    lock,
    lock_domain,
    unconfirm,
    undelete,
    unlock,
)
from Campaigns.kill_points.reports import BOUNCE, CLEAR_BOUNCE, RELEASE_HELD
from Campaigns.kills import WRITING_CALLS, campaign, changing_calls, system_calls
from Campaigns.sites import LINKS

# Controls: programs that do what regctl must not do.

TWO_TRANSACTIONS = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("INSERT INTO users (email, password, registered_on, admin, confirmed)"
           " VALUES ('ann@example.org', '!', '2026-01-01 00:00:00.000000', 0, 0)")
db.execute("INSERT INTO regctl_accounts (account_id, registered_at) VALUES (1, 0)")
db.execute("INSERT INTO regctl_audit (at, actor, uid, act) VALUES (0, 'me', 0, 'register')")
db.execute("INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,"
           " next_attempt_at, message_id) VALUES (1, 'ann@example.org', 'confirm', 'confirm',"
           " 'queued', 0, 0, 'm')")
print("Registered ann@example.org", flush=True)
"""
PRINTS_TOO_EARLY = TWO_TRANSACTIONS.replace(
    "isolation_level=None)\n", "isolation_level=None)\ndb.execute('BEGIN IMMEDIATE')\n"
).replace("flush=True)\n", "flush=True)\ndb.execute('COMMIT')\n")

LOCKS_IN_TWO = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("INSERT INTO regctl_locks (account_id, email, at, actor, uid, reason)"
           " VALUES (1, 'ann@example.org', 0, 'me', 0, 'sends spam')")
db.execute("INSERT INTO regctl_locked_passwords (account_id, email, password, placeholder)"
           " SELECT id, email, password, 'x' FROM users WHERE id = 1")
db.execute("UPDATE users SET password = 'x' WHERE id = 1")
"""
DELETES_IN_TWO = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("INSERT INTO regctl_archive (run, account_id, email, password, registered_on, admin,"
           " confirmed) SELECT -9, id, email, password, registered_on, admin, confirmed"
           " FROM users WHERE id = 1")
db.execute("DELETE FROM users WHERE id = 1")
"""


# The tests.


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_register_is_complete_or_absent_wherever_it_is_killed(new_site, tmp_path, journal_mode):
    # Every program begins alike, whatever it does then.
    calls_of = system_calls if journal_mode == "wal" else changing_calls
    points, wrong = campaign(register(journal_mode), new_site(), tmp_path, calls_of)
    assert points > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(CREATE_ADMIN, id="create-admin"),
        pytest.param(confirm("wal"), id="confirm"),
        pytest.param(deliver("wal"), id="deliver"),
        pytest.param(RESEND, id="resend"),
        pytest.param(BOUNCE, id="bounce"),
        pytest.param(CLEAR_BOUNCE, id="clear-bounce"),
        pytest.param(RELEASE_HELD, id="release-held"),
        pytest.param(CHANGE_EMAIL, id="change-email"),
        pytest.param(REQUEST_CHANGE, id="change-email-of-a-confirmed-account"),
        pytest.param(CONFIRM_CHANGE, id="confirm-a-change"),
        pytest.param(ASK_FOR_RESET, id="reset-password"),
        pytest.param(RESET, id="reset-password-by-token"),
        pytest.param(MIGRATE_DB, id="migrate-db"),
        pytest.param(import_accounts("wal"), id="import"),
        pytest.param(create_db(create_again), id="create-db"),
        pytest.param(create_db(create_again_in_container), id="create-db-in-a-container"),
    ],
)
def test_a_command_is_complete_or_absent_wherever_it_is_killed(new_site, tmp_path, command):
    points, wrong = campaign(command, new_site(**LINKS), tmp_path)
    assert points > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(lock, id="lock"),
        pytest.param(lock_domain, id="lock-of-a-domain"),
        pytest.param(unlock, id="unlock"),
        pytest.param(unconfirm, id="unconfirm"),
        pytest.param(delete, id="delete"),
        pytest.param(undelete, id="undelete"),
    ],
)
def test_each_account_is_changed_completely_wherever_a_command_is_killed(
    new_site, tmp_path, command, journal_mode
):
    points, wrong = campaign(command(journal_mode), new_site(**LINKS), tmp_path)
    assert points > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("command", "program", "violation"),
    [
        pytest.param(register, TWO_TRANSACTIONS, "1 accounts, 0 mails", id="two transactions"),
        pytest.param(
            register, PRINTS_TOO_EARLY, "acknowledged but missing", id="prints before the commit"
        ),
        pytest.param(lock, LOCKS_IN_TWO, "ann@example.org: half a lock", id="half a lock"),
        pytest.param(
            delete, DELETES_IN_TWO, "ann@example.org: 1 live, 1 in the archive", id="half a deletion"
        ),
    ],
)
def test_the_campaign_detects_a_careless_program(new_site, tmp_path, command, program, violation):
    """The control: without it, a campaign that finds nothing might be blind."""
    careless = command("wal")
    careless.program = [sys.executable, "-I", "-S", "-c", program]
    careless.words = lambda site: [site.db]
    points, wrong = campaign(careless, new_site(), tmp_path, only=WRITING_CALLS)
    assert points > 10
    assert any(found.endswith(violation) for found in wrong), wrong
