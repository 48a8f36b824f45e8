"""A hint or next step that is pasted into any shell runs that command and nothing else."""

import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from Campaigns.database import connected
from Campaigns.processes import last_error
from Campaigns.sites import HASH, adopted
from Campaigns.terminal import DANGEROUS
from regctl import BINARY, Site
from tokens import bound_token, fingerprint, token

# Addresses that a stranger may have registered with the application. Each would leave a file called
# owned behind if it were run, or be another operand than itself.
NASTY = [
    "a;touch${IFS}owned;b@example.org",
    "`touch${IFS}owned`@x.org",
    "$(touch owned)@x.org",
    "${x:-$(touch${IFS}owned)}@x.org",
    "a&touch${IFS}owned&b@x.org",
    "a|touch${IFS}owned@x.org",
    "a>owned@x.org",
    "<(touch owned)@x.org",
    "=(touch owned)@x.org",
    "'`touch owned`'@x.org",
    "'\u0301;touch owned;'@x.org",
    '"$(touch owned)"@x.org',
    "a b@x.org",
    "two\nlines; touch owned@x.org",
    "\x1b]0;owned\x07`touch owned`@x.org",
    "gro.x@\u202e'`touch owned`'",
    "\u200b$(touch owned)%s\\n@x.org",
    "tag\U000e0041\x9b!!@x.org",
    "-x@y.org",
    "--help",
    "--email=eve@example.org",
    "-\x01n@x.org",
    "=ls",
    "~root@x.org",
    "*@x.org",
    "{a,b}@x.org",
    "!!@x.org",
    "#a@x.org",
    "back\\slash\\@x.org",
    "$HOME@x.org",
    "",
    "näive@x.org",
    "per%cent%s@x.org",
]
# Of each kind of spelling a few, where the same spelling was tried on the others.
FEW = [NASTY[index] for index in (0, 1, 9, 10, 13, 14, 15, 18, 19, 22, 26, 30)]
# What no shell can pass on as a word that is printable and in one line.
IMPOSSIBLE = ["ann@example.org\n", "a\x00b@example.org"]

STUB = '#!/bin/sh\nprintf "%s\\0" "${0##*/}" "$@" >>"$ARGV"\n'
SHELLS: dict[str, list[str]] = {
    "bash": ["bash", "--norc"],
    "dash": ["dash"],
    "zsh": ["zsh", "-f"],
}
# Words that begin a command in a hint.
PROGRAMS = ("regctl ", "chmod ")


@dataclass
class Pasted:
    """The result of a line in a shell."""

    argv: list[bytes]
    files: list[str]


class Sandbox:
    """A directory in which lines are run, with a stub of each program that records its words."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.bin = directory / "bin"
        self.bin.mkdir()
        self.pasted: dict[tuple[str, str, bool], Pasted] = {}
        for program in PROGRAMS:
            stub = self.bin / program.strip()
            stub.write_text(STUB)
            stub.chmod(0o755)

    def paste(self, shell: str, line: str, *, with_history: bool = False) -> Pasted:
        """Runs a line; the same line is the same hint, and is run once."""
        call = (shell, line, with_history)
        if call not in self.pasted:
            self.pasted[call] = self.run(*call)
        return self.pasted[call]

    def run(self, shell: str, line: str, with_history: bool) -> Pasted:
        place, argv = self.directory / "place", self.directory / "argv"
        place.mkdir()
        argv.write_bytes(b"")
        environment = {"PATH": f"{self.bin}:/usr/bin:/bin", "ARGV": str(argv), "LC_ALL": "C.UTF-8"}
        command = SHELLS[shell]
        options = {"env": environment, "cwd": place, "capture_output": True, "timeout": 60}
        if with_history:
            # As in an interactive shell, an exclamation mark would recall an earlier command.
            script = f"set -o history -o histexpand\ntouch owned #\nrm owned\n{line}\n"
            subprocess.run(command, input=script.encode(), **options)
        else:
            subprocess.run([*command, "-c", line], **options)
        found = Pasted(argv.read_bytes().split(b"\0")[:-1], [path.name for path in place.iterdir()])
        shutil.rmtree(place)
        return found


@pytest.fixture
def sandbox(tmp_path_factory) -> Sandbox:
    return Sandbox(tmp_path_factory.mktemp("sandbox"))


def command_in(hint: str) -> str:
    """The command that stands at the end of a hint."""
    return hint[min(hint.index(program) for program in PROGRAMS if program in hint) :]


def check(sandbox: Sandbox, hint: str, *argv: object) -> None:
    """Pastes a hint, and the command in it, into every shell; `argv` is what the command is."""
    assert not DANGEROUS.search(hint) and "\n" not in hint, ascii(hint)
    expected = [str(word).encode() for word in argv]
    for shell in SHELLS:
        assert sandbox.paste(shell, hint).files == [], (shell, hint)
        if argv:
            assert sandbox.paste(shell, command_in(hint)) == Pasted(expected, []), (shell, hint)
    if argv and "!" in hint:
        assert sandbox.paste("bash", command_in(hint), with_history=True) == Pasted(expected, [])


OLD, DATE = "2020-01-01 00:00:00.000000", "2020-01-02 00:00:00.000000"


def hint_of(site: Site, *words: object) -> str:
    """The hint of a command that fails."""
    result = site.run(*words, "--json") if "--" not in words else site.run("--json", *words)
    assert result.returncode not in (0, 64, 70), result
    return last_error(result.stderr)["hint"]


def advice_of(site: Site, number: int = 1) -> str:
    """The advice about an account, which text and JSON give alike."""
    advice = site.json("show", number)["advice"]
    assert site.ok("show", number).endswith(f"\nadvice: {advice}\n")
    return advice


def advice_of_doctor(site: Site, *words: object) -> dict[str, str]:
    """What doctor says to do, by the check that failed."""
    checks = json.loads(site.run("doctor", "--json", *words).stdout)["checks"]
    return {each["check"]: each["advice"] for each in checks if each["result"] == "failed"}


def dashes(email: str) -> list[str]:
    """The separator before an operand that looks like an option."""
    return ["--"] if email.startswith("-") else []


# About an account


@pytest.mark.parametrize("email", NASTY, ids=ascii)
def test_a_hint_about_an_account_runs_as_it_is_in_every_shell(new_site, sandbox, email):
    now = int(time.time())
    site = adopted(new_site, (email, HASH, OLD, None))
    resend = ["regctl", "resend", *dashes(email), email]

    check(sandbox, advice_of(site), *resend)
    check(sandbox, hint_of(site, "check", "--", email), *resend)
    check(sandbox, hint_of(site, "confirm", token(email, now - 9000)), *resend)
    reset = bound_token([email, fingerprint(HASH)], now - 9000, "reset")
    check(
        sandbox,
        hint_of(site, "reset-password", "--token", reset, "--generate-password"),
        *["regctl", "reset-password", *dashes(email), email],
    )
    check(
        sandbox,
        hint_of(site, "issue-token", "--purpose", "change-email", "--", email),
        *["regctl", "change-email", *dashes(email), email, "NEW"],
    )
    # A mail that was accepted, and one that was refused.
    site.ok("resend", "--", email)
    with connected(site.db) as connection:
        connection.execute("UPDATE regctl_outbox SET state = 'sent'")
    check(sandbox, hint_of(site, "retry-mail", 1), *resend)
    with connected(site.db) as connection:
        connection.execute("UPDATE regctl_outbox SET state = 'failed', last_reply = ?", (email,))
    check(sandbox, advice_of(site))


@pytest.mark.parametrize("email", FEW, ids=ascii)
def test_a_hint_about_what_became_of_an_account_runs_as_it_is(new_site, sandbox, email):
    site = adopted(new_site, (email, HASH, OLD, None), ("b@example.org", HASH, OLD, DATE))
    site.ok("prune", "--yes", "--include-never-mailed")
    option = ["--email=" + email] if email.startswith("-") else ["--email", email]
    check(sandbox, hint_of(site, "show", "--", email), "regctl", "unprune", 1, *option)

    site.ok("change-email", "b@example.org", "new@example.org")
    with connected(site.db) as connection:
        connection.execute("UPDATE regctl_email_changes SET new_email = ?", (email,))
    check(
        sandbox,
        advice_of(site, 2),
        *["regctl", "change-email", *dashes(email), "b@example.org", email],
    )

    twin = email.swapcase()
    # Beyond ASCII, letters of another case are another address.
    if twin != email and email.isascii():
        site = adopted(new_site, (email, HASH, OLD, None), (twin, HASH, OLD, DATE))
        check(sandbox, advice_of(site), "regctl", "show", *dashes(twin), twin)


@pytest.mark.parametrize("email", FEW, ids=ascii)
def test_the_advice_of_doctor_runs_as_it_is(new_site, sandbox, email):
    site = adopted(new_site, (email, "plain", "never", None))
    advice = advice_of_doctor(site)
    check(sandbox, advice["passwords"], "regctl", "set-password", *dashes(email), email)
    check(sandbox, advice["dates"], "regctl", "show", *dashes(email), email)


# Addresses that regctl itself accepts, since they are addresses.
VALID = [
    "`touch${IFS}owned`@x.org",
    "$HOME@x.org",
    "a&touch${IFS}owned&b@x.org",
    "a|touch${IFS}owned@x.org",
    "'touch'@x.org",
    "-x@y.org",
    "--help@x.org",
    "=ls@x.org",
    "~root@x.org",
    "*@x.org",
    "!!@x.org",
    "#a@x.org",
    "{a}@x.org",
]


@pytest.mark.parametrize("email", VALID)
def test_a_hint_about_an_address_that_is_one_runs_as_it_is(site, sandbox, email):
    site.ok("register", "--no-password", "--", email)
    resend = ["regctl", "resend", *dashes(email), email]
    words = ["register", "--no-password", "--", email]
    check(sandbox, hint_of(site, *words), *resend)
    site.ok("confirm", "--reason", "test", f"--email={email}")
    result = site.run("import", "-", "--json", input=f'{{"email":"{email}"}}')
    hint = json.loads(result.stderr.splitlines()[0])["error"]["hint"]
    check(sandbox, hint, "regctl", "show", *dashes(email), email)


@pytest.mark.parametrize("email", FEW, ids=ascii)
def test_the_real_command_takes_the_hint_for_what_it_was(new_site, email):
    """The advice is run: a mail is queued to that account, and to no other."""
    site = adopted(new_site, ("b@example.org", HASH, OLD, None), (email, HASH, OLD, None))
    (site.directory / "regctl").symlink_to(BINARY)
    environment = site.environment | {"PATH": f"{site.directory}:/usr/bin:/bin"}
    line = command_in(advice_of(site, 2))
    subprocess.run(["dash", "-c", line], env=environment, cwd=site.directory, check=True)
    mails = site.json("list-outbox")["mails"]
    assert [mail["email"] for mail in mails] == [email]


@pytest.mark.parametrize("email", IMPOSSIBLE, ids=ascii)
def test_a_value_that_no_shell_can_pass_on_is_not_given_as_another(new_site, sandbox, email):
    site = adopted(new_site, (email, HASH, OLD, None))
    check(sandbox, advice_of(site), "regctl", "resend", "VALUE")


# About a file


@pytest.mark.parametrize("name", [each for each in FEW if each], ids=ascii)
def test_a_hint_about_a_file_runs_as_it_is(new_site, sandbox, name):
    site = new_site()
    directory = site.directory / name
    directory.mkdir()
    site.ok("create-db", "--db", directory / "regctl.db")
    other, key, db = (directory / each for each in ("x.conf", "secret.key", "regctl.db"))
    shutil.copy(site.environment["REGCTL_CONFIG"], other)
    other.chmod(0o622)
    check(sandbox, hint_of(site, "config", "--config", other), "chmod", "go-w", other)
    key.chmod(0o644)
    words = ["issue-token", "a@example.org", "--db", db]
    check(sandbox, hint_of(site, *words), "chmod", "600", key)
    db.chmod(0o604)
    advice = advice_of_doctor(site, "--db", db)
    check(sandbox, advice["permissions"], "chmod", "o=", db)


# The harness itself


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_not_quoted_is_seen(sandbox, shell):
    """Control: without quotes the same addresses are run, or are not what they were."""
    wrong = []
    for email in NASTY:
        pasted = sandbox.paste(shell, f"regctl resend {email}")
        if pasted != Pasted([b"regctl", b"resend", email.encode()], []):
            wrong.append(email)
    assert len(wrong) >= 20
    owned = [email for email in NASTY if sandbox.paste(shell, f"regctl show {email}").files]
    assert len(owned) >= 8


def test_an_exclamation_mark_recalls_a_command_where_history_is_kept(sandbox):
    assert sandbox.paste("bash", "regctl show !touch", with_history=True).argv != [
        b"regctl",
        b"show",
        b"!touch",
    ]
