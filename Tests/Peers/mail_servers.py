"""Real mail servers on 127.0.0.1 with private directories, which end with the block around them.

Postfix, Exim, aiosmtpd and smtp-sink take mail over SMTP; Postfix' `sendmail` and msmtp take it as
programs. Needs root, as Postfix and Exim do, and the Debian packages that `Tests/run` installs.
"""

import asyncio
import contextlib
import fcntl
import os
import pwd
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from ports import free_port
from regctl import ROOT

CACHE = ROOT / ".build" / "mail-servers"
NOBODY = 65534
HOST = "127.0.0.1"
USERNAME = "regctl"
# Everything that is a mark of its own in some protocol or configuration file, but for quotes.
PASSWORD = "mArKeR:7b1e 93+/=#d4"
PATIENCE = 60

# How a server may be reached, and what mail_security says then.
SECURITY = {
    "none": "none",
    "starttls": "starttls",
    "tls": "tls",
    "starttls-auth": "starttls",
    "tls-auth": "tls",
    "tls-login": "tls",
}


def wait_until(condition, what: str, patience: float = PATIENCE) -> None:
    """Waits for a condition, which must come true in time."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether a program listens on a port."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def program(name: str) -> str:
    """The path of an installed program, those for the administrator included."""
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert path, f"{name} is not installed"
    return path


@contextlib.contextmanager
def running(line: list, log: Path, ports: list[int], **options: object) -> Iterator[int]:
    """Runs a server until the block ends, with a process group of its own, and yields its id."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in line], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, **options,
        )
    try:
        for port in ports:
            wait_until(
                lambda port=port: listens(port) or process.poll() is not None,
                f"{line[0]} on port {port}",
            )
            assert process.poll() is None, (line[0], log.read_text())
        yield process.pid
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    """Ends a server and what it started, softly first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
            return


class Certificates:
    """An authority, and a certificate for the names that the servers go by."""

    def __init__(self, directory: Path) -> None:
        authority = trustme.CA()
        pair = authority.issue_cert("localhost", HOST, "mail.test")
        self.ca = directory / "ca.pem"
        self.key = directory / "key.pem"
        self.chain = directory / "chain.pem"
        authority.cert_pem.write_to_path(self.ca)
        pair.private_key_pem.write_to_path(self.key)
        self.chain.write_bytes(b"".join(blob.bytes() for blob in pair.cert_chain_pems))
        self.key.chmod(0o600)

    def context(self) -> ssl.SSLContext:
        """What a server in Python needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


@dataclass
class MailServer:
    """A server, the port of each mode that it can be reached in, and the mail that arrived."""

    directory: Path
    certificates: Certificates
    ports: dict[str, int] = field(default_factory=dict)

    def settings(self, mode: str, password: str = PASSWORD) -> dict[str, object]:
        """The settings of regctl that reach the server in a mode."""
        settings: dict[str, object] = {
            "mail_transport": "smtp",
            # A name and an address, since certificates are checked against either.
            "mail_server": "localhost" if "starttls" in mode else HOST,
            "mail_port": self.ports[mode],
            "mail_security": SECURITY[mode],
            "mail_timeout": "20s",
        }
        if mode != "none":
            settings["mail_ca_file"] = self.certificates.ca
        if mode.endswith(("-auth", "-login")):
            file = Path(tempfile.mkdtemp(dir=self.directory)) / "password"
            file.write_text(password + "\n")
            file.chmod(0o600)
            settings |= {"mail_username": USERNAME, "mail_password_file": file}
        return settings

    def mails(self) -> list[bytes]:
        """Every mail that has arrived, as it lies in the Maildir."""
        return [path.read_bytes() for path in (self.directory / "sink").glob("Maildir/new/*")]

    def mail(self, message_id: str) -> bytes:
        """The only mail with that Message-ID, which may take some time to arrive."""
        mark = f"<{message_id}>".encode()
        found: list[bytes] = []

        def arrived() -> bool:
            found[:] = [mail for mail in self.mails() if mark in mail]
            return bool(found)

        wait_until(arrived, f"mail {message_id}")
        (content,) = found
        return content

    def log(self) -> str:
        """What the server logged so far."""
        return "".join(path.read_text() for path in sorted(self.directory.glob("log/*")))


# Postfix.

POSTFIX_MAIN = """
compatibility_level = 3.7
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file = {directory}/log/mail.log
maillog_file_prefixes = {directory}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test
mydestination =
alias_maps =
alias_database =
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
local_transport = error:nobody lives here
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:Maildir/
virtual_mailbox_base = {directory}/sink
virtual_mailbox_limit = 0
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
local_header_rewrite_clients =
swap_bangpath = no
allow_percent_hack = no
allow_min_user = yes
# Strict in all that can be set. Without the empty exclusions loopback would be exempt.
smtpd_forbid_bare_newline = reject
smtpd_forbid_bare_newline_exclusions =
smtpd_forbid_unauth_pipelining = yes
smtpd_helo_required = yes
smtpd_helo_restrictions = reject_invalid_helo_hostname
smtpd_sender_restrictions = reject_non_fqdn_sender
smtpd_recipient_restrictions = reject_non_fqdn_recipient
smtpd_data_restrictions = reject_unauth_pipelining
strict_rfc821_envelopes = yes
strict_7bit_headers = yes
strict_8bitmime_body = yes
strict_mime_encoding_domain = yes
smtpd_tls_chain_files = {key}, {chain}
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = mail.test
cyrus_sasl_config_path = {directory}/etc/sasl
"""

POSTFIX_PORTS = {
    "none": "-o smtpd_tls_security_level=none",
    "starttls": "",
    "tls": "-o smtpd_tls_wrappermode=yes",
    "starttls-auth": "-o smtpd_sasl_auth_enable=yes"
    " -o smtpd_relay_restrictions=permit_sasl_authenticated,reject",
    "tls-auth": "-o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes"
    " -o smtpd_relay_restrictions=permit_sasl_authenticated,reject",
}

POSTFIX_MASTER = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""


@contextlib.contextmanager
def postfix(directory: Path, certificates: Certificates) -> Iterator[MailServer]:
    """Postfix, strict, delivering all mail into one Maildir."""
    server = MailServer(directory, certificates, {mode: free_port() for mode in POSTFIX_PORTS})
    owner = pwd.getpwnam("postfix")
    for name in ("etc/sasl", "queue", "data", "log", "sink"):
        (directory / name).mkdir(parents=True)
    os.chown(directory / "data", owner.pw_uid, owner.pw_gid)
    os.chown(directory / "sink", NOBODY, NOBODY)
    write_postfix_configuration(server)
    write_sasl_database(directory / "etc" / "sasl", owner.pw_uid)
    subprocess.run([program("postfix"), "-c", directory / "etc", "check"], check=True)
    line = [f"{postconf(server, 'daemon_directory')}/master", "-c", directory / "etc", "-d"]
    with running(line, directory / "output", list(server.ports.values())):
        yield server


def postconf(server: MailServer, name: str) -> str:
    """A setting of Postfix."""
    line = [program("postconf"), "-c", server.directory / "etc", "-h", name]
    return subprocess.check_output(line, text=True).strip()


def write_postfix_configuration(server: MailServer) -> None:
    names = {"directory": server.directory, "key": server.certificates.key}
    main = POSTFIX_MAIN.format(**names, chain=server.certificates.chain)
    services = "".join(
        f"{HOST}:{server.ports[mode]} inet n - n - - smtpd {options}\n"
        for mode, options in POSTFIX_PORTS.items()
    )
    (server.directory / "etc" / "main.cf").write_text(main)
    (server.directory / "etc" / "master.cf").write_text(services + POSTFIX_MASTER)


def write_sasl_database(directory: Path, owner: int) -> None:
    """The only user that Postfix accepts. Debian's build looks for it in no other directory."""
    file = directory / "sasldb2"
    (directory / "smtpd.conf").write_text(
        "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n"
        f"sasldb_path: {file}\n"
    )
    subprocess.run(
        [program("saslpasswd2"), "-p", "-c", "-f", file, "-u", "mail.test", USERNAME],
        input=PASSWORD.encode(), check=True,
    )
    os.chown(file, owner, -1)


# Exim.

EXIM_CONFIGURATION = """
primary_hostname = mail.test
spool_directory = {directory}/spool
log_file_path = {directory}/log/%s.log
pid_file_path = {directory}/exim.pid
local_interfaces = {interfaces}
tls_certificate = {chain}
tls_privatekey = {key}
tls_on_connect_ports = {tls} : {tls_auth}
tls_advertise_hosts = ${{if eq{{$received_port}}{{{none}}}{{}}{{*}}}}
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
acl_smtp_rcpt = recipient
acl_smtp_data = content
helo_allow_chars =
helo_verify_hosts =
host_lookup =
rfc1413_query_timeout = 0s
smtp_accept_queue_per_connection = 0
smtp_accept_max_per_connection = 2000
strip_trailing_dot = no
keep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
never_users =
deliver_drop_privilege

begin acl
recipient:
  accept condition = ${{if eq{{$received_port}}{{{none}}}}}
  deny message = encryption is required
    !encrypted = *
  deny message = authentication is required
    condition = ${{if inlist{{$received_port}}{{{starttls_auth} : {tls_auth}}}}}
    !authenticated = *
  accept
content:
  deny message = malformed header
    !verify = header_syntax
  accept

begin routers
everybody:
  driver = accept
  transport = sink

begin transports
sink:
  driver = appendfile
  directory = {directory}/sink/Maildir
  maildir_format
  create_directory
  return_path_add
  user = Debian-exim

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


@contextlib.contextmanager
def exim(directory: Path, certificates: Certificates) -> Iterator[MailServer]:
    """Exim with GnuTLS, delivering all mail into one Maildir."""
    modes = ("none", "starttls", "tls", "starttls-auth", "tls-auth")
    server = MailServer(directory, certificates, {mode: free_port() for mode in modes})
    for name in ("spool", "log", "sink"):
        (directory / name).mkdir(parents=True)
        os.chown(directory / name, NOBODY, NOBODY)
    # Where its user can run it, which the cache below a home directory may not be.
    binary = directory / "exim4"
    shutil.copyfile(exim_binary(), binary)
    binary.chmod(0o755)
    configuration = directory / "exim.conf"
    interfaces = " : ".join(f"{HOST}.{port}" for port in server.ports.values())
    configuration.write_text(
        EXIM_CONFIGURATION.format(
            directory=directory, interfaces=interfaces, user=USERNAME, password=PASSWORD,
            chain=certificates.chain, key=readable_key(directory, certificates),
            **{mode.replace("-", "_"): port for mode, port in server.ports.items()},
        )
    )
    line = [binary, "-C", configuration, "-bdf", "-q1h"]
    ports = list(server.ports.values())
    with running(line, directory / "output", ports, env=exim_environment(directory)):
        yield server


def readable_key(directory: Path, certificates: Certificates) -> Path:
    """A copy of the key for Exim, which reads it without being root."""
    key = directory / "key.pem"
    shutil.copyfile(certificates.key, key)
    os.chown(key, NOBODY, NOBODY)
    key.chmod(0o600)
    return key


def exim_environment(directory: Path) -> dict[str, str]:
    """Lets Exim find the user that its package would have made."""
    (directory / "passwd").write_text(
        f"root:x:0:0::/root:/bin/sh\nDebian-exim:x:{NOBODY}:{NOBODY}::/nonexistent:/bin/false\n"
    )
    (directory / "group").write_text(f"root:x:0:\nDebian-exim:x:{NOBODY}:\n")
    return {
        "PATH": "/usr/bin:/bin",
        "LD_PRELOAD": "libnss_wrapper.so",
        "NSS_WRAPPER_PASSWD": str(directory / "passwd"),
        "NSS_WRAPPER_GROUP": str(directory / "group"),
    }


def exim_binary() -> Path:
    """Exim out of its package, which cannot be installed beside Postfix; fetched once."""
    binary = CACHE / "exim4"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock, tempfile.TemporaryDirectory(dir=CACHE) as directory:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.exists():
            package = download("exim4-daemon-light", Path(directory))
            subprocess.run(["dpkg", "-x", package, directory], check=True)
            # By copying it is no longer set-user-id.
            copy = shutil.copyfile(f"{directory}/usr/sbin/exim4", f"{directory}/exim4")
            os.rename(copy, binary)
    return binary


def download(package: str, directory: Path) -> Path:
    """The file of a Debian package; the list of packages may have to be renewed first."""
    fetch = ["apt-get", "download", "-qq", package]
    if subprocess.run(fetch, cwd=directory, stderr=subprocess.DEVNULL).returncode != 0:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(fetch, cwd=directory, check=True)
    (file,) = directory.glob("*.deb")
    return file


# aiosmtpd.


@dataclass
class Envelope:
    """A mail as it was handed in, with the dots undone."""

    sender: str
    recipients: list[str]
    content: bytes


class Keeper:
    """Keeps every mail; while `open` is not set, the sender has to wait for the last answer."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.waiting = threading.Event()
        self.open = threading.Event()
        self.open.set()

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        while not self.open.is_set():
            self.waiting.set()
            await asyncio.sleep(0.01)
        content = bytes(envelope.original_content)
        self.envelopes.append(Envelope(envelope.mail_from, envelope.rcpt_tos, content))
        return "250 2.0.0 kept"


@dataclass
class Aiosmtpd(MailServer):
    """aiosmtpd in a thread of this process."""

    keeper: Keeper = field(default_factory=Keeper)

    def mails(self) -> list[bytes]:
        return [envelope.content for envelope in self.keeper.envelopes]

    def envelope(self, message_id: str) -> Envelope:
        """The only mail of that identity with its envelope."""
        content = self.mail(message_id)
        (envelope,) = [each for each in self.keeper.envelopes if each.content == content]
        return envelope


def authenticate(_server, _session, _envelope, _mechanism: str, login: LoginPassword) -> AuthResult:
    """Lets the only user in."""
    right = LoginPassword(USERNAME.encode(), PASSWORD.encode())
    return AuthResult(success=login == right, handled=False)


def aiosmtpd_options(mode: str, context: ssl.SSLContext) -> dict[str, object]:
    """What a controller is told to serve a mode."""
    options: dict[str, object] = {}
    if "starttls" in mode:
        options |= {"tls_context": context, "require_starttls": True}
    elif mode != "none":
        # It takes encryption from the first byte for none at all.
        options |= {"ssl_context": context, "auth_require_tls": False}
    if mode.endswith(("-auth", "-login")):
        options |= {"authenticator": authenticate, "auth_required": True}
    else:
        options["auth_exclude_mechanism"] = ["PLAIN", "LOGIN"]
    if mode.endswith("-login"):
        options["auth_exclude_mechanism"] = ["PLAIN"]
    return options


@contextlib.contextmanager
def aiosmtpd(directory: Path, certificates: Certificates) -> Iterator[Aiosmtpd]:
    """aiosmtpd, which keeps the bytes of each mail; it does not offer PIPELINING."""
    directory.mkdir(parents=True)
    server = Aiosmtpd(directory, certificates)
    with contextlib.ExitStack() as stack:
        for mode in SECURITY:
            server.ports[mode] = free_port()
            controller = Controller(
                server.keeper, hostname=HOST, port=server.ports[mode], server_hostname="mail.test",
                **aiosmtpd_options(mode, certificates.context()),
            )
            controller.start()
            stack.callback(controller.stop)
        yield server


# smtp-sink.


class SMTPSink(MailServer):
    """smtp-sink, which puts each mail below six lines of its own, and ends it by an empty one."""

    def mails(self) -> list[bytes]:
        mails = [path.read_bytes() for path in (self.directory / "sink").glob("*")]
        ended = [mail for mail in mails if mail.endswith(b"--\n\n")]
        return [mail.split(b" (UTC)\n", 1)[1].removesuffix(b"\n") for mail in ended]


@contextlib.contextmanager
def smtp_sink(directory: Path, certificates: Certificates) -> Iterator[SMTPSink]:
    """smtp-sink, which offers PIPELINING, and AUTH in clear."""
    server = SMTPSink(directory, certificates, {"none": free_port()})
    (directory / "sink").mkdir(parents=True)
    os.chown(directory / "sink", NOBODY, NOBODY)
    address = f"{HOST}:{server.ports['none']}"
    line = [program("smtp-sink"), "-u", "nobody", "-d", "%M.", address, "128"]
    ports = list(server.ports.values())
    with running(line, directory / "output", ports, cwd=directory / "sink"):
        yield server


# Programs that stand for /usr/sbin/sendmail.


def script(path: Path, text: str) -> Path:
    """A shell script that can be run."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def postfix_sendmail(server: MailServer) -> Path:
    """Postfix' own `sendmail`, into the queue of a running Postfix."""
    configuration = shlex.quote(str(server.directory / "etc"))
    sendmail = postconf(server, "sendmail_path")
    return script(server.directory / "sendmail", f'exec {sendmail} -C {configuration} "$@"')


def msmtp(server: MailServer, mode: str, password: str = PASSWORD) -> Path:
    """msmtp, which hands mail on to a server in a mode."""
    directory = Path(tempfile.mkdtemp(dir=server.directory))
    configuration = directory / "msmtprc"
    lines = [
        "account default",
        "host localhost",
        f"port {server.ports[mode]}",
        f"tls {'off' if mode == 'none' else 'on'}",
        f"tls_starttls {'on' if 'starttls' in mode else 'off'}",
        f"tls_trust_file {server.certificates.ca}",
    ]
    if mode.endswith("-auth"):
        lines += ["auth on", f"user {USERNAME}", f'password "{password}"']
    configuration.write_text("\n".join(lines) + "\n")
    configuration.chmod(0o600)
    quoted = shlex.quote(str(configuration))
    return script(directory / "msmtp", f'exec {program("msmtp")} -C {quoted} "$@"')


# All of them.


@dataclass
class MailServers:
    """Every server, running."""

    postfix: MailServer
    exim: MailServer
    aiosmtpd: Aiosmtpd
    smtp_sink: SMTPSink


@contextlib.contextmanager
def mail_servers() -> Iterator[MailServers]:
    """Starts every server in a directory that all users can enter, and removes it at the end."""
    directory = Path(tempfile.mkdtemp(prefix="regctl-mail-servers."))
    directory.chmod(0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        certificates = Certificates(directory)
        starts = {each.__name__: each for each in (postfix, exim, aiosmtpd, smtp_sink)}
        yield MailServers(
            **{
                name: stack.enter_context(start(directory / name, certificates))
                for name, start in starts.items()
            }
        )
