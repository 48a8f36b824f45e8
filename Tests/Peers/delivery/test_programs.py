"""Programs that accept mail, and the results of their exit codes."""

import contextlib
import os
import shlex
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from Peers.delivery.hazards import HAZARDS, without_soft_breaks, write_templates
from Peers.delivery.peers import deferred, deliver, delivered, only_row, program_settings, register
from Peers.mail_servers import msmtp, script
from Peers.mails import outbox


class Recorder:
    """A program in the place of sendmail, that writes down how it was called and then does more."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / "sendmail"
        self.then("exit 0")

    def then(self, text: str) -> None:
        """What it does after writing down its arguments and its input."""
        call = shlex.quote(f"{self.directory}/call.XXXXXX")
        script(
            self.path,
            f'call=$(mktemp -d {call})\nprintf "%s\\0" "$@" >"$call/arguments"\n'
            f'echo $$ >"$call/pid"\ncat >"$call/input"\n{text}',
        )

    def instead(self, text: str) -> None:
        """What it does without writing down anything."""
        script(self.path, text)

    def calls(self) -> list[Path]:
        return sorted(self.directory.glob("call.*"))

    def arguments(self) -> list[list[str]]:
        """The arguments of every call."""
        contents = [(call / "arguments").read_bytes() for call in self.calls()]
        return [content.decode().removesuffix("\0").split("\0") for content in contents]

    def input(self) -> bytes:
        """What its only call read."""
        (call,) = self.calls()
        return (call / "input").read_bytes()

    def pids(self, name: str = "pid") -> list[int]:
        """The process of every call, or another that it wrote down."""
        return [int((call / name).read_text()) for call in self.calls()]


@pytest.fixture
def recorder(tmp_path) -> Iterator[Recorder]:
    """A program in the place of sendmail; what it left running ends with the test."""
    directory = tmp_path / "recorder"
    directory.mkdir()
    recorder = Recorder(directory)
    yield recorder
    for path in directory.glob("call.*/*pid"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(path.read_text()), signal.SIGKILL)


@pytest.fixture
def program_site(made_site, recorder):
    """A place with one mail that goes to the recorder."""
    settings = program_settings(recorder.path) | {"mail_timeout": "1s"}
    site = made_site(**settings, mail_envelope_sender="bounces@app.example")
    register(site)
    return site


def is_alive(pid: int) -> bool:
    """Whether a process runs, not counting one that only waits to be reaped."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_program_is_called_with_exactly_these_arguments(program_site, recorder):
    delivered(program_site)
    assert recorder.arguments() == [["-i", "-f", "bounces@app.example", "--", "ann@example.org"]]


@pytest.mark.parametrize(
    "local", ["-oQ/tmp", "-t", "--", "${PATH}", "`id`", "'", "*", "a|b", "~root"]
)
def test_an_address_that_looks_like_more_is_only_an_address(made_site, recorder, local):
    site = made_site(**program_settings(recorder.path))
    register(site, f"{local}@example.org")
    delivered(site)
    assert recorder.arguments() == [
        ["-i", "-f", "accounts@app.example", "--", f"{local}@example.org"]
    ]


def test_a_program_reads_the_mail_as_a_maildir_would_get_it(program_site, recorder, made_site):
    other = made_site(mail_envelope_sender="bounces@app.example")
    shutil.copyfile(program_site.db, other.db)
    delivered(program_site)
    other.ok("deliver")
    (path,) = other.maildir.glob("new/*")
    _, expected = path.read_bytes().split(b"\n", 1)
    mails = [content.replace(b"\n", b"\r\n") for content in (recorder.input(), expected)]
    assert without_soft_breaks(mails[0]) == without_soft_breaks(mails[1])


def test_a_program_reads_lines_as_they_are_on_this_system(program_site, recorder):
    delivered(program_site)
    assert recorder.input().endswith(b"--\n")
    assert b"\r" not in recorder.input()


@pytest.mark.parametrize("code", [1, 64, 67, 69, 70, 75, 77, 78, 126, 127, 255])
def test_any_exit_code_but_0_defers(program_site, recorder, code):
    recorder.then(f"exit {code}")
    deferred(program_site)
    assert len(recorder.calls()) == 1


@pytest.mark.parametrize("name", ["KILL", "TERM", "SEGV", "PIPE", "HUP"])
def test_a_program_that_dies_of_a_signal_defers(program_site, recorder, name):
    recorder.then(f"kill -{name} $$; sleep 30")
    deferred(program_site)


@pytest.mark.parametrize(
    "text",
    [
        "exec sleep 60",
        "sleep 60 & echo $! >$call/other.pid; wait",
        "trap '' TERM INT HUP; while :; do sleep 0.1; done",
        "trap '' TERM; exec sleep 60 >/dev/null 2>&1",
    ],
    ids=["alone", "child", "stubborn", "silent"],
)
def test_a_program_that_hangs_defers_and_is_ended(program_site, recorder, text):
    recorder.then(text)
    start = time.monotonic()
    deferred(program_site)
    assert 0.9 < time.monotonic() - start < 3
    assert not any(is_alive(pid) for pid in recorder.pids())


def test_a_program_that_hangs_before_it_reads_defers_and_is_ended(program_site, recorder, tmp_path):
    recorder.instead(f"echo $$ >{shlex.quote(str(tmp_path / 'pid'))}; exec sleep 60")
    write_templates(tmp_path, HAZARDS + "x" * 500_000 + "\n")
    program_site.settings["templates_dir"] = tmp_path
    program_site.write_config()
    start = time.monotonic()
    deferred(program_site)
    assert 0.9 < time.monotonic() - start < 3
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_a_program_that_says_more_and_more_defers_and_is_ended(program_site, recorder):
    recorder.then("exec yes")
    start = time.monotonic()
    row = deferred(program_site)
    assert 0.9 < time.monotonic() - start < 3
    assert not any(is_alive(pid) for pid in recorder.pids())
    assert len(row["last_reply"]) <= 4096


def test_a_child_that_a_program_leaves_behind_delays_nothing(program_site, recorder):
    recorder.then("sleep 60 & echo $! >$call/other.pid; exit 0")
    start = time.monotonic()
    delivered(program_site)
    assert time.monotonic() - start < 3
    assert len(recorder.pids("other.pid")) == 1


def test_a_child_that_a_program_leaves_behind_does_not_hold_the_lock(program_site, recorder):
    recorder.then("sleep 60 >/dev/null 2>&1 & echo $! >$call/other.pid; exit 0")
    delivered(program_site)
    register(program_site, "bob@example.org")
    assert program_site.json("deliver")["sent"] == 1
    assert all(is_alive(pid) for pid in recorder.pids("other.pid"))


def test_a_program_inherits_no_open_file(program_site, recorder):
    recorder.then("for file in /proc/$$/fd/*; do readlink $file; done >$call/open; exit 0")
    delivered(program_site)
    (call,) = recorder.calls()
    opened = (call / "open").read_text()
    assert opened
    assert str(program_site.directory) not in opened


@pytest.mark.parametrize("code", [0, 1])
def test_a_program_that_does_not_read_decides_by_its_exit_code(
    program_site, recorder, tmp_path, code
):
    recorder.instead(f"exit {code}")
    write_templates(tmp_path, HAZARDS + "x" * 500_000 + "\n")
    program_site.settings["templates_dir"] = tmp_path
    program_site.write_config()
    (delivered if code == 0 else deferred)(program_site)


def test_the_words_of_a_program_are_kept(program_site, recorder):
    recorder.then("echo 'the disk is full'; echo 'try later' >&2; exit 75")
    reply = deferred(program_site)["last_reply"]
    assert "the disk is full" in reply
    assert "try later" in reply


def test_the_words_of_a_program_that_took_the_mail_are_kept_too(program_site, recorder):
    recorder.then("echo 'Mail queued.'; exit 0")
    row = delivered(program_site)
    assert "Mail queued." in row["last_reply"]


def test_the_words_of_a_program_are_bounded(program_site, recorder):
    recorder.then("head -c 10000000 /dev/zero | tr '\\0' x; echo y >&2; exit 75")
    reply = deferred(program_site)["last_reply"]
    assert 0 < len(reply) <= 4096


def test_the_words_of_a_program_do_no_harm(program_site, recorder):
    recorder.then("printf '\\033]0;title\\007\\377\\376\\000 \\342\\200\\256 done'; exit 75")
    row = deferred(program_site)
    assert "done" in row["last_reply"]
    results = [program_site.run(*words) for words in (["list-outbox"], ["show", "ann@example.org"])]
    shown = b"".join(result.stdout for result in results)
    assert not {0x1B, 0x07, 0x00} & {*shown}
    assert "\u202e" not in shown.decode()


def test_one_mail_that_a_program_refuses_holds_up_no_other(program_site, recorder):
    for n in range(4):
        register(program_site, f"user{n}@example.org")
    recorder.then('case "$5" in user1@*) exit 75;; user2@*) kill -KILL $$;; esac')
    exit_code, summary, error = deliver(program_site)
    assert (exit_code, error["code"]) == (75, "mail_deferred")
    assert (summary["sent"], summary["deferred"], summary["failed"]) == (3, 2, 0)
    states = {row["email"]: row["state"] for row in outbox(program_site)}
    assert [email for email, state in states.items() if state == "queued"] == [
        "user1@example.org", "user2@example.org"
    ]


def test_a_mail_that_a_program_refused_goes_out_at_the_next_attempt(program_site, recorder):
    recorder.then("exit 75")
    deferred(program_site)
    recorder.then("exit 0")
    assert program_site.json("deliver")["results"] == []
    with closing(sqlite3.connect(program_site.db)) as connection, connection:
        connection.execute("UPDATE regctl_outbox SET next_attempt_at = 0")
    assert program_site.json("deliver")["sent"] == 1
    assert only_row(program_site)["attempts"] == 2


@pytest.mark.parametrize("name", ["missing", "not executable", "a directory", "not a program"])
def test_a_program_that_cannot_be_run_stops_the_run_and_charges_no_mail(made_site, tmp_path, name):
    path = tmp_path / name
    if name == "a directory":
        path.mkdir()
    elif name != "missing":
        path.write_text("exit 0\n")
        path.chmod(0o755 if name == "not a program" else 0o644)
    site = made_site(**program_settings(path))
    register(site)
    exit_code, summary, error = deliver(site)
    assert (exit_code, error["code"]) == (69, "mail_unavailable")
    assert (summary["sent"], summary["deferred"], summary["failed"]) == (0, 0, 0)
    row = only_row(site)
    assert (row["state"], row["attempts"]) == ("queued", 0)


def test_the_words_of_msmtp_about_a_wrong_password_are_kept(made_site, servers):
    site = made_site(**program_settings(msmtp(servers.postfix, "tls-auth", password="wrong")))
    register(site)
    reply = deferred(site)["last_reply"]
    assert "535" in reply
