"""K7: what cannot be written is reported and unchanged, and does not matter to those who only read."""

import contextlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from Campaigns.directories import NOBODY, give_to, public_directory
from Campaigns.disk_faults.commands import ACKNOWLEDGED
from Campaigns.kill_points.copies import back_up, export
from Campaigns.kill_points.mail import deliver
from Campaigns.kills import Kill
from Campaigns.processes import last_error
from Campaigns.sites import LINKS, copy_of
from regctl import BINARY, Site

READERS = [["list-unconfirmed", "--count"], ["check", "ann@example.org"], ["list-outbox"], ["audit"]]


@contextlib.contextmanager
def read_only_file(site: Site) -> Iterator[None]:
    site.db.chmod(0o444)
    yield
    site.db.chmod(0o600)


@contextlib.contextmanager
def read_only_directory(site: Site) -> Iterator[None]:
    site.directory.chmod(0o555)
    yield
    site.directory.chmod(0o755)


@contextlib.contextmanager
def read_only_file_system(site: Site) -> Iterator[None]:
    """Not even root can write to it."""
    if subprocess.run(["mount", "--bind", site.directory, site.directory]).returncode:
        pytest.skip("needs the right to mount a file system")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", site.directory], check=True)
        yield
    finally:
        subprocess.run(["umount", site.directory], check=True)


STATES = [read_only_file, read_only_directory, read_only_file_system]


@pytest.fixture
def directory() -> Iterator[Path]:
    with public_directory() as directory:
        shutil.copy(BINARY, directory / "regctl")
        yield directory


def run(site: Site, user: int, *words: object) -> subprocess.CompletedProcess:
    """Runs regctl, where every user can, as one of them."""
    return subprocess.run(
        [site.directory.parent / "regctl", *map(str, words)],
        env=site.environment, user=user, group=user, capture_output=True, timeout=60, cwd="/",
    )  # fmt: skip


def handed_over(site: Site, directory: Path, state: Callable) -> tuple[Site, int]:
    """A copy of a site, and its owner, to whom the state is an obstacle."""
    copy = copy_of(site, directory / "site")
    if state is read_only_file_system:
        return copy, 0
    give_to(copy.directory, NOBODY)
    return copy, NOBODY


def files(site: Site) -> dict[str, bytes]:
    """What is in the files; a log without content and a lock may be there."""
    found = {path.name: path.read_bytes() for path in site.directory.rglob("*") if path.is_file()}
    return {name: content for name, content in found.items() if content and not name.endswith("-shm")}


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("command", ACKNOWLEDGED, ids=lambda command: command.__name__)
def test_a_command_that_cannot_write_says_so_and_works_later(
    new_site, directory, command: Callable, state: Callable, journal_mode
):
    made, prototype = command(journal_mode), new_site(**LINKS)
    made.prepare(prototype)
    site, user = handed_over(prototype, directory, state)
    before = files(site)
    with state(site):
        # To standard output, which is elsewhere.
        result = run(site, user, *(["export"] if command is export else made.words(site)))
        after = files(site)
    error = result.stderr.decode()
    if result.returncode == 0:
        # This only reads, and writes into the directory.
        assert (command, state) == (back_up, read_only_file), result
    else:
        # The directory of the mails is beside the database.
        assert result.returncode in (73, 74, 77) or (command, result.returncode) == (deliver, 69), result
        assert any(word in error for word in ("read-only", "cannot", "denied", "not writable")), error
        assert after == before, "something was changed"
    # By root, like all tests.
    give_to(site.directory, 0)
    seen = Kill(copy_of(site, directory / "seen"), result.stdout.decode())
    made.look(seen)
    left = Kill(site, result.stdout.decode())
    made.repeat(left)
    assert seen.wrong + left.wrong == []


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_who_only_reads_reads_or_learns_why_not(new_site, directory, state: Callable, journal_mode):
    prototype = new_site(**LINKS)
    prototype.ok("create-db", "--journal-mode", journal_mode)
    prototype.ok("register", "ann@example.org", "--no-password")
    site, user = handed_over(prototype, directory, state)
    with state(site):
        for words in READERS:
            result = run(site, user, *words, "--json")
            if journal_mode == "wal" and state is not read_only_file:
                # A log needs an index beside the database.
                if result.returncode == 77:
                    assert last_error(result.stderr)["code"] == "db_readonly", result
                    continue
            assert result.returncode == (1 if words[0] == "check" else 0), result
            assert json.loads(result.stdout or "{}") is not None
