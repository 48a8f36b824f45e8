"""A week that has passed, on each engine."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from Campaigns.week.comparison import count
from Campaigns.week.installation import Scale
from Campaigns.week.world import World
from server_database import ServerDatabase

IS_LONG = os.environ.get("REGCTL_LONG") == "1"
SCALE = Scale(step=5, visitors=600, acts=700) if IS_LONG else Scale()
# Each with the packages of the application: those of today with an odd one, the pinned ones else.
SEEDS = [int(seed) for seed in os.environ.get("REGCTL_SEEDS", "1 2 3" if IS_LONG else "1").split()]


@pytest.fixture(scope="module", params=SEEDS)
def week(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
    new_database_of_module: Callable[[], ServerDatabase | None],
) -> Iterator[World]:
    """The world at the end of a week with a seed."""
    seed, database = request.param, new_database_of_module()
    directory: Path = tmp_path_factory.mktemp("week")
    world = World(directory, database, "today" if seed % 2 else "pinned", seed, SCALE)
    try:
        world.begin()
        world.run()
        figures = ", ".join(f"{number} {name}" for name, number in sorted(world.counts.items()))
        print(f"\nseed {seed}: {figures}, {count(world.at_end)} rows")
        yield world
    finally:
        world.close()
