"""A page as a browser reads it, whose tags must be closed in order."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

# The elements that have no end tag: https://html.spec.whatwg.org/multipage/syntax.html#void-elements
VOID = {"meta", "link", "br"}


@dataclass
class Element:
    name: str
    attributes: dict[str, str | None]
    parents: list["Element"] = field(default_factory=list)
    # What stands in it and not in an element inside.
    own_texts: list[str] = field(default_factory=list)
    # All that stands in it.
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.texts).strip()


class Page(HTMLParser):
    """The elements of a page, each with its text; a tag that is not closed in order is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert len(dict(attributes)) == len(attributes), attributes
        element = Element(tag, dict(attributes), list(self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop().name == tag, tag

    def handle_data(self, text: str) -> None:
        for element in self.open:
            element.texts.append(text)
        if self.open:
            self.open[-1].own_texts.append(text)

    def all(self, name: str) -> list[Element]:
        return [element for element in self.elements if element.name == name]

    def texts(self, *names: str) -> list[str]:
        return [element.text for element in self.elements if element.name in names]

    def words(self) -> str:
        """What a reader sees, with the numbers apart."""
        return " ".join(self.texts("p", "th", "td", "strong", "span", "li"))
