"""What must have become of every account and every mail, decided from the events alone.

The rules are those of the manual, written again: regctl-register(1), regctl-confirm(1),
regctl-resend(1), regctl-deliver(1), regctl-bounce(1), regctl-prune(1) and so on. Two things cannot be
known from outside: the numbers that accounts and mails get, and by how much a delay is lengthened at
random. They are given with the events, and the second is checked.
"""

from Campaigns.week.bounces import Bounces
from Campaigns.week.deliveries import Deliveries
from Campaigns.week.links import Links
from Campaigns.week.locks import Locks
from Campaigns.week.records import DONE, TOKEN_MAX_AGE, Account, Change, Entry, Fresh, Mail
from Campaigns.week.removals import Removals


class Reckoning(Links, Locks, Removals, Bounces, Deliveries):
    """Is told of every event, and answers what must come of it."""

    # The application.

    def registered_by_application(self, at: int, number: int, email: str, password: str) -> None:
        assert number not in self.accounts and not self.live(email)
        self.accounts[number] = Account(number, email, at, password, is_regctls=False)

    def can_log_in(self, email: str, password: str) -> bool:
        account = self.live(email)
        return bool(account and account.password == password and not account.is_shut)

    def replaced_in_application(self, at: int, email: str, password: str) -> None:
        """Another password of an account whose owner is logged in."""
        account = self.live(email)
        account.password, account.replaced = password, account.replaced + 1

    def opened_in_application(self, at: int, session: str, email: str, issued: int) -> str:
        """A link to an address, opened by a visitor who is logged in; returns the answer."""
        account = self.live(session)
        if account.confirmed is not None:
            return "already confirmed"
        if account.email != email or at - issued > TOKEN_MAX_AGE:
            return "link invalid or expired"
        account.confirmed, account.confirmed_by = at, "application"
        return "confirmed"

    # Commands. Each answers what it does and does it; a killed one is told only if it was done.

    def called(self, at: int, by: str, words: list[str], fresh: list[Fresh]) -> Change:
        """A command that changes something; of the mails that are new it takes its own."""
        change = getattr(self, "_" + words[0].replace("-", "_"))(at, by, *words[1:])
        if words[0] in {"register", "invite"} and change.entries:
            number = next((mail.account for mail in fresh if mail.email == words[1]), -1)
            password = words[2] if words[0] == "register" else None
            self.accounts[number] = Account(number, words[1], at, password, is_regctls=True)
            change.entries[0].accounts = [number]
            template = "confirm" if words[0] == "register" else "invite"
            change.mails = [(number, words[1], template, at)]
        for entry in change.entries:
            for number in entry.accounts:
                if number in self.accounts:
                    self.accounts[number].acts.append(at)
        self.entries += change.entries
        for account, email, template, due in change.mails:
            mail = next((mail for mail in fresh if mail[1:] == (account, email, template)), None)
            if mail:
                fresh.remove(mail)
                number = mail.number
                self.mails[number] = Mail(number, account, email, template, at, due)
            else:
                change.missing.append((account, email, template))
        return change

    def _migrate_db(self, at: int, by: str, changes: str) -> Change:
        return Change(DONE, [Entry(at, by, "migrate-db")] if changes == "changes" else [])
