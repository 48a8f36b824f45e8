"""The simulated time of day, which every program of the week is told by libfaketime."""

import subprocess
from datetime import datetime, timezone
from pathlib import Path

MINUTE, HOUR, DAY = 60, 3600, 86_400


def moment(text: str) -> int:
    """The seconds since the epoch of a time in UTC as a report or a table has it."""
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(time.replace(tzinfo=time.tzinfo or timezone.utc).timestamp())


def library() -> Path:
    """The library that is preloaded: /usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


class Clock:
    """A clock that stands still until it is set.

    The programs read it from a file whenever they ask for the time. What they measure by the
    monotonic clock, such as the time limits of a connection, is not affected.
    """

    def __init__(self, directory: Path) -> None:
        self._file = directory / "clock"
        self.now = 0
        # By itself, each process would make a semaphore, and leave it behind when it is killed.
        # It also changes the environment then, in which Swift's runtime looks for the arguments.
        script = 'echo "$FAKETIME_SHARED"; read line'
        self._owner = subprocess.Popen(
            ["faketime", "-f", "+0", "sh", "-c", script], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )
        self.environment = {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_SHARED": self._owner.stdout.readline().strip(),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # The dates of files are those of this machine.
            "NO_FAKE_STAT": "1",
            "TZ": "UTC",
        }

    def set(self, now: int) -> None:
        """Sets the time, in seconds since the epoch; it must not go back."""
        assert now >= self.now
        self.now = now
        text = datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%d %H:%M:%S\n")
        # Replaced as a whole: a program may be reading it.
        new = self._file.with_suffix(".new")
        new.write_text(text)
        new.replace(self._file)

    def close(self) -> None:
        self._owner.communicate("\n")
