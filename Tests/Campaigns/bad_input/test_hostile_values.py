"""Invalid arguments, addresses, tokens and settings from outside."""

import json
import subprocess
import time

import pytest

from Campaigns.bad_input.conditions import WITH_LINKS, now
from Campaigns.command_help import commands
from Campaigns.database import dump, value
from Campaigns.directories import snapshot
from Campaigns.preparation import ANN, BOB
from Campaigns.terminal import DANGEROUS
from regctl import BINARY
from tokens import token

# Bytes from outside


@pytest.mark.parametrize("name", commands())
def test_an_argument_that_is_not_utf8_is_rejected_by_every_command(place, name):
    before = snapshot(place.directory)
    for words in ([name, b"\xff\xfe"], [name, "--fields", b"\x80"], [b"\xf5", name]):
        code, error = place.error(*words)
        assert (code, error["code"]) == (64, "invalid_value")
    assert snapshot(place.directory) == before


HOSTILE_ADDRESSES = [
    "",
    " ",
    "@",
    "ann",
    "ann@",
    "@example.org",
    "ann@example",
    "ann@example.org ",
    " ann@example.org",
    "ann@example.org\n",
    "ann@example.org\r\nBcc: eve@example.org",
    "ann\r@example.org",
    "ann\t@example.org",
    "ann\x7f@example.org",
    "ann@exam\x1b[2Jple.org",
    "ann\u202egro.elpmaxe@example.org",
    "ann\u200b@example.org",
    "ann@exam\u202eple.org",
    "ann@exam\u2028ple.org",
    "ann@xn--exmple-6ug.xn--a",
    "a\u0301nn@example.org",
    "ann@@example.org",
    "ann@bob@example.org",
    "ann,bob@example.org",
    "ann@example.org,bob@example.org",
    '"ann"@example.org',
    '"a b"@example.org',
    "ann(comment)@example.org",
    "Ann <ann@example.org>",
    "<ann@example.org>",
    "friends: ann@example.org;",
    "ann@[127.0.0.1]",
    "ann@127.0.0.1",
    "ann@[IPv6:::1]",
    "=?utf-8?q?ann?=@example.org",
    ".ann@example.org",
    "ann.@example.org",
    "an..n@example.org",
    "ann@.example.org",
    "ann@example..org",
    "ann@example.org.",
    "ann@-example.org",
    "ann@example-.org",
    "ann@exam_ple.org",
    "ann@example.123",
    "ann\\@example.org",
    "a" * 65 + "@example.org",
    "a@" + "b" * 64 + ".org",
    "a@" + "b." * 130 + "org",
    "`touch${IFS}x`\n@example.org",
]
NICE_ADDRESSES = [
    "a@b.example",
    "a" * 64 + "@example.org",
    "first.last+tag@sub.example.org",
    "o'brien!#$%&*-/=^?_`{|}~@example.org",
    "ann@xn--mller-kva.example",
    "ann@müller.example",
    "ann@ex\u0430mple.org",
    "ann@1.example.org",
    "a@" + ".".join(["b" * 49] * 5) + ".co",
]


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES, ids=ascii)
def test_a_hostile_address_is_never_registered(place, address):
    before = dump(place.db)
    for words in (
        ["register", "--no-password"],
        ["create-admin", "--generate-password"],
        ["send-test"],
        ["change-email", ANN],
        ["change-email", BOB],
    ):
        result = place.run(*words, "--", address)
        assert (result.returncode, result.stdout) == (65, b"")
        assert not DANGEROUS.search(result.stderr.decode())
        assert len(result.stderr.splitlines()) <= 2
    assert dump(place.db) == before


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES, ids=ascii)
def test_a_hostile_address_is_never_found(place, address):
    WITH_LINKS(place)
    before = dump(place.db)
    for words in (
        ["show", "--", address],
        ["check", "--", address],
        ["issue-token", "--", address],
        ["resend", "--", address],
        ["grant-admin", "--", address],
        ["revoke-admin", "--", address],
        ["unconfirm", "--reason", "test", "--", address],
        ["set-password", "--generate-password", "--", address],
        ["delete", "--reason", "test", "--yes", "--", address],
        ["audit", f"--email={address}"],
        ["list-outbox", f"--email={address}"],
        ["unprune", "1", f"--email={address}"],
        ["change-email", "--", address, "new@example.org"],
        ["reset-password", "--", address],
    ):
        result = place.run(*words)
        assert (result.returncode, result.stdout) == (67, b""), words
        assert not DANGEROUS.search(result.stderr.decode())
    assert dump(place.db) == before


@pytest.mark.parametrize("address", NICE_ADDRESSES, ids=lambda address: address[:30])
def test_an_unusual_address_is_registered_as_it_is(place, address):
    place.ok("register", "--no-password", "--", address)
    assert place.json("show", "3")["account"]["email"] == address
    assert place.run("register", "--no-password", "--", address.swapcase()).returncode == 1
    assert place.json("deliver")["sent"] == 2


def test_a_token_of_a_megabyte_is_rejected_immediately(place):
    start = time.monotonic()
    for data in (b"a" * 2**20, b"." * 2**24, token(ANN, now()).encode() * 10_000):
        result = place.run("confirm", "-", input=data)
        assert result.returncode == 65
        assert len(result.stderr) < 1000
    assert time.monotonic() - start < 5


def test_long_lines_on_standard_input_are_read_to_their_end_and_refused(place):
    """What follows a line that is too long is a line of its own."""
    good = token(ANN, now()).encode()
    lines = [b"x" * 5_000_000, good, b"\x00\xff\x1b", b"", good + b"\r", b"." * 70_000]
    result = place.run("inspect-token", "--stdin", "--format", "jsonl", input=b"\n".join(lines))
    assert result.returncode == 1
    verdicts = [json.loads(line)["verdict"] for line in result.stdout.splitlines()]
    assert [verdict == "valid" for verdict in verdicts] == [False, True, False, False, True, False]
    emails = b"\n".join(
        [b"x" * 5_000_000, ANN.encode(), b"\x00\xff\x1b", b"", BOB.encode() + b"\r"]
    )
    result = place.run("issue-token", "--stdin", "--format", "jsonl", input=emails)
    assert result.returncode == 1
    assert [json.loads(line)["email"] for line in result.stdout.splitlines()] == [ANN, BOB]


def test_a_token_beside_nul_bytes_does_not_confirm(place):
    good = token(ANN, now()).encode()
    for data in (good + b"\x00", b"\x00" + good, good + b"\x00\n", good.replace(b".", b"\x00.", 1)):
        assert place.run("confirm", "-", input=data).returncode == 65
    assert value(place.db, "SELECT sum(confirmed) FROM users") == 1
    # The control: blanks are what a mail program may add.
    assert place.run("confirm", "-", input=b" " + good + b"\r\n").returncode == 0


# Configuration


def setting_names() -> list[str]:
    result = subprocess.run(
        [BINARY, "config", "--config", "none", "--json"], env={}, capture_output=True, check=True
    )
    return [setting["key"] for setting in json.loads(result.stdout)["settings"]]


@pytest.mark.parametrize("name", setting_names())
def test_every_setting_refuses_to_be_empty_and_says_where(new_site, name):
    site = new_site()
    site.settings[name] = ""
    site.write_config()
    code, error = site.error("config")
    assert (code, error["code"]) == (78, "config_error")
    line = list(site.settings).index(name) + 1
    assert f"regctl.conf line {line}: invalid value '' for {name}" in error["message"]
    site.settings.pop(name)
    site.write_config()
    variable = f"REGCTL_{name.upper()}"
    code, error = site.error("config", environment={variable: ""})
    assert (code, error["code"]) == (78, "config_error")
    assert error["message"].startswith(f"{variable}: invalid value '' for {name}")


def test_a_comment_of_almost_a_mebibyte_is_read(place):
    with open(place.environment["REGCTL_CONFIG"], "ab") as file:
        file.write(b"# " + b"x" * (1_000_000) + b"\n")
    place.ok("list-admins")
