"""A small SMTP server that counts how often it accepted each mail, and can be halted at any step."""

import base64
import contextlib
import re
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable

# The steps of a connection. Each is announced when the client has come so far, before the server
# answers; only `accepted` comes after the answer: the 250 to the final dot has just been sent.
STEPS = ["connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "body", "dot", "accepted", "RSET", "QUIT"]

REPLIES = {
    "connect": b"220 recording.example ESMTP",
    "AUTH": b"235 2.7.0 welcome",
    "MAIL": b"250 2.1.0 sender ok",
    "RCPT": b"250 2.1.5 recipient ok",
    "DATA": b"354 go ahead",
    "dot": b"250 2.0.0 accepted",
    "RSET": b"250 2.0.0 forgotten",
    "QUIT": b"221 2.0.0 bye",
}

# What must have gone well just before a command.
AFTER = {
    "MAIL": {"EHLO", "AUTH", "DATA", "RSET"},
    "RCPT": {"MAIL", "RCPT"},
    "DATA": {"RCPT"},
}


class Halt:
    """Stands at one step and keeps every connection that comes there until it is lifted."""

    def __init__(self, step: str, skip: int = 0, count: int = 1, drop: bool = True) -> None:
        """Lets `skip` connections pass; `wait` ends once `count` of them have been stopped.

        A client that was stopped is cut off when the halt is lifted, unless told otherwise: what it
        has sent beyond the step is never read.
        """
        self.step, self.count, self.drop = step, count, drop
        self._skip = skip
        self._here = 0
        self._is_lifted = False
        self._condition = threading.Condition()

    def __call__(self, step: str) -> bool:
        """Called by a connection at every step; says whether to drop it."""
        if step != self.step:
            return False
        with self._condition:
            if self._is_lifted:
                return False
            if self._skip:
                self._skip -= 1
                return False
            self._here += 1
            self._condition.notify_all()
            self._condition.wait_for(lambda: self._is_lifted, timeout=300)
        return self.drop

    def wait(self) -> None:
        """Waits until the connections are there."""
        with self._condition:
            arrived = self._condition.wait_for(lambda: self._here >= self.count, timeout=300)
            assert arrived, f"{self._here} of {self.count} connections came to {self.step}"

    def lift(self) -> None:
        with self._condition:
            self._is_lifted = True
            self._condition.notify_all()


class RecordingServer:
    """Listens on a free port of loopback, with a thread for each connection."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        # How often each Message-ID was accepted, and everything that was accepted, in order.
        self.accepted: Counter[str] = Counter()
        self.mails: list[bytes] = []
        # What AUTH was given, decoded.
        self.credentials: list[bytes] = []
        self.steps: Counter[str] = Counter()
        # To be changed by the test: seconds to wait at a step, other replies, what to call there.
        self.delays: dict[str, float] = {}
        self.replies: dict[str, bytes] = dict(REPLIES)
        # What a command is answered, if not as usual: called with its verb and line.
        self.answer_to: Callable[[str, bytes], bytes | None] = lambda verb, line: None
        self.extensions = [b"PIPELINING", b"SIZE 52428800", b"8BITMIME"]
        self.on_step: Callable[[str], bool] | None = None
        self._change = threading.Condition()
        self._open: set[Conversation] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def __enter__(self) -> "RecordingServer":
        return self

    def __exit__(self, *_: object) -> None:
        if isinstance(self.on_step, Halt):
            self.on_step.lift()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._listener.close()
        with self._change:
            for conversation in self._open:
                with contextlib.suppress(OSError):
                    conversation.stream.shutdown(socket.SHUT_RDWR)
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """Waits until every connection has ended, as those of dead clients soon do."""
        with self._change:
            assert self._change.wait_for(lambda: not self._open, timeout=300), "still connected"

    def wait_for(self, accepted: int) -> None:
        """Waits until a number of mails were accepted, copies included."""
        with self._change:
            arrived = self._change.wait_for(lambda: len(self.mails) >= accepted, timeout=300)
            assert arrived, f"only {len(self.mails)} of {accepted} mails came"

    def accept(self, mail: bytes) -> None:
        """Remembers a mail; the very next thing is the reply."""
        found = re.search(rb"^Message-ID: <([^>\r\n]+)>", mail, re.MULTILINE)
        with self._change:
            self.accepted[found[1].decode() if found else "none"] += 1
            self.mails.append(mail)
            self._change.notify_all()

    def converse(self, stream: socket.socket) -> "Conversation":
        """The conversation with a client that has connected."""
        return Conversation(self, stream)

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            conversation = self.converse(stream)
            with self._change:
                self._open.add(conversation)
            threading.Thread(target=self._serve, args=(conversation,), daemon=True).start()

    def _serve(self, conversation: "Conversation") -> None:
        # A client that is killed leaves in any way; nothing of it is an error of the server.
        with contextlib.suppress(OSError, EOFError):
            conversation.run()
        conversation.stream.close()
        with self._change:
            self._open.discard(conversation)
            self._change.notify_all()


class Conversation:
    """One client; replies are collected while there is something left to read."""

    def __init__(self, server: RecordingServer, stream: socket.socket) -> None:
        self.server, self.stream = server, stream
        self.unread = bytearray()
        self.unsent = bytearray()

    def run(self) -> None:
        """Talks until the client leaves; raises `EOFError` or `OSError` when it is gone."""
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.server.tls:
            self.stream = self.server.tls.wrap_socket(self.stream, server_side=True)
        self.step("connect")
        self.reply("connect")
        last = ""
        while True:
            line = self.line()
            verb = line[:4].upper().decode("latin-1")
            if verb not in STEPS:
                self.send(b"500 5.5.1 not known here")
            elif last not in AFTER.get(verb, {last}):
                self.send(b"503 5.5.1 out of order")
            elif self.answer(verb, line):
                last = verb

    def answer(self, verb: str, line: bytes) -> bool:
        """Does what a command says, and returns whether that went well."""
        self.step(verb)
        if verb == "EHLO":
            self.greet()
            return True
        if verb == "AUTH":
            self.authenticate(line)
        reply = self.server.answer_to(verb, line) or self.server.replies[verb]
        self.send(reply)
        if verb == "QUIT":
            self.flush()
            raise EOFError
        is_good = reply.startswith((b"2", b"3"))
        if verb == "DATA" and is_good:
            self.take_mail()
        return is_good

    def greet(self) -> None:
        extensions = self.server.extensions + ([b"AUTH PLAIN LOGIN"] if self.server.tls else [])
        lines = [b"recording.example", *extensions]
        for line in lines[:-1]:
            self.send(b"250-" + line)
        self.send(b"250 " + lines[-1])

    def authenticate(self, line: bytes) -> None:
        """Takes a name and a password by either mechanism, and remembers them."""
        _, mechanism, *given = line.split()
        for prompt in [b"VXNlcm5hbWU6", b"UGFzc3dvcmQ6"] if mechanism.upper() == b"LOGIN" else [b""]:
            if not given:
                self.send(b"334 " + prompt)
                given = [self.line()]
            self.server.credentials.append(base64.b64decode(given.pop()))

    def take_mail(self) -> None:
        if not self.unread:
            self.receive()
        self.step("body")
        searched = 0
        # The end of the command line before it counts as the beginning of an empty mail's end.
        self.unread[:0] = b"\r\n"
        while (end := self.unread.find(b"\r\n.\r\n", searched)) < 0:
            searched = max(0, len(self.unread) - 4)
            self.receive()
        mail = bytes(self.unread[2 : end + 2]).replace(b"\r\n..", b"\r\n.")
        del self.unread[: end + 5]
        self.step("dot")
        if self.server.replies["dot"].startswith(b"2"):
            self.server.accept(mail)
        self.reply("dot")
        self.flush()
        self.step("accepted")

    def step(self, name: str) -> None:
        """Says that the client has come to a step, and waits there as long as told."""
        server = self.server
        server.steps[name] += 1
        delay = server.delays.get(name)
        if not delay and not server.on_step:
            return
        # A client that is halted here must have seen everything that was said before.
        self.flush()
        if delay:
            time.sleep(delay)
        if server.on_step and server.on_step(name):
            raise EOFError

    def reply(self, name: str) -> None:
        self.send(self.server.replies[name])

    def send(self, line: bytes) -> None:
        self.unsent += line + b"\r\n"

    def flush(self) -> None:
        if self.unsent:
            unsent, self.unsent = self.unsent, bytearray()
            self.stream.sendall(unsent)

    def line(self) -> bytes:
        """The next command."""
        while (end := self.unread.find(b"\r\n")) < 0:
            self.receive()
        line = bytes(self.unread[:end])
        del self.unread[: end + 2]
        return line

    def receive(self) -> None:
        """Reads more; the client may be waiting for what was not sent yet."""
        self.flush()
        data = self.stream.recv(1 << 18)
        if not data:
            raise EOFError
        self.unread += data
