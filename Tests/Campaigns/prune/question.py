"""The question that `prune` asks on a terminal."""

import pexpect

from Campaigns.terminal import on_terminal
from regctl import Site

QUESTION = "[y/N] "


def ask(site: Site, *words: object) -> pexpect.spawn:
    """Starts `prune` on a terminal and waits for its question."""
    child = on_terminal(site, "prune", *words)
    child.expect_exact(QUESTION)
    return child
