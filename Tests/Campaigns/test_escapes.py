"""Text from outside is harmless on a terminal in every format, and the same text to a program."""

import json
import os
import pty
import subprocess
import sys
import time
import tty

import pytest

from Campaigns.database import filling, rows
from Campaigns.sites import HASH, adopted
from Campaigns.terminal import DANGEROUS
from engines import SQLITE, on_both_engines
from regctl import BINARY, Site
from tokens import token

pytestmark = on_both_engines

OLD, DATE = "2020-01-01 00:00:00.000000", "2020-01-02 00:00:00.000000"
EVIL = "\x1b]0;owned\x07\x9b2J\u202egro\u200b\u2028\ufeff\U000e0041'\"\\é\tx@example.org"
# What TSV or text writes for the dangerous part of it on a terminal.
SPELT = r"\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}gro\u{200b}\u{2028}\u{feff}\u{e0041}"


def on_terminal(site: Site, *words: object, input: bytes = b"") -> str:
    """What regctl writes to a terminal; standard error goes there too."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    child = subprocess.Popen(
        [BINARY, *map(str, words)],
        stdin=subprocess.PIPE, stdout=slave, stderr=slave, env={"TERM": "dumb"} | site.environment,
    )  # fmt: skip
    os.close(slave)
    child.stdin.write(input)
    child.stdin.close()
    screen = b""
    while True:
        try:
            piece = os.read(master, 65_536)
        except OSError:
            break
        if not piece:
            break
        screen += piece
    os.close(master)
    child.wait(timeout=60)
    return screen.decode()


@pytest.fixture
def evil(new_site) -> Site:
    """An application's account with a hostile address, to which a mail is queued."""
    site = adopted(new_site, (EVIL, HASH, OLD, None), ("ann@example.org", HASH, OLD, DATE))
    site.ok("resend", EVIL)
    return site


# A terminal


def harmless(screen: str) -> bool:
    """Whether a terminal would show all of it as it is."""
    return not DANGEROUS.search(screen.replace("\r\n", "\n").replace("\t", " "))


@pytest.mark.parametrize(
    "words",
    [
        ["list-unconfirmed", "--format", "tsv"],
        ["list-outbox", "--format", "tsv"],
        ["audit", "--format", "tsv", "--fields", "email,reason"],
        ["show", "1", "--format", "tsv"],
        ["export", "--format", "tsv"],
        ["export", "--csv"],
        ["deliver", "--dry-run", "--format", "tsv"],
    ],
    ids=" ".join,
)
def test_what_is_for_programs_is_escaped_on_a_terminal_and_in_no_pipe(evil, words):
    screen = on_terminal(evil, *words)
    assert harmless(screen) and SPELT in screen
    piped = evil.ok(*words)
    assert "\\u{" not in piped
    assert "\x1b]0;owned\x07" in piped and "\u202e" in piped


def test_lines_stay_lines_on_a_terminal(site):
    """Where nothing is dangerous, the terminal gets what a pipe gets."""
    site.ok("register", "ann@example.org", "--no-password")
    for words in (["export", "--csv"], ["list-outbox", "--format", "tsv"], ["show-mail", "1", "--raw"]):
        # Dates of mails depend on the current time.
        for _ in range(5):
            screen, piped = on_terminal(site, *words), site.ok(*words)
            if screen == piped:
                break
        assert screen == piped and piped.count("\n") > 1


def test_a_mail_is_printable_whatever_its_template_holds(new_site, tmp_path):
    (tmp_path / "confirm.txt").write_text(f"Subject: \u202egro\n\n{EVIL}\n{{{{ confirm_url }}}}\n")
    site = new_site(templates_dir=tmp_path)
    site.ok("create-db")
    site.ok("register", "ann@example.org", "--no-password")
    screen = on_terminal(site, "show-mail", "1", "--raw")
    assert harmless(screen) and screen.isascii() and "=1B]0;owned=07" in screen
    assert "=1B]0;owned=07" in site.ok("show-mail", "1", "--raw")


def test_of_a_hostile_address_no_mail_is_made(evil):
    screen = on_terminal(evil, "show-mail", "1", "--raw")
    assert harmless(screen) and "has a recipient that cannot be mailed" in screen and SPELT in screen


def test_a_column_that_stands_alone_is_escaped_on_a_terminal(evil):
    # The link of a hostile address, read back by the command that confirms it.
    link = token(EVIL, int(time.time())) + "\n"
    screen = on_terminal(evil, "confirm", "--stdin", input=link.encode())
    assert harmless(screen) and SPELT in screen
    assert EVIL + "\n" == evil.ok("confirm", "--stdin", input=link)


# JSON


SCALARS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
# An index of a server takes no text of more than 2704 bytes.
CHUNK = 600


@pytest.fixture(scope="module")
def scalars(engine: str) -> list[str]:
    """The characters that the text of an engine may have: NUL is none of a server's."""
    return SCALARS[0 if engine == SQLITE else 1 :]


@pytest.fixture(scope="module")
def everything(tmp_path_factory, new_database_of_module, scalars) -> Site:
    """Accounts whose addresses hold every character that there is, some hundreds each."""
    site = Site(tmp_path_factory.mktemp("everything"), new_database_of_module())
    site.ok("create-db")
    texts = ["".join(scalars[start : start + CHUNK]) for start in range(0, len(scalars), CHUNK)]
    # One for each character of the first plane too, since neighbours may matter.
    texts += [f"{scalar}{index}" for index, scalar in enumerate(scalars[:0xFFFF:7])]
    with filling(site.db) as connection:
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed)"
            f" VALUES (?, '!', '{OLD}', FALSE, FALSE)",
            [(text,) for text in texts],
        )
    return site


@pytest.mark.parametrize(
    "words",
    [
        ["export"],
        ["export", "--format", "jsonl"],
        ["export", "--format", "json"],
        ["list-unconfirmed", "--format", "json"],
        ["list-unconfirmed", "--format", "jsonl"],
    ],
    ids=" ".join,
)
def test_json_of_every_character_is_harmless_and_says_the_same(everything, scalars, words):
    output = everything.run(*words).stdout.decode()
    assert not DANGEROUS.search(output)
    if words[-1] == "json":
        accounts = json.loads(output)["accounts"]
    else:
        accounts = [json.loads(line) for line in output.removesuffix("\n").split("\n")]
    found = {account["email"] for account in accounts}
    assert found == {email for (email,) in rows(everything.db, "SELECT email FROM users")}
    assert set("".join(found)) == set(scalars)


def test_what_need_not_be_escaped_in_json_is_not(everything):
    """Control: letters of other scripts stay, and what was stored is dangerous as it is."""
    output = everything.run("export").stdout.decode()
    for harmless_text in ("é", "日", "\U0001f600", "\xa0", "/"):
        assert harmless_text in output
    assert DANGEROUS.search("\x9b") and DANGEROUS.search("\u202e") and DANGEROUS.search("\U000e0041")
    raw = "\n".join(email for (email,) in rows(everything.db, "SELECT email FROM users"))
    assert DANGEROUS.search(raw)


def test_errors_in_json_are_harmless_and_readable(evil):
    for words in (["show", EVIL + "x"], ["check", EVIL], ["register", EVIL], [EVIL], ["--" + EVIL]):
        result = evil.run("--json", *words)
        assert result.returncode not in (0, 70)
        assert not DANGEROUS.search(result.stderr.decode())
        assert json.loads(result.stderr)["error"]["exit"] == result.returncode


def test_an_export_comes_back_byte_for_byte(site, new_site):
    lines = [
        {"email": f"{name}@example.org", "password": HASH, "registered_on": date, "admin": name == "a"}
        for name, date in (("a", OLD), ("b'{}`$", DATE), ("c", "2026-11-23T09:00:00Z"))
    ]
    site.ok("import", "-", input="".join(json.dumps(line) + "\n" for line in lines))
    for words in (["export"], ["export", "--csv"]):
        other = new_site()
        other.ok("create-db")
        exported = site.run(*words).stdout
        other.ok("import", "-", input=exported)
        assert other.run(*words).stdout == exported and exported.count(b"\n") >= 3


def test_an_export_with_escapes_is_read_back(new_site):
    """What JSON escapes, `import` reads as what it was: here in a name that it then refuses."""
    site = adopted(new_site, (EVIL, HASH, OLD, None))
    exported = site.run("export").stdout
    assert rb"\u202e" in exported and rb"\udb40\udc41" in exported
    assert json.loads(exported)["email"] == EVIL
    # The same account, to the last character.
    result = site.run("import", "-", "--json", input=exported)
    assert EVIL in {each["email"] for each in json.loads(result.stdout)["failures"]}
