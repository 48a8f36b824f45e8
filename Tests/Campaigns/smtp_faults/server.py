"""An SMTP server that keeps the rules but for one fault, and remembers every byte it was sent.

    certificates = Certificates(directory)
    with FaultServer(Mode("starttls"), certificates.context("good"), Fault("RCPT", "drop")) as server:
        ...             # talk to server.port on 127.0.0.1
        server.heal()   # from here on without the fault

It is strict: whatever a client should not have sent is in the `violations` of its session.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

from Campaigns.smtp_faults.connection import CHUNK
from Campaigns.smtp_faults.modes import PASSWORD, PATIENCE, Fault, Mail, Mode, Offer
from Campaigns.smtp_faults.server_session import Session


class FaultServer:
    """A server on a free port of 127.0.0.1, with a thread for each connection."""

    def __init__(
        self,
        mode: Mode,
        context: ssl.SSLContext | None = None,
        fault: Fault | None = None,
        offer: Offer = Offer(),
    ) -> None:
        self.mode, self.context, self.fault, self.offer = mode, context, fault, offer
        self.password = PASSWORD
        self.sessions: list[Session] = []
        self.mails: list[Mail] = []
        # How often the fault was done.
        self.fired = 0
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.threads: list[threading.Thread] = []
        self.fillers: list[socket.socket] = []

    def __enter__(self) -> "FaultServer":
        self.listener = socket.socket()
        if self.fault is not None and self.fault.verb == "body":
            # A small window, which does not grow, so that a large body is long on its way.
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK)
        self.listener.bind(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        if self.fault == Fault("connect", "silence"):
            self.fill_up()
        elif self.fault != Fault("connect", "refuse"):
            self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for thing in [self.listener, *self.fillers]:
            thing.close()
        for session in self.sessions:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(session.connection, socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def heal(self) -> None:
        """From here on there is no fault."""
        waited_on = self.fault in {Fault("connect", "silence"), Fault("connect", "refuse")}
        self.fault = None
        if waited_on:
            self.drain()
            self.listen()

    def listen(self) -> None:
        self.listener.listen(64)
        self.begin(self.accept)

    def fill_up(self) -> None:
        """Lets the queue of connections run full, so that the kernel answers no client."""
        self.listener.listen(0)
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(("127.0.0.1", self.port))
            self.fillers.append(filler)

    def drain(self) -> None:
        """Takes what waits in the queue of connections, and closes it."""
        for filler in self.fillers:
            filler.close()
        self.listener.setblocking(False)
        with contextlib.suppress(OSError):
            while self.fillers:
                self.listener.accept()[0].close()
        self.listener.setblocking(True)

    def begin(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self.threads.append(thread)
        thread.start()

    def accept(self) -> None:
        """Takes connections until the server is stopped."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                if self.stopping.is_set():
                    return
                raise
            if self.take("connect"):
                connection.close()
                continue
            session = Session(self, connection)
            self.sessions.append(session)
            self.begin(session.serve)

    def take(self, verb: str, recipients: list[str] | None = None) -> Fault | None:
        """The fault, if it is to be done now."""
        with self.lock:
            fault = self.fault
            if fault is None or fault.verb != verb:
                return None
            if fault.recipient is not None and fault.recipient not in (recipients or []):
                return None
            if fault.once:
                self.fault = None
            self.fired += 1
            return fault

    def idle(self) -> bool:
        """Whether there were connections, and all have ended."""
        return bool(self.sessions) and all(session.ended.is_set() for session in self.sessions)

    @property
    def accepted(self) -> list[Mail]:
        """The mails that were answered with 250, oldest first."""
        return [mail for mail in self.mails if mail.accepted]

    def commands(self) -> Iterator[str]:
        """Every command of every session, with a mark where it came inside TLS."""
        for session in self.sessions:
            yield from (f"{verb} in TLS" if inside else verb for verb, inside in session.commands)
