"""Reports of mail that was accepted and not delivered, as relays write them (RFC 3464)."""

REPORT = """\
From: MAILER-DAEMON@relay.example
To: accounts@app.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail was not delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
{envelope}
Final-Recipient: rfc822; {email}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {code} {status} not delivered

--b
Content-Type: text/rfc822-headers

To: {email}
{identifiers}
--b--
"""


def delivery_report(number: int, message_id: str, email: str, status: str) -> str:
    """A report that identifies a mail by its ENVID."""
    identifier = f"{number}.{message_id.split('@')[0]}"
    return report(
        email, status, f"Original-Envelope-Id: {identifier}\n", f"X-Regctl-Mail: {identifier}\n")


def forged_report(email: str, status: str) -> str:
    """A report that identifies no mail."""
    return report(email, status, "", "")


def report(email: str, status: str, envelope: str, identifiers: str) -> str:
    action, code = ("delayed", "451") if status.startswith("4") else ("failed", "550")
    return REPORT.format(
        email=email, status=status, action=action, code=code, envelope=envelope,
        identifiers=identifiers)
