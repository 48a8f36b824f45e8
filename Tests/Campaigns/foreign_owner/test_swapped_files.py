"""H2: files that are swapped between two accesses."""

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from Campaigns.foreign_owner.place import PYTHON, SECRET, Place
from Campaigns.processes import last_error
from regctl import BINARY

RACER = """
import os, sys
directory, target = sys.argv[1:]
print("ready", flush=True)
while True:
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        if name.endswith(".tmp") and not os.path.islink(path):
            try:
                os.unlink(path)
                os.symlink(target, path)
                print(name, flush=True)
            except OSError:
                pass
"""


@contextlib.contextmanager
def racing(place: Place, directory: Path) -> Iterator[list[str]]:
    """The owner swaps every temporary file in a directory for a link to the canary."""
    process = subprocess.Popen(
        [PYTHON, "-c", RACER, directory, place.canary], stdout=subprocess.PIPE, text=True,
        user=place.owner, group=place.owner, extra_groups=[], cwd="/",
    )  # fmt: skip
    swapped: list[str] = []
    assert process.stdout.readline() == "ready\n"
    reader = threading.Thread(target=lambda: swapped.extend(process.stdout), daemon=True)
    reader.start()
    try:
        yield swapped
    finally:
        process.kill()
        process.wait()
        reader.join()


def slowed(call: str, milliseconds: int = 300) -> list[str]:
    """A way to run a program so that it waits before each call of a kind, for the racer to win."""
    delay = f"inject={call}:delay_enter={milliseconds * 1000}"
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", delay]


@pytest.mark.parametrize("call", ["linkat", "fsync"])
@pytest.mark.parametrize("what", ["backup", "plan"])
def test_a_temporary_file_that_is_swapped_is_neither_written_to_nor_published(place, what, call):
    target = place.site.directory / "target"
    words = ["backup", target] if what == "backup" else ["prune", "--plan", target]
    with racing(place, place.site.directory) as swapped:
        result = subprocess.run(
            [*slowed(call), BINARY, *words, "--json"], env=place.site.environment,
            capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert swapped, "the racer has swapped nothing"
    assert result.returncode in (73, 74), result
    assert not target.exists() and not target.is_symlink()
    # SQLite opens the file by its name, and finds the link itself.
    if (what, call) == ("plan", "linkat"):
        message = last_error(result.stderr)["message"]
        assert "another process replaced it" in message


def test_a_database_that_is_being_created_is_not_swapped(place):
    for name in ("regctl.db", "secret.key"):
        (place.site.directory / name).unlink()
    with racing(place, place.site.directory) as swapped:
        result = subprocess.run(
            [*slowed("linkat"), BINARY, "create-db"], env=place.site.environment,
            capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert swapped
    assert result.returncode in (73, 74), result
    assert not place.site.db.exists()


NAIVE = """
import os, sys, time
path = sys.argv[1]
os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
time.sleep(0.3)
with open(path, "r+b") as file:
    file.write(b"overwritten")
"""


def test_the_campaign_detects_a_swapped_file_that_is_opened_again(place):
    """The control: root makes a file and opens it again by its name."""
    before = place.root_files()
    with racing(place, place.site.directory) as swapped:
        path = place.site.directory / "backup.tmp"
        subprocess.run([PYTHON, "-c", NAIVE, path], check=True)
    assert swapped
    assert place.root_files() != before
    place.canary.write_bytes(SECRET)
