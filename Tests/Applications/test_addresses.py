"""Addresses: domains that either side takes, and an address that was changed."""

import json

import pytest

from Applications.adoption import adopt
from Applications.driver import PASSWORD
from Applications.marks import only_pinned, only_today
from engines import on_both_engines

pytestmark = on_both_engines

ANN, NEW = "ann@example.org", "new@example.org"
UNICODE, ASCII = "ann@bücher.example.org", "ann@xn--bcher-kva.example.org"


def test_an_international_domain_is_found_in_either_spelling(application, site):
    application.browser().register(UNICODE)
    assert site.json("show", UNICODE)["account"]["email"] == UNICODE
    assert site.json("show", ASCII)["account"]["email"] == UNICODE
    assert site.error("register", ASCII, "--no-password")[1]["code"] == (
        "already_registered_unconfirmed"
    )


@pytest.mark.parametrize("stored", ["ann@BÜCHER.example.org", "Ann@Übel.example.org"])
def test_a_domain_with_capitals_is_found_in_small_letters(application, site, stored):
    application.browser().register(stored)
    local, domain = stored.lower().split("@")
    for typed in (stored, stored.lower(), f"{local}@{domain.encode('idna').decode()}"):
        assert site.json("show", typed)["account"]["email"] == stored
    assert site.error("register", stored.lower(), "--no-password")[1]["code"] == (
        "already_registered_unconfirmed"
    )


@pytest.mark.parametrize(("stored", "typed"), [(UNICODE, ASCII), (ASCII, UNICODE)])
def test_a_link_names_the_address_as_the_application_stored_it(application, stored, typed):
    is_pinned = application.package_set.name == "pinned"
    site = adopt(application, **({"token_epoch": "2011"} if is_pinned else {}))
    browser = application.browser()
    browser.register(stored)
    token = site.ok("issue-token", typed).strip()
    assert site.json("inspect-token", token)["email"] == stored
    assert browser.get(f"/confirm/{token}").messages == ["confirmed"]
    assert site.json("show", typed)["account"]["confirmed"] is True
    site.ok("unconfirm", typed, "--reason", "test")
    assert browser.profile().path == "/unconfirmed"


def test_doctor_names_the_accounts_that_the_application_keeps_apart(application, site):
    for address in (UNICODE, ASCII, ANN):
        application.browser().register(address)
    assert [site.json("show", address)["account"]["id"] for address in (UNICODE, ASCII)] == [1, 2]
    checks = json.loads(site.run("doctor", "--json").stdout)["checks"]
    found = next(check for check in checks if check["check"] == "addresses")
    assert found["result"] == "failed" and f"{UNICODE}, {ASCII}" in found["detail"]


def test_an_international_domain_is_registered_as_the_application_does(application, site, mails):
    assert application.browser().register(UNICODE.replace("ann", "bob")).path == "/unconfirmed"
    site.ok("register", UNICODE, "--password-file", "-", input=PASSWORD)
    site.ok("deliver")
    assert mails.received[-1].to == ASCII
    assert site.json("show", ASCII)["account"]["email"] == UNICODE
    site.ok("confirm", mails.link(ASCII))
    assert application.log_in(UNICODE).profile().path == "/profile"


@only_pinned
def test_an_account_with_an_underscore_in_its_domain_is_administered(application, site, mails):
    # The pattern of WTForms 2.0 takes it; that of today does not, and neither does regctl unless
    # a setting says so.
    address = "ann@my_host.example.org"
    browser = application.browser()
    assert browser.register(address).account == address
    assert site.json("show", address)["account"]["confirmed"] is False
    site.ok("confirm", "--email", address, "--reason", "test")
    assert browser.profile().path == "/profile"
    site.ok("reset-password", address)
    site.ok("deliver")
    assert mails.received[-1].to == address
    code, error = site.error("register", "bob@my_host.example.org", "--no-password")
    assert (code, error["code"]) == (65, "invalid_email")
    assert "allow_underscore_domains = yes" in error["hint"]


@only_pinned
def test_regctl_registers_an_underscore_in_a_domain_where_the_application_does(application, mails):
    site = adopt(application, allow_underscore_domains="yes", bcrypt_prefix="2a")
    address = "bob@my_host.example.org"
    site.ok("register", address, "--password-file", "-", input=PASSWORD)
    site.ok("deliver")
    site.ok("confirm", mails.link(address))
    assert application.log_in(address).profile().path == "/profile"


@only_today
def test_an_underscore_in_a_domain_is_refused_where_the_application_refuses_it(application, site):
    browser = application.browser()
    assert browser.register("ann@my_host.example.org").path == "/register"
    assert site.error("register", "ann@my_host.example.org", "--no-password")[0] == 65


def test_a_changed_address_is_mailed_in_the_same_second(application, mails):
    site = adopt(application, change_email_url="https://app.example/change/{token}")
    application.browser().register(ANN)
    address = ANN
    # Most of these lie within one second.
    for number in range(5):
        before = len(mails.received)
        site.ok("change-email", address, address := f"new{number}@example.org")
        site.ok("deliver")
        assert [mail.to for mail in mails.received[before:]] == [address]
    site.ok("confirm", mails.link(address))
    site.ok("change-email", address, NEW)
    before = len(mails.received)
    site.ok("deliver")
    assert sorted(mail.to for mail in mails.received[before:]) == sorted([address, NEW])
    assert {mail["state"] for mail in site.json("list-outbox")["mails"]} == {"sent"}
    site.ok("confirm", mails.link(NEW))


def acts(site, address):
    """The acts that the audit lists for an address, with the address that each names."""
    entries = site.json("audit", "--email", address)["entries"]
    return [(entry["act"], entry["email"]) for entry in entries]


def test_the_history_of_a_former_address_is_found(application, site):
    application.browser().register(ANN)
    site.ok("change-email", ANN, NEW)
    assert acts(site, ANN) == acts(site, NEW) == [("change-email", ANN)]


def test_the_history_of_a_former_address_is_found_after_the_account_is_gone(application, site):
    for address in (ANN, "bob@example.org", "carol@example.org"):
        application.browser().register(address)
    site.ok("change-email", ANN, NEW)
    site.ok("change-email", "bob@example.org", "bob@new.example.org")
    site.ok("delete", NEW, "--reason", "asked for it", "--yes")
    deleted = [("change-email", ANN), ("delete", NEW)]
    assert acts(site, ANN) == acts(site, NEW) == deleted
    site.ok("deliver")
    site.ok("confirm", "--email", "carol@example.org", "--reason", "called")
    application.query("UPDATE users SET registered_on = '2026-01-01 12:00:00.000000'")
    application.query("UPDATE regctl_outbox SET finished_at = finished_at - 8640000")
    application.query("UPDATE regctl_audit SET at = at - 8640000")
    site.ok("prune", "--yes", "--max", "1")
    pruned = [("change-email", "bob@example.org"), ("prune", "bob@new.example.org")]
    assert acts(site, "bob@example.org") == acts(site, "bob@new.example.org") == pruned
    site.ok("unprune", "1", "--yes")
    restored = acts(site, "bob@new.example.org")
    assert [act for act, _ in restored] == ["change-email", "prune", "unprune"]
    assert acts(site, "bob@example.org") == restored


def test_the_histories_of_two_holders_of_an_address_are_not_mixed(application, site):
    application.browser().register(ANN)
    site.ok("change-email", ANN, NEW)
    application.browser().register(ANN)
    site.ok("confirm", "--email", ANN, "--reason", "called")
    assert acts(site, ANN) == [("confirm-by-operator", ANN)]
    assert acts(site, NEW) == [("change-email", ANN)]


def test_a_changed_address_logs_in_and_the_former_does_not(application, site):
    application.browser().register(ANN)
    site.ok("change-email", ANN, NEW)
    assert application.log_in(NEW).profile().path == "/unconfirmed"
    assert application.browser().login(ANN).messages == ["wrong address or password"]


def test_a_changed_address_voids_the_pending_reset(application, site, mails):
    application.browser().register(ANN)
    application.browser().forgot(ANN)
    site.ok("change-email", ANN, NEW)
    assert application.query("SELECT password_reset_token FROM users") == [(None,)]
