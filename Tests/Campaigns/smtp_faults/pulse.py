"""How late this process is because the machine is busy or stood still."""

import threading
import time

BEAT = 0.02


class Pulse:
    """Measures, until its block ends, by how many seconds a thread of this process was late at most."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.beat, daemon=True)

    def __enter__(self) -> "Pulse":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def beat(self) -> None:
        last = time.monotonic()
        while not self.ended.wait(BEAT):
            now = time.monotonic()
            self.longest = max(self.longest, now - last - BEAT)
            last = now
