"""Databases that another process has open."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Has a database open while others look at it; another process, since locks are lost with any of
# a process's descriptors of the file.
HOLDS = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    db.execute(statement).fetchone()
print("ready", flush=True)
sys.stdin.read()
"""
HABITS = {
    "idle": ["SELECT * FROM users"],
    "reading": ["BEGIN", "SELECT * FROM users"],
    "writing": ["BEGIN IMMEDIATE", "UPDATE users SET password = 'x'"],
}


@contextlib.contextmanager
def held(db: Path, statements: list[str]) -> Iterator[None]:
    """While this lasts, another process has the database open and has run statements."""
    words = [sys.executable, "-I", "-S", "-c", HOLDS, db, *statements]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        yield
        process.stdin.close()


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
