#!/usr/bin/env python3
"""Draws terminal.svg, the picture of a terminal that README.md shows.

    Sources/Documentation/draw_terminal.py [--binary FILE] [TARGET]

Runs the commands of STORY in a directory of its own, on a terminal, beside a mail server that knows
no domain exmaple.org, and draws what they print. Only times differ from run to run: each is written as
if the story had begun at BEGINNING. The default of FILE is .build/release/regctl, and that of TARGET is
terminal.svg beside this script.
"""

import argparse
import os
import pty
import re
import socketserver
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Few, so that the letters are large enough on a telephone.
COLUMNS = 71
BEGINNING = datetime(2026, 11, 23, 9, 30, tzinfo=timezone.utc)
HOUR = 3600

# Two hours before.
BEFORE = [
    "create-db",
    "register ann@example.org --no-password",
    "register dave@example.org --no-password",
    "confirm --email ann@example.org dave@example.org --reason welcome",
    "register bob@exmaple.org --no-password",
    "deliver",
]
# A line that begins with a number sign is a remark, and any other one a command.
STORY = [
    "# Bob is on the phone: he registered, and no mail came.",
    "regctl list-accounts bob --fields email,registered_on,confirmed",
    "regctl show bob@exmaple.org",
    "# The domain is mistyped. Correct it, and send the mail while he waits.",
    "regctl change-email bob@exmaple.org bob@example.org",
    "regctl deliver",
    "# The audit knows who did it.",
    "regctl audit --email bob@example.org --fields by,act,email",
]
TITLE = "A terminal in which support staff help a user who mistyped an address"
DESCRIPTION = (
    "A part of the name finds the account. regctl show tells why no mail came: the mail server refused"
    " the mail, because the domain does not exist. regctl change-email corrects the address, and"
    " regctl deliver sends a new confirmation mail. The audit lists who did this."
)


# What is run.


class MailSession(socketserver.StreamRequestHandler):
    """A conversation of a mail server that refuses a domain."""

    def say(self, reply: str) -> None:
        self.wfile.write(reply.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 mail.example")
        for line in self.rfile:
            verb = line[:4].upper()
            if b"exmaple.org" in line and verb == b"RCPT":
                self.say("550 5.1.2 Domain not found")
            elif verb == b"DATA":
                self.say("354 Go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.say("250 2.0.0 Ok: queued as 4V3kQn")
            else:
                self.say("250 2.0.0 Ok")


@contextmanager
def mail_server() -> Iterator[int]:
    """A mail server on loopback; its port."""
    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailSession) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Site:
    """A directory with a configuration, and a shell in it."""

    def __init__(self, directory: Path, binary: Path, port: int) -> None:
        self.directory = directory
        (directory / "regctl").symlink_to(binary)
        configuration = directory / "regctl.conf"
        configuration.write_text(
            "db = regctl.db\n"
            "confirm_url = https://app.example/confirm/{token}\n"
            "mail_default_sender = Example <accounts@app.example>\n"
            f"mail_server = 127.0.0.1\nmail_port = {port}\nmail_security = none\n"
        )
        configuration.chmod(0o600)
        self.environment = {
            "PATH": f"{directory}:/usr/bin:/bin", "HOME": str(directory), "LC_ALL": "C.UTF-8",
            "REGCTL_CONFIG": "regctl.conf", "SUDO_USER": "kim", "TERM": "xterm-256color",
            "COLUMNS": str(COLUMNS), "PAGER": "cat",
        }

    def prepare(self) -> None:
        """Does what happened before, two hours ago."""
        for line in BEFORE:
            subprocess.run(
                [self.directory / "regctl", *line.split(), "--quiet"], cwd=self.directory,
                env=self.environment, check=True, stdin=subprocess.DEVNULL,
            )
        with closing(sqlite3.connect(self.directory / "regctl.db")) as database, database:
            database.execute(
                "UPDATE users SET registered_on = datetime(registered_on, '-2 hours')"
            )
            for table, column in database.execute(
                "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c"
                " WHERE m.type = 'table' AND m.name LIKE 'regctl!_%' ESCAPE '!'"
                " AND (c.name = 'at' OR c.name LIKE '%!_at' ESCAPE '!')"
                " AND c.name NOT LIKE 'next%'"
            ).fetchall():
                database.execute(f"UPDATE {table} SET {column} = {column} - {2 * HOUR}")

    def type(self, line: str) -> str:
        """What a command prints on a terminal."""
        reader, terminal = pty.openpty()
        resized = f"stty rows 40 cols {COLUMNS} -echo; {line}"
        process = subprocess.Popen(
            ["bash", "-c", resized], cwd=self.directory, env=self.environment, stdin=terminal,
            stdout=terminal, stderr=terminal, start_new_session=True,
        )
        os.close(terminal)
        printed = b""
        while True:
            try:
                more = os.read(reader, 65536)
            except OSError:  # The last writer has closed the terminal (EIO).
                break
            if not more:
                break
            printed += more
        os.close(reader)
        if process.wait() != 0:
            sys.exit(f"draw_terminal: '{line}' failed:\n{printed.decode()}")
        return printed.decode().replace("\r\n", "\n")


def at_a_fixed_time(text: str, began: float) -> str:
    """The text with each time as if the story had begun at BEGINNING, to ten minutes."""

    def moved(found: re.Match) -> str:
        printed = datetime.strptime(found[0], "%Y-%m-%d %H:%M").replace(tzinfo=timezone.utc)
        tens = round((printed.timestamp() - began) / 600)
        return (BEGINNING + timedelta(minutes=10 * tens)).strftime("%Y-%m-%d %H:%M")

    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", moved, text)


def recorded(binary: Path) -> list[tuple[str, str]]:
    """The lines of the story, each with what was printed."""
    with tempfile.TemporaryDirectory() as name, mail_server() as port:
        site = Site(Path(name), binary, port)
        site.prepare()
        began = time.time()
        return [
            (line, "" if line.startswith("#") else at_a_fixed_time(site.type(line), began))
            for line in STORY
        ]


# How it is drawn.

# The colours of a terminal, by their number in SGR (ECMA-48, 8.3.117), as classes of the picture.
CLASSES = {"1": "bold", "2": "faint", "31": "red", "32": "green", "33": "yellow"}
SIZE = 14
ADVANCE = 8.43
LEADING = 20
MARGIN = 16
BAR = 36

STYLE = """
    text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
      fill: var(--text); white-space: pre }
    .window { fill: var(--window); stroke: var(--edge) }
    .dot { fill: var(--edge) }
    .remark { fill: var(--remark) }
    .prompt { fill: var(--remark) }
    .command, .bold { font-weight: bold }
    .faint { fill: var(--remark) }
    .red { fill: var(--red) }
    .green { fill: var(--green) }
    .yellow { fill: var(--yellow) }
    svg { --window: #ffffff; --edge: #d0d7de; --text: #1f2328; --remark: #59636e;
      --red: #b3202a; --green: #116329; --yellow: #7d4e00 }
    @media (prefers-color-scheme: dark) {
      svg { --window: #0d1117; --edge: #3d444d; --text: #e6edf3; --remark: #9198a1;
        --red: #ff8a80; --green: #56d364; --yellow: #e3b341 }
    }
"""


def spans(line: str) -> list[tuple[str, str]]:
    """A printed line as pieces of text, each with the classes of its colours."""
    pieces = []
    classes: list[str] = []
    for part in re.split(r"(\x1b\[[\d;]*[A-Za-z])", line):
        if part.startswith("\x1b["):
            for code in part[2:-1].split(";") if part.endswith("m") else []:
                if code in ("", "0"):
                    classes = []
                elif code in CLASSES:
                    classes = classes + [CLASSES[code]]
        elif part:
            pieces.append((part, " ".join(classes)))
    return pieces


def wrapped(pieces: list[tuple[str, str]], width: int) -> list[list[tuple[str, str]]]:
    """The pieces in lines of at most this width, broken as a terminal breaks them."""
    lines: list[list[tuple[str, str]]] = [[]]
    room = width
    for text, classes in pieces:
        while text:
            if room == 0:
                lines.append([])
                room = width
            lines[-1].append((text[:room], classes))
            text, room = text[room:], max(0, room - len(text))
    return lines


def drawn_lines(story: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    lines: list[list[tuple[str, str]]] = []
    for line, printed in story:
        if line.startswith("#"):
            lines += [[], [(line, "remark")]] if lines else [[(line, "remark")]]
            continue
        lines += wrapped([("$ ", "prompt"), (line, "command")], COLUMNS)
        for text in printed.splitlines():
            lines += wrapped(spans(text.rstrip()), COLUMNS)
    return lines


def picture(story: list[tuple[str, str]]) -> str:
    lines = drawn_lines(story)
    width = round(COLUMNS * ADVANCE + 2 * MARGIN)
    height = BAR + LEADING * len(lines) + MARGIN
    rows = []
    for number, pieces in enumerate(lines):
        if not pieces:
            continue
        parts = "".join(
            f'<tspan class="{classes}">{escape(text, quote=False)}</tspan>' if classes
            else escape(text, quote=False)
            for text, classes in pieces
        )
        # The width is that of the text in any font, so that columns stay below each other.
        length = sum(len(text) for text, _ in pieces) * ADVANCE
        rows.append(
            f'  <text x="{MARGIN}" y="{BAR + LEADING * number + SIZE}" textLength="{length:.2f}"'
            f' lengthAdjust="spacingAndGlyphs" xml:space="preserve">{parts}</text>\n'
        )
    dots = "".join(f'<circle class="dot" cx="{20 + 18 * n}" cy="18" r="5"/>' for n in range(3))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-labelledby="title description" lang="en">\n'
        f'  <title id="title">{escape(TITLE)}</title>\n'
        f'  <desc id="description">{escape(DESCRIPTION)}</desc>\n'
        f"  <style>{STYLE}  </style>\n"
        f'  <rect class="window" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>\n'
        f'  <g aria-hidden="true">{dots}</g>\n'
        f'{"".join(rows)}</svg>\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--binary", type=Path, default=ROOT / ".build" / "release" / "regctl")
    parser.add_argument("target", nargs="?", type=Path, default=HERE / "terminal.svg")
    arguments = parser.parse_args()
    if not arguments.binary.is_file():
        sys.exit(f"draw_terminal: no program '{arguments.binary}'")
    arguments.target.write_text(picture(recorded(arguments.binary.resolve())))


if __name__ == "__main__":
    main()
