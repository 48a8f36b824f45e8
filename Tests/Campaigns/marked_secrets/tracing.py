"""A program whose arguments, environments and writes are recorded, with those of its children."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pexpect

from Campaigns.database import dump
from Campaigns.terminal import FIRST, SECOND
from regctl import BINARY, Site

# Whatever leaves a process: to files, pipes, terminals, sockets and children.
CALLS = "execve,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg,splice"


def tracer(log: Path) -> list[str]:
    """Records whole buffers, and the environment of every child."""
    return ["strace", "-f", "-v", "-qq", "-s", "1000000", "-o", str(log), "-e", f"trace={CALLS}"]


@dataclass
class Traced:
    """A run, and everything that it left."""

    code: int
    output: bytes
    errors: bytes
    # What it started, and what it wrote otherwise than to its own output.
    started: bytes
    written: bytes

    def places(self, site: Site, own: set[Path]) -> dict[str, bytes]:
        """Every place where a secret could be, but for the files in which it belongs."""
        found = {
            "output": self.output, "errors": self.errors, "argv or environ": self.started,
            "a write": self.written, "a table": repr(dump(site.db)).encode(),
        }  # fmt: skip
        for path in site.directory.rglob("*"):
            if path.is_file() and path not in own and path != log_of(site):
                found[path.name] = path.read_bytes()
        return found


def log_of(site: Site) -> Path:
    return site.directory / "strace.log"


def recorded(site: Site, code: int, output: bytes, errors: bytes) -> Traced:
    lines = log_of(site).read_bytes().splitlines()
    started = [line for line in lines if b" execve(" in line]
    # What the program itself writes to standard output is judged as output.
    process = lines[0].split()[0]
    printed = re.compile(rb"%s +write\(1," % process)
    written = [line for line in lines if b" execve(" not in line and not printed.match(line)]
    return Traced(code, output, errors, b"\n".join(started), b"\n".join(written))


def traced(site: Site, *words: object, input: str = "", program: str = BINARY) -> Traced:
    """Runs regctl to its end."""
    line = [*tracer(log_of(site)), program, *map(str, words)]
    result = subprocess.run(
        line, input=input.encode(), capture_output=True, env=site.environment, timeout=120
    )
    return recorded(site, result.returncode, result.stdout, result.stderr)


def typed(site: Site, *words: object, password: str) -> Traced:
    """Runs regctl on a terminal, where a password is typed twice."""
    line = [*tracer(log_of(site)), BINARY, *map(str, words)]
    environment = {"TERM": "xterm"} | site.environment
    child = pexpect.spawn(line[0], line[1:], env=environment, timeout=60)
    seen = b""
    for question in (FIRST, SECOND):
        child.expect_exact(question)
        seen += child.before + surroundings(child.pid)
        child.sendline(password)
    child.expect(pexpect.EOF)
    child.close()
    return recorded(site, child.exitstatus, seen + child.before, b"")


def surroundings(tracer: int) -> bytes:
    """What every user can read about the process that is traced, and its environment."""
    children = Path(f"/proc/{tracer}/task/{tracer}/children").read_text().split()
    return b"".join(
        Path(f"/proc/{child}/{name}").read_bytes()
        for child in children
        for name in ("cmdline", "environ", "comm", "status")
    )
