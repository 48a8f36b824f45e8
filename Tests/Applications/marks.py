"""Marks of tests: of one generation of packages only, and of what is not mended yet."""

import pytest

only_pinned = pytest.mark.parametrize("suit", ["pinned"], indirect=True)
only_today = pytest.mark.parametrize("suit", ["today"], indirect=True)


def fails(symptom: str) -> pytest.MarkDecorator:
    """Marks what must be so and is not; once it is, the test fails until the mark is gone."""
    return pytest.mark.xfail(strict=True, raises=AssertionError, reason=symptom)
