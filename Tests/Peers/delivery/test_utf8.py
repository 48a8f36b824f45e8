"""Addresses with other letters than ASCII's before the at sign (RFC 6531, RFC 6532)."""

import contextlib
import email
import email.policy
import json
import subprocess
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from Peers.delivery.peers import deliver, delivered, identity, only_row, peers, register
from Peers.mail_servers import HOST, Keeper, MailServers, program
from Peers.mails import links, outbox
from ports import free_port

ADDRESSES = ["jürgen@example.org", "用户@bücher.example", "δοκιμή+x@example.org", "\U0001f600@example.org"]
# Postfix and Exim offer SMTPUTF8; the sendmail of Postfix finds out by itself that a mail needs it.
OFFERING = [("postfix", "none"), ("postfix", "tls"), ("exim", "tls"), ("aiosmtpd", "none"), ("sendmail", "")]


@pytest.fixture(autouse=True)
def lenient_postfix(servers: MailServers) -> None:
    """A Postfix that takes eight bits in a header, which its strictest settings refuse with SMTPUTF8 too."""
    main = servers.postfix.directory / "etc" / "main.cf"
    text = main.read_text()
    if "strict_7bit_headers = yes" in text:
        main.write_text(text.replace("strict_7bit_headers = yes", "strict_7bit_headers = no"))
        subprocess.run([program("postfix"), "-c", main.parent, "reload"], check=True)


@pytest.mark.parametrize("address", ADDRESSES, ids=ascii)
@peers(OFFERING)
def test_a_mail_arrives_with_the_letters_in_its_header(made_site, peer, address):
    site = made_site(**peer.settings, allow_smtputf8="yes")
    register(site, address)
    row = delivered(site)
    assert row["email"] == address
    content = peer.server.mail(identity(row))
    local = address.split("@")[0]
    (header,) = [line for line in content.splitlines() if line.startswith(b"To: ")]
    assert header.startswith(f"To: {local}@".encode()) and b"=?" not in header
    # Python's parser knows RFC 6532, but reports the letters all the same.
    (link,) = links(email.message_from_bytes(content, policy=email.policy.SMTPUTF8))
    assert site.json("confirm", link)["results"][0]["result"] == "confirmed"


@contextlib.contextmanager
def without_smtputf8() -> Iterator[tuple[Keeper, dict[str, object]]]:
    keeper = Keeper()
    controller = Controller(keeper, hostname=HOST, port=free_port(), enable_SMTPUTF8=False)
    controller.start()
    try:
        yield keeper, {
            "mail_transport": "smtp", "mail_server": HOST, "mail_port": controller.port,
            "mail_security": "none",
        }
    finally:
        controller.stop()


def test_without_smtputf8_such_a_mail_waits_and_others_are_sent(made_site):
    with without_smtputf8() as (keeper, settings):
        site = made_site(**settings, allow_smtputf8="yes")
        for address in ("ann@example.org", "jürgen@example.org", "bob@example.org"):
            register(site, address)
        code, summary, _ = deliver(site)
        assert (summary["sent"], summary["deferred"], summary["failed"]) == (2, 1, 0)
        assert code == 75
        assert sorted(envelope.recipients for envelope in keeper.envelopes) == [
            ["ann@example.org"], ["bob@example.org"],
        ]
        (row,) = [row for row in outbox(site) if row["state"] == "queued"]
        assert row["email"] == "jürgen@example.org" and row["attempts"] == 1
        assert row["last_reply"] == (
            "the server does not offer SMTPUTF8, which the address jürgen@example.org needs"
        )
        checks = json.loads(site.run("doctor", "--json").stdout)["checks"]
        (check,) = [check for check in checks if check["check"] == "mail server"]
        assert check["result"] == "ok" and "does not offer SMTPUTF8" in check["detail"]


def test_an_account_of_the_application_is_mailed_only_where_that_is_allowed(made_site):
    with without_smtputf8() as (keeper, settings):
        site = made_site(**settings)
        register(site)
        site.execute("UPDATE users SET email = 'jürgen@example.org'",
                     "UPDATE regctl_outbox SET email = 'jürgen@example.org'")
        deliver(site)
        row = only_row(site)
        assert (row["state"], row["last_reply"]) == ("failed", "the address needs allow_smtputf8 = yes")
        assert keeper.envelopes == []
