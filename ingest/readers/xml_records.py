"""Records out of XML, one at a time; what was read is let go. Entities of the file's own, and outside ones, are
refused, since a few lines of them can fill the memory or open other files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from assistant.errors import InputError
from ingest.readers.paper_fields import Skipped

_PROLOGUE = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*", re.DOTALL)
_NAME = re.compile(r"<([\w.-]+)[\s/>]")


def root_name(start: str) -> str:
    """The name of the outermost element, behind declaration, comments and document type; nothing if it is not XML."""
    prologue = _PROLOGUE.match(start)
    match = _NAME.match(start, prologue.end() if prologue else 0)
    return match[1] if match else ""


def records(text: TextIO, root: str, names: tuple[str, ...]) -> Iterator[Element | Skipped]:
    """The elements of these names in their order, and last a Skipped where the XML breaks off.

    An element is empty once the next is asked for. Raises InputError where ``root`` is not outermost.
    """
    outermost, has_ended = None, False
    try:
        for event, element in iterparse(text, events=("start", "end")):
            if outermost is None:
                outermost = _checked(element, root)
            elif event == "end" and element.tag in names:
                yield element
                element.clear()  # its parent still holds it where that is not the outermost
                outermost.clear()
            has_ended = event == "end" and element is outermost
    except DefusedXmlException as error:
        raise InputError("it defines entities, which no such file needs") from error
    except ParseError as error:
        if outermost is None:
            raise InputError(f"not XML: {error}") from error
        yield Skipped(f"line {error.position[0]}", _why_it_breaks_off(error, has_ended=has_ended))


def _checked(element: Element, root: str) -> Element:
    if element.tag != root:
        raise InputError(f"its outermost element is {_local(element.tag)}, not {_local(root)}")
    return element


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _why_it_breaks_off(error: ParseError, *, has_ended: bool) -> str:
    if has_ended:
        return "another document begins here; nothing after it was read: keep each in a file of its own"
    return f"the XML breaks off here ({error}); nothing after it was read: fetch the file again"


def markup_of(element: Element | None) -> str:
    """What an element holds, as markup with names only, each in a namespace: in XML they can't be words of a text.

    Elements of any depth: what is left to do waits in a list.
    """
    pieces = list[str]()
    waiting: list[Element | str] = [] if element is None else [*reversed(element), escape(element.text or "")]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            pieces.append(one)
        else:
            name = f"xml:{_local(one.tag)}" if isinstance(one.tag, str) else ""
            waiting += [escape(one.tail or "")]
            if name:
                waiting += [f"</{name}>", *reversed(one), f"<{name}>{escape(one.text or '')}"]
    return "".join(pieces)


def text_of(element: Element | None) -> str:
    """All text in an element, on one line, without the markup."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
