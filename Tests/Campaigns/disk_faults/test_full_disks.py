"""K6: wherever the disk becomes full, a command is complete or undone, and works once there is room."""

import shutil

import pytest

from Campaigns.disk_faults.commands import ACKNOWLEDGED
from Campaigns.disk_faults.errors import run, violations
from Campaigns.extent import tried
from Campaigns.sites import LINKS, copy_of
from Campaigns.small_disk import ballast, small_disk

ROOMS = tried(list(range(8, 241, 8)), 6)


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
@pytest.mark.parametrize("command", ACKNOWLEDGED, ids=lambda command: command.__name__)
def test_a_full_disk_leaves_nothing_half_done(new_site, tmp_path, command, journal_mode):
    made = command(journal_mode)
    prototype = new_site(**LINKS)
    made.prepare(prototype)
    codes, wrong = [], []
    with small_disk(tmp_path / "disk", 2048) as disk:
        for room in [0, *ROOMS, 1000]:
            site = copy_of(prototype, disk / "site")
            weight = ballast(disk, room)
            result = run(made, site, [])
            weight.unlink()
            found = violations(made, ACKNOWLEDGED[command], site, result, tmp_path / "seen")
            wrong += [f"{room} KiB: {what}" for what in found]
            codes.append(result.returncode)
            shutil.rmtree(site.directory)
            shutil.rmtree(tmp_path / "seen")
    print(f"exit codes {codes}")
    assert wrong == [], "\n".join(wrong)
    # Otherwise no disk was full, or all were.
    assert codes[0] in {69, 73, 74} and codes[-1] == 0
