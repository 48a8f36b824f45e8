"""K3: the power is cut at system calls of a command, and nothing acknowledged is lost.

With REGCTL_LONG=1 it is cut at every call of every command in every journal mode.
"""

import sys

import pytest

from Campaigns.database import JOURNAL_MODES
from Campaigns.extent import IS_FULL
from Campaigns.kill_points.accounts import confirm, register
from Campaigns.kill_points.copies import back_up
from Campaigns.kill_points.databases import import_accounts
from Campaigns.kill_points.erasure import erase
from Campaigns.kill_points.mail import deliver
from Campaigns.kill_points.pruning import pruning
from Campaigns.kill_points.removals import delete, lock, undelete
from Campaigns.kills import WRITING_CALLS
from Campaigns.power_cuts import campaign, can_mount
from Campaigns.sites import LINKS

COMMANDS = {
    register: "wal", confirm: "truncate", deliver: "wal", pruning: "delete", erase: "wal",
    import_accounts: "truncate", back_up: "wal", delete: "wal", lock: "delete", undelete: "truncate",
}  # fmt: skip
CASES = [
    pytest.param(command, mode, id=f"{command.__name__}-{mode}")
    for command, usual in COMMANDS.items()
    for mode in (JOURNAL_MODES if IS_FULL else [usual])
]

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
# As SQLite is used without a thought: in its default mode the end of a journal is not written through.
DEFAULTS = ACKNOWLEDGES_TOO_EARLY.replace('db.execute("PRAGMA synchronous=OFF")\n', "")
COPIES_WITHOUT_WAITING = """
import os, shutil, sys
shutil.copyfile(sys.argv[1], sys.argv[2])
os.write(1, b"Copied")
os.write(1, b".")
"""


@pytest.fixture(autouse=True)
def _mounts(tmp_path_factory):
    if not can_mount(tmp_path_factory.mktemp("disk")):
        pytest.skip("needs the right to mount a disk, and a free loop device")


@pytest.mark.parametrize(("command", "journal_mode"), CASES)
def test_nothing_acknowledged_is_lost_wherever_the_power_is_cut(
    new_site, tmp_path, command, journal_mode
):
    points, wrong = campaign(command(journal_mode), new_site(**LINKS), tmp_path)
    print(f"{points} points")
    assert points > (50 if IS_FULL else 10)
    assert not wrong, "\n".join(wrong)


# The controls: without them, a campaign that finds nothing might be blind.


@pytest.mark.parametrize(
    ("journal_mode", "program"),
    [
        pytest.param("wal", ACKNOWLEDGES_TOO_EARLY, id="without waiting"),
        pytest.param("delete", DEFAULTS, id="by default"),
    ],
)
def test_the_campaign_detects_a_program_that_does_not_wait(new_site, tmp_path, journal_mode, program):
    careless = lock(journal_mode)
    careless.program = [sys.executable, "-I", "-S", "-c", program]
    careless.words = lambda site: [site.db]
    points, wrong = campaign(careless, new_site(**LINKS), tmp_path, only=WRITING_CALLS)
    lost = [found for found in wrong if found.endswith("ann@example.org: acknowledged but missing")]
    print(f"{points} points, {len(lost)} times lost")
    assert points > 5
    assert lost, wrong


def test_the_campaign_detects_a_copy_that_is_not_written_through(new_site, tmp_path):
    careless = back_up("truncate")
    careless.program = [sys.executable, "-I", "-S", "-c", COPIES_WITHOUT_WAITING]
    careless.words = lambda site: [site.db, site.directory / "copy.db"]
    points, wrong = campaign(careless, new_site(), tmp_path, only={"write"})
    lost = [found for found in wrong if "not a whole copy" in found or "acknowledged but" in found]
    print(f"{points} points, {len(lost)} times lost")
    assert lost, wrong
