"""Titles and abstracts without the JATS and HTML tags that Crossref, publishers and Zotero leave in them."""

from __future__ import annotations

import html
import re

_HEADING = re.compile(
    r"<(?:jats:)?title\b[^<>]{0,200}>\s{0,20}(?:abstract|summary)?\s{0,20}</(?:jats:)?title>", re.IGNORECASE
)
_BLOCK = re.compile(r"</?(?:jats:)?(?:p|title|sec|list|list-item|div|br|li|ul|ol|h\d)\b[^<>]{0,200}>", re.IGNORECASE)
_INLINE = re.compile(
    r"</?(?:jats:)?(?:abstract|italic|bold|sup|sub|sc|i|b|em|strong|u|span|a|inline-formula|ext-link|xref)\b[^<>]{0,200}>",
    re.IGNORECASE,
)
_MATHS = re.compile(r"<(/?)(?:mml:|jats:)?(?:tex-math|alternatives|math|m[a-z]{1,12})\b[^<>]{0,200}>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,30});", re.IGNORECASE)


def without_tags(text: str) -> str:
    """The words; a paragraph stays one. "p < 0.05" is no tag, and neither is a tag that no publisher writes."""
    if "<" in text:
        text = _HEADING.sub("\n\n", text)
        text = _MATHS.sub("", _INLINE.sub("", _BLOCK.sub("\n\n", text)))
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    return "\n\n".join(paragraph.strip() for paragraph in re.split(r"\n\s*\n", text.strip()))
