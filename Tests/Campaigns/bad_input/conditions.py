"""The conditions in which commands are refused: damage, and other preparations."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from Campaigns.database import APPLICATION_TABLE
from Campaigns.preparation import ANN, BOB, EVE, long_ago, sql
from Campaigns.sites import LINKS
from regctl import Site
from tokens import bound_token, fingerprint


def denied(data: bytes, permissions: int = 0o600) -> Callable[[Site], None]:
    """Names a file of domains whose addresses are refused."""

    def spoil(site: Site) -> None:
        content("denied", data, permissions)(site)
        settings(deny_domains_file=site.directory / "denied")(site)

    return spoil


def now() -> int:
    return int(time.time())


def content(name: str, data: bytes, mode: int = 0o600) -> Callable[[Site], None]:
    """Writes a file of the site."""

    def spoil(site: Site) -> None:
        path = site.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        path.chmod(mode)

    return spoil


def database(data: bytes) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        site.db.write_bytes(data)

    return spoil


def other_database(*statements: str) -> Callable[[Site], None]:
    """A database with tables of another program."""

    def spoil(site: Site) -> None:
        site.db.unlink()
        sql(*statements)(site)

    return spoil


def directory_instead_of(name: str) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        path = site.directory / name
        path.unlink(missing_ok=True)
        path.mkdir()

    return spoil


def settings(**changed: object) -> Callable[[Site], None]:
    """Changes the configuration; `None` removes a setting."""

    def spoil(site: Site) -> None:
        site.settings |= changed
        for name in [name for name, kept in changed.items() if kept is None]:
            del site.settings[name]
        site.write_config()

    return spoil


def template(name: str, data: bytes) -> Callable[[Site], None]:
    """Writes a custom template."""

    def spoil(site: Site) -> None:
        content(f"templates/{name}", data)(site)
        settings(templates_dir=site.directory / "templates")(site)

    return spoil


def headers(data: bytes, mode: int = 0o600) -> Callable[[Site], None]:
    """Writes a file of further headers of mails."""

    def spoil(site: Site) -> None:
        content("mail.headers", data, mode)(site)
        settings(mail_headers=site.directory / "mail.headers")(site)

    return spoil


def config(data: bytes, mode: int = 0o600) -> Callable[[Site], None]:
    return content("regctl.conf", data, mode)


def config_line(line: bytes) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        with open(site.environment["REGCTL_CONFIG"], "ab") as file:
            file.write(line)

    return spoil


def command(*words: str) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        site.ok(*words)

    return spoil


def after(*steps: Callable[[Site], None]) -> Callable[[Site], None]:
    """Several preparations, one after the other."""

    def spoil(site: Site) -> None:
        for step in steps:
            step(site)

    return spoil


def mode(name: str, permissions: int) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        (site.directory / name).chmod(permissions)

    return spoil


def all_pages_but_the_first(site: Site) -> None:
    data = site.db.read_bytes()
    site.db.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))


def half(site: Site) -> None:
    """A truncated copy."""
    os.truncate(site.db, site.db.stat().st_size // 2)


def maildir_without_tmp(site: Site) -> None:
    (site.maildir / "tmp").rmdir()
    (site.maildir / "tmp").touch()


def two_of_three_long_ago(site: Site) -> None:
    site.ok(*REGISTER)
    long_ago(site)


def cut_short(name: str) -> Callable[[Site], None]:
    """A file with only its first line."""

    def spoil(site: Site) -> None:
        path = site.directory / name
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])

    return spoil


def two_of_three_planned(site: Site) -> None:
    two_of_three_long_ago(site)
    site.ok("prune", "--plan", site.directory / "plan")


def pruned(site: Site) -> None:
    """Ann and Eve are in the archive, as run 1."""
    two_of_three_long_ago(site)
    site.ok("prune", "--yes", "--max", "2")


def pruned_and_registered_anew(site: Site) -> None:
    pruned(site)
    site.ok("register", ANN, "--no-password")


def locked(site: Site) -> None:
    """Ann is locked."""
    site.ok("lock", ANN, "--reason", "sends spam")


def domain_locked(site: Site) -> None:
    """The domain of all addresses is locked."""
    site.ok("lock", "@example.org", "--reason", "sends spam", "--yes", "--force")


def deleted(site: Site) -> None:
    """Bob, the administrator, was deleted."""
    site.ok("delete", BOB, "--reason", "left", "--yes", "--force")


def deleted_and_registered_anew(site: Site) -> None:
    deleted(site)
    site.ok("register", BOB, "--no-password")


def sent(site: Site) -> None:
    site.ok("deliver")


# The pages of the application to which the links of the other purposes lead.
WITH_LINKS = settings(**LINKS)
# Bob is to have another address, by request 1.
MOVING = after(WITH_LINKS, command("change-email", BOB, "bob@post.example"))
MOVED = ["bob@post.example", "1"]


def change(payload: object = MOVED, age: int = 0) -> Callable[[], str]:
    """A token for a change of address."""
    return lambda: bound_token(payload, now() - age, "change-email")


def reset(payload: object = (ANN, fingerprint("!")), age: int = 0) -> Callable[[], str]:
    """A token for another password, by default a valid one for Ann, who has none."""
    return lambda: bound_token(payload, now() - age, "reset")


def changed_act(site: Site) -> None:
    sql("UPDATE regctl_audit SET email = 'eve@example.org' WHERE id = 2")(site)


def application_in_use(site: Site) -> None:
    """Others may read the database, which needs no log beside it."""
    sql("PRAGMA journal_mode=DELETE")(site)
    readable_database(site)


def readable_database(site: Site) -> None:
    """Others may read everything and write nothing."""
    site.db.chmod(0o644)
    Path(site.environment["REGCTL_CONFIG"]).chmod(0o644)


REGISTER = ["register", EVE, "--no-password"]
APPLICATION = other_database(APPLICATION_TABLE)
ACCOUNT_TABLES = {"users", "regctl_accounts", "regctl_audit", "regctl_outbox"}
TLS_SERVER = {"mail_transport": "smtp", "mail_server": "127.0.0.1", "mail_port": 1}
NO_SERVER = settings(mail_security="none", **TLS_SERVER)
NO_SENDMAIL = settings(mail_transport="sendmail", sendmail_path="/nonexistent/sendmail")
FAILING_SENDMAIL = settings(mail_transport="sendmail", sendmail_path="/bin/false")
DENIED = denied("# thrown away\nspam.example\nbücher.example\n".encode())
MISSPELT = template("confirm.html", b"<p>{{ confirm_ulr }}</p>")
SAMPLE_TEXT = b"This is a letter and no database.\n" * 100
