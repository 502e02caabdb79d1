from __future__ import annotations

import re

import numpy as np
import pytest

from assistant.corpus_map.labels import cluster_labels
from assistant.corpus_map.layout import CorpusMap
from assistant.records import Paper, paper_id_of
from tests.support.topics import THINGS, papers_of


def terms_of(corpus_map: CorpusMap) -> list[str]:
    return [term for cluster in corpus_map.clusters for term in cluster.label.split(", ")]


def test_labels_contain_only_words_of_their_own_titles(corpus_map):
    for number, cluster in enumerate(corpus_map.clusters):
        own = [paper.title for paper, one in zip(papers_of(), corpus_map.cluster_of, strict=True) if one == number]
        assert set(re.findall(r"\w+", cluster.label.lower())) <= set(re.findall(r"\w+", " ".join(own).lower()))


def test_labels_have_at_most_three_terms_and_share_none(corpus_map):
    terms = terms_of(corpus_map)
    assert len(terms) == len(set(terms))
    assert all(1 <= len(cluster.label.split(", ")) <= 3 for cluster in corpus_map.clusters)


def label_terms(titles: list[str], abstracts: str = "") -> list[str]:
    """The label of papers with these titles next to a cluster of papers about other things."""
    others = [f"Weather {thing}" for thing in THINGS]
    papers = [Paper(paper_id_of(title), title, abstracts) for title in [*titles, *others]]
    cluster_of = np.array([0] * len(titles) + [1] * len(others), dtype=np.int16)
    return cluster_labels(papers, cluster_of)[0].split(", ")


def test_label_uses_a_phrase_instead_of_its_parts():
    assert label_terms([f"Named Entity Recognition: {thing}" for thing in THINGS])[0] == "named entity recognition"


def test_label_uses_only_one_word_of_a_word_family():
    titles = [f"{thing}: Summarization; Summaries; Summary" for thing in THINGS]
    assert sum("summar" in term for term in label_terms(titles)) == 1


def test_label_does_not_repeat_a_phrase_as_its_acronym():
    titles = [f"Named Entity Recognition ({form})" for form in ("NER", "NER again", "NER once more")]
    assert "NER" not in label_terms(titles)


@pytest.mark.parametrize(
    ("title", "abstract", "term"),
    [
        ("Distilling BERT", "We shrink BERT.", "BERT"),
        ("Parsing Arabic", "Texts are in Arabic.", "Arabic"),
        ("Parsing Trees", "Trees. We parse trees.", "trees"),
        ("Multi-Hop Walks", "Nothing of the kind.", "multi-hop"),
        ("Asking LLMs", "Nothing of the kind.", "LLMs"),
    ],
)
def test_terms_are_spelled_as_in_running_text(title, abstract, term):
    titles = [f"{title}: {thing}" for thing in THINGS]
    assert term in " ".join(label_terms(titles, abstract)).split()


def test_label_uses_the_most_common_spelling():
    titles = ["Fine Grammar", "Grammars One", "Grammars Two", "Grammars Three"]
    assert label_terms(titles)[0] == "grammars"


def test_numbers_and_words_common_in_titles_are_not_terms():
    titles = [f"A New Approach towards Bees in 2019: {thing}" for thing in THINGS]
    assert label_terms(titles)[0] == "bees"
    assert not {"a", "in", "new", "approach", "towards", "2019"} & set(" ".join(label_terms(titles)).split())


def test_term_of_a_single_paper_is_used_only_without_better_terms():
    assert "zebras" not in label_terms(["Bees and Zebras", "Bees and Wasps", "Bees"])
    assert label_terms(["Zebras"]) == ["zebras"]


def test_cluster_of_titles_without_words_is_labelled_with_the_first_title():
    assert label_terms(["1984", "2001"]) == ["1984"]


def test_terms_come_from_titles_only():
    assert "honey" not in label_terms([f"Bees: {thing}" for thing in THINGS], "Honey, honey, honey.")
