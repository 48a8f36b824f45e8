"""A file system that loses power: what was not written through to its disk is lost."""

import contextlib
import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

from Campaigns.extent import IS_FULL, spread
from Campaigns.kills import WRITING_CALLS, Command, Kill, changing_calls, kill
from Campaigns.sites import copy_of
from regctl import Site

# EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: nothing is written any more, not even the journal of
# the file system. See fs/ext4/ext4.h of Linux.
SHUTDOWN, WITHOUT_FLUSH = 0x8004587D, 2

# How many calls of a command are tried when not all are.
SAMPLE = 16


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
        if subprocess.run(["losetup", "-j", self.image], capture_output=True, check=True).stdout:
            # A process with mounts of its own, which began meanwhile, has kept the file system as it was.
            copy = self.image.with_name(f"{self.image.name}+")
            subprocess.run(["cp", "--sparse=always", self.image, copy], check=True)
            self.image = copy
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


# What changes a file system.
DISK_CALLS = WRITING_CALLS | {
    "link", "linkat", "mkdir", "openat", "rename", "renameat", "renameat2", "unlinkat"
}


def cuts(calls: list[tuple[str, int]], count: int) -> list[tuple[str, int]]:
    """The calls at which the power is cut: all, or some that change the disk.

    The last ones follow the acknowledgement, after which nothing may be lost.
    """
    if IS_FULL:
        return calls
    *before, first, second, last = calls
    return [*spread([call for call in before if call[0] in DISK_CALLS], count), first, second, last]


def campaign(
    command: Command, site: Site, directory: Path, count: int = SAMPLE, only: set[str] | None = None
) -> tuple[int, list[str]]:
    """Cuts the power at the calls of a command; returns how many it reached and all violations."""
    command.prepare(site)
    wrong = []
    reached = 0
    with disk(directory) as made:
        first = copy_of(site, made.place / "point-000" / "site")
        calls = changing_calls(command.line(first), first)
        points = [call for call in calls if call[0] in only] if only else cuts(calls, count)
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
