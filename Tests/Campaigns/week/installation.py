"""The application and regctl beside it, and calls of regctl that the reckoning is told of."""

import contextlib
import copy
import heapq
import json
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from Applications.adoption import adopt
from Applications.damage import begin_migrations
from Applications.driver import Application, PackageSet
from Campaigns.database import rows
from Campaigns.week import comparison
from Campaigns.week.clock import HOUR, Clock, moment
from Campaigns.week.kills import Killer
from Campaigns.week.mail_server import ACCEPTED, MailServer
from Campaigns.week.reckoning import Reckoning
from Campaigns.week.records import Fresh
from Campaigns.week.visitor import Visitor
from regctl import BINARY
from server_database import ServerConnection, ServerDatabase

BEGIN = moment("2026-12-01T00:00:00Z")
CRON = "root"
# What the application's packages need to be told.
SETTINGS = {
    "today": {},
    "pinned": {"token_epoch": "2011", "bcrypt_prefix": "2a"},
}


@dataclass
class Scale:
    """How much happens in the week."""

    # Minutes between two passes of deliver.
    step: int = 15
    visitors: int = 170
    acts: int = 150
    # The share of calls that are killed.
    kills: float = 0.06


@dataclass
class Event:
    """What the reckoning was told, and what it answered that was compared with what regctl did."""

    name: str
    arguments: tuple
    answer: object
    # Whether something was different because of it.
    has_effect: bool


def kept(arguments: tuple) -> tuple:
    """The same arguments, with lists that the reckoning may take from."""
    return tuple(argument[:] if isinstance(argument, list) else argument for argument in arguments)


class Installation:
    """What runs, what happened to it, and what must have come of that."""

    def __init__(
        self, directory: Path, database: ServerDatabase | None, package_set: str, seed: int, scale: Scale
    ) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.scale = scale
        self.directory = directory
        self.clock = Clock(directory)
        self.clock.set(BEGIN)
        self.server = MailServer(self.clock)
        self.package_set = PackageSet(package_set, **self.clock.environment)
        # Under faketime, a thread that waits for another one asks for the time without a pause.
        self.application = Application(
            self.package_set, directory, self.server.port, database, APP_THREADED="false")
        self.reckoning = Reckoning()
        self.journal: list[Event] = []
        # How often what happened, and where regctl was not as the reckoning.
        self.counts: Counter[str] = Counter()
        self.differences: list[str] = []
        # The rows of all tables and reports, once the week is over.
        self.at_end: comparison.Rows = {}
        self.visitors: dict[str, Visitor] = {}
        self.events: list[tuple[int, int, Callable, tuple]] = []
        self.session: ServerConnection | None = None
        self.is_broken = False
        self.last_entry = self.last_mail = 0

    def begin(self) -> None:
        """Lets the application make its database, regctl adopt it, and the week be planned."""
        begin_migrations(self.application)
        self.application.start()
        self.site = adopt(
            self.application, migrate=False, db_timezone="UTC", prune_after="2d",
            # Whatever else this machine does, nothing here takes too long.
            busy_timeout="10m", mail_timeout="10m",
            change_email_url="https://app.example/change/{token}",
            reset_url="https://app.example/new-password/{token}",
            invite_url="https://app.example/welcome/{token}",
            **SETTINGS[self.package_set.name])
        self.site.environment |= self.clock.environment
        self.change(CRON, ["migrate-db", "changes"], ["migrate-db"], may_be_killed=False)
        self.plan()

    def close(self) -> None:
        self.application.stop()
        if self.session:
            self.session.close()
        self.package_set.close()
        self.server.__exit__()
        self.clock.close()

    # The clock and the events.

    def at(self, moment: int, event: Callable, *arguments: object) -> None:
        """Lets something happen at a moment, or now if that is past."""
        self.counts["events"] += 1
        heapq.heappush(
            self.events, (max(moment, self.clock.now), self.counts["events"], event, arguments))

    def tell(self, event: str, *arguments: object) -> object:
        """Tells the reckoning of an event, and notes it so that it can be told again."""
        noted = kept(arguments)
        result = getattr(self.reckoning, event)(*arguments)
        answer = self.compared(event, result, arguments)
        self.journal.append(Event(event, noted, answer, self.has_effect(event, noted, result)))
        return result

    @staticmethod
    def compared(event: str, result: object, arguments: tuple) -> object:
        """What of an answer is compared in each case, as it is now."""
        if event == "called":
            entries = [(entry.by, entry.act, entry.email) for entry in result.entries]
            # The call has taken its own from the mails that are new.
            return entries, list(result.missing), list(arguments[3])
        if event == "delivered":
            wrong, alarms = result
            return list(wrong), bool(alarms)
        return copy.deepcopy(result)

    @staticmethod
    def has_effect(event: str, arguments: tuple, result: object) -> bool:
        """Whether something is different because of an event."""
        if event == "called":
            return bool(result.entries)
        if event == "delivered":
            return any(reply == ACCEPTED for _, reply in arguments[1])
        if event == "pruned":
            return bool(result[0])
        return result in {None, "confirmed", "bounced", "declined", "delayed", "unverified"}

    def expect(self, condition: object, what: str) -> None:
        if not condition:
            self.differences.append(f"{(self.clock.now - BEGIN) / HOUR:.2f} h: {what}")

    # Calls of regctl.

    def call(
        self, words: list[str], by: str = CRON, input: str = "", may_be_killed: bool = False
    ) -> tuple[int, str, str]:
        """Runs regctl, which may be killed; returns its exit code and output."""
        line, environment = [BINARY, *map(str, words)], self.environment(by)
        # A pass with something to do is worth more.
        share = self.scale.kills * (4 if words[0] == "deliver" else 1)
        is_victim = may_be_killed and self.random.random() < share
        killer = Killer(self.random) if is_victim and words[0] == "deliver" else None
        self.server.on_step = killer
        process = subprocess.Popen(
            line, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.counts["calls"] += 1
        if killer:
            killer.meet(process)
        elif is_victim:
            # It may have refused what it was given before it asks for a password.
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(input)
                process.stdin.close()
            process.stdin = None
            time.sleep(self.random.uniform(0, 0.05 if isinstance(self.site.db, ServerDatabase) else 0.025))
            process.kill()
        output, errors = process.communicate(input if process.stdin else None, timeout=1800)
        if process.returncode == -signal.SIGKILL:
            self.counts["kills"] += 1
            self.wait_for_sessions()
        self.server.on_step = None
        self.expect(process.returncode != 70, f"{words}: {errors}")
        return process.returncode, output, errors

    def rows(self, query: str, *values: object) -> list[tuple]:
        """The rows of a query, for which a server is not asked for a new session each time."""
        if not isinstance(self.site.db, ServerDatabase):
            return rows(self.site.db, query, *values)
        self.session = self.session or self.site.db.connect()
        return self.session.execute(query, values).fetchall()

    def value(self, query: str, *values: object) -> object:
        """The first column of the first row of a query."""
        return self.rows(query, *values)[0][0]

    def environment(self, by: str) -> dict[str, str]:
        return self.site.environment | ({} if by == CRON else {"SUDO_USER": by})

    def wait_for_sessions(self) -> None:
        """Waits until a server has ended the sessions of a process that was killed."""
        while isinstance(self.site.db, ServerDatabase) and self.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'regctl'"
        ):
            time.sleep(0.01)

    def ask(self, *words: str) -> dict:
        """The JSON that a command prints; metrics are text. An error is an object with no more."""
        is_text = "metrics" in words
        code, output, errors = self.call([*words] if is_text else [*words, "--json"])
        if code != 0:
            return {"error": f"{code} {errors}"}
        return {"text": output} if is_text else json.loads(output)

    def fresh(self) -> tuple[list[tuple], list[Fresh]]:
        """The entries and the mails that are new since the last call."""
        entries = self.rows(
            "SELECT id, actor, act, email FROM regctl_audit"
            " WHERE id > ? AND act NOT LIKE '%-continued' ORDER BY id", self.last_entry)
        mails = self.rows(
            "SELECT id, account_id, email, template FROM regctl_outbox"
            " WHERE id > ? ORDER BY id", self.last_mail)
        self.last_entry = max([self.last_entry, *(entry[0] for entry in entries)])
        # In a file, the number of an erased mail is given out again.
        self.last_mail = self.value("SELECT coalesce(max(id), 0) FROM regctl_outbox")
        # Mails of an account that is gone have its negative number.
        return [entry[1:] for entry in entries], [
            Fresh(number, abs(account), *others) for number, account, *others in mails]

    def change(
        self, by: str, event: list[str], words: list[str], input: str = "", may_be_killed: bool = True
    ) -> bool:
        """Runs a command that changes something, and compares what it did; returns whether it was done."""
        code, _, errors = self.call(words, by, input, may_be_killed)
        entries, mails = self.fresh()
        is_killed = code == -signal.SIGKILL
        if self.is_broken:
            self.expect(is_killed or (code == 74 and "migrate-db" in errors), f"{words}: {code} {errors}")
            self.expect(not entries and not mails, f"{words}: done in a broken schema")
            return False
        if is_killed and not entries:
            self.counts["kills without effect"] += 1
            self.expect(not mails, f"{words}: killed, and half done: {mails}")
            return False
        if is_killed and event[0] == "remind":
            # It may have come to some of the accounts.
            event = [*event, str(len(mails))]
        change = self.tell("called", self.clock.now, by, event, mails)
        if not is_killed:
            self.expect(code in change.codes, f"{words}: {code} {errors}, not {change.codes}")
        self.compare_change(words, change.entries, entries, change.missing, mails)
        return True

    def compare_change(
        self, what: object, wanted: list, entries: list[tuple], missing: list, left: list[Fresh]
    ) -> None:
        """Compares the new entries and mails with those of the reckoning."""
        expected = [(entry.by, entry.act, entry.email) for entry in wanted]
        self.expect(entries == expected, f"{what}: the audit has {entries}, not {expected}")
        self.expect(not missing and not left, f"{what}: mails {missing} are missing, {left} unexpected")
