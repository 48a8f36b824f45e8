"""A PostgreSQL server that a test may end and start again."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from ports import free_port
from postgresql_server import programs


class Cluster:
    """A server that listens on loopback and in a directory; everybody is trusted but `secretive`."""

    RULES = (
        "local all all trust\n"
        "local replication all trust\n"
        "host replication all 127.0.0.1/32 trust\n"
        "host all secretive 127.0.0.1/32 scram-sha-256\n"
        "host all all 127.0.0.1/32 trust\n"
    )

    def __init__(self, **settings: object) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="regctl-test-postgresql."))
        self.data = self.directory / "data"
        self.port = free_port()
        self.settings = {
            "port": self.port,
            "unix_socket_directories": self.directory,
            "listen_addresses": "127.0.0.1",
            "max_connections": 150,
            "shared_buffers": "64MB",
            # The default since version 14.
            "password_encryption": "scram-sha-256",
            # A crash of processes loses nothing that was written, and other tests share the disk.
            "fsync": "off",
        } | settings
        self.names = (f"test{number}" for number in itertools.count())
        self.process: subprocess.Popen | None = None
        # The server refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.directory, self.user)

    def program(self, name: str, *words: object) -> None:
        """Runs a program of the server as its user."""
        line = [programs() / name, *map(str, words)]
        done = subprocess.run(line, user=self.user, cwd="/", env={}, capture_output=True, text=True)
        assert done.returncode == 0, (name, done.stdout, done.stderr)

    def create(self) -> "Cluster":
        """Makes a new cluster and starts the server."""
        locale = ["--locale=C.UTF-8", "-E", "UTF8"]
        self.program("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", *locale, "--no-sync")
        self.write(self.data / "pg_hba.conf", self.RULES)
        return self.start()

    def write(self, path: Path, text: str) -> None:
        path.write_text(text)
        if self.user:
            shutil.chown(path, self.user)

    def start(self) -> "Cluster":
        """Starts the server and waits until it answers."""
        options = [f"-c{key}={value}" for key, value in self.settings.items()]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [programs() / "postgres", "-D", self.data, *options],
                user=self.user, cwd="/", env={}, stdout=log, stderr=log,
            )
        limit = time.monotonic() + 60
        while self.ask("SELECT 1", check=False).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < limit, self.log()
            time.sleep(0.05)
        return self

    def log(self) -> str:
        return (self.directory / "log").read_text()

    def stop(self, number: int = signal.SIGQUIT) -> None:
        """Ends the server; SIGQUIT leaves what a crash leaves."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(60)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.directory)

    def address(self, database: str, user: str = "postgres") -> str:
        """The value of `db` for a connection by the socket."""
        return f"postgresql://{user}@/{database}?host={self.directory}&port={self.port}"

    def ask(
        self, statements: str, database: str = "postgres", check: bool = True
    ) -> subprocess.CompletedProcess:
        """Runs statements with psql, as the superuser."""
        # The psql in the path is a script of Debian that starts this one, after five times as long.
        line = [programs() / "psql", "-XAtqv", "ON_ERROR_STOP=1", self.address(database), "-c", statements]
        environment = {"PATH": "/usr/bin:/bin", "PGOPTIONS": "-c search_path=public,regctl"}
        done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=300)
        assert not check or done.returncode == 0, (statements, done.stderr)
        return done

    def rows(self, query: str, database: str = "postgres") -> list[str]:
        """The rows of a query, as psql prints them without alignment."""
        return self.ask(query, database).stdout.splitlines()

    def set(self, **settings: str) -> None:
        """Changes settings of the running server; those that it was started with stay."""
        for name, value in settings.items():
            self.ask(f"ALTER SYSTEM SET {name} = '{value}'")
        self.ask("SELECT pg_reload_conf()")
        for name, value in settings.items():
            while self.rows(f"SELECT current_setting('{name}')") != [value]:
                time.sleep(0.02)

    def new_database(self, template: str = "template1") -> str:
        """Creates a database like another one, by default an empty one, and returns its name."""
        name = next(self.names)
        self.ask(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name


def standby_of(primary: Cluster) -> Cluster:
    """A standby with the data of a server, which streams from it."""
    standby = Cluster()
    standby.program(
        "pg_basebackup", "-D", standby.data, "-h", primary.directory, "-p", primary.port,
        "-U", "postgres", "-R", "-X", "stream", "--no-sync", "-c", "fast",
    )
    return standby.start()
