"""The same options select accounts, mails and acts in every command: in help, manual and completion."""

import pytest

from Peers.completions.help_table import commands
from regctl import ROOT

LISTS = [
    "list-accounts", "list-unconfirmed", "list-admins", "list-outbox", "list-bounces", "list-prunes", "audit",
]
# prune takes the oldest first, which is why it has no --newest.
CHANGES = ["resend", "retry-mail", "cancel-mail", "release-held", "prune"]

# Where each option must be.
TABLE = {
    "--since": LISTS + CHANGES,
    "--until": LISTS + CHANGES,
    "--domain": LISTS + CHANGES,
    "--email": LISTS + CHANGES,
    "--file": [*LISTS, *CHANGES, "confirm"],
    "--stdin": LISTS + CHANGES,
    "--state": ["list-accounts", "list-unconfirmed", "list-outbox", *CHANGES[:-2]],
    "--newest": LISTS + CHANGES[:-1],
    "--limit": LISTS + CHANGES,
    "--count": LISTS,
    "--sort": LISTS,
    "--fields": LISTS,
    "--no-header": LISTS,
    "--dry-run": CHANGES,
    "--yes": CHANGES,
    "--reply": ["list-outbox", "retry-mail", "cancel-mail"],
}
CELLS = [(option, command) for option, names in TABLE.items() for command in names]


@pytest.mark.parametrize(("option", "command"), CELLS)
def test_help_has_the_option(option, command):
    table = {command.name: command for command in commands()}
    assert option in {flag for one in table[command].options for flag in one.flags}


@pytest.mark.parametrize(("option", "command"), CELLS)
def test_the_manual_explains_the_option(option, command):
    page = ROOT.joinpath("man", f"regctl-{command}.1").read_text()
    named = f"Fl \\-{option.removeprefix('--')}".replace("-no-", "-no-")
    description = page.split(".Sh DESCRIPTION")[1]
    lines = [line for line in description.splitlines() if line.startswith(".It Fl")]
    assert any(f" {named}" in f" {line} " for line in (entry + " " for entry in lines)), named
    assert named in page.split(".Sh SYNOPSIS")[1].split(".Sh DESCRIPTION")[0]


def test_completion_offers_the_options(shell):
    missing = []
    for command in dict.fromkeys(command for _, command in CELLS):
        _, offered = shell.tab(f"regctl {command} -")
        missing += [(option, command) for option, name in CELLS if name == command and option not in offered]
    assert missing == []
