"""A standby is promoted while accounts are registered."""

import time

import pytest

from Campaigns.postgresql.load import Load, wrong
from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.server_site import ServerSite


def standby_of(primary: Cluster) -> Cluster:
    """A standby with the data of a server, which streams from it."""
    standby = Cluster()
    standby.program(
        "pg_basebackup", "-D", standby.data, "-h", primary.directory, "-p", primary.port,
        "-U", "postgres", "-R", "-X", "stream", "--no-sync", "-c", "fast",
    )
    return standby.start()


@pytest.fixture
def pair(own_site):
    """A site on a primary, and its standby."""
    site = own_site(wal_keep_size="64MB")
    standby = standby_of(site.server)
    yield site, standby
    standby.remove()


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


def test_with_synchronous_replication_nothing_acknowledged_is_lost(pair):
    site, standby = pair
    site.server.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
    site.server.ask("SELECT pg_reload_conf()")
    while site.server.rows("SELECT sync_state FROM pg_stat_replication") != ["sync"]:
        time.sleep(0.05)
    site.settings["db"] = both(site, standby)
    site.write_config()
    load = Load(site)
    time.sleep(2)
    fail_over(site, standby)
    before = len(load.acknowledged)
    time.sleep(2)
    load.end()
    assert before > 5 and len(load.acknowledged) > before + 5, (before, load.codes)
    assert {code for _, code in load.codes} <= {"db_unavailable", "commit_unknown", "db_busy"}
    site.server = standby
    assert load.missing() == set()
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
