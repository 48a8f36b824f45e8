"""Lines that a server, a mailbox or a sloppy client would take for something else."""

import re
from pathlib import Path
from random import Random

from Peers.addresses import ATOM, word

# Lines that a server, a mailbox or a sloppy client would take for something else.
HAZARDS = """\
.{{ service_name }}
..
.
...dots
From {{ service_name }}
>From there
{{ service_name }}
 leading blank, trailing blanks   \t
=3D=2E =
{{ confirm_url }}
.{{ email }}.
MAIL FROM:<a@example.org>\t
"""


def hazards(random: Random) -> str:
    """A text with a link in it, of lines that are hard to carry."""
    letters = ATOM.replace("{", "")
    pieces = [
        lambda: "." * random.randint(1, 3) + word(random, letters, 0, 90),
        lambda: "From " + word(random, letters, 0, 90),
        lambda: word(random, letters, 1, 90) + " " * random.randint(1, 80),
        lambda: word(random, letters, 900, 2000),
        lambda: word(random, "😀🏳️‍🌈é\u0301文", 1, 40),
        lambda: word(random, "=.\t ", 1, 100),
        lambda: " ".join(["{{ service_name }}"] * random.randint(1, 5)),
        lambda: "",
    ]
    lines = HAZARDS.splitlines() + [random.choice(pieces)() for _ in range(15)]
    random.shuffle(lines)
    return "\n".join(lines) + "\n"


def hypertext(text: str) -> str:
    """The same as HTML."""
    plain, link = text.split("{{ confirm_url }}\n")
    anchor = '<a href="{{ confirm_url }}">{{ confirm_url }}</a>'
    escaped = [part.replace("&", "&amp;").replace("<", "&lt;") for part in (plain, link)]
    return f"<pre>{escaped[0]}{anchor}\n{escaped[1]}</pre>\n"


def write_templates(directory: Path, text: str) -> None:
    (directory / "confirm.txt").write_text(text)
    (directory / "confirm.html").write_text(hypertext(text))


def rendered(text: str, **values: str) -> str:
    """A template of plain text, filled in."""
    for name, value in values.items():
        text = text.replace("{{ %s }}" % name, value)
    return text


def without_soft_breaks(content: bytes) -> bytes:
    """A mail with its date and its tokens blotted out, and encoded lines put together again."""
    joined = content.replace(b"=\r\n", b"")
    joined = re.sub(rb"(?m)^Date: .{31}\r$", b"Date:\r", joined)
    # A dot of the token that begins a line is encoded.
    return re.sub(rb"(?<=/confirm/)(?:[\w.-]|=2E)+", b"", joined)
