"""What every Python test shares: dispositions of signals, and sites."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before they are imported: an assertion that fails there says what its values were, as in a test.
pytest.register_assert_rewrite("Applications", "Campaigns", "Peers", "regctl")

from postgresql_server import PostgreSQLServer  # noqa: E402
from regctl import Site  # noqa: E402

# A launcher such as nohup or a shell without job control has them ignored, and children inherit that.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A place with an empty database and a known key."""
    site = Site(tmp_path)
    site.ok("create-db")
    return site


@pytest.fixture
def new_site(tmp_path_factory: pytest.TempPathFactory):
    """Makes further places, with settings of their own and without a database."""

    def make(**settings: object) -> Site:
        return Site(tmp_path_factory.mktemp("site"), **settings)

    return make


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    """A server that tests share, each with databases of its own."""
    server = PostgreSQLServer()
    yield server
    server.stop()
