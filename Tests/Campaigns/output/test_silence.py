"""Success without a result prints nothing."""

import re

import pytest

from Campaigns.calls import CALLS, run, some


@some([call for call in CALLS if call.is_summary or call.is_silent])
@pytest.mark.parametrize("position", ["first", "last"])
def test_quiet_success_prints_nothing(alive, call, position):
    call.before(alive)
    words = call.line(alive)
    words = ["--quiet", *words] if position == "first" else [*words, "-q"]
    result = run(alive, *words)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


@some([call for call in CALLS if not (call.is_summary or call.is_silent or call.is_verbatim)])
def test_quiet_leaves_results_as_they_are(alive, call):
    assert call.run(alive, "--quiet").stdout


@some([call for call in CALLS if call.words[0] != "tour"])
def test_success_leaves_standard_error_empty(alive, call):
    """Except for a new key, which is reported."""
    expected = b"a new signing key is in" if "{directory}/other/regctl.db" in call.words else b""
    error = call.run(alive).stderr
    assert expected in error if expected else error == b""


@pytest.mark.parametrize("format", ["text", "jsonl"])
@pytest.mark.parametrize(
    "words",
    [
        ["list-accounts", "x"],
        ["list-unconfirmed"],
        ["list-admins"],
        ["list-outbox"],
        ["list-prunes"],
        ["export"],
        ["prune", "--dry-run"],
        ["deliver"],
        ["deliver", "--dry-run"],
    ],
    ids=str,
)
def test_no_result_prints_nothing(site, words, format):
    result = run(site, *words, "--format", format)
    assert (result.returncode, result.stdout) == (0, b"")
    # People are told that a list is empty, and with --quiet they are not.
    is_list = words[0].startswith("list-") or "--dry-run" in words
    told = re.fullmatch(rb"regctl: no (account|mail|prune run|result) matches\n", result.stderr)
    assert bool(told) == (format == "text" and is_list), result.stderr
    assert run(site, *words, "--format", format, "--quiet").stderr == b""


@pytest.mark.parametrize(
    "words",
    [
        ["list-accounts", "x"],
        ["list-unconfirmed"],
        ["list-admins"],
        ["list-outbox"],
        ["prune", "--dry-run"],
    ],
    ids=str,
)
def test_no_result_is_an_empty_list_for_programs(site, words):
    found = site.json(*words)
    assert found["schema"] == 1
    assert [kept for kept in found.values() if kept == []]
    assert found["count"] == 0
    lines = site.ok(*words, "--format", "tsv").splitlines()
    assert len(lines) <= 1
    assert site.ok(*words, "--format", "tsv", "--no-header") == ""


def test_nothing_to_do_is_silent_under_cron(site):
    for words in (["deliver"], ["deliver", "--quiet"], ["prune", "--yes", "--quiet"]):
        result = run(site, *words, env={"PATH": "/usr/bin:/bin"} | site.environment)
        assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
