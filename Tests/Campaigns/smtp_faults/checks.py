"""Checks of a run, its rows and its traffic."""

import base64
import concurrent.futures
import email
import re
from collections import Counter
from collections.abc import Callable, Iterator

from Campaigns.smtp_faults.bench import (
    GROWTH,
    LIMIT,
    SLACK,
    Bench,
    Program,
    Run,
    baseline,
    deliver,
    large_templates,
    lateness,
    make_due,
    outbox,
    regctl,
    seconds_to,
    unhurried,
)
from Campaigns.smtp_faults.modes import PASSWORD, USERNAME, Fault, Mode
from Campaigns.smtp_faults.pulse import Pulse
from Campaigns.smtp_faults.server import FaultServer
from Campaigns.smtp_faults.server_session import Session
from Campaigns.smtp_faults.verdicts import DEFERRED, FAILED, IN_DOUBT, Case, Verdict, verdict_on


def examine(bench: Bench, case: Case, program: Program = regctl) -> list[str]:
    """Delivers two mails to a server with a fault, and again without it; returns what is wrong."""
    try:
        with bench.server(case.mode, case.fault) as server:
            found = list(wrong_with(bench, case, program, server))
            ends = [session.end for session in server.sessions]
    except Exception as error:  # noqa: BLE001 - any is a finding, and should name its case
        found, ends = [repr(error)], []
    return [f"{case}: {complaint}; the connections: {ends}" for complaint in found]


def wrong_with(bench: Bench, case: Case, program: Program, server: FaultServer) -> Iterator[str]:
    settings = {"mail_timeout": f"{case.limit}s"}
    if case.fault and case.fault.verb == "body":
        settings["templates_dir"] = large_templates(bench.directory / "templates")
    site = bench.place(server, **settings)
    verdict = verdict_on(case.fault)
    flood = case.fault is not None and case.fault.kind in {"overlong", "endless", "large"}
    run = deliver(program, site, server, measured=flood)
    yield from wrong_run(run, verdict)
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
    recovery = deliver(program, unhurried(site), server)
    yield from wrong_recovery(recovery, verdict, outbox(site), server)
    # A slow machine makes each of the two mails as slowly as the one of the second run.
    yield from lateness(run, case.limit + 2 * recovery.seconds)
    yield from wrong_traffic(server)


def wrong_run(run: Run, verdict: Verdict) -> Iterator[str]:
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
    if PASSWORD.encode() in run.stdout + run.stderr:
        yield "it printed the password"


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
    """Violations in the bytes that were sent, unencrypted and inside TLS."""
    for session in server.sessions:
        yield from session.violations
        for data in (session.clear, session.tls):
            # A connection can break between the two bytes of a line's end.
            bare = re.search(rb"(?<!\r)\n|\r(?!\n|\Z)", data)
            if bare:
                yield f"a bare CR or LF: {bytes(data[max(0, bare.start() - 30) : bare.end()])!r}"
        yield from wrong_in_clear(server.mode, session)


def wrong_in_clear(mode: Mode, session: Session) -> Iterator[str]:
    """Data sent before TLS that should not have been."""
    allowed = {
        "clear": rb"(?s:.*)",
        "starttls": rb"(?i:(EHLO [^\r\n]+\r\n(STARTTLS\r\n)?)?(QUIT\r\n)?)",
        "tls": rb"",
    }
    # A failed handshake ends with an alert (RFC 8446, 5.1 and 6): a record of two bytes.
    alert = rb"(?s:\x15\x03[\x01-\x04]\x00\x02..)?"
    if not re.fullmatch(allowed[mode.security] + alert, session.clear):
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


def all_at_once(work: Callable[[Case], list[str]], cases: list[Case]) -> list[str]:
    """Works on cases eight at a time; returns all that is wrong with any of them."""
    with Pulse() as pulse, concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = dict(zip(cases, pool.map(work, cases), strict=True))
    # A busy machine makes one late by chance; alone, it is late only for a reason.
    for case, complaints in found.items():
        late = all("it took" in complaint for complaint in complaints)
        if complaints and (late or pulse.longest > LIMIT / 2):
            found[case] = work(case)
    return [complaint for complaints in found.values() for complaint in complaints]


def assert_nothing(complaints: list[str]) -> None:
    assert complaints == [], "\n" + "\n".join(complaints)
