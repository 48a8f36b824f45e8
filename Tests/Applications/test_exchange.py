"""Accounts of the application, exported and imported into another of its databases."""

import json
import re

import pytest

from Applications.adoption import adopt, with_own_database
from engines import POSTGRESQL, SQLITE, on_both_engines

pytestmark = on_both_engines

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


# Columns that the application adds to the table, with values of every type that they can hold.
FURTHER = {
    SQLITE: {
        "nickname": ("VARCHAR(64)", ["Ännchen", "", None, "\\blob:00", 'a,"b"\n\x00\u2028', "5"]),
        "visits": ("INTEGER", [2**62, -1, None, 0, 7, 1]),
        "score": ("FLOAT", [0.1, float("inf"), None, 5e-324, -1e300, 2.0]),
        "avatar": ("BLOB", [b"\x00\xff", b"", None, "text", b"5", 5]),
        "untyped": ("", [5, "5", None, 5.0, b"5", float("-inf")]),
        "preferences": ("JSON", ['{"a":[1]}', "null", None, 2**53 + 1, 5e20, "x"]),
        "schema": ("VARCHAR", ["blue", "", None, "column.x", "1", "\\"]),
        "news": ("BOOLEAN NOT NULL DEFAULT 1", [0, 1, 1, 0, 1, 0]),
    },
    POSTGRESQL: {
        "nickname": ("VARCHAR(64)", ["Ännchen", "", None, "\\blob:00", 'a,"b"\n\u2028', "5"]),
        "visits": ("BIGINT", [2**62, -1, None, 0, 7, 1]),
        "score": ("FLOAT", [0.1, float("inf"), None, 5e-324, -1e300, 2.0]),
        "ratio": ("REAL", [0.1, float("-inf"), None, 1e-45, -1e38, 2.0]),
        "price": ("NUMERIC(20, 4)", ["0.1000", "1234567890123456.7891", None, "0", "-1", "NaN"]),
        "avatar": ("BYTEA", [b"\x00\xff", b"", None, b"text", b"5", b"\\"]),
        "born": ("DATE", ["1999-12-31", "0001-01-01", None, "9999-12-31", "2000-02-29", "infinity"]),
        "seen": (
            "TIMESTAMP WITH TIME ZONE",
            ["2026-01-01 12:00:00+02", "1999-12-31 23:59:59.5+00", None, "infinity", "2026-07-01", "epoch"],
        ),
        "preferences": ("JSONB", ['{"a": [1]}', "null", None, "9007199254740993", "5e20", '"x"']),
        "notes": ("JSON", ['{"a":[1]}', "null", None, " 1", "{}", '"x"']),
        "tags": ("TEXT[]", ["{a,b}", "{}", None, '{"a,b",NULL}', '{"\\\\"}', "{{a},{b}}"]),
        "token": ("UUID", ["00000000-0000-0000-0000-00000000000%d" % n for n in range(6)]),
        "schema": ("VARCHAR", ["blue", "", None, "column.x", "1", "\\"]),
        "news": ("BOOLEAN NOT NULL DEFAULT TRUE", [False, True, True, False, True, False]),
    },
}


def everything(application, engine) -> list[tuple]:
    """Each account with all that its columns have."""
    further = [f'"{name}"' for name in FURTHER[engine]]
    known = ["registered_on", "admin", "confirmed", "confirmed_on"]
    if engine == SQLITE:
        shown = [
            f"typeof({name}), hex(quote({name})), hex(CAST({name} AS BLOB))"
            for name in [*known, *further]
        ]
    else:
        shown = [f"CAST({name} AS TEXT)" for name in [*known, *further]]
    # The password as text: today's Flask-Bcrypt stores bytes, which regctl does not imitate.
    columns = ", ".join(["id", "email", "CAST(password AS TEXT)", *shown])
    return application.query(f"SELECT {columns} FROM users ORDER BY id")


def add_columns(application, engine) -> None:
    for name, (kind, _) in FURTHER[engine].items():
        application.query(f'ALTER TABLE users ADD COLUMN "{name}" {kind}')


@pytest.fixture
def filled(application, new_application, engine):
    """The application with accounts that have such values, and another without accounts."""
    with_own_database(other := new_application())
    add_columns(application, engine)
    add_columns(other, engine)
    application.browser().register(ANN)
    settings = ", ".join(f'"{name}" = ?' for name in FURTHER[engine])
    for number in range(6):
        if number:
            application.query(
                "INSERT INTO users (email, password, registered_on, admin, confirmed) SELECT"
                f" 'u{number}@example.org', password, registered_on, FALSE, {number % 2 == 1}"
                " FROM users WHERE id = 1"
            )
        values = [values[number] for _, values in FURTHER[engine].values()]
        application.query(f"UPDATE users SET {settings} WHERE id = ?", *values, number + 1)
    if engine == SQLITE:
        # Text that is not UTF-8, which another program can have written.
        application.query("UPDATE users SET nickname = CAST(x'ff41' AS TEXT) WHERE id = 3")
    return application, other


@pytest.mark.parametrize("words", [[], ["--csv"]], ids=["jsonl", "csv"])
def test_further_columns_of_the_application_are_exported_and_imported(filled, words, engine):
    application, other = filled
    exported = adopt(application).run("export", *words).stdout
    assert "Ännchen".encode() in exported
    other.start()
    target = adopt(other)
    assert target.json("import", "-", "--dry-run", input=exported)["imported"] == 6
    assert target.json("import", "-", input=exported)["imported"] == 6
    rows = everything(application, engine)
    assert len(rows) == 6 and everything(other, engine) == rows
    assert target.json("import", "-", input=exported)["unchanged"] == 6
    assert target.run("export", *words).stdout == exported
    assert other.log_in(ANN).profile().path == "/unconfirmed"


def test_the_token_of_a_reset_link_is_neither_exported_nor_imported(application):
    application.browser().register(ANN)
    application.query("UPDATE users SET password_reset_token = 'secret'")
    site = adopt(application)
    assert "secret" not in site.ok("export")
    row = json.dumps({"email": "eve@example.org", "password_reset_token": "secret"})
    result = site.run("import", "-", input=row)
    assert result.returncode == 65
    assert b"--map password_reset_token=none" in result.stderr


def test_a_database_without_the_columns_takes_the_accounts_without_them(filled, new_site):
    application, _ = filled
    exported = adopt(application).run("export").stdout
    new = new_site()
    new.ok("create-db")
    result = new.run("import", "-", input=exported)
    assert result.returncode == 65 and new.ok("export") == ""
    hint = re.search(r"leave them out with (.*)", result.stderr.decode())[1]
    assert new.json("import", "-", *hint.split(), input=exported)["imported"] == 6
