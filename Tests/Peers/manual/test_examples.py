"""Every example in the manual works."""

import re

import pytest

from Peers.manual.examples import CONTINUED, ENDINGS, MARK, NOT_RUN, PROMPTS, Shell
from Peers.manual.page import PAGES, Example, Page


def pattern(lines: list[str]) -> str:
    """A pattern for output: numbers and hashes, and how columns are filled up, may differ."""
    lines = [re.sub(r"\b[0-9a-f]{64}\b", "\0", line.rstrip()) for line in lines]
    text = "\n".join(re.escape(re.sub(r"[ \t]+", " ", line)) for line in lines)
    text = re.sub(r"\\ ", "[ \\\\t]+", re.sub(r"\d+", r"\\d+", text))
    text = re.sub(r"\b(second|minute|hour|day)s?\b", r"\1s?", text)
    text = text.replace(re.escape("\0"), "[0-9a-f]{64}")
    return text.replace("\n", "[ \\t]*\n") + r"\s*"


def runnable(story: list[Example]) -> list[Example]:
    return [example for example in story if example.line not in NOT_RUN]


def failures(name: str, story: list[Example], shell: Shell) -> list[str]:
    """Runs the examples of a display in one shell; what does not go as the page says."""
    examples = runnable(story)
    lines = [example.line[2:] for example in examples]
    if "ImFubk..." in "".join(lines):
        token = shell.run("regctl issue-token ann@example.org").strip()
        lines = [line.replace("ImFubk...", token) for line in lines]
    if len(lines) == 1 and lines[0].removeprefix("regctl ") in PROMPTS:
        results = [shell.type_password(lines[0])]
    else:
        script = "".join(f"{line}\nprintf '{MARK} %s\\n' $?\n" for line in lines)
        found = re.findall(rf"(.*?){MARK} (\d+)\n", shell.run(script), re.S)
        results = [(output, int(code)) for output, code in found]
    complaints = [] if len(results) == len(examples) else [f"the shell did not come to the end of {lines}"]
    for example, (output, code) in zip(examples, results, strict=False):
        if code != ENDINGS.get((name, example.line[2:]), 0):
            complaints.append(f"{example.line}: exit code {code}: {output}")
        if example.output and not re.fullmatch(pattern(example.output), output):
            complaints.append(f"{example.line}: printed {output!r}")
    return complaints


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_example_works_and_prints_what_the_page_shows(path, shells):
    stories = Page(path).stories()
    assert stories
    if path.name in CONTINUED:
        stories = [[example for story in stories for example in story]]
    copy = shells(path.name)
    for story in stories:
        assert failures(path.name, story, copy()) == []


def test_an_example_that_is_not_run_says_why():
    lines = [example.line for path in PAGES for story in Page(path).stories() for example in story]
    assert set(NOT_RUN) <= set(lines)
    assert [line for line in lines if line.startswith("#") and line not in NOT_RUN] == []
    assert sum(line not in NOT_RUN for line in lines) > 90
    prompting = [line for line in lines if line.removeprefix("$ regctl ") in PROMPTS]
    assert len(set(prompting)) == len(PROMPTS)
    assert {(name, f"$ {line}") for name, line in ENDINGS} <= {
        (path.name, example.line) for path in PAGES for story in Page(path).stories() for example in story
    }


def test_the_runner_sees_an_example_that_fails_or_prints_something_else(shells):
    copy = shells("regctl-show.1")
    line = "$ regctl resend ann@example.org --force"
    good = Example(line, ["A confirmation mail to ann@example.org is queued."])
    assert failures("x", [good], copy()) == []
    assert failures("x", [Example(line, ["A mail to ann@example.org is queued."])], copy())
    assert failures("x", [Example("$ regctl resend eve@example.org")], copy())
    assert failures("x", [Example("$ regctl resend 'ann@example.org")], copy())
    assert failures("x", [Example("$ true", []), Example("$ exit 0", [])], copy())
