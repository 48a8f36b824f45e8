"""Servers of the oldest and the newest version that regctl works with; Debian's is between them.

REGCTL_TEST_SERVERS is a directory with a directory for each version, into which its package was
installed.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from Campaigns.calls import Call, each, life
from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.kept_site import KeptSite
from Campaigns.postgresql.server_calls import DEFINING, ON_SERVER, exit_code
from Campaigns.postgresql.server_site import ServerSite
from regctl import ROOT

SERVERS = Path(os.environ.get("REGCTL_TEST_SERVERS", ROOT / ".venv" / "servers"))


@pytest.fixture(scope="module", params=["13", "18"])
def server(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A server of a version, from a place where its user can read."""
    directory = Path(tempfile.mkdtemp(prefix="regctl-test-server."))
    directory.chmod(0o755)
    shutil.copytree(SERVERS / request.param, directory, dirs_exist_ok=True)
    [initdb] = directory.rglob("bin/initdb")
    server = Cluster()
    try:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("REGCTL_TEST_POSTGRESQL_BIN", str(initdb.parent))
            server.create()
        assert server.rows("SHOW server_version")[0].startswith(f"{request.param}.")
        yield server
    finally:
        server.remove()
        shutil.rmtree(directory)


@pytest.fixture(scope="module")
def alive(server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> KeptSite:
    """A site in which every command has work."""
    site = KeptSite(tmp_path_factory.mktemp("alive"), server)
    life(site).keep("life")
    return site


@each(ON_SERVER)
def test_every_command_works(alive: KeptSite, call: Call):
    alive.bring_back("life")
    result = call.run(alive)
    assert result.returncode == exit_code(call), result


@each(DEFINING)
def test_every_schema_is_made(server_site: ServerSite, call: Call):
    result = call.run(server_site)
    assert result.returncode == 0, result
    server_site.ok("register", "ann@example.org", "--no-password")
    server_site.ok("audit", "--verify")


def test_a_database_goes_to_a_file_and_back(alive: KeptSite):
    alive.bring_back("life")
    copy, other = alive.directory / "copy.db", alive.directory / "other.db"
    alive.ok("backup", copy)
    alive.ok("move-db", other)
    there = alive.server.address(alive.server.new_database())
    alive.ok("move-db", there, "--db", other)
    exported = alive.ok("export")
    for db in (copy, other, there):
        assert alive.ok("export", "--db", db) == exported
        alive.ok("audit", "--verify", "--db", db)


def test_accounts_are_imported_in_the_order_of_their_lines(server_site: ServerSite):
    """Of two lines with one number the first gets it, as a dry run says."""
    text = '{"email":"bob@example.org","id":3}\n{"email":"eve@example.org","id":3}\n'
    for words in (["--dry-run"], []):
        result = server_site.run("import", "-", *words, "--json", input=text)
        assert b"line 2: number 3 belongs to bob@example.org" in result.stderr
    assert server_site.rows("SELECT email FROM users WHERE id = 3") == ["bob@example.org"]
