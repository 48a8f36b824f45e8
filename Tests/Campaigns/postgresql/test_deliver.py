"""Several processes deliver for one database on a server, as on several hosts."""

import json
import re
import signal
import time
from collections import Counter

from Campaigns.postgresql.server_site import ServerSite
from Campaigns.processes import at_once, spawn


def register(site: ServerSite, count: int) -> None:
    emails = "".join(f"ann{number}@example.org\n" for number in range(count))
    site.ok("import", "-", input="email\n" + emails)
    site.ok("resend", "--all-unconfirmed", "--yes")
    due = "UPDATE regctl_outbox SET next_attempt_at = queued_at"
    site.server.ask(due, site.database)
    assert int(site.value("SELECT count(*) FROM regctl_outbox")) == count


def delivered(site: ServerSite) -> Counter[str]:
    """How many copies of a mail the Maildir has, by address."""
    files = (site.maildir / "new").iterdir()
    return Counter(re.search(r"^To: (\S+)$", file.read_text(), re.M)[1] for file in files)


def test_of_three_hosts_one_delivers_at_a_time_and_each_mail_goes_once(server_site: ServerSite):
    register(server_site, 300)
    outcomes = at_once(server_site, [["deliver", "--json"]] * 3)
    codes = [code for code, _, _ in outcomes]
    assert 0 in codes and set(codes) <= {0, 75}, outcomes
    refused = [json.loads(error.splitlines()[-1])["error"]["code"] for code, _, error in outcomes if code]
    assert set(refused) <= {"deliver_running"}, outcomes
    server_site.ok("deliver")
    copies = delivered(server_site)
    assert len(copies) == 300 and set(copies.values()) == {1}
    assert server_site.rows("SELECT DISTINCT state, attempts FROM regctl_outbox") == ["sent|1"]


def test_when_the_one_that_delivers_dies_another_takes_over(server_site: ServerSite):
    register(server_site, 1000)
    first = spawn(server_site, "deliver")
    limit = time.monotonic() + 30
    while int(server_site.value("SELECT count(*) FROM regctl_outbox WHERE state = 'sent'")) < 50:
        assert time.monotonic() < limit
    first.send_signal(signal.SIGKILL)
    first.wait()
    # The server notices the end of a process in a moment.
    while (result := server_site.run("deliver", "--json")).returncode != 0:
        assert b"deliver_running" in result.stderr and time.monotonic() < limit, result
    copies = delivered(server_site)
    assert len(copies) == 1000
    twice = {email for email, count in copies.items() if count > 1}
    marked = "SELECT email FROM regctl_outbox WHERE possible_duplicate"
    assert twice <= set(server_site.rows(marked))


def test_behind_a_pooler_all_but_deliver_works(server_site: ServerSite, pooled: str):
    direct = server_site.settings["db"]
    there = {"REGCTL_DB": pooled}
    for words in [
        ["register", "ann@example.org", "--no-password"], ["show", "ann@example.org"],
        ["create-admin", "bob@example.org", "--generate-password"], ["list-admins"],
        ["list-unconfirmed"], ["resend", "ann@example.org", "--force"], ["list-outbox"],
        ["confirm", "--email", "ann@example.org", "--reason", "called"], ["export"], ["audit", "--verify"],
        ["report", "cohorts"], ["unconfirm", "ann@example.org", "--reason", "wrong"],
        ["prune", "--yes"], ["delete", "ann@example.org", "--reason", "gone", "--yes"],
        ["migrate-db"],
    ]:
        server_site.ok(*words, environment=there)
    server_site.ok("register", "eve@example.org", "--no-password", environment=there)
    code, error = server_site.error("deliver", environment=there)
    assert (code, error["code"]) == (78, "config_error")
    assert "db_deliver" in error["hint"]
    assert server_site.rows("SELECT state FROM regctl_outbox WHERE email LIKE 'eve%'") == ["queued"]
    server_site.ok("deliver", environment=there | {"REGCTL_DB_DELIVER": direct})
    assert server_site.rows("SELECT state FROM regctl_outbox WHERE email LIKE 'eve%'") == ["sent"]
    words = ["register", "kim@example.org", "--no-password", "--wait"]
    server_site.ok(*words, environment=there | {"REGCTL_DB_DELIVER": direct})
    assert server_site.rows("SELECT state FROM regctl_outbox WHERE email LIKE 'kim%'") == ["sent"]
