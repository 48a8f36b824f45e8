"""K14: whatever the clock says, tokens are issued and judged as by itsdangerous under the same clock.

Both generations of itsdangerous are asked: today's, and that of 2014, which counts from 2011.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from Applications.driver import ENVIRONMENTS
from Campaigns.clock.faked_clock import DAY, YEAR, frozen, needs_faketime, ok, run
from Peers.users_table import add_users
from regctl import KEY, Site
from tokens import SALTS

pytestmark = needs_faketime

PEER = Path(__file__).with_name("peer.py")
PINNED = ENVIRONMENTS / "pinned" / "bin" / "python"
GENERATIONS = {"today": (Path(sys.executable), "unix"), "pinned": (PINNED, "2011")}
EMAILS = ["ann@example.org", "o'hara+tag@sub.example.org", "x" * 64 + "@example.org"]
MAX_AGE = 3600

NOW = int(time.time())
CLOCKS = {
    "a day back": NOW - DAY,
    "ten years on": NOW + 10 * YEAR,
    "2038": 2**31 - 2,
    "later in 2038": 2**31 + 5,
    "2100": 4_107_542_400,
    "2106": 2**32 - 3,
    "later in 2106": 2**32 + 3,
}
# Around the clock, at the edges of an age, and at those of numbers of 31, 32 and 64 bits.
OFFSETS = [
    *range(-3603, -3596), *range(-3, 4), -10 * YEAR, -DAY, -60, 60, MAX_AGE, DAY, YEAR, 10 * YEAR
]  # fmt: skip
SECONDS_TO_2011 = 1_293_840_000
MOMENTS = [2**31 - 1, 2**31, 2**32 - 1, 2**32, SECONDS_TO_2011, SECONDS_TO_2011 + 1, 1_700_000_000]

VERDICTS = {"valid": "valid", "token_expired": "expired", "token_invalid": "invalid"}


def ask(python: Path, moment: int, tokens: list[str], moments: list[int]) -> dict:
    """What an application says at a moment."""
    question = {
        "key": KEY, "salt": SALTS["confirm"], "max_age": MAX_AGE, "emails": EMAILS, "tokens": tokens,
        "moments": moments,
    }  # fmt: skip
    line = [*frozen(moment), str(python), str(PEER)]
    answer = subprocess.run(line, input=json.dumps(question).encode(), capture_output=True, timeout=60)
    assert answer.returncode == 0, answer
    said = json.loads(answer.stdout)
    # Otherwise the clock was not that of the process.
    assert said["now"] == moment
    return said


def judged(site: Site, moment: int, tokens: list[str]) -> list[str]:
    """What regctl makes of the same tokens."""
    words = ["inspect-token", "--stdin", "--format", "jsonl"]
    answer = run(frozen(moment), site, *words, input="\n".join(tokens))
    return [json.loads(line)["verdict"] for line in answer.stdout.splitlines()]


def is_of_other_epoch(verdict: str, issued: int) -> bool:
    """From 2052 on, a second of the future that counts from 2011 may be one of the past from 1970."""
    return verdict == "config_error" and issued - SECONDS_TO_2011 >= SECONDS_TO_2011


@pytest.fixture(params=GENERATIONS)
def generation(request, new_site) -> tuple[Site, Path]:
    """A site beside an application of a generation, and the interpreter of that."""
    python, epoch = GENERATIONS[request.param]
    if not python.exists():
        pytest.skip(f"needs the packages of {python.parents[1]}")
    site = new_site(token_epoch=epoch)
    site.ok("create-db")
    add_users(site.db, EMAILS)
    return site, python


@pytest.mark.parametrize("moment", CLOCKS.values(), ids=CLOCKS)
def test_tokens_are_those_of_itsdangerous_under_the_same_clock(generation, moment):
    site, python = generation
    moments = [moment + offset for offset in OFFSETS] + MOMENTS
    issued = ok(frozen(moment), site, "issue-token", *EMAILS).split()
    theirs = ask(python, moment, issued, moments)
    assert issued == theirs["issued"]
    assert theirs["verdicts"] == ["valid"] * len(EMAILS)
    assert judged(site, moment, theirs["issued"]) == ["valid"] * len(EMAILS)
    ours = judged(site, moment, theirs["of_moments"])
    for at, verdict, expected in zip(moments, ours, theirs["verdicts_of_moments"], strict=True):
        if verdict == "token_in_future" or is_of_other_epoch(verdict, at):
            # The itsdangerous of 2014 takes these; regctl never does, as that of today.
            assert at > moment and expected == ("valid" if python == PINNED else "expired")
        else:
            assert VERDICTS[verdict] == expected, (at - moment, verdict, expected)
    # What is there to be judged: good, too old and too young ones.
    assert {"valid", "token_expired"} < set(ours)


def test_the_comparison_detects_another_clock(generation):
    """The control: a second at the edge of an age makes another verdict."""
    site, python = generation
    theirs = ask(python, NOW, [], [NOW - MAX_AGE])
    assert theirs["verdicts_of_moments"] == ["valid"]
    assert judged(site, NOW, theirs["of_moments"]) == ["valid"]
    assert judged(site, NOW + 1, theirs["of_moments"]) == ["token_expired"]
    assert ok(frozen(NOW + 1), site, "issue-token", *EMAILS).split() != theirs["issued"]
