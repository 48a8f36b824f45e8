"""One account, all tokens that were ever issued to it, and what may become of them.

Time goes on by moving everything in the database and in the tokens back, so that no step waits.
"""

import base64
import json
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from Campaigns.database import Connection
from Campaigns.sites import LINKS
from regctl import Site
from tokens import bound_token

HOME = "ann@home.example"
ADDRESSES = [HOME, "Ann@home.example", "ann@post.example", "ann@third.example"]
TAKEN = "bob@example.org"
# The number of the account.
NUMBER = 1

PAGES = {"confirm": "confirm", "reset": "reset", "change": "change-email"}


def registered(site: Site) -> Site:
    """A site in which Ann is unconfirmed, and Bob has an address that is not available to Ann."""
    site.settings |= LINKS
    site.write_config()
    site.ok("create-db")
    site.ok("register", HOME, "--no-password")
    site.ok("create-admin", TAKEN, "--generate-password")
    return site


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


@dataclass(frozen=True)
class Account:
    """The account as the application sees it."""

    address: str
    password: str
    confirmed: bool


@dataclass
class Life:
    """The account, its tokens, and what was done."""

    site: Site
    # Kept open, because to connect to a server takes longer than to ask it.
    connection: Connection
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

    # Whether an operator has locked the account, and its password before unless another was set since.
    is_locked: bool = False
    before_lock: str | None = None

    # What the account was, and whether it was locked, when it was last deleted.
    before_deletion: tuple[Account, bool] | None = None

    @property
    def account(self) -> Account | None:
        """The account, or `None` while it is deleted."""
        columns = "email, password, confirmed"
        query = f"SELECT {columns} FROM users WHERE id = {NUMBER} AND email NOT LIKE 'deleted-%'"
        found = self.connection.execute(query).fetchall()
        return Account(found[0][0], found[0][1], bool(found[0][2])) if found else None

    @property
    def address(self) -> str:
        """The address that the account has, or had before it was deleted."""
        account = self.account
        return account.address if account else self.before_deletion[0].address

    @property
    def is_shut(self) -> bool:
        """Whether no link may do anything."""
        return self.is_locked or self.account is None

    def wait(self, seconds: int) -> None:
        """Lets time go on."""
        self.age += seconds
        self.connection.executescript(f"""
            UPDATE regctl_accounts SET registered_at = registered_at - {seconds},
              not_before = not_before - {seconds};
            UPDATE regctl_outbox SET queued_at = queued_at - {seconds},
              next_attempt_at = next_attempt_at - {seconds};
            UPDATE regctl_email_changes SET requested_at = requested_at - {seconds}""")

    def keep(self, page: str, text: str, address: str) -> None:
        """Notes a token that was mailed in the link to a page."""
        self.expect(not self.is_shut, f"a link to {address} in spite of a lock or a deletion")
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
            self.connection.executescript(self.fault)
        self.expect_void_links()

    def expect_void_links(self) -> None:
        """No link that there is does anything."""
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
        self.expect(not self.is_shut, f"a {token.purpose} token was used in spite of a lock or a deletion")

    def expect(self, condition: object, what: str) -> None:
        if not condition:
            self.wrong.append(what)


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
