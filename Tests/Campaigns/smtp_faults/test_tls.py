"""TLS: good and bad certificates, and STARTTLS."""

import pytest

from Campaigns.smtp_faults.bench import LIMIT, STARTTLS, deliver, lateness, outbox, regctl
from Campaigns.smtp_faults.certificates import BAD_CERTIFICATES
from Campaigns.smtp_faults.checks import assert_nothing, wrong_traffic
from Campaigns.smtp_faults.modes import Mode, Offer
from Campaigns.smtp_faults.server import FaultServer
from regctl import Site


def refused(site: Site, server: FaultServer) -> list[str]:
    """What is wrong with a run that should have stopped before it said anything inside TLS."""
    run = deliver(regctl, site, server)
    found = [f"exit code {run.exit}, {run.stderr!r}"] * (run.exit != 69)
    if not found and run.code() != "mail_unavailable":
        found.append(f"error {run.stderr!r}")
    rows = {(mail["state"], mail["attempts"]) for mail in outbox(site)}
    found += [f"rows {rows}"] * (rows != {("queued", 0)})
    for session in server.sessions:
        if session.tls:
            found.append(f"sent inside TLS: {bytes(session.tls)[:200]!r}")
    found += lateness(run, LIMIT)
    found += [f"a mail was taken: {mail.recipients}" for mail in server.mails]
    return found + list(wrong_traffic(server))


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("certificate", "name"),
    [
        ("good", "localhost"),
        ("good", "127.0.0.1"),
        ("name only", "localhost"),
        ("address only", "127.0.0.1"),
        ("intermediate", "localhost"),
    ],
)
def test_a_good_certificate_is_trusted(bench, certificate, name, security):
    with bench.server(Mode(security, ("PLAIN",)), certificate=certificate) as server:
        site = bench.place(server, mail_server=name)
        assert site.json("deliver")["sent"] == 2
    assert_nothing(list(wrong_traffic(server)))


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(("certificate", "name"), BAD_CERTIFICATES)
def test_a_server_with_a_bad_certificate_gets_no_data(bench, certificate, name, security):
    """No byte inside TLS, no attempt counted; with a valid certificate the mails are sent."""
    with bench.server(Mode(security, ("PLAIN",)), certificate=certificate) as server:
        site = bench.place(server, mail_server=name)
        assert_nothing(refused(site, server))
        server.context = bench.certificates.context("good")
        assert site.json("deliver")["sent"] == 2


def test_the_authorities_of_the_system_do_not_vouch_for_the_server(bench):
    with bench.server(Mode("tls", ("PLAIN",))) as server:
        site = bench.place(server)
        del site.settings["mail_ca_file"]
        site.write_config()
        assert_nothing(refused(site, server))


def test_starttls_that_is_not_offered_ends_the_run(bench):
    """It would work, but an attacker who removes the capability may do more."""
    offer = Offer(stripped=True, in_clear=("AUTH PLAIN LOGIN",))
    with bench.server(STARTTLS, None, offer) as server:
        assert_nothing(refused(bench.place(server), server))
        assert [*server.commands()][:1] == ["EHLO"]
        assert "STARTTLS" not in server.commands()


@pytest.mark.parametrize(
    "injected",
    [
        b"250 2.0.0 Ok\r\n",
        b"250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n",
        b"235 2.7.0 Welcome\r\n" * 20,
        b"\r\n",
        b"x",
        b"\x15\x03\x03\x00\x02\x01\x00",
    ],
)
def test_bytes_behind_the_reply_to_starttls_end_the_run(bench, injected):
    with bench.server(STARTTLS, None, Offer(injected=injected)) as server:
        assert_nothing(refused(bench.place(server), server))
        assert server.fired == 1


def test_capabilities_received_unencrypted_are_discarded(bench):
    """PIPELINING in clear only: the server would not forgive its use."""
    mode = Mode("starttls", ("LOGIN",))
    offer = Offer(in_clear=("PIPELINING", "AUTH PLAIN"), in_tls=("AUTH LOGIN",))
    with bench.server(mode, None, offer) as server:
        assert bench.place(server).json("deliver")["sent"] == 2
        assert [*server.commands()][:4] == ["EHLO", "STARTTLS", "EHLO in TLS", "AUTH in TLS"]
    assert_nothing(list(wrong_traffic(server)))
