"""A network that stops at each step: regctl gives up in time and says what it knows."""

import json
import select
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from Campaigns.postgresql.load import wrong
from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.server_site import ServerSite
from regctl import BINARY

ANN = "ann@example.org"


class SilentProxy:
    """Passes on what comes from both sides, until the client has sent a number of messages.

    From then on it passes nothing on and closes nothing, on this connection and on all others.
    """

    def __init__(self, path: str, messages: int) -> None:
        self.path = path
        self.left = messages
        self.is_ended = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=(client,), daemon=True).start()

    def pass_on(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.path)
        while not self.is_ended:
            if self.left == 0:
                time.sleep(0.1)
                continue
            for source in select.select([client, server], [], [], 0.1)[0]:
                data = source.recv(65536)
                if not data:
                    client.close()
                    server.close()
                    return
                if source is client:
                    self.left -= 1
                    if self.left == 0:
                        break
                (server if source is client else client).sendall(data)

    def close(self) -> None:
        self.is_ended = True
        self.listener.close()


def register(site: ServerSite, messages: int) -> tuple[int, str, float]:
    """Registers Ann through a network that stops; returns exit code, error code and seconds."""
    server = site.server
    proxy = SilentProxy(f"{server.directory}/.s.PGSQL.{server.port}", messages)
    address = f"postgresql://postgres@127.0.0.1:{proxy.port}/{site.database}?sslmode=disable"
    words = ["register", ANN, "--no-password", "--json", "--busy-timeout", "1s", "--db", address]
    start = time.monotonic()
    result = subprocess.run([BINARY, *words], env=site.environment, capture_output=True, timeout=120)
    seconds = time.monotonic() - start
    proxy.close()
    code = "" if result.returncode == 0 else json.loads(result.stderr.splitlines()[-1])["error"]["code"]
    return result.returncode, code, seconds


def test_a_registration_ends_in_time_wherever_the_network_stops(server: Cluster, tmp_path: Path):
    steps = range(1, 25)
    sites = []
    for step in steps:
        directory = tmp_path / f"{step}"
        directory.mkdir()
        sites.append(ServerSite(directory, server))
        sites[-1].ok("create-db")
    with ThreadPoolExecutor(len(steps)) as pool:
        outcomes = list(pool.map(register, sites, steps))
    assert {code for code, _, _ in outcomes} == {0, 69, 75}, outcomes
    # 1 s for a lock and 20 s of silence, 10 s to look up what came of the commit, and a busy machine.
    assert max(seconds for _, _, seconds in outcomes) < 45, outcomes
    for site, (exit_code, code, _) in zip(sites, outcomes, strict=True):
        is_there = site.rows("SELECT email FROM users") == [ANN]
        if exit_code == 0:
            assert is_there, outcomes
        elif code != "commit_unknown":
            assert code == "db_unavailable" and not is_there, outcomes
        assert wrong(site) == []
    ends = {(exit_code, code) for exit_code, code, _ in outcomes}
    assert {(69, "db_unavailable"), (75, "db_unavailable"), (75, "commit_unknown")} <= ends, outcomes
