"""The Flask application and regctl at work on one database file."""

import email
import email.policy
import hashlib
import hmac
import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select, text

from Campaigns.database import rows as query
from Peers import flask_application
from Peers.flask_application import User, bcrypt, create_application, db
from Peers.users_table import add_users
from engines import SQLITE, only
from regctl import BINARY, KEY, ROOT

pytestmark = only(SQLITE, "about one file; Tests/Applications has a server too")

SALT = "my_precious_two"
PASSWORD = "right password"


@contextmanager
def running_application(database: Path, journal_mode: str, **settings: object) -> Iterator[Flask]:
    """The application with a new database in a journal mode."""
    settings = {"SECRET_KEY": KEY, "SECURITY_PASSWORD_SALT": SALT} | settings
    application = create_application(database, **settings)
    with application.app_context():
        db.create_all()
        db.session.execute(text(f"PRAGMA journal_mode={journal_mode}"))
    yield application
    dispose(application)


def dispose(application: Flask) -> None:
    """Makes the application close its database."""
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def unadopted_site(new_site):
    """A place where regctl knows the application's salt, key and database, and no more."""
    return new_site(security_password_salt=SALT)


@pytest.fixture(params=["delete", "wal"])
def application(request, unadopted_site):
    with running_application(unadopted_site.db, request.param) as application:
        yield application


@pytest.fixture
def site(application, unadopted_site):
    """A place where regctl has adopted the application's database."""
    unadopted_site.ok("migrate-db")
    return unadopted_site


def register(application: Flask, address: str, password: str = PASSWORD) -> str:
    """Registers an account with the application and returns the mailed link."""
    with application.test_client() as browser:
        form = {"email": address, "password": password}
        answer = browser.post("/register", data=form, follow_redirects=True)
    assert answer.text == "Please confirm your account!"
    mail = application.extensions["mails"][-1]
    assert mail["to"] == address
    return mail["confirm_url"]


def delete(application: Flask, address: str) -> int:
    """Deletes an account with the application and returns its number."""
    with application.app_context():
        user = User.query.filter_by(email=address).one()
        number = user.id
        db.session.delete(user)
        db.session.commit()
    return number


def log_in(application: Flask, address: str, password: str = PASSWORD):
    """A browser that has logged in, and the page that it then saw."""
    browser = application.test_client()
    form = {"email": address, "password": password}
    return browser, browser.post("/login", data=form, follow_redirects=True)


def mailed_links(site) -> dict[str, str]:
    """The link in each mail that regctl has delivered, by recipient."""
    links = {}
    for path in (site.maildir / "new").iterdir():
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = mail.get_body(("plain",)).get_content()
        links[mail["To"]] = re.search(r"https://app\.example\S+", body)[0]
    return links


@contextmanager
def unfinished_read(application: Flask):
    """While this lasts, the application is reading its users."""
    with application.app_context():
        users = db.session.scalars(select(User).execution_options(yield_per=1))
        next(users)
        yield
        db.session.rollback()


def definition(database: Path) -> list[tuple]:
    return query(database, "SELECT sql FROM sqlite_schema WHERE name = 'users'")


def journal_mode(database: Path) -> str:
    return query(database, "PRAGMA journal_mode")[0][0]


# Adopting the application's database.


def test_adopting_adds_what_is_regctls_and_changes_nothing_else(application, unadopted_site):
    register(application, "ann@example.org")
    site = unadopted_site
    database = site.db
    with application.app_context():
        db.session.execute(text("ALTER TABLE users ADD COLUMN password_reset_token VARCHAR"))
        db.session.execute(text("UPDATE users SET password_reset_token = 'secret'"))
        db.session.commit()
    before = definition(database), journal_mode(database), query(database, "SELECT * FROM users")
    names = query(database, "SELECT name FROM sqlite_schema")
    assert site.json("migrate-db")["result"] == "migrated"
    after = definition(database), journal_mode(database), query(database, "SELECT * FROM users")
    assert after == before
    added = set(query(database, "SELECT name FROM sqlite_schema")) - set(names)
    assert [name for (name,) in added if not name.startswith("regctl_")] == []


def test_adopting_twice_changes_nothing(application, unadopted_site):
    unadopted_site.ok("migrate-db")
    dispose(application)
    database = unadopted_site.db
    before = database.read_bytes()
    answer = unadopted_site.json("migrate-db")
    assert (answer["result"], answer["steps"]) == ("up_to_date", [])
    assert database.read_bytes() == before


def test_a_dry_run_changes_no_byte(application, unadopted_site):
    register(application, "ann@example.org")
    dispose(application)
    before = unadopted_site.db.read_bytes()
    answer = unadopted_site.json("migrate-db", "--dry-run")
    assert (answer["result"], answer["dry_run"]) == ("migrated", True)
    assert unadopted_site.db.read_bytes() == before
    assert unadopted_site.json("migrate-db")["steps"] == answer["steps"]


def test_a_dry_run_leaves_no_file_behind(application, unadopted_site):
    register(application, "ann@example.org")
    dispose(application)
    before = sorted(unadopted_site.directory.iterdir())
    unadopted_site.ok("migrate-db", "--dry-run")
    assert sorted(unadopted_site.directory.iterdir()) == before


def test_an_application_database_is_not_used_before_it_is_adopted(application, unadopted_site):
    for command in (["list-unconfirmed"], ["register", "bob@example.org", "--no-password"]):
        exit_code, error = unadopted_site.error(*command)
        assert (exit_code, error["code"]) == (74, "schema_missing")
        assert "migrate-db" in error["hint"]
    with application.app_context():
        assert User.query.count() == 0


def test_addresses_that_differ_in_case_are_reported_and_kept(application, unadopted_site):
    register(application, "ann@example.org")
    register(application, "Ann@example.org")
    site = unadopted_site
    assert site.error("migrate-db", "--unique-email")[0] == 1
    assert query(site.db, "SELECT name FROM sqlite_schema WHERE name GLOB 'reg*'") == []
    answer = site.json("migrate-db")
    assert [sorted(group.split(", ")) for group in answer["duplicates"]] == [
        ["Ann@example.org", "ann@example.org"]
    ]
    assert site.json("show", "Ann@example.org")["account"]["email"] == "Ann@example.org"
    with application.app_context():
        assert User.query.count() == 2


def test_the_list_of_regctl_is_that_of_the_application(application, site):
    for number in range(30):
        register(application, f"user{number}@example.org")
    with application.app_context():
        for user in User.query.filter(User.id % 3 == 0):
            user.confirmed = True
        db.session.commit()
    source = flask_application.__file__
    words = [sys.executable, source, "list_unconfirmed", str(site.db)]
    theirs = subprocess.run(words, capture_output=True, check=True, text=True).stdout.split()
    ours = site.json("list-unconfirmed")
    assert [account["email"] for account in ours["accounts"]] == theirs
    assert (ours["count"], len(theirs)) == (20, 20)


def test_the_administrator_of_the_application_is_one_to_regctl(unadopted_site):
    site = unadopted_site
    for command in ("create_db", "create_admin"):
        subprocess.run([sys.executable, flask_application.__file__, command, site.db], check=True)
    site.ok("migrate-db")
    admins = site.json("list-admins")
    assert [account["email"] for account in admins["accounts"]] == ["ad@min.com"]
    site.ok("check", "ad@min.com", "--password-file", "-", input="admin")


# Accounts and passwords.


def test_an_account_of_regctl_logs_in_to_the_application(application, site):
    site.ok("register", "ann@example.org", "--password-file", "-", input=PASSWORD)
    assert log_in(application, "ann@example.org")[1].text == "Please confirm your account!"
    assert log_in(application, "ann@example.org", "wrong password")[1].status_code == 403
    site.ok("confirm", "--email", "ann@example.org", "--reason", "test")
    assert log_in(application, "ann@example.org")[1].text == "The profile of ann@example.org."


def test_an_account_of_the_application_is_checked_by_regctl(application, site):
    link = register(application, "ann@example.org")
    check = ("check", "ann@example.org", "--password-file", "-")
    assert site.error(*check, input=PASSWORD)[1]["code"] == "not_confirmed"
    log_in(application, "ann@example.org")[0].get(link)
    site.ok(*check, input=PASSWORD)
    assert site.error(*check, input="wrong password")[1]["code"] == "wrong_password"


def test_the_application_reads_what_regctl_writes(application, site):
    before = time.time()
    site.ok("register", "ann@example.org", "--no-password")
    site.ok("confirm", "--email", "ann@example.org", "--reason", "test")
    site.ok("create-admin", "bob@example.org", "--password-file", "-", input=PASSWORD)
    with application.app_context():
        ann, bob = User.query.order_by(User.id).all()
        assert (ann.email, ann.admin, ann.confirmed) == ("ann@example.org", False, True)
        assert not bcrypt.check_password_hash(ann.password, PASSWORD)
        assert (bob.email, bob.admin, bob.confirmed) == ("bob@example.org", True, True)
        for moment in (ann.registered_on, ann.confirmed_on, bob.registered_on, bob.confirmed_on):
            utc = moment.replace(tzinfo=flask_application.datetime.UTC).timestamp()
            assert before - 1 < utc < time.time() + 1
    shapes = query(site.db, "SELECT typeof(registered_on), length(registered_on), admin FROM users")
    assert shapes == [("text", 26, 0), ("text", 26, 1)]


def test_an_address_that_the_application_registered_is_taken(application, site):
    register(application, "ann@example.org")
    exit_code, error = site.error("register", "ANN@example.org", "--no-password")
    assert (exit_code, error["code"]) == (1, "already_registered_unconfirmed")
    assert log_in(application, "ann@example.org")[1].text == "Please confirm your account!"


# Tokens, both ways.


def test_the_application_confirms_by_the_link_that_regctl_mails(application, site):
    site.ok("register", "ann@example.org", "--password-file", "-", input=PASSWORD)
    site.ok("deliver")
    browser, _ = log_in(application, "ann@example.org")
    path = mailed_links(site)["ann@example.org"].removeprefix("https://app.example")
    assert browser.get(path).text == "You have confirmed your account. Thanks!"
    assert browser.get(path).text == "Account already confirmed. Please login."
    site.ok("check", "ann@example.org")
    assert site.json("confirm", path)["results"][0]["result"] == "already_confirmed"


def test_regctl_confirms_by_the_link_that_the_application_mails(application, site):
    link = register(application, "ann@example.org")
    assert site.json("confirm", link)["results"][0]["result"] == "confirmed"
    browser, page = log_in(application, "ann@example.org")
    assert page.text == "The profile of ann@example.org."
    assert browser.get(link).text == "Account already confirmed. Please login."


def test_a_resent_link_of_either_confirms_at_the_other(application, site):
    first = register(application, "ann@example.org")
    site.ok("resend", "ann@example.org")
    site.ok("deliver")
    answers = [
        site.json("inspect-token", link)["verdict"]
        for link in (first, mailed_links(site)["ann@example.org"])
    ]
    assert answers == ["valid", "valid"]
    browser, _ = log_in(application, "ann@example.org")
    browser.get("/resend")
    site.ok("confirm", application.extensions["mails"][-1]["confirm_url"])


def test_the_application_refuses_a_reset_token_as_a_confirmation(application, site):
    register(application, "ann@example.org")
    token = site.ok("issue-token", "ann@example.org", "--purpose", "reset").strip()
    browser, _ = log_in(application, "ann@example.org")
    assert browser.get(f"/confirm/{token}").status_code == 400


def test_a_new_password_by_a_reset_token_logs_in_to_the_application(application, site):
    link = register(application, "ann@example.org")
    site.ok("confirm", link)
    token = site.ok("issue-token", "ann@example.org", "--purpose", "reset").strip()
    words = ("reset-password", "--token", token, "--password-file", "-")
    site.ok(*words, input="another password")
    assert log_in(application, "ann@example.org")[1].status_code == 403
    page = log_in(application, "ann@example.org", "another password")[1]
    assert page.text == "The profile of ann@example.org."
    assert site.error(*words, input=PASSWORD)[1]["code"] == "token_revoked"


def code_of_the_manual() -> dict:
    """What regctl-reset-password(1) shows an application, ready to be called."""
    page = (ROOT / "man" / "regctl-reset-password.1").read_text()
    text = re.search(r"^\.Bd -literal\n(def .*?)^\.Ed$", page, re.M | re.S)[1]
    known = {"URLSafeTimedSerializer": URLSafeTimedSerializer, "BadData": BadData}
    names = known | {"hashlib": hashlib, "hmac": hmac}
    exec(text, names)
    return names


def test_an_application_that_follows_the_manual_replaces_a_password_once(application, site):
    for name in ("ann", "bob"):
        register(application, f"{name}@example.org")
    site.ok("register", "carol@example.org", "--no-password")

    def stored_hash(address: str) -> bytes:
        with application.app_context():
            user = User.query.filter_by(email=address).first()
            stored = user.password if user else b""
            return stored if isinstance(stored, bytes) else stored.encode()

    def allowed(token: str, **options: int) -> str | None:
        return code_of_the_manual()["account_of"](token, stored_hash, KEY, **options)

    def issue(address: str, purpose: str = "reset") -> str:
        return site.ok("issue-token", address, "--purpose", purpose).strip()

    for name in ("ann", "bob", "carol"):
        assert allowed(issue(f"{name}@example.org")) == f"{name}@example.org"
    token = issue("ann@example.org")
    assert allowed(issue("ann@example.org", "confirm")) is None
    assert allowed(token[:-1]) is None
    assert allowed(token, max_age=-1) is None
    with application.app_context():
        user = User.query.filter_by(email="ann@example.org").one()
        user.password = bcrypt.generate_password_hash("another password")
        db.session.commit()
    assert allowed(token) is None
    words = ("reset-password", "--token", token, "--password-file", "-")
    assert site.error(*words, input=PASSWORD)[1]["code"] == "token_revoked"


# At the same time.


def test_regctl_writes_while_the_application_reads(unadopted_site):
    site = unadopted_site
    with running_application(site.db, "wal") as application:
        add_users(site.db, [f"user{number}@example.org" for number in range(100)])
        link = register(application, "ann@example.org")
        with unfinished_read(application):
            site.ok("migrate-db")
            site.ok("register", "bob@example.org", "--password-file", "-", input=PASSWORD)
            site.ok("deliver")
            assert site.json("confirm", link)["results"][0]["result"] == "confirmed"
        browser, _ = log_in(application, "bob@example.org")
        path = mailed_links(site)["bob@example.org"].removeprefix("https://app.example")
        assert browser.get(path).text == "You have confirmed your account. Thanks!"


def test_without_a_wal_regctl_waits_for_a_reader_and_says_so(unadopted_site):
    site = unadopted_site
    with running_application(site.db, "delete") as application:
        add_users(site.db, [f"user{number}@example.org" for number in range(100)])
        site.ok("migrate-db")
        command = ("register", "bob@example.org", "--no-password")
        with unfinished_read(application):
            exit_code, error = site.error(*command, "--busy-timeout", "0s")
            assert (exit_code, error["code"]) == (75, "db_busy")
            assert site.json("list-unconfirmed")["count"] == 100
        site.ok(*command)


def test_the_application_writes_while_regctl_reads(application, site):
    add_users(site.db, [f"user{number}@example.org" for number in range(30_000)])
    words = [BINARY, "list-unconfirmed", "--format", "tsv", "--no-header", "--fields", "email"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, env=site.environment, text=True
    ) as listing:
        first = listing.stdout.readline()
        # The pipe is full, so regctl is in the middle of its list, and stays there.
        assert listing.poll() is None
        register(application, "ann@example.org")
        rest = listing.stdout.readlines()
    assert listing.returncode == 0
    emails = [line.strip() for line in [first, *rest]]
    assert len(emails) == len(set(emails)) == 30_001
    assert emails[-1] == "ann@example.org"


def test_neither_finds_the_database_locked_while_both_write(application, site):
    problems = []
    registered = []
    has_started, may_stop = Event(), Event()

    def keep_registering() -> None:
        try:
            while not may_stop.is_set():
                register(application, f"app{len(registered)}@example.org")
                registered.append(len(registered))
                has_started.set()
        except Exception as problem:
            problems.append(problem)
            has_started.set()

    writer = Thread(target=keep_registering)
    writer.start()
    has_started.wait()
    results = [
        site.run("register", f"regctl{number}@example.org", "--password-file", "-", input=PASSWORD)
        for number in range(50)
    ]
    may_stop.set()
    writer.join()
    assert [result for result in results if result.returncode != 0] == []
    assert problems == []
    assert site.json("list-unconfirmed")["count"] == 50 + len(registered)
    with application.app_context():
        assert User.query.count() == 50 + len(registered)
    assert query(site.db, "SELECT count(*) FROM regctl_outbox") == [(50,)]
    assert query(site.db, "PRAGMA integrity_check") == [("ok",)]


# Secrets.


@pytest.mark.parametrize(
    "command",
    [["issue-token", "ann@example.org"], ["inspect-token", "x"], ["confirm", "x"], ["deliver"]],
)
@pytest.mark.parametrize("secret", ["my_precious", "my_precious_two", "fifteen bytes.."])
def test_a_weak_secret_is_refused(new_site, command, secret):
    site = new_site(security_password_salt=SALT)
    site.key_file.write_text(secret)
    site.ok("create-db")
    add_users(site.db, ["ann@example.org"])
    site.run("resend", "ann@example.org")
    exit_code, error = site.error(*command)
    assert (exit_code, error["code"]) == (78, "weak_secret")
    assert secret not in json.dumps(error)


def test_the_secret_of_the_tutorial_works_when_it_is_allowed(new_site):
    site = new_site(security_password_salt=SALT, allow_weak_secret="yes")
    site.key_file.write_text("my_precious\n")
    with running_application(site.db, "delete", SECRET_KEY="my_precious") as application:
        site.ok("migrate-db")
        site.ok("confirm", register(application, "ann@example.org"))
        register(application, "bob@example.org")
        token = site.ok("issue-token", "bob@example.org").strip()
        browser, _ = log_in(application, "bob@example.org")
        assert browser.get(f"/confirm/{token}").text == "You have confirmed your account. Thanks!"


# Accounts that the application deletes.


def test_the_mail_of_an_account_that_the_application_deletes_is_not_sent(application, site):
    site.ok("register", "ann@example.org", "--no-password")
    number = delete(application, "ann@example.org")
    mails = site.json("list-outbox")["mails"]
    assert [mail["state"] for mail in mails] == ["cancelled"]
    assert query(site.db, "SELECT * FROM regctl_accounts") == []
    register(application, "eve@example.org")
    assert query(site.db, "SELECT id FROM users") == [(number,)]
    site.ok("deliver")
    assert not list(site.maildir.glob("*/*"))


def test_an_abandoned_mail_is_not_sent_to_the_next_account(application, site):
    site.ok("register", "ann@example.org", "--no-password")
    query(site.db, "UPDATE regctl_outbox SET state = 'sending', attempts = 1")
    delete(application, "ann@example.org")
    register(application, "eve@example.org")
    site.ok("deliver")
    assert not list(site.maildir.glob("*/*"))


def test_a_link_of_a_deleted_account_does_not_confirm_the_next_one(application, site):
    site.ok("register", "ann@example.org", "--no-password")
    site.ok("deliver")
    link = mailed_links(site)["ann@example.org"]
    delete(application, "ann@example.org")
    exit_code, error = site.error("confirm", link)
    assert (exit_code, error["code"]) == (67, "not_found")
    register(application, "eve@example.org")
    assert site.error("confirm", link)[1]["code"] == "not_found"
    assert site.error("check", "eve@example.org")[1]["code"] == "not_confirmed"


def test_an_account_with_the_number_of_a_deleted_one_has_none_of_its_mails(application, site):
    site.ok("register", "ann@example.org", "--no-password")
    site.ok("deliver")
    number = delete(application, "ann@example.org")
    register(application, "eve@example.org")
    account = site.json("list-unconfirmed", "--fields", "id,email,mails,last_mail_state")
    assert [(row["id"], row["email"], row["mails"]) for row in account["accounts"]] == [
        (number, "eve@example.org", 0)
    ]
    assert site.json("list-outbox", "--email", "eve@example.org")["mails"] == []


def test_an_account_with_the_number_of_a_deleted_one_has_none_of_its_history(application, site):
    site.ok("register", "ann@example.org", "--no-password")
    site.ok("deliver")
    delete(application, "ann@example.org")
    register(application, "eve@example.org")
    answer = site.json("show", "eve@example.org")
    assert [event["event"] for event in answer["timeline"]] == ["registered"]
    assert "ann@example.org" not in json.dumps(answer)


def test_an_account_with_the_number_of_a_deleted_one_may_have_a_mail_at_once(application, site):
    site.ok("register", "ann@example.org", "--no-password")
    site.ok("deliver")
    delete(application, "ann@example.org")
    register(application, "eve@example.org")
    assert site.json("resend", "eve@example.org")["results"][0]["result"] == "queued"


def test_a_revocation_is_deleted_with_its_account(application, site):
    site.ok("register", "ann@example.org", "--no-password")
    site.ok("confirm", "--email", "ann@example.org", "--reason", "test")
    site.ok("unconfirm", "ann@example.org", "--reason", "test")
    delete(application, "ann@example.org")
    link = register(application, "ann@example.org")
    assert site.json("inspect-token", link)["verdict"] == "valid"


def test_a_mail_is_not_sent_when_the_application_confirms_first(application, site):
    link = register(application, "ann@example.org")
    site.ok("resend", "ann@example.org")
    log_in(application, "ann@example.org")[0].get(link)
    site.ok("deliver")
    assert [mail["state"] for mail in site.json("list-outbox")["mails"]] == ["cancelled"]
    assert not list(site.maildir.glob("*/*"))


def test_the_application_works_after_regctl_is_removed(application, site):
    register(application, "ann@example.org")
    connection = sqlite3.connect(site.db)
    for kind, name in connection.execute(
        "SELECT type, name FROM sqlite_schema WHERE name GLOB 'regctl_*' AND type <> 'index'"
    ).fetchall():
        connection.execute(f"DROP {kind} {name}")
    connection.close()
    delete(application, "ann@example.org")
    register(application, "bob@example.org")


def test_a_further_column_that_must_have_a_value_is_a_clear_refusal(new_site):
    site = new_site()
    with sqlite3.connect(site.db) as connection:
        connection.execute(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR NOT NULL UNIQUE, password"
            " VARCHAR NOT NULL, registered_on DATETIME NOT NULL, admin BOOLEAN NOT NULL, confirmed"
            " BOOLEAN NOT NULL, confirmed_on DATETIME, nickname VARCHAR NOT NULL)"
        )
    connection.close()
    site.ok("migrate-db")
    code, error = site.error("register", "ann@example.org", "--no-password")
    assert (code, error["code"]) == (74, "schema_missing")
    assert "users.nickname" in error["message"]
    assert site.json("list-outbox")["mails"] == []
