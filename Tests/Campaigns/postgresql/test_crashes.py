"""A session or the whole server is killed: nothing acknowledged is lost, nothing is half."""

import os
import signal
import time

import pytest

from Campaigns.extent import IS_FULL
from Campaigns.postgresql.load import Load, wrong
from Campaigns.postgresql.server_site import ServerSite

CRASHES = 20 if IS_FULL else 8


def backends(site: ServerSite) -> list[int]:
    query = f"SELECT pid FROM pg_stat_activity WHERE datname = '{site.database}'"
    return [int(line) for line in site.server.ask(query, check=False).stdout.splitlines()]


def kill_a_session(site: ServerSite) -> None:
    """Kills the process of one session, at which the server restarts as after a crash."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        for process in backends(site):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
            return
    raise AssertionError("no session to kill")


def restart_at_once(site: ServerSite) -> None:
    """Stops the whole server without a checkpoint and starts it again."""
    site.server.stop()
    site.server.start()


@pytest.mark.parametrize("crash", [kill_a_session, restart_at_once])
def test_nothing_acknowledged_is_lost_when_the_server_crashes_again_and_again(own_site, crash):
    site = own_site()
    load = Load(site)
    for _ in range(CRASHES):
        time.sleep(0.3)
        crash(site)
    load.end()
    while site.server.ask("SELECT 1", check=False).returncode != 0:
        time.sleep(0.1)
    assert len(load.acknowledged) > CRASHES
    # Every failure is said to be one of the server's.
    assert {code for _, code in load.codes} <= {"db_unavailable", "commit_unknown", "db_busy"}, load.codes
    assert sum(load.codes.values()) > 0
    assert load.missing() == set()
    assert wrong(site) == []
