"""Pages that are spoilt, and shells in which examples run."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from Peers.manual.examples import MADE, NEEDS, PASSWORD, TEMPLATES, Shell
from Peers.manual.page import MANUAL, Page, page
from regctl import BINARY, Site


@pytest.fixture
def spoilt(tmp_path: Path) -> Callable[[str, str, str], Page]:
    """Makes a copy of a page in which something was replaced."""

    def spoil(name: str, old: str, new: str) -> Page:
        text = (MANUAL / name).read_text()
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, 1))
        return Page(tmp_path / name)

    return spoil


@pytest.fixture(scope="module")
def shells(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Callable[[], Shell]]:
    """Prepares the site of a page, and makes copies of it."""
    binaries = tmp_path_factory.mktemp("bin")
    (binaries / "regctl").symlink_to(BINARY)
    settings = {
        "db": "regctl.db", "maildir_path": "Maildir", "sendmail_path": "./sendmail",
        "reset_url": "https://app.example/reset/{token}",
        "change_email_url": "https://app.example/change/{token}",
        "invite_url": "https://app.example/invite/{token}",
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
