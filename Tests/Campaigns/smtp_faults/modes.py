"""The capabilities of a server and its faults."""

from dataclasses import dataclass

USERNAME = "regctl@mail.example"
PASSWORD = 'a "secret" of \\ pa$$w\u00f6rds'
# Seconds after which something has hung, and is ended.
PATIENCE = 30
# Far more, so that a server never gives up before a client that the machine holds up.
SERVER_PATIENCE = 600


@dataclass(frozen=True)
class Mode:
    """The capabilities of the server, in order."""

    security: str = "clear"
    auth: tuple[str, ...] = ()
    pipelining: bool = False
    # Whether the replies to a group of commands come in one packet.
    grouped: bool = False

    def __str__(self) -> str:
        words = [self.security, *(word.lower() for word in self.auth)]
        return "-".join(words + ["pipelining"] * self.pipelining + ["grouped"] * self.grouped)


@dataclass(frozen=True)
class Fault:
    """A fault of the server: every time, once, or for one recipient."""

    verb: str
    kind: str
    once: bool = False
    recipient: str | None = None


@dataclass(frozen=True)
class Offer:
    """What the server says of itself beyond its mode; the tricks of one in the middle."""

    # Answers EHLO without the word STARTTLS, which would work.
    stripped: bool = False
    # Sent behind the 220 reply to STARTTLS, in the same packet.
    injected: bytes = b""
    # Said in clear only, and in TLS only.
    in_clear: tuple[str, ...] = ()
    in_tls: tuple[str, ...] | None = None
    # Answers DATA with 354 although it has no recipient (RFC 2920, 3.1).
    data_without_recipient: bool = False


@dataclass
class Mail:
    """A mail that came to its final dot."""

    sender: str
    recipients: list[str]
    content: bytes
    accepted: bool = False
