"""S1-S3: `deliver` with a mail server that is broken, slow or hostile, step by step."""

import email
from collections import Counter
from collections.abc import Iterator

import pytest

from Campaigns.extent import sample
from Campaigns.smtp_faults.bench import (
    CLEAR,
    CLEAR_GROUPED,
    MODES,
    STARTTLS,
    TLS_GROUPED,
    address,
    baseline,
    deliver,
    lateness,
    make_due,
    outbox,
    regctl,
    unhurried,
)
from Campaigns.smtp_faults.checks import (
    all_at_once,
    assert_nothing,
    examine,
    wrong_mails,
    wrong_traffic,
)
from Campaigns.smtp_faults.modes import Fault, Mode, Offer
from Campaigns.smtp_faults.server import FaultServer
from Campaigns.smtp_faults.verdicts import FAILED, Case, cases, verbs, verdict_on
from regctl import Site

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


@pytest.mark.parametrize(
    ("mode", "verb"), [(mode, verb) for mode in MODES for verb in verbs(mode)], ids=str
)
def test_a_fault_at_a_step_has_its_result(bench, mode, verb):
    """And the others are sent, and when the fault is gone the mail is sent, once."""
    # Measured before other threads need it.
    baseline(bench, mode, regctl)
    tried = sample("faults of mail servers at a step", cases(mode, verb), 4)
    assert_nothing(all_at_once(lambda case: examine(bench, case), tried))


@pytest.mark.parametrize("connections", [1, 4])
def test_a_fault_of_the_server_counts_as_no_attempt(bench, connections):
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
        assert unhurried(site).json("deliver")["sent"] == 5
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
def test_a_poisonous_mail_does_not_delay_others(bench, mode, connections):
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
