"""What visitors, scanners and relays do."""

import json
from urllib.parse import urlsplit

from Campaigns.week.clock import HOUR, MINUTE
from Campaigns.week.installation import CRON, Installation
from Campaigns.week.mail_server import Answer
from Campaigns.week.reports import delivery_report, forged_report
from Campaigns.week.visitor import Visitor

ROBOTS = "robots.example"


class Visitors(Installation):
    """People who register, read mail and follow links, and what stands between."""

    def register(self, visitor: Visitor, way: str) -> None:
        """A form of the application or of a page that runs regctl is filled in, or one is invited."""
        email, password = visitor.email, visitor.password
        self.visitors[email] = visitor
        if way != "application":
            by, event = CRON, ["register", email, password]
            words = ["register", email, "--password-file", "-"]
            if way == "invitation":
                by, event, words = "dave", ["invite", email], ["register", email, "--invite"]
                visitor.password = None
            if not self.change(by, event, words, password + "\n"):
                # They try again, as the page failed.
                visitor.password = password
                self.at(self.clock.now + 2 * MINUTE, self.register_again, visitor, way)
            elif not self.reckoning.live(email):
                self.counts["refused for the domain"] += 1
            return
        visitor.browser = self.application.browser()
        was_there = self.reckoning.live(email)
        page = visitor.browser.register(email, password)
        answers = self.server.take()
        if was_there:
            self.expect("already registered" in page.text, f"{email} registered twice: {page}")
            return
        number = self.value("SELECT id FROM users WHERE email = ?", email)
        self.tell("registered_by_application", self.clock.now, number, email, password)
        self.counts["registrations by the application"] += 1
        self.judge_page(page, answers, email)
        if page.status == 500:
            visitor.browser = None
        self.react(answers)

    def register_again(self, visitor: Visitor, way: str) -> None:
        if not self.reckoning.live(visitor.email):
            self.register(visitor, way)

    def judge_page(self, page, answers: list[Answer], email: str) -> None:
        """The application fails exactly if the server did not take its mail."""
        is_accepted = any(answer.is_accepted and answer.recipient == email for answer in answers)
        self.expect(page.status == (200 if is_accepted else 500), f"{email}: {page.status}, {answers}")

    def react(self, answers: list[Answer]) -> None:
        """What those do whose mail arrived."""
        chance = self.random
        for answer in answers:
            visitor = self.visitors.get(answer.recipient)
            mail = self.reckoning.mails.get(answer.mail)
            if not answer.is_accepted or not visitor:
                continue
            kind = answer.recipient.split(".")[0]
            status = {"late": "5.1.1", "latefull": "5.2.2", "slow": "4.4.1", "policy": "5.7.1"}.get(kind)
            if answer.mail and status:
                moment = answer.at + chance.randrange(5 * MINUTE, 40 * MINUTE)
                self.at(moment, self.bounce, answer, status)
                if chance.random() < 0.3:
                    self.at(moment + 5 * MINUTE, self.bounce, answer, status)
            if mail and mail.template == "changed-notice":
                continue
            token = urlsplit(answer.link).path.rsplit("/", 1)[-1]
            if mail and mail.template == "change-email":
                old = self.reckoning.accounts[mail.account].email
                if chance.random() < 0.8:
                    self.at(self.later(answer), self.open, answer, token, "change", old)
                continue
            if mail and mail.template in {"reset", "invite"}:
                replaced = self.reckoning.accounts[mail.account].replaced
                for _ in range(chance.choice([0, 1, 1, 1, 2])):
                    self.at(self.later(answer), self.set_password, answer, replaced)
                continue
            if visitor.is_scanned:
                self.at(answer.at + chance.randrange(3, 60), self.scan, answer, token)
            if visitor.confirms:
                event = self.open_in_application if visitor.opens_in_application else self.open
                self.at(self.later(answer), event, answer, token)

    def later(self, answer: Answer) -> int:
        """When a mail is read: within the hour, mostly."""
        delay = self.random.lognormvariate(6.0, 1.4)
        return answer.at + 2 + min(int(delay), 30 * HOUR)

    def open(self, answer: Answer, token: str, purpose: str = "confirm", old: str = "") -> None:
        """A link that leads to a page that runs regctl."""
        self.counts["links opened"] += 1
        event = ["open", answer.recipient, str(answer.at), purpose, old]
        self.change(CRON, event, ["confirm", "--", token])

    def forget(self) -> None:
        """A visitor asks for a link for another password, on a page that runs regctl."""
        if self.visitors:
            email = self.random.choice(list(self.visitors))
            self.change(CRON, ["request-reset", email], ["reset-password", email])

    def set_password(self, answer: Answer, replaced: int) -> None:
        """A link for a password leads to a page that runs regctl."""
        self.counts["links for a password"] += 1
        email, new = answer.recipient, f"password {self.random.randrange(10**9)}"
        event = ["reset", email, str(answer.at), str(replaced), new]
        words = ["reset-password", "--token", answer.link, "--password-file", "-"]
        self.change(CRON, event, words, new + "\n")
        account, visitor = self.reckoning.live(email), self.visitors[email]
        if not account or account.password != new:
            return
        is_first = visitor.password is None
        self.counts["invitations used" if is_first else "passwords set"] += 1
        self.remember(visitor, new)
        self.logs_in(email, visitor)

    def remember(self, visitor: Visitor, password: str) -> None:
        """A visitor has another password, under each address that they had."""
        for other in self.visitors.values():
            if other.number == visitor.number:
                other.password = password

    def choose_password(self) -> None:
        """A visitor chooses another password in the application, which voids links for one."""
        known = [account.email for account in self.reckoning.present()
                 if account.confirmed is not None and account.email in self.visitors]
        if not known:
            return
        email, new = self.random.choice(known), f"password {self.random.randrange(10**9)}"
        visitor = self.visitors[email]
        if not self.logs_in(email, visitor):
            return
        page = visitor.browser.change_password(new)
        self.expect(page.messages[-1:] == ["password changed"], f"{email}: {page.messages}")
        self.tell("replaced_in_application", self.clock.now, email, new)
        self.counts["passwords chosen"] += 1
        self.remember(visitor, new)

    def scan(self, answer: Answer, token: str) -> None:
        """A scanner opens every link, without a login, before the mail is read."""
        self.counts["links scanned"] += 1
        page = self.application.browser().get(f"/confirm/{token}")
        self.expect(page.path == "/login", f"a scanner was let in: {page}")
        if self.random.random() < 0.5:
            self.open(answer, token)

    def open_in_application(self, answer: Answer, token: str) -> None:
        """A link of the application, which wants a login first."""
        self.counts["links opened"] += 1
        email = answer.recipient
        visitor = self.visitors[email]
        if not self.logs_in(email, visitor):
            return
        page = visitor.browser.get(f"/confirm/{token}")
        wanted = self.tell("opened_in_application", self.clock.now, email, email, answer.at)
        self.expect(page.messages[-1:] == [wanted], f"{email}: {page.messages}, not {wanted}")
        if wanted == "link invalid or expired" and self.random.random() < 0.7:
            # They ask for another, which leaves no trace in the database.
            page = visitor.browser.resend()
            answers = self.server.take()
            self.judge_page(page, answers, email)
            self.react(answers)

    def logs_in(self, email: str, visitor: Visitor) -> bool:
        """Logs in as the address of an account; the application must judge as the reckoning does."""
        if visitor.password is None:
            return False
        visitor.browser = self.application.browser()
        page = visitor.browser.login(email, visitor.password)
        wanted = self.reckoning.can_log_in(email, visitor.password)
        self.expect((page.account == email) == wanted, f"login of {email}: {page}, not {wanted}")
        self.counts["logins"] += 1
        return wanted

    def bounce(self, answer: Answer, status: str) -> None:
        """A report comes back for a mail that was accepted."""
        message_id = self.rows("SELECT message_id FROM regctl_outbox WHERE id = ?", answer.mail)
        if not message_id:
            return
        report = delivery_report(answer.mail, message_id[0][0], answer.recipient, status)
        self.feed(report, "bounced", answer.mail, status)
        if self.random.random() < 0.3:
            forged = forged_report(answer.recipient, "5.1.1")
            self.feed(forged, "forged", answer.recipient, "5.1.1")

    def feed(self, report: str, event: str, *arguments: object) -> None:
        code, output, errors = self.call(["bounce", "--json"], input=report)
        if self.is_broken:
            self.expect(code == 74, f"bounce: {code} {errors}")
            return
        wanted = self.tell(event, self.clock.now, *arguments)
        self.counts["reports of mail"] += 1
        if wanted == "being sent":
            # The relay tries again.
            self.expect(code == 75, f"bounce {arguments}: {code} {errors}")
            self.at(self.clock.now + 10 * MINUTE, self.feed, report, event, *arguments)
            return
        results = [result["result"] for result in json.loads(output)["results"]] if code == 0 else errors
        self.expect(results == [wanted], f"bounce {arguments}: {results}, not {wanted}")

    def robot(self, number: int) -> None:
        email = f"robot.{number}@{ROBOTS}"
        words = ["register", email, "--password-file", "-"]
        self.change(CRON, ["register", email, "robot robot"], words, "robot robot\n", may_be_killed=False)
