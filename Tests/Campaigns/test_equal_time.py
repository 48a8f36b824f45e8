"""X3: how long `check` takes with a password does not tell whether there is such an account.

The instructions of the processor are counted, because any time depends on what else the machine
does; one test compares the time itself, less exactly.
"""

import os
import re
import subprocess

import bcrypt
import pytest
from werkzeug.security import generate_password_hash

from Campaigns.database import connected
from Campaigns.extent import sample
from regctl import BINARY, Site

COST = 10
# Hashes that cost next to nothing, so that all else can be compared.
LOW_COST = 4
# How many accounts, beside Ann and Dora, have hashes that the sample finds.
OTHERS = 20
ANN, DORA, CAROL, EVE = (f"{name}@example.org" for name in ("ann", "dora", "carol", "eve"))
RIGHT, WRONG = "correct horse battery", "battery staple horse"
TOLERANCE = 1.02
LOW_COST_TOLERANCE = 1.1
TIME_TOLERANCE = 1.1
ROUNDS = 9
# A check whose hash is computed takes more; all else takes less.
LEAST_INSTRUCTIONS = 60_000_000

# The address and the password of each check; all are refused with the same message.
CASES = {
    "a wrong password": (ANN, WRONG),
    "an unknown address": (EVE, RIGHT),
    "an account without a password": (CAROL, RIGHT),
    "an overlong password": (ANN, "x" * 100),
}
# Told another thing, but after the same time.
CASES_OF_TIME = CASES | {"the right password, not confirmed": (DORA, RIGHT)}
MORE_CASES = {
    "a wrong password, not confirmed": (DORA, WRONG),
    "an empty password": (ANN, ""),
    "a password with a NUL": (ANN, RIGHT + "\0"),
}


# Costs of the hashes of Ann and Dora, of most others, and of new ones: the largest of the last two
# decides how long a check takes.
COSTS = {
    "hashes of before the setting was raised": (6, 6, COST),
    "hashes of three costs, the new ones the dearest": (6, 8, COST),
    "most hashes dearer than new ones": (8, COST, 4),
}


def hashed(cost: int) -> str:
    return bcrypt.hashpw(RIGHT.encode(), bcrypt.gensalt(cost)).decode()


def with_hashes(site: Site, own: int, others: int) -> Site:
    """The site with hashes of one cost for Ann and Dora, and of another for accounts beside them."""
    populated(site)
    with connected(site.db) as connection:
        connection.execute(
            "UPDATE users SET password = ? WHERE email IN (?, ?)", (hashed(own), ANN, DORA)
        )
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed)"
            " VALUES (?, ?, '2026-01-01 00:00:00.000000', 0, 0)",
            [(f"other{number}@example.org", hashed(others)) for number in range(OTHERS)],
        )
    return site


def populated(site: Site) -> Site:
    """Ann and Dora have passwords, Carol has none, and there is no Eve."""
    site.ok("create-db")
    for email in (ANN, DORA):
        site.ok("register", email, "--password-file", "-", input=RIGHT)
    site.ok("register", CAROL, "--no-password")
    for email in (ANN, CAROL):
        site.ok("confirm", "--email", email, "--reason", "test")
    return site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return populated(Site(tmp_path_factory.mktemp("site"), bcrypt_cost=COST))


def check(site: Site, email: str, password: str, *wrapper: str) -> tuple[float, bytes]:
    """A check, which must be refused: the seconds that the processor spends, and standard error."""
    file = site.directory / "typed"
    file.write_text(password)
    with file.open("rb") as typed:
        process = subprocess.Popen(
            [*wrapper, BINARY, "check", email, "--password-file", "-"],
            stdin=typed,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=site.environment,
        )
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    assert process.returncode == 1, (email, password, said)
    return usage.ru_utime + usage.ru_stime, said


def instructions(site: Site, email: str, password: str) -> int:
    """How many instructions the processor executes for a check."""
    counter = "valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"
    _, said = check(site, email, password, *counter)
    return int(re.search(rb"I +refs: +([\d,]+)", said)[1].replace(b",", b""))


def counts(site: Site, cases: dict[str, tuple[str, str]]) -> dict[str, int]:
    return {name: instructions(site, *case) for name, case in cases.items()}


def some(cases: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """A wrong password, an address that is not known, and the last: valgrind takes seconds for each case."""
    chosen = sample("refusals whose work is counted", list(cases), 9, lambda name: name == "an unknown address")
    return {name: cases[name] for name in chosen}


def spread(found: dict[str, float]) -> float:
    return max(found.values()) / min(found.values())


def test_every_refusal_takes_the_same_work(site):
    found = counts(site, CASES_OF_TIME)
    assert spread(found) <= TOLERANCE, found
    assert min(found.values()) > LEAST_INSTRUCTIONS, found


def test_every_refusal_takes_the_same_time(site):
    """What else runs makes some runs slower and none faster, so that the least is compared."""
    found = dict.fromkeys(CASES_OF_TIME, float("inf"))
    for _ in range(ROUNDS):
        for name, case in CASES_OF_TIME.items():
            found[name] = min(found[name], check(site, *case)[0])
    assert spread(found) <= TIME_TOLERANCE, found


def test_what_is_done_besides_the_hash_takes_the_same_work(new_site):
    """A millisecond is little beside the hash, but always the same, and can be seen from outside."""
    found = counts(populated(new_site(bcrypt_cost=LOW_COST)), CASES_OF_TIME)
    assert spread(found) <= LOW_COST_TOLERANCE, found


def test_every_refusal_has_the_same_words(site):
    answers = {
        (result.returncode, result.stdout, result.stderr)
        for email, password in (CASES | MORE_CASES).values()
        for result in [site.run("check", email, "--password-file", "-", input=password)]
    }
    assert len(answers) == 1
    site.ok("check", ANN, "--password-file", "-", input=RIGHT)


@pytest.mark.parametrize("name", COSTS)
def test_hashes_of_other_costs_take_the_same_work(new_site, name):
    own, others, configured = COSTS[name]
    found = counts(with_hashes(new_site(bcrypt_cost=configured), own, others), some(CASES_OF_TIME))
    assert spread(found) <= TOLERANCE, found
    assert min(found.values()) > LEAST_INSTRUCTIONS, found


@pytest.mark.parametrize("others", ["pbkdf2:sha256:60000", "scrypt:16384:8:1", None])
def test_hashes_of_werkzeug_take_the_same_work(new_site, others):
    """Also beside bcrypt, whose work is then part of every check."""
    site = populated(new_site(bcrypt_cost=COST, password_scheme="scrypt"))
    stored = hashed(COST) if others is None else generate_password_hash(RIGHT, others)
    with connected(site.db) as connection:
        connection.executemany(
            "INSERT INTO users (email, password, registered_on, admin, confirmed)"
            " VALUES (?, ?, '2026-01-01 00:00:00.000000', 0, 0)",
            [(f"other{number}@example.org", stored) for number in range(OTHERS)],
        )
    cases = CASES_OF_TIME | {"another function or cost": ("other1@example.org", WRONG)}
    found = counts(site, some(cases))
    assert spread(found) <= TOLERANCE, found
    assert min(found.values()) > LEAST_INSTRUCTIONS, found


def test_a_hash_dearer_than_most_and_than_new_ones_is_told_apart(new_site):
    """The control, and the limit that the manual names: nothing makes such a check shorter."""
    found = counts(with_hashes(new_site(bcrypt_cost=4), COST, 8), some(CASES_OF_TIME))
    known = {found.pop("a wrong password"), found.pop("the right password, not confirmed")}
    assert min(known) / max(found.values()) > 1.5, (known, found)


def test_without_more_rounds_a_cheap_hash_would_be_told_apart(new_site):
    """The control: the same hash, where no other is dearer, is checked far sooner."""
    alone = with_hashes(new_site(bcrypt_cost=6), 6, 6)
    among_others = with_hashes(new_site(bcrypt_cost=COST), 6, 8)
    shorter, longer = (instructions(site, ANN, WRONG) for site in (alone, among_others))
    assert longer / shorter > 1.5
