"""A full disk is an error, and nothing is left incomplete."""

import resource
import shutil
import subprocess

import pytest

from Campaigns.bad_input.conditions import REGISTER
from Campaigns.database import dump, integrity, value
from Campaigns.preparation import ANN
from Campaigns.processes import last_error
from Campaigns.small_disk import ballast, small_disk
from regctl import BINARY, Site


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_a_full_disk_is_db_full_and_commands_work_once_there_is_room(tmp_path, journal_mode):
    with small_disk(tmp_path / "disk", 300) as disk:
        site = Site(disk)
        site.ok("create-db", "--journal-mode", journal_mode)
        site.ok("register", ANN, "--no-password")
        before = dump(site.db)
        weight = ballast(disk)
        for words in (REGISTER, ["resend", ANN, "--force"]):
            code, error = site.error(*words)
            assert (code, error["code"]) == (74, "db_full"), error
        weight.unlink()
        assert dump(site.db) == before
        assert integrity(site.db) == "ok"
        site.ok(*REGISTER)
        assert site.json("deliver")["sent"] == 2


def test_wherever_the_disk_becomes_full_registering_is_complete_or_undone(tmp_path):
    """From no space at all to enough, page by page."""
    outcomes = set()
    for room in range(0, 130, 4):
        with small_disk(tmp_path / f"disk-{room}", 300) as disk:
            site = Site(disk)
            site.ok("create-db")
            weight = ballast(disk, room)
            result = site.run(*REGISTER)
            outcomes.add(result.returncode)
            weight.unlink()
            accounts = value(site.db, "SELECT count(*) FROM users")
            mails = value(site.db, "SELECT count(*) FROM regctl_outbox")
            assert accounts == mails == (1 if result.returncode == 0 else 0), (room, result)
            assert integrity(site.db) == "ok"
            assert site.run(*REGISTER).returncode == (1 if accounts else 0)
    assert outcomes == {0, 74}


def test_a_limit_on_the_size_of_files_is_an_error_and_not_fatal(place):
    """The signal that the kernel sends for it is ignored."""
    before = dump(place.db)
    for kilobytes in (0, 4, 16, 32, 48):
        limit = kilobytes * 1024

        def restrict(limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        result = subprocess.run(
            [BINARY, *REGISTER, "--json"],
            env=place.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            preexec_fn=restrict,
        )
        if result.returncode == 0:
            assert kilobytes >= 32
            break
        assert result.returncode == 74
        assert last_error(result.stderr)["code"] in ("db_full", "io_error")
        assert dump(place.db) == before
    else:
        place.ok(*REGISTER)
    assert integrity(place.db) == "ok"


def test_without_room_create_db_leaves_nothing_incomplete(tmp_path):
    """A file reported as created is complete, wherever in its creation the disk becomes full."""
    for size in range(4, 200, 8):
        with small_disk(tmp_path / f"disk-{size}", size) as disk:
            result = subprocess.run(
                [BINARY, "create-db", "--db", disk / "regctl.db", "--config", "none", "--json"],
                env={},
                capture_output=True,
            )
            left = {path.name for path in disk.iterdir()}
            if result.returncode == 0:
                # Elsewhere, because to look into it needs room too.
                made = shutil.copy(disk / "regctl.db", tmp_path / "made.db")
                assert integrity(made) == "ok", f"{size} KB"
                assert value(made, "SELECT count(*) FROM regctl_audit") == 1, f"{size} KB"
                assert left == {"regctl.db", "secret.key"}
            else:
                assert result.returncode == 74
                assert last_error(result.stderr)["code"] in ("db_full", "io_error")
                assert left <= {"secret.key"}
    assert result.returncode == 0, "the largest disk is large enough"
