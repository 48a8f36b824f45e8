"""Whose fault a refusal is, by a server that refuses: nobody is failed or pruned for ours."""

import json

import pytest

from Campaigns.ageing import later
from Campaigns.deliver_kills.deliverers import with_mail
from Campaigns.processes import last_error
from Campaigns.recording_server import RecordingServer
from regctl import Site

BLOCKED = b"550 5.7.1 Service unavailable; client host [192.0.2.1] blocked using zen.example"
DAY = 86_400


def states(site: Site) -> set[tuple[str, int]]:
    """The states of the mails and the numbers of their attempts."""
    mails = json.loads(site.ok("list-outbox", "--json"))["mails"]
    return {(mail["state"], mail["attempts"]) for mail in mails}


@pytest.mark.parametrize("reply", [BLOCKED, b"550 Message refused"])
def test_a_blocked_night_loses_nobody(new_site, reply):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 40)
        server.replies["RCPT"] = reply
        run = site.run("deliver", "--quiet", "--json")
        assert run.returncode == 69
        error = last_error(run.stderr)
        assert error["code"] == "mail_unavailable"
        assert reply.decode() in error["message"]
        assert states(site) == {("queued", 0)}
        # The same is not said again within the hour.
        again = site.run("deliver", "--quiet")
        assert (again.returncode, again.stderr) == (75, b"")
        assert states(site) == {("queued", 0)}
        first = json.loads(site.ok("list-outbox", "--limit", "1", "--json"))["mails"][0]["email"]
        for words in (["status"], ["doctor"], ["show", first]):
            said = site.run(*words)
            assert b"does not take mail from here" in said.stdout + said.stderr, words
        # The block is lifted: every mail is sent.
        server.replies["RCPT"] = b"250 2.1.5 ok"
        later(site, 3600)
        assert json.loads(site.ok("deliver", "--json"))["sent"] == 40
        assert sorted(server.accepted.values()) == [1] * 40


def test_a_fortnight_after_a_blocked_night_everybody_is_there(new_site):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 10)
        server.replies["RCPT"] = BLOCKED
        assert site.run("deliver").returncode == 69
        later(site, 3 * DAY)
        # What has waited for mail_lifetime expires, with the words of the server.
        site.run("deliver")
        assert {state for state, _ in states(site)} == {"expired"}
        later(site, 15 * DAY)
        would = json.loads(site.ok("prune", "--dry-run", "--json"))
        assert (would["pruned"], would["kept"]) == (0, {"no_final_answer": 10})


def test_a_refused_recipient_stops_nobody_elses_mail(new_site):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 12, mail_connections=1)
        seen = []

        def refuse_each_fourth(step: str) -> bool:
            if step == "RCPT":
                seen.append(step)
                server.replies["RCPT"] = b"550 no such user" if len(seen) % 4 == 1 else b"250 ok"
            return False

        server.on_step = refuse_each_fourth
        answer = json.loads(site.run("deliver", "--json").stdout)
        assert (answer["sent"], answer["failed"], answer["deferred"]) == (9, 3, 0)
        assert states(site) == {("sent", 1), ("failed", 1)}
