"""What doctor says about a server: one test a finding, each provoked on a real one."""

import shlex
import subprocess
import time
from pathlib import Path

import pytest

from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.server_site import ServerSite
from Campaigns.postgresql.shifted_clock import shifted_clock
from postgresql_server import programs

# The rows about a server, in their order.
OF_SERVER = [
    "server", "replication", "durability", "privileges", "collation", "numbers", "server clock",
]
YEAR = 365 * 86_400


def rows(site: ServerSite, *words: object, **variables: str) -> dict[str, tuple[str, str, str]]:
    """What doctor prints: result, detail and advice by the check's name."""
    result = site.run("doctor", "--format", "tsv", "--no-header", *words, environment=variables)
    assert result.returncode in (0, 1), result
    found = {}
    for line in result.stdout.decode().splitlines():
        name, *rest = line.split("\t")
        found.setdefault(name, tuple(rest))
    assert (result.returncode == 1) == any(row[0] == "failed" for row in found.values()), result
    return found


@pytest.fixture
def role(server_site: ServerSite) -> str:
    """A role of the server that owns nothing."""
    name = f"role_{server_site.database}"
    server_site.server.ask(f"CREATE ROLE {name} LOGIN")
    return name


def as_role(site: ServerSite, role: str) -> dict[str, str]:
    return {"REGCTL_DB": site.server.address(site.database, role)}


def test_with_a_role_of_its_own_and_a_whole_server_nothing_is_found(own_site):
    site = own_site(fsync="on")
    site.server.ask("CREATE ROLE regctl LOGIN")
    site.ok("migrate-db", "--grant", "regctl")
    found = rows(site, **as_role(site, "regctl"))
    assert list(found)[:9] == ["configuration", *OF_SERVER, "database"]
    assert {name: row for name, row in found.items() if row[0] == "failed"} == {}
    assert [found[name][2] for name in OF_SERVER] == [""] * len(OF_SERVER)
    version = site.server.rows("SHOW server_version")[0].split()[0]
    assert found["server"][1].endswith(f" is on PostgreSQL {version}")
    assert found["replication"][1] == "no standby is connected"
    assert found["privileges"][1] == "'regctl' has the rights of a writer"
    assert "permissions" not in found and "pooler" not in found


def test_a_server_that_cannot_be_reached(server_site: ServerSite):
    found = rows(server_site, REGCTL_DB="postgresql://127.0.0.1:1/app")
    assert found["server"][0] == "failed" and "refused" in found["server"][1]
    assert "database" not in found and found["keys"][0] == "ok"


# Version


def test_a_version_whose_support_has_ended(server_site: ServerSite, tmp_path: Path):
    found = rows(server_site, **shifted_clock(tmp_path, 5 * YEAR))
    assert found["server"][0] == "ok" and " gets no corrections since 20" in found["server"][1]
    assert found["server"][2] == "plan an upgrade of the server"


def test_a_standby_says_that_it_is_one(pair):
    site, standby = pair
    while standby.rows("SELECT to_regclass('regctl.regctl_turn') IS NULL", site.database) != ["f"]:
        time.sleep(0.05)
    found = rows(site, REGCTL_DB=standby.address(site.database))
    assert found["server"] == (
        "ok", "the server is a standby: it takes no changes",
        "commands that write need the primary server in db",
    )
    assert found["replication"][0] == "ok" and found["database"][0] == "ok"


# Replication


def standbys(site: ServerSite) -> list[str]:
    return site.server.rows("SELECT sync_state FROM pg_stat_replication")


def test_asynchronous_replication_loses_what_was_acknowledged(pair):
    site, _ = pair
    site.server.ask("CREATE ROLE regctl LOGIN")
    site.ok("migrate-db", "--grant", "regctl")
    # Who is not in pg_monitor sees that there is a standby, and nothing more.
    for variables in [{}, as_role(site, "regctl")]:
        result, detail, advice = rows(site, **variables)["replication"]
        assert result == "failed" and "synchronous_standby_names" in advice
        assert detail.startswith("1 standby is connected, and commits wait for none: a failover loses")


def test_synchronous_replication(pair):
    site, standby = pair
    site.server.set(synchronous_standby_names="*")
    while standbys(site) != ["sync"]:
        time.sleep(0.05)
    good = ("ok", "1 standby is connected, and commits wait for one", "")
    assert rows(site)["replication"] == good
    site.server.ask(f"ALTER DATABASE {site.database} SET synchronous_commit = local")
    result, detail, advice = rows(site)["replication"]
    assert result == "ok" and detail.startswith("synchronous_commit is local: commits of regctl wait")
    assert "synchronous_commit = on" in advice
    standby.stop()
    while standbys(site):
        time.sleep(0.05)
    result, detail, advice = rows(site)["replication"]
    assert result == "failed" and "none for which they wait is connected" in detail


def test_who_copies_files_or_some_tables_is_no_standby(own_site, tmp_path: Path):
    site = own_site(wal_level="logical")
    server = site.server
    server.ask("CREATE PUBLICATION tables FOR ALL TABLES", site.database)
    server.ask("SELECT pg_create_logical_replication_slot('tables', 'pgoutput')", site.database)
    reader = subprocess.Popen(
        [programs() / "pg_recvlogical", "-d", server.address(site.database), "-S", "tables",
         "--start", "-f", tmp_path / "changes", "-o", "proto_version=1",
         "-o", "publication_names=tables"],
    )
    try:
        while server.rows("SELECT active FROM pg_replication_slots") != ["t"]:
            assert reader.poll() is None
            time.sleep(0.05)
        assert rows(site)["replication"][1] == "no standby is connected"
    finally:
        reader.kill()
        reader.wait()


# Durability


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_setting_that_a_crash_needs(own_site, setting: str):
    site = own_site(**({"fsync": "on"} | {setting: "off"}))
    assert rows(site)["durability"] == (
        "failed", f"{setting} is off: a crash of the machine can damage the database",
        f"set {setting} = on on the server",
    )


def test_commits_that_others_do_not_await(own_site):
    site = own_site(fsync="on")
    site.server.ask(f"ALTER DATABASE {site.database} SET synchronous_commit = off")
    result, detail, advice = rows(site)["durability"]
    assert result == "ok" and "the newest of others do not" in detail
    assert "synchronous_commit = on" in advice


# Pooler


def test_a_pooler_needs_the_address_of_the_server_too(server_site: ServerSite, pooled: str):
    direct = server_site.settings["db"]
    result, detail, advice = rows(server_site, REGCTL_DB=pooled)["pooler"]
    assert result == "failed" and "deliver and register --wait are refused" in detail
    assert "set db_deliver to the address of the server" in advice
    both = {"REGCTL_DB": pooled, "REGCTL_DB_DELIVER": direct}
    found = rows(server_site, **both)
    assert found["pooler"] == ("ok", "db_deliver is the address of the server itself", "")
    # All but the fsync of the tests' server is well.
    assert {name for name, row in found.items() if row[0] == "failed"} == {"durability"}
    found = rows(server_site, **both | {"REGCTL_DB_DELIVER": pooled})
    assert found["pooler"][:2] == ("failed", "db_deliver is the address of a pooler: deliver is refused")


# Rights


def test_missing_rights_and_the_command_that_gives_them(server_site: ServerSite, role: str):
    site = server_site
    before = rows(site, **as_role(site, role))
    assert before["privileges"][:2] == ("failed", f"'{role}' has no USAGE on schema regctl")
    site.ok("migrate-db", "--grant", role)
    site.server.ask(f"REVOKE INSERT ON regctl_outbox FROM {role}", site.database)
    result, detail, advice = rows(site, **as_role(site, role))["privileges"]
    assert (result, detail) == ("failed", f"'{role}' has no INSERT on regctl_outbox")
    command = advice.split(": ", 1)[1]
    assert command == f"regctl migrate-db --grant {role}"
    site.ok(*command.split()[1:])
    assert rows(site, **as_role(site, role))["privileges"][1] == f"'{role}' has the rights of a writer"


def test_a_reader_is_one(server_site: ServerSite, role: str):
    site = server_site
    site.ok("migrate-db", "--grant-read", role)
    good = ("ok", f"'{role}' has the rights of a reader", "")
    assert rows(site, **as_role(site, role))["privileges"] == good
    site.server.ask(f"REVOKE SELECT ON regctl_prunes FROM {role}", site.database)
    result, detail, advice = rows(site, **as_role(site, role))["privileges"]
    assert (result, detail) == ("failed", f"'{role}' has no SELECT on regctl_prunes")
    assert advice.endswith(f"regctl migrate-db --grant-read {role}")


def test_a_superuser_and_an_owner_can_rewrite_the_audit(server_site: ServerSite, role: str):
    site = server_site
    result, detail, advice = rows(site)["privileges"]
    assert (result, detail) == ("ok", "'postgres' is a superuser, who can rewrite the audit")
    assert advice.endswith("regctl migrate-db --grant ROLE")
    tables = site.rows("SELECT oid::regclass FROM pg_class WHERE relnamespace = 'regctl'::regnamespace AND relkind = 'r'")
    for table in [*tables, "users"]:
        site.server.ask(f"ALTER TABLE {table} OWNER TO {role}", site.database)
    site.server.ask(f"ALTER SCHEMA regctl OWNER TO {role}", site.database)
    result, detail, _ = rows(site, **as_role(site, role))["privileges"]
    assert (result, detail) == ("ok", f"'{role}' owns the tables of regctl, and can rewrite the audit")


def test_the_application_has_rights_that_it_does_not_need(server_site: ServerSite, role: str):
    site = server_site
    site.server.ask(f"GRANT SELECT, INSERT, UPDATE, DELETE ON users TO {role}", site.database)
    assert rows(site)["privileges"][0] == "ok"
    site.server.ask(
        f"GRANT USAGE ON SCHEMA regctl TO {role}; GRANT ALL ON ALL TABLES IN SCHEMA regctl TO {role}",
        site.database,
    )
    result, detail, advice = rows(site)["privileges"]
    assert result == "failed" and "REVOKE" in advice
    assert detail == f"'{role}' has rights on tables of regctl that the application does not need"


# Texts


def new_site(server: Cluster, directory: Path, options: str) -> ServerSite:
    """A site whose database is made with options of CREATE DATABASE."""
    site = ServerSite(directory, server)
    server.ask(f"DROP DATABASE {site.database}")
    server.ask(f"CREATE DATABASE {site.database} TEMPLATE template0 {options}")
    site.ok("create-db")
    return site


def test_an_encoding_in_which_not_every_address_fits(server: Cluster, tmp_path: Path):
    site = new_site(server, tmp_path, "ENCODING 'LATIN1' LOCALE 'C'")
    result, detail, advice = rows(site)["collation"]
    assert result == "failed" and "the encoding of the database is LATIN1" in detail
    assert "UTF8" in advice


def test_rules_of_a_language_that_have_changed(server: Cluster, tmp_path: Path):
    if server.rows("SELECT count(*) FROM pg_collation WHERE collprovider = 'i'") == ["0"]:
        pytest.skip("a server that was built without the library of such rules")
    site = new_site(server, tmp_path, "LOCALE_PROVIDER icu ICU_LOCALE 'de'")
    assert rows(site)["collation"] == ("ok", "UTF8, in the order of its rules", "")
    server.ask(f"UPDATE pg_database SET datcollversion = '1' WHERE datname = '{site.database}'")
    result, detail, advice = rows(site)["collation"]
    assert result == "failed" and "the rules of the collation 'default' have changed" in detail
    assert "REINDEX DATABASE" in advice
    # As advised.
    server.ask(f"REINDEX DATABASE {site.database}", site.database)
    server.ask(f"ALTER DATABASE {site.database} REFRESH COLLATION VERSION", site.database)
    assert rows(site)["collation"][0] == "ok"


# Clock


@pytest.mark.parametrize(("seconds", "words"), [(9000, "2 hours behind"), (-90, "1 minute ahead of")])
def test_a_clock_that_differs(server_site: ServerSite, tmp_path: Path, seconds: int, words: str):
    result, detail, advice = rows(server_site, **shifted_clock(tmp_path, seconds))["server clock"]
    assert result == "failed" and advice.startswith("set both clocks")
    assert detail == f"the clock of the server is {words} this machine's"
    assert rows(server_site)["server clock"] == ("ok", "agrees with this machine's", "")


# Numbers


def test_a_sequence_behind_the_numbers_of_accounts(server_site: ServerSite):
    """As after a restore of the rows alone; the refusal and doctor give the same advice."""
    for email in ("ann@example.org", "bob@example.org"):
        server_site.ok("register", email, "--no-password")
    server_site.execute("UPDATE users SET id = 3 WHERE id = 1", "UPDATE users SET id = 9 WHERE id = 2")
    exit_code, error = server_site.error("register", "eve@example.org", "--no-password")
    result, detail, advice = rows(server_site)["numbers"]
    assert (exit_code, error["code"], result) == (74, "db_corrupt", "failed")
    assert (error["message"], error["hint"]) == (detail, advice)
    assert "users_id_seq is behind the numbers of accounts, the greatest of which is 9" in detail
    # As advised.
    command = shlex.split(advice.removeprefix("as the owner of the database: "))
    assert command[:2] == ["psql", "-c"]
    server_site.execute(command[2])
    assert rows(server_site)["numbers"][0] == "ok"
    assert server_site.json("register", "eve@example.org", "--no-password")["account"]["id"] == 10


# What differs from a file


def test_create_db_on_a_server_that_has_accounts_names_no_other_file(server_site: ServerSite):
    code, error = server_site.error("create-db")
    assert (code, error["code"]) == (73, "db_exists")
    assert "file" not in error["hint"] and "an empty database with --db" in error["hint"]
    assert "Found" in server_site.ok("create-db", "--if-not-exists")
