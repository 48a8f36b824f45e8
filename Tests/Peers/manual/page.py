"""A page of the manual, in source and as rendered."""

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from regctl import ROOT

MANUAL = ROOT / "man"
PAGES = sorted(MANUAL.glob("*.[1-9]"))
SECTIONS = [
    "NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES",
    "DIAGNOSTICS", "SEE ALSO", "STANDARDS", "SECURITY CONSIDERATIONS",
]

# Where manuals were removed from a system, the program has another name, and `man` only says so.
MAN = "man.REAL" if shutil.which("man.REAL") else "man"


# What a page says


def plain(text: str) -> str:
    """Text without the escapes of roff."""
    for escape, character in {r"\-": "-", r"\&": "", r"\(dq": '"', r"\e": "\\"}.items():
        text = text.replace(escape, character)
    return text


@dataclass
class Example:
    """A command line of the manual, and what the page shows below it."""

    line: str
    output: list[str] = field(default_factory=list)


class Page:
    """A page of the manual, in source and as rendered."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self.text = path.read_text()
        parts = re.split(r"^\.Sh (.*)\n", self.text, flags=re.M)
        self.order = parts[1::2]
        self.sections = dict(zip(parts[1::2], parts[2::2], strict=True))

    @property
    def command(self) -> str:
        return self.path.stem.removeprefix("regctl-")

    def items(self, section: str = "DESCRIPTION", macro: str = "Fl") -> dict[str, str]:
        """The items of the lists of a section that begin with a macro, and the text below each."""
        found = re.findall(
            rf"^\.It {macro} (.*)\n((?:(?!\.It|\.El|\.Ss).*\n)*)", self.sections.get(section, ""), re.M
        )
        return {plain(head): plain(body) for head, body in found}

    def options(self, items: dict[str, str] | None = None) -> dict[str, str]:
        """The options that are explained, in all their spellings, and the text about each."""
        found = {}
        for head, body in (self.items() if items is None else items).items():
            names = re.findall(r"(?:^|Fl )(-[a-z-]+|\w)(?= |$)", head)
            found[" ".join(sorted(f"-{name}" for name in names))] = head + "\n" + body
        return found

    def exit_codes(self) -> set[int]:
        heads = re.findall(r"^\.It (.*)$", self.sections.get("EXIT STATUS", ""), re.M)
        return {int(number) for head in heads for number in re.findall(r"\d+", head)}

    def blocks(self) -> list[str]:
        """The literal displays of the examples."""
        found = re.findall(
            r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed|^\.Dl (.*\n)", self.sections.get("EXAMPLES", ""), re.M | re.S
        )
        return [plain(display or line) for display, line in found]

    def stories(self) -> list[list[Example]]:
        """The examples, those of a display together."""
        stories = []
        for block in self.blocks():
            story: list[Example] = []
            for line in block.splitlines():
                if re.match(r"[$#] (?!Do not use)", line):
                    story.append(Example(line))
                elif story and line.startswith("> ") and not story[-1].output:
                    story[-1].line += "\n" + line[2:]
                elif story:
                    story[-1].output.append(line)
            if story:
                stories.append(story)
        return stories

    def rendered(self, section: str | None = None) -> str:
        """The page as mandoc shows it, without bold and underlined letters, or one section of it."""
        shown = subprocess.run(
            ["mandoc", "-Tutf8", "-Owidth=78", self.path], capture_output=True, text=True, check=True
        ).stdout
        text = re.sub(".\b", "", shown)
        if section is None:
            return text
        found = re.search(rf"^{section}\n(.*?)(?=^\S)", text, re.M | re.S)
        return found[1] if found else ""


def page(name: str) -> Page:
    return Page(MANUAL / name)
