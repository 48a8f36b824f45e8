"""A successful call of every command, and a site for it."""

import os
import pwd
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from Campaigns.extent import sample
from Campaigns.preparation import (
    ANN,
    BOB,
    EVE,
    REPORT,
    accepted,
    attacked,
    bounced,
    held,
    long_ago,
    nothing,
    planned,
)
from regctl import BINARY, Site
from tokens import bound_token, fingerprint, token


def life(site: Site) -> Site:
    """A site in which every command has work: Ann is unconfirmed, Bob is an administrator."""
    for name in ("password", "wrong"):
        path = site.directory / name
        path.write_text(f"correct horse {name}\n")
        path.chmod(0o600)
    site.ok("create-db")
    site.ok("register", ANN, "--no-password")
    site.ok("create-admin", BOB, "--password-file", site.directory / "password")
    return site


def pruned(site: Site) -> None:
    """Ann is in the archive, as run 1."""
    long_ago(site)
    site.ok("prune", "--yes")


def deleted(site: Site) -> None:
    """Ann was deleted by an operator."""
    site.ok("delete", ANN, "--reason", "left", "--yes")


def locked(site: Site) -> None:
    """Ann is locked."""
    site.ok("lock", ANN, "--reason", "spam")


def moving(site: Site) -> None:
    """A change of Bob's address is pending, as request 1."""
    site.ok("change-email", BOB, "bob@post.example")


def copied(site: Site) -> None:
    """There is a copy of the database."""
    site.ok("backup", site.directory / "copy.db")


def refused(site: Site) -> None:
    """The mail to Ann was permanently rejected."""
    site.execute("UPDATE regctl_outbox SET state = 'failed', last_reply = '550 no'")


@dataclass(frozen=True)
class Call:
    """Arguments that succeed once in a new `life`."""

    words: list[object]
    # Commands that must have run before.
    before: Callable[[Site], None] = nothing
    # The content of standard input.
    input: str = ""
    # Prints sentences about what was done, which --quiet leaves out.
    is_summary: bool = False
    # Prints nothing when all is well.
    is_silent: bool = False
    # Prints the same text in every format.
    is_verbatim: bool = False

    def __str__(self) -> str:
        return " ".join(str(word) for word in self.words if not str(word).startswith("{"))

    def line(self, site: Site) -> list[str]:
        """The words with the places of the site filled in."""
        return [filled(word, site) for word in self.words]

    def given(self, site: Site) -> dict[str, object]:
        """Options that put the input on standard input."""
        return {"stdin": None, "input": filled(self.input, site).encode()}

    def run(self, site: Site, *more: str, **options: object) -> subprocess.CompletedProcess:
        """Runs the words and more behind them, after what must have happened before."""
        self.before(site)
        return run(site, *self.line(site), *more, **(self.given(site) | options))


def filled(word: object, site: Site) -> str:
    """A word with the places of the site filled in."""
    now = int(time.time())
    places = {
        "actor": pwd.getpwuid(os.geteuid()).pw_name,
        "directory": site.directory,
        "link": "https://app.example/confirm/" + token(ANN, now),
        "change": bound_token(["bob@post.example", "1"], now, "change-email"),
        "reset": bound_token([ANN, fingerprint("!")], now, "reset"),
    }
    return str(word).format_map(places)


CALLS = [
    Call(["create-db", "--db", "{directory}/other/regctl.db"], is_summary=True),
    Call(["create-db", "--if-not-exists"], is_summary=True),
    Call(["migrate-db"], is_summary=True),
    Call(["migrate-db", "--dry-run"], is_summary=True),
    Call(["backup", "{directory}/copy.db"], is_summary=True),
    Call(["restore", "{directory}/copy.db", "--dry-run"], copied, is_summary=True),
    Call(["restore", "{directory}/copy.db", "--yes"], copied, is_summary=True),
    Call(["import", "-"], input=f"email\n{EVE}\n", is_summary=True),
    Call(["import", "-", "--dry-run"], input=f"email\n{EVE}\n", is_summary=True),
    Call(["import", "-", "--map", "mail=email"], input=f"mail\n{EVE}\n", is_summary=True),
    Call(["export"]),
    Call(["export", "--csv"], is_verbatim=True),
    Call(["export", "--email", ANN], is_verbatim=True),
    Call(["doctor"]),
    Call(["config"]),
    Call(["create-admin", EVE, "--password-file", "{directory}/password"], is_summary=True),
    Call(["create-admin", BOB, "--if-not-exists"], is_summary=True),
    Call(["create-admin", ANN, "--promote"], is_summary=True),
    Call(["register", EVE, "--no-password"], is_summary=True),
    Call(["register", EVE, "--password-file", "{directory}/password"], is_summary=True),
    Call(["register", EVE, "--no-password", "--no-mail"], is_summary=True),
    Call(["register", EVE, "--no-password", "--wait"], is_summary=True),
    Call(["register", EVE, "--no-password", "--lang", "de"], is_summary=True),
    Call(["show", ANN]),
    Call(["show", "2"]),
    Call(["check", BOB], is_silent=True),
    Call(["check", BOB, "--password-file", "{directory}/password"], is_silent=True),
    Call(["list-unconfirmed"]),
    Call(["list-unconfirmed", "--count"]),
    Call(["list-accounts"]),
    Call(["list-accounts", "--count"]),
    Call(["list-admins"]),
    Call(["set-password", ANN, "--password-file", "{directory}/password"], is_summary=True),
    Call(["reset-password", ANN], is_summary=True),
    Call(["reset-password", ANN, "--force"], is_summary=True),
    Call(["reset-password", ANN, "--wait"], is_summary=True),
    Call(["reset-password", "--token", "{reset}", "--password-file", "{directory}/password"],
         is_summary=True),
    Call(["change-email", ANN, "ann@post.example"], is_summary=True),
    Call(["change-email", BOB, "bob@post.example", "--reason", "moved"], is_summary=True),
    Call(["change-email", ANN, "ann@post.example", "--wait"], is_summary=True),
    Call(["change-email", ANN, ANN], is_summary=True),
    Call(["lock", ANN, "@spam.example", "--reason", "spam"], is_summary=True),
    Call(["lock", "@example.org", "--reason", "spam", "--dry-run", "--force"], is_summary=True),
    Call(["unlock", ANN], locked, is_summary=True),
    Call(["delete", ANN, "--reason", "left", "--yes"], is_summary=True),
    Call(["delete", ANN, BOB, "--reason", "closing", "-y", "--force"], is_summary=True),
    Call(["delete", ANN, BOB, "--reason", "closing", "--dry-run", "--force"], is_summary=True),
    Call(["undelete", ANN], deleted, is_summary=True),
    Call(["erase", ANN, "--reason", "ticket 4714", "--yes"], is_summary=True),
    Call(["erase", ANN, "--reason", "ticket 4714", "--dry-run"], deleted, is_summary=True),
    Call(["audit"]),
    Call(["audit", "--email", ANN, "--since", "1h", "--limit", "1"]),
    Call(["audit", "--by", "{actor}", "--act", "register", "--newest"]),
    Call(["audit", "--verify"]),
    Call(["grant-admin", ANN], is_summary=True),
    Call(["revoke-admin", BOB, "--force"], is_summary=True),
    Call(["confirm", "{link}"], is_summary=True),
    Call(["confirm", "{change}"], moving, is_summary=True),
    Call(["confirm", "--email", ANN, "--reason", "called"], is_summary=True),
    Call(["confirm", "--stdin"], input="{link}\n"),
    Call(["unconfirm", BOB, "--reason", "bounced"], is_summary=True),
    Call(["issue-token", ANN]),
    Call(["issue-token", ANN, BOB, "--url"]),
    Call(["issue-token", ANN, "--purpose", "reset", "--url"]),
    Call(["issue-token", BOB, "--purpose", "change-email", "--url"], moving),
    Call(["inspect-token", "{link}"]),
    Call(["inspect-token", "{change}"], moving),
    Call(["resend", ANN, "--force"], is_summary=True),
    Call(["resend", ANN, "--force", "--wait"], is_summary=True),
    Call(["resend", ANN, "--force", "--template", "reminder"], is_summary=True),
    Call(["resend", "--all-unconfirmed", "--yes"], is_summary=True),
    Call(["resend", "--all-unconfirmed", "--dry-run"]),
    Call(["report", "cohorts"]),
    Call(["report", "funnel"]),
    Call(["report", "metrics"]),
    Call(["report", "stuck"], refused),
    Call(["report", "html"], is_verbatim=True),
    Call(["status"]),
    Call(["list-outbox"]),
    Call(["show-mail", "1"]),
    Call(["show-mail", ANN]),
    Call(["show-mail", "1", "--raw"], is_verbatim=True),
    Call(["show-mail", "1", "--raw", "--with-token"], is_verbatim=True),
    Call(["retry-mail", "1"], refused, is_summary=True),
    Call(["retry-mail", "--all-failed", "--yes"], refused, is_summary=True),
    Call(["retry-mail", ANN], refused, is_summary=True),
    Call(["cancel-mail", "1"], is_summary=True),
    Call(["cancel-mail", ANN], is_summary=True),
    Call(["cancel-mail", "--state", "queued", "--yes"], is_summary=True),
    Call(["release-held", "--yes"], held, is_summary=True),
    Call(["release-held", "--dry-run"], held),
    Call(["deliver"], is_summary=True),
    Call(["deliver", "--dry-run"]),
    Call(["send-test", EVE]),
    Call(["show-template", "confirm"]),
    Call(["show-template", "reminder", "--lang", "de", "--html"]),
    Call(["bounce"], accepted, input=REPORT, is_silent=True),
    Call(["list-bounces"], bounced),
    Call(["clear-bounce", ANN], bounced, is_summary=True),
    Call(["prune", "--yes"], long_ago, is_summary=True),
    Call(["prune", "--dry-run"], long_ago),
    Call(["prune", "--waves", "--include-never-mailed"], attacked),
    Call(["prune", "--plan", "{directory}/plan"], long_ago, is_summary=True),
    Call(["prune", "--apply", "{directory}/plan", "--yes"], planned, is_summary=True),
    Call(["prune", "--apply", "{directory}/plan", "--dry-run"], planned),
    Call(["list-prunes"], pruned),
    Call(["list-prunes", "1"], pruned),
    Call(["unprune", "1", "--yes"], pruned, is_summary=True),
    Call(["unprune", "1", "--dry-run"], pruned, is_summary=True),
    Call(["unprune", "1", "--email", ANN], pruned, is_summary=True),
    Call(["unprune", ANN], pruned, is_summary=True),
    Call(["rotate-key"], is_summary=True),
    Call(["rotate-key", "--drop-expired"], is_summary=True),
    Call(["purge"], pruned, is_summary=True),
    Call(["purge", "--dry-run"], pruned, is_summary=True),
    Call(["help"], is_verbatim=True),
    Call(["completion", "bash"], is_verbatim=True),
    Call(["completion", "zsh"], is_verbatim=True),
    Call(["completion", "fish"], is_verbatim=True),
    Call(["tour"], is_verbatim=True),
    Call(["--version"]),
]


def each(calls: list[Call]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("call", calls, ids=str)


def some(calls: list[Call]) -> Callable[[Callable], Callable]:
    """The same for one in three of the calls, others for each test."""

    def parametrized(test: Callable) -> Callable:
        name = f"{test.__module__}.{test.__name__}"
        return each(sample("calls whose output is examined", calls, 3, name=name))(test)

    return parametrized


def run(site: Site, *words: str, **options: object) -> subprocess.CompletedProcess:
    """Runs regctl with streams of our choice; what is not named is captured or empty."""
    streams = {"stdin": subprocess.DEVNULL} | {
        name: subprocess.PIPE for name in ("stdout", "stderr") if name not in options
    }
    arguments = {"env": site.environment, "timeout": 120} | streams | options
    return subprocess.run([BINARY, *words], **arguments)


def closed(number: int) -> dict[str, object]:
    """Options of `run` that start regctl without a stream."""
    name = ("stdin", "stdout", "stderr")[number]
    return {name: None, "preexec_fn": lambda: os.close(number)}
