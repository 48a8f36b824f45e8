"""The content of lines; every line has a result."""

import csv
import json
import random
from datetime import UTC, datetime

import pytest

from Campaigns.bulk.accounts import EVERYTHING, HASH, account, failures, line
from Campaigns.database import dump, rows
from engines import POSTGRESQL, on_both_engines

pytestmark = on_both_engines

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
def test_an_invalid_line_is_rejected_and_the_lines_around_it_are_not(site, bad, code):
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
def test_a_line_says_no_more_than_it_has_to(site, engine, text, expected):
    site.ok("import", "-", input=text)
    hash, registered, *rest, confirmed = expected
    if engine == POSTGRESQL:  # There, every date has microseconds.
        registered, confirmed = (
            date and datetime.fromisoformat(date).isoformat(" ", "microseconds")
            for date in (registered, confirmed)
        )
    [(_, email, password, registered_on, *found)] = rows(site.db, EVERYTHING)
    assert (email, password, *found) == ("x@example.org", hash, *rest, confirmed)
    if registered:
        assert registered_on == registered
    else:
        now = datetime.now(UTC).replace(tzinfo=None)
        assert 0 <= (now - datetime.fromisoformat(registered_on)).total_seconds() < 10
    again = site.json("import", "-", input=text)
    assert (again["imported"], again["unchanged"]) == (0, 1)


def is_flat_json(data: bytes) -> bool:
    """Python's decision on a line: an object of scalars, each key once, no `NaN`."""

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


def test_python_agrees_on_what_is_json(site, tmp_path):
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
    syntax = (
        "JSON syntax error", "not a JSON object", "not UTF-8", "is an object or array",
        "duplicate field",
    )
    refused = {
        each["line"] - 2
        for each in answer["failures"]
        if any(words in each["error"]["message"] for words in syntax)
    }
    # A key that no account has is refused before what may be wrong behind it.
    names = ("unknown field",)
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
def test_an_invalid_csv_record_does_not_affect_its_neighbours(site, bad):
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
