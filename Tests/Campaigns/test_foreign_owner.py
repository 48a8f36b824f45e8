"""H2: root on the database of another user gives that user nothing they do not have.

The owner of a directory puts links, crafted journals and swapped files where root will look. Each
attack has a control: what plain tools, run by root, do with the same files.
"""

import contextlib
import fcntl
import json
import os
import pwd
import re
import shutil
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from Campaigns.calls import CALLS, each, life
from Campaigns.database import connected, dump, integrity, rows, value
from Campaigns.directories import NOBODY, public_directory
from Campaigns.preparation import ANN, BOB, EVE
from Campaigns.processes import last_error
from Campaigns.sites import LINKS
from Campaigns.terminal import answer, on_terminal, rest
from regctl import BINARY, KEY, Site

# A user whom the system does not know.
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


@pytest.fixture
def place(request) -> Iterator[Place]:
    """Ann waits for her mail, in a database of somebody else."""
    with public_directory() as directory:
        place = Place(directory, getattr(request, "param", NOBODY))
        place.give()
        created = place.regctl("create-db", "--journal-mode", "truncate")
        assert created.returncode == 0, created
        assert place.regctl("register", ANN, "--no-password").returncode == 0
        before = place.root_files()
        yield place
        assert place.root_files() == before, "what is root's alone was changed"


@both
def test_the_campaign_sees_when_root_follows_a_link(place):
    """The control of every test here, as the old regctl did it."""
    path = place.site.directory / "regctl.db.deliver.lock"
    place.link(path.name, place.canary)
    before = place.root_files()
    lock = os.open(path, os.O_RDWR | os.O_CREAT)
    os.fchown(lock, place.owner, place.owner)
    os.close(lock)
    assert place.root_files() != before
    os.chown(place.canary, 0, 0)
    assert place.root_files() == before


# Becoming the owner

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


ON_THE_DATABASE = [
    call for call in CALLS if call.words[0] not in ("help", "tour", "--version", "config")
]


@each(ON_THE_DATABASE)
def test_every_command_of_root_does_its_work_as_the_owner(call):
    """No file beside the database is opened, and none made, before root is its owner."""
    with public_directory() as directory:
        place = Place(directory, NOBODY)
        life(place.site)
        call.before(place.site)
        place.give()
        before = place.root_files()
        words = call.line(place.site)
        given = call.given(place.site)
        del given["stdin"]
        status, calls = trace(place, BINARY, *words, **given)
        assert status == 0, calls[-20:]
        assert early(place, calls, words) == []
        places = [path.lstat() for path in place.site.directory.rglob("*")]
        assert {status.st_uid for status in places} == {NOBODY}
        assert place.root_files() == before


@both
def test_the_campaign_sees_who_opens_files_as_root(place):
    """The control: the shell of SQLite, which stays root."""
    status, calls = trace(place, "sqlite3", place.site.db, "SELECT count(*) FROM users")
    assert status == 0
    assert any("regctl.db" in call for call in early(place, calls, []))


@both
def test_groups_go_first_and_nothing_of_root_is_left(place):
    status, calls = trace(place, BINARY, "list-unconfirmed")
    assert status == 0
    changes = [call.split("=")[0].strip() for call in calls if call.startswith("set")]
    owner = ", ".join(3 * [str(place.owner)])
    assert re.match(r"setgroups\(", changes[0])
    # The last is the proof that there is no way back.
    assert changes[1:] == [f"setresgid({owner})", f"setresuid({owner})", "setresuid(0, 0, 0)"]
    assert "EPERM" in [call for call in calls if call.startswith("setresuid")][-1]


@both
def test_a_program_that_regctl_runs_is_run_as_the_owner(place):
    """Of root's groups, the way of this process to root's files, none is kept."""
    program = place.directory / "sendmail"
    program.write_text("#!/bin/sh\ncat >/dev/null\nid -u; id -G; id -ur\n")
    program.chmod(0o755)
    place.configure(mail_transport="sendmail", sendmail_path=program)
    groups = os.getgroups()
    os.setgroups([0, 4])
    try:
        assert place.run("deliver").returncode == 0
    finally:
        os.setgroups(groups)
    said = value(place.site.db, "SELECT last_reply FROM regctl_outbox").split()
    named = {NOBODY: os.getgrouplist(name_of(NOBODY), NOBODY)}
    groups = [str(group) for group in named.get(place.owner, [place.owner])]
    assert said == [str(place.owner), *groups, str(place.owner)]


def test_a_user_has_the_groups_that_the_system_says(place, tmp_path):
    """`initgroups`, not just the group of the file."""
    group = tmp_path / "group"
    names = Path("/etc/group").read_text()
    group.write_text(names + "regctl-test:x:54321:nobody\n")
    program = place.directory / "sendmail"
    program.write_text("#!/bin/sh\ncat >/dev/null\nid -G\n")
    program.chmod(0o755)
    place.configure(mail_transport="sendmail", sendmail_path=program)
    script = f"mount --bind {group} /etc/group && exec {BINARY} deliver"
    result = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], env=place.site.environment, capture_output=True
    )
    assert result.returncode == 0, result
    assert "54321" in value(place.site.db, "SELECT last_reply FROM regctl_outbox").split()


@both
@pytest.mark.parametrize("words", [["create-db"], ["create-db", "--journal-mode", "truncate"]])
def test_what_root_creates_in_a_directory_of_the_owner_is_the_owners(place, words):
    for name in ("regctl.db", "secret.key"):
        (place.site.directory / name).unlink()
    assert place.run(*words).returncode == 0
    assert {path.lstat().st_uid for path in place.site.directory.rglob("*")} == {place.owner}
    assert place.regctl("register", BOB, "--no-password").returncode == 0


@both
def test_the_audit_names_who_has_asked_and_not_who_root_became(place):
    assert place.run("register", BOB, "--no-password").returncode == 0
    sudo = {"SUDO_USER": "carol"}
    assert place.run("register", EVE, "--no-password", environment=sudo).returncode == 0
    acts = rows(place.site.db, "SELECT actor, uid FROM regctl_audit ORDER BY id DESC LIMIT 2")
    assert acts == [("carol", 0), ("root", 0)]


@both
def test_config_says_as_whom_regctl_works(place):
    result = place.run("config", "--json")
    name = name_of(place.owner)
    assert json.loads(result.stdout)["runs_as"] == name
    assert f"regctl works as user {name}, to whom '{place.site.db}' belongs" in result.stderr.decode()
    # The control: on root's own it is root.
    own = place.run("config", "--json", "--db", place.canary.parent / "regctl.db")
    assert (json.loads(own.stdout)["runs_as"], own.stderr) == ("root", b"")


@both
@pytest.mark.parametrize("theirs", ["file", "directory", "above", "link", "link-to-directory"])
def test_any_part_of_the_way_to_the_database_is_enough(place, theirs):
    """The first owner that is not root: of the file, its directory, or what leads there."""
    top = place.directory / "top"
    top.mkdir()
    deep = top / "middle" / "deep"
    deep.mkdir(parents=True)
    shutil.copy(place.site.db, deep / "regctl.db")
    path = deep / "regctl.db"
    given = {
        "file": path, "directory": deep, "above": top,
        "link": top / "link.db", "link-to-directory": top / "way",
    }[theirs]  # fmt: skip
    if theirs == "link":
        given.symlink_to(path)
    if theirs == "link-to-directory":
        given.symlink_to(deep)
    os.chown(given, place.owner, place.owner, follow_symlinks=False)
    db = {"link": given, "link-to-directory": given / "regctl.db"}.get(theirs, path)
    config = json.loads(place.run("config", "--json", "--db", db).stdout)
    assert config["runs_as"] == name_of(place.owner)
    # The control: nothing of theirs on the way.
    os.chown(given, 0, 0, follow_symlinks=False)
    config = json.loads(place.run("config", "--json", "--db", db).stdout)
    assert config["runs_as"] == "root"


@both
@pytest.mark.parametrize(
    "line",
    [
        # As in a container without the right to do so.
        ["setpriv", "--bounding-set=-setuid,-setgid", "--inh-caps=-setuid,-setgid"],
        # With a way back.
        ["setpriv", "--securebits=+no_setuid_fixup"],
    ],
    ids=["no-right", "way-back"],
)
def test_root_that_cannot_become_another_user_works_on_nothing_of_theirs(place, line):
    before = dump(place.site.db)
    result = subprocess.run(
        [*line, BINARY, "register", BOB, "--no-password", "--json"],
        env=place.site.environment, capture_output=True,
    )  # fmt: skip
    assert result.returncode == 77, result
    error = last_error(result.stderr)
    assert error["code"] == "permission_denied"
    assert f"become user {name_of(place.owner)}" in error["message"]
    assert dump(place.site.db) == before


# Links in place of files

LOOKS = ["list-unconfirmed"], ["audit"], ["list-outbox"]
WRITES = (
    ["register", BOB, "--no-password"],
    ["deliver"],
    ["issue-token", ANN],
    ["resend", ANN, "--force"],
)


@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm", ".deliver.lock"])
@pytest.mark.parametrize("mode", ["truncate", "wal"])
def test_a_link_beside_the_database_leads_nowhere(place, suffix, mode):
    if mode == "wal":
        with connected(place.site.db) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    place.link("regctl.db" + suffix, place.canary)
    for words in (*LOOKS, *WRITES):
        result = place.run(*words)
        assert result.returncode in (0, 74, 77), (words, result)
        # The owner can unlink it, as SQLite does with a journal; what it leads to stays.
        place.link("regctl.db" + suffix, place.canary)
    (place.site.directory / f"regctl.db{suffix}").unlink()
    assert integrity(place.site.db) == "ok"


@both
def test_a_link_in_place_of_the_lock_is_named(place):
    place.link("regctl.db.deliver.lock", place.canary)
    result = place.run("deliver", "--json")
    assert result.returncode == 74
    assert "cannot lock" in last_error(result.stderr)["message"]
    (place.site.directory / "regctl.db.deliver.lock").unlink()
    assert place.run("deliver").returncode == 0


@pytest.mark.parametrize("made", ["file", "missing"])
def test_a_link_in_place_of_a_new_file_is_a_file_that_exists(place, made):
    target = place.canary if made == "file" else place.canary.parent / "new"
    place.link("target", target)
    path = place.site.directory / "target"
    for words in (["backup", path], ["prune", "--plan", path, "--older-than", "2h"]):
        result = place.run(*words)
        assert result.returncode in (73, 77), (words, result)
    assert path.is_symlink()


def test_a_link_in_place_of_the_key_is_not_written_through(place):
    for name in ("regctl.db", "secret.key"):
        (place.site.directory / name).unlink()
    place.link("secret.key", place.canary.parent / "key")
    assert place.run("create-db").returncode == 77
    assert (place.site.directory / "secret.key").is_symlink()
    assert not place.site.db.exists()


def test_a_link_to_a_database_of_root_is_not_opened_for_its_owner(place):
    """The link is theirs, and so they would have root read what they may not."""
    own = place.canary.parent / "own.db"
    before = place.root_files()
    assert place.run("create-db", "--db", own).returncode == 0
    place.link("link.db", own)
    result = place.run("list-admins", "--db", place.site.directory / "link.db", "--json")
    assert result.returncode == 77, result
    assert last_error(result.stderr)["code"] == "permission_denied"
    for path in place.canary.parent.iterdir():
        if path.name not in before:
            path.unlink()


def test_two_names_of_one_database_share_the_lock(place):
    place.link("other.db", place.site.db)
    path = place.site.directory / "regctl.db.deliver.lock"
    path.touch(0o600)
    os.chown(path, place.owner, place.owner)
    names = (place.site.db, place.site.directory / "other.db")
    with path.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for db in names:
            result = place.run("deliver", "--db", db, "--json")
            assert last_error(result.stderr)["code"] == "deliver_running", db
    # The control: the lock is free.
    assert place.run("deliver", "--db", names[1]).returncode == 0
    assert not (place.site.directory / "other.db.deliver.lock").exists()


# A database of several names, and what beside it is not a file


def test_a_pipe_in_place_of_the_lock_is_not_waited_for(place):
    path = place.site.directory / "regctl.db.deliver.lock"
    os.mkfifo(path, 0o600)
    os.chown(path, place.owner, place.owner)
    assert place.run("deliver").returncode == 74


# Swapped files

RACER = """
import os, sys
directory, target = sys.argv[1:]
print("ready", flush=True)
while True:
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        if name.endswith(".tmp") and not os.path.islink(path):
            try:
                os.unlink(path)
                os.symlink(target, path)
                print(name, flush=True)
            except OSError:
                pass
"""


@contextlib.contextmanager
def racing(place: Place, directory: Path) -> Iterator[list[str]]:
    """The owner swaps every temporary file in a directory for a link to the canary."""
    process = subprocess.Popen(
        [PYTHON, "-c", RACER, directory, place.canary], stdout=subprocess.PIPE, text=True,
        user=place.owner, group=place.owner, extra_groups=[], cwd="/",
    )  # fmt: skip
    swapped: list[str] = []
    assert process.stdout.readline() == "ready\n"
    reader = threading.Thread(target=lambda: swapped.extend(process.stdout), daemon=True)
    reader.start()
    try:
        yield swapped
    finally:
        process.kill()
        process.wait()
        reader.join()


def slowed(call: str, milliseconds: int = 300) -> list[str]:
    """A way to run a program so that it waits before each call of a kind, for the racer to win."""
    delay = f"inject={call}:delay_enter={milliseconds * 1000}"
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", delay]


@pytest.mark.parametrize("call", ["linkat", "fsync"])
@pytest.mark.parametrize("what", ["backup", "plan"])
def test_a_temporary_file_that_is_swapped_is_neither_written_to_nor_published(place, what, call):
    target = place.site.directory / "target"
    words = ["backup", target] if what == "backup" else ["prune", "--plan", target]
    with racing(place, place.site.directory) as swapped:
        result = subprocess.run(
            [*slowed(call), BINARY, *words, "--json"], env=place.site.environment,
            capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert swapped, "the racer has swapped nothing"
    assert result.returncode in (73, 74), result
    assert not target.exists() and not target.is_symlink()
    # SQLite opens the file by its name, and finds the link itself.
    if (what, call) == ("plan", "linkat"):
        message = last_error(result.stderr)["message"]
        assert "another process has put something else in its place" in message


def test_a_database_that_is_being_created_is_not_swapped(place):
    for name in ("regctl.db", "secret.key"):
        (place.site.directory / name).unlink()
    with racing(place, place.site.directory) as swapped:
        result = subprocess.run(
            [*slowed("linkat"), BINARY, "create-db"], env=place.site.environment,
            capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert swapped
    assert result.returncode in (73, 74), result
    assert not place.site.db.exists()


NAIVE = """
import os, sys, time
path = sys.argv[1]
os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
time.sleep(0.3)
with open(path, "r+b") as file:
    file.write(b"overwritten")
"""


def test_the_campaign_sees_who_opens_a_swapped_file_again(place):
    """The control: root makes a file and opens it again by its name."""
    before = place.root_files()
    with racing(place, place.site.directory) as swapped:
        path = place.site.directory / "backup.tmp"
        subprocess.run([PYTHON, "-c", NAIVE, path], check=True)
    assert swapped
    assert place.root_files() != before
    place.canary.write_bytes(SECRET)


# A crafted journal

MAGIC = bytes.fromhex("d9d505f920a163d7")


def crafted_journal(db: Path, victim: Path) -> bytes:
    """A hot journal that restores nothing and names a file as its super-journal.

    See https://www.sqlite.org/fileformat.html#the_rollback_journal and readSuperJournal in pager.c.
    """
    page_size, = struct.unpack(">H", db.read_bytes()[16:18])
    pages = db.stat().st_size // page_size
    header = MAGIC + struct.pack(">IIIII", 0, 7, pages, 512, page_size)
    name = os.fsencode(victim)
    page = (1 << 30) // page_size + 1
    trailer = struct.pack(">I", page) + name + struct.pack(">II", len(name), sum(name)) + MAGIC
    return header.ljust(512, b"\0") + trailer


def craft(place: Place, victim: Path) -> None:
    path = Path(f"{place.site.db}-journal")
    path.write_bytes(crafted_journal(place.site.db, victim))
    os.chown(path, place.owner, place.owner)


@pytest.mark.parametrize("words", [["list-admins"], ["audit"], *WRITES], ids=lambda words: words[0])
def test_a_journal_that_names_a_file_of_root_deletes_nothing(place, words):
    craft(place, place.canary)
    # The owner does not even see whether there is such a file, and goes on.
    assert place.run(*words).returncode == 0
    assert place.canary.exists()


@pytest.mark.parametrize("words", [["list-admins"], WRITES[0]], ids=lambda words: words[0])
def test_a_journal_that_names_a_file_of_the_owner_deletes_nothing_either(place, words):
    """Even what the one who runs regctl may delete stays."""
    victim = place.directory / "theirs"
    victim.mkdir()
    (victim / "precious").write_text("precious")
    for path in (victim, victim / "precious"):
        os.chown(path, place.owner, place.owner)
    craft(place, victim / "precious")
    result = place.run(*words)
    assert result.returncode in (0, 74), result
    assert (victim / "precious").exists()
    # The journal is played back by then: the next command goes on.
    assert place.run(*words).returncode == 0
    assert (victim / "precious").exists()


def test_a_journal_beside_a_database_of_root_deletes_nothing(place):
    """Where others may write to the directory, root stays root, and the journal is theirs."""
    shared = place.directory / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    db = shared / "regctl.db"
    # No key is made there, since it would not count.
    given = {"REGCTL_SECRET_KEY_FILE": str(place.canary.parent / "key")}
    words = ["create-db", "--db", db, "--journal-mode", "truncate"]
    assert place.run(*words, environment=given).returncode == 0
    Path(f"{db}-journal").write_bytes(crafted_journal(db, place.canary))
    os.chown(f"{db}-journal", place.owner, place.owner)
    assert place.run("list-admins", "--db", db).returncode in (0, 74)
    assert place.canary.exists()
    assert place.run("list-admins", "--db", db).returncode == 0
    assert place.canary.exists()


@pytest.mark.parametrize("by", ["root", "owner"])
def test_the_shell_of_sqlite_deletes_what_a_crafted_journal_names(place, by):
    """The control: the journal does what it is crafted for."""
    victim = place.site.directory / "victim"
    if by == "root":
        victim = place.canary.parent / "victim"
    victim.write_text("victim")
    os.chown(victim, 0 if by == "root" else place.owner, -1)
    craft(place, victim)
    line = ["sqlite3", place.site.db, "SELECT count(*) FROM users"]
    if by == "root":
        subprocess.run([*map(str, line)], check=True, capture_output=True)
    else:
        assert place.as_owner(*line).returncode == 0
    assert not victim.exists()


# Changes that a kill has interrupted

KILLED = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(f"PRAGMA journal_mode={sys.argv[2]}")
# So that changed pages are in the file before the commit.
connection.execute("PRAGMA cache_size=1")
connection.execute("PRAGMA cache_spill=1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE users SET email = 'torn@example.org'")
connection.execute("CREATE TABLE torn (x)")
for _ in range(300):
    connection.execute("INSERT INTO torn VALUES (randomblob(1000))")
os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_in_the_middle(place: Place, mode: str) -> None:
    """The application dies in the middle of a transaction, half of it in the file."""
    assert place.as_owner(PYTHON, "-c", KILLED, place.site.db, mode).returncode == -9
    assert Path(f"{place.site.db}-journal").stat().st_size > 0
    assert b"torn@example.org" in place.site.db.read_bytes()


@pytest.mark.parametrize("mode", ["delete", "truncate", "persist"])
@pytest.mark.parametrize("by", ["owner", "root"])
@pytest.mark.parametrize("words", [["list-unconfirmed"], ["export"], WRITES[0]], ids=lambda w: w[0])
def test_who_may_write_completes_an_interrupted_change_by_any_command(place, mode, by, words):
    kill_in_the_middle(place, mode)
    result = (place.regctl if by == "owner" else place.run)(*words)
    assert result.returncode == 0, result
    assert words[0] == "register" or ANN.encode() in result.stdout
    assert rows(place.site.db, "SELECT email FROM users WHERE id = 1") == [(ANN,)]
    assert integrity(place.site.db) == "ok"
    assert {path.lstat().st_uid for path in place.site.directory.rglob("*")} == {place.owner}


@both
@pytest.mark.parametrize("mode", ["delete", "truncate", "persist"])
def test_who_may_only_read_is_told_who_can_complete_it(place, mode):
    kill_in_the_middle(place, mode)
    place.site.directory.chmod(0o755)
    place.site.db.chmod(0o644)
    reader = 1 if place.owner == NOBODY else NOBODY
    before = {path.name: path.read_bytes() for path in place.site.directory.iterdir()}
    for words in (*LOOKS, ["prune", "--dry-run"]):
        result = subprocess.run(
            [place.directory / "regctl", *words, "--json"], env=place.site.environment, cwd="/",
            user=reader, group=reader, extra_groups=[], capture_output=True,
        )  # fmt: skip
        error = last_error(result.stderr)
        assert (result.returncode, error["code"]) == (77, "db_readonly"), words
        assert error["message"] == "an interrupted change has to be completed first"
        owner = name_of(place.owner) if place.owner == NOBODY else f"'#{place.owner}'"
        hint = f"sudo -u {owner} regctl list-admins --quiet --db {place.site.db}"
        assert error["hint"] == hint
    after = {path.name: path.read_bytes() for path in place.site.directory.iterdir()}
    assert after == before
    # What the hint says is enough.
    completed = place.regctl("list-admins", "--quiet", "--db", place.site.db)
    assert completed.returncode == 0
    assert rows(place.site.db, "SELECT email FROM users WHERE id = 1") == [(ANN,)]


OPEN = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("UPDATE users SET email = email")
print("open", flush=True)
sys.stdin.read()
"""
# What is missing beside a log, and what a user who may only read is told.
LOGS = {
    "none": "the directory of the database cannot be written",
    "index": "the log beside the database cannot be opened, or its index made",
    "readable-index": "the log beside the database cannot be opened, or its index made",
    "readable-log": "the log beside the database cannot be opened, or its index made",
}


@pytest.mark.parametrize("missing", LOGS)
def test_who_may_only_read_beside_a_log_is_told_what_is_missing(place, missing):
    holder = subprocess.Popen(
        [PYTHON, "-c", OPEN, place.site.db], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        user=place.owner, group=place.owner, extra_groups=[], cwd="/",
    )  # fmt: skip
    assert holder.stdout.readline() == b"open\n"
    # A kill leaves the log where it is.
    if missing != "none":
        holder.kill()
    holder.stdin.close()
    holder.wait()
    place.site.directory.chmod(0o755)
    for path in place.site.directory.glob("regctl.db*"):
        path.chmod(0o644)
    if missing == "index":
        Path(f"{place.site.db}-shm").unlink()
    if missing.startswith("readable"):
        suffix = {"readable-index": "-shm", "readable-log": "-wal"}[missing]
        Path(place.site.db.as_posix() + suffix).chmod(0o600)
    result = subprocess.run(
        [place.directory / "regctl", "list-admins", "--json"], env=place.site.environment, cwd="/",
        user=1, group=1, extra_groups=[], capture_output=True,
    )  # fmt: skip
    assert result.returncode == 77, result
    error = last_error(result.stderr)
    assert (error["code"], error["message"]) == ("db_readonly", LOGS[missing])
    assert "sudo -u nobody regctl" in error["hint"]
    # The control: the owner reads it.
    assert place.regctl("list-admins").returncode == 0


@pytest.mark.parametrize("words", [["list-unconfirmed"], ["audit"], ["prune", "--dry-run"]])
@pytest.mark.parametrize("mode", ["delete", "truncate", "wal"])
def test_without_a_log_what_only_looks_opens_the_database_to_read_only(place, words, mode):
    with connected(place.site.db) as connection:
        assert connection.execute(f"PRAGMA journal_mode={mode}").fetchall() == [(mode,)]
    for path in place.site.directory.iterdir():
        os.chown(path, place.owner, place.owner)
    status, calls = trace(place, BINARY, *words)
    assert status == 0
    opened = [call for call in calls if "open" in call and f'"{place.site.db}"' in call]
    assert opened
    writes = [call for call in opened if "O_RDWR" in call]
    # The control: beside a log, SQLite needs its index.
    assert bool(writes) == (mode == "wal")


# The Maildir


@pytest.mark.parametrize("name", ["tmp", "new", "cur"])
@pytest.mark.parametrize("by", ["owner", "root"])
def test_a_link_in_place_of_a_directory_of_the_maildir_is_not_followed(place, name, by):
    elsewhere = place.directory / "elsewhere"
    elsewhere.mkdir()
    os.chown(elsewhere, place.owner, place.owner)
    place.site.maildir.mkdir()
    os.chown(place.site.maildir, place.owner, place.owner)
    for target in (place.canary.parent, elsewhere):
        place.link(f"Maildir/{name}", target)
        result = (place.regctl if by == "owner" else place.run)("deliver", "--json")
        assert result.returncode == 69, result
        error = last_error(result.stderr)
        assert error["code"] == "mail_unavailable"
        assert f"Maildir/{name}" in error["message"]
    assert list(elsewhere.iterdir()) == []
    # The control: the mail waits, uncharged, and leaves when the link is gone.
    (place.site.maildir / name).unlink()
    assert place.run("deliver").returncode == 0
    assert len(list((place.site.maildir / "new").iterdir())) == 1


@pytest.mark.parametrize(
    "identity",
    [
        "../../escaped@app.example",
        "../escaped",
        "/etc/cron.d/escaped@app.example",
        "1.2@app.example>\r\nBcc: eve@example.org\r\nX: <",
        "1.2\nBcc: eve@example.org",
        "1.2@app.example\0",
        "",
        "@app.example",
    ],
)
@pytest.mark.parametrize("transport", ["maildir", "stdout"])
def test_a_row_with_a_message_id_of_others_makes_no_header_and_no_file(place, identity, transport):
    if transport == "stdout":
        place.configure(mail_transport="stdout")
    assert place.run("register", BOB, "--no-password").returncode == 0
    with connected(place.site.db) as connection:
        connection.execute("UPDATE regctl_outbox SET message_id = ? WHERE id = 1", (identity,))
    shown = place.run("show-mail", "1", "--raw", "--json")
    assert (shown.returncode, shown.stdout) == (74, b""), shown
    assert last_error(shown.stderr)["code"] == "db_corrupt"
    result = place.run("deliver")
    assert result.returncode == 0, result
    assert b"Bcc" not in result.stdout
    # The other mail goes, and this one is set aside.
    states = rows(place.site.db, "SELECT state, last_reply FROM regctl_outbox ORDER BY id")
    assert states[0] == ("failed", "the Message-ID is not one that regctl makes")
    assert states[1][0] == "sent"
    names = [path.name for path in place.directory.rglob("*") if "escaped" in path.name]
    assert names == []
    if transport == "maildir":
        files = [path.name for path in (place.site.maildir / "new").iterdir()]
        assert len(files) == 1 and re.fullmatch(r"[0-9a-f]{32}\.regctl", files[0])


def test_a_row_with_an_address_of_several_lines_makes_no_header(place):
    with connected(place.site.db) as connection:
        address = "ann@example.org\r\nBcc: eve@example.org"
        connection.execute("UPDATE users SET email = ?", (address,))
        connection.execute("UPDATE regctl_outbox SET email = ?", (address,))
    place.configure(mail_transport="stdout")
    for words in (["show-mail", "1", "--raw"], ["deliver"]):
        assert b"Bcc" not in place.run(*words).stdout
    assert value(place.site.db, "SELECT state FROM regctl_outbox") == "failed"


# What root reads before


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
            # Bob is not confirmed, but his password is right.
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
def test_where_the_owner_may_not_write_it_is_said_who_writes(place, words):
    result = place.run(*words, place.canary.parent / "copy", "--json")
    assert result.returncode == 73, result
    error = last_error(result.stderr)
    name = name_of(place.owner)
    assert error["code"] == "permission_denied"
    assert error["hint"] == (
        f"regctl works as user {name}, to whom {place.site.db} belongs: "
        f"name a place where {name} may write"
    )
    # The control: where they may, they do.
    assert place.run(*words, place.site.directory / "copy").returncode == 0


# Whose files count


@contextlib.contextmanager
def mine(directory: Path, uid: int, name: str, content: str, mode: int = 0o600) -> Iterator[Path]:
    path = directory / name
    path.write_text(content)
    path.chmod(mode)
    os.chown(path, uid, uid)
    yield path
    path.unlink()


PROGRAM = "#!/bin/sh\nid >> {mark}\n"


def test_who_may_run_regctl_as_a_service_does_not_run_their_own_program_as_it(place):
    """`sudo -u regctl regctl --config /tmp/mine.conf deliver`."""
    caller = 1
    attack = place.directory / "attack"
    attack.mkdir()
    os.chown(attack, caller, caller)
    mark = place.directory / "state" / "mark"
    program = attack / "program"
    program.write_text(PROGRAM.format(mark=mark))
    program.chmod(0o755)
    settings = place.site.settings | {"mail_transport": "sendmail", "sendmail_path": program}
    text = "".join(f"{key} = {value}\n" for key, value in settings.items())
    for path in (attack / "mine.conf", place.directory / "in-root-directory.conf"):
        path.write_text(text)
        path.chmod(0o644)
        os.chown(path, caller, caller)
        for given in ({"REGCTL_CONFIG": str(path)}, None):
            words = ["deliver", "--json"] + ([] if given else ["--config", path])
            result = place.regctl(*words, env=given)
            assert result.returncode == 78, result
            error = last_error(result.stderr)
            assert error["code"] == "config_error"
            # Of the directory, or of the file where the directory is root's.
            assert f"belongs to user {name_of(caller)}" in error["message"]
        # Root is not taken in either.
        assert place.run("deliver", "--config", path).returncode == 78
    # Through standard input, or a link of root's that leads there.
    with open(path) as file:
        result = place.regctl("deliver", "--config", "/dev/stdin", stdin=file)
        assert result.returncode == 78, result
    # With a configuration that counts, the program does not.
    result = place.regctl("deliver", "--json", env={"REGCTL_MAIL_TRANSPORT": "sendmail",
                                                    "REGCTL_SENDMAIL_PATH": str(program)})
    assert result.returncode == 78, result
    assert not mark.exists()
    # The control: as root's, both count.
    for trusted in (attack, program, path):
        os.chown(trusted, 0, 0)
    assert place.regctl("deliver", "--config", path).returncode == 0
    assert f"uid={place.owner}" in mark.read_text()
    mark.unlink()


def test_a_program_that_is_replaced_behind_a_link_is_not_run(place):
    """What was looked at is what is run, whatever name led there."""
    theirs = place.directory / "theirs"
    theirs.mkdir()
    link = theirs / "sendmail"
    link.symlink_to("/bin/true")
    os.chown(theirs, 1, 1)
    result = place.run("deliver", environment={"REGCTL_MAIL_TRANSPORT": "sendmail",
                                               "REGCTL_SENDMAIL_PATH": str(link)})
    assert result.returncode == 78
    os.chown(theirs, 0, 0)
    status, calls = trace(
        place, "env", "REGCTL_MAIL_TRANSPORT=sendmail", f"REGCTL_SENDMAIL_PATH={link}", BINARY,
        "deliver",
    )  # fmt: skip
    assert status == 0
    run = [call for call in calls if call.startswith("execve") and "example.org" in call]
    true = os.path.realpath("/bin/true")
    assert len(run) == 1 and run[0].startswith(f'execve("{true}", ["{link}", "-i"'), run


def configuration_for(place: Place, directory: Path) -> str:
    return f"db = {directory}/own.db\nbcrypt_cost = 4\n"


@pytest.mark.parametrize(
    ("mode", "file_mode", "counts"),
    [
        (0o700, 0o600, True), (0o755, 0o644, True), (0o1777, 0o644, True), (0o1770, 0o600, True),
        (0o770, 0o600, False), (0o777, 0o600, False), (0o775, 0o644, False), (0o757, 0o644, False),
        (0o700, 0o660, False), (0o700, 0o602, False), (0o1777, 0o666, False),
    ],
)  # fmt: skip
def test_a_configuration_of_ones_own_counts_where_others_cannot_write(place, mode, file_mode, counts):
    project = place.directory / "project"
    project.mkdir()
    project.chmod(mode)
    os.chown(project, place.owner, place.owner)
    with mine(project, place.owner, "regctl.conf", configuration_for(place, project), file_mode) as path:
        result = place.regctl("config", "--config", path, "--json")
        assert result.returncode == (0 if counts else 78), result
        if not counts:
            error = last_error(result.stderr)
            at_fault = path if file_mode & 0o022 else project
            assert f"'{at_fault}' can be written by others" in error["message"]
            assert error["hint"] == f"chmod go-w {at_fault}"


def test_a_file_of_ones_own_in_tmp_counts(place):
    path = Path("/tmp") / f"regctl-own-{os.getpid()}.conf"
    try:
        path.write_text("bcrypt_cost = 4\n")
        path.chmod(0o600)
        os.chown(path, place.owner, place.owner)
        assert place.regctl("config", "--config", path).returncode == 0
        # The control: to anybody else it does not.
        path.chmod(0o644)
        assert place.run("config", "--config", path).returncode == 78
    finally:
        path.unlink()


def named_files(place: Place) -> dict[str, tuple[Path, list[str], dict[str, str]]]:
    """A file for each setting that names one, a command that needs it, and what else must be set."""
    files = place.directory / "files"
    files.mkdir()
    (files / "templates").mkdir()
    (files / "templates" / "confirm.txt").write_text("Subject: S\n\n{{ confirm_url }}\n")
    (files / "key").write_text(KEY + "\n")
    (files / "password").write_text("password\n")
    (files / "ca.pem").write_text("")
    (files / "sendmail").write_text("#!/bin/sh\ncat > /dev/null\n")
    (files / "sendmail").chmod(0o755)
    for name in ("key", "password"):
        (files / name).chmod(0o600)
        os.chown(files / name, place.owner, place.owner)
    smtp = {
        "REGCTL_MAIL_TRANSPORT": "smtp", "REGCTL_MAIL_SERVER": "127.0.0.1", "REGCTL_MAIL_PORT": "1",
    }
    return {
        "secret_key_file": (files / "key", ["issue-token", ANN], {}),
        "mail_password_file": (files / "password", ["deliver"], smtp | {"REGCTL_MAIL_USERNAME": "u"}),
        "mail_ca_file": (files / "ca.pem", ["deliver"], smtp),
        "templates_dir": (files / "templates", ["show-mail", "1", "--raw"], {}),
        "templates_dir/confirm.txt": (
            files / "templates" / "confirm.txt", ["show-mail", "1", "--raw"], {},
        ),
        "sendmail_path": (files / "sendmail", ["deliver"], {"REGCTL_MAIL_TRANSPORT": "sendmail"}),
    }  # fmt: skip


SETTINGS = [
    "secret_key_file", "mail_password_file", "mail_ca_file", "templates_dir",
    "templates_dir/confirm.txt", "sendmail_path",
]  # fmt: skip


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("fault", ["owner", "mode", "directory-owner", "directory-mode"])
def test_every_file_that_directs_regctl_has_to_be_root_s_or_ones_own(place, setting, fault):
    path, words, environment = named_files(place)[setting]
    named = path.parent if "/" in setting else path
    environment = environment | {f"REGCTL_{setting.split('/')[0].upper()}": str(named)}
    for by in (place.regctl, place.run):
        def tried() -> subprocess.CompletedProcess:
            given = {"env": environment} if by == place.regctl else {"environment": environment}
            return by(*words, "--json", **given)

        directory = place.directory / "files"
        good = tried()
        # The password is good as far as that it is used: the server is not there.
        assert good.returncode in (0, 69), good
        place.regctl("resend", ANN, "--force")
        where = directory if fault.startswith("directory") else path
        status = where.stat()
        if fault.endswith("owner"):
            os.chown(where, 1, 1)
        else:
            where.chmod(status.st_mode | 0o022)
        refused = tried()
        assert refused.returncode == 78, refused
        error = last_error(refused.stderr)
        assert error["code"] == "config_error"
        assert str(where) in error["message"]
        os.chown(where, status.st_uid, status.st_gid)
        where.chmod(status.st_mode)
        assert tried().returncode in (0, 69)
        place.regctl("resend", ANN, "--force")


def test_no_key_is_made_where_it_would_not_be_read(place):
    shared = place.directory / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    os.chown(shared, place.owner, place.owner)
    result = place.regctl("create-db", "--db", shared / "regctl.db", "--json")
    assert result.returncode == 78
    assert list(shared.iterdir()) == []
    shared.chmod(0o755)
    assert place.regctl("create-db", "--db", shared / "regctl.db").returncode == 0


def test_a_credential_of_systemd_keeps_its_own_rule(place):
    """Its directory is that of the service manager."""
    credentials = place.directory / "credentials"
    credentials.mkdir()
    (credentials / "secret_key_file").write_text(KEY + "\n")
    (credentials / "secret_key_file").chmod(0o440)
    os.chown(credentials / "secret_key_file", 0, place.owner)
    credentials.chmod(0o777)
    given = {"CREDENTIALS_DIRECTORY": str(credentials)}
    assert place.regctl("issue-token", ANN, env=given).returncode == 0
    assert place.run("issue-token", ANN, environment=given).returncode == 0


# What doctor names


@pytest.mark.parametrize(
    ("mode", "advice"),
    [(0o777, "chmod o-w"), (0o1777, "move the database to a directory of its own"), (0o755, None)],
)
def test_doctor_names_a_directory_that_everybody_may_write_to(place, mode, advice):
    key = place.directory / "key"
    place.site.key_file.rename(key)
    place.configure(secret_key_file=key)
    place.site.directory.chmod(mode)
    checks = json.loads(place.run("doctor", "--json").stdout)["checks"]
    found = [check for check in checks if check["check"] == "permissions"]
    assert [check["result"] for check in found] == ["failed" if advice else "ok"]
    if advice:
        assert str(place.site.directory) in found[0]["detail"]
        assert found[0]["advice"].startswith(advice)


def test_doctor_names_one_above_it_too(place):
    place.directory.chmod(0o777)
    try:
        result = place.regctl("doctor", "--config", "none", "--db", place.site.db, "--json")
    finally:
        place.directory.chmod(0o755)
    checks = json.loads(result.stdout)["checks"]
    found = [check for check in checks if check["check"] == "permissions"]
    assert str(place.directory) in found[0]["detail"] and found[0]["result"] == "failed"


# The process


def waiting(place: Place) -> subprocess.Popen:
    """regctl in the middle of its work, as the owner."""
    return subprocess.Popen(
        [place.directory / "regctl", "import", "-"], stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=place.site.environment,
        user=place.owner, group=place.owner, extra_groups=[], cwd="/",
    )  # fmt: skip


LOOK = "import sys; open(f'/proc/{sys.argv[1]}/mem', 'rb').close()"


def test_no_other_process_of_the_user_looks_into_its_memory(place):
    process = waiting(place)
    other = subprocess.Popen(
        ["sleep", "60"], user=place.owner, group=place.owner, extra_groups=[], cwd="/"
    )
    try:
        deadline = time.monotonic() + 30
        while os.stat(f"/proc/{process.pid}/mem").st_uid != 0:
            assert time.monotonic() < deadline, "the memory belongs to the user"
            time.sleep(0.01)
        assert place.as_owner(PYTHON, "-c", LOOK, process.pid).returncode != 0
        # The control: any other process of theirs.
        assert place.as_owner(PYTHON, "-c", LOOK, other.pid).returncode == 0
    finally:
        other.kill()
        other.wait()
        process.stdin.close()
        process.wait(timeout=60)


@pytest.mark.parametrize("path", ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "-"])
def test_a_password_from_standard_input_by_any_of_its_names_is_still_read(place, path):
    for stdin in ("pipe", "file"):
        password = place.directory / "password"
        password.write_text("correct horse\n")
        password.chmod(0o600)
        os.chown(password, place.owner, place.owner)
        words = ["set-password", ANN, "--password-file", path]
        if stdin == "file":
            with password.open("rb") as file:
                result = place.regctl(*words, stdin=file)
        else:
            # A pipe of theirs, as a shell of theirs makes it.
            line = f"echo correct horse | {place.directory}/regctl {' '.join(words)}"
            result = place.as_owner("sh", "-c", line)
        assert result.returncode == 0, (stdin, result)
    check = ["check", ANN, "--password-file", "-"]
    assert b"not confirmed" in place.regctl(*check, stdin=None, input=b"correct horse\n").stderr
