"""The mail server of the tests, and the mails that it took, ready to be read."""

import email
import email.policy
import re
from dataclasses import dataclass

from Campaigns.recording_server import RecordingServer


@dataclass
class Mail:
    """A received mail: its recipient, and the first link of its HTML text, or none."""

    to: str
    subject: str
    link: str

    @classmethod
    def parse(cls, data: bytes) -> "Mail":
        message = email.message_from_bytes(data, policy=email.policy.default)
        text = message.get_body(("html",)).get_content()
        link = re.search(r'href="(.*?)"', text)
        return cls(message["To"], message["Subject"], link[1] if link else "")


class MailSink(RecordingServer):
    """Takes every mail on a free port of loopback."""

    @property
    def received(self) -> list[Mail]:
        """The mails so far, oldest first."""
        return [Mail.parse(data) for data in self.mails]

    def link(self, address: str) -> str:
        """The link in the newest mail to an address."""
        return [mail.link for mail in self.received if mail.to == address][-1]
