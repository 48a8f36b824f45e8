"""Lists of any length: little memory, right order, and no writer blocked by a slow reader."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from Campaigns.database import Database, connected, filling, value
from Campaigns.extent import IS_FULL
from Campaigns.memory import KILOBYTES_AT_MOST, KILOBYTES_MORE_AT_MOST, costs, measured
from Campaigns.processes import spawn
from Campaigns.sites import in_each_database, with_database
from engines import SQLITE, on_both_engines
from regctl import BINARY, Site

LARGEST = 1_000_000 if IS_FULL else 250_000

# Compared with a list that is long enough to fill SQLite's page cache of 2 MB.
MANY = 50_000

# A minute lies between two accounts, and the last ones registered first, so that the order of
# registration is neither that of numbers nor that of addresses.
FIRST_MINUTE = datetime(2020, 1, 1)


def registered_on(number: int, count: int) -> str:
    moment = FIRST_MINUTE + timedelta(minutes=count - number)
    return moment.isoformat(" ", "microseconds")


def email(number: int) -> str:
    return f"user{number:07}@{'example.org' if number % 4 else 'example.net'}"


def populate(db: Database, count: int) -> None:
    """Fills in unconfirmed accounts; every tenth has a mail that was sent, some of those two."""
    with filling(db) as connection:
        connection.executemany(
            "INSERT INTO users (id, email, password, registered_on, admin, confirmed)"
            " VALUES (?, ?, '!', ?, FALSE, FALSE)",
            (
                (number, email(number), registered_on(number, count))
                for number in range(1, count + 1)
            ),
        )
        for state, divisor in (("sent", 10), ("failed", 50)):
            connection.execute(
                "INSERT INTO regctl_outbox (account_id, email, purpose, template, state,"
                " queued_at, finished_at, message_id) SELECT id, email, 'confirm', 'confirm', ?,"
                " 1767225600, 1767225660, 'mail' || id FROM users WHERE id % ? = 0",
                (state, divisor),
            )
        if not isinstance(db, Path):
            # The numbers above are not those of the sequence.
            connection.execute("SELECT setval('users_id_seq', max(id)) FROM users")


def by_registration(count: int) -> list[int]:
    return list(range(count, 0, -1))


def populated(site: Site, count: int) -> Site:
    site.ok("create-db")
    populate(site.db, count)
    return site


@pytest.fixture(scope="module")
def largest(tmp_path_factory) -> Site:
    return populated(Site(tmp_path_factory.mktemp("largest")), LARGEST)


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Site:
    return populated(Site(tmp_path_factory.mktemp("many")), MANY)


def tsv_lines(output: Path) -> Iterator[list[str]]:
    with output.open() as lines:
        assert next(lines).startswith("email\tregistered_on\tage\t")
        for line in lines:
            yield line.rstrip("\n").split("\t")


def jsonl_objects(output: Path) -> Iterator[dict]:
    with output.open() as lines:
        for line in lines:
            yield json.loads(line)


# Memory


def test_the_measurement_sees_memory_that_grows(largest, tmp_path):
    """The control: the same list held in memory is far beyond the limit."""
    fetch = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT * FROM users')"
    program = [sys.executable, "-I", "-S", "-c", fetch + ".fetchmany(200_000)", largest.db]
    assert costs(largest, tmp_path / "output", *program)[0] > KILOBYTES_AT_MOST


def test_many_rows_of_tsv_need_little_memory_and_are_in_order(largest, many, tmp_path):
    output = tmp_path / "output"
    small = measured(many, output, "list-unconfirmed", "--format", "tsv")
    large = measured(largest, output, "list-unconfirmed", "--format", "tsv")
    assert large <= KILOBYTES_AT_MOST
    assert large - small <= KILOBYTES_MORE_AT_MOST
    listed = [row[0] for row in tsv_lines(output)]
    assert listed == [email(number) for number in by_registration(LARGEST)]


def test_many_rows_of_jsonl_need_little_memory_and_are_all_whole(largest, many, tmp_path):
    output = tmp_path / "output"
    small = measured(many, output, "list-unconfirmed", "--format", "jsonl")
    large = measured(largest, output, "list-unconfirmed", "--format", "jsonl")
    assert large <= KILOBYTES_AT_MOST
    assert large - small <= KILOBYTES_MORE_AT_MOST
    count = mails = 0
    for row in jsonl_objects(output):
        assert row["schema"] == 1 and row["email"] == email(row["id"])
        count += 1
        mails += row["mails"]
    assert (count, mails) == (LARGEST, LARGEST // 10 + LARGEST // 50)


def test_many_rows_of_json_need_little_memory_and_are_one_object(largest, many, tmp_path):
    output = tmp_path / "output"
    small = measured(many, output, "list-unconfirmed", "--format", "json")
    large = measured(largest, output, "list-unconfirmed", "--format", "json")
    assert large <= KILOBYTES_AT_MOST
    assert large - small <= KILOBYTES_MORE_AT_MOST
    # Each account is reduced to its number while it is parsed.
    found = json.loads(output.read_bytes(), object_hook=lambda found: found.get("id", found))
    assert list(found) == ["schema", "accounts", "count"]
    assert (found["schema"], found["count"]) == (1, LARGEST)
    assert found["accounts"] == by_registration(LARGEST)


def test_many_rows_of_text_need_little_memory_and_stay_aligned(largest, many, tmp_path):
    output = tmp_path / "output"
    small = measured(many, output, "list-unconfirmed")
    large = measured(largest, output, "list-unconfirmed")
    assert large <= KILOBYTES_AT_MOST
    assert large - small <= KILOBYTES_MORE_AT_MOST
    with output.open() as lines:
        column = next(lines).index("REGISTERED_ON")
        count = sum(line[column - 2 : column + 2] == "  20" for line in lines)
    assert count == LARGEST


def test_many_rows_by_address_need_little_memory_too(largest, many, tmp_path):
    output = tmp_path / "output"
    words = ["list-unconfirmed", "--sort", "email", "--format", "tsv", "--fields", "email"]
    small = measured(many, output, *words)
    large = measured(largest, output, *words)
    assert large <= KILOBYTES_AT_MOST
    assert large - small <= KILOBYTES_MORE_AT_MOST
    lines = output.read_text().splitlines()
    assert lines[0] == "email"
    assert lines[1:] == [email(number) for number in range(1, LARGEST + 1)]


def test_the_mails_of_many_accounts_need_no_more_memory_than_a_list(largest, many, tmp_path):
    output = tmp_path / "output"
    small = measured(many, output, "list-unconfirmed", "--format", "jsonl")
    large = measured(largest, output, "list-outbox", "--format", "jsonl")
    assert large <= KILOBYTES_AT_MOST
    assert large - small <= KILOBYTES_MORE_AT_MOST
    assert sum(1 for _ in jsonl_objects(output)) == LARGEST // 10 + LARGEST // 50


def test_counting_many_accounts_needs_little_memory(largest, tmp_path):
    output = tmp_path / "output"
    assert measured(largest, output, "list-unconfirmed", "--count") <= KILOBYTES_AT_MOST
    assert output.read_text() == f"{LARGEST}\n"


# Reading only the beginning


@pytest.mark.parametrize("format", ["text", "tsv", "jsonl", "json"])
def test_reading_only_the_head_of_a_list_is_not_an_error(largest, format):
    script = '"$0" list-unconfirmed --format "$1" | head -c 100 >/dev/null; exit "${PIPESTATUS[0]}"'
    start = time.monotonic()
    result = subprocess.run(
        ["bash", "-c", script, BINARY, format], env=largest.environment, capture_output=True
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert time.monotonic() - start < 2, "the rest of the list was read for nobody"


def test_head_shows_the_header_of_many_rows(largest):
    script = '"$0" list-unconfirmed | head -n 1; exit "${PIPESTATUS[0]}"'
    result = subprocess.run(
        ["bash", "-c", script, BINARY], env=largest.environment, capture_output=True
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.startswith(b"EMAIL ")


# Reading slowly

ROWS = 20_000


@pytest.fixture
def paged(journal_mode, new_site) -> Iterator[tuple[Site, subprocess.Popen]]:
    """A list of which one byte was read, so that regctl is stuck writing the rest."""
    site = with_database(new_site(), journal_mode)
    populate(site.db, ROWS)
    words = ["list-unconfirmed", "--format", "tsv", "--fields", "id,email", "--no-header"]
    with spawn(site, *words, bufsize=0) as process:
        assert process.stdout.read(1) == b"2"
        wchan = Path(f"/proc/{process.pid}/wchan")
        deadline = time.monotonic() + 30
        while "pipe" not in wchan.read_text():
            assert process.poll() is None, "the list is too short to block"
            assert time.monotonic() < deadline
        yield site, process


def rest_of(process: subprocess.Popen) -> list[int]:
    """The numbers of the accounts of a list that was begun."""
    output, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (0, b"")
    return [int(line.split(b"\t")[0]) for line in (b"2" + output).splitlines()]


@in_each_database
def test_registering_goes_on_while_a_list_is_paged(paged):
    site, process = paged
    for number in range(3):
        words = ["register", f"new{number}@example.org", "--no-password", "--busy-timeout", "0s"]
        site.ok(*words)
    assert process.poll() is None
    listed = rest_of(process)
    assert listed[:ROWS] == by_registration(ROWS)
    # Accounts registered while the list is read are at its end or not in it.
    assert set(listed[ROWS:]) <= {ROWS + 1, ROWS + 2, ROWS + 3}


@in_each_database
def test_the_application_changes_what_it_likes_while_a_list_is_paged(paged):
    """Accounts that are confirmed or deleted drop out; older and newer ones do no harm."""
    site, process = paged
    order = by_registration(ROWS)
    gone, done = order[-500:-400], order[-300:-200]
    with connected(site.db) as connection:
        if isinstance(site.db, Path):
            connection.execute("PRAGMA busy_timeout = 0")
        marks = ",".join(map(str, gone))
        connection.execute(f"DELETE FROM users WHERE id IN ({marks})")
        marks = ",".join(map(str, done))
        connection.execute(f"UPDATE users SET confirmed = TRUE WHERE id IN ({marks})")
        for number, moment in ((ROWS + 1, "2000-01-01"), (ROWS + 2, "2030-01-01")):
            account = (number, f"new{number}@example.org", f"{moment} 00:00:00.000000")
            connection.execute(
                "INSERT INTO users (id, email, password, registered_on, admin, confirmed)"
                " VALUES (?, ?, '!', ?, FALSE, FALSE)",
                account,
            )
    assert process.poll() is None
    missing = {*gone, *done}
    listed = rest_of(process)
    assert listed[-1] == ROWS + 2
    assert listed[:-1] == [number for number in order if number not in missing]


# Options of the list


def ids(site: Site, *words: object) -> list[int]:
    listed = site.ok("list-unconfirmed", "--format", "tsv", "--fields", "id", "--no-header", *words)
    return [int(line) for line in listed.splitlines()]


@pytest.fixture(scope="module")
def some(tmp_path_factory, new_database_of_module) -> Site:
    return populated(Site(tmp_path_factory.mktemp("some"), new_database_of_module()), 2500)


@on_both_engines
@pytest.mark.parametrize("limit", [1, 999, 1000, 1001, 2000, 2499, 2500, 2501, 10**15])
def test_a_limit_is_kept_whatever_the_size_of_a_batch(some, limit):
    assert ids(some, "--limit", limit) == by_registration(2500)[:limit]
    assert ids(some, "--limit", limit, "--sort", "email") == list(range(1, 2501))[:limit]
    assert some.ok("list-unconfirmed", "--limit", limit, "--count") == f"{min(limit, 2500)}\n"


@pytest.fixture(scope="module")
def import_at_once(tmp_path_factory, new_database_of_module, engine) -> Site:
    """Accounts imported by an application: all registered at the same time."""
    count = 200_000 if engine == SQLITE else 20_000
    site = populated(Site(tmp_path_factory.mktemp("import"), new_database_of_module()), count)
    with filling(site.db) as connection:
        connection.execute("UPDATE users SET registered_on = '2026-01-01 00:00:00.000000'")
    return site


@on_both_engines
def test_accounts_of_one_moment_are_listed_once_each(import_at_once):
    """A batch ends in the midst of accounts that were registered at the same time."""
    listed = ids(import_at_once)
    assert len(listed) >= 20_000 and listed == list(range(1, len(listed) + 1))


def test_accounts_of_one_moment_take_no_longer_than_others(largest, import_at_once, tmp_path):
    """The place where a batch goes on is found in the index, not by reading all before it."""
    words = [BINARY, "list-unconfirmed", "--count", "--limit", 200_000]
    same = costs(import_at_once, tmp_path / "output", *words)[1]
    different = costs(largest, tmp_path / "output", *words)[1]
    assert same < 3 * different


@on_both_engines
def test_filters_choose_what_sql_would_choose(some):
    def expected(condition: str) -> int:
        return value(some.db, f"SELECT count(*) FROM users u WHERE NOT confirmed AND {condition}")

    last = "(SELECT state FROM regctl_outbox WHERE account_id = u.id ORDER BY id DESC LIMIT 1)"
    for words, condition in [
        (["--domain", "example.net"], "email LIKE '%@example.net'"),
        (["--domain", "EXAMPLE.NET"], "email LIKE '%@example.net'"),
        (["--domain", "le.net"], "FALSE"),
        (["--mail-state", "sent"], f"{last} = 'sent'"),
        (["--mail-state", "failed"], f"{last} = 'failed'"),
        (["--mail-state", "queued"], "FALSE"),
        (["--older-than", "1h"], "TRUE"),
        (["--older-than", "never"], "FALSE"),
        (["--newer-than", "1h"], "FALSE"),
        (["--newer-than", "never"], "TRUE"),
    ]:
        count = expected(condition)
        assert some.json("list-unconfirmed", "--count", *words)["count"] == count, words
        assert len(ids(some, *words)) == count, words
        assert len(ids(some, *words, "--sort", "email")) == count, words
        assert some.json("list-unconfirmed", *words)["count"] == count, words


@on_both_engines
def test_an_age_divides_the_older_from_the_newer(some):
    """Half of the accounts registered before a time between two minutes, half after it."""
    between = FIRST_MINUTE.replace(tzinfo=UTC) + timedelta(minutes=1249, seconds=30)
    span = f"{int((datetime.now(UTC) - between).total_seconds())}s"
    assert ids(some, "--older-than", span) == by_registration(2500)[:1250]
    assert ids(some, "--newer-than", span) == by_registration(2500)[1250:]


@pytest.mark.parametrize("stored", ["", "yesterday", "2026-01-01", 1767225600, 2026.5])
def test_an_account_without_a_valid_date_is_listed(new_site, stored):
    """Such a row has to be found to be corrected; the column accepts numbers as well as text."""
    site = new_site()
    site.ok("create-db")
    populate(site.db, 3)
    with connected(site.db) as connection:
        connection.execute("UPDATE users SET registered_on = ? WHERE id = 2", (stored,))
    assert sorted(ids(site)) == [1, 2, 3]
    assert ids(site, "--sort", "email") == [1, 2, 3]
    assert site.ok("list-unconfirmed", "--count") == "3\n"
