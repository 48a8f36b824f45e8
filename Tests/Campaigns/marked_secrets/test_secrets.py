"""X2: no marked secret is in an output, argument, environment, table, file or write but where it belongs."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import bcrypt
import pytest

from Campaigns.database import value
from Campaigns.marked_secrets.search import parts, traces
from Campaigns.marked_secrets.tracing import Traced, log_of, traced, typed
from Campaigns.postgresql.secure_cluster import SECRET, SecureCluster
from Campaigns.sites import LINKS
from engines import on_both_engines
from regctl import Site
from tokens import bound_token, fingerprint, token

ANN, EVE = "ann@example.org", "eve@example.org"
KEY = "Kx7vQ2mZr9TnWb4LpYs6HdFg3JcE8uAo"
OLD, NEW, WRONG = "q8Rw3Zt6Yp1Lm5Xs", "v2Kd9Hf4Bn7Jc0Ge", "z1Mu8Qa5Ti3Wo6Py"


@pytest.fixture
def marked(new_site: Callable[..., Site]) -> Site:
    """A site with a marked key, where Ann has a marked password."""
    site = new_site(**LINKS)
    site.key_file.write_text(KEY + "\n")
    site.ok("create-db")
    site.ok("register", ANN, "--password-file", "-", input=OLD)
    for name, password in (("new", NEW), ("wrong", WRONG)):
        path = site.directory / name
        path.write_text(password + "\n")
        path.chmod(0o600)
    return site


def own_files(site: Site) -> set[Path]:
    return {site.key_file, site.directory / "new", site.directory / "wrong"}


def found(site: Site, run: Traced, secrets: dict[str, str], own: set[Path] = frozenset()) -> list[str]:
    """The secrets that are where they do not belong."""
    places = run.places(site, own_files(site) | own)
    wrong = []
    for name, secret in secrets.items():
        wrong += traces({name: secret.encode()}, places)
        wrong += [f"a part of {name}: {trace}" for trace in traces(parts(secret), places)]
    return wrong


def stored(site: Site, email: str) -> bytes:
    return value(site.db, "SELECT password FROM users WHERE email = ?", email).encode()


SECRETS = {"key": KEY, "old password": OLD, "new password": NEW, "wrong password": WRONG}
TYPED = [["register", EVE], ["set-password", ANN], ["create-admin", EVE]]
READ = [["confirm", "-"], ["confirm", "--stdin"], ["inspect-token", "-"]]
OTHERS = [
    ["export"], ["export", "--email", ANN], ["backup", "{site}/copy"], ["doctor"], ["config"], ["audit"],
    ["show", ANN], ["show-mail", ANN, "--raw"], ["purge"], ["erase", ANN, "--reason", "x", "--yes"],
]  # fmt: skip
WAYS = [
    (["register", EVE, "--password-file", "{site}/new"], EVE),
    (["register", EVE, "--password-file", "-"], EVE),
    (["create-admin", EVE, "--password-file", "{site}/new"], EVE),
    (["set-password", ANN, "--password-file", "{site}/new"], ANN),
    (["reset-password", "--token", "-", "--password-file", "{site}/new"], ANN),
]


@on_both_engines
@pytest.mark.parametrize("verbose", [[], ["-v"], ["--json"]], ids=["text", "verbose", "json"])
@pytest.mark.parametrize(("words", "email"), WAYS, ids=lambda value: " ".join(value)[:30])
def test_a_password_that_is_read_is_left_as_its_hash_alone(marked, words, email, verbose):
    reset = reset_token(marked)
    input = reset if "--token" in words else NEW
    line = [word.replace("{site}", str(marked.directory)) for word in words]
    run = traced(marked, *line, *verbose, input=input)
    assert run.code == 0, run
    assert bcrypt.checkpw(NEW.encode(), stored(marked, email))
    assert found(marked, run, SECRETS | {"token": reset}) == []


def reset_token(site: Site) -> str:
    payload = [ANN, fingerprint(stored(site, ANN).decode())]
    return bound_token(payload, int(time.time()), "reset", KEY)


@on_both_engines
@pytest.mark.parametrize("words", TYPED, ids=" ".join)
def test_a_password_that_is_typed_is_left_as_its_hash_alone(marked, words):
    run = typed(marked, *words, password=NEW)
    assert run.code == 0, run
    assert bcrypt.checkpw(NEW.encode(), stored(marked, words[1]))
    assert found(marked, run, SECRETS) == []


@on_both_engines
@pytest.mark.parametrize("words", TYPED, ids=" ".join)
def test_a_password_that_is_generated_is_printed_once_and_left_nowhere(marked, words):
    run = traced(marked, *words, "--generate-password", "-v")
    assert run.code == 0, run
    [password] = run.output.decode().split()
    assert bcrypt.checkpw(password.encode(), stored(marked, words[1]))
    run.output = b""
    assert found(marked, run, SECRETS | {"generated password": password}) == []


@on_both_engines
@pytest.mark.parametrize("file", ["new", "wrong"])
def test_a_password_that_is_checked_is_left_nowhere(marked, file):
    marked.ok("set-password", ANN, "--password-file", marked.directory / "new")
    marked.ok("confirm", "--email", ANN, "--reason", "test")
    run = traced(marked, "check", ANN, "--password-file", marked.directory / file, "-v")
    assert run.code == (0 if file == "new" else 1), run
    assert found(marked, run, SECRETS) == []


@on_both_engines
@pytest.mark.parametrize("words", READ, ids=" ".join)
def test_a_token_that_is_read_is_left_nowhere(marked, words):
    link = token(ANN, int(time.time()), key=KEY)
    run = traced(marked, *words, "-v", input=link)
    assert run.code == 0, run
    # What it says is no secret; its signature is.
    assert found(marked, run, SECRETS | {"token": link, "signature": link.rpartition(".")[2]}) == []


@on_both_engines
def test_a_token_that_is_issued_is_printed_and_left_nowhere(marked):
    run = traced(marked, "issue-token", ANN, "-v")
    link = run.output.decode().strip()
    assert run.code == 0 and link.count(".") == 2, run
    run.output = b""
    assert found(marked, run, SECRETS | {"token": link, "signature": link.rpartition(".")[2]}) == []


@on_both_engines
def test_a_new_key_is_left_in_its_file_alone(marked):
    run = traced(marked, "rotate-key", "-v")
    assert run.code == 0, run
    [_, key] = marked.key_file.read_text().split()
    # It is written to one file, once.
    assert run.written.count(key.encode()) == 1
    run.written = run.written.replace(key.encode(), b"").replace(KEY.encode(), b"", 1)
    assert found(marked, run, SECRETS | {"new key": key}) == []


@on_both_engines
@pytest.mark.parametrize("words", OTHERS, ids=lambda words: words[0])
def test_no_secret_is_left_by_a_command_that_asks_for_none(marked, words):
    run = traced(marked, *[word.replace("{site}", str(marked.directory)) for word in words], "-v")
    # The server of the tests does not wait for its disk, which doctor finds.
    assert run.code == 0 or words == ["doctor"], run
    assert found(marked, run, SECRETS) == []


@on_both_engines
def test_a_mail_program_gets_the_token_by_its_input_alone(marked):
    program, mail = marked.directory / "sendmail", marked.directory / "mail"
    program.write_text(f"#!/bin/sh\nexec cat >{mail}\n")
    program.chmod(0o700)
    marked.settings |= {"mail_transport": "sendmail", "sendmail_path": program}
    marked.write_config()
    run = traced(marked, "deliver", "-v")
    assert run.code == 0, run
    text = mail.read_text().replace("=\n", "")
    link = re.search(r"https://app\.example/confirm/(\S+)", text)[1]
    signature = link.rpartition(".")[2]
    assert str(program).encode() in run.started
    # It is seen on its way there, which shows that the search would find it.
    assert signature.encode() in run.written.replace(b"=\\r\\n", b"").replace(b"=\\n", b"")
    run.written = b""
    assert found(marked, run, SECRETS | {"signature": signature}, {mail}) == []


def test_the_password_of_a_database_is_left_nowhere(tmp_path):
    """A server asks for it in two ways; neither shows it on the wire."""
    cluster = SecureCluster()
    try:
        cluster.create()
        for user in ("scrambled", "hashed"):
            directory = tmp_path / user
            directory.mkdir()
            site = database_site(cluster, directory, user)
            for words in (["create-db"], ["register", ANN, "--no-password"], ["doctor"], ["config"]):
                run = traced(site, *words, "-v")
                places = {
                    "output": run.output, "errors": run.errors, "argv or environ": run.started,
                    "a write": run.written,
                }  # fmt: skip
                assert run.code == 0 or words == ["doctor"], run
                assert traces({"database password": SECRET.encode()}, places) == []
                assert traces(parts(SECRET, 8), places) == []
    finally:
        cluster.remove()


def database_site(cluster: SecureCluster, directory: Path, user: str) -> Site:
    """A site whose database is on a server that asks a user for a password."""
    password_file = directory / "db.password"
    password_file.write_text(SECRET + "\n")
    password_file.chmod(0o600)
    settings = {
        "db": f"postgresql://{user}@127.0.0.1:{cluster.port}/{cluster.new_database()}",
        "db_password_file": password_file, "secret_key_file": directory / "secret.key",
    }  # fmt: skip
    return Site(directory, **settings)


# The control: without it, a search that finds nothing might be blind.

CARELESS = """#!/bin/sh
password=$(cat)
PASSWORD=$password /bin/true
/bin/true "--password=$password"
echo "$password" | tee -a "$REGCTL_CONFIG.log" >/dev/null
echo "$password" | base64
"""


def test_the_search_finds_what_a_careless_program_does(marked):
    program = marked.directory / "careless"
    program.write_text(CARELESS)
    program.chmod(0o700)
    run = traced(marked, input=NEW, program=str(program))
    assert run.code == 0, run
    where = set(found(marked, run, {"new password": NEW}))
    for place in ("argv or environ", "a write", "regctl.conf.log", "output"):
        assert f"new password in {place}" in where, (place, where)
    assert log_of(marked).exists()


def test_the_search_finds_a_password_in_pieces(marked):
    """The control of the parts."""
    pieces = Traced(0, NEW[:13].encode(), b"", b"", b"")
    assert found(marked, pieces, {"new password": NEW})
    assert not found(marked, Traced(0, NEW[:11].encode(), b"", b"", b""), {"new password": NEW})
