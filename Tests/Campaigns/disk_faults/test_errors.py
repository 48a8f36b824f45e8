"""K4, K5: each file call of a command fails in turn, and nothing is half done, lost or claimed.

With REGCTL_LONG=1 every call fails with each error, once and from then on, in every journal mode.
"""

import subprocess
import sys

import pytest

from Campaigns.database import JOURNAL_MODES
from Campaigns.disk_faults.commands import ACKNOWLEDGED
from Campaigns.disk_faults.errors import Fault, campaign
from Campaigns.extent import IS_FULL
from Campaigns.kill_points.accounts import EMAIL, register
from Campaigns.kills import WRITING_CALLS, changing_calls
from Campaigns.processes import last_error
from Campaigns.sites import LINKS
from regctl import BINARY, Site

# How many faults of a command are tried when not all are.
SAMPLE = 30

MODES = {command: mode for command, mode in zip(ACKNOWLEDGED, ["wal", "truncate"] * 4, strict=True)}
CASES = [
    pytest.param(command, mode, id=f"{command.__name__}-{mode}")
    for command, usual in MODES.items()
    for mode in (JOURNAL_MODES if IS_FULL else [usual])
]

# Takes no notice of what goes wrong.
CARELESS = """
import contextlib, os, sqlite3, sys
with contextlib.suppress(Exception):
    db = sqlite3.connect(sys.argv[1], isolation_level=None)
    db.execute("BEGIN")
    db.execute("INSERT INTO users (email, password, registered_on, admin, confirmed)"
               " VALUES ('ann@example.org', '!', '2026-01-01 00:00:00.000000', 0, 0)")
    db.execute("INSERT INTO regctl_accounts (account_id, registered_at) VALUES (1, 0)")
    db.execute("INSERT INTO regctl_audit (at, actor, uid, act) VALUES (0, 'me', 0, 'register')")
    db.execute("INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,"
               " next_attempt_at, message_id) VALUES (1, 'ann@example.org', 'confirm', 'confirm',"
               " 'queued', 0, 0, 'm')")
    db.execute("COMMIT")
os.write(1, b"Registered ann@example.org")
"""


@pytest.mark.parametrize(("command", "journal_mode"), CASES)
def test_a_failing_disk_is_an_error_and_leaves_nothing_half_done(
    new_site, tmp_path, command, journal_mode
):
    acknowledged = ACKNOWLEDGED[command]
    report = campaign(command(journal_mode), acknowledged, new_site(**LINKS), tmp_path, SAMPLE)
    print(report)
    assert report.wrong == [], "\n".join([f"{len(report.wrong)} violations", *report.wrong[:40]])
    # Otherwise the faults were not felt.
    assert report.exits[74] > report.exits.total() / 4


def test_a_log_whose_locks_cannot_be_had_is_busy(new_site):
    site = new_site()
    site.ok("create-db")
    # SQLite tries for ten seconds; the first locks are those of the file itself.
    fault = Fault("fcntl", 20, "EIO", lasts=True)
    result = subprocess.run(
        [*fault.tracer, BINARY, "register", EMAIL, "--no-password", "--json"],
        env=site.environment, capture_output=True, timeout=120,
    )  # fmt: skip
    assert result.returncode == 75
    assert last_error(result.stderr)["code"] == "db_busy"
    site.ok("register", EMAIL, "--no-password")


def test_the_campaign_detects_a_program_that_ignores_errors(new_site, tmp_path):
    """The control: without it, a campaign that finds nothing might be blind."""
    careless = register("wal")
    careless.program = [sys.executable, "-I", "-S", "-c", CARELESS]
    careless.words = lambda site: [site.db]

    def writing_calls(line: list[str], site: Site) -> list[tuple[str, int]]:
        return [call for call in changing_calls(line, site) if call[0] in WRITING_CALLS]

    report = campaign(careless, "Registered", new_site(), tmp_path, SAMPLE, writing_calls)
    lost = [found for found in report.wrong if found.endswith("acknowledged but missing")]
    print(f"{report}, {len(lost)} times lost")
    assert len(lost) > 3, report.wrong
