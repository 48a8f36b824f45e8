"""Import and export of many accounts, and of the longest lines, need little memory."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from Campaigns.bulk.accounts import COLUMNS, HASH, NOW, failures, lines
from Campaigns.memory import KILOBYTES_AT_MOST, KILOBYTES_MORE_AT_MOST, measured
from regctl import BINARY

LARGE = 200_000
# An import takes 28 to 30 MB and an export, which is in the audit, 25 to 26; on some machines 2 MB more.
BULK_KILOBYTES_AT_MOST = KILOBYTES_AT_MOST + 2048
BULK_KILOBYTES_MORE_AT_MOST = 2 * KILOBYTES_MORE_AT_MOST


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("large") / "accounts.jsonl"
    with path.open("w") as file:
        for number in range(1, LARGE + 1):
            row = (number, f"user{number}@example.org", HASH, NOW, 0, 0, None)
            file.write(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n")
    yield path


def test_many_accounts_need_little_memory_both_ways(new_site, large, tmp_path):
    site, other = new_site(), new_site()
    site.ok("create-db")
    other.ok("create-db")
    small = tmp_path / "small.jsonl"
    small.write_text(lines(50_000))
    output = tmp_path / "output"
    rehearsed = measured(site, output, "import", large, "--dry-run")
    of_few = measured(other, output, "import", small)
    of_many = measured(site, output, "import", large)
    out_of_few = measured(other, output, "export")
    out_of_many = measured(site, output, "export")
    assert output.read_bytes().count(b"\n") == LARGE
    as_csv = measured(site, output, "export", "--csv")
    print(f"import {of_few}, {of_many} kB, --dry-run {rehearsed} kB, export {out_of_many} kB, {as_csv} kB")
    assert max(of_many, rehearsed, out_of_many, as_csv) <= BULK_KILOBYTES_AT_MOST
    assert out_of_many - out_of_few <= BULK_KILOBYTES_MORE_AT_MOST
    assert of_many - of_few <= 4 * KILOBYTES_MORE_AT_MOST


def test_refusing_every_line_needs_little_memory_too(site, tmp_path):
    path = tmp_path / "accounts.jsonl"
    path.write_text('{"email":"nobody"}\n' * LARGE)
    with path.open("rb") as file, (tmp_path / "output").open("wb") as output:
        result = subprocess.run(
            [BINARY, "import", "-"], stdin=file, stdout=output, stderr=subprocess.PIPE,
            env=site.environment,
        )
    assert result.returncode == 65
    # A hundred are printed in text, with the total number.
    assert result.stderr.count(b"is not a valid e-mail address") == 100
    assert f"all {LARGE} lines were refused\nhint: --json lists all".encode() in result.stderr
    result = site.run("import", path, "--json")
    assert [number for number, _ in failures(result)] == list(range(1, LARGE + 1))


def json_lines(**fields: str) -> bytes:
    """Lines of nearly the greatest length, `@` in a value standing for their number."""
    return b"".join(
        json.dumps({name: text.replace("@", f"{i}@") for name, text in fields.items()}).encode()
        + b"\n"
        for i in range(2000)
    )


ANY = "x" * 65_000
GREATEST_LINES = {
    "passwords": (["import", "-"], lambda: json_lines(email="@x.org", password=ANY)),
    "addresses": (["import", "-"], lambda: json_lines(email=f"@{ANY}")),
    "addresses in JSON": (["import", "-", "--json"], lambda: json_lines(email=f"@{ANY}")),
    "escapes": (["import", "-"], lambda: json_lines(email="@x.org", registered_on="é" * 10_000)),
    "fields": (["import", "-"], lambda: b"email\n" + (b"," * 65_000 + b"\n") * 2000),
    "numbers": (
        ["import", "-", "--dry-run"],
        lambda: b"email,admin\n" + b"".join(b"%d@x.org,%s\n" % (i, ANY.encode()) for i in range(2000)),
    ),
    "unknown addresses": (
        ["issue-token", "--stdin"],
        lambda: b"".join(b"%d%s\n" % (i, b"x" * 4000) for i in range(25_000)),
    ),
    "known addresses": (["issue-token", "--stdin", "--json"], lambda: LONG_ADDRESSES),
    "addresses of 70,000 bytes": (["issue-token", "--stdin"], lambda: (ANY.encode() + b"yyyyyy\n") * 900),
}
LONG_ADDRESSES = b"".join(
    b"%d%s@%s.org\n" % (i, b"y" * 50, b".".join([b"z" * 60] * 3)[:180]) for i in range(60_000)
)


@pytest.mark.parametrize("name", GREATEST_LINES)
def test_the_longest_lines_need_little_memory(site, tmp_path, name):
    """What is made of lines takes memory as their bytes do, and not as their number."""
    words, make = GREATEST_LINES[name]
    if name == "known addresses":
        site.ok("import", "-", input=b"email\n" + LONG_ADDRESSES)
    path = tmp_path / "input"
    path.write_bytes(make())
    launcher = (
        "import os, sys; actions = [(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)] + ["
        "(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_WRONLY, 0) for n in (1, 2)];"
        "child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ, file_actions=actions);"
        "_, status, usage = os.wait4(child, 0);"
        "print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", launcher, path, BINARY, *words],
        env=site.environment, capture_output=True, text=True, check=True,
    )
    code, kilobytes = map(int, result.stdout.split())
    assert code == (0 if name == "known addresses" else 65 if "import" in words else 1)
    print(f"{name}: {kilobytes} kB")
    assert kilobytes < 60_000
