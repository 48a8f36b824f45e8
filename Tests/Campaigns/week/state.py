"""The accounts and mails of the week as they are now, and what several commands change."""

from collections.abc import Iterable

from Campaigns.week.clock import HOUR
from Campaigns.week.records import CONFIRMING, OTHERS, WAITING, Account, Entry, Mail, Report, Run


class State:
    """The state that follows from the events so far."""

    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.mails: dict[int, Mail] = {}
        self.entries: list[Entry] = []
        self.reports: list[Report] = []
        self.runs: dict[int, Run] = {}
        self.locked_domains: set[str] = set()
        self.released = -1
        # When each alarm was last raised, and until when that is not known.
        self.alarms: dict[str, int] = {}
        self.unsure_until = -1
        self.repeats = 0

    # What is there.

    def live(self, email: str) -> Account | None:
        """The account that has an address now."""
        for account in self.accounts.values():
            if not account.gone and account.email == email:
                return account
        return None

    def present(self) -> list[Account]:
        return [account for account in self.accounts.values() if not account.gone]

    def is_locked(self, account: Account) -> bool:
        """Whether an account is locked, itself or with its domain."""
        return account.is_locked or account.domain in self.locked_domains

    def is_invited(self, account: Account) -> bool:
        """Whether the owner of an account was invited and has set no password yet."""
        was_invited = any(mail.template == "invite" for mail in self.mails_of(account))
        return was_invited and account.confirmed is None and account.password is None

    def mails_of(self, account: Account) -> list[Mail]:
        return [mail for mail in self.mails.values() if mail.account == account.number]

    def waiting(self) -> list[Mail]:
        return [mail for mail in self.mails.values() if mail.state in WAITING]

    # What several commands do.

    def _act(
        self, at: int, by: str, act: str, account: Account, reason: str | None = None
    ) -> Entry:
        return Entry(at, by, act, account.email, reason, [account.number])

    def _be_confirmed(self, account: Account, at: int, by: str) -> None:
        account.confirmed, account.confirmed_by = at, by
        self._clear(account, at)

    def _clear(self, account: Account, at: int) -> None:
        account.is_suppressed = False
        for report in self.reports:
            if report.account == account.number and report.suppresses and report.cleared is None:
                report.cleared = at

    def _cancel(self, account: Account, at: int, templates: Iterable[str]) -> None:
        """Cancels mails, but for those that a killed pass was sending: the next one judges them."""
        for mail in self.mails_of(account):
            if mail.state in {"queued", "held"} and mail.template in templates:
                mail.state, mail.finished, mail.due = "cancelled", at, None

    def _void(self, account: Account, at: int) -> None:
        """Voids every link; those that are mailed later are of the next second."""
        account.void = account.void + 1 if at <= account.void < at + HOUR else at
        account.wanted = None
        self._cancel(account, at, OTHERS)
        for mail in self.mails_of(account):
            if mail.state == "queued" and mail.template in CONFIRMING:
                mail.due = max(mail.due, account.void + 1)

    def _next_link(self, account: Account, at: int) -> int:
        """From when a link is valid."""
        return max(at, account.void + 1)
