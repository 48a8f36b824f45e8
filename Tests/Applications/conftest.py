"""The fixtures: both generations of packages, a mail server, the application, regctl beside it."""

from collections.abc import Callable, Iterator

import pytest

from Applications.adoption import adopt, with_own_database
from Applications.driver import Application, PackageSet
from Applications.mail_sink import MailSink
from Applications.marks import PSYCOPG2
from regctl import Site
from server_database import ServerDatabase


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The driver of the pinned packages is psycopg2 anyway."""
    items[:] = [item for item in items if not ({"pinned", PSYCOPG2} <= parameters(item))]


def parameters(item: pytest.Item) -> set[object]:
    """The package set and the engine of a test."""
    values = item.callspec.params if hasattr(item, "callspec") else {}
    return {values.get("package_set"), values.get("engine")}


@pytest.fixture(scope="session")
def package_sets() -> Iterator[dict[str, PackageSet]]:
    """Both generations of packages."""
    package_sets = {name: PackageSet(name) for name in ("pinned", "today")}
    yield package_sets
    for package_set in package_sets.values():
        package_set.close()


@pytest.fixture(params=["pinned", "today"])
def package_set(request: pytest.FixtureRequest, package_sets: dict[str, PackageSet]) -> PackageSet:
    """One of the two; a test that does not choose runs on both."""
    return package_sets[request.param]


@pytest.fixture
def mails() -> Iterator[MailSink]:
    with MailSink() as mails:
        yield mails


@pytest.fixture
def new_application(
    package_set: PackageSet, mails: MailSink, engine: str,
    new_database: Callable[[], ServerDatabase | None], tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Application]]:
    """Creates applications without tables, which they create themselves."""
    made = []

    def make(**variables: object) -> Application:
        directory = tmp_path_factory.mktemp(package_set.name)
        if database := new_database():
            database.scheme = engine
        made.append(Application(package_set, directory, mails.port, database, **variables))
        return made[-1]

    yield make
    for application in made:
        application.stop()


@pytest.fixture
def application(new_application: Callable[..., Application]) -> Application:
    """The application, served, on a database that it made itself."""
    application = new_application()
    with_own_database(application)
    application.start()
    return application


@pytest.fixture
def site(application: Application) -> Site:
    """regctl beside the served application, whose database it has adopted."""
    return adopt(application)
