"""Addresses and lines that would run something are neither offered nor run."""

import re
import shlex

import pytest

from Peers.completions.place import ACCOUNTS, ANN, HOSTILE
from Peers.completions.shells import SHELLS, Bash, Fish, Zsh, as_said

# Half an address, in all the ways of typing what a shell would read as something else.
HALVES = ["`touch", "\\`touch", "'`touch", '"\\`touch', "\\$", "'$(", "\\;", "a\\ ", "'a ", "--he", "-h",
          "\\~", "~r", "\\*", "*", "{a", "\\{", "=", "\\=", "\\!", "#", "\\#", "colon:", "colon\\:", "n", "'"]

RUNNING = [
    "regctl -d $(touch${IFS}owned) show bo", "regctl -d `touch${IFS}owned` show bo",
    "regctl --db=$(touch owned) show bo", 'regctl --db "$(touch owned)" show bo',
    "regctl --db='$(touch owned)' show bo", "regctl --config `touch${IFS}owned` show bo",
    "regctl -d (touch owned) show bo", "regctl --db=<(touch owned) show bo",
    "regctl -d '(touch owned)' show bo", "regctl -d ';touch owned' show bo",
    "regctl -d '`touch owned`' show bo", "regctl --db \\$\\(touch\\ owned\\) show bo",
    "regctl $(touch${IFS}owned) show bo", "regctl show $(touch owned) bo",
    "regctl list-outbox --fields '$(touch owned)',", "regctl list-outbox --fields=`touch${IFS}owned`,",
    "regctl '$(touch owned)' bo", "regctl '`touch owned`' --", "regctl 'x[$(touch owned)]' bo",
    "`touch${IFS}owned`/regctl show bo", "$(touch${IFS}owned)/regctl show bo",
    "'$(touch owned)/regctl' show bo", "'`touch owned`/regctl' show bo",
]


def test_hostile_addresses_are_not_offered_and_not_run(shell, place):
    before = place.tree()
    for command in ("show", "delete", "issue-token", "audit --email", "confirm --email"):
        offers = shell.offers(f"regctl {command} ")
        assert set(offers) <= set(ACCOUNTS) and ANN in offers, command
    for half in HALVES:
        typed = f"regctl show {half}"
        assert not any("x.org" in word for word in shell.offers(typed)), typed
        assert "x.org" not in shell.becomes(typed), typed
    assert place.tree() == before


def test_a_hostile_address_in_a_description_is_only_text(shell, place):
    before = place.tree()
    assert shell.offers("regctl show-mail ") == ["1", "2", "3", "4", *sorted(ACCOUNTS)]
    assert shell.tab("regctl show-mail 4")[1] == as_said(shell, {"4": f"{HOSTILE[0]} sent"})
    assert place.tree() == before


def test_words_on_the_line_are_never_run(shell, place):
    before = place.tree()
    for line in RUNNING:
        assert not set(shell.offers(line)) & {*ACCOUNTS, "other@example.org"}, line
        assert place.tree() == before, line
    assert shell.becomes("regctl show bo").rstrip() == "regctl show bob@example.org"


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.name)
def test_only_plain_words_are_offered_for_any_output_of_regctl(kind, new_place, start):
    """A second barrier: regctl itself omits much of this."""
    lines = "\n".join([*HOSTILE, "plain+%_.-1@x.org\t\x1b]0;title\x07 a:b"])
    new_place.program("bin/regctl", f"echo NOISE >&2; printf '%s\\n' {shlex.quote(lines)}; exit 3")
    before = new_place.tree()
    shell = start(kind, new_place)
    for line in ("regctl show ", "regctl audit --email=", "regctl list-outbox --fields "):
        offers = shell.tab(line)[1]
        # What is left of an address with a newline is plain.
        assert offers.keys() - {"new", "line@x.org"} == {"plain+%_.-1@x.org"}, line
        assert offers["plain+%_.-1@x.org"] == ("?]0;title? a:b" if kind.describes else ""), line
    assert new_place.tree() == before
    assert "NOISE" not in shell.printed()


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.name)
def test_only_plain_words_of_the_line_reach_regctl(kind, new_place, start):
    new_place.program("bin/regctl", 'printf "%s\\n" "$*" >>"$HOME/asked"')
    shell = start(kind, new_place)
    for line in [*RUNNING, *(f"regctl show {half}" for half in HALVES)]:
        shell.tab(line)
    shell.tab("regctl --db=some/where.db --config ~/my.conf show bo")
    asked = (new_place.directory / "asked").read_text()
    *_, last = asked.splitlines()
    assert last.endswith(" __complete emails bo")
    assert re.search("--db[= ]some/where.db ", last)
    assert re.search(f"--config[= ]{new_place.directory}/my.conf ", last)
    assert not re.search(r"[^\w\n @%+=:,./-]| -h| --he", asked)


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.name)
def test_a_careless_completion_would_be_seen(kind, new_place, start):
    """The control of the tests above: a file is made, or noise is printed, and both are noticed."""
    careless = {
        Bash: '_regctl() { COMPREPLY=($(compgen -W "$(regctl __complete emails)" -- "$2")); }\n'
              "complete -F _regctl regctl",
        Zsh: '#compdef regctl\neval "compadd -- $(regctl __complete emails)"',
        Fish: 'complete -c regctl -f -a "(eval echo (regctl __complete emails))"',
    }
    files = {Bash: "regctl.bash", Zsh: "_regctl", Fish: "regctl.fish"}
    address = {Bash: HOSTILE[0], Zsh: "$(touch owned)@x.org", Fish: "(touch owned)@x.org"}[kind]
    new_place.program("bin/regctl", f"echo NOISE >&2; printf '%s\\n' {shlex.quote(address)}")
    folder = new_place.directory / "careless"
    folder.mkdir()
    (folder / files[kind]).write_text(careless[kind] + "\n")
    before = new_place.tree()
    shell = start(kind, new_place, folder)
    shell.tab("regctl show ")
    assert new_place.tree().keys() - before.keys() == {new_place.directory / "owned"}
    assert "NOISE" in shell.printed()
