"""regctl, a session, or the whole server is killed: nothing acknowledged is lost, nothing is half."""

import os
import re
import signal
import subprocess
import time
from collections import Counter

import pytest

from Campaigns.postgresql.load import Load, wrong
from Campaigns.postgresql.server_site import ServerSite
from regctl import BINARY

# The calls by which regctl talks to the server.
NETWORK = ("sendto", "recvfrom", "poll", "connect")


def calls(site: ServerSite, *words: str) -> Counter[str]:
    """How many of these calls a command makes."""
    log = site.directory / "strace"
    trace = ["strace", "-f", "-qq", "-o", log, "-e", f"trace={','.join(NETWORK)}"]
    subprocess.run([*trace, BINARY, *words], env=site.environment, check=True, capture_output=True)
    return Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE))


def test_register_is_complete_or_absent_wherever_it_is_killed(server_site: ServerSite):
    points = [
        (name, ordinal)
        for name, count in calls(server_site, "register", "first@example.org", "--no-password").items()
        for ordinal in range(1, count + 1)
    ]
    assert len(points) > 20
    acknowledged, survivors = set(), 0
    for number, (name, ordinal) in enumerate(points):
        email = f"ann{number}@example.org"
        result = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={name}"]
            + ["-e", f"inject={name}:signal=KILL:when={ordinal}"]
            + [BINARY, "register", email, "--no-password"],
            env=server_site.environment, capture_output=True, timeout=60,
        )
        survivors += result.returncode >= 0
        if b"Registered" in result.stdout:
            acknowledged.add(email)
    # The number of polls varies with the scheduler.
    assert survivors < len(points) / 4
    # The server ends the sessions of dead processes in a moment.
    limit = time.monotonic() + 10
    sessions = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{server_site.database}'"
    while int(server_site.server.rows(sessions)[0]) > 0 and time.monotonic() < limit:
        time.sleep(0.05)
    assert wrong(server_site) == []
    assert acknowledged <= set(server_site.rows("SELECT email FROM users"))
    # Whoever is there or not, the next run works.
    server_site.ok("register", "last@example.org", "--no-password")


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
def test_nothing_acknowledged_is_lost_when_the_server_crashes_20_times(own_site, crash):
    site = own_site()
    load = Load(site)
    for _ in range(20):
        time.sleep(0.3)
        crash(site)
    load.end()
    while site.server.ask("SELECT 1", check=False).returncode != 0:
        time.sleep(0.1)
    assert len(load.acknowledged) > 20
    # Every failure is said to be one of the server's.
    assert {code for _, code in load.codes} <= {"db_unavailable", "commit_unknown", "db_busy"}, load.codes
    assert sum(load.codes.values()) > 0
    assert load.missing() == set()
    assert wrong(site) == []
