"""The fixtures: both generations of packages, a mail server, the application, regctl beside it."""

from collections.abc import Callable, Iterator

import pytest
from conftest import Site

from Applications.adoption import adopt, with_own_database
from Applications.driver import Application, Suit
from Applications.mail_sink import MailSink


@pytest.fixture(scope="session")
def suits() -> Iterator[dict[str, Suit]]:
    """Both generations of packages."""
    suits = {name: Suit(name) for name in ("pinned", "today")}
    yield suits
    for suit in suits.values():
        suit.close()


@pytest.fixture(params=["pinned", "today"])
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
