"""Help, read as a table of commands, operands and options."""

import re
import subprocess
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from regctl import BINARY


@dataclass(frozen=True)
class Option:
    flags: tuple[str, ...]
    value: str | None
    meaning: str

    @property
    def long(self) -> str:
        return self.flags[-1]


@dataclass(frozen=True)
class Command:
    name: str
    summary: str
    operands: tuple[str, ...]
    options: tuple[Option, ...]


@cache
def help_of(*words: str) -> str:
    return subprocess.check_output([BINARY, "help", *words], text=True, env={})


def sections(text: str) -> dict[str, str]:
    """Help by heading."""
    parts = re.split(r"^([A-Z][A-Z ]+)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def entries(text: str) -> list[tuple[str, str]]:
    """The terms of a list with their descriptions, across line breaks."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        if match := re.match(r" {2,6}(-?[-a-z]\S*(?:,? \S+)*)(?: {2,}(\S.*))?$", line):
            found.append((match[1], match[2] or ""))
        elif line.strip() and found:
            term, meaning = found[-1]
            found[-1] = (term, f"{meaning} {line.strip()}".strip())
    return found


def options(text: str) -> tuple[Option, ...]:
    found = []
    for term, meaning in entries(text):
        words = term.replace(", ", " ").split()
        flags = tuple(word for word in words if word.startswith("-"))
        found.append(Option(flags, next(iter(words[len(flags):]), None), meaning))
    return tuple(found)


def operands(usage: str) -> tuple[str, ...]:
    """The operands of the first form of a command."""
    words = takewhile(re.compile(r"\[?([A-Z]|[a-z]+\|)").match, usage.strip().splitlines()[0].split()[2:])
    return tuple(word.strip("[]") for word in words)


@cache
def commands() -> tuple[Command, ...]:
    found = []
    for heading, text in sections(help_of()).items():
        if heading in {"USAGE", "HELP TOPICS", "GLOBAL OPTIONS"}:
            continue
        for name, summary in entries(text):
            parts = sections(help_of(name))
            found.append(
                Command(name, summary, operands(parts["USAGE"]), options(parts.get("OPTIONS", "")))
            )
    return tuple(found)


def topics() -> dict[str, str]:
    return dict(entries(sections(help_of())["HELP TOPICS"]))


def global_options() -> tuple[Option, ...]:
    return options(sections(help_of())["GLOBAL OPTIONS"].split("\n\n")[0])
