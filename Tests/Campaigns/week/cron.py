"""What cron does, and the migrations of the application."""

import json
import signal
import subprocess
from collections import Counter
from pathlib import Path

from Applications.damage import alter_in_batch, leave_out, migrate
from Campaigns.database import value
from Campaigns.week import comparison
from Campaigns.week.clock import DAY, MINUTE
from Campaigns.week.installation import CRON
from Campaigns.week.records import Row
from Campaigns.week.visitors import Visitors
from regctl import BINARY

PRUNE_AGE = 2 * DAY


class Cron(Visitors):
    """Passes on time, late, twice at once or not at all, and what runs once a night."""

    def cron_delivers(self) -> None:
        chance = self.random.random()
        if chance < 0.06:
            self.counts["passes missed"] += 1
        elif chance < 0.12:
            self.counts["passes late"] += 1
            late = self.random.randrange(1, self.scale.step * MINUTE * 2 // 3)
            self.at(self.clock.now + late, self.deliver)
        elif chance < 0.18:
            self.deliver(count=2)
        else:
            self.deliver()

    def deliver(self, count: int = 1, may_be_killed: bool = True) -> None:
        """Runs one pass, or two at once, and compares the row of each mail that was waiting."""
        waiting = [mail.number for mail in self.reckoning.waiting()]
        words = ["deliver", "--quiet"]
        if count == 1:
            has_work = any(mail.is_due(self.clock.now) for mail in self.reckoning.waiting())
            code, _, errors = self.call(words, may_be_killed=may_be_killed and has_work)
        else:
            processes = [
                subprocess.Popen(
                    [BINARY, *words], env=self.environment(CRON), stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for _ in range(count)]
            results = [(process.communicate(timeout=1800)[1], process.returncode) for process in processes]
            self.counts["calls"] += count
            errors, code = "".join(error for error, _ in results), max(code for _, code in results)
        self.counts["passes"] += 1
        answers = self.server.take()
        tries = [(answer.mail, answer.reply) for answer in answers if answer.mail]
        if self.is_broken:
            self.expect(code in {74, -9} and not tries, f"deliver: {code} {errors} {tries}")
            return
        after = self.rows_of(waiting)
        is_killed = code == -signal.SIGKILL
        wrong, alarms = self.tell("delivered", self.clock.now, tries, after, is_killed, count > 1)
        for what in wrong:
            self.expect(False, f"deliver ({'killed' if is_killed else code}): {what}")
        self.counts["mails tried"] += len(tries)
        if not is_killed and count == 1:
            self.judge_alarms(alarms, code, errors)
        self.react(answers)

    def judge_alarms(self, alarms: dict[str, bool], code: int, errors: str) -> None:
        self.counts["alarms"] += bool(errors)
        self.expect((code != 0) == bool(alarms), f"deliver: {code} {errors}, alarms {alarms}")
        if self.clock.now > self.reckoning.unsure_until:
            is_printed = any(alarms.values())
            self.expect(bool(errors) == is_printed, f"deliver printed {errors!r}, alarms {alarms}")
            self.expect(code in ({69, 75} if is_printed else {0, 75}), f"deliver: {code}, {alarms}")

    def rows_of(self, numbers: list[int]) -> dict[int, Row]:
        """The rows of mails as they are now."""
        listed = ", ".join(map(str, numbers or [0]))
        found = self.rows(
            "SELECT id, state, attempts, next_attempt_at, finished_at, possible_duplicate"
            f" FROM regctl_outbox WHERE id IN ({listed})")
        return {number: Row(*row, bool(is_duplicate)) for number, *row, is_duplicate in found}

    def prune(self) -> None:
        words = ["prune", "--yes", "--json"]
        dry = json.loads(self.call(["prune", "--dry-run", "--json"])[1])
        listed = {account["email"]: account["reason"] for account in dry["accounts"]}
        decisions = self.reckoning.prune_decisions(self.clock.now, PRUNE_AGE)
        wanted = {self.reckoning.accounts[number].email: why for number, why in decisions.items()}
        self.expect(listed == wanted, f"prune --dry-run: {difference(listed, wanted)}")
        code, output, errors = self.call(words, may_be_killed=True)
        self.fresh()
        is_killed = code == -signal.SIGKILL
        run = self.value("SELECT max(run) FROM regctl_prunes")
        gone = None
        if is_killed:
            gone = [number for (number,) in self.rows(
                "SELECT account_id FROM regctl_archive WHERE run = ?", run or 0)]
            # The run may be an earlier one.
            gone = [number for number in gone if number in decisions]
        pruned, kept = self.tell("pruned", self.clock.now, CRON, PRUNE_AGE, run, gone)
        self.counts["accounts pruned"] += len(pruned)
        self.counts["accounts kept"] += len(kept)
        if not is_killed:
            self.expect(code == 0, f"prune: {code} {errors}")
            result = json.loads(output) if code == 0 else {"pruned": None, "kept": None}
            seen = (result["pruned"], result["kept"])
            wanted = (len(pruned), dict(Counter(kept.values())))
            self.expect(seen == wanted, f"prune: {seen}, not {wanted}")

    def purge(self) -> None:
        code, _, errors = self.call(["purge", "--quiet"])
        self.expect((code, errors) == (0, ""), f"purge: {code} {errors}")

    def back_up(self, day: int) -> None:
        """The backup of the night has every account and mail."""
        path = self.directory / f"backup-{day}"
        code, _, errors = self.call(["backup", path, "--quiet"])
        self.expect(code == 0, f"backup: {code} {errors}")
        counts = (
            value(path, "SELECT count(*) FROM users WHERE email NOT LIKE 'deleted-%@invalid'"),
            value(path, "SELECT count(*) FROM regctl_outbox"))
        wanted = (len(self.reckoning.present()), len(self.reckoning.mails))
        self.expect(counts == wanted, f"the backup has {counts}, not {wanted}")
        path.unlink()

    def look(self) -> None:
        """What an operator looks at in the morning."""
        code, _, errors = self.call(["doctor", "--quiet"])
        self.expect(code in {0, 1}, f"doctor: {code} {errors}")
        wanted = comparison.wanted_status(self.reckoning, self.clock.now)
        for what in comparison.differences(comparison.seen_status(self.ask), wanted):
            self.expect(False, what)

    def remind(self) -> None:
        words = ["resend", "--all-unconfirmed", "--until", "1d", "--template", "reminder"]
        words += ["--campaign", "first", "--yes"]
        self.change(CRON, ["remind", "first"], words)

    # Alembic.

    def migrate(self) -> None:
        """The application's tools migrate the database, and remove what they do not know."""
        if isinstance(self.site.db, Path):
            leave_out(self.application)
            if self.package_set.name == "today":
                # Alembic 0.6.7 cannot; its migration drops the indexes.
                alter_in_batch(self.application)
        migrate(self.application)
        # On a server, Alembic 0.6.7 sees nothing of regctl's.
        self.is_broken = isinstance(self.site.db, Path) or self.package_set.name == "today"
        self.at(self.clock.now + 40 * MINUTE, self.repair)

    def repair(self) -> None:
        event = ["migrate-db", "changes" if self.is_broken else "nothing"]
        self.is_broken = False
        self.change("dave", event, ["migrate-db"], may_be_killed=False)


def difference(found: dict, wanted: dict) -> dict:
    """What differs between two mappings."""
    return {
        key: (found.get(key, "absent"), wanted.get(key, "absent"))
        for key in found.keys() | wanted.keys() if found.get(key, "-") != wanted.get(key, "-")
    }
