"""Standard streams that are full or closed, or whose reader ends."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from Campaigns.calls import CALLS, Call, closed, run, some
from Campaigns.command_help import commands, topics
from Campaigns.database import dump, integrity, value
from Campaigns.preparation import ANN, BOB, EVE
from Campaigns.processes import last_error
from regctl import BINARY, KEY, Site

HELP = [Call(["help", name], is_verbatim=True) for name in commands() + topics()]


def test_every_command_is_called():
    # A move needs a server: Campaigns.postgresql.test_move.
    assert {call.words[0] for call in CALLS} == {*commands(), "--version"} - {"move-db"}


def has_its_key(site: Site, call: Call) -> bool:
    """Whether the file of the key has nothing but keys, of which only one command adds any."""
    keys = site.key_file.read_text().splitlines()
    return keys[0] == KEY and len(keys) <= (2 if call.words == ["rotate-key"] else 1)


# Standard output that takes nothing


@some(CALLS + HELP)
def test_a_full_standard_output_is_an_error(alive, call):
    with open("/dev/full", "wb") as full:
        result = call.run(alive, stdout=full)
    if call.is_silent:
        assert (result.returncode, result.stderr) == (0, b"")
        return
    assert result.returncode == 74
    last = result.stderr.decode().splitlines()[-1]
    assert re.fullmatch(r"regctl: error: (\S+: )?cannot write to standard output: .+", last)
    assert integrity(alive.db) == "ok"


@some([call for call in CALLS if not call.is_verbatim])
@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_a_full_standard_output_is_an_error_in_json_too(alive, call, format):
    with open("/dev/full", "wb") as full:
        result = call.run(alive, "--format", format, stdout=full)
    assert result.returncode == 74
    error = last_error(result.stderr)
    assert (error["code"], error["exit"]) == ("io_error", 74)


@some(CALLS + HELP)
def test_a_closed_standard_output_is_an_error_and_harms_no_file(alive, call):
    """A file must not be opened in its place and then be written to."""
    result = call.run(alive, **closed(1))
    assert result.returncode == (0 if call.is_silent else 74), result
    assert integrity(alive.db) == "ok"
    assert has_its_key(alive, call)
    assert b"cannot write to standard output" in result.stderr or call.is_silent


@some([call for call in CALLS if not call.is_verbatim])
def test_closed_standard_streams_harm_no_file(alive, call):
    """Errors cannot be printed either; the exit code still reports them."""

    def close_all() -> None:
        for number in (0, 1, 2):
            os.close(number)

    streams = {"stdin": None, "stdout": None, "stderr": None}
    result = call.run(alive, **streams, preexec_fn=close_all)
    # Without its input, a command has no result to print.
    has_none = call.is_silent or (call.input and not call.is_summary)
    assert result.returncode == (0 if has_none else 74)
    assert integrity(alive.db) == "ok"
    assert has_its_key(alive, call)


@some([call for call in CALLS if call.words[0] != "tour"])
def test_a_full_standard_error_changes_no_success(alive, call):
    with open("/dev/full", "wb") as full:
        result = call.run(alive, stderr=full)
    assert result.returncode == 0
    assert bool(result.stdout) != call.is_silent


@some([call for call in CALLS if call.words[0] != "tour"])
def test_a_closed_standard_error_changes_no_success_and_harms_no_file(alive, call):
    result = call.run(alive, **closed(2))
    assert result.returncode == 0
    assert bool(result.stdout) != call.is_silent
    assert integrity(alive.db) == "ok"
    assert has_its_key(alive, call)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["no-such-command"], 64),
        (["register", "no address", "--no-password"], 65),
        (["register", ANN, "--no-password"], 1),
        (["show", EVE], 67),
        (["check", ANN], 1),
        (["list-admins", "--db", "/nonexistent/regctl.db"], 66),
        (["confirm", "forged"], 65),
        (["delete", ANN, "--reason", "left"], 64),
        (["delete", BOB, EVE, "--reason", "left", "--yes"], 1),
        (["doctor", "--db", "/nonexistent/regctl.db"], 1),
    ],
    ids=str,
)
def test_a_full_or_closed_standard_error_changes_no_refusal(alive, words, code):
    assert run(alive, *words).returncode == code
    with open("/dev/full", "wb") as full:
        assert run(alive, *words, stderr=full).returncode == code
    assert run(alive, *words, **closed(2)).returncode == code


def test_a_closed_standard_input_is_not_a_password(alive):
    before = dump(alive.db)
    for words in (
        ["register", EVE, "--password-file", "-"],
        ["create-admin", EVE, "--password-file", "-"],
        ["set-password", ANN, "--password-file", "-"],
        ["reset-password", "--token", "{reset}", "--password-file", "-"],
        ["reset-password", "--token", "-", "--password-file", alive.directory / "password"],
    ):
        result = run(alive, *Call(words).line(alive), **closed(0))
        assert result.returncode in (65, 74)
    assert dump(alive.db) == before


# A reader that goes away


@some([call for call in CALLS + HELP if not call.is_silent])
def test_a_reader_that_closes_early_is_not_an_error(alive, call):
    reader, writer = os.pipe()
    os.close(reader)
    result = call.run(alive, stdout=writer)
    os.close(writer)
    assert result.returncode == 0
    # A notice does not report that the reader has gone.
    assert not re.search(rb"pipe|standard output", result.stderr, re.I)


def test_work_continues_when_the_pipe_is_closed(alive):
    """The reader affects neither the work nor the exit code."""
    reader, writer = os.pipe()
    os.close(reader)
    links = f"forged\n{alive.ok('issue-token', ANN)}"
    words = [BINARY, "confirm", "--stdin"]
    result = subprocess.run(
        words, input=links.encode(), stdout=writer, stderr=subprocess.PIPE, env=alive.environment
    )
    doctor = run(alive, "doctor", "--db", "/nonexistent/regctl.db", stdout=writer)
    os.close(writer)
    assert (result.returncode, doctor.returncode) == (1, 1)
    assert value(alive.db, "SELECT confirmed FROM users WHERE id = 1") == 1


def journal_of(file: Path) -> dict[str, str]:
    """What systemd tells a service whose standard error is a file that stands for the journal."""
    status = file.stat()
    return {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}


def test_the_journal_gets_the_severity_of_each_line(alive, tmp_path):
    log = tmp_path / "journal"
    log.touch()
    for other in (False, True):
        journal = journal_of(alive.db if other else log)
        with log.open("wb") as stream:
            run(alive, "show", EVE, stderr=stream, env=alive.environment | journal)
        prefix = "" if other else "<3>"
        assert log.read_text() == f"{prefix}regctl: error: show: no such account: '{EVE}'\n"


def test_a_closed_pipe_does_not_kill_regctl_even_with_default_signals(alive):
    """Python ignores SIGPIPE and its children inherit that; a shell's children do not."""
    reader, writer = os.pipe()
    os.close(reader)

    def restore() -> None:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    result = run(alive, "list-unconfirmed", stdout=writer, preexec_fn=restore)
    os.close(writer)
    assert (result.returncode, result.stderr) == (0, b"")
