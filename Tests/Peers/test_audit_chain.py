"""The audit chain, computed from its tables by other means."""

import hashlib
import json
import re
import time

import pytest

from Campaigns.database import RESERVED, Connection, column_names, connected
from Campaigns.database import rows as query
from Campaigns.extent import sample
from Campaigns.sites import copy_of
from engines import SQLITE, on_both_engines, only
from regctl import Site

pytestmark = on_both_engines

COLUMNS = "id, at, actor, uid, act, subject_id, accounts_hash, detail, commitment"
PERSONAL = "id, nonce, commitment, email, new_email, reason"
HOSTILE = 'tab\tquote" back\\slash \x7f\u2028\ufeff e\u0301 ü 😀 </script> %s {token}'
URLS = {f"{name}_url": f"https://app.example/{name}/{{token}}" for name in ("reset", "change_email")}
ANN, BOB, CAROL, DAVE, EVE = (f"{name}@example.org" for name in ("ann", "bob", "carol", "dave", "eve"))
ODD = "o'hara+tag@example.org"

# As regctl-audit(1) lists them, and the commands besides.
ACTS = {
    "create-db", "migrate-db", "create-admin", "register", "issue-token", "confirm", "confirm-by-operator",
    "unconfirm", "resend", "resend-forced", "delete", "set-password", "change-email",
    "request-email-change", "confirm-email-change", "request-reset", "reset-password", "prune", "unprune",
    "retry-mail", "cancel-mail", "release-held", "revoke-tokens", "grant-admin", "revoke-admin", "import",
}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def links(site: Site) -> list[str]:
    """The hash of every entry, as Python computes it."""
    found = [""]
    for row in query(site.db, f"SELECT {COLUMNS} FROM regctl_audit ORDER BY id"):
        found.append(digest(found[-1] + compact(row)))
    return found[1:]


def compact(values: tuple) -> str:
    """A JSON array as the chain has it."""
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)


def commitments(site: Site) -> dict[int, str | None]:
    """The commitment of every entry to its personal fields; none to nothing."""
    return {
        number: digest(nonce + compact(personal)) if nonce else None
        for number, nonce, _, *personal in query(site.db, f"SELECT {PERSONAL} FROM regctl_audit")
    }


def accounts_hashes(site: Site) -> dict[int, str]:
    """The hash of the accounts of every entry about several."""
    numbers: dict[int, list[int]] = {}
    for act, number in query(site.db, "SELECT audit_id, subject_id FROM regctl_audit_accounts"):
        numbers.setdefault(act, []).append(number)
    return {act: digest("".join(f"{number}\n" for number in sorted(found))) for act, found in numbers.items()}


def whole(site: Site) -> str:
    """The head of an audit that is what was written, for regctl and for Python."""
    proof = site.json("audit", "--verify")
    chain = links(site)
    assert proof == {"schema": 1, "verified": len(chain), "erased": 0, "head": chain[-1]}
    assert commitments(site) == dict(query(site.db, "SELECT id, commitment FROM regctl_audit"))
    assert query(site.db, "SELECT hash FROM regctl_audit ORDER BY id") == [(link,) for link in chain]
    stored = dict(query(site.db, "SELECT id, accounts_hash FROM regctl_audit WHERE accounts_hash IS NOT NULL"))
    assert stored == accounts_hashes(site)
    return proof["head"]


def named(site: Site) -> int:
    """The entry that regctl reports as changed."""
    code, error = site.error("audit", "--verify")
    assert (code, error["code"]) == (74, "db_corrupt"), error
    return int(re.match(r"audit entry (-?\d+) was changed", error["message"])[1])


def later(site: Site) -> None:
    """Prunes every account that is not confirmed, once all that was done is two seconds old."""
    time.sleep(2.1)
    words = ["prune", "--yes", "--max", "100", "--older-than", "1s", "--include-never-mailed"]
    site.ok(*words, environment={"REGCTL_TOKEN_MAX_AGE": "1s"})


def registered(site: Site, *emails: str) -> None:
    """Registers accounts that get no mail, so that nothing keeps them."""
    for email in emails:
        site.ok("register", email, "--no-password", "--no-mail", environment={"SUDO_USER": "dave"})


def in_every_way(site: Site) -> Site:
    """The site after every kind of entry, with deleted and restored accounts."""
    site.ok("create-db")
    query(site.db, "DROP INDEX regctl_users_email")
    site.ok("migrate-db", "--unique-email")
    site.ok("create-admin", "root@example.org", "--generate-password")
    for email in (ANN, BOB):
        site.ok("register", email, "--no-password")
    site.ok("import", "-", input="email\n" + "".join(f"imported{n}@example.org\n" for n in range(12)))
    registered(site, ODD, CAROL, DAVE)
    site.ok("issue-token", "--stdin", input="\n".join([DAVE, ODD, CAROL, ANN, ODD]))
    site.ok("confirm", site.ok("issue-token", ANN).strip())
    site.ok("confirm", "--email", BOB, "--reason", HOSTILE.replace("\t", " ").replace("\x7f", ""))
    site.ok("unconfirm", BOB, "--reason", "bounced")
    site.ok("resend", CAROL)
    site.ok("resend", CAROL, "--force", "--revoke-previous")
    site.ok("cancel-mail", "1")
    query(site.db, "UPDATE regctl_outbox SET state = 'held', finished_at = NULL WHERE id = 1")
    site.ok("release-held", "--yes")
    site.ok("cancel-mail", "1")
    site.ok("retry-mail", "1")
    site.ok("show-mail", "1", "--raw", "--with-token")
    site.ok("grant-admin", BOB)
    site.ok("revoke-admin", BOB)
    site.ok("change-email", BOB, "bob@post.example", "--reason", "moved")
    site.ok("change-email", ANN, "ann@post.example")
    site.ok("confirm", site.ok("issue-token", ANN, "--purpose", "change-email").strip())
    site.ok("reset-password", "root@example.org")
    token = site.ok("issue-token", "root@example.org", "--purpose", "reset").strip()
    site.ok("reset-password", "--token", token, "--generate-password")
    site.ok("set-password", "ann@post.example", "--generate-password")
    site.ok("delete", CAROL, "--reason", "left", "--yes")
    # Odd and Dave go; Eve has the number of one of them when they come back.
    later(site)
    # As the application may: the greatest number stays reserved otherwise.
    query(site.db, f"DELETE FROM users WHERE {RESERVED}")
    registered(site, EVE)
    site.ok("issue-token", EVE, "root@example.org")
    site.ok("unprune", "1", "--yes")
    # Eve is pruned, and restored under the old ID.
    later(site)
    site.ok("unprune", "2", "--email", EVE)
    site.ok("issue-token", EVE, "root@example.org")
    return site


@pytest.fixture(scope="module")
def prototype(tmp_path_factory, new_database_of_module) -> Site:
    """A site after every kind of entry, to be copied."""
    return in_every_way(Site(tmp_path_factory.mktemp("prototype"), new_database_of_module(), **URLS))


@pytest.fixture
def used_site(prototype, tmp_path) -> Site:
    return copy_of(prototype, tmp_path / "site")


class Tampering:
    """Changes the audit of a site past regctl, and puts it right again."""

    TABLES = ("regctl_audit", "regctl_audit_accounts")

    def __init__(self, site: Site, connection: Connection) -> None:
        self.site = site
        self.connection = connection
        for table in self.TABLES:
            connection.execute(f"CREATE TEMPORARY TABLE written_{table} AS SELECT * FROM {table}")

    def finds(self, statement: str, *values: object) -> int:
        """The act that is named after a statement, which must change one row or more."""
        try:
            assert self.connection.execute(statement, values).rowcount >= 1, (statement, values)
            return named(self.site)
        finally:
            for table in self.TABLES:
                self.connection.execute(f"DELETE FROM {table}")
                self.connection.execute(f"INSERT INTO {table} SELECT * FROM written_{table}")


@pytest.fixture
def tampering(used_site):
    head = whole(used_site)
    with connected(used_site.db) as connection:
        yield Tampering(used_site, connection)
    # The control: what is put right again is whole.
    assert whole(used_site) == head


def acts(site: Site) -> list[int]:
    """The oldest and newest of each kind, and of those about one, several and no accounts."""
    found = query(
        site.db,
        "SELECT min(id), max(id) FROM regctl_audit"
        " GROUP BY act, subject_id IS NULL, accounts_hash IS NULL, account_id < 0",
    )
    return sorted({act for pair in found for act in pair})


def test_the_head_is_what_python_computes(used_site):
    head = whole(used_site)
    for link in links(used_site):
        used_site.ok("audit", "--verify", "--head", link)
    assert used_site.json("audit", "--verify", "--head", head)["head"] == head
    checks = json.loads(used_site.run("doctor", "--json").stdout)["checks"]
    # The server of the tests does not sync its files.
    failed = {check["check"] for check in checks if check["result"] == "failed"}
    assert failed <= {"durability"}


def test_every_kind_of_entry_exists_with_deleted_and_renumbered_accounts(used_site, engine):
    assert {act for (act,) in query(used_site.db, "SELECT DISTINCT act FROM regctl_audit")} == ACTS
    for table in Tampering.TABLES:
        [(living, gone, others)] = query(
            used_site.db,
            "SELECT count(*) FILTER (WHERE account_id = subject_id),"
            " count(*) FILTER (WHERE account_id = -subject_id),"
            f" count(*) FILTER (WHERE abs(account_id) <> subject_id) FROM {table}",
        )
        assert min(living, gone) >= 2, (table, living, gone)
        # A server assigns no number twice.
        assert others >= 1 if engine == SQLITE else others == 0, (table, others)
    many = query(
        used_site.db,
        "SELECT act, count(*) FROM regctl_audit a JOIN regctl_audit_accounts ON audit_id = a.id"
        " GROUP BY a.id",
    )
    # Accounts that are given other numbers are restored one by one.
    acts_on_many = {"issue-token", "prune", "import"} | ({"unprune"} if engine != SQLITE else set())
    assert {act for act, count in many if count >= 2} == acts_on_many
    reasons = {reason for (reason,) in query(used_site.db, "SELECT detail FROM regctl_audit WHERE act = 'unprune'")}
    assert "run 2" in reasons
    renumbered = [reason for reason in reasons if re.fullmatch(r"run 1, was number \d+", reason)]
    assert bool(renumbered) == (engine == SQLITE), reasons


def test_an_entry_about_a_token_for_one_account_names_account_address_and_purpose(used_site):
    found = query(
        used_site.db,
        "SELECT subject_id, email, detail FROM regctl_audit WHERE act = 'issue-token' AND subject_id > 0",
    )
    assert {(2, ANN, "mail 1, purpose confirm"), (2, ANN, "purpose confirm")} <= set(found)


def test_entries_with_every_kind_of_text_hashed_by_python_are_verified(used_site, engine):
    """Also what regctl itself would not write."""
    nul = "\x00" if engine == SQLITE else ""
    texts = [HOSTILE, "", None, f"{nul}\x01\x1f", "\b\f\n\r\t", "/", "a" * 100_000]
    [(newest,)] = query(used_site.db, "SELECT max(id) FROM regctl_audit")
    for number, text in enumerate(texts):
        nonce = None if text is None else f"{number:032x}"
        commitment = nonce and digest(nonce + compact((text, text, text)))
        row = (newest + 1 + number, 999999999999, text or "dave", -number, "register")
        row += (text, text, text, text, nonce, commitment)
        columns = "id, at, actor, uid, act, email, new_email, detail, reason, nonce, commitment"
        marks = ", ".join("?" * len(row))
        query(used_site.db, f"INSERT INTO regctl_audit ({columns}) VALUES ({marks})", *row)
    for number, link in enumerate(links(used_site), 1):
        query(used_site.db, "UPDATE regctl_audit SET hash = ? WHERE id = ?", link, number)
    whole(used_site)


OTHER_THAN_ITS_SUBJECT = "CASE WHEN subject_id = 1 THEN 2 ELSE 1 END"

# What a column is changed to, for each that is not NULL, and for each that is.
CHANGES = {
    "id": (["id + 1000"], []),
    "at": (["at + 1"], []),
    "actor": (["actor || 'x'", "''"], []),
    "uid": (["uid + 1"], []),
    "act": (["act || 'x'"], []),
    "account_id": (["(SELECT max(id) FROM users) + 7", OTHER_THAN_ITS_SUBJECT, "NULL"], ["1"]),
    "subject_id": (["subject_id + 1", "-subject_id", "NULL"], ["1"]),
    "accounts_hash": (["accounts_hash || '0'", "replace(accounts_hash, 'a', 'b')", "NULL"], ["''"]),
    "email": (["email || 'x'", "upper(email)", "NULL"], ["''"]),
    "new_email": (["new_email || 'x'", "NULL"], ["''"]),
    "detail": (["detail || 'x'", "NULL"], ["''"]),
    "reason": (["reason || 'x'", "NULL"], ["''"]),
    "nonce": (["nonce || '0'", "NULL"], ["''"]),
    "commitment": (["commitment || '0'", "NULL"], ["''"]),
    "hash": (["hash || 'x'", "''"], []),
}


def test_every_column_is_changed(used_site):
    for table, changes in [("regctl_audit", CHANGES), ("regctl_audit_accounts", ACCOUNT_CHANGES)]:
        assert set(changes) == set(column_names(used_site.db, table))


@pytest.mark.parametrize("column", CHANGES)
def test_no_column_of_an_entry_of_any_kind_can_be_changed_undetected(used_site, tampering, column):
    present, missing = CHANGES[column]
    for act in sample("changed columns of audit entries", acts(used_site), 3):
        [(value,)] = query(used_site.db, f"SELECT {column} FROM regctl_audit WHERE id = ?", act)
        for new in missing if value is None else present:
            if new.startswith("replace") and "a" not in value:
                continue
            found = tampering.finds(f"UPDATE regctl_audit SET {column} = {new} WHERE id = ?", act)
            assert found == act or (column == "id" and found > act), (act, new)


ACCOUNT_CHANGES = {
    "account_id": ["(SELECT max(id) FROM users) + 7", OTHER_THAN_ITS_SUBJECT, "-account_id"],
    "audit_id": ["audit_id + 1", "audit_id - 1", "audit_id + 1000", "-1"],
    "subject_id": ["(SELECT max(id) FROM users) + 7", "-subject_id"],
    "deleted_email": ["CASE WHEN deleted_email IS NULL THEN 'x@example.org' END"],
}


@only(SQLITE, "replaces rows with the same key, which a server cannot")
@pytest.mark.parametrize("column", ACCOUNT_CHANGES)
def test_no_account_of_several_can_be_changed_undetected(used_site, tampering, column):
    rows = query(used_site.db, "SELECT audit_id, subject_id FROM regctl_audit_accounts")
    for act, subject in sample("changed accounts of audit entries", rows, 3):
        for new in ACCOUNT_CHANGES[column]:
            where = "WHERE audit_id = ? AND subject_id = ?"
            found = tampering.finds(
                f"UPDATE OR REPLACE regctl_audit_accounts SET {column} = {new} {where}", act, subject
            )
            near = {act - 1, -1} if column == "audit_id" else set()
            assert found in {act} | near, (act, subject, new)


def test_no_account_can_be_added_to_an_entry_or_removed(used_site, tampering):
    for act, subject in query(used_site.db, "SELECT audit_id, subject_id FROM regctl_audit_accounts"):
        where = "WHERE audit_id = ? AND subject_id = ?"
        assert tampering.finds(f"DELETE FROM regctl_audit_accounts {where}", act, subject) == act
    for act in acts(used_site):
        insert = "INSERT INTO regctl_audit_accounts VALUES (99, ?, 99, NULL)"
        assert tampering.finds(insert, act) == act


@only(SQLITE, "exchanges keys, which a server checks row by row")
def test_no_two_accounts_of_entries_can_be_exchanged(used_site, tampering):
    """Neither between two entries nor, later, between the accounts that entries belong to."""
    rows = query(used_site.db, "SELECT audit_id, subject_id, account_id FROM regctl_audit_accounts")
    pairs = [(one, other) for one in rows for other in rows if one < other and one[1] != other[1]]
    assert len(pairs) > 100
    for (act, subject, account), (other_act, other_subject, other_account) in pairs[:: len(pairs) // 60]:
        exchange = (
            "UPDATE regctl_audit_accounts SET account_id = CASE WHEN audit_id = ?1 AND subject_id = ?2"
            " THEN ?6 ELSE ?3 END WHERE (audit_id, subject_id) IN (VALUES (?1, ?2), (?4, ?5))"
        )
        ours = (act, subject, account, other_act, other_subject, other_account)
        if account != other_account:
            assert tampering.finds(exchange, *ours) in {act, other_act}, ours
        if act != other_act and not {(act, other_subject), (other_act, subject)} & {row[:2] for row in rows}:
            exchange = (
                "UPDATE regctl_audit_accounts SET audit_id = CASE audit_id WHEN ?1 THEN ?3 ELSE ?1 END"
                " WHERE (audit_id, subject_id) IN (VALUES (?1, ?2), (?3, ?4))"
            )
            assert tampering.finds(exchange, act, subject, other_act, other_subject) == act


def test_the_issue_of_a_token_cannot_be_moved_to_another_account(used_site, tampering):
    """The purpose of the chain, as an example: Dave had a token printed, and Bob had none."""
    [(act, dave)] = query(
        used_site.db,
        "SELECT a.id, m.subject_id FROM regctl_audit_accounts m JOIN regctl_audit a ON a.id = audit_id"
        " WHERE act = 'issue-token' AND deleted_email = ?",
        DAVE,
    )
    [(bob,)] = query(used_site.db, "SELECT id FROM users WHERE email = 'bob@post.example'")
    for columns in ("account_id = ?1", "account_id = ?1, subject_id = ?1"):
        statement = f"UPDATE regctl_audit_accounts SET {columns}, deleted_email = NULL"
        assert tampering.finds(f"{statement} WHERE audit_id = ?2 AND subject_id = ?3", bob, act, dave) == act


def test_a_removed_entry_is_detected_the_newest_only_by_the_head(used_site):
    used_site.ok("confirm", "--email", EVE, "--reason", "called")
    head = used_site.json("audit", "--verify")["head"]
    query(used_site.db, "DELETE FROM regctl_audit WHERE id = (SELECT max(id) FROM regctl_audit)")
    used_site.ok("audit", "--verify")
    code, error = used_site.error("audit", "--verify", "--head", head)
    assert (code, error["code"]) == (74, "db_corrupt")
    query(used_site.db, "DELETE FROM regctl_audit WHERE id = 3")
    assert named(used_site) == 4


def test_a_rewritten_chain_is_detected_by_the_head(used_site):
    head = used_site.json("audit", "--verify")["head"]
    query(used_site.db, "UPDATE regctl_audit SET actor = 'eve' WHERE id = 5")
    for number, link in enumerate(links(used_site), 1):
        query(used_site.db, "UPDATE regctl_audit SET hash = ? WHERE id = ?", link, number)
    used_site.ok("audit", "--verify")
    assert used_site.error("audit", "--verify", "--head", head)[0] == 74
