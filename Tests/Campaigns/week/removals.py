"""Accounts that go and come back: regctl-prune(1), regctl-delete(1), regctl-erase(1) and others."""

from Campaigns.week.records import DONE, REFUSED, WAITING, Account, Change, Entry, Run
from Campaigns.week.state import State


class Removals(State):
    """What deletes, prunes and erases accounts, and restores them."""

    def _delete(self, at: int, by: str, email: str, reason: str) -> Change:
        account = self.live(email)
        if not account:
            return Change(REFUSED)
        entry = self._act(at, by, "delete", account, reason)
        self._void(account, at)
        self._be_gone(account, at, "deleted")
        return Change(DONE, [entry])

    def _be_gone(self, account: Account, at: int, how: str, run: int | None = None) -> None:
        account.gone, account.run = how, run
        account.campaigns.clear()
        for mail in self.mails_of(account):
            if mail.state in WAITING:
                mail.state, mail.finished, mail.due = "cancelled", at, None
                mail.is_ended_by_trigger = True

    def _undelete(self, at: int, by: str, email: str) -> Change:
        gone = [account for account in self.accounts.values()
                if account.gone == "deleted" and account.email == email]
        if not gone or self.live(email):
            return Change(REFUSED)
        account = gone[-1]
        account.gone, account.is_shut = None, self.is_locked(account)
        return Change(DONE, [self._act(at, by, "undelete", account)])

    def _unprune(self, at: int, by: str, email: str) -> Change:
        gone = [account for account in self.accounts.values()
                if account.gone == "pruned" and account.email == email]
        if not gone or self.live(email):
            return Change(REFUSED)
        account = max(gone, key=lambda account: account.run)
        self.runs[account.run].restored += 1
        account.gone = account.run = None
        account.is_shut = self.is_locked(account)
        return Change(DONE, [self._act(at, by, "unprune", account)])

    def _erase(self, at: int, by: str, email: str, reason: str) -> Change:
        person = self._person(email)
        if not person:
            return Change(REFUSED)
        numbers = {account.number for account in person}
        for entry in self.entries:
            # An entry about many has no address.
            if len(entry.accounts) == 1 and entry.email and entry.accounts[0] in numbers:
                entry.email = entry.reason = None
                entry.is_erased = True
        live = [account.number for account in person if not account.gone]
        for account in person:
            account.gone, account.is_suppressed = "erased", False
        self.mails = {
            number: mail for number, mail in self.mails.items() if mail.account not in numbers}
        self.reports = [report for report in self.reports if report.account not in numbers]
        return Change(DONE, [Entry(at, by, "erase", None, reason, live)])

    def _person(self, email: str) -> list[Account]:
        """The accounts that are, or were, of one person: those that had an address in common."""
        live = self.live(email)
        known = {email} | (live.addresses if live else set())
        while True:
            person = [
                account for account in self.accounts.values()
                if account is live
                or (account.gone in {"deleted", "pruned"} and account.addresses & known)]
            more = known.union(*(account.addresses for account in person))
            if more == known:
                return person
            known = more

    # Pruning.

    def keep_reason(self, account: Account, cutoff: int) -> str | None:
        """Why an account that is old enough is kept."""
        mails = self.mails_of(account)
        sent = [mail.finished for mail in mails if mail.state == "sent"]
        if self.is_locked(account):
            return "locked"
        if any(mail.state in WAITING for mail in mails):
            return "mail_pending"
        if sent and max(sent) >= cutoff:
            return "recent_mail"
        if account.acts and max(account.acts) >= cutoff:
            return "recent_act"
        last = max(mails, key=lambda mail: mail.number, default=None)
        if last and last.state in {"sent", "bounced"}:
            is_our_fault = any(
                report.mail == last.number and report.result == "declined" for report in self.reports)
            return "no_final_answer" if is_our_fault else None
        # No mail that was refused for a fault of the sender is ever `failed`.
        return None if last and last.state == "failed" else "no_final_answer"

    def prune_decisions(self, at: int, age: int) -> dict[int, str | None]:
        """Every account that is old enough, and why it is kept."""
        return {
            account.number: self.keep_reason(account, at - age)
            for account in self.present()
            if account.confirmed is None and account.registered < at - age
        }

    def pruned(
        self, at: int, by: str, age: int, run: int | None, done: list[int] | None
    ) -> tuple[list[int], dict[int, str]]:
        """A run of prune; a killed one is told which accounts are gone. Returns who went and stayed."""
        decisions = self.prune_decisions(at, age)
        pruned = [number for number, reason in decisions.items() if reason is None]
        if len(pruned) * 2 > len(self.present()):
            return [], {}
        if done is not None:
            assert set(done) <= set(pruned), f"pruned {set(done) - set(pruned)} without a reason"
            pruned = done
        if pruned:
            for number in pruned:
                self._be_gone(self.accounts[number], at, "pruned", run)
                self.accounts[number].acts.append(at)
            self.entries.append(Entry(at, by, "prune", accounts=pruned))
            self.runs[run] = Run(at, pruned)
        return pruned, {number: reason for number, reason in decisions.items() if reason}
