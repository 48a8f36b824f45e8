"""What doctor says about SPF and DMARC of the sender's domain, from name servers on loopback."""

import os
from pathlib import Path

import pytest

from Peers.name_server import dnsmasq, doctor, server
from regctl import Site

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs a mount namespace and port 53")

GOOD = [("shop.org", "v=spf1 mx -all"), ("_dmarc.shop.org", "v=DMARC1; p=none")]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    place = Site(
        tmp_path, mail_transport="sendmail", sendmail_path="/bin/true",
        mail_default_sender="Shop <accounts@shop.org>",
    )
    place.ok("create-db")
    return place


def details(site: Site, records: list[tuple[str, str]]) -> list[str]:
    """What doctor says about a domain with some records; it is never a failure."""
    with dnsmasq(records) as address:
        code, checks, _ = doctor(site, address)
    assert code == 0
    assert {check["result"] for check in checks["sender domain"]} == {"ok"}
    return [check["detail"] for check in checks["sender domain"]]


def test_a_domain_with_both_records_is_well(site):
    assert details(site, GOOD) == ["shop.org has SPF and DMARC records"]


def test_missing_records_are_named(site):
    site.settings["mail_default_sender"] = "accounts@mail.shop.org"
    site.write_config()
    assert details(site, []) == [
        "mail.shop.org has no SPF record",
        "no DMARC record at _dmarc.mail.shop.org, _dmarc.shop.org",
    ]
    # That of the domain above counts for DMARC, and not for SPF.
    assert details(site, GOOD) == ["mail.shop.org has no SPF record"]
    site.settings["mail_envelope_sender"] = "bounces@shop.org"
    site.write_config()
    assert details(site, GOOD) == ["mail.shop.org has SPF and DMARC records"]


def test_wrong_records_are_named(site):
    assert details(site, [*GOOD, ("shop.org", "v=spf1 a -all")]) == [
        "shop.org has 2 SPF records, which receivers take for an error"
    ]
    assert details(site, [("shop.org", "v=spf1 mx +all"), GOOD[1], GOOD[1]]) == [
        "the SPF record of shop.org ends in +all: every host may send its mail",
        "_dmarc.shop.org has 2 DMARC records, which receivers take for none",
    ]


def test_a_record_of_several_strings_that_needs_tcp_is_read_whole(site):
    hosts = " ".join(f"ip4:192.0.2.{host}" for host in range(40))
    others = [("shop.org", f"verification-{number}-" + "x" * 180) for number in range(20)]
    assert details(site, [*others, ("shop.org", f"v=spf1 {hosts} +all"), GOOD[1]]) == [
        "the SPF record of shop.org ends in +all: every host may send its mail"
    ]


def test_an_international_domain_is_asked_for_in_a_labels(site):
    site.settings["mail_default_sender"] = "accounts@bücher.org"
    site.write_config()
    records = [("xn--bcher-kva.org", "v=spf1 -all"), ("_dmarc.xn--bcher-kva.org", "v=DMARC1")]
    assert details(site, records) == ["xn--bcher-kva.org has SPF and DMARC records"]


def refused(code: int):
    """Answers with a code (RFC 1035, section 4.1.1) and no records."""
    return lambda question: question[:2] + bytes([0x81, 0x80 | code]) + question[4:6] + bytes(6) + question[12:]


def damaged(question: bytes) -> bytes:
    """An answer that promises more records than it has."""
    return question[:2] + b"\x81\x80" + question[4:6] + b"\x00\x09" + bytes(4) + question[12:] + b"\xc0\x0c"


@pytest.mark.parametrize(
    "reply", [refused(2), refused(5), damaged, lambda question: b"", lambda question: None],
    ids=["SERVFAIL", "REFUSED", "damaged", "empty", "silent"],
)
def test_without_an_answer_there_is_a_note_in_time(site, reply):
    with server(reply) as address:
        code, checks, seconds = doctor(site, address)
    assert code == 0
    [*found] = checks["sender domain"]
    assert all("could not be looked up: " in check["detail"] for check in found)
    assert {check["result"] for check in found} == {"ok"}
    # The limit of 3 s, and ten times what the rest takes.
    assert seconds < 3 + 10


def test_nothing_is_asked_for_a_reserved_domain_or_mail_that_stays(site):
    asked = []
    with server(lambda question: asked.append(question)) as address:
        for changed in (
            {"mail_default_sender": "accounts@app.example"},
            {"mail_transport": "stdout", "mail_default_sender": "accounts@shop.org"},
        ):
            site.settings |= changed
            site.write_config()
            code, checks, _ = doctor(site, address)
            assert code == 0 and "sender domain" not in checks
    assert asked == []
