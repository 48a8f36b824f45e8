"""Dates, which the application writes in its local time and without a zone."""

import datetime
import json

import pytest

from Applications.adoption import adopt, with_own_database
from Applications.marks import only_today
from engines import on_both_engines

pytestmark = on_both_engines

ANN, BOB = "ann@example.org", "bob@example.org"
ZONE = "America/New_York"
in_each_zone = pytest.mark.parametrize(
    "zone", [ZONE, "Europe/Berlin", "Pacific/Kiritimati", "America/St_Johns"]
)


@pytest.fixture
def zone() -> str:
    """The time zone of the application's host, unless a test has several."""
    return ZONE


@pytest.fixture
def far(new_application, zone):
    """The application on a host in another time zone; ann is registered."""
    application = new_application(TZ=zone)
    with_own_database(application)
    application.start()
    application.browser().register(ANN)
    return application


def age(moment: str) -> float:
    """The seconds since a time in JSON."""
    said = datetime.datetime.fromisoformat(moment)
    return (datetime.datetime.now(datetime.UTC) - said).total_seconds()


def test_the_application_writes_local_time(far):
    ((stored,),) = far.query("SELECT registered_on FROM users")
    assert abs(age(stored + "+00:00")) > 3 * 3600


@only_today
def test_a_date_without_a_known_zone_is_shown_without_one(far):
    site = adopt(far)
    ((stored,),) = far.query("SELECT registered_on FROM users")
    assert site.json("show", ANN)["account"]["registered_on"] == stored[:19].replace(" ", "T")
    assert "UTC" not in site.ok("list-unconfirmed")


@in_each_zone
def test_a_date_is_read_in_the_zone_of_the_setting(far, zone):
    site = adopt(far, db_timezone=zone)
    assert 0 <= age(site.json("show", ANN)["account"]["registered_on"]) < 120
    site.ok("confirm", "--email", ANN, "--reason", "test")
    assert 0 <= age(site.json("show", ANN)["account"]["confirmed_on"]) < 120


@in_each_zone
def test_a_date_is_written_in_the_zone_of_the_setting(far, zone):
    site = adopt(far, db_timezone=zone)
    site.ok("register", BOB, "--no-password")
    far.browser().register("carol@example.org")
    stored = [value for (value,) in far.query("SELECT registered_on FROM users ORDER BY id")]
    assert sorted(stored) == stored
    assert 0 <= age(site.json("show", BOB)["account"]["registered_on"]) < 120


def test_dates_are_right_where_the_host_keeps_utc(application):
    site = adopt(application, db_timezone="UTC")
    application.browser().register(ANN)
    assert 0 <= age(site.json("show", ANN)["account"]["registered_on"]) < 120


def test_what_regctl_exported_is_utc_where_it_is_imported(new_site):
    old, new = new_site(), new_site()
    for site in (old, new):
        site.ok("create-db")
    for address in (ANN, BOB):
        old.ok("register", address, "--no-password")
    new.ok("import", "-", input=old.ok("export", "--format", "jsonl"))
    checks = json.loads(new.run("doctor", "--json").stdout)["checks"]
    # Advice is to name the application's zone, which there is none.
    assert [row["advice"] for row in checks if row["check"] == "time zone"] == [None]
    assert new.run("prune", "--dry-run").stderr == b"regctl: no account matches\n"
