"""P2: the time zone in which an account's date is read."""

import contextlib
import json
import os
import time
from collections.abc import Iterator

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from Campaigns.database import connected, create_application_table, rows
from Campaigns.prune.accounts import (
    ALL,
    FORTNIGHT,
    PASSWORD,
    SALT,
    decisions,
    emails_in,
    lines,
    populate,
    prune,
    results,
    text_of,
    write_mail,
)
from Peers import flask_application
from engines import SQLITE, on_both_engines, only
from regctl import KEY, Site

pytestmark = on_both_engines


def other_zone(site: Site, zone: str | None) -> Site:
    """The same site where the operator says something else of the application, or nothing."""
    site.settings.pop("db_timezone", None)
    if zone:
        site.settings["db_timezone"] = zone
    site.write_config()
    return site


def adopting(new_site) -> Site:
    """A site that adopted an application's database, whose zone is not set."""
    site = other_zone(new_site(), None)
    create_application_table(site.db)
    site.ok("migrate-db")
    return site


def local_text(moment: float, hours: float) -> str:
    """A local time of clocks that are some hours ahead of UTC."""
    return text_of(moment + hours * 3600)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("UTC", 0), ("Asia/Tokyo", 9), ("Pacific/Kiritimati", 14), ("Asia/Kathmandu", 5.75),
     ("America/Phoenix", -7), ("Etc/GMT+12", -12)],
)  # fmt: skip
def test_an_account_of_the_application_is_as_old_as_its_zone_says(site, zone, hours):
    """Accounts an hour apart, from forty hours before the cutoff to forty behind."""
    other_zone(site, zone)
    middle = time.time() - FORTNIGHT
    dates = {
        f"hour{number}@example.org": local_text(middle + number * 3600 + 60, hours)
        for number in range(-40, 41)
    }
    populate(site.db, list(dates), list(dates.values()))
    expected = {f"hour{number}@example.org": ("prune", None) for number in range(-40, 0)}
    result = site.run("prune", "--dry-run", "--json", *ALL)
    assert result.stderr == b""
    assert results(json.loads(result.stdout)) == expected
    assert results(prune(site)) == {email: ("pruned", None) for email in expected}


def test_where_the_zone_is_unknown_fourteen_hours_are_granted_and_that_is_said(new_site):
    site = adopting(new_site)
    middle = time.time() - FORTNIGHT
    dates = {
        f"hour{number}@example.org": text_of(middle + number * 3600 + 60)
        for number in range(-40, 41)
    }
    populate(site.db, list(dates), list(dates.values()))
    site.ok("register", "ours@example.org", "--no-password")
    expected = [f"hour{number}@example.org" for number in range(-40, -14)]
    hint = "hint: set db_timezone to its time zone, such as Europe/Berlin\n"
    said = f"regctl: warning: prune: 40 accounts of the application are given 14 more hours\n{hint}"
    path = site.directory / "plan"
    for words in (["--dry-run"], ["--plan", path], ["--yes", *ALL]):
        result = site.run("prune", *words)
        assert result.returncode == 0
        assert result.stderr.decode() == said, words
    assert [each["email"] for each in lines(path)[1:]] == expected
    assert emails_in(site.db, "regctl_archive") == sorted(expected)
    said = f"regctl: warning: prune: 14 accounts of the application are given 14 more hours\n{hint}"
    assert site.run("prune", "--yes").stderr.decode() == said
    for words in (["--dry-run"], ["--yes"], ["--plan", site.directory / "other"]):
        assert site.run("prune", *words, "--quiet").stderr == b""


def test_what_regctl_registered_needs_no_zone(new_site):
    site = adopting(new_site)
    second = int(time.time()) - FORTNIGHT - 60
    populate(site.db, ["ours@example.org"], text_of(second))
    rows(site.db, "INSERT INTO regctl_accounts SELECT id, ?, NULL FROM users", second)
    result = site.run("prune", "--dry-run", "--json", *ALL)
    assert result.stderr == b""
    assert results(json.loads(result.stdout)) == {"ours@example.org": ("prune", None)}


@contextlib.contextmanager
def clocks_in(zone: str) -> Iterator[None]:
    """While this lasts, this process shows the time of a zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


@only(SQLITE, "on a server, Tests/Applications/test_times.py has it")
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin"])
def test_what_the_application_itself_writes_is_understood(new_site, zone):
    """With a known zone: an earlier link, and an age of an hour."""
    site = other_zone(new_site(security_password_salt=SALT), zone)
    with clocks_in(zone):
        application = flask_application.create_application(
            site.db, SECRET_KEY=KEY, SECURITY_PASSWORD_SALT=SALT
        )
        with application.app_context():
            flask_application.db.create_all()
        site.db.chmod(0o600)
        site.ok("migrate-db")
        form = {"email": "ann@example.org", "password": PASSWORD}
        begin = int(time.time())
        application.test_client().post("/register", data=form)
        with application.app_context():
            flask_application.db.engine.dispose()

    def verdict(second: int) -> str:
        signer = salted(second)
        result = site.run("inspect-token", signer.dumps("ann@example.org"), "--json")
        return json.loads(result.stdout)["verdict"]

    assert [verdict(begin - 1), verdict(int(time.time()))] == ["token_predates_account", "valid"]
    other_zone(site, None)
    assert verdict(begin - 1) == "valid"
    with connected(site.db) as connection:
        connection.execute(
            "UPDATE users SET registered_on = strftime('%Y-%m-%d %H:%M:%f', registered_on, '-2 hours')"
        )
        write_mail(connection, 1)
    ages = {
        age: decisions(other_zone(site, zone), "--older-than", age) for age in ("119m", "125m")
    }
    assert ages == {"119m": {"ann@example.org": ("prune", None)}, "125m": {}}


def salted(second: int) -> URLSafeTimedSerializer:
    """What the application signs with, at a second."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return second

    return URLSafeTimedSerializer(KEY, salt=SALT, signer=Signer)
