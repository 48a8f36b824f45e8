"""register, create-admin and confirm: valid states after a kill, and the result of the next run."""

import re
import time

import bcrypt

from Campaigns.database import integrity, rows
from Campaigns.kills import Command, Kill
from Campaigns.processes import last_error
from Campaigns.sites import with_database
from regctl import Site
from tokens import token

EMAIL, NEW = "ann@example.org", "ann@post.example"
PASSWORD = "correct horse"


# register


def look_at_registration(kill: Kill) -> None:
    """Account, mail, memory and audit are all there or all missing."""
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    accounts = kill.count("users", f"email = '{EMAIL}'")
    kill.expect(accounts in (0, 1), f"{accounts} accounts")
    mails = kill.count("regctl_outbox", f"email = '{EMAIL}' AND state = 'queued'")
    kill.expect(mails == accounts, f"{accounts} accounts, {mails} mails")
    kill.expect(kill.count("regctl_outbox") == mails, "a mail of nobody")
    kill.expect(kill.count("regctl_accounts") == accounts, "memory of another number of accounts")
    kill.expect(kill.acts("register") == accounts, "audit of another number of accounts")
    if "Registered" in kill.output:
        kill.expect(accounts == 1, "acknowledged but missing")


def register_again(kill: Kill) -> None:
    """The second run registers, or says that the account is there."""
    result = kill.again("register", EMAIL, "--no-password")
    if result.returncode == 1:
        code = last_error(result.stderr)["code"]
        kill.expect(code == "already_registered_unconfirmed", f"again: {code}")
    else:
        kill.expect(result.returncode == 0, f"again: {result}")
        kill.expect("Registered" not in kill.output, "acknowledged but not remembered")
    look_at_registration(kill)
    kill.expect(kill.count("users") == 1, "no account after the second run")


def register(journal_mode: str) -> Command:
    return Command(
        words=lambda site: ["register", EMAIL, "--no-password"],
        prepare=lambda site: with_database(site, journal_mode),
        look=look_at_registration,
        repeat=register_again,
    )


# create-admin


def look_at_administrator(kill: Kill) -> None:
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    found = rows(kill.site.db, "SELECT admin, confirmed, confirmed_on, password FROM users")
    kill.expect(len(found) in (0, 1), f"{len(found)} accounts")
    for admin, confirmed, confirmed_on, hashed in found:
        kill.expect(admin == 1 and confirmed == 1 and confirmed_on, f"half an account: {found}")
        kill.expect(bcrypt.checkpw(PASSWORD.encode(), hashed.encode()), "another password")
    kill.expect(kill.acts("create-admin") == len(found), "audit of another number of accounts")
    kill.expect(kill.count("regctl_accounts") == len(found), "memory of another number")
    if "Created" in kill.output:
        kill.expect(found, "acknowledged but missing")


def create_admin_again(kill: Kill) -> None:
    existed = kill.again("check", EMAIL).returncode == 0
    words = ["create-admin", EMAIL, "--password-file", kill.site.directory / "password"]
    result = kill.again(*words)
    if existed:
        kill.expect(result.returncode == 1, f"again: {result}")
        kill.expect(last_error(result.stderr)["code"] == "already_registered", f"again: {result}")
    else:
        kill.expect(result.returncode == 0, f"again: {result}")
    look_at_administrator(kill)
    kill.expect(kill.count("users", "admin = 1") == 1, "no administrator after the second run")


CREATE_ADMIN = Command(
    words=lambda site: ["create-admin", EMAIL, "--password-file", site.directory / "password"],
    prepare=lambda site: (with_database(site, "wal"), write_password(site)),
    look=look_at_administrator,
    repeat=create_admin_again,
)


def write_password(site: Site) -> None:
    path = site.directory / "password"
    path.write_text(PASSWORD + "\n")
    path.chmod(0o600)


# confirm


def look_at_confirmation(kill: Kill) -> None:
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    [(confirmed, confirmed_on)] = rows(kill.site.db, "SELECT confirmed, confirmed_on FROM users")
    kill.expect(confirmed in (0, 1), f"confirmed is {confirmed}")
    kill.expect((confirmed_on is not None) == (confirmed == 1), "half confirmed")
    kill.expect(kill.acts("confirm") == confirmed, "audit and account disagree")
    if "Confirmed" in kill.output:
        kill.expect(confirmed == 1, "acknowledged but missing")


def confirm_again(kill: Kill) -> None:
    """The link works once more, and says so if it had worked before."""
    shown = kill.again("show", EMAIL).stdout
    confirmed_on = re.search(rb'"confirmed_on":(null|"[^"]+")', shown)[1]
    result = kill.again("confirm", (kill.site.directory / "token").read_text())
    kill.expect(result.returncode == 0, f"again: {result}")
    expected = b"confirmed" if confirmed_on == b"null" else b"already_confirmed"
    kill.expect(b'"result":"%s"' % expected in result.stdout, f"again: {result}")
    if confirmed_on != b"null":
        kill.expect(confirmed_on in kill.again("show", EMAIL).stdout, "confirmed_on has changed")
    look_at_confirmation(kill)
    kill.expect(kill.count("users", "confirmed = 1") == 1, "not confirmed after the second run")


def confirm(journal_mode: str) -> Command:
    def prepare(site: Site) -> None:
        with_database(site, journal_mode)
        site.ok("register", EMAIL, "--no-password")
        (site.directory / "token").write_text(token(EMAIL, int(time.time())))

    return Command(
        words=lambda site: ["confirm", (site.directory / "token").read_text()],
        prepare=prepare,
        look=look_at_confirmation,
        repeat=confirm_again,
    )
