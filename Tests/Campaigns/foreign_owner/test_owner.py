"""H2: root does its work as the owner of the database."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from Campaigns.calls import CALLS, each, life
from Campaigns.database import dump, rows, value
from Campaigns.directories import NOBODY, public_directory
from Campaigns.foreign_owner.place import Place, both, early, name_of, trace
from Campaigns.preparation import BOB, EVE
from Campaigns.processes import last_error
from regctl import BINARY


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
def test_the_campaign_detects_files_opened_as_root(place):
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
def test_files_that_root_creates_in_a_directory_of_the_owner_belong_to_the_owner(place, words):
    for name in ("regctl.db", "secret.key"):
        (place.site.directory / name).unlink()
    assert place.run(*words).returncode == 0
    assert {path.lstat().st_uid for path in place.site.directory.rglob("*")} == {place.owner}
    assert place.regctl("register", BOB, "--no-password").returncode == 0


@both
def test_the_audit_names_the_caller_and_not_the_user_that_root_became(place):
    assert place.run("register", BOB, "--no-password").returncode == 0
    sudo = {"SUDO_USER": "carol"}
    assert place.run("register", EVE, "--no-password", environment=sudo).returncode == 0
    acts = rows(place.site.db, "SELECT actor, uid FROM regctl_audit ORDER BY id DESC LIMIT 2")
    assert acts == [("carol", 0), ("root", 0)]


@both
def test_config_shows_the_user_that_regctl_works_as(place):
    result = place.run("config", "--json")
    name = name_of(place.owner)
    assert json.loads(result.stdout)["runs_as"] == name
    assert f"regctl runs as user {name}, the owner of '{place.site.db}'" in result.stderr.decode()
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
    # The control: nothing in the path belongs to the owner.
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
