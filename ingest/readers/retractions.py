"""Detects whether a record's paper is retracted, and which papers a retraction notice says are retracted.

Sources: PubMed's publication types and CommentsCorrections
(https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html); Crossref's ``updated-by`` of the retracted paper,
``update-to`` of the notice and ``relation`` of either (https://crossref.gitlab.io/tutorials/get-rw-metadata/); the
flag ``is_retracted`` of OpenAlex. Zotero exports no such flag, so people write it into tags, notes or the field Extra.
Publishers mark the title (``assistant.text.retraction_marks``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.text.identifiers import find_doi, key_of
from assistant.text.retraction_marks import has_retraction_mark

_NOTE_LINE = re.compile(
    r"^[^\w\n]*+retracted(?: (?:article|paper|publication|item))?[^\w\n]*$"
    r"|^[^\w\n]*+retracted(?: (?:article|paper|publication|item))? ?[:;,.]",
    re.IGNORECASE | re.MULTILINE,
)
_RETRACTED_TYPES = {"retracted publication", "retracted article", "retracted", "retracted paper"}
_NOTICE_TYPES = {"retraction of publication", "retraction", "retraction notice"}
_UPDATES = {"retraction", "withdrawal", "removal"}  # not "partial_retraction", nor "expression_of_concern"
_TYPE_FIELDS = ("publication_types", "publication_type", "publicationtypes", "document_type", "pubtype")
_NOTE_FIELDS = ("note", "notes", "extra", "tags", "manual_tags")


def is_retracted(values: Mapping[str, Any], title: str) -> bool:
    """Does a record say that its paper is retracted? A retraction notice is not a retracted paper.

    ``values``: fields, with names in lower case and underscores, of which these count: ``is_retracted`` (a flag);
    ``publication_types`` or ``document_type`` (texts); ``updated_by`` and ``relation`` (as in Crossref); ``note``,
    ``extra`` and ``tags``.
    """
    if _flag(values.get("is_retracted")) or _has_retraction_update(values):
        return True
    types = {text.casefold() for name in _TYPE_FIELDS for text in _texts(values.get(name))}
    if types & _RETRACTED_TYPES:
        return True
    if types & _NOTICE_TYPES or any(True for _ in retracted_by(values)):
        return False
    notes = (text for name in _NOTE_FIELDS for text in _texts(values.get(name)))
    return has_retraction_mark(title) or any(_NOTE_LINE.search(note) for note in notes)


def retracted_by(values: Mapping[str, Any]) -> Iterator[str]:
    """The keys (``doi:...``) of the papers that a notice retracts, from ``update_to`` and ``relation``."""
    updates = values.get("update_to")
    for update in updates if isinstance(updates, list) else ():
        if _is_retraction(update) and (doi := find_doi(str(update.get("DOI", "")))):
            yield key_of("doi", doi)
    for target in _related(values, "retracts", "is-retraction-of"):
        if doi := find_doi(str(target.get("id", ""))):
            yield key_of("doi", doi)


def _has_retraction_update(values: Mapping[str, Any]) -> bool:
    updates = values.get("updated_by")
    is_named = any(map(_is_retraction, updates)) if isinstance(updates, list) else False
    return is_named or any(True for _ in _related(values, "is-retracted-by", "has-retraction"))


def _is_retraction(update: Any) -> bool:
    return isinstance(update, Mapping) and str(update.get("type", "")).casefold() in _UPDATES


def _related(values: Mapping[str, Any], *kinds: str) -> Iterator[Mapping[str, Any]]:
    relation = values.get("relation")
    for kind in kinds if isinstance(relation, Mapping) else ():
        targets = relation.get(kind) if isinstance(relation, Mapping) else None
        yield from (one for one in (targets if isinstance(targets, list) else [targets]) if isinstance(one, Mapping))


def _flag(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.strip().casefold() in ("true", "yes", "1", "retracted"))


def _texts(value: Any) -> list[str]:
    """The parts of a text between semicolons; or the texts of a list, whose items may be tags of Zotero."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(";")]
    found = value if isinstance(value, list | tuple) else ()
    texts = (one.get("tag") if isinstance(one, Mapping) else one for one in found)
    return [text.strip() for text in texts if isinstance(text, str)]
