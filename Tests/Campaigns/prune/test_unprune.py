"""P5: accounts are restored byte for byte."""

import json
import random
import struct
import sys
from pathlib import Path

import pytest

from Campaigns.database import (
    APPLICATION_TABLE,
    account_count,
    connected,
    create_application_table,
    dump,
    free_reserved_numbers,
    rows,
    value,
)
from Campaigns.processes import last_error
from Campaigns.prune.accounts import (
    LONG_AGO,
    OLD,
    PASSWORD,
    SALT,
    as_it_is,
    emails_in,
    prune,
    stale,
    touched_at,
    touched_with_others_at,
    user,
    write_mail,
)
from engines import POSTGRESQL, SQLITE, on_both_engines, only
from Peers import flask_application
from regctl import KEY, Site

pytestmark = on_both_engines

# An application's own table, whose further columns need a value and have no default.
FURTHER_TABLE = """
CREATE TABLE users (
    id INTEGER NOT NULL,
    email VARCHAR NOT NULL,
    password VARCHAR NOT NULL,
    nickname VARCHAR NOT NULL,
    registered_on DATETIME NOT NULL,
    admin BOOLEAN NOT NULL,
    confirmed BOOLEAN NOT NULL,
    confirmed_on DATETIME,
    logins INTEGER NOT NULL,
    balance FLOAT NOT NULL,
    avatar BLOB NOT NULL,
    "a ""fine"" thing" NUMERIC,
    anything,
    loud VARCHAR GENERATED ALWAYS AS (upper(nickname)),
    PRIMARY KEY (id),
    UNIQUE (email)
)
"""

VALUES = {
    "text": "O'Brien \"the\" \\ \U0001f600 \u0000 behind a zero",
    "empty text": "",
    "text of a number": "12",
    "text of a number that a column may not round": "0.1000000000000000055511151231257827",
    "lines": "a\r\nb\u2028c\t",
    "long text": "ä" * 200_000,
    "null": None,
    "bytes": bytes(range(256)),
    "no bytes": b"",
    "bytes of text": b"text",
    "zero": 0,
    "minus one": -1,
    "largest": 2**63 - 1,
    "smallest": -(2**63),
    "beyond a double": 2**53 + 1,
    "0.1": 0.1,
    "1e300": 1e300,
    "-1e300": -1e300,
    "third": 1 / 3,
    "whole": 3.0,
    "minus nothing": -0.0,
    "smallest real": 5e-324,
    "smallest normal real": sys.float_info.min,
    "largest real": sys.float_info.max,
    "next to one": 1 + sys.float_info.epsilon,
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
}

# Columns of a server, each with literals of its type.
COLUMNS_ON_SERVER = {
    "TEXT": ["'O''Brien \"the\" \\ 😀'", "''", "repeat('ä', 200000)", "E'a\\r\\nb\u2028c\\t'"],
    "CHAR(5)": ["'a'", "''"],
    "SMALLINT": ["-32768", "NULL"],
    "BIGINT": ["9223372036854775807", "-9223372036854775808", "9007199254740993"],
    "NUMERIC": ["0.1000000000000000055511151231257827", "1e-50", "1e50", "'NaN'", "1.10"],
    "DOUBLE PRECISION": ["0.1", "5e-324", "-1e300", "'-0'", "'Infinity'", "'NaN'", "1/3::float8"],
    "REAL": ["0.1", "1e-45", "3.4e38"],
    "BYTEA": ["decode('00ff5c27', 'hex')", "''"],
    "BOOLEAN": ["TRUE", "FALSE", "NULL"],
    "DATE": ["'0044-03-15 BC'", "'infinity'", "'9999-12-31'"],
    "TIME": ["'24:00'", "'12:34:56.789012'"],
    "TIMESTAMP": ["'-infinity'", "'1999-12-31 23:59:59.999999'"],
    "TIMESTAMPTZ": ["'2026-07-01 12:00:00.5+02'", "'infinity'"],
    "INTERVAL": ["'1 year 2 months -3 days 04:05:06.789'"],
    "UUID": ["'00000000-0000-0000-0000-000000000001'"],
    "JSON": ["'{\"b\": 1, \"a\":[1.10, null]}'", "'null'", "NULL", "' 5'"],
    "JSONB": ["'{\"b\": 1, \"a\": [1.10, null]}'", "'\"text\"'", "'null'", "NULL", "'[]'"],
    "TEXT[]": ["ARRAY['a', NULL, 'b,\"c\"']", "'{}'", "'{{a,b},{c,d}}'"],
    "INET": ["'192.168.0.1/24'"],
    "INT4RANGE": ["'[1,10)'", "'empty'"],
    "POINT": ["'(0.1,-2)'"],
    "BIT VARYING": ["B'0101'"],
}


def further_site(site: Site) -> Site:
    """A site with a table that has further columns."""
    create_application_table(site.db, FURTHER_TABLE)
    site.ok("migrate-db")
    return site


def write_further(db: Path, email: str, **columns: object) -> int:
    """Writes an old account with further columns and a mail; returns its number."""
    content = {
        "email": email, "password": b"$2b$04$bytes", "nickname": "Ann", "registered_on": OLD,
        "admin": 0, "confirmed": 0, "logins": 7, "balance": 0.1, "avatar": b"\x00\xff",
    } | columns
    names = ", ".join('"' + name.replace('"', '""') + '"' for name in content)
    marks = ", ".join("?" for _ in content)
    with connected(db) as connection:
        account = connection.execute(
            f"INSERT INTO users ({names}) VALUES ({marks})", tuple(content.values())
        ).lastrowid
        write_mail(connection, account)
    return account


def come_back(site: Site) -> None:
    """Prunes everything and restores it, which must leave each account unchanged."""
    before = as_it_is(site.db)
    answer = prune(site)
    assert answer["pruned"] == len(before) > 0
    assert account_count(site.db) == 0
    site.ok("unprune", answer["run"], "--yes")
    assert as_it_is(site.db) == before
    assert emails_in(site.db, "regctl_archive") == []
    assert value(site.db, "SELECT count(*) FROM regctl_tombstones") == 0


@only(POSTGRESQL, "the types are those of a server")
@pytest.mark.parametrize("kind", COLUMNS_ON_SERVER)
def test_a_further_column_on_a_server_is_restored_as_it_was(new_site, kind):
    """Also what JSON, which the archive is, does not keep: -0, a document's text, its null."""
    site, literals = new_site(), COLUMNS_ON_SERVER[kind]
    create_application_table(site.db, APPLICATION_TABLE.replace("password ", f'"a ""b""" {kind}, password '))
    site.ok("migrate-db")
    stale(site.db, len(literals))
    for number, literal in enumerate(literals, 1):
        rows(site.db, f'UPDATE users SET "a ""b""" = {literal} WHERE id = {number}')
    come_back(site)


@only(SQLITE, "in a file, a column takes values of every type")
@pytest.mark.parametrize("stored", VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("column", ["anything", 'a "fine" thing', "nickname", "balance"])
def test_a_further_column_is_restored_bit_for_bit(new_site, column, stored):
    """In columns of every affinity; those that must have a value get one."""
    site = further_site(new_site())
    needs = column in ("nickname", "balance") and stored is None
    write_further(site.db, "Ann.Example@example.org", **{column: "" if needs else stored})
    come_back(site)


@only(SQLITE, "a server takes no text that is not Unicode")
@pytest.mark.parametrize("bits", ["ff", "c328", "eda080", "f8808080", "61ff0062", "efbbbf61"])
def test_text_that_is_not_unicode_is_restored_bit_for_bit(new_site, bits):
    """SQLite keeps whatever an application calls text."""
    site = further_site(new_site())
    write_further(site.db, "ann@example.org")
    with connected(site.db) as connection:
        connection.execute(f"UPDATE users SET anything = CAST(x'{bits}' AS TEXT)")
    come_back(site)


@only(SQLITE, "in a file, a column takes values of every type")
def test_random_numbers_are_restored_bit_for_bit(new_site):
    """Numbers of every magnitude, and common ones."""
    site, source = further_site(new_site()), random.Random(5)
    columns = [f"real{number}" for number in range(20)]
    with connected(site.db) as connection:
        for column in columns:
            connection.execute(f"ALTER TABLE users ADD COLUMN {column}")
        for number in range(100):
            account = write_further(site.db, user(number), logins=source.getrandbits(63))
            drawn = [struct.unpack(">d", source.randbytes(8))[0] for _ in columns[:10]]
            drawn += [source.random() for _ in columns[10:15]]
            drawn += [round(source.uniform(-1e6, 1e6), 2) for _ in columns[15:]]
            marks = ", ".join(f"{column} = ?" for column in columns)
            connection.execute(f"UPDATE users SET {marks} WHERE id = {account}", drawn)
    come_back(site)


@only(SQLITE, "in a file, a column takes values of every type")
def test_the_columns_that_regctl_knows_are_restored_bit_for_bit(new_site):
    """Whatever types the application has stored in them."""
    site = further_site(new_site())
    write_further(site.db, "ANN@Example.ORG", password=b"\x00\xff", registered_on="2020-01-02")
    write_further(site.db, "bob@example.org", password="", confirmed_on="never")
    write_further(site.db, "gro.é@example.org", registered_on="2020-01-02T03:04:05Z", confirmed_on=0)
    come_back(site)


def test_a_database_of_regctl_itself_is_restored_bit_for_bit(site):
    stale(site.db, 3)
    come_back(site)


def test_what_regctl_stores_about_an_account_is_restored(site):
    stale(site.db, 3)
    with connected(site.db) as connection:
        connection.execute("INSERT INTO regctl_accounts VALUES (1, 5, 7), (2, 5, NULL)")
    memory = rows(site.db, "SELECT * FROM regctl_accounts")
    prune(site)
    assert rows(site.db, "SELECT * FROM regctl_accounts") == []
    site.ok("unprune", 1, "--yes")
    assert rows(site.db, "SELECT * FROM regctl_accounts") == memory


def past(site: Site, email: str) -> tuple[dict, list[dict]]:
    """The output of `show` for an account and its history."""
    answer = site.json("show", email)
    return answer["account"], answer["timeline"]


def test_mails_and_audit_entries_are_shown_again(site):
    """Acts on many as well; the two acts of pruning come on top."""
    stale(site.db, 3)
    with connected(site.db) as connection:
        for number in range(2):
            touched_at(connection, f"touched{number}@example.org", LONG_AGO + 60)
            touched_with_others_at(connection, f"others{number}@example.org", LONG_AGO + 90)
    before = {email: past(site, email) for email in emails_in(site.db)}
    assert prune(site)["pruned"] == 7
    for email in before:
        code, error = site.error("show", email)
        assert (code, error["code"]) == (67, "not_found")
        assert "regctl unprune 1" in error["hint"]
    site.ok("unprune", 1, "--yes")
    for email, (account, timeline) in before.items():
        account_after, timeline_after = past(site, email)
        assert account_after == account
        assert timeline_after[:-2] == timeline
        assert [event["event"] for event in timeline_after[-2:]] == ["prune", "unprune"]


def test_only_the_named_address_is_restored(site):
    stale(site.db, 3)
    prune(site)
    [result] = site.json("unprune", 1, "--email", user(1).upper())["results"]
    assert (result["email"], result["result"], result["id"]) == (user(1), "restored", 2)
    assert emails_in(site.db) == [user(1)]
    assert emails_in(site.db, "regctl_archive") == [user(0), user(2)]
    code, error = site.error("unprune", 1, "--email", user(1))
    assert (code, error["code"]) == (67, "not_found")
    [run] = site.json("list-prunes")["prunes"]
    assert (run["pruned"], run["restored"]) == (3, 1)


def test_an_unknown_run_is_not_found(site):
    code, error = site.error("unprune", 1, "--yes")
    assert (code, error["code"]) == (67, "not_found")


@only(SQLITE, "a server assigns no number twice")
def test_an_account_whose_number_is_taken_gets_another(new_site):
    """Its mails and acts follow it, and the other account has none of them."""
    site = further_site(new_site())
    number = write_further(site.db, user(0), anything=1e300)
    timeline = past(site, user(0))[1]
    before = as_it_is(site.db)
    prune(site)
    free_reserved_numbers(site.db)
    assert write_further(site.db, "new@example.org") == number, "a control: the number is free"
    new_past = past(site, "new@example.org")
    [result] = site.json("unprune", 1, "--yes")["results"]
    assert result["id"] != number
    account, timeline_after = past(site, user(0))
    assert account["id"] == result["id"]
    assert timeline_after[:-2] == timeline
    assert past(site, "new@example.org") == new_past
    # All but its number is what it was.
    [after] = as_it_is(site.db, f"id = {result['id']}")
    assert after[4:] == before[0][4:]


@pytest.mark.parametrize("spelling", [user(1), user(1).upper(), "User1@Example.org"])
def test_an_address_that_is_taken_is_rejected_and_the_others_are_restored(site, spelling):
    stale(site.db, 4)
    before = as_it_is(site.db, "id <> 2")
    prune(site)
    site.ok("register", spelling, "--no-password")
    taken = rows(site.db, "SELECT * FROM users")
    result = site.run("unprune", 1, "--yes", "--json")
    assert result.returncode == 1
    outcomes = {each["email"]: each for each in json.loads(result.stdout)["results"]}
    assert {email: each["result"] for email, each in outcomes.items()} == {
        user(0): "restored", user(1): "failed", user(2): "restored", user(3): "restored"
    }
    assert outcomes[user(1)]["error"]["code"] == "already_registered_unconfirmed"
    assert last_error(result.stderr)["code"] == "partial"
    assert rows(site.db, "SELECT * FROM users WHERE lower(email) = ?", user(1)) == taken
    names = "(" + ", ".join(f"'{user(number)}'" for number in (0, 2, 3)) + ")"
    restored = as_it_is(site.db, f"email IN {names}")
    # The new account has the lowest free ID, which may be that of another.
    assert [row[4:] for row in restored] == [row[4:] for row in before]
    assert emails_in(site.db, "regctl_archive") == [user(1)]
    assert value(site.db, "SELECT count(*) FROM regctl_tombstones") == 1


def test_a_single_address_that_is_taken_is_an_error_and_can_be_restored_later(site):
    stale(site.db, 2)
    prune(site)
    site.ok("register", user(1), "--no-password")
    site.ok("confirm", "--email", user(1), "--reason", "test")
    before = dump(site.db)
    code, error = site.error("unprune", 1, "--email", user(1))
    assert (code, error["code"]) == (1, "already_registered")
    assert dump(site.db) == before
    with connected(site.db) as connection:
        connection.execute("DELETE FROM users WHERE email = ?", (user(1),))
    site.ok("unprune", 1, "--email", user(1))


@only(SQLITE, "on a server, Tests/Applications/test_pruning.py has it")
def test_an_account_of_the_application_logs_in_again(new_site):
    site = new_site(security_password_salt=SALT)
    application = flask_application.create_application(
        site.db, SECRET_KEY=KEY, SECURITY_PASSWORD_SALT=SALT
    )
    with application.app_context():
        flask_application.db.create_all()
    site.db.chmod(0o600)
    site.ok("migrate-db")
    form = {"email": "ann@example.org", "password": PASSWORD}
    application.test_client().post("/register", data=form)
    with connected(site.db) as connection:
        connection.execute("ALTER TABLE users ADD COLUMN score REAL")
        connection.execute("UPDATE users SET registered_on = ?, score = 0.1", (OLD,))
        write_mail(connection, 1)

    def log_in() -> tuple[int, str]:
        answer = application.test_client().post("/login", data=form, follow_redirects=True)
        return answer.status_code, answer.text

    before = as_it_is(site.db)
    assert log_in() == (200, "Please confirm your account!")
    prune(site)
    assert log_in() == (403, "Invalid email and/or password.")
    site.ok("unprune", 1, "--yes")
    assert log_in() == (200, "Please confirm your account!")
    assert as_it_is(site.db) == before
    site.ok("confirm", "--email", "ann@example.org", "--reason", "test")
    assert log_in() == (200, "The profile of ann@example.org.")
    with application.app_context():
        flask_application.db.engine.dispose()
