"""The page of `report html`, as a browser and its readers need it."""

import re
import time
from datetime import UTC, datetime

import pytest

from Campaigns.database import filling
from Campaigns.prune.accounts import DAY, INSERT, text_of
from engines import on_both_engines
from Peers.html_page import Page

pytestmark = on_both_engines

WEEKS = 261
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def years(site) -> None:
    """Five years of accounts of large, small and strange domains, with mails and prune runs."""
    now = int(time.time())
    with filling(site.db) as connection:
        for week in range(WEEKS):
            for number in range(week % 4 + 1):
                domain = ["example.org", "example.net", "a<b>&c.example", f"own{week}.example"][number]
                moment = now - (week * 7 + number) * DAY
                connection.execute(INSERT, (f"u{week}@{domain}", text_of(moment)))
        connection.execute(
            "UPDATE users SET confirmed = TRUE, confirmed_on = registered_on WHERE id % 3 = 0"
        )
        connection.execute(
            "INSERT INTO regctl_outbox (account_id, email, purpose, template, state, attempts,"
            " queued_at, next_attempt_at, finished_at, message_id) SELECT id, email, 'confirm', 'confirm',"
            " CASE id % 7 WHEN 0 THEN 'failed' WHEN 1 THEN 'expired' WHEN 2 THEN 'cancelled'"
            " WHEN 3 THEN 'queued' ELSE 'sent' END, id % 2, ? - id * 86400 * 3,"
            " CASE id % 7 WHEN 3 THEN 1 END, ? - id * 86400 * 3, 'm' || id FROM users",
            (now, now),
        )
    site.ok("prune", "--yes", "--limit", 40)
    site.ok("prune", "--yes", "--limit", 20)
    site.ok("unprune", 2, "--yes")


@pytest.fixture(params=["empty", "one-week", "five-years"])
def filled(site, request):
    """A site with much, little or nothing to plot."""
    if request.param == "one-week":
        for name in ("ann", "bob"):
            site.ok("register", f"{name}@example.org", "--no-password")
        site.ok("deliver")
    elif request.param == "five-years":
        years(site)
    return site


def test_the_page_is_well_formed_and_each_identifier_is_unique(filled):
    text = filled.ok("report", "html")
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>\n<html lang=\"en\">")
    assert page.texts("title")[0] == page.texts("h1")[0] == "Accounts of app.example"
    names = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(set(names)) == len(names)
    for element in page.elements:
        for name in (element.attributes.get("aria-labelledby") or "").split():
            assert name in names


def test_the_page_requests_nothing_and_runs_nothing(filled):
    text = filled.ok("report", "html")
    page = Page(text)
    assert {element.name for element in page.elements}.isdisjoint(
        {"script", "img", "iframe", "object", "embed", "a", "form", "base", "image", "use"}
    )
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name == "src"]
        assert element.attributes.get("href", "data:,") == "data:,"
    assert "://" not in text
    assert not re.search(r"url\(|@import", text)
    [policy] = [each for each in page.all("meta") if "http-equiv" in each.attributes]
    assert policy.attributes["content"].startswith("default-src 'none'")


def test_a_plot_has_a_name_a_summary_and_its_numbers(filled):
    page = Page(filled.ok("report", "html"))
    plots = page.all("svg")
    for plot in plots:
        assert plot.attributes["role"] == "img"
        name, summary = plot.attributes["aria-labelledby"].split()
        texts = {each.attributes.get("id"): each.text for each in page.elements}
        assert texts[name] and texts[summary]
    assert len(page.all("figure")) == len(page.all("figcaption")) == len(plots)
    assert bool(page.all("table")) == bool(plots)
    assert page.texts("h2") == [
        "Now", "Registrations and confirmations", "From registration to confirmation", "Mail", "Pruning",
    ]


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+%)?", text)


def test_the_page_has_every_number_of_the_reports(site):
    years(site)
    page = Page(site.ok("report", "html"))
    rows = spaced(page)
    for line in site.ok("report", "cohorts").splitlines()[1:]:
        words = [word for word in line.split() if not re.fullmatch(r"[#.]{8}", word)]
        assert " ".join(words) in rows
    named = site.json("report", "funnel")["domains"]
    large = [each for each in named if each["registered"] >= 5]
    assert 2 < len(large) < len(named)
    for domain in large:
        values = [str(each) for each in domain.values()]
        assert any(row.startswith(" ".join(values)) for row in rows), values
    small = [each for each in named if each["registered"] < 5]
    others = f"{len(small)} other domains {sum(each['registered'] for each in small)} "
    assert any(row.startswith(others) for row in rows)
    assert not [each for each in small if each["domain"] in " ".join(rows)]
    for number in numbers(site.ok("status")):
        assert number in numbers(page.words()), number


def spaced(page: Page) -> list[str]:
    """The rows of the tables, their cells separated by spaces."""
    found: list[list[str]] = []
    for element in page.elements:
        if element.name == "tr":
            found.append([])
        elif element.name in ("th", "td"):
            found[-1].append(element.text)
    return [" ".join(row) for row in found]


def table(page: Page, heading: str) -> list[list[int]]:
    """The numbers of the rows of the table whose second heading is given."""
    rows = [each.split() for each in spaced(page)]
    start = next(index for index, row in enumerate(rows) if row[1] == heading)
    found = []
    for row in rows[start + 1:]:
        if not re.match(r"\d{4}-", row[0]):
            break
        found.append([int(word) for word in row[1:]])
    return found


def test_mails_and_prune_runs_are_those_of_the_other_lists(site):
    years(site)
    page = Page(site.ok("report", "html"))
    mails = [sum(column) for column in zip(*table(page, "Queued"), strict=True)]
    status = site.json("status")["mails"]
    assert mails == [
        sum(status[state] for state in ("queued", "sending", "sent", "failed", "cancelled", "expired")),
        status["sent"], status["queued"] + status["sending"] - status["deferred"], status["deferred"],
        status["failed"] + status["expired"], status["cancelled"],
    ]
    runs = site.json("list-prunes")["prunes"]
    assert [sum(column) for column in zip(*table(page, "Runs"), strict=True)] == [
        len(runs), sum(run["pruned"] for run in runs), sum(run["restored"] for run in runs),
    ] == [2, 60, 20]


def test_the_page_contains_no_address_and_no_operator(site):
    years(site)
    text = site.ok("report", "html")
    assert "@example" not in text and not re.search(r"\bu\d+@", text)
    for run in site.json("list-prunes")["prunes"]:
        assert f">{run['by']}<" not in text
    assert "<b>" not in text and "a&lt;b&gt;&amp;c.example" in text


def test_the_page_is_the_same_at_the_same_time(site):
    years(site)
    first, second = site.ok("report", "html"), site.ok("report", "html")
    passing = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC|\d+ \w+ ago")
    assert passing.sub("", first) == passing.sub("", second)


# Colours

THEME = re.compile(r"--(\w+): (#[0-9a-f]{6});")
TEXTS = ["text", "quiet"]
SHAPES = ["good", "waiting", "bad", "past", "step"]


def themes(style: str) -> tuple[dict[str, str], dict[str, str]]:
    """The colours of the light and of the dark scheme."""
    screen, _ = style.split("@media print")
    light, dark = (dict(THEME.findall(part)) for part in screen.split("prefers-color-scheme"))
    return light, dark


def luminance(color: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(color[index:index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_has_contrast_in_both_schemes_and_so_have_shapes(site):
    [style] = Page(site.ok("report", "html")).texts("style")
    light, dark = themes(style)
    assert light.keys() == dark.keys() and light != dark
    for theme in (light, dark):
        for ground in ("page", "card"):
            assert [name for name in TEXTS if contrast(theme[name], theme[ground]) < 4.5] == []
        # https://www.w3.org/TR/WCAG22/#non-text-contrast
        assert [name for name in SHAPES if contrast(theme[name], theme["card"]) < 3] == []


def test_only_named_colours_are_used(site):
    text = site.ok("report", "html")
    [style] = Page(text).texts("style")
    rules = THEME.sub("", style)
    assert not re.search(r"#[0-9a-f]{3}|rgb|hsl", rules)
    assert " fill=" not in text and " style=" not in text
