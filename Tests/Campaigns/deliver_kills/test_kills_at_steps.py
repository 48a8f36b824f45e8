"""K2: kills at each step of a session."""

import signal
from collections import Counter

import pytest

from Campaigns.database import value
from Campaigns.deliver_kills.deliverers import (
    DELIVER,
    EXTENSIONS,
    Run,
    copies,
    deliver_the_rest,
    in_flight,
    stand_in,
    with_mail,
    wrong,
)
from Campaigns.recording_server import Halt, RecordingServer
from regctl import Site


def kill_at(
    site: Site, server: RecordingServer, halt: Halt, line: list[str] = DELIVER
) -> Counter[int]:
    """Kills a deliverer where the server halts it; returns the rows that were being sent."""
    server.on_step = halt
    with Run(site, line) as run:
        halt.wait()
        run.kill()
        assert run.exit_code == -signal.SIGKILL
    victims = in_flight(site)
    halt.lift()
    server.on_step = None
    server.wait_until_idle()
    return Counter(victims)


# The step at which the server has not answered yet, and how many mails have got past it: the first
# mail is killed at each step, the third at those that every mail takes.
BEFORE_THE_DOT = [
    pytest.param("connect", 0, id="before the greeting"),
    pytest.param("EHLO", 0, id="after the greeting"),
    *[
        pytest.param(step, skip, id=f"{name} of mail {skip + 1}")
        for skip in (0, 2)
        for step, name in {
            "MAIL": "before MAIL is answered",
            "RCPT": "after MAIL",
            "DATA": "after RCPT",
            "body": "after DATA",
        }.items()
    ],
]


@EXTENSIONS
@pytest.mark.parametrize("step, skip", BEFORE_THE_DOT)
def test_a_kill_before_the_final_dot_makes_no_second_copy(new_site, step, skip, extensions):
    with RecordingServer() as server:
        server.extensions = extensions
        site = with_mail(new_site(), server, 6, mail_connections=1)
        hits = kill_at(site, server, Halt(step, skip))
        answered = set(server.accepted)
        assert len(answered) == skip
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        # Mails whose reply had arrived but was not recorded yet are counted separately.
        assert copies(server).keys() <= answered


def test_a_kill_in_the_middle_of_writing_a_body_makes_no_second_copy(new_site, tmp_path):
    """The mail is larger than the kernel's buffers."""
    (tmp_path / "confirm.txt").write_text("Hello, open {{ confirm_url }}\n" * 30_000)
    (tmp_path / "confirm.html").write_text("<p>Hello, open {{ confirm_url }}\n" * 30_000)
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 2, mail_connections=1, templates_dir=tmp_path)
        hits = kill_at(site, server, Halt("body", drop=False))
        # The server read on after the death: there was no end.
        assert (server.steps["body"], server.steps["dot"]) == (1, 0)
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        assert not copies(server)
        assert min(map(len, server.mails)) > 5_000_000


@EXTENSIONS
def test_a_kill_after_the_final_dot_makes_one_second_copy(new_site, extensions):
    """The server has the mail and accepts it; no process is left to read the reply."""
    with RecordingServer() as server:
        server.extensions = extensions
        site = with_mail(new_site(), server, 6, mail_connections=1)
        hits = kill_at(site, server, Halt("dot", drop=False))
        [victim] = server.accepted
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        assert copies(server) == {victim: 1}
        marked = "SELECT possible_duplicate FROM regctl_outbox WHERE message_id = ?"
        assert value(site.db, marked, victim) == 1


@EXTENSIONS
@pytest.mark.parametrize("skip", [0, 2])
def test_a_kill_after_the_reply_makes_at_most_one_second_copy(new_site, extensions, skip):
    with RecordingServer() as server:
        server.extensions = extensions
        site = with_mail(new_site(), server, 6, mail_connections=1)
        hits = kill_at(site, server, Halt("accepted", skip))
        answered = set(server.accepted)
        assert len(answered) == skip + 1
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        assert copies(server).keys() <= answered


def test_a_kill_with_four_mails_at_the_dot_repeats_these_four(new_site):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 80)
        hits = kill_at(site, server, Halt("dot", count=4, drop=False))
        victims = set(server.accepted)
        assert len(victims) == 4
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        assert copies(server) == dict.fromkeys(victims, 1)


def test_three_kills_after_the_dot_of_one_mail_are_three_more_copies_at_most(new_site):
    with RecordingServer() as server:
        site = with_mail(new_site(), server, 1)
        hits: Counter[int] = Counter()
        for _ in range(3):
            hits += kill_at(site, server, Halt("dot", drop=False))
        assert hits == {1: 3}
        deliver_the_rest(site)
        assert wrong(site, server, hits) == []
        assert value(site.db, "SELECT count(*) FROM regctl_outbox WHERE state = 'sent'") == 1


def test_the_steps_show_what_a_bad_deliverer_does(new_site):
    """The control: recording first loses the mail at MAIL, where the proper way does not."""
    outcomes = {}
    for habits in [("lock",), ("lock", "early")]:
        with RecordingServer() as server:
            site = with_mail(new_site(), server, 6)
            line = stand_in(site, *habits)
            hits = kill_at(site, server, Halt("MAIL", skip=2), line)
            deliver_the_rest(site, line)
            outcomes[habits[-1]] = wrong(site, server, hits)
    assert outcomes == {"lock": [], "early": ["m3 is lost"]}
