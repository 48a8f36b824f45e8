"""P1-P8: `prune` takes what it may and nothing else, whole or not at all, and all of it comes back."""

import contextlib
import itertools
import json
import os
import random
import re
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pexpect
import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from Campaigns.database import JOURNAL_MODES, connected, dump, integrity, rows, value
from Campaigns.kills import WRITING_CALLS, Command, Kill, campaign
from Campaigns.memory import measured
from Campaigns.processes import at_once, last_error, spawn
from Campaigns.sites import with_database
from Campaigns.terminal import on_terminal, rest
from Peers import flask_application
from regctl import BINARY, KEY, Site
from tokens import token

DAY = 86_400
FORTNIGHT = 14 * DAY
OLD = "2020-01-02 03:04:05.678901"
LONG_AGO = 1_577_934_366
SALT = "my_precious_two"
PASSWORD = "right password"
ALL = ["--max", 1_000_000]
KILOBYTES_AT_MOST = 60 * 1024

# An application's own table, whose further columns need a value and have no default.
FURTHER_TABLE = """
CREATE TABLE users (
    id INTEGER NOT NULL,
    email VARCHAR NOT NULL,
    password VARCHAR NOT NULL,
    nickname VARCHAR NOT NULL,
    registered_on DATETIME NOT NULL,
    admin BOOLEAN NOT NULL,
    confirmed BOOLEAN NOT NULL,
    confirmed_on DATETIME,
    logins INTEGER NOT NULL,
    balance FLOAT NOT NULL,
    avatar BLOB NOT NULL,
    "a ""fine"" thing" NUMERIC,
    anything,
    loud VARCHAR GENERATED ALWAYS AS (upper(nickname)),
    PRIMARY KEY (id),
    UNIQUE (email)
)
"""


# Sites beside an application that writes UTC, and whose operator has said so: in these tests, what
# an account's date says is when it was registered.


@pytest.fixture
def new_site(new_site) -> Callable[..., Site]:
    return lambda **settings: new_site(**{"legacy_timezone": "UTC"} | settings)


@pytest.fixture
def site(new_site) -> Site:
    site = new_site()
    site.ok("create-db")
    return site


# Making accounts


def text_of(moment: float) -> str:
    """A moment as SQLAlchemy writes it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def seconds_of(moment: str) -> int:
    """The second that regctl has printed."""
    return int(datetime.fromisoformat(moment).timestamp())


def user(number: int) -> str:
    return f"user{number}@example.org"


def write_account(connection: sqlite3.Connection, email: str, registered_on: object = OLD) -> int:
    """Writes an unconfirmed account past regctl and returns its number."""
    return connection.execute(
        "INSERT INTO users (email, password, registered_on, admin, confirmed)"
        " VALUES (?, '!', ?, 0, 0)",
        (email, registered_on),
    ).lastrowid


def write_mail(
    connection: sqlite3.Connection, account: int, state: str = "sent", finished_at: int = LONG_AGO
) -> None:
    """Writes a mail in a state to an account."""
    waits = state in ("queued", "sending")
    connection.execute(
        "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, attempts,"
        " queued_at, finished_at, last_reply, message_id) SELECT id, email, 'confirm', 'confirm',"
        " ?, 1, ?, ?, '250 ok', 'm' || id || '@app.example' FROM users WHERE id = ?",
        (state, LONG_AGO - 60, None if waits else finished_at, account),
    )


def populate(
    db: Path, emails: list[str], registered_on: object = OLD, mails: tuple[str, ...] = ("sent",)
) -> None:
    """Writes accounts with mails that were dealt with long ago."""
    with connected(db) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        for email in emails:
            account = write_account(connection, email, registered_on)
            for state in mails:
                write_mail(connection, account, state)
        connection.execute("COMMIT")


def stale(db: Path, count: int) -> list[str]:
    """Writes accounts that are to go."""
    emails = [user(number) for number in range(count)]
    populate(db, emails)
    return emails


def fresh(db: Path, count: int) -> None:
    """Writes accounts that are too young to go."""
    populate(db, [f"fresh{number}@example.org" for number in range(count)], text_of(time.time()))


def emails_in(db: Path, table: str = "users") -> list[str]:
    return [email for (email,) in rows(db, f"SELECT email FROM {table} ORDER BY email")]


def fates(site: Site, *words: object) -> dict[str, tuple[str, str | None]]:
    """What a dry run says would become of each account, and why."""
    answer = site.json("prune", "--dry-run", *words)
    assert answer["dry_run"] is True
    found = {each["email"]: (each["result"], each["reason"]) for each in answer["accounts"]}
    assert len(found) == len(answer["accounts"]), "an account twice"
    return found


def prune(site: Site, *words: object) -> dict:
    """Prunes without a question and without a limit."""
    return site.json("prune", "--yes", *ALL, *words)


# What a run says


def test_a_run_is_told_as_one_object_and_listed(site):
    stale(site.db, 3)
    populate(site.db, ["never@example.org"], mails=())
    fresh(site.db, 4)
    before = int(time.time())
    answer = site.json("prune", "--yes")
    assert list(answer) == ["schema", "run", "dry_run", "cutoff", "pruned", "kept", "accounts"]
    assert (answer["schema"], answer["run"], answer["dry_run"], answer["pruned"]) == (1, 1, False, 3)
    assert before - FORTNIGHT <= seconds_of(answer["cutoff"]) <= time.time() - FORTNIGHT
    assert answer["kept"] == {"no_final_answer": 1}
    assert [each["email"] for each in answer["accounts"]] == [user(number) for number in range(3)]
    [run] = site.json("list-prunes")["prunes"]
    assert (run["run"], run["pruned"], run["restored"]) == (1, 3, 0)
    assert run["cutoff"] == answer["cutoff"]


def test_a_second_run_finds_nothing_and_is_none(site):
    stale(site.db, 2)
    prune(site)
    answer = prune(site)
    assert (answer["run"], answer["pruned"], answer["accounts"]) == (None, 0, [])
    assert len(site.json("list-prunes")["prunes"]) == 1


def test_a_run_leaves_an_archive_a_tombstone_and_an_act_of_each_account(site):
    emails = stale(site.db, 3)
    prune(site)
    assert emails_in(site.db) == []
    assert emails_in(site.db, "regctl_archive") == emails
    assert value(site.db, "SELECT count(*) FROM regctl_tombstones") == 3
    assert value(site.db, "SELECT count(*) FROM regctl_audit WHERE act = 'prune'") == 1
    assert value(site.db, "SELECT count(*) FROM regctl_audit_accounts") == 3


# P1: looking changes nothing

# Has a database open while others look at it; another process, since locks are lost with any of
# a process's descriptors of the file.
HOLDS = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    db.execute(statement).fetchone()
print("ready", flush=True)
sys.stdin.read()
"""
HABITS = {
    "idle": ["SELECT * FROM users"],
    "reading": ["BEGIN", "SELECT * FROM users"],
    "writing": ["BEGIN IMMEDIATE", "UPDATE users SET password = 'x'"],
}
SPILLING = [
    "PRAGMA cache_size=1",
    "BEGIN IMMEDIATE",
    "UPDATE regctl_outbox SET last_reply = zeroblob(10000)",
]


@contextlib.contextmanager
def held(db: Path, statements: list[str]) -> Iterator[None]:
    """While this lasts, another process has the database open and has run statements."""
    words = [sys.executable, "-I", "-S", "-c", HOLDS, db, *statements]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        yield
        process.stdin.close()


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


def leave_unchanged(site: Site, made: list[str] = []) -> None:
    """Looks, which must show the accounts, leave every file as it was and make none but those."""
    before = files(site.directory)
    for words in (["--json"], [], ["--format", "tsv"]):
        assert user(0) in site.ok("prune", "--dry-run", *words)
    after = files(site.directory)
    assert sorted(after) == sorted([*before, *made])
    assert [name for name in before if after[name] != before[name]] == []


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_a_dry_run_changes_no_byte(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    stale(site.db, 20)
    leave_unchanged(site)


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
@pytest.mark.parametrize("habit", HABITS)
def test_a_dry_run_changes_no_byte_beside_an_open_connection(new_site, journal_mode, habit):
    """With a log, all accounts are in there."""
    site = with_database(new_site(), journal_mode)
    with held(site.db, HABITS["idle"]):
        stale(site.db, 20)
        with held(site.db, HABITS[habit]):
            assert Path(f"{site.db}-wal").exists() == (journal_mode == "wal")
            leave_unchanged(site)


@pytest.mark.parametrize("habit", ["idle", "reading"])
def test_a_dry_run_changes_no_byte_beside_one_who_knows_an_older_log(site, habit):
    stale(site.db, 20)
    with held(site.db, HABITS[habit]):
        fresh(site.db, 1)
        leave_unchanged(site)


def test_a_dry_run_changes_no_byte_while_a_log_has_pages_of_an_unfinished_change(site):
    stale(site.db, 20)
    with held(site.db, SPILLING):
        leave_unchanged(site)


@pytest.mark.parametrize("has_index", [True, False], ids=["with its index", "without its index"])
def test_a_dry_run_changes_no_byte_of_a_log_that_nobody_has_open(new_site, has_index):
    """As a killed process leaves it; who reads a log that has lost its index needs a new one."""
    site, left = with_database(new_site(), "wal"), new_site()
    with held(site.db, HABITS["idle"]):
        stale(site.db, 20)
        for name, content in files(site.directory).items():
            if name.startswith("regctl.db") and (has_index or not name.endswith("-shm")):
                (left.directory / name).write_bytes(content)
    assert (left.directory / "regctl.db-wal").stat().st_size > 0
    leave_unchanged(left, made=[] if has_index else ["regctl.db-shm"])


# P2: who stays


def mailed_at(connection: sqlite3.Connection, email: str, second: int) -> None:
    write_mail(connection, write_account(connection, email), "sent", second)


def mailed_at_and_refused_before(
    connection: sqlite3.Connection, email: str, second: int
) -> None:
    account = write_account(connection, email)
    write_mail(connection, account, "sent", second)
    write_mail(connection, account, "failed", LONG_AGO)


def touched_at(connection: sqlite3.Connection, email: str, second: int) -> None:
    account = write_account(connection, email)
    write_mail(connection, account)
    connection.execute(
        "INSERT INTO regctl_audit (at, actor, uid, act, account_id, email)"
        " VALUES (?, 'me', 0, 'issue-token', ?, ?)",
        (second, account, email),
    )


def touched_with_others_at(connection: sqlite3.Connection, email: str, second: int) -> None:
    account = write_account(connection, email)
    write_mail(connection, account)
    act = connection.execute(
        "INSERT INTO regctl_audit (at, actor, uid, act) VALUES (?, 'me', 0, 'issue-token')",
        (second,),
    ).lastrowid
    connection.execute(
        "INSERT INTO regctl_audit_accounts (account_id, audit_id, subject_id) VALUES (?1, ?2, ?1)",
        (account, act),
    )


def registered_at(connection: sqlite3.Connection, email: str, second: int) -> None:
    write_mail(connection, write_account(connection, email, text_of(second)))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (mailed_at, "recent_mail"),
        (mailed_at_and_refused_before, "recent_mail"),
        (touched_at, "recent_act"),
        (touched_with_others_at, "recent_act"),
        (registered_at, None),
    ],
    ids=lambda part: getattr(part, "__name__", str(part)),
)
@pytest.mark.parametrize("age", [None, "3h", "90d"])
def test_an_account_stays_while_one_of_its_dates_is_a_second_too_young(site, make, reason, age):
    """Accounts a second apart lie around the moment, so that the run itself may say where it is."""
    span = {None: FORTNIGHT, "3h": 3 * 3600, "90d": 90 * DAY}[age]
    words = [] if age is None else ["--older-than", age]
    begin = int(time.time()) - span
    email = {second: f"at{second}@example.org" for second in range(begin - 3, begin + 60)}
    with connected(site.db) as connection:
        connection.execute("BEGIN")
        for second in email:
            make(connection, email[second], second)
        connection.execute("COMMIT")

    answer = site.json("prune", "--dry-run", *words)
    cutoff = seconds_of(answer["cutoff"])
    assert begin <= cutoff < begin + 59
    old = [email[second] for second in email if second <= cutoff]
    expected = {each: ("prune", None) for each in old}
    if reason:
        expected |= {email[second]: ("keep", reason) for second in email if second > cutoff}
    found = {each["email"]: (each["result"], each["reason"]) for each in answer["accounts"]}
    assert found == expected

    answer = prune(site, *words)
    cutoff = seconds_of(answer["cutoff"])
    gone = [email[second] for second in email if second <= cutoff]
    assert sorted(each["email"] for each in answer["accounts"]) == sorted(gone)
    assert emails_in(site.db) == sorted(set(email.values()) - set(gone))
    assert answer["kept"] == ({reason: len(email) - len(gone)} if reason else {})


FATES_BY_MAILS = {
    (): ("keep", "no_final_answer"),
    ("sent",): ("prune", None),
    ("failed",): ("prune", None),
    ("cancelled",): ("keep", "no_final_answer"),
    ("expired",): ("keep", "no_final_answer"),
    ("queued",): ("keep", "mail_pending"),
    ("sending",): ("keep", "mail_pending"),
    ("queued", "sent"): ("keep", "mail_pending"),
    ("sending", "failed"): ("keep", "mail_pending"),
    ("sent", "queued"): ("keep", "mail_pending"),
    ("sent", "cancelled"): ("keep", "no_final_answer"),
    ("failed", "expired"): ("keep", "no_final_answer"),
    ("cancelled", "sent"): ("prune", None),
    ("expired", "failed"): ("prune", None),
}


@pytest.mark.parametrize("includes", [False, True], ids=["", "--include-never-mailed"])
def test_an_account_stays_by_what_became_of_its_mails(site, includes):
    words = ["--include-never-mailed"] if includes else []
    expected = {}
    for mails, fate in FATES_BY_MAILS.items():
        email = "-".join(["mails", *mails]) + "@example.org"
        populate(site.db, [email], mails=mails)
        waived = includes and fate[1] == "no_final_answer"
        expected[email] = ("prune", None) if waived else fate
    assert fates(site, *words) == expected
    answer = prune(site, *words)
    kept = {email: fate for email, fate in expected.items() if fate[0] == "keep"}
    assert emails_in(site.db) == sorted(kept)
    assert answer["kept"] == Counter(reason for _, reason in kept.values())


def test_an_account_that_was_never_mailed_stays_for_its_other_reasons(site):
    second = int(time.time()) - FORTNIGHT + DAY
    with connected(site.db) as connection:
        touched_at(connection, "touched@example.org", second)
        mailed_at(connection, "mailed@example.org", second)
        account = write_account(connection, "both@example.org")
        write_mail(connection, account, "sent", second)
        write_mail(connection, account, "cancelled")
    assert fates(site, "--include-never-mailed") == {
        "touched@example.org": ("keep", "recent_act"),
        "mailed@example.org": ("keep", "recent_mail"),
        "both@example.org": ("keep", "recent_mail"),
    }
    assert prune(site, "--include-never-mailed")["pruned"] == 0


@pytest.mark.parametrize("stored", ["", "1999", "0000-00-00", "2020-13-01 00:00:00", 5, 2020.5, 0])
def test_an_account_without_a_readable_date_stays(site, stored):
    populate(site.db, ["odd@example.org"], stored)
    stale(site.db, 1)
    assert fates(site) == {"odd@example.org": ("keep", "unreadable_date"), user(0): ("prune", None)}
    assert prune(site)["kept"] == {"unreadable_date": 1}
    assert emails_in(site.db) == ["odd@example.org"]


@pytest.mark.parametrize("hours", [-12, -1, 0, 1, 14])
def test_an_account_is_as_old_as_its_date_says_with_its_offset(site, hours):
    """An hour younger than the cutoff, written as another part of the world would."""
    moment = datetime.now(timezone(timedelta(hours=hours))) - timedelta(days=14, hours=-1)
    populate(site.db, ["away@example.org"], moment.isoformat(" ", "seconds"))
    assert ("prune", None) not in fates(site).values()
    assert prune(site)["pruned"] == 0


def test_administrators_and_confirmed_accounts_are_not_even_looked_at(site):
    populate(site.db, ["admin@example.org", "done@example.org", "both@example.org"])
    with connected(site.db) as connection:
        connection.execute("UPDATE users SET admin = 1 WHERE email NOT LIKE 'done@%'")
        connection.execute("UPDATE users SET confirmed = 1 WHERE email NOT LIKE 'admin@%'")
    stale(site.db, 1)
    assert list(fates(site, "--include-never-mailed")) == [user(0)]
    assert prune(site, "--include-never-mailed")["pruned"] == 1
    assert emails_in(site.db) == ["admin@example.org", "both@example.org", "done@example.org"]


def test_what_operators_do_keeps_an_account(site):
    """One who acts on many at once as well."""
    stale(site.db, 5)
    site.ok("issue-token", user(0))
    site.ok("issue-token", "--stdin", input=f"{user(1)}\n{user(2)}\n")
    site.ok("resend", user(3), "--force")
    assert fates(site) == {
        user(0): ("keep", "recent_act"),
        user(1): ("keep", "recent_act"),
        user(2): ("keep", "recent_act"),
        user(3): ("keep", "mail_pending"),
        user(4): ("prune", None),
    }
    assert prune(site)["pruned"] == 1


def test_who_was_brought_back_stays_as_if_touched(site):
    stale(site.db, 1)
    prune(site)
    site.ok("unprune", 1)
    assert fates(site) == {user(0): ("keep", "recent_act")}


def test_an_age_below_that_of_links_is_refused(new_site):
    site = new_site(token_max_age="2h")
    site.ok("create-db")
    populate(site.db, [user(0)], text_of(time.time() - 7201), mails=("failed",))
    code, error = site.error("prune", "--yes", *ALL, "--older-than", "7199s")
    assert (code, error["exit"]) == (64, 64)
    code, _ = site.error("prune", "--dry-run", "--older-than", "1h")
    assert code == 64
    assert emails_in(site.db) == [user(0)]
    # The control: the lifetime of links itself is old enough.
    assert prune(site, "--older-than", "7200s")["pruned"] == 1


def test_the_age_of_the_configuration_holds_without_an_option(new_site):
    site = new_site(prune_after="30d")
    site.ok("create-db")
    populate(site.db, ["month@example.org"], text_of(time.time() - 31 * DAY))
    populate(site.db, ["week@example.org"], text_of(time.time() - 29 * DAY))
    assert [each["email"] for each in prune(site)["accounts"]] == ["month@example.org"]


# P2: in whose time


def other_zone(site: Site, zone: str | None) -> Site:
    """The same site where the operator says something else of the application, or nothing."""
    site.settings.pop("legacy_timezone", None)
    if zone:
        site.settings["legacy_timezone"] = zone
    site.write_config()
    return site


def local_text(moment: float, hours: float) -> str:
    """A moment as clocks show it that are so many hours ahead of UTC."""
    return text_of(moment + hours * 3600)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("UTC", 0), ("Asia/Tokyo", 9), ("Pacific/Kiritimati", 14), ("Asia/Kathmandu", 5.75),
     ("America/Phoenix", -7), ("Etc/GMT+12", -12)],
)  # fmt: skip
def test_an_account_of_the_application_is_as_old_as_its_zone_says(site, zone, hours):
    """Accounts an hour apart, from forty hours before the cutoff to forty behind."""
    other_zone(site, zone)
    middle = time.time() - FORTNIGHT
    for number in range(-40, 41):
        moment = middle + number * 3600 + 60
        populate(site.db, [f"hour{number}@example.org"], local_text(moment, hours))
    expected = {f"hour{number}@example.org": ("prune", None) for number in range(-40, 0)}
    result = site.run("prune", "--dry-run", "--json", *ALL)
    assert result.stderr == b""
    assert results(json.loads(result.stdout)) == expected
    assert results(prune(site)) == {email: ("pruned", None) for email in expected}


def test_where_the_zone_is_unknown_fourteen_hours_are_granted_and_that_is_said(site):
    other_zone(site, None)
    middle = time.time() - FORTNIGHT
    for number in range(-40, 41):
        populate(site.db, [f"hour{number}@example.org"], text_of(middle + number * 3600 + 60))
    site.ok("register", "ours@example.org", "--no-password")
    expected = [f"hour{number}@example.org" for number in range(-40, -14)]
    hint = "hint: set legacy_timezone to its time zone, such as Europe/Berlin\n"
    said = f"regctl: prune: 40 accounts of the application are given 14 hours more\n{hint}"
    path = site.directory / "plan"
    for words in (["--dry-run"], ["--plan", path], ["--yes", *ALL]):
        result = site.run("prune", *words)
        assert result.returncode == 0
        assert result.stderr.decode() == said, words
    assert [each["email"] for each in lines(path)[1:]] == expected
    assert emails_in(site.db, "regctl_archive") == sorted(expected)
    said = f"regctl: prune: 14 accounts of the application are given 14 hours more\n{hint}"
    assert site.run("prune", "--yes").stderr.decode() == said
    for words in (["--dry-run"], ["--yes"], ["--plan", site.directory / "other"]):
        assert site.run("prune", *words, "--quiet").stderr == b""


def test_what_regctl_registered_needs_no_zone(site):
    other_zone(site, None)
    populate(site.db, ["ours@example.org"], text_of(time.time() - FORTNIGHT - 60))
    with connected(site.db) as connection:
        connection.execute("INSERT INTO regctl_accounts SELECT id, 0, NULL FROM users")
    result = site.run("prune", "--dry-run", "--json", *ALL)
    assert result.stderr == b""
    assert results(json.loads(result.stdout)) == {"ours@example.org": ("prune", None)}


@contextlib.contextmanager
def clocks_in(zone: str) -> Iterator[None]:
    """While this lasts, this process shows the time of a zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin"])
def test_what_the_application_itself_writes_is_understood(new_site, zone):
    """By whoever knows its zone: a link from before, and an hour of age."""
    site = other_zone(new_site(security_password_salt=SALT), zone)
    with clocks_in(zone):
        application = flask_application.create_application(
            site.db, SECRET_KEY=KEY, SECURITY_PASSWORD_SALT=SALT
        )
        with application.app_context():
            flask_application.db.create_all()
        site.db.chmod(0o600)
        site.ok("migrate-db")
        form = {"email": "ann@example.org", "password": PASSWORD}
        begin = int(time.time())
        application.test_client().post("/register", data=form)
        with application.app_context():
            flask_application.db.engine.dispose()

    def verdict(second: int) -> str:
        signer = salted(second)
        result = site.run("inspect-token", signer.dumps("ann@example.org"), "--json")
        return json.loads(result.stdout)["verdict"]

    assert [verdict(begin - 1), verdict(int(time.time()))] == ["token_predates_account", "valid"]
    other_zone(site, None)
    assert verdict(begin - 1) == "valid"
    with connected(site.db) as connection:
        connection.execute(
            "UPDATE users SET registered_on = strftime('%Y-%m-%d %H:%M:%f', registered_on, '-2 hours')"
        )
        write_mail(connection, 1)
    ages = {age: fates(other_zone(site, zone), "--older-than", age) for age in ("119m", "125m")}
    assert ages == {"119m": {"ann@example.org": ("prune", None)}, "125m": {}}


def salted(second: int) -> URLSafeTimedSerializer:
    """What the application signs with, at a second."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return second

    return URLSafeTimedSerializer(KEY, salt=SALT, signer=Signer)


# P2: how many may go


def test_of_more_than_prune_max_nothing_goes(new_site):
    site = new_site(prune_max=5)
    site.ok("create-db")
    stale(site.db, 6)
    fresh(site.db, 50)
    before = dump(site.db)
    code, error = site.error("prune", "--yes")
    assert (code, error["code"]) == (1, "prune_cap")
    assert dump(site.db) == before
    site.ok("resend", user(0), "--force")
    assert site.json("prune", "--yes")["pruned"] == 5


def test_of_more_than_a_thousand_nothing_goes_by_default(site):
    stale(site.db, 1001)
    fresh(site.db, 1500)
    code, error = site.error("prune", "--yes")
    assert (code, error["code"]) == (1, "prune_cap")
    site.ok("resend", user(0), "--force")
    assert site.json("prune", "--yes")["pruned"] == 1000


def test_of_more_than_half_of_all_nothing_goes(site):
    stale(site.db, 4)
    fresh(site.db, 3)
    before = dump(site.db)
    code, error = site.error("prune", "--yes")
    assert (code, error["code"]) == (1, "prune_cap")
    assert dump(site.db) == before
    # The control: half is not more than half.
    site.ok("register", "more@example.org", "--no-password")
    assert site.json("prune", "--yes")["pruned"] == 4


@pytest.mark.parametrize("prune_max", [2, 1000])
def test_a_limit_of_the_command_replaces_both_others(new_site, prune_max):
    site = new_site(prune_max=prune_max)
    site.ok("create-db")
    stale(site.db, 4)
    code, error = site.error("prune", "--yes", "--max", 3)
    assert (code, error["code"]) == (1, "prune_cap")
    assert len(emails_in(site.db)) == 4
    assert site.json("prune", "--yes", "--max", 4)["pruned"] == 4


def test_a_dry_run_tells_of_more_than_may_go(site):
    stale(site.db, 30)
    assert fates(site) == {user(number): ("prune", None) for number in range(30)}
    result = site.run("prune", "--dry-run")
    assert result.returncode == 0
    words = "30 of 30 accounts would go, more than half: nothing is deleted"
    assert result.stderr.decode() == f"regctl: prune: {words}\n"
    assert site.run("prune", "--dry-run", "--max", "30").stderr == b""


# Planned by one, done by another


def plan_of(site: Site, *words: object) -> Path:
    """Writes a plan."""
    path = site.directory / "plan"
    site.ok("prune", "--plan", path, *words)
    return path


def apply(site: Site, path: Path, *words: object) -> dict:
    return site.json("prune", "--apply", path, "--yes", *ALL, *words)


def results(answer: dict) -> dict[str, tuple[str, str | None]]:
    return {each["email"]: (each["result"], each["reason"]) for each in answer["accounts"]}


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_plan_says_what_a_dry_run_says(site):
    stale(site.db, 3)
    populate(site.db, ["never@example.org"], mails=())
    fresh(site.db, 2)
    before = int(time.time())
    answer = site.json("prune", "--plan", site.directory / "plan")
    assert answer["planned"] == 3 and answer["kept"] == {"no_final_answer": 1}
    path = site.directory / "plan"
    assert path.stat().st_mode & 0o777 == 0o600
    first, *accounts = lines(path)
    assert list(first) == [
        "schema", "plan", "made_at", "cutoff", "include_never_mailed", "accounts"
    ]
    assert (first["schema"], first["plan"], first["accounts"]) == (1, 1, 3)
    assert first["cutoff"] == answer["cutoff"] and first["made_at"] == answer["made_at"]
    assert before - FORTNIGHT <= seconds_of(first["cutoff"]) <= time.time() - FORTNIGHT
    listed = site.json("prune", "--dry-run")["accounts"]
    dry = [
        {"id": each["id"], "email": each["email"], "registered_on": each["registered_on"],
         "stored": OLD}
        for each in listed
        if each["result"] == "prune"
    ]
    assert accounts == dry
    assert site.json("prune", "--apply", path, "--dry-run")["accounts"] == [
        each for each in listed if each["result"] == "prune"
    ]


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_making_a_plan_changes_no_byte_of_the_database(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    stale(site.db, 20)
    with held(site.db, HABITS["idle"]):
        before = files(site.directory)
        plan = plan_of(site)
        site.ok("prune", "--apply", plan, "--dry-run")
        after = files(site.directory)
    assert after.pop("plan")
    assert after == before


def test_exactly_the_rest_of_a_plan_goes(site):
    """Whatever may happen to an account in an afternoon, each to one of its own."""
    emails = stale(site.db, 12)
    plan = plan_of(site)
    site.ok("confirm", "--email", user(0), "--reason", "called")
    site.ok("create-admin", user(1), "--promote")
    with connected(site.db) as connection:
        connection.execute("UPDATE users SET email = 'new@example.org' WHERE id = 3")
        connection.execute("UPDATE users SET admin = 1, confirmed = 0 WHERE id = 2")
        connection.execute("UPDATE users SET registered_on = ? WHERE id = 4", (OLD[:-1],))
        connection.execute("UPDATE regctl_outbox SET finished_at = ? WHERE account_id = 5",
                           (int(time.time()),))
        connection.execute("CREATE TABLE posts (id INTEGER, author INTEGER REFERENCES users (id))")
        connection.execute("INSERT INTO posts VALUES (1, 6)")
        connection.execute("UPDATE regctl_outbox SET state = 'expired' WHERE account_id = 7")
    site.ok("issue-token", user(7))
    site.ok("resend", user(8), "--force")
    site.ok("delete", user(9), "--reason", "left", "--yes")
    # The last number is given anew.
    site.ok("delete", user(11), "--reason", "left", "--yes")
    site.ok("register", user(11), "--no-password")
    # As old as the others, and not in the plan.
    populate(site.db, ["stale@example.org"])
    expected = {
        user(0): ("kept", "confirmed"),
        user(1): ("kept", "administrator"),
        user(2): ("kept", "other_address"),
        user(3): ("kept", "other_registration"),
        user(4): ("kept", "recent_mail"),
        user(5): ("kept", "in_use"),
        user(6): ("kept", "no_final_answer"),
        user(7): ("kept", "recent_act"),
        user(8): ("kept", "mail_pending"),
        user(9): ("kept", "gone"),
        user(10): ("pruned", None),
        user(11): ("kept", "other_registration"),
    }
    dry = site.json("prune", "--apply", plan, "--dry-run")
    as_if = {"prune": "pruned", "keep": "kept"}
    assert {
        each["email"]: (as_if[each["result"]], each["reason"]) for each in dry["accounts"]
    } == expected
    answer = apply(site, plan)
    assert results(answer) == expected
    assert [each["email"] for each in answer["accounts"]] == emails
    assert (answer["run"], answer["pruned"]) == (1, 1)
    assert answer["kept"] == Counter(reason for _, reason in expected.values() if reason)
    assert answer["cutoff"] == lines(plan)[0]["cutoff"]
    assert emails_in(site.db, "regctl_archive") == [user(10)]
    assert "stale@example.org" in emails_in(site.db)
    assert value(site.db, "SELECT count(*) FROM regctl_tombstones") == 1
    [run] = site.json("list-prunes")["prunes"]
    assert (run["run"], run["pruned"], run["cutoff"]) == (1, 1, answer["cutoff"])
    site.ok("unprune", 1)
    assert user(10) in emails_in(site.db)


def test_a_plan_that_is_applied_twice_finds_nobody_and_that_is_success(site):
    emails = stale(site.db, 3)
    plan = plan_of(site)
    assert apply(site, plan)["pruned"] == 3
    before = dump(site.db)
    answer = apply(site, plan)
    assert (answer["run"], answer["pruned"]) == (None, 0)
    assert results(answer) == {email: ("kept", "gone") for email in emails}
    assert site.ok("prune", "--apply", plan, "--yes").startswith("Nothing to prune.\n")
    assert dump(site.db) == before


def test_a_plan_of_those_never_mailed_is_done_with_them(site):
    populate(site.db, ["never@example.org"], mails=())
    plan = plan_of(site, "--include-never-mailed")
    assert lines(plan)[0]["include_never_mailed"] is True
    assert apply(site, plan)["pruned"] == 1


def test_a_plan_is_made_with_the_age_that_was_asked_for(site):
    populate(site.db, ["month@example.org"], text_of(time.time() - 31 * DAY))
    populate(site.db, ["week@example.org"], text_of(time.time() - 29 * DAY))
    plan = plan_of(site, "--older-than", "30d")
    assert [each["email"] for each in lines(plan)[1:]] == ["month@example.org"]
    assert lines(plan_of_never(site))[0]["cutoff"] is None
    assert apply(site, site.directory / "never")["accounts"] == []


def plan_of_never(site: Site) -> Path:
    path = site.directory / "never"
    site.ok("prune", "--plan", path, "--older-than", "never")
    return path


def test_the_limits_hold_for_a_plan_when_it_is_applied(site):
    stale(site.db, 3)
    result = site.run("prune", "--plan", site.directory / "plan")
    words = "3 of 3 accounts would go, more than half: nothing is deleted"
    assert (result.returncode, result.stderr.decode()) == (0, f"regctl: prune: {words}\n")
    for more, limit in (([], "half"), (["--max", 2], "more than 2")):
        code, error = site.error("prune", "--apply", site.directory / "plan", "--yes", *more)
        assert (code, error["code"]) == (1, "prune_cap") and limit in error["message"]
        result = site.run("prune", "--apply", site.directory / "plan", "--dry-run", *more)
        assert result.returncode == 0 and limit in result.stderr.decode()
    assert len(emails_in(site.db)) == 3
    answer = site.json("prune", "--apply", site.directory / "plan", "--yes", "--max", 3)
    assert answer["pruned"] == 3


def damages(plan: bytes) -> Iterator[bytes]:
    """A plan cut off everywhere but before its last line end, and with each line spoilt."""
    yield from (plan[:end] for end in range(len(plan) - 1))
    lines = plan.splitlines(keepends=True)
    for number, line in enumerate(lines):
        for spoilt in (b"", line + line, b"\n" + line, line.replace(b":", b"", 1), b"\xff" + line,
                       line.replace(b"}", b',"more":1}'), line.replace(b'"', b"'")):
            yield b"".join([*lines[:number], spoilt, *lines[number + 1:]])
    yield plan + b"\n"
    yield plan + plan
    yield plan.replace(b'"plan":1', b'"plan":2')
    yield plan.replace(b'"include_never_mailed":false', b'"include_never_mailed":0')
    yield re.sub(rb'"cutoff":"[^"]*"', b'"cutoff":"2999-01-01T00:00:00Z"', plan)
    yield re.sub(rb'"cutoff":"[^"]*"', b'"cutoff":null', plan)


def test_a_damaged_plan_is_refused_whole(site):
    emails = stale(site.db, 3)
    whole = plan_of(site).read_bytes()
    spoilt = site.directory / "spoilt"
    # An hour's worth of places to cut is more than is needed.
    found = list(damages(whole))
    for content in found[::9] + found[len(whole) - 1:]:
        spoilt.write_bytes(content)
        code, error = site.error("prune", "--apply", spoilt, "--yes", *ALL)
        assert (code, error["code"]) == (65, "invalid_value"), content
        assert re.search(r"line \d+: ", error["message"]), error
    assert emails_in(site.db) == emails
    spoilt.write_bytes(whole[:-1])
    # The control: who strikes the last line end has lost nothing.
    assert apply(site, spoilt)["pruned"] == 3


def test_a_hostile_address_is_harmless_in_a_plan(site):
    hostile = "\x1b[2J\"\\\n\u202e\x00é@example.org"
    populate(site.db, [hostile])
    plan = plan_of(site)
    assert b"\x1b" not in plan.read_bytes() and len(plan.read_bytes().splitlines()) == 2
    assert lines(plan)[1]["email"] == hostile
    screen = site.ok("prune", "--apply", plan, "--dry-run")
    assert "\x1b" not in screen and "\u202e" not in screen
    assert results(apply(site, plan)) == {hostile: ("pruned", None)}


def test_a_plan_asks_as_a_prune_does(site):
    stale(site.db, 3)
    plan = plan_of(site)
    child = ask(site, "--apply", plan, *ALL)
    assert "3 accounts" in child.before and user(0) in child.before
    site.ok("confirm", "--email", user(1), "--reason", "called", "--busy-timeout", "0s")
    child.sendline("y")
    screen = rest(child)
    assert "Pruned 2 accounts" in screen and re.search(rf"{user(1)} .* kept +confirmed", screen)
    assert emails_in(site.db) == [user(1)]


# P3: killed

STALE = [user(number) for number in range(6)]
STAYING = ["done@example.org", "waiting@example.org", *[f"fresh{n}@example.org" for n in range(5)]]


def prepare_pruning(journal_mode: str) -> Callable[[Site], None]:
    """Six accounts that go, with all that hangs on them, and seven that stay."""

    def prepare(site: Site) -> None:
        with_database(site, journal_mode)
        stale(site.db, len(STALE))
        fresh(site.db, 5)
        populate(site.db, ["waiting@example.org"], mails=("queued",))
        populate(site.db, ["done@example.org"])
        with connected(site.db) as connection:
            connection.execute("UPDATE users SET confirmed = 1 WHERE email LIKE 'done@%'")
            connection.execute(
                "INSERT INTO regctl_accounts SELECT id, ?, NULL FROM users", (LONG_AGO,)
            )

    return prepare


def wrong_with_accounts(db: Path) -> list[str]:
    """What speaks against every account being whole: live, or in the archive and under a stone."""
    with connected(db) as connection:

        def numbers(table: str, column: str = "account_id", condition: str = "1") -> Counter[int]:
            found = connection.execute(f"SELECT {column} FROM {table} WHERE {condition}")
            return Counter(abs(number) for (number,) in found)

        live = numbers("users", "id")
        runs = connection.execute("SELECT total(pruned) FROM regctl_prunes").fetchone()[0]
        gone = Counter(range(1, len(STALE) + len(STAYING) + 1)) - live
        found = {
            "memories": (numbers("regctl_accounts"), live),
            "mails": (numbers("regctl_outbox", condition="account_id > 0"), live),
            "orphaned mails": (numbers("regctl_outbox", condition="account_id < 0"), gone),
            "archived": (numbers("regctl_archive"), gone),
            "tombstones": (numbers("regctl_tombstones"), gone),
            "acts": (numbers("regctl_audit_accounts", condition="account_id < 0"), gone),
            "acts on the living": (numbers("regctl_audit_accounts", condition="account_id > 0"), Counter()),
            "sum of runs": (runs, len(gone)),
            "staying": (numbers("users", "id", "email NOT LIKE 'user%'"), Counter(range(7, 14))),
        }
    return [f"{what}: {are}, not {ought}" for what, (are, ought) in found.items() if are != ought]


def look_at_pruning(kill: Kill) -> None:
    kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
    kill.wrong += wrong_with_accounts(kill.site.db)
    if "Pruned" in kill.output:
        kill.expect(emails_in(kill.site.db) == sorted(STAYING), "acknowledged but missing")


def prune_again(kill: Kill) -> None:
    """The second run takes what the first one left, and says how many."""
    result = kill.again("prune", "--yes", *ALL)
    kill.expect(result.returncode == 0, f"again: {result}")
    look_at_pruning(kill)
    kill.expect(emails_in(kill.site.db) == sorted(STAYING), "not pruned after the second run")
    if result.returncode == 0:
        last = json.loads(result.stdout)["pruned"]
        kill.expect(last in (0, len(STALE)), f"{last} were left")
        kill.expect(last == 0 or "Pruned" not in kill.output, "acknowledged but pruned again")


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_each_account_is_whole_wherever_prune_is_killed(new_site, tmp_path, journal_mode):
    command = Command(
        words=lambda site: ["prune", "--yes", *ALL],
        prepare=prepare_pruning(journal_mode),
        look=look_at_pruning,
        repeat=prune_again,
    )
    points, wrong = campaign(command, new_site(), tmp_path)
    print(f"{points} points")
    assert points > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_a_plan_is_whole_or_not_there_wherever_making_it_is_killed(
    new_site, tmp_path, journal_mode
):
    def look(kill: Kill) -> None:
        kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
        kill.wrong += wrong_with_accounts(kill.site.db)
        path = kill.site.directory / "plan"
        if path.exists():
            found = [each["email"] for each in lines(path)[1:]]
            kill.expect(found == STALE, f"not a whole plan: {path.read_text()}")
            kill.expect(path.stat().st_mode & 0o777 == 0o600, "others may read it")
        kill.expect(path.exists() or "would go" not in kill.output, "acknowledged but missing")

    def repeat(kill: Kill) -> None:
        is_there = (kill.site.directory / "plan").exists()
        result = kill.again("prune", "--plan", kill.site.directory / "plan")
        kill.expect(result.returncode == (73 if is_there else 0), f"again: {result}")
        look(kill)
        kill.expect((kill.site.directory / "plan").exists(), "no plan after the second run")

    command = Command(
        words=lambda site: ["prune", "--plan", site.directory / "plan"],
        prepare=prepare_pruning(journal_mode),
        look=look,
        repeat=repeat,
    )
    points, wrong = campaign(command, new_site(), tmp_path)
    assert points > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_each_account_is_whole_wherever_a_plan_is_killed(new_site, tmp_path, journal_mode):
    def prepare(site: Site) -> None:
        prepare_pruning(journal_mode)(site)
        plan_of(site)

    def repeat(kill: Kill) -> None:
        result = kill.again("prune", "--apply", kill.site.directory / "plan", "--yes", *ALL)
        kill.expect(result.returncode == 0, f"again: {result}")
        look_at_pruning(kill)
        kill.expect(emails_in(kill.site.db) == sorted(STAYING), "not pruned after the second run")

    command = Command(
        words=lambda site: ["prune", "--apply", site.directory / "plan", "--yes", *ALL],
        prepare=prepare,
        look=look_at_pruning,
        repeat=repeat,
    )
    points, wrong = campaign(command, new_site(), tmp_path)
    assert points > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("words", [[1, "--email", user(3)], [1]], ids=["one", "all"])
@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_each_account_is_whole_wherever_unprune_is_killed(
    new_site, tmp_path, journal_mode, words
):
    def prepare(site: Site) -> None:
        prepare_pruning(journal_mode)(site)
        prune(site)

    def look(kill: Kill) -> None:
        kill.expect(integrity(kill.site.db) == "ok", "the database is damaged")
        live, archived = emails_in(kill.site.db), emails_in(kill.site.db, "regctl_archive")
        kill.expect(sorted(live + archived) == sorted(STALE + STAYING), "not each account once")
        kill.expect(kill.count("regctl_tombstones") == len(archived), "other tombstones")
        kill.expect(kill.count("regctl_accounts") == len(live), "other memories")
        kill.expect(kill.count("regctl_outbox", "account_id > 0") == len(live), "other mails")
        kill.expect(kill.acts("unprune") == len(live) - len(STAYING), "other acts")
        if user(3) in kill.output:
            kill.expect(user(3) in live, "acknowledged but missing")

    def repeat(kill: Kill) -> None:
        archived = emails_in(kill.site.db, "regctl_archive")
        result = kill.again("unprune", 1)
        kill.expect(result.returncode == (0 if archived else 67), f"again: {result}")
        look(kill)
        kill.expect(emails_in(kill.site.db, "regctl_archive") == [], "not all after the second run")

    command = Command(
        words=lambda site: ["unprune", *words],
        prepare=prepare,
        look=look,
        repeat=repeat,
    )
    points, wrong = campaign(command, new_site(), tmp_path)
    assert points > 50
    assert not wrong, "\n".join(wrong)


# Does in two transactions what has to be one.
TWO_TRANSACTIONS = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("INSERT INTO regctl_archive (run, account_id, email, password, registered_on)"
           " SELECT 1, id, email, password, registered_on FROM users WHERE email LIKE 'user%'")
db.execute("DELETE FROM users WHERE email LIKE 'user%'")
"""


def test_the_campaign_sees_what_a_careless_pruner_leaves(new_site, tmp_path):
    """The control: without it, a campaign that finds nothing might be blind."""
    careless = Command(
        words=lambda site: [site.db],
        prepare=prepare_pruning("wal"),
        look=look_at_pruning,
        repeat=lambda kill: None,
        program=[sys.executable, "-I", "-S", "-c", TWO_TRANSACTIONS],
    )
    _, wrong = campaign(careless, new_site(), tmp_path, only=WRITING_CALLS)
    assert any("archived: " in found for found in wrong), wrong


# P4: confirmed at the same time

ROUNDS = 25
ACCOUNTS_A_ROUND = 40


def race(site: Site, emails: list[str], round: int) -> dict[str, tuple[int, bytes]]:
    """Prunes accounts and confirms each at the same time; returns how each confirmation ended."""
    commands = []
    for number, email in enumerate(emails):
        by_hand = ["--email", email, "--reason", "called"]
        how = by_hand if number % 2 else [token(email, int(time.time()))]
        commands.append(["confirm", *how, "--json", "--busy-timeout", "60s"])
    # In another place of the queue each time, so that it comes early and late.
    place = round * len(emails) // ROUNDS
    commands.insert(place, ["prune", "--yes", *ALL, "--json", "--busy-timeout", "60s"])
    outcomes = at_once(site, commands)
    code, output, error = outcomes.pop(place)
    assert code == 0, error
    gone = {each["email"] for each in json.loads(output)["accounts"]}
    assert gone == set(emails_in(site.db, "regctl_archive"))
    return {email: (code, error) for email, (code, _, error) in zip(emails, outcomes, strict=True)}


def wrong_with_race(db: Path, email: str, code: int, error: bytes) -> list[str]:
    """What speaks against an account being either confirmed and live, or in the archive."""
    live = rows(db, "SELECT confirmed FROM users WHERE email = ?", email)
    archived = value(db, "SELECT count(*) FROM regctl_archive WHERE email = ?", email)
    stones = value(db, "SELECT count(*) FROM regctl_tombstones")
    whole = stones == value(db, "SELECT count(*) FROM regctl_archive")
    if live == [(1,)] and archived == 0 and whole:
        return [] if code == 0 else [f"{email} is confirmed, but: {code} {error}"]
    if live == [] and archived == 1 and whole:
        if code == 67 and "regctl unprune" in (last_error(error)["hint"] or ""):
            return []
        return [f"{email} is gone, but: {code} {error}"]
    return [f"{email}: live {live}, archived {archived}, tombstones {stones}"]


@pytest.mark.parametrize("journal_mode", ["wal", "truncate"])
def test_of_a_thousand_accounts_each_is_confirmed_or_pruned(tmp_path, journal_mode):
    wrong, ends = [], Counter()
    rounds = range(0, ROUNDS, 1 if journal_mode == "wal" else 5)
    for round in rounds:
        place = tmp_path / str(round)
        place.mkdir()
        site = with_database(Site(place), journal_mode)
        emails = stale(site.db, ACCOUNTS_A_ROUND)
        for email, (code, error) in race(site, emails, round).items():
            wrong += wrong_with_race(site.db, email, code, error)
            ends[code] += 1
        assert integrity(site.db) == "ok"
    print(ends)
    assert not wrong, "\n".join(wrong)
    assert sum(ends.values()) == len(rounds) * ACCOUNTS_A_ROUND
    assert journal_mode != "wal" or sum(ends.values()) == 1000
    # The control: the race was won by either.
    assert ends[0] and ends[67], ends


# Looks for accounts that are old, waits, and takes them without looking once more.
LOOKS_THEN_PRUNES = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
old = db.execute("SELECT id, email FROM users WHERE confirmed = 0").fetchall()
print("looked", flush=True)
sys.stdin.read()
db.execute("BEGIN IMMEDIATE")
db.executemany("INSERT INTO regctl_archive (run, account_id, email) VALUES (1, ?, ?)", old)
db.executemany("INSERT INTO regctl_tombstones (run, account_id) VALUES (1, ?)", [old[0][:1]])
db.execute("DELETE FROM users WHERE id = ?", old[0][:1])
db.execute("COMMIT")
"""


def test_the_campaign_sees_a_confirmation_that_is_lost(site):
    """The control: one account was confirmed and is gone, the other is live and in the archive."""
    emails = stale(site.db, 2)
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", LOOKS_THEN_PRUNES, site.db],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"looked\n"
        results = [site.run("confirm", token(email, int(time.time()))) for email in emails]
        process.stdin.close()
    for email, result in zip(emails, results, strict=True):
        assert wrong_with_race(site.db, email, result.returncode, result.stderr), email


# P5: brought back

VALUES = {
    "text": "O'Brien \"the\" \\ \U0001f600 \u0000 behind a zero",
    "empty text": "",
    "text of a number": "12",
    "text of a number that a column may not round": "0.1000000000000000055511151231257827",
    "lines": "a\r\nb\u2028c\t",
    "long text": "ä" * 200_000,
    "null": None,
    "bytes": bytes(range(256)),
    "no bytes": b"",
    "bytes of text": b"text",
    "zero": 0,
    "minus one": -1,
    "largest": 2**63 - 1,
    "smallest": -(2**63),
    "beyond a double": 2**53 + 1,
    "0.1": 0.1,
    "1e300": 1e300,
    "-1e300": -1e300,
    "third": 1 / 3,
    "whole": 3.0,
    "minus nothing": -0.0,
    "smallest real": 5e-324,
    "smallest normal real": sys.float_info.min,
    "largest real": sys.float_info.max,
    "next to one": 1 + sys.float_info.epsilon,
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
}


def as_it_is(db: Path, where: str = "1") -> list[tuple]:
    """Each column of each account three ways: its type, its literal and its bytes."""
    with connected(db) as connection:
        connection.text_factory = bytes
        names = [name.decode() for _, name, *_ in connection.execute("PRAGMA table_xinfo(users)")]
        quoted = ['"' + name.replace('"', '""') + '"' for name in names]
        looks = ", ".join(f"typeof({name}), quote({name}), hex({name}), {name}" for name in quoted)
        found = connection.execute(f"SELECT {looks} FROM users WHERE {where} ORDER BY id").fetchall()
    # A double is compared by its bits, as 0.0 equals -0.0.
    return [
        tuple(struct.pack(">d", part) if isinstance(part, float) else part for part in row)
        for row in found
    ]


def further_site(site: Site) -> Site:
    """A site with a table that has further columns."""
    with connected(site.db) as connection:
        connection.execute(FURTHER_TABLE)
    site.db.chmod(0o600)
    site.ok("migrate-db")
    return site


def write_further(db: Path, email: str, **columns: object) -> int:
    """Writes an old account with further columns and a mail; returns its number."""
    content = {
        "email": email, "password": b"$2b$04$bytes", "nickname": "Ann", "registered_on": OLD,
        "admin": 0, "confirmed": 0, "logins": 7, "balance": 0.1, "avatar": b"\x00\xff",
    } | columns
    names = ", ".join('"' + name.replace('"', '""') + '"' for name in content)
    marks = ", ".join("?" for _ in content)
    with connected(db) as connection:
        account = connection.execute(
            f"INSERT INTO users ({names}) VALUES ({marks})", tuple(content.values())
        ).lastrowid
        write_mail(connection, account)
    return account


def come_back(site: Site) -> None:
    """Prunes everything and brings it back, which must leave each account as it was."""
    before = as_it_is(site.db)
    answer = prune(site)
    assert answer["pruned"] == len(before) > 0
    assert value(site.db, "SELECT count(*) FROM users") == 0
    site.ok("unprune", answer["run"])
    assert as_it_is(site.db) == before
    assert emails_in(site.db, "regctl_archive") == []
    assert value(site.db, "SELECT count(*) FROM regctl_tombstones") == 0


@pytest.mark.parametrize("stored", VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("column", ["anything", 'a "fine" thing', "nickname", "balance"])
def test_a_further_column_comes_back_bit_for_bit(new_site, column, stored):
    """In columns of every affinity; those that must have a value get one."""
    site = further_site(new_site())
    needs = column in ("nickname", "balance") and stored is None
    write_further(site.db, "Ann.Example@example.org", **{column: "" if needs else stored})
    come_back(site)


@pytest.mark.parametrize("bits", ["ff", "c328", "eda080", "f8808080", "61ff0062", "efbbbf61"])
def test_text_that_is_not_unicode_comes_back_bit_for_bit(new_site, bits):
    """SQLite keeps whatever an application calls text."""
    site = further_site(new_site())
    write_further(site.db, "ann@example.org")
    with connected(site.db) as connection:
        connection.execute(f"UPDATE users SET anything = CAST(x'{bits}' AS TEXT)")
    come_back(site)


def test_random_numbers_come_back_bit_for_bit(new_site):
    """Of every magnitude, and of those that people have."""
    site, source = further_site(new_site()), random.Random(5)
    columns = [f"real{number}" for number in range(20)]
    with connected(site.db) as connection:
        for column in columns:
            connection.execute(f"ALTER TABLE users ADD COLUMN {column}")
        for number in range(100):
            account = write_further(site.db, user(number), logins=source.getrandbits(63))
            drawn = [struct.unpack(">d", source.randbytes(8))[0] for _ in columns[:10]]
            drawn += [source.random() for _ in columns[10:15]]
            drawn += [round(source.uniform(-1e6, 1e6), 2) for _ in columns[15:]]
            marks = ", ".join(f"{column} = ?" for column in columns)
            connection.execute(f"UPDATE users SET {marks} WHERE id = {account}", drawn)
    come_back(site)


def test_the_columns_that_regctl_knows_come_back_bit_for_bit(new_site):
    """Whatever types the application has stored in them."""
    site = further_site(new_site())
    write_further(site.db, "ANN@Example.ORG", password=b"\x00\xff", registered_on="2020-01-02")
    write_further(site.db, "bob@example.org", password="", confirmed_on="never")
    write_further(site.db, "gro.é@example.org", registered_on="2020-01-02T03:04:05Z", confirmed_on=0)
    come_back(site)


def test_a_database_of_regctl_itself_comes_back_bit_for_bit(site):
    stale(site.db, 3)
    come_back(site)


def test_what_regctl_remembers_of_an_account_comes_back(site):
    stale(site.db, 3)
    with connected(site.db) as connection:
        connection.execute("INSERT INTO regctl_accounts VALUES (1, 5, 7), (2, 5, NULL)")
    memory = rows(site.db, "SELECT * FROM regctl_accounts")
    prune(site)
    assert rows(site.db, "SELECT * FROM regctl_accounts") == []
    site.ok("unprune", 1)
    assert rows(site.db, "SELECT * FROM regctl_accounts") == memory


def past(site: Site, email: str) -> tuple[dict, list[dict]]:
    """What `show` says of an account and its time line."""
    answer = site.json("show", email)
    return answer["account"], answer["timeline"]


def test_mails_and_acts_are_shown_again(site):
    """Acts on many as well; the two acts of pruning come on top."""
    stale(site.db, 3)
    with connected(site.db) as connection:
        for number in range(2):
            touched_at(connection, f"touched{number}@example.org", LONG_AGO + 60)
            touched_with_others_at(connection, f"others{number}@example.org", LONG_AGO + 90)
    before = {email: past(site, email) for email in emails_in(site.db)}
    assert prune(site)["pruned"] == 7
    for email in before:
        code, error = site.error("show", email)
        assert (code, error["code"]) == (67, "not_found")
        assert "regctl unprune 1" in error["hint"]
    site.ok("unprune", 1)
    for email, (account, timeline) in before.items():
        account_after, timeline_after = past(site, email)
        assert account_after == account
        assert timeline_after[:-2] == timeline
        assert [event["event"] for event in timeline_after[-2:]] == ["prune", "unprune"]


def test_only_the_address_that_is_named_comes_back(site):
    stale(site.db, 3)
    prune(site)
    [result] = site.json("unprune", 1, "--email", user(1).upper())["results"]
    assert (result["email"], result["result"], result["id"]) == (user(1), "restored", 2)
    assert emails_in(site.db) == [user(1)]
    assert emails_in(site.db, "regctl_archive") == [user(0), user(2)]
    code, error = site.error("unprune", 1, "--email", user(1))
    assert (code, error["code"]) == (67, "not_found")
    [run] = site.json("list-prunes")["prunes"]
    assert (run["pruned"], run["restored"]) == (3, 1)


def test_a_run_that_never_was_is_not_found(site):
    code, error = site.error("unprune", 1)
    assert (code, error["code"]) == (67, "not_found")


def test_an_account_whose_number_is_taken_gets_another(new_site):
    """Its mails and acts follow it, and the other account has none of them."""
    site = further_site(new_site())
    number = write_further(site.db, user(0), anything=1e300)
    timeline = past(site, user(0))[1]
    before = as_it_is(site.db)
    prune(site)
    assert write_further(site.db, "new@example.org") == number, "a control: the number is free"
    new_past = past(site, "new@example.org")
    [result] = site.json("unprune", 1)["results"]
    assert result["id"] != number
    account, timeline_after = past(site, user(0))
    assert account["id"] == result["id"]
    assert timeline_after[:-2] == timeline
    assert past(site, "new@example.org") == new_past
    # All but its number is what it was.
    [after] = as_it_is(site.db, f"id = {result['id']}")
    assert after[4:] == before[0][4:]


@pytest.mark.parametrize("spelling", [user(1), user(1).upper(), "User1@Example.org"])
def test_an_address_that_is_taken_is_refused_and_the_others_come_back(site, spelling):
    stale(site.db, 4)
    before = as_it_is(site.db, "id <> 2")
    prune(site)
    site.ok("register", spelling, "--no-password")
    taken = rows(site.db, "SELECT * FROM users")
    result = site.run("unprune", 1, "--json")
    assert result.returncode == 1
    outcomes = {each["email"]: each for each in json.loads(result.stdout)["results"]}
    assert {email: each["result"] for email, each in outcomes.items()} == {
        user(0): "restored", user(1): "failed", user(2): "restored", user(3): "restored"
    }
    assert outcomes[user(1)]["error"]["code"] == "already_registered_unconfirmed"
    assert last_error(result.stderr)["code"] == "partial"
    assert rows(site.db, "SELECT * FROM users WHERE lower(email) = ?", user(1)) == taken
    names = "(" + ", ".join(f"'{user(number)}'" for number in (0, 2, 3)) + ")"
    restored = as_it_is(site.db, f"email IN {names}")
    # Who registered has the lowest number that was free, which may be that of another.
    assert [row[4:] for row in restored] == [row[4:] for row in before]
    assert emails_in(site.db, "regctl_archive") == [user(1)]
    assert value(site.db, "SELECT count(*) FROM regctl_tombstones") == 1


def test_a_single_address_that_is_taken_is_an_error_and_can_come_back_later(site):
    stale(site.db, 2)
    prune(site)
    site.ok("register", user(1), "--no-password")
    site.ok("confirm", "--email", user(1), "--reason", "test")
    before = dump(site.db)
    code, error = site.error("unprune", 1, "--email", user(1))
    assert (code, error["code"]) == (1, "already_registered")
    assert dump(site.db) == before
    with connected(site.db) as connection:
        connection.execute("DELETE FROM users WHERE email = ?", (user(1),))
    site.ok("unprune", 1, "--email", user(1))


def test_an_account_of_the_application_logs_in_again(new_site):
    site = new_site(security_password_salt=SALT)
    application = flask_application.create_application(
        site.db, SECRET_KEY=KEY, SECURITY_PASSWORD_SALT=SALT
    )
    with application.app_context():
        flask_application.db.create_all()
    site.db.chmod(0o600)
    site.ok("migrate-db")
    form = {"email": "ann@example.org", "password": PASSWORD}
    application.test_client().post("/register", data=form)
    with connected(site.db) as connection:
        connection.execute("ALTER TABLE users ADD COLUMN score REAL")
        connection.execute("UPDATE users SET registered_on = ?, score = 0.1", (OLD,))
        write_mail(connection, 1)

    def log_in() -> tuple[int, str]:
        answer = application.test_client().post("/login", data=form, follow_redirects=True)
        return answer.status_code, answer.text

    before = as_it_is(site.db)
    assert log_in() == (200, "Please confirm your account!")
    prune(site)
    assert log_in() == (403, "Invalid email and/or password.")
    site.ok("unprune", 1)
    assert log_in() == (200, "Please confirm your account!")
    assert as_it_is(site.db) == before
    site.ok("confirm", "--email", "ann@example.org", "--reason", "test")
    assert log_in() == (200, "The profile of ann@example.org.")
    with application.app_context():
        flask_application.db.engine.dispose()


# P6: others at work

WRITERS = 4


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
def test_of_several_pruners_none_takes_an_account_twice(new_site, journal_mode):
    site = with_database(new_site(), journal_mode)
    count = 4000
    emails = stale(site.db, count)
    words = ["prune", "--yes", *ALL, "--json", "--busy-timeout", "60s"]
    outcomes = at_once(site, [words] * WRITERS)
    assert [code for code, _, _ in outcomes] == [0] * WRITERS, [error for _, _, error in outcomes]
    answers = [json.loads(output) for _, output, _ in outcomes]
    gone = [each["email"] for answer in answers for each in answer["accounts"]]
    assert sorted(gone) == sorted(emails)
    for answer in answers:
        assert answer["pruned"] == len(answer["accounts"])
    assert emails_in(site.db) == []
    assert emails_in(site.db, "regctl_archive") == sorted(emails)
    assert value(site.db, "SELECT count(*) FROM regctl_tombstones") == count
    runs = {run["run"]: run["pruned"] for run in site.json("list-prunes")["prunes"]}
    assert runs == {answer["run"]: answer["pruned"] for answer in answers if answer["pruned"]}
    by_run = dict(rows(site.db, "SELECT run, count(*) FROM regctl_archive GROUP BY run"))
    assert by_run == {run: pruned for run, pruned in runs.items() if pruned}
    assert integrity(site.db) == "ok"


def test_two_who_bring_back_at_once_bring_each_account_back_once(site):
    emails = stale(site.db, 200)
    before = as_it_is(site.db)
    prune(site)
    outcomes = at_once(site, [["unprune", 1, "--json", "--busy-timeout", "60s"]] * 2)
    assert {code for code, _, _ in outcomes} <= {0, 1, 67}, outcomes
    results = [each for _, output, _ in outcomes if output for each in json.loads(output)["results"]]
    assert sorted(each["email"] for each in results if each["result"] == "restored") == sorted(emails)
    assert as_it_is(site.db) == before
    [run] = site.json("list-prunes")["prunes"]
    assert (run["pruned"], run["restored"]) == (200, 200)


# Registers until it is told to stop, and prints how long each took.
REGISTERS = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
print("ready", flush=True)
sys.stdin.readline()
number = 0
while True:
    start = time.monotonic()
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO users (email, password, registered_on, admin, confirmed)"
               " VALUES (?, '!', '2099-01-01 00:00:00.000000', 0, 0)", (f"app{number}@example.org",))
    db.execute("COMMIT")
    print(start, time.monotonic() - start, flush=True)
    number += 1
    time.sleep(0.01)
"""


def waits_of_application(site: Site, pruning: subprocess.Popen) -> list[float]:
    """How long the application waited for each registration while accounts were pruned."""
    words = [sys.executable, "-I", "-S", "-c", REGISTERS, site.db]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "ready\n"
        begin = time.monotonic()
        other.stdin.write("go\n")
        other.stdin.flush()
        lines: list[str] = []
        reader = threading.Thread(target=lambda: lines.extend(other.stdout))
        reader.start()
        pruning.wait(timeout=120)
        end = time.monotonic()
        # One that has begun is let finish.
        time.sleep(0.2)
        other.kill()
        reader.join()
    pairs = [tuple(map(float, line.split())) for line in lines if line.endswith("\n")]
    return [wait for start, wait in pairs if begin <= start < end]


def waits_of_regctl(site: Site, pruning: subprocess.Popen) -> list[float]:
    """How long each `register` took while accounts were pruned."""
    waits = []
    for number in itertools.count():
        if pruning.poll() is not None:
            return waits
        start = time.monotonic()
        site.ok("register", f"regctl{number}@example.org", "--no-password", "--busy-timeout", "60s")
        waits.append(time.monotonic() - start)


@pytest.mark.parametrize("journal_mode", JOURNAL_MODES)
@pytest.mark.parametrize("registering", [waits_of_application, waits_of_regctl])
def test_nobody_who_registers_waits_long_for_who_prunes(new_site, journal_mode, registering):
    site = with_database(new_site(), journal_mode)
    count = 20_000
    stale(site.db, count)
    start = time.monotonic()
    words = ["prune", "--yes", *ALL, "--busy-timeout", "60s"]
    # What waits in a pipe would be written late.
    with spawn(site, *words, stdout=subprocess.DEVNULL) as pruning:
        waits = registering(site, pruning)
        error = pruning.stderr.read()
    seconds = time.monotonic() - start
    assert (pruning.returncode, error) == (0, b"")
    print(f"{journal_mode}: {len(waits)} registrations in {seconds:.2f} s, longest {max(waits):.3f} s")
    assert value(site.db, "SELECT count(*) FROM regctl_archive") == count
    assert value(site.db, "SELECT count(*) FROM users WHERE email LIKE 'user%'") == 0
    assert len(waits) >= 3
    assert max(waits) < 1
    # Where all is done within a second, whoever waits until the end has been starved all the same.
    assert max(waits) < seconds / 2


def test_nobody_who_reads_a_log_waits_for_who_prunes(site):
    stale(site.db, 5000)
    # The last who has a log open cleans it up, for which all others have to wait.
    with held(site.db, HABITS["idle"]), spawn(site, "prune", "--yes", *ALL) as pruning:
        reads = 0
        while pruning.poll() is None:
            site.ok("list-unconfirmed", "--count", "--busy-timeout", "0s")
            reads += 1
    assert pruning.returncode == 0 and reads


# P7: asked

QUESTION = "[y/N] "


def ask(site: Site, *words: object) -> pexpect.spawn:
    """Starts `prune` on a terminal and waits for its question."""
    child = on_terminal(site, "prune", *words)
    child.expect_exact(QUESTION)
    return child


@pytest.mark.parametrize("typed", ["y", "Y"])
def test_who_says_yes_prunes(site, typed):
    stale(site.db, 3)
    child = ask(site, *ALL)
    assert "3 accounts" in child.before and user(0) in child.before
    assert len(emails_in(site.db)) == 3, "it prunes before the answer"
    child.sendline(typed)
    assert "Pruned 3 accounts" in rest(child)
    assert child.exitstatus == 0
    assert emails_in(site.db) == []


@pytest.mark.parametrize("typed", ["n", "N", "no", "", " ", "x", "0", "1", "ny", "y n", "yellow", "é"])
def test_who_says_anything_else_does_not(site, typed):
    stale(site.db, 3)
    before = dump(site.db)
    child = ask(site, *ALL, "--json")
    child.sendline(typed)
    screen = rest(child)
    assert child.exitstatus == 1
    error = last_error(screen.encode())
    assert (error["code"], error["exit"]) == ("declined", 1)
    assert dump(site.db) == before


def test_the_end_of_input_is_no_yes(site):
    stale(site.db, 3)
    before = dump(site.db)
    child = ask(site, *ALL, "--json")
    child.sendeof()
    screen = rest(child)
    assert child.exitstatus == 1
    assert last_error(screen.encode())["code"] == "declined"
    assert dump(site.db) == before


def test_an_interrupted_question_prunes_nothing(site):
    stale(site.db, 3)
    before = dump(site.db)
    child = ask(site, *ALL)
    child.sendintr()
    rest(child)
    assert child.signalstatus == 2
    assert dump(site.db) == before


def test_a_question_holds_no_lock(site):
    """Somebody may go to lunch over it; who is confirmed meanwhile stays."""
    stale(site.db, 3)
    child = ask(site, *ALL)
    site.ok("confirm", "--email", user(1), "--reason", "called", "--busy-timeout", "0s")
    site.ok("register", "new@example.org", "--no-password", "--busy-timeout", "0s")
    child.sendline("y")
    assert "Pruned 2 accounts" in rest(child)
    assert emails_in(site.db) == ["new@example.org", user(1)]


def test_nothing_to_prune_is_no_question(site):
    fresh(site.db, 2)
    child = on_terminal(site, "prune")
    screen = rest(child)
    assert child.exitstatus == 0
    assert QUESTION not in screen


@pytest.mark.parametrize("words", [["--yes"], ["-y"]])
def test_yes_is_no_question(site, words):
    stale(site.db, 3)
    child = on_terminal(site, "prune", *ALL, *words)
    screen = rest(child)
    assert child.exitstatus == 0
    assert QUESTION not in screen
    assert emails_in(site.db) == []


@pytest.mark.parametrize("how", ["--no-input", "REGCTL_NO_INPUT"])
def test_no_input_is_no_question_even_on_a_terminal(site, how):
    stale(site.db, 3)
    before = dump(site.db)
    if how == "--no-input":
        child = on_terminal(site, "prune", *ALL, "--json", how)
    else:
        child = on_terminal(site, "prune", *ALL, "--json", REGCTL_NO_INPUT="1")
    screen = rest(child)
    assert child.exitstatus == 64
    assert QUESTION not in screen
    assert last_error(screen.encode())["code"] == "needs_input"
    assert dump(site.db) == before


def as_cron(site: Site, *words: object) -> subprocess.CompletedProcess:
    """Runs regctl with no variable, no terminal and no input."""
    return subprocess.run(
        [BINARY, *map(str, words), "--config", site.directory / "regctl.conf"],
        env={},
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
    )


def test_cron_prunes_and_has_nothing_to_mail(site):
    stale(site.db, 3)
    fresh(site.db, 3)
    for pruned in (3, 3):
        result = as_cron(site, "prune", "--yes", "--quiet")
        assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
        assert value(site.db, "SELECT count(*) FROM regctl_archive") == pruned
    assert len(emails_in(site.db)) == 3


def test_cron_without_a_yes_is_told_what_is_missing(site):
    stale(site.db, 3)
    before = dump(site.db)
    for words in (["--json"], ["--json", "--quiet"]):
        result = as_cron(site, "prune", *ALL, *words)
        assert result.returncode == 64
        error = last_error(result.stderr)
        assert error["code"] == "needs_input" and "--yes" in error["hint"]
    assert dump(site.db) == before


def too_wide(screen: str) -> list[str]:
    return [line for line in re.split(r"[\r\n]+", screen) if len(line) > 80]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 1000])
@pytest.mark.parametrize(
    "name", ["ann{}@example.org", "{}.with.a.rather.long.name@mail.department.example.org"]
)
def test_the_question_fits_a_terminal(site, count, name):
    populate(site.db, [name.format(number) for number in range(count)])
    child = ask(site, *ALL)
    assert too_wide(child.before + child.after) == []
    child.sendline("y")
    assert too_wide(rest(child)) == []


def test_every_refusal_fits_a_terminal(new_site):
    site = new_site(prune_max=1000)
    site.ok("create-db")
    stale(site.db, 1001)
    for words in (["--yes"], ["--yes", "--max", 1000], ["--no-input", *ALL], ["--older-than", "59m"]):
        screen = rest(on_terminal(site, "prune", *words))
        assert screen and too_wide(screen) == [], words
    site.ok("prune", "--yes", *ALL)
    stale(site.db, 3)
    screen = rest(on_terminal(site, "prune", "--yes"))
    assert "half" in screen and too_wide(screen) == []
    child = ask(site, *ALL)
    child.sendline("n")
    assert too_wide(rest(child)) == []


def test_a_hostile_address_is_harmless_in_the_question(site):
    populate(site.db, ["\x1b[2J\u202e@example.org"])
    child = ask(site, *ALL)
    assert "\x1b" not in child.before and "\u202e" not in child.before
    child.sendline("n")
    rest(child)


# P8: memory

MANY = 100_000


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    """A database with many accounts to go, to be copied."""
    site = Site(tmp_path_factory.mktemp("many"))
    site.ok("create-db")
    stale(site.db, MANY)
    return site.db


@pytest.mark.parametrize("format", ["text", "json"])
@pytest.mark.parametrize("words", [["--dry-run", *ALL], ["--yes", *ALL]], ids=["--dry-run", "--yes"])
def test_many_accounts_need_little_memory(many, new_site, tmp_path, words, format):
    site = new_site()
    site.db.write_bytes(many.read_bytes())
    site.db.chmod(0o600)
    kilobytes = measured(site, tmp_path / "output", "prune", *words, "--format", format)
    print(f"prune {words[0]} of {MANY} as {format}: {kilobytes / 1024:.1f} MB")
    left = value(site.db, "SELECT count(*) FROM users")
    assert left == (MANY if "--dry-run" in words else 0)
    if format == "json":
        answer = json.loads((tmp_path / "output").read_bytes())
        assert len(answer["accounts"]) == MANY
        assert answer.get("pruned") == (None if "--dry-run" in words else MANY)
    assert kilobytes <= KILOBYTES_AT_MOST


def test_a_plan_of_many_accounts_and_their_return_need_little_memory(many, new_site, tmp_path):
    site = new_site()
    site.db.write_bytes(many.read_bytes())
    site.db.chmod(0o600)
    plan = site.directory / "plan"
    for words in (
        ["prune", "--plan", plan, *ALL],
        ["prune", "--apply", plan, "--dry-run", "--json", *ALL],
        ["prune", "--apply", plan, "--yes", "--json", *ALL],
        ["unprune", 1, "--json"],
    ):
        kilobytes = measured(site, tmp_path / "output", *words)
        print(f"{words} of {MANY}: {kilobytes / 1024:.1f} MB")
        assert kilobytes <= KILOBYTES_AT_MOST, words
    answer = json.loads((tmp_path / "output").read_bytes())
    assert Counter(each["result"] for each in answer["results"]) == {"restored": MANY}
    assert value(site.db, "SELECT count(*) FROM users") == MANY
