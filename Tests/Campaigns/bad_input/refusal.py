"""A command that must be refused, and concurrent conditions."""

import contextlib
import fcntl
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pexpect

from Campaigns.database import locked
from Campaigns.preparation import nothing
from regctl import Site


def undisturbed(site: Site) -> AbstractContextManager:
    return contextlib.nullcontext()


def another_writer(site: Site) -> AbstractContextManager:
    return locked(site.db)


@contextlib.contextmanager
def another_deliverer(site: Site) -> Iterator[None]:
    with open(f"{site.db}.deliver.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


FULL_DISK = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64"] + [
    "-e",
    "inject=pwrite64:error=ENOSPC",
]

# The answers to password prompts, all different.
DIFFERENT_PASSWORDS = [f"correct horse {number}" for number in range(6)]


@dataclass(frozen=True)
class Refusal:
    """A command that must be refused, and how."""

    code: str
    exit: int
    words: list[str | bytes | Callable[[], str]]
    spoil: Callable[[Site], None] = nothing
    input: bytes | Callable[[], bytes] = b""
    environment: dict[str, str] = field(default_factory=dict)
    user: int | None = None
    meanwhile: Callable[[Site], AbstractContextManager] = undisturbed
    program: list[str] = field(default_factory=list)
    stdout: str | None = None
    typed: list[str] = field(default_factory=list)
    # Text that the message or the hint must contain.
    says: str = ""
    # What standard output must say nonetheless: it shows what was found or done before.
    prints: str = ""
    # The tables and files that change nonetheless: an attempt counts, and some of several succeed.
    writes: set[str] = field(default_factory=set)
    # What stands before the message: the command, unless the command line was not understood.
    subject: str | None = None

    def __str__(self) -> str:
        shown = [str(word)[:24] for word in self.words if not callable(word)]
        return f"{self.code}: {' '.join(shown)} {self.says or self.prints}".strip()

    def run(self, site: Site, format: str) -> subprocess.CompletedProcess:
        words = [word() if callable(word) else word for word in self.words]
        words = [
            word if isinstance(word, bytes) else word.replace("{site}", str(site.directory))
            for word in words
        ]
        line = [*self.program, str(site.directory.parent / "regctl"), *words]
        # Not by an option: it might be taken for the value of the last one.
        environment = site.environment | {"REGCTL_FORMAT": format}
        for name, value in self.environment.items():
            environment[name] = value.replace("{site}", str(site.directory))
        if self.typed:
            return typed_on_a_terminal(line, environment, site.directory.parent, self.typed)
        with open(self.stdout or os.devnull, "wb") as output, self.meanwhile(site):
            return subprocess.run(
                line,
                input=self.input() if callable(self.input) else self.input,
                stdout=output if self.stdout else subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                cwd="/",
                user=self.user,
                group=self.user,
                # Without a terminal, whatever pytest itself has.
                start_new_session=True,
                timeout=60,
            )


def typed_on_a_terminal(
    line: list[str], environment: dict[str, str], directory: Path, answers: list[str]
) -> subprocess.CompletedProcess:
    """Runs a command on a terminal of its own, its output streams in files."""
    script = 'exec "$@" >"$0.out" 2>"$0.err"'
    files = [directory / f"typed.{suffix}" for suffix in ("out", "err")]
    child = pexpect.spawn("sh", ["-c", script, str(directory / "typed"), *line], env=environment)
    for answer in answers:
        child.expect([r"password: ", r"\? \[y/N\] "], timeout=60)
        child.sendline(answer)
    child.expect(pexpect.EOF, timeout=60)
    child.close()
    output, error = (path.read_bytes() for path in files)
    # What is said between the questions is no part of the error.
    error = error.replace(b"The two entries differ.\n", b"")
    return subprocess.CompletedProcess(line, child.exitstatus, output, error)
