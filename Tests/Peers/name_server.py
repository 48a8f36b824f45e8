"""Name servers on loopback addresses, and a way to run a program that asks one of them.

glibc takes the servers from /etc/resolv.conf alone, with port 53, so that each server has a loopback
address of its own, and the program gets a mount namespace with another file. Needs root.
"""

import contextlib
import itertools
import json
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from regctl import BINARY, Site

ADDRESSES = (f"127.53.{os.getpid() % 250}.{last}" for last in itertools.count(1))


def answers(address: str) -> bool:
    """Whether a server takes connections at the port for names."""
    with socket.socket() as probe:
        return probe.connect_ex((address, 53)) == 0


@contextlib.contextmanager
def dnsmasq(records: list[tuple[str, str]]) -> Iterator[str]:
    """A dnsmasq with TXT records, which knows no other names; its address."""
    address = next(ADDRESSES)
    lines = ["no-resolv", "no-hosts", "keep-in-foreground", "bind-interfaces", "local=/#/",
             f"listen-address={address}", "except-interface=none", "user=root", "pid-file="]
    for name, text in records:
        # A string has at most 255 bytes; a longer text has several.
        parts = [text[start : start + 200] for start in range(0, len(text), 200)]
        lines.append(f"txt-record={name}," + ",".join(f'"{part}"' for part in parts))
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        server = subprocess.Popen(["/usr/sbin/dnsmasq", f"--conf-file={file.name}"])
        try:
            deadline = time.monotonic() + 60
            while not answers(address):
                assert server.poll() is None and time.monotonic() < deadline, "dnsmasq has ended"
                time.sleep(0.02)
            yield address
        finally:
            server.terminate()
            server.wait()


@contextlib.contextmanager
def server(reply: Callable[[bytes], bytes | None]) -> Iterator[str]:
    """A server that sends what a function makes of each question; its address."""
    address = next(ADDRESSES)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind((address, 53))

        def serve() -> None:
            while True:
                question, client = listener.recvfrom(65_535)
                if question == b"end":
                    return
                if (answer := reply(question)) is not None:
                    listener.sendto(answer, client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield address
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"end", (address, 53))
            thread.join()


def doctor(site: Site, address: str) -> tuple[int, dict[str, list[dict]], float]:
    """Runs doctor with a name server; its exit code, its checks by name, and the seconds it took."""
    resolver = Path(site.directory) / "resolv.conf"
    resolver.write_text(f"nameserver {address}\n")
    script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
    start = time.monotonic()
    result = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, resolver, BINARY, "doctor", "--json"],
        env=site.environment, capture_output=True, timeout=300,
    )
    seconds = time.monotonic() - start
    checks: dict[str, list[dict]] = {}
    for check in json.loads(result.stdout)["checks"]:
        checks.setdefault(check["check"], []).append(check)
    return result.returncode, checks, seconds
