"""Every refusal with its exact message and codes, without any change."""

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from Campaigns.bad_input.account_refusals import ACCOUNTS
from Campaigns.bad_input.command_line_refusals import COMMAND_LINE
from Campaigns.bad_input.configuration_refusals import CONFIGURATION
from Campaigns.bad_input.database_refusals import DATABASE
from Campaigns.bad_input.mail_refusals import MAIL
from Campaigns.bad_input.token_refusals import TOKENS
from Campaigns.command_help import commands, error_codes
from Campaigns.directories import snapshot
from Campaigns.preparation import EVE
from Campaigns.processes import last_error
from Campaigns.terminal import DANGEROUS

COMMANDS = commands()
REFUSALS = [*COMMAND_LINE, *ACCOUNTS, *TOKENS, *DATABASE, *MAIL, *CONFIGURATION]


def check_words(text: str) -> None:
    """Lower case, one line, no full stop, nothing that harms a terminal, and not endless."""
    assert text
    assert not re.match(r"[A-Z][a-z]", text), text
    assert not text.endswith("."), text
    assert not DANGEROUS.search(text) and "\n" not in text, text
    assert len(text) < 1000


@contextlib.contextmanager
def kept(directory: Path) -> Iterator[None]:
    """Resets a directory."""
    copy = directory.with_name("kept")
    shutil.copytree(directory, copy)
    try:
        yield
    finally:
        shutil.rmtree(directory)
        copy.rename(directory)


def changes(before: dict[str, object], after: dict[str, object]) -> set[str]:
    """The names of what differs: of files, and in a database of tables."""
    changed = set()
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        match old, new:
            case (old_mode, dict(old_tables)), (new_mode, dict(new_tables)) if old_mode == new_mode:
                changed |= changes(old_tables, new_tables)
            case _:
                changed.add(name)
    return changed


def without_numbers(text: str) -> str:
    """The clock goes on between two runs."""
    return re.sub(r"\d+", "0", text)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_a_refusal_has_its_code_its_message_and_no_effect(place, refusal):
    refusal.spoil(place)
    before = snapshot(place.directory)
    with kept(place.directory):
        structured = refusal.run(place, "json")
        assert changes(before, snapshot(place.directory)) == refusal.writes
    plain = refusal.run(place, "text")
    assert changes(before, snapshot(place.directory)) == refusal.writes

    # The process
    assert plain.returncode == structured.returncode == refusal.exit
    shows = refusal.stdout or refusal.prints or refusal.code.startswith(("token_", "partial"))
    assert shows or not plain.stdout
    assert refusal.prints in (plain.stdout or b"").decode()

    # JSON: a line each, one of them the last and decisive one.
    errors = [json.loads(line) for line in structured.stderr.splitlines()]
    assert len(errors) == 1 or refusal.code == "partial"
    for error in errors:
        assert list(error) == ["schema", "error"] and error["schema"] == 1
        assert list(error["error"]) == ["code", "message", "hint", "exit"]
    last = errors[-1]["error"]
    assert (last["code"], last["exit"]) == (refusal.code, refusal.exit)
    assert refusal.says in f"{last['message']}\n{last['hint']}"

    # Text: the same words.
    subject = refusal.subject
    if subject is None:
        subject = next((word for word in refusal.words if word in COMMANDS), "")
    expected = ""
    for error in errors:
        check_words(error["error"]["message"])
        expected += f"regctl: error: {subject}{': ' if subject else ''}{error['error']['message']}\n"
        if error["error"]["hint"] is not None:
            check_words(error["error"]["hint"])
            expected += f"hint: {error['error']['hint']}\n"
    assert without_numbers(plain.stderr.decode()) == without_numbers(expected)


def test_every_error_code_is_provoked():
    # Those of servers are provoked in the campaigns of Campaigns/postgresql.
    elsewhere = {"db_unavailable", "commit_unknown", "internal"}
    assert {refusal.code for refusal in REFUSALS} == set(error_codes()) - elsewhere


def test_every_command_is_refused_something():
    refused = {word for refusal in REFUSALS for word in refusal.words if word in COMMANDS}
    assert refused >= set(COMMANDS) - {"tour"}


# Form


@pytest.mark.parametrize("format", ["--json", "--format=json", "--format=jsonl", "REGCTL_FORMAT"])
def test_json_errors_are_printed_for_every_way_to_request_json(place, format):
    environment = {"REGCTL_FORMAT": "json"} if format == "REGCTL_FORMAT" else {}
    words = [] if environment else [format]
    for refused in (["no-such"], ["show", EVE], ["show", "--no-such-option"], []):
        result = place.run(*words, *refused, environment=environment)
        assert list(last_error(result.stderr)) == ["code", "message", "hint", "exit"], refused


def test_an_error_names_the_command_that_was_given_and_no_other(place):
    """An operand may look like a command."""
    for word in COMMANDS:
        result = place.run("show", word)
        assert result.stderr.decode().startswith("regctl: error: show: no such account"), word


def test_regctl_alone_prints_short_help_and_fails(place):
    result = place.run()
    assert (result.returncode, result.stdout) == (64, b"")
    assert "regctl help" in result.stderr.decode()
    assert "USAGE" in result.stderr.decode().upper()
    assert len(result.stderr.splitlines()) <= 30
