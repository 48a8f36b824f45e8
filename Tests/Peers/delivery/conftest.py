"""Mail servers, and the ways of handing in mail to them."""

from collections.abc import Iterator

import pytest

from Peers.delivery.peers import Peer, program_settings
from Peers.mail_servers import MailServers, mail_servers, msmtp, postfix_sendmail


@pytest.fixture(scope="module")
def servers() -> Iterator[MailServers]:
    """Every server, running as long as the tests of this file."""
    with mail_servers() as running:
        yield running


@pytest.fixture
def peer(request: pytest.FixtureRequest, servers: MailServers) -> Peer:
    """The way of handing in mail that the test asks for."""
    name, mode = request.param
    if name == "sendmail":
        return Peer(program_settings(postfix_sendmail(servers.postfix)), servers.postfix)
    if name == "msmtp":
        return Peer(program_settings(msmtp(servers.postfix, mode)), servers.postfix)
    server = getattr(servers, name)
    return Peer(server.settings(mode), server)
