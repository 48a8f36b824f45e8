"""What the tests of the applications share.

A module of its own, to be imported by name: `conftest` is that of all Python tests.
"""

from collections.abc import Callable, Iterator

import pytest
from conftest import Site
from driver import SALT, Application, Suit
from mail_sink import MailSink

SUITS = ["pinned", "today"]
# For tests of what only one generation does.
only_pinned = pytest.mark.parametrize("suit", ["pinned"], indirect=True)
only_today = pytest.mark.parametrize("suit", ["today"], indirect=True)


def fails(symptom: str) -> pytest.MarkDecorator:
    """Marks what must be so and is not yet: the test fails as soon as it is, until the mark goes."""
    return pytest.mark.xfail(strict=True, raises=AssertionError, reason=symptom)


@pytest.fixture(scope="session")
def suits() -> Iterator[dict[str, Suit]]:
    """Both generations of packages."""
    suits = {name: Suit(name) for name in SUITS}
    yield suits
    for suit in suits.values():
        suit.close()


@pytest.fixture(params=SUITS)
def suit(request: pytest.FixtureRequest, suits: dict[str, Suit]) -> Suit:
    """One of the two; a test that does not choose runs on both."""
    return suits[request.param]


@pytest.fixture
def mails() -> Iterator[MailSink]:
    with MailSink() as mails:
        yield mails


@pytest.fixture
def new_application(
    suit: Suit, mails: MailSink, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Application]]:
    """Makes applications without a database, which is theirs to make."""
    made = []

    def make(**variables: object) -> Application:
        directory = tmp_path_factory.mktemp(suit.name)
        made.append(Application(suit, directory, mails.port, **variables))
        return made[-1]

    yield make
    for application in made:
        application.stop()


_databases: dict[str, bytes] = {}


def with_own_database(application: Application) -> None:
    """Gives the application what its `create_db` makes; that is run once a suit."""
    name = application.suit.name
    if name not in _databases:
        application.manage("create_db")
        _databases[name] = application.database.read_bytes()
    application.database.write_bytes(_databases[name])


@pytest.fixture
def application(new_application: Callable[..., Application]) -> Application:
    """The application, served, on a database that it made itself."""
    application = new_application()
    with_own_database(application)
    application.start()
    return application


def adopt(application: Application, **settings: object) -> Site:
    """regctl with the application's key, salt, database, links and mail server.

    The database is adopted unless the test does that by itself: `migrate=False`. A setting of
    `None` is left out.
    """
    is_to_migrate = settings.pop("migrate", True)
    settings = (
        {
            "db": application.database,
            "security_password_salt": SALT,
            "confirm_url": f"{application.origin}/confirm/{{token}}",
            "reset_url": f"{application.origin}/forgot/new/{{token}}",
            "mail_transport": "smtp",
            "mail_server": "127.0.0.1",
            "mail_port": application.environment["APP_MAIL_PORT"],
            "mail_security": "none",
        }
        | settings
    )
    given = {name: value for name, value in settings.items() if value is not None}
    site = Site(application.directory, **given)
    site.db = application.database
    if is_to_migrate:
        site.ok("migrate-db")
    return site


@pytest.fixture
def site(application: Application) -> Site:
    """regctl beside the served application, whose database it has adopted."""
    return adopt(application)
