"""The sample for sudo: support staff run what it names as the service's user, and nothing else.

Real sudo runs in a mount namespace of its own, with an invented person in an invented group.
"""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from regctl import BINARY, ROOT, Site

SAMPLE = ROOT / "Sources" / "Packaging" / "sudoers.support"
# Where the private tmpfs of a test is, and so the one directory that sudo trusts there.
MOUNT = Path("/mnt")
REGCTL = MOUNT / "bin" / "regctl"
PERSON, SERVICE, GROUP = 54001, 54002, 54003
ANN, BOB = "ann@example.org", "bob@example.org"

# Writes down with which words it was run, and goes on as the program itself.
WITNESS = """#!/bin/sh
printf '%s\\n' "$*" >> {log}
exec {program} "$@"
"""


@dataclass
class Desk:
    """A directory with everything that is put into the namespace, and the log of the witness."""

    directory: Path
    site: Site

    @property
    def log(self) -> list[str]:
        path = self.directory / "log"
        return path.read_text().splitlines() if path.exists() else []

    def sudo(self, *words: str, by: int = PERSON, **variables: str) -> subprocess.CompletedProcess:
        """Runs sudo as the person, asking nothing."""
        person = ["setpriv", f"--reuid={by}", f"--regid={by}", "--init-groups"]
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"} | variables
        line = ["unshare", "-m", self.directory / "enter", *person, "sudo", "-n", *words]
        return subprocess.run(
            [*map(str, line)], env=environment, capture_output=True, stdin=subprocess.DEVNULL, cwd="/",
            timeout=120,
        )  # fmt: skip

    def regctl(self, *words: str) -> subprocess.CompletedProcess:
        return self.sudo("-u", "regctl-test", str(REGCTL), *words)


ENTER = """#!/bin/sh
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs {mount}
cp -a {directory}/mnt/. {mount}/
for name in passwd group shadow sudoers; do
  mount --bind {directory}/etc/$name /etc/$name
done
mount -t tmpfs -o mode=755 tmpfs /etc/sudoers.d
cp {directory}/etc/sudoers.d/* /etc/sudoers.d/
exec "$@"
"""


def with_line(name: str, line: str) -> str:
    return Path("/etc", name).read_text().rstrip("\n") + "\n" + line + "\n"


@pytest.fixture(scope="module")
def desk():
    """Ann's mail is queued at a service whose support staff uses the installed sample."""
    # Where every user can go, unlike a directory of pytest's.
    directory = Path(tempfile.mkdtemp(prefix="regctl-sudo."))
    directory.chmod(0o755)
    yield made(directory)
    shutil.rmtree(directory)


def made(directory: Path) -> Desk:
    etc, mnt = directory / "etc", directory / "mnt"
    (etc / "sudoers.d").mkdir(parents=True)
    (mnt / "bin").mkdir(parents=True)
    (etc / "passwd").write_text(
        with_line("passwd", f"person:x:{PERSON}:{PERSON}::/nonexistent:/bin/sh")
        + f"regctl-test:x:{SERVICE}:{SERVICE}::/nonexistent:/usr/sbin/nologin\n"
        + f"stranger:x:{PERSON + 10}:{PERSON + 10}::/nonexistent:/bin/sh\n"
    )
    (etc / "group").write_text(
        with_line("group", f"support-test:x:{GROUP}:person")
        + f"person:x:{PERSON}:\nregctl-test:x:{SERVICE}:\n"
    )
    (etc / "shadow").write_text(
        with_line("shadow", "person:*:19000:0:99999:7:::")
        + "regctl-test:*:19000:0:99999:7:::\nstranger:*:19000:0:99999:7:::\n"
    )
    (etc / "shadow").chmod(0o600)
    # As the file of Debian, but that no password is asked for.
    (etc / "sudoers").write_text(
        "Defaults env_reset, !authenticate, !fqdn\nroot ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n"
    )
    sample = SAMPLE.read_text().replace("/usr/bin/regctl", str(REGCTL))
    sample = sample.replace("%support ", "%support-test ").replace("(regctl)", "(regctl-test)")
    (etc / "sudoers.d" / "regctl-support").write_text(sample)
    for path in (etc / "sudoers", etc / "sudoers.d" / "regctl-support"):
        path.chmod(0o440)
    log = directory / "log"
    log.touch()
    log.chmod(0o666)
    shutil.copy(BINARY, mnt / "bin" / "program")
    (mnt / "bin" / "regctl").write_text(WITNESS.format(log=log, program=MOUNT / "bin" / "program"))
    (mnt / "bin" / "regctl").chmod(0o755)
    shutil.copy(mnt / "bin" / "regctl", mnt / "regctl")
    (directory / "enter").write_text(ENTER.format(mount=MOUNT, directory=directory))
    (directory / "enter").chmod(0o755)
    (directory / "state").mkdir()
    site = Site(directory / "state")
    site.ok("create-db")
    site.ok("register", ANN, "--no-password")
    os.chown(site.directory, SERVICE, SERVICE)
    for path in site.directory.rglob("*"):
        os.chown(path, SERVICE, SERVICE)
    # The service finds its settings by itself: sudo takes no variable over.
    home = directory / "state" / "config" / "regctl"
    home.mkdir(parents=True)
    (home / "regctl.conf").write_text(site.write_config().read_text())
    (home / "regctl.conf").chmod(0o644)
    passwd = (etc / "passwd").read_text()
    service = f"regctl-test:x:{SERVICE}:{SERVICE}::"
    (etc / "passwd").write_text(passwd.replace(service + "/nonexistent", service + str(home.parents[1])))
    home.parent.rename(home.parents[1] / ".config")
    return Desk(directory, site)


def test_visudo_takes_the_sample():
    result = subprocess.run(["visudo", "-c", "-f", SAMPLE], capture_output=True, text=True)
    assert result.returncode == 0, result
    assert "parsed OK" in result.stdout


def token(desk: Desk) -> str:
    line = ["-u", "regctl-test", str(MOUNT / "bin" / "program"), "issue-token", ANN]
    return desk.sudo(*line, by=0).stdout.decode().strip()


def test_the_lines_that_support_needs_work(desk):
    """In an order in which all of them succeed, with words as users type them."""
    link = f"https://app.example/confirm/{token(desk)}"
    for words, status in [
        (["show", ANN], 0),
        (["show", "1", "--json"], 0),
        (["show", ANN, "--local"], 0),
        (["list-accounts", "ann", "--local"], 0),
        (["audit", "--since", "1d", "--local"], 0),
        (["check", ANN], 1),
        (["list-unconfirmed"], 0),
        (["list-unconfirmed", "--count"], 0),
        (["list-accounts"], 0),
        (["list-accounts", "ann"], 0),
        (["list-accounts", "@example.org", "--json"], 0),
        (["status"], 0),
        (["status", "--json"], 0),
        (["report", "stuck"], 0),
        (["list-outbox"], 0),
        (["list-outbox", "--state", "queued", "--email", ANN, "--json"], 0),
        (["list-bounces", "--email", ANN, "--json"], 0),
        (["show-mail", "1"], 0),
        (["show-mail", "1", "--raw"], 0),
        (["inspect-token", link], 0),
        (["inspect-token", token(desk), "--json"], 0),
        (["inspect-token", link.replace("https:", "https:") + "?utm_source=a&b=c%20"], 0),
        (["audit"], 0),
        (["audit", "--email", ANN, "--since", "2020-01-01T00:00:00Z", "--limit", "5"], 0),
        (["audit", "--since", "1d", "--json"], 0),
        (["resend", ANN, "--force"], 0),
        (["resend", ANN, "--force", "--wait"], 0),
        (["confirm", "--email", ANN, "--reason", "called, ticket #4711 (Bob's)"], 0),
        (["confirm", link], 0),
        (["check", ANN, "--json"], 0),
    ]:
        before = len(desk.log)
        result = desk.regctl(*words)
        assert result.returncode == status, (words, result)
        assert len(desk.log) == before + 1, words
    acts = json.loads(desk.regctl("audit", "--email", ANN, "--json").stdout)["entries"]
    who = {act["by"] for act in acts if act["act"] in ("resend-forced", "confirm-by-operator")}
    assert who == {"person"}


def test_the_zone_of_the_caller_reaches_the_command(desk):
    words = [str(REGCTL), "show", ANN, "--local"]
    shown = desk.sudo("-u", "regctl-test", *words, TZ="Asia/Tokyo").stdout
    assert b"+09:00" in shown and b"UTC" not in shown


# Words behind the program that are not those of a line of the sample.
EVASIONS = [
    # Another database or configuration.
    ["show", ANN, "--db=/tmp/evil.db"],
    ["show", ANN, "--db", "/tmp/evil.db"],
    ["show", "--db=/tmp/evil.db", ANN],
    ["--db=/tmp/evil.db", "show", ANN],
    ["-d/tmp/evil.db", "show", ANN],
    ["show", ANN, "-d", "/tmp/evil.db"],
    ["show", ANN, "-qd/tmp/evil.db"],
    ["list-unconfirmed", "-qd", "/tmp/evil.db"],
    ["list-unconfirmed", "-vqd/tmp/evil.db"],
    ["show", ANN, "--config", "/tmp/evil.conf"],
    ["show", ANN, "--config=/tmp/evil.conf"],
    ["--config=none", "show", ANN],
    ["list-outbox", "--state", "queued", "--config", "/tmp/evil.conf"],
    ["list-outbox", "--state", "--config=/tmp/evil.conf"],
    ["list-outbox", "--email", "-d/tmp/evil.db"],
    ["list-bounces", "--email", "-d/tmp/evil.db"],
    ["clear-bounce", ANN],
    ["audit", "--since", "-d/tmp/evil.db"],
    ["audit", "--limit", "1", "-d/tmp/evil.db"],
    ["audit", "--limit=1", "--db=/tmp/evil.db"],
    ["confirm", "--email", ANN, "--reason", "called", "--db=/tmp/evil.db"],
    ["confirm", "--email", ANN, "--reason", "called -d/tmp/evil.db"],
    ["confirm", "--email", ANN, "--reason", "called", "-d", "/tmp/evil.db"],
    ["confirm", "--email", ANN, "--reason", "--config=/tmp/evil.conf"],
    ["resend", ANN, "--force", "--db=/tmp/evil.db"],
    ["resend", ANN, "--force", "--wait", "--db=/tmp/evil.db"],
    ["list-accounts", "ann", "--db=/tmp/evil.db"],
    ["list-accounts", "-d/tmp/evil.db"],
    ["list-accounts", "--file", "/etc/shadow"],
    ["status", "--config=/tmp/evil.conf"],
    ["report", "stuck", "--db", "/tmp/evil.db"],
    ["report", "cohorts"],
    # Arguments with blanks, line ends and other bytes in them.
    ["show", ANN + " --db=/tmp/evil.db"],
    ["show", ANN + "\n--db=/tmp/evil.db"],
    ["show", ANN, "\n--db=/tmp/evil.db"],
    ["show\n--db=/tmp/evil.db", ANN],
    ["show", ANN + "\t--db=/tmp/evil.db"],
    ["confirm", "--email", ANN, "--reason", "called\n--db=/tmp/evil.db"],
    ["confirm", "--email", ANN, "--reason", "called\t--db=/tmp/evil.db"],
    ["confirm", "--email", ANN, "--reason", "$(id)"],
    ["confirm", "--email", ANN, "--reason", "called `id`"],
    ["show", ANN, ""],
    ["", "show", ANN],
    ["show", ANN + "\x0b-d/tmp/evil.db"],
    ["show", "ann@example.org\u00a0--db=x"],
    # Where options end.
    ["--", "show", ANN],
    ["show", "--", ANN],
    ["show", "--", "--db=/tmp/evil.db"],
    ["inspect-token", "-"],
    ["inspect-token", "--stdin"],
    ["confirm", "-"],
    ["confirm", "--stdin"],
    # More than was asked for.
    ["show-mail", "1", "--raw", "--with-token"],
    ["show-mail", "1", "--with-token", "--raw"],
    ["show-mail", "--raw", "--with-token", "1"],
    ["check", ANN, "--password-file", "/etc/shadow"],
    ["resend", "--all-unconfirmed", "--yes"],
    ["resend", ANN, BOB],
    ["show", ANN, BOB],
    ["audit", "--verify"],
    ["show", ANN, "--help"],
    # Other commands.
    ["delete", ANN, "--reason", "left", "--yes"],
    ["prune", "--yes"],
    ["export"],
    ["import", "/etc/shadow"],
    ["issue-token", ANN],
    ["backup", "/tmp/copy.db"],
    ["deliver"],
    ["set-password", ANN, "--generate-password"],
    ["create-admin", "me@example.org", "--generate-password"],
    ["grant-admin", ANN],
    ["change-email", ANN, "me@example.org"],
    ["migrate-db"],
    ["doctor"],
    ["config"],
    ["help"],
    ["tour"],
    ["--version"],
    ["__complete", "emails"],
    [],
]


@pytest.mark.parametrize("words", EVASIONS, ids=repr)
def test_other_words_are_refused_by_sudo(desk, words):
    before = desk.log
    result = desk.regctl(*words)
    assert result.returncode == 1, result
    assert b"not allowed to execute" in result.stderr or b"password is required" in result.stderr
    assert desk.log == before, "regctl was run"


# Other ways to run it, behind `sudo -n`.
WAYS = [
    # Variables that regctl knows, on sudo's own line.
    ["REGCTL_CONFIG=/tmp/evil.conf", "-u", "regctl-test", str(REGCTL), "show", ANN],
    ["-u", "regctl-test", "REGCTL_DB=/tmp/evil.db", str(REGCTL), "show", ANN],
    ["-u", "regctl-test", "XDG_CONFIG_HOME=/tmp", str(REGCTL), "show", ANN],
    ["-u", "regctl-test", "HOME=/tmp", str(REGCTL), "show", ANN],
    ["-u", "regctl-test", "LD_PRELOAD=/tmp/evil.so", str(REGCTL), "show", ANN],
    ["--preserve-env=REGCTL_CONFIG", "-u", "regctl-test", str(REGCTL), "show", ANN],
    ["-E", "-u", "regctl-test", str(REGCTL), "show", ANN],
    # As another user.
    [str(REGCTL), "show", ANN],
    ["-u", "root", str(REGCTL), "show", ANN],
    ["-u", "#0", str(REGCTL), "show", ANN],
    ["-g", "root", str(REGCTL), "show", ANN],
    ["-u", "regctl-test", "-g", "root", str(REGCTL), "show", ANN],
    # Another program, or from elsewhere.
    ["-u", "regctl-test", "/bin/sh"],
    ["-u", "regctl-test", "-s"],
    ["-u", "regctl-test", "-i"],
    ["-u", "regctl-test", "/bin/sh", "-c", f"{REGCTL} show {ANN}"],
    ["-u", "regctl-test", str(MOUNT / "bin" / "program"), "show", ANN],
    # A copy that has the same name.
    ["-u", "regctl-test", str(MOUNT / "regctl"), "show", ANN],
    ["-u", "regctl-test", "-D", "/tmp", str(REGCTL), "show", ANN],
    ["-u", "regctl-test", "-R", "/", str(REGCTL), "show", ANN],
    ["-u", "regctl-test", "-e", "/etc/regctl/regctl.conf"],
]


@pytest.mark.parametrize("words", WAYS, ids=repr)
def test_other_ways_to_run_it_are_refused_by_sudo(desk, words):
    before = desk.log
    result = desk.sudo(*words, REGCTL_CONFIG="/tmp/evil.conf")
    assert result.returncode == 1, result
    assert result.stderr.startswith(b"sudo: ") or b"not allowed" in result.stderr
    assert desk.log == before, "regctl was run"


def test_variables_of_the_caller_are_left_behind(desk):
    """Without sudo they would lead elsewhere."""
    evil = {"REGCTL_DB": "/tmp/evil.db", "REGCTL_CONFIG": "/tmp/evil.conf", "HOME": "/tmp",
            "REGCTL_FORMAT": "json", "XDG_CONFIG_HOME": "/tmp"}  # fmt: skip
    result = desk.sudo("-u", "regctl-test", str(REGCTL), "show", ANN, **evil)
    assert (result.returncode, result.stderr) == (0, b"")
    assert not result.stdout.startswith(b"{")
    # The control: the variables take effect for their owner.
    assert desk.site.run("show", ANN, environment=evil).returncode != 0


def test_words_that_are_one_argument_are_no_command(desk):
    """What sudo takes for the words of a line because it joins them means nothing to regctl."""
    assert desk.regctl("show " + ANN).returncode == 64
    assert desk.regctl("audit", "--limit 1").returncode == 64


def test_only_members_of_the_group_may(desk):
    before = desk.log
    result = desk.sudo("-u", "regctl-test", str(REGCTL), "show", ANN, by=PERSON + 10)
    assert result.returncode == 1
    assert desk.log == before


def test_regctl_rejects_a_users_own_configuration_that_sudo_allows(desk):
    """Where the line of an administrator names the program alone, as ours once did."""
    path = desk.directory / "etc" / "sudoers.d" / "regctl-support"
    sample = path.read_text()
    path.chmod(0o600)
    mine = desk.directory / "mine.conf"
    try:
        path.write_text(f"%support-test ALL=(regctl-test) {REGCTL}\n")
        path.chmod(0o440)
        mine.write_text("mail_transport = stdout\n")
        mine.chmod(0o644)
        os.chown(mine, PERSON, PERSON)
        result = desk.regctl("deliver", "--config", str(mine))
        assert result.returncode == 78, result
        assert b"belongs to user person" in result.stderr
        # The control: sudo lets them.
        assert desk.log[-1] == f"deliver --config {mine}"
    finally:
        mine.unlink(missing_ok=True)
        path.chmod(0o600)
        path.write_text(sample)
        path.chmod(0o440)
