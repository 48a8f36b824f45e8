"""lock, unlock, unconfirm, delete and undelete: valid states after a kill, and the result of the next run.

Each command has two accounts, of which each is one transaction, in the order of the words; a domain
is one transaction with all of its accounts.
"""

import json
from collections.abc import Callable

from Campaigns.database import connected, rows
from Campaigns.kill_points.links import look_at_whole
from Campaigns.kills import Command, Kill
from Campaigns.processes import last_error
from Campaigns.sites import HASH, with_database
from regctl import Site

EMAILS = ["ann@example.org", "bob@example.org"]
REASON = ["--reason", "sends spam"]


def prepare_accounts(journal_mode: str) -> Callable[[Site], None]:
    """Two accounts with passwords, of which each has a mail that waits."""

    def prepare(site: Site) -> None:
        with_database(site, journal_mode)
        for email in EMAILS:
            site.ok("register", email, "--no-password")
        with connected(site.db) as connection:
            connection.execute("UPDATE users SET password = ?", (HASH,))

    return prepare


def after(journal_mode: str, *words: object) -> Callable[[Site], None]:
    """The same accounts after a command."""

    def prepare(site: Site) -> None:
        prepare_accounts(journal_mode)(site)
        site.ok(*words)

    return prepare


def number_of(email: str) -> int:
    """The number that an account has, or had."""
    return EMAILS.index(email) + 1


def look_at_order(kill: Kill, done: list[bool], word: str) -> None:
    """What was acknowledged is done, and the second account is not done before the first."""
    kill.expect(done in ([False, False], [True, False], [True, True]), f"in another order: {done}")
    for email, is_done in zip(EMAILS, done, strict=True):
        if f"{email} is {word}" in kill.output:
            kill.expect(is_done, f"{email}: acknowledged but missing")


def results_of_again(kill: Kill, *words: object) -> list[str]:
    """Runs a command again, which succeeds, and returns the result of each account."""
    result = kill.again(*words)
    kill.expect(result.returncode == 0, f"again: {result}")
    return [each["result"] for each in json.loads(result.stdout).get("results", [])]


# lock and unlock


def are_locked(kill: Kill) -> list[bool]:
    """Whether each account is locked; its lock and its password must agree."""
    found = []
    for email in EMAILS:
        number = number_of(email)
        locks = kill.count("regctl_locks", f"account_id = {number}")
        kill.expect(locks in (0, 1), f"{email}: {locks} locks")
        withheld = f"account_id = {number} AND password = '{HASH}'"
        kill.expect(
            kill.count("regctl_locked_passwords", withheld) == locks, f"{email}: half a lock"
        )
        [(password,)] = rows(kill.site.db, "SELECT password FROM users WHERE id = ?", number)
        kill.expect((password == HASH) == (locks == 0), f"{email}: lock and password disagree")
        found.append(locks == 1)
    return found


def look_at_lock(kill: Kill) -> None:
    """The lock, the password, the mails, the links and the act are one."""
    look_at_whole(kill)
    locked = are_locked(kill)
    for email, is_locked in zip(EMAILS, locked, strict=True):
        of_account = f"account_id = {number_of(email)}"
        cancelled = kill.count("regctl_outbox", f"{of_account} AND state = 'cancelled'")
        kill.expect(cancelled == is_locked, f"{email}: {cancelled} mails cancelled")
        voided = kill.count("regctl_accounts", f"{of_account} AND not_before IS NOT NULL")
        kill.expect(voided == is_locked, f"{email}: lock and links disagree")
        acts = kill.count("regctl_audit", f"{of_account} AND act = 'lock'")
        kill.expect(acts == is_locked, f"{email}: {acts} acts")
    look_at_order(kill, locked, "locked")


def lock_again(kill: Kill) -> None:
    """The second run locks those that the first one left."""
    expected = ["already_locked" if is_locked else "locked" for is_locked in are_locked(kill)]
    results = results_of_again(kill, "lock", *EMAILS, *REASON)
    kill.expect(results == expected, f"again: {results}")
    look_at_lock(kill)
    kill.expect(are_locked(kill) == [True, True], "not locked after the second run")


def lock(journal_mode: str) -> Command:
    return Command(
        words=lambda site: ["lock", *EMAILS, *REASON],
        prepare=prepare_accounts(journal_mode),
        look=look_at_lock,
        repeat=lock_again,
    )


def look_at_unlock(kill: Kill) -> None:
    """The lock, the password and the act are one; links and mails stay void."""
    look_at_whole(kill)
    locked = are_locked(kill)
    for email, is_locked in zip(EMAILS, locked, strict=True):
        of_account = f"account_id = {number_of(email)}"
        acts = kill.count("regctl_audit", f"{of_account} AND act = 'unlock'")
        kill.expect(acts == 1 - is_locked, f"{email}: {acts} acts")
    kill.expect(kill.count("regctl_accounts", "not_before IS NULL") == 0, "old links are valid")
    kill.expect(kill.count("regctl_outbox", "state <> 'cancelled'") == 0, "old mails wait")
    look_at_order(kill, [not is_locked for is_locked in locked], "unlocked")


def unlock_again(kill: Kill) -> None:
    expected = ["unlocked" if is_locked else "not_locked" for is_locked in are_locked(kill)]
    results = results_of_again(kill, "unlock", *EMAILS)
    kill.expect(results == expected, f"again: {results}")
    look_at_unlock(kill)
    kill.expect(are_locked(kill) == [False, False], "not unlocked after the second run")


def unlock(journal_mode: str) -> Command:
    return Command(
        words=lambda site: ["unlock", *EMAILS],
        prepare=after(journal_mode, "lock", *EMAILS, *REASON),
        look=look_at_unlock,
        repeat=unlock_again,
    )


def is_domain_locked(kill: Kill) -> bool:
    locks = kill.count("regctl_locks", "domain = 'example.org'")
    kill.expect(locks in (0, 1) and kill.count("regctl_locks") == locks, f"{locks} locks")
    return locks == 1


def look_at_domain(kill: Kill) -> None:
    """The lock, all passwords, mails and links, and the act are one."""
    look_at_whole(kill)
    locked = is_domain_locked(kill)
    count = len(EMAILS) * locked
    withheld = kill.count("regctl_locked_passwords", f"password = '{HASH}'")
    kill.expect(withheld == count, f"{withheld} passwords withheld")
    kill.expect(kill.count("users", f"password <> '{HASH}'") == count, "another password")
    kill.expect(kill.count("regctl_outbox", "state = 'cancelled'") == count, "another mail")
    kill.expect(kill.count("regctl_accounts", "not_before IS NOT NULL") == count, "another link")
    kill.expect(kill.acts("lock") == locked, "audit and lock disagree")
    kill.expect(kill.count("regctl_audit_accounts") == count, "an act on other accounts")
    if "@example.org is locked" in kill.output:
        kill.expect(locked, "acknowledged but missing")


def lock_domain_again(kill: Kill) -> None:
    expected = ["already_locked" if is_domain_locked(kill) else "locked"]
    results = results_of_again(kill, "lock", "@example.org", *REASON, "--yes")
    kill.expect(results == expected, f"again: {results}")
    look_at_domain(kill)
    kill.expect(is_domain_locked(kill), "not locked after the second run")


def lock_domain(journal_mode: str) -> Command:
    return Command(
        words=lambda site: ["lock", "@example.org", *REASON, "--yes"],
        prepare=prepare_accounts(journal_mode),
        look=look_at_domain,
        repeat=lock_domain_again,
    )


# unconfirm


def are_confirmed(kill: Kill) -> list[bool]:
    found = rows(kill.site.db, "SELECT confirmed, confirmed_on FROM users ORDER BY id")
    for confirmed, confirmed_on in found:
        kill.expect((confirmed_on is not None) == (confirmed == 1), "half confirmed")
    return [confirmed == 1 for confirmed, _ in found]


def look_at_unconfirmation(kill: Kill) -> None:
    """The account, the end of its links and the act are one."""
    look_at_whole(kill)
    confirmed = are_confirmed(kill)
    for email, is_confirmed in zip(EMAILS, confirmed, strict=True):
        of_account = f"account_id = {number_of(email)}"
        acts = kill.count("regctl_audit", f"{of_account} AND act = 'unconfirm'")
        kill.expect(acts == 1 - is_confirmed, f"{email}: {acts} acts")
        voided = kill.count("regctl_accounts", f"{of_account} AND not_before IS NOT NULL")
        kill.expect(voided == 1 - is_confirmed, f"{email}: account and links disagree")
    look_at_order(kill, [not is_confirmed for is_confirmed in confirmed], "no longer confirmed")


def unconfirm_again(kill: Kill) -> None:
    confirmed = are_confirmed(kill)
    expected = ["unconfirmed" if is_confirmed else "not_confirmed" for is_confirmed in confirmed]
    results = results_of_again(kill, "unconfirm", *EMAILS, *REASON)
    kill.expect(results == expected, f"again: {results}")
    look_at_unconfirmation(kill)
    kill.expect(are_confirmed(kill) == [False, False], "confirmed after the second run")


def unconfirm(journal_mode: str) -> Command:
    return Command(
        words=lambda site: ["unconfirm", *EMAILS, *REASON],
        prepare=after(journal_mode, "confirm", "--email", *EMAILS, *REASON),
        look=look_at_unconfirmation,
        repeat=unconfirm_again,
    )


# delete and undelete


def are_deleted(kill: Kill) -> list[bool]:
    """Whether each account is deleted; it must be in the table as it was, or in the archive."""
    look_at_whole(kill)
    found = []
    for email in EMAILS:
        number = number_of(email)
        same = f"email = '{email}' AND password = '{HASH}' AND confirmed = 0"
        live = kill.count("users", f"id = {number} AND {same}")
        archived = kill.count("regctl_archive", f"account_id = {number} AND {same}")
        kill.expect(live + archived == 1, f"{email}: {live} live, {archived} in the archive")
        kill.expect(kill.count("users", f"email = '{email}'") == live, f"{email}: changed")
        of_account, of_gone = f"account_id = {number}", f"account_id = -{number}"
        for table, name in (("regctl_accounts", "memory"), ("regctl_outbox", "mail")):
            kill.expect(kill.count(table, of_account) == live, f"{email}: its {name} is lost")
        kill.expect(kill.count("regctl_outbox", of_gone) == archived, f"{email}: its mail is lost")
        acts = kill.count("regctl_audit", of_account), kill.count("regctl_audit", of_gone)
        kill.expect((acts[1] > 0, acts[0] > 0) == (archived == 1, live == 1), f"{email}: {acts}")
        found.append(archived == 1)
    return found


def acts_on(kill: Kill, email: str, act: str) -> int:
    return kill.count("regctl_audit", f"subject_id = {number_of(email)} AND act = '{act}'")


def look_at_deletion(kill: Kill) -> None:
    """The account, its mail, its history and the act are one."""
    deleted = are_deleted(kill)
    for email, is_deleted in zip(EMAILS, deleted, strict=True):
        cancelled = f"account_id = -{number_of(email)} AND state = 'cancelled'"
        kill.expect(kill.count("regctl_outbox", cancelled) == is_deleted, f"{email}: a mail waits")
        acts = acts_on(kill, email, "delete")
        kill.expect(acts == is_deleted, f"{email}: {acts} acts")
    look_at_order(kill, deleted, "deleted")


def delete_again(kill: Kill) -> None:
    """The second run deletes an account, or says when it was deleted."""
    for email, is_deleted in zip(EMAILS, are_deleted(kill), strict=True):
        result = kill.again("delete", email, *REASON, "--yes")
        kill.expect(result.returncode == (67 if is_deleted else 0), f"again: {result}")
        if result.returncode == 67:
            error = last_error(result.stderr)
            kill.expect("was deleted on" in error["message"], f"again: {error}")
    look_at_deletion(kill)
    kill.expect(are_deleted(kill) == [True, True], "not deleted after the second run")


def delete(journal_mode: str) -> Command:
    return Command(
        words=lambda site: ["delete", *EMAILS, *REASON, "--yes"],
        prepare=prepare_accounts(journal_mode),
        look=look_at_deletion,
        repeat=delete_again,
    )


def look_at_restoration(kill: Kill) -> None:
    """The account, its mail, its history and the act are one; its links stay void."""
    deleted = are_deleted(kill)
    for email, is_deleted in zip(EMAILS, deleted, strict=True):
        acts = acts_on(kill, email, "undelete")
        kill.expect(acts == 1 - is_deleted, f"{email}: {acts} acts")
    kill.expect(kill.count("regctl_accounts", "not_before IS NULL") == 0, "old links are valid")
    kill.expect(kill.count("regctl_outbox", "state <> 'cancelled'") == 0, "old mails wait")
    look_at_order(kill, [not is_deleted for is_deleted in deleted], "back")


def undelete_again(kill: Kill) -> None:
    """The second run restores an account, or says that it is not deleted."""
    for email, is_deleted in zip(EMAILS, are_deleted(kill), strict=True):
        result = kill.again("undelete", email)
        kill.expect(result.returncode == (0 if is_deleted else 1), f"again: {result}")
        if result.returncode == 1:
            code = last_error(result.stderr)["code"]
            kill.expect(code == "already_registered", f"again: {code}")
    look_at_restoration(kill)
    kill.expect(are_deleted(kill) == [False, False], "not restored after the second run")


def undelete(journal_mode: str) -> Command:
    return Command(
        words=lambda site: ["undelete", *EMAILS],
        prepare=after(journal_mode, "delete", *EMAILS, *REASON, "--yes"),
        look=look_at_restoration,
        repeat=undelete_again,
    )
