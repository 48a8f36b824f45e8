"""Completion in bash, zsh and fish offers what help says and what the database has, and runs nothing."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

import pytest

from Peers.shells import COMPLETIONS, SHELLS, Bash, Fish, Shell, TerminalShell, Zsh
from Peers.users_table import add_users, query
from regctl import BINARY, Site

ANN, BOB, CAROL, ROOT = "ann@example.org", "bob@example.org", "Carol@example.org", "root@example.org"
ACCOUNTS = [ANN, BOB, CAROL, ROOT]

# Addresses that a stranger may have registered with the application; each would leave a file called
# owned if it were run, or become something else than one operand.
HOSTILE = [
    "`touch${IFS}owned`@x.org",
    "$(touch${IFS}owned)@x.org",
    "${x:-$(touch${IFS}owned)}@x.org",
    "(touch owned)@x.org",
    "$(touch owned)@x.org",
    ";touch owned;@x.org",
    "a;touch${IFS}owned@x.org",
    "<(touch owned)@x.org",
    "=(touch owned)@x.org",
    "a b@x.org",
    "new\nline@x.org",
    "\ttab@x.org",
    "carriage\rreturn@x.org",
    "\x1b]0;title\x07@x.org",
    "'quote@x.org",
    '"quote@x.org',
    "back\\slash@x.org",
    "--help@x.org",
    "-h@x.org",
    "~root@x.org",
    "*@x.org",
    "{a,b}@x.org",
    "!!@x.org",
    "#a@x.org",
    "colon:description@x.org",
    "näive@x.org",
]

# What is expected of an operand or value, by what help calls it; OTHERWISE by who takes it.
FILES, TOPICS = "files", "commands and topics"
EXPECTED = {
    "EMAIL": ACCOUNTS, "EMAIL|ID": ACCOUNTS, "OLD": ACCOUNTS, "ID": ["1", "2", "3", "4"], "RUN": ["1"],
    "FILE": FILES, "FILE|-": FILES, "PATH": FILES, "DIRECTORY": FILES, "COMMAND|TOPIC": TOPICS,
}
OTHERWISE = {
    ("create-admin", "EMAIL"): [], ("register", "EMAIL"): [], ("send-test", "EMAIL"): [],
    ("resend", "EMAIL"): [ANN, CAROL], ("confirm", "--email"): [ANN, CAROL],
    ("revoke-admin", "EMAIL"): [ROOT], ("unprune", "--email"): ["gone@example.org"],
    ("cancel-mail", "ID"): ["3"], ("retry-mail", "ID"): ["2", "3"],
}

# What is meant where a value decides what comes next, and operands that only an option allows.
MEANT = {"--db": "regctl.db", "--config": "regctl.conf"}
BESIDE = {("confirm", "--email"): sorted([ANN, CAROL])}


# Help, read as a table.


@dataclass(frozen=True)
class Option:
    flags: tuple[str, ...]
    value: str | None
    meaning: str

    @property
    def long(self) -> str:
        return self.flags[-1]


@dataclass(frozen=True)
class Command:
    name: str
    summary: str
    operands: tuple[str, ...]
    options: tuple[Option, ...]


@cache
def help_of(*words: str) -> str:
    return subprocess.check_output([BINARY, "help", *words], text=True, env={})


def sections(text: str) -> dict[str, str]:
    """Help by heading."""
    parts = re.split(r"^([A-Z][A-Z ]+)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def entries(text: str) -> list[tuple[str, str]]:
    """The terms of a list and what is said of them, wherever the lines break."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        if match := re.match(r" {2,6}(-?[-a-z]\S*(?:,? \S+)*)(?: {2,}(\S.*))?$", line):
            found.append((match[1], match[2] or ""))
        elif line.strip() and found:
            term, meaning = found[-1]
            found[-1] = (term, f"{meaning} {line.strip()}".strip())
    return found


def options(text: str) -> tuple[Option, ...]:
    found = []
    for term, meaning in entries(text):
        words = term.replace(", ", " ").split()
        flags = tuple(word for word in words if word.startswith("-"))
        found.append(Option(flags, next(iter(words[len(flags):]), None), meaning))
    return tuple(found)


def operands(usage: str) -> tuple[str, ...]:
    """The operands of the first form of a command."""
    words = takewhile(re.compile(r"\[?([A-Z]|[a-z]+\|)").match, usage.strip().splitlines()[0].split()[2:])
    return tuple(word.strip("[]") for word in words)


@cache
def commands() -> tuple[Command, ...]:
    found = []
    for heading, text in sections(help_of()).items():
        if heading in {"USAGE", "HELP TOPICS", "GLOBAL OPTIONS"}:
            continue
        for name, summary in entries(text):
            parts = sections(help_of(name))
            found.append(
                Command(name, summary, operands(parts["USAGE"]), options(parts.get("OPTIONS", "")))
            )
    return tuple(found)


def topics() -> dict[str, str]:
    return dict(entries(sections(help_of())["HELP TOPICS"]))


def global_options() -> tuple[Option, ...]:
    return options(sections(help_of())["GLOBAL OPTIONS"].split("\n\n")[0])


def test_help_is_read_as_a_table():
    """Otherwise the tests below could pass by comparing nothing."""
    assert len(commands()) >= 32
    assert len(global_options()) >= 11
    table = {command.name: command for command in commands()}
    assert table["retry-mail"].operands == ("ID...",)
    assert table["help"].operands == ("COMMAND|TOPIC",)
    assert table["inspect-token"].operands == ("TOKEN|LINK|-",)
    create = table["create-db"].options
    assert create[0] == Option(("--if-not-exists",), None, "Succeed when the database is there already")
    assert create[1].value == "wal|truncate"
    assert table["prune"].options[1].flags == ("-n", "--dry-run")
    assert sum(len(command.options) for command in commands()) >= 70


# Places and shells.


class Place(Site):
    """A site in whose directory somebody types, with a database of accounts good and bad."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.directory.joinpath("letter.txt").touch()
        programs = directory / "bin"
        programs.mkdir()
        (programs / "regctl").symlink_to(BINARY)
        self.environment |= {
            "PATH": f"{programs}:/usr/bin:/bin:/usr/sbin", "HOME": str(directory),
            "XDG_CONFIG_HOME": "/nonexistent", "XDG_DATA_HOME": "/nonexistent",
        }

    def fill(self) -> "Place":
        """Four accounts, mails in several states, a run of prune; and the hostile addresses."""
        self.ok("create-db")
        add_users(self.db, ["gone@example.org"])
        self.ok("prune", "--yes", "--include-never-mailed", "--max", 1)
        for email in (BOB, CAROL, ANN):
            self.ok("register", email, "--no-password")
        self.ok("deliver", "--limit", 1)
        self.ok("cancel-mail", 2)
        self.ok("confirm", "--email", BOB, "--reason", "called")
        self.ok("create-admin", ROOT, "--generate-password")
        other = ["--db", self.directory / "other.db"]
        self.ok("create-db", *other)
        self.ok("register", "other@example.org", "--no-password", *other)
        (self.directory / "other.conf").write_text(f"db = {self.directory}/other.db\n")
        (self.directory / "other.conf").chmod(0o600)
        self.program("mine/regctl", "echo xavier@example.org")
        add_users(self.db, HOSTILE)
        self.ok("register", "eve@example.org", "--no-password")
        query(self.db, "DELETE FROM users WHERE email = 'eve@example.org'")
        query(self.db, "UPDATE regctl_outbox SET state = 'sent', email = ? WHERE id = 4", HOSTILE[0])
        return self

    def program(self, path: str, script: str) -> None:
        """Puts a script in the place of regctl, or beside it."""
        target = self.directory / path
        target.parent.mkdir(exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_text(f"#!/bin/sh\n{script}\n")
        target.chmod(0o755)

    def tree(self) -> dict[Path, tuple[int, int] | None]:
        """Every file with its size and time of change."""
        return {
            path: None if path.is_dir() else (path.lstat().st_size, path.lstat().st_mtime_ns)
            for path in sorted(self.directory.rglob("*"))
        }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place")).fill()


@pytest.fixture
def new_place(tmp_path: Path) -> Place:
    """A place of the test's own, without a database."""
    return Place(tmp_path)


@pytest.fixture
def start() -> Iterator[Callable[..., Shell]]:
    """Starts shells, which end with the test."""
    shells = []

    def start(kind: type[Shell], place: Place, completions: Path = COMPLETIONS, **environment) -> Shell:
        shells.append(kind(place.directory, place.environment | environment, completions))
        return shells[-1]

    yield start
    for shell in shells:
        shell.close()


@pytest.fixture(scope="module", params=SHELLS, ids=lambda kind: kind.name)
def shell(request: pytest.FixtureRequest, place: Place) -> Iterator[Shell]:
    """Each shell in the same place."""
    shell = request.param(place.directory, place.environment, COMPLETIONS)
    yield shell
    shell.close()


# One source: what help says.


def differences(shell: Shell) -> list[str]:
    """Where commands and options that a shell offers, or what it says of them, are not those of help."""
    expected = {"regctl ": {command.name: command.summary for command in commands()}}
    expected["regctl help "] = expected["regctl "] | topics()
    for words, own in [("", ())] + [(f"{command.name} ", command.options) for command in commands()]:
        expected[f"regctl {words}-"] = {
            flag: option.meaning for option in own + global_options() for flag in option.flags
        }
    found = []
    for line, words in expected.items():
        _, offered = shell.tab(line)
        found += [f"{line}: {word} is missing" for word in words.keys() - offered.keys()]
        found += [f"{line}: {word} is surplus" for word in offered.keys() - words.keys()]
        found += [
            f"{line}: {word} is said to be {offered[word]!r}"
            for word in words.keys() & offered.keys()
            if shell.describes and offered[word] != words[word]
        ]
    return found


def test_commands_topics_and_options_are_those_of_help(shell):
    assert differences(shell) == []


ALTERED = [
    (r"\bif-not-exists\b", "if-not-exist"),
    (r"\bn/dry-run\b", "dry-run"),
    (r"\{-n,--dry-run\}|-n/--dry-run\b", "--dry-run"),
    (r"\bunprune\b", "undo"),
    (r"\bformats\b", "shapes"),
    ("Call off", "Delete"),
    ("Do not ask", "Be rash"),
]
SEEN = [
    "regctl create-db -: --if-not-exists is missing",
    "regctl create-db -: --if-not-exist is surplus",
    "regctl prune -: -n is missing",
    "regctl : unprune is missing",
    "regctl : undo is surplus",
    "regctl help : formats is missing",
]
SEEN_WHERE_DESCRIBED = [
    "regctl : cancel-mail is said to be 'Delete a mail that waits'",
    "regctl prune -: --yes is said to be 'Be rash'",
]


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.name)
def test_a_table_that_is_not_that_of_help_would_be_seen(kind, place, start, tmp_path):
    for path in COMPLETIONS.iterdir():
        text = path.read_text()
        for pattern, replacement in ALTERED:
            text = re.sub(pattern, replacement, text)
        (tmp_path / path.name).write_text(text)
    found = differences(start(kind, place, tmp_path))
    assert {*SEEN, *(SEEN_WHERE_DESCRIBED if kind.describes else [])} <= set(found)


def test_a_row_may_have_several_operands_and_directories(place, start, tmp_path):
    """What bash and fish read in a row although no command has it yet; zsh has words of its own."""
    for path in COMPLETIONS.iterdir():
        text = re.sub(r"\bshow emails\b", "show emails,runs,admins...", path.read_text())
        (tmp_path / path.name).write_text(re.sub(r"\bbackup FILE\b", "backup DIRECTORY", text))
    for shell in (start(Bash, place, tmp_path), start(Fish, place, tmp_path)):
        offers = [shell.offers("regctl show " + "x " * count) for count in range(4)]
        assert offers == [sorted(ACCOUNTS), ["1"], [ROOT], [ROOT]]
        assert shell.becomes("regctl backup lett") == "regctl backup lett"
        assert shell.becomes("regctl backup bi").rstrip() == "regctl backup bin/"


def expectation(command: str, placeholder: str, option: str | None = None) -> list[str] | str:
    """What is to be offered for an operand or for the value of an option."""
    kind = placeholder.removesuffix("...")
    if re.fullmatch(r"[a-z-]+(\|[a-z-]+)+", kind):
        return sorted(kind.split("|"))
    if kind == "NAME,NAME":
        lines = subprocess.check_output([BINARY, "__complete", f"fields.{command}"], text=True, env={})
        return sorted(line.split("\t")[0] for line in lines.splitlines())
    expected = OTHERWISE.get((command, option or kind), EXPECTED.get(kind, []))
    return sorted(expected) if isinstance(expected, list) else expected


def offers_what(shell: Shell, line: str) -> list[str] | str:
    """What a shell offers behind a line, apart from options, which zsh offers where nothing else is."""
    offers = [word for word in shell.offers(line) if not word.startswith("-")]
    # bash leaves files to readline and tells nobody which it found.
    if isinstance(shell, Bash) and not offers and shell.becomes(line + "lett") != line + "lett":
        offers = ["letter.txt"]
    if "letter.txt" in offers:
        return FILES
    return TOPICS if {"formats", "show"} <= set(offers) else offers


def test_every_operand_is_completed_by_what_help_calls_it(shell):
    for command in commands():
        line, expected = f"regctl {command.name} ", []
        for operand in command.operands:
            expected = expectation(command.name, operand)
            assert offers_what(shell, line) == expected, line
            line += "x "
        repeats = any(operand.endswith("...") for operand in command.operands)
        assert offers_what(shell, line) == (expected if repeats else []), line


def test_every_option_is_completed_by_what_help_calls_its_value(shell):
    for command in commands():
        operand = expectation(command.name, *command.operands[:1]) if command.operands else []
        everywhere = global_options() if command.name == "show" else ()
        for option in command.options + everywhere:
            line = f"regctl {command.name} {option.long}"
            if option.value:
                expected = expectation(command.name, option.value, option.long)
                assert offers_what(shell, f"{line}=") == expected, line
                after = BESIDE.get((command.name, option.long), operand)
                assert offers_what(shell, f"{line} {MEANT.get(option.long, 'x')} ") == after, line
            else:
                expected = operand
            assert offers_what(shell, f"{line} ") == expected, line


# Lines as somebody types them.

LINES = [
    # Commands and options.
    ("regctl list-u", "regctl list-unconfirmed "),
    ("regctl help exi", "regctl help exit-codes "),
    ("regctl help unc", "regctl help unconfirm "),
    ("regctl help show x", "regctl help show x"),
    ("regctl --quiet list-u", "regctl --quiet list-unconfirmed "),
    ("regctl --db regctl.db list-u", "regctl --db regctl.db list-unconfirmed "),
    ("regctl --format json list-u", "regctl --format json list-unconfirmed "),
    ("regctl -qd regctl.db list-u", "regctl -qd regctl.db list-unconfirmed "),
    ("regctl prune --include", "regctl prune --include-never-mailed "),
    ("regctl prune -n --include", "regctl prune -n --include-never-mailed "),
    ("regctl prune --no-in", "regctl prune --no-input "),
    ("regctl --include", "regctl --include"),
    ("regctl delete -- --reas", "regctl delete -- --reas"),
    ("regctl list-outbox --state fa", "regctl list-outbox --state failed "),
    ("regctl list-outbox --state=fa", "regctl list-outbox --state=failed "),
    ("regctl --format=ts", "regctl --format=tsv "),
    ("regctl prune --color al", "regctl prune --color always "),
    # Comma lists.
    ("regctl list-outbox --fields message", "regctl list-outbox --fields message_id"),
    ("regctl list-outbox --fields=message", "regctl list-outbox --fields=message_id"),
    ("regctl list-outbox --fields id,message", "regctl list-outbox --fields id,message_id"),
    ("regctl list-outbox --fields=id,message", "regctl list-outbox --fields=id,message_id"),
    # Addresses, whatever the shell takes for the end of a word.
    ("regctl show bo", "regctl show bob@example.org "),
    ("regctl show --quiet bo", "regctl show --quiet bob@example.org "),
    ("regctl show bob@", "regctl show bob@example.org "),
    ("regctl show bob@ex", "regctl show bob@example.org "),
    ("regctl show bob@example.org", "regctl show bob@example.org "),
    ("regctl audit --email bob@ex", "regctl audit --email bob@example.org "),
    ("regctl audit --email=bo", "regctl audit --email=bob@example.org "),
    ("regctl audit --email=bob@ex", "regctl audit --email=bob@example.org "),
    ("regctl show CAR", "regctl show Carol@example.org "),
    ("regctl resend bo", "regctl resend bo"),
    ("regctl resend an", "regctl resend ann@example.org "),
    ("regctl resend carol@example.org an", "regctl resend carol@example.org ann@example.org "),
    ("regctl show bob@example.org an", "regctl show bob@example.org an"),
    ("regctl delete -- bo", "regctl delete -- bob@example.org "),
    ("regctl delete --reason 'a b' bo", "regctl delete --reason 'a b' bob@example.org "),
    ("regctl delete --reason 'née' bo", "regctl delete --reason 'née' bob@example.org "),
    ("regctl confirm an", "regctl confirm an"),
    ("regctl confirm --email an", "regctl confirm --email ann@example.org "),
    (f"regctl confirm --email {CAROL} an", f"regctl confirm --email {CAROL} ann@example.org "),
    ("regctl unprune --email bob@example.org 1", "regctl unprune --email bob@example.org 1 "),
    ("regctl unprune 1 --email go", "regctl unprune 1 --email gone@example.org "),
    # Files.
    ("regctl backup lett", "regctl backup letter.txt "),
    ("regctl check --password-file=lett", "regctl check --password-file=letter.txt "),
    ("regctl check --password-file lett", "regctl check --password-file letter.txt "),
    ("regctl show bob@example.org > lett", "regctl show bob@example.org > letter.txt "),
    ("regctl --db ~/lett", "regctl --db ~/letter.txt "),
    # The database that the line names.
    ("regctl --db other.db show ot", "regctl --db other.db show other@example.org "),
    ("regctl --db=other.db show ot", "regctl --db=other.db show other@example.org "),
    ("regctl -d other.db show ot", "regctl -d other.db show other@example.org "),
    ("regctl -dother.db show ot", "regctl -dother.db show other@example.org "),
    ("regctl -qd other.db show ot", "regctl -qd other.db show other@example.org "),
    ("regctl -d ~/other.db show ot", "regctl -d ~/other.db show other@example.org "),
    ("regctl show -d other.db ot", "regctl show -d other.db other@example.org "),
    ("regctl --config other.conf show ot", "regctl --config other.conf show other@example.org "),
    ("regctl --config=other.conf show ot", "regctl --config=other.conf show other@example.org "),
    ("regctl -d other.db show bo", "regctl -d other.db show bo"),
    ("regctl -d missing.db show bo", "regctl -d missing.db show bo"),
    ('regctl -d "$HOME/regctl.db" show bo', 'regctl -d "$HOME/regctl.db" show bo'),
    # The program that the line names.
    ("bin/regctl show bo", "bin/regctl show bob@example.org "),
    ("~/bin/regctl show bo", "~/bin/regctl show bob@example.org "),
    ("mine/regctl show x", "mine/regctl show xavier@example.org "),
    ("nowhere/regctl show bo", "nowhere/regctl show bo"),
    ("REGCTL_QUIET=1 regctl show bo", "REGCTL_QUIET=1 regctl show bob@example.org "),
    ("true; regctl show bo", "true; regctl show bob@example.org "),
]

# What only a line on a terminal shows; fish offers again what was given.
ON_TERMINALS = [
    ("regctl prune --dry-run --dr", "regctl prune --dry-run --dr"),
    ("regctl prune -n --dr", "regctl prune -n --dr"),
    ('regctl show "bob@ex', 'regctl show "bob@example.org" '),
    ("regctl show 'bob@ex", "regctl show 'bob@example.org' "),
    ("regctl resend bo@x.org; regctl show bo", "regctl resend bo@x.org; regctl show bob@example.org "),
]


def test_a_line_becomes_what_was_meant(shell, place):
    before = place.tree()
    wrong = {}
    for typed, expected in LINES + (ON_TERMINALS if isinstance(shell, TerminalShell) else []):
        becomes = shell.becomes(typed)
        # fish says what it offers and not whether a blank follows.
        if isinstance(shell, Fish):
            becomes, expected = becomes.rstrip(), expected.rstrip()
        if becomes != expected:
            wrong[typed] = becomes
    assert wrong == {}
    assert place.tree() == before


def as_said(shell: Shell, words: dict[str, str]) -> dict[str, str]:
    """Words with what is said of them, which bash does not."""
    return words if shell.describes else dict.fromkeys(words, "")


def test_what_is_said_of_a_candidate_comes_from_the_database(shell):
    accounts = {
        ANN: "unconfirmed", BOB: "confirmed", CAROL: "unconfirmed", ROOT: "confirmed administrator",
    }
    assert shell.tab("regctl show ")[1] == as_said(shell, accounts)
    assert shell.tab("regctl show-mail 3")[1] == as_said(shell, {"3": f"{ANN} queued"})


# Addresses and lines that would run something.

# Half an address, in all the ways of typing what a shell would read as something else.
HALVES = ["`touch", "\\`touch", "'`touch", '"\\`touch', "\\$", "'$(", "\\;", "a\\ ", "'a ", "--he", "-h",
          "\\~", "~r", "\\*", "*", "{a", "\\{", "=", "\\=", "\\!", "#", "\\#", "colon:", "colon\\:", "n", "'"]

RUNNING = [
    "regctl -d $(touch${IFS}owned) show bo", "regctl -d `touch${IFS}owned` show bo",
    "regctl --db=$(touch owned) show bo", 'regctl --db "$(touch owned)" show bo',
    "regctl --db='$(touch owned)' show bo", "regctl --config `touch${IFS}owned` show bo",
    "regctl -d (touch owned) show bo", "regctl --db=<(touch owned) show bo",
    "regctl -d '(touch owned)' show bo", "regctl -d ';touch owned' show bo",
    "regctl -d '`touch owned`' show bo", "regctl --db \\$\\(touch\\ owned\\) show bo",
    "regctl $(touch${IFS}owned) show bo", "regctl show $(touch owned) bo",
    "regctl list-outbox --fields '$(touch owned)',", "regctl list-outbox --fields=`touch${IFS}owned`,",
    "regctl '$(touch owned)' bo", "regctl '`touch owned`' --", "regctl 'x[$(touch owned)]' bo",
    "`touch${IFS}owned`/regctl show bo", "$(touch${IFS}owned)/regctl show bo",
    "'$(touch owned)/regctl' show bo", "'`touch owned`/regctl' show bo",
]


def test_hostile_addresses_are_not_offered_and_not_run(shell, place):
    before = place.tree()
    for command in ("show", "delete", "issue-token", "audit --email", "confirm --email"):
        offers = shell.offers(f"regctl {command} ")
        assert set(offers) <= set(ACCOUNTS) and ANN in offers, command
    for half in HALVES:
        typed = f"regctl show {half}"
        assert not any("x.org" in word for word in shell.offers(typed)), typed
        assert "x.org" not in shell.becomes(typed), typed
    assert place.tree() == before


def test_a_hostile_address_in_a_description_is_only_text(shell, place):
    before = place.tree()
    assert shell.offers("regctl show-mail ") == ["1", "2", "3", "4"]
    assert shell.tab("regctl show-mail 4")[1] == as_said(shell, {"4": f"{HOSTILE[0]} sent"})
    assert place.tree() == before


def test_words_on_the_line_are_never_run(shell, place):
    before = place.tree()
    for line in RUNNING:
        assert not set(shell.offers(line)) & {*ACCOUNTS, "other@example.org"}, line
        assert place.tree() == before, line
    assert shell.becomes("regctl show bo").rstrip() == "regctl show bob@example.org"


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.name)
def test_whatever_regctl_prints_only_plain_words_are_offered(kind, new_place, start):
    """The second lock: regctl itself leaves out much of this."""
    lines = "\n".join([*HOSTILE, "plain+%_.-1@x.org\t\x1b]0;title\x07 a:b"])
    new_place.program("bin/regctl", f"echo NOISE >&2; printf '%s\\n' {shlex.quote(lines)}; exit 3")
    before = new_place.tree()
    shell = start(kind, new_place)
    for line in ("regctl show ", "regctl audit --email=", "regctl list-outbox --fields "):
        offers = shell.tab(line)[1]
        # What is left of an address with a newline is plain.
        assert offers.keys() - {"new", "line@x.org"} == {"plain+%_.-1@x.org"}, line
        assert offers["plain+%_.-1@x.org"] == ("?]0;title? a:b" if kind.describes else ""), line
    assert new_place.tree() == before
    assert "NOISE" not in shell.printed()


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.name)
def test_only_plain_words_of_the_line_reach_regctl(kind, new_place, start):
    new_place.program("bin/regctl", 'printf "%s\\n" "$*" >>"$HOME/asked"')
    shell = start(kind, new_place)
    for line in [*RUNNING, *(f"regctl show {half}" for half in HALVES)]:
        shell.tab(line)
    shell.tab("regctl --db=some/where.db --config ~/my.conf show bo")
    asked = (new_place.directory / "asked").read_text()
    *_, last = asked.splitlines()
    assert last.endswith(" __complete emails bo")
    assert re.search("--db[= ]some/where.db ", last)
    assert re.search(f"--config[= ]{new_place.directory}/my.conf ", last)
    assert not re.search(r"[^\w\n @%+=:,./-]| -h| --he", asked)


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.name)
def test_a_careless_completion_would_be_seen(kind, new_place, start):
    """The control of the tests above: a file is made, or noise is printed, and both are noticed."""
    careless = {
        Bash: '_regctl() { COMPREPLY=($(compgen -W "$(regctl __complete emails)" -- "$2")); }\n'
              "complete -F _regctl regctl",
        Zsh: '#compdef regctl\neval "compadd -- $(regctl __complete emails)"',
        Fish: 'complete -c regctl -f -a "(eval echo (regctl __complete emails))"',
    }
    files = {Bash: "regctl.bash", Zsh: "_regctl", Fish: "regctl.fish"}
    address = {Bash: HOSTILE[0], Zsh: "$(touch owned)@x.org", Fish: "(touch owned)@x.org"}[kind]
    new_place.program("bin/regctl", f"echo NOISE >&2; printf '%s\\n' {shlex.quote(address)}")
    folder = new_place.directory / "careless"
    folder.mkdir()
    (folder / files[kind]).write_text(careless[kind] + "\n")
    before = new_place.tree()
    shell = start(kind, new_place, folder)
    shell.tab("regctl show ")
    assert new_place.tree().keys() - before.keys() == {new_place.directory / "owned"}
    assert "NOISE" in shell.printed()


# Nothing to offer, and odd surroundings.


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.name)
def test_without_a_database_there_are_no_candidates_and_no_noise(kind, new_place, start):
    before = new_place.tree()
    shell = start(kind, new_place)
    for line in ("show ", "show b", "confirm --email ", "show-mail ", "unprune ", "-d missing.db show b"):
        assert shell.tab(f"regctl {line}") == (f"regctl {line}", {}), line
    assert shell.becomes("regctl list-u").rstrip() == "regctl list-unconfirmed"
    assert new_place.tree() == before
    assert not re.search("database|hint|error|not found", shell.printed())


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.name)
def test_without_regctl_there_are_no_candidates_and_no_noise(kind, new_place, start):
    shell = start(kind, new_place)
    assert shell.tab("nowhere/regctl show qqq") == ("nowhere/regctl show qqq", {})
    (new_place.directory / "bin" / "regctl").unlink()
    assert shell.tab("regctl show qqq") == ("regctl show qqq", {})
    assert not re.search("not found|[Uu]nknown command|[Nn]o such file", shell.printed())


def test_a_shell_without_a_home_completes(place):
    for kind in SHELLS:
        environment = {name: value for name, value in place.environment.items() if name != "HOME"}
        shell = kind(place.directory, environment, COMPLETIONS)
        assert shell.becomes("regctl show bo").rstrip() == f"regctl show {BOB}", kind
        shell.tab("regctl -d ~/regctl.db show bo")
        assert not re.search("HOME|unbound|parameter", shell.printed())
        shell.close()


SURROUNDINGS = [
    "set -u", "shopt -s failglob nullglob extglob nocasematch", "IFS=@:", "set -o posix",
    "COMP_WORDBREAKS=${COMP_WORDBREAKS//[@=:]}", "COMP_WORDBREAKS=${COMP_WORDBREAKS//=}",
    "shopt -u globasciiranges", "alias regctl='regctl --quiet'", "set -f", "set -u; unset HOME",
]


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_bash_completes_whatever_else_was_set(surroundings, place, start):
    shell = start(Bash, place)
    shell.run(surroundings)
    for typed, becomes in [
        ("regctl show bob@ex", f"regctl show {BOB} "),
        ("regctl audit --email=bob@ex", f"regctl audit --email={BOB} "),
        ("regctl list-outbox --state=fa", "regctl list-outbox --state=failed "),
        ("regctl list-outbox --fields=id,mess", "regctl list-outbox --fields=id,message_id"),
        ("regctl --db ~/missing.db show x", "regctl --db ~/missing.db show x"),
    ]:
        assert shell.becomes(typed) == becomes
    assert "bash: " not in shell.printed()


def test_bash_completes_the_word_before_the_cursor(place, start):
    shell, left = start(Bash, place), "\x02"
    assert shell.becomes("regctl show bob@ex --quiet" + left * 8) == f"regctl show {BOB} --quiet"


def test_bash_keeps_its_word_breaks_and_gains_nothing_but_the_completion(place, start):
    shell = start(Bash, place)
    show = "printf '\\002%s\\003' \"$(declare -p COMP_WORDBREAKS; compgen -v; set -o; shopt)\""
    shell.child.sendline(show)
    before = shell.answer()
    assert "_regctl_commands" in before
    shell.tab("regctl show bob@ex")
    shell.child.sendline(show)
    assert set(shell.answer().split()) - set(before.split()) <= {"offered", "_"}


def test_addresses_that_differ_in_case_keep_what_was_typed(new_place, start):
    new_place.ok("create-db")
    add_users(new_place.db, ["BObby@example.org", "bOb@example.org"])
    shell = start(Bash, new_place)
    assert shell.becomes("regctl show bo") == "regctl show bob"
    assert shell.becomes("regctl show bobb") == "regctl show BObby@example.org "


@pytest.mark.parametrize(
    "line",
    ["regctl show bob@ex", "sudo regctl show bob@ex", "sudo regctl audit --email=bob@ex"],
)
def test_the_package_bash_completion_loads_the_file_by_its_name(line, place, new_place, start):
    folder = new_place.directory / "completions"
    folder.mkdir()
    (folder / "regctl").symlink_to(COMPLETIONS / "regctl.bash")
    (new_place.directory / "regctl.bash").write_text(". /usr/share/bash-completion/bash_completion\n")
    shell = start(Bash, place, new_place.directory, BASH_COMPLETION_USER_DIR=str(new_place.directory))
    shell.run("complete -r regctl")
    assert shell.becomes(line) == line.removesuffix("ex") + "example.org "


# The files themselves.


@pytest.mark.parametrize(
    "command",
    [["shellcheck", "regctl.bash"], ["bash", "-n", "regctl.bash"], ["zsh", "-n", "_regctl"],
     ["fish", "--no-config", "-n", "regctl.fish"]],
    ids=" ".join,
)
def test_the_files_are_clean(command):
    result = subprocess.run(command, cwd=COMPLETIONS, capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_no_file_evaluates_anything():
    for path in COMPLETIONS.iterdir():
        code = re.sub(r"^\s*#.*$", "", path.read_text(), flags=re.M)
        assert not re.search(r"\b(eval|compgen -W|_call_program|source)\b|\(e\)", code), path.name
