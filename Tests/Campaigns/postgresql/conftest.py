"""A server for the tests of this folder, and sites on it."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from Campaigns.postgresql.cluster import Cluster, standby_of
from Campaigns.postgresql.server_site import ServerSite
from ports import free_port


@pytest.fixture(scope="session")
def server() -> Iterator[Cluster]:
    """A server that tests share which leave it running."""
    server = Cluster()
    try:
        yield server.create()
    finally:
        server.remove()


@pytest.fixture
def server_site(server: Cluster, tmp_path: Path) -> ServerSite:
    """A site with a new database on the shared server."""
    site = ServerSite(tmp_path, server)
    site.ok("create-db")
    return site


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Callable[..., ServerSite]]:
    """Makes a site with a new database on a server of its own, which a test may end."""
    servers: list[Cluster] = []

    def make(**settings: object) -> ServerSite:
        servers.append(Cluster(**settings))
        site = ServerSite(tmp_path, servers[-1].create())
        site.ok("create-db")
        return site

    yield make
    for server in servers:
        server.remove()


@pytest.fixture
def pooled(server: Cluster, server_site: ServerSite, tmp_path: Path) -> Iterator[str]:
    """The address of the site's database behind PgBouncer in its mode for transactions."""
    port = free_port()
    configuration = tmp_path / "pgbouncer.ini"
    configuration.write_text(
        f"[databases]\n* = host={server.directory} port={server.port} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        "auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n"
    )
    readable = tmp_path
    while readable != Path(tempfile.gettempdir()):
        readable.chmod(0o755)
        readable = readable.parent
    user = "postgres" if os.geteuid() == 0 else None
    process = subprocess.Popen(["pgbouncer", "-q", configuration], user=user, cwd="/")
    address = f"postgresql://postgres@127.0.0.1:{port}/{server_site.database}?sslmode=disable"
    limit = time.monotonic() + 30
    while subprocess.run(["psql", "-XAtc", "", address], capture_output=True).returncode != 0:
        assert process.poll() is None and time.monotonic() < limit
        time.sleep(0.05)
    yield address
    process.kill()
    process.wait()


@pytest.fixture
def pair(own_site):
    """A site on a primary, and its standby."""
    site = own_site(wal_keep_size="64MB")
    standby = standby_of(site.server)
    yield site, standby
    standby.remove()
