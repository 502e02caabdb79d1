"""The labelled sentence boundaries, and how splitters are scored on them."""

from __future__ import annotations

import re

import pytest

from evals.runs.sentence_boundaries import (
    SPLITS,
    SPLITTERS,
    Labelled,
    bundled_texts,
    errors,
    load,
    main,
    score,
    starts_of,
)

LABELLED = load(bundled_texts())
LEAST_F1 = {
    ("tune", "bundled"): 0.998,
    ("tune", "written"): 0.99,
    ("test", "bundled"): 0.998,
    ("test", "written"): 0.98,
}


def at_every_stop(text: str) -> list[int]:
    return [match.end() for match in re.finditer(r"\.", text)]


@pytest.mark.parametrize(("split", "source"), LEAST_F1)
def test_text_is_split_as_well_as_was_measured(split, source):
    chosen = [one for one in LABELLED if (one.split, one.source) == (split, source)]
    splitter = SPLITTERS["footnote"]()
    assert score(chosen, splitter).f1 >= LEAST_F1[split, source], [*errors(chosen, splitter)]


def test_labels_are_first_letters_or_digits_of_sentences():
    for one in LABELLED:
        for start in one.starts:
            assert one.text[start].isalnum()
            assert not one.text[start - 1].isalnum()


def test_the_sample_has_enough_abstracts_and_boundaries_in_each_half():
    for split in SPLITS:
        of_split = [one for one in LABELLED if one.split == split]
        assert len(of_split) >= 55
        assert sum(len(one.starts) for one in of_split) >= 400


def test_an_abstract_whose_text_is_not_given_is_left_out():
    assert len(load({})) < len(LABELLED)
    assert {one.source for one in LABELLED} == {"bundled", "written"}


def test_a_boundary_is_right_on_either_side_of_a_quotation_mark():
    text = 'It is "here." Now go.'
    assert starts_of(text, lambda _: [12]) == starts_of(text, lambda _: [13]) == {14}


def test_missed_and_invented_boundaries_are_counted_and_shown():
    one = Labelled("hens", "written", "tune", "Hens lay ca. 9 eggs. Then they sit? Yes.", frozenset({21, 36}))
    found = score([one], at_every_stop)
    assert (found.boundaries, found.missed, found.invented, found.whole) == (2, 1, 1, 0)
    assert found.f1 == pytest.approx(0.5)
    assert [line.split("|")[1] for line in errors([one], at_every_stop)] == ["9 eggs. Then they sit? Ye", "Yes."]


def test_the_command_prints_one_line_for_each_half_and_source(capsys):
    assert main(["--errors", "tune"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[1:5]] == [
        ["footnote", "tune", "bundled"],
        ["footnote", "tune", "written"],
        ["footnote", "test", "bundled"],
        ["footnote", "test", "written"],
    ]
