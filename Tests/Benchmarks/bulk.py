"""The benchmarks of import and export, for `run.py`: against `.import` and `-json` of sqlite3.

`run.py` has to import this module inside a function, since this one imports `run`.
"""

import contextlib
import json
import random
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

from run import Site, address, best, report

COLUMNS = ["id", "email", "password", "registered_on", "admin", "confirmed", "confirmed_on"]
ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
# The same objects that `export` writes; Booleans are 0 and 1.
QUERY = f"SELECT 1 AS schema, {', '.join(COLUMNS)} FROM users ORDER BY id"


class Move(Site):
    """Accounts in files, and a database for each program to put them into."""

    def __init__(self, count: int) -> None:
        super().__init__(0)
        self.count = count
        self.pristine = self.db.read_bytes()
        self.other = self.directory / "other.db"
        self.csv = self.directory / "accounts.csv"
        self.jsonl = self.directory / "accounts.jsonl"
        with self.csv.open("w", newline="") as csv, self.jsonl.open("w") as jsonl:
            csv.write(",".join(COLUMNS) + "\r\n")
            for row in self.accounts():
                csv.write(",".join("" if part is None else str(part) for part in row) + "\r\n")
                values = dict(zip(COLUMNS, row, strict=True))
                values |= {"admin": bool(values["admin"]), "confirmed": bool(values["confirmed"])}
                jsonl.write(json.dumps({"schema": 1} | values, separators=(",", ":")) + "\n")

    def accounts(self) -> Iterator[tuple]:
        """Accounts with hashes of their own, every other one confirmed."""
        chosen = random.Random(1)
        for n in range(self.count):
            hashed = "$2b$13$" + "".join(chosen.choices(ALPHABET, k=53))
            moment = f"2026-{n % 9 + 1:02}-01 {n % 24:02}:00:00.{n % 10**6:06}"
            yield n + 1, address(n), hashed, moment, 0, n % 2, moment if n % 2 else None

    def put_back(self) -> None:
        """Removes all accounts again, for regctl and for the shell."""
        for path in (self.db, self.other):
            for log in ("-wal", "-shm"):
                Path(f"{path}{log}").unlink(missing_ok=True)
            path.write_bytes(self.pristine)

    def take(self, path: Path) -> None:
        self.regctl("import", str(path), "--quiet")

    def shell(self) -> None:
        words = ["sqlite3", "-bail", str(self.other), f".import --csv --skip 1 '{self.csv}' users"]
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)

    def check(self) -> None:
        """Fails unless both programs inserted the same accounts, except for NULL in the shell's."""
        found = []
        for path in (self.db, self.other):
            with contextlib.closing(sqlite3.connect(path)) as connection:
                assert connection.execute("SELECT count(*) FROM users").fetchone() == (self.count,)
                query = "SELECT id, email, password, registered_on, confirmed FROM users WHERE id % 997 = 0"
                found.append(connection.execute(query).fetchall())
        assert found[0] == found[1]


def import_many(count: int = 1_000_000, rounds: int = 2) -> None:
    """Imports all accounts from a file, into the same table with the same indexes."""
    site = Move(count)
    for path in (site.csv, site.jsonl):
        ours, theirs = best(
            [lambda path=path: site.take(path), site.shell], rounds, before=site.put_back
        )
        site.check()
        report(
            f"`import` of {count:,} accounts from {path.suffix[1:]} ({ours:.2f} s)",
            f"`sqlite3 .import` of CSV ({theirs:.2f} s)", f"{theirs / ours:.2f} x as fast",
            ">= 0.5 x as fast",
        )
    site.remove()


def check_export(exported: bytes, imported: bytes) -> None:
    """Fails unless the same accounts came out, with dates in the form of RFC 3339."""
    lines, wanted = exported.splitlines(), imported.splitlines()
    assert len(lines) == len(wanted)
    for line, account in zip(lines[::997], wanted[::997], strict=True):
        ours, theirs = json.loads(line), json.loads(account)
        for key in ("id", "email", "password", "admin", "confirmed"):
            assert ours[key] == theirs[key]


def export_many(count: int = 1_000_000, rounds: int = 5) -> None:
    """Exports all accounts to a file."""
    site = Move(count)
    site.put_back()
    site.take(site.csv)
    sides = [
        lambda: site.regctl("export"),
        lambda: subprocess.run(
            ["sqlite3", "-json", site.db, QUERY], stdout=subprocess.DEVNULL, check=True
        ),
    ]
    ours, theirs = best(sides, rounds)
    exported = site.regctl("export", stdout=subprocess.PIPE).stdout
    check_export(exported, site.jsonl.read_bytes())
    report(
        f"`export` of {count:,} accounts ({ours:.2f} s)", f"`sqlite3 -json` ({theirs:.2f} s)",
        f"{ours / theirs:.2f} x", "<= 1.3 x",
    )
    site.remove()


BENCHMARKS = {"import": import_many, "export": export_many}
