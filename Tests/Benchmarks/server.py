"""The benchmarks on a PostgreSQL server, for `run.py`: against psql and pgbench.

`run.py` has to import this module inside a function, since this one imports `run`.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bulk import COLUMNS as EXPORTED
from delivery import HOST, SENDER, first_mail, smtp_sink, source
from run import BINARY, COLUMNS, ROOT, best, report

sys.path.insert(0, str(ROOT / "Tests"))
from postgresql_server import PostgreSQLServer, programs  # noqa: E402

SETTINGS = [
    "fsync = on", "shared_buffers = 512MB", "max_wal_size = 4GB", "checkpoint_timeout = 30min",
    "autovacuum = off",
]
# A third has not confirmed; registered over a year, confirmed within a day.
ACCOUNTS = """
INSERT INTO users (id, email, password, registered_on, admin, confirmed, confirmed_on)
SELECT i, 'user.' || i || '@example.org', '!', moment, false, i % 3 > 0,
  CASE WHEN i % 3 > 0 THEN moment + i % 86400 * interval '1 s' END
FROM generate_series(1, {count}) AS i,
  LATERAL (SELECT to_timestamp(1790000000 - i % 31536000)::timestamp AS moment) AS dates
"""
# Every other account has not confirmed for a month.
STALE = """
INSERT INTO users (id, email, password, registered_on, admin, confirmed, confirmed_on)
SELECT i, 'user.' || i || '@example.org', '!', moment, false, i % 2 = 0,
  CASE WHEN i % 2 = 0 THEN moment END
FROM generate_series(1, {count}) AS i,
  LATERAL (SELECT localtimestamp - interval '30 days' - i * interval '1 s' AS moment) AS dates
"""
MAILS = """
INSERT INTO regctl.regctl_outbox (account_id, email, purpose, template, state, attempts, queued_at,
  finished_at, message_id)
SELECT id, email, 'confirm', 'confirm', 'sent', 1, 1790000000, 1790000060, 'm' || id FROM users
"""
HASHED = """
COPY (SELECT i, 'user.' || i || '@example.org',
  '$2b$13$' || left(translate(encode(sha256(i::text::bytea) || sha256(i::text::bytea), 'base64'), E'+=\n', './'), 53),
  timestamp '2026-01-01' + i * interval '1 s' + i % 1000000 * interval '1 us', 0, i % 2,
  CASE WHEN i % 2 = 1 THEN timestamp '2026-11-01' END
FROM generate_series(1, {count}) AS i) TO STDOUT (FORMAT csv)
"""
LISTED = """
SELECT u.email, to_char(u.registered_on, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  extract(epoch FROM now() AT TIME ZONE 'UTC' - u.registered_on)::bigint,
  (SELECT count(*) FROM regctl.regctl_outbox WHERE account_id = u.id), m.state,
  to_char(to_timestamp(coalesce(m.finished_at, m.queued_at)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM users u LEFT JOIN regctl.regctl_outbox m
  ON m.id = (SELECT max(id) FROM regctl.regctl_outbox WHERE account_id = u.id)
WHERE u.confirmed = FALSE ORDER BY u.registered_on, u.id
"""
# What `prune` does to accounts, without checking reasons to keep them and without an audit entry.
PRUNE = """
WITH run AS (
  INSERT INTO regctl.regctl_prunes (at, actor, uid, cutoff) VALUES (0, 'psql', 0, 0) RETURNING run
), gone AS (
  DELETE FROM users WHERE confirmed = FALSE AND admin = FALSE
    AND registered_on < localtimestamp - interval '14 days' RETURNING users.*
), tombstones AS (
  INSERT INTO regctl.regctl_tombstones (run, account_id, registered_on, mailed_at)
  SELECT run, id, registered_on, (SELECT min(finished_at) FROM regctl.regctl_outbox
    WHERE account_id = gone.id AND state = 'sent') FROM gone, run
)
INSERT INTO regctl.regctl_archive (run, account_id, email, account, registered_at, not_before)
SELECT run, id, gone.email, to_jsonb(gone), a.registered_at, a.not_before
FROM run, gone LEFT JOIN regctl.regctl_accounts a ON a.account_id = gone.id
"""
DUE = """
INSERT INTO regctl.regctl_outbox (account_id, email, purpose, template, state, queued_at,
  next_attempt_at, message_id)
SELECT id, email, 'confirm', 'confirm', 'queued', extract(epoch FROM now())::bigint,
  extract(epoch FROM now())::bigint, 'm' || id || '@app.example'
FROM users WHERE confirmed = FALSE
"""
PREFIX = r"(?m)^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] "
PARAMETER = re.compile(r"\$(\d+) = ('(?:[^']|'')*'|NULL)")
FIRST_ACCOUNT, FIRST_MAIL = 7_000_001, 8_000_001


class ServerSite:
    """Databases on a server of their own, each made from the same template."""

    def __init__(self, *statements: str) -> None:
        self.server = PostgreSQLServer(*SETTINGS)
        self.directory = Path(tempfile.mkdtemp(prefix="regctl-benchmark."))
        self.directory.chmod(0o755)
        key = self.directory / "secret.key"
        key.write_text("k" * 32 + "\n")
        key.chmod(0o600)
        self.execute("postgres", "CREATE DATABASE pristine")
        self.environment = {
            "REGCTL_CONFIG": "none", "PATH": "/usr/bin", "REGCTL_DB": self.address("pristine"),
            "REGCTL_SECRET_KEY_FILE": str(key),
        }
        self.regctl("create-db", "--quiet", stderr=subprocess.DEVNULL)
        for statement in statements:
            self.execute("pristine", statement)
        self.execute("pristine", "VACUUM ANALYZE")
        self.names: list[str] = []

    def address(self, database: str) -> str:
        """The address of a database by the server's socket."""
        return f"postgresql://postgres@/{database}?host={self.server.directory}&port={self.server.port}"

    def put_back(self, *names: str) -> None:
        """Makes databases anew from the template; regctl uses the first."""
        for name in names:
            self.execute("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            self.execute(
                "postgres", f"CREATE DATABASE {name} TEMPLATE pristine STRATEGY file_copy"
            )
        self.execute("postgres", "CHECKPOINT")
        self.environment["REGCTL_DB"] = self.address(names[0])

    def regctl(self, *words: str, **options) -> subprocess.CompletedProcess:
        options = {"stdout": subprocess.DEVNULL, "check": True} | options
        return subprocess.run([BINARY, *words], env=self.environment, **options)

    def execute(self, database: str, statements: str) -> str:
        """Runs statements, which must succeed, and returns what the last one prints."""
        line = [programs() / "psql", "-Xqv", "ON_ERROR_STOP=1", "--csv", "-t", self.address(database)]
        done = subprocess.run(line, input=statements, capture_output=True, text=True, env={})
        assert done.returncode == 0, (statements, done.stderr)
        return done.stdout

    def psql(self, database: str, *words: str) -> None:
        """The program itself: `psql` of Debian is a script in Perl around it."""
        line = [programs() / "psql", "-X", *words, self.address(database)]
        subprocess.run(line, stdout=subprocess.DEVNULL, check=True, env={})

    def remove(self) -> None:
        self.server.stop()
        shutil.rmtree(self.directory)


def peak_memory(words: list[str], environment: dict[str, str]) -> int:
    """The peak of memory of a regctl that prints much or takes long, in kilobytes."""
    peak = 0
    with subprocess.Popen([BINARY, *words], env=environment, stdout=subprocess.PIPE) as process:
        # Not ru_maxrss, in which a child begins with what its parent has.
        while process.stdout.read(1 << 20):
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max(peak, *(int(kb) for kb in re.findall(r"VmHWM:\s+(\d+) kB", status)), 0)
    return peak


def small_read(rounds: int = 150) -> None:
    """Start to exit on a small database, by the server's socket."""
    site = ServerSite(ACCOUNTS.format(count=20), MAILS)
    site.put_back("ours")
    shell = lambda: site.psql("ours", "-At", "-c", LISTED)  # noqa: E731
    listing = lambda: site.regctl("list-unconfirmed", "--format", "tsv", "--fields", COLUMNS)  # noqa: E731
    ours, theirs, again = best([listing, shell, shell], rounds)
    report("control: `psql`", "itself", f"{theirs / again:.2f} x", "1 x")
    report(
        f"`list-unconfirmed`, PostgreSQL, few accounts ({ours * 1000:.1f} ms)",
        f"`psql -X -c`, same query ({theirs * 1000:.1f} ms)", f"{ours / theirs:.2f} x", "<= 1.15 x",
    )
    site.remove()


def list_many(count: int = 1_500_000, rounds: int = 3) -> None:
    """A third of all accounts has not confirmed."""
    site = ServerSite(ACCOUNTS.format(count=2 * count), MAILS)
    site.put_back("ours")
    words = ["list-unconfirmed", "--format", "tsv", "--fields", COLUMNS]
    ours, theirs = best(
        [lambda: site.regctl(*words), lambda: site.psql("ours", "-At", "-c", LISTED)], rounds
    )
    report(
        f"`list-unconfirmed --format tsv`, PostgreSQL, {2 * count // 3:,} accounts ({ours:.2f} s)",
        f"`psql -At`, same columns ({theirs:.2f} s)", f"{ours / theirs:.2f} x", "<= 1.2 x",
    )
    peak = peak_memory(words, site.environment)
    report("the same, peak memory", "", f"{peak / 1024:.0f} MB", "<= 30 MB")
    site.remove()


def move_many(count: int = 1_000_000, rounds: int = 2) -> None:
    """Imports all accounts from a file, into the same table with the same indexes, and exports them."""
    site = ServerSite()
    csv = site.directory / "accounts.csv"
    rows = site.execute("postgres", HASHED.format(count=count))
    csv.write_text(",".join(EXPORTED) + "\n" + rows)
    copy = f"\\copy users ({','.join(EXPORTED)}) from '{csv}' with (format csv, header)"
    ours, theirs = best(
        [lambda: site.regctl("import", str(csv), "--quiet"), lambda: site.psql("theirs", "-c", copy)],
        rounds, before=lambda: site.put_back("ours", "theirs"),
    )
    checksum = "SELECT count(*), sum(hashtext(u::text)) FROM (SELECT * FROM users ORDER BY id) u"
    assert site.execute("ours", checksum) == site.execute("theirs", checksum)
    report(
        f"`import` of {count:,} accounts, PostgreSQL ({ours:.2f} s)", f"`\\copy … from` ({theirs:.2f} s)",
        f"{theirs / ours:.2f} x as fast", ">= 0.4 x as fast",
    )
    out = f"\\copy (SELECT {','.join(EXPORTED)} FROM users ORDER BY id) to '/dev/null' with (format csv)"
    ours, theirs = best([lambda: site.regctl("export"), lambda: site.psql("theirs", "-c", out)], rounds)
    report(
        f"`export` of {count:,} accounts, PostgreSQL ({ours:.2f} s)", f"`\\copy … to` ({theirs:.2f} s)",
        f"{ours / theirs:.2f} x", "<= 1.5 x",
    )
    report(
        "the same, peak memory", "", f"{peak_memory(['export'], site.environment) / 1024:.0f} MB",
        "<= 20 MB",
    )
    site.remove()


def prune_many(count: int = 1_000_000, rounds: int = 2) -> None:
    """Half of all accounts."""
    site = ServerSite(STALE.format(count=count), MAILS)
    ours, theirs = best(
        [
            lambda: site.regctl("prune", "--yes", "--max", str(count), "--quiet"),
            lambda: site.psql("theirs", "-c", PRUNE),
        ],
        rounds, before=lambda: site.put_back("ours", "theirs"),
    )
    for name in ("ours", "theirs"):
        for query in ("users", "regctl.regctl_archive", "regctl.regctl_tombstones"):
            found = site.execute(name, f"SELECT count(*) FROM {query}")
            assert int(found) == count // 2, (name, query, found)
    report(
        f"`prune`, PostgreSQL, {count // 2:,} of {count:,} accounts ({ours:.2f} s)",
        f"one statement that archives and deletes ({theirs:.2f} s)", f"{ours / theirs:.2f} x", "<= 2 x",
    )
    site.put_back("ours")
    longest = longest_transaction(site, lambda: site.regctl("prune", "--yes", "--max", str(count), "--quiet"))
    report("the same, longest transaction", "", f"{longest * 1000:.0f} ms", "<= 1000 ms")
    site.remove()


def longest_transaction(site: ServerSite, work: Callable[[], None]) -> float:
    """The age that a transaction of some work reached, as seen every few milliseconds, in seconds."""
    query = (
        "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)"
        " FROM pg_stat_activity WHERE application_name LIKE 'regctl%'\n\\watch 0.02\n"
    )
    line = [programs() / "psql", "-XAtq", site.address("postgres")]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={}) as watch:
        ages: list[float] = []
        reader = threading.Thread(
            target=lambda: ages.extend(
                float(text) for text in watch.stdout if re.fullmatch(r"\d+(\.\d+)?\n", text)
            )
        )
        reader.start()
        watch.stdin.write(query)
        watch.stdin.flush()
        work()
        watch.kill()
        reader.join()
    assert len(ages) > 10
    return max(ages)


def deliver_many(count: int = 10_000, rounds: int = 3) -> None:
    """Mails over four connections, each result recorded durably."""
    site = ServerSite(ACCOUNTS.format(count=3 * count), DUE)
    with smtp_sink() as port:
        site.environment |= {
            "REGCTL_CONFIRM_URL": "https://app.example/confirm/{token}",
            "REGCTL_MAIL_DEFAULT_SENDER": f"Example <{SENDER}>", "REGCTL_MAIL_TRANSPORT": "smtp",
            "REGCTL_MAIL_SERVER": HOST, "REGCTL_MAIL_PORT": str(port), "REGCTL_MAIL_SECURITY": "none",
            "REGCTL_MAIL_CONNECTIONS": "4",
        }
        site.put_back("ours")
        size = len(first_mail(site.environment, site.directory / "Maildir"))
        ours, theirs = best(
            [lambda: site.regctl("deliver", "--quiet"), lambda: source(port, count, size, "-d")],
            rounds, before=lambda: site.put_back("ours"),
        )
    left = site.execute("ours", "SELECT count(*) FROM regctl.regctl_outbox WHERE state <> 'sent'")
    assert int(left) == 0
    report(
        f"`deliver`, PostgreSQL, {count:,} mails of {size} bytes, 4 connections ({ours:.2f} s)",
        f"`smtp-source -d -s 4`, which records nothing ({theirs:.2f} s)",
        f"{theirs / ours:.2f} x as fast", ">= 0.5 x",
    )
    site.remove()


def one_of_many(many: int = 10_000_000, few: int = 1000, rounds: int = 60) -> None:
    """How much longer one account takes among ten million than among a thousand."""
    sites = [ServerSite(ACCOUNTS.format(count=count), MAILS) for count in (many, few)]
    tokens = [""] * 2

    def before() -> None:
        for place, site in enumerate(sites):
            site.execute(
                "pristine", "UPDATE users SET confirmed = FALSE, confirmed_on = NULL WHERE id = 999"
            )
            issued = site.regctl("issue-token", "user.999@example.org", stdout=subprocess.PIPE)
            tokens[place] = issued.stdout.decode().strip()

    work = {
        "show": lambda place: sites[place].regctl("show", "user.999@example.org"),
        "confirm": lambda place: sites[place].regctl("confirm", tokens[place], "--quiet"),
    }
    for name, run in work.items():
        large, small = best([lambda run=run: run(0), lambda run=run: run(1)], rounds, before)
        report(
            f"`{name}`, PostgreSQL, one of {many:,} accounts ({large * 1000:.1f} ms)",
            f"one of {few:,} ({small * 1000:.1f} ms)", f"{large / small:.2f} x", "<= 1.3 x",
        )
    for site in sites:
        site.remove()


def statements(site: ServerSite) -> str:
    """What a `register` sends to the server, as a script of pgbench."""
    # The first account without a password has a transaction to itself.
    site.regctl("register", "zero@example.org", "--no-password", "--quiet")
    for table, first in (("users", FIRST_ACCOUNT), ("regctl.regctl_outbox", FIRST_MAIL)):
        site.execute("ours", f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {first - 1})")
    site.execute("ours", "ALTER DATABASE ours SET log_statement = 'all'")
    log = site.server.directory / "log"
    begin = log.stat().st_size
    site.regctl("register", "first@example.org", "--no-password", "--quiet")
    site.execute("ours", "ALTER DATABASE ours RESET log_statement")
    return script(log.read_bytes()[begin:].decode())


def script(log: str) -> str:
    """The logged statements with their values, some of which each transaction has anew."""
    lines = ["\\set number random(1, 1000000000000)"]
    entries = [entry.strip() for entry in re.split(PREFIX, log)]
    for entry, detail in zip(entries, [*entries[1:], ""], strict=True):
        found = re.match(r"LOG:  (?:statement|execute \S+): (.*)", entry, re.DOTALL)
        if not found or found[1].startswith("ALTER DATABASE"):
            continue
        values = dict(PARAMETER.findall(detail)) if detail.startswith("DETAIL:") else {}
        text = re.sub(r"\$(\d+)", lambda match: values[match[1]] if values else match[0], found[1])
        text = text.replace("'first@", "'b:number@").replace(f"'{FIRST_ACCOUNT}'", ":account")
        if text.startswith("BEGIN"):
            text = text.replace("; ", " \\;\n")
        end = ";"
        if text.startswith("INSERT INTO users"):
            end = " \\gset new_\n\\set account :new_id"
        elif text.startswith("SELECT id, hash"):
            end = " \\gset audit_\n\\set audit :audit_id + 1"
        elif text.startswith("INSERT INTO regctl.regctl_audit"):
            text = re.sub(r"VALUES \('\d+'", "VALUES (:audit", text)
        lines.append(text + end)
    return "\n".join(lines) + "\n"


def register_many(count: int = 1000, processes: int = 4) -> None:
    """Processes one after another on each of four lanes, as `pgbench` has a connection for each."""
    site = ServerSite()
    site.put_back("ours")
    work = site.directory / "register.sql"
    work.write_text(statements(site))
    words = ["-n", "-f", work, "-c", processes, "-t", count // processes]

    def pgbench(*options: str) -> None:
        line = [programs() / "pgbench", *words, *options, site.address("theirs")]
        done = subprocess.run([*map(str, line)], capture_output=True, text=True, env={})
        assert done.returncode == 0, done.stderr

    def register() -> None:
        lanes = [threading.Thread(target=lane, args=(number,)) for number in range(processes)]
        for thread in lanes:
            thread.start()
        for thread in lanes:
            thread.join()

    def lane(number: int) -> None:
        for n in range(count // processes):
            site.regctl("register", f"a{number}.{n}@example.org", "--no-password", "--quiet")

    ours, anew, kept = best(
        [register, lambda: pgbench("-C"), pgbench], 3, before=lambda: site.put_back("ours", "theirs")
    )
    found = site.execute("ours", "SELECT count(*) FROM users")
    assert int(found) == count, found
    for peer, seconds, goal in (("-C", anew, ">= 0.8 x"), ("", kept, "")):
        report(
            f"`register`, PostgreSQL, {processes} processes ({count / ours:.0f} accounts/s)",
            f"`pgbench {peer} -c {processes}`, same statements ({count / seconds:.0f}/s)",
            f"{seconds / ours:.2f} x as fast", goal,
        )
    site.remove()


BENCHMARKS = {
    "server-small-read": small_read,
    "server-list": list_many,
    "server-move": move_many,
    "server-prune": prune_many,
    "server-deliver": deliver_many,
    "server-one-of-many": one_of_many,
    "server-register": register_many,
}
