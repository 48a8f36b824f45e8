"""Mail that real servers and programs take from regctl, and what regctl makes of their answers."""

import base64
import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import smtplib
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from itsdangerous import URLSafeTimedSerializer

from Peers.addresses import ATOM, DOMAIN, word
from Peers.mail_servers import (
    HOST,
    PASSWORD,
    USERNAME,
    MailServer,
    MailServers,
    mail_servers,
    msmtp,
    postfix_sendmail,
    script,
    wait_until,
)
from Peers.mails import display_name, links, outbox, parse, part
from regctl import BINARY, KEY

# aiosmtpd takes encryption from the first byte for none at all, and warns of it.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

NAME = "Büro für Ünïcode"
SENDER = f"{NAME} <accounts@app.example>"
LONG_URL = f"https://app.example/x{'confirm/' * 34}{{token}}"
MODES = ["none", "starttls", "tls", "starttls-auth", "tls-auth"]
SMTP_PEERS = [
    *[("postfix", mode) for mode in MODES],
    *[("exim", mode) for mode in MODES],
    *[("aiosmtpd", mode) for mode in [*MODES, "tls-login"]],
    ("smtp_sink", "none"),
]
PROGRAMS = [("sendmail", ""), ("msmtp", "none"), ("msmtp", "starttls"), ("msmtp", "tls-auth")]
AUTH_PEERS = [peer for peer in SMTP_PEERS if peer[1].endswith(("-auth", "-login"))]
BYTE_KEEPERS = [peer for peer in SMTP_PEERS if peer[0] == "aiosmtpd"]


@dataclass
class Peer:
    """Settings that make mail go by way of a peer, and the server where it comes out."""

    settings: dict[str, object]
    server: MailServer


def peers(ways: list[tuple[str, str]]):
    """Runs a test with each way of handing in mail."""
    names = ["-".join(filter(None, way)) for way in ways]
    return pytest.mark.parametrize("peer", ways, ids=names, indirect=True)


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


def program_settings(path: Path) -> dict[str, object]:
    return {"mail_transport": "sendmail", "sendmail_path": path, "mail_timeout": "20s"}


def register(site, address: str = "ann@example.org") -> None:
    site.ok("register", "--no-password", "--", address)


def only_row(site) -> dict:
    (row,) = outbox(site)
    return row


def identity(row: dict) -> str:
    """The Message-ID of a row without angle brackets."""
    return row["message_id"].removeprefix("<").removesuffix(">")


def deliver(site) -> tuple[int, dict, dict | None]:
    """Delivers, and returns the exit code, the summary and the error."""
    result = site.run("deliver", "--json")
    error = json.loads(result.stderr.splitlines()[-1])["error"] if result.returncode else None
    return result.returncode, json.loads(result.stdout), error


def delivered(site) -> dict:
    """Delivers the only mail, which must be accepted, and returns its row."""
    exit_code, summary, _ = deliver(site)
    assert (exit_code, summary["sent"], summary["deferred"], summary["failed"]) == (0, 1, 0, 0)
    row = only_row(site)
    assert (row["state"], row["attempts"], row["possible_duplicate"]) == ("sent", 1, False)
    assert [result["state"] for result in summary["results"]] == ["sent"]
    return row


def deferred(site) -> dict:
    """Delivers the only mail, which must be put off by a minute, and returns its row."""
    exit_code, summary, error = deliver(site)
    assert (exit_code, error["code"]) == (75, "mail_deferred")
    assert (summary["sent"], summary["deferred"], summary["failed"]) == (0, 1, 0)
    row = only_row(site)
    assert (row["state"], row["attempts"]) == ("queued", 1)
    wait = datetime.fromisoformat(row["next_attempt_at"]).timestamp() - time.time()
    assert 50 < wait <= 67
    return row


def arrived(site, peer: Peer) -> tuple[bytes, dict]:
    """The only mail of a site as the peer has it, and its row."""
    register(site)
    row = delivered(site)
    return peer.server.mail(identity(row)), row


# What arrives.


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


# Lines that a server, a mailbox or a sloppy client would take for something else.
HAZARDS = """\
.{{ service_name }}
..
.
...dots
From {{ service_name }}
>From there
{{ service_name }}
 leading blank, trailing blanks   \t
=3D=2E =
{{ confirm_url }}
.{{ email }}.
MAIL FROM:<a@example.org>\t
"""


def hazards(random: Random) -> str:
    """A text with a link in it, of lines that are hard to carry."""
    letters = ATOM.replace("{", "")
    pieces = [
        lambda: "." * random.randint(1, 3) + word(random, letters, 0, 90),
        lambda: "From " + word(random, letters, 0, 90),
        lambda: word(random, letters, 1, 90) + " " * random.randint(1, 80),
        lambda: word(random, letters, 900, 2000),
        lambda: word(random, "😀🏳️‍🌈é\u0301文", 1, 40),
        lambda: word(random, "=.\t ", 1, 100),
        lambda: " ".join(["{{ service_name }}"] * random.randint(1, 5)),
        lambda: "",
    ]
    lines = HAZARDS.splitlines() + [random.choice(pieces)() for _ in range(15)]
    random.shuffle(lines)
    return "\n".join(lines) + "\n"


def hypertext(text: str) -> str:
    """The same as HTML."""
    plain, link = text.split("{{ confirm_url }}\n")
    anchor = '<a href="{{ confirm_url }}">{{ confirm_url }}</a>'
    escaped = [part.replace("&", "&amp;").replace("<", "&lt;") for part in (plain, link)]
    return f"<pre>{escaped[0]}{anchor}\n{escaped[1]}</pre>\n"


def write_templates(directory: Path, text: str) -> None:
    (directory / "confirm.txt").write_text(text)
    (directory / "confirm.html").write_text(hypertext(text))


def rendered(text: str, **values: str) -> str:
    """A template of plain text, filled in."""
    for name, value in values.items():
        text = text.replace("{{ %s }}" % name, value)
    return text


def without_soft_breaks(content: bytes) -> bytes:
    """A mail with its date and its tokens blotted out, and encoded lines put together again."""
    joined = content.replace(b"=\r\n", b"")
    joined = re.sub(rb"(?m)^Date: .{31}\r$", b"Date:\r", joined)
    # A dot of the token that begins a line is encoded.
    return re.sub(rb"(?<=/confirm/)(?:[\w.-]|=2E)+", b"", joined)


@peers(BYTE_KEEPERS)
def test_every_byte_arrives_as_a_maildir_would_get_it(made_site, peer, tmp_path):
    write_templates(tmp_path, HAZARDS)
    other = made_site(templates_dir=tmp_path, service_name=NAME)
    register(other)
    # The same row goes both ways.
    site = made_site(**peer.settings, templates_dir=tmp_path, service_name=NAME)
    shutil.copyfile(other.db, site.db)
    content = peer.server.mail(identity(delivered(site)))
    other.ok("deliver")
    (path,) = other.maildir.glob("new/*")
    _, kept = path.read_bytes().split(b"\n", 1)
    expected = kept.replace(b"\n", b"\r\n")
    assert without_soft_breaks(content) == without_soft_breaks(expected)
    assert [len(line) for line in content.split(b"\n")] == [
        len(line) for line in expected.split(b"\n")
    ]


# A thousand mails.


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
    logged = len(server.log())
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

    wait_until(complete, "all mails", patience=60)
    return found


def message_id(content: bytes) -> str:
    """The Message-ID of a mail without angle brackets."""
    (found,) = re.findall(rb"(?mi)^Message-ID:\s*<(.+?)>", content.partition(b"\n\n")[0])
    return found.decode()


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
    logged = len(servers.postfix.log())
    with smtplib.SMTP(HOST, servers.postfix.ports["none"], timeout=20) as client:
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
    with smtplib.SMTP(HOST, servers.postfix.ports["none"], timeout=20) as client:
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
    logged = len(servers.postfix.log())
    assert site.json("deliver")["sent"] == 40
    log = ended_log(servers.postfix, logged)
    assert log.count(" connect from") == 1
    assert "mail=40 rcpt=40 data=40 quit=1" in log


# Passwords.


@peers(AUTH_PEERS)
def test_a_wrong_password_stops_the_run_and_charges_no_mail(made_site, peer):
    site = made_site(**peer.settings)
    register(site)
    arrivals = len(peer.server.mails())
    site.settings["mail_password_file"].write_text(PASSWORD + "x\n")
    exit_code, summary, error = deliver(site)
    assert (exit_code, error["code"]) == (69, "mail_unavailable")
    assert (summary["sent"], summary["deferred"], summary["failed"]) == (0, 0, 0)
    row = only_row(site)
    assert (row["state"], row["attempts"]) == ("queued", 0)
    assert datetime.fromisoformat(row["next_attempt_at"]).timestamp() <= time.time()
    assert row["possible_duplicate"] is False
    assert len(peer.server.mails()) == arrivals


@peers(AUTH_PEERS)
def test_the_right_password_lets_the_same_mail_in_later(made_site, peer):
    site = made_site(**peer.settings)
    register(site)
    file = site.settings["mail_password_file"]
    file.write_text("wrong\n")
    assert deliver(site)[0] == 69
    file.write_text(PASSWORD + "\n")
    assert peer.server.mail(identity(delivered(site)))


def test_a_user_name_without_encryption_is_a_wrong_configuration(made_site, servers):
    settings = servers.aiosmtpd.settings("tls-auth") | servers.smtp_sink.settings("none")
    site = made_site(**settings)
    register(site)
    arrivals = len(servers.smtp_sink.mails())
    exit_code, error = site.error("deliver")
    assert (exit_code, error["code"]) == (78, "config_error")
    assert only_row(site)["attempts"] == 0
    assert len(servers.smtp_sink.mails()) == arrivals


def traces(data: bytes) -> list[bytes]:
    """What there is of the password in some bytes: as it is, and in base64 wherever it begins."""
    secret = PASSWORD.encode()
    forms = [secret, secret.hex().encode()]
    for shift in range(3):
        # Without the ends, which depend on what stands beside it.
        forms.append(base64.b64encode(b"\0" * shift + secret)[4:-4])
    login = f"\0{USERNAME}\0{PASSWORD}".encode()
    return [form for form in [*forms, base64.b64encode(login)] if form in data]


def files_below(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())


def test_the_search_for_the_password_finds_it():
    login = f"\0{USERNAME}\0{PASSWORD}".encode()
    assert len(traces(base64.b64encode(login))) >= 2
    for prefix in ("", "x", "xy"):
        assert traces(base64.b64encode(f"{prefix}{PASSWORD} and more".encode()))
    assert traces(f"password={PASSWORD}\0".encode())


@peers(AUTH_PEERS)
@pytest.mark.parametrize("password", [PASSWORD, PASSWORD + "x"], ids=["right", "wrong"])
def test_the_password_is_in_no_output_and_no_file(made_site, peer, password):
    site = made_site(**peer.settings)
    register(site)
    site.settings["mail_password_file"].write_text(password + "\n")
    shown = b""
    for words in (
        ["deliver", "--dry-run"], ["deliver", "--verbose"], ["deliver", "--json", "--verbose"],
        ["list-outbox", "--json"], ["show", "ann@example.org"], ["config"], ["config", "--json"],
    ):
        result = site.run(*words)
        shown += result.stdout + result.stderr
    assert traces(shown) == []
    assert traces(files_below(site.directory)) == []


@pytest.mark.parametrize("mode", ["starttls-auth", "tls-auth", "tls-login"])
def test_the_password_is_not_to_be_seen_from_outside_while_it_is_used(made_site, servers, mode):
    keeper = servers.aiosmtpd.keeper
    site = made_site(**servers.aiosmtpd.settings(mode))
    register(site)
    with held(keeper), delivering(site) as process:
        wait_until(keeper.waiting.is_set, "the end of the mail")
        own = Path(f"/proc/{process.pid}")
        seen = [(own / name).read_bytes() for name in ("cmdline", "environ")]
        assert str(site.directory).encode() in seen[1]
        assert traces(b"\n".join(seen)) == []
        assert traces(files_below(site.directory)) == []
        keeper.open.set()
    assert process.returncode == 0
    assert only_row(site)["state"] == "sent"


@contextlib.contextmanager
def held(keeper) -> Iterator[None]:
    """Lets every sender wait for the last answer, at most until the block ends."""
    keeper.waiting.clear()
    keeper.open.clear()
    try:
        yield
    finally:
        keeper.open.set()


@contextlib.contextmanager
def delivering(site) -> Iterator[subprocess.Popen]:
    """A delivery under way, which is waited for when the block ends well."""
    process = subprocess.Popen([BINARY, "deliver", "--quiet"], env=site.environment)
    try:
        yield process
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.wait(30)


# Programs.


class Recorder:
    """A program in the place of sendmail, that writes down how it was called and then does more."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / "sendmail"
        self.then("exit 0")

    def then(self, text: str) -> None:
        """What it does after writing down its arguments and its input."""
        call = shlex.quote(f"{self.directory}/call.XXXXXX")
        script(
            self.path,
            f'call=$(mktemp -d {call})\nprintf "%s\\0" "$@" >"$call/arguments"\n'
            f'echo $$ >"$call/pid"\ncat >"$call/input"\n{text}',
        )

    def instead(self, text: str) -> None:
        """What it does without writing down anything."""
        script(self.path, text)

    def calls(self) -> list[Path]:
        return sorted(self.directory.glob("call.*"))

    def arguments(self) -> list[list[str]]:
        """The arguments of every call."""
        contents = [(call / "arguments").read_bytes() for call in self.calls()]
        return [content.decode().removesuffix("\0").split("\0") for content in contents]

    def input(self) -> bytes:
        """What its only call read."""
        (call,) = self.calls()
        return (call / "input").read_bytes()

    def pids(self, name: str = "pid") -> list[int]:
        """The process of every call, or another that it wrote down."""
        return [int((call / name).read_text()) for call in self.calls()]


@pytest.fixture
def recorder(tmp_path) -> Iterator[Recorder]:
    """A program in the place of sendmail; what it left running ends with the test."""
    directory = tmp_path / "recorder"
    directory.mkdir()
    recorder = Recorder(directory)
    yield recorder
    for path in directory.glob("call.*/*pid"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(path.read_text()), signal.SIGKILL)


@pytest.fixture
def program_site(made_site, recorder):
    """A place with one mail that goes to the recorder."""
    settings = program_settings(recorder.path) | {"mail_timeout": "1s"}
    site = made_site(**settings, mail_envelope_sender="bounces@app.example")
    register(site)
    return site


def is_alive(pid: int) -> bool:
    """Whether a process runs, not counting one that only waits to be reaped."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_program_is_called_with_exactly_these_arguments(program_site, recorder):
    delivered(program_site)
    assert recorder.arguments() == [["-i", "-f", "bounces@app.example", "--", "ann@example.org"]]


@pytest.mark.parametrize(
    "local", ["-oQ/tmp", "-t", "--", "${PATH}", "`id`", "'", "*", "a|b", "~root"]
)
def test_an_address_that_looks_like_more_is_only_an_address(made_site, recorder, local):
    site = made_site(**program_settings(recorder.path))
    register(site, f"{local}@example.org")
    delivered(site)
    assert recorder.arguments() == [
        ["-i", "-f", "accounts@app.example", "--", f"{local}@example.org"]
    ]


def test_a_program_reads_the_mail_as_a_maildir_would_get_it(program_site, recorder, made_site):
    other = made_site(mail_envelope_sender="bounces@app.example")
    shutil.copyfile(program_site.db, other.db)
    delivered(program_site)
    other.ok("deliver")
    (path,) = other.maildir.glob("new/*")
    _, expected = path.read_bytes().split(b"\n", 1)
    mails = [content.replace(b"\n", b"\r\n") for content in (recorder.input(), expected)]
    assert without_soft_breaks(mails[0]) == without_soft_breaks(mails[1])


def test_a_program_reads_lines_as_they_are_on_this_system(program_site, recorder):
    delivered(program_site)
    assert recorder.input().endswith(b"--\n")
    assert b"\r" not in recorder.input()


@pytest.mark.parametrize("code", [1, 64, 67, 69, 70, 75, 77, 78, 126, 127, 255])
def test_any_exit_code_but_0_defers(program_site, recorder, code):
    recorder.then(f"exit {code}")
    deferred(program_site)
    assert len(recorder.calls()) == 1


@pytest.mark.parametrize("name", ["KILL", "TERM", "SEGV", "PIPE", "HUP"])
def test_a_program_that_dies_of_a_signal_defers(program_site, recorder, name):
    recorder.then(f"kill -{name} $$; sleep 30")
    deferred(program_site)


@pytest.mark.parametrize(
    "text",
    [
        "exec sleep 60",
        "sleep 60 & echo $! >$call/other.pid; wait",
        "trap '' TERM INT HUP; while :; do sleep 0.1; done",
        "trap '' TERM; exec sleep 60 >/dev/null 2>&1",
    ],
    ids=["alone", "child", "stubborn", "silent"],
)
def test_a_program_that_hangs_defers_and_is_ended(program_site, recorder, text):
    recorder.then(text)
    start = time.monotonic()
    deferred(program_site)
    assert 0.9 < time.monotonic() - start < 3
    assert not any(is_alive(pid) for pid in recorder.pids())


def test_a_program_that_hangs_before_it_reads_defers_and_is_ended(program_site, recorder, tmp_path):
    recorder.instead(f"echo $$ >{shlex.quote(str(tmp_path / 'pid'))}; exec sleep 60")
    write_templates(tmp_path, HAZARDS + "x" * 500_000 + "\n")
    program_site.settings["templates_dir"] = tmp_path
    program_site.write_config()
    start = time.monotonic()
    deferred(program_site)
    assert 0.9 < time.monotonic() - start < 3
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_a_program_that_says_more_and_more_defers_and_is_ended(program_site, recorder):
    recorder.then("exec yes")
    start = time.monotonic()
    row = deferred(program_site)
    assert 0.9 < time.monotonic() - start < 3
    assert not any(is_alive(pid) for pid in recorder.pids())
    assert len(row["last_reply"]) <= 4096


def test_a_child_that_a_program_leaves_behind_delays_nothing(program_site, recorder):
    recorder.then("sleep 60 & echo $! >$call/other.pid; exit 0")
    start = time.monotonic()
    delivered(program_site)
    assert time.monotonic() - start < 3
    assert len(recorder.pids("other.pid")) == 1


def test_a_child_that_a_program_leaves_behind_does_not_hold_the_lock(program_site, recorder):
    recorder.then("sleep 60 >/dev/null 2>&1 & echo $! >$call/other.pid; exit 0")
    delivered(program_site)
    register(program_site, "bob@example.org")
    assert program_site.json("deliver")["sent"] == 1
    assert all(is_alive(pid) for pid in recorder.pids("other.pid"))


def test_a_program_inherits_no_open_file(program_site, recorder):
    recorder.then("for file in /proc/$$/fd/*; do readlink $file; done >$call/open; exit 0")
    delivered(program_site)
    (call,) = recorder.calls()
    opened = (call / "open").read_text()
    assert opened
    assert str(program_site.directory) not in opened


@pytest.mark.parametrize("code", [0, 1])
def test_a_program_that_does_not_read_decides_by_its_exit_code(
    program_site, recorder, tmp_path, code
):
    recorder.instead(f"exit {code}")
    write_templates(tmp_path, HAZARDS + "x" * 500_000 + "\n")
    program_site.settings["templates_dir"] = tmp_path
    program_site.write_config()
    (delivered if code == 0 else deferred)(program_site)


def test_the_words_of_a_program_are_kept(program_site, recorder):
    recorder.then("echo 'the disk is full'; echo 'try later' >&2; exit 75")
    reply = deferred(program_site)["last_reply"]
    assert "the disk is full" in reply
    assert "try later" in reply


def test_the_words_of_a_program_that_took_the_mail_are_kept_too(program_site, recorder):
    recorder.then("echo 'Mail queued.'; exit 0")
    row = delivered(program_site)
    assert "Mail queued." in row["last_reply"]


def test_the_words_of_a_program_are_bounded(program_site, recorder):
    recorder.then("head -c 10000000 /dev/zero | tr '\\0' x; echo y >&2; exit 75")
    reply = deferred(program_site)["last_reply"]
    assert 0 < len(reply) <= 4096


def test_the_words_of_a_program_do_no_harm(program_site, recorder):
    recorder.then("printf '\\033]0;title\\007\\377\\376\\000 \\342\\200\\256 done'; exit 75")
    row = deferred(program_site)
    assert "done" in row["last_reply"]
    results = [program_site.run(*words) for words in (["list-outbox"], ["show", "ann@example.org"])]
    shown = b"".join(result.stdout for result in results)
    assert not {0x1B, 0x07, 0x00} & {*shown}
    assert "\u202e" not in shown.decode()


def test_one_mail_that_a_program_refuses_holds_up_no_other(program_site, recorder):
    for n in range(4):
        register(program_site, f"user{n}@example.org")
    recorder.then('case "$5" in user1@*) exit 75;; user2@*) kill -KILL $$;; esac')
    exit_code, summary, error = deliver(program_site)
    assert (exit_code, error["code"]) == (75, "mail_deferred")
    assert (summary["sent"], summary["deferred"], summary["failed"]) == (3, 2, 0)
    states = {row["email"]: row["state"] for row in outbox(program_site)}
    assert [email for email, state in states.items() if state == "queued"] == [
        "user1@example.org", "user2@example.org"
    ]


def test_a_mail_that_a_program_refused_goes_out_at_the_next_attempt(program_site, recorder):
    recorder.then("exit 75")
    deferred(program_site)
    recorder.then("exit 0")
    assert program_site.json("deliver")["results"] == []
    with closing(sqlite3.connect(program_site.db)) as connection, connection:
        connection.execute("UPDATE regctl_outbox SET next_attempt_at = 0")
    assert program_site.json("deliver")["sent"] == 1
    assert only_row(program_site)["attempts"] == 2


@pytest.mark.parametrize("name", ["missing", "not executable", "a directory", "not a program"])
def test_a_program_that_cannot_be_run_stops_the_run_and_charges_no_mail(made_site, tmp_path, name):
    path = tmp_path / name
    if name == "a directory":
        path.mkdir()
    elif name != "missing":
        path.write_text("exit 0\n")
        path.chmod(0o755 if name == "not a program" else 0o644)
    site = made_site(**program_settings(path))
    register(site)
    exit_code, summary, error = deliver(site)
    assert (exit_code, error["code"]) == (69, "mail_unavailable")
    assert (summary["sent"], summary["deferred"], summary["failed"]) == (0, 0, 0)
    row = only_row(site)
    assert (row["state"], row["attempts"]) == ("queued", 0)


def test_the_words_of_msmtp_about_a_wrong_password_are_kept(made_site, servers):
    site = made_site(**program_settings(msmtp(servers.postfix, "tls-auth", password="wrong")))
    register(site)
    reply = deferred(site)["last_reply"]
    assert "535" in reply
