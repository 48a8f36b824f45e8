"""K12, K2: eight deliverers at once, with and without kills at random."""

import contextlib
import json
import os
import random
import re
import select
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from Campaigns.database import JOURNAL_MODES, rows
from Campaigns.deliver_kills.deliverers import (
    DELIVER,
    EIGHT,
    Run,
    deliver_the_rest,
    in_flight,
    stand_in,
    unsent,
    with_mail,
    wrong,
)
from Campaigns.processes import last_error
from Campaigns.recording_server import RecordingServer
from regctl import Site


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
        """Keeps them running until a condition holds."""
        deadline = time.monotonic() + 300
        while not until():
            assert time.monotonic() < deadline, "the swarm does not come to an end"
            while len(self.running) < self.size:
                self.running.append(Run(self.site, self.line))
            self._collect(timeout=0.005)

    def finish(self) -> None:
        """Starts no more and waits for the running ones."""
        while self.running:
            self._collect(timeout=120)

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
        none of them delivers, none is killed.
        """
        while len(self.running) > 1:
            self._collect(timeout=120)
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
    # The delivery lock was held by different processes.
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
) -> tuple[Swarm, Counter[int], list[int]]:
    """Kills the delivering process several times, then lets the rest be sent.

    Returns the hits, and for each kill the number of mails that were accepted and not recorded, which
    are sent again. Before each kill either eight are at work, or one, which can be killed sooner.
    """
    moments = random.Random(f"{kills} kills")
    hits: Counter[int] = Counter()
    repeated: list[int] = []
    before: Counter[str] = Counter()
    with Swarm(site, line) as swarm:
        while kills:
            swarm.size = moments.choice([EIGHT, EIGHT, 1])
            swarm.work(until=lambda: lock_holder(site))
            moment = time.monotonic() + moments.uniform(0, longest)
            swarm.work(until=lambda moment=moment: time.monotonic() >= moment)
            victims = swarm.kill_deliverer()
            if victims is not None:
                hits.update(victims)
                server.wait_until_idle()
                since = server.accepted - before
                before = Counter(server.accepted)
                accepted = {int(identity.split("@")[0][1:]) for identity in since}
                repeated.append(len(accepted & set(victims)))
                kills -= 1
        left = unsent(site)
        server.delays.clear()
        swarm.finish()
    deliver_the_rest(site, line)
    assert left, "everything was sent before the last kill"
    return swarm, hits, repeated


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_25_kills_at_random_lose_no_mail_and_repeat_only_what_they_hit(new_site, journal_mode):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 400, journal_mode)
        # So that 25 kills, each within an eighth of a second, do not come too late.
        server.delays |= {"MAIL": 0.01, "dot": 0.03}
        swarm, hits, repeated = kill_at_random(site, server, DELIVER, kills=25)
        assert swarm.failures() == []
        assert wrong(site, server, hits) == []
        # Those on the four connections, and the two whose results were being recorded.
        assert max(repeated) <= 6
        # The control: some were repeated at all.
        assert any(repeated)
        # The control: the kills did hit mails.
        assert sum(hits.values()) >= 10


def test_the_campaign_sees_a_deliverer_that_records_before_it_sends(new_site):
    """The control: it loses the mails in flight; a correct deliverer passes."""
    outcomes = {}
    for habits in [("lock",), ("lock", "early")]:
        with RecordingServer() as server:
            site = with_mail(new_site(), server, 150)
            server.delays["MAIL"] = 0.03
            _, hits, _ = kill_at_random(site, server, stand_in(site, *habits), kills=8, longest=0.06)
            outcomes[habits[-1]] = wrong(site, server, hits)
    assert outcomes["lock"] == []
    assert any("is lost" in what for what in outcomes["early"])
