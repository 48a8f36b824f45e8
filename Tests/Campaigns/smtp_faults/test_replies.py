"""Replies of a server or program, with quoted tokens, are stored without harm."""

import email
import json
import re

import pytest

from Campaigns.sites import copy_of
from Campaigns.smtp_faults.bench import CLEAR, GROWTH, address, baseline, deliver, outbox, regctl
from Campaigns.smtp_faults.modes import Fault
from Campaigns.terminal import DANGEROUS
from regctl import Site

STYLES = ["as it came", "with a mark", "with a code", "narrow", "dots encoded", "all encoded"]


def undone(data: bytes) -> bytes:
    """Quoted-printable, undone."""
    return re.sub(rb"=([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), data)


def traces(token: bytes, data: bytes) -> set[bytes]:
    """Every twenty characters of a token that are in something, whatever stands in between."""
    readings = [re.sub(rb"[^A-Za-z0-9_.-]+", b"", text) for text in (data, undone(data))]
    parts = {token[start : start + 20] for start in range(len(token) - 19)}
    return {part for part in parts if any(part in reading for reading in readings)}


def confirms(site: Site, words: str) -> bool:
    """Whether any token that can be read out of some words confirms the first account."""
    for text in (words, undone(words.encode()).decode()):
        unfolded = re.sub(r"=?\s+(5\.7\.1 |> )?|=$", "", text)
        for found in re.findall(r"[\w-]{20,}\.[\w-]+\.[\w-]{27}", unfolded):
            site.run("confirm", "-", input=found)
    return site.run("check", address(0)).returncode == 0


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("code", ["250", "451", "554", "421", "354"])
def test_a_token_that_a_server_quotes_is_of_no_use(bench, code, style):
    """In no stored reply, in no list, and not in the error about the server itself."""
    fault = Fault("dot", f"quote {code} {style}", recipient=address(0))
    with bench.server(CLEAR, fault) as server:
        site = bench.place(server, mails=1)
        printed = b""
        commands = [
            ["deliver", "--json"], ["list-outbox"], ["list-outbox", "--json"], ["show", address(0)],
            ["show", address(0), "--json"], ["show-mail", 1], ["audit"],
            # Once more, and with the caller waiting.
            ["resend", address(0), "--force"], ["deliver", "--verbose"],
            ["register", "late@example.org", "--no-password", "--wait"],
        ]
        for words in commands:
            run = site.run(*words)
            printed += run.stdout + run.stderr
        [reply, *_] = [mail["last_reply"] for mail in outbox(site)]
        [said, *_] = [session.said.decode() for session in server.sessions if session.said]
        mails = [email.message_from_bytes(mail.content) for mail in server.mails]
    parts = [part.get_payload(decode=True) for mail in mails for part in mail.get_payload()]
    tokens = set(re.findall(rb"/confirm/([\w.-]+)", b"\n".join(parts)))
    files = b"".join(path.read_bytes() for path in site.directory.glob("regctl.db*"))
    lines = printed.splitlines()
    assert tokens
    for token in tokens:
        # The control: it was quoted.
        if token in b"\n".join(part for part in parts[:2]):
            assert traces(token, re.sub(rb"(?m)^\d{3}[- ](5\.7\.1 )?", b"", said.encode()))
        found = [line for line in [*lines, files] if traces(token, line)]
        assert found == []
        assert token[:7] not in printed + files
    if code != "421":
        assert "this looks like spam to us" in reply
    assert "this looks like spam to us" in printed.decode()
    assert not confirms(site, str(reply))
    assert not confirms(site, printed.decode())
    assert confirms(site, re.sub(r"(?m)^\d{3}[- ]", "", said))


@pytest.mark.parametrize("end", [0, 75])
@pytest.mark.parametrize("filler", [0, 300, 65_000])
def test_a_token_that_a_program_quotes_is_of_no_use(bench, tmp_path, filler, end):
    """Also where its words are cut, in the middle of the token."""
    site = copy_of(bench.mails(1), tmp_path / "site")
    program, quoted = tmp_path / "sendmail", tmp_path / "quoted"
    start = f"cat > {quoted}; head -c {filler} /dev/zero | tr '\\0' ' '; sed -n '/confirm/,$p' {quoted}"
    program.write_text(f"#!/bin/sh\n{start}\nexit {end}\n")
    program.chmod(0o700)
    site.settings |= {"mail_transport": "sendmail", "sendmail_path": program}
    site.write_config()
    runs = [site.run("deliver", "--json"), site.run("show", address(0)), site.run("list-outbox")]
    printed = b"".join(run.stdout + run.stderr for run in runs)
    assert runs[0].returncode == end
    [mail] = outbox(site)
    assert (mail["state"], "/confirm/" in mail["last_reply"]) == ("queued" if end else "sent", True)
    parts = email.message_from_bytes(quoted.read_bytes()).get_payload()
    [token, *_] = re.findall(rb"/confirm/([\w.-]+)", parts[0].get_payload(decode=True))
    files = b"".join(path.read_bytes() for path in site.directory.glob("regctl.db*"))
    assert traces(token, quoted.read_bytes())
    assert [line for line in [*printed.splitlines(), files] if traces(token, line)] == []
    assert len(mail["last_reply"].encode()) <= 1024


def test_of_a_long_reply_a_kilobyte_is_kept(bench):
    """What the protocol allows is taken whole, and is an answer; no more than that is written down."""
    for code, state in (("554", "failed"), ("451", "queued"), ("250", "sent")):
        with bench.server(CLEAR, Fault("dot", f"long {code}")) as server:
            site = bench.place(server, mails=1)
            run = deliver(regctl, site, server, measured=True)
            [row] = json.loads(run.stdout)["results"]
            [mail] = outbox(site)
        assert (mail["state"], row["reply"]) == (state, mail["last_reply"])
        assert re.fullmatch(rf"{code} (line of 900 \S+ ?)+\S*…", mail["last_reply"])
        assert 1000 < len(mail["last_reply"].encode()) <= 1024
        assert run.peak <= baseline(bench, CLEAR, regctl) + GROWTH


def test_the_words_of_a_server_do_nothing_to_a_terminal(bench):
    with bench.server(CLEAR, Fault("RCPT", "terminal")) as server:
        site = bench.place(server)
        for words in (["deliver", "--verbose"], ["list-outbox"], ["show", address(0)]):
            run = site.run(*words)
            assert DANGEROUS.findall((run.stdout + run.stderr).decode()) == [], words
        found = {(mail["state"], mail["last_reply"][:10]) for mail in outbox(site)}
        assert found == {("failed", "550 5.1.1 ")}
