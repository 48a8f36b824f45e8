"""P2: the accounts that are kept, and those that are pruned."""

import time
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from Campaigns.database import Connection, connected
from Campaigns.prune.accounts import (
    ALL,
    DAY,
    FORTNIGHT,
    LONG_AGO,
    decisions,
    emails_in,
    mailed_at,
    populate,
    prune,
    seconds_of,
    stale,
    text_of,
    touched_at,
    touched_with_others_at,
    user,
    write_account,
    write_mail,
)
from engines import SQLITE, on_both_engines, only

pytestmark = on_both_engines


def mailed_at_and_refused_before(connection: Connection, email: str, second: int) -> None:
    account = write_account(connection, email)
    write_mail(connection, account, "sent", second)
    write_mail(connection, account, "failed", LONG_AGO)


def registered_at(connection: Connection, email: str, second: int) -> None:
    write_mail(connection, write_account(connection, email, text_of(second)))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (mailed_at, "recent_mail"),
        (mailed_at_and_refused_before, "recent_mail"),
        (touched_at, "recent_act"),
        (touched_with_others_at, "recent_act"),
        (registered_at, None),
    ],
    ids=lambda part: getattr(part, "__name__", str(part)),
)
@pytest.mark.parametrize("age", [None, "3h", "90d"])
def test_an_account_is_kept_while_one_of_its_dates_is_a_second_too_recent(site, make, reason, age):
    """Accounts a second apart around the cutoff, so that the run itself determines where it is."""
    span = {None: FORTNIGHT, "3h": 3 * 3600, "90d": 90 * DAY}[age]
    words = [] if age is None else ["--older-than", age]
    begin = int(time.time()) - span
    email = {second: f"at{second}@example.org" for second in range(begin - 3, begin + 60)}
    with connected(site.db) as connection:
        connection.execute("BEGIN")
        for second in email:
            make(connection, email[second], second)
        connection.execute("COMMIT")

    answer = site.json("prune", "--dry-run", *words)
    cutoff = seconds_of(answer["cutoff"])
    assert begin <= cutoff < begin + 59
    old = [email[second] for second in email if second <= cutoff]
    expected = {each: ("prune", None) for each in old}
    if reason:
        expected |= {email[second]: ("keep", reason) for second in email if second > cutoff}
    found = {each["email"]: (each["result"], each["reason"]) for each in answer["accounts"]}
    assert found == expected

    answer = prune(site, *words)
    cutoff = seconds_of(answer["cutoff"])
    gone = [email[second] for second in email if second <= cutoff]
    assert sorted(each["email"] for each in answer["accounts"]) == sorted(gone)
    assert emails_in(site.db) == sorted(set(email.values()) - set(gone))
    assert answer["kept"] == ({reason: len(email) - len(gone)} if reason else {})


DECISIONS_BY_MAILS = {
    (): ("keep", "no_final_answer"),
    ("sent",): ("prune", None),
    ("failed",): ("prune", None),
    ("cancelled",): ("keep", "no_final_answer"),
    ("expired",): ("keep", "no_final_answer"),
    ("queued",): ("keep", "mail_pending"),
    ("sending",): ("keep", "mail_pending"),
    ("queued", "sent"): ("keep", "mail_pending"),
    ("sending", "failed"): ("keep", "mail_pending"),
    ("sent", "queued"): ("keep", "mail_pending"),
    ("sent", "cancelled"): ("keep", "no_final_answer"),
    ("failed", "expired"): ("keep", "no_final_answer"),
    ("cancelled", "sent"): ("prune", None),
    ("expired", "failed"): ("prune", None),
}


@pytest.mark.parametrize("includes", [False, True], ids=["", "--include-never-mailed"])
def test_an_account_is_kept_for_the_results_of_its_mails(site, includes):
    words = ["--include-never-mailed"] if includes else []
    expected = {}
    for mails, decision in DECISIONS_BY_MAILS.items():
        email = "-".join(["mails", *mails]) + "@example.org"
        populate(site.db, [email], mails=mails)
        waived = includes and decision[1] == "no_final_answer"
        expected[email] = ("prune", None) if waived else decision
    assert decisions(site, *words) == expected
    answer = prune(site, *words)
    kept = {email: decision for email, decision in expected.items() if decision[0] == "keep"}
    assert emails_in(site.db) == sorted(kept)
    assert answer["kept"] == Counter(reason for _, reason in kept.values())


def test_an_account_that_was_never_mailed_is_kept_for_other_reasons(site):
    second = int(time.time()) - FORTNIGHT + DAY
    with connected(site.db) as connection:
        touched_at(connection, "touched@example.org", second)
        mailed_at(connection, "mailed@example.org", second)
        account = write_account(connection, "both@example.org")
        write_mail(connection, account, "sent", second)
        write_mail(connection, account, "cancelled")
    assert decisions(site, "--include-never-mailed") == {
        "touched@example.org": ("keep", "recent_act"),
        "mailed@example.org": ("keep", "recent_mail"),
        "both@example.org": ("keep", "recent_mail"),
    }
    assert prune(site, "--include-never-mailed")["pruned"] == 0


@only(SQLITE, "on a server, a column of dates takes nothing else")
@pytest.mark.parametrize("stored", ["", "1999", "0000-00-00", "2020-13-01 00:00:00", 5, 2020.5, 0])
def test_an_account_without_a_valid_date_is_kept(site, stored):
    populate(site.db, ["odd@example.org"], stored)
    stale(site.db, 1)
    assert decisions(site) == {
        "odd@example.org": ("keep", "unreadable_date"),
        user(0): ("prune", None),
    }
    assert prune(site)["kept"] == {"unreadable_date": 1}
    assert emails_in(site.db) == ["odd@example.org"]


@only(SQLITE, "on a server, a column of dates without zone drops the offset")
@pytest.mark.parametrize("hours", [-12, -1, 0, 1, 14])
def test_an_account_is_as_old_as_its_date_says_with_its_offset(site, hours):
    """An hour younger than the cutoff, written as another part of the world would."""
    moment = datetime.now(timezone(timedelta(hours=hours))) - timedelta(days=14, hours=-1)
    populate(site.db, ["away@example.org"], moment.isoformat(" ", "seconds"))
    assert ("prune", None) not in decisions(site).values()
    assert prune(site)["pruned"] == 0


def test_administrators_and_confirmed_accounts_are_not_considered(site):
    populate(site.db, ["admin@example.org", "done@example.org", "both@example.org"])
    with connected(site.db) as connection:
        connection.execute("UPDATE users SET admin = TRUE WHERE email NOT LIKE 'done@%'")
        connection.execute("UPDATE users SET confirmed = TRUE WHERE email NOT LIKE 'admin@%'")
    stale(site.db, 1)
    assert list(decisions(site, "--include-never-mailed")) == [user(0)]
    assert prune(site, "--include-never-mailed")["pruned"] == 1
    assert emails_in(site.db) == ["admin@example.org", "both@example.org", "done@example.org"]


def test_what_operators_do_keeps_an_account(site):
    """An operation on many accounts counts as well."""
    stale(site.db, 5)
    site.ok("issue-token", user(0))
    site.ok("issue-token", "--stdin", input=f"{user(1)}\n{user(2)}\n")
    site.ok("resend", user(3), "--force")
    assert decisions(site) == {
        user(0): ("keep", "recent_act"),
        user(1): ("keep", "recent_act"),
        user(2): ("keep", "recent_act"),
        user(3): ("keep", "mail_pending"),
        user(4): ("prune", None),
    }
    assert prune(site)["pruned"] == 1


def test_a_restored_account_is_kept_as_if_changed(site):
    stale(site.db, 1)
    prune(site)
    site.ok("unprune", 1, "--yes")
    assert decisions(site) == {user(0): ("keep", "recent_act")}


def test_an_age_below_that_of_links_is_refused(new_site):
    site = new_site(token_max_age="2h")
    site.ok("create-db")
    populate(site.db, [user(0)], text_of(time.time() - 7201), mails=("failed",))
    code, error = site.error("prune", "--yes", *ALL, "--older-than", "7199s")
    assert (code, error["exit"]) == (64, 64)
    code, _ = site.error("prune", "--dry-run", "--older-than", "1h")
    assert code == 64
    assert emails_in(site.db) == [user(0)]
    # The control: the lifetime of links itself is old enough.
    assert prune(site, "--older-than", "7200s")["pruned"] == 1


def test_the_age_of_the_configuration_holds_without_an_option(new_site):
    site = new_site(prune_after="30d")
    site.ok("create-db")
    populate(site.db, ["month@example.org"], text_of(time.time() - 31 * DAY))
    populate(site.db, ["week@example.org"], text_of(time.time() - 29 * DAY))
    assert [each["email"] for each in prune(site)["accounts"]] == ["month@example.org"]
