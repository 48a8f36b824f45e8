"""What is left of an erased person: every byte of the database and of the files beside it is read."""

import sqlite3
import time
from pathlib import Path

import pytest

from Campaigns.database import connected
from Campaigns.database import rows as query
from engines import SQLITE, on_both_engines, only
from regctl import Site

pytestmark = on_both_engines

ANN, FORMER, WANTED = "ann.long@example.org", "former.ann@example.org", "wanted.ann@example.org"
REASON = "a most personal reason"
URLS = {f"{name}_url": f"https://app.example/{name}/{{token}}" for name in ("reset", "change_email")}
NAMES = [ANN, FORMER, WANTED, REASON]
TABLES = (
    "users regctl_accounts regctl_no_password regctl_outbox regctl_attempts regctl_audit"
    " regctl_audit_accounts regctl_campaigns regctl_email_changes regctl_prunes regctl_archive"
    " regctl_tombstones regctl_locks regctl_locked_passwords"
)


@pytest.fixture
def site(new_site) -> Site:
    """A site that knows Ann from every side, among many others, whose rows were moved often."""
    site = new_site(**URLS)
    site.ok("create-db")
    others = "".join(f"other{number}@example.org\n" for number in range(500))
    site.ok("import", "-", input="email\n" + others)
    site.ok("register", FORMER, "--no-password")
    site.ok("change-email", FORMER, ANN, "--reason", REASON)
    site.ok("deliver")
    site.ok("set-password", ANN, "--password-file", "-", input="correct horse battery")
    site.ok("confirm", "--email", ANN, "--reason", REASON)
    site.ok("change-email", ANN, WANTED, "--reason", REASON)
    site.ok("issue-token", ANN, "other1@example.org")
    site.ok("lock", ANN, "--reason", REASON)
    site.ok("unlock", ANN, "--reason", REASON)
    return site


def password(site: Site) -> str:
    return query(site.db, "SELECT password FROM users WHERE email = ?", ANN)[0][0]


def nonces(site: Site) -> list[str]:
    found = query(site.db, "SELECT nonce FROM regctl_audit WHERE email IN (?, ?)", ANN, FORMER)
    return [nonce for (nonce,) in found]


def files(site: Site) -> list[Path]:
    return [path for path in site.db.parent.iterdir() if path.name.startswith(site.db.name)]


def found(site: Site, texts: list[str]) -> list[str]:
    """The texts that are in a file, in any case of their letters."""
    content = b"".join(path.read_bytes() for path in files(site)).lower()
    return [text for text in texts if text.encode().lower() in content]


def erase(site: Site, word: str = ANN) -> dict:
    return site.json("erase", word, "--reason", "ticket 4714", "--yes")


@pytest.mark.parametrize("end", ["living", "locked", "deleted", "pruned", "deleted and registered again"])
def test_no_row_names_an_erased_person(site, end):
    texts = [*NAMES, password(site), *nonces(site)]
    bring_to(site, end)
    erased = erase(site)
    assert erased["entries"] >= 7 and erased["mails"] >= 1, erased
    for table in TABLES.split():
        for row in query(site.db, f"SELECT * FROM {table}"):
            line = " ".join(str(value) for value in row).lower()
            assert not [text for text in texts if text.lower() in line], (table, row)
    proof = site.json("audit", "--verify")
    assert proof["erased"] == erased["entries"]
    assert site.run("erase", ANN, "--reason", "x", "--yes").returncode == 67


def bring_to(site: Site, end: str) -> None:
    if end == "locked":
        site.ok("lock", ANN, "--reason", REASON)
    elif end.startswith("deleted"):
        site.ok("delete", ANN, "--reason", REASON, "--yes")
        if end.endswith("again"):
            site.ok("register", ANN, "--no-password")
    elif end == "pruned":
        site.ok("unconfirm", ANN, "--reason", REASON)
        time.sleep(2.1)
        words = ["prune", "--yes", "--max", "1000", "--older-than", "1s", "--include-never-mailed"]
        site.ok(*words, environment={"REGCTL_TOKEN_MAX_AGE": "1s"})


@only(SQLITE, "a server keeps its files for itself")
@pytest.mark.parametrize("mode", ["wal", "delete", "truncate", "persist"])
@pytest.mark.parametrize("end", ["living", "deleted"])
def test_no_byte_of_an_erased_person_is_left(site, mode, end):
    with connected(site.db) as connection:
        connection.execute(f"PRAGMA journal_mode = {'wal' if mode == 'wal' else 'delete'}")
    texts = [*NAMES, password(site), *nonces(site)]
    bring_to(site, end)
    # The application keeps its connection, and with some modes its journal.
    application = sqlite3.connect(site.db, isolation_level=None)
    application.execute(f"PRAGMA journal_mode = {mode}")
    application.execute("UPDATE users SET confirmed = confirmed")
    # The control: there is something to find.
    assert ANN in found(site, texts)
    assert FORMER in found(site, texts)
    erase(site)
    assert found(site, texts) == []
    assert found(site, ["other499@example.org"]) == ["other499@example.org"]
    assert application.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    application.close()
    assert found(site, texts) == []
    assert site.json("audit", "--verify")["erased"] >= 7


@only(SQLITE, "a server keeps its files for itself")
def test_a_reader_keeps_the_log_and_the_error_says_so(site):
    texts = [*NAMES, password(site)]
    reader = sqlite3.connect(site.db, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM users").fetchone()
    code, error = site.error("erase", ANN, "--reason", "x", "--yes", "--busy-timeout", "1s")
    assert (code, error["code"]) == (75, "db_busy"), error
    assert error["message"].startswith("erased, but not yet overwritten"), error
    assert "VACUUM" in error["hint"]
    reader.close()
    with connected(site.db) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert found(site, texts) == []
