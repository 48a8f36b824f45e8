"""What two operators do."""

import copy
import subprocess

from Campaigns.week.clock import DAY
from Campaigns.week.installation import BEGIN, Installation
from Campaigns.week.visitors import ROBOTS
from regctl import BINARY

OPERATORS = ["carol", "dave"]
# Names that resemble each other as little as those of providers do.
DOMAINS = [
    "meadow.example", "harbourmail.example", "zq.example", "throwaway.example",
    "corporate-office.example",
]
# A domain that is locked in the middle of the week.
ABUSED = "throwaway.example"
# Those whose mail comes back and who are confirmed on the phone; their bounces must stay.
CALLER = "late.caller"


class Operators(Installation):
    """Acts on one account, a domain or what is held, sometimes two at the same moment."""

    def operate(self) -> None:
        """An operator does something, sometimes at the same moment as the other one."""
        if self.random.random() < 0.2:
            first, second = self.act(), self.act()
            if first and second:
                # A domain has no operations of one account.
                if "@" in first[0][1] and self.random.random() < 0.5:
                    second = self.act_on(first[0][1])
                self.both([(OPERATORS[0], *first), (OPERATORS[1], *second)])
            return
        if chosen := self.act():
            self.change(self.random.choice(OPERATORS), *chosen)

    def both(self, calls: list[tuple[str, list[str], list[str]]]) -> None:
        """Runs commands of two operators at once; what they did must be one after the other."""
        processes = [
            subprocess.Popen(
                [BINARY, *words], env=self.environment(by), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for by, _, words in calls]
        results = [(process.communicate(timeout=1800), process.returncode) for process in processes]
        self.counts["calls"] += 2
        self.counts["at the same time"] += 1
        entries, mails = self.fresh()
        if self.is_broken:
            self.expect(not entries and not mails, f"{calls}: done in a broken schema")
            return
        codes = [code for _, code in results]
        # Two erasures exclude each other, as each of them excludes a delivery.
        done = [index for index in range(2) if (codes[index], calls[index][1][0]) != (75, "erase")]
        for order in (done, done[::-1]):
            trial, left, wanted, missing = copy.deepcopy(self.reckoning), list(mails), [], []
            is_right = True
            for index in order:
                by, event, _ = calls[index]
                change = trial.called(self.clock.now, by, event, left)
                is_right = is_right and codes[index] in change.codes
                wanted += change.entries
                missing += change.missing
            found = [(entry.by, entry.act, entry.email) for entry in wanted]
            missing = [mail for mail in missing if trial.accounts[mail[0]].gone != "erased"]
            if is_right and found == entries and not left and not missing:
                for index in order:
                    by, event, _ = calls[index]
                    self.tell("called", self.clock.now, by, event, mails)
                return
        self.expect(False, f"{calls}: no order explains {results}, {entries} and {mails}")

    def act(self) -> tuple[list[str], list[str]] | None:
        """Something that an operator may do now: for the reckoning, and for regctl."""
        chance = self.random
        gone = [account for account in self.reckoning.accounts.values() if account.gone]
        live = [account for account in self.reckoning.present()
                if not account.email.endswith(ROBOTS) and not account.email.startswith(CALLER)]
        if gone and chance.random() < 0.15:
            account = chance.choice(gone)
            name = {"pruned": "unprune", "deleted": "undelete"}.get(account.gone)
            if name == "unprune":
                return [name, account.email], [name, "--email", account.email]
            if name:
                return [name, account.email], [name, account.email]
        return self.act_on(chance.choice(live).email) if live else None

    def act_on(self, email: str) -> tuple[list[str], list[str]]:
        chance, reason = self.random, "they called"
        account = self.reckoning.live(email)
        if account and account.is_locked and chance.random() < 0.5:
            return ["unlock", email], ["unlock", email]
        # Before that, the plan of the week needs it as it is.
        if chance.random() < 0.06 and self.clock.now > BEGIN + 4 * DAY:
            return self.act_on_domain(chance.choice(["lock", "unlock"]))
        name = chance.choices(
            ["confirm", "resend", "lock", "change-email", "delete", "erase", "cancel-mail",
             "request-reset"],
            [18, 34, 8, 14, 7, 5, 14, 10])[0]
        if name == "request-reset":
            return [name, email], ["reset-password", email]
        if name == "confirm":
            return [name, email, reason], [name, "--email", email, "--reason", reason]
        if name == "lock":
            return [name, email, reason], [name, email, "--reason", reason]
        if name in {"delete", "erase"}:
            return [name, email, reason], [name, email, "--reason", reason, "--yes"]
        if name == "change-email":
            # Every address belongs to the visitor who has the account.
            new = f"plain.{chance.randrange(10**9)}@{chance.choice(DOMAINS)}"
            if email in self.visitors:
                self.visitors[new] = copy.copy(self.visitors[email])
                self.visitors[new].email = new
            return [name, email, new], [name, email, new]
        return [name, email], [name, email]

    def act_on_domain(self, name: str) -> tuple[list[str], list[str]]:
        if name == "unlock":
            return ["unlock-domain", ABUSED], ["unlock", "@" + ABUSED]
        reason = "throw-away addresses"
        words = ["lock", "@" + ABUSED, "--reason", reason, "--yes"]
        return ["lock-domain", ABUSED, reason], words

    def judge_domain(self, name: str) -> None:
        self.counts["domains locked"] += name == "lock"
        self.change("carol", *self.act_on_domain(name), may_be_killed=False)

    def calm(self) -> None:
        """An operator sees what is held: robots' mails are cancelled, and the others released."""
        held = [mail for mail in self.reckoning.mails.values() if mail.state == "held"]
        self.expect(held, "nothing was held")
        self.counts["mails held"] += len(held)
        words = ["cancel-mail", "--state", "held", "--domain", ROBOTS, "--yes"]
        self.change("carol", ["cancel-held", ROBOTS], words, may_be_killed=False)
        self.change("carol", ["release-held"], ["release-held", "--yes"], may_be_killed=False)
