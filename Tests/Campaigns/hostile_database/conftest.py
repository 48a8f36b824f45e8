"""A database with data in every table."""

import pytest

from Campaigns.hostile_database.prototype import make_prototype, without_constraints
from Campaigns.sites import LINKS
from regctl import Site


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> bytes:
    site = Site(tmp_path_factory.mktemp("original"), **LINKS)
    return without_constraints(make_prototype(site), site.directory / "lax.db")
