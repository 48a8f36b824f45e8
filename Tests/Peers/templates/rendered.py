"""The built-in mails in every language, as the program sends them and as it shows them."""

import json
import mailbox
from email.message import EmailMessage
from pathlib import Path

from Peers.mails import parse
from regctl import Site

KINDS = ["confirm", "reset", "change-email", "changed-notice", "invite", "reminder"]
LANGUAGES = ["en", "de", "fr", "es"]
LINKS = {
    f"{name}_url": f"https://accounts.example.com/{name}/{{token}}"
    for name in ("confirm", "reset", "change_email", "invite")
}
SENDER = "Example <accounts@app.example>"


def shown(site: Site, kind: str, language: str) -> dict[str, str]:
    """Subject and both parts of a mail with sample data."""
    return json.loads(site.ok("show-template", kind, "--lang", language, "--json"))


def sent(site: Site, language: str, directory: Path) -> Path:
    """An mbox with a mail of every kind in a language."""
    site.ok("create-db")
    for name in ("ann", "bob", "uwe"):
        site.ok("register", f"{name}@example.org", "--no-password")
    site.ok("deliver")
    site.ok("register", "eva@example.org", "--invite")
    site.ok("resend", "uwe@example.org", "--force", "--template", "reminder")
    site.ok("confirm", "--email", "bob@example.org", "--reason", "called")
    site.ok("change-email", "bob@example.org", "eve@example.org")
    site.ok("reset-password", "bob@example.org")
    site.ok("resend", "ann@example.org", "--force")
    box = directory / f"{language}.mbox"
    box.write_text(
        site.ok(
            "deliver",
            environment={"REGCTL_MAIL_TRANSPORT": "stdout", "REGCTL_MAIL_LANGUAGE": language},
        )
    )
    return box


def mails(box: Path) -> list[EmailMessage]:
    return [parse(message.as_bytes()) for message in mailbox.mbox(box)]
