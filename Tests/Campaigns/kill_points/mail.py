"""deliver and resend: valid states after a kill, and the result of the next run."""

import re
from collections import Counter
from email import policy
from email.parser import BytesParser

from Campaigns.database import integrity, rows
from Campaigns.kill_points.accounts import EMAIL
from Campaigns.kills import Command, Kill
from Campaigns.sites import with_database
from regctl import Site

MAILS = 3


# deliver


def prepare_mails(site: Site, journal_mode: str) -> None:
    with_database(site, journal_mode)
    for number in range(MAILS):
        site.ok("register", f"user{number}@example.org", "--no-password")


def local_part(identity: str) -> str:
    """A Message-ID without the domain, which a mail gets at the latest when it is sent."""
    return identity.split("@")[0]


def outbox(site: Site) -> list[tuple[str, str]]:
    """The Message-ID and the state of every mail."""
    mails = rows(site.db, "SELECT message_id, state FROM regctl_outbox")
    return [(local_part(identity), state) for identity, state in mails]


def delivered(site: Site) -> Counter[str]:
    """How many complete mails there are of each Message-ID in the Maildir."""
    found: Counter[str] = Counter()
    for path in (site.maildir / "new").glob("*"):
        mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        parts = [part.get_content_type() for part in mail.walk() if not part.defects]
        assert parts == ["multipart/alternative", "text/plain", "text/html"], (path, parts)
        found[local_part(mail["Message-ID"].strip("<>"))] += 1
    return found


def look_at_outbox(kill: Kill) -> None:
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    mails = outbox(kill.site)
    kill.expect(len(mails) == MAILS, f"{len(mails)} mails in the outbox")
    files = delivered(kill.site)
    kill.expect(max(files.values(), default=1) == 1, f"a mail twice: {files}")
    kill.expect(files.keys() <= {mail for mail, _ in mails}, "a mail of nobody")
    for mail, state in mails:
        kill.expect(state in ("queued", "sending", "sent"), f"{mail} is {state}")
        if state == "sent":
            kill.expect(files[mail] == 1, f"{mail} is lost")
    sending = [mail for mail, state in mails if state == "sending"]
    kill.expect(len(sending) <= 1, f"{len(sending)} mails in flight at once")
    if said := re.search(r"Sent (\d+)", kill.output):
        sent = [mail for mail, state in mails if state == "sent"]
        kill.expect(len(sent) >= int(said[1]), "acknowledged but not recorded")


def deliver_again(kill: Kill) -> None:
    result = kill.again("deliver")
    kill.expect(result.returncode == 0, f"again: {result}")
    states = outbox(kill.site)
    kill.expect(all(state == "sent" for _, state in states), f"stuck: {states}")
    kill.expect(
        delivered(kill.site) == {mail: 1 for mail, _ in states}, "not every mail exactly once"
    )
    kill.expect(kill.count("regctl_outbox", "attempts > 2") == 0, "attempts without an attempt")
    kill.expect(kill.count("regctl_outbox", "possible_duplicate") <= 1, "too many duplicates")


def deliver(journal_mode: str) -> Command:
    return Command(
        words=lambda site: ["deliver"],
        prepare=lambda site: prepare_mails(site, journal_mode),
        look=look_at_outbox,
        repeat=deliver_again,
    )


# resend


def prepare_resend(site: Site) -> None:
    with_database(site, "wal")
    site.ok("register", EMAIL, "--no-password")
    site.ok("deliver")


RESEND_WORDS = ["resend", EMAIL, "--force", "--revoke-previous"]


def look_at_resend(kill: Kill) -> None:
    """The second mail, the end of the older links and both acts are one."""
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    mails = kill.count("regctl_outbox", "state = 'queued'")
    kill.expect(mails in (0, 1), f"{mails} mails wait")
    kill.expect(kill.acts("resend-forced") == mails, "audit of another number of mails")
    kill.expect(kill.acts("revoke-tokens") == mails, "audit of another number of revocations")
    kill.expect(kill.count("regctl_accounts", "not_before") == mails, "half revoked")
    if "queued" in kill.output:
        kill.expect(mails == 1, "acknowledged but missing")


def resend_again(kill: Kill) -> None:
    """A queued mail is not duplicated."""
    acts = kill.acts("resend-forced")
    result = kill.again(*RESEND_WORDS)
    kill.expect(result.returncode == 0, f"again: {result}")
    kill.expect(kill.count("regctl_outbox", "state = 'queued'") == 1, "not one mail waits")
    kill.expect(kill.acts("resend-forced") == acts + 1, "the second run is not in the audit")


RESEND = Command(
    words=lambda site: RESEND_WORDS,
    prepare=prepare_resend,
    look=look_at_resend,
    repeat=resend_again,
)
