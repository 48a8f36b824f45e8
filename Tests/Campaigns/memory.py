"""The peak of memory that a run needs."""

import subprocess
import sys
from pathlib import Path

from regctl import BINARY, Site

KILOBYTES_AT_MOST = 30 * 1024
KILOBYTES_MORE_AT_MOST = 1024

# A process inherits the peak memory of its parent, so a small one has to start regctl.
MEASURED = """
import os, sys
program, output = sys.argv[2:], os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
actions = [(os.POSIX_SPAWN_DUP2, output, 1)]
child = os.posix_spawn(program[0], program, os.environ, file_actions=actions)
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss, usage.ru_utime + usage.ru_stime)
"""


def costs(site: Site, output: Path, *program: object) -> tuple[int, float]:
    """Runs a program into a file; returns its peak memory in kilobytes and its processor time."""
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", MEASURED, output, *map(str, program)],
        env=site.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    code, kilobytes, seconds = result.stdout.split()
    assert (code, result.stderr) == ("0", "")
    return int(kilobytes), float(seconds)


def measured(site: Site, output: Path, *words: object) -> int:
    """Runs regctl into a file and returns its peak memory in kilobytes."""
    return costs(site, output, BINARY, *words)[0]
