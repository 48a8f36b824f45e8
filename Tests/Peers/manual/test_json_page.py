"""regctl-json(5): every object, and every error code."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from Peers.manual.binary import COMMANDS, error_codes
from Peers.manual.examples import MONTH, WAVE, Shell
from Peers.manual.page import Page, page, plain
from regctl import ROOT


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
    ("restore", "restore copy.db --dry-run"),
    ("move-db", "move-db $SERVER"),
    ("create-admin", "create-admin admin@example.org --generate-password"),
    ("create-admin", "create-admin admin@example.org --if-not-exists"),
    ("register", "register ann@example.org --generate-password"),
    ("register", "register bob@example.org --no-password --wait"),
    ("register", "register carol@example.org --no-password --no-mail"),
    ("create-admin", "create-admin carol@example.org --promote"),
    ("show", "show ann@example.org"),
    ("show", "show admin@example.org"),
    ("check", "check admin@example.org"),
    ("list-accounts", "list-accounts ANN"),
    ("list-accounts --count", "list-accounts --count"),
    ("list-unconfirmed", "list-unconfirmed"),
    ("list-unconfirmed --count", "list-unconfirmed --count"),
    ("list-admins", "list-admins"),
    ("import", "import - --dry-run <<< $'email\\nann@example.org\\nno\\nnew@example.org'"),
    ("import", "import - <<< '{}'"),
    ("export", "export"),
    ("export --email", "export --email ann@example.org"),
    ("export --email", "export --email 1 --db old.db"),
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
    ("report stuck", "report stuck"),
    ("status", "status"),
    ("retry-mail", "retry-mail 3 99"),
    ("bounce", "bounce < report"),
    ("bounce", "bounce - < link"),
    ("list-bounces", "list-bounces"),
    ("clear-bounce", "clear-bounce ann@example.org eve@example.org"),
    ("cancel-mail --state", "cancel-mail --state queued --dry-run"),
    ("release-held", "release-held --dry-run"),
    ("retry-mail --all-failed", "retry-mail --all-failed --yes"),
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
    ("show-template", "show-template confirm"),
    ("show-template", "show-template invite --lang pt-BR"),
    ("report cohorts", "report cohorts --by month --db old.db"),
    ("prune --dry-run", "prune --dry-run --db old.db"),
    ("prune --waves", "prune --waves --older-than 2h --include-never-mailed --db waves.db"),
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
    ("list-prunes RUN", "list-prunes 1 --db old.db"),
    ("unprune", "unprune 1 --dry-run --db old.db"),
    ("unprune", "unprune 1 --yes --db old.db"),
    ("rotate-key", "rotate-key"),
    ("rotate-key", "rotate-key --drop-expired"),
    ("purge", "purge --dry-run --db old.db"),
    ("purge", "purge --db old.db"),
    ("reset-password", "reset-password carol@example.org"),
    ("reset-password --token", "reset-password --token - --generate-password < reset"),
    ("reset-password --token", "reset-password --token - --password-file secret < reset"),
    ("change-email", "change-email carol@example.org carol@post.example"),
    ("change-email", "change-email carol@example.org carol@example.org"),
    ("change-email", "change-email bob@example.org bob@post.example"),
    ("delete", "delete bob@post.example eve@example.org --reason left --yes"),
    ("lock", "lock carol@example.org @spam.example eve@example.org --reason spam --yes"),
    ("show", "show carol@example.org"),
    ("unlock", "unlock carol@example.org @spam.example eve@example.org"),
    ("delete", "delete carol@example.org --reason left --dry-run"),
    ("undelete", "undelete bob@post.example eve@example.org"),
    ("erase", "erase bob@post.example --reason 'ticket 4714' --yes"),
    ("erase", "erase carol@example.org --reason 'ticket 4714' --dry-run"),
    ("--version", "--version"),
]
OLD = (
    "export REGCTL_DB=old.db; regctl create-db -q; for name in admin dora erik fritz; do"
    " regctl create-admin $name@example.org --password-file secret; done;"
    " regctl register ann@example.org --no-password; regctl register bob@example.org --no-password;"
    f" regctl deliver; regctl register carol@example.org --no-password;"
    f" {MONTH.replace('regctl.db', 'old.db')}; REGCTL_DB=waves.db regctl create-db -q;"
    f" {WAVE.replace('regctl.db', 'waves.db')}"
)


def json_results(shell: Shell) -> Iterator[tuple[str, str, dict]]:
    """Runs what the table says; heading, command line and result of each."""
    for heading, words in JSON_RUNS:
        if "link" in words and not (shell.directory / "link").exists():
            shell.run("regctl issue-token ann@example.org > link")
        if "< report" in words:
            shell.run(
                "printf '%s\\n' 'Content-Type: multipart/report; boundary=b' '' --b"
                " 'Content-Type: message/delivery-status' '' 'Reporting-MTA: dns; mx' ''"
                " 'Final-Recipient: rfc822; ann@example.org' 'Action: failed' 'Status: 5.1.1' > report"
            )
        if "< reset" in words:
            # In the second of a reset a token belongs to the next one.
            shell.run("sleep 1; regctl issue-token carol@example.org --purpose reset > reset")
        output = shell.run(f"regctl {words} --json 2> /dev/null")
        yield heading, words, json.loads(output)


@pytest.fixture(scope="module")
def results(shells, postgresql_server) -> list[tuple[str, str, dict]]:
    shell = shells("regctl-migrate-db.1")()
    shell.environment["SERVER"] = str(postgresql_server.new_database())
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
    """The exit codes with which the campaigns of bad input and of servers have seen each error."""
    tables = (ROOT / "Tests" / "Campaigns" / "bad_input").glob("*_refusals.py")
    text = "".join(path.read_text() for path in tables)
    seen: dict[str, set[int]] = {}
    for code, number in re.findall(r'Refusal\(\s*"(\w+)",\s*(\d+)', text):
        seen.setdefault(code, set()).add(int(number))
    servers = (ROOT / "Tests" / "Campaigns" / "postgresql").glob("test_*.py")
    text = "".join(path.read_text() for path in servers)
    for number, code in re.findall(r'\((\d+), "(db_unavailable|commit_unknown)"\)', text):
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
