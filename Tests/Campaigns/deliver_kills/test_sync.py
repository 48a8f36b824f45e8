"""The results of mails are on the disk before they are said to be, although a thread syncs them."""

import re
import sqlite3
import subprocess
from contextlib import closing

import pytest

from Campaigns.deliver_kills.deliverers import with_mail
from Campaigns.recording_server import RecordingServer
from regctl import BINARY, Site

MAILS = 40
CALL = re.compile(r"(?P<thread>\d+) +(?:<\.\.\. )?(?P<name>\w+)(?:\((?P<words>.*)| resumed>.*)")


def calls(site: Site) -> list[str]:
    """What a deliverer writes and syncs, in the order in which it began and ended."""
    log = site.directory / "strace"
    subprocess.run(
        ["strace", "-f", "-y", "-qq", "-s", "40", "-o", log, "-e", "trace=pwrite64,fdatasync,write", BINARY, "deliver"],
        env=site.environment, capture_output=True, check=True,
    )
    return log.read_text().splitlines()


def unsynced(lines: list[str]) -> int:
    """How many writes to the log are not synced when the number of sent mails is printed."""
    written = synced = 0
    begun: dict[str, int] = {}
    for line in lines:
        call = CALL.match(line)
        assert call, line
        name, thread, words = call["name"], call["thread"], call["words"] or ""
        if name == "pwrite64" and "-wal>" in words:
            written += 1
        if name == "fdatasync" and "-wal>" in words:
            begun[thread] = written
        if name == "fdatasync" and thread in begun and not line.endswith("<unfinished ...>"):
            assert line.endswith("= 0"), line
            synced = max(synced, begun.pop(thread))
        if name == "write" and f'"Sent {MAILS}' in words:
            assert written >= MAILS // 6
            return written - synced
    raise AssertionError("nothing was said")


@pytest.fixture
def lines(new_site) -> list[str]:
    with RecordingServer() as server:
        site = with_mail(new_site(), server, MAILS, mail_connections=4)
        # As long as another program has it open, closing the database syncs nothing.
        with closing(sqlite3.connect(site.db)) as other:
            other.execute("SELECT count(*) FROM users").fetchall()
            return calls(site)


def test_what_is_said_to_be_sent_is_on_the_disk(lines):
    assert unsynced(lines) == 0
    syncing = {line.split()[0] for line in lines if "fdatasync(" in line}
    assert len(syncing) == 2, "a thread syncs what the other one goes on from"


def test_a_sync_that_is_missing_is_seen(lines):
    """The control: the same calls without the last sync."""
    last = max(index for index, line in enumerate(lines) if "fdatasync(" in line and "-wal>" in line)
    thread = lines[last].split()[0]
    without = lines[:last] + [line for line in lines[last + 1 :] if not line.startswith(f"{thread} <...")]
    assert unsynced(without) > 0
