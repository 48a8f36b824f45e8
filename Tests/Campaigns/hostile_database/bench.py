"""The database is input: hostile values, damaged pages, foreign tables and triggers that ignore writes.

Whatever stands in it, no command traps, hangs, calls it a bug, claims what it did not do or mails
twice. With REGCTL_LONG=1 every command meets every case; otherwise some of them meet some.
"""

import mailbox
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from Campaigns.database import connected
from Campaigns.extent import IS_FULL
from Campaigns.preparation import ANN, BOB, EVE, REPORT
from Campaigns.sites import LINKS
from regctl import BINARY, Site
from server_database import ServerDatabase
from tokens import token

DAN = "dan@example.org"
GIL, IDA = "gil@example.org", "ida@example.org"

# The exit codes that CLI.md knows; 70 is a bug.
DOCUMENTED = {0, 1, 64, 65, 66, 67, 69, 73, 74, 75, 77, 78}
TIME_LIMIT = 20

READERS = [
    ["list-unconfirmed", "--json"],
    ["list-unconfirmed", "--sort", "email", "--format", "tsv"],
    ["list-unconfirmed", "--suspect-typo"],
    ["list-unconfirmed", "--count", "--domain", "example.org", "--mail-state", "sent"],
    ["list-accounts", "a", "--state", "confirmed", "--since", "2d"],
    ["list-accounts", "--count", "--domain", "example.org"],
    ["list-admins"],
    ["list-outbox", "--json"],
    ["list-outbox", "--email", ANN],
    ["show", ANN, "--json"],
    ["show", "1"],
    ["show", EVE],
    ["show-mail", "1"],
    ["show-mail", "1", "--raw"],
    ["check", ANN],
    ["check", BOB, "--password-file", "-"],
    ["audit", "--json"],
    ["audit", "--email", ANN],
    ["audit", "--verify"],
    ["report", "cohorts", "--by", "month"],
    ["report", "funnel", "--json"],
    ["report", "metrics"],
    ["report", "stuck"],
    ["report", "html", "--by", "month"],
    ["status"],
    ["list-prunes"],
    ["list-bounces", "--json"],
    ["list-bounces", "--suppressed", "--email", ANN],
    ["list-accounts", "--state", "bounced", "--fields", "email,bounced"],
    ["inspect-token", "{token}"],
    ["doctor"],
    ["backup", "{new}"],
    ["restore", "{db}", "--yes", "--db", "{new}"],
    ["migrate-db", "--dry-run"],
    ["migrate-db", "--dry-run", "--unique-email"],
    ["prune", "--dry-run", "--older-than", "1d"],
    ["deliver", "--dry-run"],
    ["resend", "--all-unconfirmed", "--dry-run"],
    ["import", "{accounts}", "--dry-run"],
    ["config"],
    ["send-test", ANN],
    ["show-template", "confirm"],
    *(
        ["__complete", kind, ""]
        for kind in ("emails", "unconfirmed", "admins", "mails", "waiting-mails", "runs", "pruned", "deleted")
    ),
]
WRITERS = [
    ["register", "new@example.org", "--no-password"],
    ["register", DAN, "--no-password", "--lang", "de", "--wait"],
    ["create-admin", "new@example.org", "--password-file", "-"],
    ["create-admin", ANN, "--promote"],
    ["confirm", "{token}"],
    ["confirm", "--email", ANN, "--reason", "called"],
    ["unconfirm", EVE, "--reason", "bounced"],
    ["resend", ANN, "--force"],
    ["resend", ANN, "--force", "--template", "reminder"],
    ["resend", ANN, "--force", "--revoke-previous"],
    ["resend", "--all-unconfirmed", "--yes", "--campaign", "again"],
    ["issue-token", ANN],
    ["issue-token", "--stdin"],
    ["issue-token", EVE, "--purpose", "change-email"],
    ["change-email", ANN, "anne@example.org"],
    ["change-email", EVE, "evita@example.org"],
    ["reset-password", ANN, "--force"],
    ["set-password", ANN, "--password-file", "-"],
    ["grant-admin", ANN],
    ["revoke-admin", BOB, "--force"],
    ["delete", ANN, "--reason", "asked", "--yes"],
    ["erase", ANN, "--reason", "asked", "--yes"],
    ["undelete", GIL],
    ["lock", ANN, "--reason", "spam"],
    ["lock", "@example.org", "--reason", "spam", "--yes", "--force"],
    ["unlock", IDA, "@spam.example"],
    ["bounce", "{report}"],
    ["clear-bounce", ANN],
    ["deliver"],
    ["retry-mail", "1", "2", "3", "4"],
    ["retry-mail", "--all-failed", "--yes"],
    ["cancel-mail", "1", "2", "3", "4"],
    ["release-held", "--yes"],
    ["prune", "--older-than", "1d", "--max", "1000", "--yes", "--include-never-mailed"],
    ["prune", "--plan", "{new}", "--older-than", "1d"],
    ["unprune", "1", "--yes"],
    ["unprune", "1", "--email", DAN],
    ["export"],
    ["export", "--csv"],
    ["export", "--email", ANN],
    ["export", "--email", DAN],
    ["purge"],
    ["rotate-key"],
    ["import", "{accounts}"],
    ["show-mail", "1", "--raw", "--with-token"],
    ["migrate-db"],
    ["migrate-db", "--unique-email"],
    ["create-db", "--if-not-exists"],
]
LINES = READERS + WRITERS
# What they do to the table of the application.
WRITERS_OF_USERS = [
    ("UPDATE", ["confirm", "{token}"]),
    ("UPDATE", ["confirm", "--email", ANN, "--reason", "called"]),
    ("UPDATE", ["unconfirm", EVE, "--reason", "bounced"]),
    ("UPDATE", ["change-email", ANN, "anne@example.org"]),
    ("UPDATE", ["set-password", ANN, "--password-file", "-"]),
    ("UPDATE", ["grant-admin", ANN]),
    ("UPDATE", ["revoke-admin", BOB, "--force"]),
    ("UPDATE", ["create-admin", ANN, "--promote"]),
    ("INSERT", ["register", "new@example.org", "--no-password"]),
    ("INSERT", ["create-admin", "new@example.org", "--password-file", "-"]),
    ("INSERT", ["import", "{accounts}"]),
    ("INSERT", ["unprune", "1", "--yes"]),
    ("INSERT", ["undelete", GIL]),
    ("UPDATE", ["lock", ANN, "--reason", "spam"]),
    ("UPDATE", ["unlock", IDA]),
    ("DELETE", ["delete", ANN, "--reason", "asked", "--yes"]),
    ("DELETE", ["prune", "--older-than", "1d", "--max", "1000", "--yes", "--include-never-mailed"]),
]


class Bench:
    """A place to run commands in on databases that are used up."""

    def __init__(self, site: Site, original: bytes | ServerDatabase) -> None:
        self.site = site
        self.original = original
        self.accounts = site.directory / "accounts.csv"
        self.accounts.write_text("email,id\nimported@example.org,\nann@example.org,1\n")
        self.words = {"{token}": token(ANN, int(time.time()) - 60), "{accounts}": self.accounts}
        self.words["{db}"] = site.db
        self.words["{report}"] = site.directory / "report"
        (site.directory / "report").write_text(REPORT)

    def put(self, content: bytes) -> None:
        for suffix in ("-journal", "-wal", "-shm"):
            Path(f"{self.site.db}{suffix}").unlink(missing_ok=True)
        self.site.db.write_bytes(content)

    def run(self, line: list[str]) -> tuple[list[str], subprocess.CompletedProcess]:
        new = self.site.directory / "new"
        new.unlink(missing_ok=True)
        words = [str({"{new}": new, **self.words}.get(word, word)) for word in line]
        stdin = f"{ANN}\n{EVE}\n".encode() if "--stdin" in words else b"correct horse battery"
        return words, subprocess.run(
            [BINARY, *words],
            input=stdin,
            capture_output=True,
            env=self.site.environment,
            timeout=TIME_LIMIT,
        )

    def mails(self) -> Counter[str]:
        """How often each mail was delivered; the Maildir is emptied."""
        found = Counter(
            str(mail["Message-ID"]) for mail in mailbox.Maildir(self.site.maildir, create=True)
        )
        shutil.rmtree(self.site.maildir)
        return found


class ServerBench(Bench):
    """A place whose database on a server is a copy of another, and then changed."""

    def put(self, change: tuple) -> None:
        statement, *values = change
        self.site.db.become_copy(self.original)
        with connected(self.site.db) as connection:
            connection.execute(statement, values)


def fault(line: list[str], bench: Bench) -> str | None:
    """The violations of a command on a database."""
    try:
        words, result = bench.run(line)
    except subprocess.TimeoutExpired:
        return "hangs"
    if result.returncode not in DOCUMENTED:
        return f"exits with {result.returncode}: {result.stderr[-300:]!r}"
    if b"bug in regctl" in result.stderr:
        return f"calls it a bug: {result.stderr[-300:]!r}"
    if result.returncode and not result.stderr and "__complete" not in words:
        return "fails without a word"
    # Only these send; a Maildir is looked at once for each.
    if words[0] in {"deliver", "register", "send-test"} and bench.site.maildir.exists():
        twice = [identity for identity, count in bench.mails().items() if count > 1]
        if twice:
            return f"mails twice: {twice}"
    return None


def benches(tmp_path_factory, original: bytes) -> list[Bench]:
    return [Bench(Site(tmp_path_factory.mktemp("bench"), **LINKS), original) for _ in range(2)]


def try_all(
    cases: list[tuple[str, Callable[[], bytes | tuple], list[list[str]]]], benches: list[Bench]
) -> list[str]:
    """Runs each case's commands on a database of its own, two cases at a time."""

    def work(number: int) -> list[str]:
        bench, found = benches[number], []
        for name, make, lines in cases[number :: len(benches)]:
            content, is_put = make(), False
            for line in lines:
                if not is_put:
                    bench.put(content)
                wrong = fault(line, bench)
                if wrong:
                    found.append(f"{name}: {' '.join(line)} {wrong}")
                is_put = line in READERS and not wrong
        return found

    with ThreadPoolExecutor(len(benches)) as pool:
        return [wrong for found in pool.map(work, range(len(benches))) for wrong in found]


def chosen(number: int, count: int) -> list[list[str]]:
    """Some commands for a case: in the end each has met every column and kind of damage."""
    if IS_FULL:
        return LINES
    return [LINES[(number * count + offset) % len(LINES)] for offset in range(count)]
