from __future__ import annotations

import io

import pytest
from hypothesis import given

from assistant.errors import InputError
from ingest.readers.formats import arxiv_atom
from ingest.readers.interface import Skipped
from tests.support.mutations import LITTLE_TIME, SAMPLES, items, mutated, papers, reads_or_refuses, sample, skipped

FEED = sample("arxiv.atom.xml")
ENTRY = FEED[FEED.index("  <entry>") : FEED.index("</entry>") + len("</entry>\n")]


def feed_of(*entries: str) -> str:
    return FEED[: FEED.index("  <entry>")] + "".join(entries) + "</feed>\n"


def test_entries_are_papers_with_all_their_fields():
    paper = papers(arxiv_atom, FEED)[0]
    assert paper.title == "Tidal Attention: Sequence Models that Rise and Fall with Their Input"
    assert paper.abstract.startswith(
        "We describe a sequence model whose attention widens and narrows with the entropy of"
    )
    assert paper.abstract.endswith("A second paragraph says that A & B agree for p < 0.05.")
    assert paper.authors == ("Ada Brannock", "José Núñez-Ferrer")
    assert (paper.year, paper.venue) == (2024, "J. Tidal Comput. 7 (2024) 11-29")
    assert (paper.arxiv_id, paper.doi) == ("2401.01234v2", "10.5555/jtc.2024.0011")
    assert paper.url == "http://arxiv.org/abs/2401.01234v2"


def test_an_old_id_keeps_its_archive():
    assert papers(arxiv_atom, FEED)[1].arxiv_id == "astro-ph/0307015v1"


def test_an_error_message_of_the_api_is_reported():
    assert skipped(arxiv_atom, sample("arxiv_error.atom.xml")) == [
        Skipped("entry 1", "arXiv answered with an error: incorrect id format for 1234.12345")
    ]


def test_an_entry_without_a_title_is_reported_and_the_next_is_read():
    text = feed_of(ENTRY.replace("<title>", "<titel>").replace("</title>", "</titel>"), ENTRY)
    first, second = items(arxiv_atom, text)
    assert first == Skipped("entry 2401.01234v2", "no title")
    assert second == papers(arxiv_atom, FEED)[0]


def test_of_two_concatenated_feeds_the_first_is_read_and_the_second_reported():
    *read, fault = items(arxiv_atom, FEED + FEED)
    assert read == papers(arxiv_atom, FEED)
    assert fault.place == f"line {FEED.count(chr(10)) + 1}"
    assert fault.reason.startswith("another document begins here")


def test_entries_before_the_end_of_a_truncated_feed_are_read():
    first, fault = items(arxiv_atom, FEED[:-400])
    assert first == papers(arxiv_atom, FEED)[0]
    assert fault.reason.startswith("the XML is damaged or cut short here")


def test_an_encoding_declaration_is_ignored_in_decoded_text():
    for encoding in ("ISO-8859-1", "UTF-16", "no-such-encoding"):
        assert items(arxiv_atom, FEED.replace("UTF-8", encoding)) == items(arxiv_atom, FEED)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE feed [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE feed [<!ENTITY % a SYSTEM "http://localhost/a.dtd"> %a;]>',
    ],
)
def test_a_feed_that_defines_entities_is_refused(declaration):
    text = FEED.replace("<feed", f"{declaration}\n<feed", 1).replace("Tidal", "&a;", 1)
    assert arxiv_atom.recognises(text)
    with pytest.raises(InputError, match="defines entities"):
        items(arxiv_atom, text)


@pytest.mark.parametrize("text", ["", "words", "<html><body/></html>", "<feed><entry/></feed>", '{"a": 1}'])
def test_a_file_that_is_not_a_feed_is_refused(text):
    with pytest.raises(InputError):
        items(arxiv_atom, text)


def test_only_feeds_of_the_api_are_recognised():
    assert [path.name for path in sorted(SAMPLES.iterdir()) if path.suffix == ".xml" and recognised(path)] == [
        "arxiv.atom.xml",
        "arxiv_error.atom.xml",
    ]
    assert not arxiv_atom.recognises(FEED.replace("http://arxiv.org/api/", "http://example.org/blog/"))
    assert not arxiv_atom.recognises("title,abstract\nOn feeds,<feed> of http://arxiv.org/api/query\n")
    assert not arxiv_atom.recognises("<feed")


def recognised(path) -> bool:
    return arxiv_atom.recognises(path.read_text(encoding="utf-8"))


def test_a_long_feed_is_read_in_pieces():
    text = io.StringIO(feed_of(*[ENTRY] * 1_000))
    next(arxiv_atom.read(text))
    assert text.tell() < 40_000


def test_markup_of_any_depth_is_read():
    depth = 20_000
    text = feed_of(ENTRY.replace("We describe", "<b>" * depth + "We describe" + "</b>" * depth))
    assert items(arxiv_atom, text) == papers(arxiv_atom, FEED)[:1]


@LITTLE_TIME
@given(mutated(FEED))
def test_a_damaged_feed_is_read_or_refused(text):
    assert reads_or_refuses(arxiv_atom, text)
