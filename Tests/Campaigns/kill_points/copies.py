"""backup, and export to a file: valid states after a kill, and the result of the next run."""

import json
from pathlib import Path

from Campaigns.database import dump, integrity
from Campaigns.kills import Command, Kill
from Campaigns.sites import with_database
from regctl import BINARY, Site

EMAILS = [f"user{number}@example.org" for number in range(40)]


def prepare_accounts(site: Site, journal_mode: str) -> None:
    with_database(site, journal_mode)
    site.ok("import", "-", input="email\n" + "\n".join(EMAILS))


# backup


def copy_in(site: Site) -> Path:
    return site.directory / "copy.db"


def look_at_copy(kill: Kill) -> None:
    """There is a whole copy, or none."""
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    copy = copy_in(kill.site)
    if copy.exists():
        whole = integrity(copy) == "ok" and dump(copy) == dump(kill.site.db)
        kill.expect(whole, "not a whole copy")
    if "Copied" in kill.output:
        kill.expect(copy.exists(), "acknowledged but missing")


def back_up_again(kill: Kill) -> None:
    existed = copy_in(kill.site).exists()
    result = kill.again("backup", copy_in(kill.site))
    kill.expect(result.returncode == (73 if existed else 0), f"again: {result}")
    look_at_copy(kill)
    kill.expect(copy_in(kill.site).exists(), "no copy after the second run")


def back_up(journal_mode: str) -> Command:
    return Command(
        words=lambda site: ["backup", copy_in(site)],
        prepare=lambda site: prepare_accounts(site, journal_mode),
        look=look_at_copy,
        repeat=back_up_again,
    )


# export

EXPORTED = "exit 0"
"""What stands for success, because standard output is the file."""


def file_in(site: Site) -> Path:
    return site.directory / "accounts.jsonl"


def is_whole(path: Path) -> bool:
    try:
        return [json.loads(line)["email"] for line in path.read_text().splitlines()] == EMAILS
    except ValueError:
        return False


def look_at_export(kill: Kill) -> None:
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    if EXPORTED in kill.output:
        kill.expect(is_whole(file_in(kill.site)), "acknowledged, but not a whole file")


def export_again(kill: Kill) -> None:
    result = kill.site.run("export")
    kill.expect(result.returncode == 0, f"again: {result}")
    kill.expect(len(result.stdout.splitlines()) == len(EMAILS), "not all the second time")


def export(journal_mode: str) -> Command:
    return Command(
        words=lambda site: [file_in(site)],
        prepare=lambda site: prepare_accounts(site, journal_mode),
        look=look_at_export,
        repeat=export_again,
        program=["sh", "-c", f'exec {BINARY} export >"$0"'],
    )
