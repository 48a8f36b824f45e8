"""A standby is promoted while accounts are registered."""

import time

import pytest

from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.load import Load, wrong
from Campaigns.postgresql.server_site import ServerSite
from Campaigns.processes import last_error, spawn
from Campaigns.recording_server import Halt, RecordingServer


def both(site: ServerSite, standby: Cluster) -> str:
    """The address of whichever of both takes writes."""
    ports = f"{site.server.port},{standby.port}"
    return (
        f"postgresql://postgres@/{site.database}?host={site.server.directory},{standby.directory}"
        f"&port={ports}&target_session_attrs=read-write&connect_timeout=3"
    )


def fail_over(site: ServerSite, standby: Cluster) -> None:
    """The primary dies, and the standby takes its place."""
    site.server.stop()
    assert standby.rows("SELECT pg_promote()") == ["t"]


def wait_for(server: Cluster, query: str, expected: list[str], database: str = "postgres") -> None:
    limit = time.monotonic() + 60
    while (rows := server.rows(query, database)) != expected:
        assert time.monotonic() < limit, (query, rows)
        time.sleep(0.05)


def wait_until_received(site: ServerSite, standby: Cluster, query: str) -> None:
    """Waits until the standby has what the primary has, to which more may come meanwhile."""
    limit = time.monotonic() + 60
    while (rows := standby.rows(query, site.database)) != (there := site.rows(query)):
        assert time.monotonic() < limit, (query, rows, there)
        time.sleep(0.05)


def set_up(server: Cluster, setting: str, value: str) -> None:
    server.ask(f"ALTER SYSTEM SET {setting} = '{value}'")
    server.ask("SELECT pg_reload_conf()")


def make_synchronous(site: ServerSite) -> None:
    set_up(site.server, "synchronous_standby_names", "*")
    wait_for(site.server, "SELECT sync_state FROM pg_stat_replication", ["sync"])


def cut(site: ServerSite, standby: Cluster) -> None:
    """The standby receives nothing more."""
    set_up(standby, "primary_conninfo", "")
    wait_for(site.server, "SELECT count(*) FROM pg_stat_replication", ["0"])


# How registrations fail meanwhile.
HONEST = {(69, "db_unavailable"), (75, "db_unavailable"), (75, "commit_unknown"), (75, "db_busy")}


def test_with_synchronous_replication_nothing_acknowledged_is_lost(pair):
    site, standby = pair
    make_synchronous(site)
    site.settings["db"] = both(site, standby)
    site.write_config()
    load = Load(site)
    time.sleep(2)
    fail_over(site, standby)
    before = len(load.acknowledged)
    time.sleep(2)
    load.end()
    assert before > 5 and len(load.acknowledged) > before + 5, (before, load.codes)
    assert set(load.codes) <= HONEST
    site.server = standby
    assert load.missing() == set()
    assert wrong(site) == []


def test_with_asynchronous_replication_what_is_left_is_whole(pair, record_property):
    """What the standby has not received is lost, and nothing else is."""
    site, standby = pair
    site.settings["db"] = both(site, standby)
    site.write_config()
    load = Load(site)
    time.sleep(2)
    cut(site, standby)
    received = set(standby.rows("SELECT email FROM users", site.database))
    time.sleep(1)
    fail_over(site, standby)
    before = set(load.acknowledged)
    time.sleep(2)
    load.end()
    site.server = standby
    lost = load.missing()
    print(f"{len(lost)} of {len(load.acknowledged)} acknowledged registrations are lost")
    record_property("lost", len(lost))
    assert lost and lost <= before - received
    assert len(load.acknowledged) > len(before) + 5, load.codes
    assert received <= set(site.rows("SELECT email FROM users"))
    assert set(load.codes) <= HONEST
    assert wrong(site) == []


@pytest.mark.parametrize(
    "is_synchronous, dies", [(True, False), (True, True), (False, True)],
    ids=["synchronous", "synchronous, of one host", "asynchronous, of one host"],
)  # fmt: skip
def test_a_mail_that_goes_twice_because_of_a_failover_is_marked(pair, is_synchronous, dies):
    """The primary dies when a mail is accepted and that is not recorded; so may the deliverer."""
    site, standby = pair
    if is_synchronous:
        make_synchronous(site)
    with RecordingServer() as mails:
        site.settings |= {
            "db": both(site, standby), "mail_transport": "smtp", "mail_server": "127.0.0.1",
            "mail_port": mails.port, "mail_security": "none", "mail_connections": 1,
        }
        site.write_config()
        for number in range(5):
            site.ok("register", f"ann{number}@example.org", "--no-password")
        mails.on_step = Halt("dot", skip=2, drop=False)
        deliverer = spawn(site, "deliver", "--json")
        mails.on_step.wait()
        claimed = "SELECT id FROM regctl_outbox WHERE state = 'sending' ORDER BY id"
        assert site.rows(claimed)
        wait_until_received(site, standby, claimed)
        fail_over(site, standby)
        if dies:
            deliverer.kill()
        mails.on_step.lift()
        _, error = deliverer.communicate(timeout=120)
        if not dies:
            assert (deliverer.returncode, last_error(error)["code"]) in HONEST, error
        mails.wait_until_idle()
        site.server = standby
        site.ok("deliver")
        marked = site.rows("SELECT message_id FROM regctl_outbox WHERE possible_duplicate")
        # A mail gets the domain of its Message-ID when it is sent.
        marked = {identity.split("@")[0] for identity in marked}
        twice = {name.split("@")[0] for name, count in mails.accepted.items() if count > 1}
        assert twice <= marked
        # A deliverer that lives records over another connection what it knows. One that dies leaves
        # what was in flight and what it was about to record.
        assert (1 if dies else 0) <= len(twice) <= (3 if dies else 0)
        assert len(mails.accepted) == 5 and max(mails.accepted.values()) == 1 + dies
        assert site.rows("SELECT DISTINCT state FROM regctl_outbox") == ["sent"]
        assert wrong(site) == []


def test_commands_that_only_look_work_on_a_standby(pair):
    site, standby = pair
    site.ok("register", "ann@example.org", "--no-password")
    limit = time.monotonic() + 10
    while standby.rows("SELECT email FROM users", site.database) == [] and time.monotonic() < limit:
        time.sleep(0.05)
    there = {"REGCTL_DB": standby.address(site.database)}
    assert "ann@example.org" in site.ok("show", "ann@example.org", environment=there)
    assert "ann@example.org" in site.ok("list-unconfirmed", environment=there)
    code, error = site.error("register", "bob@example.org", "--no-password", environment=there)
    assert (code, error["code"]) == (77, "db_readonly")
