"""The schema of regctl on a server, in its own words there; test_schema.py has the rest."""

import json
from collections.abc import Callable

import pytest

from Applications.adoption import adopt
from Applications.damage import begin_migrations, migrate
from Applications.driver import Application
from Applications.marks import only_today
from engines import POSTGRESQL, only
from regctl import Site

pytestmark = only(POSTGRESQL, "the schema has the words of its engine")

ANN = "ann@example.org"
COLUMNS = """
SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = 'users' ORDER BY ordinal_position
"""
# Objects of regctl that belong to the application's table.
ON_USERS = """
SELECT indexname FROM pg_indexes WHERE tablename = 'users' AND indexname LIKE 'regctl_%'
UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1
"""


@pytest.fixture
def application(new_application: Callable[..., Application]) -> Application:
    """The application, served on a database without tables."""
    application = new_application()
    application.start()
    return application


@pytest.fixture
def migrated(application: Application) -> Application:
    """The application on a database that its migrations made, adopted by regctl."""
    begin_migrations(application)
    adopt(application)
    return application


def failed(site: Site) -> set[str]:
    """The checks of the database that fail."""
    rows = site.run("doctor", "--json").stdout
    checks = json.loads(rows)["checks"]
    return {row["check"] for row in checks if row["result"] == "failed"}


def test_the_table_that_sqlalchemy_makes_is_adopted(application):
    application.manage("create_db")
    site = adopt(application, migrate=False)
    steps = site.json("migrate-db", "--dry-run")["steps"]
    assert "schema regctl: what belongs to regctl" in steps
    assert application.query(ON_USERS) == []
    assert site.json("migrate-db")["steps"] == steps
    assert site.json("migrate-db")["result"] == "up_to_date"
    assert application.query(ON_USERS) == [
        ("regctl_users_deleted",), ("regctl_users_email",), ("regctl_users_unconfirmed",),
    ]
    assert failed(site) & {"users table", "schema", "database"} == set()


def test_the_table_that_regctl_makes_is_that_of_sqlalchemy(application, new_application):
    application.manage("create_db")
    other = new_application()
    other.start()
    adopt(other, migrate=False).ok("create-db")
    assert other.query(COLUMNS) == application.query(COLUMNS)


@only_today
def test_what_a_migration_dropped_is_restored(migrated):
    migrate(migrated)
    assert migrated.query(ON_USERS) == [("regctl_users_deleted",)]
    site = adopt(migrated, migrate=False)
    assert failed(site) & {"users table", "schema", "database"} == {"schema"}
    _, error = site.error("register", ANN, "--no-password")
    assert "regctl migrate-db" in error["hint"]
    assert site.json("migrate-db")["steps"] == [
        "index regctl_users_unconfirmed on users: accounts not confirmed, oldest first",
        "index regctl_users_email on users: accounts by address",
    ]
    assert site.json("migrate-db")["result"] == "up_to_date"
