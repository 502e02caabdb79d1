from __future__ import annotations

from collections import Counter

import pytest

from assistant.errors import InputError
from assistant.text.stemming import stems
from evals.benchmarks.known_items import MOST_OF_A_KIND, bundled_benchmark, hidden, known_items
from tests.support.papers import ABSTRACTS, make_paper

LONG = "Sparse training reduces the cost of language models by half on every one of many tasks."


@pytest.mark.parametrize(
    ("sentence", "frequency", "left"),
    [
        # Five stems, of which round(5 * 0.4) = 2 are hidden: brown and daily are in one paper each.
        ("Hens lay brown eggs daily.", {"hen": 3, "lay": 3, "brown": 1, "egg": 2, "daili": 1}, "Hens lay eggs"),
        # Three stems, one hidden: all are as rare, the alphabet decides.
        ("Cows give milk", {"cow": 1, "give": 1, "milk": 1}, "give milk"),
        # A repeated word is hidden throughout, in any form; words without meaning stay.
        ("The eggs of the hens and an egg", {"hen": 2, "egg": 1}, "The of the hens and an"),
        # A hyphened word goes with either of its parts.
        ("pre-trained hens", {"pre": 1, "train": 9, "hen": 9}, "hens"),
        ("Alone", {"alon": 1}, "Alone"),
        ("of the and", {}, "of the and"),
    ],
)
def test_the_rarest_two_fifths_of_the_stems_are_hidden(sentence, frequency, left):
    if sentence.endswith("daily."):
        assert stems(sentence) == ["hen", "lay", "brown", "egg", "daili"]
    assert hidden(sentence, Counter(frequency)) == left


def test_each_paper_is_asked_for_by_its_title_and_by_a_sentence():
    papers = [make_paper("Hens", f"Short one. {LONG}"), make_paper("Cows", "Too short to ask about.")]
    found = known_items(papers)
    hens, cows = (paper.paper_id for paper in papers)
    assert found.queries.keys() == {f"title:{hens}", f"sentence:{hens}", f"title:{cows}"}
    assert found.queries[f"title:{hens}"] == "Hens"
    assert found.judgements == {name: {name.split(":")[1]: 1} for name in found.queries}


def test_a_question_of_a_sentence_holds_only_words_of_it_and_fewer():
    found = known_items([make_paper("Hens", LONG), make_paper("Cows", "Milk.")])
    asked = next(text for name, text in found.queries.items() if name.startswith("sentence:")).split()
    assert set(asked) < set(LONG.split())
    whole = set(stems(LONG))
    assert len(set(stems(" ".join(asked)))) == len(whole) - round(len(whole) * 0.4)


def test_papers_are_searched_without_their_titles():
    found = known_items([make_paper(title, abstract) for title, abstract in ABSTRACTS.items()])
    assert [paper.title for paper in found.papers] == ["", "", ""]
    assert sorted(paper.abstract for paper in found.papers) == sorted(ABSTRACTS.values())


def test_the_same_papers_in_any_order_are_asked_the_same():
    papers = [make_paper(f"Hens {number}", f"{LONG} And {number} more. {LONG}") for number in range(30)]
    assert known_items(papers) == known_items(papers[::-1])


def test_at_most_three_hundred_papers_are_asked_for_but_all_are_searched():
    papers = [make_paper(f"Hens {number}", LONG) for number in range(MOST_OF_A_KIND + 20)]
    found = known_items(papers)
    kinds = Counter(name.split(":")[0] for name in found.queries)
    assert kinds == {"title": 300, "sentence": 300}
    assert len(found.papers) == 320


def test_a_title_without_words_is_not_asked():
    assert known_items([make_paper("???", "Milk."), make_paper("Of the", "Milk.")]).queries == {}


@pytest.mark.parametrize("titles", [[], ["Hens"]])
def test_fewer_than_two_papers_are_refused(titles):
    with pytest.raises(InputError, match="ingest at least two"):
        known_items([make_paper(title, LONG) for title in titles])


def test_the_bundled_questions_are_about_bundled_papers_and_stand_alone():
    found = bundled_benchmark()
    ids = {paper.paper_id for paper in found.papers}
    assert len(found.queries) > 100
    assert found.queries.keys() == found.judgements.keys()
    assert [name for name, judged in found.judgements.items() if not judged or not judged.keys() <= ids] == []
