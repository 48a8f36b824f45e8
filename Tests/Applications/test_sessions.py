"""Browsers that stay logged in while regctl deletes their account."""

import pytest

from engines import on_both_engines

pytestmark = on_both_engines

ANN, BOB = "ann@example.org", "bob@example.org"
LONG_AGO = "2020-01-02 03:04:05.678901"


def delete(application, site) -> None:
    site.ok("delete", ANN, "--reason", "test", "--yes")


def prune(application, site) -> None:
    application.query("UPDATE users SET registered_on = ? WHERE email = ?", LONG_AGO, ANN)
    site.ok("prune", "--yes", "--max", "1", "--include-never-mailed")


def assert_nothing_is_seen(browser) -> None:
    """The account is gone, or, where its number must not be freed, there is an emptied one."""
    page = browser.unconfirmed()
    assert page.status == 200
    assert page.account in {"", "deleted-1@invalid"}
    assert browser.profile().path in {"/login", "/unconfirmed"}
    assert ANN not in page.text and BOB not in page.text


@pytest.mark.parametrize("take_away", [delete, prune])
def test_the_browser_of_a_deleted_account_is_not_the_next_ones(application, site, take_away):
    old = application.browser()
    old.register(ANN)
    take_away(application, site)
    assert site.json("list-unconfirmed")["count"] == 0
    # The old browser stays away meanwhile: Flask-Login 0.2 would have logged it out.
    application.browser().register(BOB)
    assert_nothing_is_seen(old)
    assert application.query("SELECT email FROM users WHERE id <> 1") == [(BOB,)]


def test_the_browser_of_a_deleted_account_is_not_that_of_regctls_next(application, site):
    old = application.browser()
    old.register(ANN)
    delete(application, site)
    site.ok("register", BOB, "--no-password")
    assert_nothing_is_seen(old)


def test_the_browser_of_a_deleted_account_is_logged_out(application, site):
    # An account with a higher number is there, so that this one's stays free.
    old = application.browser()
    old.register(ANN)
    application.browser().register(BOB)
    delete(application, site)
    application.browser().register("carol@example.org")
    page = old.unconfirmed()
    assert (page.path, page.account) == ("/login", "")
    assert application.query("SELECT id FROM users ORDER BY id") == [(2,), (3,)]
