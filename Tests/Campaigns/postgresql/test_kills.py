"""regctl is killed at its system calls: on a server too, nothing is ever half done or lost."""

import pytest

from Campaigns.calls import Call, each, life
from Campaigns.command_help import commands
from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.kept_site import KeptSite
from Campaigns.postgresql.killed_calls import KilledCall, campaign
from Campaigns.postgresql.server_calls import (
    DEFINING,
    ELSEWHERE,
    LOOKING_CALLS,
    ON_SERVER,
    WITHOUT,
    WRITING_CALLS,
    exit_code,
)
from Campaigns.postgresql.state import content, normal
from Campaigns.preparation import ANN

WORKERS = 3

# The same transactions as those of another call of the same command.
VARIANTS = {
    "export --csv",
    "import - --map mail=email",
    "issue-token ann@example.org --purpose reset --url",
    "issue-token bob@example.org --purpose change-email --url",
    "register eve@example.org --no-password --no-mail",
    "register eve@example.org --password-file",
    "reset-password ann@example.org --force",
    "retry-mail --all-failed --yes",
    "cancel-mail --state queued --yes",
    "release-held --yes",
}

# Calls that act on several operands in a transaction each, or queue a mail before they deliver it.
PARTS = {
    "delete ann@example.org bob@example.org --reason closing -y --force": [
        Call(["delete", ANN, "--reason", "closing", "-y", "--force"])
    ],
    "lock ann@example.org @spam.example --reason spam": [Call(["lock", ANN, "--reason", "spam"])],
    "resend ann@example.org --force --wait": [Call(["resend", ANN, "--force"])],
}


@pytest.fixture(scope="module")
def alive(server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> list[KeptSite]:
    """Sites in which every command has work, kept as `life`."""
    places = [tmp_path_factory.mktemp("alive") for _ in range(WORKERS)]
    sites = [KeptSite(place, server) for place in places]
    for site in sites:
        life(site).keep("life")
    return sites


@pytest.fixture(scope="module")
def bare(server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> list[KeptSite]:
    """Sites whose schema a call makes."""
    return [KeptSite(tmp_path_factory.mktemp("bare"), server) for _ in range(WORKERS)]


def test_each_command_is_killed_or_is_known_to_look_only():
    tried = {call.words[0] for call in ON_SERVER + DEFINING}
    assert tried | WITHOUT | ELSEWHERE >= {*commands(), "--version"}


@each(LOOKING_CALLS)
def test_a_call_that_only_looks_changes_nothing(alive: list[KeptSite], call: Call):
    site = alive[0]
    site.bring_back("life")
    call.before(site)
    before = content(site)
    result = Call(call.words, input=call.input).run(site)
    assert result.returncode == exit_code(call), result
    after = content(site)
    if call.words[0] != "send-test":
        assert normal(after, before) == normal(before, before)


@each([call for call in WRITING_CALLS if str(call) not in VARIANTS])
def test_a_call_is_complete_or_absent_wherever_it_is_killed(alive: list[KeptSite], call: Call):
    def prepare(site: KeptSite) -> None:
        site.bring_back("life")
        call.before(site)
        if "--wait" in call.words:
            # The other mails are not its own.
            site.ok("deliver")
        site.keep("prepared")

    killed = KilledCall(call, prepare, bring_back, PARTS.get(str(call), []))
    points, missed, wrong = campaign(killed, alive)
    print(f"{points} points, {missed} never reached")
    assert wrong == []
    # The number of polls and reads varies with the scheduler.
    assert points > 3 and missed <= 1 + points / 4


def bring_back(site: KeptSite) -> None:
    site.bring_back("prepared")


class Careless(KilledCall):
    """A program that registers in two transactions."""

    def line(self, site: KeptSite) -> list[str]:
        account = (
            "INSERT INTO users (email, password, registered_on, admin, confirmed)"
            " VALUES ('eve@example.org', '!', '2026-01-01', FALSE, FALSE)"
        )
        mail = (
            "INSERT INTO regctl.regctl_accounts (account_id, registered_at)"
            " SELECT id, 0 FROM users WHERE email LIKE 'eve%'"
        )
        return ["psql", "-Xq", site.settings["db"], "-c", account, "-c", mail, "-c", r"\echo Registered"]


def test_the_campaign_detects_a_careless_program(alive: list[KeptSite]):
    """The control: without it, a campaign that finds nothing might be blind."""

    def prepare(site: KeptSite) -> None:
        site.bring_back("life")
        site.keep("prepared")

    careless = Careless(Call(["register"], is_summary=True), prepare, bring_back)
    _, _, wrong = campaign(careless, alive, one_in=1)
    assert any("half: " in found for found in wrong), wrong


@each(DEFINING)
def test_a_schema_is_complete_or_absent_wherever_its_making_is_killed(bare: list[KeptSite], call: Call):
    def prepare(site: KeptSite) -> None:
        call.before(site)
        site.keep("prepared")

    def again(site: KeptSite) -> None:
        site.bring_files_back("prepared")
        call.before(site)

    points, missed, wrong = campaign(KilledCall(call, prepare, again), bare)
    print(f"{points} points, {missed} never reached")
    assert wrong == []
    assert points > 3 and missed <= 1 + points / 4
