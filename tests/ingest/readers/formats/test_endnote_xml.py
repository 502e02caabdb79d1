from __future__ import annotations

import io
import tracemalloc

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given

from assistant.errors import InputError
from ingest.readers.formats import endnote_xml
from ingest.readers.interface import Skipped
from tests.support.mutations import LITTLE_TIME, SAMPLES, items, mutated, reads_or_refuses, sample

EXPORT = sample("endnote.xml")
RECORD = "<record><titles><title>{0}</title></titles><abstract>An abstract of {0}.</abstract></record>"


def export(*records: str) -> str:
    return f"<xml><records>{''.join(records)}</records></xml>"


def test_only_endnotes_xml_is_recognised():
    recognised = {path.name for path in SAMPLES.iterdir() if endnote_xml.recognises(path.read_text("utf-8", "replace"))}
    assert recognised == {"endnote.xml"}


def test_superscripts_and_subscripts_get_tags_and_other_styles_are_removed():
    runs = (("normal", "10"), ("bold superscript", "5"), ("italic", " cells of H"), ("subscript", "2"))
    abstract = fromstring(
        "<abstract>" + "".join(f'<style face="{face}">{text}</style>' for face, text in runs) + "</abstract>"
    )
    assert endnote_xml._with_script_tags(abstract) == "10<sup>5</sup> cells of H<sub>2</sub>"


def test_a_record_without_a_title_is_reported_by_number_and_the_next_is_read():
    fault, paper = items(endnote_xml, export("<record><rec-number>7</rec-number></record>", RECORD.format("B")))
    assert (fault, paper.title) == (Skipped("record 7", "no title"), "B")


def test_records_before_the_end_of_truncated_xml_are_read():
    text = export(RECORD.format("A"), RECORD.format("B"))
    paper, fault = items(endnote_xml, text[: text.index("abstract of B")])
    assert paper.title == "A"
    assert fault.reason.startswith("the XML is damaged or cut short here")


def test_other_xml_is_refused():
    with pytest.raises(InputError, match="its root element is html, not xml"):
        items(endnote_xml, "<html></html>")


def test_memory_does_not_grow_with_the_file():
    record = RECORD.format("A" * 2_000)
    text = io.StringIO(export(*[record] * 2_000))
    tracemalloc.start()
    assert sum(1 for _ in endnote_xml.read(text)) == 2_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000 * len(record) / 4


def test_long_text_in_an_ignored_field_is_reported_as_a_fault():
    prose = "We dried mint on willow trays for ten days and weighed the leaves of each tray every hour. " * 3
    (fault,) = items(
        endnote_xml, export(f"<record><titles><title>A</title></titles><custom1>{prose}</custom1></record>")
    )
    assert (fault.kind, fault.unread_field) == ("unread", "custom1")


@LITTLE_TIME
@given(mutated(EXPORT))
def test_a_damaged_file_is_read_or_refused(text):
    assert reads_or_refuses(endnote_xml, text)
