#!/usr/bin/env python3
"""Measures regctl beside its peers, in one run, and prints a table of ratios.

    .venv/bin/python Tests/Benchmarks/run.py [NAME...]

Every ratio comes from runs that alternate with those of the peer, so that a noisy machine disturbs
both alike; each side counts with its best run. The control measures a peer against itself: it
should be near 1, and how far it is off is how far to trust the others.
"""

import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = ROOT / ".build" / "release" / "regctl"
SIGNER = ROOT / ".build" / "release" / "SignerLoop"
APPLICATION = ROOT / "Tests" / "Peers" / "flask_application.py"
FIRST_NAMES = "ann bob carol dave eve frank grace heidi ivan judy mallory niaj olivia peggy".split()
DOMAINS = "example.org mail.example.com example.net post.example".split()
COLUMNS = "email,registered_on,age,mails,last_mail_state,last_mail_at"
QUERY = """
SELECT u.email, strftime('%Y-%m-%dT%H:%M:%SZ', u.registered_on),
  CAST(strftime('%s', 'now') - strftime('%s', u.registered_on) AS INTEGER),
  (SELECT count(*) FROM regctl_outbox WHERE account_id = u.id), m.state,
  strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(m.finished_at, m.queued_at), 'unixepoch')
FROM users u LEFT JOIN regctl_outbox m
  ON m.id = (SELECT max(id) FROM regctl_outbox WHERE account_id = u.id)
WHERE u.confirmed = FALSE ORDER BY u.registered_on, u.id
"""
rows: list[tuple[str, str, str, str]] = []


def address(n: int) -> str:
    """A realistic address."""
    return f"{FIRST_NAMES[n % 14]}.{n}@{DOMAINS[n % 4]}"


def best(sides: list, rounds: int, before=lambda: None) -> list[float]:
    """The shortest time of each side, the sides taking turns; `before` is not timed."""
    times = [[] for _ in sides]
    for _ in range(rounds):
        before()
        for side, run in enumerate(sides):
            start = time.perf_counter()
            run()
            times[side].append(time.perf_counter() - start)
    return [min(side) for side in times]


def report(work: str, peer: str, ratio: str, goal: str) -> None:
    rows.append((work, peer, ratio, goal))
    print(f"| {work} | {peer} | {ratio} | {goal} |", flush=True)


class Site:
    """A database in a directory of its own."""

    def __init__(self, accounts: int, mails: bool = True) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="regctl-benchmark."))
        self.db = self.directory / "regctl.db"
        self.environment = {"REGCTL_DB": str(self.db), "REGCTL_CONFIG": "none", "PATH": "/usr/bin"}
        subprocess.run(
            [BINARY, "create-db", "--quiet"], env=self.environment, check=True, stderr=subprocess.DEVNULL
        )
        with sqlite3.connect(self.db) as connection:
            connection.executemany(
                "INSERT INTO users (email, password, registered_on, admin, confirmed)"
                " VALUES (?, '!', ?, 0, 0)",
                (
                    (address(n), f"2026-{n % 9 + 1:02}-01 {n % 24:02}:00:00.{n % 10**6:06}")
                    for n in range(accounts)
                ),
            )
            if mails:
                connection.executemany(
                    "INSERT INTO regctl_outbox (account_id, email, purpose, template, state,"
                    " queued_at, finished_at, message_id)"
                    " VALUES (?, ?, 'confirm', 'confirm', 'sent', 1790000000, 1790000060, ?)",
                    ((n + 1, address(n), f"m{n}") for n in range(accounts)),
                )
        connection.close()

    def regctl(self, *words: str, **options) -> subprocess.CompletedProcess:
        options = {"stdout": subprocess.DEVNULL, "check": True} | options
        return subprocess.run([BINARY, *words], env=self.environment, **options)

    def sqlite3(self, *words: str) -> None:
        subprocess.run(
            ["sqlite3", *words, str(self.db), QUERY], stdout=subprocess.DEVNULL, check=True
        )

    def remove(self) -> None:
        shutil.rmtree(self.directory)


def small_read() -> None:
    """Start to exit on a small database."""
    site = Site(20)
    listing = lambda: site.regctl("list-unconfirmed", "--format", "tsv")  # noqa: E731
    shell = lambda: site.sqlite3("-tabs")  # noqa: E731
    manage = lambda: subprocess.run(  # noqa: E731
        [sys.executable, APPLICATION, "list_unconfirmed", site.db], stdout=subprocess.DEVNULL, check=True
    )
    ours, theirs, again = best([listing, shell, shell], 200)
    report("control: the sqlite3 shell", "itself", f"{theirs / again:.2f} x", "1 x")
    report(
        f"`list-unconfirmed`, 20 accounts ({ours * 1000:.1f} ms)",
        f"`sqlite3`, same query ({theirs * 1000:.1f} ms)", f"{ours / theirs:.2f} x", "<= 1.4 x",
    )
    ours, flask = best([listing, manage], 40)
    report(
        "the same", f"Flask `manage.py` ({flask * 1000:.0f} ms)", f"{flask / ours:.0f} x faster",
        ">= 100 x faster",
    )
    site.remove()


def signer() -> None:
    """The signer in a loop beside itsdangerous in a loop."""
    from itsdangerous import URLSafeTimedSerializer

    serializer = URLSafeTimedSerializer("k" * 32)
    addresses = [f"user{10_000 + n}@example.org" for n in range(1000)]
    count = 20_000
    nanoseconds = {"issue": [], "verify": [], "dumps": [], "loads": []}
    for _ in range(5):
        for line in subprocess.check_output([SIGNER], text=True).splitlines():
            name, value = line.split()
            nanoseconds[name].append(float(value))
        start = time.perf_counter()
        for n in range(count):
            token = serializer.dumps(addresses[n % 1000], salt="email-confirm")
        nanoseconds["dumps"].append((time.perf_counter() - start) / count * 1e9)
        start = time.perf_counter()
        for _ in range(count):
            serializer.loads(token, salt="email-confirm", max_age=3600)
        nanoseconds["loads"].append((time.perf_counter() - start) / count * 1e9)
    best_of = {name: min(values) for name, values in nanoseconds.items()}
    for ours, theirs, goal in (("issue", "dumps", 30), ("verify", "loads", 15)):
        report(
            f"{ours} a token ({best_of[ours]:.0f} ns)",
            f"itsdangerous `{theirs}` ({best_of[theirs] / 1000:.1f} µs)",
            f"{best_of[theirs] / best_of[ours]:.0f} x faster", f">= {goal} x faster",
        )


def issue_many() -> None:
    """100,000 tokens, each account looked up and each token written down in the audit."""
    from itsdangerous import URLSafeTimedSerializer

    count = 100_000
    site = Site(count, mails=False)
    addresses = site.directory / "addresses"
    addresses.write_text("".join(address(n) + "\n" for n in range(count)))
    serializer = URLSafeTimedSerializer("k" * 32)

    def ours() -> None:
        with addresses.open() as lines:
            site.regctl("issue-token", "--stdin", stdin=lines)

    def theirs() -> None:
        for line in addresses.open():
            serializer.dumps(line.rstrip(), salt="email-confirm")

    # Each round finds the same database, so that all rounds do the same work.
    pristine = site.directory / "pristine.db"
    shutil.copyfile(site.db, pristine)
    regctl, python = best([ours, theirs], 7, before=lambda: shutil.copyfile(pristine, site.db))
    report(
        f"`issue-token --stdin`, 100,000 accounts ({regctl:.2f} s)",
        f"itsdangerous `dumps` alone ({python:.2f} s)", f"{python / regctl:.1f} x faster",
        ">= 6 x faster",
    )
    site.remove()


def list_many() -> None:
    """A million rows, and the memory that takes."""
    site = Site(1_000_000)
    listing = lambda: site.regctl("list-unconfirmed", "--format", "tsv", "--fields", COLUMNS)  # noqa: E731
    ours, theirs = best([listing, lambda: site.sqlite3("-tabs")], 3)
    report(
        f"`list-unconfirmed --format tsv`, 1 M accounts ({ours:.2f} s)",
        f"`sqlite3 -tabs`, same columns ({theirs:.2f} s)", f"{ours / theirs:.2f} x", "<= 1.2 x",
    )
    with subprocess.Popen(
        [BINARY, "list-unconfirmed", "--format", "tsv"], env=site.environment, stdout=subprocess.PIPE
    ) as process:
        # Not ru_maxrss, in which a child begins with what its parent has.
        peak = 0
        while process.stdout.read(1 << 20):
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max(peak, *(int(kb) for kb in re.findall(r"VmHWM:\s+(\d+) kB", status)), 0)
    report("the same, peak memory", "", f"{peak / 1024:.0f} MB", "<= 30 MB")
    site.remove()


def build() -> None:
    """A clean release build and the size of what it makes."""
    scratch = ROOT / ".build-benchmark"
    shutil.rmtree(scratch, ignore_errors=True)
    start = time.perf_counter()
    subprocess.run(
        ["swift", "build", "-c", "release", "--static-swift-stdlib", "--disable-local-rpath", "--product", "regctl",
         "--scratch-path", scratch], cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
    )
    seconds = time.perf_counter() - start
    stripped = scratch / "stripped"
    subprocess.run(["strip", "-o", stripped, scratch / "release" / "regctl"], check=True)
    report("clean static release build, 2 cores", "", f"{seconds:.0f} s", "<= 90 s")
    report("stripped binary", "", f"{stripped.stat().st_size / 1e6:.1f} MB", "<= 15 MB")
    shutil.rmtree(scratch)


BENCHMARKS = {
    "small-read": small_read,
    "signer": signer,
    "issue": issue_many,
    "list": list_many,
    "build": build,
}


def main() -> None:
    import bulk  # Here, because these import this file.
    import delivery
    import desk
    import prune
    import server

    for module in (delivery, prune, bulk, desk, server):
        BENCHMARKS.update(module.BENCHMARKS)
    for product in ("regctl", "SignerLoop"):
        subprocess.run(
            ["swift", "build", "-c", "release", "--static-swift-stdlib", "--disable-local-rpath", "--product", product],
            cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        )
    print("| work | against | measured | goal |\n|---|---|---|---|")
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()


if __name__ == "__main__":
    main()
