"""Pruning accounts that the application registered, and restoring them."""

import datetime

from Applications.adoption import adopt
from Applications.marks import only_today
from engines import on_both_engines

pytestmark = on_both_engines

ANN = "ann@example.org"
HASH = "$2b$04$abcdefghijklmnopqrstuuLnqI1P4rdqGwkF6wU1Gk6TU4u4xAzVS"


def weeks_ago(count: int) -> str:
    """A date as the application stores it, at noon of a day."""
    day = datetime.date.today() - datetime.timedelta(weeks=count)
    return f"{day} 12:00:00.000000"


def add_cohort(application, week: int, accounts: int, confirmed: int) -> None:
    """Registers a number of accounts in one week, some of them confirmed."""
    rows = ", ".join(
        f"('u{week}-{number}@example.org', '{HASH}', '{weeks_ago(week)}', FALSE,"
        f" {number < confirmed})"
        for number in range(accounts)
    )
    application.query(
        f"INSERT INTO users (email, password, registered_on, admin, confirmed) VALUES {rows}"
    )


@only_today
def test_accounts_that_the_application_mailed_are_pruned(application):
    for week in range(3, 13):
        add_cohort(application, week, accounts=10, confirmed=6)
    site = adopt(application, application_mails="yes")
    # The line of README for cron.
    site.ok("prune", "--yes", "--quiet", "--busy-timeout", "1m")
    # The greatest number stays reserved.
    live = "SELECT confirmed FROM users WHERE email NOT LIKE 'deleted-%@invalid'"
    assert application.query(live) == [(True,)] * 60


@only_today
def test_accounts_of_a_week_in_which_mail_was_broken_are_kept(application):
    for week in range(3, 13):
        add_cohort(application, week, accounts=10, confirmed=1 if week == 7 else 6)
    site = adopt(application, application_mails="yes")
    listed = site.json("prune", "--dry-run")["accounts"]
    kept = {row["email"] for row in listed if row["result"] == "keep"}
    assert {row["reason"] for row in listed if row["result"] == "keep"} == {"weak_cohort"}
    assert kept == {f"u7-{number}@example.org" for number in range(1, 10)}


def test_accounts_that_the_application_registered_are_kept_unless_told(application, site):
    application.browser().register(ANN)
    application.query("UPDATE users SET registered_on = ?", weeks_ago(10))
    (row,) = site.json("prune", "--dry-run")["accounts"]
    assert (row["result"], row["reason"]) == ("keep", "no_final_answer")


def test_pruned_accounts_are_restored_byte_for_byte(application, site, mails):
    browser = application.browser()
    browser.register(ANN)
    application.browser().forgot(ANN)
    for name in "bcd":
        application.browser().register(f"{name}ob@example.org")
    statement = "SELECT * FROM users ORDER BY id"
    application.query("UPDATE users SET registered_on = ? WHERE email = ?", weeks_ago(10), ANN)
    before = application.query(statement)
    site.ok("prune", "--yes", "--include-never-mailed")
    assert len(application.query(statement)) == 3
    site.ok("unprune", "1", "--yes")
    assert application.query(statement) == before
    assert browser.unconfirmed().path == "/unconfirmed"


def test_two_addresses_that_differ_in_case_are_both_restored(application, mails):
    for address in (ANN, ANN.upper(), "bob@example.org", "carol@example.org", "d@example.org"):
        application.browser().register(address)
    site = adopt(application)
    application.query("UPDATE users SET registered_on = ? WHERE id <= 2", weeks_ago(10))
    before = application.query("SELECT * FROM users ORDER BY id")
    site.ok("prune", "--yes", "--include-never-mailed")
    site.ok("unprune", "1", "--yes")
    assert application.query("SELECT * FROM users ORDER BY id") == before


@only_today
def test_one_prune_is_one_audit_entry(application):
    add_cohort(application, 10, accounts=400, confirmed=218)
    site = adopt(application)
    site.ok("prune", "--yes", "--include-never-mailed")
    acts = [act for act in site.json("audit")["entries"] if act["act"] == "prune"]
    assert len(acts) == 1


@only_today
def test_the_funnel_remembers_pruned_accounts(application):
    add_cohort(application, 10, accounts=20, confirmed=12)
    site = adopt(application)
    before = site.ok("report", "funnel", "--format", "tsv")
    site.ok("prune", "--yes", "--include-never-mailed")
    assert site.ok("report", "funnel", "--format", "tsv") == before
