"""Relays that report what they cannot deliver, and a server behind them that knows one recipient.

Each is Postfix or Exim with a private directory. The relay pipes reports into `regctl bounce` as an
alias does: as a user without privileges, and with an empty environment but for the configuration.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from Peers.mail_servers import (
    HOST,
    NOBODY,
    exim_binary,
    exim_environment,
    postconf,
    program,
    running,
    wait_until,
)
from Peers.mail_servers import MailServer as Server
from ports import free_port
from regctl import BINARY

KNOWN = "ann@example.org"
SENDER = "bounces@app.example"

# What is common to both instances of Postfix.
POSTFIX = """
compatibility_level = 3.7
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file = {directory}/log/mail.log
maillog_file_prefixes = {directory}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_tls_security_level = none
smtp_tls_security_level = none
smtp_dns_support_level = disabled
smtpd_relay_restrictions = permit_mynetworks, reject
mynetworks = 127.0.0.0/8
allow_min_user = yes
"""
RELAY = """
myhostname = relay.test
mydestination = app.example
alias_maps = hash:{directory}/etc/aliases
alias_database =
local_recipient_maps =
default_transport = smtp:[127.0.0.1]:{onward}
default_privs = daemon
"""
# Knows one recipient, and keeps what it gets.
BEHIND = """
myhostname = mx.test
mydestination =
virtual_mailbox_domains = example.org
alias_maps =
virtual_mailbox_maps = inline:{{ {known}=Maildir/ }}
virtual_mailbox_base = {directory}/sink
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
"""
SERVICES = """
{host}:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
local unix - n n - - local
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""


@contextlib.contextmanager
def postfix(directory: Path, more: str, port: int, **names: object) -> Iterator[None]:
    """An instance of Postfix with further settings."""
    owner = pwd.getpwnam("postfix")
    for name in ("etc", "queue", "data", "log", "sink"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    os.chown(directory / "data", owner.pw_uid, owner.pw_gid)
    os.chown(directory / "sink", NOBODY, NOBODY)
    main = (POSTFIX + more).format(directory=directory, **names)
    (directory / "etc" / "main.cf").write_text(main)
    (directory / "etc" / "master.cf").write_text(SERVICES.format(host=HOST, port=port))
    subprocess.run([program("postfix"), "-c", directory / "etc", "check"], check=True)
    daemons = postconf(Server(directory, None), "daemon_directory")
    line = [f"{daemons}/master", "-c", directory / "etc", "-d"]
    with running(line, directory / "output", [port]):
        yield


def alias(configuration: Path) -> str:
    """The command of the alias."""
    return f"/usr/bin/env -i REGCTL_CONFIG={configuration} {BINARY} bounce"


@contextlib.contextmanager
def postfix_relay(directory: Path, onward: int, configuration: Path) -> Iterator[int]:
    """Postfix, which pipes the mail to the sender's address."""
    port = free_port()
    (directory / "etc").mkdir(parents=True)
    aliases = directory / "etc" / "aliases"
    aliases.write_text(f'bounces: "|{alias(configuration)}"\n')
    (directory / "etc" / "main.cf").write_text("compatibility_level = 3.7\n")
    subprocess.run([program("postalias"), "-c", directory / "etc", f"hash:{aliases}"], check=True)
    # The command runs as the owner of the file, as regctl-bounce(1) says.
    os.chown(f"{aliases}.db", NOBODY, NOBODY)
    with postfix(directory, RELAY, port, onward=onward):
        yield port


EXIM = """
primary_hostname = relay.test
exim_path = {directory}/exim4
spool_directory = {directory}/spool
log_file_path = {directory}/log/%s.log
pid_file_path = {directory}/exim.pid
local_interfaces = {host}.{port}
tls_advertise_hosts =
dsn_advertise_hosts = *
acl_smtp_rcpt = accept
host_lookup =
rfc1413_query_timeout = 0s
keep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
never_users =
deliver_drop_privilege
queue_run_in_order

begin routers
reports:
  driver = accept
  domains = app.example
  transport = bounce
others:
  driver = manualroute
  route_list = * {host}
  self = send
  transport = onward

begin transports
bounce:
  driver = pipe
  command = {command}
  user = Debian-exim
  return_fail_output
onward:
  driver = smtp
  port = {onward}
  hosts_try_dane =
  hosts_avoid_tls = *
"""


@contextlib.contextmanager
def exim_relay(directory: Path, onward: int, configuration: Path) -> Iterator[int]:
    """Exim, which pipes the mail to the sender's address."""
    port = free_port()
    for name in ("spool", "log"):
        (directory / name).mkdir(parents=True)
        os.chown(directory / name, NOBODY, NOBODY)
    binary = directory / "exim4"
    shutil.copyfile(exim_binary(), binary)
    binary.chmod(0o755)
    file = directory / "exim.conf"
    file.write_text(
        EXIM.format(
            directory=directory, host=HOST, port=port, onward=onward, command=alias(configuration)
        )
    )
    line = [binary, "-C", file, "-bdf", "-q1m"]
    with running(line, directory / "output", [port], env=exim_environment(directory)):
        yield port


@contextlib.contextmanager
def server_behind(directory: Path) -> Iterator[int]:
    """Postfix, which refuses every recipient but one."""
    port = free_port()
    with postfix(directory, BEHIND, port, known=KNOWN):
        yield port


RELAYS = {"postfix": postfix_relay, "exim": exim_relay}

__all__ = ["KNOWN", "RELAYS", "SENDER", "server_behind", "wait_until"]
