"""Lines among many, and accounts that are already registered."""

import hashlib
import json

import pytest

from Campaigns.bulk.accounts import (
    COLUMNS,
    EVERYTHING,
    HASH,
    NOW,
    account,
    adopted,
    failures,
    insert,
    line,
    lines,
)
from Campaigns.database import (
    APPLICATION_TABLE,
    JOURNAL_MODES,
    create_application_table,
    dump,
    rows,
    value,
)
from Campaigns.processes import last_error
from Campaigns.sites import with_database
from engines import SQLITE, on_both_engines, only

pytestmark = on_both_engines


def test_ten_bad_lines_among_many_are_listed_and_the_others_imported(site, tmp_path):
    count = 20_000
    places = [1, 2, 999, 1000, 1001, 5000, 9999, 10_000, 19_998, 20_000]
    content = [line(account(number)) for number in range(1, count + 1)]
    for number in places:
        content[number - 1] = '{"email":"bad%d"}\n' % number
    path = tmp_path / "accounts.jsonl"
    path.write_text("".join(content))
    dry = site.run("import", path, "--dry-run", "--json")
    assert value(site.db, "SELECT count(*) FROM users") == 0
    result = site.run("import", path)
    assert result.returncode == dry.returncode == 1
    assert result.stdout.decode() == f"Imported {count - 10} accounts; 10 lines were refused.\n"
    for number in places:
        assert f"line {number}: 'bad{number}' is not a valid e-mail address".encode() in result.stderr
    assert result.stderr.count(b"regctl: error: import: ") == 11
    assert [number for number, _ in failures(dry)] == places
    assert json.loads(dry.stdout)["imported"] == count - 10
    assert value(site.db, "SELECT count(*) FROM users") == count - 10
    before = rows(site.db, EVERYTHING)
    again = site.run("import", path, "--json")
    answer = json.loads(again.stdout)
    assert (answer["imported"], answer["unchanged"], answer["refused"]) == (0, count - 10, 10)
    assert rows(site.db, EVERYTHING) == before


@only(SQLITE, "takes a minute; the test before is the same with fewer lines")
def test_of_a_million_lines_ten_are_rejected_and_the_others_round_trip(site, tmp_path):
    places = range(50_000, 1_000_000, 100_000)
    accounts, good = tmp_path / "accounts.jsonl", hashlib.sha256()
    with accounts.open("w") as file:
        for number in range(1, 1_000_001):
            fraction = f".{number % 10**6:06}" if number % 10**6 else ""
            text = (
                f'{{"schema":1,"id":{number},"email":"user{number}@example.org","password":"{HASH}",'
                f'"registered_on":"2026-01-01T00:00:00{fraction}Z","admin":false,'
                '"confirmed":true,"confirmed_on":"2026-01-02T00:00:00Z"}\n'
            )
            if number in places:
                text = f'{{"email":"bad{number}"}}\n'
            else:
                good.update(text.encode())
            file.write(text)
    result = site.run("import", accounts, "--json")
    assert result.returncode == 1
    assert [number for number, _ in failures(result)] == list(places)
    assert json.loads(result.stdout)["imported"] == 1_000_000 - 10
    assert hashlib.sha256(site.ok("export").encode()).digest() == good.digest()


def test_an_existing_account_is_never_changed(site):
    site.ok("register", "ann@example.org", "--no-password")
    site.ok("import", "-", input=line(account(5)))
    before = dump(site.db)
    theirs = dict(zip(COLUMNS, account(5), strict=True))
    changes = [
        {"email": "USER5@example.org"}, {"password": HASH}, {"registered_on": NOW}, {"admin": 1},
        {"confirmed": 0}, {"confirmed_on": None}, {"confirmed_on": NOW}, {"id": 6},
        {"email": "other@example.org"}, {"email": "ANN@EXAMPLE.ORG", "id": None},
    ]
    text = "".join(json.dumps(theirs | change) + "\n" for change in changes)
    for words in (["--dry-run"], []):
        result = site.run("import", "-", "--json", *words, input=text)
        assert result.returncode == 65
        expected = [(number + 1, "already_registered") for number in range(len(changes))]
        assert failures(result) == expected
        assert last_error(result.stderr)["code"] == "partial"
        assert last_error(result.stderr)["exit"] == 65
        assert dump(site.db) == before


@pytest.mark.parametrize("unique", [True, False], ids=["unique", "adopted"])
def test_of_two_lines_with_one_address_the_second_is_compared_with_the_first(new_site, unique):
    site = new_site()
    if unique:
        site.ok("create-db")
    else:
        adopted(site, [])
    text = (
        '{"email":"ann@example.org"}\n{"email":"ann@example.org"}\n{"email":"Ann@Example.org"}\n'
        '{"email":"bob@example.org","id":2}\n{"email":"eve@example.org","id":2}\n'
        '{"email":"eve@example.org"}\n{"email":"dora@example.org","id":3}\n'
    )
    answers = []
    for words in (["--dry-run"], []):
        result = site.run("import", "-", "--json", *words, input=text)
        expected = [(3, "already_registered"), (5, "already_registered"), (7, "already_registered")]
        assert failures(result) == expected
        answers.append(json.loads(result.stdout))
    rehearsed, done = answers
    assert rehearsed | {"dry_run": False} == done
    assert (done["imported"], done["unchanged"]) == (3, 1)
    emails = rows(site.db, "SELECT id, email FROM users ORDER BY id")
    assert emails == [(1, "ann@example.org"), (2, "bob@example.org"), (3, "eve@example.org")]


def test_a_column_that_the_table_requires_is_named_for_each_line(new_site):
    site = new_site()
    table = APPLICATION_TABLE.replace("password ", "team INTEGER NOT NULL, password ")
    create_application_table(site.db, table)
    site.ok("migrate-db")
    result = site.run("import", "-", "--json", input=lines(3))
    assert result.returncode == 65
    assert failures(result) == [(number, "invalid_value") for number in (1, 2, 3)]
    assert result.stdout.count(b"'team' is missing") == 3
    assert value(site.db, "SELECT count(*) FROM users") == 0


def test_a_dry_run_writes_no_row(site):
    insert(site.db, [account(number) for number in range(1, 100)])
    before = dump(site.db)
    site.ok("import", "-", "--dry-run", input=lines(5000, first=50))
    assert dump(site.db) == before


@only(SQLITE, "about the bytes of files")
@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_a_dry_run_writes_no_byte(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    insert(site.db, [account(number) for number in range(1, 100)])
    before = {path: path.read_bytes() for path in site.directory.iterdir() if path.is_file()}
    site.ok("import", "-", "--dry-run", input=lines(5000, first=50))
    after = {path: path.read_bytes() for path in site.directory.iterdir() if path.is_file()}
    assert after == before


def test_an_import_is_recorded_in_the_audit(site, tmp_path):
    path = tmp_path / "accounts.csv"
    path.write_text("email,registered_on\nann@example.org,2020-01-01 00:00:00\n")
    site.ok("import", path)
    [entry] = site.json("audit", "--email", "ann@example.org")["entries"]
    assert (entry["act"], entry["detail"]) == ("import", str(path))
    shown = site.json("show", "ann@example.org")["timeline"]
    assert [each["event"] for each in shown] == ["registered", "import"]
    # An import of today is an act of today, whenever the account was made.
    [fate] = site.json("prune", "--dry-run", "--older-than", "14d", "--include-never-mailed")["accounts"]
    assert (fate["result"], fate["reason"]) == ("keep", "recent_act")
