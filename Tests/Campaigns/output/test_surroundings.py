"""Minimal environments: no variables, an unprivileged user, a read-only database."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from Campaigns.calls import CALLS, some
from Campaigns.command_help import commands, help_of
from Campaigns.database import dump
from Campaigns.directories import NOBODY, give_to_nobody, public_directory
from Campaigns.preparation import ANN, BOB, EVE, long_ago
from Campaigns.processes import last_error
from Campaigns.sites import LINKS, copy_of
from regctl import BINARY, Site


@some([call for call in CALLS if call.words[0] not in ("tour", "create-db")])
def test_no_environment_variables_are_needed(alive, call):
    config = alive.environment["REGCTL_CONFIG"]
    result = call.run(alive, "--config", config, env={}, cwd="/")
    assert result.returncode == 0
    assert result.stderr == b""
    assert bool(result.stdout) != call.is_silent


def test_the_tour_needs_nothing_of_the_environment_and_leaves_nothing(tmp_path):
    before = set(os.listdir("/tmp"))
    result = subprocess.run([BINARY, "tour"], env={}, cwd="/", capture_output=True)
    assert (result.returncode, result.stderr) == (0, b"")
    # Another test may be on a tour, too, but not for long.
    limit = time.monotonic() + 30
    while left := {name for name in os.listdir("/tmp") if name.startswith("regctl-tour")} - before:
        assert time.monotonic() < limit, left
        time.sleep(0.1)


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


@some([call for call in CALLS if call.words[0] != "tour"])
def test_an_unprivileged_user_can_do_everything_in_a_directory_of_its_own(public, prototype, call):
    site = copy_of(prototype, public / "alive")
    call.before(site)
    give_to_nobody(site.directory)
    result = as_nobody(public, *call.line(site), env=site.environment, **call.given(site))
    assert result.returncode == 0, result
    assert bool(result.stdout) != call.is_silent
    assert {path.stat().st_uid for path in site.directory.rglob("*")} == {NOBODY}
    assert {path.stat().st_mode & 0o077 for path in site.directory.rglob("*.db")} == {0}


READS = [
    ["list-accounts", "ann"],
    ["list-unconfirmed"],
    ["show", ANN],
    ["check", BOB],
    ["list-outbox"],
    ["list-admins"],
    ["audit"],
    ["import", "/dev/null", "--dry-run"],
    ["report", "cohorts"],
    ["report", "funnel"],
    ["report", "metrics"],
    ["report", "html"],
    ["status"],
    ["resend", "--all-unconfirmed", "--dry-run"],
    ["show-mail", "3"],
    ["prune", "--dry-run"],
    ["list-prunes"],
]
# In an order in which all of them succeed.
WRITES = [
    ["export"],
    ["export", "--email", ANN],
    ["show-mail", "3", "--raw", "--with-token"],
    ["cancel-mail", "3"],
    ["retry-mail", "3"],
    ["set-password", ANN, "--generate-password"],
    ["reset-password", ANN],
    ["change-email", ANN, "ANN@example.org"],
    ["change-email", BOB, "bob@post.example"],
    ["prune", "--yes"],
    ["unprune", "1", "--yes"],
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
    """A database of root that others may read, with a key that they own."""
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


def test_a_user_who_may_only_read_in_truncate_mode_can_read_everything(public):
    site = readable_site(public, "truncate")
    before = dump(site.db), sorted(os.listdir(site.directory))
    for words in READS:
        result = as_nobody(public, *words, env=site.environment)
        assert (result.returncode, result.stderr) == (0, b""), words
        # What root sees at the same time, but for ages in seconds.
        expected = site.run(*words).stdout
        age = rb"\d+ ?s(?:econds?)?\b"
        assert re.sub(age, b"", result.stdout) == re.sub(age, b"", expected)
    assert (dump(site.db), sorted(os.listdir(site.directory))) == before


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_a_user_who_may_only_read_cannot_change_anything(public, journal_mode):
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


def test_a_user_who_may_only_read_in_wal_mode_gets_an_error(public):
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
        error = last_error(result.stderr)
        assert error["code"] == "permission_denied"
        # The hint names the owner.
        assert error["hint"] == "run it as the owner of the file: sudo -u root regctl"


def test_create_db_reports_that_nothing_can_be_created(public):
    os.chown(public / "site", 0, 0)
    result = as_nobody(public, "create-db", "--db", public / "site" / "regctl.db", "--json")
    assert result.returncode in (73, 77)
    assert last_error(result.stderr)["code"] == "permission_denied"
    assert os.listdir(public / "site") == []


def test_help_is_reachable_with_any_words():
    """`--help` can be added to any command line."""
    for name in commands():
        for words in ([name, "--help"], ["--help", name], ["-h", name], [name, "x", "--bad", "-h"]):
            result = subprocess.run([BINARY, *words], env={}, capture_output=True)
            assert (result.returncode, result.stderr) == (0, b""), words
            assert result.stdout.decode() == help_of(name), words
