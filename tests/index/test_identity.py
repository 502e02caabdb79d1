from __future__ import annotations

import itertools
import random

import pytest

from assistant.index.identity import Record, groups, keys_of, reason
from assistant.records import Paper, paper_id_of
from ingest.merging import merged


def record(title="Hens", year=None, source="a.csv", abstract="They lay.", **fields) -> Record:
    return Record(Paper(paper_id_of(title), title, abstract, year=year, **fields), source)


def sizes(*records) -> list[int]:
    return sorted(len(group) for group in groups(records))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"doi": "10.1/X"}, {"doi": "https://doi.org/10.1/x"}),
        ({"arxiv_id": "2001.00001v1"}, {"arxiv_id": "arXiv:2001.00001v3"}),
        ({"arxiv_id": "hep-th/9901001"}, {"arxiv_id": "http://arxiv.org/abs/hep-th/9901001v2"}),
        ({"doi": "10.48550/arXiv.2001.00001"}, {"arxiv_id": "2001.00001v2"}),
        ({"pmid": "123"}, {"pmid": "123"}),
    ],
)
def test_papers_with_a_number_in_common_are_one_whatever_their_titles_and_years(first, second):
    assert sizes(record("Hens", 2019, **first), record("Cocks", 2020, **second)) == [2]


@pytest.mark.parametrize(
    ("first", "second"),
    [({"doi": "10.1/x"}, {"doi": "10.1/y"}), ({"pmid": "1"}, {"doi": "10.1/1"}), ({"arxiv_id": "2001.00001"}, {})],
)
def test_papers_without_a_number_or_a_title_in_common_are_two(first, second):
    assert sizes(record("Hens", 2019, **first), record("Cocks", 2019, **second)) == [1, 1]


@pytest.mark.parametrize(("years", "expected"), [((2019, 2019), [2]), ((2019, None), [2]), ((None, None), [2])])
def test_papers_with_the_same_title_are_one_when_their_years_may_be_the_same(years, expected):
    assert sizes(record("Hens lay.", years[0]), record("HENS: lay", years[1])) == expected


def test_papers_with_the_same_title_of_different_years_are_two():
    assert sizes(record(year=2019), record(year=2020)) == [1, 1]


def test_record_without_a_year_goes_with_the_earliest_of_its_title_and_joins_no_two():
    found = groups([record(year=2020), record(abstract="They sit."), record(year=2019)])
    assert sorted(sorted(str(one.paper.year) for one in group) for group in found) == [["2019", "None"], ["2020"]]


def test_chain_of_keys_makes_one_paper():
    assert sizes(record("A", doi="10.1/x"), record("B", pmid="1"), record("C", doi="10.1/x", pmid="1")) == [3]


def test_papers_with_ids_of_their_own_are_themselves_whatever_else_they_share():
    one, two = (Record(Paper(name, "Hens", "They lay.", doi="10.1/x"), "beir") for name in ("d1", "d2"))
    assert sizes(one, two, record(doi="10.1/x")) == [1, 1, 1]
    assert one.version != two.version
    assert keys_of(one.paper) == ["id:d1"]


def test_groups_and_what_is_made_of_them_do_not_depend_on_the_order_of_records():
    chance = random.Random(0)  # noqa: S311
    for _ in range(200):
        records = [
            record(
                chance.choice("AB"),
                chance.choice([None, 2019, 2020]),
                source=f"{number}.csv",
                abstract="They lay." * chance.randint(1, 2),
                doi=chance.choice(["", "10.1/x", "10.1/y"]),
                authors=chance.choice([(), ("A",), ("B", "C")]),
            )
            for number in range(4)
        ]
        made = {tuple(merged(group) for group in groups(order)) for order in itertools.permutations(records)}
        assert len(made) == 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"doi": "10.1/x", "pmid": "1"}, "same DOI 10.1/x"),
        ({"arxiv_id": "2001.00001v2"}, "same arXiv id 2001.00001"),
        ({"pmid": "1"}, "same PMID 1"),
        ({}, "same title"),
    ],
)
def test_reason_names_the_surest_key_in_common(fields, expected):
    assert reason(record(**fields), [record(), record(source="b.csv", **fields)]) == expected


def test_richest_of_each_field_is_shown():
    poor = record(abstract="Short.", authors=("A. Hen", "B. Cock"), doi="10.48550/arxiv.2001.00001", year=2019)
    rich = record(abstract="Longer words.", authors=("A",), doi="10.1/x", venue="Farm", year=2020, url="https://e.org")
    paper = merged([poor, rich])
    assert paper == merged([rich, poor])
    assert (paper.abstract, paper.authors, paper.year) == ("Longer words.", ("A. Hen", "B. Cock"), 2020)
    assert (paper.doi, paper.venue, paper.url) == ("10.1/x", "Farm", "https://e.org")


def test_paper_of_one_record_is_that_record():
    assert merged([record(year=2019)]) == record(year=2019).paper
    assert merged([record()], "other").paper_id == "other"
