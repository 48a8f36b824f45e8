"""Sites of the tests with other programs."""

import pytest


@pytest.fixture
def made_site(new_site):
    """Makes a place with settings of its own and an empty database."""

    def make(**settings: object):
        site = new_site(**settings)
        site.ok("create-db")
        return site

    return make
