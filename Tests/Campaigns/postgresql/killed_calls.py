"""Calls that are killed at every system call by which something outside can change.

What is right after a kill is what undisturbed runs of the same words leave: the state before or
after the first run, and after the next run that of an undisturbed first or second one.
"""

import json
import queue
import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from Campaigns.calls import Call
from Campaigns.extent import sample
from Campaigns.kills import kill, system_calls
from Campaigns.postgresql.kept_site import KeptSite
from Campaigns.postgresql.state import Content, State, content, difference, normal, without
from regctl import BINARY

# How regctl talks to a server, and how it changes files. The other calls change nothing that outlives
# the process; what is received is awaited before, and acted upon in the next of these.
NETWORK = {"connect", "poll", "sendto"}
FILES = {
    "fdatasync", "fsync", "ftruncate", "link", "linkat", "mkdir", "mkdirat", "pwrite64", "rename",
    "renameat", "renameat2", "unlink", "unlinkat", "write",
}  # fmt: skip

# What `deliver` changes in several transactions, each of which may be the last.
DELIVERY = {"attempts", "finished_at", "last_reply", "next_attempt_at", "possible_duplicate", "state"}

ATTEMPTS = "regctl.regctl_attempts"


@dataclass
class Stage:
    """A state that a killed run may leave, and what the next run makes of it."""

    left: State
    exit_code: int
    after: State


@dataclass
class KilledCall:
    """A call, and how its site comes to where it is to be run."""

    call: Call
    prepare: Callable[[KeptSite], None]
    again: Callable[[KeptSite], None]
    # What the first of its transactions does, when it has several.
    parts: list[Call] = field(default_factory=list)
    # What each site contains before.
    before: dict[str, Content] = field(default_factory=dict)

    @property
    def delivers(self) -> bool:
        return self.call.words[0] == "deliver" or "--wait" in self.call.words

    def line(self, site: KeptSite) -> list[str]:
        return [BINARY, *self.call.line(site)]

    def input(self, site: KeptSite) -> bytes:
        return self.call.given(site)["input"]

    def run(self, site: KeptSite, call: Call | None = None) -> int:
        """Runs it, or another call, and returns the exit code."""
        line = [BINARY, *call.line(site)] if call else self.line(site)
        input = (call or self.call).given(site)["input"]
        return subprocess.run(
            line, input=input, env=site.environment, capture_output=True, timeout=60
        ).returncode

    def stages(self, site: KeptSite) -> list[Stage]:
        """What undisturbed runs leave: none, one, and one of a part that is a transaction of its own."""
        self.again(site)
        found = [self.state(site)]
        codes = []
        for _ in range(2):
            codes.append(self.run(site))
            found.append(self.state(site))
        assert codes[0] == 0, (str(self.call), codes)
        assert found[1] != found[0], f"{self.call} has changed nothing"
        stages = [Stage(found[0], codes[0], found[1]), Stage(found[1], codes[1], found[2])]
        for part in self.parts:
            self.again(site)
            assert self.run(site, part) == 0
            stages.append(Stage(self.state(site), self.run(site), self.state(site)))
        return stages

    def points(self, site: KeptSite) -> list[tuple[str, int]]:
        """The calls on the network and on files, from the first by which something can change."""
        self.again(site)
        calls = system_calls(self.line(site), site, self.input(site))
        return [each for each in calls if each[0] in NETWORK | FILES]

    def judge(
        self, site: KeptSite, stages: list[Stage], point: tuple[str, int]
    ) -> list[str] | None:
        """Kills it at one point; returns what is wrong afterwards, or `None` if it always survived."""
        for _ in range(4):
            self.again(site)
            output = kill(self.line(site), site, *point, self.input(site))
            if output is not None:
                break
        else:
            return None
        rest = self.judge_delivery if self.delivers else self.judge_rest
        wrong = rest(site, stages, output if self.call.is_summary else "")
        return [f"{self.call}, {point[0]} {point[1]}: {what}" for what in wrong]

    def judge_rest(self, site: KeptSite, stages: list[Stage], output: str) -> Iterable[str]:
        left = self.state(site)
        before, done = stages[0], stages[1]
        stage = next((stage for stage in stages if stage.left == left), None)
        if stage is None:
            yield f"half: {difference(left, before.left)}"
            return
        if output and stage is not done and not self.parts:
            yield f"acknowledged but missing: {difference(left, done.left)}"
        if (code := self.run(site)) != stage.exit_code:
            yield f"again: exit code {code}, not {stage.exit_code}"
        if (now := self.state(site)) != stage.after:
            yield f"again: {difference(now, stage.after)}"
        # Otherwise nothing is in the audit but what an undisturbed run has written.
        if stage is not before:
            yield from self.judge_audit(site)

    def state(self, site: KeptSite) -> State:
        return normal(content(site), self.before[site.database])

    def judge_delivery(self, site: KeptSite, stages: list[Stage], output: str) -> Iterable[str]:
        """Judges without the columns that the transactions of a delivery change one after another."""
        left = self.state(site)
        if output and left != stages[1].left:
            yield f"acknowledged but missing: {difference(left, stages[1].left)}"
        code = self.run(site)
        if code not in {stage.exit_code for stage in stages}:
            yield f"again: exit code {code}"
        # What was claimed by the dead process is due at once.
        site.ok("deliver")
        now = without(self.state(site), DELIVERY)
        ends = [without(stage.after, DELIVERY) for stage in stages]
        # Undisturbed runs record none.
        for attempt in now.pop(ATTEMPTS, []):
            if json.loads(attempt)["result"] != "interrupted":
                yield f"again: {attempt}"
        if now not in ends:
            yield f"again: {difference(now, ends[0])}"
        states = site.rows("SELECT DISTINCT state FROM regctl_outbox")
        if states != ["sent"]:
            yield f"again: mails are {states}"
        yield from self.judge_audit(site)

    def judge_audit(self, site: KeptSite) -> Iterable[str]:
        verified = site.run("audit", "--verify")
        if verified.returncode != 0:
            yield f"audit: {verified}"


def campaign(
    killed: KilledCall, sites: list[KeptSite], one_in: int = 8
) -> tuple[int, int, list[str]]:
    """Kills a call everywhere, or at one in so many points in the automatic run.

    Returns the points that were tried, those never reached, and all violations.
    """
    for site in sites:
        killed.prepare(site)
        killed.again(site)
        killed.before[site.database] = content(site)
    stages = killed.stages(sites[0])
    points = sample("kills at calls to a server", killed.points(sites[0]), one_in)
    free: queue.Queue[KeptSite] = queue.Queue()
    for site in sites:
        free.put(site)

    def judge(point: tuple[str, int]) -> list[str] | None:
        site = free.get()
        try:
            return killed.judge(site, stages, point)
        finally:
            free.put(site)

    with ThreadPoolExecutor(len(sites)) as pool:
        judged = list(pool.map(judge, points))
    wrong = [each for violations in judged for each in violations or []]
    return len(points), judged.count(None), wrong
