"""Markup as plain text, for every reader and in one place: ``base.paper_from_fields`` calls this, readers do not.

A reader hands over titles, abstracts, venues and names as its format stores them: with tags, entities and TeX in them.
From XML it hands over the inner markup of an element (``elements.markup_of``), not its text alone, which would have
lost what was raised. Line ends and blank lines stay as they are in a text without markup.

In this order: entities and tags (HTML, JATS, MathML, also when they were escaped in one another), TeX, Unicode's raised
and lowered figures; then all raised and lowered figures are written by one convention, which ``raised`` states.

Whoever changes what comes out raises ``assistant.index.outdated.TEXT_VERSION``: libraries then ask for their files
again.
"""

from __future__ import annotations

import re

from ingest.readers.markup.html_tags import decoded
from ingest.readers.markup.html_to_text import without_markup
from ingest.readers.markup.superscripts import UNICODE_FIGURES, marked_figures, without_raised, written_out
from ingest.readers.markup.tex_formulas import without_tex

_MARKUP = re.compile(rf"[<&\\$^{{{UNICODE_FIGURES}]")
_MAXIMUM_ROUNDS = 3  # what one step writes may be what another one reads

__all__ = ["decoded", "name_of", "plain_line", "plain_text"]


def plain_text(text: str, title: str = "") -> str:
    """An abstract without markup. ``title`` is the paper's own: it is left out where it stands before the abstract."""
    for _ in range(_MAXIMUM_ROUNDS):
        if not _MARKUP.search(text):
            break
        before, text = text, written_out(_marked(text, title))
        if text == before:
            break
    return text.strip()


def plain_line(text: str) -> str:
    """A title or a venue without markup, on one line."""
    return " ".join(plain_text(text).split())


def name_of(text: str) -> str:
    """A person's name without markup and without the raised figures that number affiliations."""
    return " ".join(written_out(without_raised(_marked(text))).split()) if _MARKUP.search(text) else text


def _marked(text: str, title: str = "") -> str:
    return marked_figures(without_tex(without_markup(text, title)))
