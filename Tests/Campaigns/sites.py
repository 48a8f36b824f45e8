"""Sites with a database of one kind or another."""

import shutil
from collections.abc import Callable
from pathlib import Path

from Campaigns.database import APPLICATION_TABLE, connected, value
from regctl import Site

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
    copy = Site(directory, **{key: site.settings[key] for key in site.settings.keys() - OWN_PATHS})
    if site.key_file.exists():
        copy.key_file.write_bytes(site.key_file.read_bytes())
    else:
        copy.key_file.unlink()
    return copy


def with_database(site: Site, journal_mode: str) -> Site:
    """The site with a new database in a journal mode; `delete` is an adopted one."""
    if journal_mode == "delete":
        with connected(site.db) as connection:
            connection.execute(APPLICATION_TABLE)
        site.db.chmod(0o600)
        site.ok("migrate-db")
    else:
        site.ok("create-db", "--journal-mode", journal_mode)
    assert value(site.db, "PRAGMA journal_mode") in {journal_mode, "delete"}
    return site


def adopted(new_site: Callable[..., Site], *accounts: tuple) -> Site:
    """A site with an application's accounts: address, password, registered, confirmed or None."""
    site = new_site(**LINKS)
    with connected(site.db) as connection:
        connection.execute(APPLICATION_TABLE)
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed, confirmed_on)"
            " VALUES (?1, ?2, ?3, 0, ?4 IS NOT NULL, ?4)",
            accounts,
        )
    site.db.chmod(0o600)
    site.ok("migrate-db")
    return site
