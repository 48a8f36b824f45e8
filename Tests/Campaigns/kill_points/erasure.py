"""erase: valid states after a kill, and the result of the next run."""

from pathlib import Path

from Campaigns.database import dump, integrity
from Campaigns.kill_points.accounts import EMAIL
from Campaigns.kills import Command, Kill
from Campaigns.sites import with_database
from regctl import Site

OTHER = "bob@post.example"
REASON = ["--reason", "ticket 4714", "--yes"]


def prepare_person(site: Site, journal_mode: str) -> None:
    """A person with a mail that was sent, and another one who stays."""
    with_database(site, journal_mode)
    for email in (EMAIL, OTHER):
        site.ok("register", email, "--no-password")
    site.ok("deliver")


def tables_with(db: Path, text: str) -> set[str]:
    """The tables in which a text is."""
    return {
        table
        for table, rows in dump(db).items()
        if table != "schema" and any(text.encode() in value for row in rows for value in row
                                     if isinstance(value, bytes))
    }  # fmt: skip


def bytes_with(db: Path, text: str) -> list[str]:
    """The files of a database in which a text is."""
    files = sorted(db.parent.glob(db.name + "*"))
    return [path.name for path in files if text.encode() in path.read_bytes()]


def is_erased(kill: Kill) -> bool:
    """Whether the person is gone; nothing may be half gone."""
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    named = tables_with(kill.site.db, EMAIL)
    whole = {"users", "regctl_outbox", "regctl_audit"}
    kill.expect(named in (set(), whole), f"half erased: {named}")
    kill.expect(tables_with(kill.site.db, OTHER) == whole, "another person is gone")
    kill.expect(kill.acts("erase") == (not named), "audit and account disagree")
    return not named


def look_at_erasure(kill: Kill) -> None:
    erased = is_erased(kill)
    kill.expect(kill.site.run("audit", "--verify").returncode == 0, "the audit is broken")
    if "Erased" in kill.output:
        kill.expect(erased, "acknowledged but missing")
        left = bytes_with(kill.site.db, EMAIL)
        kill.expect(not left, f"acknowledged, but the address is in {left}")


def erase_again(kill: Kill) -> None:
    """The second run erases the person, or knows no such person."""
    erased = is_erased(kill)
    result = kill.again("erase", EMAIL, *REASON)
    kill.expect(result.returncode == (67 if erased else 0), f"again: {result}")
    kill.output = "" if erased else "Erased"
    look_at_erasure(kill)
    kill.expect(is_erased(kill), "not erased after the second run")


def erase(journal_mode: str) -> Command:
    return Command(
        words=lambda site: ["erase", EMAIL, *REASON],
        prepare=lambda site: prepare_person(site, journal_mode),
        look=look_at_erasure,
        repeat=erase_again,
    )
