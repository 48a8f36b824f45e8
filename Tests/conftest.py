"""What every Python test shares: dispositions of signals, engines, and sites."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# Before they are imported: an assertion that fails there says what its values were, as in a test.
pytest.register_assert_rewrite("Applications", "Campaigns", "Peers", "regctl")

import engines  # noqa: E402
from Campaigns import extent  # noqa: E402
from postgresql_server import PostgreSQLServer  # noqa: E402
from regctl import Site  # noqa: E402
from server_database import ServerDatabase  # noqa: E402

# A launcher such as nohup or a shell without job control has them ignored, and children inherit that.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "engines(*names, reason): the engines that a test runs on")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    engines.parametrize(metafunc)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what the campaigns tried, of how much."""
    if lines := extent.report():
        terminalreporter.section("points tried" if extent.IS_FULL else "points tried; REGCTL_LONG=1 tries all")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> str:
    """The engine of the databases of a test, which its mark chooses."""
    return getattr(request, "param", engines.SQLITE)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    """A server that tests share, each with databases of its own."""
    server = PostgreSQLServer()
    yield server
    server.stop()


def databases(
    engine: str, request: pytest.FixtureRequest
) -> Iterator[Callable[[], ServerDatabase | None]]:
    """Makes empty databases on a server, or `None` for files that do not exist yet."""
    if engine == engines.SQLITE:
        yield lambda: None
        return
    server, made = request.getfixturevalue("postgresql_server"), []

    def make() -> ServerDatabase:
        made.append(server.new_database())
        return made[-1]

    yield make
    for database in made:
        database.drop()


new_database = pytest.fixture(name="new_database")(databases)
new_database_of_module = pytest.fixture(name="new_database_of_module", scope="module")(databases)


@pytest.fixture(scope="session")
def created_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What `create-db` makes, to be copied: that takes less time than making it."""
    site = Site(tmp_path_factory.mktemp("created"))
    site.ok("create-db")
    return site.db.read_bytes()


@pytest.fixture(scope="session")
def created_database(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: PostgreSQLServer
) -> ServerDatabase:
    """The same on a server."""
    site = Site(tmp_path_factory.mktemp("created"), postgresql_server.new_database())
    site.ok("create-db")
    return site.db


@pytest.fixture
def site(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A place with an empty database and a known key."""
    if engine == engines.SQLITE:
        site = Site(tmp_path)
        site.db.write_bytes(request.getfixturevalue("created_file"))
        site.db.chmod(0o600)
        yield site
    else:
        database = request.getfixturevalue("created_database").copy()
        yield Site(tmp_path, database)
        database.drop()


@pytest.fixture
def new_site(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], ServerDatabase | None]
) -> Callable[..., Site]:
    """Makes further places, with settings of their own and without tables."""

    def make(**settings: object) -> Site:
        return Site(tmp_path_factory.mktemp("site"), new_database(), **settings)

    return make
