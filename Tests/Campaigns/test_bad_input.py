"""Every refusal in its exact words and codes, and nothing written by any of them."""

import contextlib
import fcntl
import json
import os
import re
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pytest

from Campaigns.command_help import commands, error_codes
from Campaigns.database import APPLICATION_TABLE, connected, dump, integrity, value
from Campaigns.directories import NOBODY, public_directory, snapshot
from Campaigns.preparation import ANN, BOB, EVE, long_ago, nothing, planned, sql
from Campaigns.processes import last_error
from Campaigns.sites import LINKS, copy_of
from Campaigns.terminal import DANGEROUS
from regctl import BINARY, KEY, Site
from tokens import bound_token, fingerprint, token

COMMANDS = commands()


@pytest.fixture(scope="module")
def prototype() -> Iterator[Site]:
    """Ann is registered an hour ago and waits, Bob is administrator; others may reach the place."""
    with public_directory() as directory:
        shutil.copy(BINARY, directory / "regctl")
        (directory / "prototype").mkdir(mode=0o755)
        site = Site(directory / "prototype")
        site.ok("create-db")
        site.ok("register", ANN, "--no-password")
        site.ok("create-admin", BOB, "--password-file", "-", input="correct horse")
        with connected(site.db) as connection:
            connection.execute("UPDATE regctl_accounts SET registered_at = registered_at - 7200")
        for name in ("tmp", "new", "cur"):
            (site.maildir / name).mkdir(parents=True)
        Path(f"{site.db}.deliver.lock").touch(0o600)
        yield site


@pytest.fixture
def place(prototype) -> Iterator[Site]:
    """A copy of the site to be used up."""
    directory = prototype.directory.parent / "place"
    yield copy_of(prototype, directory)
    shutil.rmtree(directory)


def now() -> int:
    return int(time.time())


def content(name: str, data: bytes, mode: int = 0o600) -> Callable[[Site], None]:
    """Writes a file of the site."""

    def spoil(site: Site) -> None:
        path = site.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        path.chmod(mode)

    return spoil


def database(data: bytes) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        site.db.write_bytes(data)

    return spoil


def other_database(*statements: str) -> Callable[[Site], None]:
    """A database with tables of somebody else's."""

    def spoil(site: Site) -> None:
        site.db.unlink()
        sql(*statements)(site)

    return spoil


def directory_instead_of(name: str) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        path = site.directory / name
        path.unlink(missing_ok=True)
        path.mkdir()

    return spoil


def settings(**changed: object) -> Callable[[Site], None]:
    """Changes the configuration; `None` takes a setting away."""

    def spoil(site: Site) -> None:
        site.settings |= changed
        for name in [name for name, kept in changed.items() if kept is None]:
            del site.settings[name]
        site.write_config()

    return spoil


def template(name: str, data: bytes) -> Callable[[Site], None]:
    """Writes a template of the site's own."""

    def spoil(site: Site) -> None:
        content(f"templates/{name}", data)(site)
        settings(templates_dir=site.directory / "templates")(site)

    return spoil


def config(data: bytes, mode: int = 0o600) -> Callable[[Site], None]:
    return content("regctl.conf", data, mode)


def config_line(line: bytes) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        with open(site.environment["REGCTL_CONFIG"], "ab") as file:
            file.write(line)

    return spoil


def command(*words: str) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        site.ok(*words)

    return spoil


def after(*steps: Callable[[Site], None]) -> Callable[[Site], None]:
    """Several things, one after the other."""

    def spoil(site: Site) -> None:
        for step in steps:
            step(site)

    return spoil


def mode(name: str, permissions: int) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        (site.directory / name).chmod(permissions)

    return spoil


def all_pages_but_the_first(site: Site) -> None:
    data = site.db.read_bytes()
    site.db.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))


def half(site: Site) -> None:
    """A copy that broke off."""
    os.truncate(site.db, site.db.stat().st_size // 2)


def maildir_without_tmp(site: Site) -> None:
    (site.maildir / "tmp").rmdir()
    (site.maildir / "tmp").touch()


def two_of_three_long_ago(site: Site) -> None:
    site.ok(*REGISTER)
    long_ago(site)


def cut_short(name: str) -> Callable[[Site], None]:
    """A file of which only the first line is left."""

    def spoil(site: Site) -> None:
        path = site.directory / name
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])

    return spoil


def both(*spoils: Callable[[Site], None]) -> Callable[[Site], None]:
    """One after the other."""

    def spoil(site: Site) -> None:
        for each in spoils:
            each(site)

    return spoil


def two_of_three_planned(site: Site) -> None:
    two_of_three_long_ago(site)
    site.ok("prune", "--plan", site.directory / "plan")


def pruned(site: Site) -> None:
    """Ann and Eve are in the archive, as run 1."""
    two_of_three_long_ago(site)
    site.ok("prune", "--yes", "--max", "2")


def pruned_and_registered_anew(site: Site) -> None:
    pruned(site)
    site.ok("register", ANN, "--no-password")


def sent(site: Site) -> None:
    site.ok("deliver")


# The pages of the application to which the links of the other purposes lead.
WITH_LINKS = settings(**LINKS)
# Bob is to have another address, by request 1.
MOVING = after(WITH_LINKS, command("change-email", BOB, "bob@post.example"))
MOVED = ["bob@post.example", "1"]


def change(payload: object = MOVED, age: int = 0) -> Callable[[], str]:
    """A token for a change of address."""
    return lambda: bound_token(payload, now() - age, "change-email")


def reset(payload: object = (ANN, fingerprint("!")), age: int = 0) -> Callable[[], str]:
    """A token for another password, by default a good one of Ann, who has none."""
    return lambda: bound_token(payload, now() - age, "reset")


def changed_act(site: Site) -> None:
    sql("UPDATE regctl_audit SET email = 'eve@example.org' WHERE id = 2")(site)


def application_in_use(site: Site) -> None:
    """Others may read the database, which needs no log beside it."""
    sql("PRAGMA journal_mode=DELETE")(site)
    readable_database(site)


def readable_database(site: Site) -> None:
    """Others may read everything and write nothing."""
    site.db.chmod(0o644)
    Path(site.environment["REGCTL_CONFIG"]).chmod(0o644)


# What goes on meanwhile


def undisturbed(site: Site) -> AbstractContextManager:
    return contextlib.nullcontext()


@contextlib.contextmanager
def another_writer(site: Site) -> Iterator[None]:
    with connected(site.db) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextlib.contextmanager
def another_deliverer(site: Site) -> Iterator[None]:
    with open(f"{site.db}.deliver.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


FULL_DISK = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64"] + [
    "-e",
    "inject=pwrite64:error=ENOSPC",
]

# What password prompts are answered with: never the same twice.
DIFFERENT_PASSWORDS = [f"correct horse {number}" for number in range(6)]


@dataclass(frozen=True)
class Refusal:
    """A command that must be refused, and how."""

    code: str
    exit: int
    words: list[str | bytes | Callable[[], str]]
    spoil: Callable[[Site], None] = nothing
    input: bytes | Callable[[], bytes] = b""
    environment: dict[str, str] = field(default_factory=dict)
    user: int | None = None
    meanwhile: Callable[[Site], AbstractContextManager] = undisturbed
    program: list[str] = field(default_factory=list)
    stdout: str | None = None
    typed: list[str] = field(default_factory=list)
    # What the message or the hint must say.
    says: str = ""
    # What standard output must say nonetheless: it shows what was found or done before.
    prints: str = ""
    # The tables and files that change nonetheless: an attempt counts, and some of several succeed.
    writes: set[str] = field(default_factory=set)
    # What stands before the message: the command, unless the command line was not understood.
    subject: str | None = None

    def __str__(self) -> str:
        shown = [str(word)[:24] for word in self.words if not callable(word)]
        return f"{self.code}: {' '.join(shown)} {self.says or self.prints}".strip()

    def run(self, site: Site, format: str) -> subprocess.CompletedProcess:
        words = [word() if callable(word) else word for word in self.words]
        words = [
            word if isinstance(word, bytes) else word.replace("{site}", str(site.directory))
            for word in words
        ]
        line = [*self.program, str(site.directory.parent / "regctl"), *words]
        # Not by an option: it might be taken for the value of the last one.
        environment = site.environment | {"REGCTL_FORMAT": format} | self.environment
        if self.typed:
            return typed_on_a_terminal(line, environment, site.directory.parent, self.typed)
        with open(self.stdout or os.devnull, "wb") as output, self.meanwhile(site):
            return subprocess.run(
                line,
                input=self.input() if callable(self.input) else self.input,
                stdout=output if self.stdout else subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                cwd="/",
                user=self.user,
                group=self.user,
                # Without a terminal, whatever pytest itself has.
                start_new_session=True,
                timeout=60,
            )


def typed_on_a_terminal(
    line: list[str], environment: dict[str, str], directory: Path, answers: list[str]
) -> subprocess.CompletedProcess:
    """Runs a command on a terminal of its own, its output streams in files."""
    script = 'exec "$@" >"$0.out" 2>"$0.err"'
    files = [directory / f"typed.{suffix}" for suffix in ("out", "err")]
    child = pexpect.spawn("sh", ["-c", script, str(directory / "typed"), *line], env=environment)
    for answer in answers:
        child.expect([r"password: ", r"\? \[y/N\] "], timeout=30)
        child.sendline(answer)
    child.expect(pexpect.EOF, timeout=30)
    child.close()
    output, error = (path.read_bytes() for path in files)
    # What is said between the questions is no part of the error.
    error = error.replace(b"The two entries differ.\n", b"")
    return subprocess.CompletedProcess(line, child.exitstatus, output, error)


REGISTER = ["register", EVE, "--no-password"]
APPLICATION = other_database(APPLICATION_TABLE)
ACCOUNT_TABLES = {"users", "regctl_accounts", "regctl_audit", "regctl_outbox"}
TLS_SERVER = {"mail_transport": "smtp", "mail_server": "127.0.0.1", "mail_port": 1}
NO_SERVER = settings(mail_security="none", **TLS_SERVER)
NO_SENDMAIL = settings(mail_transport="sendmail", sendmail_path="/nonexistent/sendmail")
FAILING_SENDMAIL = settings(mail_transport="sendmail", sendmail_path="/bin/false")
MISSPELT = template("confirm.html", b"<p>{{ confirm_ulr }}</p>")
SAMPLE_TEXT = b"This is a letter and no database.\n" * 100

REFUSALS = [
    # The command line
    Refusal("usage", 64, ["--quiet"]),
    Refusal("usage", 64, ["--"]),
    Refusal("usage", 64, ["register", EVE, BOB], says="unexpected operand 2: a password"),
    Refusal("usage", 64, ["list-admins", "--no-header=yes"]),
    Refusal("usage", 64, ["register", EVE, "--no-password", "--generate-password"]),
    Refusal("usage", 64, ["create-admin", EVE, "--promote", "--if-not-exists"]),
    Refusal("usage", 64, ["list-unconfirmed", "--limit", "1", "--limit", "2"], says="--limit"),
    Refusal("usage", 64, ["list-admins", "--db", "a", "-db"], says="--db", subject=""),
    Refusal("usage", 64, ["confirm", "one", "two"]),
    Refusal("usage", 64, ["issue-token", "--stdin", ANN]),
    Refusal("usage", 64, ["confirm", "--stdin", "forged"]),
    Refusal("usage", 64, ["confirm", "--stdin", "--email", ANN, "--reason", "called"]),
    Refusal("usage", 64, ["register", EVE, "--no-password", "--no-mail", "--wait"], says="--wait"),
    Refusal("usage", 64, ["set-password", ANN, "--password-file", "-", "--generate-password"]),
    Refusal("usage", 64, ["delete", ANN, "--reason", "one", "--reason", "two", "--yes"]),
    Refusal("usage", 64, ["prune", "--yes=no"]),
    Refusal("usage", 64, ["prune", ANN]),
    Refusal("usage", 64, ["prune", "--plan", "{site}/plan", "--apply", "{site}/plan"]),
    Refusal("usage", 64, ["prune", "--plan", "{site}/plan", "--yes"], says="--yes and --plan"),
    Refusal("usage", 64, ["prune", "--plan", "{site}/plan", "--dry-run"], long_ago),
    Refusal("usage", 64, ["prune", "--apply", "{site}/plan", "--older-than", "14d"], planned),
    Refusal("usage", 64, ["prune", "--apply", "{site}/plan", "--include-never-mailed"], planned),
    Refusal("usage", 64, ["list-prunes", "1"]),
    Refusal("usage", 64, ["unprune", "1", ANN], says="'ann@example.org'"),
    Refusal("usage", 64, ["audit", ANN]),
    Refusal("usage", 64, ["audit", "--verify", ANN]),
    Refusal("usage", 64, ["audit", "--verify", "--limit", "1"], says="--limit"),
    Refusal("usage", 64, ["audit", "--verify", "--email", ANN], says="--email"),
    Refusal("usage", 64, ["audit", "--verify", "--since", "1d"], says="--since"),
    Refusal("usage", 64, ["audit", "--verify", "--no-header"], says="--no-header"),
    Refusal("usage", 64, ["audit", "--verify", "--fields", "act"], says="--fields"),
    Refusal("usage", 64, ["change-email", ANN, EVE, BOB], says="'bob@example.org'"),
    Refusal("usage", 64, ["change-email", ANN, EVE, "--reason", "one", "--reason", "two"]),
    Refusal("usage", 64, ["reset-password", ANN, BOB], says="unexpected operand 2: a password"),
    Refusal("usage", 64, ["reset-password", "--token", "-", ANN], says="unexpected operand 1:"),
    Refusal("usage", 64, ["reset-password", "--token", "-", "--force"], says="--force"),
    Refusal("usage", 64, ["reset-password", "--token", "-", "--password-file", "-"],
            says="--token - and --password-file -"),
    Refusal("usage", 64, ["reset-password", "--token", "x", "--generate-password",
                          "--password-file", "-"]),
    Refusal("usage", 64, ["backup", "{site}/one", "{site}/two"], says="two'"),
    Refusal("usage", 64, ["import", "one.csv", "two.csv"], says="'two.csv'"),
    Refusal("usage", 64, ["export", "accounts.csv"], says="'accounts.csv'"),
    Refusal("usage", 64, ["doctor", "regctl.conf"]),
    Refusal("usage", 64, ["show-mail", "1", "2"]),
    Refusal("usage", 64, ["retry-mail", "--all-failed", "1"]),
    Refusal("usage", 64, ["send-test", EVE, BOB]),
    Refusal("unknown_command", 64, ["regster", EVE], says="did you mean register?"),
    Refusal("unknown_command", 64, ["list"]),
    Refusal("unknown_command", 64, [""]),
    Refusal("unknown_command", 64, ["help", "delivr"], says="did you mean deliver?", subject=""),
    Refusal("unknown_command", 64, ["unprun", "1"], says="did you mean unprune?"),
    Refusal("unknown_command", 64, ["\x1b]0;owned\x07"]),
    Refusal("unknown_option", 64, ["register", EVE, "--no-pasword"], says="--no-password?"),
    Refusal("unknown_option", 64, ["register", EVE, "--no-pass"]),
    Refusal("unknown_option", 64, ["register", EVE, "-x"], says="'-x'"),
    Refusal("unknown_option", 64, ["list-admins", "--é"]),
    Refusal("unknown_option", 64, ["set-password", ANN, "--no-password"]),
    Refusal("unknown_option", 64, ["delete", ANN, "--resaon", "left"], says="--reason?"),
    Refusal("unknown_option", 64, ["prune", "--dryrun"], says="--dry-run?"),
    Refusal("unknown_option", 64, ["prune", "-f"]),
    Refusal("unknown_option", 64, ["unprune", "-1"]),
    Refusal("unknown_option", 64, ["backup", "{site}/copy.db", "--force"]),
    Refusal("unknown_option", 64, ["import", "-", "--yes"]),
    Refusal("unknown_option", 64, ["export", "--cvs"], says="--csv?"),
    Refusal("unknown_option", 64, ["cancel-mail", "--all-failed"]),
    Refusal("unknown_option", 64, ["change-email", ANN, EVE, "--force"]),
    Refusal("unknown_option", 64, ["reset-password", ANN, "--reason", "forgotten"]),
    Refusal("missing_value", 64, ["register", EVE, "--password-file"]),
    Refusal("missing_value", 64, ["list-admins", "-d"], says="-d needs a value"),
    Refusal("missing_value", 64, ["register"], says="EMAIL"),
    Refusal("missing_value", 64, ["confirm"]),
    Refusal("missing_value", 64, ["confirm", "--email", ANN], says="--reason"),
    Refusal("missing_value", 64, ["confirm", "--reason", "called"], says="--email"),
    Refusal("missing_value", 64, ["unconfirm", BOB], says="--reason"),
    Refusal("missing_value", 64, ["confirm", "--stdin", "--reason", "called"], says="--email"),
    Refusal("missing_value", 64, ["set-password"], says="EMAIL"),
    Refusal("missing_value", 64, ["delete", "--reason", "left", "--yes"], says="EMAIL"),
    Refusal("missing_value", 64, ["delete", ANN, "--yes"], says="--reason"),
    Refusal("missing_value", 64, ["delete", ANN, "--yes", "--reason"], says="TEXT"),
    Refusal("missing_value", 64, ["prune", "--yes", "--older-than"], says="DURATION"),
    Refusal("missing_value", 64, ["unprune"], says="RUN"),
    Refusal("missing_value", 64, ["unprune", "1", "--email"], says="EMAIL"),
    Refusal("missing_value", 64, ["audit", "--since"], says="TIME|AGE"),
    Refusal("missing_value", 64, ["audit", "--verify", "--head"], says="HASH"),
    Refusal("missing_value", 64, ["audit", "--head", "0" * 64], says="--verify"),
    Refusal("missing_value", 64, ["change-email"], says="OLD"),
    Refusal("missing_value", 64, ["change-email", ANN], says="NEW"),
    Refusal("missing_value", 64, ["change-email", ANN, EVE, "--reason"], says="TEXT"),
    Refusal("missing_value", 64, ["reset-password"], says="EMAIL"),
    Refusal("missing_value", 64, ["reset-password", "--force"], says="EMAIL"),
    Refusal("missing_value", 64, ["reset-password", "--token"], says="TOKEN|LINK|-"),
    Refusal("missing_value", 64, ["reset-password", ANN, "--generate-password"], says="--token"),
    Refusal("missing_value", 64, ["reset-password", ANN, "--password-file", "-"], says="--token"),
    Refusal("missing_value", 64, ["backup"], says="FILE"),
    Refusal("missing_value", 64, ["import", "--dry-run"], says="FILE|-"),
    Refusal("missing_value", 64, ["show-mail"], says="ID"),
    Refusal("missing_value", 64, ["show-mail", "1", "--with-token"], says="--raw"),
    Refusal("missing_value", 64, ["retry-mail"], says="ID"),
    Refusal("missing_value", 64, ["cancel-mail"], says="ID"),
    Refusal("missing_value", 64, ["send-test"], says="EMAIL"),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--older-than", "14"], says="14d?"),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--older-than", "1y"]),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--older-than", ""]),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--older-than", "9" * 30 + "d"]),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--older-than", "-1d"]),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--older-than", "1 d"]),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--limit", "0"]),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--limit", "-1"]),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--limit", "9" * 30]),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--limit", "١"]),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--sort", "emial"], says="email?"),
    Refusal("invalid_value", 64, ["list-unconfirmed", "--domain", "a b"]),
    Refusal("invalid_value", 64, ["list-outbox", "--state", "sended"], says="queued"),
    Refusal("invalid_value", 64, ["list-admins", "--format=xml"], says="json", subject=""),
    Refusal("invalid_value", 64, ["list-admins", "--color", "red"], subject=""),
    Refusal("invalid_value", 64, ["list-admins", "--busy-timeout", "never"], subject=""),
    Refusal("invalid_value", 64, ["list-admins", "--busy-timeout", "5"], says="5s?", subject=""),
    Refusal("invalid_value", 64, ["create-db", "--journal-mode", "memory"]),
    Refusal("invalid_value", 64, ["unconfirm", BOB, "--reason", "two\nlines"]),
    Refusal("invalid_value", 64, ["unconfirm", BOB, "--reason", "   "]),
    Refusal("invalid_value", 64, ["unconfirm", BOB, "--reason", "x" * 1001]),
    Refusal("invalid_value", 64, ["delete", ANN, "--yes", "--reason", ""], says="one line"),
    Refusal("invalid_value", 64, ["delete", ANN, "--yes", "--reason", "two\nlines"]),
    Refusal("invalid_value", 64, ["prune", "--older-than", "14", "--yes"], says="14d?"),
    Refusal("invalid_value", 64, ["prune", "--older-than", "59m", "--yes"], says="1 hour"),
    Refusal("invalid_value", 64, ["prune", "--older-than", "59m", "--dry-run"], says="1 hour"),
    Refusal("invalid_value", 64, ["prune", "--max", "0", "--yes"], says="from 1"),
    Refusal("invalid_value", 64, ["prune", "--max", "-1", "--yes"]),
    Refusal("invalid_value", 64, ["prune", "--max", "all", "--yes"]),
    Refusal("invalid_value", 64, ["prune", "--dry-run", "--fields", "reasons"], says="reason?"),
    Refusal("invalid_value", 64, ["prune", "--plan", "-"], long_ago, says="a file is needed"),
    Refusal("invalid_value", 64, ["prune", "--apply", ""], says="a file is needed"),
    Refusal("invalid_value", 64, ["prune", "--plan", "{site}/plan", "--older-than", "59m"]),
    Refusal("invalid_value", 65, ["prune", "--apply", "{site}/regctl.conf", "--yes"], long_ago,
            says="line 1"),
    Refusal("invalid_value", 65, ["prune", "--apply", "{site}/plan", "--dry-run"],
            both(planned, content("plan", b"")), says="how a plan of prune begins"),
    Refusal("invalid_value", 65, ["prune", "--apply", "{site}/plan", "--yes"],
            both(planned, cut_short("plan")), says="line 1: the plan ends after 0 of 1"),
    Refusal("invalid_value", 64, ["list-prunes", "--fields", "runs"], says="run?"),
    Refusal("invalid_value", 64, ["unprune", "first"], says="RUN"),
    Refusal("invalid_value", 64, ["unprune", ""]),
    Refusal("invalid_value", 64, ["unprune", "9" * 30]),
    Refusal("invalid_value", 64, ["audit", "--since", "nonsense"]),
    Refusal("invalid_value", 64, ["audit", "--since", "30"], says="30d?"),
    Refusal("invalid_value", 64, ["audit", "--since", "2026-02-30"], says="2026-11-23T09:00:00Z"),
    Refusal("invalid_value", 64, ["audit", "--limit", "0"]),
    Refusal("invalid_value", 64, ["audit", "--verify", "--head", "abc"], says="64 digits"),
    Refusal("invalid_value", 64, ["audit", "--verify", "--head", ""]),
    Refusal("invalid_value", 64, ["audit", "--verify", "--head", "A" * 64]),
    Refusal("invalid_value", 64, ["audit", "--verify", "--head", "é" * 32]),
    Refusal("invalid_value", 64, ["change-email", ANN, EVE, "--reason", "two\nlines"]),
    Refusal("invalid_value", 64, ["change-email", ANN, EVE, "--reason", " "], says="one line"),
    Refusal("invalid_value", 64, ["change-email", ANN, EVE, "--reason", "x" * 1001]),
    Refusal("invalid_value", 64, ["issue-token", ANN, "--purpose", "rest"], says="reset?"),
    Refusal("missing_value", 64, ["report"], says="cohorts|funnel|metrics"),
    Refusal("invalid_value", 64, ["report", "cohort"], says="did you mean cohorts?"),
    Refusal("invalid_value", 64, ["report", "cohorts", "--by", "day"], says="week, month"),
    Refusal("invalid_value", 64, ["report", "funnel", "--since", "52"], says="52d?"),
    Refusal("usage", 64, ["report", "metrics", "--since", "1d"]),
    Refusal("usage", 64, ["resend", "--all-unconfirmed", ANN], says=ANN),
    Refusal("usage", 64, ["resend", "--all-unconfirmed", "--force"]),
    Refusal("missing_value", 64, ["resend", ANN, "--rate", "1/s"], says="--all-unconfirmed"),
    Refusal("missing_value", 64, ["resend"], says="EMAIL"),
    Refusal("invalid_value", 64, ["resend", "--all-unconfirmed", "--rate", "1"], says="60/m"),
    Refusal("invalid_value", 64, ["resend", "--all-unconfirmed", "--rate", "0/s"]),
    Refusal("invalid_value", 64, ["resend", "--all-unconfirmed", "--rate", "-1/s"]),
    Refusal("invalid_value", 64, ["resend", "--all-unconfirmed", "--rate", "1/s/s"]),
    Refusal("invalid_value", 64, ["resend", "--all-unconfirmed", "--rate", "9" * 30 + "/s"]),
    Refusal("invalid_value", 64, ["resend", "--all-unconfirmed", "--campaign", "two\nlines"]),
    Refusal("invalid_value", 64, ["audit", "--fields", "emial"], says="email?"),
    Refusal("invalid_value", 64, ["doctor", "--fields", "chekc"], says="check?"),
    Refusal("invalid_value", 64, ["show-mail", "first"], says="ID"),
    Refusal("invalid_value", 64, ["show-mail", "1.5"]),
    Refusal("invalid_value", 64, ["retry-mail", "1", "٢"]),
    Refusal("invalid_value", 64, ["cancel-mail", "1", ""]),
    Refusal("invalid_value", 64, ["cancel-mail", "9" * 30]),
    Refusal("invalid_value", 64, ["send-test", EVE, "--fields", "stpe"], says="step?"),
    Refusal("invalid_value", 64, ["deliver", "--limit", "0"]),
    Refusal("invalid_value", 64, ["deliver", "--timeout", "5"], says="5s?"),
    Refusal("invalid_value", 64, ["deliver", "--timeout", "never", "--dry-run"], says="at least 1s"),
    Refusal("invalid_value", 64, ["deliver", "--timeout", "0s"], says="at least 1s is needed, such as 10m"),
    Refusal("invalid_value", 64, ["register", b"\xff@example.org", "--no-password"], subject=""),
    Refusal("invalid_value", 64, [b"\xc3\x28"]),
    Refusal("needs_input", 64, ["register", EVE], says="--password-file"),
    Refusal("needs_input", 64, ["create-admin", EVE], says="--generate-password"),
    Refusal("needs_input", 64, ["register", EVE], environment={"REGCTL_NO_INPUT": "1"}),
    Refusal("needs_input", 64, ["set-password", ANN], says="--generate-password"),
    Refusal("needs_input", 64, ["reset-password", "--token", reset()], says="--generate-password"),
    Refusal("needs_input", 64, ["reset-password", "--token", "-"],
            input=lambda: reset()().encode()),
    Refusal("needs_input", 64, ["reset-password", "--token", reset(), "--no-input"]),
    Refusal("needs_input", 64, ["delete", ANN, "--reason", "left"], says="--yes"),
    Refusal("needs_input", 64, ["delete", ANN, EVE, "--reason", "left"], says="--yes"),
    Refusal("needs_input", 64, ["delete", ANN, "--reason", "left"], input=b"y\n"),
    Refusal("needs_input", 64, ["prune"], long_ago, says="--yes"),
    Refusal("needs_input", 64, ["prune", "--no-input", "--older-than", "1d"], long_ago),
    Refusal("needs_input", 64, ["prune", "--apply", "{site}/plan"], planned, says="--yes"),
    Refusal("declined", 1, ["delete", ANN, "--reason", "left"], typed=["n"]),
    Refusal("declined", 1, ["delete", ANN, EVE, "--reason", "left", "--force"], typed=[""]),
    Refusal("needs_input", 64, ["resend", "--all-unconfirmed"], long_ago, says="--yes"),
    Refusal("declined", 1, ["resend", "--all-unconfirmed"], long_ago, typed=["maybe"]),
    Refusal("declined", 1, ["prune"], long_ago, typed=["n"], says="nothing is done"),
    Refusal("declined", 1, ["prune", "--max", "1"], long_ago, typed=["no, yes"]),
    Refusal("declined", 1, ["prune", "--apply", "{site}/plan"], planned, typed=["n"]),
    # Addresses
    Refusal("invalid_email", 65, ["register", "", "--no-password"]),
    Refusal("invalid_email", 65, ["create-admin", "no address", "--generate-password"]),
    Refusal("invalid_email", 65, ["register", "müller@example.org", "--no-password"], says="xn--"),
    Refusal("invalid_email", 65, ["register", "a" * 100_000 + "@example.org", "--no-password"]),
    Refusal("invalid_email", 65, ["change-email", ANN, ""]),
    Refusal("invalid_email", 65, ["change-email", ANN, "no address"]),
    Refusal("invalid_email", 65, ["change-email", BOB, "bob@müller.example"], says="xn--"),
    # What would be an account's is looked at first: it costs nothing and tells nothing.
    Refusal("invalid_email", 65, ["change-email", EVE, "eve"]),
    Refusal("invalid_email", 65, ["send-test", ""]),
    Refusal("invalid_email", 65, ["send-test", "no address"]),
    Refusal("invalid_email", 65, ["send-test", "postmaster@müller.example"], says="xn--"),
    Refusal("not_found", 67, ["show", EVE]),
    Refusal("not_found", 67, ["show", "99"]),
    Refusal("not_found", 67, ["show", "99999999999999999999"]),
    Refusal("not_found", 67, ["show", ""]),
    Refusal("not_found", 67, ["check", EVE]),
    Refusal("not_found", 67, ["issue-token", EVE]),
    Refusal("not_found", 67, ["resend", EVE]),
    Refusal("not_found", 67, ["list-outbox", "--email", EVE]),
    Refusal("not_found", 67, ["grant-admin", "a" * 100_000]),
    Refusal("not_found", 67, ["confirm", lambda: token(EVE, now())]),
    Refusal("not_found", 67, ["confirm", "--email", EVE, "--reason", "called"]),
    Refusal("not_found", 67, ["set-password", EVE]),
    Refusal("not_found", 67, ["set-password", "1", "--generate-password"]),
    # Nobody is asked about an account that is not there.
    Refusal("not_found", 67, ["delete", EVE, "--reason", "left"]),
    Refusal("not_found", 67, ["delete", EVE, "--reason", "left", "--yes", "--force"]),
    Refusal("not_found", 67, ["change-email", EVE, "eve@post.example"], WITH_LINKS),
    Refusal("not_found", 67, ["change-email", "", "eve@post.example"]),
    Refusal("not_found", 67, ["change-email", "1", "eve@post.example"], says="'1'"),
    Refusal("not_found", 67, ["change-email", ANN, EVE], pruned, says="regctl unprune 1"),
    Refusal("not_found", 67, ["reset-password", EVE], WITH_LINKS),
    Refusal("not_found", 67, ["reset-password", EVE, "--force"], WITH_LINKS),
    Refusal("not_found", 67, ["reset-password", ANN], after(WITH_LINKS, pruned), says="run 1"),
    Refusal("not_found", 67, ["reset-password", "--token", reset((EVE, fingerprint("!")))]),
    Refusal("not_found", 67, ["issue-token", EVE, "--purpose", "reset"]),
    Refusal("not_found", 67, ["confirm", change()]),
    Refusal("not_found", 67, ["confirm", change(["eve@post.example", "1"])], MOVING),
    Refusal("not_found", 67, ["confirm", change(["Bob@post.example", "1"])], MOVING),
    Refusal("not_found", 67, ["confirm", change(["bob@post.example", "2"])], MOVING),
    Refusal("not_found", 67, ["confirm", change()],
            after(MOVING, command("delete", BOB, "--reason", "left", "--yes", "--force"))),
    Refusal("not_found", 67, ["inspect-token", change()], prints="bob@post.example"),
    Refusal("not_found", 67, ["audit", "--email", EVE]),
    Refusal("not_found", 67, ["show", ANN], pruned, says="regctl unprune 1 --email ann@"),
    Refusal("not_found", 67, ["resend", ANN], pruned, says="run 1"),
    Refusal("not_found", 67, ["unprune", "1"], says="regctl list-prunes"),
    Refusal("not_found", 67, ["unprune", "0"]),
    Refusal("not_found", 67, ["unprune", "2"], pruned, says="run 2"),
    Refusal("not_found", 67, ["unprune", "1", "--email", BOB], pruned, says="'bob@example.org'"),
    Refusal("not_found", 67, ["show-mail", "99"], says="'99'"),
    Refusal("not_found", 67, ["show-mail", "99", "--raw", "--with-token"]),
    Refusal("not_found", 67, ["show-mail", "1", "--raw"], pruned, says="ann@example.org"),
    Refusal("not_found", 67, ["retry-mail", "99"], says="regctl list-outbox"),
    Refusal("not_found", 67, ["cancel-mail", "0"]),
    # Passwords
    Refusal("invalid_password", 65, ["register", EVE, "--password-file", "-"], says="empty"),
    Refusal("invalid_password", 65, ["register", EVE, "--password-file", "-"], input=b"\n"),
    Refusal("invalid_password", 65, ["register", EVE, "--password-file", "-"], input=b"1234567\n"),
    Refusal("invalid_password", 65, ["register", EVE, "--password-file", "-"], input=b"x" * 73),
    Refusal("invalid_password", 65, ["register", EVE, "--password-file", "-"], input=b"x" * 10**6),
    Refusal("invalid_password", 65, ["register", EVE, "--password-file", "-"],
            input="é".encode() * 37, says="72"),
    Refusal("invalid_password", 65, ["create-admin", EVE, "--password-file", "-"],
            input=b"correct\x00horse", says="NUL"),
    Refusal("invalid_password", 65, ["create-admin", EVE, "--password-file", "-"],
            input=b"correct\xffhorse", says="UTF-8"),
    Refusal("password_mismatch", 65, ["register", EVE], typed=DIFFERENT_PASSWORDS),
    Refusal("invalid_password", 65, ["set-password", ANN, "--password-file", "-"], says="empty"),
    Refusal("invalid_password", 65, ["set-password", ANN, "--password-file", "-"], input=b"short"),
    Refusal("invalid_password", 65, ["set-password", ANN, "--password-file", "-"], input=b"x" * 73),
    Refusal("password_mismatch", 65, ["set-password", ANN], typed=DIFFERENT_PASSWORDS),
    Refusal("invalid_password", 65, ["reset-password", "--token", reset(), "--password-file", "-"]),
    Refusal("invalid_password", 65, ["reset-password", "--token", reset(), "--password-file", "-"],
            input=b"short"),
    Refusal("invalid_password", 65, ["reset-password", "--token", reset(), "--password-file", "-"],
            input=b"x" * 73, says="72"),
    Refusal("password_mismatch", 65, ["reset-password", "--token", reset()],
            typed=DIFFERENT_PASSWORDS),
    Refusal("wrong_password", 1, ["check", BOB, "--password-file", "-"], input=b"wrong horse"),
    Refusal("wrong_password", 1, ["check", EVE, "--password-file", "-"], input=b"correct horse"),
    Refusal("wrong_password", 1, ["check", BOB, "--password-file", "-"], input=b""),
    Refusal("wrong_password", 1, ["check", BOB, "--password-file", "-"], input=b"correct\x00horse"),
    Refusal("wrong_password", 1, ["check", ANN, "--password-file", "-"], input=b"!"),
    Refusal("io_error", 66, ["register", EVE, "--password-file", "{site}/none"]),
    Refusal("io_error", 66, ["set-password", ANN, "--password-file", "{site}/none"]),
    Refusal("io_error", 66, ["prune", "--apply", "{site}/none", "--yes"]),
    Refusal("io_error", 66, ["reset-password", "--token", reset(), "--password-file",
                             "{site}/none"]),
    Refusal("config_error", 78, ["register", EVE, "--password-file", "{site}"]),
    Refusal("config_error", 78, ["register", EVE, "--password-file", "{site}/pw"],
            content("pw", b"correct horse\n", 0o644), says="chmod 600"),
    # The state of the data
    Refusal("already_registered", 1, ["register", BOB, "--no-password"]),
    Refusal("already_registered", 1, ["create-admin", "BOB@EXAMPLE.ORG", "--generate-password"]),
    Refusal("already_registered_unconfirmed", 1, ["register", "ANN@Example.Org", "--no-password"],
            says="regctl resend ann@example.org"),
    Refusal("already_registered_unconfirmed", 1, ["create-admin", ANN, "--generate-password"]),
    Refusal("already_registered_unconfirmed", 1, ["unprune", "1", "--email", ANN],
            pruned_and_registered_anew),
    Refusal("already_registered_unconfirmed", 1, ["register", ANN, "--no-password", "--wait"]),
    Refusal("already_registered", 1, ["change-email", ANN, BOB]),
    Refusal("already_registered", 1, ["change-email", ANN, "BOB@Example.Org"], says=BOB),
    Refusal("already_registered_unconfirmed", 1, ["change-email", BOB, "ANN@example.org"],
            WITH_LINKS),
    # Another account took the address while the link was on its way.
    Refusal("already_registered_unconfirmed", 1, ["confirm", change()],
            after(MOVING, command("register", "BOB@post.example", "--no-password"))),
    Refusal("already_registered", 1, ["confirm", change()],
            after(MOVING, command("create-admin", "bob@Post.example", "--generate-password"))),
    Refusal("already_registered", 1, ["inspect-token", change()],
            after(MOVING, command("create-admin", "bob@post.example", "--generate-password")),
            prints="bob@post.example"),
    # No change waits.
    Refusal("not_found", 1, ["issue-token", ANN, "--purpose", "change-email"],
            says="regctl change-email ann@example.org NEW"),
    Refusal("not_found", 1, ["issue-token", "bob@post.example", "--purpose", "change-email"],
            after(MOVING, lambda site: site.ok("confirm", change()()))),
    Refusal("last_admin", 1, ["revoke-admin", BOB], says="--force"),
    Refusal("last_admin", 1, ["delete", BOB, "--reason", "left", "--yes"], says="--force"),
    Refusal("not_confirmed", 1, ["check", ANN], says="regctl resend ann@example.org"),
    Refusal("resend_too_soon", 1, ["resend", ANN], command("resend", ANN, "--force")),
    Refusal("resend_limit", 1, ["resend", ANN], command("resend", ANN, "--force"),
            environment={"REGCTL_RESEND_INTERVAL": "0s", "REGCTL_RESEND_MAX_PER_DAY": "1"}),
    Refusal("resend_too_soon", 1, ["reset-password", ANN],
            after(WITH_LINKS, command("reset-password", ANN)), says=ANN),
    Refusal("resend_limit", 1, ["reset-password", ANN],
            after(WITH_LINKS, command("reset-password", ANN)),
            environment={"REGCTL_RESEND_INTERVAL": "0s", "REGCTL_RESEND_MAX_PER_DAY": "1"}),
    Refusal("partial", 1, ["unconfirm", EVE, "mallory@example.org", "--reason", "bounced"],
            says="2 of 2 failed"),
    Refusal("partial", 1, ["issue-token", "--stdin"], input=b"a\x00b\n\xff\n" + b"x" * 10**6),
    Refusal("partial", 1, ["confirm", "--stdin"], input=b"forged\n\xff\n" + b"x" * 10**6,
            says="3 of 3 failed"),
    Refusal("partial", 1, ["confirm", "--stdin"],
            input=lambda: f"forged\n{token(ANN, now())}\n".encode(), says="1 of 2 failed",
            prints=ANN, writes={"users", "regctl_audit"}),
    Refusal("partial", 65, ["import", "-"], input=b'{"email":"eve","password":"hunter2"}',
            says="the line was refused", prints="Imported 0"),
    Refusal("partial", 65, ["import", "-", "--dry-run"], input=f"email\n{BOB}\n\xff\n".encode(),
            says="all 2 lines", prints="Would import 0"),
    Refusal("partial", 1, ["import", "-"], input=f"email,password\n{EVE},!\n{BOB},!\n".encode(),
            says="1 of 2 lines", prints="Imported 1",
            writes={"users", "regctl_audit", "regctl_audit_accounts"}),
    Refusal("invalid_value", 65, ["import", "-"], input=b"email,shoe size\n",
            says="a field has an unknown name"),
    Refusal("invalid_value", 65, ["import", "-"], input=b"\x1b]0;owned\x07\n", says="no column"),
    Refusal("invalid_value", 65, ["import", "-"], input=b'[{"email":"eve@example.org"}]', says="jq"),
    Refusal("invalid_value", 65, ["import", "-"], input=b"\xff\xfee\x00", says="UTF-8"),
    Refusal("invalid_value", 65, ["import", "{site}/regctl.db"], says="line 1"),
    Refusal("partial", 1, ["resend", ANN, EVE, "--force"], sent, prints=ANN,
            writes={"regctl_outbox", "regctl_audit"}),
    Refusal("partial", 1, ["delete", BOB, EVE, "--reason", "left", "--yes"], says="2 of 2 failed"),
    Refusal("partial", 1, ["delete", ANN, BOB, "--reason", "left", "--yes"], prints=ANN,
            writes=ACCOUNT_TABLES),
    Refusal("partial", 1, ["unprune", "1"], pruned_and_registered_anew, prints=EVE,
            writes=ACCOUNT_TABLES | {"regctl_archive", "regctl_audit_accounts", "regctl_prunes",
                                 "regctl_tombstones"}),
    Refusal("partial", 1, ["retry-mail", "98", "99"], says="2 of 2 failed"),
    Refusal("partial", 1, ["cancel-mail", "1", "99"], prints="Mail 1",
            writes={"regctl_outbox", "regctl_audit"}),
    Refusal("prune_cap", 1, ["prune", "--yes"], two_of_three_long_ago, says="2 of 3"),
    Refusal("prune_cap", 1, ["prune"], two_of_three_long_ago, says="--dry-run"),
    Refusal("prune_cap", 1, ["prune", "--yes", "--max", "1"], two_of_three_long_ago,
            says="--max 2"),
    Refusal("prune_cap", 1, ["prune", "--yes"], two_of_three_long_ago,
            environment={"REGCTL_PRUNE_MAX": "1"}, says="more than 1:"),
    Refusal("prune_cap", 1, ["prune", "--apply", "{site}/plan", "--yes"], two_of_three_planned,
            says="2 of 3"),
    Refusal("prune_cap", 1, ["prune", "--apply", "{site}/plan", "--max=1"], two_of_three_planned),
    # A mail that is past it
    Refusal("not_found", 1, ["retry-mail", "1"], sent, says="regctl resend ann@example.org"),
    Refusal("not_found", 1, ["cancel-mail", "1"], sent, says="is sent"),
    Refusal("not_found", 1, ["cancel-mail", "1"], command("cancel-mail", "1"), says="is cancelled"),
    # Tokens
    Refusal("token_invalid", 65, ["confirm", ""]),
    Refusal("token_invalid", 65, ["confirm", "-"]),
    Refusal("token_invalid", 65, ["confirm", "forged.token.here"]),
    Refusal("token_invalid", 65, ["confirm", "https://app.example/confirm/"]),
    Refusal("token_invalid", 65, ["confirm", lambda: token(ANN, now())[:-2]]),
    Refusal("token_invalid", 65, ["confirm", lambda: token(ANN, now(), key="another key")]),
    Refusal("token_invalid", 65, ["confirm", "-"], input=b"\x00" * 100),
    Refusal("token_invalid", 65, ["confirm", "-"], input=b"\xff" * 100),
    Refusal("token_invalid", 65, ["confirm", "-"], input=b"a" * 2**20),
    Refusal("token_invalid", 65, ["confirm", "-"], input=b"." * 16_000),
    Refusal("token_invalid", 65, ["confirm", "-"], input=b"/" * 16_000),
    Refusal("token_invalid", 65, ["confirm", "-"], input=b"=3D" * 5_000),
    Refusal("token_invalid", 65, ["confirm", "-"], input=b" \r\n" * 2**19),
    Refusal("token_invalid", 65, ["inspect-token", "-"], input=b"a.b.c" * 2**19),
    Refusal("token_invalid", 65, ["inspect-token", "x" * 100_000]),
    Refusal("token_purpose", 65, ["confirm", lambda: token(ANN, now(), "reset")]),
    Refusal("token_purpose", 65, ["confirm", reset()], says="resetting a password"),
    Refusal("token_purpose", 65, ["inspect-token", lambda: token(ANN, now(), "reset")]),
    Refusal("token_purpose", 65, ["inspect-token", reset()]),
    Refusal("token_purpose", 65, ["reset-password", "--token", lambda: token(ANN, now())],
            says="confirming an address, not for resetting"),
    Refusal("token_purpose", 65, ["reset-password", "--token", change(), "--generate-password"],
            MOVING),
    # What is to be bound to something must say to what.
    Refusal("token_invalid", 65, ["confirm", lambda: token(ANN, now(), "change-email")],
            says="which password or request"),
    Refusal("token_invalid", 65, ["confirm", change([BOB, "first"])], MOVING),
    Refusal("token_invalid", 65, ["inspect-token", lambda: token(ANN, now(), "change-email")]),
    Refusal("token_invalid", 65, ["reset-password", "--token", lambda: token(ANN, now(), "reset")],
            says="which password or request"),
    Refusal("token_invalid", 65, ["confirm", lambda: bound_token(MOVED, now(), "confirm")]),
    Refusal("token_invalid", 65, ["confirm", change([*MOVED, "more"])], MOVING),
    Refusal("token_invalid", 65, ["reset-password", "--token", ""]),
    Refusal("token_invalid", 65, ["reset-password", "--token", "forged.token.here"]),
    Refusal("token_invalid", 65, ["reset-password", "--token", lambda: reset()()[:-2]]),
    Refusal("token_invalid", 65, ["reset-password", "--token", "-", "--generate-password"],
            input=b"\xff" * 100),
    Refusal("token_expired", 1, ["confirm", change(age=3605)],
            after(MOVING, sql("UPDATE regctl_accounts SET registered_at = 0")),
            says="regctl change-email bob@example.org NEW"),
    Refusal("token_expired", 1, ["reset-password", "--token", reset(age=3605)],
            says="regctl reset-password ann@example.org"),
    Refusal("token_expired", 1, ["inspect-token", change(age=3605)],
            after(MOVING, sql("UPDATE regctl_accounts SET registered_at = 0"))),
    # A newer request, another address since, and a password since.
    Refusal("token_revoked", 1, ["confirm", change()],
            after(MOVING, command("change-email", BOB, "bob@third.example")),
            says="regctl change-email bob@example.org NEW"),
    Refusal("token_revoked", 1, ["confirm", change()],
            after(MOVING, sql("UPDATE users SET email = 'b@example.org' WHERE id = 2"))),
    Refusal("token_revoked", 1, ["inspect-token", change()],
            after(MOVING, command("change-email", BOB, "bob@third.example"))),
    Refusal("token_revoked", 1, ["reset-password", "--token", reset(), "--generate-password"],
            command("set-password", ANN, "--generate-password"),
            says="regctl reset-password ann@example.org"),
    Refusal("token_revoked", 1, ["reset-password", "--token", reset(("ANN@example.org",
                                                                    fingerprint("!")))]),
    Refusal("token_revoked", 1, ["reset-password", "--token", reset(age=60)],
            command("resend", ANN, "--force", "--revoke-previous")),
    Refusal("token_predates_account", 1, ["reset-password", "--token", reset(age=60)],
            sql("UPDATE regctl_accounts SET registered_at = strftime('%s', 'now')")),
    Refusal("token_in_future", 1, ["reset-password", "--token", reset(age=-100)], says="clock"),
    Refusal("token_in_future", 1, ["confirm", change(age=-100)], MOVING),
    Refusal("token_expired", 1, ["confirm", lambda: token(ANN, now() - 3605)],
            says="regctl resend ann@example.org"),
    Refusal("token_expired", 1, ["inspect-token", lambda: token(ANN, now() - 3605)]),
    Refusal("token_revoked", 1, ["confirm", lambda: token(ANN, now() - 60)],
            command("resend", ANN, "--force", "--revoke-previous")),
    Refusal("token_predates_account", 1, ["confirm", lambda: token(ANN, now() - 60)],
            sql("UPDATE regctl_accounts SET registered_at = strftime('%s', 'now')")),
    Refusal("token_in_future", 1, ["confirm", lambda: token(ANN, now() + 100)], says="clock"),
    # The database
    Refusal("db_missing", 66, ["list-admins", "--db", "{site}/none.db"], says="create-db"),
    Refusal("db_missing", 66, ["list-admins", "--db", "{site}/none/none.db"]),
    Refusal("db_missing", 66, ["migrate-db", "--db", "{site}/none.db"]),
    Refusal("db_missing", 66, ["backup", "{site}/copy.db", "--db", "{site}/none.db"]),
    Refusal("db_missing", 66, ["prune", "--dry-run", "--db", "{site}/none.db"]),
    Refusal("db_missing", 66, ["prune", "--plan", "{site}/plan", "--db", "{site}/none.db"]),
    Refusal("db_missing", 66, ["audit", "--db", "{site}/none.db"]),
    Refusal("db_missing", 66, ["import", "-", "--db", "{site}/none.db"], input=b"email\n"),
    Refusal("db_missing", 66, ["export", "--db", "{site}/none.db"]),
    Refusal("io_error", 66, ["import", "{site}/none.csv"], says="No such file"),
    Refusal("io_error", 66, ["import", ""]),
    Refusal("io_error", 74, ["import", "{site}"], says="directory"),
    Refusal("permission_denied", 77, ["import", "{site}/secret.key"], readable_database, user=NOBODY),
    Refusal("db_missing", 66, ["audit", "--verify", "--db", "{site}/none.db"]),
    Refusal("db_missing", 66, ["change-email", ANN, EVE, "--db", "{site}/none.db"]),
    Refusal("db_missing", 66, ["reset-password", "--token", reset(), "--db", "{site}/none.db"]),
    Refusal("db_exists", 73, ["create-db"]),
    Refusal("db_exists", 73, ["backup", "{site}/regctl.db"], says="exists"),
    Refusal("db_exists", 73, ["backup", "{site}/regctl.conf"]),
    Refusal("db_exists", 73, ["backup", "{site}"]),
    Refusal("io_error", 73, ["backup", "{site}/none/copy.db"], says="No such file"),
    Refusal("io_error", 73, ["backup", "{site}/regctl.conf/copy.db"]),
    Refusal("io_error", 73, ["backup", ""]),
    Refusal("io_error", 73, ["prune", "--plan", "{site}/plan"], planned, says="name another file"),
    Refusal("io_error", 73, ["prune", "--plan", "{site}/none/plan"], long_ago,
            says="none/plan': No such file"),
    Refusal("permission_denied", 73, ["prune", "--plan", "{site}/plan"], application_in_use,
            user=NOBODY),
    Refusal("permission_denied", 73, ["backup", "{site}/copy.db"], application_in_use, user=NOBODY),
    Refusal("db_busy", 75, [*REGISTER, "--busy-timeout", "0s"], meanwhile=another_writer),
    Refusal("db_busy", 75, ["deliver", "--busy-timeout=0s"], meanwhile=another_writer),
    Refusal("db_busy", 75, ["change-email", ANN, EVE, "--busy-timeout", "0s"],
            meanwhile=another_writer),
    Refusal("db_busy", 75, ["change-email", BOB, EVE, "--busy-timeout", "0s"], WITH_LINKS,
            meanwhile=another_writer),
    Refusal("db_busy", 75, ["confirm", change(), "--busy-timeout", "0s"], MOVING,
            meanwhile=another_writer),
    Refusal("db_busy", 75, ["reset-password", ANN, "--busy-timeout", "0s"], WITH_LINKS,
            meanwhile=another_writer),
    Refusal("db_busy", 75, ["reset-password", "--token", reset(), "--password-file", "-",
                            "--busy-timeout", "0s"],
            input=b"correct horse", meanwhile=another_writer),
    Refusal("db_busy", 75, ["prune", "--yes", "--busy-timeout", "0s"], long_ago,
            meanwhile=another_writer),
    Refusal("db_busy", 75, ["delete", ANN, "--reason", "left", "--yes", "--busy-timeout", "0s"],
            meanwhile=another_writer),
    Refusal("db_busy", 75, ["import", "-", "--busy-timeout", "0s"], input=b"email\neve@example.org",
            meanwhile=another_writer),
    Refusal("db_corrupt", 74, ["export"], all_pages_but_the_first),
    Refusal("db_corrupt", 74, ["list-unconfirmed"], all_pages_but_the_first, says="backup"),
    Refusal("db_corrupt", 74, REGISTER, all_pages_but_the_first),
    Refusal("db_corrupt", 74, ["audit"], all_pages_but_the_first),
    Refusal("db_corrupt", 74, ["audit", "--verify"], all_pages_but_the_first),
    Refusal("db_corrupt", 74, ["audit", "--verify"], changed_act, says="act 2 of the audit"),
    Refusal("db_corrupt", 74, ["audit", "--verify"], sql("DELETE FROM regctl_audit WHERE id = 1"),
            says="act 2 of the audit"),
    Refusal("db_corrupt", 74, ["audit", "--verify", "--head", "0" * 64],
            says="no act of the audit has this hash"),
    Refusal("db_corrupt", 74, ["prune", "--yes"], all_pages_but_the_first),
    Refusal("db_corrupt", 74, ["backup", "{site}/copy.db"], half),
    Refusal("db_corrupt", 74, ["list-outbox"], half),
    Refusal("db_readonly", 77, REGISTER, readable_database, user=NOBODY),
    Refusal("db_readonly", 77, ["import", "-"], readable_database, user=NOBODY,
            input=b"email\neve@example.org"),
    Refusal("db_full", 74, ["import", "-"], input=b"email\neve@example.org", program=FULL_DISK),
    Refusal("db_readonly", 77, ["change-email", ANN, EVE], readable_database, user=NOBODY),
    Refusal("db_readonly", 77, ["reset-password", ANN], after(WITH_LINKS, readable_database),
            user=NOBODY),
    Refusal("db_full", 74, REGISTER, program=FULL_DISK),
    Refusal("db_full", 74, ["change-email", ANN, EVE], program=FULL_DISK),
    Refusal("db_full", 74, ["reset-password", ANN], WITH_LINKS, program=FULL_DISK),
    Refusal("db_full", 74, ["reset-password", "--token", reset(), "--password-file", "-"],
            input=b"correct horse", program=FULL_DISK),
    Refusal("db_readonly", 77, ["prune", "--yes"],
            lambda site: (long_ago(site), readable_database(site)), user=NOBODY),
    Refusal("db_full", 74, ["prune", "--yes"], long_ago, program=FULL_DISK),
    Refusal("db_full", 74, ["backup", "{site}/copy.db"], program=FULL_DISK),
    Refusal("not_a_database", 74, ["list-admins"], database(SAMPLE_TEXT)),
    Refusal("not_a_database", 74, REGISTER, database(SAMPLE_TEXT)),
    Refusal("not_a_database", 74, ["migrate-db"], database(SAMPLE_TEXT)),
    Refusal("not_a_database", 74, ["list-prunes"], database(SAMPLE_TEXT)),
    Refusal("not_a_database", 74, ["backup", "{site}/copy.db"], database(SAMPLE_TEXT)),
    Refusal("not_a_database", 74, ["create-db"], database(SAMPLE_TEXT)),
    Refusal("not_a_database", 74, ["list-admins"], directory_instead_of("regctl.db")),
    Refusal("not_a_database", 74, ["list-admins", "--db", "/dev/null"]),
    Refusal("not_a_database", 74, ["create-db", "--db", "/dev/zero"]),
    Refusal("schema_too_new", 74, ["list-admins"], sql("UPDATE regctl_schema SET version = 99")),
    Refusal("schema_too_new", 74, REGISTER, sql("INSERT INTO regctl_schema VALUES (2, 0)")),
    Refusal("schema_too_new", 74, ["migrate-db"], sql("INSERT INTO regctl_schema VALUES (2, 0)")),
    Refusal("schema_too_new", 74, ["unprune", "1"], sql("INSERT INTO regctl_schema VALUES (2, 0)")),
    Refusal("schema_too_new", 74, ["create-db", "--if-not-exists"],
            sql("INSERT INTO regctl_schema VALUES (2, 0)")),
    Refusal("schema_missing", 74, ["list-admins"], APPLICATION, says="migrate-db"),
    Refusal("schema_missing", 74, REGISTER, APPLICATION, says="migrate-db"),
    Refusal("schema_missing", 74, ["prune", "--yes"], APPLICATION, says="migrate-db"),
    Refusal("schema_missing", 74, ["change-email", ANN, EVE], APPLICATION, says="migrate-db"),
    Refusal("schema_missing", 74, ["reset-password", "--token", reset()], APPLICATION,
            says="migrate-db"),
    Refusal("not_a_database", 74, ["audit", "--verify"], database(SAMPLE_TEXT)),
    Refusal("schema_too_new", 74, ["change-email", ANN, EVE],
            sql("INSERT INTO regctl_schema VALUES (2, 0)")),
    Refusal("schema_missing", 74, ["backup", "{site}/copy.db"], APPLICATION, says="migrate-db"),
    Refusal("schema_missing", 74, ["export"], APPLICATION, says="migrate-db"),
    Refusal("schema_missing", 74, ["create-db"], APPLICATION, says="migrate-db"),
    Refusal("schema_missing", 74, ["create-db", "--if-not-exists"], APPLICATION),
    Refusal("schema_missing", 74, ["list-admins"], other_database("CREATE TABLE songs (id)")),
    Refusal("schema_missing", 74, ["migrate-db"], other_database("CREATE TABLE songs (id)")),
    Refusal("schema_missing", 74, ["migrate-db"],
            other_database("CREATE TABLE users (id, email, password)"), says="registered_on"),
    Refusal("schema_missing", 74, ["list-admins"], database(b"")),
    Refusal("schema_missing", 74, ["migrate-db"], database(b"")),
    Refusal("schema_missing", 74, ["create-db"], database(b"")),
    # Mail
    Refusal("mail_not_configured", 78, ["deliver"], settings(mail_transport=None)),
    Refusal("mail_not_configured", 78, ["deliver"], settings(maildir_path=None)),
    Refusal("mail_not_configured", 78, ["deliver"], settings(confirm_url=None)),
    Refusal("mail_not_configured", 78, ["deliver"], settings(mail_default_sender=None)),
    Refusal("mail_unavailable", 69, ["deliver"], maildir_without_tmp, says="tmp"),
    Refusal("mail_not_configured", 78, ["deliver", "--dry-run"], settings(mail_transport=None)),
    Refusal("mail_not_configured", 78, ["show-mail", "1", "--raw"], settings(confirm_url=None)),
    Refusal("mail_not_configured", 78, ["send-test", EVE], settings(mail_transport=None),
            says="mail_transport = stdout"),
    Refusal("mail_not_configured", 78, ["send-test", EVE], settings(mail_transport="smtp"),
            says="mail_server"),
    # A link that leads nowhere is not mailed.
    Refusal("mail_not_configured", 78, ["change-email", BOB, EVE], says="change_email_url"),
    Refusal("mail_not_configured", 78, ["reset-password", ANN], says="reset_url"),
    Refusal("mail_not_configured", 78, ["reset-password", ANN, "--force"]),
    # No account is made whose mail could never leave.
    Refusal("mail_not_configured", 78, [*REGISTER, "--wait"], settings(mail_transport=None)),
    Refusal("mail_unavailable", 69, [*REGISTER, "--wait"], maildir_without_tmp),
    Refusal("mail_unavailable", 69, ["send-test", EVE], maildir_without_tmp),
    Refusal("mail_unavailable", 69, ["send-test", EVE], NO_SENDMAIL, prints="mail cannot leave"),
    Refusal("mail_unavailable", 69, ["send-test", EVE], NO_SERVER, says="Connection refused",
            prints="found 127.0.0.1"),
    # No attempt is counted, but the mail waits behind the others now.
    Refusal("mail_unavailable", 69, ["deliver"], NO_SERVER, says="127.0.0.1:1",
            writes={"regctl_outbox"}),
    Refusal("mail_deferred", 75, ["send-test", EVE], FAILING_SENDMAIL, says="exit code 1",
            prints="not accepted for now"),
    Refusal("mail_deferred", 75, ["deliver"], FAILING_SENDMAIL, says="1 mail was",
            prints="deferred 1", writes={"regctl_outbox"}),
    Refusal("mail_deferred", 75, [*REGISTER, "--wait"], FAILING_SENDMAIL, says="exit code 1",
            prints="mail is queued", writes=ACCOUNT_TABLES),
    Refusal("mail_deferred", 75, [*REGISTER, "--wait"], NO_SERVER, says="Connection refused",
            prints="mail is queued", writes=ACCOUNT_TABLES),
    Refusal("mail_deferred", 75, [*REGISTER, "--wait"], meanwhile=another_deliverer,
            environment={"REGCTL_MAIL_TIMEOUT": "1s"}, prints="mail is queued",
            writes=ACCOUNT_TABLES),
    Refusal("deliver_running", 75, ["deliver"], meanwhile=another_deliverer),
    Refusal("template_error", 78, ["deliver"],
            template("confirm.txt", b"Hello!\n"), says="confirm_url"),
    Refusal("template_error", 78, ["deliver"], MISSPELT, says="did you mean {{ confirm_url }}?"),
    Refusal("template_error", 78, ["deliver", "--dry-run"], MISSPELT),
    Refusal("template_error", 78, ["show-mail", "1", "--raw"], MISSPELT),
    # What doctor finds
    Refusal("partial", 1, ["doctor"], config_line(b"bcrypt_csot = 5\n"), says="1 of 1 failed",
            prints="bcrypt_cost?"),
    Refusal("partial", 1, ["doctor", "--db", "{site}/none.db"], says="1 of 5 failed",
            prints="regctl create-db"),
    Refusal("partial", 1, ["doctor"], database(SAMPLE_TEXT), prints="no SQLite database"),
    Refusal("partial", 1, ["doctor"], APPLICATION, prints="regctl migrate-db"),
    Refusal("partial", 1, ["doctor"], mode("secret.key", 0o640), prints="chmod 600"),
    Refusal("partial", 1, ["doctor"], content("secret.key", b"my_precious\n"), prints="key 1"),
    Refusal("partial", 1, ["doctor"], settings(confirm_url=None), prints="confirm_url is not set"),
    Refusal("partial", 1, ["doctor"], MISSPELT, prints="did you mean {{ confirm_url }}?"),
    Refusal("partial", 1, ["doctor"], changed_act, prints="act 2 is not what was written"),
    Refusal("partial", 1, ["doctor"], NO_SERVER, prints="Connection refused"),
    Refusal("partial", 1, ["doctor"], NO_SENDMAIL, prints="/nonexistent/sendmail"),
    Refusal("partial", 1, ["doctor"], maildir_without_tmp, prints="tmp"),
    # The configuration and its secrets
    Refusal("config_error", 78, ["list-admins"], config_line(b"bcrypt_csot = 5\n"),
            says="did you mean bcrypt_cost?"),
    Refusal("config_error", 78, REGISTER, config_line(b"bcrypt_cost = 5\n"), says="line 7"),
    Refusal("config_error", 78, REGISTER, config_line(b"no equals sign\n"), says="line 7"),
    Refusal("config_error", 78, REGISTER, config_line(b"service_name = \xff\n"), says="UTF-8"),
    Refusal("config_error", 78, REGISTER, config_line(b"service_name = a\x00b\n")),
    Refusal("config_error", 78, REGISTER, config_line(b"\x00\x00\x00\x00\n")),
    Refusal("config_error", 78, REGISTER, config(b"# comment\n" * 150_000), says="large"),
    Refusal("config_error", 78, REGISTER, mode("regctl.conf", 0o620), says="chmod go-w"),
    Refusal("config_error", 78, REGISTER, mode("regctl.conf", 0o602), says="mode 0602"),
    Refusal("config_error", 78, REGISTER, directory_instead_of("regctl.conf")),
    Refusal("config_error", 78, ["list-admins", "--config", "{site}/none.conf"]),
    Refusal("config_error", 78, ["config"], config_line(b"mail_port = 70000\n")),
    Refusal("config_error", 78, ["list-prunes"], config_line(b"prune_after = 14\n"), says="14d?"),
    Refusal("config_error", 78, ["prune", "--yes"], settings(prune_after="59m"),
            says="prune_after"),
    Refusal("config_error", 78, ["prune", "--yes"], settings(legacy_timezone="Europe/Berln"),
            says="did you mean Europe/Berlin?"),
    Refusal("config_error", 78, ["config"], settings(legacy_timezone="../zoneinfo/UTC"),
            says="there is no such time zone"),
    Refusal("config_error", 78, ["config"], settings(legacy_timezone="Asia/Tokyo"),
            environment={"TZDIR": "/nowhere"}, says="install the package tzdata"),
    Refusal("config_error", 78, ["send-test", EVE],
            settings(mail_transport="smtp", mail_server="192.0.2.1", mail_security="none"),
            says="mail_security"),
    Refusal("config_error", 78, ["send-test", EVE], settings(mail_ca_file="/none", **TLS_SERVER),
            says="mail_ca_file"),
    Refusal("config_error", 78, REGISTER, environment={"REGCTL_BCRYPT_COST": "16"},
            says="REGCTL_BCRYPT_COST"),
    Refusal("config_error", 78, ["issue-token", ANN, "--url"], settings(confirm_url=None)),
    Refusal("config_error", 78, ["issue-token", ANN], mode("secret.key", 0o640), says="chmod 600"),
    Refusal("config_error", 78, ["issue-token", ANN], content("secret.key", b"")),
    Refusal("config_error", 78, ["issue-token", ANN], content("secret.key", b"\n\r\n\n")),
    Refusal("config_error", 78, ["issue-token", ANN], content("secret.key", b"k" * 100_000)),
    Refusal("config_error", 78, ["issue-token", ANN], directory_instead_of("secret.key")),
    Refusal("config_error", 78, ["confirm", "forged"], lambda site: site.key_file.unlink()),
    Refusal("weak_secret", 78, ["issue-token", ANN], content("secret.key", b"fifteen bytes..\n")),
    Refusal("weak_secret", 78, ["confirm", "forged"],
            content("secret.key", KEY.encode() + b"\nmy_precious\n"), says="key 2"),
    Refusal("weak_secret", 78, ["deliver"], content("secret.key", b"my_precious_two\n")),
    Refusal("config_error", 78, ["issue-token", ANN, "--purpose", "reset", "--url"],
            says="reset_url"),
    Refusal("config_error", 78, ["issue-token", BOB, "--purpose", "change-email", "--url"],
            after(MOVING, settings(change_email_url=None)), says="change_email_url"),
    Refusal("config_error", 78, ["change-email", ANN, EVE], config_line(b"reset_salt =\n")),
    Refusal("config_error", 78, ["reset-password", "--token", "forged"],
            lambda site: site.key_file.unlink()),
    Refusal("weak_secret", 78, ["reset-password", "--token", "forged"],
            content("secret.key", b"short\n")),
    Refusal("weak_secret", 78, ["show-mail", "1", "--raw"], content("secret.key", b"short\n")),
    Refusal("weak_secret", 78, ["inspect-token", "forged"],
            settings(reset_salt=KEY), says="reset_salt"),
    # The system
    Refusal("permission_denied", 77, ["issue-token", ANN],
            lambda site: (readable_database(site), site.db.chmod(0o666)), user=NOBODY),
    Refusal("permission_denied", 77, ["list-admins"],
            mode("regctl.conf", 0o644), user=NOBODY),
    Refusal("permission_denied", 77, ["list-admins"], user=NOBODY, says="regctl.conf"),
    Refusal("permission_denied", 77, ["set-password", ANN, "--generate-password"],
            mode("regctl.conf", 0o644), user=NOBODY),
    Refusal("permission_denied", 77, ["change-email", ANN, EVE], mode("regctl.conf", 0o644),
            user=NOBODY),
    Refusal("permission_denied", 77, ["reset-password", "--token", "forged"],
            mode("regctl.conf", 0o644), user=NOBODY),
    Refusal("permission_denied", 77, ["list-prunes"], mode("regctl.conf", 0o644), user=NOBODY),
    Refusal("io_error", 74, ["list-admins"], stdout="/dev/full", says="standard output"),
    Refusal("io_error", 74, ["help"], stdout="/dev/full"),
]  # fmt: skip


def check_words(text: str) -> None:
    """Lower case, one line, no full stop, nothing that harms a terminal, and not endless."""
    assert text
    assert not re.match(r"[A-Z][a-z]", text), text
    assert not text.endswith("."), text
    assert not DANGEROUS.search(text) and "\n" not in text, text
    assert len(text) < 1000


@contextlib.contextmanager
def kept(directory: Path) -> Iterator[None]:
    """Puts a directory back to what it was."""
    copy = directory.with_name("kept")
    shutil.copytree(directory, copy)
    try:
        yield
    finally:
        shutil.rmtree(directory)
        copy.rename(directory)


def changes(before: dict[str, object], after: dict[str, object]) -> set[str]:
    """The names of what differs: of files, and in a database of tables."""
    changed = set()
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        match old, new:
            case (old_mode, dict(old_tables)), (new_mode, dict(new_tables)) if old_mode == new_mode:
                changed |= changes(old_tables, new_tables)
            case _:
                changed.add(name)
    return changed


def without_numbers(text: str) -> str:
    """The clock goes on between two runs."""
    return re.sub(r"\d+", "0", text)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_a_refusal_has_its_code_its_words_and_no_effect(place, refusal):
    refusal.spoil(place)
    before = snapshot(place.directory)
    with kept(place.directory):
        structured = refusal.run(place, "json")
        assert changes(before, snapshot(place.directory)) == refusal.writes
    plain = refusal.run(place, "text")
    assert changes(before, snapshot(place.directory)) == refusal.writes

    # The process
    assert plain.returncode == structured.returncode == refusal.exit
    shows = refusal.stdout or refusal.prints or refusal.code.startswith(("token_", "partial"))
    assert shows or not plain.stdout
    assert refusal.prints in (plain.stdout or b"").decode()

    # JSON: a line each, one of them the last and decisive one.
    errors = [json.loads(line) for line in structured.stderr.splitlines()]
    assert len(errors) == 1 or refusal.code == "partial"
    for error in errors:
        assert list(error) == ["schema", "error"] and error["schema"] == 1
        assert list(error["error"]) == ["code", "message", "hint", "exit"]
    last = errors[-1]["error"]
    assert (last["code"], last["exit"]) == (refusal.code, refusal.exit)
    assert refusal.says in f"{last['message']}\n{last['hint']}"

    # Text: the same words.
    subject = refusal.subject
    if subject is None:
        subject = next((word for word in refusal.words if word in COMMANDS), "")
    expected = ""
    for error in errors:
        check_words(error["error"]["message"])
        expected += f"regctl: {subject}{': ' if subject else ''}{error['error']['message']}\n"
        if error["error"]["hint"] is not None:
            check_words(error["error"]["hint"])
            expected += f"hint: {error['error']['hint']}\n"
    assert without_numbers(plain.stderr.decode()) == without_numbers(expected)


def test_every_error_code_is_provoked():
    assert {refusal.code for refusal in REFUSALS} == set(error_codes()) - {"internal"}


def test_every_command_is_refused_something():
    refused = {word for refusal in REFUSALS for word in refusal.words if word in COMMANDS}
    assert refused >= set(COMMANDS) - {"tour"}


# Form


@pytest.mark.parametrize("format", ["--json", "--format=json", "--format=jsonl", "REGCTL_FORMAT"])
def test_json_errors_are_asked_for_in_any_way_that_json_is(place, format):
    environment = {"REGCTL_FORMAT": "json"} if format == "REGCTL_FORMAT" else {}
    words = [] if environment else [format]
    for refused in (["no-such"], ["show", EVE], ["show", "--no-such-option"], []):
        result = place.run(*words, *refused, environment=environment)
        assert list(last_error(result.stderr)) == ["code", "message", "hint", "exit"], refused


def test_an_error_names_the_command_that_was_given_and_no_other(place):
    """An operand may be spelt like a command."""
    for word in COMMANDS:
        result = place.run("show", word)
        assert result.stderr.decode().startswith("regctl: show: no account"), word


def test_regctl_alone_prints_short_help_and_fails(place):
    result = place.run()
    assert (result.returncode, result.stdout) == (64, b"")
    assert "regctl help" in result.stderr.decode()
    assert "USAGE" in result.stderr.decode().upper()
    assert len(result.stderr.splitlines()) <= 30


# Bytes from outside


@pytest.mark.parametrize("name", COMMANDS)
def test_an_argument_that_is_no_utf8_is_refused_by_every_command(place, name):
    before = snapshot(place.directory)
    for words in ([name, b"\xff\xfe"], [name, "--fields", b"\x80"], [b"\xf5", name]):
        code, error = place.error(*words)
        assert (code, error["code"]) == (64, "invalid_value")
    assert snapshot(place.directory) == before


HOSTILE_ADDRESSES = [
    "",
    " ",
    "@",
    "ann",
    "ann@",
    "@example.org",
    "ann@example",
    "ann@example.org ",
    " ann@example.org",
    "ann@example.org\n",
    "ann@example.org\r\nBcc: eve@example.org",
    "ann\r@example.org",
    "ann\t@example.org",
    "ann\x7f@example.org",
    "ann@exam\x1b[2Jple.org",
    "ann\u202egro.elpmaxe@example.org",
    "ann\u200b@example.org",
    "ann@ex\u0430mple.org",
    "a\u0301nn@example.org",
    "ann@@example.org",
    "ann@bob@example.org",
    "ann,bob@example.org",
    "ann@example.org,bob@example.org",
    '"ann"@example.org',
    '"a b"@example.org',
    "ann(comment)@example.org",
    "Ann <ann@example.org>",
    "<ann@example.org>",
    "friends: ann@example.org;",
    "ann@[127.0.0.1]",
    "ann@127.0.0.1",
    "ann@[IPv6:::1]",
    "=?utf-8?q?ann?=@example.org",
    ".ann@example.org",
    "ann.@example.org",
    "an..n@example.org",
    "ann@.example.org",
    "ann@example..org",
    "ann@example.org.",
    "ann@-example.org",
    "ann@example-.org",
    "ann@exam_ple.org",
    "ann@example.123",
    "ann\\@example.org",
    "a" * 65 + "@example.org",
    "a@" + "b" * 64 + ".org",
    "a@" + "b." * 130 + "org",
    "`touch${IFS}x`\n@example.org",
]
NICE_ADDRESSES = [
    "a@b.example",
    "a" * 64 + "@example.org",
    "first.last+tag@sub.example.org",
    "o'brien!#$%&*-/=^?_`{|}~@example.org",
    "ann@xn--mller-kva.example",
    "ann@1.example.org",
    "a@" + ".".join(["b" * 49] * 5) + ".co",
]


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES, ids=ascii)
def test_a_hostile_address_is_never_registered(place, address):
    before = dump(place.db)
    for words in (
        ["register", "--no-password"],
        ["create-admin", "--generate-password"],
        ["send-test"],
        ["change-email", ANN],
        ["change-email", BOB],
    ):
        result = place.run(*words, "--", address)
        assert (result.returncode, result.stdout) == (65, b"")
        assert not DANGEROUS.search(result.stderr.decode())
        assert len(result.stderr.splitlines()) <= 2
    assert dump(place.db) == before


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES, ids=ascii)
def test_a_hostile_address_is_never_found(place, address):
    WITH_LINKS(place)
    before = dump(place.db)
    for words in (
        ["show", "--", address],
        ["check", "--", address],
        ["issue-token", "--", address],
        ["resend", "--", address],
        ["grant-admin", "--", address],
        ["revoke-admin", "--", address],
        ["unconfirm", "--reason", "test", "--", address],
        ["set-password", "--generate-password", "--", address],
        ["delete", "--reason", "test", "--yes", "--", address],
        ["audit", f"--email={address}"],
        ["list-outbox", f"--email={address}"],
        ["unprune", "1", f"--email={address}"],
        ["change-email", "--", address, "new@example.org"],
        ["reset-password", "--", address],
    ):
        result = place.run(*words)
        assert (result.returncode, result.stdout) == (67, b""), words
        assert not DANGEROUS.search(result.stderr.decode())
    assert dump(place.db) == before


@pytest.mark.parametrize("address", NICE_ADDRESSES, ids=lambda address: address[:30])
def test_an_unusual_address_is_registered_as_it_is(place, address):
    place.ok("register", "--no-password", "--", address)
    assert place.json("show", "3")["account"]["email"] == address
    assert place.run("register", "--no-password", "--", address.swapcase()).returncode == 1
    assert place.json("deliver")["sent"] == 2


def test_a_token_of_a_megabyte_is_refused_in_no_time(place):
    start = time.monotonic()
    for data in (b"a" * 2**20, b"." * 2**24, token(ANN, now()).encode() * 10_000):
        result = place.run("confirm", "-", input=data)
        assert result.returncode == 65
        assert len(result.stderr) < 1000
    assert time.monotonic() - start < 5


def test_long_lines_on_standard_input_are_read_to_their_end_and_refused(place):
    """What follows a line that is too long is a line of its own."""
    good = token(ANN, now()).encode()
    lines = [b"x" * 5_000_000, good, b"\x00\xff\x1b", b"", good + b"\r", b"." * 70_000]
    result = place.run("inspect-token", "--stdin", "--format", "jsonl", input=b"\n".join(lines))
    assert result.returncode == 1
    verdicts = [json.loads(line)["verdict"] for line in result.stdout.splitlines()]
    assert [verdict == "valid" for verdict in verdicts] == [False, True, False, False, True, False]
    emails = b"\n".join(
        [b"x" * 5_000_000, ANN.encode(), b"\x00\xff\x1b", b"", BOB.encode() + b"\r"]
    )
    result = place.run("issue-token", "--stdin", "--format", "jsonl", input=emails)
    assert result.returncode == 1
    assert [json.loads(line)["email"] for line in result.stdout.splitlines()] == [ANN, BOB]


def test_a_token_beside_nul_bytes_does_not_confirm(place):
    good = token(ANN, now()).encode()
    for data in (good + b"\x00", b"\x00" + good, good + b"\x00\n", good.replace(b".", b"\x00.", 1)):
        assert place.run("confirm", "-", input=data).returncode == 65
    assert value(place.db, "SELECT sum(confirmed) FROM users") == 1
    # The control: blanks are what a mail program may add.
    assert place.run("confirm", "-", input=b" " + good + b"\r\n").returncode == 0


# Configuration


def setting_names() -> list[str]:
    result = subprocess.run(
        [BINARY, "config", "--config", "none", "--json"], env={}, capture_output=True, check=True
    )
    return [setting["key"] for setting in json.loads(result.stdout)["settings"]]


@pytest.mark.parametrize("name", setting_names())
def test_every_setting_refuses_to_be_empty_and_says_where(new_site, name):
    site = new_site()
    site.settings[name] = ""
    site.write_config()
    code, error = site.error("config")
    assert (code, error["code"]) == (78, "config_error")
    line = list(site.settings).index(name) + 1
    assert f"regctl.conf line {line}: {name} cannot be ''" in error["message"]
    site.settings.pop(name)
    site.write_config()
    variable = f"REGCTL_{name.upper()}"
    code, error = site.error("config", environment={variable: ""})
    assert (code, error["code"]) == (78, "config_error")
    assert error["message"].startswith(f"{variable}: {name} cannot be ''")


def test_a_comment_of_almost_a_mebibyte_is_read(place):
    with open(place.environment["REGCTL_CONFIG"], "ab") as file:
        file.write(b"# " + b"x" * (1_000_000) + b"\n")
    place.ok("list-admins")


# Damaged databases

# What a damaged database may be taken for; least of all for a bug, or for no reason at all.
UNREADABLE = {"db_corrupt", "not_a_database", "schema_missing", "schema_too_new"}


@pytest.mark.parametrize("pattern", [b"\x00", b"\xff", b"\x0d\x00\x00\x00\x7f"], ids=bytes.hex)
def test_no_damaged_page_makes_regctl_crash_or_call_itself_broken(prototype, tmp_path, pattern):
    """Each page of the database is overwritten in turn; regctl notices or does not need it."""
    pages = prototype.db.stat().st_size // 4096
    words = [
        ["list-unconfirmed"],
        ["list-outbox"],
        ["show", ANN],
        ["check", BOB],
        REGISTER,
        ["confirm", "--email", ANN, "--reason", "called"],
        ["deliver"],
        ["migrate-db"],
        ["prune", "--yes", "--include-never-mailed"],
        ["delete", ANN, "--reason", "test", "--yes"],
        ["audit"],
        ["backup", tmp_path / "site" / "copy.db"],
    ]
    noticed = 0
    for page in range(pages):
        for line in words:
            site = copy_of(prototype, tmp_path / "site")
            data = bytearray(site.db.read_bytes())
            data[page * 4096 : (page + 1) * 4096] = (pattern * 4096)[:4096]
            site.db.write_bytes(data)
            result = site.run(*line, "--json")
            if result.returncode != 0:
                error = last_error(result.stderr)
                assert result.returncode == 74, (page, line, error)
                assert error["code"] in UNREADABLE, (page, line, error)
                noticed += 1
            shutil.rmtree(site.directory)
    assert noticed >= pages


@pytest.mark.parametrize("size", [1, 15, 16, 100, 511, 512, 4095, 4096, 8192, 20_000])
def test_a_database_that_broke_off_is_refused_and_left_alone(place, size):
    os.truncate(place.db, size)
    before = place.db.read_bytes()
    for line in (
        ["list-unconfirmed"],
        ["list-outbox"],
        REGISTER,
        ["migrate-db"],
        ["deliver"],
        ["prune", "--yes"],
        ["backup", place.directory / "copy.db"],
    ):
        code, error = place.error(*line)
        assert (code, error["exit"]) == (74, 74), line
        assert error["code"] in UNREADABLE, line
    assert place.db.read_bytes() == before


# A disk that is full


def ballast(directory: Path) -> Path:
    """Fills a file system to the last byte."""
    path = directory / "ballast"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            while file.write(b"x" * size) == size:
                pass
    return path


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_a_full_disk_is_db_full_and_all_is_well_when_there_is_room_again(tmp_path, journal_mode):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], check=True)
    try:
        site = Site(disk)
        site.ok("create-db", "--journal-mode", journal_mode)
        site.ok("register", ANN, "--no-password")
        before = dump(site.db)
        weight = ballast(disk)
        for words in (REGISTER, ["resend", ANN, "--force"]):
            code, error = site.error(*words)
            assert (code, error["code"]) == (74, "db_full"), error
        weight.unlink()
        assert dump(site.db) == before
        assert integrity(site.db) == "ok"
        site.ok(*REGISTER)
        assert site.json("deliver")["sent"] == 2
    finally:
        subprocess.run(["umount", disk], check=True)


def test_wherever_the_disk_becomes_full_registering_is_whole_or_nothing(tmp_path):
    """From no room at all to enough, page by page."""
    outcomes = set()
    for room in range(0, 130, 4):
        disk = tmp_path / f"disk-{room}"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], check=True)
        try:
            site = Site(disk)
            site.ok("create-db")
            weight = ballast(disk)
            os.truncate(weight, max(0, weight.stat().st_size - room * 1024))
            result = site.run(*REGISTER)
            outcomes.add(result.returncode)
            weight.unlink()
            accounts = value(site.db, "SELECT count(*) FROM users")
            mails = value(site.db, "SELECT count(*) FROM regctl_outbox")
            assert accounts == mails == (1 if result.returncode == 0 else 0), (room, result)
            assert integrity(site.db) == "ok"
            assert site.run(*REGISTER).returncode == (1 if accounts else 0)
        finally:
            subprocess.run(["umount", disk], check=True)
    assert outcomes == {0, 74}


def test_a_limit_on_the_size_of_files_is_an_error_and_no_death(place):
    """The signal that the kernel sends for it is ignored."""
    before = dump(place.db)
    for kilobytes in (0, 4, 16, 32, 48):
        limit = kilobytes * 1024

        def restrict(limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        result = subprocess.run(
            [BINARY, *REGISTER, "--json"],
            env=place.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            preexec_fn=restrict,
        )
        if result.returncode == 0:
            assert kilobytes >= 32
            break
        assert result.returncode == 74
        assert last_error(result.stderr)["code"] in ("db_full", "io_error")
        assert dump(place.db) == before
    else:
        place.ok(*REGISTER)
    assert integrity(place.db) == "ok"


def test_without_room_create_db_leaves_nothing_half_made(tmp_path):
    """What it calls created is whole, with the disk full at any moment of the making."""
    for size in range(4, 200, 8):
        disk = tmp_path / f"disk-{size}"
        disk.mkdir()
        options = ["-o", f"size={size}k"]
        subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", disk], check=True)
        try:
            result = subprocess.run(
                [BINARY, "create-db", "--db", disk / "regctl.db", "--config", "none", "--json"],
                env={},
                capture_output=True,
            )
            left = {path.name for path in disk.iterdir()}
            if result.returncode == 0:
                # Elsewhere, because to look into it needs room too.
                made = shutil.copy(disk / "regctl.db", tmp_path / "made.db")
                assert integrity(made) == "ok", f"{size} KB"
                assert value(made, "SELECT count(*) FROM regctl_audit") == 1, f"{size} KB"
                assert left == {"regctl.db", "secret.key"}
            else:
                assert result.returncode == 74
                assert last_error(result.stderr)["code"] in ("db_full", "io_error")
                assert left <= {"secret.key"}
        finally:
            subprocess.run(["umount", disk], check=True)
    assert result.returncode == 0, "the largest disk is large enough"
