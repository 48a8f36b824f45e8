"""Marks of tests: for one generation of packages only, for each driver, and for known defects."""

import pytest

from engines import POSTGRESQL, SQLITE

# The packages of today take psycopg 3 unless the address names another driver, the pinned ones have
# psycopg2 alone.
PSYCOPG2 = "postgresql+psycopg2"

with_each_driver = pytest.mark.engines(SQLITE, POSTGRESQL, PSYCOPG2)
only_pinned = pytest.mark.parametrize("package_set", ["pinned"], indirect=True)
only_today = pytest.mark.parametrize("package_set", ["today"], indirect=True)


def by_generation(name: str, pinned: object, today: object) -> pytest.MarkDecorator:
    """Runs a test on both, with a parameter that differs."""
    values = [("pinned", pinned), ("today", today)]
    return pytest.mark.parametrize(("package_set", name), values, indirect=["package_set"])


def fails(symptom: str) -> pytest.MarkDecorator:
    """Marks what must be so and is not; once it is, the test fails until the mark is gone."""
    return pytest.mark.xfail(strict=True, raises=AssertionError, reason=symptom)
