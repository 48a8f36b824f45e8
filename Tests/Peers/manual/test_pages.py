"""The manual: well-formed, and about the commands that there are."""

import re

import pytest

from Peers.manual.binary import COMMANDS, GLOBAL_OPTIONS, SUMMARIES, TOPICS, Help, output_of, part
from Peers.manual.checks import (
    broken_references,
    differences,
    disorder,
    lint,
    source_text,
    too_wide,
    unknown_messages,
    wrong_columns,
)
from Peers.manual.page import MANUAL, PAGES, Page, page


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_well_formed_and_in_order(path):
    one = Page(path)
    assert lint(one) == []
    assert disorder(one) == []
    assert broken_references(one) == []
    assert too_wide(one) == []
    assert one.text.startswith(".Dd ")
    assert f".Dt {path.stem.upper()} {path.suffix[1:]}\n.Os\n" in one.text


def test_every_command_has_its_page_and_every_page_its_command():
    ours = {path.stem.removeprefix("regctl-") for path in MANUAL.glob("regctl-*.1")}
    assert ours == set(COMMANDS)
    assert {path.name for path in PAGES} - {f"regctl-{name}.1" for name in COMMANDS} == {
        "regctl.1", "regctl.conf.5", "regctl-json.5", "regctl-templates.5",
        "regctl-flask.7", "regctl-postgresql.7", "regctl-security.7",
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_says_the_same_as_the_help_of_its_command(command):
    one, usage = page(f"regctl-{command}.1"), Help(command)
    assert usage.examples and usage.exit_codes and usage.synopses
    assert differences(one, usage) == []
    assert wrong_columns(one, usage) == []


def test_the_messages_that_pages_explain_are_those_of_the_program():
    source = source_text()
    explained = 0
    for path in PAGES:
        assert unknown_messages(Page(path), source) == [], path.name
        explained += len(re.findall(r"^\.It ", Page(path).sections.get("DIAGNOSTICS", ""), re.M))
    assert explained > 20


def test_the_first_page_names_every_command_topic_and_global_option():
    one = page("regctl.1")
    listed = re.findall(r"^\.It Xr regctl-(\S+) 1\n(.*)\.$", one.text, re.M)
    assert dict(listed) == SUMMARIES
    assert [name for name, _ in listed] == COMMANDS
    explained = one.options()
    assert explained.keys() == GLOBAL_OPTIONS.keys()
    for name, value in GLOBAL_OPTIONS.items():
        for choice in value.split("|") if value.islower() else []:
            assert choice in explained[name], (name, choice)
    topics = one.text.split("The topics of\n.Nm Cm help\nare\n")[1].split(".Ss")[0]
    assert re.findall(r"\.Cm (\S+)", topics) == TOPICS


def test_the_first_page_knows_every_general_variable_and_every_exit_code():
    one = page("regctl.1")
    general = re.findall(r"^  (\w+) ", part(output_of("help", "environment"), "GENERAL"), re.M)
    assert [name.strip() for name in one.items("ENVIRONMENT", "Ev")] == general
    codes = re.findall(r"^  (\d+)  ", part(output_of("help", "exit-codes"), "EXIT CODES"), re.M)
    assert one.exit_codes() == {int(code) for code in codes}
    assert len(codes) > 10


def test_the_checks_see_a_page_that_is_not_well_formed(spoilt):
    assert lint(spoilt("regctl-prune.1", ".Sh EXAMPLES", ".Xx\n.Sh EXAMPLES"))
    assert lint(spoilt("regctl-prune.1", ".Bl -tag -width Ds\n.It Fl", ".It Fl"))
    one = spoilt("regctl-prune.1", ".Xr regctl-unprune 1 ,", ".Xr regctl-unprun 1 ,")
    assert broken_references(one) == ["regctl-unprun(1)"]
    assert len(too_wide(spoilt("regctl-prune.1", "$ regctl prune --yes --quiet", "$ " + "x" * 77))) == 1


def test_the_checks_see_sections_in_disorder(spoilt):
    one = spoilt("regctl-prune.1", ".Sh EXIT STATUS", ".Sh EXAMPLES\nNone.\n.Sh EXIT STATUS")
    assert "order" in disorder(one)
    assert disorder(spoilt("regctl-prune.1", ".Sh EXIT STATUS", ".Sh EXIT CODES")) == ["EXIT CODES"]
    empty = spoilt("regctl-list-prunes.1", ".Sh SEE ALSO", ".Sh FILES\n.Sh SEE ALSO")
    assert disorder(empty) == ["FILES", "order"]


def test_the_checks_see_a_page_that_says_something_else_than_the_help(spoilt):
    usage = Help("prune")

    def complaints(old: str, new: str) -> list[str]:
        return differences(spoilt("regctl-prune.1", old, new), usage)

    assert complaints(".It Fl \\-max Ar n\n", ".It Ar n\n") == ["option --max"]
    assert complaints(".It Fl n , Fl \\-dry-run", ".It Fl \\-dry-run") == [
        "option --dry-run", "option --dry-run -n"
    ]
    assert complaints(".Op Fl \\-max Ar n\n", "") == ["synopsis --max"]
    assert complaints(".Op Fl \\-max Ar n\n", ".Op Fl \\-max Ar n\n.Ar email\n") == [
        "operands [['email'], [], [], [], []] and not [[], [], [], [], []]"
    ]
    assert complaints(".It 64 , 74", ".It 74") == ["exit code 64"]
    assert complaints("--yes --quiet", "--quiet --yes") == ["example regctl prune --yes --quiet"]
    assert complaints("stale unconfirmed", "unconfirmed") == ["summary"]
    state = spoilt("regctl-list-outbox.1", "cancelled\nor\n.Cm expired .\n.It Fl", "cancelled .\n.It Fl")
    assert differences(state, Help("list-outbox")) == ["choice expired of --state"]
    columns = spoilt("regctl-prune.1", ".Cm email , registered_on", ".Cm registered_on , email")
    assert wrong_columns(columns, usage)
    message = spoilt("regctl-prune.1", "accounts to prune, more than half", "accounts to prune")
    assert unknown_messages(message, source_text()) == []
    message = spoilt("regctl-prune.1", "accounts to prune, more than half", "accounts may be pruned")
    assert unknown_messages(message, source_text()) == ["accounts may be pruned"]
