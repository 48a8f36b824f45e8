"""What is printed on a terminal fits it, and in a pipe nothing is cut."""

import re
import unicodedata

import pexpect
import pytest

from Campaigns.calls import life
from Campaigns.command_help import commands, help_of
from Campaigns.database import connected
from Campaigns.sites import LINKS
from regctl import BINARY, Site

LABEL = "b" * 60
LONG = f"{'a' * 60}@{LABEL}.{LABEL}.{'c' * 60}.org"
HOSTILE = "\x1b[2J" * 20 + "\u4e16\u754ce\u0301" * 20 + "@example.org"
REPLY = "450 4.2.2 " + "<" + LONG + ">: the mailbox is over its quota, \u4e16\u754c " * 4
SIZES = {"80x24": (24, 80), "40x24": (24, 40)}

# Every command that prints a table, or a page of text about something.
LOOKING = [
    ["list-accounts"], ["list-accounts", "a"], ["list-unconfirmed"],
    ["list-unconfirmed", "--suspect-typo"], ["list-admins"], ["list-outbox"], ["list-prunes"],
    ["list-bounces"], ["audit"], ["audit", "--verify"], ["prune", "--dry-run", "--older-than", "1h"],
    ["deliver", "--dry-run"], ["resend", "--all-unconfirmed", "--dry-run"],
    ["report", "cohorts"], ["report", "funnel"], ["show", LONG], ["show", "{hostile}"],
    ["show", "{deferred}"], ["show-mail", "{mail}"], ["doctor"], ["config"], ["resend", LONG, "--force"],
    ["inspect-token", "{token}"], ["status"], ["report", "stuck"],
]

# Those that have columns which are not printed by default.
LISTS = {
    "list-accounts", "list-unconfirmed", "list-admins", "list-outbox", "list-bounces", "list-prunes",
    "audit",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Site:
    """A site with a long address, a hostile one, and a long reply of a server."""
    site = life(Site(tmp_path_factory.mktemp("fitting"), **LINKS))
    assert len(LONG) >= 245
    site.ok("register", LONG, "--no-password")
    site.ok("register", "hostile@example.org", "--no-password")
    with connected(site.db) as connection:
        connection.execute("UPDATE users SET email = ? WHERE email LIKE 'hostile@%'", (HOSTILE,))
        connection.execute("UPDATE regctl_outbox SET email = ? WHERE email LIKE 'hostile@%'", (HOSTILE,))
        connection.execute(
            "INSERT INTO regctl_attempts SELECT id, 1, queued_at + 60, 'deferred', ? FROM"
            " regctl_outbox WHERE email = ?", (REPLY, LONG),
        )
        connection.execute(
            "UPDATE regctl_outbox SET last_reply = ?, next_attempt_at = next_attempt_at + 900"
            " WHERE email = ?", (REPLY, LONG),
        )
        connection.execute(
            "INSERT INTO regctl_bounces (mail_id, account_id, email, at, result, status, reply, reporter)"
            " SELECT id, account_id, email, queued_at, 'delayed', '4.2.2', ?, 'mx.' || ? FROM"
            " regctl_outbox WHERE email IN (?, ?)", (REPLY, "relay." * 20, LONG, HOSTILE),
        )
        # For the lists of misspelt domains, of old accounts and of runs.
        people = [(f"{name}@example.net", "2026-01-01 09:00:00.000000", True) for name in "abc"]
        people += [(f"{'d' * 60}@exmaple.net", "2020-01-01 09:00:00.000000", False)]
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed, confirmed_on)"
            " VALUES (?1, '!', ?2, FALSE, ?3, CASE WHEN ?3 THEN ?2 END)", people,
        )
        connection.execute(
            "INSERT INTO regctl_prunes (at, actor, uid, cutoff, pruned) VALUES (1, ?, 0, 1, 12345)",
            ("e" * 64,),
        )
    return site


def value(site: Site, query: str, *values: object) -> str:
    with connected(site.db) as connection:
        return str(connection.execute(query, values).fetchone()[0])


def filled(site: Site, words: list[str]) -> list[str]:
    places = {
        "{hostile}": lambda: value(site, "SELECT id FROM users WHERE email = ?", HOSTILE),
        "{deferred}": lambda: value(site, "SELECT id FROM users WHERE email = ?", LONG),
        "{mail}": lambda: value(site, "SELECT id FROM regctl_outbox WHERE email = ?", LONG),
        "{token}": lambda: site.ok("issue-token", LONG).strip(),
    }
    return [places[word]() if word in places else word for word in words]


def screen(site: Site, words: list[str], size: tuple[int, int], **environment: str) -> str:
    child = pexpect.spawn(
        BINARY, words, dimensions=size, timeout=60, encoding="utf-8",
        env={"TERM": "xterm", "PAGER": "cat"} | site.environment | environment,
    )
    child.expect(pexpect.EOF)
    child.close()
    return child.before.replace("\r\n", "\n")


def width(line: str) -> int:
    """The columns of a line, without colours."""
    line = re.sub(r"\x1b\[\d*m", "", line)
    assert "\x1b" not in line, line
    return sum(
        0 if unicodedata.category(one) in ("Mn", "Me")
        else 2 if unicodedata.east_asian_width(one) in ("W", "F") else 1
        for one in line
    )


def ids(words: list[str]) -> str:
    return " ".join(word[:20] for word in words)


def test_every_list_is_looked_at():
    lists = {name for name in commands() if "--no-header" in help_of(name)}
    # What they print is for programs, or about each operand.
    others = {
        "export", "issue-token", "confirm", "unconfirm", "unprune", "import", "send-test",
        "cancel-mail", "release-held", "retry-mail", "delete", "grant-admin", "revoke-admin", "set-password",
    }
    assert lists - others <= {words[0] for words in LOOKING}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("words", LOOKING, ids=ids)
def test_no_line_is_wider_than_the_terminal(site, words, size):
    words = filled(site, words)
    lines = screen(site, [*words, "--color", "always"], size).split("\n")
    lines = [line for line in lines if not re.match(r"regctl: |hint: |next: ", line)]
    assert len(lines) > 1
    assert [line for line in lines if width(line) > size[1]] == []


@pytest.mark.parametrize(
    "words",
    [words for words in LOOKING if words[0] in LISTS],
    ids=ids,
)
def test_nor_when_all_columns_are_asked_for(site, words):
    words = filled(site, words)
    fields = site.ok(*words, "--format", "jsonl").split("\n")[0]
    names = [name for name in re.findall(r'"(\w+)":', fields) if name != "schema"]
    for size in SIZES.values():
        lines = screen(site, [*words, "--fields", ",".join(names[:6])], size).split("\n")
        lines = [line for line in lines if not re.match(r"regctl: |hint: ", line)]
        assert [line for line in lines if width(line) > size[1]] == []


@pytest.mark.parametrize("words", [["list-accounts"], ["list-outbox"], ["show", LONG]], ids=ids)
def test_in_a_pipe_and_with_wide_nothing_is_cut(site, words):
    assert LONG in site.ok(*words)
    assert "…" not in site.ok(*words)
    wide = screen(site, [*words, "--wide"], SIZES["40x24"])
    assert LONG in wide and "…" not in wide


def test_the_last_line_says_how_many_and_what_is_not_shown(site):
    count = site.json("list-outbox")["count"]
    seen = " ".join(screen(site, ["list-outbox"], SIZES["80x24"]).split("\n")[-3:])
    assert re.search(rf"{count} mails; not shown: .*sent_at", seen), seen
    assert "mails" not in site.ok("list-outbox").split("\n")[-2]


@pytest.mark.parametrize(("more", "ending"), [(-1, " (--limit {})"), (0, " (--limit {})"), (1, "")])
def test_the_last_line_says_when_the_limit_ended_the_list(site, more, ending):
    count = site.json("list-outbox")["count"]
    limit = count + more
    line = screen(site, ["list-outbox", "--limit", str(limit), "--wide"], SIZES["80x24"]).split("\n")[-2]
    assert line.strip() == f"{min(limit, count)} mails" + ending.format(limit)


def test_a_list_without_rows_says_so(site):
    result = site.run("list-accounts", "nobody-is-called-so")
    assert (result.returncode, result.stdout) == (0, b"")
    assert result.stderr == b"regctl: no account matches\n"
    assert site.run("list-accounts", "nobody-is-called-so", "--quiet").stderr == b""
    assert site.run("list-accounts", "nobody-is-called-so", "--json").stderr == b""


def test_COLUMNS_is_the_width(site):
    lines = screen(site, ["list-accounts"], SIZES["80x24"], COLUMNS="50").split("\n")
    assert max(width(line) for line in lines) <= 50
    lines = screen(site, ["list-accounts"], SIZES["80x24"], COLUMNS="many").split("\n")
    assert 50 < max(width(line) for line in lines) <= 80


def test_only_output_that_is_longer_than_the_terminal_is_paged(site):
    pager = "sed s/^/PAGED:/"
    short = screen(site, ["list-prunes"], SIZES["80x24"], PAGER=pager)
    assert short and "PAGED" not in short
    long = screen(site, ["audit"], (5, 80), PAGER=pager)
    assert all(line.startswith("PAGED:") for line in long.strip().split("\n"))
    for words in (["--no-pager"], ["--no-input"], ["--format", "tsv"]):
        assert "PAGED" not in screen(site, ["audit", *words], (5, 80), PAGER=pager)
    for variables in ({"PAGER": ""}, {"TERM": "dumb"}, {"SUDO_USER": "ann"}):
        assert "PAGED" not in screen(site, ["audit"], (5, 80), **{"PAGER": pager} | variables)
    assert "PAGED" not in site.run("audit", environment={"PAGER": pager}).stdout.decode()


def test_a_pager_that_ends_early_is_no_error(site):
    shown = screen(site, ["audit"], (5, 80), PAGER="head -n 1")
    assert len(shown.strip().split("\n")) == 1


def test_a_pager_that_does_not_exist_is_told_by_the_shell(site):
    assert "not found" in screen(site, ["audit"], (5, 80), PAGER="no-such-pager")
