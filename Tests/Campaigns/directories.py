"""Directories: what is in them, and those that other users can reach."""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from Campaigns.database import dump

NOBODY = 65534


def snapshot(directory: Path) -> dict[str, object]:
    """Everything in a directory: databases by what they say, other files by mode and content."""
    found: dict[str, object] = {}
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if name.endswith(("-wal", "-shm", "-journal")):
            continue
        mode = path.lstat().st_mode
        if not path.is_file():
            found[name] = mode
            continue
        data = path.read_bytes()
        found[name] = (mode, hashlib.sha256(data).hexdigest())
        if data.startswith(b"SQLite format 3\0"):
            # A damaged one has nothing to say beyond its bytes.
            with contextlib.suppress(sqlite3.DatabaseError):
                found[name] = (mode, dump(path))
    return found


@contextlib.contextmanager
def public_directory() -> Iterator[Path]:
    """A directory that every user can reach, unlike pytest's own."""
    directory = Path(tempfile.mkdtemp(prefix="regctl-campaign."))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def give_to_nobody(directory: Path) -> None:
    """Makes an unprivileged user the owner of a directory and all in it."""
    give_to(directory, NOBODY)


def give_to(directory: Path, user: int) -> None:
    for path in [directory, *directory.rglob("*")]:
        os.chown(path, user, user)
