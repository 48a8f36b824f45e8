"""Every command that README.md shows is run as it stands there."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from Campaigns.preparation import long_ago
from engines import on_both_engines
from regctl import BINARY, ROOT, Site

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
    result = shell("\n".join(section("Five minutes")))
    assert result.returncode == 0, result.stderr
    assert "Registered ann@example.org; a confirmation mail is queued." in result.stdout
    assert "Confirmed ann@example.org." in result.stdout
    assert "welcome" in result.stdout
    assert len((tmp_path / "staging" / "admin.password").read_text().strip()) == 20


def test_the_lines_about_pruning_follow_the_five_minutes(shell):
    result = shell("\n".join(section("Five minutes") + section("From cron")))
    assert result.returncode == 0, result.stderr


def test_the_lines_for_when_no_mail_arrives_follow_the_five_minutes(shell):
    result = shell("\n".join(section("Five minutes") + section("The support desk")))
    assert result.returncode == 0, result.stderr
    assert "mail server" in result.stdout


def test_the_lines_about_copies_follow_the_five_minutes(shell, tmp_path):
    result = shell("\n".join(section("Five minutes") + section("Growing: PostgreSQL")))
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "staging" / "backup.db").exists()
    assert "ann@example.org" in (tmp_path / "staging" / "accounts.jsonl").read_text()


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
    result = shell("\n".join(section("Five minutes") + section("Security")))
    assert result.returncode == 0, result.stderr
    assert "2 keys in" in result.stdout
    assert re.search(r"^key +2$", result.stdout, re.M)


def test_a_newcomer_reads_the_page_in_ten_minutes():
    assert len(README.splitlines()) <= 300


def test_the_pages_of_the_manual_that_are_named_are_there():
    pages = set(re.findall(r"(regctl[\w.-]*)\((\d)\)", README))
    assert {name for name, _ in pages} >= {
        "regctl.conf", "regctl-flask", "regctl-postgresql", "regctl-security",
    }
    for name, number in pages:
        assert (ROOT / "man" / f"{name}.{number}").exists(), name


# The picture.

PICTURE = ROOT / "Sources" / "Documentation" / "terminal.svg"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    """The picture that the script draws of what the program prints now."""
    target = tmp_path_factory.mktemp("drawn") / "terminal.svg"
    script = PICTURE.parent / "draw_terminal.py"
    subprocess.run([sys.executable, script, "--binary", BINARY, target], check=True, timeout=300)
    return target


def test_the_picture_shows_what_the_program_prints(drawn):
    assert f"({PICTURE.relative_to(ROOT)})" in README
    assert drawn.read_text() == PICTURE.read_text(), "run Sources/Documentation/draw_terminal.py"


def test_the_picture_can_be_read_aloud_and_needs_no_other_file():
    picture = ElementTree.parse(PICTURE).getroot()
    labels = [picture.find(f"{SVG}{name}") for name in ("title", "desc")]
    assert picture.get("aria-labelledby").split() == [label.get("id") for label in labels]
    assert all(label.text.strip() for label in labels)
    shown = "\n".join("".join(text.itertext()) for text in picture.iter(f"{SVG}text"))
    assert "$ regctl show bob@exmaple.org\n" in shown
    assert "prefers-color-scheme: dark" in PICTURE.read_text()
    assert re.findall(r"url\(|@import|@font-face|href|<image|<script", PICTURE.read_text()) == []
    [alternative] = re.findall(r"!\[(.+?)\]\(Sources/Documentation/terminal.svg\)", README)
    assert len(alternative) > 50


# The support desk.

DESK = re.findall(r'^\| "(.+?)" \| (`.+`) \|$', README, re.M)
# What is printed in answer to each line.
ANSWERS = {
    "No mail came, and I am not sure which address I used.": r"ann.lee@example.org: account \d+, not confirmed",
    "Send it again, while I wait.": "ann.lee@example.org is sent",
    "I mistyped my address.": "carol@exmaple.org is now carol@example.org",
    "My link does not work.": r"verdict +valid",
    "I cannot open links. Confirm me.": r"Confirmed dora@example.org\.",
    "These people were in my course. Confirm them.": r"Confirmed eva@example.org\.\nConfirmed fred@",
    "You were out of order yesterday, and I got no mail.": r"Queued 1 mail\.",
    "Who confirmed me, and why?": "called, ticket 4712",
    "I forgot my password.": "dora@example.org is sent",
    "I have a new address.": "A link to eva@post.example is sent",
    "Did the mail server take your mail?": r"gus@example.org +confirm +sent",
    "What does your mail look like?": r"\[token\]",
    "My account is gone.": "hal@example.org",
    "Delete my account.": "fred@example.org is deleted",
    "You deleted my account by mistake.": "ira@example.org",
    "What do you know about me?": r'"removed_at": "20',
    "Forget me.": "Erased fred@example.org: 1 archived account",
    "This account sends spam.": "kit@example.org is locked",
    "It was my computer, and it is clean now.": "kit@example.org is unlocked",
    "They register from throw-away addresses.": "@spam.example is locked, with 1 account",
    "Did anybody take a link for my account?": "issue-token",
    "What will be deleted tonight, and why not I?": "",
    "What did a colleague do since yesterday?": r"confirm-by-operator",
    "Is everything running?": r"accounts +\d+, of which \d+ not confirmed",
    "How are we doing? A picture, please.": "",
    "Whom should we help today?": r"jo@exmaple.org +mistyped",
    "Which addresses are probably mistyped?": "jo@exmaple.org",
    "The mail server refused everything last night.": r"Sent [1-9]",
}


@pytest.fixture
def desk(site: Site) -> Site:
    """A site with the accounts of those who call."""
    configuration = site.directory / "regctl.conf"
    with configuration.open("a") as file:
        for name in ("reset", "change_email"):
            file.write(f"{name}_url = https://app.example/{name}/{{token}}\n")
    site.ok("register", "ann.lee@example.org", "--no-password")
    site.ok("register", "hal@example.org", "--no-password")
    site.ok("deliver")
    long_ago(site)
    site.ok("resend", "ann.lee@example.org")
    site.ok("deliver")
    site.ok("prune", "--yes", "--max", 1)
    for name in ("dora@example.org", "eva@example.org", "fred@example.org", "gus@example.org"):
        site.ok("register", name, "--no-password")
    for name in ("ira@example.org", "kit@example.org", "eve@spam.example"):
        site.ok("register", name, "--no-password")
    site.ok("delete", "ira@example.org", "--reason", "by mistake", "--yes")
    for name in ("carol@exmaple.org", "jo@exmaple.org"):
        site.ok("register", name, "--no-password")
    site.ok("deliver")
    site.ok("register", "ivy@example.org", "--no-password")
    site.execute(
        "UPDATE regctl_outbox SET state = 'failed', next_attempt_at = NULL, last_reply = '550 5.7.1 no'"
        " WHERE email = 'ivy@example.org'"
    )
    (site.directory / "course.txt").write_text("eva@example.org\r\n fred@example.org \r\n")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    site.ok("import", "-", input=f"email,registered_on\nmia@example.org,{yesterday:%F}T12:00:00Z\n")
    binaries = site.directory / "bin"
    binaries.mkdir()
    (binaries / "regctl").symlink_to(BINARY)
    site.environment |= {
        "PATH": f"{binaries}:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
        "link": site.ok("issue-token", "gus@example.org", "--url").strip(),
    }
    return site


def typed(line: str, site: Site) -> str:
    """What a line of a shell prints, which must succeed."""
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line], cwd=site.directory, env=site.environment,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
    )
    assert result.returncode == 0, (line, result.stderr)
    return result.stdout


@on_both_engines
def test_each_line_of_the_support_desk_answers_its_caller(desk):
    assert {caller for caller, _ in DESK} == ANSWERS.keys()
    for caller, lines in DESK:
        printed = "".join(typed(line, desk) for line in re.findall(r"`(.+?)`", lines))
        assert re.search(ANSWERS[caller], printed), (caller, printed)
    # The control: a line that fails is seen.
    with pytest.raises(AssertionError):
        typed("regctl show nobody@example.org", desk)


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
    assert len(lines) == 3
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
    shown = "\n".join(BLOCKS + [lines for _, lines in DESK])
    for name in re.findall(r"regctl ([a-z]+(?:-[a-z]+)*)", shown):
        assert re.search(rf"^  {name}\b", overview, re.M), name
