"""A damaged or truncated database is detected, and unchanged."""

import os
import shutil

import pytest

from Campaigns.bad_input.conditions import REGISTER
from Campaigns.extent import sample
from Campaigns.preparation import ANN, BOB
from Campaigns.processes import last_error
from Campaigns.sites import copy_of

# What a damaged database may be taken for; least of all for a bug, or for no reason at all.
UNREADABLE = {"db_corrupt", "not_a_database", "schema_missing", "schema_too_new"}


@pytest.mark.parametrize("pattern", [b"\x00", b"\xff", b"\x0d\x00\x00\x00\x7f"], ids=bytes.hex)
def test_no_damaged_page_makes_regctl_crash_or_call_itself_broken(prototype, tmp_path, pattern):
    """A page of the database is overwritten; regctl detects it or does not read it."""
    pages = prototype.db.stat().st_size // 4096
    words = [
        ["list-unconfirmed"],
        ["list-outbox"],
        ["show", ANN],
        ["check", BOB],
        REGISTER,
        ["confirm", "--email", ANN, "--reason", "called"],
        ["deliver"],
        ["migrate-db"],
        ["prune", "--yes", "--include-never-mailed"],
        ["delete", ANN, "--reason", "test", "--yes"],
        ["audit"],
        ["backup", tmp_path / "site" / "copy.db"],
    ]
    noticed = 0
    tried = sample("damaged pages", range(pages), 3)
    for page in tried:
        for line in words:
            site = copy_of(prototype, tmp_path / "site")
            data = bytearray(site.db.read_bytes())
            data[page * 4096 : (page + 1) * 4096] = (pattern * 4096)[:4096]
            site.db.write_bytes(data)
            result = site.run(*line, "--json")
            if result.returncode != 0:
                error = last_error(result.stderr)
                assert result.returncode == 74, (page, line, error)
                assert error["code"] in UNREADABLE, (page, line, error)
                noticed += 1
            shutil.rmtree(site.directory)
    assert noticed >= len(tried)


@pytest.mark.parametrize("size", [1, 15, 16, 100, 511, 512, 4095, 4096, 8192, 20_000])
def test_a_truncated_database_is_rejected_and_unchanged(place, size):
    os.truncate(place.db, size)
    before = place.db.read_bytes()
    for line in (
        ["list-unconfirmed"],
        ["list-outbox"],
        REGISTER,
        ["migrate-db"],
        ["deliver"],
        ["prune", "--yes"],
        ["backup", place.directory / "copy.db"],
    ):
        code, error = place.error(*line)
        assert (code, error["exit"]) == (74, 74), line
        assert error["code"] in UNREADABLE, line
    assert place.db.read_bytes() == before
