"""Converts markup in titles, abstracts, venues and names to plain text, in one place for all formats.

``paper_fields.paper_from_fields`` calls these functions; readers do not. A reader passes texts as its format stores
them, with tags, entities and TeX. From XML it passes the inner markup of an element (``xml_records.markup_of``), since
its text alone would have lost superscripts. Line breaks of a text without markup are kept.

Steps: entities and tags (HTML, JATS, MathML, also when one was escaped inside another); TeX; Unicode's superscript and
subscript characters; then all superscripts and subscripts are written by the convention in ``superscripts``.

If you change the resulting texts, raise ``assistant.index.outdated.TEXT_VERSION``: users are then asked to ingest their
files again.
"""

from __future__ import annotations

import re

from ingest.readers.markup.html_tags import decoded
from ingest.readers.markup.html_to_text import html_to_text
from ingest.readers.markup.superscripts import (
    UNICODE_SCRIPTS,
    scripts_as_text,
    with_scripts_marked,
    without_superscripts,
)
from ingest.readers.markup.tex_formulas import tex_to_text

_MARKUP = re.compile(rf"[<&\\$^{{{UNICODE_SCRIPTS}]")
_MAXIMUM_ROUNDS = 3  # the output of one step may contain markup for another

__all__ = ["decoded", "name_of", "plain_line", "plain_text"]


def plain_text(text: str, title: str = "") -> str:
    """An abstract without markup. ``title`` is that of the paper, which is removed if it precedes the abstract."""
    for _ in range(_MAXIMUM_ROUNDS):
        if not _MARKUP.search(text):
            break
        before, text = text, scripts_as_text(_with_marked_scripts(text, title))
        if text == before:
            break
    return text.strip()


def plain_line(text: str) -> str:
    """A title or a venue without markup, on one line."""
    return " ".join(plain_text(text).split())


def name_of(text: str) -> str:
    """A person's name without markup and without superscripts, which are the numbers of affiliations."""
    return (
        " ".join(scripts_as_text(without_superscripts(_with_marked_scripts(text))).split())
        if _MARKUP.search(text)
        else text
    )


def _with_marked_scripts(text: str, title: str = "") -> str:
    return with_scripts_marked(tex_to_text(html_to_text(text, title)))
