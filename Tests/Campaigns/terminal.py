"""regctl on a terminal."""

import re
import termios

import pexpect

from regctl import BINARY, Site

# What must never reach a terminal as it is: control bytes, bidirectional and invisible characters.
DANGEROUS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)
FIRST, SECOND = "New password: ", "Retype new password: "


def on_terminal(site: Site, *words: object, **environment: str) -> pexpect.spawn:
    """Starts regctl on a terminal of 80 columns."""
    return pexpect.spawn(
        BINARY,
        [str(word) for word in words],
        env={"TERM": "xterm"} | site.environment | environment,
        dimensions=(24, 80),
        timeout=60,
        encoding="utf-8",
    )


def in_shell(site: Site, script: str, *words: object, **options: object) -> pexpect.spawn:
    """Starts a shell script on a terminal, with regctl as `$0` and words behind it."""
    arguments = {"env": {"TERM": "xterm"} | site.environment, "timeout": 60, "encoding": "utf-8"}
    return pexpect.spawn(
        "sh", ["-c", script, BINARY, *[str(word) for word in words]], **(arguments | options)
    )


def rest(child: pexpect.spawn) -> str:
    """What is printed until the end."""
    child.expect(pexpect.EOF)
    child.close()
    return child.before


def echoes(child: pexpect.spawn) -> bool:
    """Whether the terminal shows what is typed."""
    return bool(termios.tcgetattr(child.child_fd)[3] & termios.ECHO)


def answer(child: pexpect.spawn, *answers: str) -> str:
    """Answers the questions for a password; returns everything that was on the screen."""
    seen = ""
    for number, typed in enumerate(answers):
        child.expect_exact((FIRST, SECOND)[number % 2])
        assert not echoes(child)
        seen += child.before + child.after
        child.sendline(typed)
    return seen
