"""regctl at work beside the served application: what either writes, the other reads."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from Applications.adoption import adopt
from Applications.driver import PASSWORD
from Applications.journey import go_through_every_page
from Applications.marks import only_pinned, only_today
from Campaigns.database import integrity, schema
from engines import on_both_engines

pytestmark = on_both_engines

ANN = "ann@example.org"


def test_adopting_changes_no_byte_of_the_applications_own(application):
    def own() -> tuple[list[tuple], list[tuple]]:
        objects = [each for each in schema(application.db) if "regctl" not in each[1] + each[2]]
        return application.query("SELECT * FROM users"), objects

    application.browser().register(ANN)
    before = own()
    site = adopt(application)
    assert own() == before
    assert site.json("list-unconfirmed")["accounts"][0]["email"] == ANN


def test_every_page_works_on_an_adopted_database(application, site, mails):
    go_through_every_page(application, mails, ANN)
    site.ok("check", ANN, "--password-file", "-", input="third password")


def test_a_confirmed_user_of_the_application_passes_the_check(application, site):
    browser = application.browser()
    browser.register(ANN)
    assert site.json("show", ANN)["account"]["confirmed"] is False
    assert site.error("check", ANN)[1]["code"] == "not_confirmed"
    site.ok("confirm", "--email", ANN, "--reason", "called by telephone")
    assert browser.profile().path == "/profile"
    site.ok("check", ANN, "--password-file", "-", input=PASSWORD)
    assert site.json("list-unconfirmed")["count"] == 0


def test_a_user_whose_confirmation_is_undone_is_held_again(application, site, mails):
    browser = application.browser()
    browser.register(ANN)
    browser.get(mails.link(ANN))
    site.ok("unconfirm", ANN, "--reason", "test")
    assert browser.profile().path == "/unconfirmed"
    assert site.json("list-unconfirmed")["count"] == 1


def test_the_link_that_regctl_sends_again_is_followed_in_the_application(application, site, mails):
    browser = application.browser()
    browser.register(ANN)
    site.ok("resend", ANN)
    site.ok("deliver")
    assert [mail.to for mail in mails.received] == [ANN, ANN]
    assert browser.get(mails.link(ANN)).messages == ["confirmed"]
    site.ok("check", ANN)


def test_an_address_registered_by_either_is_taken_for_the_other(application, site):
    application.browser().register(ANN)
    exit_code, error = site.error("register", ANN.upper(), "--no-password")
    assert (exit_code, error["code"]) == (1, "already_registered_unconfirmed")
    site.ok("register", "bob@example.org", "--no-password")
    assert application.browser().register("bob@example.org").errors == {
        "email": "already registered"
    }


def test_the_administrator_of_the_application_is_one_to_regctl(application, site):
    application.manage("create_admin")
    assert [row["email"] for row in site.json("list-admins")["accounts"]] == ["ad@min.com"]
    site.ok("check", "ad@min.com", "--password-file", "-", input="admin")


def test_a_new_password_of_the_application_is_the_one_that_regctl_checks(application, site, mails):
    browser = application.browser()
    browser.register(ANN)
    browser.get(mails.link(ANN))
    browser.change_password("another password")
    site.ok("check", ANN, "--password-file", "-", input="another password")
    browser.forgot(ANN)
    browser.forgot_new(mails.link(ANN), "a third password")
    site.ok("check", ANN, "--password-file", "-", input="a third password")
    assert site.error("check", ANN, "--password-file", "-", input=PASSWORD)[0] == 1


def test_the_application_goes_on_when_regctl_deletes_an_account(application, site):
    browser = application.browser()
    browser.register(ANN)
    application.browser().register("bob@example.org")
    site.ok("delete", ANN, "--reason", "test", "--yes")
    assert browser.profile().path == "/login"
    assert application.browser().login(ANN).messages == ["wrong address or password"]
    assert application.browser().forgot(ANN).errors == {"email": "not registered"}


@only_today
def test_an_account_of_regctl_logs_in_to_the_application_of_today(application, site, mails):
    site.ok("register", ANN, "--password-file", "-", input=PASSWORD)
    site.ok("deliver")
    browser = application.log_in(ANN)
    assert browser.profile().path == "/unconfirmed"
    assert browser.get(mails.link(ANN)).messages == ["confirmed"]


@only_today
def test_an_administrator_of_regctl_logs_in_to_the_application_of_today(application, site):
    site.ok("create-admin", ANN, "--password-file", "-", input=PASSWORD)
    assert application.log_in(ANN).profile().path == "/profile"
    assert application.query("SELECT admin, confirmed FROM users") == [(1, 1)]


@only_today
def test_the_link_of_the_application_of_today_confirms_at_regctl(application, site, mails):
    browser = application.browser()
    browser.register(ANN)
    assert site.json("confirm", mails.link(ANN))["results"][0]["result"] == "confirmed"
    assert browser.get(mails.link(ANN)).messages == ["already confirmed"]


@only_pinned
def test_the_pinned_application_confirms_by_regctls_link(application, site, mails):
    # It takes the seconds of such a link for a time far ahead, which it does not refuse.
    browser = application.browser()
    browser.register(ANN)
    token = site.ok("issue-token", ANN).strip()
    assert browser.get(f"/confirm/{token}").messages == ["confirmed"]


@pytest.mark.parametrize("writer", ["application", "regctl"])
def test_a_date_that_either_writes_is_a_date_to_the_other(application, site, mails, writer):
    browser = application.browser()
    browser.register(ANN)
    if writer == "application":
        browser.get(mails.link(ANN))
    else:
        site.ok("confirm", "--email", ANN, "--reason", "test")
    # What SQLAlchemy cannot read is an error 500.
    assert browser.profile().path == "/profile"
    account = site.json("show", ANN)["account"]
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert (account["registered_on"][:10], account["confirmed_on"][:10]) == (today, today)
    [dates] = application.query("SELECT registered_on, confirmed_on FROM users")
    assert [(type(date), len(date)) for date in dates] == [(str, 26)] * 2


def test_neither_hinders_the_other_when_both_write(application, site):
    def register_some(part: int) -> list[int]:
        pages = [application.browser().register(f"a{part}-{n}@example.org") for n in range(10)]
        return [page.status for page in pages]

    with ThreadPoolExecutor() as pool:
        parts = [pool.submit(register_some, part) for part in range(2)]
        words = [("register", f"r{number}@example.org", "--no-password") for number in range(10)]
        results = [site.run(*line) for line in words]
        statuses = [status for part in parts for status in part.result()]
    assert statuses == [200] * 20
    assert [(result.returncode, result.stderr) for result in results] == [(0, b"")] * 10
    assert site.json("list-unconfirmed")["count"] == 30
    assert integrity(application.db) == "ok"
