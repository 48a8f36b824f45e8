"""Registrations, links and the mails that carry them: regctl-register(1), regctl-confirm(1)."""

from Campaigns.week.clock import DAY
from Campaigns.week.records import (
    CONFIRMING, DONE, REFUSED, RESEND_INTERVAL, RESENDS_PER_DAY, TOKEN_MAX_AGE, Account, Change, Entry,
    Mail, domain_of,
)
from Campaigns.week.state import State


class Links(State):
    """What makes an account, confirms it, or gives it another address or password."""

    def _register(self, at: int, by: str, email: str, password: str) -> Change:
        if self.live(email) or domain_of(email) in self.locked_domains:
            return Change({1})
        return Change(DONE, [Entry(at, by, "register", email)])

    def _invite(self, at: int, by: str, email: str) -> Change:
        return self._register(at, by, email, "")

    def _confirm(self, at: int, by: str, email: str, reason: str) -> Change:
        account = self.live(email)
        if not account or self.is_locked(account):
            return Change(REFUSED)
        if account.confirmed is not None:
            return Change(DONE)
        self._be_confirmed(account, at, "operator")
        return Change(DONE, [self._act(at, by, "confirm-by-operator", account, reason)])

    def _open(self, at: int, by: str, email: str, issued: str, purpose: str, old: str) -> Change:
        """A link to an address, passed to `regctl confirm`; of a change, the address before."""
        issued = int(issued)
        if purpose == "change":
            return self._open_change(at, by, email, issued, old)
        account = self.live(email)
        if not account or self.is_locked(account):
            return Change(REFUSED)
        if account.confirmed is not None:
            return Change(DONE)
        is_too_old = issued <= account.void or (account.is_regctls and issued < account.registered)
        if is_too_old:
            return Change({1})
        if at - issued > TOKEN_MAX_AGE:
            return Change({1}, self._try_late(account, at, by, issued))
        self._be_confirmed(account, at, "token")
        return Change(DONE, [self._act(at, by, "confirm", account)])

    def _try_late(self, account: Account, at: int, by: str, issued: int) -> list[Entry]:
        """What is recorded of a link that was tried after it had expired: once for each."""
        if account.tried_late > issued:
            return []
        account.tried_late = at
        return [self._act(at, by, "expired-link", account)]

    def _open_change(self, at: int, by: str, new: str, issued: int, old: str) -> Change:
        account = self.live(old)
        if not account and (changed := self.live(new)) and old in changed.former:
            # It was used already.
            return Change(DONE | REFUSED)
        if not account or self.is_locked(account):
            return Change(REFUSED)
        if not account.wanted or account.wanted[0] != new or at - issued > TOKEN_MAX_AGE:
            return Change(REFUSED)
        if self._is_taken(new):
            return Change(REFUSED)
        entry = self._act(at, by, "confirm-email-change", account)
        self._readdress(account, at, new)
        return Change(DONE, [entry])

    def _is_taken(self, email: str) -> bool:
        """Whether no account can get an address."""
        return bool(self.live(email)) or domain_of(email) in self.locked_domains

    def _readdress(self, account: Account, at: int, new: str) -> None:
        account.former.add(account.email)
        account.email = new
        self._clear(account, at)
        self._cancel(account, at, CONFIRMING)
        self._void(account, at)

    def _change_email(self, at: int, by: str, email: str, new: str) -> Change:
        account = self.live(email)
        if not account or self.is_locked(account) or self._is_taken(new):
            return Change(REFUSED)
        if account.confirmed is None:
            entry = self._act(at, by, "change-email", account)
            template = "invite" if self.is_invited(account) else "confirm"
            self._readdress(account, at, new)
            return Change(DONE, [entry], [(account.number, new, template, account.void + 1)])
        self._cancel(account, at, {"change-email"})
        account.wanted = (new, at)
        entry = self._act(at, by, "request-email-change", account)
        due = self._next_link(account, at)
        return Change(DONE, [entry], [
            (account.number, new, "change-email", due), (account.number, email, "changed-notice", at),
        ])

    def _request_reset(self, at: int, by: str, email: str) -> Change:
        """`reset-password EMAIL`."""
        account = self.live(email)
        if not account or self.is_locked(account):
            return Change(REFUSED)
        recent = [reset for reset in account.resets if reset >= at - DAY]
        is_too_soon = bool(recent) and at < max(recent) + RESEND_INTERVAL
        if is_too_soon or len(recent) >= RESENDS_PER_DAY:
            return Change({1})
        account.resets.append(at)
        entry = self._act(at, by, "request-reset", account)
        due = self._next_link(account, at)
        if pending := self._pending(account, {"reset"}):
            pending.due, pending.queued = due, at
            return Change(DONE, [entry])
        return Change(DONE, [entry], [(account.number, account.email, "reset", due)])

    def _reset(self, at: int, by: str, email: str, issued: str, replaced: str, new: str) -> Change:
        """A link for a new password, bound to the one that it replaces, with that."""
        account = self.live(email)
        if not account or self.is_locked(account):
            return Change(REFUSED)
        is_too_old = int(issued) <= account.void or at - int(issued) > TOKEN_MAX_AGE
        if account.replaced != int(replaced) or is_too_old:
            return Change({1})
        is_invited = self.is_invited(account)
        account.password, account.replaced = new, account.replaced + 1
        self._cancel(account, at, {"invite"})
        self._void(account, at)
        entries = [self._act(at, by, "reset-password", account)]
        if is_invited:
            # Only they can have read the link.
            self._be_confirmed(account, at, "token")
            entries.append(self._act(at, by, "confirm", account))
        return Change(DONE, entries)

    def _resend(self, at: int, by: str, email: str) -> Change:
        account = self.live(email)
        if not account or self.is_locked(account):
            return Change(REFUSED)
        if account.confirmed is not None:
            return Change(DONE)
        if account.is_suppressed or self._is_limited(account, at):
            return Change({1})
        entry = self._act(at, by, "resend", account)
        account.resends.append(at)
        due = self._next_link(account, at)
        template = "invite" if self.is_invited(account) else "confirm"
        if pending := self._pending(account, CONFIRMING):
            pending.due, pending.queued, pending.template = due, at, template
            return Change(DONE, [entry])
        self._replace_held(account, at)
        return Change(DONE, [entry], [(account.number, account.email, template, due)])

    def _pending(self, account: Account, templates: set[str]) -> Mail | None:
        """The queued mail of some templates."""
        return next((mail for mail in self.mails_of(account)
                     if mail.state == "queued" and mail.template in templates), None)

    def _replace_held(self, account: Account, at: int) -> None:
        for mail in self.mails_of(account):
            if mail.state == "held":
                mail.state, mail.finished, mail.due = "cancelled", at, None

    def _is_limited(self, account: Account, at: int) -> bool:
        mails = [mail for mail in self.mails_of(account) if mail.template in CONFIRMING]
        last = max([mail.queued for mail in mails] + account.resends, default=-DAY)
        recent = [resend for resend in account.resends if resend >= at - DAY]
        return at < last + RESEND_INTERVAL or len(recent) >= RESENDS_PER_DAY

    def _remind(self, at: int, by: str, campaign: str, limit: str = "1000") -> Change:
        """`resend --all-unconfirmed --until 1d --template reminder`, of which a kill leaves a part."""
        entry = Entry(at, by, "resend")
        change = Change(DONE)
        for account in sorted(self.present(), key=lambda account: (account.registered, account.number)):
            waits = any(
                mail.state == "held" or (mail.state == "queued" and mail.template in CONFIRMING)
                for mail in self.mails_of(account))
            is_left_out = self.is_locked(account) or account.is_suppressed or campaign in account.campaigns
            if account.confirmed is not None or account.registered >= at - DAY:
                continue
            if waits or is_left_out or self._is_limited(account, at):
                continue
            if len(entry.accounts) == int(limit):
                break
            entry.accounts.append(account.number)
            account.campaigns.add(campaign)
            account.resends.append(at)
            template = "invite" if self.is_invited(account) else "reminder"
            due = self._next_link(account, at)
            change.mails.append((account.number, account.email, template, due))
        if entry.accounts:
            change.entries = [entry]
        return change
