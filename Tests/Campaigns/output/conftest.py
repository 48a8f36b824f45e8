"""Sites in which every command has work."""

import pytest

from Campaigns.calls import life
from Campaigns.sites import LINKS, copy_of
from regctl import Site


@pytest.fixture(scope="module")
def prototype(tmp_path_factory) -> Site:
    return life(Site(tmp_path_factory.mktemp("prototype"), **LINKS))


@pytest.fixture
def alive(prototype, tmp_path) -> Site:
    """A `life` that the test may change."""
    return copy_of(prototype, tmp_path / "site")
