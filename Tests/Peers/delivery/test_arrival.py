"""Mail that real servers and programs accept from regctl arrives unchanged."""

import re
import shutil
import time
from collections import Counter
from pathlib import Path

from Peers.delivery.hazards import HAZARDS, without_soft_breaks, write_templates
from Peers.delivery.peers import (
    BYTE_KEEPERS,
    NAME,
    PROGRAMS,
    SENDER,
    SMTP_PEERS,
    arrived,
    delivered,
    identity,
    peers,
    register,
)
from Peers.mails import display_name, links, parse

LONG_URL = f"https://app.example/x{'confirm/' * 34}{{token}}"


# Received mail.


@peers(SMTP_PEERS + PROGRAMS)
def test_a_mail_arrives_as_it_was_meant(made_site, peer):
    before = int(time.time())
    site = made_site(**peer.settings, service_name=NAME, mail_default_sender=SENDER)
    content, row = arrived(site, peer)
    mail = parse(content)
    assert display_name(content) == NAME
    assert [each.addr_spec for each in mail["From"].addresses] == ["accounts@app.example"]
    assert [each.addr_spec for each in mail["To"].addresses] == ["ann@example.org"]
    assert mail["Subject"] == f"Confirm your e-mail address for {NAME}"
    assert before <= mail["Date"].datetime.timestamp() <= time.time()
    assert mail["Message-ID"] == f"<{identity(row)}>"
    assert mail["Auto-Submitted"] == "auto-generated"
    names = Counter(name.lower() for name in mail)
    for name in ("from", "to", "subject", "date", "message-id", "mime-version", "content-type"):
        assert names[name] == 1


@peers(SMTP_PEERS + PROGRAMS)
def test_both_parts_arrive_in_utf_8_with_one_link_that_confirms(made_site, peer):
    site = made_site(**peer.settings, service_name=NAME, mail_default_sender=SENDER)
    content, _ = arrived(site, peer)
    mail = parse(content)
    assert mail.get_content_type() == "multipart/alternative"
    parts = list(mail.iter_parts())
    assert [each.get_content_type() for each in parts] == ["text/plain", "text/html"]
    assert [each.get_content_charset() for each in parts] == ["utf-8", "utf-8"]
    assert all(NAME in each.get_content() for each in parts)
    (link,) = links(mail)
    assert site.json("confirm", link)["results"][0]["result"] == "confirmed"


@peers(SMTP_PEERS + PROGRAMS)
def test_a_link_of_more_than_three_hundred_characters_arrives_whole(made_site, peer):
    assert len(LONG_URL) == 300
    site = made_site(**peer.settings, confirm_url=LONG_URL)
    content, _ = arrived(site, peer)
    (link,) = links(parse(content))
    assert link.startswith(LONG_URL.removesuffix("{token}"))
    assert site.json("confirm", link)["results"][0]["result"] == "confirmed"


@peers(BYTE_KEEPERS)
def test_the_envelope_names_one_sender_and_one_recipient(made_site, peer):
    site = made_site(**peer.settings, mail_envelope_sender="bounces@app.example")
    register(site)
    envelope = peer.server.envelope(identity(delivered(site)))
    assert envelope.sender == "bounces@app.example"
    assert envelope.recipients == ["ann@example.org"]


@peers(SMTP_PEERS + PROGRAMS)
def test_a_mail_has_the_further_headers_and_an_address_for_answers(made_site, peer, tmp_path):
    file = tmp_path / "headers"
    words = "word " * 30
    file.write_text(f"# A stream\nFeedback-ID: accounts:app.example\n\nX-Words: {words}\n")
    file.chmod(0o600)
    site = made_site(
        **peer.settings, mail_headers=file, mail_reply_to="Hilfe für Sie <help@app.example>"
    )
    content, _ = arrived(site, peer)
    mail = parse(content)
    assert mail["Feedback-ID"] == "accounts:app.example"
    assert mail["X-Words"] == words.strip()
    (answers,) = mail["Reply-To"].addresses
    assert (answers.display_name, answers.addr_spec) == ("Hilfe für Sie", "help@app.example")


@peers(BYTE_KEEPERS)
def test_redirected_mail_reaches_one_address_only(made_site, peer):
    site = made_site(**peer.settings, mail_redirect_all="bob@example.org")
    register(site)
    id = identity(delivered(site))
    assert peer.server.envelope(id).recipients == ["bob@example.org"]
    mail = parse(peer.server.mail(id))
    assert mail["To"] == "bob@example.org"
    assert mail["X-Regctl-Original-To"] == "ann@example.org"


def both_ways(made_site, peer, templates: Path) -> tuple[bytes, bytes]:
    """A mail as it arrives at a server, and as a Maildir gets it."""
    other = made_site(templates_dir=templates, service_name=NAME)
    register(other)
    # The same row goes both ways.
    site = made_site(**peer.settings, templates_dir=templates, service_name=NAME)
    shutil.copyfile(other.db, site.db)
    content = peer.server.mail(identity(delivered(site)))
    other.ok("deliver")
    (path,) = other.maildir.glob("new/*")
    _, kept = path.read_bytes().split(b"\n", 1)
    return content, kept.replace(b"\n", b"\r\n")


def date(content: bytes) -> bytes:
    return re.search(rb"^Date: .*$", content, re.M)[0]


@peers(BYTE_KEEPERS)
def test_every_byte_arrives_as_a_maildir_would_get_it(made_site, peer, tmp_path):
    write_templates(tmp_path, HAZARDS)
    content, expected = both_ways(made_site, peer, tmp_path)
    # Dates and tokens have seconds, and another may begin between the two.
    while date(content) != date(expected):
        content, expected = both_ways(made_site, peer, tmp_path)
    assert without_soft_breaks(content) == without_soft_breaks(expected)
    assert [len(line) for line in content.split(b"\n")] == [
        len(line) for line in expected.split(b"\n")
    ]
