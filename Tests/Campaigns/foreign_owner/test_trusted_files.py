"""H2: files that regctl trusts belong to root or to its user, and others cannot write to them."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from Campaigns.foreign_owner.place import Place, name_of, trace
from Campaigns.preparation import ANN
from Campaigns.processes import last_error
from regctl import BINARY, KEY


@contextlib.contextmanager
def mine(directory: Path, uid: int, name: str, content: str, mode: int = 0o600) -> Iterator[Path]:
    path = directory / name
    path.write_text(content)
    path.chmod(mode)
    os.chown(path, uid, uid)
    yield path
    path.unlink()


PROGRAM = "#!/bin/sh\nid >> {mark}\n"


def test_a_user_who_may_run_regctl_as_a_service_cannot_run_another_program_as_it(place):
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
        # Root refuses it as well.
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
    """The file that was checked is the one that is run, whatever name led there."""
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
def test_a_configuration_of_the_user_is_trusted_unless_writable(place, mode, file_mode, counts):
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
            assert f"'{at_fault}' is writable by others" in error["message"]
            assert error["hint"] == f"chmod go-w {at_fault}"


def test_a_file_of_the_user_in_tmp_is_trusted(place):
    path = Path("/tmp") / f"regctl-own-{os.getpid()}.conf"
    try:
        path.write_text("bcrypt_cost = 4\n")
        path.chmod(0o600)
        os.chown(path, place.owner, place.owner)
        assert place.regctl("config", "--config", path).returncode == 0
        # The control: for another user it does not.
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
def test_every_trusted_file_belongs_to_root_or_the_user(place, setting, fault):
    path, words, environment = named_files(place)[setting]
    named = path.parent if "/" in setting else path
    environment = environment | {f"REGCTL_{setting.split('/')[0].upper()}": str(named)}
    for by in (place.regctl, place.run):
        def tried() -> subprocess.CompletedProcess:
            given = {"env": environment} if by == place.regctl else {"environment": environment}
            return by(*words, "--json", **given)

        directory = place.directory / "files"
        good = tried()
        # The password was read and accepted: only the server is missing.
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


def test_no_key_is_created_where_it_would_not_be_trusted(place):
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
