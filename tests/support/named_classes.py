"""Classes for settings to name: small ones of llama-index's kinds, and some that fail in the ways that others do."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from llama_index.core.base.llms.types import CompletionResponse, CompletionResponseGen, LLMMetadata
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.llms import CustomLLM
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import BasePydanticVectorStore, VectorStoreQuery, VectorStoreQueryResult
from pydantic import Field

from tests.support.fakes import WordCountEmbedding

PLACE = __name__


class NoisyEmbedding(WordCountEmbedding):
    """Counts words as its base class does, not to unit length, and differently in the last digits at each call."""

    model_name: str = "noisy"
    scale: float = Field(default=3.0, gt=0)
    turned: bool = False
    api_key: str = ""
    base_url: str = "http://127.0.0.1:1"
    batches: list[int] = Field(default_factory=list)

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        self.batches.append(len(texts))
        return [self._get_text_embedding(text) for text in texts]

    def _get_text_embedding(self, text: str) -> list[float]:
        vector = np.array(super()._get_text_embedding(text)) * self.scale
        noisy: list[float] = (vector + np.random.default_rng().normal(scale=1e-6, size=vector.shape)).tolist()
        return noisy[::-1] if self.turned else noisy


class FailingEmbedding(MockEmbedding):
    """Fails as a client without its server does, and repeats its key in the message."""

    api_key: str = ""

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        raise ConnectionError(f"Connection refused for {self.api_key}\nsecond line")


class EchoLLM(CustomLLM):
    """Answers with the last message, a word per piece, and remembers the arguments it was called with."""

    api_key: str = ""
    temperature: float = 0.7
    max_tokens: int = 1
    context_window: int = 1
    fails_after: int = -1
    calls: list[dict[str, Any]] = Field(default_factory=list)

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="echo", context_window=self.context_window)

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return CompletionResponse(text=prompt)

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        self.calls.append(kwargs)
        text = ""
        for number, word in enumerate(prompt.rsplit("user: ", 1)[-1].removesuffix("assistant: ").split()):
            if number == self.fails_after:
                raise TimeoutError(f"timed out with key {self.api_key}")
            text += f"{word} "
            yield CompletionResponse(text=text, delta=f"{word} ")


class Client:
    """What an option may be an object of."""

    def __init__(self, address: str, password: str = "") -> None:
        if not address:
            raise ValueError(f"no address for {password}")
        self.address, self.password, self.is_open = address, password, True

    @classmethod
    def local(cls, path: str) -> Client:
        return cls(f"file:{path}")

    def close(self) -> None:
        self.is_open = False


class Holder:
    """Holds a client."""

    def __init__(self, client: Client, *, name: str = "papers", token: str = "") -> None:
        self.client, self.name, self.token = client, name, token


class Other(Holder):
    """Takes the options of its base class as well as its own."""

    def __init__(self, size: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size


class WarningHolder(Holder):
    """Warns when it is created and used, as classes of others do."""

    def __init__(self, client: Client) -> None:
        warnings.warn("an option will change", FutureWarning, stacklevel=2)
        super().__init__(client)

    def use(self) -> str:
        warnings.warn("this has no effect", UserWarning, stacklevel=1)
        return self.name


class DistanceStore(BasePydanticVectorStore):
    """A vector store in memory that returns ``exp(-distance)``, and cannot delete a collection."""

    stores_text: bool = True
    collection_name: str
    api_key: str = ""
    is_down: bool = False
    nodes: dict[str, BaseNode] = Field(default_factory=dict)

    @property
    def client(self) -> None:
        return None

    def add(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[str]:
        self.nodes |= {node.node_id: node for node in nodes}
        return [node.node_id for node in nodes]

    def delete(self, ref_doc_id: str, **kwargs: Any) -> None:
        self.nodes = {name: node for name, node in self.nodes.items() if node.ref_doc_id != ref_doc_id}

    def query(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        if self.is_down:
            raise ConnectionError(f"no answer with key {self.api_key}\nsecond line")
        wanted = query.filters.filters[0].value if query.filters else None
        distances = {
            name: float(np.linalg.norm(np.subtract(node.get_embedding(), query.query_embedding or [])))
            for name, node in self.nodes.items()
            if wanted is None or node.metadata["paper_id"] in wanted
        }
        nearest = sorted(distances, key=distances.__getitem__)[: query.similarity_top_k]
        return VectorStoreQueryResult(
            [self.nodes[name] for name in nearest], [float(np.exp(-distances[name])) for name in nearest], nearest
        )


class NamelessStore(DistanceStore):
    """Takes no name of a collection."""

    def __init__(self, address: str = "") -> None:
        super().__init__(collection_name=address)
