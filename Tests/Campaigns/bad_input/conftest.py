"""A site that is changed by each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from Campaigns.database import connected
from Campaigns.directories import public_directory
from Campaigns.preparation import ANN, BOB
from Campaigns.sites import copy_of
from regctl import BINARY, Site


@pytest.fixture(scope="module")
def prototype() -> Iterator[Site]:
    """Ann registered an hour ago, Bob is administrator; others may read the site."""
    with public_directory() as directory:
        shutil.copy(BINARY, directory / "regctl")
        (directory / "prototype").mkdir(mode=0o755)
        site = Site(directory / "prototype")
        site.ok("create-db")
        site.ok("register", ANN, "--no-password")
        site.ok("create-admin", BOB, "--password-file", "-", input="correct horse")
        with connected(site.db) as connection:
            connection.execute("UPDATE regctl_accounts SET registered_at = registered_at - 7200")
        for name in ("tmp", "new", "cur"):
            (site.maildir / name).mkdir(parents=True)
        Path(f"{site.db}.deliver.lock").touch(0o600)
        yield site


@pytest.fixture
def place(prototype) -> Iterator[Site]:
    """A copy of the site to be used up."""
    directory = prototype.directory.parent / "place"
    yield copy_of(prototype, directory)
    shutil.rmtree(directory)
