from __future__ import annotations

import numpy as np
import pytest

from assistant.corpus_map.layout import compute_map, project
from assistant.errors import Stopped
from tests.support.topics import THINGS, TOPICS, papers_of, unit_vectors, vectors_of


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 7, 8, 9, 75])
def test_any_number_of_papers_gets_different_positions_in_the_unit_square(count):
    positions = project(unit_vectors(count))
    assert (positions.shape, positions.dtype) == ((count, 2), np.float32)
    assert ((positions >= 0) & (positions <= 1)).all()
    assert len(np.unique(positions, axis=0)) == count


def test_a_single_paper_is_in_the_middle():
    assert project(unit_vectors(1)).tolist() == [[0.5, 0.5]]


def test_identical_papers_get_different_positions():
    positions = project(np.repeat(unit_vectors(1), 20, axis=0))
    assert len(np.unique(positions, axis=0)) == 20


def test_identical_papers_and_a_different_one_get_finite_positions():
    like, unlike = unit_vectors(2)
    assert np.isfinite(project(np.array([*[like] * 19, unlike]))).all()


def test_papers_of_one_topic_are_close_together(corpus_map):
    middles = corpus_map.positions.reshape(len(TOPICS), len(THINGS), 2).mean(axis=1)
    distances = np.linalg.norm(corpus_map.positions[:, np.newaxis] - middles, axis=2)
    nearest = distances.argmin(axis=1)
    own = np.repeat(np.arange(len(TOPICS)), len(THINGS))
    assert (nearest == own).mean() > 0.95


def test_same_papers_give_the_same_map(corpus_map):
    papers = papers_of()
    again = compute_map(papers, vectors_of(papers))
    assert (again.positions == corpus_map.positions).all()
    assert (again.cluster_of == corpus_map.cluster_of).all()
    assert again.clusters == corpus_map.clusters


def test_every_paper_is_in_a_cluster_and_the_largest_come_first(corpus_map):
    sizes = [cluster.size for cluster in corpus_map.clusters]
    assert np.bincount(corpus_map.cluster_of).tolist() == sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == len(corpus_map.paper_ids) == 60


def test_clusters_are_of_one_topic(corpus_map):
    topics = np.repeat(np.arange(len(TOPICS)), len(THINGS))
    majorities = [
        np.bincount(topics[corpus_map.cluster_of == cluster]).max() for cluster in range(len(corpus_map.clusters))
    ]
    assert sum(majorities) > 0.95 * 60


def test_position_of_a_label_is_among_its_papers(corpus_map):
    for number, cluster in enumerate(corpus_map.clusters):
        members = corpus_map.positions[corpus_map.cluster_of == number]
        assert (members.min(axis=0) <= [cluster.x, cluster.y]).all()
        assert (members.max(axis=0) >= [cluster.x, cluster.y]).all()


def test_few_papers_have_no_clusters():
    papers = papers_of()[:7]
    corpus_map = compute_map(papers, vectors_of(papers))
    assert corpus_map.clusters == ()
    assert corpus_map.cluster_of.tolist() == [-1] * 7


def test_no_papers_make_an_empty_map():
    corpus_map = compute_map([], unit_vectors(0))
    assert (corpus_map.paper_ids, corpus_map.positions.shape, corpus_map.cluster_of.shape, corpus_map.clusters) == (
        (),
        (0, 2),
        (0,),
        (),
    )


def test_progress_rises_from_nearly_0_to_nearly_1():
    reported: list[tuple[str, float]] = []
    papers = papers_of()
    compute_map(papers, vectors_of(papers), lambda stage, share: reported.append((stage, share)))
    shares = [share for _, share in reported]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 0.1
    assert 0.9 < shares[-1] <= 1
    assert list(dict.fromkeys(stage for stage, _ in reported)) == [
        "finding neighbours",
        "placing the papers",
        "labelling the clusters",
    ]


def test_an_error_raised_by_progress_stops_the_computation():
    def stop(_: str, share: float) -> None:
        if share > 0.5:
            raise Stopped("Stopped.")

    with pytest.raises(Stopped):
        project(unit_vectors(20), stop)


@pytest.mark.models
def test_the_clusters_of_the_bundled_papers_have_topics():
    from assistant.models.sentence_transformer import SentenceTransformerEmbedding
    from ingest.bundled_corpus import CORPUS
    from ingest.readers import read_papers

    papers = list(read_papers(CORPUS.read_bytes(), CORPUS.name).papers)
    vectors = SentenceTransformerEmbedding("packaged").get_text_embedding_batch([paper.title for paper in papers])
    corpus_map = compute_map(papers, np.array(vectors, dtype=np.float32))
    assert 6 <= len(corpus_map.clusters) <= 8
    assert any("continual" in cluster.label for cluster in corpus_map.clusters)
