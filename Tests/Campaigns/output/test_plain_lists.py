"""Lists that copy bytes of the database print what the others print."""

from random import Random

import pytest

from Campaigns.database import connected

EMAILS = ["{}@example.org", "{}\\@x.org", "ä{}@bücher.example", "{}\t@x.org", "{}@x.org\n", "{}\x01@x.org"]
DATES = [
    "2026-01-{day:02} 10:00:00.000000", "2026-01-{day:02} 10:00:00", "2026-01-{day:02}", "soon", "",
    "2026-01-{day:02} 10:00:00+02:00", "2026-02-30 00:00:00", 7, b"2026-01-01 00:00:00",
]


@pytest.fixture(params=["only plain accounts", "others at both ends", "others everywhere"])
def filled(request, site):
    """A site with 3,300 unconfirmed accounts, more than three pages of a list."""
    random = Random(request.param)
    rows = []
    for number in range(3300):
        is_plain = request.param.startswith("only") or (
            20 < number < 3280 if request.param.endswith("ends") else random.random() < 0.999
        )
        email = EMAILS[0] if is_plain else random.choice(EMAILS)
        date = DATES[random.randrange(2)] if is_plain else random.choice(DATES)
        if isinstance(date, str):
            # Many accounts of the same date lie across the ends of pages.
            date = date.format(day=1 + number // 700)
        rows.append((email.format(number), date))
    with connected(site.db) as connection:
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed)"
            " VALUES (?, '!', ?, 0, 0)", rows,
        )
    return site


@pytest.mark.parametrize("command", ["list-unconfirmed", "list-accounts"])
@pytest.mark.parametrize("options", [(), ("--newest",), ("--limit", "1500"), ("--domain", "example.org")])
def test_the_same_is_printed_with_and_without_a_further_column(filled, command, options):
    for fields in ["email,registered_on", "id", "registered_on,id,email"]:
        lines = filled.ok(command, *options, "--format", "tsv", "--fields", fields).splitlines()
        others = filled.ok(command, *options, "--format", "tsv", "--fields", f"{fields},admin")
        expected = [line.rpartition("\t")[0] for line in others.splitlines()]
        assert lines == expected
        assert len(lines) > 1000
