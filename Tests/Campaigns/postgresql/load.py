"""Processes that register accounts one after another, and what they were told."""

import json
import threading
from collections import Counter

from Campaigns.postgresql.server_site import ServerSite


class Load:
    """Registrations in a loop, until it is ended."""

    def __init__(self, site: ServerSite, processes: int = 4, first: int = 0) -> None:
        self.site = site
        self.acknowledged: set[str] = set()
        self.codes: Counter[tuple[int, str]] = Counter()
        self.unknown: set[str] = set()
        self.is_ended = threading.Event()
        self.lock = threading.Lock()
        self.threads = [
            threading.Thread(target=self.register, args=(f"{first + number}",))
            for number in range(processes)
        ]
        for thread in self.threads:
            thread.start()

    def register(self, name: str) -> None:
        number = 0
        while not self.is_ended.is_set():
            number += 1
            email = f"w{name}.{number}@example.org"
            words = ["register", email, "--no-password", "--json", "--busy-timeout", "1s"]
            result = self.site.run(*words)
            with self.lock:
                if result.returncode == 0:
                    self.acknowledged.add(email)
                    continue
                code = json.loads(result.stderr.splitlines()[-1])["error"]["code"]
                self.codes[(result.returncode, code)] += 1
                if code == "commit_unknown":
                    self.unknown.add(email)

    def end(self) -> "Load":
        self.is_ended.set()
        for thread in self.threads:
            thread.join(120)
        return self

    def missing(self) -> set[str]:
        """Acknowledged registrations that are not in the database."""
        return self.acknowledged - set(self.site.rows("SELECT email FROM users"))


def wrong(site: ServerSite) -> list[str]:
    """Registrations that are half there, and an audit that is torn."""
    counts = {
        "accounts": "SELECT count(*) FROM users",
        "side rows": "SELECT count(*) FROM regctl_accounts a JOIN users u ON u.id = a.account_id",
        "mails": "SELECT count(*) FROM regctl_outbox m JOIN users u ON u.id = m.account_id",
        "acts": "SELECT count(*) FROM regctl_audit a JOIN users u ON u.id = a.account_id"
        " WHERE act = 'register'",
    }
    found = {name: int(site.value(query)) for name, query in counts.items()}
    complaints = [] if len(set(found.values())) == 1 else [f"{found}"]
    verified = site.run("audit", "--verify")
    return complaints + ([] if verified.returncode == 0 else [f"{verified}"])
