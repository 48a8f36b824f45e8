"""The control: the same checks, with a deliverer that can be made to fail."""

import base64
import json
import smtplib
import ssl
import sys
import warnings

import pytest

from Campaigns.smtp_faults.bench import CLEAR, MODES, STARTTLS, Bench, Program, baseline, deliver
from Campaigns.smtp_faults.certificates import BAD_CERTIFICATES
from Campaigns.smtp_faults.checks import all_at_once, assert_nothing, examine, wrong_traffic
from Campaigns.smtp_faults.modes import PASSWORD, PATIENCE, USERNAME, Fault, Mode, Offer
from Campaigns.smtp_faults.verdicts import SETUP, Case
from regctl import Site

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
    """The control, careless in the given ways."""

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
