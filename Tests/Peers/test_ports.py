"""doctor looks for a port of the mail server that answers, where the configured one does not."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator

import pytest

from regctl import Site

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs ports below 1024")

# A loopback address of its own, so that servers of this machine are not in the way.
HOST = f"127.25.{os.getpid() % 250}.1"


@contextlib.contextmanager
def listening(ports: list[int]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for port in ports:
            stack.enter_context(socket.create_server((HOST, port)))
        yield


@pytest.mark.parametrize(
    "security, ports, words, advice",
    [
        ("tls", [587, 25], "ports 25 and 587 answer, port 2525 does not answer",
         "set 'mail_security = starttls'"),
        ("starttls", [465], "port 465 answers, ports 25 and 2525 do not answer",
         "set 'mail_security = tls'"),
        ("tls", [2525], "port 2525 answers, ports 25 and 587 do not answer",
         "set 'mail_security = starttls' and 'mail_port = 2525'"),
        ("tls", [25], "port 25 answers, ports 587 and 2525 do not answer",
         "set 'mail_security = none'"),
        ("tls", [], "ports 25, 587 and 2525 do not answer",
         "check mail_server; if the host of this machine lets no mail out, ask it to, or use a relay at "
         "port 2525, which most hosts leave open"),
    ],
)
def test_a_port_that_answers_is_named_with_its_settings(tmp_path, security, ports, words, advice):
    site = Site(tmp_path, mail_transport="smtp", mail_server=HOST, mail_security=security)
    site.ok("create-db")
    with listening(ports):
        result = site.run("doctor", "--json")
    assert result.returncode == 1
    (check,) = [check for check in json.loads(result.stdout)["checks"] if check["check"] == "mail server"]
    assert check["result"] == "failed"
    assert check["detail"].startswith("mail cannot be sent: ") and check["detail"].endswith(f"; {words}")
    assert check["advice"] == advice
