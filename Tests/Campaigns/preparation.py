"""Preparations of a site before a command is tried on it."""

import time
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


def flooded(site: Site) -> None:
    """More than a hundred accounts were registered just now, and only their mails wait."""
    now = int(time.time())
    numbers = range(9001, 9102)
    users = ", ".join(
        f"({number}, 'robot{number}@spam.example', '!', '2026-01-02 03:04:05.000000', FALSE, FALSE)"
        for number in numbers
    )
    mails = ", ".join(
        f"({number}, 'robot{number}@spam.example', 'confirm', 'confirm', 'queued', {now}, {now}, 'm{number}')"
        for number in numbers
    )
    sql(
        "UPDATE regctl_outbox SET state = 'sent', next_attempt_at = NULL",
        f"INSERT INTO users (id, email, password, registered_on, admin, confirmed) VALUES {users}",
        "INSERT INTO regctl_accounts (account_id, registered_at)"
        f" VALUES {', '.join(f'({number}, {now})' for number in numbers)}",
        "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,"
        f" next_attempt_at, message_id) VALUES {mails}",
    )(site)


def held(site: Site) -> None:
    """The mail to Ann is held."""
    site.execute("UPDATE regctl_outbox SET state = 'held', next_attempt_at = NULL WHERE id = 1")


def bounced(site: Site) -> None:
    """The mail to Ann was accepted and not delivered, because her address is wrong."""
    sql(
        "UPDATE regctl_outbox SET state = 'bounced', finished_at = queued_at,"
        " last_reply = '550 5.1.1 no such user'",
        "INSERT INTO regctl_bounces (mail_id, account_id, email, at, result, status, reply, suppresses)"
        " SELECT id, account_id, email, finished_at, 'bounced', '5.1.1', last_reply, TRUE FROM regctl_outbox",
    )(site)


def accepted(site: Site) -> None:
    """The mail to Ann was accepted."""
    sql("UPDATE regctl_outbox SET state = 'sent', finished_at = queued_at")(site)


# A report about a mail to Ann, which it does not identify.
REPORT = """Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; ann@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b--
"""


def planned(site: Site) -> None:
    """There is a plan that prunes Ann."""
    long_ago(site)
    site.ok("prune", "--plan", site.directory / "plan")
