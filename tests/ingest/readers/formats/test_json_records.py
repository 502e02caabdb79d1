from __future__ import annotations

import io
import json
from typing import Any

import pytest

from assistant.errors import InputError
from assistant.records import Paper
from ingest.readers import read_papers
from ingest.readers.formats import json_records
from tests.support.paths import SAMPLES


def papers_of(sample: str) -> tuple[Paper, ...]:
    return read_papers((SAMPLES / sample).read_bytes(), sample).papers


def titles(data: bytes, name: str = "a.json") -> list[str]:
    return [paper.title for paper in read_papers(data, name).papers]


def faults(data: bytes, name: str = "a.json") -> list[tuple[str, str]]:
    return [(skip.place, skip.reason) for skip in read_papers(data, name).skipped if skip.is_fault]


def record(title: str, **fields: Any) -> dict[str, Any]:
    return {"title": title, "abstract": f"About {title}.", **fields}


@pytest.mark.parametrize("sample", ["semantic_scholar.json", "semantic_scholar.jsonl"])
def test_semantic_scholar_gives_identifiers_and_authors(sample):
    eggs, rain = papers_of(sample)
    assert (eggs.doi, eggs.pmid, eggs.arxiv_id) == ("10.5555/poultry.2021.0042", "33990001", "")
    assert (rain.doi, rain.arxiv_id) == ("10.48550/arxiv.2104.01234", "2104.01234")
    assert (eggs.authors, eggs.year, eggs.venue) == (("Ada Hen", "Bo Müller"), 2021, "Poultry Numbers")
    assert eggs.url.startswith("https://www.semanticscholar.org/paper/0f3a")


def test_semantic_scholar_paper_without_abstract_is_not_a_fault():
    (skip,) = read_papers((SAMPLES / "semantic_scholar.jsonl").read_bytes(), "a").skipped
    assert (skip.place, skip.kind) == ("line 3", "no abstract")


def test_openalex_abstract_is_restored_from_its_inverted_index():
    eggs, rain = papers_of("openalex.json")
    assert eggs.abstract.startswith("We feed forty hens with four kinds of grain for ten weeks and weigh every egg")
    assert eggs.abstract.endswith("Barley changes nothing at all.")
    assert (eggs.doi, eggs.pmid, eggs.venue) == ("10.5555/poultry.2021.0042", "33990001", "Poultry Numbers")
    assert (eggs.authors, eggs.year, rain.arxiv_id) == (("Ada Hen", "Bo Müller"), 2021, "2104.01234")


def test_line_breaks_and_latex_of_arxiv_snapshot_are_converted():
    eggs, rain = papers_of("arxiv_snapshot.json")
    assert eggs.title == "Oats and the Weight of Eggs"
    assert eggs.abstract == (
        "We feed forty hens with four kinds of grain for ten weeks and weigh every egg they lay. The weight grows as "
        "αt^(1/2), up to 5% more than in Poincaré's model.\n\nBarley changes nothing at all."
    )
    assert (eggs.authors, eggs.year) == (("A. Hen", "B. Müller", "C. Reyes III"), 2021)
    assert (eggs.arxiv_id, eggs.doi, eggs.venue) == (
        "2103.04567",
        "10.5555/poultry.2021.0042",
        "Poultry Numb. 12:011-019,2021",
    )
    assert (rain.arxiv_id, rain.year, rain.authors) == ("cs/0104012", 2001, ("Cleo Reyes", "D. Frost"))


def test_crossref_abstract_keeps_paragraphs_and_loses_tags():
    eggs, rain = papers_of("crossref.json")
    assert eggs.title == "Oats and the Weight of Eggs"
    assert eggs.abstract.split("\n\n") == [
        "We feed forty hens with four kinds of grain for ten weeks and weigh every egg they lay.",
        "Hens that eat oats lay eggs that are heavier by three grams (p < 0.05).",
    ]
    assert (eggs.authors, eggs.year) == (("Ada Hen", "Bo Müller", "The Yard Consortium"), 2021)
    assert (rain.venue, rain.year, rain.doi) == ("Sleep & Weather", 2020, "10.5555/sleep.7")


def test_zotero_csl_json_gives_all_fields():
    eggs, rain = papers_of("zotero_csl.json")
    assert (eggs.authors, eggs.year, eggs.venue) == (("Ada Hen", "Jan van den Berg"), 2021, "Poultry Numbers")
    assert (eggs.doi, eggs.url) == ("10.5555/poultry.2021.0042", "https://press.example/a")
    assert (rain.authors, rain.year) == (("The Rain Group",), 2020)


def test_plain_records_have_all_fields():
    fields = {"Title": " Eggs ", "abstract": "Hens lay.", "authors": [{"name": "A. Hen"}, "B. Cock"]}
    more = {"published": "2021-03-04", "journal": "Yard", "url": "https://e.org", "doi": "10.1/1", "arxiv id": "2103.1"}
    (paper,) = read_papers(json.dumps({**fields, **more}).encode(), "a.jsonl").papers
    assert (paper.title, paper.abstract, paper.authors) == ("Eggs", "Hens lay.", ("A. Hen", "B. Cock"))
    assert (paper.year, paper.venue, paper.url) == (2021, "Yard", "https://e.org")
    assert (paper.doi, paper.arxiv_id) == ("10.1/1", "2103.1")


TWO = [record("Eggs"), record("Oats")]


@pytest.mark.parametrize("indent", [None, 0, 2, "\t"])
@pytest.mark.parametrize(
    "value",
    [
        TWO,
        {"data": TWO, "next": 2},
        {"meta": {"count": 2, "groups": []}, "results": TWO},
        {"items": TWO},
        {"works": TWO},
        {"total": 2, "papers": TWO},
        {"status": "ok", "message": {"facets": {}, "items": TWO}},
        {"recommendedPapers": TWO},
        {"a name that nobody knows": TWO},
        {"messages": [{"status": "ok"}], "collection": TWO},
        {"resultList": {"result": TWO}},
        {"hits": {"total": 2, "hits": [{"_source": one} for one in TWO]}},
        {"data": [{"contexts": ["as in [1]"], "citingPaper": one} for one in TWO]},
        [{"isInfluential": False, "citedPaper": one} for one in TWO],
        [{"key": "A", "meta": {}, "data": one} for one in TWO],
        {"title": "A library", "items": TWO},
        {"citations": TWO[:1], "references": TWO[1:]},
        {"10.1/a": TWO[0], "10.1/b": TWO[1]},
        {"message": TWO[0], "more": TWO[1]},
    ],
    ids=lambda value: ".".join(value)[:40] if isinstance(value, dict) else f"array of {', '.join(value[0])}"[:60],
)
def test_list_of_records_is_found_where_services_put_it(value, indent):
    assert titles(json.dumps(value, indent=indent).encode()) == ["Eggs", "Oats"]


def test_lists_inside_a_paper_are_not_papers():
    paper = record("Eggs", references=[record("Oats")], citations=[{"title": "Hens"}], authors=[{"name": "A. Hen"}])
    for indent in (None, 1):
        assert titles(json.dumps(paper, indent=indent).encode()) == ["Eggs"]
        assert titles(json.dumps([paper], indent=indent).encode()) == ["Eggs"]


def test_a_journal_with_a_title_is_not_a_paper():
    assert titles(json.dumps({"work": record("Eggs"), "journal": {"title": "Yard"}}).encode()) == ["Eggs"]


def test_a_list_after_much_other_content_is_found():
    value = {"collections": {f"C{number}": {"name": "x" * 50} for number in range(5_000)}, "items": TWO}
    for indent in (None, 1):
        assert titles(json.dumps(value, indent=indent).encode()) == ["Eggs", "Oats"]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("value", [{"total": 0, "data": []}, {"recommendedPapers": []}], ids=str)
def test_a_search_without_results_gives_no_papers_and_no_faults(value, indent):
    result = read_papers(json.dumps(value, indent=indent).encode(), "a.json")
    assert (result.papers, result.skipped) == ((), ())


def test_null_for_an_unknown_paper_is_not_a_fault():
    assert titles(json.dumps([None, TWO[0]]).encode()) == ["Eggs"]
    assert faults(json.dumps([None, TWO[0]]).encode()) == []


PROSE = "We feed forty hens with four kinds of grain for ten weeks and weigh every single egg that they lay. " * 3


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("noteOfAbstract", PROSE, "noteOfAbstract"),
        ("content", {"body": [{"p": PROSE}]}, "content.body.p"),
        ("tldr", {"model": "v2", "text": PROSE}, "tldr.text"),
        ("protocol", PROSE, "protocol"),
        ("abs_en", "Hens lay eggs when it rains, as we found.", "abs_en"),
    ],
)
def test_long_text_in_an_ignored_field_is_reported(field, value, name):
    (skip,) = read_papers(json.dumps([{"title": "Eggs", field: value}]).encode(), "a.json").skipped
    assert (skip.kind, skip.unread_field) == ("unread", name)
    assert skip.reason == f"no abstract for 'Eggs', and its field '{name}' was not read"


@pytest.mark.parametrize(
    "field",
    [
        {"keywords": "eggs; hens; " * 30},
        {"references": [PROSE]},
        {"note": "Read this."},
        {"affiliations": "Institute of Hens, Faculty of Grain, University of Nowhere, Nowhere, Norway. " * 4},
    ],
    ids=str,
)
def test_long_fields_that_are_never_abstracts_are_not_reported(field):
    (skip,) = read_papers(json.dumps([{"title": "Eggs", **field}]).encode(), "a.json").skipped
    assert skip.kind == "no abstract"


@pytest.mark.parametrize(
    "abstract", [{"abstract": "Hens lay."}, {"abstract": "Hens lay.", "abstract_inverted_index": {}}]
)
def test_a_plain_abstract_takes_precedence_over_the_inverted_index(abstract):
    work = {"title": "Eggs", "authorships": [], "abstract_inverted_index": None, **abstract}
    assert read_papers(json.dumps([work]).encode(), "a.json").papers[0].abstract == "Hens lay."


def test_an_inverted_index_may_be_a_json_string():
    work = {"title": "Eggs", "abstract_inverted_index": json.dumps({"lay.": [1], "Hens": [0]})}
    assert read_papers(json.dumps([work]).encode(), "a.json").papers[0].abstract == "Hens lay."


def test_the_source_of_a_record_is_not_its_venue():
    (paper,) = read_papers(json.dumps([record("Eggs", source="Zotero")]).encode(), "a.json").papers
    assert paper.venue == ""
    (paper,) = read_papers(json.dumps([record("Eggs", source={"title": "Yard"})]).encode(), "a.json").papers
    assert paper.venue == "Yard"


def test_labelled_sections_are_joined_to_one_abstract():
    sections = [{"label": "AIM", "text": "We ask."}, {"label": "RESULT", "text": "Hens lay."}]
    (paper,) = read_papers(json.dumps([{"title": "Eggs", "abstract": sections}]).encode(), "a.json").papers
    assert paper.abstract == "AIM: We ask.\n\nRESULT: Hens lay."


def test_array_with_one_record_per_line_is_read():
    data = b'{"total": 2, "data": [\n' + b",\n".join(json.dumps(value).encode() for value in TWO) + b"\n]}\n"
    assert titles(data) == ["Eggs", "Oats"]


def test_indented_objects_are_read():
    assert titles(json.dumps(TWO[0], indent=2).encode()) == ["Eggs"]
    assert titles("\n".join(json.dumps(value, indent=2) for value in TWO).encode()) == ["Eggs", "Oats"]


def test_json_lines_with_a_page_of_results_each_are_read():
    data = "\n".join(json.dumps({"data": [value]}) for value in TWO).encode()
    assert titles(data, "a.jsonl") == ["Eggs", "Oats"]


def test_first_line_longer_than_the_examined_start_is_read():
    long = json.dumps(record("Eggs", references=["10.1/1"] * 20_000))
    assert titles(f"{long}\n{json.dumps(TWO[1])}\n".encode()) == ["Eggs", "Oats"]
    assert titles(f'{{"data": [{long}, {json.dumps(TWO[1])}]}}'.encode()) == ["Eggs", "Oats"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"title": "A", "abstr', "not valid JSON"),
        ("[1]", "not a JSON object"),
        ('{"abstract": "b"}', "no title"),
        ('{"title": 5, "abstract": "b"}', "title is int, not text"),
        ('{"title": "A", "year": ' + "9" * 5_000 + "}", "not valid JSON"),
        ("[" * 100_000, "not valid JSON (too many nested brackets)"),
    ],
    ids=["cut", "list", "no title", "number", "digits", "brackets"],
)
@pytest.mark.parametrize("place", [2, 3])
def test_bad_line_is_reported_and_the_others_are_read(line, reason, place):
    lines = [json.dumps(value) for value in TWO]
    data = "\n".join([*lines[: place - 1], line, *lines[place - 1 :]]).encode()
    assert titles(data, "a.jsonl") == ["Eggs", "Oats"]
    ((said_place, said),) = faults(data, "a.jsonl")
    assert said_place == f"line {place}"
    assert said.startswith(reason)


def test_bad_first_line_is_reported_and_the_others_are_read():
    data = b'{"title": "A", "abstr\n' + "\n".join(json.dumps(value) for value in TWO).encode()
    assert titles(data, "a.jsonl") == ["Eggs", "Oats"]
    assert [place for place, _ in faults(data, "a.jsonl")] == ["line 1"]


def test_file_with_one_bad_line_is_a_fault():
    assert [place for place, _ in faults(b'{"title": "A", "abstr', "a.jsonl")] == ["line 1"]


def test_bad_record_of_an_array_is_reported_and_the_others_are_read():
    data = json.dumps([TWO[0], 5, {"abstract": "b"}, TWO[1]]).encode()
    assert titles(data) == ["Eggs", "Oats"]
    assert faults(data) == [("record 2", "not a JSON object"), ("record 3", "no title")]


def test_records_before_the_end_of_a_truncated_array_are_read():
    data = json.dumps(TWO).encode()[:-10]
    assert titles(data) == ["Eggs"]
    ((place, reason),) = faults(data)
    assert place == "record 2"
    assert reason.startswith("not valid JSON (")
    assert reason.endswith("); nothing after it was read")


def test_endless_record_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(json_records, "MAXIMUM_LINE", 200_000)
    text = io.StringIO(json.dumps(TWO)[:-1] + ', {"title": "' + "A" * 1_000_000)
    with pytest.raises(InputError, match=r"^a record of over 200,000 characters$"):
        list(json_records.read(text))


@pytest.mark.parametrize("brackets", ["[" * 300_000, "[" * 5_000 + "]" * 5_000 + "}]"])
def test_deep_nesting_is_refused_before_it_fills_the_memory(brackets):
    with pytest.raises(InputError, match="more than 2,000 nested brackets"):
        read_papers(f'[{{"a": {brackets}'.encode(), "a.json")


def test_unbalanced_brackets_in_texts_are_ignored():
    records = [record("Eggs", note="[0, 1) [0, 1)")] * 5_000
    assert len(titles(json.dumps(records).encode())) == 5_000


@pytest.mark.parametrize(
    "odd",
    [
        {"title": []},
        {"title": [5]},
        {"externalIds": {"DOI": 5}},
        {"authorships": [5, {"author": 5}], "ids": 5, "primary_location": []},
        {"abstract_inverted_index": {"a": [10**12, "b", None], "c": 5}},
        {"authors_parsed": [5, [], [None, 5]], "versions": [5], "id": 5},
        {"author": [5, {"given": [], "family": {}}], "issued": {"date-parts": []}},
        {"message": {"items": 5}},
    ],
    ids=str,
)
def test_values_of_unexpected_types_are_skipped_or_left_out(odd):
    data = json.dumps([{"title": "A", "abstract": "b", **odd}, TWO[0]]).encode()
    assert titles(data)[-1] == "Eggs"
