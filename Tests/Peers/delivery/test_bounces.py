"""A mail to an unknown user at a second server comes back by a pipe into `regctl bounce`."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from Peers.bounces import KNOWN, RELAYS, SENDER, server_behind, wait_until
from Peers.mail_servers import NOBODY
from Peers.mails import outbox
from regctl import Site


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that all users can enter."""
    directory = Path(tempfile.mkdtemp(prefix="regctl-bounces."))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def shared_site(directory: Path, port: int) -> Site:
    """A site whose configuration is root's, and whose database belongs to the user of the alias."""
    etc, data = directory / "site", directory / "data"
    for path in (etc, data):
        path.mkdir()
    os.chown(data, NOBODY, NOBODY)
    site = Site(
        etc, db=data / "regctl.db", secret_key_file=etc / "secret.key", mail_transport="smtp",
        mail_server="127.0.0.1", mail_port=port, mail_security="none", mail_envelope_sender=SENDER,
    )
    site.db = data / "regctl.db"
    (etc / "regctl.conf").chmod(0o644)
    site.ok("create-db")
    return site


@pytest.mark.parametrize("relay", RELAYS)
def test_a_mail_to_an_unknown_user_bounces(place, relay):
    configuration = place / "site" / "regctl.conf"
    with (
        server_behind(place / "behind") as onward,
        RELAYS[relay](place / "relay", onward, configuration) as port,
    ):
        site = shared_site(place, port)
        site.ok("register", KNOWN, "--no-password")
        site.ok("register", "nobody@example.org", "--no-password")
        assert site.json("deliver")["sent"] == 2
        wait_until(
            lambda: {row["email"]: row["state"] for row in outbox(site)}["nobody@example.org"] == "bounced",
            "the report",
        )
        (report,) = site.json("list-bounces")["bounces"]
        assert (report["email"], report["result"]) == ("nobody@example.org", "bounced")
        assert report["status"].startswith("5.1.1")
        assert report["suppressed"]
        assert "User unknown" in report["reply"]
        assert report["reporter"] == "relay.test"
        code, error = site.error("resend", "nobody@example.org")
        assert (code, error["code"]) == (1, "bounced")
        states = {row["email"]: row["state"] for row in outbox(site)}
        assert states == {KNOWN: "sent", "nobody@example.org": "bounced"}
        mails = list((place / "behind" / "sink").glob("Maildir/new/*"))
        (mail,) = [path.read_bytes() for path in mails]
        assert b"\nX-Regctl-Mail: 1." in mail
