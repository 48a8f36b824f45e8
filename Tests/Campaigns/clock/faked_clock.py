"""Programs that see another time of day, by faketime."""

import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from regctl import BINARY, Site

HAS_FAKETIME = shutil.which("faketime") is not None
needs_faketime = pytest.mark.skipif(not HAS_FAKETIME, reason="needs the package faketime")

DAY = 86_400
YEAR = 365 * DAY


def text_of(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def frozen(moment: int) -> list[str]:
    """What stands before a program for which it is always the same second; durations go on."""
    return ["env", "TZ=UTC", "faketime", "-f", "--exclude-monotonic", text_of(moment)]


def shifted(seconds: int) -> list[str]:
    """The same for a clock that is ahead, or with fewer than 0 seconds behind."""
    return ["env", "TZ=UTC", "faketime", "-f", "--exclude-monotonic", f"{seconds:+d}s"]


def run(
    clock: list[str], site: Site, *words: object, input: str = ""
) -> subprocess.CompletedProcess:
    """Runs regctl with another clock."""
    line = [*clock, BINARY, *map(str, words)]
    return subprocess.run(
        line, input=input.encode(), env=site.environment, capture_output=True, timeout=120
    )


def ok(clock: list[str], site: Site, *words: object, input: str = "") -> str:
    result = run(clock, site, *words, input=input)
    assert result.returncode == 0, (clock, words, result)
    return result.stdout.decode()
