"""Indexes that disagree with their tables."""

from pathlib import Path

import pytest

from Campaigns.database import connected, rows, value
from Campaigns.hostile_database.bench import Bench
from regctl import Site


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
    """Changes rows without updating an index."""
    rewrite_schema(db, condition, "WHERE 0", index)
    with connected(db) as connection:
        connection.execute(sql)
    rewrite_schema(db, "WHERE 0", condition, index)


def test_an_index_that_lists_sent_mails_as_queued_causes_no_repeated_mail(tmp_path_factory):
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


@pytest.fixture
def out_of_order(tmp_path_factory):
    """A site whose index of unconfirmed accounts has old dates, in two pieces of 1000 at least."""
    site = Site(tmp_path_factory.mktemp("order"))
    site.ok("create-db")
    site.ok("import", "-", input="email,registered_on\n" + "".join(
        f"a{i}@x.org,2026-01-{i % 28 + 1:02} 00:00:00\n" for i in range(3000)))
    # The dates change; the index goes on giving the accounts in their old order.
    behind_the_back_of(
        site.db,
        "regctl_users_unconfirmed",
        "WHERE confirmed = FALSE",
        "UPDATE users SET registered_on = '2026-02-01 00:00:00' WHERE id % 3 = 0",
    )
    return site


@pytest.mark.parametrize(
    "line",
    [
        ["prune", "--dry-run", "--older-than", "1d"],
        ["prune", "--older-than", "1d", "--yes", "--max", "9999", "--include-never-mailed"],
    ],
    ids=" ".join,
)
def test_an_index_out_of_order_is_detected(out_of_order, line):
    code, error = out_of_order.error(*line)
    assert (code, error["code"]) == (74, "db_corrupt")
    assert "comes out of order" in error["message"]


@pytest.mark.parametrize("fields", ["email,registered_on", "email,registered_on,admin"])
def test_a_list_by_an_index_out_of_order_has_each_account_once(out_of_order, fields):
    """SQLite takes the dates from the index, too, so that the list agrees with itself."""
    lines = out_of_order.ok("list-unconfirmed", "--format", "tsv", "--no-header", "--fields", fields)
    emails = [line.split("\t")[0] for line in lines.splitlines()]
    assert sorted(emails) == sorted(f"a{number}@x.org" for number in range(3000))
    assert out_of_order.run("doctor").returncode == 1


def test_a_mail_to_all_by_an_index_out_of_order_is_one_mail_to_each(out_of_order):
    assert out_of_order.json("resend", "--all-unconfirmed", "--yes")["queued"] == 3000
    assert value(out_of_order.db, "SELECT count(DISTINCT account_id) FROM regctl_outbox") == 3000
