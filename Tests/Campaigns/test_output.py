"""What is printed: to the last byte, in every format, for programs and in bare surroundings."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from Campaigns.command_help import commands, help_of, topics
from Campaigns.database import connected, dump, integrity, value
from Campaigns.directories import NOBODY, give_to_nobody, public_directory
from Campaigns.preparation import ANN, BOB, EVE, long_ago, nothing, planned
from Campaigns.processes import last_error
from Campaigns.sites import LINKS, copy_of
from regctl import BINARY, KEY, Site
from tokens import bound_token, fingerprint, token


def life(site: Site) -> Site:
    """A site in which every command has something to do: Ann waits, Bob is administrator."""
    for name in ("password", "wrong"):
        path = site.directory / name
        path.write_text(f"correct horse {name}\n")
        path.chmod(0o600)
    site.ok("create-db")
    site.ok("register", ANN, "--no-password")
    site.ok("create-admin", BOB, "--password-file", site.directory / "password")
    return site


@pytest.fixture(scope="module")
def prototype(tmp_path_factory) -> Site:
    return life(Site(tmp_path_factory.mktemp("prototype"), **LINKS))


@pytest.fixture
def alive(prototype, tmp_path) -> Site:
    """A `life` to be used up."""
    return copy_of(prototype, tmp_path / "site")


def pruned(site: Site) -> None:
    """Ann is in the archive, as run 1."""
    long_ago(site)
    site.ok("prune", "--yes")


def moving(site: Site) -> None:
    """Bob is to have another address, by request 1."""
    site.ok("change-email", BOB, "bob@post.example")


def refused(site: Site) -> None:
    """The mail to Ann was refused for good."""
    with connected(site.db) as connection:
        connection.execute("UPDATE regctl_outbox SET state = 'failed', last_reply = '550 no'")


@dataclass(frozen=True)
class Call:
    """Words that succeed once in a fresh `life`."""

    words: list[object]
    # What must have happened in that life before.
    before: Callable[[Site], None] = nothing
    # What stands on standard input.
    input: str = ""
    # Prints sentences about what was done, which --quiet leaves out.
    is_summary: bool = False
    # Prints nothing when all is well.
    is_silent: bool = False
    # Prints the same text in every format.
    is_verbatim: bool = False

    def __str__(self) -> str:
        return " ".join(str(word) for word in self.words if not str(word).startswith("{"))

    def line(self, site: Site) -> list[str]:
        """The words with the places of the site filled in."""
        return [filled(word, site) for word in self.words]

    def given(self, site: Site) -> dict[str, object]:
        """Options that put the input on standard input."""
        return {"stdin": None, "input": filled(self.input, site).encode()}

    def run(self, site: Site, *more: str, **options: object) -> subprocess.CompletedProcess:
        """Runs the words and more behind them, after what must have happened before."""
        self.before(site)
        return run(site, *self.line(site), *more, **(self.given(site) | options))


def filled(word: object, site: Site) -> str:
    """A word with the places of the site filled in."""
    now = int(time.time())
    places = {
        "directory": site.directory,
        "link": "https://app.example/confirm/" + token(ANN, now),
        "change": bound_token(["bob@post.example", "1"], now, "change-email"),
        "reset": bound_token([ANN, fingerprint("!")], now, "reset"),
    }
    return str(word).format_map(places)


CALLS = [
    Call(["create-db", "--db", "{directory}/other/regctl.db"], is_summary=True),
    Call(["create-db", "--if-not-exists"], is_summary=True),
    Call(["migrate-db"], is_summary=True),
    Call(["migrate-db", "--dry-run"], is_summary=True),
    Call(["backup", "{directory}/copy.db"], is_summary=True),
    Call(["import", "-"], input=f"email\n{EVE}\n", is_summary=True),
    Call(["import", "-", "--dry-run"], input=f"email\n{EVE}\n", is_summary=True),
    Call(["export"]),
    Call(["export", "--csv"], is_verbatim=True),
    Call(["doctor"]),
    Call(["config"]),
    Call(["create-admin", EVE, "--password-file", "{directory}/password"], is_summary=True),
    Call(["create-admin", BOB, "--if-not-exists"], is_summary=True),
    Call(["create-admin", ANN, "--promote"], is_summary=True),
    Call(["register", EVE, "--no-password"], is_summary=True),
    Call(["register", EVE, "--password-file", "{directory}/password"], is_summary=True),
    Call(["register", EVE, "--no-password", "--no-mail"], is_summary=True),
    Call(["register", EVE, "--no-password", "--wait"], is_summary=True),
    Call(["show", ANN]),
    Call(["show", "2"]),
    Call(["check", BOB], is_silent=True),
    Call(["check", BOB, "--password-file", "{directory}/password"], is_silent=True),
    Call(["list-unconfirmed"]),
    Call(["list-unconfirmed", "--count"]),
    Call(["list-admins"]),
    Call(["set-password", ANN, "--password-file", "{directory}/password"], is_summary=True),
    Call(["reset-password", ANN], is_summary=True),
    Call(["reset-password", ANN, "--force"], is_summary=True),
    Call(["reset-password", "--token", "{reset}", "--password-file", "{directory}/password"],
         is_summary=True),
    Call(["change-email", ANN, "ann@post.example"], is_summary=True),
    Call(["change-email", BOB, "bob@post.example", "--reason", "moved"], is_summary=True),
    Call(["change-email", ANN, ANN], is_summary=True),
    Call(["delete", ANN, "--reason", "left", "--yes"], is_summary=True),
    Call(["delete", ANN, BOB, "--reason", "closing", "-y", "--force"], is_summary=True),
    Call(["audit"]),
    Call(["audit", "--email", ANN, "--since", "1h", "--limit", "1"]),
    Call(["audit", "--verify"]),
    Call(["grant-admin", ANN], is_summary=True),
    Call(["revoke-admin", BOB, "--force"], is_summary=True),
    Call(["confirm", "{link}"], is_summary=True),
    Call(["confirm", "{change}"], moving, is_summary=True),
    Call(["confirm", "--email", ANN, "--reason", "called"], is_summary=True),
    Call(["confirm", "--stdin"], input="{link}\n"),
    Call(["unconfirm", BOB, "--reason", "bounced"], is_summary=True),
    Call(["issue-token", ANN]),
    Call(["issue-token", ANN, BOB, "--url"]),
    Call(["issue-token", ANN, "--purpose", "reset", "--url"]),
    Call(["issue-token", BOB, "--purpose", "change-email", "--url"], moving),
    Call(["inspect-token", "{link}"]),
    Call(["inspect-token", "{change}"], moving),
    Call(["resend", ANN, "--force"], is_summary=True),
    Call(["resend", "--all-unconfirmed", "--yes"], is_summary=True),
    Call(["resend", "--all-unconfirmed", "--dry-run"]),
    Call(["report", "cohorts"]),
    Call(["report", "funnel"]),
    Call(["report", "metrics"]),
    Call(["list-outbox"]),
    Call(["show-mail", "1"]),
    Call(["show-mail", "1", "--raw"], is_verbatim=True),
    Call(["show-mail", "1", "--raw", "--with-token"], is_verbatim=True),
    Call(["retry-mail", "1"], refused, is_summary=True),
    Call(["retry-mail", "--all-failed"], refused, is_summary=True),
    Call(["cancel-mail", "1"], is_summary=True),
    Call(["deliver"], is_summary=True),
    Call(["deliver", "--dry-run"]),
    Call(["send-test", EVE]),
    Call(["prune", "--yes"], long_ago, is_summary=True),
    Call(["prune", "--dry-run"], long_ago),
    Call(["prune", "--plan", "{directory}/plan"], long_ago, is_summary=True),
    Call(["prune", "--apply", "{directory}/plan", "--yes"], planned, is_summary=True),
    Call(["prune", "--apply", "{directory}/plan", "--dry-run"], planned),
    Call(["list-prunes"], pruned),
    Call(["unprune", "1"], pruned, is_summary=True),
    Call(["unprune", "1", "--email", ANN], pruned, is_summary=True),
    Call(["help"], is_verbatim=True),
    Call(["tour"], is_verbatim=True),
    Call(["--version"]),
]
HELP = [Call(["help", name], is_verbatim=True) for name in commands() + topics()]
LISTS = [
    Call(["config"]),
    Call(["doctor"]),
    Call(["list-unconfirmed"]),
    Call(["list-admins"]),
    Call(["audit"]),
    Call(["issue-token", ANN]),
    Call(["inspect-token", "--stdin"], input="{link}\n"),
    Call(["list-outbox"]),
    Call(["send-test", EVE]),
    Call(["prune", "--dry-run"], long_ago),
    Call(["prune", "--yes"], long_ago),
    Call(["prune", "--apply", "{directory}/plan", "--yes"], planned),
    Call(["list-prunes"], pruned),
]


def each(calls: list[Call]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("call", calls, ids=str)


def run(site: Site, *words: str, **options: object) -> subprocess.CompletedProcess:
    """Runs regctl with streams of our choice; what is not named is captured or empty."""
    streams = {"stdin": subprocess.DEVNULL} | {
        name: subprocess.PIPE for name in ("stdout", "stderr") if name not in options
    }
    arguments = {"env": site.environment, "timeout": 120} | streams | options
    return subprocess.run([BINARY, *words], **arguments)


def closed(number: int) -> dict[str, object]:
    """Options of `run` that start regctl without a stream."""
    name = ("stdin", "stdout", "stderr")[number]
    return {name: None, "preexec_fn": lambda: os.close(number)}


def test_every_command_is_called():
    assert {call.words[0] for call in CALLS} == {*commands(), "--version"}


# Standard output that takes nothing


@each(CALLS + HELP)
def test_a_full_standard_output_is_an_error(alive, call):
    with open("/dev/full", "wb") as full:
        result = call.run(alive, stdout=full)
    if call.is_silent:
        assert (result.returncode, result.stderr) == (0, b"")
        return
    assert result.returncode == 74
    last = result.stderr.decode().splitlines()[-1]
    assert re.fullmatch(r"regctl: (\S+: )?cannot write to standard output: .+", last)
    assert integrity(alive.db) == "ok"


@each([call for call in CALLS if not call.is_verbatim])
@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_a_full_standard_output_is_an_error_in_json_too(alive, call, format):
    with open("/dev/full", "wb") as full:
        result = call.run(alive, "--format", format, stdout=full)
    assert result.returncode == 74
    error = last_error(result.stderr)
    assert (error["code"], error["exit"]) == ("io_error", 74)


@each(CALLS + HELP)
def test_a_closed_standard_output_is_an_error_and_harms_no_file(alive, call):
    """A file must not be opened in its place and then be written to."""
    result = call.run(alive, **closed(1))
    assert result.returncode == (0 if call.is_silent else 74), result
    assert integrity(alive.db) == "ok"
    assert alive.key_file.read_text() == KEY + "\n"
    assert b"cannot write to standard output" in result.stderr or call.is_silent


@each([call for call in CALLS if not call.is_verbatim])
def test_closed_standard_streams_harm_no_file(alive, call):
    """Errors have nowhere to go either; the exit code still tells."""

    def close_all() -> None:
        for number in (0, 1, 2):
            os.close(number)

    streams = {"stdin": None, "stdout": None, "stderr": None}
    result = call.run(alive, **streams, preexec_fn=close_all)
    # Without its input, a command has no result to print.
    has_none = call.is_silent or (call.input and not call.is_summary)
    assert result.returncode == (0 if has_none else 74)
    assert integrity(alive.db) == "ok"
    assert alive.key_file.read_text() == KEY + "\n"


@each([call for call in CALLS if call.words[0] != "tour"])
def test_a_full_standard_error_changes_no_success(alive, call):
    with open("/dev/full", "wb") as full:
        result = call.run(alive, stderr=full)
    assert result.returncode == 0
    assert bool(result.stdout) != call.is_silent


@each([call for call in CALLS if call.words[0] != "tour"])
def test_a_closed_standard_error_changes_no_success_and_harms_no_file(alive, call):
    result = call.run(alive, **closed(2))
    assert result.returncode == 0
    assert bool(result.stdout) != call.is_silent
    assert integrity(alive.db) == "ok"
    assert alive.key_file.read_text() == KEY + "\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["no-such-command"], 64),
        (["register", "no address", "--no-password"], 65),
        (["register", ANN, "--no-password"], 1),
        (["show", EVE], 67),
        (["check", ANN], 1),
        (["list-admins", "--db", "/nonexistent/regctl.db"], 66),
        (["confirm", "forged"], 65),
        (["delete", ANN, "--reason", "left"], 64),
        (["delete", BOB, EVE, "--reason", "left", "--yes"], 1),
        (["doctor", "--db", "/nonexistent/regctl.db"], 1),
    ],
    ids=str,
)
def test_a_full_or_closed_standard_error_changes_no_refusal(alive, words, code):
    assert run(alive, *words).returncode == code
    with open("/dev/full", "wb") as full:
        assert run(alive, *words, stderr=full).returncode == code
    assert run(alive, *words, **closed(2)).returncode == code


def test_a_closed_standard_input_is_no_password(alive):
    before = dump(alive.db)
    for words in (
        ["register", EVE, "--password-file", "-"],
        ["create-admin", EVE, "--password-file", "-"],
        ["set-password", ANN, "--password-file", "-"],
        ["reset-password", "--token", "{reset}", "--password-file", "-"],
        ["reset-password", "--token", "-", "--password-file", alive.directory / "password"],
    ):
        result = run(alive, *Call(words).line(alive), **closed(0))
        assert result.returncode in (65, 74)
    assert dump(alive.db) == before


# A secret that is printed once

SECRET = [
    (EVE, ["register", EVE, "--generate-password"]),
    (EVE, ["create-admin", EVE, "--generate-password"]),
    (ANN, ["set-password", ANN, "--generate-password"]),
    (ANN, ["reset-password", "--token", "{reset}", "--generate-password"]),
]
each_secret = pytest.mark.parametrize(
    ("email", "words"), SECRET, ids=[words[0] for _, words in SECRET]
)


@each_secret
@pytest.mark.parametrize("format", ["text", "tsv", "json", "jsonl"])
def test_a_password_that_cannot_be_printed_changes_nothing(alive, email, words, format):
    before = dump(alive.db)
    with open("/dev/full", "wb") as full:
        result = run(alive, *Call(words).line(alive), "--format", format, stdout=full)
    assert result.returncode == 74
    assert dump(alive.db) == before
    assert run(alive, *Call(words).line(alive), "--format", format, **closed(1)).returncode == 74
    assert dump(alive.db) == before


@each_secret
@pytest.mark.parametrize("format", ["text", "json"])
def test_a_password_that_nobody_reads_changes_nothing(alive, email, words, format):
    """Its reader is gone: for a list that is no error, for a secret it is."""
    before = dump(alive.db)
    reader, writer = os.pipe()
    os.close(reader)
    result = run(alive, *Call(words).line(alive), "--format", format, stdout=writer)
    os.close(writer)
    assert result.returncode == 74
    assert b"standard output" in result.stderr
    assert dump(alive.db) == before


@each_secret
def test_a_generated_password_stands_alone_and_is_right(alive, email, words):
    result = run(alive, *Call(words).line(alive))
    assert result.returncode == 0
    password = result.stdout.decode()
    assert re.fullmatch(r"\S{20}\n", password)
    assert email in result.stderr.decode()
    alive.ok("confirm", "--email", email, "--reason", "test")
    alive.ok("check", email, "--password-file", "-", input=password)
    assert alive.run("check", email, "--password-file", "-", input="wrong horse").returncode == 1


@each_secret
@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_a_generated_password_is_part_of_the_json_object(alive, email, words, format):
    result = run(alive, *Call(words).line(alive), "--format", format)
    [line] = result.stdout.splitlines()
    found = json.loads(line)
    assert list(found)[:2] == ["schema", "password"]
    assert found["account"]["email"] == email
    alive.ok("confirm", "--email", email, "--reason", "test")
    alive.ok("check", email, "--password-file", "-", input=found["password"])


# A reader that goes away


@each([call for call in CALLS + HELP if not call.is_silent])
def test_a_reader_that_has_gone_is_no_error(alive, call):
    reader, writer = os.pipe()
    os.close(reader)
    result = call.run(alive, stdout=writer)
    os.close(writer)
    assert result.returncode == 0
    # A remark is none about the reader.
    assert not re.search(rb"pipe|standard output", result.stderr, re.I)


def test_work_goes_on_when_its_reader_has_gone(alive):
    """Who reads on decides neither what is done nor how it ended."""
    reader, writer = os.pipe()
    os.close(reader)
    links = f"forged\n{alive.ok('issue-token', ANN)}"
    words = [BINARY, "confirm", "--stdin"]
    result = subprocess.run(
        words, input=links.encode(), stdout=writer, stderr=subprocess.PIPE, env=alive.environment
    )
    doctor = run(alive, "doctor", "--db", "/nonexistent/regctl.db", stdout=writer)
    os.close(writer)
    assert (result.returncode, doctor.returncode) == (1, 1)
    assert value(alive.db, "SELECT confirmed FROM users WHERE id = 1") == 1


def journal_of(file: Path) -> dict[str, str]:
    """What systemd tells a service whose standard error is a file that stands for the journal."""
    status = file.stat()
    return {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}


def test_the_journal_is_told_how_urgent_each_line_is(alive, tmp_path):
    log = tmp_path / "journal"
    log.touch()
    for other in (False, True):
        journal = journal_of(alive.db if other else log)
        with log.open("wb") as stream:
            run(alive, "show", EVE, stderr=stream, env=alive.environment | journal)
        prefix = "" if other else "<3>"
        assert log.read_text() == f"{prefix}regctl: show: no account '{EVE}'\n"


def test_a_pipe_that_closes_kills_nobody_even_with_default_signals(alive):
    """Python ignores SIGPIPE and its children inherit that; a shell's children do not."""
    reader, writer = os.pipe()
    os.close(reader)

    def restore() -> None:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    result = run(alive, "list-unconfirmed", stdout=writer, preexec_fn=restore)
    os.close(writer)
    assert (result.returncode, result.stderr) == (0, b"")


# Silence


@each([call for call in CALLS if call.is_summary or call.is_silent])
@pytest.mark.parametrize("position", ["first", "last"])
def test_quiet_success_prints_nothing(alive, call, position):
    call.before(alive)
    words = call.line(alive)
    words = ["--quiet", *words] if position == "first" else [*words, "-q"]
    result = run(alive, *words)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


@each([call for call in CALLS if not (call.is_summary or call.is_silent or call.is_verbatim)])
def test_quiet_leaves_results_as_they_are(alive, call):
    assert call.run(alive, "--quiet").stdout


@each([call for call in CALLS if call.words[0] != "tour"])
def test_success_leaves_standard_error_empty(alive, call):
    """Except for a new key, which is worth a word."""
    expected = b"a new signing key is in" if "{directory}/other/regctl.db" in call.words else b""
    error = call.run(alive).stderr
    assert expected in error if expected else error == b""


@pytest.mark.parametrize("format", ["text", "jsonl"])
@pytest.mark.parametrize(
    "words",
    [
        ["list-unconfirmed"],
        ["list-admins"],
        ["list-outbox"],
        ["list-prunes"],
        ["export"],
        ["prune", "--dry-run"],
        ["deliver"],
        ["deliver", "--dry-run"],
    ],
    ids=str,
)
def test_no_result_is_no_output(site, words, format):
    result = run(site, *words, "--format", format)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    "words",
    [
        ["list-unconfirmed"],
        ["list-admins"],
        ["list-outbox"],
        ["prune", "--dry-run"],
    ],
    ids=str,
)
def test_no_result_is_an_empty_list_for_programs(site, words):
    found = site.json(*words)
    assert found["schema"] == 1
    assert [kept for kept in found.values() if kept == []]
    assert found["count"] == 0
    lines = site.ok(*words, "--format", "tsv").splitlines()
    assert len(lines) <= 1
    assert site.ok(*words, "--format", "tsv", "--no-header") == ""


def test_nothing_to_do_is_silent_under_cron(site):
    for words in (["deliver"], ["deliver", "--quiet"], ["prune", "--yes", "--quiet"]):
        result = run(site, *words, env={"PATH": "/usr/bin:/bin"} | site.environment)
        assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


# Formats


def keys_in_order(text: str) -> list[str]:
    """The keys of a JSON object at top level, as they are written."""
    return [key for key, _ in json.loads(text, object_pairs_hook=lambda pairs: pairs)]


@each([call for call in CALLS if not call.is_verbatim])
def test_json_of_every_command_is_one_object_of_schema_1(alive, call):
    output = call.run(alive, "--json").stdout.decode()
    assert output.endswith("\n") and output.count("\n") == 1
    assert keys_in_order(output)[0] == "schema"
    assert json.loads(output)["schema"] == 1


@each([call for call in CALLS if not call.is_verbatim])
def test_jsonl_of_every_command_is_an_object_a_line(alive, call):
    output = call.run(alive, "--format", "jsonl").stdout.decode()
    assert output.endswith("\n")
    for line in output.splitlines():
        assert keys_in_order(line)[0] == "schema"
        assert json.loads(line)["schema"] == 1


@each([call for call in CALLS if not call.is_verbatim])
def test_tsv_of_every_command_has_a_header_and_as_many_cells(alive, call):
    output = call.run(alive, "--format", "tsv").stdout.decode()
    header, *cells = [line.split("\t") for line in output.removesuffix("\n").split("\n")]
    assert all(re.fullmatch(r"[a-z_.]+", name) for name in header), header
    assert cells
    assert {len(row) for row in cells} == {len(header)}


ACCOUNT = ["id", "email", "admin", "confirmed", "registered_on", "confirmed_on"]
MAIL = (
    "id email purpose state attempts next_attempt_at last_reply possible_duplicate message_id"
    " queued_at sent_at"
)


@pytest.mark.parametrize(
    ("words", "path", "keys"),
    [
        (["create-db", "--if-not-exists"], [], "schema result path db_schema secret_key_file"),
        (["register", EVE, "--no-password"], [], "schema result account mail"),
        (["register", EVE, "--no-password"], ["account"], " ".join(ACCOUNT)),
        (["register", EVE, "--no-password"], ["mail"], "id state"),
        (["inspect-token", "{link}"], [], "schema verdict purpose email issued_at expires_at key"
         " account repaired"),
        (["inspect-token", "{link}"], ["account"], " ".join(ACCOUNT)),
        (["confirm", "{link}"], [], "schema results"),
        (["confirm", "{link}"], ["results", 0], "email result method error"),
        (["list-unconfirmed"], [], "schema accounts count"),
        (["show", ANN], [], "schema account timeline advice"),
        (["list-outbox"], [], "schema mails count"),
        (["list-outbox"], ["mails", 0], MAIL),
        (["show-mail", "1"], ["mail"], MAIL),
        (["retry-mail", "1"], ["results", 0], "mail result email error"),
        (["prune", "--yes"], [], "schema run dry_run cutoff pruned kept accounts"),
        (["prune", "--dry-run"], [], "schema dry_run cutoff accounts count"),
        (["prune", "--plan", "{directory}/plan"], [],
         "schema result path made_at cutoff planned kept"),
        (["delete", ANN, "--reason", "left", "--yes"], ["results", 0], "email result error"),
        (["set-password", ANN, "--password-file", "{directory}/password"], [],
         "schema result account"),
        (["reset-password", ANN], [], "schema result account mail"),
        (["reset-password", ANN], ["mail"], "id state"),
        (["reset-password", "--token", "{reset}", "--generate-password"], [],
         "schema password result account"),
        (["change-email", ANN, EVE], [], "schema result account mail"),
        (["change-email", ANN, EVE], ["account"], " ".join(ACCOUNT)),
        (["change-email", BOB, EVE], ["mail"], "id state"),
        (["audit"], ["entries", 0], "at by uid act email reason"),
        (["audit", "--verify"], [], "schema verified head"),
        (["report", "cohorts"], [], "schema cohorts count"),
        (["report", "funnel"], [], "schema domains count"),
        (["resend", "--all-unconfirmed", "--yes"], [], "schema dry_run results count"),
        (["backup", "{directory}/copy.db"], [], "schema result path"),
        (["import", "-"], [], "schema dry_run failures imported unchanged refused"),
        (["export"], [], "schema accounts count"),
        (["export"], ["accounts", 0], "id email password registered_on admin confirmed confirmed_on"),
        (["doctor"], ["checks", 0], "check result detail advice"),
        (["send-test", EVE], [], "schema to steps"),
    ],
    ids=str,
)  # fmt: skip
def test_json_has_the_keys_of_the_contract_in_its_order(alive, words, path, keys):
    found = json.loads(
        Call(words).run(alive, "--json").stdout,
        object_pairs_hook=dict,
    )
    for step in path:
        found = found[step]
    assert list(found) == keys.split()


def test_json_of_deliver_has_the_keys_of_the_contract(alive):
    found = alive.json("deliver")
    assert list(found)[:4] == ["schema", "sent", "deferred", "failed"]
    assert (found["sent"], found["deferred"], found["failed"], found["cancelled"]) == (1, 0, 0, 0)
    assert found["results"][0]["email"] == ANN


def test_the_number_of_a_mail_is_an_integer_whatever_became_of_it(alive):
    output = alive.run("cancel-mail", "1", "99", "--json").stdout
    assert [result["mail"] for result in json.loads(output)["results"]] == [1, 99]


def test_times_are_utc_ages_are_seconds_and_nothing_is_null(alive):
    with connected(alive.db) as connection:
        connection.execute("UPDATE users SET registered_on = '2020-02-29 23:59:59.999999'")
        connection.execute("DELETE FROM regctl_outbox")
    [account] = alive.json("list-unconfirmed")["accounts"]
    assert account["registered_on"] == "2020-02-29T23:59:59Z"
    assert isinstance(account["age"], int)
    since = time.time() - 1583020799
    assert abs(account["age"] - since) < 5
    assert account["last_mail_state"] is None and account["last_mail_at"] is None
    row = alive.ok("list-unconfirmed", "--format", "tsv", "--no-header").rstrip("\n").split("\t")
    assert row[1] == "2020-02-29T23:59:59Z"
    assert row[4:] == ["", ""]
    assert re.search(r" 2020-02-29 23:59 UTC +\d+d +0 +- +-$", alive.ok("list-unconfirmed"), re.M)


HOSTILE = "tab\there\nnext\\line\rback@example.org"


def test_tsv_escapes_what_would_break_its_lines(alive):
    with connected(alive.db) as connection:
        connection.execute("UPDATE users SET email = ? WHERE email = ?", (HOSTILE, ANN))
    output = alive.run("list-unconfirmed", "--format", "tsv", "--fields", "email,id").stdout
    assert output == b"email\tid\ntab\\there\\nnext\\\\line\\rback@example.org\t1\n"


def test_json_escapes_what_would_break_its_strings(alive):
    hostile = '"\\\x00\x01\x1f\x7f\u2028\N{PILE OF POO}' + HOSTILE
    with connected(alive.db) as connection:
        connection.execute("UPDATE users SET email = ? WHERE email = ?", (hostile, ANN))
    for format in ("json", "jsonl"):
        output = alive.run("list-unconfirmed", "--format", format).stdout.decode()
        [line] = output.removesuffix("\n").split("\n")
        assert not re.search(r"[\x00-\x1f]", line)
        found = json.loads(line)
        assert found.get("accounts", [found])[0]["email"] == hostile


def test_bytes_that_are_no_utf8_still_make_valid_json(alive):
    with connected(alive.db) as connection:
        broken = b"\xff\xfe\xc0\x80@example.org"
        connection.execute("UPDATE users SET email = CAST(? AS TEXT) WHERE id = 1", (broken,))
    for words in (["list-unconfirmed"], ["show", "1"]):
        for format in ("json", "jsonl", "tsv", "text"):
            output = alive.run(*words, "--format", format)
            assert output.returncode == 0
            assert "@example.org" in output.stdout.decode()


# Columns


@each(LISTS)
def test_the_header_of_tsv_can_be_left_out(alive, tmp_path, call):
    other = copy_of(alive, tmp_path / "other")
    full = call.run(alive, "--format", "tsv")
    bare = call.run(other, "--format", "tsv", "--no-header")
    assert full.returncode == bare.returncode == 0
    assert len(full.stdout.splitlines()) == len(bare.stdout.splitlines()) + 1 >= 2


@pytest.mark.parametrize("format", ["text", "tsv"])
def test_chosen_columns_stand_in_the_order_they_were_named(alive, format):
    output = alive.ok("list-unconfirmed", "--fields", "mails,id,email", "--format", format)
    header, row = output.splitlines()
    assert header.lower().split() == ["mails", "id", "email"]
    assert row.split() == ["1", "1", ANN]
    bare = alive.ok("list-unconfirmed", "--fields=email", "--no-header", "--format", format)
    assert bare == f"{ANN}\n"


def test_chosen_columns_of_jsonl_follow_the_schema(alive):
    line = alive.ok("list-unconfirmed", "--fields", "email,id", "--format", "jsonl")
    assert line == f'{{"schema":1,"email":"{ANN}","id":1}}\n'


@pytest.mark.parametrize(
    ("command", "typed", "meant"),
    [
        ("list-unconfirmed", "registerd_on", "registered_on"),
        ("list-unconfirmed", "emial", "email"),
        ("list-outbox", "possible_duplicat", "possible_duplicate"),
        ("list-admins", "confirmd", "confirmed"),
        ("config", "orign", "origin"),
        ("doctor", "advise", "advice"),
        ("audit", "reson", "reason"),
        ("prune", "emial", "email"),
        ("list-prunes", "restord", "restored"),
    ],
)
def test_an_unknown_column_is_refused_with_the_nearest(alive, command, typed, meant):
    code, error = alive.error(command, "--fields", f"{meant},{typed}")
    assert (code, error["code"]) == (64, "invalid_value")
    assert f"did you mean {meant}?" in error["hint"]
    assert meant in error["message"]


@pytest.mark.parametrize("fields", ["", ",", "email,", ",email", "email,,id", " email", "EMAIL"])
def test_half_a_list_of_columns_is_refused(alive, fields):
    code, error = alive.error("list-unconfirmed", "--fields", fields)
    assert (code, error["code"]) == (64, "invalid_value")


@each(LISTS)
@pytest.mark.parametrize("format", ["text", "tsv", "jsonl"])
def test_every_list_takes_every_column_it_names(alive, call, format):
    _, refusal = alive.error(*call.line(alive), "--fields", "x")
    names = re.search(r"the fields are (\S+)$", refusal["message"])[1]
    result = call.run(alive, "--fields", names, "--format", format)
    assert result.returncode == 0
    first = result.stdout.decode().splitlines()[0]
    if format == "tsv":
        assert first.split("\t") == names.split(",")
    if format == "jsonl":
        assert sorted(json.loads(first)) == sorted(["schema", *names.split(",")])


def test_every_command_with_columns_is_among_the_lists():
    takes_fields = {name for name in commands() if "--fields" in help_of(name)}
    assert {call.words[0] for call in LISTS} == takes_fields


# Bare surroundings


@each([call for call in CALLS if call.words[0] not in ("tour", "create-db")])
def test_nothing_is_needed_of_the_environment(alive, call):
    config = alive.environment["REGCTL_CONFIG"]
    result = call.run(alive, "--config", config, env={}, cwd="/")
    assert result.returncode == 0
    assert result.stderr == b""
    assert bool(result.stdout) != call.is_silent


def test_the_tour_needs_nothing_of_the_environment_and_leaves_nothing(tmp_path):
    before = set(os.listdir("/tmp"))
    result = subprocess.run([BINARY, "tour"], env={}, cwd="/", capture_output=True)
    assert (result.returncode, result.stderr) == (0, b"")
    left = {name for name in os.listdir("/tmp") if name.startswith("regctl-tour")} - before
    assert left == set()


@pytest.fixture
def public():
    """A place that the unprivileged user can reach, with a copy of regctl."""
    with public_directory() as directory:
        shutil.copy(BINARY, directory / "regctl")
        (directory / "site").mkdir()
        yield directory


def as_nobody(directory: Path, *words: object, **options: object) -> subprocess.CompletedProcess:
    arguments = {"env": {}, "cwd": "/", "capture_output": True, "user": NOBODY, "group": NOBODY}
    arguments |= {"stdin": subprocess.DEVNULL, "extra_groups": []}
    return subprocess.run([directory / "regctl", *map(str, words)], **(arguments | options))


@each([call for call in CALLS if call.words[0] != "tour"])
def test_an_unprivileged_user_can_do_everything_in_a_directory_of_its_own(public, call):
    site = life(Site(public / "site", **LINKS))
    call.before(site)
    give_to_nobody(site.directory)
    result = as_nobody(public, *call.line(site), env=site.environment, **call.given(site))
    assert result.returncode == 0, result
    assert bool(result.stdout) != call.is_silent
    assert {path.stat().st_uid for path in site.directory.rglob("*")} == {NOBODY}
    assert {path.stat().st_mode & 0o077 for path in site.directory.rglob("*.db")} == {0}


READS = [
    ["list-unconfirmed"],
    ["show", ANN],
    ["check", BOB],
    ["list-outbox"],
    ["list-admins"],
    ["audit"],
    ["export"],
    ["import", "/dev/null", "--dry-run"],
    ["report", "cohorts"],
    ["report", "funnel"],
    ["report", "metrics"],
    ["resend", "--all-unconfirmed", "--dry-run"],
    ["show-mail", "3"],
    ["prune", "--dry-run"],
    ["list-prunes"],
]
# In an order in which all of them succeed.
WRITES = [
    ["show-mail", "3", "--raw", "--with-token"],
    ["cancel-mail", "3"],
    ["retry-mail", "3"],
    ["set-password", ANN, "--generate-password"],
    ["reset-password", ANN],
    ["change-email", ANN, "ANN@example.org"],
    ["change-email", BOB, "bob@post.example"],
    ["prune", "--yes"],
    ["unprune", "1"],
    ["register", "waiting@example.org", "--no-password", "--wait"],
    ["register", EVE, "--no-password"],
    ["create-admin", "new@example.org", "--generate-password"],
    ["create-admin", ANN, "--promote"],
    ["confirm", "--email", ANN, "--reason", "called"],
    ["unconfirm", BOB, "--reason", "bounced"],
    ["resend", ANN, "--force"],
    ["grant-admin", ANN],
    ["revoke-admin", BOB, "--force"],
    ["issue-token", ANN],
    ["deliver"],
    ["delete", ANN, "--reason", "left", "--yes"],
]


def readable_site(public: Path, journal_mode: str) -> Site:
    """A database of root's that others may read, with a key of theirs."""
    site = Site(public / "site", **LINKS)
    site.ok("create-db", "--journal-mode", journal_mode)
    site.ok("register", "pruned@example.org", "--no-password")
    long_ago(site)
    site.ok("prune", "--yes", "--max", "1")
    site.ok("register", "stale@example.org", "--no-password")
    long_ago(site)
    site.ok("register", ANN, "--no-password")
    site.ok("register", BOB, "--no-password")
    site.ok("create-admin", BOB, "--promote")
    site.db.chmod(0o644)
    site.directory.chmod(0o755)
    site.maildir.mkdir()
    # The configuration stays root's, or root would not take it.
    Path(site.environment["REGCTL_CONFIG"]).chmod(0o644)
    for path in (site.key_file, site.maildir):
        os.chown(path, NOBODY, NOBODY)
    return site


def test_who_may_only_read_a_database_in_truncate_mode_can_look_at_everything(public):
    site = readable_site(public, "truncate")
    before = dump(site.db), sorted(os.listdir(site.directory))
    for words in READS:
        result = as_nobody(public, *words, env=site.environment)
        assert (result.returncode, result.stderr) == (0, b""), words
        # What root sees at the same time, but for ages in seconds.
        expected = site.run(*words).stdout
        assert re.sub(rb"\d+s", b"", result.stdout) == re.sub(rb"\d+s", b"", expected)
    assert (dump(site.db), sorted(os.listdir(site.directory))) == before


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_who_may_only_read_a_database_is_refused_every_change(public, journal_mode):
    site = readable_site(public, journal_mode)
    before = dump(site.db)
    for words in WRITES:
        result = as_nobody(public, *words, "--json", env=site.environment)
        assert result.returncode == 77, (words, result)
        assert last_error(result.stderr)["code"] in ("db_readonly", "permission_denied")
    assert dump(site.db) == before
    # The control: root, whose key it is now, may do all of it.
    os.chown(site.key_file, 0, 0)
    for words in WRITES:
        site.ok(*words)


def test_who_may_only_read_a_database_in_wal_is_told_so(public):
    """WAL needs write access once: a refusal in words, never a bug report or an empty list."""
    site = readable_site(public, "wal")
    for words in READS:
        result = as_nobody(public, *words, "--json", env=site.environment)
        if result.returncode == 0:
            assert result.stdout == site.run(*words, "--json").stdout
        else:
            assert result.returncode == 77
            error = last_error(result.stderr)
            assert error["code"] in ("db_readonly", "permission_denied")
            assert error["hint"]


def test_a_database_that_may_not_be_read_is_permission_denied(public):
    site = readable_site(public, "truncate")
    site.db.chmod(0o600)
    for words in READS + WRITES:
        result = as_nobody(public, *words, "--json", env=site.environment)
        assert result.returncode == 77, (words, result)
        assert last_error(result.stderr)["code"] == "permission_denied"


def test_where_nothing_may_be_created_create_db_says_so(public):
    os.chown(public / "site", 0, 0)
    result = as_nobody(public, "create-db", "--db", public / "site" / "regctl.db", "--json")
    assert result.returncode in (73, 77)
    assert last_error(result.stderr)["code"] == "permission_denied"
    assert os.listdir(public / "site") == []


def test_help_is_reachable_with_any_words():
    """`--help` can be added to the end of anything."""
    for name in commands():
        for words in ([name, "--help"], ["--help", name], ["-h", name], [name, "x", "--bad", "-h"]):
            result = subprocess.run([BINARY, *words], env={}, capture_output=True)
            assert (result.returncode, result.stderr) == (0, b""), words
            assert result.stdout.decode() == help_of(name), words
