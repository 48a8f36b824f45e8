"""Tables that were changed by others."""

import pytest

from Campaigns.database import APPLICATION_TABLE, connected, dump
from Campaigns.hostile_database.bench import LINES, Bench, try_all
from Campaigns.sites import LINKS
from regctl import Site

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
            " regctl_tombstones regctl_schema regctl_no_password regctl_attempts"
            " regctl_locks regctl_locked_passwords regctl_purged_mails regctl_purged_accounts"
            " regctl_bounces regctl_languages regctl_moments regctl_pace"
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
def test_a_schema_that_others_changed_is_not_a_bug(original, tmp_path_factory, name):
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
    "text for numbers": ("id VARCHAR PRIMARY KEY", "id has the type VARCHAR, not INTEGER PRIMARY KEY"),
    "big integers": ("id BIGINT PRIMARY KEY", "id has the type BIGINT, not INTEGER PRIMARY KEY"),
    "backwards": ("id INTEGER PRIMARY KEY DESC", "id has the type INTEGER, not INTEGER PRIMARY KEY"),
}


@pytest.mark.parametrize("name", HOSTILE_TABLES)
def test_an_id_that_is_not_an_integer_is_not_adopted(new_site, name):
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
