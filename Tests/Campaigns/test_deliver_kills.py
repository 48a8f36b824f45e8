"""K2 and K12: `deliver` is started by eight at once, killed at every step and at random, told to
stop, and watched for secrets. What was sent is counted by the server, what is recorded by SQLite.
"""

import base64
import contextlib
import json
import os
import quopri
import random
import re
import resource
import select
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
import trustme

from Campaigns.database import JOURNAL_MODES, connected, integrity, rows, value
from Campaigns.processes import last_error
from Campaigns.recording_server import Halt, RecordingServer
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


# A site with mail, and what may be said against it afterwards.


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
    """What speaks against: each mail sent, none more often than once and once for each kill.

    `hits` says of how many kills a row was the victim: it was marked as being sent at that moment.
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
    """Delivers until nothing is due any more."""
    due = "SELECT count(*) FROM regctl_outbox WHERE state = 'sending' OR next_attempt_at <= ?"
    for _ in range(5):
        with Run(site, line) as run:
            assert run.end() == 0, run.errors
        if value(site.db, due + " AND state = 'queued'", int(time.time())) == 0:
            return


def in_flight(site: Site) -> list[int]:
    """The rows marked as being sent.

    They are read from a copy, so that what a dead process left in the log or the journal is there
    for the next one to clean up. Nobody may have the database open: what is at the end of the log
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
        """Waits for the end and returns the exit code."""
        if self.exit_code is None:
            self.exit_code = self.process.wait(timeout=30)
            self.output, self.errors = (self._content(file) for file in self._files)
        return self.exit_code

    @staticmethod
    def _content(file: tempfile.TemporaryFile) -> bytes:
        file.seek(0)
        with file:
            return file.read()


def lock_holder(site: Site) -> int | None:
    """The process that has the delivery lock, as the kernel says."""
    path = Path(f"{site.db}.deliver.lock")
    if not path.exists():
        return None
    line = rf"FLOCK +ADVISORY +WRITE (\d+) \S+:{path.stat().st_ino} "
    found = re.search(line, Path("/proc/locks").read_text())
    return int(found[1]) if found else None


class Swarm:
    """Eight processes that deliver from one database, each started again when it has ended."""

    def __init__(self, site: Site, line: list[str]) -> None:
        self.site, self.line = site, line
        self.size = EIGHT
        self.running: list[Run] = []
        self.ended: list[Run] = []

    def __enter__(self) -> "Swarm":
        return self

    def __exit__(self, *_: object) -> None:
        for run in self.running:
            run.kill()

    def work(self, until: Callable[[], object]) -> None:
        """Keeps them at work until something is so."""
        deadline = time.monotonic() + 60
        while not until():
            assert time.monotonic() < deadline, "the swarm does not come to an end"
            while len(self.running) < self.size:
                self.running.append(Run(self.site, self.line))
            self._collect(timeout=0.005)

    def finish(self) -> None:
        """Starts no more and waits for those that run."""
        while self.running:
            self._collect(timeout=30)

    def _collect(self, timeout: float) -> None:
        """Waits until a process has ended."""
        with contextlib.ExitStack() as stack:
            runs = {os.pidfd_open(run.process.pid): run for run in self.running}
            for descriptor in runs:
                stack.callback(os.close, descriptor)
            ready, _, _ = select.select(list(runs), [], [], timeout)
        for descriptor in ready:
            run = runs[descriptor]
            run.end()
            self.running.remove(run)
            self.ended.append(run)

    def kill_deliverer(self) -> list[int] | None:
        """Kills the process that delivers; returns the rows that it was sending.

        The others have ended by then, so that the files alone say what the dead process left. If
        there is nobody who delivers, nobody is killed.
        """
        while len(self.running) > 1:
            self._collect(timeout=30)
        if not self.running or self.running[0].process.pid != lock_holder(self.site):
            return None
        victim = self.running.pop()
        victim.kill()
        if victim.exit_code != -signal.SIGKILL:
            self.ended.append(victim)
            return None
        return in_flight(self.site)

    def failures(self) -> list[tuple[int, bytes]]:
        """How processes ended that neither did their work nor found another one at it."""
        return [
            (run.exit_code, run.errors)
            for run in self.ended
            if run.exit_code != 0
            and not (run.exit_code == 75 and last_error(run.errors)["code"] == "deliver_running")
        ]


# K12: eight at once.


def deliver_by_eight(site: Site, line: list[str]) -> Swarm:
    """Delivers everything by eight processes that are started again and again."""
    with Swarm(site, line) as swarm:
        swarm.work(until=lambda: unsent(site) == 0)
        swarm.finish()
    return swarm


@pytest.mark.parametrize("words", [[], ["--limit", "25"]], ids=["all", "25 each"])
@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_eight_deliverers_started_again_and_again_send_400_mails_once(new_site, journal_mode, words):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 400, journal_mode)
        swarm = deliver_by_eight(site, DELIVER + words)
        assert swarm.failures() == []
        assert Counter(run.exit_code for run in swarm.ended).keys() == {0, 75}
        assert wrong(site, server) == []
    sent = [json.loads(run.output)["sent"] for run in swarm.ended if run.exit_code == 0]
    assert sum(sent) == 400
    # The right to deliver went from hand to hand.
    assert sum(1 for count in sent if count) >= (16 if words else 1)
    states = "SELECT DISTINCT state, attempts, possible_duplicate FROM regctl_outbox"
    assert rows(site.db, states) == [("sent", 1, 0)]


def test_the_campaign_sees_deliverers_without_a_lock(new_site):
    """The control: they mark what they send, but each takes up what the others are sending."""
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 60)
        server.delays["dot"] = 0.005
        deliver_by_eight(site, stand_in(site))
        assert any("times after 0 kills" in what for what in wrong(site, server))


# K2: kills at random.


def kill_at_random(
    site: Site, server: RecordingServer, line: list[str], kills: int, longest: float = 0.12
) -> tuple[Swarm, Counter[int]]:
    """Kills whoever delivers, so many times, and lets the rest be delivered; returns the victims.

    Before each kill either eight are at work, or one, which can be killed sooner.
    """
    moments = random.Random(f"{kills} kills")
    hits: Counter[int] = Counter()
    with Swarm(site, line) as swarm:
        while kills:
            swarm.size = moments.choice([EIGHT, EIGHT, 1])
            swarm.work(until=lambda: lock_holder(site))
            moment = time.monotonic() + moments.uniform(0, longest)
            swarm.work(until=lambda moment=moment: time.monotonic() >= moment)
            victims = swarm.kill_deliverer()
            if victims is not None:
                hits.update(victims)
                kills -= 1
        left = unsent(site)
        server.delays.clear()
        swarm.finish()
    deliver_the_rest(site, line)
    assert left, "everything was sent before the last kill"
    return swarm, hits


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_25_kills_at_random_lose_no_mail_and_repeat_only_what_they_hit(new_site, journal_mode):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 400, journal_mode)
        # So that 25 kills, each within an eighth of a second, do not come too late.
        server.delays |= {"MAIL": 0.01, "dot": 0.03}
        swarm, hits = kill_at_random(site, server, DELIVER, kills=25)
        assert swarm.failures() == []
        assert wrong(site, server, hits) == []
        # It was worth it: the kills did hit mails.
        assert sum(hits.values()) >= 10


def test_the_campaign_sees_a_deliverer_that_records_before_it_sends(new_site):
    """The control: it loses what it had on its hands; one that does it properly passes."""
    outcomes = {}
    for habits in [("lock",), ("lock", "early")]:
        with RecordingServer() as server:
            site = with_mail(new_site(), server, 150)
            server.delays["MAIL"] = 0.01
            _, hits = kill_at_random(site, server, stand_in(site, *habits), kills=8, longest=0.06)
            outcomes[habits[-1]] = wrong(site, server, hits)
    assert outcomes["lock"] == []
    assert any("is lost" in what for what in outcomes["early"])


# K2: kills at each step.


def kill_at(
    site: Site, server: RecordingServer, halt: Halt, line: list[str] = DELIVER
) -> Counter[int]:
    """Kills a deliverer where the server halts it; returns the rows that were being sent."""
    server.on_step = halt
    with Run(site, line) as run:
        halt.wait()
        run.kill()
        assert run.exit_code == -signal.SIGKILL
    victims = in_flight(site)
    halt.lift()
    server.on_step = None
    server.wait_until_idle()
    return Counter(victims)


# The step at which the server has not answered yet, and how many mails have got past it: the first
# mail is killed at each step, the third at those that every mail takes.
BEFORE_THE_DOT = [
    pytest.param("connect", 0, id="before the greeting"),
    pytest.param("EHLO", 0, id="after the greeting"),
    *[
        pytest.param(step, skip, id=f"{name} of mail {skip + 1}")
        for skip in (0, 2)
        for step, name in {
            "MAIL": "before MAIL is answered",
            "RCPT": "after MAIL",
            "DATA": "after RCPT",
            "body": "after DATA",
        }.items()
    ],
]
EXTENSIONS = pytest.mark.parametrize(
    "extensions", [PIPELINING, SIZE_ONLY], ids=["pipelining", "one by one"]
)


@EXTENSIONS
@pytest.mark.parametrize("step, skip", BEFORE_THE_DOT)
def test_a_kill_before_the_final_dot_makes_no_second_copy(new_site, step, skip, extensions):
    with RecordingServer() as server:
        server.extensions = extensions
        site = with_mail(new_site(), server, 6, mail_connections=1)
        hits = kill_at(site, server, Halt(step, skip))
        answered = set(server.accepted)
        assert len(answered) == skip
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        # Mails whose answer had come, but was not recorded yet, are another matter.
        assert copies(server).keys() <= answered


def test_a_kill_in_the_middle_of_writing_a_body_makes_no_second_copy(new_site, tmp_path):
    """The mail is greater than all that the kernel takes in advance."""
    (tmp_path / "confirm.txt").write_text("Hello, open {{ confirm_url }}\n" * 30_000)
    (tmp_path / "confirm.html").write_text("<p>Hello, open {{ confirm_url }}\n" * 30_000)
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 2, mail_connections=1, templates_dir=tmp_path)
        hits = kill_at(site, server, Halt("body", drop=False))
        # The server read on after the death: there was no end.
        assert (server.steps["body"], server.steps["dot"]) == (1, 0)
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        assert not copies(server)
        assert min(map(len, server.mails)) > 5_000_000


@EXTENSIONS
def test_a_kill_after_the_final_dot_makes_one_second_copy(new_site, extensions):
    """The server has the mail and accepts it; nobody is left to hear that."""
    with RecordingServer() as server:
        server.extensions = extensions
        site = with_mail(new_site(), server, 6, mail_connections=1)
        hits = kill_at(site, server, Halt("dot", drop=False))
        [victim] = server.accepted
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        assert copies(server) == {victim: 1}
        marked = "SELECT possible_duplicate FROM regctl_outbox WHERE message_id = ?"
        assert value(site.db, marked, victim) == 1


@EXTENSIONS
@pytest.mark.parametrize("skip", [0, 2])
def test_a_kill_after_the_reply_makes_at_most_one_second_copy(new_site, extensions, skip):
    with RecordingServer() as server:
        server.extensions = extensions
        site = with_mail(new_site(), server, 6, mail_connections=1)
        hits = kill_at(site, server, Halt("accepted", skip))
        answered = set(server.accepted)
        assert len(answered) == skip + 1
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        assert copies(server).keys() <= answered


def test_a_kill_with_four_mails_at_the_dot_repeats_these_four(new_site):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 80)
        hits = kill_at(site, server, Halt("dot", count=4, drop=False))
        victims = set(server.accepted)
        assert len(victims) == 4
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        assert copies(server) == dict.fromkeys(victims, 1)


def test_three_kills_after_the_dot_of_one_mail_are_three_more_copies_at_most(new_site):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 1)
        hits: Counter[int] = Counter()
        for _ in range(3):
            hits += kill_at(site, server, Halt("dot", drop=False))
        assert hits == {1: 3}
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        assert value(site.db, "SELECT count(*) FROM regctl_outbox WHERE state = 'sent'") == 1


def test_the_steps_show_what_a_bad_deliverer_does(new_site):
    """The control: recording first loses the mail at MAIL, where the proper way does not."""
    outcomes = {}
    for habits in [("lock",), ("lock", "early")]:
        with RecordingServer() as server:
            site = with_mail(new_site(), server, 6)
            line = stand_in(site, *habits)
            hits = kill_at(site, server, Halt("MAIL", skip=2), line)
            deliver_the_rest(site, line)
            outcomes[habits[-1]] = wrong(site, server, hits)
    assert outcomes == {"lock": [], "early": ["m3 is lost"]}


# K2: signals that are no kills.


def wait_until_taken(process: subprocess.Popen, number: signal.Signals) -> None:
    """Waits until a signal is no longer on its way to a process."""
    path = Path(f"/proc/{process.pid}/status")
    deadline = time.monotonic() + 10
    while process.poll() is None:
        pending = re.findall(r"^(?:SigPnd|ShdPnd):\s+(\w+)", path.read_text(), re.MULTILINE)
        if not any(int(mask, 16) >> (number - 1) & 1 for mask in pending):
            return
        assert time.monotonic() < deadline, "nobody takes the signal"


def told_to_stop(
    server: RecordingServer, site: Site, number: signal.Signals, connections: int
) -> tuple[int, int]:
    """Sends a signal to a run with a mail at the dot on each connection, and lets it end.

    Returns how many mails had been accepted before that, and the exit code.
    """
    server.delays["dot"] = 0.01
    server.on_step = halt = Halt("dot", skip=8, count=connections, drop=False)
    with Run(site) as run:
        halt.wait()
        before = len(server.mails)
        run.process.send_signal(number)
        wait_until_taken(run.process, number)
        halt.lift()
        code = run.end()
    server.wait_until_idle()
    server.on_step = None
    server.delays.clear()
    return before, code


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_the_next_one_sends_the_rest(new_site, number, connections):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 200, mail_connections=connections)
        before, code = told_to_stop(server, site, number, connections)
        assert code in {0, -number, 128 + number}
        assert before + connections <= len(server.mails) <= 100
        assert set(server.accepted.values()) == {1}
        columns = "state, attempts, possible_duplicate"
        found = rows(site.db, f"SELECT message_id, {columns} FROM regctl_outbox")
        sent = {identity for identity, *rest in found if rest == ["sent", 1, 0]}
        assert sent == set(server.accepted)
        assert {row[1:] for row in found if row[0] not in sent} == {("queued", 0, 0)}
        deliver_the_rest(site)
        assert wrong(site, server) == []


@EXTENSIONS
def test_after_a_signal_no_mail_is_begun(new_site, extensions):
    """With PIPELINING one more is in flight, its MAIL in the packet of the final dot before."""
    with RecordingServer() as server:
        server.extensions = extensions
        site = with_mail(new_site(), server, 200)
        before, _ = told_to_stop(server, site, signal.SIGTERM, connections=4)
        on_the_wire = 8 if extensions == PIPELINING else 4
        count = len(server.mails)
        assert before + 4 <= count <= before + on_the_wire


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_at_once_a_run_that_waits_for_the_greeting(new_site, number):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 3)
        server.on_step = halt = Halt("connect")
        with Run(site) as run:
            halt.wait()
            start = time.monotonic()
            run.process.send_signal(number)
            assert run.end() in {0, -number, 128 + number}
            assert time.monotonic() - start < 2
        states = "SELECT DISTINCT state, attempts, possible_duplicate FROM regctl_outbox"
        assert rows(site.db, states) == [("queued", 0, 0)]


def test_sigusr1_prints_a_status_line_and_the_run_goes_on(new_site):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 100)
        server.delays["dot"] = 0.05
        process = subprocess.Popen(
            [BINARY, "deliver"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=site.environment,
        )
        try:
            server.wait_for(accepted=5)
            process.send_signal(signal.SIGUSR1)
            status = process.stderr.readline()
            assert len(server.mails) < 100, "the line came after the run"
            rest = process.communicate(timeout=60)[1]
        finally:
            process.kill()
            process.wait()
        assert process.returncode == 0
        assert re.fullmatch(rb"[ -~]*[0-9][ -~]*\n", status), status
        assert rest == b""
        assert wrong(site, server) == []


def test_where_no_further_connection_can_be_opened_one_does_it_all(new_site):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 30, mail_connections=16)
        server.delays["dot"] = 0.02
        result = subprocess.run(
            [BINARY, "deliver", "--json"],
            capture_output=True,
            env=site.environment,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12)),
            timeout=30,
        )
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["sent"] == 30
        assert wrong(site, server) == []


# X2: secrets.

USERNAME, PASSWORD = "regctl", "MARKERsmtpPASSWORDmarker"
SECRET_KEY = "MARKERsecretKEYmarker0123456789abcdef"
VERBOSE = pytest.mark.parametrize("words", [["-v"], ["-v", "--json"]], ids=["text", "json"])
TOKEN = re.compile(rb"https://app\.example/confirm/([\w.-]+)")


def forms(secret: bytes) -> list[bytes]:
    """A secret as it is and in the ways in which it may have been written."""
    coded = base64.b64encode(secret).rstrip(b"=")
    return [secret, coded, coded.translate(bytes.maketrans(b"+/", b"-_")), secret.hex().encode()]


def secrets_of(server: RecordingServer) -> dict[str, bytes]:
    """The markers, and the tokens that were mailed, whole and their signatures."""
    secrets = {"key": SECRET_KEY.encode(), "password": PASSWORD.encode()}
    secrets["PLAIN"] = f"\0{USERNAME}\0{PASSWORD}".encode()
    for number, mail in enumerate(server.mails):
        token = TOKEN.search(quopri.decodestring(mail))[1]
        secrets[f"token {number}"] = token
        secrets[f"signature {number}"] = token.rpartition(b".")[2]
    return secrets


def traces(secrets: dict[str, bytes], places: dict[str, bytes]) -> list[str]:
    """Which secrets are to be found where."""
    return [
        f"{name} in {place}"
        for place, content in places.items()
        for name, secret in secrets.items()
        if any(form in content for form in forms(secret))
    ]


def files_of(site: Site) -> dict[str, bytes]:
    """Every file of a site, the database and its log among them, but for those with the secrets."""
    own = {site.key_file, site.settings["mail_password_file"]}
    paths: Iterable[Path] = set(site.directory.rglob("*")) - own
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def surroundings(process: subprocess.Popen) -> dict[str, bytes]:
    """What every user may see of a process, and its environment."""
    proc = Path(f"/proc/{process.pid}")
    return {name: (proc / name).read_bytes() for name in ("cmdline", "environ", "comm")}


@contextlib.contextmanager
def secret_site(new_site: Callable, **settings: object) -> Iterator[tuple[Site, RecordingServer]]:
    """A site with marked secrets and three mails, and a server with TLS that asks for the password."""
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with RecordingServer(tls) as server:
        site = new_site()
        site.key_file.write_text(SECRET_KEY + "\n")
        password_file = site.directory / "smtp-password"
        password_file.write_text(PASSWORD + "\n")
        password_file.chmod(0o600)
        authority.cert_pem.write_to_path(site.directory / "authority.pem")
        own = {
            "mail_security": "tls",
            "mail_ca_file": site.directory / "authority.pem",
            "mail_username": USERNAME,
            "mail_password_file": password_file,
            "mail_connections": 1,
        }
        yield with_mail(site, server, 3, **(own | settings)), server


@VERBOSE
def test_no_secret_is_seen_while_mail_is_sent(new_site, words):
    with secret_site(new_site) as (site, server):
        # At the last mail the log is full of what was recorded.
        server.on_step = halt = Halt("dot", skip=2, drop=False)
        with Run(site, [BINARY, "deliver", *words]) as run:
            halt.wait()
            places = surroundings(run.process) | {
                f"{name} while it ran": content for name, content in files_of(site).items()
            }
            halt.lift()
            assert run.end() == 0, run.errors
        places |= files_of(site) | {"stdout": run.output, "stderr": run.errors}
        assert wrong(site, server) == []
        # It was there to be seen: the password was used, and each mail had a token.
        assert b"".join(server.credentials).endswith(PASSWORD.encode())
        assert len(secrets_of(server)) == 3 + 2 * 3
        assert traces(secrets_of(server), places) == []
        assert {"regctl.db-wal while it ran", "environ", "stdout"} <= places.keys()


REFUSALS = {
    "AUTH": (b"535 5.7.8 name or password refused", 69),
    "connect": (b"421 4.3.2 not now", 69),
    "MAIL": (b"550 5.7.1 sender refused", 0),
    "RCPT": (b"450 4.2.1 recipient busy", 75),
    "dot": (b"554 5.6.0 content refused", 0),
}


@VERBOSE
@pytest.mark.parametrize("step", REFUSALS)
def test_no_secret_is_seen_when_the_server_refuses(new_site, step, words):
    with secret_site(new_site) as (site, server):
        server.replies[step], exit_code = REFUSALS[step]
        with Run(site, [BINARY, "deliver", *words]) as run:
            assert run.end() == exit_code, run.errors
        places = files_of(site) | {"stdout": run.output, "stderr": run.errors}
        assert traces(secrets_of(server), places) == []


def test_no_secret_is_seen_when_the_password_would_leave_in_clear(new_site):
    with secret_site(new_site, mail_security="none") as (site, server):
        with Run(site, [BINARY, "deliver", "-v"]) as run:
            assert run.end() == 78, run.errors
        places = files_of(site) | {"stdout": run.output, "stderr": run.errors}
        assert traces(secrets_of(server), places) == []
        assert server.credentials == []


def test_the_search_for_secrets_finds_them(new_site):
    """The control: a program that gets its secrets by argument and environment, and records a token."""
    with secret_site(new_site) as (site, server):
        server.mails.append(b"https://app.example/confirm/InBheWxvYWQi.aAbBcC.c2lnbmF0dXJl=\r\n")
        secrets = secrets_of(server)
        with connected(site.db) as connection:
            reply = f"refused: {secrets['token 0'].decode()}"
            connection.execute("UPDATE regctl_outbox SET last_reply = ? WHERE id = 1", (reply,))
            during = files_of(site)
        line = ["sh", "-c", "echo ready; read go", "sh", base64.b64encode(secrets["PLAIN"]).decode()]
        environment, pipe = {"KEY": SECRET_KEY}, subprocess.PIPE
        with subprocess.Popen(line, env=environment, stdin=pipe, stdout=pipe) as careless:
            careless.stdout.readline()
            places = surroundings(careless) | during
            careless.stdin.close()
        found = traces(secrets, places)
    assert {"key in environ", "PLAIN in cmdline", "token 0 in regctl.db-wal"} <= set(found)
