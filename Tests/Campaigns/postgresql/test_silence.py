"""A network that stops at each step: regctl gives up in time and says what it knows."""

import select
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from Campaigns.calls import Call, life
from Campaigns.postgresql.load import wrong
from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.kept_site import KeptSite
from Campaigns.postgresql.server_calls import WRITING_CALLS
from Campaigns.postgresql.server_site import ServerSite
from Campaigns.postgresql.state import content, difference, normal
from Campaigns.postgresql.test_deliver import delivered
from Campaigns.processes import last_error
from regctl import BINARY

ANN = "ann@example.org"
# 1 s for a lock and 20 s of silence, 10 s to look up what came of the commit, and a busy machine.
LONGEST = 45


class SilentProxy:
    """Passes on what comes from both sides, until the client has sent a number of messages.

    From then on it passes nothing on and closes nothing, on this connection and on all others.
    """

    def __init__(self, path: str, messages: int) -> None:
        self.path = path
        self.left = messages
        self.is_ended = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=(client,), daemon=True).start()

    def pass_on(self, client: socket.socket) -> None:
        if self.left == 0:
            # The server, whose connections are limited, hears nothing of this one.
            while not self.is_ended:
                time.sleep(0.1)
            return
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.path)
        while not self.is_ended:
            if self.left == 0:
                time.sleep(0.1)
                continue
            for source in select.select([client, server], [], [], 0.1)[0]:
                data = source.recv(65536)
                if not data:
                    client.close()
                    server.close()
                    return
                if source is client:
                    self.left -= 1
                    if self.left == 0:
                        break
                (server if source is client else client).sendall(data)

    def close(self) -> None:
        self.is_ended = True
        self.listener.close()


def run(site: ServerSite, messages: int, words: list[str], input: bytes = b"") -> "Outcome":
    """Runs a command through a network that stops."""
    server = site.server
    proxy = SilentProxy(f"{server.directory}/.s.PGSQL.{server.port}", messages)
    address = f"postgresql://postgres@127.0.0.1:{proxy.port}/{site.database}?sslmode=disable"
    start = time.monotonic()
    result = subprocess.run(
        [BINARY, *words, "--json", "--busy-timeout", "1s", "--db", address],
        input=input, env=site.environment, capture_output=True, timeout=120,
    )
    seconds = time.monotonic() - start
    proxy.close()
    code = "" if result.returncode == 0 else last_error(result.stderr)["code"]
    return Outcome(result.returncode, code, seconds, messages - proxy.left)


class Outcome(NamedTuple):
    exit_code: int
    error_code: str
    seconds: float
    # How many messages of the client went through.
    messages: int


def test_a_registration_ends_in_time_wherever_the_network_stops(server: Cluster, tmp_path: Path):
    steps = range(1, 25)
    sites = []
    for step in steps:
        directory = tmp_path / f"{step}"
        directory.mkdir()
        sites.append(ServerSite(directory, server))
        sites[-1].ok("create-db")
    with ThreadPoolExecutor(len(steps)) as pool:
        words = ["register", ANN, "--no-password"]
        outcomes = list(pool.map(run, sites, steps, [words] * len(steps)))
    assert {outcome.exit_code for outcome in outcomes} == {0, 69, 75}, outcomes
    assert max(outcome.seconds for outcome in outcomes) < LONGEST, outcomes
    for site, (exit_code, code, *_) in zip(sites, outcomes, strict=True):
        is_there = site.rows("SELECT email FROM users") == [ANN]
        if exit_code == 0:
            assert is_there, outcomes
        elif code != "commit_unknown":
            assert code == "db_unavailable" and not is_there, outcomes
        assert wrong(site) == []
    ends = {(outcome.exit_code, outcome.error_code) for outcome in outcomes}
    assert {(69, "db_unavailable"), (75, "db_unavailable"), (75, "commit_unknown")} <= ends, outcomes


# All at once, since they wait and do not compute.
OTHERS = ("confirm {link}", "delete ann", "import -", "prune --yes")


def chosen(beginning: str) -> Call:
    """The first writing call whose words begin so."""
    return next(
        call for call in WRITING_CALLS if " ".join(map(str, call.words)).startswith(beginning)
    )


def test_other_commands_end_in_time_too_and_leave_nothing_half(server: Cluster, tmp_path: Path):
    runs = []
    for number, call in enumerate(map(chosen, OTHERS)):
        prototype = KeptSite(tmp_path / f"{number}", server)
        call.before(life(prototype))
        before = content(prototype)
        words, input = call.line(prototype), call.given(prototype)["input"]
        whole = prototype.copy(tmp_path / f"{number}-whole")
        outcome = run(whole, 1_000_000, words, input)
        assert outcome.exit_code == 0, outcome
        states = [normal(before, before), normal(content(whole), before)]
        for step in range(1, outcome.messages + 1):
            site = prototype.copy(tmp_path / f"{number}-{step}")
            runs.append((call, states, before, site, step, words, input))
    assert 40 < len(runs) < 120
    with ThreadPoolExecutor(len(runs)) as pool:
        outcomes = list(pool.map(lambda each: run(*each[3:]), runs))
    print(f"{len(runs)} steps of {len(OTHERS)} commands")
    problems = []
    for (call, states, before, site, step, *_), outcome in zip(runs, outcomes, strict=True):
        state = normal(content(site), before)
        site.close()
        match outcome.error_code:
            case "": ought = states[1:]
            case "commit_unknown": ought = states
            # `prune` looks for more when a batch is committed.
            case "db_unavailable": ought = states if call.words[0] == "prune" else states[:1]
            case _: ought = []
        if state not in ought or outcome.seconds > LONGEST:
            problems.append(f"{call}, step {step}: {outcome}, {difference(state, states[0])}")
    assert problems == []
    assert {outcome.exit_code for outcome in outcomes} <= {0, 69, 75}


# Besides, 10 s in which a lost connection is replaced, and what the last attempt at that takes.
LONGEST_DELIVERY = LONGEST + 40


def with_mails(place: Path, server: Cluster, count: int) -> KeptSite:
    """A site with mails that are due."""
    site = KeptSite(place, server)
    site.ok("create-db")
    for number in range(count):
        site.ok("register", f"ann{number}@example.org", "--no-password")
    return site


def test_a_delivery_ends_in_time_too_and_each_mail_goes(server: Cluster, tmp_path: Path):
    prototype = with_mails(tmp_path / "prototype", server, 2)
    whole = run(prototype.copy(tmp_path / "whole"), 1_000_000, ["deliver"])
    assert whole.exit_code == 0, whole
    steps = range(1, whole.messages + 1)
    assert 10 < len(steps) < 70
    sites = [prototype.copy(tmp_path / f"{step}") for step in steps]
    with ThreadPoolExecutor(len(steps)) as pool:
        outcomes = list(pool.map(run, sites, steps, [["deliver"]] * len(steps)))
    assert {outcome.exit_code for outcome in outcomes} <= {0, 69, 75}, outcomes
    longest = max(outcome.seconds for outcome in outcomes)
    assert longest < LONGEST_DELIVERY, outcomes
    doubtful = 0
    for site, outcome in zip(sites, outcomes, strict=True):
        before = delivered(site) if site.maildir.exists() else {}
        site.ok("deliver")
        after = delivered(site)
        assert len(after) == 2 and max(after.values()) <= 2, (outcome, after)
        twice = {email for email, count in after.items() if count == 2}
        marked = set(site.rows("SELECT email FROM regctl_outbox WHERE possible_duplicate"))
        site.close()
        assert twice <= marked, (outcome, after)
        if outcome.exit_code == 0:
            assert before == after and not marked, outcome
        doubtful += len(marked)
    # The network has stopped between a claim and the record of its result, too.
    assert doubtful > 0
    print(f"{len(steps)} steps of deliver, at most {longest:.0f} s, {doubtful} mails marked as doubtful")
