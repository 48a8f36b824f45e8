"""Without OpenSSL, libidn2 or libpq, commands that need none of them work; others say so."""

import json
from pathlib import Path

import pytest

from Campaigns.calls import CALLS, Call, some
from Campaigns.database import connected
from Campaigns.preparation import ANN, EVE
from regctl import Site

REASON = "cannot use OpenSSL: "
HINT = "install OpenSSL 3; on Debian: apt-get install libssl3"

# The first words of commands that read only, and do not hash, sign or compare.
INDEPENDENT = [
    "create-db --if-not-exists", "migrate-db", "backup", "import - --dry-run", "config",
    "show", "list-", "report", "bounce", "release-held --dry-run", "resend --all-unconfirmed --dry-run", "prune --dry-run", "prune --waves",
    "lock @example.org --reason spam --dry-run", "unprune 1 --dry-run",
    "delete ann@example.org bob@example.org --reason closing --dry-run",
    "erase ann@example.org --reason ticket 4714 --dry-run", "purge --dry-run", "prune --plan", "prune --apply {plan} --dry-run", "status", "completion", "help", "--version",
]  # fmt: skip


def needs_library(call: Call) -> bool:
    words = " ".join(str(word).replace("{directory}/plan", "{plan}") for word in call.words)
    if words.startswith("show-mail 1 --raw"):
        return True
    if words.startswith(("audit", "check")):
        return "--verify" in words or "--password-file" in words
    return not words.startswith(tuple(INDEPENDENT))


# These have an answer of their own to a part that fails.
REPORTING = [call for call in CALLS if call.words[0] in ("doctor", "tour")]
INDEPENDENT_CALLS = [call for call in CALLS if not needs_library(call)]
DEPENDENT_CALLS = [call for call in CALLS if needs_library(call) and call not in REPORTING]


def broken(site: Site, name: str = "libcrypto.so.3") -> dict[str, str]:
    """An environment in which a library is damaged."""
    directory = site.directory.parent / "libraries"
    directory.mkdir(exist_ok=True)
    (directory / name).write_bytes(b"not a library")
    return site.environment | {"LD_LIBRARY_PATH": str(directory)}


def files(directory: Path) -> dict[str, bytes]:
    """Every file below a directory with its content."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


@some(INDEPENDENT_CALLS)
def test_a_command_that_does_not_need_the_library_succeeds(call: Call, alive: Site) -> None:
    result = call.run(alive, env=broken(alive))
    assert result.returncode == 0, result
    assert b"OpenSSL" not in result.stderr


@some(DEPENDENT_CALLS)
def test_a_command_that_needs_the_library_says_so_and_writes_nothing(
    call: Call, alive: Site
) -> None:
    call.before(alive)
    before = files(alive.directory)
    result = call_again(call, alive, broken(alive))
    assert result.returncode == 69, result
    assert result.stdout == b""
    error = json.loads(result.stderr)["error"]
    assert (error["code"], error["exit"], error["hint"]) == ("io_error", 69, HINT)
    assert error["message"].startswith(REASON)
    assert error["message"].endswith("/libcrypto.so.3: file too short")
    assert files(alive.directory) == before
    # With the library, the same words succeed.
    assert call_again(call, alive, alive.environment).returncode == 0


def call_again(call: Call, site: Site, environment: dict[str, str]):
    """Runs the words of a call, whose `before` has happened."""
    return Call(call.words, input=call.input).run(site, "--json", env=environment)


def test_the_error_names_the_library_and_the_package(alive: Site) -> None:
    environment = broken(alive)
    result = alive.run("issue-token", ANN, environment=environment)
    library = f"{environment['LD_LIBRARY_PATH']}/libcrypto.so.3"
    assert result.stderr.decode() == (
        f"regctl: error: issue-token: {REASON}{library}: file too short\nhint: {HINT}\n"
    )


def test_no_key_remains_of_a_database_that_was_not_created(tmp_path: Path) -> None:
    directory = tmp_path / "site"
    directory.mkdir()
    site = Site(directory)
    site.key_file.unlink()
    before = files(directory)
    assert site.run("create-db", environment=broken(site)).returncode == 69
    assert files(directory) == before
    site.ok("create-db")
    assert site.key_file.exists()


def test_no_password_is_printed_for_an_account_that_was_not_created(alive: Site) -> None:
    result = alive.run("register", EVE, "--generate-password", environment=broken(alive))
    assert (result.returncode, result.stdout) == (69, b"")


def test_deliver_needs_no_library_when_no_mail_is_due(alive: Site) -> None:
    alive.ok("deliver")
    assert alive.run("deliver", environment=broken(alive)).returncode == 0


@pytest.mark.parametrize(
    ("file", "name", "version", "needed_by"),
    [
        ("libcrypto.so.3", "openssl", "OpenSSL 3.", ["libpq"]), ("libpq.so.5", "libpq", "1", []),
        ("libidn2.so.0", "libidn2", "2.", ["libpq"]),
    ],
)  # fmt: skip
def test_the_version_of_a_library_that_is_missing_is_null(
    file: str, name: str, version: str, needed_by: list[str], alive: Site
) -> None:
    """Nor can a library be loaded that needs it."""
    environment = broken(alive, file)
    complete = alive.json("--version")
    assert complete[name].startswith(version)
    missing = dict.fromkeys([name, *needed_by])
    assert alive.json("--version", environment=environment) == complete | missing
    assert f"\n{name} not installed\n" in alive.ok("--version", "-v", environment=environment)


def test_doctor_reports_the_library_and_makes_the_other_checks(alive: Site) -> None:
    result = alive.run("doctor", "--json", environment=broken(alive))
    checks = {row["check"]: row for row in json.loads(result.stdout)["checks"]}
    assert result.returncode == 1
    assert [name for name in checks if checks[name]["result"] != "ok"] == ["audit"]
    assert checks["audit"]["detail"].startswith(REASON)
    assert checks["audit"]["advice"] == HINT
    assert alive.run("doctor").returncode == 0


@pytest.mark.parametrize("words", [["deliver"], ["send-test", EVE]], ids=" ".join)
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_over_tls_needs_libssl(words: list[str], security: str, alive: Site) -> None:
    alive.settings |= {
        "mail_transport": "smtp", "mail_server": "127.0.0.1", "mail_port": 1,
        "mail_security": security,
    }  # fmt: skip
    alive.write_config()
    before = alive.db.read_bytes()
    code, error = alive.error(*words, environment=broken(alive, "libssl.so.3"))
    assert (code, error["code"], error["hint"]) == (69, "io_error", HINT)
    assert error["message"].endswith("/libssl.so.3: file too short")
    assert alive.db.read_bytes() == before
    # With the library, it is the server that does not answer.
    assert alive.error(*words)[1]["code"] == "mail_unavailable"


def test_mail_in_clear_does_not_need_libssl(alive: Site) -> None:
    alive.settings |= {
        "mail_transport": "smtp", "mail_server": "127.0.0.1", "mail_port": 1,
        "mail_security": "none",
    }  # fmt: skip
    alive.write_config()
    error = alive.error("deliver", environment=broken(alive, "libssl.so.3"))[1]
    assert error["code"] == "mail_unavailable"


# An account with an international domain, and its other spelling.
UNICODE, ASCII = "ann@bücher.example", "ann@xn--bcher-kva.example"
IDN2_HINT = "install libidn2; on Debian: apt-get install libidn2-0"

INTERNATIONAL = [
    ["register", "eve@bücher.example", "--no-password"],
    ["register", "eve@xn--bcher-kva.example", "--no-password"],
    ["create-admin", "eve@bücher.example", "--generate-password"],
    ["change-email", ANN, "eve@bücher.example"],
    ["show", UNICODE], ["show", ASCII], ["check", UNICODE], ["issue-token", ASCII],
    ["resend", UNICODE, "--force"], ["unconfirm", ASCII, "--reason", "test"],
    ["confirm", "--email", ASCII, "--reason", "test"],
    ["delete", UNICODE, "--reason", "test", "--yes"],
    ["set-password", ASCII, "--generate-password"], ["grant-admin", UNICODE],
    ["list-outbox", "--email", ASCII], ["audit", "--email", UNICODE],
    ["list-unconfirmed", "--domain", "bücher.example"],
    ["list-unconfirmed", "--domain", "xn--bcher-kva.example"],
    ["send-test", UNICODE], ["import", "-"],
]  # fmt: skip


@pytest.mark.parametrize("library", ["libidn2.so.0", "libpq.so.5"])
@some(CALLS)
def test_a_command_on_a_file_with_usual_addresses_loads_neither_libidn2_nor_libpq(
    call: Call, library: str, alive: Site
) -> None:
    result = call.run(alive, env=broken(alive, library))
    assert result.returncode == 0, result
    assert b"libidn2" not in result.stderr and b"libpq" not in result.stderr


@pytest.mark.parametrize("words", INTERNATIONAL, ids=" ".join)
def test_a_command_with_an_international_domain_needs_libidn2(words: list[str], alive: Site) -> None:
    alive.ok("register", UNICODE, "--no-password")
    alive.settings["change_email_url"] = "https://app.example/change/{token}"
    alive.write_config()
    before = alive.db.read_bytes()
    input = json.dumps({"email": ASCII}) if words == ["import", "-"] else ""
    environment = broken(alive, "libidn2.so.0")
    result = alive.run(*words, "--json", input=input, environment=environment)
    assert result.returncode != 0
    assert b"cannot use libidn2: " in result.stdout + result.stderr
    assert b"/libidn2.so.0: file too short" in result.stdout + result.stderr
    assert alive.db.read_bytes() == before
    if words[0] not in ("import", "grant-admin"):
        error = json.loads(result.stderr.splitlines()[-1])["error"]
        assert (result.returncode, error["code"], error["hint"]) == (69, "io_error", IDN2_HINT)


def test_a_mail_to_an_international_domain_waits_for_libidn2_and_others_are_sent(
    alive: Site,
) -> None:
    alive.ok("deliver")
    alive.ok("register", UNICODE, "--no-password")
    alive.ok("register", EVE, "--no-password")
    result = alive.run("deliver", "--json", environment=broken(alive, "libidn2.so.0"))
    summary = json.loads(result.stdout)
    assert (result.returncode, summary["sent"], summary["deferred"]) == (75, 1, 1)
    mail = alive.json("list-outbox", "--email", UNICODE)["mails"][0]
    assert mail["state"] == "queued" and mail["last_reply"].startswith("libidn2 cannot be loaded: ")
    # With the library, it is sent when it is due again.
    with connected(alive.db) as connection:
        connection.execute("UPDATE regctl_outbox SET next_attempt_at = 0 WHERE state = 'queued'")
    assert alive.json("deliver")["sent"] == 1


def test_doctor_needs_libidn2_only_where_an_address_does(alive: Site) -> None:
    environment = broken(alive, "libidn2.so.0")
    assert alive.run("doctor", environment=environment).returncode == 0
    alive.ok("register", UNICODE, "--no-password")
    result = alive.run("doctor", "--json", environment=environment)
    checks = {row["check"]: row for row in json.loads(result.stdout)["checks"]}
    assert [name for name in checks if checks[name]["result"] != "ok"] == ["addresses"]
    assert checks["addresses"]["detail"].startswith("cannot use libidn2: ")
    assert checks["addresses"]["advice"] == IDN2_HINT
