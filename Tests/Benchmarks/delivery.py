"""The benchmarks of mail delivery, for `run.py`: against smtp-sink, which discards mail.

Needs smtp-sink and smtp-source, which come with Postfix. `run.py` has to import this module inside
a function, since this one imports `run`.
"""

import asyncio
import contextlib
import multiprocessing
import os
import re
import shutil
import smtplib
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from run import BINARY, Site, address, best, report

HOST = "127.0.0.1"
SENDER = "accounts@app.example"
ONE_WAY = 0.025
QUEUED = (
    "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,"
    " next_attempt_at, message_id) VALUES (?1, ?2, 'confirm', 'confirm', 'queued', ?3, ?3, ?4)"
)
WAITING = "SELECT id, email FROM regctl_outbox WHERE state = 'queued' ORDER BY id"
SENT = "UPDATE regctl_outbox SET state = 'sent', attempts = 1, finished_at = ? WHERE id = ?"
DUE = "SELECT count(*) FROM regctl_outbox WHERE state = 'queued' AND next_attempt_at <= unixepoch()"


def program(name: str) -> str:
    """The path of a program that Debian keeps for the administrator."""
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")


@contextlib.contextmanager
def smtp_sink() -> Iterator[int]:
    """Runs smtp-sink until the block ends, and yields its port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program("smtp-sink"), *user, f"{HOST}:{port}", "128"], cwd="/")
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection((HOST, port)):
                break
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Passes chunks on in their order, each so much later than it came."""
    loop = asyncio.get_running_loop()
    chunks: asyncio.Queue = asyncio.Queue()

    async def hand_on() -> None:
        while True:
            moment, chunk = await chunks.get()
            await asyncio.sleep(moment - loop.time())
            if not chunk:
                writer.close()
                return
            writer.write(chunk)

    task = loop.create_task(hand_on())
    chunk = b"."
    while chunk:
        chunk = await reader.read(1 << 16)
        chunks.put_nowait((loop.time() + ONE_WAY, chunk))
    await task


async def relay(listener: socket.socket, port: int) -> None:
    """Serves as a proxy for a port, for ever."""

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours = await asyncio.open_connection(HOST, port)
        with contextlib.suppress(OSError):
            await asyncio.gather(carry(reader, ours[1]), carry(ours[0], writer))

    server = await asyncio.start_server(connect, sock=listener)
    await server.serve_forever()


@contextlib.contextmanager
def delaying_proxy(port: int) -> Iterator[int]:
    """A proxy in a process of its own, that adds 50 ms to each round trip, and its port."""
    listener = socket.create_server((HOST, 0))
    process = multiprocessing.get_context("fork").Process(
        target=lambda: asyncio.run(relay(listener, port)), daemon=True
    )
    process.start()
    try:
        yield listener.getsockname()[1]
    finally:
        process.terminate()
        process.join()
        listener.close()


def first_mail(environment: dict[str, str], maildir: Path) -> bytes:
    """The first mail that is due, as it travels; it is no longer due."""
    other = {"REGCTL_MAIL_TRANSPORT": "maildir", "REGCTL_MAILDIR_PATH": str(maildir)}
    subprocess.run(
        [BINARY, "deliver", "--quiet", "--limit", "1"], env=environment | other, check=True
    )
    (path,) = maildir.glob("new/*")
    return path.read_bytes().split(b"\n", 1)[1].replace(b"\n", b"\r\n")


class Outbox(Site):
    """A database with mails that are due, which can be put back to how it was."""

    def __init__(self, count: int, port: int, connections: int) -> None:
        super().__init__(count, mails=False)
        self.environment |= {
            "REGCTL_CONFIRM_URL": "https://app.example/confirm/{token}",
            "REGCTL_MAIL_DEFAULT_SENDER": f"Example <{SENDER}>",
            "REGCTL_MAIL_TRANSPORT": "smtp",
            "REGCTL_MAIL_SERVER": HOST,
            "REGCTL_MAIL_PORT": str(port),
            "REGCTL_MAIL_SECURITY": "none",
            "REGCTL_MAIL_CONNECTIONS": str(connections),
        }
        now = int(time.time())
        with contextlib.closing(sqlite3.connect(self.db)) as connection, connection:
            connection.executemany(QUEUED, ((n + 1, address(n), now, f"m{n}@app.example") for n in range(count)))
        self.pristine = self.directory / "pristine.db"
        self.other = self.directory / "other.db"
        shutil.copyfile(self.db, self.pristine)

    def put_back(self) -> None:
        """Makes all mails due again, for regctl and for the loop."""
        for path in (self.db, self.other):
            shutil.copyfile(self.pristine, path)

    def deliver(self) -> None:
        self.regctl("deliver", "--quiet")

    def mail(self) -> bytes:
        """One of the mails as it travels."""
        mail = first_mail(self.environment, self.directory / "Maildir")
        self.put_back()
        return mail

    def check(self, database: Path) -> None:
        """Fails when a mail was left."""
        with contextlib.closing(sqlite3.connect(database)) as connection:
            assert connection.execute(WAITING).fetchall() == []

    def loop(self, port: int, content: bytes) -> None:
        """One connection, a mail at a time, and each result committed as durably as regctl does.

        It has less to do than regctl: the mail is always the same and was made before.
        """
        with (
            contextlib.closing(sqlite3.connect(self.other, isolation_level=None)) as connection,
            smtplib.SMTP(HOST, port, local_hostname="localhost") as client,
        ):
            connection.execute("PRAGMA synchronous = EXTRA")
            for number, email in connection.execute(WAITING).fetchall():
                client.sendmail(SENDER, [email], content)
                connection.execute(SENT, (int(time.time()), number))


def source(port: int, count: int, size: int, *options: str) -> None:
    """smtp-source with four sessions; its messages have a header besides what it is told."""
    header = (
        f"From: <{SENDER}>\r\nTo: <{address(0)}>\r\nDate: Mon, 23 Nov 2026 08:23:52 +0000 (UTC)\r\n"
        "Message-Id: <61a1.0003.0000@localhost>\r\n\r\n"
    )
    subprocess.run(
        [
            program("smtp-source"), *options, "-s", "4", "-m", str(count), "-M", "localhost",
            "-l", str(size - len(header)), "-f", SENDER, "-t", address(0), f"{HOST}:{port}",
        ],
        check=True,
    )


def deliver_many(count: int = 10_000, rounds: int = 3) -> None:
    """Mails over four connections, each result recorded durably."""
    with smtp_sink() as port:
        site = Outbox(count, port, connections=4)
        mail = site.mail()
        sides = [
            site.deliver,
            lambda: source(port, count, len(mail), "-d"),
            lambda: source(port, count, len(mail)),
            lambda: site.loop(port, mail),
        ]
        ours, kept, anew, python = best(sides, rounds, before=site.put_back)
        site.check(site.db)
        site.check(site.other)
    report(
        f"`deliver`, {count:,} mails of {len(mail)} bytes, 4 connections ({ours:.2f} s)",
        f"`smtp-source -d -s 4`, which records nothing ({kept:.2f} s)",
        f"{kept / ours:.2f} x as fast", ">= 0.5 x",
    )
    report(
        "the same", f"`smtp-source -s 4`, a connection a mail ({anew:.2f} s)",
        f"{anew / ours:.2f} x as fast", "",
    )
    report(
        "the same", f"Python `smtplib`, one connection, a commit a mail ({python:.2f} s)",
        f"{python / ours:.1f} x faster", ">= 4 x faster",
    )
    site.remove()


def deliver_far(count: int = 200) -> None:
    """Mails over one connection to a server that is 50 ms away."""
    with smtp_sink() as near, delaying_proxy(near) as port:
        site = Outbox(count, port, connections=1)
        mail = site.mail()
        with smtplib.SMTP(HOST, port, local_hostname="localhost") as client:
            (trip,) = best([client.noop], 5)
        ours, python = best([site.deliver, lambda: site.loop(port, mail)], 1)
        site.check(site.db)
        site.check(site.other)
    report("control: a round trip through the proxy", "", f"{trip * 1000:.0f} ms", "50 ms")
    report(
        f"`deliver`, {count} mails, 1 connection, 50 ms away ({ours:.2f} s)",
        f"Python `smtplib` ({python:.2f} s)", f"{python / ours:.1f} x faster", ">= 2 x faster",
    )
    site.remove()


def deliver_memory(count: int = 100_000) -> None:
    """The peak of memory while all mails go out."""
    with smtp_sink() as port:
        site = Outbox(count, port, connections=4)
        peak = 0
        start = time.perf_counter()
        with subprocess.Popen([BINARY, "deliver", "--quiet"], env=site.environment) as process:
            # Not ru_maxrss, in which a child begins with what its parent has.
            while process.poll() is None:
                status = Path(f"/proc/{process.pid}/status").read_text()
                peak = max(peak, *(int(kb) for kb in re.findall(r"VmHWM:\s+(\d+) kB", status)), 0)
                time.sleep(0.01)
        seconds = time.perf_counter() - start
        assert process.returncode == 0
        site.check(site.db)
    report(
        f"`deliver`, {count:,} mails due ({seconds:.0f} s), peak memory", "", f"{peak / 1024:.0f} MB",
        "<= 40 MB",
    )
    site.remove()


def deliver_nothing(rounds: int = 200) -> None:
    """Start to exit when no mail is due, as cron does every minute."""
    site = Outbox(20, port=9, connections=4)
    with contextlib.closing(sqlite3.connect(site.db)) as connection, connection:
        connection.execute("UPDATE regctl_outbox SET state = 'sent'")
    shell = lambda: subprocess.run(  # noqa: E731
        ["sqlite3", site.db, DUE], stdout=subprocess.DEVNULL, check=True
    )
    ours, theirs = best([site.deliver, shell], rounds)
    report(
        f"`deliver --quiet`, nothing due ({ours * 1000:.1f} ms)",
        f"`sqlite3`, counting what is due ({theirs * 1000:.1f} ms)", f"{ours / theirs:.2f} x",
        "<= 2 x",
    )
    site.remove()


BENCHMARKS = {
    "deliver": deliver_many,
    "deliver-far": deliver_far,
    "deliver-memory": deliver_memory,
    "deliver-nothing": deliver_nothing,
}
