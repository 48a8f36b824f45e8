"""K13: however links, changes and locks follow one another, no account has an address but by its link.

And no link does anything after trust in its account was renewed: by another password, another
address, a lock or a deletion, or because its confirmation was taken back.

With REGCTL_LONG=1 there are 10,000 steps on each engine.
"""

from collections import Counter
from random import Random

import pytest

from Campaigns.account_life.life import HOME, Life, registered
from Campaigns.account_life.moves import MOVES, MOVES_WHILE_CONFIRMED, lock, moves_of, step
from Campaigns.database import connected, integrity
from Campaigns.extent import IS_FULL
from Campaigns.sites import copy_of
from engines import on_both_engines
from regctl import Site

pytestmark = on_both_engines

LIVES = 50 if IS_FULL else 4
STEPS = 200 if IS_FULL else 120

# What makes links, and changes of address, good again that are void.
FORGET_TOKENS = "UPDATE regctl_accounts SET not_before = NULL"
FORGET_CHANGES = "UPDATE regctl_email_changes SET voided_at = NULL"
FORGET_LOCKS = f"{FORGET_TOKENS}; DELETE FROM regctl_locks"


@pytest.fixture(scope="module")
def prototype(tmp_path_factory: pytest.TempPathFactory, new_database_of_module) -> Site:
    return registered(Site(tmp_path_factory.mktemp("prototype"), new_database_of_module()))


def test_in_random_steps_no_link_does_what_it_must_not(prototype, tmp_path):
    done: Counter[str] = Counter()
    void, addresses = 0, set()
    for seed in range(1, LIVES + 1):
        site = copy_of(prototype, tmp_path / f"site{seed}")
        with connected(site.db) as connection:
            life = Life(site, connection, Random(seed))
            for _ in range(STEPS):
                step(life, moves_of(life))
        assert life.wrong == [], seed
        assert integrity(site.db) == "ok"
        done += life.done
        void += life.void
        addresses |= {token.address for token in life.tokens}
    print(f"{LIVES * STEPS} steps, {void} void links, {dict(done)}")
    # Otherwise nothing was tried.
    acts = ("confirm", "change-email", "reset", "lock", "unlock", "delete", "undelete", "register")
    assert min(done[act] for act in acts) >= 1, done
    assert len(addresses) >= 4
    assert void >= 500


@pytest.mark.parametrize(
    ("moves", "fault"),
    [
        (MOVES, FORGET_TOKENS),
        (MOVES_WHILE_CONFIRMED, FORGET_CHANGES),
        (MOVES_WHILE_CONFIRMED, f"{FORGET_TOKENS}; {FORGET_CHANGES}"),
    ],
    ids=["tokens", "changes", "both"],
)
def test_the_model_detects_links_that_are_not_void(prototype, tmp_path, moves, fault):
    """The control, with steps that are known to come soon to what is wrong."""
    site = copy_of(prototype, tmp_path / "site")
    if moves is MOVES_WHILE_CONFIRMED:
        site.ok("confirm", "--email", HOME, "--reason", "test")
    with connected(site.db) as connection:
        life = Life(site, connection, Random(2), fault=fault)
        for _ in range(800):
            step(life, moves_of(life) if moves is MOVES else moves)
            if life.wrong:
                break
    assert "of before" in life.wrong[0]


def test_the_model_detects_a_lock_that_does_not_hold(prototype, tmp_path):
    """The control."""
    site = copy_of(prototype, tmp_path / "site")
    with connected(site.db) as connection:
        life = Life(site, connection, Random(1), fault=FORGET_LOCKS)
        step(life, {lock: 1})
        for _ in range(40):
            step(life, {move: weight for move, weight in MOVES.items() if move is not lock})
    assert any("in spite of a lock" in found for found in life.wrong), life.wrong


def test_the_model_detects_a_confirmation_by_the_token_of_another_address(prototype, tmp_path):
    """The control."""
    site = copy_of(prototype, tmp_path / "site")

    def forge(life: Life) -> str:
        life.connection.execute("UPDATE users SET email = 'eve@x.org', confirmed = TRUE WHERE id = 1")
        return HOME

    with connected(site.db) as connection:
        life = Life(site, connection, Random(1))
        step(life, {forge: 1})
    assert life.wrong == [
        "forge: eve@x.org was confirmed for 'ann@home.example'", "forge has changed the address"
    ]
