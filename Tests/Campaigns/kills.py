"""A command that is killed at every system call, and the checks afterwards."""

import itertools
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from Campaigns.database import value
from Campaigns.extent import sample
from Campaigns.sites import copy_of
from regctl import BINARY, Site

WORKERS = 3

# What makes the change in a file; a stand-in in Python is killed at these only, having thousands.
WRITING_CALLS = {"pwrite64", "write", "fdatasync", "fsync", "ftruncate", "unlink"}


@dataclass
class Kill:
    """The state left by a killed run."""

    site: Site
    output: str
    wrong: list[str] = field(default_factory=list)

    def expect(self, condition: object, what: str) -> None:
        """Notes a violation unless a condition holds."""
        if not condition:
            self.wrong.append(what)

    def count(self, table: str, condition: str = "1") -> int:
        return value(self.site.db, f"SELECT count(*) FROM {table} WHERE {condition}")

    def acts(self, act: str) -> int:
        return self.count("regctl_audit", f"act = '{act}'")

    def again(self, *words: object) -> subprocess.CompletedProcess:
        """Runs the command once more; if it refuses, it does so in words."""
        return self.site.run(*words, "--json")


@dataclass
class Command:
    """A command to kill: how its site is made, what may be left, and what running it again does."""

    words: Callable[[Site], list[object]]
    prepare: Callable[[Site], object]
    # Judges a site without changing it; called on a copy.
    look: Callable[[Kill], None]
    # Runs the command again and judges the outcome.
    repeat: Callable[[Kill], None]
    program: list[str] = field(default_factory=lambda: [BINARY])

    def line(self, site: Site) -> list[str]:
        return [*self.program, *map(str, self.words(site))]


# The campaign itself.


# The calls by which memory is allocated.
ALLOCATIONS = {"brk", "mmap", "mremap", "munmap", "madvise"}


# Opens or makes a file, so that something can change. The death of a program before that leaves nothing.
OPENING = re.compile(r"O_RDWR|O_WRONLY|O_CREAT|^(mkdir|rename|unlink|link|symlink)")


# Ends a change of what a file or directory holds: what a death leaves differs before and after it. Between two
# of them only what is not yet valid differs, so that some of those points are enough.
TURNING_POINTS = {
    "fchmod", "fchown", "fdatasync", "fsync", "ftruncate", "link", "mkdir", "rename", "renameat2", "sendto",
    "unlink", "write", "writev",
}  # fmt: skip


def is_turning_point(point: tuple[str, int]) -> bool:
    return point[0] in TURNING_POINTS


def system_calls(line: list[str], site: Site, input: bytes = b"") -> list[tuple[str, int]]:
    """Every system call of an undisturbed run, by name and ordinal among those of its name.

    The first is the `execve` that starts the program, at which there is nothing to kill yet.
    """
    return [call for call, _ in traced(line, site, input)]


def changing_calls(line: list[str], site: Site) -> list[tuple[str, int]]:
    """The system calls from the first by which something can change."""
    steps = itertools.dropwhile(lambda step: not OPENING.search(step[1]), traced(line, site))
    return [call for call, _ in steps]


def traced(line: list[str], site: Site, input: bytes = b"") -> list[tuple[tuple[str, int], str]]:
    """The system calls of an undisturbed run, each with its words."""
    log = site.directory.parent / "strace"
    subprocess.run(
        ["strace", "-f", "-qq", "-o", log, *line],
        env=site.environment,
        input=input,
        capture_output=True,
        check=True,
    )
    lines = re.findall(r"^(\d+) +((\w+)\(.*)", log.read_text(), re.MULTILINE)
    assert len({process for process, *_ in lines}) == 1, "ordinals count per process"
    assert lines[0][2] == "execve"
    seen: Counter[str] = Counter()
    steps = []
    for _, words, name in lines[1:]:
        seen[name] += 1
        steps.append(((name, seen[name]), words))
    return steps


def kill(
    line: list[str], site: Site, name: str, ordinal: int, input: bytes = b""
) -> str | None:
    """Runs a command that is killed at a call; returns its output, or `None` if it survived."""
    result = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={name}"]
        + ["-e", f"inject={name}:signal=KILL:when={ordinal}", *line],
        env=site.environment,
        input=input,
        capture_output=True,
        timeout=300,
    )
    return None if result.returncode >= 0 else result.stdout.decode()


def judge(command: Command, prototype: Site, place: Path, point: tuple[str, int]) -> list[str]:
    """Kills a command at one point and returns everything that is wrong afterwards."""
    # The number of memory allocations may differ between runs; a missed point is tried again.
    for _ in range(10):
        site = copy_of(prototype, place / "site")
        output = kill(command.line(site), site, *point)
        if output is not None:
            break
        shutil.rmtree(place)
    else:
        # A run may have needed less memory than the traced one, each of these times.
        return [] if point[0] in ALLOCATIONS else [f"{point}: never reached"]
    seen = Kill(copy_of(site, place / "seen"), output)
    command.look(seen)
    left = Kill(site, output)
    command.repeat(left)
    shutil.rmtree(place)
    return [f"{point}: {what}" for what in seen.wrong + left.wrong]


def campaign(
    command: Command,
    site: Site,
    directory: Path,
    calls_of: Callable[[list[str], Site], list[tuple[str, int]]] = changing_calls,
    only: set[str] | None = None,
) -> tuple[int, list[str]]:
    """Kills a command at its calls, or some of them; returns how many there are and all violations.

    In the automatic run those are one in twelve, besides the points at which what is left can turn.
    """
    command.prepare(site)
    # Paths of one length, so that every run asks for memory alike.
    first = copy_of(site, directory / "point-0000" / "site")
    calls = calls_of(command.line(first), first)
    points = [call for call in calls if only is None or call[0] in only]
    # A control is killed at all of its points, of which there are few.
    tried = points if only else sample("kills at system calls", points, 12, is_turning_point)
    places = [directory / f"point-{number:04}" for number in range(1, len(tried) + 1)]
    with ThreadPoolExecutor(WORKERS) as pool:
        judged = pool.map(lambda place, point: judge(command, site, place, point), places, tried)
        return len(points), [wrong for violations in judged for wrong in violations]
