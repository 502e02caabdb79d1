"""Parses HTML strictly, so that tests can ask what a page contains."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "img", "br", "hr", "meta", "link"}
BLOCKS = {"p", "div", "ul", "ol", "li", "h3", "h4", "details", "article", "progress"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    """All text inside, with its white space."""

    @property
    def visible_text(self) -> str:
        return " ".join(self.text.split())


@dataclass
class ParsedHtml(HTMLParser):
    """The elements of a page as a browser would make them.

    It insists on what browsers would otherwise repair: every element closed in order, none in one that cannot hold it,
    no attribute twice.
    """

    html: str
    elements: list[Element] = field(default_factory=list)
    pieces: list[tuple[str, bool]] = field(default_factory=list)
    """The text in order, and whether it is marked."""

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[Element] = []
        self.feed(self.html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        around = {element.tag for element in self.open}
        assert not (tag in BLOCKS and "p" in around), f"{tag} in a paragraph"
        assert not (tag in {"button", "a", "input"} and around & {"button", "a"}), f"{tag} in a control"
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in {attrs}"
        self.elements.append(Element(tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(self.elements[-1])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.pieces.append((data, any(element.tag == "mark" for element in self.open)))
        for element in self.open:
            element.text += data

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)

    @property
    def visible_text(self) -> str:
        return " ".join(self.text.split())

    @property
    def shape(self) -> list[tuple[str, list[str]]]:
        """The tags with the names of their attributes: all that a text must not change."""
        return [(element.tag, sorted(element.attributes)) for element in self.elements]

    def times(self, words: str) -> int:
        """How often words stand in the text and in attributes."""
        values = [value or "" for element in self.elements for value in element.attributes.values()]
        return sum(text.count(words) for text in [self.text, *values])

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """The elements of a tag with these attributes; ``class_`` is one of its classes, ``_`` stands for ``-``."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if tag in ("", element.tag)
            and all(
                value in (element.attributes.get(name) or "").split()
                if name == "class"
                else element.attributes.get(name) == value
                for name, value in wanted.items()
            )
        ]

    def one(self, tag: str = "", **attributes: str) -> Element:
        (element,) = self.all(tag, **attributes)
        return element
