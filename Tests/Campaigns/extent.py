"""How much a campaign tries: some of its points, or with REGCTL_LONG=1 all of them.

Which points a sample takes follows from the name of the test: a failure can be repeated, and tests that
are alike take different ones. What samples tried, of how many, is printed at the end of the tests.
"""

import os
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

Point = TypeVar("Point")

IS_FULL = os.environ.get("REGCTL_LONG") == "1"


def spread(points: list[Point], count: int) -> list[Point]:
    """Some of the points at even distances, the last one among them."""
    if len(points) <= count:
        return points
    return [points[len(points) * number // count - 1] for number in range(1, count + 1)]


def tried(points: list[Point], count: int) -> list[Point]:
    """The points that this run tries: all, or some at even distances."""
    return points if IS_FULL else spread(points, count)


# How many points of each subject were tried, and how many there are.
_counts: dict[str, list[int]] = {}


def sample(
    subject: str,
    points: Sequence[Point],
    one_in: int,
    always: Callable[[Point], bool] = lambda point: False,
    name: str | None = None,
) -> list[Point]:
    """One in so many points, those that are always tried, and the first and the last.

    They are drawn, since points at even distances could all be of one kind.
    """
    # The test that runs, as pytest tells it: its path and name, and what it is doing.
    name = name or os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
    drawn = {0, len(points) - 1, *Random(name).sample(range(len(points)), len(points) // one_in)}
    chosen = [
        point for number, point in enumerate(points) if IS_FULL or number in drawn or always(point)
    ]
    _count(subject, len(chosen), len(points))
    return chosen


def amount(subject: str, known: int, one_in: int) -> int:
    """How many points to make at random: all of so many, or one in so many."""
    tried = known if IS_FULL else known // one_in
    _count(subject, tried, known)
    return tried


def _count(subject: str, tried: int, known: int) -> None:
    count = _counts.setdefault(subject, [0, 0])
    count[0] += tried
    count[1] += known


def report() -> list[str]:
    """What was tried, a line for each subject."""
    return [f"{subject}: {tried:,} of {known:,}" for subject, (tried, known) in sorted(_counts.items())]
