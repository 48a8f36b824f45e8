"""What becomes of mails: regctl-deliver(1), regctl-cancel-mail(1) and regctl-release-held(1)."""

from Campaigns.week.clock import DAY, HOUR, MINUTE
from Campaigns.week.records import (
    CONFIRMING, DONE, FLOOD, FLOOD_FACTOR, LIFETIME, MAIL_CONNECTIONS, REFUSED, RETRIES, WAITING,
    Change, Entry, Mail, Row,
)
from Campaigns.week.state import State


class Deliveries(State):
    """What passes and operators do with the outbox."""

    def _cancel_mail(self, at: int, by: str, email: str) -> Change:
        account = self.live(email)
        mails = [mail for mail in self.mails_of(account) if mail.state in {"queued", "held"}] \
            if account else []
        if len(mails) != 1:
            return Change(REFUSED)
        mail = mails[0]
        mail.state, mail.finished, mail.due = "cancelled", at, None
        return Change(DONE, [Entry(at, by, "cancel-mail", mail.email, None, [account.number])])

    def _cancel_held(self, at: int, by: str, domain: str) -> Change:
        mails = [mail for mail in self.mails.values()
                 if mail.state == "held" and mail.email.endswith("@" + domain)]
        for mail in mails:
            mail.state, mail.finished, mail.due = "cancelled", at, None
        return self._of_many(at, by, "cancel-mail", mails)

    def _release_held(self, at: int, by: str) -> Change:
        mails = [mail for mail in self.mails.values() if mail.state == "held"]
        for mail in mails:
            mail.state, mail.queued, mail.due, mail.attempts = "queued", at, at, 0
        if mails:
            self.released = at
        return self._of_many(at, by, "release-held", mails)

    def _of_many(self, at: int, by: str, act: str, mails: list[Mail]) -> Change:
        accounts = [mail.account for mail in mails]
        return Change(DONE, [Entry(at, by, act, accounts=accounts)] if mails else [])

    # Delivery.

    def _hold_flood(self, at: int) -> int:
        """Holds the confirmations of a flood, and returns their number."""
        start = max(at - HOUR, self.released)
        fresh = [
            mail for mail in self.mails.values()
            if mail.template == "confirm" and mail.queued >= start
            and (account := self.accounts[mail.account]).is_regctls and not account.gone
            and account.registered >= start
        ]
        if len(fresh) <= FLOOD:
            return 0
        before = [mail.queued for mail in self.mails.values()
                  if mail.template == "confirm" and mail.queued < at - HOUR]
        if before:
            hours = max(at - HOUR - min(before), HOUR) // HOUR
            if len(fresh) <= -(-len(before) * FLOOD_FACTOR // hours):
                return 0
        held = 0
        for mail in fresh:
            first = min(self.mails_of(self.accounts[mail.account]), key=lambda mail: mail.number)
            if mail.state == "queued" and mail.attempts == 0 and mail is first:
                mail.state, mail.due = "held", None
                held += 1
        return held

    def delivered(
        self, at: int, tries: list[tuple[int, str]], rows: dict[int, Row], killed: bool,
        several: bool = False,
    ) -> tuple[list[str], dict[str, bool]]:
        """A pass of deliver, with the server's answers by mail and the rows of waiting mails after it.

        Returns what is wrong, and the alarms, each with whether it is to be printed.
        """
        wrong: list[str] = []
        answers: dict[int, list[str]] = {}
        for number, reply in tries:
            answers.setdefault(number, []).append(reply)
        waiting = {mail.number: mail for mail in self.waiting()}
        for number in answers.keys() - waiting.keys():
            wrong.append(f"mail {number} was sent and did not wait")
        # It stops when the server takes nothing from here.
        replies = [reply for _, reply in tries]
        blocked = sum(reply.startswith("554") for reply in replies)
        untried_due = [
            mail for mail in waiting.values()
            if mail.is_due(at) and mail.number not in answers and self._fate(mail, at) is None]
        is_stopped = blocked >= 3 or (bool(untried_due) and not killed and self._is_shut(replies))
        ended: list[Mail] = []
        newly_held = any(
            row.state == "held" and number in waiting and waiting[number].state != "held"
            for number, row in rows.items())
        held = self._hold_flood(at) if newly_held or not killed else 0
        doubtful = 0
        for number, mail in waiting.items():
            row = rows.get(number)
            if row is None:
                wrong.append(f"mail {number} is gone")
                continue
            doubtful += self._settle(
                mail, row, answers.get(number, []), at, is_stopped, killed, wrong)
            if mail.state not in WAITING:
                ended.append(mail)
        if doubtful > MAIL_CONNECTIONS + 2:
            wrong.append(f"{doubtful} mails will be repeated after one kill")
        self.repeats += doubtful
        if killed or several:
            # Which of them raised an alarm is not known.
            self.unsure_until = at + HOUR
            return wrong, {}
        return wrong, self._alarms(at, is_stopped, ended, held)

    def _is_shut(self, replies: list[str]) -> bool:
        return not replies

    def _fate(self, mail: Mail, at: int) -> str | None:
        """What becomes of a due mail without a try; `None` if it is to be sent."""
        account = self.accounts[mail.account]
        if account.gone or self.is_locked(account):
            return "cancelled"
        has_link = mail.template in CONFIRMING
        if has_link and (account.confirmed is not None or account.email != mail.email):
            return "cancelled"
        if mail.template == "reset" and account.email != mail.email:
            return "cancelled"
        if mail.template == "invite" and not self.is_invited(account):
            return "cancelled"
        wanted = account.wanted[0] if account.wanted else None
        if mail.template == "change-email" and wanted != mail.email:
            return "cancelled"
        return "expired" if at > mail.queued + LIFETIME else None

    def _settle(
        self, mail: Mail, row: Row, answers: list[str], at: int, is_stopped: bool, killed: bool,
        wrong: list[str],
    ) -> int:
        """Judges the row of a mail after a pass, and takes what is random from it.

        Returns 1 if the mail was accepted and will be sent again.
        """
        was_sending = mail.state == "sending"
        same = Row(mail.state, mail.attempts, mail.due, mail.finished, mail.is_duplicate)
        # A pass may wait for what falls due within a second.
        is_due = mail.is_due(at if row == same else at + 1)
        allowed: list[Row] = []
        if len(answers) > 1:
            wrong.append(f"mail {mail.number} was sent {len(answers)} times in a pass")
        if not is_due:
            allowed.append(same)
            if answers:
                wrong.append(f"mail {mail.number} was sent before it was due")
        else:
            duplicate = mail.is_duplicate or was_sending
            fate = self._fate(mail, at)
            if fate:
                allowed.append(Row(fate, mail.attempts, None, at, duplicate))
            elif answers:
                allowed.append(self._after(mail, answers[-1], at, row, duplicate))
            if killed and not answers:
                allowed.append(same)
            if (killed or is_stopped) and not answers:
                for due in (mail.due, at):
                    allowed.append(Row("queued", mail.attempts, due, None, duplicate))
            if killed and not fate:
                allowed.append(Row("sending", mail.attempts + 1, row.due, None, duplicate))
        if row not in allowed:
            wrong.append(f"mail {mail.number} ({mail.email}, {answers}) is {row}, not {allowed}")
        mail.state, mail.attempts, mail.due = row.state, row.attempts, row.due
        mail.finished, mail.is_duplicate = row.finished, row.is_duplicate
        if answers:
            mail.reply = answers[-1]
        return int(row.state == "sending" and answers[-1:] == ["250 2.0.0 accepted"])

    def _after(self, mail: Mail, reply: str, at: int, row: Row, duplicate: bool) -> Row:
        """The row that follows from an answer, with a random delay that is within its limits."""
        if reply.startswith("250"):
            return Row("sent", mail.attempts + 1, None, at, duplicate)
        if reply.startswith("550 5.1.1"):
            return Row("failed", mail.attempts + 1, None, at, duplicate)
        attempts = mail.attempts
        if reply.startswith("554 5.7.1"):
            delay = max(15 * MINUTE, (at - mail.queued) // 8)
        else:
            attempts += 1
            delay = RETRIES[min(attempts, len(RETRIES)) - 1]
        is_within = row.due is not None and at + delay <= row.due <= at + delay + delay // 10
        return Row("queued", attempts, row.due if is_within else -1, None, duplicate)

    def _alarms(self, at: int, is_stopped: bool, ended: list[Mail], held: int) -> dict[str, bool]:
        """The alarms after a pass, each with whether it is printed now."""
        found = []
        if is_stopped:
            found.append("stopped")
        elif any(mail.state == "queued" and mail.due + HOUR < at for mail in self.mails.values()):
            found.append("overdue")
        if any(mail.state == "expired" and " 4.2.2 " not in (mail.reply or "") for mail in ended):
            found.append("expired")
        if held:
            found.append("held")
        if any(mail.state == "failed" for mail in ended):
            newest = sorted(self.mails.values(), key=lambda mail: -mail.number)[:1000]
            finished = [mail.state for mail in newest
                        if mail.state in {"sent", "failed", "bounced"} and mail.finished >= at - DAY]
            failed = finished.count("failed")
            if len(finished) >= 20 and failed * 100 > len(finished) * 5:
                found.append("refused")
        if found and at <= self.unsure_until:
            self.unsure_until = at + HOUR
        alarms = {}
        for name in found:
            last = self.alarms.get(name)
            alarms[name] = last is None or at >= last + HOUR
            if alarms[name]:
                self.alarms[name] = at
        return alarms
