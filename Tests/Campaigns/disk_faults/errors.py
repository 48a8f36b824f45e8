"""A command at one of whose file calls the disk fails, and the checks afterwards."""

import itertools
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from Campaigns.extent import IS_FULL, spread
from Campaigns.kill_points.copies import EXPORTED
from Campaigns.kills import WORKERS, Command, Kill, traced
from Campaigns.sites import copy_of
from regctl import Site

# Every call about a file that regctl, SQLite and the C library make; `mmap` only of a file. What a file
# is closed or asked for with cannot fail on a disk in a way that matters, but may all the same.
FILE_CALLS = {
    "access", "chmod", "chown", "fallocate", "fchmod", "fchown", "fcntl", "fdatasync", "flock", "fstat",
    "fsync", "ftruncate", "getcwd", "getdents64", "ioctl", "lchown", "link", "linkat", "lseek", "lstat",
    "mkdir", "mkdirat", "mmap", "newfstatat", "open", "openat", "pread64", "pwrite64", "pwritev", "read",
    "readlink", "readv", "rename", "renameat", "renameat2", "rmdir", "stat", "statfs", "statx", "unlink",
    "unlinkat", "utimensat", "write", "writev",
}  # fmt: skip

# 69 is for a library that cannot be loaded; 77 for a file that SQLite could open for reading only, whatever
# the error was; 78 for a setting, a key or a template that cannot be read.
DOCUMENTED = {0, 69, 73, 74, 75, 77, 78}


@dataclass(frozen=True)
class Fault:
    """A call that fails, once or from then on, and its error."""

    call: str
    ordinal: int
    error: str
    lasts: bool

    def __str__(self) -> str:
        return f"{self.error} at {self.call} {self.ordinal}{' and later' if self.lasts else ''}"

    @property
    def tracer(self) -> list[str]:
        when = f"{self.ordinal}{'+' if self.lasts else ''}"
        options = ["-e", f"trace={self.call}", "-e", f"inject={self.call}:error={self.error}:when={when}"]
        return ["strace", "-f", "-qq", "-o", "/dev/null", *options]


def file_calls(line: list[str], site: Site) -> list[tuple[str, int]]:
    """The calls about files from the configuration on: what comes before loads the program."""
    configuration = site.environment["REGCTL_CONFIG"]
    steps = itertools.dropwhile(lambda step: configuration not in step[1], traced(line, site)[1:])
    return [
        call for call, words in steps
        if call[0] in FILE_CALLS and not re.match(r"mmap\(.*, -1, 0", words)
    ]  # fmt: skip


def faults(calls: list[tuple[str, int]], count: int) -> list[Fault]:
    """Each call with each error, once and from then on; or as many as are to be tried.

    These are the first and the last call of each name and others at even distances, each with another
    kind of error in turn. A lock that fails from then on is waited for.
    """
    kinds = list(itertools.product(["EIO", "ENOSPC"], [False, True]))
    if IS_FULL:
        return [Fault(*call, *kind) for call in calls for kind in kinds]
    first, last = dict(reversed(calls)), dict(calls)
    ends = {*first.items(), *last.items()}
    others = set(spread(calls, max(0, count - len(ends))))
    chosen = [call for call in calls if call in ends | others]
    return [
        Fault(*call, error, lasts and call[0] != "fcntl")
        for call, (error, lasts) in zip(chosen, itertools.cycle(kinds), strict=False)
    ]


@dataclass
class Report:
    """What came of all faults of a command."""

    exits: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.exits.total()} faults, exit codes {dict(sorted(self.exits.items()))}"


def judge(
    command: Command, acknowledged: str, prototype: Site, place: Path, fault: Fault
) -> tuple[int, list[str]]:
    """Runs a command with a fault; returns its exit code and everything that is wrong afterwards."""
    site = copy_of(prototype, place / "site")
    result = run(command, site, fault.tracer)
    speaks = not (fault.call == "write" and fault.lasts)
    wrong = violations(command, acknowledged, site, result, place / "seen", speaks)
    shutil.rmtree(place)
    return result.returncode, [f"{fault}: {what}" for what in wrong]


def run(command: Command, site: Site, tracer: list[str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*tracer, *command.line(site)], env=site.environment, capture_output=True, timeout=60
    )


def violations(
    command: Command,
    acknowledged: str,
    site: Site,
    result: subprocess.CompletedProcess,
    seen_in: Path,
    speaks: bool = True,
) -> list[str]:
    """Everything that is wrong after a run, which could speak or not, when its fault is over."""
    code = result.returncode
    output = result.stdout.decode() + (f"\n{EXPORTED}" if code == 0 else "")
    wrong = []
    if code not in DOCUMENTED:
        wrong.append(f"exits with {code}: {result.stderr[-300:]!r}")
    elif code == 0 and acknowledged not in output:
        wrong.append("succeeds without a word")
    elif code and not result.stderr.startswith(b"regctl: error: ") and speaks:
        wrong.append(f"fails without an error: {result.stderr[-300:]!r}")
    seen = Kill(copy_of(site, seen_in), output)
    command.look(seen)
    left = Kill(site, output)
    command.repeat(left)
    return wrong + seen.wrong + left.wrong


def campaign(
    command: Command,
    acknowledged: str,
    site: Site,
    directory: Path,
    count: int,
    calls_of: Callable[[list[str], Site], list[tuple[str, int]]] = file_calls,
) -> Report:
    """Lets the disk fail at the file calls of a command."""
    command.prepare(site)
    # Paths of one length, so that every run makes the same calls.
    first = copy_of(site, directory / "fault-0000" / "site")
    tried = faults(calls_of(command.line(first), first), count)
    places = [directory / f"fault-{number:04}" for number in range(1, len(tried) + 1)]
    report = Report()
    with ThreadPoolExecutor(WORKERS) as pool:
        judged = pool.map(
            lambda place, fault: judge(command, acknowledged, site, place, fault), places, tried
        )
        for code, wrong in judged:
            report.exits[code] += 1
            report.wrong += wrong
    return report
