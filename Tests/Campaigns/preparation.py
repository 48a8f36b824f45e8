"""Preparations of a site before a command is tried on it."""

from collections.abc import Callable

from Campaigns.database import connected
from regctl import Site

ANN, BOB, EVE = "ann@example.org", "bob@example.org", "eve@example.org"


# How a site is spoilt


def nothing(site: Site) -> None:
    """Leaves the site unchanged."""


def sql(*statements: str) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        with connected(site.db) as connection:
            for statement in statements:
                connection.execute(statement)

    return spoil


def long_ago(site: Site) -> None:
    """Accounts were unchanged for years, and every mail was accepted then."""
    sql(
        "UPDATE users SET registered_on = '2020-01-02 03:04:05.678901' WHERE confirmed = 0",
        "UPDATE regctl_outbox SET state = 'sent', queued_at = 0, finished_at = 0",
        "UPDATE regctl_audit SET at = 0",
    )(site)


def planned(site: Site) -> None:
    """There is a plan that prunes Ann."""
    long_ago(site)
    site.ok("prune", "--plan", site.directory / "plan")
