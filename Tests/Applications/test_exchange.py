"""Accounts of the application, exported and imported into another of its databases."""

import json

from Applications.adoption import adopt, with_own_database
from Applications.marks import fails

ANN = "ann@example.org"


def test_an_account_that_is_imported_logs_in_there(application, site, new_application):
    application.browser().register(ANN)
    exported = site.ok("export", "--format", "jsonl")
    with_own_database(other := new_application())
    other.start()
    adopt(other).ok("import", "-", input=exported)
    assert other.log_in(ANN).profile().path == "/unconfirmed"
    statement = "SELECT email, CAST(password AS TEXT), registered_on FROM users"
    assert other.query(statement) == application.query(statement)


@fails("export leaves out what is not of the eight columns, and import takes no more")
def test_further_columns_of_the_application_are_exported_and_imported(
    application, new_application
):
    with_own_database(other := new_application())
    for database in (application, other):
        database.query("ALTER TABLE users ADD COLUMN nickname VARCHAR")
    application.browser().register(ANN)
    application.query("UPDATE users SET nickname = 'Ännchen'")
    exported = adopt(application).ok("export", "--format", "jsonl")
    assert "Ännchen" in json.loads(exported).values()
    other.start()
    adopt(other).ok("import", "-", input=exported)
    assert other.query("SELECT nickname FROM users") == [("Ännchen",)]
