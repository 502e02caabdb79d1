"""Settings that name Qdrant, by its class of llama-index."""

from __future__ import annotations

from typing import Any

QDRANT = "llama_index.vector_stores.qdrant:QdrantVectorStore"


def qdrant_options(**client: Any) -> dict[str, Any]:
    """With these options of the client: ``path`` or ``location`` for its local mode, ``url`` for a server."""
    # The local mode has no indexes of metadata, and warns of that.
    return {"client": {"class": "qdrant_client:QdrantClient", **client}, "index_doc_id": False}
