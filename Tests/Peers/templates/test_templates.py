"""Every built-in mail in every language: it can be read anywhere, and no filter takes it for spam."""

import mailbox
import re
import subprocess

import pytest

from Peers.mails import part
from Peers.templates.look import Page, contrast
from Peers.templates.rendered import KINDS, LANGUAGES, LINKS, mails, sent, shown

EACH = pytest.mark.parametrize("kind", KINDS)
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


@IN_EACH_LANGUAGE
@EACH
def test_both_parts_have_the_link_and_fit(site, kind, language):
    mail = shown(site, kind, language)
    assert not {"{{", "}}"} & set(re.findall(r"\{\{|\}\}", mail["subject"] + mail["text"]))
    lines = mail["text"].splitlines()
    links = [line for line in lines if line.startswith("https://")]
    assert len(links) == (kind != "changed-notice")
    assert all(len(line) <= 76 for line in lines if line not in links)
    for link in links:
        # At the button, in the sentence below it, and to be copied.
        assert mail["html"].count(f'href="{link}"') == 2
        assert mail["html"].count(link) == 3
    # rspamd's URI_COUNT_ODD counts these.
    assert (len(links) + mail["html"].count("https://")) % 2 == 0


@IN_EACH_LANGUAGE
@EACH
def test_a_page_needs_no_width_and_nothing_from_elsewhere(site, kind, language):
    page = Page(shown(site, kind, language)["html"])
    assert page.all("html")[0].attributes["lang"] == language
    assert page.all("title")[0].texts == page.all("h1")[0].texts
    metas = {each.attributes.get("name"): each.attributes.get("content") for each in page.all("meta")}
    assert metas["viewport"] == "width=device-width, initial-scale=1"
    assert metas["color-scheme"] == "light dark"
    assert {each.name for each in page.elements} <= {
        "html", "head", "meta", "title", "style", "body", "div", "h1", "p", "table", "tr", "td", "a",
        "strong", "br", "span",
    }  # fmt: skip
    assert all(each.attributes["role"] == "presentation" for each in page.all("table"))
    for element in page.elements:
        style = page.style(element, False)
        assert not {"width", "min-width", "height", "white-space", "position"} & set(style)
        assert not {"width", "height"} & set(element.attributes)
        assert "url(" not in (element.attributes.get("style") or "")
    # A long link or address is broken, and does not make the page wider.
    (card,) = [each for each in page.elements if each.attributes.get("class") == "card"]
    assert page.style(card, False)["overflow-wrap"] == "anywhere"
    # What a list of mails shows beside the subject comes first, and is not shown twice.
    preview = next(each for each in page.all("div") if each.own_texts)
    assert page.style(preview, False)["display"] == "none"
    assert 20 < len(preview.text) < 100


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@EACH
def test_every_text_has_contrast(site, kind, is_dark):
    page = Page(shown(site, kind, "en")["html"])
    texts = [
        element
        for element in page.elements
        if "".join(element.own_texts).strip() and element.name not in {"style", "title"}
        and page.style(element, is_dark).get("display") != "none"
    ]  # fmt: skip
    assert len(texts) >= 4
    for element in texts:
        # Level AA for text of any size: https://www.w3.org/TR/WCAG21/#contrast-minimum
        assert contrast(*page.colours(element, is_dark)) >= 4.5, element
    schemes = {page.colours(texts[0], each) for each in (False, True)}
    assert len(schemes) == 2


@IN_EACH_LANGUAGE
def test_spamassassin_scores_nothing(new_site, tmp_path, language):
    site = new_site(**LINKS, service_name="Example")
    box = sent(site, language, tmp_path)
    assert {re.search(rf'<html lang="(\w+)">', part(mail, "html"))[1] for mail in mails(box)} == {language}
    result = subprocess.run(
        ["spamassassin", "--local", "--test-mode", "--mbox"],
        stdin=box.open("rb"), capture_output=True, check=True, timeout=300,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    judged = tmp_path / "judged.mbox"
    judged.write_bytes(result.stdout)
    statuses = [mail["X-Spam-Status"] for mail in mailbox.mbox(judged)]
    assert len(statuses) == len(mails(box)) == len(KINDS)
    for status in statuses:
        words = re.sub(r"\s+", "", status)
        assert float(re.search(r"score=(-?[\d.]+)", words)[1]) == 0, status
        found = set(re.search(r"tests=(.*?)autolearn", words)[1].split(","))
        # Only what is said of every mail that comes from this machine.
        assert found <= {"HTML_MESSAGE", "NO_RECEIVED", "NO_RELAYS"}
