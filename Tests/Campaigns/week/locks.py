"""Locks of accounts and of a domain: regctl-lock(1) and regctl-unlock(1)."""

from Campaigns.week.records import CONFIRMING, DONE, REFUSED, Account, Change, Entry
from Campaigns.week.state import State


class Locks(State):
    """What shuts accounts and opens them."""

    def _lock(self, at: int, by: str, email: str, reason: str) -> Change:
        account = self.live(email)
        if not account:
            return Change(REFUSED)
        if account.is_locked:
            return Change(DONE)
        account.is_locked = True
        self._shut(account, at)
        return Change(DONE, [self._act(at, by, "lock", account, reason)])

    def _shut(self, account: Account, at: int) -> None:
        account.is_shut = True
        self._cancel(account, at, CONFIRMING)
        self._void(account, at)

    def _unlock(self, at: int, by: str, email: str) -> Change:
        account = self.live(email)
        if not account:
            return Change(REFUSED)
        if not account.is_locked:
            return Change({1} if self.is_locked(account) else DONE)
        account.is_locked = False
        account.is_shut = self.is_locked(account)
        return Change(DONE, [self._act(at, by, "unlock", account)])

    def _lock_domain(self, at: int, by: str, domain: str, reason: str) -> Change:
        """Also shuts those that the application has registered there since it was locked."""
        open_ones = [account for account in self.present()
                     if account.domain == domain and not account.is_shut]
        if domain in self.locked_domains and not open_ones:
            return Change(DONE)
        self.locked_domains.add(domain)
        for account in open_ones:
            self._shut(account, at)
        numbers = [account.number for account in open_ones]
        return Change(DONE, [Entry(at, by, "lock", None, reason, numbers)])

    def _unlock_domain(self, at: int, by: str, domain: str) -> Change:
        if domain not in self.locked_domains:
            return Change(DONE)
        self.locked_domains.remove(domain)
        shut = [account for account in self.present() if account.domain == domain
                and account.is_shut and not account.is_locked]
        for account in shut:
            account.is_shut = False
        return Change(DONE, [Entry(at, by, "unlock", accounts=[account.number for account in shut])])
