"""A PostgreSQL server for tests, of its own."""

import csv
import io
import json
import os
import re
import socket
import subprocess
from pathlib import Path

# Ends the server when the process of the tests ends, however that does.
SCRIPT = r"""
set -eu
cd /
programs=$1 port=$2
shift 2
directory=$(mktemp -d /tmp/regctl-test-postgresql.XXXXXX)
server=
trap '[ -z "$server" ] || { kill -QUIT "$server"; wait "$server" || :; }
  rm -rf "$directory"' EXIT
trap "" INT TERM HUP
"$programs/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
  --no-sync >"$directory/log" 2>&1 || { tr '\n' ' ' <"$directory/log"; exit 1; }
printf '%s\n' "port = $port" "unix_socket_directories = '$directory'" \
  "listen_addresses = '127.0.0.1'" 'fsync = off' 'max_connections = 60' \
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
    """The directory of the newest version's programs."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max(versions, key=lambda path: int(path.parts[4])).parent


def free_port() -> int:
    """A port that no process listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


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
        self._count = 0

    def stop(self) -> None:
        self._process.communicate()

    def new_database(self) -> str:
        """Creates an empty database and returns its name."""
        self._count += 1
        name = f"test_{self._count}"
        self.execute("postgres", f"CREATE DATABASE {name}")
        return name

    def url(self, database: str, user: str = "postgres") -> str:
        """The address of a database, for regctl and for SQLAlchemy."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def execute(self, database: str, statements: str, *, user: str = "postgres") -> str:
        """Runs statements, which must succeed, and returns what the last one prints."""
        line = ["psql", "-Xqv", "ON_ERROR_STOP=1", "--csv", "-t", self.url(database, user)]
        result = subprocess.run(
            line, input=statements, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
        )
        assert result.returncode == 0, (statements, result.stderr)
        return result.stdout

    def query(self, database: str, statement: str, *values: object) -> list[tuple]:
        """Runs a statement with a `?` for each value, and returns the rows of a query."""
        rest = iter(values)
        text = re.sub(r"\?", lambda _: literal(next(rest)), statement)
        if not re.match(r"\s*(SELECT|WITH|TABLE|VALUES)\b", text):
            self.execute(database, text)
            return []
        output = self.execute(database, f"SELECT coalesce(json_agg(r), '[]') FROM ({text}) r")
        ((rows,),) = csv.reader(io.StringIO(output))
        return json.loads(rows, object_pairs_hook=lambda pairs: tuple(value for _, value in pairs))


def literal(value: object) -> str:
    """A value as SQL has it."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)
