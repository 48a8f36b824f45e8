"""A file system that loses power: what was not written through to its disk is lost."""

import contextlib
import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

from Campaigns.kills import Command, Kill, changing_calls, kill
from Campaigns.sites import copy_of
from regctl import Site

# EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: nothing is written any more, not even the journal of
# the file system. See fs/ext4/ext4.h of Linux.
SHUTDOWN, WITHOUT_FLUSH = 0x8004587D, 2


class Disk:
    """An ext4 file system in a file."""

    def __init__(self, directory: Path) -> None:
        self.image = directory / "disk"
        self.place = directory / "mounted"
        self.place.mkdir()
        with self.image.open("wb") as file:
            file.truncate(32 << 20)
        subprocess.run(["mkfs.ext4", "-q", self.image], check=True)

    def mount(self) -> None:
        subprocess.run(["mount", "-o", "loop", self.image, self.place], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", self.place], check=True)

    def cut_power(self) -> None:
        """Loses what was not synchronised, and mounts what is left."""
        descriptor = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", WITHOUT_FLUSH))
        finally:
            os.close(descriptor)
        self.unmount()
        self.mount()


@contextlib.contextmanager
def disk(directory: Path) -> Iterator[Disk]:
    """A mounted disk, unmounted at the end."""
    made = Disk(directory)
    made.mount()
    try:
        yield made
    finally:
        made.unmount()


def can_mount(directory: Path) -> bool:
    """Whether this user can mount a file and cut its power."""
    if os.geteuid() != 0:
        return False
    try:
        with disk(directory) as made:
            made.cut_power()
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def campaign(
    command: Command, site: Site, directory: Path, only: set[str] | None = None
) -> tuple[int, list[str]]:
    """Cuts the power at the calls of a command; returns how many it reached and all violations."""
    command.prepare(site)
    wrong = []
    reached = 0
    with disk(directory) as made:
        first = copy_of(site, made.place / "point-000" / "site")
        calls = changing_calls(command.line(first), first)
        points = [call for call in calls if only is None or call[0] in only]
        for number, point in enumerate(points, 1):
            cut = copy_of(site, made.place / f"point-{number:03}" / "site")
            os.sync()
            output = kill(command.line(cut), cut, *point)
            made.cut_power()
            if output is None:
                # A run may need other memory than the traced one.
                continue
            reached += 1
            seen = Kill(copy_of(cut, directory / "seen" / f"{number}"), output)
            command.look(seen)
            left = Kill(cut, output)
            command.repeat(left)
            wrong += [f"{point}: {what}" for what in seen.wrong + left.wrong]
            subprocess.run(["rm", "-rf", cut.directory.parent, seen.site.directory], check=True)
    return reached, wrong
