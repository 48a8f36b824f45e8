"""Preparations of a site before a command is tried on it."""

from collections.abc import Callable

from regctl import Site

ANN, BOB, EVE = "ann@example.org", "bob@example.org", "eve@example.org"


# How a site is spoilt


def nothing(site: Site) -> None:
    """Leaves the site unchanged."""


def sql(*statements: str) -> Callable[[Site], None]:
    return lambda site: site.execute(*statements)


def long_ago(site: Site) -> None:
    """Accounts were unchanged for years, and every mail was accepted then."""
    sql(
        "UPDATE users SET registered_on = '2020-01-02 03:04:05.678901' WHERE NOT confirmed",
        "UPDATE regctl_outbox SET state = 'sent', queued_at = 0, finished_at = 0",
        # What was done to an account keeps it, too; the chain begins with the database.
        "DELETE FROM regctl_audit WHERE act <> 'create-db'",
        "DELETE FROM regctl_audit_accounts",
    )(site)


def attacked(site: Site) -> None:
    """A program registered two dozen accounts in as many seconds, years ago."""
    rows = ", ".join(
        f"('u{second}@spam.example', '!', '2020-01-02 03:04:{second + 10}.000000', FALSE, FALSE)"
        for second in range(24)
    )
    columns = "email, password, registered_on, admin, confirmed"
    site.execute(f"INSERT INTO users ({columns}) VALUES {rows}")


def planned(site: Site) -> None:
    """There is a plan that prunes Ann."""
    long_ago(site)
    site.ok("prune", "--plan", site.directory / "plan")
