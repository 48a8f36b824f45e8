"""The systemd units: as files, and as a real systemd runs them in a minimal Debian of its own.

That systemd has its own namespaces, without any network but loopback, and a control group that is
removed with it. Needs root.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from Peers.debian import AS_REGCTL, PACKAGING, DebianRoot, output, run
from Peers.mail_servers import wait_until
from regctl import BINARY, KEY

UNITS = PACKAGING / "systemd"
SERVICES = ["regctl-deliver.service", "regctl-prune.service"]
TIMERS = ["regctl-deliver.timer", "regctl-prune.timer"]
# What the services use, the program of the sendmail transport among it.
WANTED = "systemd, libsqlite3-0, libssl3, libstdc++6, zlib1g, postfix"
SETTINGS = {
    "db": "/var/lib/regctl/regctl.db",
    "confirm_url": "https://app.example/confirm/{token}",
    "mail_default_sender": "Example <accounts@app.example>",
    "mail_timeout": "5s",
    "mail_transport": "maildir",
    "maildir_path": "/var/lib/regctl/Maildir",
}

# The first process of the machine. Kernel settings stay read-only, and with them the host's.
BOOT = """
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs run
mount --bind dev dev
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
mkdir "$2"
echo 0 > "$2/cgroup.procs"
exec unshare --cgroup bash -euc '
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  pivot_root . mnt
  umount -l mnt
  mount --make-rshared /
  exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=basic.target
'
"""

# Where the modules of the tests are found.
TESTS = Path(__file__).parents[1]

# A server that asks for a password inside TLS, in the network of the machine.
SERVER = """
import json, sys
from pathlib import Path
from Peers.mail_servers import Certificates, aiosmtpd
directory = Path(sys.argv[1])
with aiosmtpd(directory / "server", Certificates(directory)) as server:
    print(json.dumps(server.settings("tls-auth"), default=str), flush=True)
    sys.stdin.read()
    print(json.dumps([mail.decode() for mail in server.mails()]))
"""


# As files.


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DebianRoot]:
    """A minimal Debian where regctl is installed."""
    directory = tmp_path_factory.mktemp("units") / "debian"
    debian = DebianRoot(directory, WANTED)
    variables = {
        "PATH": os.environ["PATH"], "DESTDIR": str(directory), "PREFIX": "/usr",
        "UNIT_DIRECTORY": "/lib/systemd/system",
    }
    output(PACKAGING / "install", "--binary", BINARY, env=variables)
    yield debian
    shutil.rmtree(directory)


def exec_starts(service: str) -> list[list[str]]:
    """The words after regctl of each command that a service runs."""
    lines = re.findall(r"^ExecStart=/usr/bin/regctl (.*)$", (UNITS / service).read_text(), re.M)
    return [line.split() for line in lines]


def test_systemd_reports_nothing_about_the_units(tree):
    names = [f"/lib/systemd/system/{name}" for name in SERVICES + TIMERS]
    result = tree.run("systemd-analyze", "--man=no", "verify", *names)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    wrong = tree.path("/tmp/wrong.service")
    wrong.write_text("[Service]\nType=oneshot\nExecStart=/usr/bin/regctl config\nProtectHomes=yes\n")
    assert "ProtectHomes" in tree.run("systemd-analyze", "verify", "/tmp/wrong.service").stderr


def exposure(tree: DebianRoot, file: str) -> int:
    line = ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", file]
    return tree.run(*line).returncode


def test_the_services_are_exposed_to_little(tree):
    for service in SERVICES:
        assert exposure(tree, f"/lib/systemd/system/{service}") == 0, service
        text = (UNITS / service).read_text()
        bare = re.sub(r"^(Protect|Private|Restrict|SystemCall)\w+=.*\n", "", text, flags=re.M)
        tree.path(f"/tmp/{service}").write_text(bare)
        assert exposure(tree, f"/tmp/{service}") == 1, service


def test_the_pages_that_the_units_name_are_there():
    for unit in SERVICES + TIMERS:
        pages = re.findall(r"man:([\w.-]+)\((\d)\)", (UNITS / unit).read_text())
        assert pages, unit
        for name, section in pages:
            assert (PACKAGING.parents[1] / "man" / f"{name}.{section}").exists(), (unit, name)


@pytest.mark.parametrize("service", SERVICES)
def test_regctl_knows_the_words_that_a_service_says(site, service):
    assert exec_starts(service)
    for words in exec_starts(service):
        assert site.ok(*words, "--dry-run") == ""
        assert site.ok(*words) == ""
        assert site.run(*words, "--no-such-option").returncode == 64


def seconds(tree: DebianRoot, time_span: str) -> float:
    """How long a time of systemd's is."""
    return int(re.search(r"μs: (\d+)", tree.ok("systemd-analyze", "timespan", time_span))[1]) / 1e6


def test_a_service_that_hangs_is_ended_after_its_time_limit(tree):
    """A service of this type has no time limit of its own; it must be beyond what regctl takes."""
    limits = {
        service: re.findall(r"^TimeoutStartSec=(.*)$", (UNITS / service).read_text(), re.M)
        for service in SERVICES
    }
    assert [len(found) for found in limits.values()] == [1, 1]
    deliver, prune = (seconds(tree, found[0]) for found in limits.values())
    (words,) = exec_starts("regctl-deliver.service")
    a_pass = seconds(tree, words[words.index("--timeout") + 1])
    # A step for the name, and one for the mails under way; each with a minute to spare.
    assert a_pass + 2 * 60 + 2 * 60 < deliver < 3600
    assert 600 < prune < 24 * 3600


def test_the_lines_for_cron_say_what_the_services_say():
    text = (PACKAGING / "debian" / "README.Debian").read_text()
    lines = re.findall(r"^  [\d*]+ [\d*]+ \* \* \* regctl /usr/bin/regctl (.*)$", text, re.M)
    said = [words for service in SERVICES for words in exec_starts(service)]
    assert sorted(line.split() for line in lines) == sorted(said)


def test_the_timers_fire_every_minute_and_once_a_night(tree):
    def times(timer: str) -> list[str]:
        (when,) = re.findall(r"^OnCalendar=(.*)$", (UNITS / timer).read_text(), re.M)
        line = ["systemd-analyze", "calendar", "--base-time=2027-02-03 00:00:30", "--iterations=3", when]
        return re.findall(r"2027-02-0\d \d\d:\d\d:\d\d", tree.ok(*line))

    assert times(TIMERS[0]) == [f"2027-02-03 00:0{minute}:00" for minute in (1, 2, 3)]
    assert times(TIMERS[1]) == [f"2027-02-0{day} 03:00:00" for day in (3, 4, 5)]


# As they are run.


class Machine:
    """A minimal Debian that systemd has started; `process` is systemd."""

    def __init__(self, process: int, directory: Path) -> None:
        self.process = process
        self.directory = directory
        self.heard = 0

    def run(self, *words: object) -> subprocess.CompletedProcess:
        """Runs a command on the machine as root."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
        return run("nsenter", f"--target={self.process}", "--all", *words, env=environment)

    def ok(self, *words: object) -> str:
        """Runs a command on the machine, which must succeed, and returns its standard output."""
        result = self.run(*words)
        assert result.returncode == 0, (words, result.stdout, result.stderr, self.journal())
        return result.stdout

    def regctl(self, *words: object) -> str:
        """Runs regctl as `sudo -u regctl regctl` does; it must succeed."""
        return self.ok(*AS_REGCTL, "regctl", *words)

    def path(self, name: str) -> Path:
        """A file of the machine, as it is seen from outside."""
        return self.directory / name.lstrip("/")

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        """Writes a file of root's."""
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text)
        self.path(name).chmod(mode)

    def configure(self, **settings: object) -> None:
        """Writes the configuration, with the settings that every test has."""
        settings = SETTINGS | settings
        lines = [f"{key} = {value}\n" for key, value in settings.items()]
        self.write("/etc/regctl/regctl.conf", "".join(lines))

    def drop_in(self, unit: str, text: str) -> None:
        """Adds to a unit what `systemctl edit` would, until the next test."""
        self.write(f"/etc/systemd/system/{unit}.d/test.conf", text)
        self.ok("systemctl", "daemon-reload")

    def journal(self) -> str:
        """What the services, and systemd about them, have put into the journal since the reset."""
        return self.whole_journal()[self.heard :]

    def whole_journal(self) -> str:
        """The same since the machine was started."""
        units = [f"--unit={service}" for service in SERVICES]
        self.run("journalctl", "--sync")
        return self.run("journalctl", "--no-pager", "--quiet", "--output=cat", *units).stdout

    def mail(self, email: str) -> dict:
        """The only mail to an address, as regctl lists it."""
        (mail,) = json.loads(self.regctl("list-outbox", "--email", email, "--json"))["mails"]
        return mail

    def reset(self) -> None:
        """Makes the machine what it was when regctl had just been installed and set up."""
        self.ok("systemctl", "stop", *TIMERS)
        dirt = "/etc/systemd/system/*.d /etc/systemd/system/*.wants/regctl-*"
        self.ok("bash", "-c", f"rm -rf {dirt} /etc/credstore /var/lib/regctl/*")
        self.ok("systemctl", "daemon-reload")
        self.configure()
        self.regctl("create-db")
        self.heard = len(self.whole_journal())


def new_control_group() -> Path:
    """A name for a control group below that of this process."""
    mounts = Path("/proc/self/mountinfo").read_text()
    mount = re.search(r"^(?:\S+ ){4}(\S+) .* - cgroup2 ", mounts, re.M)
    if not mount:
        pytest.skip("systemd needs a file system of control groups, and this machine has mounted none")
    own = re.search(r"^0::(.*)$", Path("/proc/self/cgroup").read_text(), re.M)[1]
    return Path(f"{mount[1]}{own}/regctl-units-{os.getpid()}")


def remove_control_group(group: Path) -> None:
    """Removes a control group, which the last process may just be leaving."""
    def is_gone() -> bool:
        run("find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";")
        return not group.exists()

    wait_until(is_gone, f"the end of {group}")


@pytest.fixture(scope="module")
def booted(tree: DebianRoot) -> Iterator[Machine]:
    """The minimal Debian, started by systemd."""
    # Without it, this would be a first start, which enables services of Debian's own.
    (tree.directory / "etc" / "machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    (tree.directory / "etc" / "hosts").write_text("127.0.0.1 localhost\n")
    group = new_control_group()
    line = ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
    starter = subprocess.Popen(
        [*line, "bash", "-euc", BOOT, "boot", tree.directory, group],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )
    children = Path(f"/proc/{starter.pid}/task/{starter.pid}/children")
    try:
        wait_until(lambda: starter.poll() is not None or children.read_text(), "systemd's process")
        machine = Machine(int(children.read_text()), tree.directory)
        is_up = ["systemctl", "is-active", "basic.target"]
        wait_until(lambda: machine.run(*is_up).stdout == "active\n", "systemd")
        yield machine
        os.kill(machine.process, signal.SIGKILL)
    finally:
        starter.kill()
        starter.wait()
        remove_control_group(group)


@pytest.fixture
def machine(booted: Machine) -> Machine:
    """A machine where regctl is set up and nothing has been done yet."""
    booted.reset()
    return booted


def write_stale_account(database: Path, email: str) -> None:
    """Writes an account past regctl whose mail was accepted long ago."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "INSERT INTO users (email, password, registered_on, admin, confirmed)"
            " VALUES (?, '!', '2020-01-02 03:04:05.678901', 0, 0)",
            (email,),
        )
        connection.execute(
            "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, attempts,"
            " queued_at, finished_at, last_reply, message_id) SELECT id, email, 'confirm', 'confirm',"
            " 'sent', 1, 1577934306, 1577934366, '250 ok', 'm@app.example' FROM users WHERE email = ?",
            (email,),
        )


def test_the_services_deliver_and_prune_and_log_no_success(machine):
    for name in ("ann", "bob", "carol"):
        machine.regctl("register", f"{name}@example.org", "--no-password")
    write_stale_account(machine.path("/var/lib/regctl/regctl.db"), "stale@example.org")
    machine.ok("systemctl", "start", *SERVICES)
    assert machine.mail("ann@example.org")["state"] == "sent"
    assert len(list(machine.path("/var/lib/regctl/Maildir/new").iterdir())) == 3
    unconfirmed = machine.regctl("list-unconfirmed", "--format", "tsv", "--fields", "email")
    assert unconfirmed.split() == ["email", *[f"{name}@example.org" for name in ("ann", "bob", "carol")]]
    assert "regctl  prune" in machine.regctl("audit")
    assert machine.journal() == ""


def test_what_goes_wrong_fails_the_service_and_is_in_the_journal(machine):
    machine.configure(mail_transport="smtp", mail_server="localhost", mail_security="none")
    machine.regctl("register", "ann@example.org", "--no-password")
    assert machine.run("systemctl", "start", "regctl-deliver.service").returncode == 1
    assert "status=69" in machine.journal()
    errors = ["journalctl", "--priority=err", "--identifier=regctl", "--output=cat", "--no-pager"]
    assert "regctl: error: deliver: mail cannot be sent" in machine.ok(*errors)


@pytest.mark.parametrize("service", SERVICES)
def test_a_line_without_a_severity_is_in_the_journal(machine, service):
    machine.drop_in(service, "[Service]\nExecStartPre=/bin/sh -c 'echo crashed >&2'\n")
    machine.ok("systemctl", "start", service)
    assert machine.journal() == "crashed\n"


def test_mail_that_is_deferred_does_not_fail_the_service(machine):
    machine.configure(mail_transport="sendmail", sendmail_path="/bin/false")
    machine.regctl("register", "ann@example.org", "--no-password")
    machine.ok("systemctl", "start", "regctl-deliver.service")
    assert machine.mail("ann@example.org")["state"] == "queued"
    # Nor does it say so: a mail may be deferred.
    assert "not accepted" not in machine.journal()


def test_a_service_past_its_time_limit_loses_no_mail(machine):
    assert machine.ok("systemctl", "show", "--value", "--property=TimeoutStartUSec", *SERVICES).split() == [
        "20min", "1h",
    ]
    machine.write("/usr/local/bin/slow", "#!/bin/sh\nexec sleep 60\n", mode=0o755)
    machine.configure(mail_transport="sendmail", sendmail_path="/usr/local/bin/slow", mail_timeout="3s")
    machine.drop_in("regctl-deliver.service", "[Service]\nTimeoutStartSec=1s\n")
    for name in ("ann", "bob"):
        machine.regctl("register", f"{name}@example.org", "--no-password")
    assert machine.run("systemctl", "start", "regctl-deliver.service").returncode == 1
    result = ["systemctl", "show", "--value", "--property=Result", "regctl-deliver.service"]
    assert machine.ok(*result) == "timeout\n"
    first, second = machine.mail("ann@example.org"), machine.mail("bob@example.org")
    assert (first["state"], first["possible_duplicate"]) == ("queued", True)
    assert (second["state"], second["attempts"]) == ("queued", 0)


def test_root_and_the_services_work_on_one_database(machine):
    machine.ok("regctl", "register", "ann@example.org", "--no-password")
    machine.ok("regctl", "deliver", "--dry-run")
    machine.ok("systemctl", "start", *SERVICES)
    machine.ok("regctl", "resend", "ann@example.org", "--force")
    owners = machine.ok("find", "/var/lib/regctl", "-printf", "%u:%g %m %y\n").splitlines()
    assert set(owners) == {"regctl:regctl 700 d", "regctl:regctl 600 f"}


def test_a_timer_that_is_enabled_delivers(machine):
    machine.regctl("register", "ann@example.org", "--no-password")
    every_second = "[Timer]\nOnCalendar=\nOnCalendar=*-*-* *:*:*\nAccuracySec=1ms\n"
    machine.drop_in("regctl-deliver.timer", every_second)
    machine.ok("systemctl", "enable", "--now", "regctl-deliver.timer")
    wait_until(lambda: machine.mail("ann@example.org")["state"] == "sent", "the timer")
    machine.ok("systemctl", "enable", "--now", "regctl-prune.timer")
    assert "regctl-prune.service" in machine.ok("systemctl", "list-timers", "--no-pager")


def test_a_key_in_the_credential_store_is_the_one_that_signs(machine):
    machine.write("/etc/credstore/regctl.secret_key_file", KEY + "\n", mode=0o600)
    machine.regctl("register", "ann@example.org", "--no-password")
    machine.ok("systemctl", "start", "regctl-deliver.service")
    (mail,) = machine.path("/var/lib/regctl/Maildir/new").iterdir()
    text = mail.read_text().replace("=\n", "")
    link = re.search(r"https://app.example/confirm/[\w.-]+", text)[0]
    assert machine.run(*AS_REGCTL, "regctl", "inspect-token", link).returncode == 65
    machine.write("/var/lib/regctl/secret.key", KEY + "\n", mode=0o600)
    assert "valid" in machine.ok("regctl", "inspect-token", link)


@pytest.fixture
def mail_server(machine: Machine) -> Iterator[tuple[dict, Callable[[], list[str]]]]:
    """A server on the machine that asks for a password inside TLS: its settings, and its end."""
    directory = machine.path("/srv/mail")
    directory.mkdir()
    server = subprocess.Popen(
        ["nsenter", f"--net=/proc/{machine.process}/ns/net", sys.executable, "-c", SERVER, directory],
        cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    settings = json.loads(server.stdout.readline())
    yield settings, lambda: json.loads(server.communicate()[0])
    server.kill()
    server.wait()
    shutil.rmtree(directory)


def test_mail_leaves_over_tls_with_a_password_that_only_root_can_read(machine, mail_server):
    settings, end = mail_server
    password = Path(settings.pop("mail_password_file")).read_text()
    settings["mail_ca_file"] = "/srv/mail/ca.pem"
    machine.configure(**settings | {"mail_server": "localhost"})
    machine.regctl("register", "ann@example.org", "--no-password")
    assert machine.run("systemctl", "start", "regctl-deliver.service").returncode == 1
    machine.write("/etc/credstore/regctl.mail_password_file", password, mode=0o600)
    machine.ok("systemctl", "start", "regctl-deliver.service")
    assert machine.mail("ann@example.org")["state"] == "sent"
    (mail,) = end()
    assert "\nTo: ann@example.org" in mail.replace("\r", "")


def prepare_postfix(machine: Machine) -> None:
    """What the package of Postfix would do when it is installed."""
    users = "u postfix - - /var/spool/postfix\ng postdrop -\n"
    machine.write("/usr/lib/sysusers.d/postfix.conf", users)
    machine.ok("systemd-sysusers", "postfix.conf")
    spool = ["-d", "-o", "postfix", "-g", "postdrop", "-m", "730", "/var/spool/postfix/maildrop"]
    machine.ok("install", *spool)
    machine.ok("chgrp", "postdrop", "/usr/sbin/postdrop")
    machine.ok("chmod", "2555", "/usr/sbin/postdrop")
    machine.write("/etc/postfix/main.cf", "compatibility_level = 3.7\nmyhostname = app.example\n")


def test_postfix_takes_mail_by_its_program_once_the_drop_in_is_there(machine):
    prepare_postfix(machine)
    machine.configure(mail_transport="sendmail")
    spool = machine.path("/var/spool/postfix/maildrop")
    machine.regctl("register", "ann@example.org", "--no-password")
    machine.run("systemctl", "start", "regctl-deliver.service")
    assert machine.mail("ann@example.org")["state"] == "queued"
    assert list(spool.iterdir()) == []
    machine.drop_in("regctl-deliver.service", (UNITS / "sendmail.conf").read_text())
    machine.regctl("retry-mail", "1")
    machine.ok("systemctl", "start", "regctl-deliver.service")
    assert machine.mail("ann@example.org")["state"] == "sent"
    (mail,) = spool.iterdir()
    assert b"ann@example.org" in mail.read_bytes()
