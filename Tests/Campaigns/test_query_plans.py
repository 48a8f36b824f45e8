"""How SQLite runs every statement of the store: no full scan but those that are meant."""

import re
import sqlite3
from collections import defaultdict
from pathlib import Path

import pytest

from Campaigns.database import connected
from regctl import ROOT, Site

STORE = ROOT / "Sources" / "RegctlCore" / "Store"

# Functions of the store that read a whole table, and why that is right. What is here and scans
# nothing any more is an error too.
MEANT = {
    "UsersTable.init": "adoption looks at every account",
    "Schema.duplicateAddresses": "adoption and doctor look at every account",
    "Checkup.rowFinding": "doctor reads every row",
    "Checkup.duplicateSpellings": "doctor looks at every address",
    "Checkup.passwordFindings": "doctor looks at every password",
    "Checkup.dateFindings": "doctor looks at every date",
    "Checkup.zoneFinding": "doctor counts what the application registered",
    "Checkup.mailsFinding": "doctor counts what the application registered",
    "Checkup.clockFinding": "the newest row is the first that is read",
    "AuditChain.newestAuditLink": "the newest row is the first that is read",
    "AuditChain.verifyAudit": "every act and its accounts are read",
    "Candidates.candidates": "the newest 20,000 mails",
    "mailsByAddress": "no index has the order of addresses",
    "bouncesByAddress": "no index has the order of addresses",
    "auditEntriesByAddress": "no index has the order of addresses",
    "countAccounts": "every account is looked at",
    "countMails": "every mail is looked at",
    "countBounces": "every report is looked at",
    "countAuditEntries": "every entry is looked at",
    "ForeignHistory.listAddresses": "migrate-db looks at every account when a trigger was missing",
    "ForeignHistory.forgetDeletedAccounts": "migrate-db looks at what accounts have, as before",
    "HashingEffort.hashingEffort": "the newest 500 passwords, which lie last",
    "Passwords.bareMarkerCount": "migrate-db looks at every password",
    "Passwords.replaceBareMarkers": "migrate-db looks at every password",
    "Passwords.storedText": "a hash for each database",
    "Passwords.newestHashes": "the newest 100 passwords, which lie last",
    "PersonalData.bounces": "asked once a person, by addresses too",
    "Bounces.removeBounces": "a person is looked for in every row",
    "Languages.removeLanguage": "a person is looked for in every row",
    "Status.refusedMails": "the newest thousand mails",
    "Flood.lastMail": "the mails of an hour, which lie last, or of four weeks in a flood",
    "Erase.goneAccounts": "a person is looked for in every row",
    "Erase.archivedAddress": "a person is looked for in every row",
    "Erase.presentAddress": "a person is looked for in every row",
    "Erase.mails": "a person is looked for in every row",
    "Erase.auditEntries": "a person is looked for in every row",
    "Erase.passwordHashes": "a person is looked for in every row",
    "Erase.removeTraces": "a person is looked for in every row",
    "Erase.forgetNoPassword": "a person is looked for in every row",
    "Erase.archivedAccounts": "a person is looked for in every row",
    "Domains.domainTypo": "the newest confirmed accounts, or all for --suspect-typo",
    "AccountDates.allDateRecords": "reports read every date, which records make exact",
    "Accounts.allAdministrators": "the application has no index of administrators",
    "Accounts.hasAdministrator": "asked when an administrator goes, who is one of a few",
    "Outbox.hasWork": "the index of mails under way, of which there are a few",
    "Outbox.requeueMailsBeingSent": "the index of mails under way, of which there are a few",
    "Attempts.recordInterruptedAttempts": "the index of mails under way, of which there are a few",
    "Attempts.refusals": "doctor looks at every attempt that failed",
    "Prune.accountCount": "every account is counted",
    "Prune.confirmationsByDay": "every account is counted, once a run",
    "Prune.forEachConfirmed": "every account is looked at, once a list of waves",
    "Prune.pruneRuns": "a run a day",
    "Purge.archivedCount": "a dry run counts what is too old",
    "Purge.settledMailCount": "a dry run counts what is too old",
    "Purge.settledChangeCount": "a dry run counts what is too old",
    "Purge.purgedRun": "a refusal looks for what was purged",
    "PurgedMails.purgedMailTotals": "every figure is counted",
    "KeyRotations.additionsOfKeys": "acts have no index",
    "PersonalData.changes": "asked once a person, by addresses that have no index",
    "PersonalData.locks": "asked once a person, by addresses that have no index",
    "Reports.cohorts": "every account is counted",
    "Reports.funnel": "every account is counted",
    "BounceLedger.mailsDeclinedLater": "every report is looked at, of which there are few",
    "Status.lockCounts": "every lock is counted",
    "Status.unconfirmedCount": "the index of accounts that are not confirmed is counted",
    "Status.mailTotals": "every mail is counted",
    "Store.schemaVersion": "a row for each version",
    "ReservedNumbers.greatestNumber": "the last row is the first that is read",
    "ReservedNumbers.releaseNumbers": "the last row is the first that is read",
    "Reports.metrics": "every account and mail is counted",
    "Reports.queuedMails": "every mail is counted",
    "CopiedArchive.requireArchivedAccounts": "a copy reads every row",
    "CopiedRows.rowCount": "what shows the progress of a copy counts every row",
    "StoreCopy.prepareAccounts": "the first row shows that the table is not empty",
}

# Statements that are put together at run time, as they come out for a usual table. Each `SQLText(`
# of the sources is one of them, or one that only a server runs.
ACCOUNTS = "SELECT u.id, u.email, u.admin, u.confirmed, u.registered_on, u.confirmed_on, "
COMPOSED = {
    "insert": "INSERT INTO main.users (id, email, password, registered_on, admin, confirmed,"
    " confirmed_on, colour) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
    "accounts": [
        f"{ACCOUNTS}0, NULL, NULL FROM users u WHERE u.id > $1 AND (u.confirmed = FALSE)"
        " AND (u.email LIKE $2 ESCAPE '\\') ORDER BY u.id LIMIT $3",
        f"{ACCOUNTS}0, NULL, NULL FROM users u WHERE u.email COLLATE BINARY > $1"
        " ORDER BY u.email COLLATE BINARY LIMIT $2",
        f"{ACCOUNTS}0, NULL, NULL FROM users u WHERE u.id > $1"
        " AND u.id IN (SELECT value FROM json_each($2)) ORDER BY u.id LIMIT $3",
        *(
            f"{ACCOUNTS}(SELECT count(*) FROM regctl_outbox WHERE account_id = u.id), m.state,"
            " coalesce(m.finished_at, m.queued_at) FROM users u LEFT JOIN regctl_outbox m ON m.id ="
            " (SELECT max(id) FROM regctl_outbox WHERE account_id = u.id) WHERE u.confirmed = FALSE"
            f" AND {place} AND (u.confirmed = FALSE) AND u.registered_on < $3"
            f" ORDER BY u.registered_on{way}, u.id{way} LIMIT $4"
            for sign, way in [(">", ""), ("<", " DESC")]
            for place in [f"u.registered_on = $1 AND u.id {sign} $2", f"u.registered_on {sign} $1"]
        ),
    ],
    "plainAccounts": "SELECT u.id, u.email, u.registered_on FROM users u WHERE u.confirmed = FALSE"
    " AND u.registered_on > $1 AND (u.confirmed = FALSE) ORDER BY u.registered_on, u.id LIMIT $2",
    "countAccounts": "SELECT count(*) FROM users u WHERE TRUE AND (u.email LIKE $1 ESCAPE '\\')",
    "mails": [
        f"SELECT id, state FROM regctl_outbox WHERE id {sign} $1"
        f" AND state IN (SELECT value FROM json_each($2)) AND account_id > $3 ORDER BY id{way} LIMIT $4"
        for sign, way in [(">", ""), ("<", " DESC")]
    ],
    "archived": [
        "SELECT a.account_id, a.email, a.registered_at, CAST(a.registered_on AS TEXT),"
        " CAST(a.admin AS TEXT), CAST(a.confirmed AS TEXT), CAST(a.confirmed_on AS TEXT)"
        f" FROM regctl_archive a WHERE a.run = $1 AND a.account_id {sign} $2"
        f" AND lower(a.email) = lower($3) ORDER BY a.account_id{way} LIMIT $4"
        for sign, way in [(">", ""), ("<", " DESC")]
    ],
    "CopiedRows.rowCount": "SELECT count(*) FROM regctl_outbox",
    "applicationLanguages": "SELECT id, CAST(colour AS TEXT) FROM main.users"
    " WHERE id IN (SELECT value FROM json_each($1))",
    "countMails": "SELECT count(*) FROM regctl_outbox WHERE TRUE"
    " AND state IN (SELECT value FROM json_each($1))",
    "bounces": [
        "SELECT id, mail_id, account_id, email, at, result, status, reply, reporter, suppresses,"
        f" cleared_at FROM regctl_bounces WHERE id {sign} $1"
        f" AND result IN (SELECT value FROM json_each($2)) AND account_id > $3 ORDER BY id{way} LIMIT $4"
        for sign, way in [(">", ""), ("<", " DESC")]
    ],
    "countBounces": "SELECT count(*) FROM regctl_bounces WHERE TRUE"
    " AND result IN (SELECT value FROM json_each($1))",
    "auditEntries": [
        "SELECT id, at, actor, uid, act, account_id, email, new_email, detail, reason FROM regctl_audit"
        f" WHERE id {sign} $1 AND act NOT LIKE '%-continued' AND at >= $2 AND actor = $3"
        " AND (email LIKE $4 ESCAPE '\\' OR new_email LIKE $4 ESCAPE '\\')"
        f" ORDER BY id{way} LIMIT $5"
        for sign, way in [(">", ""), ("<", " DESC")]
    ],
    "countAuditEntries": "SELECT count(*) FROM regctl_audit WHERE TRUE"
    " AND act NOT LIKE '%-continued' AND at >= $1",
    "scratch": 'ALTER TABLE main.users ADD COLUMN "column 0" TEXT',
    "compare": "SELECT 1 FROM main.users WHERE id = $1"
    " AND colour IS NOT DISTINCT FROM $2 COLLATE BINARY",
    "export": "SELECT u.id, u.email, CASE WHEN u.password IN (SELECT hash FROM regctl_no_password)"
    " THEN '!' ELSE u.password END, nullif(u.registered_on, ''), u.admin, u.confirmed,"
    " u.confirmed_on, t.colour FROM users u CROSS JOIN main.users t"
    " WHERE t.id = u.id AND u.id > $1 ORDER BY u.id LIMIT $2",
    "required": "SELECT colour FROM main.users WHERE id = $1",
    "archive": "INSERT INTO regctl_archive_further SELECT $1, id, 'colour', \"colour\""
    " FROM main.users WHERE id IN (SELECT value FROM json_each($2)) AND EXISTS ("
    " SELECT 1 FROM regctl_archive WHERE run = $1 AND account_id = id)",
    "copy": 'SELECT t."id", t."email" FROM main.users t WHERE TRUE AND (t."id") > ($1)'
    ' ORDER BY t."id" LIMIT $2',
    "copied": 'INSERT INTO main.users ("id", "email") VALUES ($1, $2)',
    "created": 'CREATE TABLE main.accounts ("id" INTEGER PRIMARY KEY, "email" VARCHAR NOT NULL)',
    "referenced": "SELECT u.id FROM users u WHERE u.id IN (SELECT value FROM json_each($1))"
    " AND EXISTS (SELECT 1 FROM main.posts t WHERE t.author_id = u.id)",
}
# The same lists in the order of addresses.
BY_ADDRESS = (
    "(coalesce({0}, '') COLLATE BINARY, {1}) > ($2, $3)"
    " ORDER BY coalesce({0}, '') COLLATE BINARY, {1} LIMIT $4"
)
COMPOSED_BY_ADDRESS = {
    "archivedByAddress": "SELECT a.account_id, a.email, a.registered_at FROM regctl_archive a WHERE a.run = $1"
    f" AND {BY_ADDRESS.format('a.email', 'a.account_id')}",
    "mailsByAddress": f"SELECT id, state FROM regctl_outbox WHERE {BY_ADDRESS.format('email', 'id')}",
    "bouncesByAddress": f"SELECT id, mail_id FROM regctl_bounces WHERE {BY_ADDRESS.format('email', 'id')}",
    "auditEntriesByAddress": f"SELECT id, at FROM regctl_audit WHERE {BY_ADDRESS.format('email', 'id')}",
}
COMPOSED_FOR_SERVER = (
    "insertArchivedRow", "insertion", "typedComparison", "continueNumbers", "archivePageOnServer",
    "archiveRows", "check",
)

# What placeholders stand for, other than their own names, with the table of the original.
PLACEHOLDERS = {
    "bytes": "COLLATE BINARY",
    "facts": "detail",
    "table": "main.users",
    "columns": "id, email, password, registered_on, admin, confirmed, confirmed_on",
    "parameters": "$1, $2, $3, $4, $5, $6, $7",
    "unnumbered_columns": "email, password, registered_on, admin, confirmed, confirmed_on",
    "unnumbered_parameters": "$1, $2, $3, $4, $5, $6",
}

LITERAL = re.compile(r'"""\n(.*?)"""|"((?:[^"\\\n]|\\.)*)"', re.DOTALL)
VERB = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
FUNCTION = re.compile(r"^  (?! )[^\n]*?\b(?:func|var|let) (\w+)|^  (?! )[^\n]*?\b(init)\b", re.M)


def filled(sql: str) -> str:
    """The statement for the table of the original."""
    return re.sub(r"\{(\w+)\}", lambda word: PLACEHOLDERS.get(word[1], word[1]), sql)


def statements() -> list[tuple[str, str]]:
    """Every statement in the sources of the store, with the function in which it stands."""
    found = []
    for path in sorted(STORE.glob("*.swift")):
        if path.name.startswith("Schema"):
            continue
        text = path.read_text()
        code = re.sub(r"///?[^\n]*", lambda comment: " " * len(comment[0]), text)
        functions = [(match.start(), match[1] or match[2]) for match in FUNCTION.finditer(code)]
        for literal in LITERAL.finditer(code):
            sql = literal[1] if literal[1] is not None else literal[2].replace('\\"', '"')
            before = code[literal.start() - 40 : literal.start()]
            if not VERB.match(sql) or "SQLText" in before or "postgreSQL:" in before:
                continue
            name = [name for start, name in functions if start < literal.start()][-1]
            sql = filled(sql.replace("\\\\", "\\"))
            found.append((f"{path.stem.removeprefix('Store+')}.{name}", sql))
    return found


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """Many accounts, and many mails that were sent beside a few that wait."""
    site = Site(tmp_path_factory.mktemp("large"))
    site.ok("create-db")
    with connected(site.db) as connection:
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
        connection.execute("BEGIN")
        connection.execute(
            f"{numbers} INSERT INTO users (email, password, registered_on, admin, confirmed)"
            " SELECT 'a' || i || '@x.org', '!', '2026-01-01 00:00:00', i < 3, i % 5 > 0 FROM n"
        )
        connection.execute(
            f"{numbers} INSERT INTO regctl_outbox (account_id, email, purpose, template, state,"
            " queued_at, next_attempt_at, finished_at, message_id) SELECT i, 'a' || i || '@x.org',"
            " 'confirm', 'confirm', CASE WHEN i % 1000 THEN 'sent' ELSE 'queued' END, i,"
            " CASE WHEN i % 1000 THEN NULL ELSE i END, i, 'm' || i FROM n"
        )
        connection.execute("CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT)")
        connection.execute("CREATE TABLE posts (author_id INTEGER REFERENCES users (id))")
        connection.execute("CREATE INDEX posts_author ON posts (author_id)")
        connection.execute("INSERT INTO posts SELECT id FROM users WHERE id % 100 = 0")
        connection.execute("ALTER TABLE users ADD COLUMN colour")
        connection.execute("COMMIT")
    return site.db


def scans(connection: sqlite3.Connection, sql: str) -> list[str]:
    """The tables of accounts, mails and acts that a statement reads from end to end."""
    values = dict.fromkeys(re.findall(r"\$(\d+)", sql))
    plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
    aliases = dict(
        (alias or table, table)
        for table, alias in re.findall(r"\b(users|regctl_\w+|posts)(?: (?:AS )?([a-z]))?\b", sql)
    )
    found = []
    for *_, line in plan:
        # SQLite calls it a search when it reads a table from end to end for a greatest value.
        match = re.match(r"SCAN (?:main\.)?(\w+)", line) or re.fullmatch(
            r"SEARCH (?:main\.)?(\w+)", line
        )
        if match and match[1] in {*aliases, *aliases.values()}:
            found.append(aliases.get(match[1], match[1]))
    return found


def create_temporary_table(connection: sqlite3.Connection) -> None:
    """The tables that migrate-db makes for itself."""
    connection.execute("CREATE TEMP TABLE regctl_outbox_copy AS SELECT * FROM regctl_outbox LIMIT 0")
    source = (STORE / "Store+ForeignHistory.swift").read_text()
    connection.execute(re.search(r'CREATE TEMP TABLE.*?(?=""")', source, re.DOTALL)[0])


def leave_as_made(connection: sqlite3.Connection) -> None:
    """The database as regctl made it."""


def analyze(connection: sqlite3.Connection) -> None:
    """Statistics for the planner."""
    connection.execute("ANALYZE")


def hide_reserved_numbers(connection: sqlite3.Connection) -> None:
    """The view through which regctl reads accounts while a number is reserved."""
    source = (STORE / "Store+ReservedNumbers.swift").read_text()
    connection.execute(filled(re.search(r'CREATE TEMP VIEW.*?(?=""")', source, re.DOTALL)[0]))


@pytest.mark.parametrize("prepare", [leave_as_made, analyze, hide_reserved_numbers])
def test_only_expected_statements_read_a_whole_table(large, prepare):
    found = defaultdict(set)
    tried = statements()
    assert len(tried) > 100, "the sources are found"
    composed = sum(path.read_text().count("SQLText(") for path in STORE.glob("*.swift"))
    expected = len(COMPOSED) + len(COMPOSED_FOR_SERVER)
    assert composed == expected, "a statement is put together at run time that is not tried"
    with connected(large) as connection:
        create_temporary_table(connection)
        prepare(connection)
        composed = [
            (name, sql)
            for name, texts in (COMPOSED | COMPOSED_BY_ADDRESS).items()
            for sql in ([texts] if isinstance(texts, str) else texts)
        ]
        for name, sql in tried + composed:
            for table in scans(connection, sql):
                found[name].add(table)
    surprising = {name: tables for name, tables in found.items() if name not in MEANT}
    assert not surprising, "\n".join(f"{name}: {tables}" for name, tables in surprising.items())
    assert sorted(MEANT.keys() - found.keys()) == [], "these scan nothing any more"


def test_the_plans_are_read(large):
    """The control: a scan is seen, with and without an index, and a search is not one."""
    with connected(large) as connection:
        assert scans(connection, "SELECT max(finished_at) FROM regctl_outbox") == ["regctl_outbox"]
        assert scans(connection, "SELECT u.id FROM users u ORDER BY u.email") == ["users"]
        assert scans(connection, "SELECT email FROM users WHERE id = $1") == []
        # The index that was never used: SQLite does not conclude that its condition holds.
        connection.execute(
            "CREATE INDEX former ON regctl_outbox (state, next_attempt_at, id)"
            " WHERE state IN ('queued', 'sending')"
        )
        connection.execute("DROP INDEX regctl_outbox_due")
        due = "SELECT id FROM regctl_outbox WHERE state = 'queued' AND next_attempt_at <= $1"
        assert scans(connection, due) == ["regctl_outbox"]
