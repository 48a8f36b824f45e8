"""S1-S3: what `deliver` makes of a mail server that is broken, slow or hostile, step by step."""

import base64
import calendar
import concurrent.futures
import contextlib
import email
import json
import os
import re
import shutil
import smtplib
import ssl
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from Campaigns.database import connected
from Campaigns.fault_server import (
    PASSWORD,
    USERNAME,
    Certificates,
    Fault,
    FaultServer,
    Mode,
    Offer,
    Session,
)
from Campaigns.processes import last_error
from Campaigns.sites import copy_of
from Campaigns.terminal import DANGEROUS
from regctl import BINARY, Site

# What each step may take, in seconds.
LIMIT = 1
# The second that is promised beyond it, and one more for a busy machine.
SLACK = 2
# By how many kB a fault may raise the peak of memory.
GROWTH = 8 << 10
# For what has hung; it is ended then.
PATIENCE = 15

CLEAR, STARTTLS = Mode("clear", pipelining=True), Mode("starttls", ("PLAIN",), True)
CLEAR_GROUPED = Mode("clear", pipelining=True, grouped=True)
TLS_GROUPED = Mode("tls", ("LOGIN",), pipelining=True, grouped=True)
MODES = [
    Mode("clear"),
    CLEAR_GROUPED,
    STARTTLS,
    Mode("starttls", ("LOGIN",)),
    Mode("tls", ("PLAIN",)),
    TLS_GROUPED,
]

# The slow ones first, so that the others run beside them.
REPLIES = [
    "silence", "slow", "endless", "overlong", "drop", "cut", "4xx", "5xx", "421", "garbage", "mixed",
    "299", "600", "wrong class", "large",
]
KINDS = {
    "connect": ["silence", "refuse", "drop"],
    "greeting": [*REPLIES, "250"],
    "handshake": ["silence", "slow", "endless", "drop", "garbage", "alert", "421"],
    "body": ["silence", "slow", "drop"],
    "DATA": [*REPLIES, "early 250", "early 451", "early 554"],
}
# Where a fault is one of the server or of the set-up, and no mail is to blame.
SETUP = {
    "connect", "greeting", "EHLO", "STARTTLS", "handshake", "EHLO again", "AUTH", "AUTH username",
    "AUTH password",
}


def verbs(mode: Mode) -> list[str]:
    """Where a fault can be, in the order of a session."""
    found = ["connect", "greeting", "EHLO"]
    found += ["STARTTLS"] * (mode.security == "starttls")
    found += ["handshake"] * (mode.security != "clear")
    found += ["EHLO again"] * (mode.security == "starttls")
    found += ["AUTH"] * bool(mode.auth)
    found += ["AUTH username", "AUTH password"] * (mode.auth == ("LOGIN",))
    return [*found, "MAIL", "RCPT", "DATA", "body", "dot", "QUIT"]


@dataclass(frozen=True)
class Verdict:
    """What becomes of a mail, of those behind it, and of the run."""

    state: str
    attempts: int
    duplicate: bool = False
    exit: int = 0
    code: str | None = None
    others: str = "sent"


SENT = Verdict("sent", 1)
FAILED = Verdict("failed", 1)
DEFERRED = Verdict("queued", 1, exit=75, code="mail_deferred")
IN_DOUBT = replace(DEFERRED, duplicate=True)
STOPPED = Verdict("queued", 0, exit=69, code="mail_unavailable", others="queued")


def verdict_on(fault: Fault | None) -> Verdict:
    """What a fault should lead to."""
    if fault is None or fault.verb == "QUIT":
        return SENT
    if fault.verb in SETUP or fault.kind == "421":
        return STOPPED
    if fault.kind == "5xx":
        return FAILED
    in_doubt = fault.verb == "dot" and fault.kind != "4xx"
    return IN_DOUBT if in_doubt else DEFERRED


# Places and runs


@dataclass
class Bench:
    """What the cases share: certificates, and databases with mails, to be copied."""

    directory: Path
    certificates: Certificates
    prepared: dict[int, Site] = field(default_factory=dict)
    baselines: dict[str, int] = field(default_factory=dict)

    def mails(self, count: int) -> Site:
        """A site with so many mails that are due."""
        if count not in self.prepared:
            directory = self.directory / f"mails-{count}"
            directory.mkdir()
            site = Site(directory)
            site.ok("create-db")
            for number in range(count):
                site.ok("register", address(number), "--no-password")
            self.prepared[count] = site
        return self.prepared[count]

    def server(self, mode: Mode, *words: object, certificate: str = "good") -> FaultServer:
        return FaultServer(mode, self.certificates.context(certificate), *words)

    def place(self, server: FaultServer, mails: int = 2, **settings: object) -> Site:
        """A copy of a site whose mail goes to a server."""
        directory = self.directory / f"place-{server.port}-{time.monotonic_ns()}"
        shutil.copytree(self.mails(mails).directory, directory)
        security = {"clear": "none"}.get(server.mode.security, server.mode.security)
        usual = {
            "mail_transport": "smtp",
            "mail_server": "127.0.0.1",
            "mail_port": server.port,
            "mail_security": security,
            "mail_timeout": f"{LIMIT}s",
            "mail_connections": 1,
        }
        if security != "none":
            usual["mail_ca_file"] = self.certificates.ca_file
        if server.mode.auth:
            usual["mail_username"] = USERNAME
            usual["mail_password_file"] = write_password(directory, PASSWORD)
        return Site(directory, **usual | settings)


def address(number: int) -> str:
    return f"user{number}@example.org"


def write_password(directory: Path, password: str) -> Path:
    path = directory / "password"
    path.write_text(password + "\n")
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Certificates, and mails that are due."""
    directory = tmp_path_factory.mktemp("bench")
    bench = Bench(directory, Certificates(directory))
    # Before there are threads that would make them at once.
    assert bench.certificates.contexts
    for count in (1, 2, 8):
        bench.mails(count)
    return bench


# How a site's mail is delivered: by regctl, or by the control.
Program = Callable[[Site], list[str]]


def regctl(_: Site) -> list[str]:
    return [BINARY, "deliver", "--json"]


@dataclass
class Run:
    """What a run printed, how it ended and what it took."""

    exit: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    # The peak of memory in kB, when it was measured.
    peak: int = 0

    def summary(self) -> dict[str, int]:
        """The counts on standard output."""
        answer = json.loads(self.stdout)
        assert answer["schema"] == 1, answer
        for row in answer["results"]:
            assert row.keys() == {"id", "email", "state", "reply"}, row
        return {state: answer[state] for state in ("sent", "deferred", "failed")}

    def code(self) -> str | None:
        """The code of the error on standard error."""
        return last_error(self.stderr)["code"] if self.stderr.strip() else None


class FullPipe:
    """A pipe with no room left: who prints into it waits until it is let go."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        self.filling = 0
        os.set_blocking(self.writer, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.filling += os.write(self.writer, bytes(4096))
        os.set_blocking(self.writer, True)

    def let_go(self) -> None:
        while self.filling:
            self.filling -= len(os.read(self.reader, self.filling))

    def rest(self) -> bytes:
        os.close(self.writer)
        with open(self.reader, "rb") as pipe:
            return pipe.read()


def deliver(program: Program, site: Site, server: FaultServer, measured: bool = False) -> Run:
    """Delivers what is due, and ends what takes far too long.

    To be measured, it is kept from ending: its last words find no room until the server has seen
    the end of it.
    """
    output, errors = FullPipe(), FullPipe()
    start = time.monotonic()
    process = subprocess.Popen(
        program(site),
        env=site.environment,
        stdin=subprocess.DEVNULL,
        stdout=output.writer,
        stderr=errors.writer,
    )
    peak = watch(process, server) if measured else 0
    output.let_go()
    errors.let_go()
    try:
        exit_code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        exit_code = None
    return Run(exit_code, output.rest(), errors.rest(), time.monotonic() - start, peak)


def watch(process: subprocess.Popen, server: FaultServer) -> int:
    """The peak of memory in kB, read until the server has no connection any more."""
    peak, deadline = 0, time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        idle = server.idle()
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = max([peak, *(int(kb) for kb in re.findall(r"VmHWM:\s+(\d+) kB", status))])
        if idle:
            break
        time.sleep(0.002)
    return peak


def outbox(site: Site) -> list[dict]:
    """The rows of the outbox, the first registered first."""
    return sorted(site.json("list-outbox")["mails"], key=lambda mail: mail["id"])


def make_due(site: Site) -> None:
    """Lets every mail that waits be due."""
    with connected(site.db) as connection:
        connection.execute("UPDATE regctl_outbox SET next_attempt_at = 0 WHERE state = 'queued'")


# What may be wrong


@dataclass(frozen=True)
class Case:
    """A fault of a server, and how long the step with it may take."""

    mode: Mode
    fault: Fault | None
    limit: int = LIMIT

    def __str__(self) -> str:
        return f"{self.mode}, {self.fault.verb}: {self.fault.kind}" if self.fault else str(self.mode)


def examine(bench: Bench, case: Case, program: Program = regctl) -> list[str]:
    """Delivers two mails to a server with a fault, and again without it; returns what is wrong."""
    try:
        with bench.server(case.mode, case.fault) as server:
            found = list(wrong_with(bench, case, program, server))
    except Exception as error:  # noqa: BLE001 - any is a finding, and should name its case
        found = [repr(error)]
    return [f"{case}: {complaint}" for complaint in found]


def wrong_with(bench: Bench, case: Case, program: Program, server: FaultServer) -> Iterator[str]:
    settings = {"mail_timeout": f"{case.limit}s"}
    if case.fault and case.fault.verb == "body":
        settings["templates_dir"] = large_templates(bench.directory / "templates")
    site = bench.place(server, **settings)
    verdict = verdict_on(case.fault)
    flood = case.fault is not None and case.fault.kind in {"overlong", "endless", "large"}
    run = deliver(program, site, server, measured=flood)
    yield from wrong_run(run, verdict, case.limit)
    if run.exit is None:
        return
    if flood:
        allowed = baseline(bench, case.mode, program) + GROWTH
        if run.peak > allowed:
            yield f"peak memory {run.peak} kB, allowed {allowed}"
        if run.peak == 0:
            yield "memory was not measured"
    yield from wrong_rows(outbox(site), verdict, case.fault)
    unseen = case.fault and case.fault.verb == "connect" and case.fault.kind != "drop"
    if case.fault and not server.fired and not unseen:
        yield "the fault never happened"
    server.heal()
    make_due(site)
    yield from wrong_recovery(deliver(program, site, server), verdict, outbox(site), server)
    yield from wrong_traffic(server)


def wrong_run(run: Run, verdict: Verdict, limit: int) -> Iterator[str]:
    """What is wrong with how a run ended and what it printed."""
    if run.exit is None:
        yield "it hung"
        return
    if run.exit != verdict.exit:
        yield f"exit code {run.exit}, not {verdict.exit}"
    if (run.code() if run.exit else None) != verdict.code:
        yield f"error {run.stderr!r}, not {verdict.code}"
    states = [verdict.state if verdict.attempts else "waiting"]
    states += ["sent"] * (verdict.others == "sent")
    counts = {"sent": "sent", "deferred": "queued", "failed": "failed"}
    expected = {word: states.count(state) for word, state in counts.items()}
    if run.summary() != expected:
        yield f"summary {run.summary()}, not {expected}"
    yield from lateness(run, limit)
    if PASSWORD.encode() in run.stdout + run.stderr:
        yield "it printed the password"


def lateness(run: Run, limit: int) -> list[str]:
    """That a run took longer than its steps may."""
    return [f"it took {run.seconds:.1f} s"] * (run.seconds > limit + SLACK)


def wrong_rows(mails: list[dict], verdict: Verdict, fault: Fault | None) -> Iterator[str]:
    """What is wrong with the first mail, which met the fault, and with the others."""
    first, *others = mails
    expected = (verdict.state, verdict.attempts, verdict.duplicate)
    found = (first["state"], first["attempts"], first["possible_duplicate"])
    if found != expected:
        yield f"the mail is {found}, not {expected}; {first['last_reply']!r}"
    words = {"sent": "queued as N", "failed": "554", "queued": "451"}
    answered = fault is None or fault.kind in {"4xx", "5xx"}
    if verdict.attempts and answered and words[verdict.state] not in str(first["last_reply"]):
        yield f"last reply {first['last_reply']!r}"
    if verdict in {DEFERRED, IN_DOUBT}:
        wait = seconds_to(first["next_attempt_at"])
        # The machine's slowness shortens it; jitter does either.
        if not 60 * 0.9 - 2 * SLACK <= wait <= 60 * 1.1 + 1:
            yield f"next attempt in {wait:.0f} s"
    for mail in others:
        expected = (verdict.others, int(verdict.others == "sent"), False)
        found = (mail["state"], mail["attempts"], mail["possible_duplicate"])
        if found != expected:
            yield f"{mail['email']} is {found}, not {expected}; {mail['last_reply']!r}"


def seconds_to(moment: str | None) -> float:
    """How far away a time in JSON is."""
    if moment is None:
        return float("inf")
    return calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ")) - time.time()


def wrong_recovery(
    run: Run, verdict: Verdict, mails: list[dict], server: FaultServer
) -> Iterator[str]:
    """What is wrong with a second run, for which there is no fault."""
    waited = [verdict.state, *[verdict.others] * (len(mails) - 1)].count("queued")
    if run.exit != 0:
        yield f"then exit code {run.exit}: {run.stderr!r}"
    elif run.summary() != {"sent": waited, "deferred": 0, "failed": 0}:
        yield f"then summary {run.summary()}, not {waited} sent"
    final = "failed" if verdict is FAILED else "sent"
    again = verdict.state == "queued"
    expected = (final, verdict.attempts + again, verdict.duplicate)
    found = (mails[0]["state"], mails[0]["attempts"], mails[0]["possible_duplicate"])
    if found != expected:
        yield f"then the mail is {found}, not {expected}; {mails[0]['last_reply']!r}"
    due = Counter(mail["email"] for mail in (mails[1:] if verdict is FAILED else mails))
    yield from wrong_mails(server, due)


def wrong_mails(server: FaultServer, due: Counter[str]) -> Iterator[str]:
    """What is wrong with the mails that a server has taken; each should be there once."""
    accepted = Counter(word for mail in server.accepted for word in mail.recipients)
    if accepted != due:
        yield f"taken by the server: {dict(accepted)}, not {dict(due)}"
    identities: dict[str, set[str]] = {}
    for mail in server.mails:
        message = email.message_from_bytes(mail.content)
        if [message["To"]] != mail.recipients:
            yield f"To: {message['To']} for {mail.recipients}"
        identities.setdefault(message["To"], set()).add(message["Message-ID"])
    for recipient, found in identities.items():
        if len(found) != 1 or None in found:
            yield f"several Message-IDs for {recipient}: {found}"


def wrong_traffic(server: FaultServer) -> Iterator[str]:
    """What is wrong with the bytes that were sent, in clear and inside TLS."""
    for session in server.sessions:
        yield from session.violations
        for data in (session.clear, session.tls):
            # A connection can break between the two bytes of a line's end.
            bare = re.search(rb"(?<!\r)\n|\r(?!\n|\Z)", data)
            if bare:
                yield f"a bare CR or LF: {bytes(data[max(0, bare.start() - 30) : bare.end()])!r}"
        yield from wrong_in_clear(server.mode, session)


def wrong_in_clear(mode: Mode, session: Session) -> Iterator[str]:
    """What was sent before TLS that should not have been."""
    allowed = {
        "clear": rb"(?s:.*)",
        "starttls": rb"(?i)(EHLO [^\r\n]+\r\n(STARTTLS\r\n)?)?(QUIT\r\n)?",
        "tls": rb"",
    }
    if not re.fullmatch(allowed[mode.security], session.clear):
        yield f"sent before TLS: {bytes(session.clear)[:500]!r}"
    if re.search(rb"(?im)^AUTH", session.clear):
        yield "AUTH before TLS"
    for secret in secrets():
        if secret in session.clear + session.hello:
            yield "the password before TLS"


def secrets() -> list[bytes]:
    """The password, as it is and as AUTH says it."""
    word = PASSWORD.encode()
    return [
        word,
        base64.b64encode(word),
        base64.b64encode(b"\0" + USERNAME.encode() + b"\0" + word),
    ]


def baseline(bench: Bench, mode: Mode, program: Program) -> int:
    """The peak of memory in kB without a fault."""
    key = f"{mode} {program.__name__}"
    if key not in bench.baselines:
        with bench.server(mode) as server:
            run = deliver(program, bench.place(server), server, measured=True)
        assert run.exit == 0 and run.peak > 0, run
        bench.baselines[key] = run.peak
    return bench.baselines[key]


def large_templates(directory: Path) -> Path:
    """Templates that make a mail larger than what the kernel takes from who is not read."""
    if not directory.exists():
        draft = directory.with_suffix(f".{time.monotonic_ns()}")
        draft.mkdir()
        # Three times as much in quoted-printable: 5 MB in all, and the kernel takes 4 MB at most.
        for name in ("confirm.txt", "confirm.html"):
            (draft / name).write_text("{{ confirm_url }}\n" + ("\u00e9" * 70 + "\n") * 5_500)
        with contextlib.suppress(OSError):
            draft.rename(directory)
    return directory


def all_at_once(work: Callable[[Case], list[str]], cases: list[Case]) -> list[str]:
    """Works on cases eight at a time; returns all that is wrong with any of them."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = dict(zip(cases, pool.map(work, cases), strict=True))
    # A busy machine makes one late by chance; alone, it is late only for a reason.
    for case, complaints in found.items():
        if complaints and all("it took" in complaint for complaint in complaints):
            found[case] = work(case)
    return [complaint for complaints in found.values() for complaint in complaints]


def assert_nothing(complaints: list[str]) -> None:
    assert complaints == [], "\n" + "\n".join(complaints)


# Without a fault


@pytest.mark.parametrize("security", ["clear", "starttls", "tls"])
def test_a_server_that_keeps_the_rules_gets_each_mail_once(bench, security):
    """In every mode: with AUTH or without, with PIPELINING or without, over one connection."""
    mechanisms = [()] if security == "clear" else [(), ("PLAIN",), ("LOGIN",), ("LOGIN", "PLAIN")]
    modes = [Mode(security, auth, more) for auth in mechanisms for more in (False, True)]
    assert_nothing(all_at_once(lambda case: examine(bench, case), [Case(mode, None) for mode in modes]))


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_the_commands_of_a_session_come_in_order(bench, mode):
    with bench.server(mode) as server:
        bench.place(server).ok("deliver")
        said = [line.removesuffix(" in TLS") for line in server.commands()]
        inside = [line.endswith(" in TLS") for line in server.commands()]
    login = ["AUTH"] * bool(mode.auth)
    hello = ["EHLO"] if mode.security != "starttls" else ["EHLO", "STARTTLS", "EHLO"]
    mail = ["MAIL", "RCPT", "DATA"]
    assert said == [*hello, *login, *mail, *mail, "QUIT"]
    before = {"clear": len(said), "starttls": 2, "tls": 0}[mode.security]
    assert inside == [False] * before + [True] * (len(said) - before)
    assert server.sessions[0].authenticated == bool(mode.auth)


def test_the_mail_arrives_as_it_was_composed(bench, tmp_path):
    """Lines of dots too: they are stuffed for the way."""
    text = "{{ confirm_url }}\n.\n..\n...dots\n. \n\n.\n"
    (tmp_path / "confirm.txt").write_text(text)
    with bench.server(CLEAR) as server:
        bench.place(server, mails=1, templates_dir=tmp_path).ok("deliver")
        [mail] = server.accepted
    plain = email.message_from_bytes(mail.content).get_payload()[0].get_payload(decode=True).decode()
    assert plain.replace("\r\n", "\n").rstrip("\n").split("\n")[1:] == text.rstrip("\n").split("\n")[1:]
    assert mail.sender == "accounts@app.example"
    assert_nothing(list(wrong_traffic(server)))


# Faults


def cases(mode: Mode, verb: str) -> list[Case]:
    """Every kind of fault at a step."""
    # A server that is broken stays so; a mail that breaks it should not take the next one along.
    once = verb not in SETUP and verb != "QUIT"
    limit = 2 if verb == "body" else LIMIT
    return [Case(mode, Fault(verb, kind, once), limit) for kind in KINDS.get(verb, REPLIES)]


@pytest.mark.parametrize(
    ("mode", "verb"), [(mode, verb) for mode in MODES for verb in verbs(mode)], ids=str
)
def test_a_fault_at_a_step_has_its_verdict(bench, mode, verb):
    """And the others are sent, and when the fault is gone the mail is sent, once."""
    # Measured before other threads need it.
    baseline(bench, mode, regctl)
    assert_nothing(all_at_once(lambda case: examine(bench, case), cases(mode, verb)))


@pytest.mark.parametrize("connections", [1, 4])
def test_a_fault_of_the_server_is_charged_to_no_mail(bench, connections):
    """However many connections meet it at once."""

    def wrong(case: Case) -> list[str]:
        with bench.server(case.mode, case.fault) as server:
            site = bench.place(server, mails=8, mail_connections=connections)
            run = deliver(regctl, site, server)
            rows = {(mail["state"], mail["attempts"]) for mail in outbox(site)}
        found = (run.exit, run.code(), rows, len(server.accepted))
        expected = (69, "mail_unavailable", {("queued", 0)}, 0)
        complaints = [f"{found}"] * (found != expected) + lateness(run, case.limit)
        return [f"{case}: {complaint}" for complaint in complaints]

    faults = [
        ("greeting", "silence"), ("greeting", "5xx"), ("EHLO", "drop"), ("STARTTLS", "4xx"),
        ("handshake", "drop"), ("AUTH", "5xx"), ("MAIL", "421"), ("RCPT", "421"), ("dot", "421"),
    ]
    assert_nothing(all_at_once(wrong, [Case(STARTTLS, Fault(*words)) for words in faults]))


@pytest.mark.parametrize("mode", [Mode("clear"), CLEAR_GROUPED, TLS_GROUPED], ids=str)
@pytest.mark.parametrize("verb", ["RCPT", "DATA", "dot"])
def test_421_in_the_middle_leaves_the_rest_for_the_next_run(bench, mode, verb):
    with bench.server(mode, Fault(verb, "421", recipient=address(3))) as server:
        site = bench.place(server, mails=8)
        run = deliver(regctl, site, server)
        assert (run.exit, run.code()) == (69, "mail_unavailable")
        found = [(mail["state"], mail["attempts"]) for mail in outbox(site)]
        assert found == [("sent", 1)] * 3 + [("queued", 0)] * 5
        server.heal()
        make_due(site)
        assert site.json("deliver")["sent"] == 5
        assert {mail["possible_duplicate"] for mail in outbox(site)} == {False}
    assert_nothing(list(wrong_mails(server, Counter(map(address, range(8))))))
    assert_nothing(list(wrong_traffic(server)))


# A mail that is poison


POISON = [
    Fault(verb, kind, recipient=address(3))
    for verb, kind in [
        ("RCPT", "silence"), ("dot", "silence"), ("DATA", "slow"), ("RCPT", "4xx"), ("RCPT", "5xx"),
        ("RCPT", "garbage"), ("RCPT", "drop"), ("DATA", "5xx"), ("DATA", "mixed"), ("dot", "4xx"),
        ("dot", "5xx"), ("dot", "garbage"), ("dot", "drop"), ("dot", "endless"),
    ]
]


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("mode", [Mode("clear"), CLEAR_GROUPED, TLS_GROUPED], ids=str)
def test_a_poisonous_mail_does_not_hold_up_others(bench, mode, connections):
    """In the run that meets it, and in the next."""

    def wrong(case: Case) -> list[str]:
        with bench.server(case.mode, case.fault) as server:
            site = bench.place(server, mails=8, mail_connections=connections)
            return [f"{case}: {words}" for words in wrong_beside(case, site, server)]

    assert_nothing(all_at_once(wrong, [Case(mode, fault) for fault in POISON]))


def wrong_beside(case: Case, site: Site, server: FaultServer) -> Iterator[str]:
    """What is wrong with a poisonous mail and with those around it, in two runs."""
    verdict = verdict_on(case.fault)
    others = Counter(address(number) for number in range(8) if number != 3)
    for attempt in (1, 2):
        run = deliver(regctl, site, server)
        tried = attempt == 1 or verdict is not FAILED
        if run.exit is None:
            yield f"run {attempt} hung"
            return
        if run.exit != (verdict.exit if tried else 0):
            yield f"run {attempt}: exit code {run.exit}: {run.stderr!r}"
        yield from lateness(run, case.limit)
        poisoned = (verdict.state, attempt if tried else 1, verdict.duplicate)
        for mail in outbox(site):
            expected = poisoned if mail["email"] == address(3) else ("sent", 1, False)
            found = (mail["state"], mail["attempts"], mail["possible_duplicate"])
            if found != expected:
                yield f"run {attempt}: {mail['email']} is {found}, not {expected}"
        yield from wrong_mails(server, others)
        make_due(site)
    yield from wrong_traffic(server)


def test_a_server_that_takes_data_without_a_recipient_gets_none(bench):
    """It answers the pipelined DATA with 354 (RFC 2920, 3.1): a dot alone ends that."""
    fault, offer = Fault("RCPT", "5xx", recipient=address(0)), Offer(data_without_recipient=True)
    with bench.server(CLEAR, fault, offer) as server:
        site = bench.place(server)
        assert site.json("deliver")["failed"] == 1
        assert [mail["state"] for mail in outbox(site)] == ["failed", "sent"]
        assert {mail.content for mail in server.mails if not mail.recipients} <= {b""}
        assert [mail.recipients for mail in server.accepted] == [[address(1)]]
    assert_nothing(list(wrong_traffic(server)))


# What a server quotes


STYLES = ["as it came", "with a mark", "with a code", "narrow", "dots encoded", "all encoded"]


def undone(data: bytes) -> bytes:
    """Quoted-printable, undone."""
    return re.sub(rb"=([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), data)


def traces(token: bytes, data: bytes) -> set[bytes]:
    """Every twenty characters of a token that are in something, whatever stands in between."""
    readings = [re.sub(rb"[^A-Za-z0-9_.-]+", b"", text) for text in (data, undone(data))]
    parts = {token[start : start + 20] for start in range(len(token) - 19)}
    return {part for part in parts if any(part in reading for reading in readings)}


def confirms(site: Site, words: str) -> bool:
    """Whether any token that can be read out of some words confirms the first account."""
    for text in (words, undone(words.encode()).decode()):
        unfolded = re.sub(r"=?\s+(5\.7\.1 |> )?|=$", "", text)
        for found in re.findall(r"[\w-]{20,}\.[\w-]+\.[\w-]{27}", unfolded):
            site.run("confirm", "-", input=found)
    return site.run("check", address(0)).returncode == 0


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("code", ["250", "451", "554", "421", "354"])
def test_a_token_that_a_server_quotes_is_of_no_use(bench, code, style):
    """In no reply that is kept, in no list, and not in what is said of the server itself."""
    fault = Fault("dot", f"quote {code} {style}", recipient=address(0))
    with bench.server(CLEAR, fault) as server:
        site = bench.place(server, mails=1)
        printed = b""
        commands = [
            ["deliver", "--json"], ["list-outbox"], ["list-outbox", "--json"], ["show", address(0)],
            ["show", address(0), "--json"], ["show-mail", 1], ["audit"],
            # Once more, and with the caller waiting.
            ["resend", address(0), "--force"], ["deliver", "--verbose"],
            ["register", "late@example.org", "--no-password", "--wait"],
        ]
        for words in commands:
            run = site.run(*words)
            printed += run.stdout + run.stderr
        [reply, *_] = [mail["last_reply"] for mail in outbox(site)]
        [said, *_] = [session.said.decode() for session in server.sessions if session.said]
        mails = [email.message_from_bytes(mail.content) for mail in server.mails]
    parts = [part.get_payload(decode=True) for mail in mails for part in mail.get_payload()]
    tokens = set(re.findall(rb"/confirm/([\w.-]+)", b"\n".join(parts)))
    files = b"".join(path.read_bytes() for path in site.directory.glob("regctl.db*"))
    lines = printed.splitlines()
    assert tokens
    for token in tokens:
        # The control: it was quoted.
        if token in b"\n".join(part for part in parts[:2]):
            assert traces(token, re.sub(rb"(?m)^\d{3}[- ](5\.7\.1 )?", b"", said.encode()))
        found = [line for line in [*lines, files] if traces(token, line)]
        assert found == []
        assert token[:7] not in printed + files
    if code != "421":
        assert "this looks like spam to us" in reply
    assert "this looks like spam to us" in printed.decode()
    assert not confirms(site, str(reply))
    assert not confirms(site, printed.decode())
    assert confirms(site, re.sub(r"(?m)^\d{3}[- ]", "", said))


@pytest.mark.parametrize("end", [0, 75])
@pytest.mark.parametrize("filler", [0, 300, 65_000])
def test_a_token_that_a_program_quotes_is_of_no_use(bench, tmp_path, filler, end):
    """Also where its words are cut, in the middle of the token."""
    site = copy_of(bench.mails(1), tmp_path / "site")
    program, quoted = tmp_path / "sendmail", tmp_path / "quoted"
    start = f"cat > {quoted}; head -c {filler} /dev/zero | tr '\\0' ' '; sed -n '/confirm/,$p' {quoted}"
    program.write_text(f"#!/bin/sh\n{start}\nexit {end}\n")
    program.chmod(0o700)
    site.settings |= {"mail_transport": "sendmail", "sendmail_path": program}
    site.write_config()
    runs = [site.run("deliver", "--json"), site.run("show", address(0)), site.run("list-outbox")]
    printed = b"".join(run.stdout + run.stderr for run in runs)
    assert runs[0].returncode == end
    [mail] = outbox(site)
    assert (mail["state"], "/confirm/" in mail["last_reply"]) == ("queued" if end else "sent", True)
    parts = email.message_from_bytes(quoted.read_bytes()).get_payload()
    [token, *_] = re.findall(rb"/confirm/([\w.-]+)", parts[0].get_payload(decode=True))
    files = b"".join(path.read_bytes() for path in site.directory.glob("regctl.db*"))
    assert traces(token, quoted.read_bytes())
    assert [line for line in [*printed.splitlines(), files] if traces(token, line)] == []
    assert len(mail["last_reply"].encode()) <= 1024


def test_of_a_long_reply_a_kilobyte_is_kept(bench):
    """What the protocol allows is taken whole, and is an answer; no more than that is written down."""
    for code, state in (("554", "failed"), ("451", "queued"), ("250", "sent")):
        with bench.server(CLEAR, Fault("dot", f"long {code}")) as server:
            site = bench.place(server, mails=1)
            run = deliver(regctl, site, server, measured=True)
            [row] = json.loads(run.stdout)["results"]
            [mail] = outbox(site)
        assert (mail["state"], row["reply"]) == (state, mail["last_reply"])
        assert re.fullmatch(rf"{code} (line of 900 \S+ ?)+\S*…", mail["last_reply"])
        assert 1000 < len(mail["last_reply"].encode()) <= 1024
        assert run.peak <= baseline(bench, CLEAR, regctl) + GROWTH


def test_the_words_of_a_server_do_nothing_to_a_terminal(bench):
    with bench.server(CLEAR, Fault("RCPT", "terminal")) as server:
        site = bench.place(server)
        for words in (["deliver", "--verbose"], ["list-outbox"], ["show", address(0)]):
            run = site.run(*words)
            assert DANGEROUS.findall((run.stdout + run.stderr).decode()) == [], words
        found = {(mail["state"], mail["last_reply"][:10]) for mail in outbox(site)}
        assert found == {("failed", "550 5.1.1 ")}


# TLS


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


BAD_CERTIFICATES = [
    ("name only", "127.0.0.1"),
    ("address only", "localhost"),
    ("wrong name", "localhost"),
    ("wrong address", "127.0.0.1"),
    ("expired", "localhost"),
    ("not yet valid", "localhost"),
    ("unknown authority", "localhost"),
    ("self-signed", "localhost"),
    ("common name only", "localhost"),
    ("address as a name", "127.0.0.1"),
    ("TLS 1.1", "localhost"),
]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(("certificate", "name"), BAD_CERTIFICATES)
def test_a_bad_certificate_is_told_nothing(bench, certificate, name, security):
    """No byte inside TLS, no mail charged; and with a good one the mails leave."""
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
    """It would work; but who took the word away may take more."""
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


def test_what_was_offered_in_clear_is_forgotten(bench):
    """PIPELINING in clear only: the server would not forgive its use."""
    mode = Mode("starttls", ("LOGIN",))
    offer = Offer(in_clear=("PIPELINING", "AUTH PLAIN"), in_tls=("AUTH LOGIN",))
    with bench.server(mode, None, offer) as server:
        assert bench.place(server).json("deliver")["sent"] == 2
        assert [*server.commands()][:4] == ["EHLO", "STARTTLS", "EHLO in TLS", "AUTH in TLS"]
    assert_nothing(list(wrong_traffic(server)))


# AUTH


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
    """What was said in clear does not count, nor does a mail go without a name."""
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


def test_a_password_too_long_for_a_line_is_an_answer_of_its_own(bench):
    """AUTH with a first answer is a command, and no longer than one (RFC 4954, 4)."""
    with bench.server(Mode("tls", ("PLAIN",))) as server:
        server.password = "long" * 150
        site = bench.place(server)
        write_password(site.directory, server.password)
        assert site.json("deliver")["sent"] == 2
    assert_nothing(list(wrong_traffic(server)))


# The control: the same checks, and a deliverer that can be made to err.


CARELESS = r'''
"""Sends what is due with smtplib; careful, but for the ways that it is told to be careless in."""
import json, re, signal, smtplib, socket, sqlite3, ssl, sys, time

settings, careless = json.loads(sys.argv[1]), set(sys.argv[2:])
db = sqlite3.connect(settings["db"], isolation_level=None, timeout=30)
context = ssl.create_default_context(cafile=settings.get("mail_ca_file"))
if "certificate" in careless:
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE


class Broken(Exception):
    pass


class Refused(Exception):
    pass


class Unavailable(Exception):
    pass


def alarm(*_):
    raise Broken("too late")


class Client(smtplib.SMTP):
    def getreply(self):
        self.file = self.file or self.sock.makefile("rb")
        lines, limit = [], -1 if "hoarding" in careless else 2048
        if "patient" not in careless:
            signal.setitimer(signal.ITIMER_REAL, 1)
        while not lines or lines[-1][3:4] == b"-":
            lines.append(self.file.readline(limit))
            large = len(lines) > 100 or sum(map(len, lines)) > 65536
            if not lines[-1].endswith(b"\r\n") or large and limit > 0:
                raise Broken(lines[-1])
        signal.setitimer(signal.ITIMER_REAL, 0)
        codes = [line[:3] for line in lines]
        if len(set(codes)) > 1 and "mixed" not in careless or not codes[0].isdigit():
            raise Broken(lines)
        return int(codes[0]), b"\n".join(line[4:].strip() for line in lines)

    def must(self, command, code, *others):
        found, text = self.docmd(command) if command else self.getreply()
        if found == 421:
            raise Unavailable(text)
        if found // 100 in (4, 5):
            raise Refused(found, text)
        if found not in (code, *others):
            raise Broken(found)
        return f"{found} {text.decode().strip()}"


def wrapped(sock):
    return context.wrap_socket(sock, server_hostname=settings["mail_server"])


def connect():
    client = Client(local_hostname="client.example", timeout=1)
    client.sock = socket.create_connection((settings["mail_server"], settings["mail_port"]), 1)
    if settings["mail_security"] == "tls":
        client.sock = wrapped(client.sock)
    client.must(None, 220, *([250] if "greeting" in careless else []))
    if client.ehlo()[0] != 250:
        raise Unavailable("EHLO")
    if settings["mail_security"] == "starttls" and ("clear" not in careless or client.has_extn("starttls")):
        if not client.has_extn("starttls"):
            raise Unavailable("STARTTLS")
        client.must("STARTTLS", 220)
        client.sock, client.file = wrapped(client.sock), None
        client.ehlo()
    if "mail_username" in settings:
        import base64
        word = open(settings["mail_password_file"]).read().strip()
        plain = base64.b64encode(f"\0{settings['mail_username']}\0{word}".encode()).decode()
        client.must("AUTH PLAIN " + plain, 235)
    return client


def send(client, number, email):
    """Returns the words of the server; `dotted` says whether the final dot has gone."""
    global dotted
    dotted = False
    client.must("MAIL FROM:<a@app.example>", 250)
    client.must(f"RCPT TO:<{email}>", 250)
    client.must("DATA", 354)
    if "hasty" not in careless and settings["mail_security"] == "none":
        client.sock.setblocking(False)
        early = client.file.peek(1)
        client.sock.settimeout(1)
        if early:
            raise Broken(early)
    end = "\n" if "newline" in careless else "\r\n"
    message = f"To: {email}{end}Message-ID: <m{number}@app.example>{end}{end}Hello{end}"
    client.send(message.encode() + b".\r\n")
    dotted = True
    return client.must(None, 250)


def record(number, state, reply, wait=0):
    doubt = state == "queued" and dotted and not reply.startswith("4") and "sure" not in careless
    db.execute(
        "UPDATE regctl_outbox SET state = ?, attempts = attempts + 1, last_reply = ?,"
        " next_attempt_at = ?, possible_duplicate = possible_duplicate OR ? WHERE id = ?",
        (state, reply, time.time() // 1 + wait if wait else None, doubt, number))
    summary[{"queued": "deferred"}.get(state, state)] += 1


signal.signal(signal.SIGALRM, alarm)
summary = {"schema": 1, "sent": 0, "deferred": 0, "failed": 0, "results": []}
due = db.execute("SELECT id, email FROM regctl_outbox WHERE state = 'queued' AND next_attempt_at <= ?"
                 " ORDER BY id", (time.time(),)).fetchall()
client, error = None, None
for number, email in due:
    try:
        client = client or connect()
    except (Broken, Refused, Unavailable, OSError, ValueError, smtplib.SMTPException) as reason:
        error = 69, "mail_unavailable"
        break
    try:
        record(number, "sent", send(client, number, email))
        continue
    except Unavailable:
        error = 69, "mail_unavailable"
        break
    except Refused as reason:
        code = reason.args[0]
        reply = f"{code} {reason.args[1]}"
        record(number, "queued" if code < 500 else "failed", reply, 60 if code < 500 else 0)
        client.docmd("RSET")
    except (Broken, OSError, ValueError, smtplib.SMTPException) as reason:
        record(number, "queued", "broken", 60)
        client.close()
        client = None
    if summary["deferred"]:
        error = 75, "mail_deferred"
try:
    client and client.quit()
except (Broken, OSError, ValueError, smtplib.SMTPException):
    pass
print(json.dumps(summary), flush=True)
if error:
    print(json.dumps({"schema": 1, "error": {"code": error[1], "exit": error[0]}}), file=sys.stderr)
    sys.exit(error[0])
'''


def python(*careless: str) -> Program:
    """The control, careless in the ways named."""

    def program(site: Site) -> list[str]:
        settings = {key: str(word) for key, word in site.settings.items()}
        return [sys.executable, "-I", "-S", "-c", CARELESS, json.dumps(settings), *careless]

    return program


CARE = [
    ("greeting", CLEAR, "greeting", "250", "exit code 0, not 69"),
    ("mixed", CLEAR, "MAIL", "mixed", "the mail is"),
    ("mixed", CLEAR, "RCPT", "mixed", "the mail is"),
    ("mixed", CLEAR, "dot", "mixed", "the mail is ('sent', 1, False), not ('queued', 1, True)"),
    ("mixed", CLEAR, "greeting", "mixed", "exit code 0, not 69"),
    ("sure", CLEAR, "dot", "drop", "the mail is ('queued', 1, False), not ('queued', 1, True)"),
    ("sure", STARTTLS, "dot", "garbage", "not ('queued', 1, True)"),
    ("patient", CLEAR, "RCPT", "slow", "it hung"),
    ("patient", CLEAR, "EHLO", "slow", "it hung"),
    ("hoarding", CLEAR, "RCPT", "endless", "peak memory"),
    ("hoarding", CLEAR, "greeting", "overlong", "peak memory"),
    ("hoarding", STARTTLS, "dot", "endless", "peak memory"),
    ("newline", CLEAR, "QUIT", "drop", "a bare CR or LF"),
    ("hasty", CLEAR, "DATA", "early 250", "the mail is ('sent', 1, False), not ('queued', 1, False)"),
    ("hoarding", CLEAR, "dot", "large", "the mail is ('sent', 1, False), not ('queued', 1, True)"),
]


def examine_control(bench: Bench, words: tuple[str, Mode, str, str, str], careful: bool) -> list[str]:
    flaw, mode, verb, kind, _ = words
    once = verb not in SETUP and verb != "QUIT"
    return examine(bench, Case(mode, Fault(verb, kind, once)), python(*[flaw] * (not careful)))


def test_the_checks_find_nothing_in_a_careful_deliverer(bench):
    baseline(bench, CLEAR, python())
    baseline(bench, STARTTLS, python())
    assert_nothing(all_at_once(lambda words: examine_control(bench, words, True), CARE))


def test_the_checks_find_each_way_to_be_careless(bench):
    """One that takes 250 as a greeting, the first of two codes, a drop as a refusal and so on."""

    def missed(words: tuple) -> list[str]:
        found = examine_control(bench, words, False)
        return [f"{words}: {found}"] * (not any(words[-1] in complaint for complaint in found))

    assert_nothing(all_at_once(missed, CARE))


def test_the_checks_find_a_password_before_tls(bench):
    with bench.server(STARTTLS, None, Offer(stripped=True, in_clear=("AUTH PLAIN",))) as server:
        deliver(python("clear"), bench.place(server), server)
        found = " ".join(wrong_traffic(server))
    assert "AUTH before TLS" in found
    assert "the password before TLS" in found


@pytest.mark.parametrize(("certificate", "name"), BAD_CERTIFICATES)
def test_a_careless_client_talks_to_each_bad_certificate(bench, certificate, name):
    """So it is the certificate that stops regctl, and not a server that would not do."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with bench.server(Mode("tls"), certificate=certificate) as server:
        with smtplib.SMTP_SSL(name, server.port, context=context, timeout=PATIENCE) as client:
            assert client.ehlo()[0] == 250
            assert (client.sock.version() == "TLSv1.1") == (certificate == "TLS 1.1")


def test_the_server_refuses_nothing_that_smtplib_says(bench):
    """A second client agrees with the server in every mode."""
    trusting = ssl.create_default_context(cafile=str(bench.certificates.ca_file))
    for mode in MODES:
        with bench.server(mode) as server:
            kind = smtplib.SMTP_SSL if mode.security == "tls" else smtplib.SMTP
            words = {"context": trusting} if mode.security == "tls" else {}
            with kind("localhost", server.port, "client.example", timeout=PATIENCE, **words) as client:
                if mode.security == "starttls":
                    client.starttls(context=trusting)
                client.ehlo()
                if mode.auth:
                    plain = base64.b64encode(f"\0{USERNAME}\0{PASSWORD}".encode()).decode()
                    name, word = (base64.b64encode(text.encode()).decode() for text in (USERNAME, PASSWORD))
                    said = [f"AUTH PLAIN {plain}"] if mode.auth == ("PLAIN",) else ["AUTH LOGIN", name, word]
                    assert [client.docmd(line)[0] for line in said][-1] == 235
                client.sendmail("a@app.example", "b@example.org", "Subject: x\r\n\r\n.a\r\n..\r\n")
        [mail] = server.accepted
        assert (mail.sender, mail.recipients) == ("a@app.example", ["b@example.org"])
        assert mail.content == b"Subject: x\r\n\r\n.a\r\n..\r\n"
        assert [session.violations for session in server.sessions] == [[]]
