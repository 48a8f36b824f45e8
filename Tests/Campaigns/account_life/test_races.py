"""K13: of changes, links, locks and deletions that meet, one comes first, and none does half of it."""

import json
import time
from collections import Counter

import pytest

from Campaigns import sites
from Campaigns.account_life.life import HOME, registered
from Campaigns.database import connected, integrity, rows, value
from Campaigns.extent import IS_FULL
from Campaigns.processes import at_once, last_error
from engines import on_both_engines
from regctl import Site
from tokens import bound_token, fingerprint, token

pytestmark = on_both_engines

ROUNDS = 100 if IS_FULL else 50
CLOSINGS = 60 if IS_FULL else 10


def wrong_with_owners(site: Site, address: str) -> list[str]:
    owners = value(site.db, "SELECT count(*) FROM users WHERE lower(email) = lower(?)", address)
    return [] if owners == 1 else [f"{owners} owners"]


def race(site: Site, number: int) -> Counter[str]:
    """A link to a new address is followed twice while another user registers that address."""
    old, new = f"old{number}@example.org", f"new{number}@example.org"
    now = int(time.time())
    link = bound_token([new, str(number)], now, "change-email")
    outcomes = at_once(
        site,
        [
            ["confirm", link, "--json"],
            ["register", new.upper(), "--no-password", "--json"],
            ["confirm", link, "--json"],
        ],
    )
    codes = [code for code, _, _ in outcomes]
    registered = codes[1] == 0
    refusals = {last_error(error)["code"] for code, _, error in outcomes if code}
    if registered:
        assert codes == [1, 0, 1], outcomes
        assert refusals == {"already_registered_unconfirmed"}, outcomes
    else:
        assert codes == [0, 1, 0], outcomes
        assert refusals == {"already_registered"}, outcomes
        results = [json.loads(outcomes[at][1])["results"][0]["result"] for at in (0, 2)]
        assert sorted(results) == ["already_confirmed", "confirmed"], outcomes
    assert wrong_with_owners(site, new) == []
    kept = value(site.db, "SELECT count(*) FROM users WHERE email = ?", old)
    assert kept == int(registered)
    return Counter(["register" if registered else "confirm"])


@pytest.fixture
def adopted(new_site) -> Site:
    """A database in which addresses may differ in case only, and many accounts are to have others."""
    dates = ("2026-01-01 00:00:00.000000", "2026-01-02 00:00:00.000000")
    accounts = [(f"old{number}@example.org", "!", *dates) for number in range(1, ROUNDS + 1)]
    return sites.adopted(new_site, *accounts)


def test_a_race_to_confirm_and_register_an_address_has_one_winner(adopted):
    with connected(adopted.db) as connection:
        connection.execute(
            "INSERT INTO regctl_email_changes (account_id, old_email, new_email, requested_at)"
            " SELECT id, email, 'new' || id || '@example.org', 0 FROM users ORDER BY id"
        )
    winners: Counter[str] = Counter()
    for number in range(1, ROUNDS + 1):
        winners += race(adopted, number)
    assert sum(winners.values()) == ROUNDS
    assert len(winners) == 2, "one of them always comes first, so that nothing was raced"
    assert value(adopted.db, "SELECT count(*) FROM users") == ROUNDS + winners["register"]
    done = value(adopted.db, "SELECT count(*) FROM regctl_email_changes WHERE confirmed_at > 0")
    assert done == winners["confirm"]
    assert adopted.json("audit", "--verify")["verified"] > ROUNDS
    assert integrity(adopted.db) == "ok"


def test_of_two_changes_requested_at_once_one_link_is_valid(adopted):
    for number in range(1, 21):
        old = f"old{number}@example.org"
        news = [f"{name}{number}@example.org" for name in ("one", "two")]
        outcomes = at_once(adopted, [["change-email", old, new, "--json"] for new in news])
        assert [code for code, _, _ in outcomes] == [0, 0], outcomes
        waiting = rows(
            adopted.db,
            "SELECT email FROM regctl_outbox WHERE account_id = ?"
            " AND template = 'change-email' AND state = 'queued'",
            number,
        )
        requests = rows(
            adopted.db,
            "SELECT request, new_email FROM regctl_email_changes WHERE account_id = ? ORDER BY 1",
            number,
        )
        assert sorted(new for _, new in requests) == sorted(news)
        assert waiting == [(requests[-1][1],)]
        now = int(time.time())
        links = [bound_token([new, str(request)], now, "change-email") for request, new in requests]
        outcomes = at_once(adopted, [["confirm", link, "--json"] for link in links])
        assert [code for code, _, _ in outcomes] == [1, 0], outcomes
        assert last_error(outcomes[0][2])["code"] == "token_revoked"
        assert value(adopted.db, "SELECT email FROM users WHERE id = ?", number) == requests[-1][1]


def test_two_accounts_that_are_to_have_one_address_do_not_both_get_it(adopted):
    new = "new@example.org"
    now = int(time.time())
    for number in range(1, 21):
        adopted.ok("change-email", f"old{number}@example.org", new)
    links = [bound_token([new, str(number)], now, "change-email") for number in range(1, 21)]
    outcomes = at_once(adopted, [["confirm", link, "--json"] for link in links])
    assert Counter(code for code, _, _ in outcomes) == {0: 1, 1: 19}, outcomes
    assert {last_error(error)["code"] for code, _, error in outcomes if code} == {"already_registered"}
    assert wrong_with_owners(adopted, new) == []


def closing_race(site: Site, number: int, purpose: str, act: list[str]) -> str:
    """A link of an account is used while an operator closes it; says which came first."""
    email = f"old{number}@example.org"
    query = "SELECT email, password, confirmed FROM users WHERE id = ?"
    [before] = rows(site.db, query, number)
    now = int(time.time())
    line, undo = {
        "confirm": ["confirm", token(email, now), "--json"],
        "reset": [
            "reset-password", "--generate-password", "--json", "--token",
            bound_token([email, fingerprint(before[1])], now, "reset"),
        ],
    }[purpose], {"lock": "unlock", "delete": "undelete"}[act[0]]
    (used, _, error), (closed, output, _) = at_once(site, [line, [act[0], email, *act[1:], "--json"]])
    assert closed == 0, output
    if used:
        assert last_error(error)["code"] in ("locked", "not_found", "token_revoked"), error
    site.ok(undo, email)
    [after] = rows(site.db, query, number)
    assert (after == before) == (used != 0), (before, after)
    # Either way, the link is void now.
    assert site.run(*line).returncode == (0 if used == 0 and purpose == "confirm" else 1)
    assert rows(site.db, query, number) == [after]
    return act[0] if used else purpose


@pytest.mark.parametrize("act", ["lock", "delete"])
@pytest.mark.parametrize("purpose", ["confirm", "reset"])
def test_a_link_is_used_before_an_account_is_closed_or_not_at_all(new_site, purpose, act):
    unconfirmed = [
        (f"old{number}@example.org", "!", "2026-01-01 00:00:00.000000", None)
        for number in range(1, CLOSINGS + 1)
    ]
    site = sites.adopted(new_site, *unconfirmed)
    words = [act, "--reason", "test", *(["--yes"] if act == "delete" else [])]
    winners = Counter(closing_race(site, number, purpose, words) for number in range(1, CLOSINGS + 1))
    print(f"first: {dict(winners)}")
    assert site.run("audit", "--verify").returncode == 0
    assert integrity(site.db) == "ok"


def test_a_reset_link_that_is_used_by_many_at_once_works_once(new_site):
    site = registered(new_site())
    link = site.ok("issue-token", HOME, "--purpose", "reset").strip()
    words = ["reset-password", "--token", link, "--generate-password", "--json"]
    outcomes = at_once(site, [words] * 16)
    assert Counter(code for code, _, _ in outcomes) == {0: 1, 1: 15}, outcomes
    assert {last_error(error)["code"] for code, _, error in outcomes if code} == {"token_revoked"}
    # The losers have printed passwords that do not work; exactly one works.
    site.ok("confirm", "--email", HOME, "--reason", "test")
    printed = [json.loads(output)["password"] for code, output, _ in outcomes if code == 0]
    site.ok("check", HOME, "--password-file", "-", input=printed[0])
