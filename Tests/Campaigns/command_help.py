"""The lists that the help of regctl prints: commands, topics, error codes."""

import re
import subprocess

from regctl import BINARY


def help_of(*words: str) -> str:
    """A page of help."""
    result = subprocess.run([BINARY, "help", *words], capture_output=True, env={}, check=True)
    return result.stdout.decode()


def commands() -> list[str]:
    """Every command that the help lists."""
    overview = help_of().split("HELP TOPICS")[0]
    names = re.findall(r"^  ([a-z][a-z-]+) {2,}\S", overview, re.MULTILINE)
    assert len(names) >= 15, overview
    return names


def topics() -> list[str]:
    """Every topic that the help lists."""
    section = help_of().split("HELP TOPICS")[1].split("GLOBAL OPTIONS")[0]
    return re.findall(r"^  ([a-z][a-z-]+) {2,}\S", section, re.MULTILINE)


def error_codes() -> list[str]:
    """The closed list of error codes, as the help prints it."""
    return re.findall(r"[a-z_]+", help_of("exit-codes").split("The codes are:")[1])
