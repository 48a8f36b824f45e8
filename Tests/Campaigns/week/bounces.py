"""Reports of mail that was not delivered: regctl-bounce(1)."""

from Campaigns.week.records import Report
from Campaigns.week.state import State


class Bounces(State):
    """What reports change."""

    def bounced(self, at: int, number: int, status: str) -> str:
        """A report about a mail; returns the result that `regctl bounce` must print."""
        mail = self.mails.get(number)
        if not mail:
            return "foreign"
        if mail.state == "sending":
            return "being sent"
        if mail.state not in {"sent", "bounced"}:
            return "no_failure"
        known = [report for report in self.reports if report.mail == number]
        if known:
            return "already_recorded"
        account = self.accounts[mail.account]
        result = {"4": "delayed"}.get(status[0], "declined" if status[2] == "7" else "bounced")
        is_wrong = result == "bounced" and status[2] == "1"
        is_mistake = (
            mail.template == "confirm" and not account.gone and account.confirmed is not None
            and account.email == mail.email)
        if result == "bounced":
            mail.state = "bounced"
        suppresses = is_wrong and not is_mistake
        self.reports.append(
            Report(at, number, account.number, mail.email, result, status, suppresses))
        if suppresses and not account.gone and account.email == mail.email:
            account.is_suppressed = True
        return result

    def forged(self, at: int, email: str, status: str) -> str:
        """A report that names only a recipient."""
        account = self.live(email)
        if not account or not any(
            mail.state in {"sent", "bounced"} and mail.email == email for mail in self.mails_of(account)
        ):
            return "foreign"
        known = [report for report in self.reports
                 if report.account == account.number and report.mail is None]
        if known:
            return "already_recorded"
        self.reports.append(
            Report(at, None, account.number, email, "unverified", status, suppresses=False))
        return "unverified"
