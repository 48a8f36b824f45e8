"""What a database on a server and a site's directory contain, without what differs between runs."""

import json
from collections.abc import Iterable
from pathlib import Path

from Campaigns.postgresql.server_site import ServerSite

# A table's name, and its rows.
Content = dict[str, list[dict[str, object]]]
State = dict[str, list[str]]

# The query for the rows of all tables. The server notices the end of a process at once, unless it is
# in the middle of a commit.
QUERY = """
DO $$ BEGIN
  FOR attempt IN 1..1000 LOOP
    IF NOT EXISTS (
      SELECT FROM pg_locks
      WHERE mode LIKE '%Exclusive%' AND mode <> 'ShareUpdateExclusiveLock' AND granted
        AND pid <> pg_backend_pid() AND locktype IN ('advisory', 'relation')
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) THEN RETURN; END IF;
    PERFORM pg_sleep(0.005);
  END LOOP;
  RAISE 'a session holds a lock after its process was killed';
END $$;
SELECT coalesce(string_agg(format(
  'SELECT %L, row_to_json(t) FROM %I.%I t UNION ALL ',
  n.nspname || '.' || c.relname, n.nspname, c.relname
), ''), '') || $$
SELECT 'objects', json_build_object('name', name) FROM (
  SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname IN ('public', 'regctl')
  UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
) AS o (name) $$
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname IN ('public', 'regctl') AND c.relname <> 'regctl_turn'
"""

# Columns of which only matters whether they are set: times, and hashes with times in them.
SET = {
    "account", "accounts_hash", "applied_at", "at", "cleared_at", "confirmed_at", "confirmed_on", "cutoff",
    "commitment", "finished_at", "hash", "last_reply", "mailed_at", "next_attempt_at", "nonce",
    "not_before", "queued_at", "registered_at", "registered_on", "requested_at", "voided_at",
}  # fmt: skip
# Columns whose values are random, or have gaps after transactions that were not committed.
NEW = {"detail", "id", "message_id", "password", "placeholder", "request", "run"}
ACCOUNTS = {"account_id", "subject_id"}


def content(site: ServerSite) -> Content:
    """Every row of the database and every file; waits until no session has a lock."""
    found: Content = {}
    for line in site.rows(" ".join(site.rows(QUERY))):
        table, row = line.split("|", 1)
        found.setdefault(table, []).append(json.loads(row))
    paths = (path.relative_to(site.directory) for path in site.directory.rglob("*") if path.is_file())
    found["files"] = [{"path": described(path)} for path in paths if "tmp" not in str(path)]
    return found


def described(path: Path) -> str:
    """The path of a file, without the name that a Maildir gives to a mail."""
    return str(path.parent) if path.parent.name == "new" else str(path)


def normal(found: Content, before: Content) -> State:
    """A content in which a random value is known by its place before, or `new`."""
    known = {
        (table, column): [row[column] for row in sorted(rows, key=numbers)]
        for table, rows in before.items()
        for row in rows[:1]
        for column in row
    }
    accounts = Numbers(row["id"] for row in before.get("public.users", []))
    accounts.give(row["id"] for row in found.get("public.users", []))

    def value(table: str, column: str, value: object) -> object:
        if value is None:
            return None
        if column in ACCOUNTS or (table, column) == ("public.users", "id"):
            return accounts.normal(value)
        if column in SET:
            return "set"
        if column == "detail" and value.startswith("key "):
            # The fingerprint of a random key.
            return "key"
        if column in {"reason", "detail"}:
            return "".join("#" if letter.isdigit() else letter for letter in value)
        if column in NEW and table != "regctl.regctl_audit":
            values = known.get((table, column), [])
            return f"known {values.index(value)}" if value in values else "new"
        return value

    return {
        table: sorted(
            json.dumps({key: value(table, key, row[key]) for key in row})
            for row in rows
        )
        for table, rows in found.items()
    }


def numbers(row: dict[str, object]) -> list[object]:
    """What rows are sorted by: the server has them in any order."""
    return [row.get(name) or 0 for name in ("id", "account_id", "request", "run")]


def without(state: State, columns: set[str]) -> State:
    """A state without some columns."""
    return {
        table: sorted(
            json.dumps({key: value for key, value in json.loads(row).items() if key not in columns})
            for row in rows
        )
        for table, rows in state.items()
    }


class Numbers:
    """Numbers of accounts; those of deleted accounts are negative."""

    def __init__(self, known: Iterable[int]) -> None:
        self.names: dict[int, object] = {number: number for number in known}

    def give(self, numbers: Iterable[int]) -> None:
        for number in sorted(set(numbers) - self.names.keys()):
            self.names[number] = f"new {len(self.names)}"

    def normal(self, number: int) -> object:
        name = self.names.get(abs(number), number)
        return f"gone {name}" if number < 0 else name


def difference(one: State, other: State) -> str:
    """What is in one state only, for messages."""
    lines = []
    for table in sorted(one.keys() | other.keys()):
        here, there = one.get(table, []), other.get(table, [])
        lines += [f"-{table} {row}" for row in there if here.count(row) < there.count(row)]
        lines += [f"+{table} {row}" for row in here if here.count(row) > there.count(row)]
    return "; ".join(lines)
