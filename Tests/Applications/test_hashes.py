"""Passwords: hashes that both sides verify, accounts without one, and the limits of length."""

import json

from Applications.adoption import adopt, with_own_database
from Applications.driver import PASSWORD
from Applications.marks import by_generation, only_pinned, only_today, with_each_driver
from engines import SQLITE, only

pytestmark = with_each_driver

ANN, BOB = "ann@example.org", "bob@example.org"
LONG = "a" * 80


def failed_checks(site) -> set[str]:
    """The checks of `doctor` that fail."""
    checks = json.loads(site.run("doctor", "--json").stdout)["checks"]
    return {row["check"] for row in checks if row["result"] != "ok"}


# The prefix.


@only_pinned
def test_a_password_is_written_with_the_prefix_of_the_applications_newest(application, site):
    application.browser().register(ANN)
    site.ok("register", BOB, "--password-file", "-", input=PASSWORD)
    assert application.browser().login(BOB).status == 200
    assert application.log_in(BOB)


@only_pinned
def test_a_password_that_regctl_replaces_still_logs_in(application, site):
    application.browser().register(ANN)
    site.ok("set-password", ANN, "--password-file", "-", input="another password")
    assert application.browser().login(ANN, "another password").status == 200


@only_pinned
def test_the_prefix_can_be_set_where_no_hash_shows_it(application):
    site = adopt(application, bcrypt_prefix="2a")
    site.ok("create-admin", ANN, "--password-file", "-", input=PASSWORD)
    assert application.log_in(ANN).profile().path == "/profile"


# No password.


def test_a_login_without_a_password_is_refused_without_an_error(application, site):
    application.browser().register(ANN)
    site.ok("register", BOB, "--no-password")
    for password in ("!", "any password"):
        page = application.browser().login(BOB, password)
        assert (page.status, page.messages) == (200, ["wrong address or password"])
    assert site.error("check", BOB, "--password-file", "-", input="any password")[0] == 1


def test_a_missing_password_of_an_earlier_version_is_repaired(application):
    application.browser().register(ANN)
    application.query("UPDATE users SET password = '!'")
    adopt(application)
    page = application.browser().login(ANN, "any password")
    assert (page.status, page.messages) == (200, ["wrong address or password"])


# Bytes.


@only_today
@only(SQLITE, "a server stores bytes as their digits: see below")
def test_doctor_accepts_a_hash_in_bytes(application, site):
    application.browser().register(ANN)
    assert application.query("SELECT typeof(password) FROM users") == [("blob",)]
    assert "passwords" not in failed_checks(site)


@only_today
@only(SQLITE, "a server stores bytes as their digits: see below")
def test_a_hash_in_bytes_is_verified(application, site):
    application.browser().register(ANN)
    site.ok("confirm", "--email", ANN, "--reason", "test")
    site.ok("check", ANN, "--password-file", "-", input=PASSWORD)
    assert site.error("check", ANN, "--password-file", "-", input="wrong password")[0] == 1


@only_today
def test_a_hash_in_bytes_is_verified_as_a_server_stores_it(new_application, engine):
    application = new_application(APP_TEXT_HASHES="false")
    with_own_database(application)
    application.start()
    application.browser().register(ANN)
    if engine == SQLITE:  # As if the accounts had been moved from a server.
        application.query("UPDATE users SET password = '\\x' || lower(hex(password))")
    assert application.query("SELECT length(password) FROM users") == [(122,)]
    assert application.browser().login(ANN).status == 500
    site = adopt(application)
    site.ok("confirm", "--email", ANN, "--reason", "test")
    site.ok("check", ANN, "--password-file", "-", input=PASSWORD)
    assert "passwords" not in failed_checks(site)


# Length.


@by_generation("status", pinned=200, today=500)
def test_a_password_beyond_72_bytes_is_cut_by_py_bcrypt_and_an_error_today(application, status):
    assert application.browser().register(ANN, LONG).status == status
    if status == 200:
        assert application.log_in(ANN, LONG)
        assert application.log_in(ANN, LONG[:72])


@only_pinned
def test_a_long_password_is_cut_where_the_application_cuts_it(application):
    site = adopt(application, long_passwords="truncate", bcrypt_prefix="2a")
    site.ok("register", ANN, "--password-file", "-", input=LONG)
    assert application.log_in(ANN, LONG)
    application.browser().register(BOB, LONG)
    site.ok("confirm", "--email", BOB, "--reason", "test")
    site.ok("check", BOB, "--password-file", "-", input=LONG)


@only_today
def test_a_password_is_hashed_twice_where_the_application_does(new_application):
    application = new_application(APP_LONG_PASSWORDS="true")
    with_own_database(application)
    application.start()
    application.browser().register(ANN, LONG)
    site = adopt(application, long_passwords="sha256")
    site.ok("confirm", "--email", ANN, "--reason", "test")
    site.ok("check", ANN, "--password-file", "-", input=LONG)
    for address, password in ((BOB, LONG), ("carol@example.org", PASSWORD)):
        site.ok("register", address, "--password-file", "-", input=password)
        assert application.log_in(address, password)


@only_today
def test_a_password_may_be_as_short_as_the_application_takes_it(application):
    application.browser().register(ANN, "sixsix")
    site = adopt(application, password_min_length="6")
    site.ok("register", BOB, "--password-file", "-", input="sixsix")
    assert application.log_in(BOB, "sixsix")
    assert site.error("register", "c@example.org", "--password-file", "-", input="fives")[0] == 65
