"""The mail server of the week: what it answers depends on the recipient and on the time.

The local part of an address decides what becomes of mail to it: see `reply_to`.
"""

import email
import email.policy
import re
import socket
from dataclasses import dataclass

from Campaigns.recording_server import REPLIES, Conversation, RecordingServer
from Campaigns.week.clock import MINUTE, Clock

ACCEPTED = "250 2.0.0 accepted"
GREYLISTED = "451 4.7.1 greylisted, try again in four minutes"
UNKNOWN = "550 5.1.1 no such user"
FULL = "452 4.2.2 mailbox full"
TROUBLE = "451 4.3.0 the disk is being replaced"
BLOCKED = "554 5.7.1 listed by a block list, see https://list.example/192.0.2.1"
SHUT = "421 4.3.2 shutting down"


@dataclass
class Answer:
    """What the server finally said to one try of one mail."""

    at: int
    # The number of a mail of regctl's, from its ENVID; the application's mails have none.
    mail: int | None
    sender: str
    recipient: str
    reply: str
    # The link in a mail that was accepted.
    link: str = ""

    @property
    def is_accepted(self) -> bool:
        return self.reply == ACCEPTED


@dataclass(frozen=True)
class Trouble:
    """Times, each from one moment to another, at which the server does not work as usual."""

    shut: tuple[int, int]
    troubled: tuple[int, int]
    blocking: tuple[int, int]


class MailServer(RecordingServer):
    """Greylists, refuses, is out of order and puts its client on a block list."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.extensions.append(b"DSN")
        self.clock = clock
        self.trouble = Trouble((0, 0), (0, 0), (0, 0))
        self.answers: list[Answer] = []
        # When a sender first wrote to a recipient who is greylisted.
        self._first: dict[tuple[str, str], int] = {}

    def is_in(self, time: tuple[int, int]) -> bool:
        return time[0] <= self.clock.now < time[1]

    def tick(self) -> None:
        """To be called when the clock was set."""
        is_shut = self.is_in(self.trouble.shut)
        self.replies["connect"] = SHUT.encode() if is_shut else REPLIES["connect"]

    def reply_to(self, sender: str, recipient: str) -> str:
        """The answer to RCPT."""
        kind, now = recipient.split(".")[0], self.clock.now
        if self.is_in(self.trouble.shut):
            return SHUT
        if self.is_in(self.trouble.blocking):
            return BLOCKED
        if self.is_in(self.trouble.troubled):
            return TROUBLE
        if kind == "unknown":
            return UNKNOWN
        if kind == "full":
            return FULL
        if kind == "grey" and now < self._first.setdefault((sender, recipient), now) + 4 * MINUTE:
            return GREYLISTED
        return ACCEPTED

    def accept(self, mail: bytes) -> None:
        """Notes a mail before its client hears that it was accepted."""
        message = email.message_from_bytes(mail, policy=email.policy.default)
        number = re.match(r"\d+", message.get("X-Regctl-Mail", ""))
        link = re.search(r'href="(.*?)"', message.get_body(("html",)).get_content())
        self.answers.append(Answer(
            self.clock.now, int(number[0]) if number else None, message["From"], message["To"],
            ACCEPTED, link[1] if link else "",
        ))
        super().accept(mail)
        if self.on_step:
            # It has the mail, and its client does not know.
            self.on_step("taken")

    def converse(self, stream: socket.socket) -> Conversation:
        return Client(self, stream)

    def take(self) -> list[Answer]:
        """The answers since the last call, once every client is gone."""
        self.wait_until_idle()
        answers, self.answers = self.answers, []
        return answers


class Client(Conversation):
    """A client whose envelopes are noted."""

    server: MailServer
    mail: int | None = None
    sender = recipient = ""

    def answer(self, verb: str, line: bytes) -> bool:
        text = line.decode()
        if verb == "MAIL":
            self.sender = re.search("<(.*?)>", text)[1]
            found = re.search(r"ENVID=(\d+)\.", text)
            self.mail = int(found[1]) if found else None
        elif verb == "RCPT":
            self.recipient = re.search("<(.*?)>", text)[1]
            reply = self.server.reply_to(self.sender, self.recipient)
            if reply != ACCEPTED:
                self.step(verb)
                self.note(reply)
                self.send(reply.encode())
                return False
        return super().answer(verb, line)

    def note(self, reply: str) -> None:
        answer = Answer(self.server.clock.now, self.mail, self.sender, self.recipient, reply)
        self.server.answers.append(answer)
