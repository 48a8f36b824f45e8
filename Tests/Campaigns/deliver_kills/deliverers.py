"""Runs of `deliver` that can be killed, and checks of the results."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from Campaigns.database import connected, integrity, rows, value
from Campaigns.recording_server import RecordingServer
from Campaigns.sites import with_database
from regctl import BINARY, Site

EIGHT = 8
DELIVER = [BINARY, "deliver", "--json"]
SIZE_ONLY = [b"SIZE 52428800", b"8BITMIME"]
PIPELINING = [b"PIPELINING", *SIZE_ONLY]

# A deliverer in Python. With the habit `lock` alone it does as it should: it takes the lock, queues
# again what was left, marks a mail, sends it and records that. Without, or with the habit `early`
# of recording before sending, it is what the campaigns must find out.
STAND_IN = """
import fcntl, socket, sqlite3, sys, time
path, port, *habits = sys.argv[1:]
if "lock" in habits:
    lock = open(path + ".deliver.lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print('{"error": {"code": "deliver_running"}}', file=sys.stderr)
        sys.exit(75)
db = sqlite3.connect(path, isolation_level=None, timeout=60)
db.execute("PRAGMA synchronous = OFF")
db.execute("UPDATE regctl_outbox SET state = 'queued', possible_duplicate = 1"
           " WHERE state = 'sending'")
due = db.execute("SELECT id, message_id, email FROM regctl_outbox"
                 " WHERE state = 'queued' AND next_attempt_at <= ?", (time.time(),)).fetchall()
server = socket.create_connection(("127.0.0.1", int(port)))
replies = server.makefile("rb")
def say(line, code):
    server.sendall(line)
    while (reply := replies.readline())[3:4] == b"-":
        pass
    assert reply.startswith(code), reply
def record(state, number):
    db.execute("UPDATE regctl_outbox SET state = ? WHERE id = ?", (state, number))
say(b"", b"220")
say(b"EHLO localhost\\r\\n", b"250")
for number, message_id, email in due:
    record("sent" if "early" in habits else "sending", number)
    say(b"MAIL FROM:<accounts@app.example>\\r\\n", b"250")
    say(b"RCPT TO:<%s>\\r\\n" % email.encode(), b"250")
    say(b"DATA\\r\\n", b"354")
    say(b"Message-ID: <%s>\\r\\n\\r\\nHello\\r\\n.\\r\\n" % message_id.encode(), b"250")
    record("sent", number)
say(b"QUIT\\r\\n", b"221")
"""


def stand_in(site: Site, *habits: str) -> list[str]:
    words = [site.db, site.settings["mail_port"], *habits]
    return [sys.executable, "-I", "-S", "-c", STAND_IN, *map(str, words)]


# A site with mail, and checks of the results.


def queue(site: Site, mails: int) -> None:
    """Accounts, each with a mail that is due, made by SQL in an instant."""
    with connected(site.db) as connection:
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed)"
            " VALUES (?, '!', '2026-01-01 00:00:00.000000', 0, 0)",
            ((f"user{number}@example.org",) for number in range(1, mails + 1)),
        )
        connection.execute(
            "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,"
            " next_attempt_at, message_id)"
            " SELECT id, email, 'confirm', 'confirm', 'queued', ?, 0, 'm' || id FROM users ORDER BY id",
            (int(time.time()),),
        )
        connection.execute("COMMIT")


def with_mail(
    site: Site, server: RecordingServer, mails: int, journal_mode: str = "wal", **settings: object
) -> Site:
    """The site with a new database full of mail for a server."""
    site.settings |= {
        "mail_transport": "smtp",
        "mail_server": "127.0.0.1",
        "mail_port": server.port,
        "mail_security": "none",
        "mail_timeout": "60s",
    } | settings
    site.write_config()
    queue(with_database(site, journal_mode), mails)
    return site


def wrong(site: Site, server: RecordingServer, hits: Counter[int] = Counter()) -> list[str]:
    """Violations: each mail is sent, at most once and once more for each kill.

    `hits` is the number of kills that hit a row: it was marked as being sent at that time.
    """
    server.wait_until_idle()
    found = []
    columns = "id, message_id, state, possible_duplicate"
    mails = rows(site.db, f"SELECT {columns} FROM regctl_outbox")
    for number, identity, state, possible_duplicate in mails:
        copies = server.accepted[identity]
        if state != "sent":
            found.append(f"{identity} is {state}")
        elif copies == 0:
            found.append(f"{identity} is lost")
        if copies > 1 + hits[number]:
            found.append(f"{identity} came {copies} times after {hits[number]} kills")
        if (copies > 1 or hits[number]) and not possible_duplicate:
            found.append(f"{identity} is not marked: {copies} copies, {hits[number]} kills")
        if identity.split("@")[0] != f"m{number}":
            found.append(f"mail {number} has another identity: {identity}")
    strangers = server.accepted.keys() - {identity for _, identity, _, _ in mails}
    found += [f"{identity} is nobody's" for identity in sorted(strangers)]
    if integrity(site.db) != "ok":
        found.append(integrity(site.db))
    return found


def copies(server: RecordingServer) -> Counter[str]:
    """The mails that were accepted more than once, with their second and further copies."""
    server.wait_until_idle()
    return server.accepted - Counter(set(server.accepted))


def unsent(site: Site) -> int:
    return value(site.db, "SELECT count(*) FROM regctl_outbox WHERE state <> 'sent'")


def deliver_the_rest(site: Site, line: list[str] = DELIVER) -> None:
    """Delivers until no mail is due."""
    due = "SELECT count(*) FROM regctl_outbox WHERE state = 'sending' OR next_attempt_at <= ?"
    for _ in range(5):
        with Run(site, line) as run:
            assert run.end() == 0, run.errors
        if value(site.db, due + " AND state = 'queued'", int(time.time())) == 0:
            return


def in_flight(site: Site) -> list[int]:
    """The rows marked as being sent.

    They are read from a copy, so that what a dead process left in the log or the journal is there
    for the next one to clean up. No process may have the database open: what is at the end of the log
    counts for those who share memory only once that says so, and for all others at once.
    """
    with tempfile.TemporaryDirectory() as directory:
        for suffix in ["", "-wal", "-journal"]:
            path = Path(f"{site.db}{suffix}")
            if path.exists():
                shutil.copyfile(path, Path(directory) / path.name)
        sql = "SELECT id FROM regctl_outbox WHERE state = 'sending'"
        return [number for (number,) in rows(Path(directory) / site.db.name, sql)]


# Processes.


class Run:
    """A process that delivers. What it prints goes to files: a full pipe would halt it."""

    def __init__(self, site: Site, line: list[str] = DELIVER) -> None:
        self._files = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]
        self.process = subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=self._files[0],
            stderr=self._files[1],
            env=site.environment,
        )
        self.exit_code: int | None = None

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> int:
        """Waits for the process to end and returns the exit code."""
        if self.exit_code is None:
            self.exit_code = self.process.wait(timeout=120)
            self.output, self.errors = (self._content(file) for file in self._files)
        return self.exit_code

    @staticmethod
    def _content(file: tempfile.TemporaryFile) -> bytes:
        file.seek(0)
        with file:
            return file.read()


EXTENSIONS = pytest.mark.parametrize(
    "extensions", [PIPELINING, SIZE_ONLY], ids=["pipelining", "one by one"]
)
