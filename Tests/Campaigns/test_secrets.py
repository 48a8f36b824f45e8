"""No secret is ever repeated, wherever a file or an argument is misplaced."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from Campaigns.preparation import ANN
from Campaigns.sites import HASH, adopted
from engines import on_both_engines
from regctl import Site
from tokens import token

# Keys as people make them: in base64 with and without a slash, for URLs, in hexadecimal digits, of
# signs, of words with and without blanks, and one that looks like the beginning of a setting.
KEYS = {
    "base64": "koXgE4XXYNbXKacmoouKvo0OlYAHpvpZYXJ862QNTF0=",
    "slash": "q8/gE4XXYNbXK+cmoouKvo0OlYA/pvpZYXJ862QNTF0=",
    "url": "3q2-7wEjRWeJq83v_5w2TQZ1d8xkLmN0pQrStUvWxYz",
    "hex": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "signs": "k3y&%=w!th=(every)_{sign}|~^",
    "words": "correct-horse-battery-staple",
    "padded": "abcdefghijklmnopqrstuvwx==",
}
# What is only recognised as the key file in force.
POOR_KEYS = {"blanks": "correct horse battery staple", "short": "S3cr3t"}
PASSWORD = "Tr0ub4dor"
WERKZEUG = "scrypt:32768:8:1$Zx81k2uPqRs5$" + "0a1b2c3d" * 16

CONFIGURATION_ERROR = "contains signing keys and is not a configuration file"
each_key = pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
each_key_file = pytest.mark.parametrize("key", (KEYS | POOR_KEYS).values(), ids=KEYS | POOR_KEYS)


def leaked(secret: str, output: bytes, least: int = 6) -> list[str]:
    """The parts of a secret, of at least some number of characters, that are in some output."""
    text = output.decode(errors="replace")
    # JSON and tab-separated values spell some characters in their own way.
    texts = text, text.replace("\\\\", "\\").replace('\\"', '"')
    parts = [secret[start : start + least] for start in range(len(secret) - least + 1)]
    return [part for part in parts if any(part in each for each in texts)]


def run(site: Site, *words: object, secret: str, **options: object) -> tuple[int, bytes]:
    """Runs a command in several formats; returns how it ended and all that it said."""
    said = b""
    codes = set()
    environment = dict(options.pop("environment", {}))
    for format, *verbose in (("text", "-v"), ("json",), ("tsv",)):
        variables = environment | {"REGCTL_FORMAT": format}
        result = site.run(*verbose, *words, environment=variables, **options)
        codes.add(result.returncode)
        said += result.stdout + result.stderr
    assert leaked(secret, said) == [], (words, said.decode())
    [code] = codes
    assert code != 70
    return code, said


@pytest.fixture
def place(site) -> Site:
    site.ok("register", ANN, "--no-password")
    return site


def with_key(site: Site, key: str) -> Path:
    """Gives the site a signing key of its own; an older one stands before it."""
    site.key_file.write_text(f"{KEYS['hex']}\n{key}\n" if key in KEYS.values() else f"{key}\n")
    return site.key_file


# A key file where another file belongs


@each_key_file
@pytest.mark.parametrize("words", [["config"], ["show", ANN], ["doctor"]], ids=lambda words: words[0])
def test_a_key_file_is_not_a_configuration(place, key, words):
    path = with_key(place, key)
    # Which key is in force, no configuration says.
    known = {"REGCTL_DB": str(place.db)}
    for given, environment in (
        (["--config", path], known),
        ([], known | {"REGCTL_CONFIG": str(path)}),
        ([], {"REGCTL_CONFIG": str(path), "REGCTL_SECRET_KEY_FILE": str(path)}),
    ):
        code, said = run(place, *given, *words, secret=key, environment=environment)
        assert code == (1 if words == ["doctor"] else 78)
        assert f"'{path}' {CONFIGURATION_ERROR}".encode() in said


@each_key
def test_a_copy_of_a_key_file_is_told_by_its_form(place, tmp_path, key):
    for content in (f"{key}\n", key, f"{key}\r\n\r\n{KEYS['base64']}\r\n"):
        copy = tmp_path / "copy"
        copy.write_text(content)
        code, said = run(place, "--config", copy, "config", secret=key)
        assert code == 78 and CONFIGURATION_ERROR.encode() in said


@each_key_file
@pytest.mark.parametrize("number", [1, 2])
def test_a_key_that_stands_in_a_configuration_is_not_repeated(place, key, number):
    """Only the number of the line is printed."""
    lines = ["bcrypt_cost = 4"]
    lines.insert(number - 1, key)
    path = place.directory / "other.conf"
    path.write_text("\n".join(lines))
    path.chmod(0o600)
    code, said = run(place, "--config", path, "config", secret=key)
    assert code == 78 and f"other.conf line {number}: ".encode() in said


def test_a_line_that_looks_as_though_it_set_something_is_named(place):
    path = place.directory / "other.conf"
    for line, says in (
        ("colour = blue", "line 1: unknown key 'colour'"),
        ("token_maxage=1h", "line 1: unknown key 'token_maxage'"),
        ("Token_Max_Age = 1h", "line 1: unknown key"),
        ("colour", "line 1: expected 'key = value'"),
    ):
        path.write_text(line)
        path.chmod(0o600)
        code, said = run(place, "--config", path, "config", secret="blue, of course")
        assert code == 78 and says.encode() in said


@each_key_file
def test_a_key_file_is_not_an_account_file(place, key):
    path = with_key(place, key)
    code, said = run(place, "import", path, secret=key)
    assert code == 65 and f"'{path}' contains signing keys and is not an account file".encode() in said
    code, said = run(place, "import", "-", secret=key, input=path.read_bytes())
    assert code == 65 and b"line 1: " in said
    code, _ = run(place, "import", "--dry-run", path, secret=key)
    assert code == 65


@each_key_file
def test_a_key_file_is_nothing_else_either(place, key):
    path = with_key(place, key)
    place.settings["allow_weak_secret"] = "yes"
    place.write_config()
    for code, *words in (
        (74, "list-admins", "--db", path),
        (65, "prune", "--yes", "--apply", path),
        (74, "migrate-db", "--db", path),
    ):
        assert run(place, *words, secret=key)[0] == code, words
    for words in (
        ["confirm", "--stdin"],
        ["inspect-token", "--stdin"],
        ["confirm", "-"],
        ["inspect-token", "-"],
        ["reset-password", "--generate-password", "--token", "-"],
    ):
        assert run(place, *words, secret=key, input=path.read_bytes())[0] in (1, 65), words


@each_key
def test_a_key_in_a_template_is_not_repeated(place, key):
    templates = place.directory / "templates"
    templates.mkdir()
    (templates / "confirm.txt").write_text(f"{{{{ {key} }}}}\n{{{{ confirm_url }}}}")
    place.settings["templates_dir"] = templates
    place.write_config()
    code, said = run(place, "deliver", secret=key)
    assert code == 78 and b"line 1: unknown placeholder\n" in said


# A secret where its file belongs


@each_key
def test_a_setting_that_contains_the_key_itself_is_reported(place, key):
    code, said = run(place, "issue-token", ANN, secret=key, environment=setting("secret_key_file", key))
    assert code == 78
    assert b"secret_key_file must name a file, but its value looks like the secret itself" in said
    for words in (["config"], ["doctor"], ["create-db", "--if-not-exists"], ["show", ANN]):
        run(place, *words, secret=key, environment=setting("secret_key_file", key))
    place.settings["secret_key_file"] = key
    place.write_config()
    assert run(place, "issue-token", ANN, secret=key)[0] == 78
    code, said = run(place, "config", secret=key)
    assert code == 0 and b"(not shown: a secret)" in said
    new = ["create-db", "--if-not-exists", "--db", place.directory / "new.db"]
    assert run(place, *new, secret=key)[0] == 0


@pytest.mark.parametrize("password", [PASSWORD, "hunter2!", *KEYS.values()])
def test_a_setting_that_contains_the_password_itself_is_reported(place, password):
    place.settings |= {
        "mail_transport": "smtp", "mail_server": "127.0.0.1", "mail_port": 9,
        "mail_username": "ann", "mail_password_file": password,
    }
    place.write_config()
    for words in (["deliver"], ["send-test", ANN]):
        code, said = run(place, *words, secret=password)
        assert code == 78 and b"mail_password_file must name a file" in said, (words, said)
    code, said = run(place, "config", secret=password)
    assert code == 0 and b"(not shown: a secret)" in said
    assert run(place, "doctor", secret=password)[0] == 1


def test_a_setting_that_names_a_file_is_shown(place, monkeypatch):
    # The checkout may belong to another user, whose files root does not trust.
    monkeypatch.chdir(place.directory)
    for name in ("missing.key", "./correct-horse-battery", "/etc/regctl/secret.key"):
        environment = setting("secret_key_file", name)
        assert f"secret_key_file\t{name}\t" in place.ok("config", "--format=tsv", environment=environment)
        code, error = place.error("issue-token", ANN, environment=environment)
        assert code == 78 and f"no such file: '{name}'" in error["message"]


@each_key
def test_a_salt_that_is_a_key_is_not_shown(place, key):
    with_key(place, key)
    place.settings |= {"security_password_salt": key, "allow_weak_secret": "yes"}
    place.write_config()
    code, said = run(place, "config", secret=key)
    assert code == 0 and b"(not shown: a secret)" in said
    with_key(place, KEYS["hex"] + "x")
    assert f"security_password_salt\t{key}\t" in place.ok("config", "--format", "tsv")


def setting(key: str, value: str) -> dict[str, str]:
    return {f"REGCTL_{key.upper()}": value}


@pytest.mark.parametrize("key", [KEYS[name] for name in ("base64", "slash", "url", "hex")])
@pytest.mark.parametrize(
    "name",
    ["bcrypt_cost", "token_max_age", "allow_weak_secret", "mail_security", "mail_port", "confirm_url",
     "mail_default_sender", "support_address", "db_timezone", "busy_timeout", "prune_max"],
)
def test_a_key_as_another_setting_is_not_repeated(place, key, name):
    code, said = run(place, "config", secret=key, environment=setting(name, key))
    assert code == 78 and f"REGCTL_{name.upper()}: invalid value '…' (".encode() in said


# A secret behind a command


@pytest.mark.parametrize("password", [PASSWORD, "correct horse", *list(KEYS.values())[:2]])
@pytest.mark.parametrize(
    ("position", "words"),
    [
        (2, ["set-password", ANN]),
        (2, ["create-admin", ANN]),
        (2, ["register", "bob@example.org", "--no-password"]),
        (2, ["reset-password", ANN]),
        (2, ["check", ANN]),
        (1, ["reset-password", "--generate-password", "--token", "x"]),
        (2, ["create-admin", "--generate-password", "bob@example.org"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_password_behind_a_command_is_not_repeated(place, position, words, password):
    code, said = run(place, *words, "--", password, secret=password)
    message = f"unexpected operand {position}: passwords are not accepted on the command line"
    assert code == 64 and message.encode() in said and b"--password-file" in said


@pytest.mark.parametrize("password", [PASSWORD, "correct horse", *list(KEYS.values())[:2]])
@pytest.mark.parametrize("words", [["set-password", ANN], ["check", ANN], ["register", "b@c.de"]])
def test_a_password_in_the_place_of_its_file_is_not_repeated(place, words, password):
    code, said = run(place, *words, f"--password-file={password}", secret=password)
    assert code == 66 and b"--password-file names a file that does not exist" in said


@pytest.mark.parametrize("words", [["set-password", ANN], ["register", "b@c.de"], ["show"], []])
def test_a_password_that_is_not_utf8_is_not_repeated(place, words):
    result = place.run(*words, b"Pa\xdfwort-Tr0ub4dor")
    assert result.returncode == 64 and not leaked(PASSWORD, result.stderr)
    assert f"argument {len(words) + 1} is not UTF-8".encode() in result.stderr


def good_token(site: Site) -> str:
    return token(ANN, int(time.time()))


SECRETS: dict[str, Callable[[Site], str]] = {
    "token": good_token,
    "link": lambda site: f"https://app.example/confirm/{good_token(site)}",
    "key": lambda site: KEYS["base64"],
    "slash": lambda site: KEYS["slash"],
    "hex": lambda site: KEYS["hex"],
    "hash": lambda site: HASH,
    "werkzeug": lambda site: WERKZEUG,
    "service": lambda site: f"postgresql://regctl:{PASSWORD}-{PASSWORD}@db.example/app",
}
ELSEWHERE = [
    ["{}"], ["help", "{}"], ["show", "{}"], ["check", "{}"], ["show-mail", "{}"], ["resend", "{}"],
    ["resend", "{}", "x"], ["unconfirm", "{}", "--reason", "x"], ["unprune", "{}"],
    ["unprune", "1", "--email", "{}"], ["grant-admin", "{}"], ["register", "{}", "--no-password"],
    ["create-admin", "{}"], ["change-email", ANN, "{}"], ["change-email", "{}", ANN],
    ["issue-token", "{}"], ["cancel-mail", "{}"], ["retry-mail", "{}"], ["report", "{}"],
    ["report", "cohorts", "--since", "{}"], ["audit", "--head", "{}", "--verify"],
    ["audit", "--since", "{}"], ["list-outbox", "--state", "{}"], ["list-outbox", "--limit", "{}"],
    ["list-unconfirmed", "--older-than", "{}"], ["list-unconfirmed", "--fields", "{}"],
    ["list-unconfirmed", "--domain", "{}"], ["list-unconfirmed", "--sort", "{}"],
    ["prune", "--max", "{}"], ["prune", "--apply", "{}"], ["deliver", "--timeout", "{}"],
    ["deliver", "{}"], ["deliver", "--limit", "{}"], ["send-test", "{}"], ["import", "{}"],
    ["confirm", "x", "{}"], ["confirm", "--stdin", "{}"], ["inspect-token", "--stdin", "{}"],
    ["list-admins", "--busy-timeout", "{}"], ["list-admins", "--config", "{}"],
    ["list-admins", "--color", "{}"], ["list-admins", "--db", "{}"], ["delete", "{}", "--reason", "x"],
    ["resend", "--all-unconfirmed", "--rate", "{}", "--yes"], ["list-admins", "--{}"],
]  # fmt: skip


@on_both_engines
@pytest.mark.parametrize("words", ELSEWHERE, ids=" ".join)
def test_a_secret_behind_another_command_is_not_repeated(place, words):
    for name, make in SECRETS.items():
        secret = make(place)
        line = [word.replace("{}", secret) for word in words]
        for format in ("text", "json"):
            result = place.run(*line, environment={"REGCTL_FORMAT": format, "REGCTL_NO_INPUT": "1"})
            # Digits and letters alone may be a domain, in which there is no account.
            assert result.returncode not in ({70} if "--domain" in line else {0, 70}), (name, line)
            # The address of a token may be shown, but never its signature; so may a URL's scheme.
            part = secret[-27:] if name in ("token", "link") else secret.split("://")[-1]
            said = result.stdout + result.stderr
            assert leaked(part, said, 10) == [], (name, said.decode())


@pytest.mark.parametrize("name", ["REGCTL_FORMAT", "REGCTL_BUSY_TIMEOUT"])
def test_a_secret_in_a_variable_is_not_repeated(place, name):
    for make in SECRETS.values():
        secret = make(place)
        result = place.run("list-admins", environment={name: secret})
        assert result.returncode in (64, 78)
        assert leaked(secret[-27:], result.stdout + result.stderr, 10) == []


# A hash in another column


@on_both_engines
@pytest.mark.parametrize("secret", [HASH, WERKZEUG, *list(KEYS.values())[:4]])
@pytest.mark.parametrize("column", ["id", "email", "registered_on", "admin", "confirmed_on", "schema"])
def test_a_hash_in_another_column_is_not_repeated(place, column, secret):
    row = {"email": "new@example.org"} | {column: secret}
    for text in (json.dumps(row), ",".join(row) + "\n" + ",".join(row.values())):
        code, said = run(place, "import", "-", secret=secret, input=text)
        assert code == 65 and b"line " in said
    # As the name of a key, or of a column beside others.
    for text in (json.dumps({secret: 1}), json.dumps({secret: []}), f"email,{secret}\n"):
        code, said = run(place, "import", "-", secret=secret, input=text)
        assert code == 65 and b"field" in said


@on_both_engines
def test_a_stored_hash_is_printed_only_by_an_export(new_site):
    site = adopted(new_site, (ANN, WERKZEUG, "2020-01-01 00:00:00", None))
    for words in (
        ["show", ANN], ["doctor"], ["list-unconfirmed"], ["audit"], ["check", ANN], ["config"],
        ["import", "-"],
    ):  # fmt: skip
        # The name of the function is not secret.
        run(site, *words, secret=WERKZEUG.partition("$")[2], input=json.dumps({"email": ANN, "admin": True}))


# Control


def test_what_is_shown_on_purpose_is_seen(place):
    """The check itself, on output that contains a secret."""
    for secret in (*KEYS.values(), PASSWORD):
        result = place.run("config", environment=setting("service_name", secret))
        assert secret in {part for part in leaked(secret, result.stdout, len(secret))}
        for format in ("json", "tsv"):
            shown = place.ok("config", "--format", format, environment=setting("service_name", secret))
            assert leaked(secret, shown.encode())
    assert leaked(KEYS["base64"], b"regctl: error: line 1: unknown key 'koXgE4XX'")
    assert not leaked(KEYS["base64"], b"regctl: error: line 1: unknown key")
