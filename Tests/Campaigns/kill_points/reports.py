"""bounce, clear-bounce and release-held: a report, the state of its mail and the audit are one."""

import re
from pathlib import Path

from Campaigns.database import integrity
from Campaigns.kill_points.accounts import EMAIL
from Campaigns.kills import Command, Kill
from Campaigns.sites import with_database
from regctl import Site

REPORT = """Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Original-Envelope-Id: {identifier}

Final-Recipient: rfc822; {email}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b--
"""


def report_of(site: Site) -> Path:
    return site.directory / "report.eml"


def prepare_report(site: Site) -> None:
    """A mail was accepted, and a report about it came."""
    with_database(site, "wal")
    site.ok("register", EMAIL, "--no-password")
    site.ok("deliver")
    [mail] = (site.maildir / "new").glob("*")
    identifier = re.search(r"^X-Regctl-Mail: (\S+)", mail.read_text(), re.MULTILINE)[1]
    report_of(site).write_text(REPORT.format(identifier=identifier, email=EMAIL))


def look_at_bounce(kill: Kill) -> None:
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    bounced = kill.count("regctl_outbox", "state = 'bounced'")
    kill.expect(kill.count("regctl_bounces", "suppresses") == bounced, "half a report")
    kill.expect(kill.count("regctl_bounces") == bounced, "another report")
    if "bounced" in kill.output:
        kill.expect(bounced == 1, "acknowledged but missing")


def bounce_again(kill: Kill) -> None:
    result = kill.again("bounce", report_of(kill.site))
    kill.expect(result.returncode == 0, f"again: {result}")
    kill.expect(kill.count("regctl_outbox", "state = 'bounced'") == 1, "the mail is not bounced")
    kill.expect(kill.count("regctl_bounces") == 1, "not one report")


BOUNCE = Command(
    words=lambda site: ["bounce", report_of(site)],
    prepare=prepare_report,
    look=look_at_bounce,
    repeat=bounce_again,
)


# clear-bounce


def prepare_ledger(site: Site) -> None:
    prepare_report(site)
    site.ok("bounce", report_of(site))


def look_at_ledger(kill: Kill) -> None:
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    cleared = kill.count("regctl_bounces", "cleared_at IS NOT NULL")
    kill.expect(kill.acts("clear-bounce") == cleared, "audit of another number")
    if "may get mail" in kill.output:
        kill.expect(cleared == 1, "acknowledged but missing")


def clear_again(kill: Kill) -> None:
    result = kill.again("clear-bounce", EMAIL)
    kill.expect(result.returncode == 0, f"again: {result}")
    kill.expect(kill.count("regctl_bounces", "cleared_at IS NULL") == 0, "still on the ledger")
    kill.expect(kill.acts("clear-bounce") == 1, "recorded twice")


CLEAR_BOUNCE = Command(
    words=lambda site: ["clear-bounce", EMAIL],
    prepare=prepare_ledger,
    look=look_at_ledger,
    repeat=clear_again,
)


# release-held

HELD = 3


def prepare_held(site: Site) -> None:
    with_database(site, "wal")
    for number in range(HELD):
        site.ok("register", f"user{number}@example.org", "--no-password")
    site.execute("UPDATE regctl_outbox SET state = 'held', next_attempt_at = NULL")


def look_at_held(kill: Kill) -> None:
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    held = kill.count("regctl_outbox", "state = 'held' AND next_attempt_at IS NULL")
    due = kill.count("regctl_outbox", "state = 'queued' AND next_attempt_at > 0")
    kill.expect((held, due) in ((HELD, 0), (0, HELD)), f"{held} held, {due} due")
    kill.expect(kill.acts("release-held") == (due > 0), "not in the audit")
    kill.expect(kill.count("regctl_moments", "name = 'release'") == (due > 0), "held again")
    if "are due" in kill.output:
        kill.expect(due == HELD, "acknowledged but missing")


def release_again(kill: Kill) -> None:
    result = kill.again("release-held", "--yes")
    kill.expect(result.returncode == 0, f"again: {result}")
    kill.expect(kill.count("regctl_outbox", "state = 'queued'") == HELD, "not all are due")


RELEASE_HELD = Command(
    words=lambda site: ["release-held", "--yes"],
    prepare=prepare_held,
    look=look_at_held,
    repeat=release_again,
)
