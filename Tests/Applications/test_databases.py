"""Names of databases as SQLAlchemy writes them."""

import subprocess
from pathlib import Path

import pytest

from regctl import BINARY


def run(directory: Path, *words: str) -> subprocess.CompletedProcess:
    """Runs regctl in an empty directory, without a configuration."""
    return subprocess.run(
        [BINARY, "--config", "none", *words],
        cwd=directory, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"},
    )


@pytest.mark.parametrize("scheme", ["mysql", "oracle", "mysql+pymysql"])
def test_a_foreign_scheme_is_refused_by_name(tmp_path, scheme):
    result = run(tmp_path, "--db", f"{scheme}://localhost/site", "create-db")
    assert result.returncode in {64, 78}
    assert scheme in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_url_of_an_sqlite_file_is_that_file(tmp_path):
    path = tmp_path / "site.sqlite"
    result = run(tmp_path, "--db", f"sqlite:///{path}", "create-db")
    assert (result.returncode, path.exists()) == (0, True)
    assert path.read_bytes().startswith(b"SQLite format 3")
    assert not (tmp_path / "sqlite:").exists()


def test_the_url_of_a_server_makes_no_file(tmp_path):
    result = run(tmp_path, "--db", "postgresql://site:secret@127.0.0.1:1/site", "create-db")
    assert result.returncode == 64
    assert "contains a password" in result.stderr and "secret" not in result.stderr
    assert list(tmp_path.iterdir()) == []
