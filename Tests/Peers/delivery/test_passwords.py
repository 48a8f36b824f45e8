"""Passwords of mail servers: wrong ones, right ones, and that none is visible."""

import base64
import contextlib
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from Peers.delivery.peers import AUTH_PEERS, deliver, delivered, identity, only_row, peers, register
from Peers.mail_servers import PASSWORD, USERNAME, wait_until
from regctl import BINARY


@peers(AUTH_PEERS)
def test_a_wrong_password_stops_the_run_and_charges_no_mail(made_site, peer):
    site = made_site(**peer.settings)
    register(site)
    arrivals = len(peer.server.mails())
    site.settings["mail_password_file"].write_text(PASSWORD + "x\n")
    exit_code, summary, error = deliver(site)
    assert (exit_code, error["code"]) == (69, "mail_unavailable")
    assert (summary["sent"], summary["deferred"], summary["failed"]) == (0, 0, 0)
    row = only_row(site)
    assert (row["state"], row["attempts"]) == ("queued", 0)
    assert datetime.fromisoformat(row["next_attempt_at"]).timestamp() <= time.time()
    assert row["possible_duplicate"] is False
    assert len(peer.server.mails()) == arrivals


@peers(AUTH_PEERS)
def test_the_right_password_lets_the_same_mail_in_later(made_site, peer):
    site = made_site(**peer.settings)
    register(site)
    file = site.settings["mail_password_file"]
    file.write_text("wrong\n")
    assert deliver(site)[0] == 69
    file.write_text(PASSWORD + "\n")
    assert peer.server.mail(identity(delivered(site)))


def test_a_user_name_without_encryption_is_a_wrong_configuration(made_site, servers):
    settings = servers.aiosmtpd.settings("tls-auth") | servers.smtp_sink.settings("none")
    site = made_site(**settings)
    register(site)
    arrivals = len(servers.smtp_sink.mails())
    exit_code, error = site.error("deliver")
    assert (exit_code, error["code"]) == (78, "config_error")
    assert only_row(site)["attempts"] == 0
    assert len(servers.smtp_sink.mails()) == arrivals


def traces(data: bytes) -> list[bytes]:
    """What there is of the password in some bytes: as it is, and in base64 wherever it begins."""
    secret = PASSWORD.encode()
    forms = [secret, secret.hex().encode()]
    for shift in range(3):
        # Without the ends, which depend on what stands beside it.
        forms.append(base64.b64encode(b"\0" * shift + secret)[4:-4])
    login = f"\0{USERNAME}\0{PASSWORD}".encode()
    return [form for form in [*forms, base64.b64encode(login)] if form in data]


def files_below(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())


def test_the_search_for_the_password_finds_it():
    login = f"\0{USERNAME}\0{PASSWORD}".encode()
    assert len(traces(base64.b64encode(login))) >= 2
    for prefix in ("", "x", "xy"):
        assert traces(base64.b64encode(f"{prefix}{PASSWORD} and more".encode()))
    assert traces(f"password={PASSWORD}\0".encode())


@peers(AUTH_PEERS)
@pytest.mark.parametrize("password", [PASSWORD, PASSWORD + "x"], ids=["right", "wrong"])
def test_the_password_is_in_no_output_and_no_file(made_site, peer, password):
    site = made_site(**peer.settings)
    register(site)
    site.settings["mail_password_file"].write_text(password + "\n")
    shown = b""
    for words in (
        ["deliver", "--dry-run"], ["deliver", "--verbose"], ["deliver", "--json", "--verbose"],
        ["list-outbox", "--json"], ["show", "ann@example.org"], ["config"], ["config", "--json"],
    ):
        result = site.run(*words)
        shown += result.stdout + result.stderr
    assert traces(shown) == []
    assert traces(files_below(site.directory)) == []


@pytest.mark.parametrize("mode", ["starttls-auth", "tls-auth", "tls-login"])
def test_the_password_is_not_to_be_seen_from_outside_while_it_is_used(made_site, servers, mode):
    keeper = servers.aiosmtpd.keeper
    site = made_site(**servers.aiosmtpd.settings(mode))
    register(site)
    with held(keeper), delivering(site) as process:
        wait_until(keeper.waiting.is_set, "the end of the mail")
        own = Path(f"/proc/{process.pid}")
        seen = [(own / name).read_bytes() for name in ("cmdline", "environ")]
        assert str(site.directory).encode() in seen[1]
        assert traces(b"\n".join(seen)) == []
        assert traces(files_below(site.directory)) == []
        keeper.open.set()
    assert process.returncode == 0
    assert only_row(site)["state"] == "sent"


@contextlib.contextmanager
def held(keeper) -> Iterator[None]:
    """Lets every sender wait for the last answer, at most until the block ends."""
    keeper.waiting.clear()
    keeper.open.clear()
    try:
        yield
    finally:
        keeper.open.set()


@contextlib.contextmanager
def delivering(site) -> Iterator[subprocess.Popen]:
    """A delivery under way, which is waited for when the block ends well."""
    process = subprocess.Popen([BINARY, "deliver", "--quiet"], env=site.environment)
    try:
        yield process
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.wait(60)
