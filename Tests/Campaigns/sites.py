"""Sites with a database of one kind or another."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from Campaigns.database import JOURNAL_MODES, connected, create_application_table, value
from engines import POSTGRESQL, SQLITE
from regctl import Site
from server_database import ServerDatabase

# The links that a site needs for the other purposes.
LINKS = {
    "reset_url": "https://app.example/reset/{token}",
    "change_email_url": "https://app.example/change/{token}",
}
# Settings that every site fills in for its own directory.
OWN_PATHS = {"db", "maildir_path"}

# A password hash that belongs to no password.
HASH = "$2b$04$abcdefghijklmnopqrstuuLnqI1P4rdqGwkF6wU1Gk6TU4u4xAzVS"


def copy_of(site: Site, directory: Path) -> Site:
    """The same site in another directory, to be used up."""
    shutil.copytree(site.directory, directory)
    database, own_paths = None, OWN_PATHS
    if isinstance(site.db, ServerDatabase):
        database, own_paths = site.db.copy(), OWN_PATHS | {"secret_key_file"}
    settings = {key: site.settings[key] for key in site.settings.keys() - own_paths}
    copy = Site(directory, database, **settings)
    if site.key_file.exists():
        copy.key_file.write_bytes(site.key_file.read_bytes())
    else:
        copy.key_file.unlink()
    return copy


# For `with_database`: each kind of database that differs in who waits for whom.
in_each_database = pytest.mark.parametrize(
    ["engine", "journal_mode"],
    [*((SQLITE, mode) for mode in JOURNAL_MODES), (POSTGRESQL, None)],
    indirect=["engine"], ids=[*JOURNAL_MODES, POSTGRESQL],
)


def with_database(site: Site, journal_mode: str | None) -> Site:
    """The site with a new database in a journal mode; `delete` is an adopted one.

    On a server there is no such mode.
    """
    if journal_mode is None:
        site.ok("create-db")
        return site
    if journal_mode == "delete":
        create_application_table(site.db)
        site.ok("migrate-db")
    else:
        site.ok("create-db", "--journal-mode", journal_mode)
    assert value(site.db, "PRAGMA journal_mode") in {journal_mode, "delete"}
    return site


def adopted(new_site: Callable[..., Site], *accounts: tuple) -> Site:
    """A site with an application's accounts: address, password, registered, confirmed or None."""
    site = new_site(**LINKS)
    create_application_table(site.db)
    with connected(site.db) as connection:
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed, confirmed_on)"
            " VALUES (?, ?, ?, FALSE, ?, ?)",
            [(*known, date is not None, date) for *known, date in accounts],
        )
    site.ok("migrate-db")
    return site
