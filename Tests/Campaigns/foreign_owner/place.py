"""A place for H2: root on the database of another user gives that user nothing they do not have.

The owner of a directory puts links, crafted journals and swapped files where root will look. Each
attack has a control: what plain tools, run by root, do with the same files.
"""

import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from Campaigns.directories import NOBODY
from Campaigns.preparation import ANN, BOB
from Campaigns.sites import LINKS
from regctl import BINARY, Site

# A user who is not in the user database.
NAMELESS = 4242
SECRET = b"root alone knows this\n"
# One that every user can run, unlike that of a virtual environment.
PYTHON = "/usr/bin/python3"


def name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


class Place:
    """A database of another user, a configuration of root's, and a file that is root's alone."""

    def __init__(self, directory: Path, owner: int) -> None:
        self.directory = directory
        self.owner = owner
        shutil.copy(BINARY, directory / "regctl")
        (directory / "root").mkdir(mode=0o700)
        self.canary = directory / "root" / "canary"
        self.canary.write_bytes(SECRET)
        self.canary.chmod(0o600)
        (directory / "state").mkdir()
        self.site = Site(directory / "state", **LINKS)
        self.move_configuration()

    def move_configuration(self) -> None:
        """Puts the configuration where root takes it from."""
        configuration = self.directory / "regctl.conf"
        self.site.write_config().rename(configuration)
        configuration.chmod(0o644)
        self.site.environment["REGCTL_CONFIG"] = str(configuration)

    def configure(self, **settings: object) -> None:
        self.site.settings |= settings
        self.move_configuration()

    def give(self) -> None:
        """Makes the owner of the directory the owner of all that is in it."""
        for path in [self.site.directory, *self.site.directory.rglob("*")]:
            os.chown(path, self.owner, self.owner, follow_symlinks=False)

    def link(self, name: str, target: Path) -> None:
        """Puts a link of the owner's into their directory."""
        path = self.site.directory / name
        path.unlink(missing_ok=True)
        path.symlink_to(target)
        os.chown(path, self.owner, self.owner, follow_symlinks=False)

    def run(self, *words: object, **options: object) -> subprocess.CompletedProcess:
        """Runs regctl as root."""
        return self.site.run(*words, **options)

    def as_owner(
        self, *line: object, env: dict | None = None, **options: object
    ) -> subprocess.CompletedProcess:
        """Runs a program as the owner of the database."""
        arguments = {"stdin": subprocess.DEVNULL, "capture_output": True, "cwd": "/"}
        return subprocess.run(
            [*map(str, line)], user=self.owner, group=self.owner, extra_groups=[],
            env=self.site.environment | (env or {}), **(arguments | options),
        )  # fmt: skip

    def regctl(self, *words: object, **options: object) -> subprocess.CompletedProcess:
        """Runs regctl as the owner."""
        return self.as_owner(self.directory / "regctl", *words, **options)

    def root_files(self) -> dict[str, tuple]:
        """All that is root's alone, as far as a change can be seen."""
        found = {}
        for path in [self.canary.parent, *self.canary.parent.rglob("*")]:
            status = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found[path.name] = (status.st_uid, status.st_gid, status.st_mode, content)
        return found


both = pytest.mark.parametrize(
    "place", [NOBODY, NAMELESS], ids=["nobody", "nameless"], indirect=True
)

MAKES_OR_OPENS = (
    "open,openat,openat2,creat,link,linkat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,"
    "chown,fchown,fchownat,lchown,chmod,fchmod,fchmodat,symlink,symlinkat,truncate,ftruncate,"
    "setgroups,setresgid,setresuid,execve"
)


def trace(place: Place, *line: object, **options: object) -> tuple[int, list[str]]:
    """The system calls of a program by which files are opened or changed, in their order."""
    output = place.directory / "root" / "trace"
    tracer = ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", f"trace={MAKES_OR_OPENS}", "-o", output]
    arguments = {"env": place.site.environment, "capture_output": True, "timeout": 120}
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    status = subprocess.run([*map(str, tracer + list(line))], **(arguments | options)).returncode
    calls = [line.split(None, 1)[1] for line in output.read_text().splitlines()]
    output.unlink()
    return status, calls


def early(place: Place, calls: list[str], given: list[str]) -> list[str]:
    """What was done with the owner's files before root had become the owner.

    A file that the caller has named is the caller's to open.
    """
    became = next(
        (
            number
            for number, call in enumerate(calls)
            if re.match(rf"setresuid\({place.owner}, {place.owner}, {place.owner}\) +=\s+0$", call)
        ),
        len(calls),
    )
    named = [f'"{word}"' for word in given if word.startswith("/")]
    return [
        call
        for call in calls[:became]
        if str(place.site.directory) in call
        and not call.startswith("execve")
        and not any(name in call for name in named)
    ]


LOOKS = ["list-unconfirmed"], ["audit"], ["list-outbox"]
WRITES = (
    ["register", BOB, "--no-password"],
    ["deliver"],
    ["issue-token", ANN],
    ["resend", ANN, "--force"],
)
