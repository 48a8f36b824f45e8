"""What the reckoning of the week knows of an account, a mail and an act."""

from dataclasses import dataclass, field
from typing import NamedTuple

from Campaigns.week.clock import DAY, HOUR, MINUTE

# Settings, at their defaults.
RETRIES = [1 * MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 240 * MINUTE]
LIFETIME = 2 * DAY
TOKEN_MAX_AGE = HOUR
RESEND_INTERVAL, RESENDS_PER_DAY = 2 * MINUTE, 5
FLOOD, FLOOD_FACTOR = 100, 10
MAIL_CONNECTIONS = 4

# The mails with a link that confirms an account.
CONFIRMING = {"confirm", "reminder", "invite"}
# And those with another link, which is void with the password that it replaces or the request.
OTHERS = {"reset", "change-email"}
WAITING = {"queued", "held", "sending"}


@dataclass
class Mail:
    """A mail of the outbox."""

    number: int
    account: int
    email: str
    template: str
    queued: int
    due: int | None
    state: str = "queued"
    attempts: int = 0
    finished: int | None = None
    is_duplicate: bool = False
    reply: str | None = None
    # Cancelled by the trigger on the table of accounts.
    is_ended_by_trigger: bool = False

    def is_due(self, at: int) -> bool:
        """Whether a pass takes it; one that a killed pass was sending is due at once."""
        return self.state == "sending" or (self.state == "queued" and self.due <= at)


@dataclass
class Account:
    """An account, present or gone."""

    number: int
    email: str
    registered: int
    # `None` for one who was invited and has not set any.
    password: str | None
    # When regctl registered it; the application's registrations leave no record.
    is_regctls: bool
    confirmed: int | None = None
    confirmed_by: str | None = None
    # How often the password was replaced: what a link for another one is bound to.
    replaced: int = 0
    # Locked itself, not with its domain.
    is_locked: bool = False
    # No password lets its owner in.
    is_shut: bool = False
    # Links of that second or earlier are void.
    void: int = -1
    acts: list[int] = field(default_factory=list)
    resends: list[int] = field(default_factory=list)
    resets: list[int] = field(default_factory=list)
    former: set[str] = field(default_factory=set)
    # The new address that was asked for last, and when.
    wanted: tuple[str, int] | None = None
    # When a link was last tried that had expired.
    tried_late: int = -1
    campaigns: set[str] = field(default_factory=set)
    is_suppressed: bool = False
    # `deleted`, `pruned` or `erased`.
    gone: str | None = None
    run: int | None = None

    @property
    def addresses(self) -> set[str]:
        return {self.email} | self.former

    @property
    def domain(self) -> str:
        return domain_of(self.email)


def domain_of(email: str) -> str:
    return email.split("@")[1]


@dataclass
class Entry:
    """An entry of the audit, about one account or many."""

    at: int
    by: str
    act: str
    email: str | None = None
    reason: str | None = None
    accounts: list[int] = field(default_factory=list)
    is_erased: bool = False


@dataclass
class Report:
    """What was reported of a mail."""

    at: int
    mail: int | None
    account: int
    email: str
    result: str
    status: str
    suppresses: bool
    # When the address was taken off the ledger again.
    cleared: int | None = None


@dataclass
class Run:
    """A run of prune."""

    at: int
    accounts: list[int]
    restored: int = 0


@dataclass
class Change:
    """What a command does: its exit codes, the entries and the mails that it makes."""

    codes: set[int]
    entries: list[Entry] = field(default_factory=list)
    # The account, the address, the template and when it is due.
    mails: list[tuple[int, str, str, int]] = field(default_factory=list)
    # Mails that should be new and are not there.
    missing: list[tuple[int, str, str]] = field(default_factory=list)


class Fresh(NamedTuple):
    """A mail that is new in the outbox."""

    number: int
    account: int
    email: str
    template: str


DONE, REFUSED = {0}, {1, 67}


@dataclass
class Row:
    """The row of a mail as it is in the outbox."""

    state: str
    attempts: int
    due: int | None
    finished: int | None
    is_duplicate: bool
