"""The chain of the audit, computed from its table by other means."""

import hashlib
import json

import pytest
from conftest import Site
from users_table import query

COLUMNS = "id, at, actor, uid, act, email, reason"
HOSTILE = 'tab\tquote" back\\slash \x7f\u2028\ufeff e\u0301 ü 😀 </script> %s {token}'


def links(site: Site) -> list[str]:
    """The hash of every act, as Python computes it."""
    found = [""]
    for row in query(site.db, f"SELECT {COLUMNS} FROM regctl_audit ORDER BY id"):
        text = json.dumps(row, separators=(",", ":"), ensure_ascii=False)
        found.append(hashlib.sha256((found[-1] + text).encode()).hexdigest())
    return found[1:]


@pytest.fixture
def used_site(new_site) -> Site:
    """A site in which every kind of act was done once, to accounts of all sorts of names."""
    links = {f"{name}_url": f"https://app.example/{name}/{{token}}" for name in ("reset", "change_email")}
    site = new_site(**links)
    site.ok("create-db")
    emails = ["ann@example.org", "o'hara+tag@example.org", "carol@example.org"]
    for email in emails:
        site.ok("register", email, "--no-password", environment={"SUDO_USER": "dave"})
    site.ok("issue-token", *emails)
    site.ok("create-admin", "root@example.org", "--generate-password")
    site.ok("confirm", "--email", emails[0], "--reason", "ünïcödé 😀 \"quoted\" back\\slash")
    site.ok("change-email", emails[0], "ann@post.example", "--reason", "moved")
    site.ok("change-email", emails[1], "ohara@example.org")
    site.ok("reset-password", emails[0])
    site.ok("resend", emails[2], "--force", "--revoke-previous")
    site.ok("delete", emails[2], "--reason", "left", "--yes")
    return site


def test_the_head_is_what_python_computes(used_site):
    proof = used_site.json("audit", "--verify")
    chain = links(used_site)
    assert proof == {"schema": 1, "verified": len(chain), "head": chain[-1]}
    assert [stored for (stored,) in query(used_site.db, "SELECT hash FROM regctl_audit ORDER BY id")] == chain
    for head in chain:
        used_site.ok("audit", "--verify", "--head", head)


def test_acts_with_every_kind_of_text_that_python_has_hashed_are_verified(used_site):
    """Also what regctl itself would not write."""
    texts = [HOSTILE, "", None, "\x00\x01\x1f", "\b\f\n\r\t", "/", "a" * 100_000]
    for number, text in enumerate(texts):
        row = ("999999999999", "dave" if text is None else text, -number, "register", text, text)
        insert = "INSERT INTO regctl_audit (at, actor, uid, act, email, reason) VALUES (?, ?, ?, ?, ?, ?)"
        query(used_site.db, insert, *row)
    chain = links(used_site)
    for number, link in enumerate(chain, 1):
        query(used_site.db, "UPDATE regctl_audit SET hash = ? WHERE id = ?", link, number)
    assert used_site.json("audit", "--verify")["head"] == chain[-1]


@pytest.mark.parametrize("column", [*COLUMNS.split(", "), "hash"])
def test_no_column_of_an_act_can_be_changed_unseen(used_site, column):
    head = used_site.json("audit", "--verify")["head"]
    is_number = column in ("id", "at", "uid")
    new = f"{column} + 1000" if is_number else f"ifnull({column}, '') || 'x'"
    for number in (1, 5, len(links(used_site))):
        kept = query(used_site.db, "SELECT * FROM regctl_audit WHERE id = ?", number)[0]
        query(used_site.db, f"UPDATE regctl_audit SET {column} = {new} WHERE id = ?", number)
        code, error = used_site.error("audit", "--verify")
        assert (code, error["code"]) == (74, "db_corrupt"), (column, number)
        changed = number + 1000 if column == "id" else number
        query(used_site.db, "DELETE FROM regctl_audit WHERE id = ?", changed)
        marks = ", ".join("?" * len(kept))
        query(used_site.db, f"INSERT INTO regctl_audit VALUES ({marks})", *kept)
    assert used_site.json("audit", "--verify")["head"] == head


def test_an_act_that_is_gone_is_seen_the_newest_by_the_head_only(used_site):
    head = used_site.json("audit", "--verify")["head"]
    query(used_site.db, "DELETE FROM regctl_audit WHERE id = (SELECT max(id) FROM regctl_audit)")
    used_site.ok("audit", "--verify")
    code, error = used_site.error("audit", "--verify", "--head", head)
    assert (code, error["code"]) == (74, "db_corrupt")
    query(used_site.db, "DELETE FROM regctl_audit WHERE id = 3")
    code, error = used_site.error("audit", "--verify")
    assert "act 4 of the audit" in error["message"]


def test_a_chain_that_was_written_anew_is_found_out_by_the_head(used_site):
    head = used_site.json("audit", "--verify")["head"]
    query(used_site.db, "UPDATE regctl_audit SET reason = 'nothing' WHERE id = 5")
    for number, link in enumerate(links(used_site), 1):
        query(used_site.db, "UPDATE regctl_audit SET hash = ? WHERE id = ?", link, number)
    used_site.ok("audit", "--verify")
    assert used_site.error("audit", "--verify", "--head", head)[0] == 74
