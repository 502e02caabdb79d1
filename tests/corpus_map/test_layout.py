from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest

from assistant.corpus_map import layout
from assistant.corpus_map.labels import region_labels
from assistant.corpus_map.layout import Cluster, CorpusMap, draw, load_or_none, map_of, paper_vectors, project, save
from assistant.errors import Stopped
from assistant.index.exact import Rows
from assistant.records import Paper, paper_id_of
from tests.support.fakes import WordCountEmbedding

TOPICS = {
    "Machine Translation": "Neural Machine Translation of {} with NMT",
    "Question Answering": "Question Answering about {} by the BERT Model",
    "Speech Recognition": "Automatic Speech Recognition for {} in Arabic",
}
THINGS = """Rivers Harbours Lanterns Violins Glaciers Orchards Bridges Comets Saddles Walnuts Anchors Beetles Candles
    Dolphins Engines Falcons Gardens Hammers Islands Jackets""".split()


def papers_of(topics: dict[str, str] = TOPICS, things: list[str] = THINGS) -> list[Paper]:
    """A paper a topic and thing, in that order; the abstract repeats the title as running text would write it."""
    titles = [form.format(thing) for form in topics.values() for thing in things]
    return [Paper(paper_id_of(title), title, f"We study {running(title)}.") for title in titles]


def running(title: str) -> str:
    return " ".join(word if word in ("BERT", "NMT", "Arabic") else word.lower() for word in title.split())


def vectors_of(papers: list[Paper]) -> np.ndarray:
    return np.array(WordCountEmbedding().get_text_embedding_batch([paper.title for paper in papers]), dtype=np.float32)


def unit_vectors(count: int) -> np.ndarray:
    vectors = np.random.default_rng(0).normal(size=(count, 16)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def drawn() -> CorpusMap:
    papers = papers_of()
    return draw(papers, vectors_of(papers))


def terms_of(drawn: CorpusMap) -> list[str]:
    return [term for cluster in drawn.clusters for term in cluster.label.split(", ")]


# Positions


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 7, 8, 9, 75])
def test_any_number_of_papers_stands_apart_in_the_unit_square(count):
    positions = project(unit_vectors(count))
    assert (positions.shape, positions.dtype) == ((count, 2), np.float32)
    assert ((positions >= 0) & (positions <= 1)).all()
    assert len(np.unique(positions, axis=0)) == count


def test_paper_alone_stands_in_the_middle():
    assert project(unit_vectors(1)).tolist() == [[0.5, 0.5]]


def test_papers_that_are_all_alike_stand_apart():
    positions = project(np.repeat(unit_vectors(1), 20, axis=0))
    assert len(np.unique(positions, axis=0)) == 20


def test_papers_that_are_all_alike_but_one_are_placed():
    like, unlike = unit_vectors(2)
    assert np.isfinite(project(np.array([*[like] * 19, unlike]))).all()


def test_papers_of_one_topic_stand_together(drawn):
    middles = drawn.positions.reshape(len(TOPICS), len(THINGS), 2).mean(axis=1)
    distances = np.linalg.norm(drawn.positions[:, np.newaxis] - middles, axis=2)
    nearest = distances.argmin(axis=1)
    own = np.repeat(np.arange(len(TOPICS)), len(THINGS))
    assert (nearest == own).mean() > 0.95


def test_same_papers_give_the_same_map(drawn):
    papers = papers_of()
    again = draw(papers, vectors_of(papers))
    assert (again.positions == drawn.positions).all()
    assert (again.cluster_of == drawn.cluster_of).all()
    assert again.clusters == drawn.clusters


# Clusters


def test_every_paper_is_in_a_cluster_and_the_largest_come_first(drawn):
    sizes = [cluster.size for cluster in drawn.clusters]
    assert np.bincount(drawn.cluster_of).tolist() == sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == len(drawn.paper_ids) == 60


def test_clusters_are_of_one_topic(drawn):
    topics = np.repeat(np.arange(len(TOPICS)), len(THINGS))
    majorities = [np.bincount(topics[drawn.cluster_of == cluster]).max() for cluster in range(len(drawn.clusters))]
    assert sum(majorities) > 0.95 * 60


def test_label_stands_amid_its_papers(drawn):
    for number, cluster in enumerate(drawn.clusters):
        members = drawn.positions[drawn.cluster_of == number]
        assert (members.min(axis=0) <= [cluster.x, cluster.y]).all()
        assert (members.max(axis=0) >= [cluster.x, cluster.y]).all()


def test_few_papers_have_no_clusters():
    papers = papers_of()[:7]
    drawn = draw(papers, vectors_of(papers))
    assert drawn.clusters == ()
    assert drawn.cluster_of.tolist() == [-1] * 7


def test_no_papers_make_an_empty_map():
    drawn = draw([], unit_vectors(0))
    assert (drawn.paper_ids, drawn.positions.shape, drawn.cluster_of.shape, drawn.clusters) == ((), (0, 2), (0,), ())


# Labels


def test_labels_are_made_of_the_words_of_their_own_titles(drawn):
    for number, cluster in enumerate(drawn.clusters):
        own = [paper.title for paper, one in zip(papers_of(), drawn.cluster_of, strict=True) if one == number]
        assert set(re.findall(r"\w+", cluster.label.lower())) <= set(re.findall(r"\w+", " ".join(own).lower()))


def test_labels_have_up_to_three_terms_and_none_in_common(drawn):
    terms = terms_of(drawn)
    assert len(terms) == len(set(terms))
    assert all(1 <= len(cluster.label.split(", ")) <= 3 for cluster in drawn.clusters)


def marking(titles: list[str], abstracts: str = "") -> list[str]:
    """The label of papers with these titles beside a cluster of papers about other things."""
    others = [f"Weather {thing}" for thing in THINGS]
    papers = [Paper(paper_id_of(title), title, abstracts) for title in [*titles, *others]]
    cluster_of = np.array([0] * len(titles) + [1] * len(others), dtype=np.int16)
    return region_labels(papers, cluster_of)[0].split(", ")


def test_phrase_is_named_rather_than_a_part_of_it():
    assert marking([f"Named Entity Recognition: {thing}" for thing in THINGS])[0] == "named entity recognition"


def test_words_of_one_family_are_not_named_twice():
    titles = [f"{thing}: Summarization; Summaries; Summary" for thing in THINGS]
    assert sum("summar" in term for term in marking(titles)) == 1


def test_acronym_is_not_named_beside_what_it_stands_for():
    titles = [f"Named Entity Recognition ({form})" for form in ("NER", "NER again", "NER once more")]
    assert "NER" not in marking(titles)


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
def test_terms_are_written_as_running_text_writes_them(title, abstract, term):
    titles = [f"{title}: {thing}" for thing in THINGS]
    assert term in " ".join(marking(titles, abstract)).split()


def test_most_common_spelling_is_shown():
    titles = ["Fine Grammar", "Grammars One", "Grammars Two", "Grammars Three"]
    assert marking(titles)[0] == "grammars"


def test_numbers_and_words_of_any_title_are_not_named():
    titles = [f"A New Approach towards Bees in 2019: {thing}" for thing in THINGS]
    assert marking(titles)[0] == "bees"
    assert not {"a", "in", "new", "approach", "towards", "2019"} & set(" ".join(marking(titles)).split())


def test_term_of_one_paper_serves_only_where_no_other_does():
    assert "zebras" not in marking(["Bees and Zebras", "Bees and Wasps", "Bees"])
    assert marking(["Zebras"]) == ["zebras"]


def test_cluster_of_titles_without_words_is_named_by_the_first():
    assert marking(["1984", "2001"]) == ["1984"]


def test_terms_come_from_titles_only():
    assert "honey" not in marking([f"Bees: {thing}" for thing in THINGS], "Honey, honey, honey.")


# Progress


def test_progress_rises_from_nothing_to_nearly_all():
    told: list[tuple[str, float]] = []
    papers = papers_of()
    draw(papers, vectors_of(papers), lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 0.1
    assert 0.9 < shares[-1] <= 1
    assert list(dict.fromkeys(stage for stage, _ in told)) == [
        "finding neighbours",
        "placing the papers",
        "naming the regions",
    ]


def test_what_progress_raises_ends_the_work():
    def stop(_: str, share: float) -> None:
        if share > 0.5:
            raise Stopped("Stopped.")

    with pytest.raises(Stopped):
        project(unit_vectors(20), stop)


# Vectors


def test_vector_of_a_paper_is_the_direction_of_the_mean_of_its_passages(make_assistant, monkeypatch):
    index = make_assistant().retriever.index
    paper_id = min(index.library.content_hashes())
    pages = [([paper_id, "nobody"], [[3.0, 0.0], [9.0, 9.0]]), ([paper_id], [[0.0, 4.0]]), (["nobody"], [[1.0, 1.0]])]
    monkeypatch.setitem(index.exact, "passage", Pages(pages))
    index.library.fact = {"dimension": "2"}.get
    paper_ids, vectors = paper_vectors(index)
    assert paper_ids == [paper_id]
    assert vectors == pytest.approx(np.array([[0.6, 0.8]]))


class Pages:
    """An exact store with these papers and vectors."""

    def __init__(self, pages: list[tuple[list[str], list[list[float]]]]) -> None:
        self.pages = pages

    def all_rows(self):
        return (Rows(paper_ids, np.array(vectors, dtype=np.float32), paper_ids) for paper_ids, vectors in self.pages)


def test_vectors_are_of_length_one_and_in_the_order_of_ids(make_assistant):
    index = make_assistant().retriever.index
    paper_ids, vectors = paper_vectors(index)
    assert paper_ids == sorted(index.library.content_hashes())
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3))


# The map of an index, and on disk


def test_map_of_an_index_holds_its_papers(make_assistant):
    index = make_assistant().retriever.index
    assert list(map_of(index).paper_ids) == sorted(index.library.content_hashes())


def test_map_of_an_index_is_computed_once(make_assistant, monkeypatch):
    index = make_assistant().retriever.index
    first = map_of(index)
    monkeypatch.delattr(layout, "project")
    again = map_of(index)
    assert again.paper_ids == first.paper_ids
    assert (again.positions == first.positions).all()


def test_map_is_given_though_its_folder_cannot_be_written(make_assistant, monkeypatch):
    def refuse(*_):
        raise PermissionError("read-only")

    monkeypatch.setattr(layout, "save", refuse)
    assert len(map_of(make_assistant().retriever.index).paper_ids) == 3


def test_map_is_not_kept_when_papers_came_meanwhile(make_assistant, monkeypatch):
    index = make_assistant().retriever.index
    whole = layout.draw

    def draw_slowly(*arguments):
        index.library.fact = {"fingerprint": "another", "state": "complete"}.get
        return whole(*arguments)

    monkeypatch.setattr(layout, "draw", draw_slowly)
    assert len(map_of(index).paper_ids) == 3
    assert not list(index.settings.index_folder.glob("map*"))


def test_paper_removed_meanwhile_is_left_out(make_assistant, monkeypatch):
    index = make_assistant().retriever.index
    all_ids = sorted(index.library.content_hashes())
    monkeypatch.setattr(layout, "paper_vectors", lambda _: (["gone", *all_ids], unit_vectors(4)))
    assert list(map_of(index).paper_ids) == all_ids


def test_kept_map_comes_back_whole(drawn, tmp_path):
    save(drawn, tmp_path, "f1")
    found = load_or_none(tmp_path, "f1")
    assert found.paper_ids == drawn.paper_ids
    assert found.clusters == drawn.clusters
    for name in ("positions", "cluster_of"):
        one, other = getattr(found, name), getattr(drawn, name)
        assert one.dtype == other.dtype
        assert (one == other).all()


def test_empty_map_and_any_text_come_back(tmp_path):
    save(draw([], unit_vectors(0)), tmp_path, "f")
    assert load_or_none(tmp_path, "f").paper_ids == ()
    odd = Cluster("<b>\0é\udc80", 0.5, 0.5, 1)
    save(CorpusMap(("a",), np.zeros((1, 2), np.float32), np.zeros(1, np.int16), (odd,)), tmp_path, "f")
    assert load_or_none(tmp_path, "f").clusters == (odd,)


def test_map_of_another_index_or_none_counts_as_none(drawn, tmp_path):
    assert load_or_none(tmp_path, "f1") is None
    assert load_or_none(tmp_path / "nowhere", "f1") is None
    save(drawn, tmp_path, "f1")
    assert load_or_none(tmp_path, "f2") is None


def test_new_map_takes_the_old_ones_place_and_leaves_nothing_else(drawn, tmp_path):
    save(drawn, tmp_path, "f1")
    save(drawn, tmp_path, "f2")
    assert load_or_none(tmp_path, "f2") is not None
    assert len(list(tmp_path.iterdir())) == 1


def test_map_that_cannot_be_written_leaves_the_old_one(drawn, tmp_path, monkeypatch):
    save(drawn, tmp_path, "f1")

    def fill_the_disk(file: io.BufferedWriter, **_) -> None:
        file.write(b"PK")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez_compressed", fill_the_disk)
    with pytest.raises(OSError, match="disk full"):
        save(drawn, tmp_path, "f1")
    assert load_or_none(tmp_path, "f1") is not None
    assert len(list(tmp_path.iterdir())) == 1


def kept_file(drawn: CorpusMap, folder: Path) -> Path:
    save(drawn, folder, "f")
    (path,) = folder.iterdir()
    return path


def test_truncated_map_counts_as_none(drawn, tmp_path):
    path = kept_file(drawn, tmp_path)
    whole = path.read_bytes()
    for length in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:length])
        assert load_or_none(tmp_path, "f") is None


def test_map_with_a_wrong_byte_is_whole_or_counts_as_none(tmp_path):
    small = draw(papers_of()[:3], unit_vectors(3))
    path = kept_file(small, tmp_path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        found = load_or_none(tmp_path, "f")
        assert found is None or (found.paper_ids == small.paper_ids and (found.positions == small.positions).all())


def array_file(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def single_array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


TEXT = '{"made_for": "tsne-1 f", "paper_ids": ["a"], "clusters": [{"label": "x", "x": 0, "y": 0, "size": 1}]}'
GOOD = {"text": np.array(TEXT), "positions": np.zeros((1, 2), np.float32), "cluster_of": np.zeros(1, np.int16)}


@pytest.mark.parametrize(
    "content",
    [
        b"not a map",
        single_array(),
        array_file(other=np.zeros(3)),
        array_file(**{**GOOD, "positions": np.array([{}], dtype=object)}),
        array_file(**{**GOOD, "positions": np.zeros((2, 2), np.float32)}),
        array_file(**{**GOOD, "cluster_of": np.ones(1, np.int16)}),
        array_file(**{**GOOD, "text": np.array("no JSON")}),
        array_file(**{**GOOD, "text": np.array("[]")}),
        array_file(**{**GOOD, "text": np.array(TEXT.replace("size", "weight"))}),
    ],
)
def test_foreign_file_counts_as_none(content, tmp_path):
    path = tmp_path / layout._FILE
    path.write_bytes(array_file(**GOOD))
    assert load_or_none(tmp_path, "f") is not None
    path.write_bytes(content)
    assert load_or_none(tmp_path, "f") is None


@pytest.mark.models
def test_bundled_papers_make_a_map_whose_regions_have_topics():
    from assistant.models.embedding import SentenceTransformerEmbedding
    from ingest.bundled_corpus import CORPUS
    from ingest.readers import read_papers

    papers = list(read_papers(CORPUS.read_bytes(), CORPUS.name).papers)
    vectors = SentenceTransformerEmbedding("packaged").get_text_embedding_batch([paper.title for paper in papers])
    drawn = draw(papers, np.array(vectors, dtype=np.float32))
    assert 6 <= len(drawn.clusters) <= 8
    assert any("continual" in cluster.label for cluster in drawn.clusters)
