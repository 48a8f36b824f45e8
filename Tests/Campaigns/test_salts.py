"""One salt for two purposes is rejected by every command, before anything else is checked."""

import json

import pytest

from Campaigns.calls import CALLS, Call
from Campaigns.command_help import commands
from Campaigns.processes import last_error
from regctl import Site

SALTS = ["security_password_salt", "reset_salt", "change_email_salt"]
PAIRS = [(first, second) for first in SALTS for second in SALTS if SALTS.index(first) < SALTS.index(second)]
# Commands that need no configuration, or diagnose it.
# bounce reads no configuration for a mail that is no report.
EXEMPT = {"bounce", "completion", "help", "tour", "doctor", "--version"}
# The first call of each command, which needs no file but the configuration.
CALL_OF = {call.words[0]: call for call in reversed(CALLS) if call.words[0] not in EXEMPT}
CALL_OF["move-db"] = Call(["move-db", "postgresql://db.example/app"])


@pytest.fixture
def confused(new_site) -> Site:
    """A site in which a reset token would be taken for a confirmation."""
    return new_site(security_password_salt="one", reset_salt="one")


def test_every_command_is_tried():
    assert set(CALL_OF) | EXEMPT >= {*commands()}


@pytest.mark.parametrize("name", CALL_OF)
def test_every_command_refuses_it(confused, name):
    result = confused.run(*CALL_OF[name].words, "--json")
    error = last_error(result.stderr)
    assert (result.returncode, error["code"], result.stdout) == (78, "config_error", b""), result
    assert "security_password_salt and reset_salt are equal" in error["message"]
    assert error["hint"] == "set reset_salt to another value"
    assert not confused.db.exists()


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_both_settings_are_named_and_the_line_of_one(new_site, first, second):
    site = new_site(**{first: "one", second: "one"})
    code, error = site.error("config")
    assert (code, error["code"]) == (78, "config_error")
    line = site.write_config().read_text().splitlines().index(f"{second} = one") + 1
    assert f"line {line}: {first} and {second} are equal" in error["message"]


def test_the_default_of_another_purpose_is_refused_too(new_site):
    site = new_site(security_password_salt="password-reset")
    code, error = site.error("config")
    assert code == 78
    assert "security_password_salt and reset_salt are equal" in error["message"]
    assert error["hint"] == "set reset_salt to another value"


def test_the_doctor_names_it(confused):
    result = confused.run("doctor", "--json")
    assert result.returncode == 1
    [check] = json.loads(result.stdout)["checks"]
    assert (check["check"], check["result"]) == ("configuration", "failed")
    assert "security_password_salt and reset_salt are equal" in check["detail"]


def test_with_three_salts_every_link_does_its_own(new_site):
    """The control: the same site, but for the salt."""
    site = new_site(security_password_salt="one", reset_salt="two")
    site.ok("create-db")
    site.ok("register", "ann@example.org", "--no-password")
    token = site.ok("issue-token", "ann@example.org", "--purpose", "reset").strip()
    assert site.error("confirm", token)[1]["code"] == "token_purpose"
    site.ok("reset-password", "--token", token, "--generate-password")
