"""H2: access of other processes of the same user to a running regctl."""

import os
import subprocess
import time

import pytest

from Campaigns.foreign_owner.place import PYTHON, Place
from Campaigns.preparation import ANN


def waiting(place: Place) -> subprocess.Popen:
    """regctl in the middle of its work, as the owner."""
    return subprocess.Popen(
        [place.directory / "regctl", "import", "-"], stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=place.site.environment,
        user=place.owner, group=place.owner, extra_groups=[], cwd="/",
    )  # fmt: skip


LOOK = "import sys; open(f'/proc/{sys.argv[1]}/mem', 'rb').close()"


def test_no_other_process_of_the_user_looks_into_its_memory(place):
    process = waiting(place)
    other = subprocess.Popen(
        ["sleep", "60"], user=place.owner, group=place.owner, extra_groups=[], cwd="/"
    )
    try:
        deadline = time.monotonic() + 30
        while os.stat(f"/proc/{process.pid}/mem").st_uid != 0:
            assert time.monotonic() < deadline, "the memory belongs to the user"
            time.sleep(0.01)
        assert place.as_owner(PYTHON, "-c", LOOK, process.pid).returncode != 0
        # The control: any other process of the user.
        assert place.as_owner(PYTHON, "-c", LOOK, other.pid).returncode == 0
    finally:
        other.kill()
        other.wait()
        process.stdin.close()
        process.wait(timeout=60)


@pytest.mark.parametrize("path", ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "-"])
def test_a_password_from_standard_input_by_any_of_its_names_is_still_read(place, path):
    for stdin in ("pipe", "file"):
        password = place.directory / "password"
        password.write_text("correct horse\n")
        password.chmod(0o600)
        os.chown(password, place.owner, place.owner)
        words = ["set-password", ANN, "--password-file", path]
        if stdin == "file":
            with password.open("rb") as file:
                result = place.regctl(*words, stdin=file)
        else:
            # A pipe of the user, as a shell creates it.
            line = f"echo correct horse | {place.directory}/regctl {' '.join(words)}"
            result = place.as_owner("sh", "-c", line)
        assert result.returncode == 0, (stdin, result)
    check = ["check", ANN, "--password-file", "-"]
    assert b"not confirmed" in place.regctl(*check, stdin=None, input=b"correct horse\n").stderr
