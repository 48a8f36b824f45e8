"""regctl as a process: started, and what it left on its streams."""

import json
import subprocess

from regctl import BINARY, Site


def spawn(site: Site, *words: object, **options: object) -> subprocess.Popen:
    """Starts regctl in a site, with pipes for its output unless told otherwise."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    line = [BINARY, *map(str, words)]
    return subprocess.Popen(line, env=site.environment, **(streams | options))


def last_error(stderr: bytes) -> dict:
    """The JSON error on the last line of standard error."""
    return json.loads(stderr.splitlines()[-1])["error"]


def at_once(site: Site, commands: list[list[object]]) -> list[tuple[int, bytes, bytes]]:
    """Runs regctl several times at the same moment; returns exit code and output of each.

    A shell each waits at a pipe; closing it lets all of them become regctl.
    """
    processes = []
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as gate:
        for words in commands:
            processes.append(
                subprocess.Popen(
                    ["sh", "-c", 'read go; exec "$@"', "sh", BINARY, *map(str, words)],
                    stdin=gate.stdout,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=site.environment,
                )
            )
        gate.stdin.close()
        outcomes = [(*process.communicate(timeout=120), process) for process in processes]
    return [(process.returncode, output, error) for output, error, process in outcomes]
