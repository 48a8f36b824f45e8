"""The output in every format, byte for byte."""

import json
import re
import time

import pytest

from Campaigns.calls import CALLS, Call, some
from Campaigns.database import connected
from Campaigns.preparation import ANN, BOB, EVE


def keys_in_order(text: str) -> list[str]:
    """The keys of a JSON object at top level, as they are written."""
    return [key for key, _ in json.loads(text, object_pairs_hook=lambda pairs: pairs)]


@some([call for call in CALLS if not call.is_verbatim])
def test_json_of_every_command_is_one_object_of_schema_1(alive, call):
    output = call.run(alive, "--json").stdout.decode()
    assert output.endswith("\n") and output.count("\n") == 1
    assert keys_in_order(output)[0] == "schema"
    assert json.loads(output)["schema"] == 1


@some([call for call in CALLS if not call.is_verbatim])
def test_jsonl_of_every_command_is_an_object_a_line(alive, call):
    output = call.run(alive, "--format", "jsonl").stdout.decode()
    assert output.endswith("\n")
    for line in output.splitlines():
        assert keys_in_order(line)[0] == "schema"
        assert json.loads(line)["schema"] == 1


@some([call for call in CALLS if not call.is_verbatim])
def test_tsv_of_every_command_has_a_header_and_as_many_cells(alive, call):
    output = call.run(alive, "--format", "tsv").stdout.decode()
    header, *cells = [line.split("\t") for line in output.removesuffix("\n").split("\n")]
    assert all(re.fullmatch(r"[a-z0-9_.]+", name) for name in header), header
    assert cells
    assert {len(row) for row in cells} == {len(header)}


ACCOUNT = ["id", "email", "admin", "confirmed", "locked", "registered_on", "confirmed_on"]
MAIL = (
    "id email purpose state attempts next_attempt_at last_reply possible_duplicate message_id"
    " queued_at sent_at"
)


@pytest.mark.parametrize(
    ("words", "path", "keys"),
    [
        (["create-db", "--if-not-exists"], [], "schema result path db_schema secret_key_file"),
        (["register", EVE, "--no-password"], [], "schema result account mail"),
        (["register", EVE, "--no-password"], ["account"], " ".join(ACCOUNT)),
        (["register", EVE, "--no-password"], ["mail"], "id state"),
        (["inspect-token", "{link}"], [], "schema verdict purpose email issued_at expires_at key"
         " account repaired resets_password"),
        (["inspect-token", "{link}"], ["account"], " ".join(ACCOUNT)),
        (["confirm", "{link}"], [], "schema results"),
        (["confirm", "{link}"], ["results", 0], "email result method error"),
        (["list-unconfirmed"], [], "schema accounts count"),
        (["show", ANN], [], "schema account timeline language lock prune advice"),
        (["list-outbox"], [], "schema mails count"),
        (["list-outbox"], ["mails", 0], MAIL),
        (["show-mail", "1"], ["mail"], MAIL),
        (["retry-mail", "1"], ["results", 0], "mail result email error"),
        (["prune", "--yes"], [], "schema run dry_run cutoff pruned kept accounts"),
        (["prune", "--dry-run"], [], "schema dry_run cutoff accounts pruned kept count"),
        (["prune", "--plan", "{directory}/plan"], [],
         "schema result path made_at cutoff planned kept"),
        (["delete", ANN, "--reason", "left", "--yes"], ["results", 0], "email result error"),
        (["set-password", ANN, "--password-file", "{directory}/password"], [],
         "schema result account"),
        (["reset-password", ANN], [], "schema result account mail"),
        (["reset-password", ANN], ["mail"], "id state"),
        (["reset-password", "--token", "{reset}", "--generate-password"], [],
         "schema password result account"),
        (["change-email", ANN, EVE], [], "schema result account mail"),
        (["change-email", ANN, EVE], ["account"], " ".join(ACCOUNT)),
        (["change-email", BOB, EVE], ["mail"], "id state"),
        (["audit"], ["entries", 0], "at by uid act email detail reason"),
        (["audit", "--verify"], [], "schema verified erased head"),
        (["report", "cohorts"], [], "schema cohorts count"),
        (["report", "funnel"], [], "schema domains count"),
        (["status"], [], "schema accounts mails last_sent_at last_delivery_at last_prune attention"),
        (["status"], ["mails"],
         "due deferred next_attempt_at queued held sending sent failed bounced cancelled expired"),
        (["resend", "--all-unconfirmed", "--yes"], [], "schema dry_run results queued skipped count"),
        (["backup", "{directory}/copy.db"], [], "schema result path"),
        (["restore", "{directory}/regctl.db", "--yes"], [],
         "schema result path dry_run file accounts replaced_accounts"),
        (["import", "-"], [], "schema dry_run failures imported unchanged refused"),
        (["export"], [], "schema accounts count"),
        (["export"], ["accounts", 0], "id email password registered_on admin confirmed confirmed_on"),
        (["doctor"], ["checks", 0], "check result detail advice"),
        (["send-test", EVE], [], "schema to steps"),
        (["show-template", "confirm"], [], "schema template lang subject text html"),
    ],
    ids=str,
)  # fmt: skip
def test_json_has_the_keys_of_the_contract_in_its_order(alive, words, path, keys):
    found = json.loads(
        Call(words).run(alive, "--json").stdout,
        object_pairs_hook=dict,
    )
    for step in path:
        found = found[step]
    assert list(found) == keys.split()


def test_json_of_deliver_has_the_keys_of_the_contract(alive):
    found = alive.json("deliver")
    assert list(found)[:4] == ["schema", "sent", "deferred", "failed"]
    assert (found["sent"], found["deferred"], found["failed"], found["cancelled"]) == (1, 0, 0, 0)
    assert found["results"][0]["email"] == ANN


def test_the_number_of_a_mail_is_an_integer_in_every_state(alive):
    output = alive.run("cancel-mail", "1", "99", "--json").stdout
    assert [result["mail"] for result in json.loads(output)["results"]] == [1, 99]


def test_times_are_utc_ages_are_seconds_and_nothing_is_null(alive):
    with connected(alive.db) as connection:
        connection.execute("UPDATE users SET registered_on = '2020-02-29 23:59:59.999999'")
        connection.execute("DELETE FROM regctl_outbox")
    [account] = alive.json("list-unconfirmed")["accounts"]
    assert account["registered_on"] == "2020-02-29T23:59:59Z"
    assert isinstance(account["age"], int)
    since = time.time() - 1583020799
    assert abs(account["age"] - since) < 5
    assert account["last_mail_state"] is None and account["last_mail_at"] is None
    row = alive.ok("list-unconfirmed", "--format", "tsv", "--no-header").rstrip("\n").split("\t")
    assert row[1] == "2020-02-29T23:59:59Z"
    assert row[4:] == ["", ""]
    assert re.search(r" 2020-02-29 23:59 UTC +\d+d +0 +- +-$", alive.ok("list-unconfirmed"), re.M)


HOSTILE = "tab\there\nnext\\line\rback@example.org"


def test_tsv_escapes_what_would_break_its_lines(alive):
    with connected(alive.db) as connection:
        connection.execute("UPDATE users SET email = ? WHERE email = ?", (HOSTILE, ANN))
    output = alive.run("list-unconfirmed", "--format", "tsv", "--fields", "email,id").stdout
    assert output == b"email\tid\ntab\\there\\nnext\\\\line\\rback@example.org\t1\n"


def test_json_escapes_what_would_break_its_strings(alive):
    hostile = '"\\\x00\x01\x1f\x7f\u2028\N{PILE OF POO}' + HOSTILE
    with connected(alive.db) as connection:
        connection.execute("UPDATE users SET email = ? WHERE email = ?", (hostile, ANN))
    for format in ("json", "jsonl"):
        output = alive.run("list-unconfirmed", "--format", format).stdout.decode()
        [line] = output.removesuffix("\n").split("\n")
        assert not re.search(r"[\x00-\x1f]", line)
        found = json.loads(line)
        assert found.get("accounts", [found])[0]["email"] == hostile


def test_bytes_that_are_no_utf8_still_make_valid_json(alive):
    with connected(alive.db) as connection:
        broken = b"\xff\xfe\xc0\x80@example.org"
        connection.execute("UPDATE users SET email = CAST(? AS TEXT) WHERE id = 1", (broken,))
    for words in (["list-unconfirmed"], ["show", "1"]):
        for format in ("json", "jsonl", "tsv", "text"):
            output = alive.run(*words, "--format", format)
            assert output.returncode == 0
            assert "@example.org" in output.stdout.decode()
