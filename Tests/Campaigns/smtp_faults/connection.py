"""The bytes of one connection of the server with a fault."""

import contextlib
import socket
import ssl
import threading

from Campaigns.smtp_faults.modes import SERVER_PATIENCE, Mode

SLOW = 0.5
# Far more than a client may keep, so that one that keeps it all is seen to grow.
FLOOD = 64 << 20
CHUNK = 1 << 16


class Ended(Exception):
    """The server is done with a connection."""


class Connection:
    """One connection: what came, and what was wrong with it."""

    def __init__(
        self, mode: Mode, connection: socket.socket, stopping: threading.Event
    ) -> None:
        self.mode = mode
        # The server is being stopped.
        self.stopping = stopping
        self.connection = connection
        self.connection.settimeout(SERVER_PATIENCE)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # All that came before TLS, the first bytes of TLS itself, and all that came inside it.
        self.clear, self.hello, self.tls = bytearray(), b"", bytearray()
        self.secured = False
        self.violations: list[str] = []
        self.buffer = bytearray()
        self.outgoing = b""
        self.ended = threading.Event()
        # How the connection ended, for a complaint.
        self.end = "still open"

    def more(self) -> None:
        """Waits for bytes, and notes them down."""
        self.flush()
        data = self.connection.recv(CHUNK)
        if not data:
            raise Ended
        (self.tls if self.secured else self.clear).extend(data)
        self.buffer += data

    def line(self) -> bytes:
        """The next line without its end."""
        while (end := self.buffer.find(b"\r\n")) < 0:
            if len(self.buffer) > CHUNK:
                self.violations.append("an endless line")
                raise Ended
            self.more()
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 2]
        return line

    def behind(self) -> bool:
        """Whether more has already come behind what was read."""
        if not self.buffer:
            self.connection.setblocking(False)
            with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, Ended):
                self.more()
            self.connection.settimeout(SERVER_PATIENCE)
        return bool(self.buffer)

    def send(self, data: bytes) -> None:
        """Sends at once, or with the replies to what came in the same packet."""
        self.outgoing += data
        if not (self.mode.grouped and self.buffer):
            self.flush()

    def flush(self) -> None:
        data, self.outgoing = self.outgoing, b""
        self.connection.sendall(data)

    def swallow(self) -> None:
        """Reads to the end of the connection, and never answers."""
        while True:
            self.buffer.clear()
            self.more()

    def close_kindly(self) -> None:
        """Ends the connection without a reset, which might overtake the last reply."""
        self.flush()
        with contextlib.suppress(OSError):
            # Not the one of SSLSocket, which would give up TLS.
            socket.socket.shutdown(self.connection, socket.SHUT_WR)
        self.swallow()

    def dribble(self, start: bytes) -> None:
        """Sends a byte each half second, without an end."""
        position = 0
        while True:
            self.send(start[position : position + 1] or b"x")
            self.flush()
            position += 1
            if self.stopping.wait(SLOW):
                raise Ended

    def pour(self, start: bytes, chunk: bytes) -> None:
        """Sends more than a client should take, and then nothing."""
        self.send(start)
        self.flush()
        for _ in range(FLOOD // len(chunk)):
            self.connection.sendall(chunk)
        self.swallow()
