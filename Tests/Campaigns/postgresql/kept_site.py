"""Sites that are brought back to an earlier state many times."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from Campaigns.postgresql.cluster import Cluster
from Campaigns.postgresql.server_site import ServerSite
from Campaigns.sites import LINKS
from postgresql_server import programs

KEEP = """
SET client_min_messages = error;
DROP SCHEMA IF EXISTS "{name}" CASCADE;
CREATE SCHEMA "{name}";
DO $$ DECLARE t record; BEGIN
  FOR t IN SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname IN ('public', 'regctl') AND tablename <> 'regctl_turn'
  LOOP
    EXECUTE format('CREATE TABLE "{name}".%2$I AS TABLE %1$I.%2$I', t.schemaname, t.tablename);
  END LOOP;
END $$;
"""
# Without triggers: the rows are already as they leave them.
BRING_BACK = """
BEGIN;
SET LOCAL session_replication_role = replica;
DO $$ DECLARE t record; c record; BEGIN
  FOR t IN
    SELECT CASE WHEN tablename LIKE 'regctl%' THEN 'regctl' ELSE 'public' END AS place, tablename
    FROM pg_tables WHERE schemaname = '{name}'
  LOOP
    EXECUTE format('DELETE FROM %I.%I', t.place, t.tablename);
    EXECUTE format('INSERT INTO %1$I.%2$I SELECT * FROM "{name}".%2$I', t.place, t.tablename);
    FOR c IN
      SELECT attname, pg_get_serial_sequence(format('%I.%I', t.place, t.tablename), attname) AS s
      FROM pg_attribute WHERE attrelid = format('%I.%I', t.place, t.tablename)::regclass AND attnum > 0
    LOOP
      CONTINUE WHEN c.s IS NULL;
      EXECUTE format(
        'SELECT setval(%L, coalesce(max(%I), 0) + 1, false) FROM %I.%I',
        c.s, c.attname, t.place, t.tablename);
    END LOOP;
  END LOOP;
END $$;
COMMIT;
"""
END = "-- end of the answer --"


class KeptSite(ServerSite):
    """A site on a server whose rows and files can be kept and brought back."""

    def __init__(self, place: Path, server: Cluster, template: str = "template1") -> None:
        self.place = place
        directory = place / "site"
        directory.mkdir(parents=True)
        super().__init__(directory, server, template, **LINKS)
        self.psql: subprocess.Popen | None = None

    def rows(self, query: str) -> list[str]:
        """The rows of a query in a session that stays, which takes a tenth of the time."""
        if self.psql is None:
            self.errors = tempfile.TemporaryFile("w+")
            self.psql = subprocess.Popen(
                [programs() / "psql", "-XAtqv", "ON_ERROR_STOP=1", self.server.address(self.database)],
                env={"PATH": "/usr/bin:/bin", "PGOPTIONS": "-c search_path=public,regctl"},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
            )
        self.psql.stdin.write(f"{query}\n;\n\\echo {END}\n")
        self.psql.stdin.flush()
        lines = []
        while (line := self.psql.stdout.readline()) != f"{END}\n":
            if not line:
                self.errors.seek(0)
                raise AssertionError(f"{query}: {self.errors.read()}")
            lines.append(line.rstrip("\n"))
        return lines

    def execute(self, *statements: str) -> None:
        self.rows(";\n".join(statements))

    def close(self) -> None:
        """Ends the session."""
        if self.psql:
            self.psql.communicate()
            self.psql = None

    def keep(self, name: str) -> None:
        """Keeps all rows and files under a name."""
        self.execute(KEEP.format(name=name))
        shutil.rmtree(self.place / name, ignore_errors=True)
        shutil.copytree(self.directory, self.place / name)

    def bring_back(self, name: str) -> None:
        """Puts the rows and files back which were kept under a name; the tables must be the same."""
        self.execute(BRING_BACK.format(name=name))
        self.bring_files_back(name)

    def copy(self, place: Path) -> "KeptSite":
        """The same site in another place, with a database of its own."""
        # A database with a session is not copied.
        self.close()
        copy = KeptSite(place, self.server, self.database)
        files = shutil.ignore_patterns("regctl.conf")
        shutil.copytree(self.directory, copy.directory, ignore=files, dirs_exist_ok=True)
        return copy

    def bring_files_back(self, name: str) -> None:
        shutil.rmtree(self.directory)
        shutil.copytree(self.place / name, self.directory)
