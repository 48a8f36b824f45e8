"""A bench on which mails are delivered to a server with a fault."""

import calendar
import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from Campaigns.database import connected
from Campaigns.processes import last_error
from Campaigns.smtp_faults.certificates import Certificates
from Campaigns.smtp_faults.modes import PASSWORD, PATIENCE, USERNAME, Mode
from Campaigns.smtp_faults.server import FaultServer
from regctl import BINARY, Site

# What each step may take, in seconds.
LIMIT = 1
# The second that is promised beyond it, and one more for a busy machine.
SLACK = 2
# What each step may take without a fault, when only a busy machine can be slow.
UNHURRIED = 20
# By how many kB a fault may raise the peak of memory.
GROWTH = 8 << 10

CLEAR, STARTTLS = Mode("clear", pipelining=True), Mode("starttls", ("PLAIN",), True)
CLEAR_GROUPED = Mode("clear", pipelining=True, grouped=True)
TLS_GROUPED = Mode("tls", ("LOGIN",), pipelining=True, grouped=True)
MODES = [
    Mode("clear"),
    CLEAR_GROUPED,
    STARTTLS,
    Mode("starttls", ("LOGIN",)),
    Mode("tls", ("PLAIN",)),
    TLS_GROUPED,
]


@dataclass
class Bench:
    """What the cases share: certificates, and databases with mails, to be copied."""

    directory: Path
    certificates: Certificates
    prepared: dict[int, Site] = field(default_factory=dict)
    baselines: dict[str, int] = field(default_factory=dict)

    def mails(self, count: int) -> Site:
        """A site with a number of mails that are due."""
        if count not in self.prepared:
            directory = self.directory / f"mails-{count}"
            directory.mkdir()
            site = Site(directory)
            site.ok("create-db")
            for number in range(count):
                site.ok("register", address(number), "--no-password")
            self.prepared[count] = site
        return self.prepared[count]

    def server(self, mode: Mode, *words: object, certificate: str = "good") -> FaultServer:
        return FaultServer(mode, self.certificates.context(certificate), *words)

    def place(self, server: FaultServer, mails: int = 2, **settings: object) -> Site:
        """A copy of a site whose mail goes to a server."""
        directory = self.directory / f"place-{server.port}-{time.monotonic_ns()}"
        shutil.copytree(self.mails(mails).directory, directory)
        security = {"clear": "none"}.get(server.mode.security, server.mode.security)
        usual = {
            "mail_transport": "smtp",
            "mail_server": "127.0.0.1",
            "mail_port": server.port,
            "mail_security": security,
            "mail_timeout": f"{LIMIT}s",
            "mail_connections": 1,
        }
        if security != "none":
            usual["mail_ca_file"] = self.certificates.ca_file
        if server.mode.auth:
            usual["mail_username"] = USERNAME
            usual["mail_password_file"] = write_password(directory, PASSWORD)
        return Site(directory, **usual | settings)


def address(number: int) -> str:
    return f"user{number}@example.org"


def write_password(directory: Path, password: str) -> Path:
    path = directory / "password"
    path.write_text(password + "\n")
    path.chmod(0o600)
    return path


# How a site's mail is delivered: by regctl, or by the control.
Program = Callable[[Site], list[str]]


def regctl(_: Site) -> list[str]:
    return [BINARY, "deliver", "--json"]


@dataclass
class Run:
    """The output of a run, its exit code and its resources."""

    exit: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    # The peak of memory in kB, when it was measured.
    peak: int = 0

    def summary(self) -> dict[str, int]:
        """The counts on standard output."""
        answer = json.loads(self.stdout)
        assert answer["schema"] == 1, answer
        for row in answer["results"]:
            assert row.keys() == {"id", "email", "state", "reply"}, row
        return {state: answer[state] for state in ("sent", "deferred", "failed")}

    def code(self) -> str | None:
        """The code of the error on standard error."""
        return last_error(self.stderr)["code"] if self.stderr.strip() else None


class FullPipe:
    """A full pipe: a process that writes to it blocks until it is released."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        self.filling = 0
        os.set_blocking(self.writer, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.filling += os.write(self.writer, bytes(4096))
        os.set_blocking(self.writer, True)

    def let_go(self) -> None:
        while self.filling:
            self.filling -= len(os.read(self.reader, self.filling))

    def rest(self) -> bytes:
        os.close(self.writer)
        with open(self.reader, "rb") as pipe:
            return pipe.read()


def deliver(program: Program, site: Site, server: FaultServer, measured: bool = False) -> Run:
    """Delivers due mails, and ends runs that take far too long.

    To be measured, it is kept from ending: its last words find no room until the server has seen
    the end of it.
    """
    output, errors = FullPipe(), FullPipe()
    start = time.monotonic()
    process = subprocess.Popen(
        program(site),
        env=site.environment,
        stdin=subprocess.DEVNULL,
        stdout=output.writer,
        stderr=errors.writer,
    )
    peak = watch(process, server) if measured else 0
    output.let_go()
    errors.let_go()
    try:
        exit_code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        exit_code = None
    return Run(exit_code, output.rest(), errors.rest(), time.monotonic() - start, peak)


def watch(process: subprocess.Popen, server: FaultServer) -> int:
    """The peak of memory in kB, read until the server has no connection any more."""
    peak, deadline = 0, time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        idle = server.idle()
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = max([peak, *(int(kb) for kb in re.findall(r"VmHWM:\s+(\d+) kB", status))])
        if idle:
            break
        time.sleep(0.002)
    return peak


def outbox(site: Site) -> list[dict]:
    """The rows of the outbox, the first registered first."""
    return sorted(site.json("list-outbox")["mails"], key=lambda mail: mail["id"])


def make_due(site: Site) -> None:
    """Makes every queued mail due."""
    with connected(site.db) as connection:
        connection.execute("UPDATE regctl_outbox SET next_attempt_at = 0 WHERE state = 'queued'")


def unhurried(site: Site) -> Site:
    """The site, from here on without a time limit that a busy machine reaches."""
    site.settings["mail_timeout"] = f"{UNHURRIED}s"
    site.write_config()
    return site


def lateness(run: Run, limit: float) -> list[str]:
    """The complaint that a run took longer than its steps may."""
    return [f"it took {run.seconds:.1f} s"] * (run.seconds > limit + SLACK)


def seconds_to(moment: str | None) -> float:
    """How far away a time in JSON is."""
    if moment is None:
        return float("inf")
    return calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ")) - time.time()


def baseline(bench: Bench, mode: Mode, program: Program) -> int:
    """The peak of memory in kB without a fault."""
    key = f"{mode} {program.__name__}"
    if key not in bench.baselines:
        with bench.server(mode) as server:
            run = deliver(program, bench.place(server), server, measured=True)
        assert run.exit == 0 and run.peak > 0, run
        bench.baselines[key] = run.peak
    return bench.baselines[key]


def large_templates(directory: Path) -> Path:
    """Templates for a mail larger than the kernel's buffers for a peer that does not read."""
    if not directory.exists():
        draft = directory.with_suffix(f".{time.monotonic_ns()}")
        draft.mkdir()
        # Three times as much in quoted-printable: 5 MB in all, and the kernel takes 4 MB at most.
        for name in ("confirm.txt", "confirm.html"):
            (draft / name).write_text("{{ confirm_url }}\n" + ("\u00e9" * 70 + "\n") * 5_500)
        with contextlib.suppress(OSError):
            draft.rename(directory)
    return directory
