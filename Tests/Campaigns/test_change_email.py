"""K13: however changes, links and passwords follow one another, no account has an address but by its link.

And no link does anything after trust in its account was renewed: by another password, another
address, or because its confirmation was taken back.

Time goes on by moving everything in the database and in the tokens back, so that no step waits.
"""

import base64
import email
import email.policy
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from Campaigns import sites
from Campaigns.database import connected, integrity, rows, value
from Campaigns.processes import at_once, last_error
from Campaigns.sites import LINKS, copy_of
from engines import on_both_engines
from regctl import Site
from tokens import bound_token, fingerprint

pytestmark = on_both_engines

HOME = "ann@home.example"
ADDRESSES = [HOME, "Ann@home.example", "ann@post.example", "ann@third.example"]
TAKEN = "bob@example.org"
SEEDS = [1, 2, 3]
STEPS = 180
ROUNDS = 100

PAGES = {"confirm": "confirm", "reset": "reset", "change": "change-email"}
PASSWORDS = ["correct horse", "battery staple"]


@dataclass(frozen=True)
class Token:
    """A token as it was mailed: what it says, and where it went."""

    purpose: str
    payload: str | tuple[str, ...]
    address: str
    issued: int

    # How far time had gone on when it was issued, and how often trust had been renewed.
    age: int
    trust: int


@dataclass
class Life:
    """One account and all tokens that were ever issued to it, and what may become of them."""

    site: Site
    random: Random
    tokens: list[Token] = field(default_factory=list)
    age: int = 0
    used: set[Token] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    # How often trust in the account was renewed, and what that was when each address was asked for.
    trust: int = 0
    asked: dict[str, int] = field(default_factory=dict)

    # What a control does to the database after each renewal.
    fault: str = ""
    void: int = 0

    @property
    def account(self) -> tuple[str, bool]:
        """The address, and whether it is confirmed."""
        [(address, confirmed)] = rows(self.site.db, "SELECT email, confirmed FROM users WHERE id = 1")
        return address, bool(confirmed)

    @property
    def stored(self) -> str:
        return value(self.site.db, "SELECT password FROM users WHERE id = 1")

    def wait(self, seconds: int) -> None:
        """Lets time go on."""
        self.age += seconds
        with connected(self.site.db) as connection:
            connection.executescript(f"""
                UPDATE regctl_accounts SET registered_at = registered_at - {seconds},
                  not_before = not_before - {seconds};
                UPDATE regctl_outbox SET queued_at = queued_at - {seconds},
                  next_attempt_at = next_attempt_at - {seconds};
                UPDATE regctl_email_changes SET requested_at = requested_at - {seconds}""")

    def keep(self, page: str, text: str, address: str) -> None:
        """Notes a token that was mailed in the link to a page."""
        payload, issued, _ = text.split(".")
        said = json.loads(decoded(payload))
        found = said if isinstance(said, str) else tuple(said)
        moment = int.from_bytes(decoded(issued))
        self.tokens.append(Token(PAGES[page], found, address, moment, self.age, self.trust))

    def text(self, token: Token) -> str:
        """The token as old as it is by now."""
        payload = token.payload if isinstance(token.payload, str) else list(token.payload)
        return bound_token(payload, token.issued - (self.age - token.age), token.purpose)

    def renew(self) -> None:
        """Trust was renewed: no link of before does anything, at once or later."""
        self.trust += 1
        if self.fault:
            with connected(self.site.db) as connection:
                connection.executescript(self.fault)
        links = [self.text(token) for token in self.tokens[-40:]]
        if not links:
            return
        before = self.account
        answer = self.site.run("confirm", "--stdin", "--json", input="\n".join(links))
        results = json.loads(answer.stdout)["results"]
        self.expect(len(results) == len(links), f"not every link was answered: {answer}")
        done = {result["result"] for result in results} - {"failed", "already_confirmed"}
        self.expect(not done, f"links of before: {results}")
        self.expect(self.account == before, f"{before} is {self.account} by links of before")
        self.void += len(links)

    def use(self, token: Token) -> None:
        """A token has done what it is for."""
        self.done[token.purpose] += 1
        self.expect(token.trust == self.trust, f"a {token.purpose} token of before was used")

    def expect(self, condition: object, what: str) -> None:
        if not condition:
            self.wrong.append(what)


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# What may happen. Each answers with the address that it may have confirmed.


def change(life: Life) -> str:
    new = life.random.choice([*ADDRESSES, TAKEN])
    result = life.site.run("change-email", life.account[0], new, "--json")
    match json.loads(result.stdout)["result"] if result.returncode == 0 else "refused":
        case "changed":
            life.renew()
        case "requested":
            life.asked[new] = life.trust
    return ""


def unconfirm(life: Life) -> str:
    [undone] = life.site.json("unconfirm", life.account[0], "--reason", "test")["results"]
    if undone["result"] == "unconfirmed":
        life.renew()
    return ""


def deliver(life: Life) -> str:
    """Sends what is queued, and keeps the links with the addresses to which they went."""
    life.site.ok("deliver")
    for path in (life.site.maildir / "new").iterdir():
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        text = mail.get_body(("plain",)).get_content()
        if link := re.search(r"https://app\.example/(\w+)/(\S+)", text):
            life.keep(link[1], link[2], mail["To"])
        path.unlink()
    return ""


def resend(life: Life) -> str:
    life.site.run("resend", life.account[0], "--force")
    return deliver(life)


def ask_for_reset(life: Life) -> str:
    life.site.ok("reset-password", life.account[0], "--force")
    return deliver(life)


def set_password(life: Life) -> str:
    words = ["set-password", life.account[0], "--password-file", "-"]
    life.site.ok(*words, input=life.random.choice(PASSWORDS))
    life.renew()
    return ""


def reset(life: Life) -> str:
    """Uses a token, which must be a reset token that was not used, of this password and address."""
    good = [token for token in life.tokens[-12:] if token.purpose == "reset"]
    if not life.tokens:
        return ""
    token = life.random.choice(good if good and life.random.random() < 0.7 else life.tokens)
    before, address = life.stored, life.account[0]
    words = ["reset-password", "--token", life.text(token), "--password-file", "-"]
    result = life.site.run(*words, input=life.random.choice(PASSWORDS))
    life.expect((result.returncode == 0) == (life.stored != before), f"half a reset: {result}")
    if result.returncode == 0:
        life.use(token)
        life.expect(token.purpose == "reset", f"a {token.purpose} token has replaced a password")
        life.expect(token not in life.used, "a reset token was used twice")
        life.expect(token.address == address, f"{token.address} has reset the password of {address}")
        life.expect(token.payload[1] == fingerprint(before), "a token of another password was used")
        life.used.add(token)
        life.renew()
    return ""


def confirm(life: Life) -> str:
    """Follows a link, most often one of the newest."""
    if not life.tokens:
        return ""
    token = life.random.choice(life.tokens[-5:] if life.random.random() < 0.7 else life.tokens)
    before = life.account
    result = life.site.run("confirm", life.text(token), "--json")
    address, confirmed = life.account
    if result.returncode != 0:
        life.expect(life.account == before, f"refused, but done: {result}")
        return ""
    life.expect(token.purpose != "reset", "a reset token has confirmed")
    life.expect(confirmed, f"said to be confirmed: {result}")
    [said] = json.loads(result.stdout)["results"]
    life.expect(said["email"] == address, f"not the account's address: {said}")
    if said["result"] == "confirmed":
        life.expect(life.account != before, f"nothing was confirmed: {said}")
        life.use(token)
        if token.purpose == "change-email":
            asked = life.asked.get(token.address)
            life.expect(asked == life.trust, f"a change of before to {token.address} was carried out")
            life.renew()
        return token.address
    life.expect(life.account == before, f"confirmed already, and yet changed: {said}")
    return ""


def issue(life: Life) -> str:
    """Has a token printed, as if it were mailed: one of a change only while that waits."""
    purpose = life.random.choice(list(PAGES.values()))
    result = life.site.run("issue-token", life.account[0], "--purpose", purpose, "--json")
    if result.returncode == 0:
        [said] = json.loads(result.stdout)["tokens"]
        page = next(page for page, meant in PAGES.items() if meant == purpose)
        life.keep(page, said["token"], said["email"])
    return ""


MOVES = {
    change: 4, unconfirm: 1, deliver: 5, resend: 2, confirm: 10, ask_for_reset: 2, reset: 4,
    set_password: 1, issue: 8,
}  # fmt: skip
# By these a confirmed account stays so, and a change that it asks for waits.
MOVES_WHILE_CONFIRMED = {change: 3, issue: 6, confirm: 4, set_password: 1}

# What makes links, and changes of address, good again that are void.
FORGET_TOKENS = "UPDATE regctl_accounts SET not_before = NULL"
FORGET_CHANGES = "UPDATE regctl_email_changes SET voided_at = NULL"


def step(life: Life, moves: dict[Callable[[Life], str], int]) -> None:
    """Performs a step, and checks the resulting account."""
    [move] = life.random.choices(list(moves), moves.values())
    old_address, was_confirmed = life.account
    proven = move(life)
    address, confirmed = life.account
    if (confirmed and not was_confirmed) or (confirmed and address != old_address):
        life.expect(proven == address, f"{move.__name__}: {address} was confirmed for {proven!r}")
    if address != old_address:
        life.expect(move in (change, confirm), f"{move.__name__} has changed the address")
    life.wait(life.random.choice([1, 1, 1, 2, 30]))


@pytest.fixture(scope="module")
def prototype(tmp_path_factory: pytest.TempPathFactory, new_database_of_module) -> Site:
    """Ann is unconfirmed, and Bob has an address that is not available to Ann."""
    site = Site(tmp_path_factory.mktemp("prototype"), new_database_of_module(), **LINKS)
    site.ok("create-db")
    site.ok("register", HOME, "--no-password")
    site.ok("create-admin", TAKEN, "--generate-password")
    return site


def test_in_random_steps_no_link_does_what_it_must_not(prototype, tmp_path):
    done: Counter[str] = Counter()
    void, addresses = 0, set()
    for seed in SEEDS:
        life = Life(copy_of(prototype, tmp_path / f"site{seed}"), Random(seed))
        for _ in range(STEPS):
            step(life, MOVES)
        assert life.wrong == []
        assert integrity(life.site.db) == "ok"
        done += life.done
        void += life.void
        addresses |= {token.address for token in life.tokens}
    # Otherwise nothing was tried.
    assert min(done[name] for name in ("confirm", "change-email", "reset")) >= 2, done
    assert len(addresses) >= 4
    assert void >= 500


@pytest.mark.parametrize(
    ("moves", "fault"),
    [
        (MOVES, FORGET_TOKENS),
        (MOVES_WHILE_CONFIRMED, FORGET_CHANGES),
        (MOVES_WHILE_CONFIRMED, f"{FORGET_TOKENS}; {FORGET_CHANGES}"),
    ],
    ids=["tokens", "changes", "both"],
)
def test_the_model_detects_links_that_are_not_void(prototype, tmp_path, moves, fault):
    """The control."""
    life = Life(copy_of(prototype, tmp_path / "site"), Random(1), fault=fault)
    if moves is MOVES_WHILE_CONFIRMED:
        life.site.ok("confirm", "--email", HOME, "--reason", "test")
    for _ in range(4 * STEPS):
        step(life, moves)
        if life.wrong:
            break
    assert "of before" in life.wrong[0]


def test_the_model_detects_a_confirmation_by_the_token_of_another_address(prototype, tmp_path):
    """The control."""
    life = Life(copy_of(prototype, tmp_path / "site"), Random(1))

    def forge(life: Life) -> str:
        with connected(life.site.db) as connection:
            connection.execute("UPDATE users SET email = 'eve@x.org', confirmed = TRUE WHERE id = 1")
        return HOME

    step(life, {forge: 1})
    assert life.wrong == [
        "forge: eve@x.org was confirmed for 'ann@home.example'", "forge has changed the address"
    ]


# Races


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


def test_a_reset_link_that_is_used_by_many_at_once_works_once(prototype, tmp_path):
    site = copy_of(prototype, tmp_path / "site")
    link = site.ok("issue-token", HOME, "--purpose", "reset").strip()
    words = ["reset-password", "--token", link, "--generate-password", "--json"]
    outcomes = at_once(site, [words] * 16)
    assert Counter(code for code, _, _ in outcomes) == {0: 1, 1: 15}, outcomes
    assert {last_error(error)["code"] for code, _, error in outcomes if code} == {"token_revoked"}
    # The losers have printed passwords that do not work; exactly one works.
    site.ok("confirm", "--email", HOME, "--reason", "test")
    printed = [json.loads(output)["password"] for code, output, _ in outcomes if code == 0]
    site.ok("check", HOME, "--password-file", "-", input=printed[0])
