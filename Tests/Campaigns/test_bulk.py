"""Import and export: what goes out comes back to the byte, and no line goes unanswered."""

import csv
import hashlib
import io
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest

from Campaigns.database import (
    APPLICATION_TABLE,
    JOURNAL_MODES,
    connected,
    dump,
    integrity,
    rows,
    value,
)
from Campaigns.memory import KILOBYTES_AT_MOST, KILOBYTES_MORE_AT_MOST, measured
from Campaigns.processes import last_error, spawn
from Campaigns.sites import with_database
from regctl import BINARY, Site
from tokens import token

COLUMNS = ["id", "email", "password", "registered_on", "admin", "confirmed", "confirmed_on"]
EVERYTHING = "SELECT * FROM users ORDER BY id"
ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
HASH = "$2b$13$" + ALPHABET[:53]
NOW = "2026-11-23 09:00:00.123456"

# Rows of an application that no two programs would write alike.
ODD = [
    (1, "ann@example.org", HASH, NOW, 0, 0, None),
    (2, "Bob.O'Hara+tag@EXAMPLE.Org", "$2a$12" + HASH[6:], "2026-11-23 09:00:00", 1, 1, NOW),
    (7, "{x}|~`!#$%&'*/?=^_@xn--mller-kva.example", "$2y$31" + HASH[6:], "2026-11-23", 0, 1, None),
    (8, "eve@sub.domain.example", "!", "1999-12-31 23:59:59.5", 0, 0, NOW),
    (2**53 + 1, "far@example.org", "!", "9999-12-31 23:59:59.999999", 1, 1, "0000-01-01 00:00"),
]

# What such an application may hold besides, and what a line of it is refused for.
IMPOSSIBLE = [
    ((20, "müller@example.org", HASH, NOW, 0, 0, None), "invalid_email"),
    ((21, '"quoted, local"@example.org', HASH, NOW, 0, 0, None), "invalid_email"),
    ((22, "line\nbreak@example.org", HASH, NOW, 0, 0, None), "invalid_email"),
    ((23, "hexadecimal@example.org", "\\x24326224", NOW, 0, 0, None), "invalid_password"),
    ((24, "plain@example.org", 'correct "horse", é', NOW, 0, 0, None), "invalid_password"),
    ((25, "yesterday@example.org", HASH, "yesterday", 0, 0, None), "invalid_value"),
    ((26, "number@example.org", HASH, 1767225600, 0, 0, None), "invalid_value"),
    ((27, "february@example.org", HASH, "2026-02-30 09:00:00", 0, 0, None), "invalid_value"),
    ((28, "two@example.org", HASH, NOW, 2, 0, None), "invalid_value"),
]


def insert(db: Path, accounts: list[tuple]) -> None:
    with connected(db) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?)", accounts)
        connection.execute("COMMIT")


def account(number: int) -> tuple:
    """An account like many others."""
    chosen = random.Random(number)
    moment = f"2026-{number % 9 + 1:02}-01 {number % 24:02}:00:00.{number % 10**6:06}"
    hashed = "$2b$13$" + "".join(chosen.choices(ALPHABET, k=53))
    confirmed = number % 2
    email = f"user{number}@example.org"
    return number, email, hashed, moment, 0, confirmed, moment if confirmed else None


def line(account: tuple) -> str:
    """A line of JSON as regctl writes it."""
    values = dict(zip(COLUMNS, account, strict=True))
    values |= {"admin": bool(values["admin"]), "confirmed": bool(values["confirmed"])}
    return json.dumps({"schema": 1} | values, separators=(",", ":"), ensure_ascii=False) + "\n"


def lines(count: int, first: int = 1) -> str:
    return "".join(line(account(number)) for number in range(first, first + count))


def adopted(site: Site, accounts: list[tuple]) -> Site:
    with connected(site.db) as connection:
        connection.execute(APPLICATION_TABLE)
    site.db.chmod(0o600)
    insert(site.db, accounts)
    site.ok("migrate-db")
    return site


def failures(result: subprocess.CompletedProcess) -> list[tuple[int, str]]:
    """The line and the code of each refusal in a JSON answer."""
    answer = json.loads(result.stdout)
    assert list(answer) == ["schema", "dry_run", "failures", "imported", "unchanged", "refused"]
    assert answer["refused"] == len(answer["failures"])
    return [(each["line"], each["error"]["code"]) for each in answer["failures"]]


# There and back


@pytest.mark.parametrize("words", [[], ["--csv"]], ids=["jsonl", "csv"])
def test_what_goes_out_comes_back_to_the_byte(new_site, words):
    old, new = adopted(new_site(), ODD), new_site()
    exported = old.run("export", *words).stdout
    new.ok("create-db")
    assert new.json("import", "-", input=exported)["imported"] == len(ODD)
    assert rows(new.db, EVERYTHING) == rows(old.db, EVERYTHING) == ODD
    assert new.run("export", *words).stdout == exported


@pytest.mark.parametrize("words", [[], ["--csv"]], ids=["jsonl", "csv"])
def test_what_no_new_database_should_hold_is_refused_line_by_line(new_site, words):
    """The rest comes back to the byte; a refusal tells the account, and not its password."""
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


def test_python_reads_an_export_and_regctl_reads_pythons(new_site):
    old = adopted(new_site(), ODD)
    objects = [json.loads(text) for text in old.ok("export").splitlines()]
    assert [list(each) for each in objects] == [["schema", *COLUMNS]] * len(ODD)
    assert [tuple(each[name] for name in COLUMNS) for each in objects] == ODD
    records = list(csv.DictReader(io.StringIO(old.run("export", "--csv").stdout.decode(), newline="")))
    assert [list(each) for each in records] == [COLUMNS] * len(ODD)
    as_text = [tuple("" if part is None else str(part) for part in row) for row in ODD]
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
        assert rows(new.db, EVERYTHING) == ODD


def test_other_formats_of_an_export_are_those_of_every_list(new_site):
    site = adopted(new_site(), ODD)
    listed = site.json("export")
    assert list(listed) == ["schema", "accounts", "count"] and listed["count"] == len(ODD)
    assert [tuple(each.values()) for each in listed["accounts"]] == ODD
    assert site.ok("export", "--format", "jsonl") == site.ok("export")
    table = site.ok("export", "--format", "tsv").splitlines()
    assert table[0].split("\t") == COLUMNS
    for words in (["--json"], ["--format", "tsv"], ["--quiet"]):
        assert site.run("export", "--csv", *words).stdout == site.run("export", "--csv").stdout


def test_an_export_is_an_export_whatever_is_stored(new_site):
    """Control bytes, bytes that are no UTF-8 and missing values make no broken line."""
    site = new_site()
    with connected(site.db) as connection:
        connection.execute(APPLICATION_TABLE.replace("NOT NULL", ""))
    site.db.chmod(0o600)
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


def test_somebody_who_is_imported_logs_in_and_an_old_link_confirms(site):
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


# What a line may say

REFUSED_LINES = [
    ('{"email":"x@example.org","password":"correct horse"}', "invalid_password"),
    ('{"email":"x@example.org","password":5}', "invalid_password"),
    ('{"email":"x@example.org","password":"$2b$13$short"}', "invalid_password"),
    (f'{{"email":"x@example.org","password":"$2b$03$" + "{HASH[7:]}"}}', "invalid_value"),
    (f'{{"email":"x@example.org","password":"$2b$03${HASH[7:]}"}}', "invalid_password"),
    (f'{{"email":"x@example.org","password":"$2b$32${HASH[7:]}"}}', "invalid_password"),
    (f'{{"email":"x@example.org","password":"$2x$13${HASH[7:]}"}}', "invalid_password"),
    (f'{{"email":"x@example.org","password":"{HASH[:-1]}="}}', "invalid_password"),
    ('{"email":"no address"}', "invalid_email"),
    ('{"email":null}', "invalid_value"),
    ('{"email":5}', "invalid_email"),
    ('{"password":"!"}', "invalid_value"),
    ("{}", "invalid_value"),
    ('{"email":"x@example.org","shoe_size":43}', "invalid_value"),
    ('{"email":"x@example.org","email":"y@example.org"}', "invalid_value"),
    ('{"email":"x@example.org","id":null,"id":3}', "invalid_value"),
    ('{"email":["x@example.org"]}', "invalid_value"),
    ('{"email":{"address":"x@example.org"}}', "invalid_value"),
    ('{"email":"x@example.org","admin":"yes"}', "invalid_value"),
    ('{"email":"x@example.org","confirmed":2}', "invalid_value"),
    ('{"email":"x@example.org","id":0}', "invalid_value"),
    ('{"email":"x@example.org","id":-1}', "invalid_value"),
    ('{"email":"x@example.org","id":1.0}', "invalid_value"),
    ('{"email":"x@example.org","id":9223372036854775808}', "invalid_value"),
    ('{"email":"x@example.org","id":true}', "invalid_value"),
    ('{"email":"x@example.org","registered_on":1767225600}', "invalid_value"),
    ('{"email":"x@example.org","registered_on":"23.11.2026"}', "invalid_value"),
    ('{"email":"x@example.org","registered_on":"2026-11-23 09:00:00.1234567"}', "invalid_value"),
    ('{"email":"x@example.org","confirmed_on":"2026-11-23T25:00:00Z"}', "invalid_value"),
    ('{"email":"x@example.org","schema":2}', "invalid_value"),
    ('{"email":"x@example.org"', "invalid_value"),
    ('{"email":"x@example.org"}}', "invalid_value"),
    ('{"email":"x@example.org",}', "invalid_value"),
    ("{'email':'x@example.org'}", "invalid_value"),
    ('{"email":"x@example.org\\ud800"}', "invalid_value"),
    ('{"email":"x@example.org","admin":nul}', "invalid_value"),
    ('{"email":"x@example.org","id":01}', "invalid_value"),
    ('["x@example.org"]', "invalid_value"),
    ("x@example.org", "invalid_value"),
    ("null", "invalid_value"),
    ('{"email":"x@example.org","password":"' + "x" * 70_000 + '"}', "invalid_value"),
    ('{"email":"x@example.org"}' + " " * 200_000 + "x", "invalid_value"),
    ('{"email":"tab\\there@example.org"}', "invalid_email"),
    (b'{"email":"x\xff@example.org"}', "invalid_value"),
    (b'{"email":"\xed\xa0\x80@example.org"}', "invalid_value"),
]


@pytest.mark.parametrize(("bad", "code"), REFUSED_LINES, ids=lambda part: str(part)[:50])
def test_a_bad_line_is_refused_and_the_lines_around_it_are_not(site, bad, code):
    data = bad if isinstance(bad, bytes) else bad.encode()
    text = line(account(1)).encode() + data + b"\n" + line(account(2)).encode()
    result = site.run("import", "-", "--json", input=text)
    assert result.returncode == 1, result
    assert failures(result) == [(2, code)]
    errors = [json.loads(each)["error"] for each in result.stderr.splitlines()]
    assert [each["code"] for each in errors] == [code, "partial"]
    assert b"correct horse" not in result.stdout + result.stderr
    assert rows(site.db, EVERYTHING) == [account(1), account(2)]


ACCEPTED_LINES = [
    ('{"email":"x@example.org"}', ("!", None, 0, 0, None)),
    ('\t { "email" : "x@example.org" } \r', ("!", None, 0, 0, None)),
    (f'{{"password":"{HASH}","email":"x@example.org"}}', (HASH, None, 0, 0, None)),
    ('{"email":"x@example.org","password":""}', ("!", None, 0, 0, None)),
    ('{"email":"x@example.org","password":null,"id":null}', ("!", None, 0, 0, None)),
    ('{"email":"\\u0078\\u0040example.org","admin":1}', ("!", None, 1, 0, None)),
    ('{"email":"x@example.org","registered_on":"2026-11-23T10:00:00.5+01:00"}',
     ("!", "2026-11-23 09:00:00.500000", 0, 0, None)),
    ('{"email":"x@example.org","registered_on":"2026-11-23 10:00:00"}',
     ("!", "2026-11-23 10:00:00", 0, 0, None)),
    ('{"email":"x@example.org","confirmed_on":"2026-11-23T09:00:00Z"}',
     ("!", None, 0, 1, "2026-11-23 09:00:00.000000")),
    ('{"email":"x@example.org","confirmed":true}', ("!", None, 0, 1, None)),
    ('{"email":"x@example.org","confirmed":false,"confirmed_on":"2026-11-23"}',
     ("!", None, 0, 0, "2026-11-23")),
]


@pytest.mark.parametrize(("text", "expected"), ACCEPTED_LINES, ids=lambda part: str(part)[:50])
def test_a_line_says_no_more_than_it_has_to(site, text, expected):
    site.ok("import", "-", input=text)
    [(email, password, registered_on, *rest)] = rows(
        site.db, "SELECT email, password, registered_on, admin, confirmed, confirmed_on FROM users"
    )
    assert (email, password, *rest) == ("x@example.org", expected[0], *expected[2:])
    if expected[1]:
        assert registered_on == expected[1]
    else:
        assert value(site.db, "SELECT unixepoch() - unixepoch(?)", registered_on) in range(10)
    again = site.json("import", "-", input=text)
    assert (again["imported"], again["unchanged"]) == (0, 1)


def is_flat_json(data: bytes) -> bool:
    """Python's verdict on a line: an object of scalars, each key once, no `NaN`."""

    def unique(pairs: list[tuple]) -> dict:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        found = json.loads(data.decode(), object_pairs_hook=unique, parse_constant=refuse)
        # Python lets half a surrogate pair be.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, AssertionError, RecursionError):
        return False
    return isinstance(found, dict) and not any(isinstance(part, list | dict) for part in found.values())


def test_what_is_json_python_decides_too(site, tmp_path):
    """Lines with a byte or two changed are JSON for both or for neither."""
    chosen = random.Random(4711)
    alphabet = b'{}[]:,"\\ue0d8159.+-nulltrafs \t\r\x00\x1f\x7f\xc3\xa9\xff'
    originals = [text.encode() for text, _ in ACCEPTED_LINES] + [line(account(1)).encode().strip()]
    mutants = []
    for _ in range(20_000):
        data = bytearray(chosen.choice(originals))
        for _ in range(chosen.randint(1, 2)):
            place = chosen.randrange(len(data))
            data[place : place + chosen.randint(0, 2)] = chosen.choices(alphabet, k=chosen.randint(0, 2))
        mutants.append(bytes(data))
    path = tmp_path / "accounts.jsonl"
    path.write_bytes(b"{}\n" + b"\n".join(mutants))
    answer = json.loads(site.run("import", path, "--dry-run", "--json").stdout)
    syntax = ("it is no JSON", "it is not UTF-8", "holds an object or array", "is there twice")
    refused = {
        each["line"] - 2
        for each in answer["failures"]
        if any(words in each["error"]["message"] for words in syntax)
    }
    # A key that no account has is refused before what may be wrong behind it.
    names = ("there is no field", "a field has an unknown name")
    unknown = {
        each["line"] - 2
        for each in answer["failures"]
        if any(words in each["error"]["message"] for words in names)
    }
    by_python = {number for number, data in enumerate(mutants) if data.strip() and not is_flat_json(data)}
    assert refused - by_python == set()
    assert by_python - refused - unknown == set()
    assert min(len(refused), len(mutants) - len(refused)) > 1000


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_no_record_of_csv_is_lost_or_doubled(site, tmp_path, end):
    """Whatever stands in the fields, if another program has quoted it."""
    chosen = random.Random(42)
    path = tmp_path / "accounts.csv"
    count = 5000
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator=end)
        writer.writerow(["email", "password", "confirmed_on"])
        for number in range(count):
            noise = "".join(chosen.choices('ab",\n\r é', k=chosen.randint(0, 6)))
            writer.writerow([f"user{number}@example.org", "" if number % 3 else noise, None])
    answer = json.loads(site.run("import", path, "--json").stdout)
    emails = {email for (email,) in rows(site.db, "SELECT email FROM users")}
    refused = {each["email"] for each in answer["failures"]}
    assert emails | refused == {f"user{number}@example.org" for number in range(count)}
    assert emails & refused == set()
    assert {each["error"]["code"] for each in answer["failures"]} == {"invalid_password"}


BAD_HEADERS = [
    "id,password\n1,!\n", "email,e-mail\n", "email,email\n", "email,\n", "ann@example.org\n",
    '"email\n', 'em"ail\n', "[\n{\"email\":\"ann@example.org\"}]\n", "email;password\n",
    b"email\xff\n", "x" * 70_000, "<html>\n",
]


@pytest.mark.parametrize("text", BAD_HEADERS, ids=lambda text: repr(text[:20]))
@pytest.mark.parametrize("words", [[], ["--dry-run"]], ids=["", "dry"])
def test_a_file_without_a_proper_header_is_refused_whole(site, text, words):
    before = dump(site.db)
    code, error = site.error("import", "-", *words, input=text)
    assert (code, error["code"], error["exit"]) == (65, "invalid_value", 65)
    assert error["message"].startswith("line 1: ")
    assert dump(site.db) == before


BAD_RECORDS = [
    "x@example.org,!,3", "x@example.org", '"x@example.org,!', '"x"@example.org,!', 'x"y@example.org,!',
    "x@example.org,correct horse", '"x\n@example.org",!', b"x\xff@example.org,!", ",!",
    "x" * 70_000 + ",!", '"' + "x" * 70_000, '"x@example.org"",!',
]


@pytest.mark.parametrize("bad", BAD_RECORDS, ids=lambda part: repr(part[:30]))
def test_a_bad_record_of_csv_swallows_none_of_its_neighbours(site, bad):
    data = bad if isinstance(bad, bytes) else bad.encode()
    text = b"email,password\r\nann@example.org,!\r\n\r\n" + data + b"\nbob@example.org,!\neve@example.org,"
    result = site.run("import", "-", "--json", input=text)
    assert result.returncode == 1, result
    assert [number for number, _ in failures(result)] == [4]
    emails = [email for (email,) in rows(site.db, "SELECT email FROM users ORDER BY id")]
    assert emails == ["ann@example.org", "bob@example.org", "eve@example.org"]


@pytest.mark.parametrize("text", ["", "\n\r\n \n", "email\n", "\ufeff", "\ufeffemail\r\n"])
def test_nothing_to_import_is_success(site, text):
    for words in ([], ["--dry-run"]):
        answer = site.json("import", "-", *words, input=text)
        assert (answer["imported"], answer["refused"], answer["failures"]) == (0, 0, [])


# Who is there already


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
        assert f"line {number}: 'bad{number}' is no address".encode() in result.stderr
    assert result.stderr.count(b"regctl: import: ") == 11
    assert [number for number, _ in failures(dry)] == places
    assert json.loads(dry.stdout)["imported"] == count - 10
    assert value(site.db, "SELECT count(*) FROM users") == count - 10
    before = rows(site.db, EVERYTHING)
    again = site.run("import", path, "--json")
    answer = json.loads(again.stdout)
    assert (answer["imported"], answer["unchanged"], answer["refused"]) == (0, count - 10, 10)
    assert rows(site.db, EVERYTHING) == before


def test_of_a_million_lines_ten_are_refused_and_the_others_come_out_as_they_went_in(site, tmp_path):
    places = range(50_000, 1_000_000, 100_000)
    accounts, good = tmp_path / "accounts.jsonl", hashlib.sha256()
    with accounts.open("w") as file:
        for number in range(1, 1_000_001):
            text = (
                f'{{"schema":1,"id":{number},"email":"user{number}@example.org","password":"{HASH}",'
                f'"registered_on":"2026-01-01 00:00:00.{number % 10**6:06}","admin":false,'
                '"confirmed":true,"confirmed_on":"2026-01-02 00:00:00"}\n'
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


def test_an_account_that_is_there_is_never_changed(site):
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
def test_of_two_lines_with_one_address_the_second_is_measured_by_the_first(new_site, unique):
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


def test_a_table_that_takes_no_such_row_says_so_and_is_left_alone(new_site):
    site = new_site()
    with connected(site.db) as connection:
        connection.execute(
            APPLICATION_TABLE.replace("password ", "team INTEGER NOT NULL, password ")
        )
    site.db.chmod(0o600)
    site.ok("migrate-db")
    code, error = site.error("import", "-", input=lines(3))
    assert (code, error["code"]) == (74, "schema_missing")
    assert "team" in error["message"]
    assert value(site.db, "SELECT count(*) FROM users") == 0


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_a_dry_run_writes_no_byte(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    insert(site.db, [account(number) for number in range(1, 100)])
    before = {path: path.read_bytes() for path in site.directory.iterdir() if path.is_file()}
    site.ok("import", "-", "--dry-run", input=lines(5000, first=50))
    after = {path: path.read_bytes() for path in site.directory.iterdir() if path.is_file()}
    assert after == before


def test_who_imported_whom_is_written_down_and_counts_as_an_act(site, tmp_path):
    path = tmp_path / "accounts.csv"
    path.write_text("email,registered_on\nann@example.org,2020-01-01 00:00:00\n")
    site.ok("import", path)
    [entry] = site.json("audit", "--email", "ann@example.org")["entries"]
    assert (entry["act"], entry["reason"]) == ("import", str(path))
    shown = site.json("show", "ann@example.org")["timeline"]
    assert [each["event"] for each in shown] == ["registered", "import"]
    # An import of today is an act of today, whenever the account was made.
    [fate] = site.json("prune", "--dry-run", "--older-than", "14d", "--include-never-mailed")["accounts"]
    assert (fate["result"], fate["reason"]) == ("keep", "recent_act")


# Interrupted, and beside others

MANY = 30_000


@pytest.mark.parametrize("after", [1, 5000, 12_000])
def test_a_killed_import_leaves_whole_batches_and_is_completed_by_another(site, tmp_path, after):
    path = tmp_path / "accounts.jsonl"
    path.write_text(lines(MANY))
    with spawn(site, "import", path) as process:
        deadline = time.monotonic() + 60
        while value(site.db, "SELECT count(*) FROM users") < after:
            assert process.poll() is None and time.monotonic() < deadline
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert integrity(site.db) == "ok"
    found = value(site.db, "SELECT count(*) FROM users")
    assert after <= found < MANY
    assert value(site.db, "SELECT count(*) FROM regctl_audit_accounts") == found
    answer = site.json("import", path)
    assert (answer["imported"], answer["unchanged"]) == (MANY - found, found)
    assert rows(site.db, EVERYTHING) == [account(number) for number in range(1, MANY + 1)]
    assert value(site.db, "SELECT count(*) FROM regctl_audit_accounts") == MANY


@pytest.mark.parametrize("format", ["text", "json"])
def test_an_import_that_has_to_stop_says_what_it_has_done(site, format):
    """The lock is taken while the import waits for more lines; another run does the rest."""
    # As many lines as an import begins with.
    batch = 4000
    words = ["import", "-", "--busy-timeout", "0s", "--format", format]
    with spawn(site, *words, stdin=subprocess.PIPE) as process:
        process.stdin.write(("{}\n" + lines(batch - 1)).encode())
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while value(site.db, "SELECT count(*) FROM users") == 0:
            assert process.poll() is None and time.monotonic() < deadline
        with connected(site.db) as connection:
            connection.execute("BEGIN IMMEDIATE")
            output, error = process.communicate(lines(10, first=batch).encode(), timeout=60)
            connection.execute("ROLLBACK")
    assert process.returncode == 75
    if format == "json":
        answer = json.loads(output)
        assert (answer["imported"], answer["refused"]) == (batch - 1, 1)
        codes = [json.loads(text)["error"]["code"] for text in error.splitlines()]
        assert codes == ["invalid_value", "partial", "db_busy"]
    else:
        assert output.decode() == f"Imported {batch - 1} accounts; 1 line was refused.\n"
        assert b"another process kept the database locked\nhint: run the command again" in error
    assert rows(site.db, EVERYTHING) == [account(number) for number in range(1, batch)]
    assert site.json("import", "-", input=lines(batch + 9))["imported"] == 10


REGISTERS = """
import subprocess, sys, time
waits = []
for number in range(10**6):
    if sys.stdin.closed or time.time() > float(sys.argv[3]) + 60: break
    start = time.monotonic()
    subprocess.run([sys.argv[1], "register", f"{sys.argv[2]}{number}@example.net", "--no-password",
                    "--quiet", "--busy-timeout", "30s"], check=True)
    print(time.monotonic() - start, flush=True)
"""


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_others_register_while_somebody_imports(new_site, tmp_path, journal_mode):
    site = with_database(new_site(), journal_mode)
    path = tmp_path / "accounts.csv"
    path.write_text("email\n" + "".join(f"user{number}@example.org\n" for number in range(MANY)))
    words = [sys.executable, "-I", "-S", "-c", REGISTERS, BINARY]
    others = [
        subprocess.Popen(
            [*words, name, str(time.time())], env=site.environment, stdout=subprocess.PIPE, text=True
        )
        for name in ("ann", "bob")
    ]
    for other in others:
        assert other.stdout.readline()
    result = site.run("import", path, "--busy-timeout", "60s")
    waits = []
    for other in others:
        other.terminate()
        waits += [float(text) for text in other.communicate()[0].splitlines() if text]
    # One that was being registered when its starter died is let finish.
    time.sleep(0.5)
    assert result.returncode == 0, result
    assert integrity(site.db) == "ok"
    assert value(site.db, "SELECT count(*) FROM users WHERE email LIKE '%@example.org'") == MANY
    registered = value(site.db, "SELECT count(*) FROM users WHERE email LIKE '%@example.net'")
    assert registered == value(site.db, "SELECT count(*) FROM regctl_outbox") >= len(waits) > 4
    print(f"{journal_mode}: {registered} registrations, longest {max(waits):.3f} s")
    assert max(waits) < 2


# Memory

LARGE = 200_000


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("large") / "accounts.jsonl"
    with path.open("w") as file:
        for number in range(1, LARGE + 1):
            row = (number, f"user{number}@example.org", HASH, NOW, 0, 0, None)
            file.write(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n")
    yield path


def test_many_accounts_need_little_memory_both_ways(new_site, large, tmp_path):
    site, other = new_site(), new_site()
    site.ok("create-db")
    other.ok("create-db")
    small = tmp_path / "small.jsonl"
    small.write_text(lines(50_000))
    output = tmp_path / "output"
    rehearsed = measured(site, output, "import", large, "--dry-run")
    of_few = measured(other, output, "import", small)
    of_many = measured(site, output, "import", large)
    out_of_few = measured(other, output, "export")
    out_of_many = measured(site, output, "export")
    assert output.read_bytes().count(b"\n") == LARGE
    as_csv = measured(site, output, "export", "--csv")
    print(f"import {of_few}, {of_many} kB, --dry-run {rehearsed} kB, export {out_of_many} kB, {as_csv} kB")
    assert max(of_many, rehearsed, out_of_many, as_csv) <= KILOBYTES_AT_MOST
    assert out_of_many - out_of_few <= KILOBYTES_MORE_AT_MOST
    assert of_many - of_few <= 4 * KILOBYTES_MORE_AT_MOST


def test_refusing_every_line_needs_little_memory_too(site, tmp_path):
    path = tmp_path / "accounts.jsonl"
    path.write_text('{"email":"nobody"}\n' * LARGE)
    with path.open("rb") as file, (tmp_path / "output").open("wb") as output:
        result = subprocess.run(
            [BINARY, "import", "-"], stdin=file, stdout=output, stderr=subprocess.PIPE,
            env=site.environment,
        )
    assert result.returncode == 65
    # A hundred are said to people, and how many they were.
    assert result.stderr.count(b"is no address") == 100
    assert f"all {LARGE} lines were refused\nhint: --json names all".encode() in result.stderr
    result = site.run("import", path, "--json")
    assert [number for number, _ in failures(result)] == list(range(1, LARGE + 1))


def json_lines(**fields: str) -> bytes:
    """Lines of nearly the greatest length, `@` in a value standing for their number."""
    return b"".join(
        json.dumps({name: text.replace("@", f"{i}@") for name, text in fields.items()}).encode()
        + b"\n"
        for i in range(2000)
    )


ANY = "x" * 65_000
GREATEST_LINES = {
    "passwords": (["import", "-"], lambda: json_lines(email="@x.org", password=ANY)),
    "addresses": (["import", "-"], lambda: json_lines(email=f"@{ANY}")),
    "addresses in JSON": (["import", "-", "--json"], lambda: json_lines(email=f"@{ANY}")),
    "escapes": (["import", "-"], lambda: json_lines(email="@x.org", registered_on="é" * 10_000)),
    "fields": (["import", "-"], lambda: b"email\n" + (b"," * 65_000 + b"\n") * 2000),
    "numbers": (
        ["import", "-", "--dry-run"],
        lambda: b"email,admin\n" + b"".join(b"%d@x.org,%s\n" % (i, ANY.encode()) for i in range(2000)),
    ),
    "unknown addresses": (
        ["issue-token", "--stdin"],
        lambda: b"".join(b"%d%s\n" % (i, b"x" * 4000) for i in range(25_000)),
    ),
    "known addresses": (["issue-token", "--stdin", "--json"], lambda: LONG_ADDRESSES),
    "addresses of 70,000 bytes": (["issue-token", "--stdin"], lambda: (ANY.encode() + b"yyyyyy\n") * 900),
}
LONG_ADDRESSES = b"".join(
    b"%d%s@%s.org\n" % (i, b"y" * 50, b".".join([b"z" * 60] * 3)[:180]) for i in range(60_000)
)


@pytest.mark.parametrize("name", GREATEST_LINES)
def test_the_longest_lines_need_little_memory(site, tmp_path, name):
    """What is made of lines takes memory as their bytes do, and not as their number."""
    words, make = GREATEST_LINES[name]
    if name == "known addresses":
        site.ok("import", "-", input=b"email\n" + LONG_ADDRESSES)
    path = tmp_path / "input"
    path.write_bytes(make())
    launcher = (
        "import os, sys; actions = [(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)] + ["
        "(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_WRONLY, 0) for n in (1, 2)];"
        "child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ, file_actions=actions);"
        "_, status, usage = os.wait4(child, 0);"
        "print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", launcher, path, BINARY, *words],
        env=site.environment, capture_output=True, text=True, check=True,
    )
    code, kilobytes = map(int, result.stdout.split())
    assert code == (0 if name == "known addresses" else 65 if "import" in words else 1)
    print(f"{name}: {kilobytes} kB")
    assert kilobytes < 60_000
