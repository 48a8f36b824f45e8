"""Completion offers what help says, in bash, zsh and fish."""

import re
import subprocess

import pytest

from Campaigns.extent import sample
from Peers.completions.help_table import Option, commands, global_options, topics
from Peers.completions.place import ACCOUNTS, ANN, CAROL, ROOT
from Peers.completions.shells import COMPLETIONS, SHELLS, Bash, Fish, Shell
from regctl import BINARY

# The expected candidates of an operand or value, by its name in help; OTHERWISE by command.
# The kinds of audit entries.
ACTS = [
    "create-db", "migrate-db", "create-admin", "register", "issue-token", "confirm",
    "confirm-by-operator", "expired-link", "unconfirm", "resend", "resend-forced", "delete", "undelete",
    "erase", "lock", "unlock", "set-password", "change-email", "request-email-change", "confirm-email-change",
    "request-reset", "reset-password", "prune", "unprune", "purge", "retry-mail", "cancel-mail",
    "release-held", "clear-bounce", "revoke-tokens", "grant-admin", "revoke-admin", "import", "export",
    "restore", "rotate-key",
]
FILES, DIRECTORIES, TOPICS = "files", "directories", "commands and topics"
EXPECTED = {
    "EMAIL": ACCOUNTS, "EMAIL|ID": ACCOUNTS, "EMAIL|@DOMAIN": ACCOUNTS, "OLD": ACCOUNTS,
    "ID|EMAIL": ["1", "2", "3", "4", *ACCOUNTS], "RUN": ["1"], "RUN|EMAIL": ["1", "gone@example.org"],
    "FILE": FILES, "FILE|-": FILES, "PATH|URI": FILES, "URI": FILES, "DIRECTORY": FILES, "COMMAND|TOPIC": TOPICS,
    "DIR": DIRECTORIES,
}
KINDS = ["change-email", "changed-notice", "confirm", "invite", "reminder", "reset"]
OTHERWISE = {
    ("create-admin", "EMAIL"): [], ("register", "EMAIL"): [], ("send-test", "EMAIL"): [],
    ("resend", "EMAIL"): [ANN, CAROL], ("confirm", "--email"): [ANN, CAROL],
    ("revoke-admin", "EMAIL"): [ROOT], ("undelete", "EMAIL|ID"): ["left@example.org"],
    ("unprune", "--email"): ["gone@example.org"], ("audit", "--act"): ACTS,
    ("show-template", "NAME"): KINDS,
    ("cancel-mail", "ID|EMAIL"): ["3", *ACCOUNTS], ("retry-mail", "ID|EMAIL"): ["2", "3", *ACCOUNTS],
}

# What is meant where a value decides what comes next, and operands that only an option allows.
MEANT = {"--db": "regctl.db", "--config": "regctl.conf"}
BESIDE = {("confirm", "--email"): sorted([ANN, CAROL])}


def test_help_is_read_as_a_table():
    """Otherwise the tests below could pass by comparing nothing."""
    assert len(commands()) >= 32
    assert len(global_options()) >= 11
    table = {command.name: command for command in commands()}
    assert table["retry-mail"].operands == ("ID|EMAIL...",)
    assert table["help"].operands == ("COMMAND|TOPIC",)
    assert table["inspect-token"].operands == ("TOKEN|LINK|-",)
    create = table["create-db"].options
    assert create[0] == Option(("--if-not-exists",), None, "Succeed if the database already exists")
    assert create[1].value == "wal|truncate"
    assert table["prune"].options[8].flags == ("-n", "--dry-run")
    assert sum(len(command.options) for command in commands()) >= 70


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
    # bash leaves files to readline and does not say which it found.
    if isinstance(shell, Bash) and not offers:
        if shell.becomes(line + "lett") != line + "lett":
            offers = ["letter.txt"]
        if not offers and shell.becomes(line + "min") != line + "min":
            offers = ["mine"]
    if "letter.txt" in offers:
        return FILES
    if {"mine", "mine/"} & set(offers):
        return DIRECTORIES
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


def value_questions() -> list[tuple[str, list[str] | str]]:
    """What is asked about the values of options: a line, and what is to be offered behind it."""
    questions = []
    for command in commands():
        everywhere = global_options() if command.name == "show" else ()
        for option in command.options + everywhere:
            if option.value:
                expected = expectation(command.name, option.value, option.long)
                questions += [(f"regctl {command.name} {option.long}{end}", expected) for end in ("=", " ")]
    return questions


def operand_questions() -> list[tuple[str, list[str] | str]]:
    """What is asked about what comes behind an option with its value, or without one."""
    questions = []
    for command in commands():
        operand = expectation(command.name, *command.operands[:1]) if command.operands else []
        everywhere = global_options() if command.name == "show" else ()
        for option in command.options + everywhere:
            line = f"regctl {command.name} {option.long} "
            after = operand
            if option.value:
                line += MEANT.get(option.long, "x") + " "
                after = BESIDE.get((command.name, option.long), operand)
            questions.append((line, after))
    return questions


def test_every_option_is_completed_by_what_help_calls_its_value(shell):
    questions = sample("values of options in completion", value_questions(), 4)
    questions += sample("operands behind options in completion", operand_questions(), 8)
    assert len(questions) > 100
    for line, expected in questions:
        assert offers_what(shell, line) == expected, line
