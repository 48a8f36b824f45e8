"""The server proves who it is, and regctl proves who its user is."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.secure_cluster import SECRET, SecureCluster, client_files
from Campaigns.postgresql.server_site import ServerSite
from ports import free_port

UNAVAILABLE = (69, "db_unavailable")


@pytest.fixture(scope="module")
def secure(server: Cluster) -> Iterator[SecureCluster]:
    if server.rows("SHOW ssl_library") == [""]:
        pytest.skip("a server that was built without TLS")
    server = SecureCluster()
    try:
        server.create()
        server.ask("CREATE USER ann SUPERUSER")
        yield server
    finally:
        server.remove()


@pytest.fixture
def site(secure: SecureCluster, tmp_path: Path) -> ServerSite:
    site = ServerSite(tmp_path, secure)
    site.ok("create-db")
    site.root = tmp_path / "root.crt"
    secure.authority.cert_pem.write_to_path(str(site.root))
    site.environment |= {"HOME": str(tmp_path)}
    return site


def named(site: ServerSite, names: str) -> dict[str, str]:
    """An environment in which names are those of this machine."""
    hosts = site.directory / "hosts"
    hosts.write_text(f"127.0.0.1 {names}\n")
    return {"LD_PRELOAD": "libnss_wrapper.so", "NSS_WRAPPER_HOSTS": str(hosts)}


def works(site: ServerSite, address: str, **environment: str) -> None:
    site.ok("list-admins", environment={"REGCTL_DB": address} | environment)


def refusal(site: ServerSite, address: str, **environment: str) -> str:
    """The message of the error, which must be about the connection."""
    variables = {"REGCTL_DB": address} | environment
    before = site.value("SELECT count(*) FROM users")
    code, error = site.error("register", "ann@example.org", "--no-password", environment=variables)
    assert (code, error["code"]) == UNAVAILABLE, error
    assert f"{site.database} on " in error["message"], error
    assert site.value("SELECT count(*) FROM users") == before
    return error["message"]


# The server.


def test_a_host_with_the_right_certificate_is_trusted(site: ServerSite, secure: SecureCluster):
    full = f"sslmode=verify-full&sslrootcert={site.root}"
    works(site, f"{secure.tls_address(site.database)}?{full}")
    # Another host than this one needs no word about it, and finds the authority in its usual place.
    address = secure.tls_address(site.database, "db.example")
    works(site, f"{address}?sslrootcert={site.root}", **named(site, "db.example"))
    place = site.directory / ".postgresql"
    place.mkdir()
    site.root.rename(place / "root.crt")
    works(site, address, **named(site, "db.example"))


def test_a_host_without_a_known_authority_is_not_trusted(site: ServerSite, secure: SecureCluster):
    address = secure.tls_address(site.database, "db.example")
    assert "root.crt" in refusal(site, address, **named(site, "db.example"))


def test_the_certificate_of_another_name_is_refused(site: ServerSite, secure: SecureCluster):
    address = secure.tls_address(site.database, "other.example") + f"?sslrootcert={site.root}"
    said = refusal(site, address, **named(site, "other.example"))
    assert "other.example" in said and "certificate" in said
    # Also by its address, with a name that the resolver does not know.
    full = f"sslmode=verify-full&sslrootcert={site.root}"
    address = secure.tls_address(site.database, "other.example")
    said = refusal(site, f"{address}?hostaddr=127.0.0.1&{full}")
    assert "other.example" in said and "certificate" in said


def test_the_certificate_of_an_unknown_authority_is_refused(site: ServerSite, secure: SecureCluster):
    trustme.CA().cert_pem.write_to_path(str(site.root))
    address = secure.tls_address(site.database, "db.example") + f"?sslrootcert={site.root}"
    assert "certificate verify failed" in refusal(site, address, **named(site, "db.example"))


def test_an_expired_certificate_is_refused(site: ServerSite, secure: SecureCluster):
    address = secure.tls_address(site.database, "db.example") + f"?sslrootcert={site.root}"
    environment = named(site, "db.example")
    works(site, address, **environment)
    secure.present(secure.authority, days=-1)
    secure.ask("SELECT pg_reload_conf()")
    try:
        limit = time.monotonic() + 20
        while site.run("list-admins", environment=environment | {"REGCTL_DB": address}).returncode == 0:
            assert time.monotonic() < limit
        assert "certificate verify failed" in refusal(site, address, **environment)
    finally:
        secure.present(secure.authority)
        secure.ask("SELECT pg_reload_conf()")
    while site.run("list-admins", environment=environment | {"REGCTL_DB": address}).returncode != 0:
        assert time.monotonic() < limit


def test_a_server_without_tls_is_refused(server_site: ServerSite):
    server_site.environment |= named(server_site, "db.example")
    authority = server_site.directory / "ca.crt"
    trustme.CA().cert_pem.write_to_path(str(authority))
    address = f"postgresql://postgres@db.example:{server_site.server.port}/{server_site.database}"
    said = refusal(server_site, f"{address}?sslrootcert={authority}")
    assert "server does not support SSL" in said


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_no_other_host_may_do_without(site: ServerSite, secure: SecureCluster, mode: str):
    address = f"{secure.tls_address(site.database, 'db.example')}?sslmode={mode}"
    variables = named(site, "db.example") | {"REGCTL_DB": address}
    code, error = site.error("list-admins", environment=variables)
    assert (code, error["code"]) == (78, "config_error")
    assert "the certificate of 'db.example'" in error["message"]
    # A variable of libpq or a service may do so no more. There, the default of libpq is no wish.
    expected = UNAVAILABLE if mode == "prefer" else (78, "config_error")
    services = site.directory / "services"
    services.write_text(
        f"[app]\nhost=db.example\nport={secure.port}\ndbname={site.database}\nuser=ann\nsslmode={mode}\n"
    )
    for asked in [
        {"REGCTL_DB": secure.tls_address(site.database, "db.example"), "PGSSLMODE": mode},
        {"REGCTL_DB": "service=app", "PGSERVICEFILE": str(services)},
    ]:
        code, error = site.error("list-admins", environment=variables | asked)
        assert (code, error["code"]) == expected, error


# The user.


def test_a_client_certificate_lets_its_user_in(site: ServerSite, secure: SecureCluster):
    address = f"{secure.tls_address(site.database, user='certain')}?sslmode=verify-full"
    address += f"&sslrootcert={site.root}"
    works(site, f"{address}&{client_files(secure.authority, site.directory, 'certain')}")
    said = refusal(site, f"{address}&{client_files(secure.authority, site.directory, 'eve')}")
    assert "certificate authentication failed" in said
    said = refusal(site, f"{address}&{client_files(trustme.CA(), site.directory, 'certain')}")
    assert "unknown ca" in said
    assert "requires a valid client certificate" in refusal(site, address)


def test_the_user_of_the_operating_system_needs_no_password(site: ServerSite, secure: SecureCluster):
    works(site, secure.address(site.database, "peer"))
    said = refusal(site, secure.address(site.database, "stranger"))
    assert "Peer authentication failed" in said


@pytest.mark.parametrize("user", ["scrambled", "hashed"])
def test_a_password_comes_from_a_file(site: ServerSite, secure: SecureCluster, user: str):
    address = secure.tls_address(site.database, user=user)
    assert "password" in refusal(site, address)
    passwords = site.directory / ".pgpass"
    passwords.write_text(f"localhost:{secure.port}:*:{user}:{SECRET}\n")
    passwords.chmod(0o600)
    works(site, address)
    # A file that others can read is not used.
    passwords.chmod(0o644)
    assert SECRET not in refusal(site, address)
    file = site.directory / "db.password"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    works(site, address, REGCTL_DB_PASSWORD_FILE=str(file))
    file.write_text("open barley\n")
    said = refusal(site, address, REGCTL_DB_PASSWORD_FILE=str(file))
    assert "password authentication failed" in said and "barley" not in said


# Several hosts.


def test_a_host_that_is_down_is_passed_over(server_site: ServerSite):
    server = server_site.server
    hosts = f"127.0.0.1:{free_port()},127.0.0.1:{server.port}"
    works(server_site, f"postgresql://postgres@{hosts}/{server_site.database}")
    works(
        server_site,
        f"postgresql://postgres@{hosts}/{server_site.database}?target_session_attrs=read-write",
    )


def test_a_host_that_does_not_answer_is_passed_over(server_site: ServerSite):
    """As when its machine has lost power, or its process is stopped."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hosts = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1:{server_site.server.port}"
        address = f"postgresql://postgres@{hosts}/{server_site.database}?sslmode=disable"
        works(server_site, address)


def test_all_hosts_are_named_when_none_answers(server_site: ServerSite):
    hosts = f"127.0.0.1:{free_port()},127.0.0.1:{free_port()}"
    code, error = server_site.error("list-admins", "--db", f"postgresql://{hosts}/app")
    assert (code, error["code"]) == UNAVAILABLE
    assert error["message"].startswith(f"cannot connect to app on {hosts}: ")
