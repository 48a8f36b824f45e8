"""Disks with little room."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(directory: Path, kilobytes: int) -> Iterator[Path]:
    """An empty file system of a size, mounted at a new directory."""
    directory.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={kilobytes}k"]
    if subprocess.run(["mount", *options, "tmpfs", directory], capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")
    try:
        yield directory
    finally:
        subprocess.run(["umount", directory], check=True)


def ballast(directory: Path, room: int = 0) -> Path:
    """Fills a file system but for some kilobytes."""
    path = directory / "ballast"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            while file.write(b"x" * size) == size:
                pass
    os.truncate(path, max(0, path.stat().st_size - room * 1024))
    return path
