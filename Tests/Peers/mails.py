"""What Python's own parser reads in a mail."""

import email
import email.policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser

STRICT = email.policy.default.clone(raise_on_defect=True)


class LinkReader(HTMLParser):
    """Collects the targets of links, and the texts of elements that look like a link."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.targets += [value for name, value in attributes if tag == "a" and name == "href"]

    def handle_data(self, data: str) -> None:
        if data.strip().startswith("http"):
            self.texts.append(data.strip())


def parse(content: bytes) -> EmailMessage:
    """A mail, each header of which is well-formed."""
    mail = email.message_from_bytes(content, policy=STRICT)
    for part in mail.walk():
        assert part.defects == []
        for name, value in part.items():
            assert value.defects == (), name
    return mail


def display_name(content: bytes) -> str:
    """The name of the sender, by the older decoder.

    The newer one of Python 3.11 puts a blank between two encoded words of a name.
    """
    name, _ = parseaddr(email.message_from_bytes(content)["From"])
    return str(make_header(decode_header(name)))


def part(mail: EmailMessage, kind: str) -> str:
    return mail.get_body((kind,)).get_content()


def links(mail: EmailMessage) -> set[str]:
    """Every link in either part; there should be one."""
    reader = LinkReader()
    reader.feed(part(mail, "html"))
    assert reader.targets and reader.texts
    plain = [line for line in part(mail, "plain").splitlines() if line.startswith("http")]
    assert len(plain) == 1
    return {*reader.targets, *reader.texts, *plain}


def outbox(site) -> list[dict]:
    return site.json("list-outbox")["mails"]
