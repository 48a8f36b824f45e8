"""The program under test, and a site in which it is run."""

import json
import os
import subprocess
from pathlib import Path

from Campaigns.database import connected
from server_database import ServerDatabase

# The root of the repository.
ROOT = Path(__file__).parents[1]
BINARY = os.environ.get("REGCTL_BINARY", str(ROOT / ".build" / "release" / "regctl"))
KEY = "0123456789abcdef0123456789abcdef"


class Site:
    """A directory with a configuration, and regctl run in it with nothing of the user's own.

    The database is a file in the directory, or on a server.
    """

    def __init__(
        self, directory: Path, database: ServerDatabase | None = None, **settings: object
    ) -> None:
        self.directory = directory
        self.db = database or directory / "regctl.db"
        self.maildir = directory / "Maildir"
        self.key_file = directory / "secret.key"
        self.key_file.write_text(KEY + "\n")
        self.key_file.chmod(0o600)
        self.settings = {
            "db": self.db,
            "confirm_url": "https://app.example/confirm/{token}",
            "mail_transport": "maildir",
            "maildir_path": self.maildir,
            "mail_default_sender": "Example <accounts@app.example>",
            "bcrypt_cost": 4,
        }
        if database:
            # By default the key is beside the database.
            self.settings["secret_key_file"] = self.key_file
        self.settings |= settings
        self.environment = {"PATH": "/usr/bin:/bin", "REGCTL_CONFIG": str(self.write_config())}

    def write_config(self) -> Path:
        path = self.directory / "regctl.conf"
        path.write_text("".join(f"{key} = {value}\n" for key, value in self.settings.items()))
        path.chmod(0o600)
        return path

    def execute(self, *statements: str) -> None:
        """Changes the database without regctl."""
        with connected(self.db) as connection:
            for statement in statements:
                connection.execute(statement)

    def run(
        self, *words: object, input: str | bytes = b"", environment: dict | None = None
    ) -> subprocess.CompletedProcess:
        """Runs regctl to its end; output stays bytes."""
        return subprocess.run(
            [BINARY, *[word if isinstance(word, bytes) else str(word) for word in words]],
            input=input.encode() if isinstance(input, str) else input,
            capture_output=True,
            env=self.environment | (environment or {}),
            timeout=300,
        )

    def ok(self, *words: object, **options) -> str:
        """Runs regctl, which must succeed, and returns its standard output."""
        result = self.run(*words, **options)
        assert result.returncode == 0, (words, result)
        return result.stdout.decode()

    def json(self, *words: object, **options) -> dict:
        """Runs regctl, which must succeed, and returns its JSON object."""
        return json.loads(self.ok(*words, "--json", **options))

    def error(self, *words: object, **options) -> tuple[int, dict]:
        """Runs regctl, which must fail, and returns its exit code and its JSON error."""
        result = self.run(*words, "--json", **options)
        assert result.returncode != 0, (words, result)
        return result.returncode, json.loads(result.stderr.splitlines()[-1])["error"]
