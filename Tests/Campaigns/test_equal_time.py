"""X3: how long `check` takes with a password does not tell whether there is such an account.

The processor's time is compared and not the clock's, because others use the machine meanwhile.
"""

import os
import subprocess
from pathlib import Path
from random import Random
from statistics import median

import pytest

from campaign import BINARY, Site, connected

COST = 11
# Hashes that cost next to nothing, so that all else can be compared.
LOW_COST = 4
ANN, DORA, CAROL, EVE = (f"{name}@example.org" for name in ("ann", "dora", "carol", "eve"))
RIGHT, WRONG = "correct horse battery", "battery staple horse"
TOLERANCE = 1.02
ROUNDS = [15, 25]
LOW_COST_TOLERANCE = 1.1
LOW_COST_ROUNDS = [40, 80, 120]

# Who asks, and with which password; each is refused in the same words.
CASES = {
    "a wrong password": (ANN, WRONG),
    "an unknown address": (EVE, RIGHT),
    "an account without a password": (CAROL, RIGHT),
    "an overlong password": (ANN, "x" * 100),
}
MORE_CASES = {
    "a wrong password, not confirmed": (DORA, WRONG),
    "an empty password": (ANN, ""),
    "a password with a NUL": (ANN, RIGHT + "\0"),
}


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


def processor_time(site: Site, email: str, password: str) -> float:
    """The seconds that the processor spends on a check, which must be refused."""
    file = site.directory / "typed"
    file.write_text(password)
    with file.open("rb") as typed:
        process = subprocess.Popen(
            [BINARY, "check", email, "--password-file", "-"],
            stdin=typed,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=site.environment,
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 1, (email, password)
    return usage.ru_utime + usage.ru_stime


def medians(site: Site, cases: dict[str, tuple[str, str]], rounds: int) -> dict[str, float]:
    """The usual time of each case; they take turns, so that what disturbs one disturbs all."""
    random = Random(rounds)
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name in random.sample(list(cases), len(cases)):
            times[name].append(processor_time(site, *cases[name]))
    return {name: median(found) for name, found in times.items()}


def spread(found: dict[str, float]) -> float:
    return max(found.values()) / min(found.values())


def equal_medians(site: Site, tolerance: float, attempts: list[int]) -> dict[str, float]:
    """The usual times, which must be equal; with more rounds if others disturbed the first."""
    for rounds in attempts:
        found = medians(site, CASES, rounds)
        if spread(found) <= tolerance:
            break
    assert spread(found) <= tolerance, found
    return found


def test_every_refusal_takes_the_same_time(site):
    found = equal_medians(site, TOLERANCE, ROUNDS)
    # Too short a time would be that of the start, which is equal anyway.
    assert min(found.values()) > 0.05, found


def test_what_is_done_besides_the_hash_takes_the_same_time(new_site):
    """A millisecond is little beside the hash, but always the same, and can be seen from outside."""
    site = populated(new_site(bcrypt_cost=LOW_COST))
    equal_medians(site, LOW_COST_TOLERANCE, LOW_COST_ROUNDS)


def test_every_refusal_has_the_same_words(site):
    answers = {
        (result.returncode, result.stdout, result.stderr)
        for email, password in (CASES | MORE_CASES).values()
        for result in [site.run("check", email, "--password-file", "-", input=password)]
    }
    assert len(answers) == 1
    site.ok("check", ANN, "--password-file", "-", input=RIGHT)


def test_a_difference_is_seen(site, new_site):
    """The control: where hashes cost less than the setting says, known accounts are told apart."""
    cheap = new_site(db=site.db, bcrypt_cost=COST + 1)
    cheap_cases = {name: CASES[name] for name in ("a wrong password", "an unknown address")}
    found = medians(cheap, cheap_cases, 5)
    assert found["an unknown address"] / found["a wrong password"] > 1.5
