"""K3: the power is cut at every system call of a command, and nothing acknowledged is lost."""

import sys

import pytest

from Campaigns.kill_points.removals import delete, lock, undelete
from Campaigns.kills import WRITING_CALLS
from Campaigns.power_cuts import campaign, can_mount
from Campaigns.sites import LINKS

# Does not wait for the disk, and is killed after it has said that it is done.
ACKNOWLEDGES_TOO_EARLY = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA synchronous=OFF")
db.execute("INSERT INTO regctl_locks (account_id, email, at, actor, uid, reason)"
           " VALUES (1, 'ann@example.org', 0, 'me', 0, 'sends spam')")
os.write(1, b"ann@example.org is locked")
os.write(1, b".")
"""


@pytest.fixture(autouse=True)
def _mounts(tmp_path_factory):
    if not can_mount(tmp_path_factory.mktemp("disk")):
        pytest.skip("only root can mount a disk and cut its power")


# Each command and each journal mode, as each case takes half a minute.
@pytest.mark.parametrize(
    ("command", "journal_mode"),
    [
        pytest.param(delete, "wal", id="delete-wal"),
        pytest.param(delete, "truncate", id="delete-truncate"),
        pytest.param(lock, "delete", id="lock-delete"),
        pytest.param(undelete, "wal", id="undelete-wal"),
    ],
)
def test_nothing_acknowledged_is_lost_wherever_the_power_is_cut(
    new_site, tmp_path, command, journal_mode
):
    points, wrong = campaign(command(journal_mode), new_site(**LINKS), tmp_path)
    assert points > 50
    assert not wrong, "\n".join(wrong)


def test_the_campaign_detects_a_program_that_does_not_wait(new_site, tmp_path):
    """The control: without it, a campaign that finds nothing might be blind."""
    careless = lock("wal")
    careless.program = [sys.executable, "-I", "-S", "-c", ACKNOWLEDGES_TOO_EARLY]
    careless.words = lambda site: [site.db]
    points, wrong = campaign(careless, new_site(**LINKS), tmp_path, only=WRITING_CALLS)
    assert points > 5
    assert any(found.endswith("ann@example.org: acknowledged but missing") for found in wrong), wrong
