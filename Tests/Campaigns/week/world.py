"""A week of an installation: the application, regctl beside it, cron, operators, visitors and accidents."""

import heapq
from collections.abc import Iterator

from Campaigns.week import comparison
from Campaigns.week.clock import DAY, HOUR, MINUTE
from Campaigns.week.cron import PRUNE_AGE, Cron
from Campaigns.week.installation import BEGIN, Event, kept
from Campaigns.week.mail_server import ACCEPTED, Trouble
from Campaigns.week.operators import ABUSED, CALLER, DOMAINS, Operators
from Campaigns.week.reckoning import Reckoning
from Campaigns.week.visitor import Visitor
from server_database import ServerDatabase

SCANNED = DOMAINS[-1]


class World(Cron, Operators):
    """The week. `run` lets it happen; `reckoning` is what must have come of it."""

    def run(self) -> None:
        """Lets the week happen."""
        while self.events:
            moment, _, event, arguments = heapq.heappop(self.events)
            if moment >= BEGIN + 7 * DAY:
                break
            self.clock.set(moment)
            self.server.tick()
            event(*arguments)
        self.clock.set(BEGIN + 7 * DAY)
        self.server.tick()
        # What a killed pass left is settled before everything is compared.
        self.deliver(may_be_killed=False)
        self.counts["mails repeated"] = self.reckoning.repeats
        self.at_end = self.seen()

    # The plan of the week.

    def plan(self) -> None:
        """Puts everything that does not depend on chance alone into the calendar."""
        chance, scale = self.random, self.scale
        self.server.trouble = Trouble(
            shut=(BEGIN + DAY + 10 * HOUR, BEGIN + DAY + 11 * HOUR + 30 * MINUTE),
            troubled=(BEGIN + DAY + 11 * HOUR + 30 * MINUTE, BEGIN + DAY + 13 * HOUR),
            blocking=(BEGIN + 2 * DAY + 20 * HOUR, BEGIN + 3 * DAY + 6 * HOUR),
        )
        for minute in range(scale.step, 7 * 24 * 60, scale.step):
            self.at(BEGIN + minute * MINUTE, self.cron_delivers)
        for day in range(7):
            dawn = BEGIN + day * DAY
            self.at(dawn + 2 * HOUR + 1, self.back_up, day)
            self.at(dawn + 3 * HOUR + 601, self.prune)
            self.at(dawn + 3 * HOUR + 1801, self.purge)
            self.at(dawn + 8 * HOUR + 1, self.look)
            self.at(dawn + 2 * HOUR + 30 * MINUTE + 1, self.remind)
        for number in range(scale.visitors):
            kind = chance.choices(
                ["plain", "grey", "unknown", "full", "late", "latefull", "slow", "policy"],
                [60, 16, 4, 3, 5, 2, 4, 3])[0]
            email = f"{kind}.{number}@{chance.choice(DOMAINS)}"
            # More by day than by night.
            hour = chance.choice([*range(24), *range(8, 22), *range(8, 22)])
            # And more at the beginning, so that there are some to be pruned.
            day = chance.choices(range(7), [5, 5, 5, 3, 2, 2, 1])[0]
            moment = BEGIN + day * DAY + hour * HOUR + chance.randrange(HOUR)
            visitor = Visitor(
                number, email, f"password {number}", is_scanned=email.endswith(SCANNED),
                opens_in_application=chance.random() < 0.6,
                confirms=kind in {"plain", "grey"} and chance.random() < 0.6)
            way = chance.choices(["regctl", "application", "invitation"], [35, 55, 10])[0]
            self.at(moment, self.register, visitor, way)
        for number in range(3):
            email = f"{CALLER}-{number}@{DOMAINS[0]}"
            visitor = Visitor(
                -10 - number, email, "password of a caller", is_scanned=False,
                opens_in_application=False, confirms=False)
            self.at(BEGIN + HOUR + number, self.register, visitor, "regctl")
            event = ["confirm", email, "they called"]
            words = ["confirm", "--email", email, "--reason", "they called"]
            self.at(BEGIN + 9 * HOUR + number, self.change, "dave", event, words)
        for _ in range(scale.visitors // 4):
            moment = BEGIN + chance.randrange(3 * HOUR, 7 * DAY)
            self.at(moment, self.forget)
        for _ in range(scale.visitors // 8):
            self.at(BEGIN + chance.randrange(DAY, 7 * DAY), self.choose_password)
        for day, hour, number in ((2, 14, 1), (2, 15, 2), (3, 15, 3), (3, 16, 4)):
            visitor = Visitor(
                -number, f"plain.abuser-{number}@{ABUSED}", f"password of abuser {number}",
                is_scanned=False, opens_in_application=True, confirms=True)
            way = "application" if number % 2 else "regctl"
            self.at(BEGIN + day * DAY + hour * HOUR + 7, self.register, visitor, way)
        for day, name in ((2, "lock"), (3, "lock"), (4, "unlock"), (5, "lock")):
            # The second time, those are shut whom the application has registered.
            self.at(BEGIN + day * DAY + 18 * HOUR + 3, self.judge_domain, name)
        for _ in range(scale.acts):
            moment = BEGIN + chance.randrange(7) * DAY + 7 * HOUR + chance.randrange(14 * HOUR)
            self.at(moment, self.operate)
        self.at(BEGIN + 3 * DAY + 12 * HOUR + 2, self.migrate)
        for second in range(130):
            self.at(BEGIN + 4 * DAY + 15 * HOUR + 3 + 6 * second, self.robot, second)
        self.at(BEGIN + 4 * DAY + 16 * HOUR + 11, self.calm)

    # What must be.

    def seen(self) -> comparison.Rows:
        """The rows of the database and of every report."""
        seen = comparison.seen(self.site.db, self.ask)
        passwords = {account.number: account.password for account in self.reckoning.present()}
        seen |= comparison.seen_passwords(self.site.db, passwords)
        if isinstance(self.site.db, ServerDatabase):
            # The trigger on the table of accounts asks the server for the time, which has its own.
            for mail in self.reckoning.mails.values():
                if mail.is_ended_by_trigger and (row := seen["outbox"].get(mail.number)):
                    seen["outbox"][mail.number] = (*row[:7], mail.finished, row[8])
        return seen

    def wanted(self, reckoning: Reckoning | None = None) -> comparison.Rows:
        """The rows that follow from the world's reckoning, or another one."""
        return comparison.wanted(reckoning or self.reckoning, self.clock.now, PRUNE_AGE)

    def told_again(self, without: int | None = None) -> tuple[Reckoning, list[Event]]:
        """A reckoning of the same events, but for one, and those that it answers otherwise."""
        reckoning, contradicted = Reckoning(), []
        for number, event in enumerate(self.journal):
            if number != without:
                arguments = kept(event.arguments)
                result = getattr(reckoning, event.name)(*arguments)
                if self.compared(event.name, result, arguments) != event.answer:
                    contradicted.append(event)
        return reckoning, contradicted

    def leaves_trace(self, event: Event) -> bool:
        """Whether an event is to be found: it had an effect, and what it changed is still there."""
        return event.has_effect and any(self.traces(event.name, *event.arguments))

    def traces(self, event: str, at: int, *arguments: object) -> Iterator[bool]:
        """Whether each thing that an event changed is still as it left it; commands leave entries."""
        reckoning = self.reckoning
        if event == "delivered":
            for number, reply in arguments[0]:
                mail = reckoning.mails.get(number)
                # The number of an erased mail is given out again.
                yield reply == ACCEPTED and mail is not None and mail.queued <= at
        elif event in {"bounced", "forged"}:
            yield any(report.at == at for report in reckoning.reports)
        elif event == "opened_in_application":
            yield any(account.confirmed == at for account in reckoning.present())
        elif event == "replaced_in_application":
            yield any(account.password == arguments[1] and not account.is_shut
                      for account in reckoning.present())
        else:
            yield True
