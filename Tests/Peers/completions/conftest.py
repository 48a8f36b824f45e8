"""Places in which shells complete, and the shells."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from Peers.completions.place import Place
from Peers.completions.shells import COMPLETIONS, SHELLS, Shell


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place")).fill()


@pytest.fixture
def new_place(tmp_path: Path) -> Place:
    """A place of the test's own, without a database."""
    return Place(tmp_path)


@pytest.fixture
def start() -> Iterator[Callable[..., Shell]]:
    """Starts shells, which end with the test."""
    shells = []

    def start(kind: type[Shell], place: Place, completions: Path = COMPLETIONS, **environment) -> Shell:
        shells.append(kind(place.directory, place.environment | environment, completions))
        return shells[-1]

    yield start
    for shell in shells:
        shell.close()


@pytest.fixture(scope="module", params=SHELLS, ids=lambda kind: kind.name)
def shell(request: pytest.FixtureRequest, place: Place) -> Iterator[Shell]:
    """Each shell in the same place."""
    shell = request.param(place.directory, place.environment, COMPLETIONS)
    yield shell
    shell.close()
