"""A PostgreSQL server for tests, of its own."""

import contextlib
import itertools
import os
import subprocess
from pathlib import Path

from ports import free_port
from server_database import ServerDatabase

# Ends the server when the process of the tests ends, however that does.
SCRIPT = r"""
set -eu
cd /
programs=$1 port=$2
shift 2
directory=$(mktemp -d -t regctl-test-postgresql.XXXXXX)
server=
trap '[ -z "$server" ] || { kill -QUIT "$server"; wait "$server" || :; }
  rm -rf "$directory"' EXIT
trap "" INT TERM HUP
"$programs/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
  --no-sync >"$directory/log" 2>&1 || { tr '\n' ' ' <"$directory/log"; exit 1; }
printf '%s\n' "port = $port" "unix_socket_directories = '$directory'" \
  "listen_addresses = '127.0.0.1'" 'fsync = off' 'max_connections = 150' \
  'shared_buffers = 32MB' "$@" >>"$directory/data/postgresql.conf"
"$programs/postgres" -D "$directory/data" >>"$directory/log" 2>&1 &
server=$!
until "$programs/psql" -XAtqc '' -h "$directory" -p "$port" -U postgres 2>/dev/null; do
  kill -0 "$server" 2>/dev/null || { tr '\n' ' ' <"$directory/log"; exit 1; }
  sleep 0.05
done
echo "$directory"
read -r _ || :
"""


def programs() -> Path:
    """The directory of the server's programs: REGCTL_TEST_POSTGRESQL_BIN, or the newest version's."""
    if chosen := os.environ.get("REGCTL_TEST_POSTGRESQL_BIN"):
        return Path(chosen)
    versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max(versions, key=lambda path: int(path.parts[4])).parent


class PostgreSQLServer:
    """A server with its data in a temporary directory, a socket there and a port on loopback.

    Everybody logs in without a password; the superuser is `postgres`. The server ends with its
    owner, or with the process of the tests.
    """

    def __init__(self, *settings: str) -> None:
        """Starts a server with further lines of `postgresql.conf`."""
        self.port = free_port()
        # The server refuses to run as root.
        user = {"user": "postgres", "group": "postgres", "extra_groups": ()}
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", SCRIPT, "server", programs(), str(self.port), *settings],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            **(user if os.geteuid() == 0 else {}),
        )
        line = self._process.stdout.readline()
        assert line.startswith("/"), line
        self.directory = Path(line.rstrip("\n"))
        self._numbers = itertools.count(1)

    def stop(self) -> None:
        self._process.communicate()

    def new_database(self, template: str = "template0") -> ServerDatabase:
        """Creates an empty database, or a copy of one to which no session is connected."""
        database = ServerDatabase(self, f"test_{next(self._numbers)}")
        self.create(database.name, template)
        return database

    def create(self, name: str, template: str) -> None:
        """Creates a database as a copy; files are copied faster than their changes are logged."""
        with contextlib.closing(ServerDatabase(self, "postgres").connect()) as connection:
            (version,) = connection.execute("SHOW server_version_num").fetchone()
            # Before version 15 there is no other way.
            strategy = "STRATEGY file_copy" if int(version) >= 150_000 else ""
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {strategy}")

    def execute(self, statement: str) -> None:
        """Runs a statement that is about the server's databases or users."""
        with contextlib.closing(ServerDatabase(self, "postgres").connect()) as connection:
            connection.execute(statement)
