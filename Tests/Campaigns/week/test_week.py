"""A week of an installation, in a minute or two, or with REGCTL_LONG=1 in an hour.

The application registers visitors and regctl does; visitors, scanners and operators open links and
call; people are invited and forget their passwords; mail is greylisted, refused, bounced and
stopped by an outage and a block list; cron is on time, late, twice at once or not at all; two
operators work at the same moment and lock a domain; calls are killed; Alembic migrates the
database. A reckoning, told of every event, says what each command must have answered and what each
row must be at the end.
"""

import random

from Campaigns.database import rows
from Campaigns.week.comparison import count, differences
from Campaigns.week.world import World
from engines import on_both_engines

pytestmark = on_both_engines

# Changes behind regctl's back: which row, its table, the column, the new value, and the old one from it.
FAULTS = [
    ("SELECT min(id) FROM users WHERE confirmed = TRUE", "users", "email", "'x' || email",
     "substr(email, 2)"),
    ("SELECT min(id) FROM users WHERE confirmed = FALSE", "users", "confirmed", "TRUE", "FALSE"),
    ("SELECT min(id) FROM users WHERE password NOT IN (SELECT hash FROM regctl_no_password)",
     "users", "password", "'x' || password", "substr(password, 2)"),
    ("SELECT max(id) FROM regctl_outbox WHERE state = 'sent'", "regctl_outbox", "finished_at",
     "finished_at + 1", "finished_at - 1"),
    ("SELECT min(id) FROM regctl_outbox WHERE state = 'cancelled'", "regctl_outbox", "attempts",
     "attempts + 1", "attempts - 1"),
    ("SELECT min(id) FROM regctl_bounces WHERE suppresses = TRUE", "regctl_bounces", "suppresses",
     "FALSE", "TRUE"),
    ("SELECT min(id) FROM regctl_bounces WHERE cleared_at IS NOT NULL", "regctl_bounces",
     "cleared_at", "cleared_at + 1", "cleared_at - 1"),
    ("SELECT max(id) FROM regctl_audit", "regctl_audit", "actor", "actor || 'x'",
     "substr(actor, 1, length(actor) - 1)"),
]


def test_every_answer_was_that_of_the_reckoning(week: World):
    assert week.differences == []


def test_the_week_had_everything_in_it(week: World):
    counts = week.counts
    for name in (
        "kills", "kills without effect", "at the same time", "passes late", "passes missed",
        "accounts pruned", "reports of mail", "links scanned", "links opened", "logins", "alarms",
        "mails held", "registrations by the application", "mails repeated", "accounts kept",
        "passwords set", "passwords chosen", "invitations used", "domains locked",
        "refused for the domain",
    ):
        assert counts[name] > 0, name


def test_every_row_is_that_of_the_reckoning(week: World):
    wanted = week.wanted()
    assert differences(week.at_end, wanted) == []
    assert count(wanted) > 1000


def test_an_event_that_is_forgotten_is_found(week: World):
    # The same events lead to the same rows.
    reckoning, contradicted = week.told_again()
    assert not contradicted
    assert differences(week.at_end, week.wanted(reckoning)) == []
    traceable = [number for number, event in enumerate(week.journal) if week.leaves_trace(event)]
    for number in random.Random(week.seed).sample(traceable, 25):
        try:
            reckoning, contradicted = week.told_again(without=number)
        except (AssertionError, AttributeError, KeyError):
            # A later event does not fit.
            continue
        # A mail that is sent again has the rows of a later pass, which shows the number of tries.
        is_found = contradicted or differences(week.at_end, week.wanted(reckoning))
        assert is_found, week.journal[number]


def test_a_row_that_was_changed_behind_regctls_back_is_found(week: World):
    db, wanted = week.site.db, week.wanted()
    for query, table, column, value, before in FAULTS:
        number = rows(db, query)[0][0]
        assert number is not None, query
        rows(db, f"UPDATE {table} SET {column} = {value} WHERE id = {number}")
        assert differences(week.seen(), wanted), (table, column)
        rows(db, f"UPDATE {table} SET {column} = {before} WHERE id = {number}")
    # The control of the control: nothing is left of these changes.
    assert differences(week.seen(), wanted) == []
