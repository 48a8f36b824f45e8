"""X2: no secret is visible while mail is sent."""

import base64
import contextlib
import quopri
import re
import ssl
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
import trustme

from Campaigns.database import connected
from Campaigns.deliver_kills.deliverers import Run, with_mail, wrong
from Campaigns.marked_secrets.search import traces
from Campaigns.recording_server import Halt, RecordingServer
from regctl import BINARY, Site

USERNAME, PASSWORD = "regctl", "MARKERsmtpPASSWORDmarker"
SECRET_KEY = "MARKERsecretKEYmarker0123456789abcdef"
VERBOSE = pytest.mark.parametrize("words", [["-v"], ["-v", "--json"]], ids=["text", "json"])
TOKEN = re.compile(rb"https://app\.example/confirm/([\w.-]+)")


def secrets_of(server: RecordingServer) -> dict[str, bytes]:
    """The markers, and the tokens that were mailed, whole and their signatures."""
    secrets = {"key": SECRET_KEY.encode(), "password": PASSWORD.encode()}
    secrets["PLAIN"] = f"\0{USERNAME}\0{PASSWORD}".encode()
    for number, mail in enumerate(server.mails):
        token = TOKEN.search(quopri.decodestring(mail))[1]
        secrets[f"token {number}"] = token
        secrets[f"signature {number}"] = token.rpartition(b".")[2]
    return secrets


def files_of(site: Site) -> dict[str, bytes]:
    """Every file of a site, the database and its log among them, but for those with the secrets."""
    own = {site.key_file, site.settings["mail_password_file"]}
    paths: Iterable[Path] = set(site.directory.rglob("*")) - own
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def surroundings(process: subprocess.Popen) -> dict[str, bytes]:
    """The information about a process that every user can read, and its environment."""
    proc = Path(f"/proc/{process.pid}")
    return {name: (proc / name).read_bytes() for name in ("cmdline", "environ", "comm")}


@contextlib.contextmanager
def secret_site(new_site: Callable, **settings: object) -> Iterator[tuple[Site, RecordingServer]]:
    """A site with marked secrets and three mails, and a server with TLS that asks for the password."""
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with RecordingServer(tls) as server:
        site = new_site()
        site.key_file.write_text(SECRET_KEY + "\n")
        password_file = site.directory / "smtp-password"
        password_file.write_text(PASSWORD + "\n")
        password_file.chmod(0o600)
        authority.cert_pem.write_to_path(site.directory / "authority.pem")
        own = {
            "mail_security": "tls",
            "mail_ca_file": site.directory / "authority.pem",
            "mail_username": USERNAME,
            "mail_password_file": password_file,
            "mail_connections": 1,
        }
        yield with_mail(site, server, 3, **(own | settings)), server


@VERBOSE
def test_no_secret_is_seen_while_mail_is_sent(new_site, words):
    with secret_site(new_site) as (site, server):
        # At the last mail the log is full of what was recorded.
        server.on_step = halt = Halt("dot", skip=2, drop=False)
        with Run(site, [BINARY, "deliver", *words]) as run:
            halt.wait()
            places = surroundings(run.process) | {
                f"{name} while it ran": content for name, content in files_of(site).items()
            }
            halt.lift()
            assert run.end() == 0, run.errors
        places |= files_of(site) | {"stdout": run.output, "stderr": run.errors}
        assert wrong(site, server) == []
        # It was there to be seen: the password was used, and each mail had a token.
        assert b"".join(server.credentials).endswith(PASSWORD.encode())
        assert len(secrets_of(server)) == 3 + 2 * 3
        assert traces(secrets_of(server), places) == []
        assert {"regctl.db-wal while it ran", "environ", "stdout"} <= places.keys()


REFUSALS = {
    "AUTH": (b"535 5.7.8 name or password refused", 69),
    "connect": (b"421 4.3.2 not now", 69),
    "MAIL": (b"550 5.7.1 sender refused", 69),
    "RCPT": (b"450 4.2.1 recipient busy", 75),
    "dot": (b"554 5.6.0 content refused", 69),
}


@VERBOSE
@pytest.mark.parametrize("step", REFUSALS)
def test_no_secret_is_seen_when_the_server_refuses(new_site, step, words):
    with secret_site(new_site) as (site, server):
        server.replies[step], exit_code = REFUSALS[step]
        with Run(site, [BINARY, "deliver", *words]) as run:
            assert run.end() == exit_code, run.errors
        places = files_of(site) | {"stdout": run.output, "stderr": run.errors}
        assert traces(secrets_of(server), places) == []


def test_no_secret_is_seen_when_the_password_would_leave_in_clear(new_site):
    with secret_site(new_site, mail_security="none") as (site, server):
        with Run(site, [BINARY, "deliver", "-v"]) as run:
            assert run.end() == 78, run.errors
        places = files_of(site) | {"stdout": run.output, "stderr": run.errors}
        assert traces(secrets_of(server), places) == []
        assert server.credentials == []


def test_the_search_for_secrets_finds_them(new_site):
    """The control: a program that gets its secrets by argument and environment, and records a token."""
    with secret_site(new_site) as (site, server):
        server.mails.append(b"https://app.example/confirm/InBheWxvYWQi.aAbBcC.c2lnbmF0dXJl=\r\n")
        secrets = secrets_of(server)
        with connected(site.db) as connection:
            reply = f"refused: {secrets['token 0'].decode()}"
            connection.execute("UPDATE regctl_outbox SET last_reply = ? WHERE id = 1", (reply,))
            during = files_of(site)
        line = ["sh", "-c", "echo ready; read go", "sh", base64.b64encode(secrets["PLAIN"]).decode()]
        environment, pipe = {"KEY": SECRET_KEY}, subprocess.PIPE
        with subprocess.Popen(line, env=environment, stdin=pipe, stdout=pipe) as careless:
            careless.stdout.readline()
            places = surroundings(careless) | during
            careless.stdin.close()
        found = traces(secrets, places)
    assert {"key in environ", "PLAIN in cmdline", "token 0 in regctl.db-wal"} <= set(found)
