"""The application alone does what the original does, on a database of its own."""

import time

from Applications.adoption import with_own_database
from Applications.driver import PASSWORD
from Applications.journey import go_through_every_page
from Applications.marks import with_each_driver
from Campaigns.database import column_names
from engines import SQLITE

pytestmark = with_each_driver

ANN = "ann@example.org"


def test_every_page_works_on_its_own_database(application, mails):
    go_through_every_page(application, mails, ANN)


def test_a_registered_user_is_held_until_the_mailed_link_is_followed(application, mails):
    browser = application.browser()
    page = browser.register(ANN)
    assert (page.status, page.path, page.account) == (200, "/unconfirmed", ANN)
    assert page.messages == ["registered", "not confirmed yet"]
    assert browser.profile().path == "/unconfirmed"
    assert [(mail.to, mail.subject) for mail in mails.received] == [(ANN, "Confirm your address")]
    page = browser.get(mails.link(ANN))
    assert (page.status, page.path, page.messages) == (200, "/", ["confirmed"])
    assert browser.profile().path == "/profile"
    assert browser.unconfirmed().path == "/"
    assert browser.get(mails.link(ANN)).messages == ["already confirmed"]


def test_a_link_is_valid_only_for_the_account_that_is_logged_in(application, mails):
    application.browser().register(ANN)
    page = application.browser().get(mails.link(ANN))
    assert page.path == "/login"
    browser = application.browser()
    browser.register("bob@example.org")
    assert browser.get(mails.link(ANN)).messages == ["link invalid or expired"]
    assert browser.get("/confirm/forged").messages == ["link invalid or expired"]


def test_a_resent_mail_leaves_the_first_link_valid(application, mails):
    browser = application.browser()
    browser.register(ANN)
    first = mails.link(ANN)
    page = browser.resend()
    assert (page.path, page.messages[0], len(mails.received)) == ("/unconfirmed", "mailed again", 2)
    assert browser.get(first).messages == ["confirmed"]


def test_a_user_logs_in_and_out(application):
    browser = application.browser()
    browser.register(ANN)
    page = browser.logout()
    assert (page.path, page.messages, page.account) == ("/login", ["logged out"], "")
    assert browser.profile().path == "/login"
    page = browser.login(ANN, "wrong password")
    assert (page.status, page.path, page.account) == (200, "/login", "")
    assert page.messages == ["wrong address or password"]
    page = browser.login(ANN)
    assert (page.path, page.messages, page.account) == ("/", ["logged in"], ANN)


def test_a_user_changes_the_password(application, mails):
    browser = application.browser()
    browser.register(ANN)
    browser.get(mails.link(ANN))
    assert browser.change_password("another password").messages == ["password changed"]
    browser.logout()
    assert browser.login(ANN).account == ""
    assert browser.login(ANN, "another password").account == ANN


def test_a_forgotten_password_is_replaced_once_by_the_mailed_link(application, mails):
    application.browser().register(ANN)
    browser = application.browser()
    page = browser.forgot(ANN)
    assert (page.path, page.messages) == ("/", ["reset mailed"])
    link = mails.link(ANN)
    assert f"{application.origin}/forgot/new/" in link
    page = browser.forgot_new(link, "another password")
    # Choosing a password confirms nothing.
    assert (page.path, page.messages[0]) == ("/unconfirmed", "password changed")
    assert browser.get(link).messages == ["no reset was asked for"]
    assert application.browser().login(ANN, "another password").account == ANN
    assert application.browser().login(ANN).account == ""


def test_forms_report_invalid_fields(application, engine):
    application.browser().register(ANN)
    browser = application.browser()
    assert browser.register(ANN).errors == {"email": "already registered"}
    assert list(browser.register("no address").errors) == ["email"]
    assert list(browser.register("bob@example.org", "short").errors) == ["password"]
    assert browser.forgot("bob@example.org").errors == {"email": "not registered"}
    assert browser.get("/nowhere").status == 404
    # The original looks for the address `False`, which a server does not compare with text.
    assert browser.get("/forgot/new/forged").status == (404 if engine == SQLITE else 500)


def test_a_form_without_its_token_is_refused_where_forms_are_protected(new_application):
    application = new_application(APP_SETTINGS="registration.configuration.ProductionConfig")
    settings = application.directory / "production.cfg"
    settings.write_text(
        f"[keys]\nSECRET_KEY = {application.environment['APP_SECRET_KEY']}\n"
        "[mail]\nMAIL_SERVER = 127.0.0.1\nMAIL_USE_TLS = false\nMAIL_USE_SSL = false\n"
        f"MAIL_PORT = {application.environment['APP_MAIL_PORT']}\n"
        "MAIL_DEFAULT_SENDER = from@example.com\n"
        f"[db]\nSQLALCHEMY_DATABASE_URI = {application.environment['APP_DATABASE_URL']}\n"
    )
    application.environment["APP_PRODUCTION_FILE"] = str(settings)
    with_own_database(application)
    application.start()
    browser = application.browser()
    form = {"email": ANN, "password": PASSWORD, "confirm": PASSWORD}
    page = browser.get("/register", form)
    assert (page.path, list(page.errors)) == ("/register", ["csrf_token"])
    assert browser.register(ANN).path == "/unconfirmed"


def test_the_administrator_that_a_command_creates_logs_in(application):
    application.manage("create_admin")
    assert application.log_in("ad@min.com", "admin").profile().path == "/profile"
    assert application.query("SELECT admin, confirmed FROM users") == [(1, 1)]


def test_tables_are_dropped_and_created_by_commands(application):
    application.browser().register(ANN)
    application.manage("drop_db")
    assert application.browser().login(ANN).status == 500
    application.manage("create_db")
    assert application.browser().login(ANN).messages == ["wrong address or password"]


def test_a_row_holds_what_either_generation_stores(application, package_set, engine):
    before = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    application.browser().register(ANN)
    number, address, password, registered, *rest = application.query("SELECT * FROM users")[0]
    assert (number, address, rest) == (1, ANN, [0, 0, None, None])
    assert before <= registered and len(registered) == len("2026-11-28 14:44:37.123456")
    # Flask-Bcrypt 1.0 returns bytes, and SQLite keeps them as they are.
    expected = {"pinned": (str, "$2a$04$"), "today": (bytes, b"$2b$04$")}[package_set.name]
    if package_set.name == "today" and engine != SQLITE:
        expected = (str, "$2b$04$")
    assert (type(password), password[:7]) == expected


def test_migrations_create_the_table_as_create_db_does(new_application):
    application = new_application()
    for words in (["init"], ["migrate"], ["upgrade"]):
        application.manage("db", *words)
    with_own_database(other := new_application())
    assert column_names(application.db, "users") == column_names(other.db, "users")
    assert len(column_names(other.db, "users")) == 8
