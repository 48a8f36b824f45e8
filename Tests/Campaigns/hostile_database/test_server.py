"""Hostile values in any column, and tables changed by others, on a server."""

import psycopg
import pytest

from Campaigns.database import SCHEMAS_ON_SERVER, connected, dump, rows
from Campaigns.extent import sample
from Campaigns.hostile_database.bench import WRITERS_OF_USERS, ServerBench, chosen, try_all
from Campaigns.hostile_database.prototype import fill
from Campaigns.sites import LINKS
from engines import POSTGRESQL, only
from regctl import Site
from server_database import ServerDatabase

pytestmark = only(POSTGRESQL, "the other files of this folder are about files of SQLite")

COLUMNS = f"""
SELECT table_schema || '.' || table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema IN {SCHEMAS_ON_SERVER} ORDER BY 1, ordinal_position
"""
# What protects the values of the columns, but for what a key needs.
NOT_NULL = f"""
SELECT format('ALTER TABLE %I.%I ALTER %I DROP NOT NULL', nspname, relname, attname)
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname IN {SCHEMAS_ON_SERVER} AND relkind = 'r' AND attnotnull AND attnum > 0 AND NOT EXISTS
 (SELECT FROM pg_constraint WHERE conrelid = attrelid AND contype = 'p' AND attnum = ANY (conkey))
"""
CHECKS = f"""
SELECT format('ALTER TABLE %I.%I DROP CONSTRAINT %I', nspname, relname, conname)
FROM pg_constraint JOIN pg_class c ON c.oid = conrelid JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname IN {SCHEMAS_ON_SERVER} AND contype = 'c'
"""

TEXTS = [
    "", "x", "zoe@example.org", "a;touch${IFS}x;b@example.org", "12abc", "9223372036854775808",
    "2026-11-23 09:00:00.000000", "0000-00-00 00:00:00", "99999-01-01",
    "$2b$31$abcdefghijklmnopqrstuuQe66hACgXZ.ImKMvPGdqru0gQrWJ8Ju", "\\x00ff", "x" * 2000,
    "a\r\nBcc: eve@example.org\r\n\r\nx", "\x1b]0;owned\x07\u202e",
]
NUMBERS = [0, 1, 2, -1, 2**31 - 1]
LARGE = [2**53 + 1, 9_223_372_036_854, 9_223_372_036_855, -9_223_372_036_855, 2**63 - 1, -(2**63)]
DATES = [
    "infinity", "-infinity", "4713-01-01 BC", "0001-01-01", "10000-01-01", "1999-12-31 23:59:59.5",
    "294276-12-31 23:59:59.999999",
]
DOCUMENTS = ["{}", "[]", "null", "5", '"x"', '{"id": "x"}', '{"email": null}', '{"id": 1e400}',
             '{"registered_on": "infinity", "email": "q@example.org"}']  # fmt: skip
VALUES = {
    "bigint": NUMBERS + LARGE, "integer": NUMBERS, "smallint": NUMBERS[:3],
    "boolean": [True, False], "text": TEXTS, "character varying": TEXTS,
    "timestamp without time zone": DATES, "jsonb": DOCUMENTS,
}


@pytest.fixture(scope="module")
def original(tmp_path_factory, new_database_of_module) -> ServerDatabase:
    """A database with data in every table, and without the constraints that protect it."""
    site = Site(tmp_path_factory.mktemp("original"), new_database_of_module(), **LINKS)
    site.ok("create-db")
    fill(site, "TEXT")
    for query in (NOT_NULL, CHECKS):
        for (statement,) in rows(site.db, query):
            rows(site.db, statement)
    return site.db


@pytest.fixture(scope="module")
def benches(tmp_path_factory, new_database_of_module, original) -> list[ServerBench]:
    sites = [
        Site(tmp_path_factory.mktemp("bench"), new_database_of_module(), **LINKS) for _ in range(2)
    ]
    return [ServerBench(site, original) for site in sites]


def changes(db: ServerDatabase) -> list[tuple[str, tuple]]:
    """A name and a statement for each value in the first row of each column that takes it."""
    found = []
    with connected(db) as connection:
        for table, column, kind in rows(db, COLUMNS):
            for value in [None, *VALUES[kind]]:
                first = f"(SELECT ctid FROM {table} ORDER BY ctid LIMIT 1)"
                change = (f'UPDATE {table} SET "{column}" = ? WHERE ctid = {first}', value)
                connection.execute("BEGIN")
                try:
                    assert connection.execute(change[0], change[1:]).rowcount == 1, table
                    found.append((f"{table}.{column} = {str(value)[:40]!r}", change))
                except psycopg.Error:
                    pass  # Two rows with one key.
                connection.execute("ROLLBACK")
    return found


def test_no_value_in_any_column_traps_hangs_or_is_called_a_bug(original, benches):
    found = changes(original)
    assert len(found) > 500, len(found)
    cases = [
        (name, lambda change=change: change, chosen(number, 1))
        for number, (name, change) in enumerate(sample("hostile values on a server", found, 8))
    ]
    wrong = try_all(cases, benches)
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:40])


FUNCTION = "CREATE FUNCTION public.{0}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {1}; END$$;"
TRIGGER = (
    FUNCTION + " CREATE TRIGGER {0} {2} ON public.users FOR EACH ROW EXECUTE FUNCTION public.{0}()"
)
SPOILT = {
    "a view": "ALTER TABLE users RENAME TO people; CREATE VIEW users AS SELECT * FROM people",
    "no users": "DROP TABLE users CASCADE",
    "a column less": "ALTER TABLE users RENAME COLUMN confirmed_on TO seen",
    "another table": "DROP TABLE users CASCADE; CREATE TABLE users (name TEXT, size REAL)",
    "an id of text": "ALTER TABLE users ALTER id DROP DEFAULT, ALTER id TYPE TEXT",
    "dates of text": "ALTER TABLE users ALTER registered_on TYPE TEXT",
    "dates with a zone": "ALTER TABLE users ALTER registered_on TYPE TIMESTAMPTZ",
    "a number for a switch": "ALTER TABLE users ALTER admin TYPE INTEGER USING admin::INTEGER",
    "no schema": "DROP SCHEMA regctl CASCADE",
    **{
        f"no {name}": f"DROP TABLE regctl.{name} CASCADE"
        for name in (
            "regctl_turn regctl_accounts regctl_outbox regctl_audit regctl_audit_accounts"
            " regctl_campaigns regctl_email_changes regctl_prunes regctl_archive regctl_tombstones"
            " regctl_schema regctl_no_password regctl_attempts"
            " regctl_locks regctl_locked_passwords regctl_purged_mails regctl_purged_accounts"
            " regctl_bounces regctl_languages regctl_moments regctl_pace"
        ).split()
    },
    "a view of ours": "ALTER TABLE regctl.regctl_outbox RENAME TO mails;"
    " CREATE VIEW regctl.regctl_outbox AS SELECT * FROM regctl.mails",
    "a schema of text": "DROP TABLE regctl.regctl_schema;"
    " CREATE TABLE regctl.regctl_schema (version TEXT);"
    " INSERT INTO regctl.regctl_schema VALUES ('one')",
    "a trigger that fails": TRIGGER.format("failing", "PERFORM 1 / 0", "BEFORE UPDATE"),
    "a trigger that refuses": TRIGGER.format("no", "RAISE EXCEPTION 'no!'", "BEFORE INSERT"),
    "a check": "ALTER TABLE users ADD COLUMN size INTEGER CHECK (size > 3) DEFAULT 4",
}


@pytest.mark.parametrize(("number", "name"), list(enumerate(SPOILT)))
def test_a_schema_that_others_changed_is_not_a_bug(benches, number, name):
    wrong = try_all([(name, lambda: (SPOILT[name],), chosen(number, 8))], benches[:1])
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("act", "line"), WRITERS_OF_USERS, ids=[" ".join(line) for _, line in WRITERS_OF_USERS]
)
def test_a_change_that_a_trigger_ignores_is_not_a_success(benches, act, line):
    bench = benches[0]
    ignores = TRIGGER.format("keep_calm", "RETURN NULL", f"BEFORE {act}")
    # An account to prune, as the others were touched today.
    account = (
        "INSERT INTO users (email, password, registered_on, admin, confirmed)"
        " VALUES ('old@x.org', '!', '2026-01-01', FALSE, FALSE)"
    )
    bench.put((f"{account}; {ignores}",))
    before = dump(bench.site.db)
    _, result = bench.run(line)
    assert result.returncode == 74, result
    assert b"a change to the table users was ignored" in result.stderr
    assert b"its triggers: 'keep_calm'" in result.stderr
    assert dump(bench.site.db) == before
