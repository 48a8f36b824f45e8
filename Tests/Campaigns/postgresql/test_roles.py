"""Roles of a server with the rights that regctl prints for them, and no more."""

import subprocess

import pytest

from Campaigns.calls import Call, each, life
from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.kept_site import KeptSite
from Campaigns.postgresql.server_calls import (
    IDLE,
    LOOKING_CALLS,
    ON_SERVER,
    WRITING_CALLS,
    exit_code,
)
from Campaigns.postgresql.state import content, normal
from Campaigns.preparation import ANN, EVE
from postgresql_server import programs

WRITER, READER, APPLICATION = "least_writer", "least_reader", "least_application"
# What the owner of the tables does; the others are refused where there is something to do.
OWNERS = {"create-db", "migrate-db", "erase"}


@pytest.fixture(scope="module")
def owned(server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> KeptSite:
    """A site in which every command has work, with three roles that own nothing."""
    site = KeptSite(tmp_path_factory.mktemp("owned"), server)
    life(site).keep("life")
    roles = ", ".join((WRITER, READER, APPLICATION))
    for role in (WRITER, READER, APPLICATION):
        site.execute(f"CREATE USER {role}")
    site.execute(
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {APPLICATION}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON users TO {APPLICATION}",
        f"GRANT USAGE ON SEQUENCE users_id_seq TO {APPLICATION}",
    )
    words = ["migrate-db", "--grant", WRITER, "--grant-read", READER, "--dry-run"]
    printed = site.json(*words)["grants"]
    site.execute(*printed)
    yield site
    site.execute(f"DROP OWNED BY {roles}", f"DROP USER {roles}")


def run(site: KeptSite, call: Call, role: str) -> subprocess.CompletedProcess:
    """Runs a call as a role, when the owner has done what must have happened before."""
    address = {"REGCTL_DB": site.server.address(site.database, role)}
    return Call(call.words, input=call.input).run(site, env=site.environment | address)


def prepare(site: KeptSite, call: Call) -> None:
    site.bring_back("life")
    call.before(site)


def denial(site: KeptSite, role: str, statement: str) -> str:
    """What psql says about a statement that a role may not run; empty if it may."""
    address = site.server.address(site.database, role)
    line = [programs() / "psql", "-Xqv", "ON_ERROR_STOP=1", address, "-c", statement]
    result = subprocess.run(line, capture_output=True, text=True)
    return result.stderr if result.returncode else ""


@each([call for call in ON_SERVER if call.words[0] not in OWNERS])
def test_a_role_with_the_printed_rights_runs_every_command(owned: KeptSite, call: Call):
    prepare(owned, call)
    result = run(owned, call, WRITER)
    assert result.returncode == exit_code(call), result


@each([call for call in LOOKING_CALLS if str(call) not in IDLE])
def test_a_role_with_the_rights_of_a_reader_runs_what_only_looks(owned: KeptSite, call: Call):
    prepare(owned, call)
    result = run(owned, call, READER)
    assert result.returncode == exit_code(call), result


@each(WRITING_CALLS)
def test_a_role_with_the_rights_of_a_reader_changes_nothing(owned: KeptSite, call: Call):
    prepare(owned, call)
    before = content(owned)
    result = run(owned, call, READER)
    # A plan of prune is a file; making one only looks at the database.
    if "--plan" in call.words:
        assert result.returncode == 0, result
        return
    # Of several accounts, each is refused.
    assert result.returncode == (1 if b" failed" in result.stderr else 77), result
    assert b"permission denied" in result.stderr
    after = content(owned)
    assert normal(after, before) == normal(before, before)


AUDIT = [
    "UPDATE regctl.regctl_audit SET reason = 'other'",
    "UPDATE regctl.regctl_audit SET actor = 'other'",
    "UPDATE regctl.regctl_audit SET subject_id = 2",
    "UPDATE regctl.regctl_audit SET hash = ''",
    "DELETE FROM regctl.regctl_audit",
    "TRUNCATE regctl.regctl_audit",
    "UPDATE regctl.regctl_audit_accounts SET subject_id = 2",
    "DELETE FROM regctl.regctl_audit_accounts",
]


@pytest.mark.parametrize("role", [WRITER, READER, APPLICATION])
@pytest.mark.parametrize("statement", AUDIT)
def test_no_role_rewrites_the_audit(owned: KeptSite, role: str, statement: str):
    assert "permission denied" in denial(owned, role, statement)


def test_an_entry_that_a_writer_files_under_another_account_is_found(owned: KeptSite):
    """`unprune` gives entries back to their account, so a writer may change where they are filed."""
    owned.bring_back("life")
    owned.ok("audit", "--verify")
    statement = "UPDATE regctl.regctl_audit SET account_id = 2 WHERE act = 'register'"
    assert denial(owned, WRITER, statement) == ""
    code, error = owned.error("audit", "--verify")
    assert (code, error["code"]) == (74, "db_corrupt")


def test_the_application_needs_no_right_on_the_tables_of_regctl(owned: KeptSite):
    owned.bring_back("life")
    tables = owned.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'regctl'")
    assert len(tables) > 10
    for table in tables:
        assert "permission denied" in denial(owned, APPLICATION, f"TABLE regctl.{table}")
    insertion = (
        "INSERT INTO users (email, password, registered_on, admin, confirmed)"
        f" VALUES ('{EVE}', '!', now() AT TIME ZONE 'UTC', FALSE, FALSE)"
    )
    assert denial(owned, APPLICATION, insertion) == ""
    assert denial(owned, APPLICATION, f"DELETE FROM users WHERE email = '{ANN}'") == ""
    # The trigger has done its work with the rights of the owner.
    numbers = "SELECT account_id FROM regctl.regctl_audit WHERE act = 'register'"
    assert owned.rows(numbers) == ["-1"]
    assert owned.value("SELECT count(*) FROM regctl_accounts WHERE account_id = 1") == "0"
    owned.ok("audit", "--verify")
    owned.ok("show", EVE)
