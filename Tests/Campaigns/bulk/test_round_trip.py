"""An export can be imported byte for byte."""

import csv
import io
import json
import time

import bcrypt
import pytest

from Campaigns.bulk.accounts import (
    COLUMNS,
    EVERYTHING,
    IMPOSSIBLE,
    ODD,
    ODD_ON_SERVER,
    adopted,
    failures,
    insert,
)
from Campaigns.database import APPLICATION_TABLE, create_application_table, rows, value
from engines import SQLITE, on_both_engines, only
from tokens import token

pytestmark = on_both_engines


@pytest.fixture
def odd(engine: str) -> list[tuple]:
    """Accounts of an application that no two programs would write alike."""
    return ODD if engine == SQLITE else ODD_ON_SERVER


@pytest.mark.parametrize("words", [[], ["--csv"]], ids=["jsonl", "csv"])
def test_an_export_is_imported_byte_for_byte(new_site, odd, words):
    old, new = adopted(new_site(), odd), new_site()
    exported = old.run("export", *words).stdout
    new.ok("create-db")
    assert new.json("import", "-", input=exported)["imported"] == len(odd)
    assert rows(new.db, EVERYTHING) == rows(old.db, EVERYTHING) == odd
    # A new database is in UTC, and its dates are printed so.
    utc = {"REGCTL_DB_TIMEZONE": "UTC"}
    assert new.run("export", *words).stdout == old.run("export", *words, environment=utc).stdout


@only(SQLITE, "on a server, the columns have types that take no such values")
@pytest.mark.parametrize("words", [[], ["--csv"]], ids=["jsonl", "csv"])
def test_what_no_new_database_should_hold_is_refused_line_by_line(new_site, words):
    """The rest is imported byte for byte; a refusal names the account, and not its password."""
    everything = sorted(ODD + [row for row, _ in IMPOSSIBLE])
    old, new = adopted(new_site(), everything), new_site()
    exported = old.run("export", *words).stdout
    new.ok("create-db")
    result = new.run("import", "-", "--json", input=exported)
    assert result.returncode == 1
    assert [code for _, code in failures(result)] == [code for _, code in IMPOSSIBLE]
    emails = [each["email"] for each in json.loads(result.stdout)["failures"]]
    assert emails == [row[1] for row, _ in IMPOSSIBLE]
    assert b"correct" not in result.stdout + result.stderr
    assert b"24326224" not in result.stdout + result.stderr
    assert rows(new.db, EVERYTHING) == ODD


def test_python_reads_an_export_and_regctl_reads_pythons(new_site, odd):
    old = adopted(new_site(), odd)
    objects = [json.loads(text) for text in old.ok("export").splitlines()]
    assert [list(each) for each in objects] == [["schema", *COLUMNS]] * len(odd)
    assert [tuple(each[name] for name in COLUMNS) for each in objects] == odd
    records = list(csv.DictReader(io.StringIO(old.run("export", "--csv").stdout.decode(), newline="")))
    assert [list(each) for each in records] == [COLUMNS] * len(odd)
    as_text = [tuple("" if part is None else str(part) for part in row) for row in odd]
    assert [tuple(each.values()) for each in records] == as_text
    quoted, plain = io.StringIO(), io.StringIO()
    for file, quoting in ((quoted, csv.QUOTE_ALL), (plain, csv.QUOTE_MINIMAL)):
        writer = csv.DictWriter(file, COLUMNS[::-1], quoting=quoting)
        writer.writeheader()
        writer.writerows([each | {"admin": each["admin"] == "1"} for each in records])
    escaped = "".join(json.dumps(each) + "\r\n" for each in objects)
    for text in (quoted.getvalue(), plain.getvalue(), "\ufeff" + plain.getvalue(), escaped):
        new = new_site()
        new.ok("create-db")
        new.ok("import", "-", input=text)
        assert rows(new.db, EVERYTHING) == odd


def test_other_formats_of_an_export_are_those_of_every_list(new_site, odd):
    site = adopted(new_site(), odd)
    listed = site.json("export")
    assert list(listed) == ["schema", "accounts", "count"] and listed["count"] == len(odd)
    assert [tuple(each.values()) for each in listed["accounts"]] == odd
    assert site.ok("export", "--format", "jsonl") == site.ok("export")
    table = site.ok("export", "--format", "tsv").splitlines()
    assert table[0].split("\t") == COLUMNS
    for words in (["--json"], ["--format", "tsv"], ["--quiet"]):
        assert site.run("export", "--csv", *words).stdout == site.run("export", "--csv").stdout


@only(SQLITE, "on a server, the columns have types that take no such values")
def test_an_export_is_an_export_whatever_is_stored(new_site):
    """Control bytes, bytes that are no UTF-8 and missing values make no broken line."""
    site = new_site()
    create_application_table(site.db, APPLICATION_TABLE.replace("NOT NULL", ""))
    site.ok("migrate-db")
    insert(
        site.db,
        [
            (3, "a\x00\x1f\x7f\"\\\r\n,é", "", None, None, None, None),
            (5, "", b"\xff\xfe", 2026.5, "t", 7, b""),
        ],
    )
    objects = [json.loads(text) for text in site.ok("export").splitlines()]
    assert [each["id"] for each in objects] == [3, 5]
    assert objects[0]["email"] == "a\x00\x1f\x7f\"\\\r\n,é"
    assert objects[0]["admin"] is None and objects[0]["registered_on"] is None
    assert objects[1]["password"] == "\ufffd\ufffd" and objects[1]["registered_on"] == "2026.5"
    text = site.run("export", "--csv").stdout.decode()
    records = list(csv.reader(io.StringIO(text, newline="")))
    assert [len(record) for record in records] == [7, 7, 7]
    assert records[1][1] == "a\x00\x1f\x7f\"\\\r\n,é"


def test_an_imported_user_logs_in_and_an_old_link_confirms(site):
    """bcrypt as the Flask application makes it; the other system's links go on working."""
    for prefix, name in ((b"2a", "ann"), (b"2b", "bob")):
        hashed = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4, prefix)).decode()
        text = json.dumps({"email": f"{name}@example.org", "password": hashed})
        site.ok("import", "-", input=text)
        site.ok("confirm", token(f"{name}@example.org", int(time.time()) - 60))
        check = ["check", f"{name}@example.org", "--password-file", "-"]
        assert site.run(*check, input="wrong horse").returncode == 1
        site.ok(*check, input="correct horse")
    assert value(site.db, "SELECT count(*) FROM regctl_outbox") == 0
