"""The engines that tests run on: a test has a mark for both of them, or for the only one it is about.

The fixture `engine` is the name of the engine; without a mark, that is `sqlite`.
"""

import pytest

SQLITE, POSTGRESQL = "sqlite", "postgresql"

on_both_engines = pytest.mark.engines(SQLITE, POSTGRESQL)


def only(engine: str, reason: str) -> pytest.MarkDecorator:
    """Runs a test on one engine, among others in its module that run on both."""
    return pytest.mark.engines(engine, reason=reason)


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Runs a test on the engines of its mark, of which the nearest one counts."""
    mark = metafunc.definition.get_closest_marker("engines")
    # A test can have engines together with other parameters instead.
    names = [name for other in metafunc.definition.iter_markers("parametrize") for name in other.args[0]]
    if mark and "engine" in metafunc.fixturenames and "engine" not in names:
        metafunc.parametrize("engine", mark.args, indirect=True)
