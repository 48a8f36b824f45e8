"""A server that wants an access token of OAuth in place of a password."""

import contextlib
import json
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from Peers.delivery.peers import deliver, only_row, register
from Peers.mail_servers import HOST, Certificates, Keeper, authenticate
from ports import free_port


class XOAUTH2(Keeper):
    async def auth_XOAUTH2(self, _server, _words) -> AuthResult:  # noqa: N802
        return AuthResult(success=False)


class OAUTHBEARER(Keeper):
    async def auth_OAUTHBEARER(self, _server, _words) -> AuthResult:  # noqa: N802
        return AuthResult(success=False)


@contextlib.contextmanager
def wanting_tokens(keeper: Keeper, certificates: Certificates) -> Iterator[int]:
    """A server that offers nothing but that mechanism, inside TLS; its port."""
    controller = Controller(
        keeper, hostname=HOST, port=free_port(), server_hostname="mail.test",
        ssl_context=certificates.context(), authenticator=authenticate, auth_required=True,
        auth_require_tls=False, auth_exclude_mechanism=["PLAIN", "LOGIN"],
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.mark.parametrize("keeper", [XOAUTH2(), OAUTHBEARER()], ids=lambda keeper: type(keeper).__name__)
def test_msmtp_is_named_as_the_way_out(made_site, keeper, tmp_path):
    directory = tmp_path / "certificates"
    directory.mkdir()
    certificates = Certificates(directory)
    password = directory / "password"
    password.write_text("a token would be needed\n")
    password.chmod(0o600)
    with wanting_tokens(keeper, certificates) as port:
        site = made_site(
            mail_transport="smtp", mail_server=HOST, mail_port=port, mail_ca_file=certificates.ca,
            mail_username="regctl", mail_password_file=password,
        )
        register(site)
        code, summary, error = deliver(site)
        assert (code, error["code"], summary["sent"]) == (69, "mail_unavailable", 0)
        assert f"wants AUTH by {type(keeper).__name__}" in error["message"]
        assert "/usr/bin/msmtp" in error["hint"]
        row = only_row(site)
        assert (row["state"], row["attempts"]) == ("queued", 0)
        checks = json.loads(site.run("doctor", "--json").stdout)["checks"]
        (check,) = [check for check in checks if check["check"] == "mail server"]
        assert check["result"] == "failed" and "/usr/bin/msmtp" in check["advice"]
