"""What `deliver --quiet` says under cron: nothing while mail goes as mail may go."""

import subprocess

from Campaigns.ageing import later
from Campaigns.database import rows
from Campaigns.deliver_kills.deliverers import with_mail
from Campaigns.recording_server import Halt, RecordingServer
from regctl import BINARY, Site

MINUTE = 60
HOUR = 3600
DAY = 86_400
FULL = b"full@example.org"


def passes(site: Site, count: int) -> list[tuple[int, bytes]]:
    """Runs deliverers at once as cron does, and returns how they ended and what they printed."""
    runs = [
        subprocess.Popen(
            [BINARY, "deliver", "--quiet"], env=site.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        for _ in range(count)
    ]
    return [(run.communicate(timeout=120)[0], run.returncode)[::-1] for run in runs]


class Greylist:
    """Defers each recipient at the first try, and one, whose mailbox is full, at every try."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()

    def __call__(self, verb: str, line: bytes) -> bytes | None:
        if verb != "RCPT":
            return None
        if FULL in line:
            return b"452 4.2.2 mailbox full"
        if line in self.seen:
            return None
        self.seen.add(line)
        return b"451 4.7.1 greylisted, try again"


def test_a_week_with_greylisting_a_full_mailbox_and_two_deliverers_is_silent(new_site):
    step = 20 * MINUTE
    with RecordingServer() as server:
        server.answer_to = Greylist()
        site = with_mail(new_site(), server, 5)
        site.execute("UPDATE regctl_outbox SET next_attempt_at = queued_at")
        for number in range(7 * DAY // step):
            if number % 9 == 0:
                address = FULL.decode() if number == 0 else f"guest{number}@example.org"
                site.ok("register", address, "--no-password")
            assert passes(site, 2) == [(0, b"")] * 2, f"after {number * step} s"
            later(site, step)
        states = dict(rows(site.db, "SELECT state, count(*) FROM regctl_outbox GROUP BY state"))
    # The control: there was something to be silent about.
    assert states["sent"] > 50 and states["expired"] == 1
    assert any(copies for copies in server.accepted.values())


def test_a_server_that_is_down_for_two_hours_is_an_alarm_an_hour(new_site):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 3)
    # It is gone now.
    spoken = []
    for minute in range(121):
        [(code, said)] = passes(site, 1)
        assert code == (69 if said else 75)
        if said:
            assert b"mail_unavailable" not in said and b"error: " in said
            spoken.append(minute)
        later(site, MINUTE)
    assert spoken == [0, 60, 120]


def test_refused_mails_are_an_alarm_from_a_share_on(new_site):
    with RecordingServer() as server:
        server.answer_to = lambda verb, line: (
            b"550 5.1.1 no such user" if verb == "RCPT" and b"<user1" in line else None
        )
        site = with_mail(new_site(), server, 40)
        # user1 and user10 to user19.
        [(code, said)] = passes(site, 1)
        assert code == 69 and b"11 of the 40 mails of the last day were refused" in said
        site.settings["mail_alarm_refused"] = "50%"
        site.write_config()
        later(site, HOUR)
        site.ok("retry-mail", "--all-failed", "--yes")
        assert passes(site, 1) == [(0, b"")]


def test_mail_that_is_overdue_is_an_alarm_of_the_second_deliverer(new_site):
    """The first one hangs."""
    with RecordingServer() as server:
        server.on_step = Halt("dot")
        site = with_mail(new_site(), server, 3, mail_connections=1)
        later(site, 2 * HOUR)
        with subprocess.Popen([BINARY, "deliver", "--quiet"], env=site.environment) as hanging:
            server.on_step.wait()
            # What is claimed is not due, as what comes meanwhile is.
            site.ok("register", "late@example.org", "--no-password")
            site.execute("UPDATE regctl_outbox SET next_attempt_at = next_attempt_at - 7200"
                         " WHERE email = 'late@example.org'")
            [(code, said)] = passes(site, 1)
            assert code == 75 and b"mail has been due for 2 hours" in said
            assert passes(site, 1) == [(75, b"")]
            hanging.kill()
