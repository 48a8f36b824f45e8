"""Root, services and users in one directory: file owners, and the names in the audit."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from Campaigns.database import value
from Campaigns.directories import NOBODY, public_directory
from Campaigns.preparation import ANN
from Campaigns.processes import last_error
from regctl import BINARY, KEY, Site


@pytest.fixture
def service():
    """An empty directory of the service's user, beside a configuration of root's and a regctl."""
    with public_directory() as directory:
        shutil.copy(BINARY, directory / "regctl")
        (directory / "state").mkdir()
        site = Site(directory / "state")
        site.key_file.unlink()
        configuration = Path(site.environment["REGCTL_CONFIG"]).rename(directory / "regctl.conf")
        configuration.chmod(0o644)
        site.environment["REGCTL_CONFIG"] = str(configuration)
        os.chown(site.directory, NOBODY, NOBODY)
        yield site


def as_service(site: Site, *words: object, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [site.directory.parent / "regctl", *map(str, words)],
        env=site.environment | environment, cwd="/", capture_output=True, stdin=subprocess.DEVNULL,
        user=NOBODY, group=NOBODY, extra_groups=[],
    )  # fmt: skip


def owners(directory: Path) -> set[int]:
    return {path.stat().st_uid for path in directory.iterdir()}


@pytest.mark.parametrize("mode", ["wal", "truncate"])
def test_files_that_root_creates_in_a_services_directory_belong_to_the_service(service, mode):
    service.ok("create-db", "--journal-mode", mode)
    assert {"regctl.db", "secret.key"} <= {path.name for path in service.directory.iterdir()}
    assert owners(service.directory) == {NOBODY}
    assert as_service(service, "register", ANN, "--no-password").returncode == 0
    assert as_service(service, "issue-token", ANN).returncode == 0
    # And root works on it without taking it away.
    service.ok("register", "bob@example.org", "--no-password")
    assert owners(service.directory) == {NOBODY}


def test_the_user_who_called_sudo_is_named_for_every_target_user(service):
    assert as_service(service, "create-db", SUDO_USER="carol").returncode == 0
    as_service(service, "register", ANN, "--no-password", SUDO_USER="dave")
    assert value(service.db, "SELECT group_concat(actor) FROM regctl_audit") == "carol,dave"


def test_a_credential_that_cannot_be_reached_is_not_one_that_is_missing(service, tmp_path):
    """Or links would be signed by another key without a word about it."""
    as_service(service, "create-db")
    as_service(service, "register", ANN, "--no-password")
    credentials = tmp_path / "credentials"
    credentials.mkdir(mode=0o700)
    (credentials / "secret_key_file").write_text(KEY + "\n")
    where = str(credentials)
    result = as_service(service, "issue-token", ANN, "--json", CREDENTIALS_DIRECTORY=where)
    assert (result.returncode, result.stdout) == (77, b"")
    assert last_error(result.stderr)["code"] == "permission_denied"
    # The control: a missing one is no error.
    empty = as_service(service, "issue-token", ANN, CREDENTIALS_DIRECTORY="/var/empty/none")
    assert empty.returncode == 0


def test_a_home_of_another_user_has_no_configuration(service):
    """As sudo -E leaves it."""
    del service.environment["REGCTL_CONFIG"]
    result = as_service(service, "config", "--db", service.db, HOME="/root")
    assert (result.returncode, result.stderr) == (0, b"")


def test_without_a_home_the_one_that_the_system_knows_is_used(service):
    del service.environment["REGCTL_CONFIG"]
    result = as_service(service, "config", "--format", "tsv")
    home = subprocess.check_output(["getent", "passwd", str(NOBODY)], text=True).split(":")[5]
    assert f"db\t{home}/.local/share/regctl/regctl.db\t" in result.stdout.decode()
