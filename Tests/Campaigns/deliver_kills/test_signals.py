"""K2: signals other than kills, and too few descriptors."""

import json
import re
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

from Campaigns.database import rows
from Campaigns.deliver_kills.deliverers import (
    EXTENSIONS,
    PIPELINING,
    Run,
    deliver_the_rest,
    with_mail,
    wrong,
)
from Campaigns.recording_server import Halt, RecordingServer
from regctl import BINARY, Site


def wait_until_taken(process: subprocess.Popen, number: signal.Signals) -> None:
    """Waits until a signal is no longer on its way to a process."""
    path = Path(f"/proc/{process.pid}/status")
    deadline = time.monotonic() + 60
    while process.poll() is None:
        pending = re.findall(r"^(?:SigPnd|ShdPnd):\s+(\w+)", path.read_text(), re.MULTILINE)
        if not any(int(mask, 16) >> (number - 1) & 1 for mask in pending):
            return
        assert time.monotonic() < deadline, "the signal is not taken"


def told_to_stop(
    server: RecordingServer, site: Site, number: signal.Signals, connections: int
) -> tuple[int, int]:
    """Sends a signal to a run with a mail at the dot on each connection, and lets it end.

    Returns how many mails had been accepted before that, and the exit code.
    """
    server.delays["dot"] = 0.01
    server.on_step = halt = Halt("dot", skip=8, count=connections, drop=False)
    with Run(site) as run:
        halt.wait()
        before = len(server.mails)
        run.process.send_signal(number)
        wait_until_taken(run.process, number)
        halt.lift()
        code = run.end()
    server.wait_until_idle()
    server.on_step = None
    server.delays.clear()
    return before, code


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_the_next_one_sends_the_rest(new_site, number, connections):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 200, mail_connections=connections)
        before, code = told_to_stop(server, site, number, connections)
        assert code in {0, -number, 128 + number}
        assert before + connections <= len(server.mails) <= 100
        assert set(server.accepted.values()) == {1}
        columns = "state, attempts, possible_duplicate"
        found = rows(site.db, f"SELECT message_id, {columns} FROM regctl_outbox")
        sent = {identity for identity, *rest in found if rest == ["sent", 1, 0]}
        assert sent == set(server.accepted)
        assert {row[1:] for row in found if row[0] not in sent} == {("queued", 0, 0)}
        deliver_the_rest(site)
        assert wrong(site, server) == []


@EXTENSIONS
def test_after_a_signal_no_mail_is_begun(new_site, extensions):
    """With PIPELINING one more is in flight, its MAIL in the packet of the final dot before."""
    with RecordingServer() as server:
        server.extensions = extensions
        site = with_mail(new_site(), server, 200)
        before, _ = told_to_stop(server, site, signal.SIGTERM, connections=4)
        on_the_wire = 8 if extensions == PIPELINING else 4
        count = len(server.mails)
        assert before + 4 <= count <= before + on_the_wire


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_immediately_ends_a_run_that_waits_for_the_greeting(new_site, number):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 3)
        server.on_step = halt = Halt("connect")
        with Run(site) as run:
            halt.wait()
            start = time.monotonic()
            run.process.send_signal(number)
            assert run.end() in {0, -number, 128 + number}
            assert time.monotonic() - start < 2
        states = "SELECT DISTINCT state, attempts, possible_duplicate FROM regctl_outbox"
        assert rows(site.db, states) == [("queued", 0, 0)]


def test_sigusr1_prints_a_status_line_and_the_run_continues(new_site):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 100)
        server.delays["dot"] = 0.05
        process = subprocess.Popen(
            [BINARY, "deliver"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=site.environment,
        )
        try:
            server.wait_for(accepted=5)
            process.send_signal(signal.SIGUSR1)
            status = process.stderr.readline()
            assert len(server.mails) < 100, "the line came after the run"
            rest = process.communicate(timeout=120)[1]
        finally:
            process.kill()
            process.wait()
        assert process.returncode == 0
        assert re.fullmatch(rb"[ -~]*[0-9][ -~]*\n", status), status
        assert rest == b""
        assert wrong(site, server) == []


def test_without_further_connections_all_mail_is_sent_over_one(new_site):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 30, mail_connections=16)
        server.delays["dot"] = 0.02
        result = subprocess.run(
            [BINARY, "deliver", "--json"],
            capture_output=True,
            env=site.environment,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12)),
            timeout=120,
        )
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["sent"] == 30
        assert wrong(site, server) == []
