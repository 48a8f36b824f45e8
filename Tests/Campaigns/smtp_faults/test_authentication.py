"""AUTH: wrong passwords, unknown mechanisms, and none without TLS."""

import base64

import pytest

from Campaigns.smtp_faults.bench import CLEAR, deliver, outbox, regctl, write_password
from Campaigns.smtp_faults.checks import assert_nothing, wrong_traffic
from Campaigns.smtp_faults.modes import PASSWORD, USERNAME, Mode, Offer
from Campaigns.smtp_faults.server import FaultServer


def commands_of_mail(server: FaultServer) -> list[str]:
    return [line for line in server.commands() if line.startswith(("MAIL", "RCPT", "DATA"))]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("auth", [("PLAIN",), ("LOGIN",), ("PLAIN", "LOGIN")], ids="-".join)
def test_a_wrong_password_ends_the_run_and_is_shown_nowhere(bench, security, auth):
    with bench.server(Mode(security, auth)) as server:
        site = bench.place(server)
        wrong = "not the right pa$$w\u00f6rd"
        write_password(site.directory, wrong)
        printed = b""
        for words in (["deliver", "--json"], ["deliver", "--verbose"], ["list-outbox"], ["config"]):
            run = site.run(*words)
            printed += run.stdout + run.stderr
            assert run.returncode == (69 if words[0] == "deliver" else 0), run
        found = {(mail["state"], mail["attempts"]) for mail in outbox(site)}
        assert found == {("queued", 0)}
        assert commands_of_mail(server) == []
        assert {session.authenticated for session in server.sessions} == {False}
        files = b"".join(path.read_bytes() for path in site.directory.glob("regctl.db*"))
        for secret in (wrong, base64.b64encode(wrong.encode()).decode(), wrong[4:]):
            assert secret.encode() not in printed + files
        # The control: with the right one the mails leave.
        write_password(site.directory, PASSWORD)
        assert site.json("deliver")["sent"] == 2
    assert_nothing(list(wrong_traffic(server)))


@pytest.mark.parametrize("in_tls", [(), ("AUTH",), ("AUTH CRAM-MD5 XOAUTH2",), ("XAUTH PLAIN",)])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_without_a_known_way_to_log_in_the_run_ends(bench, security, in_tls):
    """Capabilities received unencrypted are ignored, and no mail is sent without a login."""
    offer = Offer(in_clear=("AUTH PLAIN LOGIN",), in_tls=in_tls)
    with bench.server(Mode(security, ("PLAIN",)), None, offer) as server:
        site = bench.place(server)
        run = deliver(regctl, site, server)
        assert (run.exit, run.code()) == (69, "mail_unavailable")
        assert {(mail["state"], mail["attempts"]) for mail in outbox(site)} == {("queued", 0)}
        assert not [line for line in server.commands() if line.startswith("AUTH")]
        assert commands_of_mail(server) == []
    assert_nothing(list(wrong_traffic(server)))


def test_a_name_without_tls_is_a_mistake_in_the_settings(bench):
    with bench.server(CLEAR) as server:
        site = bench.place(server, mail_username=USERNAME)
        site.settings["mail_password_file"] = write_password(site.directory, PASSWORD)
        site.write_config()
        assert site.error("deliver")[0] == 78
        assert server.sessions == []


def test_a_password_too_long_for_a_line_is_sent_separately(bench):
    """AUTH with a first answer is a command, and no longer than one (RFC 4954, 4)."""
    with bench.server(Mode("tls", ("PLAIN",))) as server:
        server.password = "long" * 150
        site = bench.place(server)
        write_password(site.directory, server.password)
        assert site.json("deliver")["sent"] == 2
    assert_nothing(list(wrong_traffic(server)))
