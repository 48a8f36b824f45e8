"""K14: a clock that is set back or forward makes nothing negative, old or sent twice."""

import csv
import io
import json
import re

import pytest

from Campaigns.clock.faked_clock import DAY, YEAR, frozen, needs_faketime, ok, run, shifted
from Campaigns.database import integrity, rows, value
from engines import on_both_engines
from regctl import Site

pytestmark = [needs_faketime, on_both_engines]

ANN, BOB, EVE = "ann@example.org", "bob@example.org", "eve@example.org"
BACK = shifted(-DAY)
READERS = [
    ["list-unconfirmed"], ["list-accounts"], ["show", ANN], ["list-outbox"], ["status"],
    ["report", "funnel"], ["report", "cohorts"], ["report", "metrics"], ["audit"], ["show-mail", ANN],
]  # fmt: skip
# A number below 0 as a duration or a count, and not a date or a minute of a zone.
NEGATIVE = re.compile(r"(?<![\w.+-])-\d")


@pytest.fixture
def lived(site: Site) -> Site:
    """A site with a mail that was sent and one that waits."""
    site.ok("register", ANN, "--no-password")
    site.ok("deliver")
    site.ok("register", BOB, "--no-password")
    return site


def mails(site: Site) -> list[str]:
    """Whom each mail in the Maildir is for."""
    found = [path.read_text() for path in (site.maildir / "new").glob("*")]
    return sorted(re.search(r"^To: (\S+)", text, re.MULTILINE)[1] for text in found)


@pytest.mark.parametrize("words", READERS, ids=" ".join)
@pytest.mark.parametrize("format", ["text", "json", "tsv"])
def test_nothing_is_less_than_0_old(lived, words, format):
    result = run(BACK, lived, *words, "--format", format)
    if format == "tsv" and result.returncode == 64:
        # Not a table.
        return
    assert result.returncode == 0, result
    assert result.stdout and not NEGATIVE.search(result.stdout.decode()), result.stdout.decode()


def test_an_age_is_what_it_is_when_the_clock_is_right(lived):
    """The control: what is not negative a day back is positive a day on."""

    def ages(clock: list[str]) -> list[int]:
        said = json.loads(ok(clock, lived, "list-unconfirmed", "--json"))
        table = ok(clock, lived, "list-unconfirmed", "--format", "csv", "--fields", "age")
        in_table = [int(row["age"]) for row in csv.DictReader(io.StringIO(table))]
        assert in_table == [account["age"] for account in said["accounts"]]
        return in_table

    assert ages(BACK) == [0, 0]
    assert all(DAY <= age < DAY + 600 for age in ages(shifted(DAY)))
    assert NEGATIVE.search('"age":-86399') and NEGATIVE.search("\t-1d\t")


def test_nothing_is_pruned_that_is_not_old(lived):
    everything = ["prune", "--yes", "--max", 100, "--include-never-mailed", "--older-than", "1h"]
    lived.ok("deliver")
    for clock in (BACK, shifted(-10 * YEAR), shifted(600)):
        assert json.loads(ok(clock, lived, *everything, "--json"))["pruned"] == 0
    assert value(lived.db, "SELECT count(*) FROM users WHERE NOT admin") == 2
    # The control: they are old in time.
    assert json.loads(ok(shifted(2 * DAY), lived, *everything, "--json"))["pruned"] == 2


def test_no_mail_is_sent_twice(lived):
    assert mails(lived) == [ANN]
    for clock in (BACK, shifted(-10 * YEAR), BACK, shifted(0), BACK, shifted(DAY), shifted(0)):
        ok(clock, lived, "deliver")
    assert mails(lived) == [ANN, BOB]
    assert rows(lived.db, "SELECT attempts, state FROM regctl_outbox") == [(1, "sent")] * 2
    assert not value(lived.db, "SELECT count(*) FROM regctl_outbox WHERE possible_duplicate")


def test_an_account_of_a_clock_behind_is_whole(lived):
    ok(BACK, lived, "register", EVE, "--no-password")
    assert run(BACK, lived, "register", EVE, "--no-password").returncode == 1
    # Its mail is due at once, when the clock is right too.
    ok(BACK, lived, "deliver")
    assert mails(lived) == [ANN, EVE]
    lived.ok("deliver")
    assert mails(lived) == [ANN, BOB, EVE]
    result = run(BACK, lived, "resend", ANN)
    assert result.returncode == 1 and b"too soon to mail" in result.stderr
    assert not NEGATIVE.search(result.stderr.decode())
    assert lived.run("audit", "--verify").returncode == 0
    assert integrity(lived.db) == "ok"


def test_doctor_names_a_clock_that_was_set_back_although_more_was_recorded_since(lived):
    def clock_of(clock: list[str]) -> str:
        findings = json.loads(run(clock, lived, "doctor", "--json").stdout)
        [found] = [each["result"] for each in findings["checks"] if each["check"] == "clock"]
        return found

    assert clock_of(shifted(0)) == "ok"
    assert clock_of(BACK) == "failed"
    for name in range(3):
        ok(BACK, lived, "register", f"late{name}@example.org", "--no-password")
    assert clock_of(BACK) == "failed"


@pytest.mark.parametrize("moment", [2**31 - 2, 2**31 + 5, 4_107_542_400, 2**32 + 3], ids=str)
def test_an_account_is_registered_mailed_confirmed_and_pruned_in_any_year(site, moment):
    def at(seconds: int, *words: object) -> dict:
        return json.loads(ok(frozen(moment + seconds), site, *words, "--json"))

    for email in (ANN, BOB):
        at(0, "register", email, "--no-password")
    assert at(1, "deliver")["sent"] == 2
    token = ok(frozen(moment + 2), site, "issue-token", ANN).strip()
    assert at(3, "confirm", token)["results"][0]["result"] == "confirmed"
    shown = at(60, "list-unconfirmed")["accounts"]
    assert [(each["email"], each["age"]) for each in shown] == [(BOB, 60)]
    assert at(13 * DAY, "prune", "--yes")["pruned"] == 0
    assert at(15 * DAY, "prune", "--yes")["pruned"] == 1
    assert site.run("audit", "--verify").returncode == 0
