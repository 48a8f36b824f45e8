"""H2: doctor names a directory that others can write to."""

import json

import pytest


@pytest.mark.parametrize(
    ("mode", "advice"),
    [(0o777, "chmod o-w"), (0o1777, "move the database to a directory of its own"), (0o755, None)],
)
def test_doctor_names_a_directory_that_is_writable_by_all(place, mode, advice):
    key = place.directory / "key"
    place.site.key_file.rename(key)
    place.configure(secret_key_file=key)
    place.site.directory.chmod(mode)
    checks = json.loads(place.run("doctor", "--json").stdout)["checks"]
    found = [check for check in checks if check["check"] == "permissions"]
    assert [check["result"] for check in found] == ["failed" if advice else "ok"]
    if advice:
        assert str(place.site.directory) in found[0]["detail"]
        assert found[0]["advice"].startswith(advice)


def test_doctor_names_one_above_it_too(place):
    place.directory.chmod(0o777)
    try:
        result = place.regctl("doctor", "--config", "none", "--db", place.site.db, "--json")
    finally:
        place.directory.chmod(0o755)
    checks = json.loads(result.stdout)["checks"]
    found = [check for check in checks if check["check"] == "permissions"]
    assert str(place.directory) in found[0]["detail"] and found[0]["result"] == "failed"
