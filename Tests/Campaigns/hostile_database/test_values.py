"""Hostile values in any column."""

import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from Campaigns.command_help import commands
from Campaigns.database import connected
from Campaigns.extent import sample
from Campaigns.hostile_database.bench import LINES, TIME_LIMIT, Bench, benches, chosen, try_all
from Campaigns.hostile_database.prototype import columns
from Campaigns.preparation import EVE
from Campaigns.sites import LINKS
from regctl import BINARY, Site


def test_every_command_is_tried():
    """A new command belongs into the lists above; those that open no database are few.

    A move needs a server: Campaigns.postgresql.test_move.
    """
    assert {line[0] for line in LINES} | {"completion", "help", "tour", "move-db"} >= set(commands())


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


def with_value(content: bytes, path: Path, table: str, column: str, text: str, bound: list) -> bytes:
    """The database with a value in the first row of a column; as it was where SQLite refuses."""
    path.write_bytes(content)
    keys = "run, account_id" if table.startswith(("regctl_archive", "regctl_tomb")) else "rowid"
    if table == "regctl_audit_accounts":
        keys = "account_id, audit_id"
    if table == "regctl_attempts":
        keys = "mail_id, attempt"
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
    for number, (name, content) in enumerate(sample("hostile values in files", changed, 4)):
        cases.append((name, lambda content=content: content, chosen(number, 5)))
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
def test_lists_with_text_that_is_not_utf8_end(tmp_path_factory, line, column):
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
    # With a header and totals.
    assert result.stdout.count(b"\n") <= 2502
    assert time.monotonic() - began < TIME_LIMIT / 2


def test_doctor_names_rows_that_cannot_be_read(original, tmp_path_factory):
    bench = Bench(Site(tmp_path_factory.mktemp("doctor"), **LINKS), original)
    bench.put(original)
    with connected(bench.site.db) as connection:
        connection.execute("UPDATE regctl_outbox SET attempts = 'many' WHERE id = 1")
        connection.execute("UPDATE users SET confirmed = 7 WHERE email = ?", (EVE,))
    result = bench.site.run("doctor")
    assert b"2 rows hold an invalid value" in result.stdout
    assert b"confirmed is 7, which is out of range" in result.stdout
    code, error = bench.site.error("list-outbox")
    assert (code, error["code"]) == (74, "db_corrupt")
    assert "regctl_outbox row 1: attempts is text and not integer" in error["message"]
