"""The cases of a support desk among the scripts of EndToEndTests, which run them."""

import re
from pathlib import Path

import pytest

from regctl import ROOT

SCRIPTS = sorted((ROOT / "Tests/EndToEndTests/Scripts").glob("*.txt"))
# The words of the one who asks.
QUESTION = re.compile(r'# (Support|Operation): ".+?"')
STEP = re.compile(r"# (\d+)\. \S")
COMMAND = re.compile(r"(! )?(regctl|exec sh -c .*\bregctl) ")


def lines(script: Path) -> list[str]:
    """The lines of a session, without the files behind it."""
    return script.read_text().split("\n-- ")[0].splitlines()


def commands_by_step(script: Path) -> list[tuple[int, list[str]]]:
    """The commands under each comment with a number, up to the next comment or empty line."""
    steps, current = [], None
    for line in lines(script):
        if step := STEP.match(line):
            current = []
            steps.append((int(step[1]), current))
        elif not line or line.startswith("#"):
            current = None
        elif current is not None and COMMAND.match(line):
            current.append(line)
    return steps


SCENARIOS = [script for script in SCRIPTS if QUESTION.match(lines(script)[0])]


def test_there_are_at_least_36_scenarios_and_no_question_twice():
    assert len(SCENARIOS) >= 36
    questions = [lines(script)[0] for script in SCENARIOS]
    assert len(set(questions)) == len(questions)


@pytest.mark.parametrize("script", SCENARIOS, ids=lambda script: script.stem)
def test_a_scenario_is_answered_by_at_most_three_commands(script):
    steps = commands_by_step(script)
    assert [number for number, _ in steps] == list(range(1, len(steps) + 1))
    assert 1 <= len(steps) <= 3
    for number, commands in steps:
        assert len(commands) == 1, number


def test_only_a_scenario_has_steps():
    assert [script.stem for script in SCRIPTS if script not in SCENARIOS and commands_by_step(script)] == []
