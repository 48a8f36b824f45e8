"""A place with a database of accounts good and bad."""

from pathlib import Path

from Campaigns.database import rows as query
from Peers.users_table import add_users
from regctl import BINARY, Site

ANN, BOB, CAROL, ROOT = "ann@example.org", "bob@example.org", "Carol@example.org", "root@example.org"
ACCOUNTS = [ANN, BOB, CAROL, ROOT]

# Addresses that a stranger may have registered with the application; each would leave a file called
# owned if it were run, or become something else than one operand.
HOSTILE = [
    "`touch${IFS}owned`@x.org",
    "$(touch${IFS}owned)@x.org",
    "${x:-$(touch${IFS}owned)}@x.org",
    "(touch owned)@x.org",
    "$(touch owned)@x.org",
    ";touch owned;@x.org",
    "a;touch${IFS}owned@x.org",
    "<(touch owned)@x.org",
    "=(touch owned)@x.org",
    "a b@x.org",
    "new\nline@x.org",
    "\ttab@x.org",
    "carriage\rreturn@x.org",
    "\x1b]0;title\x07@x.org",
    "'quote@x.org",
    '"quote@x.org',
    "back\\slash@x.org",
    "--help@x.org",
    "-h@x.org",
    "~root@x.org",
    "*@x.org",
    "{a,b}@x.org",
    "!!@x.org",
    "#a@x.org",
    "colon:description@x.org",
    "näive@x.org",
]


# Places and shells.


class Place(Site):
    """A site in whose directory lines are typed, with a database of accounts good and bad."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.directory.joinpath("letter.txt").touch()
        programs = directory / "bin"
        programs.mkdir()
        (programs / "regctl").symlink_to(BINARY)
        self.environment |= {
            "PATH": f"{programs}:/usr/bin:/bin:/usr/sbin", "HOME": str(directory),
            "XDG_CONFIG_HOME": "/nonexistent", "XDG_DATA_HOME": "/nonexistent",
        }

    def fill(self) -> "Place":
        """Four accounts, mails in several states, a run of prune; and the hostile addresses."""
        self.ok("create-db")
        add_users(self.db, ["gone@example.org"])
        self.ok("prune", "--yes", "--include-never-mailed", "--max", 1)
        add_users(self.db, ["left@example.org"])
        self.ok("delete", "left@example.org", "--reason", "left", "--yes")
        for email in (BOB, CAROL, ANN):
            self.ok("register", email, "--no-password")
        self.ok("deliver", "--limit", 1)
        self.ok("cancel-mail", 2)
        self.ok("confirm", "--email", BOB, "--reason", "called")
        self.ok("create-admin", ROOT, "--generate-password")
        other = ["--db", self.directory / "other.db"]
        self.ok("create-db", *other)
        self.ok("register", "other@example.org", "--no-password", *other)
        (self.directory / "other.conf").write_text(f"db = {self.directory}/other.db\n")
        (self.directory / "other.conf").chmod(0o600)
        self.program("mine/regctl", "echo xavier@example.org")
        add_users(self.db, HOSTILE)
        self.ok("register", "eve@example.org", "--no-password")
        query(self.db, "DELETE FROM users WHERE email = 'eve@example.org'")
        query(self.db, "UPDATE regctl_outbox SET state = 'sent', email = ? WHERE id = 4", HOSTILE[0])
        return self

    def program(self, path: str, script: str) -> None:
        """Puts a script in the place of regctl, or beside it."""
        target = self.directory / path
        target.parent.mkdir(exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_text(f"#!/bin/sh\n{script}\n")
        target.chmod(0o755)

    def tree(self) -> dict[Path, tuple[int, int] | None]:
        """Every file with its size and time of change."""
        return {
            path: None if path.is_dir() else (path.lstat().st_size, path.lstat().st_mtime_ns)
            for path in sorted(self.directory.rglob("*"))
        }
