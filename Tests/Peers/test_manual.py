"""The manual: well-formed, about the commands that there are, and every example in it works."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pytest

from regctl import BINARY, Site

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "man"
PAGES = sorted(MANUAL.glob("*.[1-9]"))
SECTIONS = [
    "NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES",
    "DIAGNOSTICS", "SEE ALSO", "STANDARDS", "SECURITY CONSIDERATIONS",
]

# Where manuals were removed from a system, the program has another name, and `man` only says so.
MAN = "man.REAL" if shutil.which("man.REAL") else "man"


# What a page says


def plain(text: str) -> str:
    """Text without the escapes of roff."""
    for escape, character in {r"\-": "-", r"\&": "", r"\(dq": '"', r"\e": "\\"}.items():
        text = text.replace(escape, character)
    return text


@dataclass
class Example:
    """A command line of the manual, and what the page shows below it."""

    line: str
    output: list[str] = field(default_factory=list)


class Page:
    """A page of the manual, by its source and by how it looks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self.text = path.read_text()
        parts = re.split(r"^\.Sh (.*)\n", self.text, flags=re.M)
        self.order = parts[1::2]
        self.sections = dict(zip(parts[1::2], parts[2::2], strict=True))

    @property
    def command(self) -> str:
        return self.path.stem.removeprefix("regctl-")

    def items(self, section: str = "DESCRIPTION", macro: str = "Fl") -> dict[str, str]:
        """The items of the lists of a section that begin with a macro, and the text below each."""
        found = re.findall(
            rf"^\.It {macro} (.*)\n((?:(?!\.It|\.El|\.Ss).*\n)*)", self.sections.get(section, ""), re.M
        )
        return {plain(head): plain(body) for head, body in found}

    def options(self, items: dict[str, str] | None = None) -> dict[str, str]:
        """The options that are explained, in all their spellings, and the text about each."""
        found = {}
        for head, body in (self.items() if items is None else items).items():
            names = re.findall(r"(?:^|Fl )(-[a-z-]+|\w)(?= |$)", head)
            found[" ".join(sorted(f"-{name}" for name in names))] = head + "\n" + body
        return found

    def exit_codes(self) -> set[int]:
        heads = re.findall(r"^\.It (.*)$", self.sections.get("EXIT STATUS", ""), re.M)
        return {int(number) for head in heads for number in re.findall(r"\d+", head)}

    def blocks(self) -> list[str]:
        """The literal displays of the examples."""
        found = re.findall(
            r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed|^\.Dl (.*\n)", self.sections.get("EXAMPLES", ""), re.M | re.S
        )
        return [plain(display or line) for display, line in found]

    def stories(self) -> list[list[Example]]:
        """The examples, those of a display together."""
        stories = []
        for block in self.blocks():
            story: list[Example] = []
            for line in block.splitlines():
                if re.match(r"[$#] (?!Do not use)", line):
                    story.append(Example(line))
                elif story and line.startswith("> ") and not story[-1].output:
                    story[-1].line += "\n" + line[2:]
                elif story:
                    story[-1].output.append(line)
            if story:
                stories.append(story)
        return stories

    def rendered(self, section: str | None = None) -> str:
        """The page as mandoc shows it, without bold and underlined letters, or one section of it."""
        shown = subprocess.run(
            ["mandoc", "-Tutf8", "-Owidth=78", self.path], capture_output=True, text=True, check=True
        ).stdout
        text = re.sub(".\b", "", shown)
        if section is None:
            return text
        found = re.search(rf"^{section}\n(.*?)(?=^\S)", text, re.M | re.S)
        return found[1] if found else ""


def page(name: str) -> Page:
    return Page(MANUAL / name)


# What the binary says


def output_of(*words: str) -> str:
    return subprocess.run([BINARY, *words], env={}, capture_output=True, text=True).stdout


def part(text: str, heading: str) -> str:
    """What stands under a heading of the help."""
    found = re.search(rf"^{heading}.*\n((?:  .*\n|\n)*)", text, re.M)
    return found[1] if found else ""


def options_in(text: str) -> dict[str, str]:
    """Options of the help with the name of their value."""
    found = re.findall(r"^  (?:(-\w), |    )(--[a-z-]+)(?: (\S+))?", text, re.M)
    return {" ".join(sorted(filter(None, (short, long)))): value for short, long, value in found}


class Help:
    """What `help COMMAND` says."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.text = output_of("help", command)
        self.synopses = re.findall(r"^  (regctl .*)$", part(self.text, "USAGE"), re.M)
        self.options = options_in(part(self.text, "OPTIONS"))
        words = " ".join(part(self.text, "EXIT STATUS").split())
        self.exit_codes = {int(number) for number in re.findall(r"(?:^|, )(\d+) ", words)}
        self.examples = re.findall(r"^ +\$ (.*)$", part(self.text, "EXAMPLES"), re.M)


OVERVIEW = output_of("help")
TOPICS = re.findall(r"^  (\S+) ", part(OVERVIEW, "HELP TOPICS"), re.M)
SUMMARIES = {
    name: summary
    for group in re.findall(r"^([A-Z]+)$", OVERVIEW, re.M) if group != "USAGE"
    for name, summary in re.findall(r"^  ([a-z]\S+) +(\S.*)$", part(OVERVIEW, group), re.M)
}
COMMANDS = list(SUMMARIES)
GLOBAL_OPTIONS = options_in(part(OVERVIEW, "GLOBAL OPTIONS"))


def setting_defaults() -> dict[str, str]:
    """The variables of the settings with their defaults."""
    text = part(output_of("help", "environment"), "SETTINGS")
    entries = re.split(r"^  (?=REGCTL_)", text, flags=re.M)[1:]
    return {
        entry.split()[0]: re.search(r"\(default: (.*)\)$", " ".join(entry.split()))[1]
        for entry in entries
    }


def error_codes() -> set[str]:
    text = part(output_of("help", "exit-codes"), "The codes are:")
    return set(re.findall(r"\w+", text))


# What is wrong with a page. Each answers with complaints, so that the controls can see them.


def lint(one: Page) -> list[str]:
    """What mandoc, man and groff have to say."""
    environment = os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANROFFSEQ": ""}
    mandoc = subprocess.run(
        ["mandoc", "-Tlint", "-W", "style", one.path], capture_output=True, text=True
    ).stdout.splitlines()
    complaints = [line for line in mandoc if "referenced manual not found" not in line]
    for command in (
        [MAN, "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", one.path],
        ["groff", "-ww", "-mandoc", "-Tutf8", "-Z", one.path],
    ):
        result = subprocess.run(command, capture_output=True, text=True, env=environment)
        complaints += result.stderr.splitlines()
        if not result.stdout.startswith("x T utf8"):
            complaints.append(f"{command[0]} made no page")
    return complaints


def disorder(one: Page) -> list[str]:
    """Sections that are unknown, doubled, in the wrong order, empty, or missing."""
    known = [name for name in one.order if name in SECTIONS]
    complaints = [name for name in one.order if name not in SECTIONS]
    complaints += [name for name, text in one.sections.items() if not text.strip()]
    complaints += [name for name in ("NAME", "DESCRIPTION", "EXAMPLES", "SEE ALSO") if name not in known]
    if known != sorted(set(known), key=SECTIONS.index):
        complaints.append("order")
    return complaints


def broken_references(one: Page) -> list[str]:
    references = re.findall(r"^\.(?:It )?Xr (regctl\S*) (\d)", one.text, re.M)
    return [f"{name}({number})" for name, number in references if not (MANUAL / f"{name}.{number}").exists()]


def too_wide(one: Page) -> list[str]:
    return [line for line in one.rendered().splitlines() if len(line) > 80]


def operands(synopsis: str, options: dict[str, str]) -> list[str]:
    """The operands of a synopsis, without options and their values."""
    values = {long: value for name, value in options.items() for long in name.split()}
    text = re.sub(r"\s*\|\s*", "|", synopsis.removeprefix("regctl ").partition(" ")[2])
    words = text.replace("...", " ...").replace("[", " ").replace("]", " ").split()
    found, is_value = [], False
    for word in words:
        if is_value:
            is_value = False
        elif word.startswith("-") and len(word) > 1:
            is_value = bool(values.get(word.split("|")[-1]))
        elif word not in ("options", "|"):
            found.append(word.lower())
    return found


def synopses(one: Page) -> list[str]:
    """The forms of a synopsis as they are shown, each on one line."""
    text = " ".join(one.rendered("SYNOPSIS").split())
    return ["regctl " + form.strip() for form in text.split("regctl ") if form.strip()]


def differences(one: Page, usage: Help) -> list[str]:
    """Where a page and the help of its command do not say the same."""
    complaints = []
    explained = one.options()
    complaints += [f"option {name}" for name in sorted(explained.keys() ^ usage.options.keys())]
    shown = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(synopses(one)).partition(" ")[2])
    spellings = {word for name in usage.options for word in name.split()}
    complaints += [f"synopsis {name}" for name in sorted(set(shown) ^ spellings)]
    for name, value in usage.options.items():
        for choice in value.split("|") if value.islower() else []:
            if name in explained and not re.search(rf"(?<!\w){re.escape(choice)}(?!\w)", explained[name]):
                complaints.append(f"choice {choice} of {name}")
    ours = [operands(form, usage.options) for form in synopses(one)]
    theirs = [operands(form, usage.options) for form in usage.synopses]
    if ours != theirs:
        complaints.append(f"operands {ours} and not {theirs}")
    complaints += [f"exit code {code}" for code in sorted(one.exit_codes() ^ usage.exit_codes)]
    lines = {example.line[2:] for story in one.stories() for example in story}
    complaints += [f"example {line}" for line in usage.examples if line not in lines]
    summary = SUMMARIES[usage.command]
    if f".Nd {summary[0].lower()}{summary[1:]}\n" not in one.text:
        complaints.append("summary")
    return complaints


def wrong_columns(one: Page, usage: Help) -> list[str]:
    """Whether the page names the columns that --fields knows, in their order."""
    if "--fields" not in usage.options:
        return []
    about = one.options()["--fields"].split("in this order:\n")[1].split(".\n")[0]
    ours = re.findall(r"\w+", " ".join(re.findall(r"^\.Cm (.*)$", about, re.M)))
    # Enough operands and options for any command to come as far as its fields.
    result = subprocess.run(
        [BINARY, usage.command, *REQUIRED.get(usage.command, []), "--fields", "?"],
        env={}, capture_output=True, text=True,
    )
    found = re.search(r"the fields are (\S+)", result.stderr)
    theirs = found[1].split(",") if found else []
    return [] if ours == theirs and theirs else [f"columns {ours} and not {theirs}"]


# The words without which a command does not come to look at --fields.
REQUIRED = {
    "inspect-token": ["token"], "issue-token": ["ann@example.org"], "send-test": ["ann@example.org"],
}


def source_text() -> str:
    """All prose of the program; what is put into it at run time is a gap."""
    text = "\n".join(path.read_text() for path in sorted((ROOT / "Sources" / "regctl").rglob("*.swift")))
    return re.sub(r'"\s*\+\s*"', "", text).replace('\\"', '"')


def unknown_messages(one: Page, source: str) -> list[str]:
    """Messages of the diagnostics that the program does not have."""
    messages = re.findall(r"^\.It (.*)$", one.sections.get("DIAGNOSTICS", ""), re.M)
    fragments = [fragment.strip(" :") for message in messages for fragment in plain(message).split("...")]
    return [fragment for fragment in fragments if len(fragment) > 1 and fragment not in source]


# The pages


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_well_formed_and_in_order(path):
    one = Page(path)
    assert lint(one) == []
    assert disorder(one) == []
    assert broken_references(one) == []
    assert too_wide(one) == []
    assert one.text.startswith(".Dd ")
    assert f".Dt {path.stem.upper()} {path.suffix[1:]}\n.Os\n" in one.text


def test_every_command_has_its_page_and_every_page_its_command():
    ours = {path.stem.removeprefix("regctl-") for path in MANUAL.glob("regctl-*.1")}
    assert ours == set(COMMANDS)
    assert {path.name for path in PAGES} - {f"regctl-{name}.1" for name in COMMANDS} == {
        "regctl.1", "regctl.conf.5", "regctl-json.5", "regctl-templates.5",
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_says_the_same_as_the_help_of_its_command(command):
    one, usage = page(f"regctl-{command}.1"), Help(command)
    assert usage.examples and usage.exit_codes and usage.synopses
    assert differences(one, usage) == []
    assert wrong_columns(one, usage) == []


def test_the_messages_that_pages_explain_are_those_of_the_program():
    source = source_text()
    explained = 0
    for path in PAGES:
        assert unknown_messages(Page(path), source) == [], path.name
        explained += len(re.findall(r"^\.It ", Page(path).sections.get("DIAGNOSTICS", ""), re.M))
    assert explained > 20


def test_the_first_page_names_every_command_topic_and_global_option():
    one = page("regctl.1")
    listed = re.findall(r"^\.It Xr regctl-(\S+) 1\n(.*)\.$", one.text, re.M)
    assert dict(listed) == SUMMARIES
    assert [name for name, _ in listed] == COMMANDS
    explained = one.options()
    assert explained.keys() == GLOBAL_OPTIONS.keys()
    for name, value in GLOBAL_OPTIONS.items():
        for choice in value.split("|") if value.islower() else []:
            assert choice in explained[name], (name, choice)
    topics = one.text.split("The topics of\n.Nm Cm help\nare\n")[1].split(".Ss")[0]
    assert re.findall(r"\.Cm (\S+)", topics) == TOPICS


def test_the_first_page_knows_every_general_variable_and_every_exit_code():
    one = page("regctl.1")
    general = re.findall(r"^  (\w+) ", part(output_of("help", "environment"), "GENERAL"), re.M)
    assert [name.strip() for name in one.items("ENVIRONMENT", "Ev")] == general
    codes = re.findall(r"^  (\d+)  ", part(output_of("help", "exit-codes"), "EXIT CODES"), re.M)
    assert one.exit_codes() == {int(code) for code in codes}
    assert len(codes) > 10


# Controls: what the checks are there to see


@pytest.fixture
def spoilt(tmp_path: Path) -> Callable[[str, str, str], Page]:
    """Makes a copy of a page in which something was replaced."""

    def spoil(name: str, old: str, new: str) -> Page:
        text = (MANUAL / name).read_text()
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, 1))
        return Page(tmp_path / name)

    return spoil


def test_the_checks_see_a_page_that_is_not_well_formed(spoilt):
    assert lint(spoilt("regctl-prune.1", ".Sh EXAMPLES", ".Xx\n.Sh EXAMPLES"))
    assert lint(spoilt("regctl-prune.1", ".Bl -tag -width Ds\n.It Fl", ".It Fl"))
    one = spoilt("regctl-prune.1", ".Xr regctl-unprune 1 ,", ".Xr regctl-unprun 1 ,")
    assert broken_references(one) == ["regctl-unprun(1)"]
    assert len(too_wide(spoilt("regctl-prune.1", "$ regctl prune --yes --quiet", "$ " + "x" * 77))) == 1


def test_the_checks_see_sections_in_disorder(spoilt):
    one = spoilt("regctl-prune.1", ".Sh EXIT STATUS", ".Sh EXAMPLES\nNone.\n.Sh EXIT STATUS")
    assert "order" in disorder(one)
    assert disorder(spoilt("regctl-prune.1", ".Sh EXIT STATUS", ".Sh EXIT CODES")) == ["EXIT CODES"]
    empty = spoilt("regctl-list-prunes.1", ".Sh SEE ALSO", ".Sh FILES\n.Sh SEE ALSO")
    assert disorder(empty) == ["FILES", "order"]


def test_the_checks_see_a_page_that_says_something_else_than_the_help(spoilt):
    usage = Help("prune")

    def complaints(old: str, new: str) -> list[str]:
        return differences(spoilt("regctl-prune.1", old, new), usage)

    assert complaints(".It Fl \\-max Ar n\n", ".It Ar n\n") == ["option --max"]
    assert complaints(".It Fl n , Fl \\-dry-run", ".It Fl \\-dry-run") == [
        "option --dry-run", "option --dry-run -n"
    ]
    assert complaints(".Op Fl \\-max Ar n\n", "") == ["synopsis --max"]
    assert complaints(".Op Fl \\-max Ar n\n", ".Op Fl \\-max Ar n\n.Ar email\n") == [
        "operands [['email'], [], []] and not [[], [], []]"
    ]
    assert complaints(".It 64 , 74", ".It 74") == ["exit code 64"]
    assert complaints("--yes --quiet", "--quiet --yes") == ["example regctl prune --yes --quiet"]
    assert complaints("not confirmed in time", "not confirmed") == ["summary"]
    state = spoilt("regctl-list-outbox.1", "cancelled\nor\n.Cm expired .\n.It Fl", "cancelled .\n.It Fl")
    assert differences(state, Help("list-outbox")) == ["choice expired of --state"]
    columns = spoilt("regctl-prune.1", ".Cm email , registered_on", ".Cm registered_on , email")
    assert wrong_columns(columns, usage)
    message = spoilt("regctl-prune.1", "accounts would go, more than half", "accounts would go")
    assert unknown_messages(message, source_text()) == []
    message = spoilt("regctl-prune.1", "accounts would go, more than half", "accounts may go")
    assert unknown_messages(message, source_text()) == ["accounts may go"]


# The examples

# Makes the site in which the examples of a page work; each display has a copy of its own.
MADE = "regctl create-db -q && regctl create-admin admin@example.org --password-file secret"
ANN = f"{MADE} && regctl register ann@example.org --no-password"
SENT = f"{ANN} && regctl deliver && regctl issue-token ann@example.org --url > link && cp link links"
EARLIER = (
    "sqlite3 regctl.db \"UPDATE regctl_outbox SET queued_at = queued_at - {0},"
    " finished_at = finished_at - {0}; UPDATE regctl_audit SET at = at - {0};"
    " UPDATE users SET registered_on = datetime(registered_on, '-{0} seconds')\""
)
TABLE = (
    "sqlite3 dev.sqlite 'CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,"
    " password, registered_on DATETIME, admin BOOLEAN, confirmed BOOLEAN, confirmed_on DATETIME)'"
)
MONTH = EARLIER.format(31 * 86400)
BY_HAND = "regctl confirm --reason called --email"
DRAFTS = f"mkdir drafts && cp {{0}}/confirm.* drafts && {ANN}"
NEEDS = {
    "regctl.1": ":",
    "regctl-audit.1": f"{ANN} && regctl register bob@example.org --no-password && {BY_HAND} bob@example.org"
    " && regctl delete bob@example.org --reason left --yes",
    "regctl-cancel-mail.1": ANN,
    "regctl-change-email.1": f"{MADE} && regctl register ann@exmaple.org --no-password",
    "regctl-check.1": f"{MADE} && regctl register ann@example.org --password-file secret"
    f" && {BY_HAND} ann@example.org && regctl register bob@example.org --no-password",
    "regctl-config.1": ":",
    "regctl-confirm.1": SENT,
    "regctl-create-admin.1": f"{MADE} && regctl register bob@example.org --no-password",
    "regctl-create-db.1": ":",
    "regctl-delete.1": f"{ANN} && regctl register bob@example.org --no-password",
    "regctl-deliver.1": f"{ANN} && regctl register bob@example.org --no-password"
    f" && {BY_HAND} bob@example.org",
    "regctl-grant-admin.1": ANN,
    "regctl-help.1": ":",
    "regctl-export.1": f"{ANN} && cp regctl.db old.db",
    "regctl-import.1": f"{ANN} && regctl export > accounts.jsonl && printf"
    " 'email,confirmed_on\\neva@example.org,2026-11-23T09:00:00Z\\nuwe@example.org,\\n' > accounts.csv",
    "regctl-inspect-token.1": SENT,
    "regctl-issue-token.1": ANN,
    "regctl-json.5": ANN,
    "regctl-list-admins.1": f"{MADE} && regctl list-admins --format tsv > yesterday",
    "regctl-list-outbox.1": ANN,
    "regctl-list-prunes.1": f"{ANN} && regctl deliver && {MONTH} && regctl prune --yes",
    "regctl-list-unconfirmed.1": f"{MADE} && regctl register dora@example.org --no-password && {MONTH}"
    " && sqlite3 regctl.db \"UPDATE regctl_outbox SET state = 'expired'\""
    " && regctl register ann@example.org --no-password",
    "regctl-migrate-db.1": TABLE,
    "regctl-prune.1": f"{ANN} && regctl deliver && regctl register bob@example.org --no-password && {MONTH}",
    "regctl-register.1": f"{MADE} && printf '%s@example.org\\n' carol dora > addresses",
    "regctl-report.1": f"{SENT} && regctl confirm --stdin < link && regctl register bob@example.org"
    f" --no-password && regctl register carol@example.org --no-password --no-mail && {BY_HAND}"
    " bob@example.org && regctl cancel-mail 2",
    "regctl-reset-password.1": f"{ANN} && regctl issue-token ann@example.org --purpose reset > link"
    " && install -m 600 secret new",
    "regctl-resend.1": f"{ANN} && regctl deliver && {EARLIER.format(3600)}",
    "regctl-retry-mail.1": f"{ANN} && regctl register bob@example.org --no-password && sqlite3 regctl.db"
    " \"UPDATE regctl_outbox SET state = CASE id WHEN 1 THEN 'failed' ELSE 'expired' END\"",
    "regctl-revoke-admin.1": f"{MADE} && regctl create-admin ann@example.org --password-file secret",
    "regctl-send-test.1": ":",
    "regctl-set-password.1": f"{ANN} && {BY_HAND} ann@example.org",
    "regctl-show.1": f"{ANN} && regctl deliver"
    " && sqlite3 regctl.db \"UPDATE regctl_outbox SET last_reply = '250 2.0.0 Ok: queued as 4V3kQn'\"",
    "regctl-show-mail.1": DRAFTS,
    "regctl-templates.5": DRAFTS,
    "regctl-tour.1": ":",
    "regctl-unconfirm.1": f"{ANN} && {BY_HAND} ann@example.org",
    "regctl-unprune.1": f"{ANN} && regctl deliver && {MONTH} && regctl prune --yes",
}
# Pages whose displays are one story.
CONTINUED = {"regctl.1", "regctl-change-email.1"}

# Examples that end otherwise than with 0.
ENDINGS = {
    ("regctl-list-prunes.1", "regctl show ann@example.org"): 67,
}
# Examples that ask for a password.
PROMPTS = ["create-admin ann@example.org", "register ann@example.org", "set-password ann@example.org"]
NOT_RUN = {
    "$ sudo -u regctl regctl doctor": "needs the rights of root and a user of that name",
    "# systemctl enable --now regctl-prune.timer": "needs systemd",
    "# systemctl kill --signal=USR1 regctl-deliver.service": "needs systemd",
    "# systemctl edit regctl-deliver.service": "needs systemd and an editor",
    "# install -g regctl -m 640 regctl.conf /etc/regctl/regctl.conf": "changes the system",
    "# install -o regctl -m 600 mail.password /etc/regctl/mail.password": "changes the system",
}
# What the first displays of regctl-templates(5) are.
TEMPLATES = ["confirm.txt", "confirm.html"]
PASSWORD = "correct horse battery"
MARK = "@@ended with"


class Shell:
    """A directory in which regctl is a command, and its configuration that of the examples."""

    def __init__(self, directory: Path, binaries: Path) -> None:
        self.directory = directory
        self.environment = {
            "PATH": f"{binaries}:/usr/bin:/bin", "HOME": str(directory), "TMPDIR": str(directory),
            "LC_ALL": "C.UTF-8", "REGCTL_CONFIG": "regctl.conf", "SUDO_USER": "root",
        }

    def run(self, script: str) -> str:
        """What a script prints on both streams, without a terminal."""
        return subprocess.run(
            ["bash", "-c", script], cwd=self.directory, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, timeout=60,
        ).stdout

    def prepare(self, script: str) -> None:
        printed = self.run(f"({script}) > /dev/null && echo prepared")
        assert printed.endswith("prepared\n"), printed

    def type_password(self, line: str) -> tuple[str, int]:
        """Runs a command on a terminal, and answers its two questions."""
        child = pexpect.spawn(
            "bash", ["-c", line], cwd=self.directory, env=self.environment, encoding="utf-8"
        )
        for question in ("New password: ", "Retype new password: "):
            child.expect_exact(question, timeout=30)
            child.sendline(PASSWORD)
        shown = child.read()
        child.close()
        return shown, child.exitstatus


@pytest.fixture(scope="module")
def shells(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Callable[[], Shell]]:
    """Prepares the site of a page, and makes copies of it."""
    binaries = tmp_path_factory.mktemp("bin")
    (binaries / "regctl").symlink_to(BINARY)
    settings = {
        "db": "regctl.db", "maildir_path": "Maildir", "sendmail_path": "./sendmail",
        "reset_url": "https://app.example/reset/{token}",
        "change_email_url": "https://app.example/change/{token}",
    }

    def prepared(name: str) -> Callable[[], Shell]:
        original = tmp_path_factory.mktemp("original")
        site = Site(original, **settings)
        site.key_file.unlink()
        for file, content, mode in [
            ("secret", PASSWORD + "\n", 0o600), ("addresses", "ann@example.org\n", 0o600),
            ("sendmail", "#!/bin/sh\ncat > sent\n", 0o700),
        ]:
            (original / file).write_text(content)
            (original / file).chmod(mode)
        templates = original / "shown"
        templates.mkdir()
        for file, block in zip(TEMPLATES, page("regctl-templates.5").blocks(), strict=False):
            (templates / file).write_text(block)
        Shell(original, binaries).prepare(NEEDS.get(name, MADE).replace("{0}", "shown"))

        def copy() -> Shell:
            directory = tmp_path_factory.mktemp("site") / "copy"
            shutil.copytree(original, directory)
            return Shell(directory, binaries)

        return copy

    return prepared


def pattern(lines: list[str]) -> str:
    """A pattern for output: numbers and hashes, and how columns are filled up, may differ."""
    lines = [re.sub(r"\b[0-9a-f]{64}\b", "\0", line.rstrip()) for line in lines]
    text = "\n".join(re.escape(re.sub(r"[ \t]+", " ", line)) for line in lines)
    text = re.sub(r"\\ ", "[ \\\\t]+", re.sub(r"\d+", r"\\d+", text))
    text = re.sub(r"\b(second|minute|hour|day)s?\b", r"\1s?", text)
    text = text.replace(re.escape("\0"), "[0-9a-f]{64}")
    return text.replace("\n", "[ \\t]*\n") + r"\s*"


def runnable(story: list[Example]) -> list[Example]:
    return [example for example in story if example.line not in NOT_RUN]


def failures(name: str, story: list[Example], shell: Shell) -> list[str]:
    """Runs the examples of a display in one shell; what does not go as the page says."""
    examples = runnable(story)
    lines = [example.line[2:] for example in examples]
    if "ImFubk..." in "".join(lines):
        token = shell.run("regctl issue-token ann@example.org").strip()
        lines = [line.replace("ImFubk...", token) for line in lines]
    if len(lines) == 1 and lines[0].removeprefix("regctl ") in PROMPTS:
        results = [shell.type_password(lines[0])]
    else:
        script = "".join(f"{line}\nprintf '{MARK} %s\\n' $?\n" for line in lines)
        found = re.findall(rf"(.*?){MARK} (\d+)\n", shell.run(script), re.S)
        results = [(output, int(code)) for output, code in found]
    complaints = [] if len(results) == len(examples) else [f"the shell did not come to the end of {lines}"]
    for example, (output, code) in zip(examples, results, strict=False):
        if code != ENDINGS.get((name, example.line[2:]), 0):
            complaints.append(f"{example.line}: exit code {code}: {output}")
        if example.output and not re.fullmatch(pattern(example.output), output):
            complaints.append(f"{example.line}: printed {output!r}")
    return complaints


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_example_works_and_prints_what_the_page_shows(path, shells):
    stories = Page(path).stories()
    assert stories
    if path.name in CONTINUED:
        stories = [[example for story in stories for example in story]]
    copy = shells(path.name)
    for story in stories:
        assert failures(path.name, story, copy()) == []


def test_an_example_that_is_not_run_says_why():
    lines = [example.line for path in PAGES for story in Page(path).stories() for example in story]
    assert set(NOT_RUN) <= set(lines)
    assert [line for line in lines if line.startswith("#") and line not in NOT_RUN] == []
    assert sum(line not in NOT_RUN for line in lines) > 90
    prompting = [line for line in lines if line.removeprefix("$ regctl ") in PROMPTS]
    assert len(set(prompting)) == len(PROMPTS)
    assert {(name, f"$ {line}") for name, line in ENDINGS} <= {
        (path.name, example.line) for path in PAGES for story in Page(path).stories() for example in story
    }


def test_the_runner_sees_an_example_that_fails_or_prints_something_else(shells):
    copy = shells("regctl-show.1")
    line = "$ regctl resend ann@example.org --force"
    good = Example(line, ["A confirmation mail to ann@example.org is queued."])
    assert failures("x", [good], copy()) == []
    assert failures("x", [Example(line, ["A mail to ann@example.org is queued."])], copy())
    assert failures("x", [Example("$ regctl resend ann@example.org")], copy())
    assert failures("x", [Example("$ regctl resend 'ann@example.org")], copy())
    assert failures("x", [Example("$ true", []), Example("$ exit 0", [])], copy())


# regctl.conf(5)


def settings_of(one: Page) -> dict[str, str]:
    """The settings of regctl.conf(5) with what is said about each."""
    return {
        re.fullmatch(r"(\w+) , Ev (REGCTL_\w+)", head).groups(): " ".join(
            re.sub(r"^\.\w+ ", "", body, flags=re.M).replace("\n", " ").replace(" .", ".").split()
        )
        for head, body in one.items(macro="Va").items()
    }


def wrong_settings(one: Page) -> list[str]:
    """Settings, variables and defaults that are not those of the binary."""
    explained = settings_of(one)
    defaults = setting_defaults()
    keys = [row["key"] for row in json.loads(output_of("config", "--config", "none", "--json"))["settings"]]
    assert [f"REGCTL_{key.upper()}" for key in keys] == list(defaults)
    complaints = [f"setting {key}" for key in {key for key, _ in explained} ^ set(keys)]
    for (key, variable), words in explained.items():
        default = defaults.get(variable)
        if default is None:
            complaints.append(f"variable {variable}")
        elif default == "none":
            complaints += [] if "There is no default." in words else [f"default of {key}"]
        elif not re.search(rf"The default (is )?(the )?{re.escape(default)}[.:, ]", words):
            complaints.append(f"default of {key}: {default}")
    return complaints


def test_the_page_of_settings_has_every_key_variable_and_default(spoilt):
    assert wrong_settings(page("regctl.conf.5")) == []
    assert len(setting_defaults()) > 30
    assert wrong_settings(spoilt("regctl.conf.5", ".Cm 14d", ".Cm 15d")) == ["default of prune_after: 14d"]
    assert wrong_settings(spoilt("regctl.conf.5", "Va prune_max ,", "Va prune_most ,"))
    renamed = spoilt("regctl.conf.5", "REGCTL_PRUNE_MAX", "REGCTL_PRUNE")
    assert wrong_settings(renamed) == ["variable REGCTL_PRUNE"]


def test_the_page_of_settings_names_every_range_and_choice(site):
    seen = 0
    for (key, variable), words in settings_of(page("regctl.conf.5")).items():
        # Paths and lines of text can be this, and nothing else.
        result = site.run("config", "--json", environment={variable: "-"})
        message = json.loads(result.stderr)["error"]["message"] if result.returncode else ""
        if found := re.search(r"a number from (\d+) to (\d+) is needed", message):
            assert f"from {found[1]} to {found[2]}" in words, key
            seen += 1
        if found := re.search(r"it is one of (.*)$", message):
            assert all(choice in words for choice in found[1].split(", ")), key
            seen += 1
    assert seen == 7


def test_the_files_of_the_examples_are_valid_configurations(tmp_path):
    blocks = [block for block in page("regctl.conf.5").blocks() if re.search(r"^\w+ = ", block, re.M)]
    assert len(blocks) == 4
    for block in blocks:
        file = tmp_path / "regctl.conf"
        file.write_text(block)
        file.chmod(0o600)
        rows = json.loads(output_of("config", "--config", str(file), "--json"))["settings"]
        set_there = {row["key"]: row["value"] for row in rows if "line" in row["origin"]}
        assert set_there == dict(re.findall(r"^(\w+) = (.*)$", block, re.M))


def test_the_credential_of_the_example_is_taken_for_the_setting(site, tmp_path):
    block = next(block for block in page("regctl.conf.5").blocks() if "LoadCredential" in block)
    name = re.search(r"LoadCredential=(\w+):", block)[1]
    (tmp_path / name).write_text("secret\n")
    result = site.run("config", "--json", environment={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    origins = {row["key"]: row["origin"] for row in json.loads(result.stdout)["settings"]}
    assert origins[name] == str(tmp_path / name)


def test_the_page_names_the_credentials_of_the_units():
    words = page("regctl.conf.5").text
    units = "".join(path.read_text() for path in (ROOT / "Sources/Packaging/systemd").glob("*.service"))
    credentials = re.findall(r"^LoadCredential=(\w+):(\S+)$", units, re.M)
    assert {name for name, _ in credentials} == {"secret_key_file", "mail_password_file"}
    assert set(re.findall(r"/etc/credstore/(\S+)", words)) == {source for _, source in credentials}


# regctl-templates(5)


def template_verdict(site: Site, file: str, text: str) -> str | None:
    """Why a template is refused, or `None` when it can be used."""
    directory = site.directory / "templates"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    (directory / file).write_text(text)
    result = site.run("doctor", "--json", environment={"REGCTL_TEMPLATES_DIR": str(directory)})
    check = next(check for check in json.loads(result.stdout)["checks"] if check["check"] == "mail")
    return None if check["result"] == "ok" else f"{check['detail']}; {check['advice']}"


def test_the_page_of_templates_names_every_file_and_placeholder(site):
    one = page("regctl-templates.5")
    files = [name for head in one.items(macro="Pa") for name in head.replace("Pa ", "").split(" , ")]
    placeholders = one.items(macro="Cm")
    known_anywhere = set()
    for file in files:
        advice = template_verdict(site, file, "{{ xyzzy_xyzzy }}")
        known = set(re.search(r"the placeholders are (.*)$", advice)[1].split(", "))
        known_anywhere |= known
        kind = file.rpartition(".")[0]
        for name, words in placeholders.items():
            only_in = re.findall(r"Required in both files of\n\.Pa (\S+) ", words)
            not_in = re.findall(r"Not known in\n\.Pa (\S+) ", words)
            assert (name in known) == (kind in only_in or not only_in and kind not in not_in), (file, name)
            if kind in only_in:
                assert "is missing" in template_verdict(site, file, "Hello!\n")
    assert known_anywhere == set(placeholders)
    # A file of another name is nobody's template.
    assert template_verdict(site, "confirmed.txt", "{{ xyzzy_xyzzy }}") is None
    assert {file.rpartition(".")[0] for file in files} == set(
        re.findall(r'case \w+(?: = "([a-z-]+)")?$', kinds_of_mail(), re.M)
    ) - {""} | {"confirm", "reset"}


def kinds_of_mail() -> str:
    return (ROOT / "Sources/RegctlCore/Outbox/MailKind.swift").read_text()


def test_what_a_template_escapes_is_what_the_page_says(site):
    site.ok("register", "o'hara&co@example.org", "--no-password")
    environment = {"REGCTL_SERVICE_NAME": "<A> & \"B\"", "REGCTL_TEMPLATES_DIR": str(site.directory / "own")}
    (site.directory / "own").mkdir()
    for suffix in ("txt", "html"):
        (site.directory / "own" / f"confirm.{suffix}").write_text(
            "Subject: {{ service_name }}\n\n{{service_name}} {{ email }} {{ confirm_url }}\n"
        )
    mail = site.ok("show-mail", "1", "--raw", environment=environment)
    text, html = mail.replace("=\n", "").split("Content-Type: text/html")
    assert "Subject: <A> & \"B\"\n" in text
    assert "<A> & \"B\" o'hara&co@example.org https" in text
    assert "&lt;A&gt; &amp; &#34;B&#34; o&#39;hara&amp;co@example.org https" in html


# regctl-json(5)


@dataclass
class Key:
    """A key of a JSON object as the page tells of it."""

    type: str
    words: str = ""
    keys: dict[str, "Key"] = field(default_factory=dict)

    @property
    def is_optional(self) -> bool:
        return self.words.startswith("Only with")

    @property
    def values(self) -> set[str]:
        """The values that are listed, if the type is that of a word."""
        lines = re.findall(r"^\.Cm (.*)$", self.words, re.M)
        words = [word.strip(".;: ") for line in lines for word in re.split(r" [,;:.](?: |$)", line)]
        return {word for word in words if word}


def objects_of(one: Page) -> dict[str, dict[str, Key]]:
    """The objects that the page describes, by heading."""
    found: dict[str, dict[str, Key]] = {}
    for heading, body in re.findall(r"^\.Ss (.*)\n((?:(?!\.Ss).*\n)*)", one.sections["DESCRIPTION"], re.M):
        if "It Va" not in body:
            continue
        stack: list[dict[str, Key]] = []
        top: dict[str, Key] = {}
        last: Key | None = None
        for line in plain(body).splitlines():
            if line.startswith(".Bl"):
                stack.append(last.keys if last and stack else top)
            elif line == ".El":
                stack.pop()
            elif item := re.match(r"\.It Va (\w+) Pq (.*)$", line):
                last = stack[-1][item[1]] = Key(item[2])
            elif last is not None and stack:
                last.words += line + "\n"
        for name in plain(heading).split(", "):
            found[name] = top
    return found


TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SIMPLE_TYPES: dict[str, Callable[[object], bool]] = {
    "null": lambda value: value is None,
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: type(value) is int,
    "boolean": lambda value: isinstance(value, bool),
    "time": lambda value: isinstance(value, str) and TIME.fullmatch(value) is not None,
}


def mismatch(value: object, key: Key, objects: dict[str, dict[str, Key]], where: str) -> list[str]:
    """Where a value is not what the page says."""
    if " or " in key.type:
        answers = [
            mismatch(value, Key(type, key.words, key.keys), objects, where) for type in key.type.split(" or ")
        ]
        return min(answers, key=len)
    if key.type in SIMPLE_TYPES:
        if not SIMPLE_TYPES[key.type](value):
            return [f"{where} is {value!r} and no {key.type}"]
        if key.type == "string" and key.values and value not in key.values:
            return [f"{where} is {value!r} and none of {sorted(key.values)}"]
        return []
    if key.type.startswith("array of "):
        element = Key(key.type.removeprefix("array of ").removesuffix("s"), key.words, key.keys)
        if not isinstance(value, list):
            return [f"{where} is no array"]
        return [complaint for one in value for complaint in mismatch(one, element, objects, f"{where}[]")]
    keys = key.keys if key.type == "object" else objects[key.type.capitalize()]
    if not isinstance(value, dict):
        return [f"{where} is no object"]
    return strangeness(value, keys, objects, where) if keys else []


def strangeness(
    value: dict, keys: dict[str, Key], objects: dict[str, dict[str, Key]], where: str
) -> list[str]:
    """Where the keys of an object, or their order, are not what the page says."""
    expected = [name for name, key in keys.items() if name in value or not key.is_optional]
    if list(value) != expected:
        return [f"{where} has {list(value)} and not {expected}"]
    return [
        complaint
        for name, key in keys.items() if name in value
        for complaint in mismatch(value[name], key, objects, f"{where}.{name}")
    ]


# For each heading what is run, one after the other, in the places that the function below makes.
JSON_RUNS = [
    ("create-db", "create-db"),
    ("create-db", "create-db --if-not-exists"),
    ("migrate-db", "migrate-db --db dev.sqlite --dry-run"),
    ("migrate-db", "migrate-db --db dev.sqlite"),
    ("config", "config"),
    ("doctor", "doctor"),
    ("doctor", "doctor --db nowhere.db"),
    ("backup", "backup copy.db"),
    ("create-admin", "create-admin admin@example.org --generate-password"),
    ("create-admin", "create-admin admin@example.org --if-not-exists"),
    ("register", "register ann@example.org --generate-password"),
    ("register", "register bob@example.org --no-password --wait"),
    ("register", "register carol@example.org --no-password --no-mail"),
    ("create-admin", "create-admin carol@example.org --promote"),
    ("show", "show ann@example.org"),
    ("show", "show admin@example.org"),
    ("check", "check admin@example.org"),
    ("list-unconfirmed", "list-unconfirmed"),
    ("list-unconfirmed --count", "list-unconfirmed --count"),
    ("list-admins", "list-admins"),
    ("import", "import - --dry-run <<< $'email\\nann@example.org\\nno\\nnew@example.org'"),
    ("import", "import - <<< '{}'"),
    ("export", "export"),
    ("grant-admin", "grant-admin ann@example.org"),
    ("grant-admin", "grant-admin ann@example.org"),
    ("revoke-admin", "revoke-admin ann@example.org"),
    ("revoke-admin", "revoke-admin ann@example.org"),
    ("issue-token", "issue-token ann@example.org"),
    ("issue-token", "issue-token ann@example.org eve@example.org --url"),
    ("inspect-token", "inspect-token - < link"),
    ("inspect-token", "inspect-token damaged.token.here"),
    ("inspect-token --stdin", "inspect-token --stdin < link"),
    ("deliver --dry-run", "deliver --dry-run"),
    ("deliver", "deliver"),
    ("show", "show ann@example.org"),
    ("list-outbox", "list-outbox"),
    ("show-mail", "show-mail 1"),
    ("resend", "resend ann@example.org admin@example.org eve@example.org --force"),
    ("cancel-mail", "cancel-mail 3 99"),
    ("resend --all-unconfirmed", "resend --all-unconfirmed --dry-run"),
    ("resend --all-unconfirmed", "resend --all-unconfirmed --campaign c --newer-than 1d --yes --db old.db"),
    ("report cohorts", "report cohorts"),
    ("report funnel", "report funnel"),
    ("report metrics", "report metrics"),
    ("retry-mail", "retry-mail 3 99"),
    ("retry-mail --all-failed", "retry-mail --all-failed"),
    ("confirm", "confirm - < link"),
    ("confirm", "confirm --stdin < link"),
    ("confirm", "confirm --email eve@example.org ann@example.org --reason called"),
    ("deliver --dry-run", "deliver --dry-run"),
    ("set-password", "set-password ann@example.org --generate-password"),
    ("set-password", "set-password ann@example.org --password-file secret"),
    ("unconfirm", "unconfirm ann@example.org bob@example.org eve@example.org --reason bounced"),
    ("deliver", "deliver"),
    ("audit", "audit"),
    ("audit --verify", "audit --verify"),
    ("send-test", "send-test ann@example.org"),
    ("report cohorts", "report cohorts --by month --db old.db"),
    ("prune --dry-run", "prune --dry-run --db old.db"),
    ("prune --plan", "prune --plan old.jsonl --db old.db"),
    ("prune --plan", "prune --plan never.jsonl --older-than never"),
    ("prune --dry-run", "prune --apply old.jsonl --dry-run --db old.db"),
    ("prune", "prune --yes --db old.db"),
    ("prune --apply", "prune --apply old.jsonl --yes --db old.db"),
    ("prune --apply", "prune --apply never.jsonl --yes"),
    ("prune", "prune --yes --db old.db"),
    ("prune", "prune --yes --older-than never"),
    ("list-prunes", "list-prunes --db old.db"),
    ("register", "register bob@example.org --no-password --db old.db"),
    ("unprune", "unprune 1 --db old.db"),
    ("reset-password", "reset-password carol@example.org"),
    ("reset-password --token", "reset-password --token - --generate-password < reset"),
    ("reset-password --token", "reset-password --token - --password-file secret < reset"),
    ("change-email", "change-email carol@example.org carol@post.example"),
    ("change-email", "change-email carol@example.org carol@example.org"),
    ("change-email", "change-email bob@example.org bob@post.example"),
    ("delete", "delete bob@post.example eve@example.org --reason left --yes"),
    ("--version", "--version"),
]
OLD = (
    "export REGCTL_DB=old.db; regctl create-db -q; for name in admin dora erik fritz; do"
    " regctl create-admin $name@example.org --password-file secret; done;"
    " regctl register ann@example.org --no-password; regctl register bob@example.org --no-password;"
    f" regctl deliver; regctl register carol@example.org --no-password;"
    f" {MONTH.replace('regctl.db', 'old.db')}"
)


def json_results(shell: Shell) -> Iterator[tuple[str, str, dict]]:
    """Runs what the table says; heading, command line and result of each."""
    for heading, words in JSON_RUNS:
        if "link" in words and not (shell.directory / "link").exists():
            shell.run("regctl issue-token ann@example.org > link")
        if "< reset" in words:
            # In the second of a reset a token belongs to the next one.
            shell.run("sleep 1; regctl issue-token carol@example.org --purpose reset > reset")
        output = shell.run(f"regctl {words} --json 2> /dev/null")
        yield heading, words, json.loads(output)


@pytest.fixture(scope="module")
def results(shells) -> list[tuple[str, str, dict]]:
    shell = shells("regctl-migrate-db.1")()
    shell.prepare(OLD)
    return list(json_results(shell))


def json_complaints(one: Page, results: list[tuple[str, str, dict]]) -> list[str]:
    objects = objects_of(one)
    complaints = []
    for heading, words, result in results:
        keys = {"schema": Key("integer")} | objects.get(f"regctl {heading}", {})
        complaints += strangeness(result, keys, objects, words)
    return complaints


def test_every_json_object_is_as_the_page_describes_it(results):
    one = page("regctl-json.5")
    assert json_complaints(one, results) == []
    described = set(objects_of(one)) - {"Account", "Mail", "Error"}
    assert described == {f"regctl {heading}" for heading, _, _ in results}
    exceptions = one.text.split(".Ss Commands without JSON")[1].split(".Fl")[0]
    text_only = set(re.findall(r"Xr regctl-(\S+) 1", exceptions))
    assert {name.split()[1] for name in described} == set(COMMANDS) - text_only | {"--version"}


def test_the_runs_show_what_they_are_there_to_show(results):
    shown = [(words.split()[0], json.dumps(result)) for _, words, result in results]
    for command, said in [
        ("prune", '"kept": {"mail_pending": 1}'), ("prune", '"run": 1'), ("prune", '"run": null'),
        ("prune", '"cutoff": null'), ("unprune", '"result": "restored"'), ("unprune", '"result": "failed"'),
        ("deliver", '"result": "cancelled"'), ("deliver", '"state": "sent"'), ("register", '"mail": null'),
        ("inspect-token", '"account": null'), ("inspect-token", '"account": {'),
        ("issue-token", '"url": "http'), ("list-admins", '"count": 2'),
        ("create-admin", '"promoted"'), ("doctor", '"failed"'),
        ("change-email", '"requested"'), ("change-email", '"changed"'), ("change-email", '"unchanged"'),
        ("delete", '"deleted"'), ("delete", '"failed"'), ("confirm", '"operator"'), ("confirm", '"failed"'),
        ("import", '"email": "no"'), ("import", '"email": null'), ("export", '"confirmed_on": null'),
        ("migrate-db", '"steps": ["'), ("resend", '"already_confirmed"'), ("retry-mail", '"failed"'),
    ]:
        assert any(command == name and said in text for name, text in shown), (command, said)


def test_an_object_that_differs_from_the_page_is_seen(spoilt, results):
    for old, new in [
        (".It Va db_schema Pq integer", ".It Va db_schema Pq string"),
        (".It Va confirmed_on Pq time or null", ".It Va confirmed_on Pq time"),
        (".It Va advice Pq string or null\nWhat to do about it.\n", ""),
        (".It Va count Pq integer\nThe number of elements.\n", ""),
        (".It Va path Pq string\nThe copy.\n", ".It Va path Pq string\n.It Va size Pq integer\n"),
        (".Cm granted , already_admin , revoked\n", ".Cm granted , already_admin\n"),
    ]:
        assert json_complaints(spoilt("regctl-json.5", old, new), results), old


def documented_errors(one: Page) -> dict[str, set[int]]:
    text = one.sections["DESCRIPTION"].split(".Ss Error codes")[1]
    found = re.findall(r"^\.It Cm (\w+) Pq (.*)\n(?!\.It)", text, re.M)
    return {code: {int(number) for number in re.findall(r"\d+", exits)} for code, exits in found}


def refusals() -> dict[str, set[int]]:
    """The exit codes with which the campaign of bad input has seen each error."""
    tables = (ROOT / "Tests" / "Campaigns" / "bad_input").glob("*_refusals.py")
    text = "".join(path.read_text() for path in tables)
    seen: dict[str, set[int]] = {}
    for code, number in re.findall(r'Refusal\(\s*"(\w+)",\s*(\d+)', text):
        seen.setdefault(code, set()).add(int(number))
    return seen


def test_every_error_code_has_its_exit_codes_and_says_what_to_do(spoilt):
    documented = documented_errors(page("regctl-json.5"))
    assert set(documented) == error_codes()
    # A bug has no campaign of its own.
    assert documented.pop("internal") == {70}
    assert documented == refusals()
    wrong = documented_errors(spoilt("regctl-json.5", ".It Cm db_busy Pq 75", ".It Cm db_busy Pq 74"))
    assert wrong["db_busy"] != refusals()["db_busy"]
