"""The samples of campaigns: what they take, and that they say so."""

import pytest

from Campaigns import extent
from Campaigns.extent import amount, report, sample

POINTS = list(range(100))


@pytest.fixture(autouse=True)
def _counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts of its own for each test, and the automatic run."""
    monkeypatch.setattr(extent, "_counts", {})
    monkeypatch.setattr(extent, "IS_FULL", False)


def test_a_sample_has_the_ends_what_is_always_tried_and_one_in_so_many():
    taken = sample("numbers", POINTS, 10, lambda point: 40 <= point < 45)
    assert {0, 99, 40, 41, 42, 43, 44} <= set(taken)
    assert 10 <= len(taken) <= 17
    assert taken == sorted(set(taken))
    # Not at even distances, where points that alternate would be of one kind.
    assert len({point % 2 for point in taken}) == 2


def test_a_sample_is_the_same_each_time_and_another_for_another_name():
    assert sample("x", POINTS, 10) == sample("y", POINTS, 10)
    samples = {tuple(sample("x", POINTS, 10, name=f"name {number}")) for number in range(100)}
    assert len(samples) == 100
    # Together they have everything.
    assert {point for taken in samples for point in taken} == set(POINTS)


def test_the_long_run_tries_everything(monkeypatch):
    monkeypatch.setattr(extent, "IS_FULL", True)
    assert sample("x", POINTS, 10) == POINTS
    assert amount("y", 100, 10) == 100


def test_what_was_tried_is_counted_by_subject():
    tried = len(sample("kills", POINTS, 10, name="one")) + len(sample("kills", POINTS, 10, name="two"))
    sample("a subject", POINTS[:3], 1)
    assert amount("tokens", 10_000, 5) == 2000
    assert report() == ["a subject: 3 of 3", f"kills: {tried} of 200", "tokens: 2,000 of 10,000"]
    assert sample("nothing", [], 10) == []
    assert "nothing: 0 of 0" in report()
