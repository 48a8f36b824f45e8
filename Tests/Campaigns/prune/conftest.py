"""Sites beside an application that writes UTC, and whose operator has said so.

In these tests, what an account's date says is when it was registered.
"""

from collections.abc import Callable

import pytest

from regctl import Site


@pytest.fixture
def new_site(new_site) -> Callable[..., Site]:
    return lambda **settings: new_site(**{"db_timezone": "UTC"} | settings)


@pytest.fixture
def site(new_site) -> Site:
    site = new_site()
    site.ok("create-db")
    return site
