"""A database of another user."""

from collections.abc import Iterator

import pytest

from Campaigns.directories import NOBODY, public_directory
from Campaigns.foreign_owner.place import Place
from Campaigns.preparation import ANN


@pytest.fixture
def place(request) -> Iterator[Place]:
    """Ann's mail is queued, in a database of another user."""
    with public_directory() as directory:
        place = Place(directory, getattr(request, "param", NOBODY))
        place.give()
        created = place.regctl("create-db", "--journal-mode", "truncate")
        assert created.returncode == 0, created
        assert place.regctl("register", ANN, "--no-password").returncode == 0
        before = place.root_files()
        yield place
        assert place.root_files() == before, "what is root's alone was changed"
