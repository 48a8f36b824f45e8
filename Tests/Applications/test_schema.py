"""The schema, which the application's tools change without notice to regctl."""

import json
from collections.abc import Callable

import pytest

from Applications.adoption import adopt
from Applications.damage import (
    alter_in_batch, begin_migrations, drop_and_create, drop_index, drop_side_table, drop_trigger,
    leave_out, migrate, newest_migration,
)
from Applications.driver import Application
from Applications.journey import go_through_every_page
from Applications.marks import only_pinned, only_today
from Campaigns.database import column_names, schema
from engines import POSTGRESQL, SQLITE, on_both_engines, only

pytestmark = on_both_engines

ANN, EVE = "ann@example.org", "eve@example.org"


def test_the_application_works_on_a_database_that_regctl_created(new_application, mails):
    application = new_application()
    application.start()
    site = adopt(application, migrate=False)
    site.ok("create-db")
    assert application.browser().register("bob@example.org").status == 200
    go_through_every_page(application, mails, ANN)
    assert column_names(application.db, "users") == [
        "id", "email", "password", "registered_on", "admin", "confirmed", "confirmed_on",
        "password_reset_token",
    ]


# Flask-Migrate.


@pytest.fixture
def migrated(new_application: Callable[..., Application]) -> Application:
    """The application, served on a database that its migrations made, adopted by regctl."""
    application = new_application()
    begin_migrations(application)
    application.start()
    adopt(application)
    return application


@only_pinned
def test_the_pinned_alembic_writes_a_migration_beside_regctl(migrated):
    code, output = migrated.command("db", "migrate")
    assert code == 0, output


@only_pinned
@only(POSTGRESQL, "in a file, the next test has what it contains")
def test_a_migration_of_the_pinned_alembic_on_a_server_has_nothing_of_regctl(migrated):
    migrated.manage("db", "migrate")
    assert "regctl" not in newest_migration(migrated)


@only_pinned
@only(SQLITE, "on a server, Alembic 0.6.7 does not see the indexes")
def test_the_pinned_alembic_leaves_out_tables_but_no_index(migrated):
    leave_out(migrated)
    migrated.manage("db", "migrate")
    written = newest_migration(migrated)
    assert written.count("op.") == 2
    for name in ("regctl_users_email", "regctl_users_unconfirmed"):
        assert f"op.drop_index('{name}', table_name='users')" in written


@only_today
def test_a_migration_that_leaves_out_what_is_regctls_is_empty(migrated):
    leave_out(migrated)
    assert "No changes in schema detected" in migrated.manage("db", "migrate")


@only_today
@only(SQLITE, "on a server, Alembic does not look at the schema of regctl")
def test_a_migration_drops_what_no_model_knows_unless_told(migrated):
    migrated.manage("db", "migrate")
    written = newest_migration(migrated)
    tables = {name for kind, _, name, _ in schema(migrated.db) if kind == "table"}
    dropped = {name for name in tables if f"op.drop_table('{name}')" in written}
    assert dropped == {name for name in tables if name.startswith("regctl_")}
    assert "regctl_users_unconfirmed" in written and "regctl_users_email" in written


@pytest.mark.parametrize("command", ["doctor", "migrate-db"])
def test_the_lines_for_env_py_are_printed_where_alembic_is_used(new_application, command):
    application = new_application()
    begin_migrations(application)
    application.start()
    site = adopt(application, migrate=command == "doctor")
    result = site.run(command)
    output = (result.stdout + result.stderr).decode()
    assert "env.py" in output and "regctl_" in output
    assert "include_object" in output or "include_name" in output


# Objects removed by others.


@only_today
def test_what_a_migration_dropped_is_repaired(migrated):
    site = adopt(migrated, migrate=False)
    migrated.browser().register(ANN)
    migrate(migrated)
    for command in ("list-unconfirmed", "doctor"):
        result = site.run(command)
        assert result.returncode == 0 or b"regctl migrate-db" in result.stdout + result.stderr
    site.ok("migrate-db")
    site.ok("resend", ANN)
    migrated.query("DELETE FROM users")
    assert [mail["state"] for mail in site.json("list-outbox")["mails"]] == ["cancelled"]


DAMAGES = [
    pytest.param(drop_and_create, "regctl_users_deleted", id="drop and create"),
    pytest.param(drop_trigger, "regctl_users_deleted", id="trigger"),
    pytest.param(drop_index, "regctl_users_unconfirmed", id="index"),
    pytest.param(drop_side_table, "regctl_campaigns", id="side table"),
]


@only_today
@pytest.mark.parametrize("damage, missing", DAMAGES)
def test_what_others_removed_is_named_and_repaired(migrated, damage, missing):
    assert_repaired(migrated, damage, missing)


@only_today
@only(SQLITE, "a server changes a table in place")
def test_what_a_copied_table_has_lost_is_named_and_repaired(migrated):
    assert_repaired(migrated, alter_in_batch, "regctl_users_deleted")


def assert_repaired(
    application: Application, damage: Callable[[Application], None], missing: str
) -> None:
    """What is removed by others is named, and `migrate-db` restores it."""
    site = adopt(application, migrate=False)
    application.browser().register(ANN)
    damage(application)
    # Reading reports it; writing fails with the name of the command that repairs it.
    assert missing in site.run("doctor").stdout.decode()
    assert site.run("list-unconfirmed").returncode == 0
    _, error = site.error("register", "bob@example.org", "--no-password")
    assert "regctl migrate-db" in error["hint"]
    assert missing in json.dumps(site.json("migrate-db"))
    assert missing in {name for row in schema(application.db) for name in row[1:3]}
    site.ok("register", "bob@example.org", "--no-password")
    application.query("DELETE FROM users")
    assert site.json("migrate-db")["result"] == "up_to_date"


@pytest.mark.parametrize("damage", [drop_and_create, drop_trigger])
def test_no_account_inherits_what_happened_to_another(application, site, engine, damage):
    application.browser().register(ANN)
    site.ok("resend", ANN)
    site.ok("deliver")
    damage(application)
    application.query("DELETE FROM users")
    application.browser().register(EVE)
    # The control: the number is the same, unless a server has counted on.
    number = 1 if engine == SQLITE or damage is drop_and_create else 2
    assert application.query("SELECT id, email FROM users") == [(number, EVE)]
    # Reading must be correct at once, and stay so after the schema is repaired.
    for _ in range(2):
        assert ANN not in site.ok("show", EVE, "--json")
        assert site.json("list-outbox", "--email", EVE)["mails"] == []
        assert site.json("list-unconfirmed")["accounts"][0]["mails"] == 0
        site.ok("migrate-db")


def test_a_database_without_users_is_not_reported_as_a_bug(application, site):
    application.browser().register(ANN)
    application.manage("drop_db")
    checks = json.loads(site.run("doctor", "--json").stdout)["checks"]
    failed = [row["detail"] for row in checks if row["result"] == "failed"]
    assert any("users" in detail for detail in failed)
    for words in (["list-unconfirmed"], ["register", EVE, "--no-password"], ["migrate-db"]):
        exit_code, error = site.error(*words)
        assert (exit_code, error["hint"] != "") == (74, True)


@only_today
def test_doctor_reports_a_missing_users_table(application, site):
    application.manage("drop_db")
    checks = json.loads(site.run("doctor", "--json").stdout)["checks"]
    assert "users table" in {row["check"] for row in checks if row["result"] == "failed"}
    advice = " ".join(row["advice"] or "" for row in checks)
    assert "regctl doctor" not in advice
