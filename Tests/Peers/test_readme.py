"""Every command that README.md shows is run as it stands there."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from regctl import BINARY

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.M | re.S)


def section(title: str) -> list[str]:
    """The shell blocks under a heading."""
    text = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.M | re.S)
    assert text, title
    return re.findall(r"^```sh\n(.*?)^```", text[1], re.M | re.S)


@pytest.fixture
def shell(tmp_path: Path):
    """Runs a script in a home of its own, where regctl is what was built."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "regctl").symlink_to(BINARY)

    def run(script: str, directory: Path = tmp_path) -> subprocess.CompletedProcess:
        environment = {
            "HOME": str(tmp_path), "PATH": f"{binaries}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=directory, env=environment,
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1200,
        )

    return run


def test_the_five_minutes_pass_in_a_fresh_home(shell, tmp_path):
    result = shell("\n".join(section("Quick start")))
    assert result.returncode == 0, result.stderr
    assert "Registered ann@example.org; a confirmation mail is queued." in result.stdout
    assert "Confirmed ann@example.org." in result.stdout
    assert "welcome" in result.stdout
    assert len((tmp_path / "staging" / "admin.password").read_text().strip()) == 20


def test_the_lines_about_pruning_follow_the_five_minutes(shell):
    result = shell("\n".join(section("Quick start") + section("Scheduled runs")))
    assert result.returncode == 0, result.stderr


def test_the_lines_for_when_mail_does_not_arrive_follow_the_five_minutes(shell):
    script = "\n".join(section("Quick start") + section("When mail does not arrive"))
    result = shell(script)
    assert result.returncode == 0, result.stderr
    assert "[token]" in result.stdout
    assert "mail server" in result.stdout


def test_the_command_that_sets_everything_up_shows_the_tour(shell):
    install, tour = section("Try it")[0].strip().split(" && ")
    words = install.split()
    assert words[:4] == ["sudo", "apt-get", "install", "-y"]
    for package in words[4:]:
        status = subprocess.run(["dpkg-query", "-W", package], capture_output=True)
        assert status.returncode == 0, package
    assert tour == "swift run regctl tour"
    result = shell(tour, ROOT)
    assert result.returncode == 0, result.stderr
    assert "Confirmed ann@example.org." in result.stdout


def test_keys_are_rotated_as_the_page_says(shell):
    result = shell("\n".join(section("Quick start") + section("Keys and key rotation")))
    assert result.returncode == 0, result.stderr
    assert "2 keys in" in result.stdout
    assert re.search(r"^key +2$", result.stdout, re.M)


# What differs from one tour to the next.
CHANGING = [
    (r"/tmp/regctl-tour\.\w+", "DIRECTORY"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME"),
    (r"^Date: .*", "DATE"),
    (r"\d{10}\.[0-9a-f]{24}", "IDENTITY"),
    (r"=\n", ""),
    (r"ImFubkBleGFtcGxlLm9yZyI\.[\w.-]+", "TOKEN"),
    (r"(?<=--generate-password\n)\S{20}$", "PASSWORD"),
    (r"(?<= {2})\d+s(?= )", "AGE"),
    (r"\(\d+ seconds? ago\)", "(AGO)"),
    (r"(?<=  )(register|confirm) +\S+(?= )", r"\1 ACTOR"),
    (r"mail 1 (queued|sent) +-", r"mail 1 \1 -"),
    (r" +", " "),
]


def without_changes(text: str) -> str:
    for pattern, name in CHANGING:
        text = re.sub(pattern, name, text, flags=re.M)
    return text


def test_the_tour_goes_as_it_was_recorded():
    [recorded] = re.findall(r"<details>.*?```text\n(.*?)^```", README, re.M | re.S)
    result = subprocess.run([BINARY, "tour"], env={}, capture_output=True, text=True)
    assert without_changes(result.stdout) == without_changes(recorded)
    # The control: a line less is seen.
    assert without_changes(recorded.replace("Confirmed", "")) != without_changes(recorded)


def test_the_test_command_is_the_one_that_continuous_integration_runs():
    assert section("Try it")[1].strip() == "Tests/run"
    assert "Tests/run" in (ROOT / ".ci" / "run").read_text()


def test_the_package_is_made_as_the_page_says(shell, tmp_path):
    make, install = section("Install")[0].strip().splitlines()
    assert make == "Sources/Packaging/build-deb ."
    result = shell(f"Sources/Packaging/build-deb --binary {BINARY} {tmp_path}", ROOT)
    assert result.returncode == 0, result.stderr
    pattern = install.removeprefix("sudo apt-get install ./")
    [package] = tmp_path.glob(pattern)
    assert b"Package: regctl" in subprocess.check_output(["dpkg-deb", "--info", package])


def test_what_is_installed_needs_no_swift_and_is_taken_away_again(shell, tmp_path):
    build, install, uninstall = section("Install")[1].strip().splitlines()
    assert shell(build, ROOT).returncode == 0
    target = tmp_path / "root"
    for line in (install, uninstall):
        result = shell(f"DESTDIR={target} {line.removeprefix('sudo ')}", ROOT)
        assert result.returncode == 0, result.stderr
        program = target / "usr/local/bin/regctl"
        assert program.exists() == (line == install)
        if line == install:
            assert "swift" not in subprocess.check_output(["ldd", program], text=True)
            assert program.stat().st_size < 15e6
            assert subprocess.check_output([program, "--version"], text=True).startswith("regctl ")


def test_the_cron_line_names_a_command_that_is_silent_when_there_is_nothing_to_do(site):
    lines = re.findall(r"^[\d*]+ [\d*]+ \* \* \* regctl \S+/regctl (.*)$", README, re.M)
    assert len(lines) == 2
    for line in lines:
        result = site.run(*line.split())
        assert (result.returncode, result.stdout, result.stderr) == (0, b"", b""), line


def test_the_lines_for_an_application_are_a_valid_configuration(new_site):
    text = re.search(r"^(db = sqlite.*?)^END$", README, re.M | re.S)[1]
    settings = dict(line.split(" = ", 1) for line in text.splitlines())
    site = new_site(**settings | {"db": "/nowhere/dev.sqlite"})
    keys = {row["key"]: row["value"] for row in site.json("config")["settings"]}
    assert {key: keys[key] for key in settings} == settings | {"db": "/nowhere/dev.sqlite"}


def test_every_command_is_mentioned_in_the_help_that_the_readme_points_to(site):
    overview = site.ok("help")
    for name in re.findall(r"regctl ([a-z]+(?:-[a-z]+)*)", "\n".join(BLOCKS)):
        assert re.search(rf"^  {name}\b", overview, re.M), name
