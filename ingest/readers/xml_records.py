"""Streams the records of an XML file one at a time, and releases the memory of each before the next.

A file that defines entities is refused: a few lines of them can fill the memory or open other files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from assistant.errors import InputError
from ingest.readers.interface import Skipped

_PROLOGUE = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*", re.DOTALL)
_NAME = re.compile(r"<([\w.-]+)[\s/>]")


def root_name(start: str) -> str:
    """The name of the root element, after declaration, comments and document type; empty if this is not XML."""
    prologue = _PROLOGUE.match(start)
    match = _NAME.match(start, prologue.end() if prologue else 0)
    return match[1] if match else ""


def records(text: TextIO, root: str, names: tuple[str, ...]) -> Iterator[Element | Skipped]:
    """The elements with these names in the order of the file; then, if the XML is not complete, a Skipped.

    An element is emptied when the next one is requested. Raises InputError if the root element is not ``root``.
    """
    root_element, has_ended = None, False
    try:
        for event, element in iterparse(text, events=("start", "end")):
            if root_element is None:
                root_element = _checked(element, root)
            elif event == "end" and element.tag in names:
                yield element
                element.clear()  # its parent keeps it, unless the parent is the root, which is emptied next
                root_element.clear()
            has_ended = event == "end" and element is root_element
    except DefusedXmlException as error:
        raise InputError("it defines entities, which no such file needs") from error
    except ParseError as error:
        if root_element is None:
            raise InputError(f"not XML: {error}") from error
        yield Skipped(f"line {error.position[0]}", _why_incomplete(error, has_ended=has_ended))


def _checked(element: Element, root: str) -> Element:
    if element.tag != root:
        raise InputError(f"its root element is {_local(element.tag)}, not {_local(root)}")
    return element


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _why_incomplete(error: ParseError, *, has_ended: bool) -> str:
    if has_ended:
        return "another document begins here; nothing after it was read: keep each in a file of its own"
    return f"the XML is damaged or cut short here ({error}); nothing after it was read: fetch the file again"


def markup_of(element: Element | None) -> str:
    """The content of an element as markup without attributes.

    Each tag gets the prefix ``xml:``, by which ``html_tags`` tells real tags from words in angle brackets. A list of
    open work replaces recursion, so that elements may be nested to any depth.
    """
    pieces = list[str]()
    waiting: list[Element | str] = [] if element is None else [*reversed(element), escape(element.text or "")]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            pieces.append(one)
        else:
            name = f"xml:{_local(one.tag)}" if isinstance(one.tag, str) else ""  # empty for a comment
            waiting += [escape(one.tail or "")]
            if name:
                waiting += [f"</{name}>", *reversed(one), f"<{name}>{escape(one.text or '')}"]
    return "".join(pieces)


def text_of(element: Element | None) -> str:
    """All text in an element, without markup, on one line."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
