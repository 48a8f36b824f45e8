"""The colours and sizes of a page, by the part of CSS that the built-in mails use."""

import re

from Peers.html_page import Element
from Peers.html_page import Page as ParsedPage


def matches(element: Element, simple: str) -> bool:
    return simple == element.name or simple == f".{element.attributes.get('class')}"


def is_selected(element: Element, selector: str) -> bool:
    """Whether a selector of names and classes, separated by blanks, selects an element."""
    *outer, last = selector.split()
    ancestors = iter(element.parents)
    return matches(element, last) and all(
        any(matches(one, each) for one in ancestors) for each in outer
    )


def declarations(text: str) -> dict[str, str]:
    pairs = [each.split(":", 1) for each in text.split(";") if each.strip()]
    return {name.strip(): value.removesuffix("!important").strip() for name, value in pairs}


class Page(ParsedPage):
    """A page with the style of each element in both schemes."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.css = "".join(self.all("style")[0].texts)
        inner = self.css.split("@media (prefers-color-scheme: dark) {")[1]
        self.dark = [
            (selector.strip(), declarations(body))
            for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", inner)
        ]

    def style(self, element: Element, is_dark: bool) -> dict[str, str]:
        style = declarations(element.attributes.get("style") or "")
        if is_dark:
            for selector, body in self.dark:
                if is_selected(element, selector):
                    style |= body
        return style

    def colours(self, element: Element, is_dark: bool) -> tuple[str, str]:
        """The colours of the text of an element and of what is behind it."""
        text = behind = None
        for each in [*element.parents, element]:
            style = self.style(each, is_dark)
            text, behind = style.get("color", text), style.get("background", behind)
        return text, behind


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""
    darker, lighter = sorted([luminance(first), luminance(second)])
    return (lighter + 0.05) / (darker + 0.05)
