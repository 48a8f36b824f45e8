"""create-db, migrate-db and import: valid states after a kill, and the result of the next run."""

import re
import subprocess
from collections.abc import Callable

from Campaigns.database import APPLICATION_TABLE, connected, integrity, rows, value
from Campaigns.kill_points.accounts import EMAIL
from Campaigns.kills import Command, Kill
from Campaigns.processes import last_error
from Campaigns.sites import with_database
from regctl import BINARY, Site

# migrate-db


def prepare_application(site: Site) -> None:
    """The original application's database, with accounts in it."""
    with connected(site.db) as connection:
        connection.execute(APPLICATION_TABLE)
        for number in range(3):
            account = (f"user{number}@example.org", "2026-01-01 00:00:00.000000")
            connection.execute("INSERT INTO users VALUES (NULL, ?, '!', ?, 0, 0, NULL)", account)


def look_at_migration(kill: Kill) -> None:
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    kill.expect(kill.count("users", "confirmed = 0") == 3, "the application's accounts changed")
    names = {name for (name,) in rows(kill.site.db, "SELECT name FROM sqlite_schema")}
    ours = {name for name in names if name.startswith("regctl_")}
    if not ours:
        kill.expect("to schema" not in kill.output, "acknowledged but missing")
        return
    plan = kill.site.json("migrate-db", "--dry-run")
    kill.expect(plan["result"] == "up_to_date", f"half a schema: {plan}")
    kill.expect(kill.count("regctl_schema", "version = 7") == 1, "no version")
    kill.expect(kill.acts("migrate-db") == 1, "no audit")


def migrate_again(kill: Kill) -> None:
    result = kill.again("migrate-db")
    kill.expect(result.returncode == 0, f"again: {result}")
    look_at_migration(kill)
    kill.expect(kill.again("register", EMAIL, "--no-password").returncode == 0, "cannot register")


MIGRATE_DB = Command(
    words=lambda site: ["migrate-db"],
    prepare=prepare_application,
    look=look_at_migration,
    repeat=migrate_again,
)


# import


def prepare_import(site: Site, journal_mode: str) -> None:
    with_database(site, journal_mode)
    text = "".join(f'{{"email":"user{number}@example.org"}}\n' for number in range(3))
    (site.directory / "accounts.jsonl").write_text(text)


def import_words(site: Site) -> list[object]:
    return ["import", site.directory / "accounts.jsonl"]


def look_at_import(kill: Kill) -> None:
    """All accounts of a batch are there and in the audit, or none."""
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    accounts = kill.count("users")
    kill.expect(accounts in (0, 3), f"{accounts} accounts")
    kill.expect(kill.count("regctl_audit_accounts") == accounts, "audit of another number")
    kill.expect(kill.acts("import") == accounts // 3, "audit and accounts disagree")
    if "Imported" in kill.output:
        kill.expect(accounts == 3, "acknowledged but missing")


def import_again(kill: Kill) -> None:
    """The second run completes the first."""
    result = kill.again(*import_words(kill.site))
    kill.expect(result.returncode == 0, f"again: {result}")
    look_at_import(kill)
    kill.expect(kill.count("users") == 3, "not all after the second run")


def import_accounts(journal_mode: str) -> Command:
    return Command(
        words=import_words,
        prepare=lambda site: prepare_import(site, journal_mode),
        look=look_at_import,
        repeat=import_again,
    )


# create-db


def look_at_new_database(kill: Kill) -> None:
    """There is a whole database with a key, or none."""
    site = kill.site
    if site.db.exists():
        kill.expect(integrity(site.db) == "ok", "the database is damaged")
        kill.expect(kill.acts("create-db") == 1, "no audit")
        kill.expect(value(site.db, "PRAGMA journal_mode") == "wal", "another journal mode")
        kill.expect(site.run("list-unconfirmed", "--count").stdout == b"0\n", "not usable")
        kill.expect(site.key_file.exists(), "a database without a key")
    if site.key_file.exists():
        kill.expect(re.fullmatch(r"[A-Za-z0-9+/]{43}=\n", site.key_file.read_text()), "no key")
        kill.expect(site.key_file.stat().st_mode & 0o777 == 0o600, "a key for others to read")
    if "Created" in kill.output:
        kill.expect(site.db.exists(), "acknowledged but missing")


def create_again(kill: Kill) -> None:
    existed = kill.site.db.exists()
    key = kill.site.key_file.read_bytes() if kill.site.key_file.exists() else None
    result = kill.again("create-db")
    if existed:
        kill.expect(result.returncode == 73, f"again: {result}")
        kill.expect(last_error(result.stderr)["code"] == "db_exists", f"again: {result}")
    else:
        kill.expect(result.returncode == 0, f"again: {result}")
    kill.expect(key in (None, kill.site.key_file.read_bytes()), "the key was replaced")
    look_at_new_database(kill)
    kill.expect(kill.again("register", EMAIL, "--no-password").returncode == 0, "cannot register")
    kill.expect(kill.again("issue-token", EMAIL).returncode == 0, "cannot sign")


def create_again_in_container(kill: Kill) -> None:
    """The second run has the process number of the first, as it has in a restarted container."""
    for path in kill.site.directory.glob("*.tmp*"):
        path.rename(path.with_name(re.sub(r"\.\d+\.tmp", ".1.tmp", path.name)))
    existed = kill.site.db.exists()
    result = subprocess.run(
        ["unshare", "--pid", "--fork", BINARY, "create-db"],
        env=kill.site.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    kill.expect(result.returncode == (73 if existed else 0), f"again: {result}")
    look_at_new_database(kill)
    kill.expect(kill.site.key_file.exists(), "no key after the second run")


def create_db(repeat: Callable[[Kill], None]) -> Command:
    return Command(
        words=lambda site: ["create-db"],
        prepare=lambda site: site.key_file.unlink(),
        look=look_at_new_database,
        repeat=repeat,
    )
