"""The ways of submitting mail, and the result of one mail."""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from Peers.mail_servers import MailServer
from Peers.mails import outbox

NAME = "Büro für Ünïcode"
SENDER = f"{NAME} <accounts@app.example>"
MODES = ["none", "starttls", "tls", "starttls-auth", "tls-auth"]
SMTP_PEERS = [
    *[("postfix", mode) for mode in MODES],
    *[("exim", mode) for mode in MODES],
    *[("aiosmtpd", mode) for mode in [*MODES, "tls-login"]],
    ("smtp_sink", "none"),
]
PROGRAMS = [("sendmail", ""), ("msmtp", "none"), ("msmtp", "starttls"), ("msmtp", "tls-auth")]
AUTH_PEERS = [peer for peer in SMTP_PEERS if peer[1].endswith(("-auth", "-login"))]
BYTE_KEEPERS = [peer for peer in SMTP_PEERS if peer[0] == "aiosmtpd"]


@dataclass
class Peer:
    """Settings that make mail go by way of a peer, and the server where it comes out."""

    settings: dict[str, object]
    server: MailServer


def peers(ways: list[tuple[str, str]]):
    """Runs a test with each way of handing in mail."""
    names = ["-".join(filter(None, way)) for way in ways]
    return pytest.mark.parametrize("peer", ways, ids=names, indirect=True)


def program_settings(path: Path) -> dict[str, object]:
    return {"mail_transport": "sendmail", "sendmail_path": path, "mail_timeout": "20s"}


def register(site, address: str = "ann@example.org") -> None:
    site.ok("register", "--no-password", "--", address)


def only_row(site) -> dict:
    (row,) = outbox(site)
    return row


def identity(row: dict) -> str:
    """The Message-ID of a row without angle brackets."""
    return row["message_id"].removeprefix("<").removesuffix(">")


def deliver(site) -> tuple[int, dict, dict | None]:
    """Delivers, and returns the exit code, the summary and the error."""
    result = site.run("deliver", "--json")
    error = json.loads(result.stderr.splitlines()[-1])["error"] if result.returncode else None
    return result.returncode, json.loads(result.stdout), error


def delivered(site) -> dict:
    """Delivers the only mail, which must be accepted, and returns its row."""
    exit_code, summary, _ = deliver(site)
    assert (exit_code, summary["sent"], summary["deferred"], summary["failed"]) == (0, 1, 0, 0)
    row = only_row(site)
    assert (row["state"], row["attempts"], row["possible_duplicate"]) == ("sent", 1, False)
    assert [result["state"] for result in summary["results"]] == ["sent"]
    return row


def deferred(site) -> dict:
    """Delivers the only mail, which must be put off by a minute, and returns its row."""
    exit_code, summary, error = deliver(site)
    assert (exit_code, error["code"]) == (75, "mail_deferred")
    assert (summary["sent"], summary["deferred"], summary["failed"]) == (0, 1, 0)
    row = only_row(site)
    assert (row["state"], row["attempts"]) == ("queued", 1)
    wait = datetime.fromisoformat(row["next_attempt_at"]).timestamp() - time.time()
    assert 50 < wait <= 67
    return row


def arrived(site, peer: Peer) -> tuple[bytes, dict]:
    """The only mail of a site as the peer has it, and its row."""
    register(site)
    row = delivered(site)
    return peer.server.mail(identity(row)), row
