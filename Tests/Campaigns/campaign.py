"""What the campaigns share: a look into a database from outside, and ways to start regctl."""

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from itsdangerous import TimestampSigner, URLSafeTimedSerializer

# By path: another directory of tests may have a conftest of its own under the same name.
_path = Path(__file__).parents[1] / "conftest.py"
_spec = importlib.util.spec_from_file_location("regctl_site", _path)
_conftest = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_conftest)
BINARY, KEY, Site = _conftest.BINARY, _conftest.KEY, _conftest.Site

NOBODY = 65534
SALTS = {"confirm": "email-confirm", "reset": "password-reset", "change-email": "change-email"}
# The links that a site needs for the other purposes.
LINKS = {
    "reset_url": "https://app.example/reset/{token}",
    "change_email_url": "https://app.example/change/{token}",
}
# Settings that every site fills in for its own directory.
OWN_PATHS = {"db", "maildir_path"}
JOURNAL_MODES = ["wal", "truncate", "delete"]

# What must never reach a terminal as it is: control bytes, bidirectional and invisible characters.
DANGEROUS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)

# The table of the original application, as its SQLAlchemy model creates it.
APPLICATION_TABLE = """
CREATE TABLE users (
    id INTEGER NOT NULL,
    email VARCHAR NOT NULL,
    password VARCHAR NOT NULL,
    registered_on DATETIME NOT NULL,
    admin BOOLEAN NOT NULL,
    confirmed BOOLEAN NOT NULL,
    confirmed_on DATETIME,
    PRIMARY KEY (id),
    UNIQUE (email)
)
"""


# A password hash that belongs to no password.
HASH = "$2b$04$abcdefghijklmnopqrstuuLnqI1P4rdqGwkF6wU1Gk6TU4u4xAzVS"


def token(email: str, at: int, purpose: str = "confirm", key: str = KEY) -> str:
    """The token that the Flask application would have issued at a second."""
    return bound_token(email, at, purpose, key)


def fingerprint(stored_hash: str) -> str:
    """What ties a reset token to the password that it replaces."""
    return hashlib.sha256(stored_hash.encode()).hexdigest()[:16]


def bound_token(payload: object, at: int, purpose: str, key: str = KEY) -> str:
    """A token that says anything, such as a list of an address and what it is bound to."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return at

    return URLSafeTimedSerializer(key, salt=SALTS[purpose], signer=Signer).dumps(payload)


@contextlib.contextmanager
def connected(db: Path) -> Iterator[sqlite3.Connection]:
    """A connection in autocommit mode, closed at the end."""
    connection = sqlite3.connect(db, isolation_level=None, timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def rows(db: Path, sql: str, *values: object) -> list[tuple]:
    """What a query answers."""
    with connected(db) as connection:
        return connection.execute(sql, values).fetchall()


def value(db: Path, sql: str, *values: object) -> object:
    """The first column of the first row that a query answers."""
    return rows(db, sql, *values)[0][0]


def dump(db: Path) -> dict[str, list[tuple]]:
    """Every table of a database and its schema, as far as SQL can tell."""
    with connected(db) as connection:
        connection.text_factory = bytes
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
        tables = [name.decode() for (name,) in names.fetchall()]
        content = {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for name in tables
        }
        content["sqlite_schema"] = connection.execute(
            "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
        ).fetchall()
        return content


def snapshot(directory: Path) -> dict[str, object]:
    """Everything in a directory: databases by what they say, other files by mode and content."""
    found: dict[str, object] = {}
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if name.endswith(("-wal", "-shm", "-journal")):
            continue
        mode = path.lstat().st_mode
        if not path.is_file():
            found[name] = mode
            continue
        data = path.read_bytes()
        found[name] = (mode, hashlib.sha256(data).hexdigest())
        if data.startswith(b"SQLite format 3\0"):
            # A damaged one has nothing to say beyond its bytes.
            with contextlib.suppress(sqlite3.DatabaseError):
                found[name] = (mode, dump(path))
    return found


def integrity(db: Path) -> str:
    """`ok`, or what SQLite finds wrong with a database."""
    try:
        return value(db, "PRAGMA integrity_check")
    except sqlite3.DatabaseError as error:
        return str(error)


def copy_of(site: Site, directory: Path) -> Site:
    """The same site in another directory, to be used up."""
    shutil.copytree(site.directory, directory)
    copy = Site(directory, **{key: site.settings[key] for key in site.settings.keys() - OWN_PATHS})
    if site.key_file.exists():
        copy.key_file.write_bytes(site.key_file.read_bytes())
    else:
        copy.key_file.unlink()
    return copy


def with_database(site: Site, journal_mode: str) -> Site:
    """The site with a new database in a journal mode; `delete` is an adopted one."""
    if journal_mode == "delete":
        with connected(site.db) as connection:
            connection.execute(APPLICATION_TABLE)
        site.db.chmod(0o600)
        site.ok("migrate-db")
    else:
        site.ok("create-db", "--journal-mode", journal_mode)
    assert value(site.db, "PRAGMA journal_mode") in {journal_mode, "delete"}
    return site


def adopted(new_site: Callable[..., Site], *accounts: tuple) -> Site:
    """A site with an application's accounts: address, password, registered, confirmed or None."""
    site = new_site(**LINKS)
    with connected(site.db) as connection:
        connection.execute(APPLICATION_TABLE)
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed, confirmed_on)"
            " VALUES (?1, ?2, ?3, 0, ?4 IS NOT NULL, ?4)",
            accounts,
        )
    site.db.chmod(0o600)
    site.ok("migrate-db")
    return site


def spawn(site: Site, *words: object, **options: object) -> subprocess.Popen:
    """Starts regctl in a site, with pipes for its output unless told otherwise."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    line = [BINARY, *map(str, words)]
    return subprocess.Popen(line, env=site.environment, **(streams | options))


def help_of(*words: str) -> str:
    """A page of help."""
    result = subprocess.run([BINARY, "help", *words], capture_output=True, env={}, check=True)
    return result.stdout.decode()


def commands() -> list[str]:
    """Every command that the help lists."""
    overview = help_of().split("HELP TOPICS")[0]
    names = re.findall(r"^  ([a-z][a-z-]+) {2,}\S", overview, re.MULTILINE)
    assert len(names) >= 15, overview
    return names


def topics() -> list[str]:
    """Every topic that the help lists."""
    section = help_of().split("HELP TOPICS")[1].split("GLOBAL OPTIONS")[0]
    return re.findall(r"^  ([a-z][a-z-]+) {2,}\S", section, re.MULTILINE)


def error_codes() -> list[str]:
    """The closed list of error codes, as the help prints it."""
    return re.findall(r"[a-z_]+", help_of("exit-codes").split("The codes are:")[1])


def last_error(stderr: bytes) -> dict:
    """The JSON error on the last line of standard error."""
    return json.loads(stderr.splitlines()[-1])["error"]


@contextlib.contextmanager
def public_directory() -> Iterator[Path]:
    """A directory that every user can reach, unlike pytest's own."""
    directory = Path(tempfile.mkdtemp(prefix="regctl-campaign."))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def give_to_nobody(directory: Path) -> None:
    """Makes an unprivileged user the owner of a directory and all in it."""
    for path in [directory, *directory.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
