"""Kills of deliverers."""

import random
import subprocess
import threading


class Killer:
    """Kills a deliverer at a step of one of its mails."""

    def __init__(self, random: random.Random) -> None:
        self._step = random.choice(["connect", "RCPT", "dot", "taken", "accepted"])
        # At a second one there may be no mail, and the deliverer lives.
        self._left = random.choice([0, 0, 0, 1])
        self._process: subprocess.Popen | None = None
        self._is_met = threading.Event()

    def meet(self, process: subprocess.Popen) -> None:
        self._process = process
        self._is_met.set()

    def __call__(self, step: str) -> bool:
        """Called by the server at every step; says whether to drop the client."""
        if step != self._step:
            return False
        self._left -= 1
        if self._left >= 0:
            return False
        self._is_met.wait()
        self._process.kill()
        return True
