"""The binary's own documentation, with which pages are compared."""

import re
import subprocess

from regctl import BINARY


def output_of(*words: str) -> str:
    return subprocess.run([BINARY, *words], env={}, capture_output=True, text=True).stdout


def part(text: str, heading: str) -> str:
    """What stands under a heading of the help."""
    found = re.search(rf"^{heading}.*\n((?:  .*\n|\n)*)", text, re.M)
    return found[1] if found else ""


def options_in(text: str) -> dict[str, str]:
    """Options of the help with the name of their value."""
    found = re.findall(r"^  (?:(-\w), |    )(--[a-z-]+)(?: (\S+))?", text, re.M)
    return {" ".join(sorted(filter(None, (short, long)))): value for short, long, value in found}


class Help:
    """The output of `help COMMAND`."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.text = output_of("help", command)
        self.synopses = re.findall(r"^  (regctl .*)$", part(self.text, "USAGE"), re.M)
        self.options = options_in(part(self.text, "OPTIONS"))
        words = " ".join(part(self.text, "EXIT STATUS").split())
        self.exit_codes = {int(number) for number in re.findall(r"(?:^|, )(\d+) ", words)}
        self.examples = re.findall(r"^ +\$ (.*)$", part(self.text, "EXAMPLES"), re.M)


OVERVIEW = output_of("help")
TOPICS = re.findall(r"^  (\S+) ", part(OVERVIEW, "HELP TOPICS"), re.M)
SUMMARIES = {
    name: summary
    for group in re.findall(r"^([A-Z]+)$", OVERVIEW, re.M) if group != "USAGE"
    for name, summary in re.findall(r"^  ([a-z]\S+) +(\S.*)$", part(OVERVIEW, group), re.M)
}
COMMANDS = list(SUMMARIES)
GLOBAL_OPTIONS = options_in(part(OVERVIEW, "GLOBAL OPTIONS"))


def setting_defaults() -> dict[str, str]:
    """The variables of the settings with their defaults."""
    text = part(output_of("help", "environment"), "SETTINGS")
    entries = re.split(r"^  (?=REGCTL_)", text, flags=re.M)[1:]
    return {
        entry.split()[0]: re.search(r"\(default: (.*)\)$", " ".join(entry.split()))[1]
        for entry in entries
    }


def error_codes() -> set[str]:
    text = part(output_of("help", "exit-codes"), "The codes are:")
    return set(re.findall(r"\w+", text))
