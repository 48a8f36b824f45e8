"""regctl on a terminal: passwords that are not shown, Ctrl-C and Ctrl-Z, colour, 80 columns."""

import fcntl
import os
import re
import signal
import subprocess
import termios
import time
from pathlib import Path

import pexpect
import pytest

from Campaigns.command_help import commands, help_of, topics
from Campaigns.database import connected, dump, value
from Campaigns.processes import last_error
from Campaigns.recording_server import RecordingServer
from Campaigns.terminal import DANGEROUS, FIRST, SECOND, answer, echoes, in_shell, on_terminal, rest
from regctl import BINARY, Site

EMAIL = "ann@example.org"
PASSWORD = "correct horse battery"
ASKING = [["register", EMAIL], ["create-admin", EMAIL]]


# Asking for a password


@pytest.mark.parametrize("words", ASKING, ids=lambda words: words[0])
def test_a_password_is_asked_for_twice_and_never_shown(site, words):
    child = on_terminal(site, *words)
    screen = answer(child, PASSWORD, PASSWORD) + rest(child)
    assert child.exitstatus == 0
    assert PASSWORD not in screen and PASSWORD[:8] not in screen
    site.ok("confirm", "--email", EMAIL, "--reason", "test")
    site.ok("check", EMAIL, "--password-file", "-", input=PASSWORD)


def test_entries_that_differ_are_asked_for_again(site):
    child = on_terminal(site, "register", EMAIL)
    screen = answer(child, "correct horse", "correct house", PASSWORD, PASSWORD) + rest(child)
    assert child.exitstatus == 0
    assert "differ" in screen
    assert not re.search("correct ho", screen)
    site.ok("confirm", "--email", EMAIL, "--reason", "test")
    site.ok("check", EMAIL, "--password-file", "-", input=PASSWORD)


def test_entries_that_differ_three_times_are_refused(site):
    before = dump(site.db)
    child = on_terminal(site, "register", EMAIL, "--json")
    screen = answer(child, *[f"correct horse {number}" for number in range(6)]) + rest(child)
    assert child.exitstatus == 65
    assert last_error(screen.encode())["code"] == "password_mismatch"
    assert "correct" not in screen
    assert dump(site.db) == before


@pytest.mark.parametrize("typed", ["", "short", "x" * 73, "x" * 2000])
def test_a_password_that_policy_refuses_is_refused_on_a_terminal_too(site, typed):
    before = dump(site.db)
    child = on_terminal(site, "register", EMAIL, "--json")
    screen = answer(child, typed, typed) + rest(child)
    assert child.exitstatus == 65
    assert last_error(screen.encode())["code"] == "invalid_password"
    assert dump(site.db) == before


def test_what_is_typed_ahead_is_not_a_password(site):
    """It would have been shown, so it is discarded when echo is turned off."""
    child = in_shell(site, 'read line; exec "$0" "$@"', "register", EMAIL)
    child.send("go\nseen by all\nseen by all\n")
    child.expect_exact(FIRST)
    child.sendline(PASSWORD)
    child.expect_exact(SECOND)
    child.sendline(PASSWORD)
    rest(child)
    assert child.exitstatus == 0
    site.ok("confirm", "--email", EMAIL, "--reason", "test")
    site.ok("check", EMAIL, "--password-file", "-", input=PASSWORD)


def test_the_terminal_is_asked_while_the_streams_are_elsewhere(site):
    script = 'echo no password | "$0" "$@" >"$REGCTL_OUT" 2>&1'
    output = site.directory / "output"
    environment = {"TERM": "xterm", "REGCTL_OUT": str(output)} | site.environment
    child = in_shell(site, script, "register", EMAIL, env=environment)
    screen = answer(child, PASSWORD, PASSWORD) + rest(child)
    assert child.exitstatus == 0
    assert PASSWORD not in screen
    assert output.read_text() == f"Registered {EMAIL}; a confirmation mail is queued.\n"


def test_an_address_that_is_taken_is_refused_before_a_question(site):
    site.ok("register", EMAIL, "--no-password")
    child = on_terminal(site, "register", EMAIL)
    screen = rest(child)
    assert child.exitstatus == 1
    assert "password" not in screen.lower()


def test_a_password_from_standard_input_on_a_terminal_is_not_shown(site):
    child = on_terminal(site, "register", EMAIL, "--password-file", "-")
    child.expect_exact("assword: ")
    assert not echoes(child)
    child.sendline(PASSWORD)
    screen = rest(child)
    assert child.exitstatus == 0
    assert PASSWORD not in screen
    site.ok("confirm", "--email", EMAIL, "--reason", "test")
    site.ok("check", EMAIL, "--password-file", "-", input=PASSWORD)


def test_a_reset_link_is_judged_before_a_password_is_asked_for_and_after(site):
    """While a password is typed, the link may be used."""
    site.ok("register", EMAIL, "--no-password")
    link = site.ok("issue-token", EMAIL, "--purpose", "reset").strip()
    child = on_terminal(site, "reset-password", "--token", link[:-2])
    assert FIRST not in rest(child)
    assert child.exitstatus == 65

    child = on_terminal(site, "reset-password", "--token", link, "--json")
    screen = answer(child, PASSWORD)
    child.expect_exact(SECOND)
    site.ok("set-password", EMAIL, "--password-file", "-", input="staple for the horse")
    child.sendline(PASSWORD)
    screen += rest(child)
    assert child.exitstatus == 1
    assert last_error(screen.encode())["code"] == "token_revoked"

    # In the second in which links were voided, a token belongs to the next one.
    time.sleep(1)
    link = site.ok("issue-token", EMAIL, "--purpose", "reset").strip()
    child = on_terminal(site, "reset-password", "--token", link)
    screen += answer(child, PASSWORD, PASSWORD) + rest(child)
    assert child.exitstatus == 0
    assert PASSWORD not in screen
    site.ok("confirm", "--email", EMAIL, "--reason", "test")
    site.ok("check", EMAIL, "--password-file", "-", input=PASSWORD)


# No terminal to ask on


@pytest.mark.parametrize("words", ASKING, ids=lambda words: words[0])
def test_without_a_terminal_a_question_is_an_error(site, words):
    before = dump(site.db)
    result = subprocess.run(
        [BINARY, *words, "--json"],
        env=site.environment,
        input=b"correct horse\ncorrect horse\n",
        capture_output=True,
        start_new_session=True,
    )
    assert (result.returncode, result.stdout) == (64, b"")
    error = last_error(result.stderr)
    assert error["code"] == "needs_input"
    assert "--password-file" in error["hint"]
    assert dump(site.db) == before


@pytest.mark.parametrize("words", ASKING, ids=lambda words: words[0])
@pytest.mark.parametrize("how", ["--no-input", "REGCTL_NO_INPUT"])
def test_no_input_means_no_question_even_on_a_terminal(site, words, how):
    before = dump(site.db)
    if how == "--no-input":
        child = on_terminal(site, *words, "--json", how)
    else:
        child = on_terminal(site, *words, "--json", REGCTL_NO_INPUT="1")
    screen = rest(child)
    assert child.exitstatus == 64
    assert "password: " not in screen
    assert last_error(screen.encode())["code"] == "needs_input"
    assert dump(site.db) == before


def test_no_input_does_not_ask_for_a_password_on_standard_input_either(site):
    child = on_terminal(site, "register", EMAIL, "--password-file", "-", "--no-input", "--json")
    assert child.expect_exact(["assword: ", pexpect.EOF]) == 1, "it asks"
    child.close()
    assert child.exitstatus == 64
    assert last_error(child.before.encode())["code"] == "needs_input"


# Signals


@pytest.mark.parametrize("question", [FIRST, SECOND])
@pytest.mark.parametrize(
    ("key", "death"), [("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)], ids=["^C", "^\\"]
)
def test_an_interrupt_restores_the_echo_and_kills(site, question, key, death):
    before = dump(site.db)
    child = on_terminal(site, "register", EMAIL)
    child.expect_exact(FIRST)
    assert not echoes(child)
    if question == SECOND:
        child.sendline(PASSWORD)
        child.expect_exact(SECOND)
    child.send("half a pass" + key)
    screen = rest(child)
    assert child.signalstatus == death
    assert "half" not in screen
    assert dump(site.db) == before


def test_an_interrupt_leaves_the_terminal_as_it_was(site):
    """As seen by the shell that continues to use it."""
    script = 'before=$(stty -g); "$0" "$@"; echo "code $?"; test "$before" = "$(stty -g)"'
    child = in_shell(site, f"trap : INT; {script} && echo unchanged", "register", EMAIL)
    child.expect_exact(FIRST)
    child.sendintr()
    child.expect_exact("code 130")
    assert "unchanged" in rest(child)


@pytest.mark.parametrize("death", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_from_elsewhere_restores_the_echo_and_kills(site, death):
    child = in_shell(site, 'trap : HUP; "$0" "$@"; echo "code $?"; stty -a', "register", EMAIL)
    child.expect_exact(FIRST)
    pid = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text()
    os.kill(int(pid), death)
    child.expect_exact(f"code {128 + death}")
    assert re.search(r"(?<!-)\becho\b", rest(child))


def test_a_stopped_question_is_asked_again_in_the_foreground(site):
    child = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "-i"],
        env={"TERM": "dumb", "PS1": "$ "} | site.environment,
        timeout=60,
        encoding="utf-8",
    )
    child.expect_exact("$ ")
    child.sendline(f"{BINARY} register {EMAIL}")
    child.expect_exact(FIRST)
    child.send("half")
    child.sendcontrol("z")
    child.expect("Stopped")
    child.expect_exact("$ ")
    child.sendline("stty -a | tr ' ' '\\n' | grep -x -e echo -e -echo")
    child.expect(r"\r\n(-?echo)\r\n")
    assert child.match[1] == "echo"
    child.expect_exact("$ ")
    child.sendline("fg")
    screen = answer(child, PASSWORD, PASSWORD)
    child.expect_exact("Registered")
    assert "half" not in screen
    child.sendline("exit")
    rest(child)
    site.ok("confirm", "--email", EMAIL, "--reason", "test")
    site.ok("check", EMAIL, "--password-file", "-", input=PASSWORD)


def test_the_end_of_input_is_not_a_password(site):
    """Ctrl-D at an empty question, twice."""
    before = dump(site.db)
    child = on_terminal(site, "register", EMAIL, "--json")
    child.expect_exact(FIRST)
    child.sendeof()
    index = child.expect_exact([SECOND, pexpect.EOF])
    if index == 0:
        child.sendeof()
        child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus in (64, 65)
    assert dump(site.db) == before


@pytest.mark.parametrize("ignored", [False, True], ids=["hangup", "hangup ignored"])
def test_a_terminal_that_goes_away_ends_the_question(site, ignored):
    """With nohup as well: there is no terminal to answer on."""

    def take_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        if ignored:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    master, slave = os.openpty()
    process = subprocess.Popen(
        [BINARY, "register", EMAIL],
        env=site.environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=take_terminal,
    )
    os.close(slave)
    assert os.read(master, 1000) == FIRST.encode()
    os.close(master)
    code = process.wait(timeout=60)
    assert code in (64, 65, 74) if ignored else code == -signal.SIGHUP
    assert value(site.db, "SELECT count(*) FROM users") == 0


# Colour

BOLD_USAGE = "\x1b[1mUSAGE\x1b[0m"
PAGES = [["help"], ["help", "register"], ["register", "--help"], ["-h"], ["help", "exit-codes"]]


def page(words: list[str], terminal: bool, **environment: str) -> str:
    """A page of help, printed on a terminal or into a pipe."""
    if not terminal:
        result = subprocess.run([BINARY, *words], env=environment, capture_output=True, check=True)
        return result.stdout.decode()
    child = pexpect.spawn(BINARY, words, env=environment, dimensions=(500, 80), encoding="utf-8")
    screen = rest(child)
    assert child.exitstatus == 0
    return screen.replace("\r\n", "\n")


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_headings_are_bold_on_a_terminal_and_plain_in_a_pipe(words):
    coloured = page(words, terminal=True, TERM="xterm")
    plain = page(words, terminal=False, TERM="xterm")
    assert "\x1b[1m" in coloured
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
@pytest.mark.parametrize(
    ("options", "environment"),
    [
        ([], {"TERM": "xterm", "NO_COLOR": "1"}),
        ([], {"TERM": "dumb"}),
        (["--color", "never"], {"TERM": "xterm"}),
        (["--color=never"], {"TERM": "xterm", "CLICOLOR_FORCE": "1"}),
        ([], {"TERM": "xterm", "NO_COLOR": "1", "CLICOLOR_FORCE": "1"}),
    ],
    ids=str,
)
def test_nothing_is_bold_when_colour_is_not_wanted(words, options, environment):
    assert "\x1b" not in page([*words, *options], terminal=True, **environment)


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (["--color=always"], {}),
        (["--color", "always"], {"NO_COLOR": "1", "TERM": "dumb"}),
        ([], {"CLICOLOR_FORCE": "1"}),
    ],
    ids=str,
)
def test_headings_are_bold_in_a_pipe_when_colour_is_wanted(words, options, environment):
    assert "\x1b[1m" in page([*words, *options], terminal=False, **environment)


@pytest.mark.parametrize("environment", [{"NO_COLOR": ""}, {"CLICOLOR_FORCE": "0"}], ids=str)
def test_an_empty_colour_variable_is_ignored(environment):
    assert BOLD_USAGE in page(["help"], terminal=True, TERM="xterm", **environment)
    assert "\x1b" not in page(["help"], terminal=False, TERM="xterm", **environment)


# 80 columns


@pytest.mark.parametrize("name", ["", *commands(), *topics()])
def test_no_page_of_help_is_wider_than_a_terminal(name):
    lines = help_of(*([name] if name else [])).splitlines()
    too_wide = {line: len(line) for line in lines if len(line) > 80}
    assert too_wide == {}
    assert not [line for line in lines if line != line.rstrip()]


# Hints that are printed only on a terminal


def test_next_steps_are_printed_only_on_a_terminal(site):
    child = on_terminal(site, "register", EMAIL, "--no-password")
    assert "next: regctl deliver" in rest(child)
    assert site.run("register", "bob@example.org", "--no-password").stderr == b""
    child = on_terminal(site, "register", "eve@example.org", "--no-password", "--quiet")
    assert rest(child) == ""


# Hostile text

HOSTILE = [
    "\x1b]0;owned\x07@example.org",
    "\x1b[2J\x1b[1;1Hroot@example.org",
    "gro.elpmaxe@nna\u202e@example.org",
    "\u2066ann\u2069@example.org",
    "ann\u200b@exa\ufeffmple.org",
    "\x9b31mred@example.org",
    "line\r\nbreak\x0b\x0c\x85\u2028@example.org",
    "bell\x07back\x08space\x7f@example.org",
    "tag\U000e0041\U000e007f@example.org",
]


@pytest.mark.parametrize("email", HOSTILE, ids=ascii)
def test_hostile_text_of_the_database_is_harmless_on_a_terminal(site, email):
    site.ok("register", EMAIL, "--no-password")
    with connected(site.db) as connection:
        connection.execute("UPDATE users SET email = ?", (email,))
        connection.execute("UPDATE regctl_outbox SET email = ?, last_reply = ?", (email, email))
        connection.execute("UPDATE regctl_audit SET email = ?, actor = ?, reason = ?", [email] * 3)
    identified = ["show", "1"]
    by_address = [
        ["check", email],
        ["register", EMAIL.upper(), "--no-password"],
        ["issue-token", email, "x@example.org"],
        ["resend", email],
        ["resend", email, "--force"],
        ["grant-admin", email],
        ["revoke-admin", email],
        ["confirm", "--email", email, "--reason", "test"],
        ["check", email],
        ["unconfirm", email, "--reason", "test"],
        ["list-admins"],
        ["deliver"],
    ]
    for words in [identified, ["list-accounts"], ["list-unconfirmed"], ["list-outbox"], *by_address, identified]:
        result = site.run(*words)
        assert not DANGEROUS.search(result.stdout.decode()), words
        assert not DANGEROUS.search(result.stderr.decode()), words
    assert "\\u{" in site.ok(*identified)


@pytest.mark.parametrize("email", HOSTILE, ids=ascii)
def test_hostile_text_of_a_caller_is_harmless_in_an_error(site, email):
    for words in (
        ["show", email],
        ["register", email, "--no-password"],
        [email],
        ["show", f"--{email}"],
        ["list-unconfirmed", "--sort", email],
        ["list-accounts", "--domain", email],
        ["list-unconfirmed", "--fields", email],
        ["list-admins", "--db", email.replace("/", "")],
        ["list-admins", "--config", email.replace("/", "")],
        ["help", email],
        ["confirm", email],
        ["inspect-token", email],
        ["list-unconfirmed", "--older-than", email],
    ):
        result = site.run(*words)
        assert result.returncode not in (0, 70), words
        assert not DANGEROUS.search(result.stdout.decode()), words
        assert not DANGEROUS.search(result.stderr.decode()), words


def test_a_hostile_path_is_harmless_when_it_is_created_and_shown(new_site):
    site = new_site()
    path = site.directory / "\x1b[2J\u202e" / "regctl.db"
    outputs = [site.run("create-db", "--db", path), site.run("create-db", "--db", path)]
    outputs += [site.run("config", "--db", path), site.run("migrate-db", "--db", path)]
    assert [output.returncode for output in outputs] == [0, 73, 0, 0]
    for output in outputs:
        assert not DANGEROUS.search(output.stdout.decode())
        assert not DANGEROUS.search(output.stderr.decode())


# Progress of what lasts.


@pytest.fixture
def slow_server():
    """A slow mail server."""
    with RecordingServer() as server:
        server.delays["dot"] = 0.7
        yield server


@pytest.fixture
def mailing_site(new_site, slow_server) -> Site:
    """A site with four mails for the slow server, one connection."""
    site = new_site(
        mail_transport="smtp", mail_server="127.0.0.1", mail_port=slow_server.port,
        mail_security="none", mail_connections=1,
    )
    site.ok("create-db")
    for name in "abcd":
        site.ok("register", f"{name}@example.org", "--no-password")
    return site


def test_a_long_delivery_shows_its_progress_and_cleans_up(mailing_site):
    child = on_terminal(mailing_site, "deliver")
    child.expect("\r\x1b\\[Ksent [1-3], failed 0")
    child.expect("\r\x1b\\[KSent 4, failed 0\\.")
    assert rest(child).strip() == ""
    assert child.exitstatus == 0


@pytest.mark.parametrize("words", [["--quiet"], []], ids=["quiet", "no terminal"])
def test_delivery_shows_no_progress_without_a_terminal(mailing_site, words):
    if words:
        assert rest(on_terminal(mailing_site, "deliver", *words)) == ""
    else:
        assert mailing_site.run("deliver").stderr == b""
