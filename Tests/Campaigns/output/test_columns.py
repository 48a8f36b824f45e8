"""The columns of lists: all of them, selected ones, and their header."""

import json
import re

import pytest

from Campaigns.calls import Call, each, pruned, refused
from Campaigns.command_help import commands, help_of
from Campaigns.preparation import ANN, EVE, attacked, bounced, long_ago, planned
from Campaigns.sites import copy_of

LISTS = [
    Call(["config"]),
    Call(["doctor"]),
    Call(["list-unconfirmed"]),
    Call(["list-accounts"]),
    Call(["list-admins"]),
    Call(["audit"]),
    Call(["issue-token", ANN]),
    Call(["inspect-token", "--stdin"], input="{link}\n"),
    Call(["list-outbox"]),
    Call(["send-test", EVE]),
    Call(["prune", "--dry-run"], long_ago),
    Call(["prune", "--waves", "--include-never-mailed"], attacked),
    Call(["prune", "--yes"], long_ago),
    Call(["prune", "--apply", "{directory}/plan", "--yes"], planned),
    Call(["list-prunes"], pruned),
    Call(["list-bounces"], bounced),
    Call(["report", "stuck"], refused),
]


@each(LISTS)
def test_the_header_of_tsv_can_be_left_out(alive, tmp_path, call):
    other = copy_of(alive, tmp_path / "other")
    full = call.run(alive, "--format", "tsv")
    bare = call.run(other, "--format", "tsv", "--no-header")
    assert full.returncode == bare.returncode == 0
    assert len(full.stdout.splitlines()) == len(bare.stdout.splitlines()) + 1 >= 2


@pytest.mark.parametrize("format", ["text", "tsv"])
def test_chosen_columns_stand_in_the_order_they_were_named(alive, format):
    output = alive.ok("list-unconfirmed", "--fields", "mails,id,email", "--format", format)
    header, row = output.splitlines()
    assert header.lower().split() == ["mails", "id", "email"]
    assert row.split() == ["1", "1", ANN]
    bare = alive.ok("list-unconfirmed", "--fields=email", "--no-header", "--format", format)
    assert bare == f"{ANN}\n"


def test_chosen_columns_of_jsonl_follow_the_schema(alive):
    line = alive.ok("list-unconfirmed", "--fields", "email,id", "--format", "jsonl")
    assert line == f'{{"schema":1,"email":"{ANN}","id":1}}\n'


@pytest.mark.parametrize(
    ("command", "typed", "meant"),
    [
        ("list-unconfirmed", "registerd_on", "registered_on"),
        ("list-unconfirmed", "emial", "email"),
        ("list-accounts", "confirmd_on", "confirmed_on"),
        ("list-outbox", "possible_duplicat", "possible_duplicate"),
        ("list-admins", "confirmd", "confirmed"),
        ("config", "orign", "origin"),
        ("doctor", "advise", "advice"),
        ("audit", "reson", "reason"),
        ("prune", "emial", "email"),
        ("list-prunes", "restord", "restored"),
        ("list-bounces", "supressed", "suppressed"),
    ],
)
def test_an_unknown_column_is_refused_with_the_nearest(alive, command, typed, meant):
    code, error = alive.error(command, "--fields", f"{meant},{typed}")
    assert (code, error["code"]) == (64, "invalid_value")
    assert f"did you mean {meant}?" in error["hint"]
    assert meant in error["message"]


@pytest.mark.parametrize("fields", ["", ",", "email,", ",email", "email,,id", " email", "EMAIL"])
def test_half_a_list_of_columns_is_refused(alive, fields):
    code, error = alive.error("list-unconfirmed", "--fields", fields)
    assert (code, error["code"]) == (64, "invalid_value")


@each(LISTS)
@pytest.mark.parametrize("format", ["text", "tsv", "jsonl"])
def test_every_list_takes_every_column_it_names(alive, call, format):
    _, refusal = alive.error(*call.line(alive), "--fields", "x")
    names = re.search(r"must be one or more of (\S+)$", refusal["message"])[1]
    result = call.run(alive, "--fields", names, "--format", format)
    assert result.returncode == 0
    first = result.stdout.decode().splitlines()[0]
    if format == "tsv":
        assert first.split("\t") == names.split(",")
    if format == "jsonl":
        assert sorted(json.loads(first)) == sorted(["schema", *names.split(",")])


def test_every_command_with_columns_is_among_the_lists():
    takes_fields = {name for name in commands() if "--fields" in help_of(name)}
    assert {call.words[0] for call in LISTS} == takes_fields
