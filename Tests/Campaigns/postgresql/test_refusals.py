"""What is refused about a server, and how."""

import os
import socket
import subprocess
import threading
import time

import pytest

from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.server_site import ServerSite
from ports import free_port
from regctl import BINARY

SHOW = ["show", "ann@example.org"]


@pytest.fixture(scope="module")
def secretive(server: Cluster) -> Cluster:
    """The server, with a user who has a password."""
    server.ask("CREATE USER secretive PASSWORD 'open sesame'")
    return server


def refusal(site: ServerSite, *words: object, db: str | None = None, **environment: str):
    variables = ({"REGCTL_DB": db} if db else {}) | environment
    code, error = site.error(*(words or SHOW), environment=variables)
    return code, error["code"], error["message"]


@pytest.mark.parametrize(
    "address, code, message",
    [
        ("postgresql://ann:secret@127.0.0.1/app", "config_error", "the address contains a password"),
        ("postgresql://127.0.0.1/app?password=secret", "config_error", "the address contains a password"),
        ("postgresql://127.0.0.1/app?options=-cx%3Dsecret", "config_error", "the parameter options"),
        ("postgresql://127.0.0.1/app?sslkeylogfile=secret", "config_error", "the parameter sslkeylogfile"),
        ("postgresql://db.example/app?sslmode=require", "config_error", "the certificate of 'db.example'"),
        ("service=a b secret", "config_error", "not the name of a service"),
    ],
)
def test_what_an_address_must_not_have(server_site, address, code, message):
    exit_code, found, said = refusal(server_site, db=address)
    assert (exit_code, found) == (78, code) and message in said
    assert "secret" not in said
    # The same word as an option is a mistake in the command line.
    if "certificate" not in message:
        result = server_site.run(*SHOW, "--db", address)
        assert result.returncode == 64 and b"secret" not in result.stderr


def test_a_server_that_does_not_run(server_site):
    address = f"postgresql://127.0.0.1:{free_port()}/app"
    code, name, said = refusal(server_site, db=address)
    assert (code, name) == (69, "db_unavailable")
    assert said.startswith("cannot connect to app on 127.0.0.1:") and "refused" in said


def test_a_database_that_is_not_there(server_site):
    address = server_site.settings["db"].replace(server_site.database, "nowhere")
    code, name, said = refusal(server_site, db=address)
    assert (code, name) == (69, "db_unavailable") and '"nowhere" does not exist' in said


def test_a_service_that_is_not_defined(server_site):
    code, name, said = refusal(server_site, db="service=nowhere")
    assert (code, name) == (69, "db_unavailable") and "nowhere" in said


def test_a_service_says_where_the_database_is(server_site, tmp_path):
    services = tmp_path / "services"
    services.write_text(
        f"[app]\nhost={server_site.server.directory}\nport={server_site.server.port}\n"
        f"dbname={server_site.database}\nuser=postgres\n"
    )
    variables = {"REGCTL_DB": "service=app", "PGSERVICEFILE": str(services)}
    server_site.ok("register", "ann@example.org", "--no-password", environment=variables)
    assert server_site.rows("SELECT email FROM users") == ["ann@example.org"]
    assert "service=app" in server_site.ok("config", environment=variables)


def test_variables_of_libpq_say_where_but_no_password_and_no_options(server_site, secretive):
    where = {
        "REGCTL_DB": "postgresql://", "PGHOST": str(secretive.directory), "PGPORT": str(secretive.port),
        "PGDATABASE": server_site.database, "PGUSER": "postgres",
        "PGOPTIONS": "-c search_path=nowhere", "PGDATESTYLE": "German",
    }
    server_site.ok("register", "bob@example.org", "--no-password", environment=where)
    assert server_site.rows("SELECT email FROM users") == ["bob@example.org"]
    by_password = where | {"PGHOST": "127.0.0.1", "PGUSER": "secretive", "PGPASSWORD": "open sesame"}
    code, name, said = refusal(server_site, **by_password)
    assert (code, name) == (69, "db_unavailable") and "password" in said


def test_the_password_comes_from_its_file(server_site, secretive, tmp_path):
    server_site.server.ask(
        "GRANT USAGE ON SCHEMA regctl TO secretive; GRANT SELECT ON ALL TABLES IN SCHEMA regctl TO"
        " secretive; GRANT SELECT ON users TO secretive", server_site.database,
    )
    file = tmp_path / "db.password"
    file.write_text("open sesame\n")
    file.chmod(0o600)
    variables = {
        "REGCTL_DB": f"postgresql://secretive@127.0.0.1:{secretive.port}/{server_site.database}",
        "REGCTL_DB_PASSWORD_FILE": str(file),
    }
    server_site.ok("list-admins", environment=variables)
    file.write_text("open barley\n")
    code, name, said = refusal(server_site, **variables)
    assert (code, name) == (69, "db_unavailable") and "password authentication failed" in said
    assert "barley" not in said
    file.chmod(0o644)
    assert refusal(server_site, **variables)[:2] == (78, "config_error")
    file.unlink()
    assert refusal(server_site, **variables)[:2] == (78, "config_error")
    pass_file = tmp_path / "pgpass"
    pass_file.write_text("*:*:*:secretive:open sesame\n")
    pass_file.chmod(0o600)
    del variables["REGCTL_DB_PASSWORD_FILE"]
    server_site.ok("list-admins", environment=variables | {"PGPASSFILE": str(pass_file)})


def test_config_shows_an_address_without_a_secret(server_site):
    shown = server_site.json("config")
    [db] = [row["value"] for row in shown["settings"] if row["key"] == "db"]
    assert db == server_site.settings["db"]


def test_a_newer_schema(server_site):
    server_site.server.ask("INSERT INTO regctl_schema VALUES (99, 0)", server_site.database)
    assert refusal(server_site)[:2] == (74, "schema_too_new")


def test_a_database_without_users(server_site):
    empty = server_site.server.new_database()
    code, name, said = refusal(server_site, db=server_site.server.address(empty))
    assert (code, name) == (74, "schema_missing") and f"{empty} on /" in said


def test_a_role_that_may_not_write(server_site):
    server_site.server.ask(
        "CREATE USER reader; GRANT USAGE ON SCHEMA regctl TO reader;"
        " GRANT SELECT ON ALL TABLES IN SCHEMA regctl TO reader; GRANT SELECT ON users TO reader",
        server_site.database,
    )
    address = server_site.server.address(server_site.database, "reader")
    server_site.ok("list-admins", environment={"REGCTL_DB": address})
    code, name, _ = refusal(server_site, "register", "ann@example.org", "--no-password", db=address)
    assert (code, name) == (77, "permission_denied")
    assert server_site.value("SELECT count(*) FROM users") == "0"


def test_without_libpq_there_is_a_clear_error(server_site):
    """Everything is hidden that the loader could find; a file needs none of it."""
    hidden = (
        "for library in /usr/lib/*/libpq.so.5*; do"
        ' mount --bind /dev/null "$library"; done; exec "$@"'
    )
    line = ["unshare", "-m", "sh", "-c", hidden, "sh", BINARY, *SHOW, "--json"]
    result = subprocess.run(line, env=server_site.environment, capture_output=True, text=True)
    assert result.returncode == 69, result
    assert '"code":"db_unavailable"' in result.stderr and "libpq5" in result.stderr


def test_the_program_needs_no_libpq_to_start():
    needed = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=True).stdout
    assert "libc.so" in needed
    assert "libpq" not in needed


def message(kind: bytes, content: bytes) -> bytes:
    """A message of the protocol, version 3."""
    return kind + (len(content) + 4).to_bytes(4) + content


class OtherProduct:
    """A server that lets everybody in and reports the parameters of another product."""

    def __init__(self, **parameters: str) -> None:
        self.greeting = message(b"R", bytes(4))
        for name, value in parameters.items():
            self.greeting += message(b"S", f"{name}\0{value}\0".encode())
        self.greeting += message(b"K", bytes(8)) + message(b"Z", b"I")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"postgresql://127.0.0.1:{self.listener.getsockname()[1]}/app?sslmode=disable"
        threading.Thread(target=self.greet, daemon=True).start()

    def greet(self) -> None:
        client, _ = self.listener.accept()
        client.recv(65536)
        client.sendall(self.greeting)
        client.recv(65536)
        client.close()


@pytest.mark.parametrize(
    "parameters, product",
    [
        ({"server_version": "13.0.0", "crdb_version": "CockroachDB CCL v25.4.0"}, "CockroachDB"),
        ({"server_version": "15.12-YB-2.25.2.0-b0"}, "YugabyteDB"),
        ({"server_version": "12.22"}, "PostgreSQL 12"),
    ],
)
def test_a_server_of_another_product_or_too_old(server_site, parameters, product):
    code, name, said = refusal(server_site, db=OtherProduct(**parameters).address)
    assert (code, name) == (78, "db_unavailable") and f" is {product}, which regctl" in said


def test_a_server_that_hangs_is_given_up(own_site):
    """SIGSTOP of the session's process, as a network that is gone: no answer, and no end."""
    site = own_site()
    server = site.server
    site.ok("register", "ann@example.org", "--no-password")
    os.kill(server.process.pid, 19)
    try:
        start = time.monotonic()
        code, name, said = refusal(site, "show", "ann@example.org", "--busy-timeout", "1s")
        assert (code, name) == (69, "db_unavailable") and "no connection within" in said
        assert time.monotonic() - start < 31
    finally:
        os.kill(server.process.pid, 18)
