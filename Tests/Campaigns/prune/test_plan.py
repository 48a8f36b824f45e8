"""A plan that is made by one run and applied by another."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from Campaigns.database import (
    JOURNAL_MODES,
    connected,
    dump,
    free_reserved_numbers,
    value,
)
from Campaigns.prune.accounts import (
    ALL,
    DAY,
    FORTNIGHT,
    OLD,
    emails_in,
    fresh,
    lines,
    plan_of,
    populate,
    results,
    seconds_of,
    stale,
    text_of,
    user,
)
from Campaigns.prune.held import HABITS, files, held
from Campaigns.prune.question import ask
from Campaigns.sites import with_database
from Campaigns.terminal import rest
from engines import SQLITE, on_both_engines, only
from regctl import Site

pytestmark = on_both_engines


def apply(site: Site, path: Path, *words: object) -> dict:
    return site.json("prune", "--apply", path, "--yes", *ALL, *words)


def test_a_plan_says_what_a_dry_run_says(site):
    stale(site.db, 3)
    populate(site.db, ["never@example.org"], mails=())
    fresh(site.db, 2)
    before = int(time.time())
    answer = site.json("prune", "--plan", site.directory / "plan")
    assert answer["planned"] == 3 and answer["kept"] == {"no_final_answer": 1}
    path = site.directory / "plan"
    assert path.stat().st_mode & 0o777 == 0o600
    first, *accounts = lines(path)
    assert list(first) == [
        "schema", "plan", "made_at", "cutoff", "include_never_mailed", "accounts"
    ]
    assert (first["schema"], first["plan"], first["accounts"]) == (1, 1, 3)
    assert first["cutoff"] == answer["cutoff"] and first["made_at"] == answer["made_at"]
    assert before - FORTNIGHT <= seconds_of(first["cutoff"]) <= time.time() - FORTNIGHT
    listed = site.json("prune", "--dry-run")["accounts"]
    dry = [
        {"id": each["id"], "email": each["email"], "registered_on": each["registered_on"],
         "stored": OLD}
        for each in listed
        if each["result"] == "prune"
    ]
    assert accounts == dry
    assert site.json("prune", "--apply", path, "--dry-run")["accounts"] == [
        each for each in listed if each["result"] == "prune"
    ]


@only(SQLITE, "about the bytes of files")
@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_making_a_plan_changes_no_byte_of_the_database(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    stale(site.db, 20)
    with held(site.db, HABITS["idle"]):
        before = files(site.directory)
        plan = plan_of(site)
        site.ok("prune", "--apply", plan, "--dry-run")
        after = files(site.directory)
    assert after.pop("plan")
    assert after == before


def test_exactly_the_unchanged_accounts_of_a_plan_are_pruned(site, engine):
    """Whatever may happen to an account in an afternoon, each to a different one."""
    emails = stale(site.db, 12)
    plan = plan_of(site)
    site.ok("confirm", "--email", user(0), "--reason", "called")
    site.ok("create-admin", user(1), "--promote")
    with connected(site.db) as connection:
        connection.execute("UPDATE users SET email = 'new@example.org' WHERE id = 3")
        connection.execute("UPDATE users SET admin = TRUE, confirmed = FALSE WHERE id = 2")
        connection.execute("UPDATE users SET registered_on = ? WHERE id = 4", (OLD[:-1],))
        connection.execute("UPDATE regctl_outbox SET finished_at = ? WHERE account_id = 5",
                           (int(time.time()),))
        connection.execute("CREATE TABLE posts (id INTEGER, author INTEGER REFERENCES users (id))")
        connection.execute("INSERT INTO posts VALUES (1, 6)")
        connection.execute("UPDATE regctl_outbox SET state = 'expired' WHERE account_id = 7")
    site.ok("issue-token", user(7))
    site.ok("resend", user(8), "--force")
    site.ok("delete", user(9), "--reason", "left", "--yes")
    # The last ID is assigned again, unless a server counts on.
    site.ok("delete", user(11), "--reason", "left", "--yes")
    free_reserved_numbers(site.db)
    site.ok("register", user(11), "--no-password")
    # As old as the others, and not in the plan.
    populate(site.db, ["stale@example.org"])
    expected = {
        user(0): ("kept", "confirmed"),
        user(1): ("kept", "administrator"),
        user(2): ("kept", "other_address"),
        user(3): ("kept", "other_registration"),
        user(4): ("kept", "recent_mail"),
        user(5): ("kept", "in_use"),
        user(6): ("kept", "no_final_answer"),
        user(7): ("kept", "recent_act"),
        user(8): ("kept", "mail_pending"),
        user(9): ("kept", "gone"),
        user(10): ("pruned", None),
        user(11): ("kept", "other_registration" if engine == SQLITE else "gone"),
    }
    dry = site.json("prune", "--apply", plan, "--dry-run")
    as_if = {"prune": "pruned", "keep": "kept"}
    assert {
        each["email"]: (as_if[each["result"]], each["reason"]) for each in dry["accounts"]
    } == expected
    answer = apply(site, plan)
    assert results(answer) == expected
    assert [each["email"] for each in answer["accounts"]] == emails
    assert (answer["run"], answer["pruned"]) == (1, 1)
    assert answer["kept"] == Counter(reason for _, reason in expected.values() if reason)
    assert answer["cutoff"] == lines(plan)[0]["cutoff"]
    assert value(site.db, "SELECT email FROM regctl_archive WHERE run = 1") == user(10)
    assert "stale@example.org" in emails_in(site.db)
    assert value(site.db, "SELECT count(*) FROM regctl_tombstones") == 1
    [run] = site.json("list-prunes")["prunes"]
    assert (run["run"], run["pruned"], run["cutoff"]) == (1, 1, answer["cutoff"])
    site.ok("unprune", 1, "--yes")
    assert user(10) in emails_in(site.db)


def test_a_plan_applied_twice_finds_no_account_and_succeeds(site):
    emails = stale(site.db, 3)
    plan = plan_of(site)
    assert apply(site, plan)["pruned"] == 3
    before = dump(site.db)
    answer = apply(site, plan)
    assert (answer["run"], answer["pruned"]) == (None, 0)
    assert results(answer) == {email: ("kept", "gone") for email in emails}
    assert site.ok("prune", "--apply", plan, "--yes").startswith("Nothing to prune.\n")
    assert dump(site.db) == before


def test_a_plan_with_accounts_never_mailed_prunes_them(site):
    populate(site.db, ["never@example.org"], mails=())
    plan = plan_of(site, "--include-never-mailed")
    assert lines(plan)[0]["include_never_mailed"] is True
    assert apply(site, plan)["pruned"] == 1


def test_a_plan_is_made_with_the_age_that_was_asked_for(site):
    populate(site.db, ["month@example.org"], text_of(time.time() - 31 * DAY))
    populate(site.db, ["week@example.org"], text_of(time.time() - 29 * DAY))
    plan = plan_of(site, "--older-than", "30d")
    assert [each["email"] for each in lines(plan)[1:]] == ["month@example.org"]
    assert lines(plan_of_never(site))[0]["cutoff"] is None
    assert apply(site, site.directory / "never")["accounts"] == []


def plan_of_never(site: Site) -> Path:
    path = site.directory / "never"
    site.ok("prune", "--plan", path, "--older-than", "never")
    return path


def test_the_limits_hold_for_a_plan_when_it_is_applied(site):
    stale(site.db, 3)
    result = site.run("prune", "--plan", site.directory / "plan")
    words = "3 of 3 accounts to prune, more than half; none deleted"
    assert (result.returncode, result.stderr.decode()) == (0, f"regctl: warning: prune: {words}\n")
    for more, limit in (([], "half"), (["--max", 2], "limit 2")):
        code, error = site.error("prune", "--apply", site.directory / "plan", "--yes", *more)
        assert (code, error["code"]) == (1, "prune_cap") and limit in error["message"]
        result = site.run("prune", "--apply", site.directory / "plan", "--dry-run", *more)
        assert result.returncode == 0 and limit in result.stderr.decode()
    assert len(emails_in(site.db)) == 3
    answer = site.json("prune", "--apply", site.directory / "plan", "--yes", "--max", 3)
    assert answer["pruned"] == 3


def damages(plan: bytes) -> Iterator[bytes]:
    """A plan cut off everywhere but before its last line end, and with each line spoilt."""
    yield from (plan[:end] for end in range(len(plan) - 1))
    lines = plan.splitlines(keepends=True)
    for number, line in enumerate(lines):
        for spoilt in (b"", line + line, b"\n" + line, line.replace(b":", b"", 1), b"\xff" + line,
                       line.replace(b"}", b',"more":1}'), line.replace(b'"', b"'")):
            yield b"".join([*lines[:number], spoilt, *lines[number + 1:]])
    yield plan + b"\n"
    yield plan + plan
    yield plan.replace(b'"plan":1', b'"plan":2')
    yield plan.replace(b'"include_never_mailed":false', b'"include_never_mailed":0')
    yield re.sub(rb'"cutoff":"[^"]*"', b'"cutoff":"2999-01-01T00:00:00Z"', plan)
    yield re.sub(rb'"cutoff":"[^"]*"', b'"cutoff":null', plan)


def test_a_damaged_plan_is_refused_whole(site):
    emails = stale(site.db, 3)
    whole = plan_of(site).read_bytes()
    spoilt = site.directory / "spoilt"
    # An hour's worth of places to cut is more than is needed.
    found = list(damages(whole))
    for content in found[::9] + found[len(whole) - 1:]:
        spoilt.write_bytes(content)
        code, error = site.error("prune", "--apply", spoilt, "--yes", *ALL)
        assert (code, error["code"]) == (65, "invalid_value"), content
        assert re.search(r"line \d+: ", error["message"]), error
    assert emails_in(site.db) == emails
    spoilt.write_bytes(whole[:-1])
    # The control: removing the last line end loses nothing.
    assert apply(site, spoilt)["pruned"] == 3


def test_a_hostile_address_is_harmless_in_a_plan(site, engine):
    # The text of a server has no NUL.
    nul = "\x00" if engine == SQLITE else ""
    hostile = f"\x1b[2J\"\\\n\u202e{nul}é@example.org"
    populate(site.db, [hostile])
    plan = plan_of(site)
    assert b"\x1b" not in plan.read_bytes() and len(plan.read_bytes().splitlines()) == 2
    assert lines(plan)[1]["email"] == hostile
    screen = site.ok("prune", "--apply", plan, "--dry-run")
    assert "\x1b" not in screen and "\u202e" not in screen
    assert results(apply(site, plan)) == {hostile: ("pruned", None)}


def test_a_plan_asks_as_a_prune_does(site):
    stale(site.db, 3)
    plan = plan_of(site)
    child = ask(site, "--apply", plan, *ALL)
    assert "3 accounts" in child.before and user(0) in child.before
    site.ok("confirm", "--email", user(1), "--reason", "called", "--busy-timeout", "0s")
    child.sendline("y")
    screen = re.sub(r"\x1b\[\d*m", "", rest(child))
    assert "Pruned 2 accounts" in screen and re.search(rf"{user(1)} .* kept +confirmed", screen)
    assert emails_in(site.db) == [user(1)]
