"""The steps at which a fault can occur, and the expected results."""

from dataclasses import dataclass, replace

from Campaigns.smtp_faults.bench import LIMIT
from Campaigns.smtp_faults.modes import Fault, Mode

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
# Faults of the server or of the configuration, which are not blamed on a mail.
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
    """The expected result of a mail, of those after it, and of the run."""

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
    """The expected result of a fault."""
    if fault is None or fault.verb == "QUIT":
        return SENT
    if fault.verb in SETUP or fault.kind == "421":
        return STOPPED
    if fault.kind == "5xx":
        return FAILED
    in_doubt = fault.verb == "dot" and fault.kind != "4xx"
    return IN_DOUBT if in_doubt else DEFERRED


@dataclass(frozen=True)
class Case:
    """A fault of a server, and how long the step with it may take."""

    mode: Mode
    fault: Fault | None
    limit: int = LIMIT

    def __str__(self) -> str:
        return f"{self.mode}, {self.fault.verb}: {self.fault.kind}" if self.fault else str(self.mode)


def cases(mode: Mode, verb: str) -> list[Case]:
    """Every kind of fault at a step."""
    # A server that is broken stays so; a mail that breaks it should not take the next one along.
    once = verb not in SETUP and verb != "QUIT"
    limit = 2 if verb == "body" else LIMIT
    return [Case(mode, Fault(verb, kind, once), limit) for kind in KINDS.get(verb, REPLIES)]
