"""What README.md and regctl-flask(7) say about an application, tried as it stands there."""

import json
import os
import re
import subprocess

import pytest

from Applications.driver import PASSWORD, SALT
from Applications.journey import go_through_every_page
from engines import on_both_engines
from regctl import BINARY, KEY, ROOT, Site

ANN, BOB = "ann@example.org", "bob@example.org"
SECTION = re.search(
    r"^## Beside your Flask application\n(.*?)(?=^## )", (ROOT / "README.md").read_text(), re.M | re.S
)[1]
SCRIPT = re.search(r"^```sh\n(.*?)^```", SECTION, re.M | re.S)[1]
# What the application has, and what the settings of regctl are for it, in source.
ROWS = dict(
    re.findall(
        r"^\.It (.*)\n((?:(?!\.It|\.El).*\n)*)", (ROOT / "man" / "regctl-flask.7").read_text(), re.M
    )
)

# What the page says of the packages of 2014, by the beginning of its item.
OF_PINNED = ["itsdangerous up to", "py-bcrypt"]


def line_of(beginning: str) -> str:
    """The first line of a configuration in an item of the page."""
    return next(lines(right)[0] for left, right in ROWS.items() if left.startswith(beginning))


def lines(text: str) -> list[str]:
    """The lines of a configuration in a text."""
    return re.findall(r"^\.Ql (\w+ = \S+)", text, re.M)


@pytest.fixture
def followed(application, mails, tmp_path) -> Site:
    """regctl, after the recipe was followed beside the served application."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "regctl").symlink_to(BINARY)
    script = SCRIPT
    for written, here in {
        "sqlite:////srv/app/dev.sqlite": application.environment["APP_DATABASE_URL"],
        "/etc/regctl": tmp_path,
        "https://app.example": application.origin,
        "bcrypt_cost = 13": "bcrypt_cost = 4",
        "Europe/Berlin": "UTC",
    }.items():
        assert str(written) in script
        script = script.replace(written, str(here))
    assert f"security_password_salt = {SALT}\n" in script
    added = [
        "mail_server = 127.0.0.1", f"mail_port = {mails.port}", "mail_security = none",
        "mail_default_sender = accounts@app.example",
    ]
    if application.package_set.name == "pinned":
        added += map(line_of, OF_PINNED)
    script = script.replace("\nEND\n", "\n" + "\n".join(added) + "\nEND\n")
    config = tmp_path / "regctl.conf"
    environment = {
        "PATH": f"{binaries}:{os.environ['PATH']}", "SECRET_KEY": KEY, "REGCTL_CONFIG": str(config),
    }
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=environment, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=300,
    )
    assert result.returncode == 0, result.stderr
    assert "Brought" in result.stdout
    (tmp_path / "site").mkdir()
    site = Site(tmp_path / "site")
    site.environment = {"PATH": "/usr/bin:/bin", "REGCTL_CONFIG": str(config)}
    return site


@on_both_engines
def test_both_work_after_the_recipe(application, followed, mails):
    go_through_every_page(application, mails, "eve@example.org")
    application.browser().register(ANN)
    assert [row["email"] for row in followed.json("list-unconfirmed")["accounts"]] == [ANN]
    followed.ok("resend", ANN)
    followed.ok("deliver")
    assert application.log_in(ANN).get(mails.link(ANN)).messages == ["confirmed"]
    followed.ok("register", BOB, "--password-file", "-", input=PASSWORD)
    followed.ok("confirm", "--email", BOB, "--reason", "test")
    assert application.log_in(BOB).profile().path == "/profile"
    followed.ok("reset-password", BOB)
    followed.ok("deliver")
    page = application.browser().forgot_new(mails.link(BOB), "another password")
    assert page.messages == ["password changed"]
    followed.ok("check", BOB, "--password-file", "-", input="another password")


def test_the_page_names_settings_that_there_are(application, site):
    keys = {row["key"] for row in site.json("config")["settings"]}
    named = set(re.findall(r"\w+", " ".join(re.findall(r"^\.Va (.*)$", "".join(ROWS.values()), re.M))))
    assert len(named) > 12
    assert named <= keys, named - keys
    source = (ROOT / "Tests/Applications/registration/configuration.py").read_text()
    of_the_application = re.findall(
        r"[A-Z][A-Z_]+", " ".join(left for left in ROWS if left.startswith("Ev "))
    )
    assert len(of_the_application) > 10
    assert [name for name in of_the_application if name not in source] == []
    for right in ROWS.values():
        for line in lines(right):
            key, value = line.split(" = ")
            result = site.run("config", "--json", environment={f"REGCTL_{key.upper()}": value})
            assert result.returncode == 0, line
            shown = {row["key"]: row["value"] for row in json.loads(result.stdout)["settings"]}
            assert shown[key] == value
