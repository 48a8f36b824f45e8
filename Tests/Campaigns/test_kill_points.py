"""K1: a command is killed at every system call it makes, and nothing is ever half done or lost.

Each point gets a fresh copy of a prepared site. What the dead process left is judged twice: by
SQLite from outside, on a copy, and by the next run of regctl, which has to clean up by itself.
"""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from email import policy
from email.parser import BytesParser

import bcrypt
import pytest

from Campaigns.database import APPLICATION_TABLE, JOURNAL_MODES, connected, integrity, rows, value
from Campaigns.kills import WRITING_CALLS, Command, Kill, campaign
from Campaigns.processes import last_error
from Campaigns.sites import LINKS, with_database
from regctl import BINARY, Site
from tokens import bound_token, fingerprint, token

EMAIL, NEW = "ann@example.org", "ann@post.example"
PASSWORD = "correct horse"
MAILS = 3


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


def prepare_confirmation(site: Site) -> None:
    with_database(site, "wal")
    site.ok("register", EMAIL, "--no-password")
    (site.directory / "token").write_text(token(EMAIL, int(time.time())))


CONFIRM = Command(
    words=lambda site: ["confirm", (site.directory / "token").read_text()],
    prepare=prepare_confirmation,
    look=look_at_confirmation,
    repeat=confirm_again,
)


# deliver


def prepare_mails(site: Site) -> None:
    with_database(site, "wal")
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
    if "Sent" in kill.output:
        kill.expect(all(state == "sent" for _, state in mails), "acknowledged but not recorded")


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


DELIVER = Command(
    words=lambda site: ["deliver"],
    prepare=prepare_mails,
    look=look_at_outbox,
    repeat=deliver_again,
)


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
    kill.expect(kill.count("regctl_schema", "version = 1") == 1, "no version")
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
    """A mail that waits is not doubled."""
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


# import


def prepare_import(site: Site) -> None:
    with_database(site, "wal")
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


IMPORT = Command(
    words=import_words, prepare=prepare_import, look=look_at_import, repeat=import_again
)


# change-email


def look_at_whole(kill: Kill) -> None:
    """The file and the chain of the audit are sound."""
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    kill.expect(kill.site.run("audit", "--verify").returncode == 0, "the audit is broken")


def mails_to(kill: Kill, email: str, template: str, state: str = "queued") -> int:
    return kill.count(
        "regctl_outbox", f"email = '{email}' AND template = '{template}' AND state = '{state}'"
    )


def has_moved(kill: Kill) -> int:
    """Whether the account has its new address; there must be one account."""
    [(email,)] = rows(kill.site.db, "SELECT email FROM users")
    kill.expect(email in (EMAIL, NEW), f"the address is {email}")
    return int(email == NEW)


def look_at_change(kill: Kill) -> None:
    """The address, the end of the old links, both mails and the act are one."""
    look_at_whole(kill)
    moved = has_moved(kill)
    kill.expect(kill.count("users", "confirmed = 0") == 1, "confirmed by nobody")
    kill.expect(mails_to(kill, NEW, "confirm") == moved, "no mail to the new address, or too early")
    kill.expect(mails_to(kill, EMAIL, "confirm") == 1 - moved, "a mail to the old address")
    kill.expect(mails_to(kill, EMAIL, "confirm", "cancelled") == moved, "a mail is lost")
    kill.expect(kill.acts("change-email") == moved, "audit and account disagree")
    kill.expect(kill.count("regctl_accounts", "not_before") == moved, "the old links are not void")
    if "is now" in kill.output:
        kill.expect(moved, "acknowledged but missing")


def change_again(kill: Kill) -> None:
    """The second run changes the address, or nobody has the old one any more."""
    moved = has_moved(kill)
    result = kill.again("change-email", EMAIL, NEW)
    kill.expect(result.returncode == (67 if moved else 0), f"again: {result}")
    look_at_change(kill)
    kill.expect(has_moved(kill), "not changed after the second run")


def prepare_change(site: Site) -> None:
    with_database(site, "wal")
    site.ok("register", EMAIL, "--no-password")


CHANGE_EMAIL = Command(
    words=lambda site: ["change-email", EMAIL, NEW],
    prepare=prepare_change,
    look=look_at_change,
    repeat=change_again,
)


def look_at_request(kill: Kill, before: int = 0) -> None:
    """The request, both mails and the act are one; the account stays as it is."""
    look_at_whole(kill)
    kill.expect(not has_moved(kill), "changed by nobody")
    kill.expect(kill.count("users", "confirmed = 1") == 1, "no longer confirmed")
    requests = kill.count("regctl_email_changes", f"new_email = '{NEW}'")
    kill.expect(requests in (before, before + 1), f"{requests} requests")
    kill.expect(mails_to(kill, NEW, "change-email") == min(requests, 1), "not one link waits")
    kill.expect(mails_to(kill, NEW, "change-email", "cancelled") == before, "an older link waits")
    notices = mails_to(kill, EMAIL, "changed-notice")
    kill.expect(notices == requests, f"{requests} requests, {notices} notices")
    kill.expect(kill.acts("request-email-change") == requests, "audit of another number")
    if "A link to" in kill.output:
        kill.expect(requests, "acknowledged but missing")


def request_again(kill: Kill) -> None:
    """The second run asks once more, and the older link goes nowhere."""
    before = kill.count("regctl_email_changes")
    result = kill.again("change-email", EMAIL, NEW)
    kill.expect(result.returncode == 0, f"again: {result}")
    look_at_request(kill, before)
    kill.expect(kill.count("regctl_email_changes") == before + 1, "no request by the second run")


def prepare_request(site: Site) -> None:
    prepare_change(site)
    site.ok("confirm", "--email", EMAIL, "--reason", "called")


REQUEST_CHANGE = Command(
    words=lambda site: ["change-email", EMAIL, NEW],
    prepare=prepare_request,
    look=look_at_request,
    repeat=request_again,
)


def look_at_confirmed_change(kill: Kill) -> None:
    look_at_whole(kill)
    moved = has_moved(kill)
    kill.expect(kill.count("users", "confirmed = 1 AND confirmed_on") == 1, "no longer confirmed")
    done = kill.count("regctl_email_changes", "confirmed_at IS NOT NULL")
    kill.expect(done == moved, "request and account disagree")
    kill.expect(kill.acts("confirm-email-change") == moved, "audit and account disagree")
    kill.expect(kill.count("regctl_accounts", "not_before") == moved, "the old links are not void")
    kill.expect(mails_to(kill, NEW, "change-email") == 1 - moved, "a used link waits")
    if "Confirmed" in kill.output:
        kill.expect(moved, "acknowledged but missing")


def confirm_change_again(kill: Kill) -> None:
    expected = b"already_confirmed" if has_moved(kill) else b"confirmed"
    result = kill.again("confirm", (kill.site.directory / "token").read_text())
    kill.expect(result.returncode == 0, f"again: {result}")
    kill.expect(b'"result":"%s"' % expected in result.stdout, f"again: {result}")
    look_at_confirmed_change(kill)
    kill.expect(has_moved(kill), "not changed after the second run")


def prepare_confirmed_change(site: Site) -> None:
    prepare_request(site)
    site.ok("change-email", EMAIL, NEW)
    link = bound_token([NEW, "1"], int(time.time()), "change-email")
    (site.directory / "token").write_text(link)


CONFIRM_CHANGE = Command(
    words=lambda site: ["confirm", (site.directory / "token").read_text()],
    prepare=prepare_confirmed_change,
    look=look_at_confirmed_change,
    repeat=confirm_change_again,
)


# reset-password


def look_at_reset_mail(kill: Kill) -> None:
    look_at_whole(kill)
    mails = mails_to(kill, EMAIL, "reset")
    kill.expect(mails in (0, 1), f"{mails} mails wait")
    kill.expect(kill.acts("request-reset") == mails, "audit of another number of mails")
    if "is queued" in kill.output:
        kill.expect(mails == 1, "acknowledged but missing")


def ask_again(kill: Kill) -> None:
    """The second run queues the mail, or says that it was asked for a moment ago."""
    mails = mails_to(kill, EMAIL, "reset")
    result = kill.again("reset-password", EMAIL)
    kill.expect(result.returncode == mails, f"again: {result}")
    if mails:
        code = last_error(result.stderr)["code"]
        kill.expect(code == "resend_too_soon", f"again: {code}")
    look_at_reset_mail(kill)
    kill.expect(mails_to(kill, EMAIL, "reset") == 1, "no mail after the second run")


ASK_FOR_RESET = Command(
    words=lambda site: ["reset-password", EMAIL],
    prepare=prepare_change,
    look=look_at_reset_mail,
    repeat=ask_again,
)


def has_new_password(kill: Kill) -> bool:
    """Whether the password is the new one; it must be that or the old one, which is none."""
    [(stored,)] = rows(kill.site.db, "SELECT password FROM users")
    if stored == "!":
        return False
    kill.expect(bcrypt.checkpw(PASSWORD.encode(), stored.encode()), "another password")
    return True


def look_at_reset(kill: Kill) -> None:
    look_at_whole(kill)
    changed = has_new_password(kill)
    kill.expect(kill.acts("reset-password") == changed, "audit and password disagree")
    kill.expect(kill.count("users", "confirmed = 0") == 1, "confirmed by nobody")
    if "is changed" in kill.output:
        kill.expect(changed, "acknowledged but missing")


def reset_words(site: Site) -> list[object]:
    link = (site.directory / "token").read_text()
    return ["reset-password", "--token", link, "--password-file", site.directory / "password"]


def reset_again(kill: Kill) -> None:
    """The link works once more unless it has worked."""
    changed = has_new_password(kill)
    result = kill.again(*reset_words(kill.site))
    kill.expect(result.returncode == changed, f"again: {result}")
    if changed:
        kill.expect(last_error(result.stderr)["code"] == "token_revoked", f"again: {result}")
    look_at_reset(kill)
    kill.expect(has_new_password(kill), "no new password after the second run")


def prepare_reset(site: Site) -> None:
    prepare_change(site)
    write_password(site)
    link = bound_token([EMAIL, fingerprint("!")], int(time.time()), "reset")
    (site.directory / "token").write_text(link)


RESET = Command(
    words=reset_words,
    prepare=prepare_reset,
    look=look_at_reset,
    repeat=reset_again,
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


# Controls: programs that do what regctl must not do.

TWO_TRANSACTIONS = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("INSERT INTO users (email, password, registered_on, admin, confirmed)"
           " VALUES ('ann@example.org', '!', '2026-01-01 00:00:00.000000', 0, 0)")
db.execute("INSERT INTO regctl_accounts (account_id, registered_at) VALUES (1, 0)")
db.execute("INSERT INTO regctl_audit (at, actor, uid, act) VALUES (0, 'me', 0, 'register')")
db.execute("INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,"
           " next_attempt_at, message_id) VALUES (1, 'ann@example.org', 'confirm', 'confirm',"
           " 'queued', 0, 0, 'm')")
print("Registered ann@example.org", flush=True)
"""
PRINTS_TOO_EARLY = TWO_TRANSACTIONS.replace(
    "isolation_level=None)\n", "isolation_level=None)\ndb.execute('BEGIN IMMEDIATE')\n"
).replace("flush=True)\n", "flush=True)\ndb.execute('COMMIT')\n")


# The tests.


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_register_is_whole_or_absent_wherever_it_is_killed(new_site, tmp_path, journal_mode):
    points, wrong = campaign(register(journal_mode), new_site(), tmp_path)
    assert points > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(CREATE_ADMIN, id="create-admin"),
        pytest.param(CONFIRM, id="confirm"),
        pytest.param(DELIVER, id="deliver"),
        pytest.param(RESEND, id="resend"),
        pytest.param(CHANGE_EMAIL, id="change-email"),
        pytest.param(REQUEST_CHANGE, id="change-email-of-a-confirmed-account"),
        pytest.param(CONFIRM_CHANGE, id="confirm-a-change"),
        pytest.param(ASK_FOR_RESET, id="reset-password"),
        pytest.param(RESET, id="reset-password-by-token"),
        pytest.param(MIGRATE_DB, id="migrate-db"),
        pytest.param(IMPORT, id="import"),
        pytest.param(create_db(create_again), id="create-db"),
        pytest.param(create_db(create_again_in_container), id="create-db-in-a-container"),
    ],
)
def test_a_command_is_whole_or_absent_wherever_it_is_killed(new_site, tmp_path, command):
    points, wrong = campaign(command, new_site(**LINKS), tmp_path)
    assert points > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("program", "violation"),
    [
        pytest.param(TWO_TRANSACTIONS, "1 accounts, 0 mails", id="two transactions"),
        pytest.param(PRINTS_TOO_EARLY, "acknowledged but missing", id="prints before the commit"),
    ],
)
def test_the_campaign_sees_what_a_careless_program_leaves(new_site, tmp_path, program, violation):
    """The control: without it, a campaign that finds nothing might be blind."""
    careless = register("wal")
    careless.program = [sys.executable, "-I", "-S", "-c", program]
    careless.words = lambda site: [site.db]
    points, wrong = campaign(careless, new_site(), tmp_path, only=WRITING_CALLS)
    assert points > 10
    assert any(found.endswith(violation) for found in wrong), wrong
