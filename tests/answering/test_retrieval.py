"""The search ranks papers and sentences by similar words, similar vectors and names."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from assistant.answering.retrieval import FUSED, Retriever
from assistant.errors import IndexMismatch
from assistant.index.library import Library
from assistant.index.opening import open_for_reading
from assistant.records import paper_id_of
from assistant.settings import Settings
from ingest.bundled_corpus import CORPUS
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import ABSTRACTS, ingest

SPARSE, TABLES, CONTINUAL = ABSTRACTS


@pytest.fixture
def retriever(indexed):
    embedding = WordCountEmbedding()
    index = open_for_reading(indexed, embedding)
    yield Retriever(index, embedding)
    index.close()


@pytest.fixture(scope="module")
def bundled(tmp_path_factory):
    """A retriever over the bundled papers."""
    settings = Settings.load({}, home=tmp_path_factory.mktemp("home"))
    ingest([CORPUS], settings)
    embedding = WordCountEmbedding()
    index = open_for_reading(settings, embedding)
    yield Retriever(index, embedding)
    index.close()


def found_titles(retriever, question, history=()) -> list[str]:
    return [ranked.paper.title for ranked in retriever.retrieve(question, history).papers]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How much does sparse training reduce the cost?", SPARSE),
        ("Which model answers questions about tables?", TABLES),
        ("What is the central problem of continual learning?", CONTINUAL),
        ("T5", TABLES),
        ("continual", CONTINUAL),
        ("forgetting " + " ".join(["words"] * 1_000), CONTINUAL),
    ],
)
def test_the_paper_that_shares_the_words_of_the_question_is_first(retriever, question, title):
    assert found_titles(retriever, question)[0] == title


def test_a_paper_gains_by_a_name_that_only_it_contains(retriever):
    question = "How do tables help a unified model that answers questions, and GLUE?"
    unnamed = replace(retriever, weights=replace(FUSED, name=0.0)).rank(question, 3)
    named = retriever.rank(question, 3)
    gained = {paper_id: round(named[paper_id] - unnamed[paper_id], 6) for paper_id in named}
    assert [paper_id for paper_id, gain in gained.items() if gain] == [paper_id_of(SPARSE)]
    assert 0 < gained[paper_id_of(SPARSE)] < FUSED.name


def test_a_name_in_the_conversation_has_no_effect(retriever):
    history = [("What is GLUE?", "GLUE is a benchmark of BERT.")]
    unnamed = replace(retriever, weights=replace(FUSED, name=0.0))
    question = "And what does it cost?"
    assert retriever.retrieve(question, history).papers == unnamed.retrieve(question, history).papers


def test_each_side_of_a_comparison_has_the_best_paper_about_it(retriever):
    found = retriever.retrieve("How do sparse training on the Pile and T5 differ?")
    assert [(side.name, side.paper_id) for side in found.sides] == [
        ("Pile", paper_id_of(SPARSE)),
        ("T5", paper_id_of(TABLES)),
    ]


def test_a_side_whose_name_no_paper_mentions_has_no_paper(retriever):
    found = retriever.retrieve("How do T5 and QuickNet differ?")
    assert [(side.name, bool(side.paper_id)) for side in found.sides] == [("T5", True), ("QuickNet", False)]


def test_a_question_without_sides_may_be_split_but_not_a_follow_up(retriever):
    asked = "What did it cost to train, and how good was it?"
    assert retriever.retrieve(asked).splits == (("What did it cost to train", "how good was it?"),)
    assert retriever.retrieve(asked, [("Is SparseNet cheap and good?", "Yes.")]).splits == ()
    assert retriever.retrieve("How do sparse training on the Pile and T5 differ?").splits == ()


def test_the_best_paper_for_a_side_is_read_even_if_the_whole_question_ranks_it_low(bundled):
    words = "adapters for continual pre-training of language models on domain text"
    alone = bundled.retrieve(f"How does Skill-It work with {words}?")
    found = bundled.retrieve(f"Skill-It versus MiniPLM versus {words}: which forgets less?")
    read = {item.paper.paper_id for item in found.evidence}
    assert {side.paper_id for side in found.sides} <= read
    assert not alone.sides


def break_at_every_word(monkeypatch):
    monkeypatch.setattr(
        "assistant.text.headings.sentence_spans", lambda text: [match.span() for match in re.finditer(r"\S+", text)]
    )


def test_an_index_with_other_sentence_boundaries_is_refused_in_one_line(retriever, monkeypatch):
    break_at_every_word(monkeypatch)
    with pytest.raises(IndexMismatch, match=r"lacks sentences of 3 papers.*: run `footnote index rebuild`") as raised:
        retriever.retrieve("What reduces the cost of training language models?")
    assert "\n" not in str(raised.value)


def test_an_index_that_is_being_written_may_lack_sentences(retriever, monkeypatch):
    break_at_every_word(monkeypatch)
    with retriever.index.writing():
        assert retriever.retrieve("What reduces the cost of training language models?").evidence


def test_a_paper_that_was_changed_since_it_was_found_may_lack_sentences(retriever, monkeypatch):
    break_at_every_word(monkeypatch)
    known = retriever.index.library.papers

    def papers(ids):  # the second time, they are others
        monkeypatch.setattr(retriever.index.library, "papers", lambda _: {})
        return known(ids)

    monkeypatch.setattr(retriever.index.library, "papers", papers)
    assert retriever.retrieve("What reduces the cost of training language models?").evidence


def test_evidence_is_cut_from_the_stored_abstract(retriever):
    found = retriever.retrieve("What reduces the cost of training language models?")
    cut = [(item.text, ABSTRACTS[item.paper.title][item.start : item.end]) for item in found.evidence]
    assert len(cut) == 4 + 3 + 3
    assert [pair for pair in cut if pair[0] != pair[1]] == []
    assert {text for text, _ in cut} >= {"Accuracy on GLUE does not fall.", "This survey reviews 120 methods."}


def test_the_best_evidence_is_the_sentence_that_shares_the_words_of_the_question(retriever):
    found = retriever.retrieve("How much does sparse training reduce the cost on the Pile?")
    assert found.evidence[0].text == "Sparse training reduces the cost by 2.5x on the Pile."


def test_papers_and_evidence_are_sorted_best_first(bundled):
    found = bundled.retrieve("continual pre-training of language models")
    paper_scores = [ranked.score for ranked in found.papers]
    evidence_scores = [item.score for item in found.evidence]
    assert paper_scores == sorted(paper_scores, reverse=True)
    assert evidence_scores == sorted(evidence_scores, reverse=True)


def test_ten_papers_are_ranked_and_their_sentences_are_evidence(bundled):
    found = bundled.retrieve("pre-training data")
    assert len({ranked.paper.paper_id for ranked in found.papers}) == 10
    assert {item.paper.paper_id for item in found.evidence} == {ranked.paper.paper_id for ranked in found.papers}


def test_evidence_of_the_bundled_papers_is_verbatim(bundled):
    text = CORPUS.read_text(encoding="utf-8")
    found = bundled.retrieve("How large a share of web text is needed?")
    assert len(found.evidence) > 20
    assert [item.text for item in found.evidence if item.text not in text] == []


def test_the_same_question_finds_the_same_papers_again(bundled):
    asked = "detecting pre-training data"
    assert bundled.retrieve(asked) == bundled.retrieve(asked)


@pytest.mark.parametrize("question", ["¿?", "zebra", "the of and", "'; DROP TABLE papers; --"])
def test_a_question_without_known_words_still_ranks_papers(retriever, question):
    assert sorted(found_titles(retriever, question)) == sorted(ABSTRACTS)


@pytest.mark.parametrize(
    ("asked", "answered", "title"),
    [
        ("What is continual learning?", "Continual learning adapts a model to new data over time.", CONTINUAL),
        ("What reads tables?", "A unified model on tables and text.", TABLES),
        ("What do sparse models save?", "Sparse training reduces the cost.", SPARSE),
    ],
)
def test_a_pronoun_finds_the_paper_of_the_conversation(retriever, asked, answered, title):
    assert found_titles(retriever, "What are its results?", [(asked, answered)])[0] == title


def test_a_standalone_question_is_searched_without_the_conversation(retriever):
    asked = "Which unified model answers questions about tables better than T5?"
    history = [("What is continual learning?", "It adapts a model to new data.")]
    assert retriever.retrieve(asked, history) == retriever.retrieve(asked)


def test_vectors_of_a_paper_that_the_library_lacks_are_ignored(indexed, retriever):
    with_all = found_titles(retriever, "sparse training")
    library = Library(indexed.index_folder / "papers.sqlite", is_writable=True)
    with library.database.transaction() as connection:
        connection.execute("DELETE FROM papers WHERE fields LIKE '%Sparse Training%'")
    library.close()
    assert found_titles(retriever, "sparse training") == [title for title in with_all if title != SPARSE]
