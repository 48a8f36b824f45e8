"""The database is input: hostile values, damaged pages, foreign tables and triggers that ignore writes.

Whatever stands in it, no command traps, hangs, calls it a bug, claims what it did not do or mails
twice. With REGCTL_CAMPAIGN=full every command meets every case; otherwise each meets some of them.
"""

import mailbox
import os
import random
import re
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from Campaigns.command_help import commands
from Campaigns.database import APPLICATION_TABLE, connected, dump, rows, value
from Campaigns.sites import LINKS
from regctl import BINARY, Site
from tokens import token

ANN, BOB, EVE, DAN = (f"{name}@example.org" for name in ("ann", "bob", "eve", "dan"))
IS_FULL = os.environ.get("REGCTL_CAMPAIGN") == "full"

# The exit codes that CLI.md knows; 70 is a bug.
DOCUMENTED = {0, 1, 64, 65, 66, 67, 69, 73, 74, 75, 77, 78}
TIME_LIMIT = 20


# What commands do


READERS = [
    ["list-unconfirmed", "--json"],
    ["list-unconfirmed", "--sort", "email", "--format", "tsv"],
    ["list-unconfirmed", "--suspect-typo"],
    ["list-unconfirmed", "--count", "--domain", "example.org", "--mail-state", "sent"],
    ["list-admins"],
    ["list-outbox", "--json"],
    ["list-outbox", "--email", ANN],
    ["show", ANN, "--json"],
    ["show", "1"],
    ["show", EVE],
    ["show-mail", "1"],
    ["show-mail", "1", "--raw"],
    ["check", ANN],
    ["check", BOB, "--password-file", "-"],
    ["audit", "--json"],
    ["audit", "--email", ANN],
    ["audit", "--verify"],
    ["report", "cohorts", "--by", "month"],
    ["report", "funnel", "--json"],
    ["report", "metrics"],
    ["list-prunes"],
    ["inspect-token", "{token}"],
    ["export"],
    ["export", "--csv"],
    ["doctor"],
    ["backup", "{new}"],
    ["migrate-db", "--dry-run"],
    ["migrate-db", "--dry-run", "--unique-email"],
    ["prune", "--dry-run", "--older-than", "1d"],
    ["deliver", "--dry-run"],
    ["resend", "--all-unconfirmed", "--dry-run"],
    ["import", "{accounts}", "--dry-run"],
    ["config"],
    ["send-test", ANN],
    *(
        ["__complete", kind, ""]
        for kind in ("emails", "unconfirmed", "admins", "mails", "waiting-mails", "runs", "pruned")
    ),
]
WRITERS = [
    ["register", "new@example.org", "--no-password"],
    ["register", DAN, "--no-password", "--wait"],
    ["create-admin", "new@example.org", "--password-file", "-"],
    ["create-admin", ANN, "--promote"],
    ["confirm", "{token}"],
    ["confirm", "--email", ANN, "--reason", "called"],
    ["unconfirm", EVE, "--reason", "bounced"],
    ["resend", ANN, "--force"],
    ["resend", ANN, "--force", "--revoke-previous"],
    ["resend", "--all-unconfirmed", "--yes", "--campaign", "again"],
    ["issue-token", ANN],
    ["issue-token", "--stdin"],
    ["issue-token", EVE, "--purpose", "change-email"],
    ["change-email", ANN, "anne@example.org"],
    ["change-email", EVE, "evita@example.org"],
    ["reset-password", ANN, "--force"],
    ["set-password", ANN, "--password-file", "-"],
    ["grant-admin", ANN],
    ["revoke-admin", BOB, "--force"],
    ["delete", ANN, "--reason", "asked", "--yes"],
    ["deliver"],
    ["retry-mail", "1", "2", "3", "4"],
    ["retry-mail", "--all-failed"],
    ["cancel-mail", "1", "2", "3", "4"],
    ["prune", "--older-than", "1d", "--max", "1000", "--yes", "--include-never-mailed"],
    ["prune", "--plan", "{new}", "--older-than", "1d"],
    ["unprune", "1"],
    ["unprune", "1", "--email", DAN],
    ["import", "{accounts}"],
    ["show-mail", "1", "--raw", "--with-token"],
    ["migrate-db"],
    ["migrate-db", "--unique-email"],
    ["create-db", "--if-not-exists"],
]
LINES = READERS + WRITERS


def test_every_command_is_tried():
    """A new command belongs into the lists above; those that open no database are few."""
    assert {line[0] for line in LINES} | {"help", "tour"} >= set(commands())


class Bench:
    """A place to run commands in on databases that are used up."""

    def __init__(self, site: Site, original: bytes) -> None:
        self.site = site
        self.original = original
        self.accounts = site.directory / "accounts.csv"
        self.accounts.write_text("email,id\nimported@example.org,\nann@example.org,1\n")
        self.words = {"{token}": token(ANN, int(time.time()) - 60), "{accounts}": self.accounts}

    def put(self, content: bytes) -> None:
        for suffix in ("-journal", "-wal", "-shm"):
            Path(f"{self.site.db}{suffix}").unlink(missing_ok=True)
        self.site.db.write_bytes(content)

    def run(self, line: list[str]) -> tuple[list[str], subprocess.CompletedProcess]:
        new = self.site.directory / "new"
        new.unlink(missing_ok=True)
        words = [str({"{new}": new, **self.words}.get(word, word)) for word in line]
        stdin = f"{ANN}\n{EVE}\n".encode() if "--stdin" in words else b"correct horse battery"
        return words, subprocess.run(
            [BINARY, *words],
            input=stdin,
            capture_output=True,
            env=self.site.environment,
            timeout=TIME_LIMIT,
        )

    def mails(self) -> Counter[str]:
        """How often each mail was delivered; the Maildir is emptied."""
        found = Counter(
            str(mail["Message-ID"]) for mail in mailbox.Maildir(self.site.maildir, create=True)
        )
        shutil.rmtree(self.site.maildir)
        return found


def fault(line: list[str], bench: Bench) -> str | None:
    """What is wrong with the way in which a command met a database."""
    try:
        words, result = bench.run(line)
    except subprocess.TimeoutExpired:
        return "hangs"
    if result.returncode not in DOCUMENTED:
        return f"exits with {result.returncode}: {result.stderr[-300:]!r}"
    if b"bug in regctl" in result.stderr:
        return f"calls it a bug: {result.stderr[-300:]!r}"
    if result.returncode and not result.stderr and "__complete" not in words:
        return "fails without a word"
    # Only these send; a Maildir is looked at once for each.
    if words[0] in {"deliver", "register", "send-test"} and bench.site.maildir.exists():
        twice = [identity for identity, count in bench.mails().items() if count > 1]
        if twice:
            return f"mails twice: {twice}"
    return None


# A database in which everything has happened


def make_prototype(site: Site) -> bytes:
    """A database with something in every table; values of any kind fit every column."""
    site.ok("create-db", "--journal-mode", "truncate")
    with connected(site.db) as connection:
        # Deleted, archived and gone again, so that every table has rows.
        connection.execute("PRAGMA user_version = 7")
    for email in (ANN, DAN):
        site.ok("register", email, "--no-password")
    site.ok("create-admin", BOB, "--password-file", "-", input="correct horse battery")
    site.ok("register", EVE, "--no-password")
    site.ok("deliver")
    site.ok("confirm", "--email", EVE, "--reason", "called")
    site.ok("issue-token", "--stdin", input=f"{ANN}\n{DAN}\n")
    long_ago = int(time.time()) - 40 * 86_400
    with connected(site.db) as connection:
        for table, columns in {
            "regctl_outbox": ("queued_at", "finished_at"),
            "regctl_audit": ("at",),
            "regctl_accounts": ("registered_at",),
        }.items():
            for column in columns:
                connection.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {column} IS NOT NULL", (long_ago,)
                )
        connection.execute("UPDATE users SET registered_on = '2026-01-01 00:00:00.000000'")
        connection.execute("ALTER TABLE users ADD COLUMN colour")
        connection.execute("UPDATE users SET colour = 'red'")
    site.ok("prune", "--older-than", "30d", "--max", "5", "--yes")
    site.ok("unprune", "1", "--email", ANN)
    site.ok("register", "fay@example.org", "--no-password")
    site.ok("change-email", EVE, "evelyn@example.org")
    site.ok("resend", "--all-unconfirmed", "--yes", "--campaign", "first")
    with connected(site.db) as connection:
        connection.execute("UPDATE regctl_accounts SET not_before = registered_at")
    shutil.rmtree(site.maildir)
    return site.db.read_bytes()


def without_constraints(content: bytes, path: Path) -> bytes:
    """The database with columns that take every value, as SQLite lets anybody write a schema."""
    path.write_bytes(content)
    with connected(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        schema = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL"
        for name, sql in connection.execute(schema).fetchall():
            lax = re.sub(r"CHECK \(\s*state IN \([^)]*\)\)", "", sql)
            # A table without a rowid has no NULL in its key, and keys name rows.
            if "WITHOUT ROWID" not in sql:
                lax = lax.replace("NOT NULL", "")
            connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (lax, name))
    return path.read_bytes()


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> bytes:
    site = Site(tmp_path_factory.mktemp("original"), **LINKS)
    return without_constraints(make_prototype(site), site.directory / "lax.db")


def benches(tmp_path_factory, original: bytes) -> list[Bench]:
    return [Bench(Site(tmp_path_factory.mktemp("bench"), **LINKS), original) for _ in range(2)]


def try_all(
    cases: list[tuple[str, Callable[[], bytes], list[list[str]]]], benches: list[Bench]
) -> list[str]:
    """Runs each case's commands on a database of its own, two cases at a time."""

    def work(number: int) -> list[str]:
        bench, found = benches[number], []
        for name, make, lines in cases[number :: len(benches)]:
            content = make()
            bench.put(content)
            for line in lines:
                wrong = fault(line, bench)
                if wrong:
                    found.append(f"{name}: {' '.join(line)} {wrong}")
                if line in WRITERS or wrong:
                    bench.put(content)
        return found

    with ThreadPoolExecutor(len(benches)) as pool:
        return [wrong for found in pool.map(work, range(len(benches))) for wrong in found]


def chosen(number: int, count: int) -> list[list[str]]:
    """Some commands for a case: in the end each has met every column and kind of damage."""
    if IS_FULL:
        return LINES
    return [LINES[(number * count + offset) % len(LINES)] for offset in range(count)]


# Hostile values


VALUES: list[tuple[str, object]] = [
    ("NULL", None),
    ("nothing", ""),
    ("a word", "x"),
    ("an address", "zoe@example.org"),
    ("a shell's", "a;touch${IFS}x;b@example.org"),
    ("a number's text", "12abc"),
    ("a large number's text", "9223372036854775808"),
    ("a date", "2026-11-23 09:00:00.000000"),
    ("a date of zeros", "0000-00-00 00:00:00"),
    ("a late date", "9999-12-31 23:59:59.999999+14:00"),
    ("a later date", "99999-01-01"),
    ("a hash", "$2b$31$abcdefghijklmnopqrstuuQe66hACgXZ.ImKMvPGdqru0gQrWJ8Ju"),
    ("a long text", "x" * 100_000),
    ("lines", "a\r\nBcc: eve@example.org\r\n\r\nx"),
    ("a blob", b"\x00\xff"),
    ("an empty blob", b""),
    *((str(number), number) for number in (0, 1, 2, -1, 2**31, 2**53 + 1)),
    *((str(number), number) for number in (9_223_372_036_854, 9_223_372_036_855)),
    *((str(number), number) for number in (-9_223_372_036_855, 2**63 - 1, -(2**63) + 1, -(2**63))),
    *((str(number), number) for number in (0.5, 1e300, -1e300, float("inf"))),
]

# Text that is not UTF-8 cannot be bound by Python.
MALFORMED = [("no UTF-8", "CAST(x'ff' AS TEXT)"), ("a date cut", "CAST(x'323032362d31ff' AS TEXT)")]


def columns(content: bytes, path: Path) -> list[tuple[str, str]]:
    path.write_bytes(content)
    sql = (
        "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY 1, c.cid"
    )
    return rows(path, sql)


def with_value(content: bytes, path: Path, table: str, column: str, text: str, bound: list) -> bytes:
    """The database with a value in the first row of a column; as it was where SQLite refuses."""
    path.write_bytes(content)
    keys = "run, account_id" if table.startswith(("regctl_archive", "regctl_tomb")) else "rowid"
    if table == "regctl_audit_accounts":
        keys = "account_id, audit_id"
    if table == "regctl_campaigns":
        keys = "name, account_id"
    with connected(path) as connection:
        try:
            connection.execute(
                f'UPDATE OR REPLACE "{table}" SET "{column}" = {text} WHERE ({keys}) ='
                f' (SELECT {keys} FROM "{table}" ORDER BY 1 LIMIT 1)',
                bound,
            )
        except sqlite3.Error:
            pass
    return path.read_bytes()


def test_no_value_in_any_column_traps_hangs_or_is_called_a_bug(
    original, tmp_path_factory, tmp_path
):
    values = [(name, "?", [value]) for name, value in VALUES]
    values += [(name, text, []) for name, text in MALFORMED]
    found = columns(original, tmp_path / "columns.db")
    assert len(found) > 70, "the prototype has every table"
    cases = []
    lock = tmp_path / "case.db"
    contents = []
    for table, column in found:
        for name, text, bound in values:
            content = with_value(original, lock, table, column, text, bound)
            contents.append((f"{table}.{column} = {name}", content))
    changed = [(name, content) for name, content in contents if content != original]
    assert len(changed) > 1791, len(changed)
    for number, (name, content) in enumerate(changed):
        cases.append((name, lambda content=content: content, chosen(number, 7)))
    wrong = try_all(cases, benches(tmp_path_factory, original))
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:40])


# Damaged files


def damaged(content: bytes, seed: int) -> bytes:
    """The database with one kind of damage, the same for the same seed."""
    generator = random.Random(seed)
    data = bytearray(content)
    size = 4096
    pages = len(data) // size

    def page() -> int:
        return generator.randrange(pages) * size

    match seed % 8:
        case 0:  # Single bits.
            for _ in range(generator.randrange(1, 20)):
                data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        case 1:  # Noise within a page.
            start = page() + generator.randrange(size - 64)
            data[start : start + 64] = generator.randbytes(64)
        case 2:  # A page of zeros, as after a lost write.
            start = page()
            data[start : start + size] = bytes(size)
        case 3:  # A page in the place of another.
            start, other = page(), page()
            data[start : start + size] = data[other : other + size]
        case 4:  # Half a page, as after a torn write.
            start, other = page(), page()
            data[start : start + size // 2] = data[other : other + size // 2]
        case 5:  # The header of a page: its kind, its cells, the pointers to them.
            start = page() + (100 if generator.random() < 0.1 else 0)
            data[start + generator.randrange(12)] = generator.randrange(256)
        case 6:  # The end is missing.
            del data[generator.randrange(1, len(data)) :]
        case _:  # Pointers to pages, in the interior pages and the free list.
            for _ in range(3):
                start = page() + 8 + generator.randrange(32)
                data[start : start + 4] = generator.randrange(pages + 2).to_bytes(4)
    return bytes(data)


def test_no_damage_traps_hangs_or_mails_twice(original, tmp_path_factory):
    cases = [
        (f"damage {seed}", lambda seed=seed: damaged(original, seed), chosen(seed // 8 * 11 + seed, 5))
        for seed in range(1400)
    ]
    wrong = try_all(cases, benches(tmp_path_factory, original))
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:40])


# Lists that would not end


@pytest.mark.parametrize(
    "line",
    [
        ["list-unconfirmed", "--format", "tsv"],
        ["list-unconfirmed", "--sort", "email", "--format", "tsv"],
        ["prune", "--dry-run", "--older-than", "1d"],
        ["prune", "--older-than", "1d", "--yes", "--max", "9999"],
        ["resend", "--all-unconfirmed", "--dry-run"],
        ["resend", "--all-unconfirmed", "--yes"],
        ["export"],
        ["audit"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("column", ["registered_on", "email"])
def test_text_that_is_not_utf8_ends_no_list_late(tmp_path_factory, line, column):
    """Equal dates, or growing addresses, each with a byte that is no UTF-8 before the piece's end."""
    site = Site(tmp_path_factory.mktemp("bytes"))
    site.ok("create-db")
    text = "CAST(x'323032362d30312d3031ff' AS TEXT)" if column == "registered_on" else "'2026-01-01'"
    email = "i || '@x.org'"
    if column == "email":
        email = "CAST(CAST('a' AS BLOB) || x'ff' || i || '@x.org' AS TEXT)"
    with connected(site.db) as connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
            " INSERT INTO users (email, password, registered_on, admin, confirmed) SELECT"
            f" {email}, '!', {text}, 0, 0 FROM n"
        )
    began = time.monotonic()
    result = subprocess.run(
        [BINARY, *line], capture_output=True, env=site.environment, timeout=TIME_LIMIT
    )
    assert result.returncode in {0, 1}, result
    assert result.stdout.count(b"\n") <= 2501
    assert time.monotonic() - began < TIME_LIMIT / 2


def rewrite_schema(db: Path, old: str, new: str, name: str) -> None:
    """Has SQLite believe another definition of a table or index."""
    with connected(db) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = ?", (old, new, name)
        )
        version = connection.execute("PRAGMA schema_version").fetchone()[0]
        connection.execute(f"PRAGMA schema_version = {version + 1}")


def behind_the_back_of(db: Path, index: str, condition: str, sql: str) -> None:
    """Changes rows of which an index learns nothing."""
    rewrite_schema(db, condition, "WHERE 0", index)
    with connected(db) as connection:
        connection.execute(sql)
    rewrite_schema(db, "WHERE 0", condition, index)


def test_an_index_that_lists_sent_mails_as_waiting_makes_no_mail_bomb(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("bomb"))
    site.ok("create-db")
    site.ok("import", "-", input="email\n" + "".join(f"a{i}@x.org\n" for i in range(300)))
    site.ok("resend", "--all-unconfirmed", "--yes")
    behind_the_back_of(
        site.db,
        "regctl_outbox_due",
        "WHERE state = 'queued'",
        "UPDATE regctl_outbox SET state = 'sent' WHERE id > 100",
    )
    # The control: SQLite itself gives the mails that were sent.
    waiting = "SELECT count(*) FROM regctl_outbox WHERE state = 'queued' AND next_attempt_at > 0"
    assert value(site.db, waiting) == 300
    for _ in range(3):
        code, error = site.error("deliver")
        assert (code, error["code"]) == (74, "db_corrupt")
        assert "REINDEX" in error["hint"]
    bench = Bench(site, b"")
    delivered = bench.mails()
    assert max(delivered.values()) == 1
    assert len(delivered) == 100
    with connected(site.db) as connection:
        connection.execute("REINDEX")
    site.ok("deliver")
    assert not site.maildir.exists() or not bench.mails()
    states = "SELECT state, count(*) FROM regctl_outbox GROUP BY 1"
    assert rows(site.db, states) == [("sent", 300)]


# A list is in two pieces of 1000 at least, so that an index out of order is met.
@pytest.mark.parametrize(
    "line",
    [
        ["list-unconfirmed"],
        ["prune", "--dry-run", "--older-than", "1d"],
        ["prune", "--older-than", "1d", "--yes", "--max", "9999", "--include-never-mailed"],
        ["resend", "--all-unconfirmed", "--dry-run"],
        ["resend", "--all-unconfirmed", "--yes"],
    ],
    ids=" ".join,
)
def test_an_index_out_of_order_is_found_out(tmp_path_factory, line):
    site = Site(tmp_path_factory.mktemp("order"))
    site.ok("create-db")
    site.ok("import", "-", input="email,registered_on\n" + "".join(
        f"a{i}@x.org,2026-01-{i % 28 + 1:02} 00:00:00\n" for i in range(3000)))
    # The dates change; the index goes on giving the accounts in their old order.
    behind_the_back_of(
        site.db,
        "regctl_users_unconfirmed",
        "WHERE confirmed = 0",
        "UPDATE users SET registered_on = '2026-02-01 00:00:00' WHERE id % 3 = 0",
    )
    code, error = site.error(*line)
    assert (code, error["code"]) == (74, "db_corrupt")
    assert "comes out of order" in error["message"]


# Triggers that ignore writes


WRITES = [
    ("UPDATE", ["confirm", "{token}"]),
    ("UPDATE", ["confirm", "--email", ANN, "--reason", "called"]),
    ("UPDATE", ["unconfirm", EVE, "--reason", "bounced"]),
    ("UPDATE", ["change-email", ANN, "anne@example.org"]),
    ("UPDATE", ["set-password", ANN, "--password-file", "-"]),
    ("UPDATE", ["grant-admin", ANN]),
    ("UPDATE", ["revoke-admin", BOB, "--force"]),
    ("UPDATE", ["create-admin", ANN, "--promote"]),
    ("INSERT", ["register", "new@example.org", "--no-password"]),
    ("INSERT", ["create-admin", "new@example.org", "--password-file", "-"]),
    ("INSERT", ["import", "{accounts}"]),
    ("INSERT", ["unprune", "1"]),
    ("DELETE", ["delete", ANN, "--reason", "asked", "--yes"]),
    ("DELETE", ["prune", "--older-than", "1d", "--max", "1000", "--yes", "--include-never-mailed"]),
]


@pytest.mark.parametrize(("act", "line"), WRITES, ids=[" ".join(line) for _, line in WRITES])
@pytest.mark.parametrize("when", ["BEFORE", "AFTER"])
def test_what_a_trigger_ignores_is_no_success(
    original, tmp_path_factory, act, line, when
):
    """Before the row is written it is ignored; behind it, it is taken back."""
    site = Site(tmp_path_factory.mktemp("ignoring"), **LINKS)
    bench = Bench(site, original)
    bench.put(original)
    undo = {
        "INSERT": "DELETE FROM users WHERE id = new.id",
        "UPDATE": "DELETE FROM users WHERE id = new.id",
        "DELETE": "SELECT RAISE(IGNORE)",
    }[act]
    body = "SELECT RAISE(IGNORE)" if when == "BEFORE" else undo
    with connected(site.db) as connection:
        # Somebody to prune, as the others were touched today.
        connection.execute(
            "INSERT INTO users VALUES (90, 'old@x.org', '!', '2026-01-01', 0, 0, NULL, '')"
        )
        connection.execute(
            f"CREATE TRIGGER keep_calm {when} {act} ON users BEGIN {body}; END"
        )
    before = dump(site.db)
    _, result = bench.run(line)
    if act == "DELETE" and when == "AFTER":
        # Behind a deletion there is nothing left to ignore.
        assert result.returncode == 0, result
        return
    assert result.returncode == 74, result
    assert b"the table users ignored a change, which was not made" in result.stderr
    assert b"its triggers: 'keep_calm'" in result.stderr
    assert dump(site.db) == before


# Tables that are not what they were


SPOILT = {
    "a view": [
        "ALTER TABLE users RENAME TO people",
        "CREATE VIEW users AS SELECT * FROM people",
    ],
    "no users": ["DROP TABLE users"],
    "a column less": ["ALTER TABLE users RENAME COLUMN confirmed_on TO seen"],
    "another table": [
        "DROP TABLE users",
        "CREATE TABLE users (name TEXT, size REAL)",
        "INSERT INTO users VALUES ('x', 1)",
    ],
    "without rowid": [
        "CREATE TABLE others (id VARCHAR PRIMARY KEY, email VARCHAR UNIQUE, password VARCHAR,"
        " registered_on, admin, confirmed, confirmed_on) WITHOUT ROWID",
        "INSERT INTO others SELECT 'x' || id, email, password, registered_on, admin, confirmed,"
        " confirmed_on FROM users",
        "DROP TABLE users",
        "ALTER TABLE others RENAME TO users",
    ],
    "a virtual table": [
        "DROP TABLE users",
        "CREATE VIRTUAL TABLE users USING fts5"
        " (id, email, password, registered_on, admin, confirmed, confirmed_on)",
        "INSERT INTO users VALUES ('1', 'ann@example.org', 'x', '2026', '0', '0', '')",
    ],
    **{
        f"no {name}": [f"DROP TABLE {name}"]
        for name in (
            "regctl_accounts regctl_outbox regctl_audit regctl_audit_accounts regctl_campaigns"
            " regctl_email_changes regctl_prunes regctl_archive regctl_archive_further"
            " regctl_tombstones regctl_schema"
        ).split()
    },
    "a view of ours": [
        "ALTER TABLE regctl_outbox RENAME TO mails",
        "CREATE VIEW regctl_outbox AS SELECT * FROM mails",
    ],
    "a schema of text": ["DROP TABLE regctl_schema", "CREATE TABLE regctl_schema (version TEXT)",
                         "INSERT INTO regctl_schema VALUES ('one')"],
    "a trigger that fails": [
        "CREATE TRIGGER failing BEFORE UPDATE ON users BEGIN SELECT no_such_function(1); END"
    ],
    "a trigger that aborts": [
        "CREATE TRIGGER aborting BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'no!'); END"
    ],
    "a check": ["ALTER TABLE users ADD COLUMN size CHECK (size > 3) DEFAULT 4"],
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_schema_that_others_have_changed_is_no_bug_of_regctl(original, tmp_path_factory, name):
    bench = Bench(Site(tmp_path_factory.mktemp("spoilt"), **LINKS), original)
    bench.put(original)
    with connected(bench.site.db) as connection:
        connection.execute("PRAGMA legacy_alter_table = ON")
        for sql in SPOILT[name]:
            connection.execute(sql)
    content = bench.site.db.read_bytes()
    wrong = try_all([(name, lambda: content, LINES)], [bench])
    assert not wrong, "\n".join(wrong)


HOSTILE_TABLES = {
    "text for numbers": ("id VARCHAR PRIMARY KEY", "id is VARCHAR, not INTEGER PRIMARY KEY"),
    "big integers": ("id BIGINT PRIMARY KEY", "id is BIGINT, not INTEGER PRIMARY KEY"),
    "backwards": ("id INTEGER PRIMARY KEY DESC", "id is INTEGER, not INTEGER PRIMARY KEY"),
}


@pytest.mark.parametrize("name", HOSTILE_TABLES)
def test_an_identity_that_is_no_number_is_not_adopted(new_site, name):
    """Or `delete t@x.org` deletes account 12, because its own number is '12abc'."""
    identity, words = HOSTILE_TABLES[name]
    site = new_site()
    table = APPLICATION_TABLE.replace("id INTEGER NOT NULL", identity)
    with connected(site.db) as connection:
        connection.execute(table.replace("PRIMARY KEY (id),", ""))
    site.db.chmod(0o600)
    before = dump(site.db)
    for line in (["migrate-db"], ["migrate-db", "--dry-run"], ["migrate-db", "--unique-email"]):
        code, error = site.error(*line)
        assert (code, error["code"]) == (74, "schema_missing")
        assert words in error["message"]
    assert dump(site.db) == before


def test_a_column_that_ignores_case_is_adopted_and_tokens_hold_the_stored_address(new_site):
    site = new_site()
    with connected(site.db) as connection:
        connection.execute(
            APPLICATION_TABLE.replace("email VARCHAR NOT NULL", "email VARCHAR NOT NULL COLLATE NOCASE")
        )
        connection.execute(
            "INSERT INTO users VALUES (1, 'Ann@Example.org', '!', '2026-01-01 00:00:00', 0, 0, NULL)"
        )
    site.db.chmod(0o600)
    site.ok("migrate-db")
    for line in (["issue-token", "ANN@example.ORG"], ["issue-token", "--stdin"]):
        issued = site.json(*line, input="ann@EXAMPLE.org\n")["tokens"][0]
        assert issued["email"] == "Ann@Example.org"
        assert site.json("inspect-token", issued["token"])["email"] == "Ann@Example.org"
    site.ok("confirm", issued["token"])
    assert site.json("list-unconfirmed", "--sort", "email")["accounts"] == []


def test_doctor_names_rows_that_cannot_be_read(original, tmp_path_factory):
    bench = Bench(Site(tmp_path_factory.mktemp("doctor"), **LINKS), original)
    bench.put(original)
    with connected(bench.site.db) as connection:
        connection.execute("UPDATE regctl_outbox SET attempts = 'many' WHERE id = 1")
        connection.execute("UPDATE users SET confirmed = 7 WHERE email = ?", (EVE,))
    result = bench.site.run("doctor")
    assert b"2 rows hold a value that cannot be" in result.stdout
    assert b"confirmed is 7, which is out of range" in result.stdout
    code, error = bench.site.error("list-outbox")
    assert (code, error["code"]) == (74, "db_corrupt")
    assert "regctl_outbox row 1: attempts is text and not integer" in error["message"]
