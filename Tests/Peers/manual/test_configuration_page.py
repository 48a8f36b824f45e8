"""regctl.conf(5): every key, its default and its choices."""

import json
import re

from Peers.manual.binary import output_of, setting_defaults
from Peers.manual.page import Page, page
from regctl import ROOT


def settings_of(one: Page) -> dict[str, str]:
    """The settings of regctl.conf(5) with what is said about each."""
    return {
        re.fullmatch(r"(\w+) , Ev (REGCTL_\w+)", head).groups(): " ".join(
            re.sub(r"^\.\w+ ", "", body, flags=re.M).replace("\n", " ").replace(" .", ".").split()
        )
        for head, body in one.items(macro="Va").items()
    }


def wrong_settings(one: Page) -> list[str]:
    """Settings, variables and defaults that are not those of the binary."""
    explained = settings_of(one)
    defaults = setting_defaults()
    keys = [row["key"] for row in json.loads(output_of("config", "--config", "none", "--json"))["settings"]]
    assert [f"REGCTL_{key.upper()}" for key in keys] == list(defaults)
    complaints = [f"setting {key}" for key in {key for key, _ in explained} ^ set(keys)]
    for (key, variable), words in explained.items():
        default = defaults.get(variable)
        if default is None:
            complaints.append(f"variable {variable}")
        elif default == "none":
            complaints += [] if "There is no default." in words else [f"default of {key}"]
        elif not re.search(rf"The default (is )?(the )?{re.escape(default)}[.:, ]", words):
            complaints.append(f"default of {key}: {default}")
    return complaints


def test_the_page_of_settings_has_every_key_variable_and_default(spoilt):
    assert wrong_settings(page("regctl.conf.5")) == []
    assert len(setting_defaults()) > 30
    assert wrong_settings(spoilt("regctl.conf.5", ".Cm 14d", ".Cm 15d")) == ["default of prune_after: 14d"]
    assert wrong_settings(spoilt("regctl.conf.5", "Va prune_max ,", "Va prune_most ,"))
    renamed = spoilt("regctl.conf.5", "REGCTL_PRUNE_MAX", "REGCTL_PRUNE")
    assert wrong_settings(renamed) == ["variable REGCTL_PRUNE"]


def test_the_page_of_settings_names_every_range_and_choice(site):
    seen = 0
    for (key, variable), words in settings_of(page("regctl.conf.5")).items():
        # Paths and lines of text can be this, and nothing else.
        result = site.run("config", "--json", environment={variable: "-"})
        message = json.loads(result.stderr)["error"]["message"] if result.returncode else ""
        if found := re.search(r"must be a number from (\d+) to (\d+)", message):
            assert f"from {found[1]} to {found[2]}" in words, key
            seen += 1
        if found := re.search(r"must be one of (.*)$", message):
            assert all(choice in words for choice in found[1].split(", ")), key
            seen += 1
    assert seen == 15


def test_the_files_of_the_examples_are_valid_configurations(tmp_path):
    blocks = [block for block in page("regctl.conf.5").blocks() if re.search(r"^\w+ = ", block, re.M)]
    assert len(blocks) == 4
    for block in blocks:
        file = tmp_path / "regctl.conf"
        file.write_text(block)
        file.chmod(0o600)
        rows = json.loads(output_of("config", "--config", str(file), "--json"))["settings"]
        set_there = {row["key"]: row["value"] for row in rows if "line" in row["origin"]}
        assert set_there == dict(re.findall(r"^(\w+) = (.*)$", block, re.M))


def test_the_credential_of_the_example_is_taken_for_the_setting(site, tmp_path):
    block = next(block for block in page("regctl.conf.5").blocks() if "LoadCredential" in block)
    name = re.search(r"LoadCredential=(\w+):", block)[1]
    (tmp_path / name).write_text("secret\n")
    result = site.run("config", "--json", environment={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    origins = {row["key"]: row["origin"] for row in json.loads(result.stdout)["settings"]}
    assert origins[name] == str(tmp_path / name)


def test_the_page_names_the_credentials_of_the_units():
    words = page("regctl.conf.5").text
    units = "".join(path.read_text() for path in (ROOT / "Sources/Packaging/systemd").glob("*.service"))
    credentials = re.findall(r"^LoadCredential=(\w+):(\S+)$", units, re.M)
    assert {name for name, _ in credentials} == {
        "secret_key_file", "security_password_salt_file", "mail_password_file",
        "db_password_file",
    }
    assert set(re.findall(r"/etc/credstore/(\S+)", words)) == {source for _, source in credentials}
