"""P7: the question on a terminal, and what happens where it cannot be asked."""

import re
import subprocess

import pytest

from Campaigns.database import dump, value
from Campaigns.processes import last_error
from Campaigns.prune.accounts import ALL, emails_in, fresh, populate, stale, user
from Campaigns.prune.question import QUESTION, ask
from Campaigns.terminal import on_terminal, rest
from engines import on_both_engines
from regctl import BINARY, Site


@pytest.mark.parametrize("typed", ["y", "Y"])
def test_the_answer_yes_prunes(site, typed):
    stale(site.db, 3)
    child = ask(site, *ALL)
    assert "3 accounts" in child.before and user(0) in child.before
    assert len(emails_in(site.db)) == 3, "it prunes before the answer"
    child.sendline(typed)
    assert "Pruned 3 accounts" in rest(child)
    assert child.exitstatus == 0
    assert emails_in(site.db) == []


@pytest.mark.parametrize("typed", ["n", "N", "no", "", " ", "x", "0", "1", "ny", "y n", "yellow", "é"])
def test_any_other_answer_does_not_prune(site, typed):
    stale(site.db, 3)
    before = dump(site.db)
    child = ask(site, *ALL, "--json")
    child.sendline(typed)
    screen = rest(child)
    assert child.exitstatus == 1
    error = last_error(screen.encode())
    assert (error["code"], error["exit"]) == ("declined", 1)
    assert dump(site.db) == before


def test_the_end_of_input_is_not_yes(site):
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


@on_both_engines
def test_a_question_holds_no_lock(site):
    """It may wait for an hour; an account that is confirmed meanwhile stays."""
    stale(site.db, 3)
    child = ask(site, *ALL)
    site.ok("confirm", "--email", user(1), "--reason", "called", "--busy-timeout", "0s")
    site.ok("register", "new@example.org", "--no-password", "--busy-timeout", "0s")
    child.sendline("y")
    assert "Pruned 2 accounts" in rest(child)
    assert emails_in(site.db) == ["new@example.org", user(1)]


def test_nothing_to_prune_asks_no_question(site):
    fresh(site.db, 2)
    child = on_terminal(site, "prune")
    screen = rest(child)
    assert child.exitstatus == 0
    assert QUESTION not in screen


@pytest.mark.parametrize("words", [["--yes"], ["-y"]])
def test_the_option_yes_asks_no_question(site, words):
    stale(site.db, 3)
    child = on_terminal(site, "prune", *ALL, *words)
    screen = rest(child)
    assert child.exitstatus == 0
    assert QUESTION not in screen
    assert emails_in(site.db) == []


@pytest.mark.parametrize("how", ["--no-input", "REGCTL_NO_INPUT"])
def test_no_input_asks_no_question_even_on_a_terminal(site, how):
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


def test_cron_without_yes_gets_an_error(site):
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
