"""Ports of loopback for servers that are started a moment later."""

import contextlib
import random
import socket

# Below those that the kernel gives to clients, and to servers that ask for any.
RANGE = range(10_000, 32_000)


def free_port() -> int:
    """A port that no process uses, nor gets by chance before the server is started."""
    while True:
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", random.choice(RANGE)))
            return listener.getsockname()[1]
