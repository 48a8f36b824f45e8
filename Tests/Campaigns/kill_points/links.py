"""change-email and reset-password: valid states after a kill, and the result of the next run."""

import time

import bcrypt

from Campaigns.database import integrity, rows
from Campaigns.kill_points.accounts import EMAIL, NEW, PASSWORD, write_password
from Campaigns.kills import Command, Kill
from Campaigns.processes import last_error
from Campaigns.sites import with_database
from regctl import Site
from tokens import bound_token, fingerprint

# change-email


def look_at_whole(kill: Kill) -> None:
    """The file and the audit chain are valid."""
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
    """The second run changes the address, or says that no account has the old one any more."""
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
    """The second run requests it again, and the older link is void."""
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
    """The second run queues the mail, or reports that it was requested recently."""
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
    if rows(kill.site.db, "SELECT 1 FROM regctl_no_password WHERE hash = ?", stored):
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
    """The link works again unless it was used."""
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
