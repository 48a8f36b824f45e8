"""No candidates, unusual environments, and the files themselves."""

import re
import subprocess

import pytest

from Peers.completions.place import BOB
from Peers.completions.shells import COMPLETIONS, SHELLS, Bash
from Peers.users_table import add_users

# No candidates, and unusual environments.


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.name)
def test_without_a_database_there_are_no_candidates_and_no_noise(kind, new_place, start):
    before = new_place.tree()
    shell = start(kind, new_place)
    for line in ("show ", "show b", "confirm --email ", "show-mail ", "unprune ", "-d missing.db show b"):
        assert shell.tab(f"regctl {line}") == (f"regctl {line}", {}), line
    assert shell.becomes("regctl list-u").rstrip() == "regctl list-unconfirmed"
    assert new_place.tree() == before
    assert not re.search("database|hint|error|not found", shell.printed())


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.name)
def test_without_regctl_there_are_no_candidates_and_no_noise(kind, new_place, start):
    shell = start(kind, new_place)
    assert shell.tab("nowhere/regctl show qqq") == ("nowhere/regctl show qqq", {})
    (new_place.directory / "bin" / "regctl").unlink()
    assert shell.tab("regctl show qqq") == ("regctl show qqq", {})
    assert not re.search("not found|[Uu]nknown command|[Nn]o such file", shell.printed())


def test_a_shell_without_a_home_completes(place):
    for kind in SHELLS:
        environment = {name: value for name, value in place.environment.items() if name != "HOME"}
        shell = kind(place.directory, environment, COMPLETIONS)
        assert shell.becomes("regctl show bo").rstrip() == f"regctl show {BOB}", kind
        shell.tab("regctl -d ~/regctl.db show bo")
        assert not re.search("HOME|unbound|parameter", shell.printed())
        shell.close()


SURROUNDINGS = [
    "set -u", "shopt -s failglob nullglob extglob nocasematch", "IFS=@:", "set -o posix",
    "COMP_WORDBREAKS=${COMP_WORDBREAKS//[@=:]}", "COMP_WORDBREAKS=${COMP_WORDBREAKS//=}",
    "shopt -u globasciiranges", "alias regctl='regctl --quiet'", "set -f", "set -u; unset HOME",
]


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_bash_completes_whatever_else_was_set(surroundings, place, start):
    shell = start(Bash, place)
    shell.run(surroundings)
    for typed, becomes in [
        ("regctl show bob@ex", f"regctl show {BOB} "),
        ("regctl audit --email=bob@ex", f"regctl audit --email={BOB} "),
        ("regctl list-outbox --state=fa", "regctl list-outbox --state=failed "),
        ("regctl list-outbox --fields=id,mess", "regctl list-outbox --fields=id,message_id"),
        ("regctl --db ~/missing.db show x", "regctl --db ~/missing.db show x"),
    ]:
        assert shell.becomes(typed) == becomes
    assert "bash: " not in shell.printed()


def test_bash_completes_the_word_before_the_cursor(place, start):
    shell, left = start(Bash, place), "\x02"
    assert shell.becomes("regctl show bob@ex --quiet" + left * 8) == f"regctl show {BOB} --quiet"


def test_bash_keeps_its_word_breaks_and_gains_nothing_but_the_completion(place, start):
    shell = start(Bash, place)
    show = "printf '\\002%s\\003' \"$(declare -p COMP_WORDBREAKS; compgen -v; set -o; shopt)\""
    shell.child.sendline(show)
    before = shell.answer()
    assert "_regctl_commands" in before
    shell.tab("regctl show bob@ex")
    shell.child.sendline(show)
    assert set(shell.answer().split()) - set(before.split()) <= {"offered", "_"}


def test_addresses_that_differ_in_case_keep_what_was_typed(new_place, start):
    new_place.ok("create-db")
    add_users(new_place.db, ["BObby@example.org", "bOb@example.org"])
    shell = start(Bash, new_place)
    assert shell.becomes("regctl show bo") == "regctl show bob"
    assert shell.becomes("regctl show bobb") == "regctl show BObby@example.org "


@pytest.mark.parametrize(
    "line",
    ["regctl show bob@ex", "sudo regctl show bob@ex", "sudo regctl audit --email=bob@ex"],
)
def test_the_package_bash_completion_loads_the_file_by_its_name(line, place, new_place, start):
    folder = new_place.directory / "completions"
    folder.mkdir()
    (folder / "regctl").symlink_to(COMPLETIONS / "regctl.bash")
    (new_place.directory / "regctl.bash").write_text(". /usr/share/bash-completion/bash_completion\n")
    shell = start(Bash, place, new_place.directory, BASH_COMPLETION_USER_DIR=str(new_place.directory))
    shell.run("complete -r regctl")
    assert shell.becomes(line) == line.removesuffix("ex") + "example.org "


# The files themselves.


@pytest.mark.parametrize(
    "command",
    [["shellcheck", "regctl.bash"], ["bash", "-n", "regctl.bash"], ["zsh", "-n", "_regctl"],
     ["fish", "--no-config", "-n", "regctl.fish"]],
    ids=" ".join,
)
def test_the_files_are_clean(command):
    result = subprocess.run(command, cwd=COMPLETIONS, capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_no_file_evaluates_anything():
    for path in COMPLETIONS.iterdir():
        code = re.sub(r"^\s*#.*$", "", path.read_text(), flags=re.M)
        assert not re.search(r"\b(eval|compgen -W|_call_program|source)\b|\(e\)", code), path.name
