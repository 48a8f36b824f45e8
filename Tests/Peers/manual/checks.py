"""Checks of a page.

Each check answers with complaints, so that the controls can see them.
"""

import os
import re
import subprocess

from Peers.manual.binary import SUMMARIES, Help
from Peers.manual.page import MAN, MANUAL, SECTIONS, Page, plain
from regctl import BINARY, ROOT


def lint(one: Page) -> list[str]:
    """What mandoc, man and groff have to say."""
    environment = os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANROFFSEQ": ""}
    mandoc = subprocess.run(
        ["mandoc", "-Tlint", "-W", "style", one.path], capture_output=True, text=True
    ).stdout.splitlines()
    complaints = [line for line in mandoc if "referenced manual not found" not in line]
    for command in (
        [MAN, "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", one.path],
        ["groff", "-ww", "-mandoc", "-Tutf8", "-Z", one.path],
    ):
        result = subprocess.run(command, capture_output=True, text=True, env=environment)
        complaints += result.stderr.splitlines()
        if not result.stdout.startswith("x T utf8"):
            complaints.append(f"{command[0]} made no page")
    return complaints


def disorder(one: Page) -> list[str]:
    """Sections that are unknown, doubled, in the wrong order, empty, or missing."""
    known = [name for name in one.order if name in SECTIONS]
    complaints = [name for name in one.order if name not in SECTIONS]
    complaints += [name for name, text in one.sections.items() if not text.strip()]
    complaints += [name for name in ("NAME", "DESCRIPTION", "EXAMPLES", "SEE ALSO") if name not in known]
    if known != sorted(set(known), key=SECTIONS.index):
        complaints.append("order")
    return complaints


def broken_references(one: Page) -> list[str]:
    references = re.findall(r"^\.(?:It )?Xr (regctl\S*) (\d)", one.text, re.M)
    return [f"{name}({number})" for name, number in references if not (MANUAL / f"{name}.{number}").exists()]


def too_wide(one: Page) -> list[str]:
    return [line for line in one.rendered().splitlines() if len(line) > 80]


def operands(synopsis: str, options: dict[str, str]) -> list[str]:
    """The operands of a synopsis, without options and their values."""
    values = {long: value for name, value in options.items() for long in name.split()}
    text = re.sub(r"\s*\|\s*", "|", synopsis.removeprefix("regctl ").partition(" ")[2])
    words = text.replace("...", " ...").replace("[", " ").replace("]", " ").split()
    found, is_value = [], False
    for word in words:
        if is_value:
            is_value = False
        elif word.startswith("-") and len(word) > 1:
            is_value = bool(values.get(word.split("|")[-1]))
        elif word not in ("options", "|"):
            found.append(word.lower())
    return found


def synopses(one: Page) -> list[str]:
    """The forms of a synopsis as they are shown, each on one line."""
    text = " ".join(one.rendered("SYNOPSIS").split())
    return ["regctl " + form.strip() for form in text.split("regctl ") if form.strip()]


def differences(one: Page, usage: Help) -> list[str]:
    """Where a page and the help of its command do not say the same."""
    complaints = []
    explained = one.options()
    complaints += [f"option {name}" for name in sorted(explained.keys() ^ usage.options.keys())]
    shown = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(synopses(one)).partition(" ")[2])
    spellings = {word for name in usage.options for word in name.split()}
    complaints += [f"synopsis {name}" for name in sorted(set(shown) ^ spellings)]
    for name, value in usage.options.items():
        for choice in value.split("|") if value.islower() else []:
            if name in explained and not re.search(rf"(?<!\w){re.escape(choice)}(?!\w)", explained[name]):
                complaints.append(f"choice {choice} of {name}")
    ours = [operands(form, usage.options) for form in synopses(one)]
    theirs = [operands(form, usage.options) for form in usage.synopses]
    if ours != theirs:
        complaints.append(f"operands {ours} and not {theirs}")
    complaints += [f"exit code {code}" for code in sorted(one.exit_codes() ^ usage.exit_codes)]
    lines = {example.line[2:] for story in one.stories() for example in story}
    complaints += [f"example {line}" for line in usage.examples if line not in lines]
    summary = SUMMARIES[usage.command]
    if f".Nd {summary[0].lower()}{summary[1:]}\n" not in one.text:
        complaints.append("summary")
    return complaints


def wrong_columns(one: Page, usage: Help) -> list[str]:
    """Whether the page names the columns that --fields knows, in their order."""
    if "--fields" not in usage.options:
        return []
    about = one.options()["--fields"].split("in this order:\n")[1].split(".\n")[0]
    ours = re.findall(r"\w+", " ".join(re.findall(r"^\.Cm (.*)$", about, re.M)))
    theirs = []
    for words in FORMS.get(usage.command, [[]]):
        result = subprocess.run(
            [BINARY, usage.command, *words, "--fields", "?"], env={}, capture_output=True, text=True
        )
        found = re.search(r"must be one or more of (\S+)", result.stderr)
        theirs += found[1].split(",") if found else []
    return [] if ours == theirs and theirs else [f"columns {ours} and not {theirs}"]


# The words with which a command comes to look at --fields, in each of its forms.
FORMS = {
    "inspect-token": [["token"]], "issue-token": [["ann@example.org"]],
    "list-prunes": [[], ["1"]], "report": [["stuck"]], "send-test": [["ann@example.org"]],
}


def source_text() -> str:
    """All prose of the program; what is put into it at run time is a gap."""
    text = "\n".join(path.read_text() for path in sorted((ROOT / "Sources" / "regctl").rglob("*.swift")))
    return re.sub(r'"\s*\+\s*"', "", text).replace('\\"', '"')


def unknown_messages(one: Page, source: str) -> list[str]:
    """Messages of the diagnostics that the program does not have."""
    messages = re.findall(r"^\.It (.*)$", one.sections.get("DIAGNOSTICS", ""), re.M)
    fragments = [fragment.strip(" :") for message in messages for fragment in plain(message).split("...")]
    return [fragment for fragment in fragments if len(fragment) > 1 and fragment not in source]
