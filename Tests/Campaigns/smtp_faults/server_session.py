"""What a server with a fault says in one connection."""

import base64
import contextlib
import os
import re
import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

from Campaigns.smtp_faults.connection import CHUNK, Connection, Ended
from Campaigns.smtp_faults.modes import USERNAME, Mail

if TYPE_CHECKING:
    from Campaigns.smtp_faults.server import FaultServer

# The last command that a client may send before it has read the replies (RFC 2920, 3.1).
LAST_OF_A_GROUP = {b"EHLO", b"DATA", b"STARTTLS", b"AUTH", b"QUIT", b"NOOP", b"VRFY", b"EXPN"}
WORDS = {
    "4xx": b"451 4.3.0 tell us later\r\n",
    "5xx": b"554 5.1.1 we never take it\r\n",
    "250": b"250 2.0.0 Hello\r\n",
    "299": b"299 2.9.9 a success of our own\r\n",
    "600": b"600 6.0.0 beyond the table\r\n",
    "terminal": b"550 5.1.1 \x1b]0;title\x07\x1b[31mred\xe2\x80\xae\xc2\x9b2J \xff the end\r\n",
    "garbage": b"\x00\xff\xfe\x1b[2J\x80 2xx maybe\x07\r\n",
}


def base64_of(text: bytes) -> bytes:
    """What base64 says, or what no client would say."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b"\xff not base64"


def quoting(content: bytes, code: str, style: str) -> bytes:
    """A reply that quotes the link of a mail, in quoted-printable as it came or in another way."""
    lines = content.split(b"\r\n")
    first = next(number for number, line in enumerate(lines) if b"/confirm/" in line)
    last = next(number for number in range(first, len(lines)) if not lines[number].endswith(b"="))
    lines = lines[first : last + 1]
    prefix = b"5.7.1 "
    match style:
        case "as it came":
            prefix = b""
        case "with a mark":
            prefix = b"> "
        case "narrow":
            text = b"".join(line.removesuffix(b"=") for line in lines)
            lines = [text[start : start + 33] + b"=" for start in range(0, len(text), 33)]
        case "dots encoded":
            lines = [line.replace(b".", b"=2E") for line in lines]
        case "all encoded":
            text = b"".join(line.removesuffix(b"=") for line in lines)
            lines = [
                b"".join(b"=%02X" % byte for byte in text[start : start + 25]) + b"="
                for start in range(0, len(text), 25)
            ]
    said = [prefix + b"this looks like spam to us", *[prefix + line for line in lines]]
    return b"".join(code.encode() + b"-" + line + b"\r\n" for line in said) + code.encode() + b" no\r\n"


class Session(Connection):
    """What is said in a connection, and which mails were in it."""

    def __init__(self, server: "FaultServer", connection: socket.socket) -> None:
        super().__init__(server.mode, connection, server.stopping)
        self.server = server
        self.offer = server.offer
        self.authenticated = self.greeted = False
        self.commands: list[tuple[str, bool]] = []
        self.sender: str | None = None
        self.recipients: list[str] = []
        # The reply that quoted a mail.
        self.said = b""

    def serve(self) -> None:
        """Speaks until either side ends the connection."""
        try:
            if self.mode.security == "tls":
                self.secure()
            self.reply("greeting", 220, "mail.example ESMTP")
            while True:
                self.obey(self.line())
        except (Ended, OSError) as end:
            place = self.commands[-1][0] if self.commands else "no command"
            self.end = f"{end!r} after {place}"
        self.connection.close()
        self.ended.set()

    # Replies

    def reply(self, verb: str, code: int, *texts: str) -> bool:
        """Answers; or does what is wrong instead, and returns false."""
        if fault := self.server.take(verb, self.recipients):
            self.misbehave(fault.kind, code)
            return False
        last = len(texts) - 1
        lines = [f"{code}{' ' if n == last else '-'}{text}\r\n" for n, text in enumerate(texts)]
        self.send("".join(lines).encode())
        return True

    def misbehave(self, kind: str, due: int) -> None:
        """Does what is wrong where a code is due."""
        match kind:
            case "drop":
                self.flush()
                raise Ended
            case "silence":
                self.swallow()
            case "slow":
                self.dribble(b"%d " % due)
            case "cut":
                self.send(b"%d-half of\r\n%d a rep" % (due, due))
                self.flush()
                raise Ended
            case "421":
                self.send(b"421 4.3.2 closing down\r\n")
                self.close_kindly()
            case "mixed":
                self.send(b"%d-a part of it\r\n550 5.0.0 is refused\r\n" % due)
            case "wrong class":
                other = 354 if due // 100 == 2 else 250
                self.send(b"%d what was not asked\r\n" % other)
            case "large":
                # 100 KB in 100 lines: more bytes than a reply may have, and no more lines.
                line = b"y" * 992
                self.send(b"%d-%s\r\n" % (due, line) * 99 + b"%d %s\r\n" % (due, line))
            case "early 250" | "early 451" | "early 554":
                # The reply to a mail of which it has read nothing, in one packet with the 354.
                self.send(b"354 go ahead\r\n" + kind[-3:].encode() + b" 2.0.0 as if\r\n")
                self.swallow()
            case "overlong":
                self.pour(b"%d " % due, b"x" * CHUNK)
            case "endless":
                line = b"%d-%s\r\n" % (due, b"y" * 500)
                self.pour(b"", line * (CHUNK // len(line)))
            case _ if kind.startswith("long "):
                code = kind.removeprefix("long ").encode()
                line = b"line of 900 " + b"\xc3\xbc" * 450
                self.send((code + b"-" + line + b"\r\n") * 60 + code + b" " + line + b"\r\n")
            case _ if kind.startswith("quote "):
                _, code, style = kind.split(" ", 2)
                self.said = quoting(self.server.mails[-1].content, code, style)
                self.send(self.said)
                if code == "421":
                    self.close_kindly()
            case _:
                self.send(WORDS[kind])

    # TLS

    def secure(self) -> None:
        """Waits for the handshake; from here on all is inside TLS."""
        self.peek()
        if fault := self.server.take("handshake"):
            self.spoil(fault.kind)
            raise Ended
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.buffer.clear()
        self.secured, self.greeted = True, False

    def peek(self) -> None:
        """Notes the first bytes of what should be a handshake."""
        self.hello = self.connection.recv(CHUNK, socket.MSG_PEEK)
        if self.hello in {b"", b"QUIT\r\n"}:
            raise Ended
        if not self.hello.startswith(b"\x16\x03"):
            self.violations.append("no handshake where TLS begins")

    def spoil(self, kind: str) -> None:
        """Does what is wrong where a handshake is due; not counted among the bytes in clear."""
        hello = self.connection.recv(CHUNK)
        match kind:
            case "drop":
                raise Ended
            case "silence":
                self.swallow()
            case "slow":
                self.dribble(self.first_flight(hello))
            case "garbage":
                self.send(os.urandom(2000))
            case "421":
                self.send(b"421 4.3.2 closing down\r\n")
            case "alert":
                self.send(b"\x15\x03\x03\x00\x02\x02\x28")
            case "endless":
                # A message of 16 MB that begins like ServerHello, in as many records as it takes.
                record = b"\x16\x03\x03\x40\x00"
                self.pour(record + b"\x02\xff\xff\xff" + bytes(0x4000 - 4), record + bytes(0x4000))
        self.swallow()

    def first_flight(self, hello: bytes) -> bytes:
        """What the server would answer to a ClientHello."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.server.context.wrap_bio(incoming, outgoing, server_side=True)
        incoming.write(hello)
        with contextlib.suppress(ssl.SSLWantReadError):
            tls.do_handshake()
        return outgoing.read()

    # Commands

    def obey(self, line: bytes) -> None:
        """Does what a line says."""
        verb, _, argument = line.partition(b" ")
        verb = verb.upper()
        self.commands.append((verb.decode("latin-1"), self.secured))
        self.judge(line, verb)
        handlers: dict[bytes, Callable[[bytes], object]] = {
            b"EHLO": self.ehlo,
            b"STARTTLS": self.starttls,
            b"AUTH": self.auth,
            b"MAIL": self.mail,
            b"RCPT": self.rcpt,
            b"DATA": self.data,
            b"RSET": self.rset,
            b"NOOP": lambda _: self.reply("NOOP", 250, "2.0.0 Ok"),
            b"QUIT": self.quit,
        }
        if handler := handlers.get(verb):
            handler(argument)
        else:
            self.violations.append(f"unknown command {line[:80]!r}")
            self.reply("unknown", 500, "5.5.2 What?")

    def judge(self, line: bytes, verb: bytes) -> None:
        """Notes what is wrong with a command apart from its meaning."""
        if len(line) > 510:
            self.violations.append(f"a command of {len(line)} bytes")
        if not self.greeted and verb not in {b"EHLO", b"HELO", b"QUIT", b"RSET", b"NOOP"}:
            self.violations.append(f"{verb!r} before EHLO")
        if self.behind():
            if verb in LAST_OF_A_GROUP:
                self.violations.append(f"something behind {verb!r} before its reply")
            elif not self.offers("PIPELINING"):
                self.violations.append(f"something behind {verb!r}, without PIPELINING")

    def capabilities(self) -> list[str]:
        """What EHLO is answered with."""
        said = ["SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES"]
        said += ["PIPELINING"] * self.mode.pipelining
        if self.secured:
            said += ["AUTH " + " ".join(self.mode.auth)] * bool(self.mode.auth)
            return said if self.offer.in_tls is None else [*self.offer.in_tls]
        starttls = self.mode.security == "starttls" and not self.offer.stripped
        return said + ["STARTTLS"] * starttls + [*self.offer.in_clear]

    def offers(self, word: str) -> bool:
        return any(line.split()[0] == word for line in self.capabilities())

    def ehlo(self, argument: bytes) -> None:
        if not re.fullmatch(rb"[A-Za-z0-9.-]+|\[[0-9A-Fa-f.:IPv]+\]", argument):
            self.violations.append(f"EHLO {argument[:80]!r}")
        self.forget()
        verb = "EHLO again" if self.secured and self.mode.security == "starttls" else "EHLO"
        self.greeted = self.reply(verb, 250, "mail.example", *self.capabilities())

    def starttls(self, argument: bytes) -> None:
        if argument or self.secured or self.mode.security != "starttls":
            self.violations.append("STARTTLS out of place")
            self.reply("unknown", 503, "5.5.1 Not now")
            return
        if self.offer.injected:
            self.server.fired += 1
            self.send(b"220 2.0.0 Go ahead\r\n" + self.offer.injected)
            self.flush()
        elif not self.reply("STARTTLS", 220, "2.0.0 Go ahead"):
            return
        self.secure()

    def auth(self, argument: bytes) -> None:
        """PLAIN or LOGIN, each with or without a first answer."""
        if not self.secured:
            self.violations.append("AUTH outside TLS")
        mechanism, _, first = argument.decode("latin-1").upper().partition(" ")
        if mechanism not in self.mode.auth or not self.offers("AUTH"):
            self.violations.append(f"AUTH {mechanism[:80]!r}, which is not offered")
            self.reply("unknown", 504, "5.5.4 Not offered")
            return
        said = base64_of(argument.partition(b" ")[2]) if first else None
        answers = self.plain(said) if mechanism == "PLAIN" else self.login(said)
        if answers is None:
            return
        verb = "AUTH" if first and mechanism == "PLAIN" else "AUTH password"
        name, word = USERNAME.encode(), self.server.password.encode()
        right = answers in ([b"\0" + name + b"\0" + word], [name, word])
        if not right:
            self.reply("unknown", 535, "5.7.8 Authentication credentials invalid")
        elif self.reply(verb, 235, "2.7.0 Welcome"):
            self.authenticated = True

    def plain(self, said: bytes | None) -> list[bytes] | None:
        """What the client says; nothing when the fault came instead of a question."""
        if said is None:
            said = self.ask("AUTH", "")
        return None if said is None else [said]

    def login(self, name: bytes | None) -> list[bytes] | None:
        """The name and the password; nothing when the fault came instead of a question."""
        verb = "AUTH" if name is not None else "AUTH username"
        if name is None:
            name = self.ask("AUTH", "VXNlcm5hbWU6")
        if name is None:
            return None
        word = self.ask(verb, "UGFzc3dvcmQ6")
        return None if word is None else [name, word]

    def ask(self, verb: str, question: str) -> bytes | None:
        """What the client answers to a question of AUTH."""
        return base64_of(self.line()) if self.reply(verb, 334, question) else None

    def mail(self, argument: bytes) -> None:
        found = re.fullmatch(rb"(?i)FROM:<([^<>\s]*)>((?: [A-Z0-9-]+(?:=\S+)?)*)", argument)
        if not found or self.sender is not None:
            self.violations.append(f"MAIL {argument[:80]!r}")
            self.reply("unknown", 503, "5.5.1 Not so")
            return
        for parameter in found[2].split():
            keyword = parameter.partition(b"=")[0].decode().upper()
            if not self.offers({"BODY": "8BITMIME"}.get(keyword, keyword)):
                self.violations.append(f"{keyword}, which is not offered")
        if self.mode.auth and not self.authenticated:
            self.reply("unknown", 530, "5.7.0 Authentication required")
        elif self.reply("MAIL", 250, "2.1.0 Ok"):
            self.sender = found[1].decode()

    def rcpt(self, argument: bytes) -> None:
        found = re.fullmatch(rb"(?i)TO:<([^<>\s]+@[^<>\s]+)>", argument)
        if not found:
            self.violations.append(f"RCPT {argument[:80]!r}")
        if not found or self.sender is None:
            self.reply("unknown", 503, "5.5.1 Not so")
            return
        recipient = found[1].decode()
        self.recipients.append(recipient)
        if not self.reply("RCPT", 250, "2.1.5 Ok"):
            self.recipients.remove(recipient)

    def data(self, argument: bytes) -> None:
        if argument:
            self.violations.append(f"DATA {argument[:80]!r}")
        if not self.recipients and not (self.offer.data_without_recipient and self.sender):
            self.reply("unknown", 503, "5.5.1 No valid recipients")
            return
        if not self.reply("DATA", 354, "End data with <CR><LF>.<CR><LF>"):
            return
        mail = Mail(self.sender, self.recipients, self.body())
        self.server.mails.append(mail)
        if mail.recipients:
            mail.accepted = self.reply("dot", 250, f"2.0.0 Ok: queued as N{len(self.server.mails)}")
        else:
            self.reply("unknown", 554, "5.5.1 No valid recipients")
        self.forget()

    def body(self) -> bytes:
        """The content of a mail, with its dots unstuffed."""
        if fault := self.server.take("body", self.recipients):
            self.break_off(fault.kind)
        searched = 0
        self.buffer[:0] = b"\r\n"
        while (end := self.buffer.find(b"\r\n.\r\n", searched)) < 0:
            searched = max(0, len(self.buffer) - 4)
            self.more()
        stuffed = bytes(self.buffer[2 : end + 2])
        del self.buffer[: end + 5]
        lines = stuffed.split(b"\r\n")
        if any(len(line) > 998 for line in lines):
            self.violations.append("a line of more than 998 bytes")
        if not stuffed.isascii() or b"\0" in stuffed:
            self.violations.append("bytes that were not announced")
        return b"\r\n".join(line.removeprefix(b".") for line in lines)

    def break_off(self, kind: str) -> None:
        """Does what is wrong while a body comes."""
        self.more()
        if kind == "silence":
            # It reads nothing, so it cannot learn that the client has gone.
            self.stopping.wait()
        while kind == "slow" and not self.stopping.wait(0.1):
            (self.tls if self.secured else self.clear).extend(self.connection.recv(256))
        raise Ended

    def rset(self, argument: bytes) -> None:
        self.forget()
        self.reply("RSET", 250, "2.0.0 Ok")

    def quit(self, argument: bytes) -> None:
        if self.reply("QUIT", 221, "2.0.0 Bye"):
            self.close_kindly()

    def forget(self) -> None:
        """Forgets the mail that was begun."""
        self.sender, self.recipients = None, []
