"""Links: their epoch, salt and key, and the revocation of old ones."""

import base64
import secrets
import time

import pytest

from Applications.adoption import adopt, with_own_database
from Applications.driver import Application
from Applications.marks import only_pinned, only_today
from engines import SQLITE, on_both_engines
from regctl import KEY

pytestmark = on_both_engines

ANN = "ann@example.org"
EPOCH_OF_2011 = 1293840000


def timestamp(link: str) -> int:
    """The seconds in a token, from any epoch."""
    word = link.rsplit("/", 1)[1].rsplit(".", 2)[1]
    return int.from_bytes(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)), "big")


# The epoch.


@only_pinned
def test_a_link_of_the_other_epoch_is_answered_by_the_setting(application, site, mails):
    application.browser().register(ANN)
    _, error = site.error("confirm", mails.link(ANN))
    assert "token_epoch = 2011" in f"{error['message']} {error['hint']}"
    assert "days ago" not in error["message"]


@only_pinned
def test_a_link_of_the_pinned_application_confirms_at_regctl(application, mails):
    application.browser().register(ANN)
    site = adopt(application, token_epoch="2011")
    site.ok("confirm", mails.link(ANN))
    assert application.log_in(ANN).profile().path == "/profile"


@only_pinned
def test_a_link_of_regctl_ages_in_the_pinned_application(application, mails):
    application.browser().register(ANN)
    site = adopt(application, token_epoch="2011")
    site.ok("resend", ANN)
    site.ok("deliver")
    assert abs(timestamp(mails.link(ANN)) + EPOCH_OF_2011 - time.time()) < 60
    assert application.log_in(ANN).get(mails.link(ANN)).messages == ["confirmed"]


# The salt and the key.


@pytest.fixture
def production(new_application) -> Application:
    """The application with the settings of a production file: its salt is its key."""
    application = new_application(APP_SALT=KEY)
    with_own_database(application)
    application.start()
    return application


@only_today
def test_the_salt_may_be_the_file_of_the_key(production, mails):
    production.browser().register(ANN)
    key_file = production.directory / "secret.key"
    files = {"security_password_salt": None, "security_password_salt_file": key_file}
    site = adopt(production, allow_weak_secret="yes", **files)
    site.ok("confirm", mails.link(ANN))


@only_today
def test_a_link_of_regctl_with_the_key_as_salt_confirms_in_the_application(production, mails):
    production.browser().register(ANN)
    key_file = production.directory / "secret.key"
    files = {"security_password_salt": None, "security_password_salt_file": key_file}
    site = adopt(production, allow_weak_secret="yes", **files)
    # After a change of the key, the application knows only the newest, as key and as salt.
    key_file.write_text(f"{secrets.token_hex(16)}\n{KEY}\n")
    site.ok("resend", ANN)
    site.ok("deliver")
    assert production.log_in(ANN).get(mails.link(ANN)).messages == ["confirmed"]
    assert KEY not in site.ok("config") + site.ok("config", "--json")


def test_a_salt_that_is_the_key_is_not_printed(production):
    site = adopt(production, security_password_salt=KEY, allow_weak_secret="yes")
    assert KEY not in site.ok("config") + site.ok("config", "--json")


def test_a_salt_that_is_the_key_is_refused_unless_allowed(production, mails):
    production.browser().register(ANN)
    site = adopt(production, security_password_salt=KEY)
    exit_code, error = site.error("confirm", mails.link(ANN))
    assert (exit_code, error["code"]) == (78, "weak_secret")
    assert KEY not in error["message"] + error["hint"]


@only_today
@pytest.mark.parametrize("secret, salt", [("my_precious", None), (KEY, KEY)])
def test_the_hint_about_a_weak_secret_helps_when_followed(new_application, mails, secret, salt):
    application = new_application(APP_SECRET_KEY=secret, **({"APP_SALT": salt} if salt else {}))
    with_own_database(application)
    application.start()
    application.browser().register(ANN)
    site = adopt(application, **({"security_password_salt": salt} if salt else {}))
    site.key_file.write_text(secret + "\n")
    _, error = site.error("confirm", mails.link(ANN))
    if "random key" in error["hint"]:
        site.key_file.write_text(f"{secret}\n{secrets.token_hex(16)}\n")
        site.ok("confirm", mails.link(ANN))
    else:
        assert "allow_weak_secret = yes" in error["hint"]
        site.ok("confirm", mails.link(ANN), environment={"REGCTL_ALLOW_WEAK_SECRET": "yes"})


@only_today
def test_a_weak_secret_works_once_it_is_allowed(new_application, mails):
    application = new_application(APP_SECRET_KEY="my_precious")
    with_own_database(application)
    application.start()
    application.browser().register(ANN)
    site = adopt(application, allow_weak_secret="yes")
    site.key_file.write_text("my_precious\n")
    site.ok("confirm", mails.link(ANN))


# Links that must be void.


def test_a_link_is_void_when_the_application_registers_the_account_again(
    application, site, mails
):
    site.ok("register", ANN, "--no-password")
    site.ok("deliver")
    link = mails.link(ANN)
    # Tokens count seconds: in the same one the link could be the new account's.
    time.sleep(1.1)
    site.ok("delete", ANN, "--reason", "test", "--yes")
    application.browser().register(ANN)
    _, error = site.error("confirm", link)
    assert error["code"] in {"token_predates_account", "token_revoked"}


# Resets, which the application does by a confirmation token and a column.


@pytest.fixture
def resetting(application):
    """regctl, which mails the application's own links for a new password."""
    epoch = {"token_epoch": "2011"} if application.package_set.name == "pinned" else {}
    return adopt(application, reset_link="application", **epoch)


def test_the_reset_link_of_regctl_is_followed_in_the_application(application, resetting, mails):
    site = resetting
    application.browser().register(ANN)
    site.ok("reset-password", ANN)
    site.ok("deliver")
    page = application.browser().forgot_new(mails.link(ANN), "another password")
    assert (page.status, page.messages[:1]) == (200, ["password changed"])
    assert application.log_in(ANN, "another password")


def set_password(site, mails: object) -> None:
    site.ok("set-password", ANN, "--password-file", "-", input="operators password")


def reset_password(site, mails: object) -> None:
    token = site.ok("issue-token", ANN, "--purpose", "reset").strip()
    words = ("reset-password", "--token", token, "--password-file", "-")
    site.ok(*words, input="operators password")


@pytest.mark.parametrize("replace", [set_password, reset_password])
def test_a_password_that_regctl_sets_voids_the_pending_link(application, site, mails, replace):
    application.browser().register(ANN)
    application.browser().forgot(ANN)
    replace(site, mails)
    page = application.browser().forgot_new(mails.link(ANN), "another password")
    assert page.messages == ["no reset was asked for"]


def test_the_reset_link_of_regctl_is_followed_once(application, resetting, mails):
    application.browser().register(ANN)
    resetting.ok("reset-password", ANN)
    resetting.ok("deliver")
    assert application.browser().forgot_new(mails.link(ANN), "another password").status == 200
    page = application.browser().forgot_new(mails.link(ANN), "a third password")
    assert page.messages == ["no reset was asked for"]
    exit_code, error = use(resetting, mails.link(ANN), "a third password")
    assert (exit_code, error["code"]) == (1, "token_revoked")


@pytest.mark.parametrize("replace", [set_password, reset_password])
def test_a_new_password_voids_the_reset_link_of_regctl(application, resetting, mails, replace):
    application.browser().register(ANN)
    resetting.ok("reset-password", ANN)
    resetting.ok("deliver")
    link = mails.link(ANN)
    replace(resetting, mails)
    page = application.browser().forgot_new(link, "another password")
    assert page.messages == ["no reset was asked for"]
    exit_code, error = use(resetting, link, "another password")
    assert (exit_code, error["code"]) == (1, "token_revoked")


def use(site, link: str, password: str) -> tuple[int, dict]:
    """Uses a link for a new password, which regctl must refuse."""
    return site.error(
        "reset-password", "--token", link, "--password-file", "-", input=password
    )


def test_regctl_takes_the_reset_link_of_the_application(application, resetting, mails):
    application.browser().register(ANN)
    application.browser().forgot(ANN)
    link = mails.link(ANN)
    assert resetting.json("inspect-token", link)["resets_password"] is True
    words = ("reset-password", "--token", link, "--password-file", "-")
    resetting.ok(*words, input="another password")
    if application.package_set.name == "today":  # The pinned one cannot read $2b$ hashes.
        assert application.log_in(ANN, "another password")
    assert application.query("SELECT password_reset_token FROM users") == [(None,)]
    assert resetting.json("show", ANN)["account"]["confirmed"] is False


def test_a_confirmation_link_sets_no_password_unless_a_reset_is_pending(
    application, resetting, mails
):
    application.browser().register(ANN)
    exit_code, error = use(resetting, mails.link(ANN), "another password")
    assert (exit_code, error["code"]) == (1, "token_revoked")
    assert resetting.json("inspect-token", mails.link(ANN))["resets_password"] is False
    assert application.log_in(ANN)


def test_a_reset_link_of_the_application_still_confirms(application, resetting, mails):
    application.browser().register(ANN)
    resetting.ok("reset-password", ANN)
    resetting.ok("deliver")
    resetting.ok("confirm", mails.link(ANN))
    assert application.log_in(ANN).profile().path == "/profile"


def test_a_reset_token_that_is_printed_is_followed_in_the_application(application, resetting):
    application.browser().register(ANN)
    link = resetting.ok("issue-token", ANN, "--purpose", "reset", "--url").strip()
    page = application.browser().forgot_new(link, "another password")
    assert (page.status, page.messages[:1]) == (200, ["password changed"])


@only_today
def test_the_reset_links_of_the_application_need_its_column(application, resetting, mails):
    application.browser().register(ANN)
    resetting.ok("resend", ANN)
    application.query("ALTER TABLE users DROP COLUMN password_reset_token")
    for words in [
        ("reset-password", ANN), ("issue-token", ANN, "--purpose", "reset"), ("deliver",),
    ]:
        exit_code, error = resetting.error(*words)
        assert (exit_code, error["code"]) == (78, "config_error")
        assert "password_reset_token" in error["message"]


def test_a_reset_of_regctl_does_not_confirm_in_the_application(application, site, engine):
    browser = application.browser()
    browser.register(ANN)
    token = site.ok("issue-token", ANN, "--purpose", "reset").strip()
    assert browser.get(f"/confirm/{token}").messages == ["link invalid or expired"]
    # The original looks for the address `False`, which a server does not compare with text.
    status = 404 if engine == SQLITE else 500
    assert application.browser().get(f"/forgot/new/{token}").status == status
