"""A server for the tests of this folder, and sites on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.server_site import ServerSite


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
