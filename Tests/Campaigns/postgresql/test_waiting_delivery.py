"""`deliver --wait-for` on a server: how soon after a commit a mail is sent."""

import os
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator

import pytest

from Campaigns.postgresql.server_site import ServerSite
from Campaigns.processes import spawn

# Without a notice the outbox is looked at in such intervals, in seconds.
POLL = 5


def sent(site: ServerSite) -> int:
    """How many mails the Maildir has."""
    new = site.maildir / "new"
    return len(os.listdir(new)) if new.exists() else 0


def wait_until(condition, seconds: float = 60) -> float:
    """Waits for a condition and returns when it was met."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.002)
    return time.monotonic()


@pytest.fixture
def waiting(server_site: ServerSite) -> Iterator[subprocess.Popen]:
    """A process that waits for mail, whose first pass is over."""
    server_site.ok("register", "first@example.org", "--no-password")
    process = spawn(server_site, "deliver", "--wait-for", "5m", "--json")
    wait_until(lambda: server_site.value("SELECT state FROM regctl_outbox") == "sent")
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()


def test_a_mail_is_sent_a_moment_after_the_registration(server_site: ServerSite, waiting):
    """The delay is 20 ms on a quiet machine; it only must not be that of polling."""
    delays = []
    for number in range(20):
        before = sent(server_site)
        server_site.ok("register", f"ann{number}@example.org", "--no-password")
        # The command has returned after its commit.
        committed = time.monotonic()
        delays.append(wait_until(lambda: sent(server_site) > before) - committed)
    print(f"median {statistics.median(delays) * 1000:.1f} ms, longest {max(delays) * 1000:.1f} ms")
    assert statistics.median(delays) < POLL / 5, delays
    waiting.send_signal(signal.SIGTERM)
    assert waiting.wait(60) == -signal.SIGTERM
    assert server_site.rows("SELECT DISTINCT state, attempts FROM regctl_outbox") == ["sent|1"]


def test_without_a_notice_it_is_sent_when_the_outbox_is_looked_at(server_site: ServerSite, waiting):
    before = sent(server_site)
    server_site.ok("register", "ann@example.org", "--no-password", "--no-mail")
    server_site.server.ask(
        "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,"
        " next_attempt_at, message_id) SELECT id, email, 'confirm', 'confirm', 'queued',"
        " extract(epoch FROM now())::bigint, extract(epoch FROM now())::bigint, 'm1@app.example'"
        " FROM users WHERE email = 'ann@example.org'", server_site.database,
    )
    wait_until(lambda: sent(server_site) > before, POLL * 10)


def test_two_hosts_wait_and_each_mail_goes_once(server_site: ServerSite, waiting):
    other = spawn(server_site, "deliver", "--wait-for", "5m", "--json")
    try:
        for number in range(20):
            server_site.ok("register", f"ann{number}@example.org", "--no-password")
        states = "SELECT state, attempts, count(*) FROM regctl_outbox GROUP BY 1, 2"
        wait_until(lambda: server_site.rows(states) == ["sent|1|21"])
        assert sent(server_site) == 21
        # Whoever did not deliver goes on.
        assert waiting.poll() is None and other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_connection_that_is_lost_while_it_waits_ends_it(server_site: ServerSite, waiting):
    server_site.server.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{server_site.database}' AND application_name = 'regctl'"
    )
    assert waiting.wait(60) == 75
    assert b'"code":"db_unavailable"' in waiting.stderr.read()


def test_behind_a_pooler_it_needs_the_address_of_the_server(server_site: ServerSite, pooled: str):
    direct = server_site.settings["db"]
    words = ["deliver", "--wait-for", "2s"]
    code, error = server_site.error(*words, environment={"REGCTL_DB": pooled})
    assert (code, error["code"]) == (78, "config_error") and "db_deliver" in error["hint"]
    there = {"REGCTL_DB": pooled, "REGCTL_DB_DELIVER": direct}
    server_site.ok("register", "ann@example.org", "--no-password", environment=there)
    server_site.ok(*words, environment=there)
    assert sent(server_site) == 1
