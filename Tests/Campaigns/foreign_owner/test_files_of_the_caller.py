"""H2: secrets of root, and files that the caller names, are opened by the caller."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from Campaigns.database import connected
from Campaigns.foreign_owner.place import Place, both, early, name_of, trace
from Campaigns.preparation import ANN, BOB, EVE
from Campaigns.processes import last_error
from Campaigns.terminal import answer, on_terminal, rest
from regctl import BINARY, KEY


def private(place: Place, name: str, content: str) -> Path:
    """A file that root alone can read, in a directory of the same kind."""
    path = place.canary.parent / name
    path.write_text(content)
    path.chmod(0o600)
    return path


@contextlib.contextmanager
def private_files(place: Place) -> Iterator[None]:
    """Removes what a test has put beside the canary."""
    before = place.root_files()
    yield
    for path in place.canary.parent.iterdir():
        if path.name not in before:
            path.unlink()


@both
def test_secrets_that_root_alone_can_read_are_read_before(place):
    with private_files(place):
        key = private(place, "key", KEY[::-1] + "\n")
        place.configure(secret_key_file=key)
        for words in (["issue-token", ANN], ["deliver"], ["doctor"], ["show-mail", "1", "--raw"]):
            result = place.run(*words)
            assert result.returncode == 0, (words, result)
        token = place.run("issue-token", ANN).stdout.decode().strip()
        assert place.run("confirm", token).returncode == 0
        # The control: the owner cannot read it.
        assert place.regctl("issue-token", ANN).returncode == 77


def test_a_key_of_the_owner_is_read_as_the_owner(place):
    assert place.run("issue-token", ANN).returncode == 0
    status, calls = trace(place, BINARY, "issue-token", ANN)
    assert status == 0
    assert any("secret.key" in call for call in calls)
    assert early(place, calls, []) == []


def test_files_that_the_caller_names_are_opened_by_the_caller(place):
    with private_files(place):
        password = private(place, "password", "correct horse\n")
        for words in (
            ["register", BOB, "--password-file", password],
            ["create-admin", EVE, "--password-file", password],
            ["set-password", ANN, "--password-file", password],
            ["check", BOB, "--password-file", password],
        ):
            result = place.run(*words)
            # Bob is not confirmed, but the password is right.
            assert result.returncode == (1 if words[0] == "check" else 0), (words, result)
        assert b"not confirmed" in result.stderr
        accounts = private(place, "accounts", "email\nfrom@file.example\n")
        assert place.run("import", accounts).returncode == 0
        with connected(place.site.db) as connection:
            connection.execute("UPDATE users SET registered_on = '2020-01-01 00:00:00.000000'")
            connection.execute("UPDATE regctl_accounts SET registered_at = 1577836800")
            connection.execute("UPDATE regctl_outbox SET state = 'sent', finished_at = 1577836800")
        plan = place.site.directory / "plan"
        assert place.run("prune", "--plan", plan).returncode == 0
        copy = private(place, "plan", plan.read_text())
        assert place.run("prune", "--apply", copy, "--yes", "--max", "9").returncode == 0
        # Without an account to make, the file is not even looked at.
        missing = place.canary.parent / "none"
        words = ["create-admin", EVE, "--if-not-exists", "--password-file", missing]
        assert place.run(*words).returncode == 0
        result = place.run("set-password", EVE, "--password-file", missing, "--json")
        assert last_error(result.stderr)["message"].startswith(f"cannot open '{missing}'")


def test_a_password_from_a_pipe_of_root_is_read(place):
    """The owner could not open it again by its name."""
    for path in ("/dev/stdin", "-"):
        result = place.run("set-password", ANN, "--password-file", path, input="correct horse\n")
        assert result.returncode == 0, (path, result)


def test_a_password_is_still_asked_for_on_the_terminal_of_root(place):
    """The terminal is opened when root is the owner already."""
    child = on_terminal(place.site, "set-password", ANN)
    answer(child, "correct horse", "correct horse")
    rest(child)
    assert child.exitstatus == 0
    check = place.run("check", ANN, "--password-file", "-", input="correct horse\n")
    assert b"not confirmed" in check.stderr


@both
@pytest.mark.parametrize("words", [["backup"], ["prune", "--older-than", "2h", "--plan"]])
def test_where_the_owner_may_not_write_the_error_names_the_writer(place, words):
    result = place.run(*words, place.canary.parent / "copy", "--json")
    assert result.returncode == 73, result
    error = last_error(result.stderr)
    name = name_of(place.owner)
    assert error["code"] == "permission_denied"
    assert error["hint"] == (
        f"regctl runs as user {name}, the owner of {place.site.db}: "
        f"name a file in a directory where {name} may write"
    )
    # The control: where they may, they do.
    assert place.run(*words, place.site.directory / "copy").returncode == 0
