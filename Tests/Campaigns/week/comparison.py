"""Everything that the tables and the reports say, beside what the reckoning says they must."""

import functools
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timezone

import bcrypt

from Campaigns.database import RESERVED, Database, integrity, rows
from Campaigns.week.clock import moment
from Campaigns.week.reckoning import Reckoning
from Campaigns.week.records import Account

# A table or a report by its name, and its rows by their keys.
Rows = dict[str, dict]
# Runs regctl and returns its JSON, or the text of its metrics.
Ask = Callable[..., dict]

STATES = ["queued", "held", "sending", "sent", "failed", "bounced", "cancelled", "expired"]
FUNNEL = ["registered", "mailed", "accepted", "confirmed"]


def differences(seen: Rows, wanted: Rows) -> list[str]:
    """The rows that differ."""
    found = []
    for name in seen.keys() | wanted.keys():
        one, other = seen.get(name, {}), wanted.get(name, {})
        for key in sorted(one.keys() | other.keys(), key=str):
            if (pair := (one.get(key, "absent"), other.get(key, "absent"))) and pair[0] != pair[1]:
                found.append(f"{name} {key}: is {pair[0]}, must be {pair[1]}")
    return found


def count(rows: Rows) -> int:
    return sum(map(len, rows.values()))


def seconds(text: str | None) -> int | None:
    return moment(text) if text else None


# What is seen.


def seen(db: Database, ask: Ask) -> Rows:
    """The rows of the database and of every report."""
    return seen_tables(db) | seen_lists(ask) | seen_prunes(ask) | seen_reports(ask) | seen_status(ask)


def seen_tables(db: Database) -> Rows:
    accounts = rows(
        db, "SELECT id, email, registered_on, admin, confirmed, confirmed_on FROM users"
        f" WHERE NOT {RESERVED}")
    mails = rows(
        db, "SELECT id, account_id, email, template, state, attempts, queued_at, next_attempt_at,"
        " finished_at, possible_duplicate FROM regctl_outbox")
    archive = rows(db, "SELECT account_id, email, run > 0 FROM regctl_archive")
    bounces = rows(
        db, "SELECT at, mail_id, abs(account_id), email, result, status, suppresses, cleared_at"
        " FROM regctl_bounces")
    return {
        "integrity": {"is": integrity(db)},
        "users": {
            number: (email, seconds(registered), bool(admin), bool(confirmed), seconds(confirmed_on))
            for number, email, registered, admin, confirmed, confirmed_on in accounts
        },
        "outbox": {
            number: (*others, bool(is_duplicate)) for number, *others, is_duplicate in mails
        },
        "archive": {
            number: (email, "pruned" if is_pruned else "deleted")
            for number, email, is_pruned in archive
        },
        "bounces": dict(Counter(
            (*others, bool(suppresses), cleared) for *others, suppresses, cleared in bounces)),
    }


def seen_passwords(db: Database, passwords: dict[int, str | None]) -> Rows:
    """With which of the known passwords an owner can log in to the application."""
    hashes = rows(
        db, "SELECT id, password, password IN (SELECT hash FROM regctl_no_password) FROM users"
        f" WHERE NOT {RESERVED}")
    # The hash that no password has would take long.
    return {"passwords": {
        number: password if password and not is_none and fits(password, stored) else None
        for number, stored, is_none in hashes for password in [passwords.get(number)]
    }}


@functools.cache
def fits(password: str, stored: str | bytes) -> bool:
    """Whether a password has a hash."""
    try:
        return bcrypt.checkpw(
            password.encode(), stored if isinstance(stored, bytes) else stored.encode())
    except ValueError:
        return False


def seen_lists(ask: Ask) -> Rows:
    verified = ask("audit", "--verify")
    return {
        "list-accounts": {
            account["id"]: tuple(account[key] for key in ("email", "confirmed", "locked", "bounced"))
            + (seconds(account["registered_on"]), seconds(account["confirmed_on"]))
            for account in ask("list-accounts")["accounts"]
        },
        "list-unconfirmed": {
            account["id"]: (account["email"], account["mails"], account["last_mail_state"])
            for account in ask("list-unconfirmed")["accounts"]
        },
        "list-outbox": {
            mail["id"]: (
                mail["email"], mail["state"], mail["attempts"], seconds(mail["queued_at"]),
                seconds(mail["next_attempt_at"]), seconds(mail["sent_at"]), mail["possible_duplicate"])
            for mail in ask("list-outbox")["mails"]
        },
        "list-bounces": dict(Counter(
            (seconds(report["at"]), report["mail"], report["email"], report["result"],
             report["status"], report["suppressed"])
            for report in ask("list-bounces")["bounces"])),
        "audit": {
            number: (seconds(entry["at"]), entry["by"], entry["act"], entry["email"], entry["reason"])
            for number, entry in enumerate(ask("audit")["entries"])
        },
        "audit --verify": {"erased": verified.get("erased"), "error": verified.get("error")},
    }


def seen_prunes(ask: Ask) -> Rows:
    runs = ask("list-prunes")["prunes"]
    return {
        "list-prunes": {
            run["run"]: (seconds(run["at"]), run["pruned"], run["restored"]) for run in runs
        },
        "list-prunes RUN": {
            (run["run"], account["id"]): (account["email"], seconds(account["registered_on"]))
            for run in runs for account in ask("list-prunes", str(run["run"]))["accounts"]
        },
        "prune --dry-run": {
            account["email"]: account["reason"] for account in ask("prune", "--dry-run")["accounts"]
        },
    }


def seen_reports(ask: Ask) -> Rows:
    metrics = ask("report", "metrics")["text"].splitlines()
    return {
        "report funnel": {
            row["domain"]: tuple(row[name] for name in FUNNEL)
            for row in ask("report", "funnel")["domains"]
        },
        "report cohorts": {
            row.pop("cohort"): row for row in ask("report", "cohorts")["cohorts"]
        },
        "report stuck": {
            account["email"]: account["problem"] for account in ask("report", "stuck")["accounts"]
        },
        "report metrics": dict(line.rsplit(" ", 1) for line in metrics if line[0] != "#"),
    }


def seen_status(ask: Ask) -> Rows:
    status = ask("status")
    mails = status["mails"]
    return {"status": {
        "accounts": status["accounts"], "mails": {state: mails[state] for state in STATES},
        "due": mails["due"], "last_sent_at": seconds(status["last_sent_at"]),
    }}


# What must be.


def wanted(reckoning: Reckoning, now: int, age: int) -> Rows:
    """The same rows, from the reckoning; accounts are pruned at an age."""
    return (
        wanted_tables(reckoning) | wanted_lists(reckoning) | wanted_prunes(reckoning, now, age)
        | wanted_reports(reckoning, now) | wanted_status(reckoning, now))


def wanted_tables(reckoning: Reckoning) -> Rows:
    return {
        "integrity": {"is": "ok"},
        "users": {
            account.number: (
                account.email, account.registered, False, account.confirmed is not None,
                account.confirmed)
            for account in reckoning.present()
        },
        "outbox": {
            mail.number: (
                -mail.account if reckoning.accounts[mail.account].gone else mail.account, mail.email,
                mail.template, mail.state, mail.attempts, mail.queued, mail.due, mail.finished,
                mail.is_duplicate)
            for mail in reckoning.mails.values()
        },
        "archive": {
            account.number: (account.email, account.gone)
            for account in reckoning.accounts.values() if account.gone in {"deleted", "pruned"}
        },
        "passwords": {
            account.number: None if account.is_shut else account.password
            for account in reckoning.present()
        },
        "bounces": dict(Counter(
            (report.at, report.mail, report.account, report.email, report.result, report.status,
             report.suppresses, report.cleared)
            for report in reckoning.reports)),
    }


def wanted_lists(reckoning: Reckoning) -> Rows:
    present = reckoning.present()
    return {
        "list-accounts": {
            account.number: (
                account.email, account.confirmed is not None, reckoning.is_locked(account),
                account.is_suppressed, account.registered, account.confirmed)
            for account in present
        },
        "list-unconfirmed": {
            account.number: (account.email, *last_mail(account, reckoning))
            for account in present if account.confirmed is None
        },
        "list-outbox": {
            mail.number: (
                mail.email, mail.state, mail.attempts, mail.queued, mail.due,
                mail.finished if mail.state in {"sent", "bounced"} else None, mail.is_duplicate)
            for mail in reckoning.mails.values()
        },
        "list-bounces": dict(Counter(
            (report.at, report.mail, report.email, report.result, report.status,
             report.suppresses and report.cleared is None)
            for report in reckoning.reports)),
        "audit": {
            number: (entry.at, entry.by, entry.act, entry.email, entry.reason)
            for number, entry in enumerate(reckoning.entries)
        },
        "audit --verify": {
            "erased": sum(entry.is_erased for entry in reckoning.entries), "error": None,
        },
    }


def last_mail(account: Account, reckoning: Reckoning) -> tuple[int, str | None]:
    """The number of mails of an account, and the state of the last."""
    mails = sorted(reckoning.mails_of(account), key=lambda mail: mail.number)
    return len(mails), mails[-1].state if mails else None


def wanted_prunes(reckoning: Reckoning, now: int, age: int) -> Rows:
    return {
        "list-prunes": {
            number: (run.at, len(run.accounts), run.restored)
            for number, run in reckoning.runs.items()
        },
        "list-prunes RUN": {
            (account.run, account.number): (account.email, account.registered)
            for account in reckoning.accounts.values() if account.gone == "pruned"
        },
        "prune --dry-run": {
            reckoning.accounts[number].email: reason
            for number, reason in reckoning.prune_decisions(now, age).items()
        },
    }


def wanted_reports(reckoning: Reckoning, now: int) -> Rows:
    counted = [account for account in reckoning.accounts.values() if account.gone in {None, "pruned"}]
    states = Counter(mail.state for mail in reckoning.mails.values())
    due = [mail.due for mail in reckoning.mails.values() if mail.state == "queued"]
    unconfirmed = sum(account.confirmed is None for account in reckoning.present())
    runs = reckoning.runs.values()
    metrics = {
        'regctl_accounts{state="confirmed"}': len(reckoning.present()) - unconfirmed,
        'regctl_accounts{state="unconfirmed"}': unconfirmed,
        "regctl_mail_overdue_seconds": max(0, now - min(due, default=now)),
        "regctl_last_mail_timestamp_seconds": last_sent(reckoning) or 0,
        "regctl_pruned_accounts_total": sum(len(run.accounts) for run in runs),
        "regctl_last_prune_timestamp_seconds": max((run.at for run in runs), default=0),
    } | {f'regctl_mails{{state="{state}"}}': states[state] for state in STATES}
    return {
        "report funnel": funnel(counted, reckoning),
        "report cohorts": cohorts(counted, reckoning, now),
        "report stuck": stuck(reckoning),
        "report metrics": {name: str(number) for name, number in metrics.items()},
    }


def last_sent(reckoning: Reckoning) -> int | None:
    sent = [mail.finished for mail in reckoning.mails.values() if mail.state == "sent"]
    return max(sent, default=None)


def funnel(counted: list[Account], reckoning: Reckoning) -> dict[str, tuple]:
    """Registered, mailed, accepted and not bounced, confirmed, by domain."""
    found: dict[str, Counter] = {}
    for account in counted:
        row = found.setdefault(account.email.split("@")[1], Counter())
        mails = reckoning.mails_of(account)
        row["registered"] += 1
        row["mailed"] += bool(mails)
        row["accepted"] += any(mail.state == "sent" for mail in mails)
        row["confirmed"] += account.confirmed is not None
    return {domain: tuple(row[name] for name in FUNNEL) for domain, row in found.items()}


def cohorts(counted: list[Account], reckoning: Reckoning, now: int) -> dict[str, dict]:
    """The accounts by the week of their registration."""
    weeks: dict[str, list[Account]] = {}
    for account in counted:
        year, week, _ = datetime.fromtimestamp(account.registered, timezone.utc).isocalendar()
        weeks.setdefault(f"{year}-W{week:02}", []).append(account)
    return {week: cohort(accounts, reckoning, now) for week, accounts in weeks.items()}


def cohort(accounts: list[Account], reckoning: Reckoning, now: int) -> dict:
    confirmed = [account for account in accounts if account.confirmed is not None]
    by_hand = [account for account in confirmed if account.confirmed_by == "operator"]
    pruned = [account for account in accounts if account.gone == "pruned"]
    return {
        "registered": len(accounts), "confirmed": len(confirmed),
        "by_token": len(confirmed) - len(by_hand), "by_operator": len(by_hand),
        "pruned": len(pruned), "open": len(accounts) - len(confirmed) - len(pruned),
        "median_seconds": median(accounts, reckoning, now),
    }


def median(accounts: list[Account], reckoning: Reckoning, now: int) -> int | None:
    """Within which time half of the accounts confirm by a link: the estimate of Kaplan and Meier."""
    waits: list[int] = []
    ends: list[int] = []
    for account in accounts:
        end = now if account.gone != "pruned" else reckoning.runs[account.run].at
        if account.confirmed is not None:
            end = account.confirmed
        is_by_link = account.confirmed is not None and account.confirmed_by != "operator"
        (waits if is_by_link else ends).append(end - account.registered)
    share = 1.0
    for time in sorted(set(waits)):
        at_risk = sum(wait >= time for wait in waits) + sum(end >= time for end in ends)
        share *= 1 - waits.count(time) / at_risk
        # A half that is computed by fractions may be a little more.
        if share <= 0.5 + 1e-12:
            return time
    return None


def stuck(reckoning: Reckoning) -> dict[str, str]:
    """The accounts that need help, and why."""
    found = {}
    for account in reckoning.present():
        if account.confirmed is not None or reckoning.is_locked(account):
            continue
        mails, state = last_mail(account, reckoning)
        problem = {"failed": "refused", "expired": "expired", "bounced": "bounced"}.get(state)
        if state == "sent" and mails >= 3:
            problem = "resent"
        last = max(reckoning.mails_of(account), key=lambda mail: mail.number, default=None)
        since = 0 if last is None else last.queued if last.finished is None else last.finished
        if state in {"sent", "cancelled", None} and account.tried_late >= since:
            problem = "link_expired"
        if problem:
            found[account.email] = problem
    return found


def wanted_status(reckoning: Reckoning, now: int) -> Rows:
    states = Counter(mail.state for mail in reckoning.mails.values())
    present = reckoning.present()
    return {"status": {
        "accounts": {
            "all": len(present), "unconfirmed": sum(account.confirmed is None for account in present),
            "locked": sum(account.is_locked for account in present),
            "locked_domains": len(reckoning.locked_domains),
        },
        "mails": {state: states[state] for state in STATES},
        "due": sum(mail.state == "queued" and mail.due <= now for mail in reckoning.mails.values()),
        "last_sent_at": last_sent(reckoning),
    }}
