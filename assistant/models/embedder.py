"""The embedding model that the settings name, as an ``Embedder``."""

from __future__ import annotations

from assistant.interfaces import Embedder
from assistant.models.embedding import SentenceTransformerEmbedding
from assistant.settings import Settings


def open_embedder(settings: Settings) -> Embedder:
    """Raises ModelError when the model is missing or does not load."""
    return SentenceTransformerEmbedding(settings.embedding)
