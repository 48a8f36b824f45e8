"""Many processes at once on one server."""

import itertools
import json
import subprocess
from collections import Counter
from pathlib import Path

from Campaigns.processes import at_once, last_error
from Campaigns.postgresql.server_site import ServerSite
from regctl import BINARY

EMAIL = "abcdef@example.org"
# All 64 ways to write its first six letters.
SPELLINGS = [
    "".join(letters) + "@example.org"
    for letters in itertools.product(*((letter, letter.upper()) for letter in "abcdef"))
]


def register(email: str) -> list[object]:
    return ["register", email, "--no-password", "--json", "--busy-timeout", "2m"]


def test_64_spellings_of_one_address_are_one_account(server_site: ServerSite):
    outcomes = at_once(server_site, [register(spelling) for spelling in SPELLINGS])
    assert Counter(code for code, _, _ in outcomes) == {0: 1, 1: 63}, outcomes
    refusals = {last_error(error)["code"] for code, _, error in outcomes if code == 1}
    assert refusals == {"already_registered_unconfirmed"}
    [winner] = [json.loads(output) for code, output, _ in outcomes if code == 0]
    assert server_site.rows("SELECT email FROM users") == [winner["account"]["email"]]
    for table in ("regctl_outbox", "regctl_accounts", "regctl_audit WHERE act = 'register'"):
        assert server_site.value(f"SELECT count(*) FROM {table}") == "1", table
    server_site.ok("audit", "--verify")


def test_200_addresses_are_200_accounts(server_site: ServerSite):
    emails = [f"ann{number}@example.org" for number in range(200)]
    for start in range(0, 200, 50):
        outcomes = at_once(server_site, [register(email) for email in emails[start : start + 50]])
        assert Counter(code for code, _, _ in outcomes) == {0: 50}, outcomes
    assert server_site.value("SELECT count(DISTINCT email) FROM users") == "200"
    server_site.ok("audit", "--verify")


def test_the_audit_is_one_chain_under_16_writers(server_site: ServerSite):
    """Each writer is a shell that registers one account after another."""
    words = " ".join(register("w$1n$n@example.org"))
    loop = f'for n in 1 2 3 4 5 6 7 8 9 10; do regctl {words} || exit 1; done'
    environment = server_site.environment | {"PATH": f"{Path(BINARY).parent}:/usr/bin:/bin"}
    writers = [
        subprocess.Popen(
            ["sh", "-c", loop, "sh", str(number)], env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        for number in range(16)
    ]
    failures = [error for writer in writers if (error := writer.communicate(timeout=300)[1])]
    assert failures == []
    assert server_site.value("SELECT count(*) FROM users") == "160"
    assert server_site.value("SELECT count(*) || ' ' || max(id) FROM regctl_audit") == "161 161"
    server_site.ok("audit", "--verify")


# What an application does that reads first and writes later, without a lock.
APPLICATION = """
INSERT INTO users (email, password, registered_on, admin, confirmed)
VALUES ('{email}', '!', now() AT TIME ZONE 'UTC', FALSE, FALSE);
"""


def test_beside_the_applications_own_insertions_each_address_is_one_account(server_site: ServerSite):
    emails = [f"ann{number}@example.org" for number in range(40)]
    statements = "".join(APPLICATION.format(email=email.upper()) for email in emails)
    application = subprocess.Popen(
        ["psql", "-XAtq", server_site.settings["db"]], stdin=subprocess.PIPE, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )
    application.stdin.write(statements)
    application.stdin.close()
    outcomes = at_once(server_site, [register(email) for email in emails])
    application.wait(60)
    assert {code for code, _, _ in outcomes} <= {0, 1}, outcomes
    assert server_site.value("SELECT count(*) FROM users") == "40"
    assert server_site.value("SELECT count(DISTINCT lower(email)) FROM users") == "40"
    server_site.ok("audit", "--verify")
