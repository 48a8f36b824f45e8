"""Every command that an audit entry can come from takes a reason, and one can be required."""

import functools
import json

import pytest

from Campaigns.calls import CALLS, Call, life
from Campaigns.command_help import help_of
from Campaigns.database import connected, rows
from Campaigns.processes import last_error
from Campaigns.sites import LINKS
from regctl import Site

REASON = "ticket 4711, \"Bücher\""
REQUIRED = {"REGCTL_REQUIRE_REASON": "yes"}
# Acts on the database itself, which need no reason.
ON_THE_DATABASE = {"create-db", "migrate-db"}
# Calls that find that there is nothing to do.
WITHOUT_AN_ACT = {
    "create-admin bob@example.org --if-not-exists",
    "change-email ann@example.org ann@example.org",
    "resend --all-unconfirmed --yes",
    "rotate-key --drop-expired",
}


@functools.cache
def takes_reason(command: str) -> bool:
    return not command.startswith("-") and "--reason" in help_of(command)


def changes(call: Call) -> bool:
    """Whether a call of a command with this option changes something."""
    reads = {"--dry-run", "--plan", "--waves"} & {*call.words}
    is_secret = call.words[0] != "show-mail" or "--with-token" in call.words
    return takes_reason(call.words[0]) and not reads and is_secret


CHANGES = [call for call in CALLS if changes(call)]
OTHERS = [call for call in CALLS if not changes(call) and call.words[0] not in {"tour", "help"}]


@pytest.fixture
def alive(new_site) -> Site:
    return life(new_site(**LINKS))


def entries(site: Site) -> list[tuple[int, str | None]]:
    return rows(site.db, "SELECT id, reason FROM regctl_audit ORDER BY id")


def content(site: Site) -> list[str]:
    with connected(site.db) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("call", CHANGES, ids=str)
def test_the_reason_is_in_the_audit(alive, call):
    call.before(alive)
    before = entries(alive)
    has_its_own = "--reason" in call.words
    words = call.line(alive) if has_its_own else [*call.line(alive), "--reason", REASON]
    environment = alive.environment | REQUIRED
    result = Call(words, input=call.input).run(alive, env=environment)
    assert result.returncode == 0, result.stderr
    # A restored database has the entries of the copy.
    new = [entry for entry in entries(alive) if entry not in before]
    assert bool(new) == (str(call) not in WITHOUT_AN_ACT)
    expected = call.words[call.words.index("--reason") + 1] if has_its_own else REASON
    assert {reason for _, reason in new} <= {expected}


@pytest.mark.parametrize("call", [call for call in CHANGES if "--reason" not in call.words], ids=str)
def test_without_a_required_reason_nothing_is_written(alive, call):
    call.before(alive)
    before = content(alive)
    result = Call(call.words, input=call.input).run(alive, "--json", env=alive.environment | REQUIRED)
    error = last_error(result.stderr)
    assert (result.returncode, error["code"], error["hint"]) == (
        64, "missing_value", "add --reason TEXT",
    ), result
    assert result.stdout == b""
    assert content(alive) == before


@pytest.mark.parametrize("call", OTHERS, ids=str)
def test_what_takes_no_reason_needs_none_and_acts_on_no_account(alive, call):
    call.before(alive)
    before = entries(alive)
    result = Call(call.words, input=call.input).run(alive, env=alive.environment | REQUIRED)
    assert result.returncode == 0, result.stderr
    if call.words[0] not in ON_THE_DATABASE:
        assert entries(alive) == before


def test_a_reason_is_one_line_of_text(alive):
    for reason in ("", " ", "two\nlines", "x" * 1001):
        code, error = alive.error("resend", "ann@example.org", "--force", "--reason", reason)
        assert (code, error["code"]) == (64, "invalid_value"), json.dumps(reason)
