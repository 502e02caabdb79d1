"""What each sentence of the indexed papers is for: computed once from its stored vector, and kept in ``papers.sqlite``.

The heading of a structured abstract decides. Without one, or where it allows several roles, a classifier over the
vectors of the packaged MiniLM does; with another embedding model such a role stays unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.index.chunking import sentence_chunks
from assistant.index.database import Database
from assistant.models.role_classifier import packaged_classifier
from assistant.records import Paper, Role
from assistant.text.headings import abstract_sentences

ROLES_VERSION = "5"
"""Change it whenever other roles would be computed: they are then computed again from the stored vectors."""
_CLASSIFIED_EMBEDDING = "all-MiniLM-L6-v2"  # the fingerprint of the embedding model whose vectors are classified

Place = tuple[str, int, int]
"""The id of a paper, and the start and the end of a sentence in its abstract, as ``Evidence.place``."""


class SentenceRoles:
    """The roles of the sentences of a library. Methods raise IndexDamaged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_papers(self, paper_ids: Iterable[str]) -> dict[Place, Role]:
        """The known roles of the sentences of these papers."""
        rows = self._database.rows_of("SELECT paper_id, roles FROM sentence_roles WHERE paper_id IN", paper_ids)
        return {(paper_id, start, end): role for paper_id, roles in rows for start, end, role in json.loads(roles)}

    def compute(self, papers: Iterable[Paper], vectors: Mapping[str, NDArray[np.floating]], embedding: str) -> None:
        """Compute and store the roles of papers. Those that lack the vector of a sentence are left out.

        ``vectors``: by the ids of the sentences' chunks; ``embedding``: the fingerprint of their model.
        """
        rows = []
        for paper in papers:
            ids = [chunk.chunk_id for chunk in sentence_chunks(paper)]
            if all(chunk_id in vectors for chunk_id in ids):
                of_paper = [vectors[chunk_id] for chunk_id in ids] if embedding == _CLASSIFIED_EMBEDDING else []
                rows.append((paper.paper_id, json.dumps(_roles(paper, of_paper))))
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO sentence_roles VALUES (?, ?)", rows)


def _roles(paper: Paper, vectors: Sequence[NDArray[np.floating]]) -> list[tuple[int, int, Role]]:
    """``vectors``: of the sentences, in order; empty if they cannot be classified."""
    sentences = abstract_sentences(paper.abstract)
    if vectors:
        roles = packaged_classifier().roles(np.stack(vectors), [one.roles for one in sentences])
        return [(one.start, one.end, role) for one, role in zip(sentences, roles, strict=True)]
    return [(one.start, one.end, role) for one in sentences if len(one.roles) == 1 for role in one.roles]
