"""Triggers that ignore writes."""

import pytest

from Campaigns.database import connected, dump
from Campaigns.hostile_database.bench import WRITERS_OF_USERS, Bench
from Campaigns.sites import LINKS
from regctl import Site


@pytest.mark.parametrize(
    ("act", "line"), WRITERS_OF_USERS, ids=[" ".join(line) for _, line in WRITERS_OF_USERS]
)
@pytest.mark.parametrize("when", ["BEFORE", "AFTER"])
def test_a_change_that_a_trigger_ignores_is_not_a_success(
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
        # An account to prune, as the others were touched today.
        connection.execute(
            "INSERT INTO users VALUES (90, 'old@x.org', '!', '2026-01-01', 0, 0, NULL, NULL, '')"
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
    assert b"a change to the table users was ignored" in result.stderr
    assert b"its triggers: 'keep_calm'" in result.stderr
    assert dump(site.db) == before
