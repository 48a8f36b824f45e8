"""The duration of `deliver` with any server: the time limit of a pass."""

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator

import pytest

from Campaigns.database import rows
from Campaigns.recording_server import Halt, RecordingServer
from regctl import BINARY, Site

MAILS = 12
# What a busy machine may add, in seconds.
SLACK = 10


@contextlib.contextmanager
def served(site: Site, limit: int, **delays: float) -> Iterator[RecordingServer]:
    """A slow server, to which the site's mail is sent over one connection."""
    with RecordingServer() as server:
        server.delays = delays
        server.extensions.remove(b"PIPELINING")
        site.settings |= {
            "mail_transport": "smtp", "mail_server": "127.0.0.1", "mail_port": server.port,
            "mail_security": "none", "mail_timeout": f"{limit}s", "mail_connections": 1,
        }
        site.write_config()
        yield server


@pytest.fixture
def full(site: Site) -> Site:
    """A site with mails that are due."""
    for number in range(MAILS):
        site.ok("register", f"user{number}@example.org", "--no-password")
    return site


def states(site: Site) -> list[tuple]:
    return rows(site.db, "SELECT state, attempts, possible_duplicate FROM regctl_outbox ORDER BY id")


def timed(site: Site, *words: str) -> tuple[subprocess.CompletedProcess, float]:
    start = time.monotonic()
    run = site.run(*words)
    return run, time.monotonic() - start


def test_after_the_time_limit_the_rest_stays_queued(full):
    """And says so in a line, with exit code 75; cron gets the code alone."""
    with served(full, 60, dot=0.4) as server:
        run, seconds = timed(full, "deliver", "--timeout", "2s")
        sent = len(server.mails)
        assert run.returncode == 75, run
        assert run.stdout.startswith(b"Sent ")
        message, hint = run.stderr.decode().splitlines()
        assert message == (
            "regctl: error: deliver: the time limit was reached; the mails that are still due wait for the next run"
        )
        assert hint == "hint: regctl deliver, or a longer --timeout"
        assert 2 <= seconds < 2 + SLACK
        assert 1 <= sent < MAILS
        assert states(full) == [("sent", 1, 0)] * sent + [("queued", 0, 0)] * (MAILS - sent)
        # It sent QUIT.
        assert server.steps["QUIT"] == 1
        run = full.run("deliver", "--quiet", "--timeout", "1s")
        assert (run.returncode, run.stdout, run.stderr) == (75, b"", b"")
        sent = len(server.mails)
        assert sent < MAILS
        server.delays = {}
        # The next run has time enough, and nothing to say.
        run = full.run("deliver", "--quiet", "--timeout", "10m")
        assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")
        assert states(full) == [("sent", 1, 0)] * MAILS
        assert set(server.accepted.values()) == {1}


def test_without_a_limit_it_takes_the_time_it_takes(full):
    """The control: the same server, and all that is due is sent."""
    with served(full, 60, dot=0.4) as server:
        run, seconds = timed(full, "deliver", "--quiet")
        assert (run.returncode, run.stderr) == (0, b"")
        assert seconds > 0.4 * MAILS
        assert len(server.mails) == MAILS


def test_in_json_the_result_is_what_it_was_and_the_error_has_a_code(full):
    with served(full, 60, dot=0.4):
        run = full.run("deliver", "--json", "--timeout", "1s")
    result, error = json.loads(run.stdout), json.loads(run.stderr)["error"]
    assert list(result) == ["schema", "sent", "deferred", "failed", "cancelled", "expired", "results"]
    assert result["sent"] == len(result["results"])
    assert (error["code"], error["exit"], run.returncode) == ("mail_deferred", 75, 75)


@pytest.mark.parametrize(("step", "at", "doubt"), [("DATA", "DATA", 0), ("dot", "end of mail", 1)])
def test_a_mail_in_flight_has_the_additional_time_of_a_step(full, step, at, doubt):
    """Then its connection is cut: before the final dot it was not accepted, after it perhaps."""
    before = {"DATA": "RCPT", "dot": "DATA"}[step]
    with served(full, 4, **{before: 2}) as server:
        server.on_step = Halt(step)
        run, seconds = timed(full, "deliver", "--timeout", "1s")
        # Its own limit would have ended the step a second later.
        assert 5 <= seconds < 5 + SLACK
        assert run.returncode == 75
        assert b"1 mail was not accepted this time" in run.stderr
        assert b"the time limit was reached" in run.stderr
        assert states(full) == [("queued", 1, doubt)] + [("queued", 0, 0)] * (MAILS - 1)
        [mail] = full.json("list-outbox", "--email", "user0@example.org")["mails"]
        assert mail["last_reply"] == (
            f"127.0.0.1:{server.port}: cut off at the time limit of the pass, at {at}"
        )


def test_a_program_that_takes_its_time_is_not_run_again_when_the_time_is_over(full):
    program = full.directory / "sendmail"
    program.write_text("#!/bin/sh\ncat > /dev/null\nsleep 0.4\n")
    program.chmod(0o700)
    full.settings |= {"mail_transport": "sendmail", "sendmail_path": program}
    full.write_config()
    run, seconds = timed(full, "deliver", "--quiet", "--timeout", "2s")
    assert run.returncode == 75
    assert 2 <= seconds < 2 + SLACK
    counts = [state for state, *_ in states(full)].count("sent")
    assert 1 <= counts < MAILS
    assert states(full) == [("sent", 1, 0)] * counts + [("queued", 0, 0)] * (MAILS - counts)


def test_signals_and_the_time_limit_agree(full):
    """Ctrl-C in the pass: it ends after the mail in flight, and no time limit is reported."""
    with served(full, 60, dot=1) as server:
        process = subprocess.Popen(
            [BINARY, "deliver", "--timeout", "10m"], env=full.environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        server.wait_for(1)
        process.terminate()
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == -15
    assert b"time limit" not in stderr
    assert [attempts for _, attempts, _ in states(full)][-1] == 0
