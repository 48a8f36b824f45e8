"""bash, zsh and fish as a user types in them: what they offer at Tab, and what the line becomes."""

import re
import subprocess
from pathlib import Path

import pexpect

from regctl import ROOT

COMPLETIONS = ROOT / "completions"

# A line that is reported stands between these, and what was offered behind it.
START, SEPARATOR, END = "\x02", "\x1f", "\x03"
REPORT = "\x14"  # Ctrl-T


class Shell:
    """A shell with the completion of a directory, in a directory and an environment."""

    name: str

    # Whether it says something of what it offers.
    describes = True

    def __init__(self, directory: Path, environment: dict[str, str], completions: Path) -> None:
        raise NotImplementedError

    def tab(self, line: str) -> tuple[str, dict[str, str]]:
        """The line after Tab, and the candidates with their descriptions."""
        raise NotImplementedError

    def becomes(self, line: str) -> str:
        return self.tab(line)[0]

    def offers(self, line: str) -> list[str]:
        return sorted(self.tab(line)[1])

    def printed(self) -> str:
        """Everything that was printed so far and is no answer to a question of this class."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class TerminalShell(Shell):
    """A shell on a terminal."""

    arguments: list[str]
    set_up: str

    def __init__(self, directory: Path, environment: dict[str, str], completions: Path) -> None:
        # Wide, so that descriptions are whole; high, so that the shell does not ask whether to list them.
        self.child = pexpect.spawn(
            self.arguments[0], self.arguments[1:], cwd=str(directory), dimensions=(200, 400),
            env={"TERM": "dumb", "LC_ALL": "C.UTF-8"} | environment, encoding="utf-8", timeout=60,
        )
        self.child.delaybeforesend = None
        self.read = ""
        self.run(self.set_up.format(completions=completions))
        self.read = ""

    def run(self, script: str) -> None:
        """Runs lines of shell."""
        self.child.sendline(f"{script}\nprintf '\\002%s\\003' ran")
        self.answer()

    def answer(self) -> str:
        self.child.expect(f"{START}([^{END}]*){END}")
        self.read += self.child.before
        return self.child.match[1]

    def tab(self, line: str) -> tuple[str, dict[str, str]]:
        self.child.send(f"{line}\t{REPORT}")
        becomes, *offers = self.answer().split(SEPARATOR)
        return becomes, dict(offer.partition("\t")[::2] for offer in offers if offer)

    def printed(self) -> str:
        return self.read

    def close(self) -> None:
        self.child.close(force=True)


class Bash(TerminalShell):
    name = "bash"
    describes = False
    arguments = ["bash", "--norc", "--noprofile", "-i"]
    # The completion is watched as it runs: a function of readline's own making sees what it offers.
    set_up = r"""
PS1='$ ' HISTFILE=
offered=()
bind 'set bell-style none' 'set enable-bracketed-paste off'
source {completions}/regctl.bash
watched() {{ _regctl "$@"; offered=("${{COMPREPLY[@]}}"); }}
complete -F watched regctl
report() {{
    local IFS=$'\037'
    printf '\002%s\003' "$READLINE_LINE$IFS${{offered[*]}}"
    READLINE_LINE= offered=()
}}
bind -x '"\C-t": report'"""


class Zsh(TerminalShell):
    name = "zsh"
    arguments = ["zsh", "-f", "-i"]
    # Whatever is offered in zsh goes through compadd; -O, -A and -D only ask it what would match.
    set_up = r"""
PS1='$ ' HISTFILE=
unset zle_bracketed_paste
fpath=({completions} $fpath)
autoload -Uz compinit
compinit -u -D
zstyle ':completion:*' list-grouped false
typeset -a offered
compadd() {{
  local -a words texts
  local index=${{@[(i)(-|--)]}}
  if [[ ${{@[1,index]}} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local named=${{@[(i)-(l|)d]}}
  if (( named < index )); then
    builtin compadd -A words -D ${{@[named+1]}} "$@"
    texts=("${{(@P)@[named+1]}}")
  else
    builtin compadd -A words "$@"
  fi
  local i
  for ((i = 1; i <= $#words; i++)); do offered+=("$words[i]"$'\t'"${{texts[i]#* -- }}"); done
  builtin compadd "$@"
}}
report() {{
  print -rn -- $'\002'"$BUFFER"$'\037'"${{(pj:\037:)offered}}"$'\003'
  BUFFER= offered=()
}}
zle -N report
bindkey '^T' report"""


class Fish(Shell):
    """fish, which answers what it would offer without a terminal."""

    name = "fish"
    script = r"""
set fish_complete_path {completions}
while read -l line
    complete -C $line
    printf '\003\n'
end"""

    def __init__(self, directory: Path, environment: dict[str, str], completions: Path) -> None:
        self.child = subprocess.Popen(
            ["fish", "--no-config", "-c", self.script.format(completions=completions)],
            cwd=directory, env={"LC_ALL": "C.UTF-8"} | environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def tab(self, line: str) -> tuple[str, dict[str, str]]:
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        lines = []
        while (text := self.child.stdout.readline().rstrip("\n")) != END:
            assert text or self.child.poll() is None, self.child.stderr.read()
            lines.append(text.partition("\t")[::2])
        # Of an option with its value fish offers both in one word.
        typed = re.search(r"(?:^|(?<=\s))\S*$", line)[0]
        start = typed[: typed.index("=") + 1] if typed.startswith("--") and "=" in typed else ""
        offers = {word.removeprefix(start): meaning for word, meaning in lines}
        if len(lines) != 1:
            return line, offers
        return line.removesuffix(typed) + lines[0][0] + " ", offers

    def printed(self) -> str:
        """What went to standard error; the shell has ended then."""
        if not self.child.stdin.closed:
            self.child.stdin.close()
            self.child.wait(timeout=60)
            self.errors = self.child.stderr.read()
        return self.errors

    def close(self) -> None:
        self.printed()


SHELLS = [Bash, Zsh, Fish]


def as_said(shell: Shell, words: dict[str, str]) -> dict[str, str]:
    """Words with their descriptions, which bash does not show."""
    return words if shell.describes else dict.fromkeys(words, "")
