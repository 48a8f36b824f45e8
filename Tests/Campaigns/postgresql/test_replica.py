"""Several hosts in the address: on which of them commands run that look, and that write."""

import contextlib
import json
import socket
import time

import pytest

from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.server_site import ServerSite

LOOK = ["list-unconfirmed"]


# What libpq asks a server before version 14, to find the host that the address asks for.
QUESTIONS = ("SHOW transaction_read_only", "SELECT pg_catalog.pg_is_in_recovery()")


def count(server: Cluster) -> int:
    """The statements that regctl has run on a server."""
    return sum(
        line.startswith("regctl> ")
        and (" execute " in line or " statement: " in line)
        and not line.endswith(QUESTIONS)
        for line in server.log().splitlines()
    )


class Pair:
    """A site whose address has two hosts."""

    def __init__(self, site: ServerSite, standby: Cluster) -> None:
        self.site = site
        self.primary = site.server
        self.standby = standby
        self.number = 0
        for server in (self.primary, standby):
            server.set(log_line_prefix="%a> ", log_statement="all")

    def address(self, *servers: Cluster, rest: str = "") -> str:
        hosts = ",".join(str(server.directory) for server in servers)
        ports = ",".join(str(server.port) for server in servers)
        return f"postgresql://postgres@/{self.site.database}?host={hosts}&port={ports}{rest}"

    def runs_on(self, db: str, *words: str) -> set[str]:
        """Runs a command, which must succeed, and returns the servers that ran its statements."""
        before = count(self.primary), count(self.standby)
        self.site.ok(*words, environment={"REGCTL_DB": db})
        after = count(self.primary), count(self.standby)
        names = ("primary", "standby")
        return {name for name, old, new in zip(names, before, after) if new > old}

    def writes_on(self, db: str) -> set[str]:
        self.number += 1
        return self.runs_on(db, "register", f"a{self.number}@example.org", "--no-password")


@pytest.fixture
def hosts(pair) -> Pair:
    site, standby = pair
    return Pair(site, standby)


def test_what_looks_runs_on_the_first_host_and_what_writes_on_the_primary(hosts: Pair):
    for servers, first in [
        ((hosts.primary, hosts.standby), "primary"), ((hosts.standby, hosts.primary), "standby"),
    ]:
        db = hosts.address(*servers)
        assert hosts.runs_on(db, *LOOK) == {first}
        assert hosts.writes_on(db) == {"primary"}
        assert hosts.runs_on(db, "deliver") == {"primary"}
    assert hosts.site.value("SELECT count(*) FROM users") == "2"


@pytest.mark.parametrize(
    ("wish", "server"),
    [("prefer-standby", "standby"), ("standby", "standby"), ("primary", "primary"),
     ("read-only", "standby"), ("read-write", "primary")],
)
def test_what_looks_runs_where_the_address_asks_for(hosts: Pair, wish: str, server: str):
    for servers in [(hosts.primary, hosts.standby), (hosts.standby, hosts.primary)]:
        db = hosts.address(*servers, rest=f"&target_session_attrs={wish}")
        assert hosts.runs_on(db, *LOOK) == {server}
        assert hosts.writes_on(db) == {"primary"}


def test_looking_needs_no_primary(hosts: Pair):
    hosts.site.ok("register", "ann@example.org", "--no-password")
    limit = time.monotonic() + 10
    while hosts.standby.rows("SELECT email FROM users", hosts.site.database) == []:
        assert time.monotonic() < limit
    hosts.primary.stop()
    for servers in [(hosts.primary, hosts.standby), (hosts.standby, hosts.primary)]:
        there = {"REGCTL_DB": hosts.address(*servers)}
        assert "ann@example.org" in hosts.site.ok(*LOOK, environment=there)
        words = ["register", "bob@example.org", "--no-password"]
        code, error = hosts.site.error(*words, environment=there)
        assert (code, error["code"]) == (69, "db_unavailable"), error


def test_a_host_that_answers_nothing_is_passed_over(hosts: Pair):
    """A machine that is off: the kernel drops what comes to a listener whose queue is full."""
    with contextlib.ExitStack() as sockets:
        hole = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(hole.getsockname())
        db = (
            f"postgresql://postgres@127.0.0.1:{hole.getsockname()[1]},127.0.0.1:{hosts.standby.port},"
            f"127.0.0.1:{hosts.primary.port}/{hosts.site.database}?connect_timeout=2"
        )
        start = time.monotonic()
        assert hosts.runs_on(db, *LOOK) == {"standby"}
        assert 1 < time.monotonic() - start
        assert hosts.writes_on(db) == {"primary"}


def checks(site: ServerSite, db: str) -> dict[str, dict]:
    result = site.run("doctor", "--json", environment={"REGCTL_DB": db})
    return {check["check"]: check for check in json.loads(result.stdout)["checks"]}


def test_doctor_asks_the_primary_and_says_when_there_is_none(hosts: Pair):
    db = hosts.address(hosts.standby, hosts.primary)
    found = checks(hosts.site, db)
    assert "is on PostgreSQL" in found["server"]["detail"]
    assert "1 standby is connected" in found["replication"]["detail"]
    hosts.primary.stop()
    found = checks(hosts.site, db)
    assert found["server"]["result"] == "failed"
    assert found["server"]["detail"] == "none of the hosts takes changes: one is a standby"
