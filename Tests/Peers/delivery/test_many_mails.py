"""A thousand mails to the strictest server."""

import re
import smtplib
import sqlite3
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from random import Random

import pytest
from itsdangerous import URLSafeTimedSerializer

from Peers.addresses import ATOM, DOMAIN, word
from Peers.delivery.hazards import hazards, rendered, write_templates
from Peers.delivery.peers import MODES, NAME, identity
from Peers.mail_servers import HOST, MailServer, wait_until
from Peers.mails import links, outbox, parse, part
from regctl import KEY


def odd_addresses(seed: int, count: int) -> list[str]:
    """Addresses of every shape that regctl lets in, all different."""
    random = Random(seed)
    signs = "!#$%&'*+-/=?^_`{|}~"
    found: dict[str, str] = {}

    def domain() -> str:
        labels = [word(random, DOMAIN, 1, 20) for _ in range(random.randint(1, 3))]
        return ".".join([*labels, "example"])

    shapes = [
        lambda: random.choice(signs),
        lambda: "".join(random.sample(signs, len(signs))),
        lambda: word(random, ATOM, 64, 64),
        lambda: word(random, signs, 64, 64),
        lambda: ".".join(word(random, ATOM, 1, 3) for _ in range(random.randint(2, 16))),
        lambda: random.choice("-=.x")[:1].replace(".", "x") + word(random, ATOM, 1, 20),
        lambda: word(random, ATOM, 1, 20),
        lambda: random.choice(["postmaster", "MAILER-DAEMON", "root", "nobody", "=3D", "=2E"]),
    ]
    places = [
        domain, domain, domain,
        lambda: f"{word(random, DOMAIN, 63, 63)}.{word(random, DOMAIN, 63, 63)}.example",
        lambda: f"xn--{word(random, DOMAIN, 3, 9)}.example",
        lambda: f"{word(random, DOMAIN, 1, 9)}--{word(random, DOMAIN, 1, 9)}.example",
    ]
    while len(found) < count:
        local, place = random.choice(shapes)(), random.choice(places)()
        if "=?" not in local:
            found.setdefault(f"{local}@{place}".lower(), f"{local}@{place}")
    return list(found.values())


def queue(site, addresses: list[str]) -> None:
    """Accounts with a mail each that is due, written past regctl."""
    with closing(sqlite3.connect(site.db)) as connection, connection:
        first = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM users").fetchone()[0]
        rows = [(first + n, address) for n, address in enumerate(addresses)]
        moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
        connection.executemany(
            "INSERT INTO users (id, email, password, registered_on, admin, confirmed)"
            " VALUES (?, ?, '!', ?, 0, 0)",
            [(*row, moment) for row in rows],
        )
        connection.executemany(
            "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,"
            " next_attempt_at, message_id)"
            " VALUES (?, ?, 'confirm', 'confirm', 'queued', ?, 0, ?)",
            [(*row, int(time.time()), f"m{row[0]}") for row in rows],
        )


SERVICES = [
    ".hidden", "..", "From nobody", "😀" * 40, "W" * 998, "a\u0301" * 60, "<b> & 'c'", "=?x?=",
    "trailing dot.", NAME,
]


def test_a_thousand_odd_mails_pass_the_strictest_server(made_site, servers, tmp_path):
    """Ten services and ten texts, a hundred odd addresses each, over every kind of connection."""
    server = servers.postfix
    site = made_site()
    common = site.settings
    addresses = odd_addresses(3, 1000)
    logged = len(log_between_connections(server))
    texts: dict[str, str] = {}
    for number, service in enumerate(SERVICES):
        text = hazards(Random(number))
        write_templates(tmp_path, text)
        site.settings = common | server.settings(MODES[number % len(MODES)])
        site.settings |= {"service_name": service, "templates_dir": tmp_path}
        site.write_config()
        some = addresses[number * 100 : number * 100 + 100]
        queue(site, some)
        answer = site.json("deliver")
        assert answer["sent"] == 100
        texts |= {address: rendered(text, service_name=service, email=address) for address in some}
    rows = outbox(site)
    assert {row["state"] for row in rows} == {"sent"}
    arrivals = all_of_them(server, {identity(row): row["email"] for row in rows})
    for address, content in arrivals.items():
        mail = parse(content)
        assert [each.addr_spec for each in mail["To"].addresses] == [address]
        (link,) = links(mail)
        token = link.removeprefix("https://app.example/confirm/")
        assert URLSafeTimedSerializer(KEY, salt="email-confirm").loads(token) == address
        assert part(mail, "plain") == rendered(texts[address], confirm_url=link)
    assert_nothing_was_objected_to(ended_log(server, logged))


def all_of_them(server: MailServer, emails: dict[str, str]) -> dict[str, bytes]:
    """The mail to each address, once each of some Message-IDs has arrived, and none twice."""
    found: dict[str, bytes] = {}

    def complete() -> bool:
        mails = [(mail, message_id(mail)) for mail in server.mails()]
        ours = [(mail, name) for mail, name in mails if name in emails]
        assert max(Counter(name for _, name in ours).values(), default=0) <= 1
        found.update({emails[name]: mail for mail, name in ours})
        return len(ours) == len(emails)

    wait_until(complete, "all mails", patience=300)
    return found


def message_id(content: bytes) -> str:
    """The Message-ID of a mail without angle brackets."""
    (found,) = re.findall(rb"(?mi)^Message-ID:\s*<(.+?)>", content.partition(b"\n\n")[0])
    return found.decode()


def log_between_connections(server: MailServer) -> str:
    """What a server logged so far, once the connections of earlier tests have come to their ends."""
    wait_until(
        lambda: server.log().count(" connect from") == server.log().count("disconnect from"),
        "the end of earlier connections",
    )
    return server.log()


def ended_log(server: MailServer, start: int) -> str:
    """What a server logged from some point on, once every connection has come to its end."""

    def ended() -> bool:
        log = server.log()[start:]
        return 0 < log.count(" connect from") == log.count("disconnect from")

    wait_until(ended, "the end of the connections")
    return server.log()[start:]


def assert_nothing_was_objected_to(log: str) -> None:
    """Postfix saw neither a refused command nor a lost connection."""
    doubtful = re.compile(r"warning|reject|error|lost connection|timeout|bounced|deferred")
    # What Postfix says of a virtual machine's clock is nothing that regctl did.
    clock = re.compile(r"warning: (file system clock|resetting file time stamps)")
    lines = [line for line in log.splitlines() if not clock.search(line)]
    assert [line for line in lines if doubtful.search(line)] == []
    goodbyes = re.findall(r"disconnect from .* quit=1 commands=(\S+)", log)
    assert len(goodbyes) == log.count("disconnect from")
    assert all(commands.isdecimal() for commands in goodbyes)


SLOPPY = {
    "a bare LF in the text": b"Subject: x\r\n\r\none\ntwo\r\n.\r\n",
    "a bare LF before the dot": b"Subject: x\r\n\r\none\n.\r\ntwo\r\n.\r\n",
    "a bare LF after the dot": b"Subject: x\r\n\r\none\r\n.\n\r\n.\r\n",
    "a byte beyond ASCII in the header": b"Subject: \xfc\r\n\r\none\r\n.\r\n",
}


@pytest.mark.parametrize("content", SLOPPY.values(), ids=SLOPPY)
def test_the_strictest_server_refuses_a_sloppy_mail(servers, content):
    """The control: a server that took these would prove nothing about a thousand mails."""
    logged = len(log_between_connections(servers.postfix))
    with smtplib.SMTP(HOST, servers.postfix.ports["none"], timeout=60) as client:
        client.ehlo()
        client.docmd("MAIL FROM:<accounts@app.example>")
        client.docmd("RCPT TO:<ann@example.org>")
        assert client.docmd("DATA")[0] == 354
        client.send(content)
        assert client.getreply()[0] // 100 == 5
    with pytest.raises(AssertionError):
        assert_nothing_was_objected_to(ended_log(servers.postfix, logged))


def test_the_strictest_server_refuses_a_mail_that_comes_too_early(servers):
    """The control for pipelining: a text that does not wait for the answer to DATA."""
    with smtplib.SMTP(HOST, servers.postfix.ports["none"], timeout=60) as client:
        client.ehlo()
        client.send(
            b"MAIL FROM:<accounts@app.example>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n"
            b"Subject: x\r\n\r\none\r\n.\r\n"
        )
        answers = [client.getreply()[0] for _ in range(3)]
    assert answers == [250, 250, 554]


def test_many_mails_share_one_connection(made_site, servers):
    site = made_site(**servers.postfix.settings("tls"), mail_connections=1)
    queue(site, [f"user{n}@example.org" for n in range(40)])
    logged = len(log_between_connections(servers.postfix))
    assert site.json("deliver")["sent"] == 40
    log = ended_log(servers.postfix, logged)
    assert log.count(" connect from") == 1
    assert "mail=40 rcpt=40 data=40 quit=1" in log
