"""The transformer of the reranker: reads an abstract once, and then any number of questions about it.

It has the lower layers of SmolLM2 (Apache-2.0), trained further (``evals/training/reranker.py``). The
abstract comes first, so that its hidden states do not depend on the question, and what the layers keep of it (keys and
values of the attention) serves every later question. A sentence is scored as in a pointer network (Vinyals et al.,
2015): the dot product of a query, computed from the question's last hidden state, and a key, computed from the last and
the mean hidden state of the sentence. The scores share a scale with 0, which stands for "no sentence of this abstract
answers".
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from transformers import DynamicCache, LlamaConfig, LlamaModel

from assistant.models.smollm2 import WIDTH

LAYERS = 15  # of the 30 that SmolLM2-135M has
INNER_WIDTH = 1536
KEY_WIDTH = 256
_SCALE = 1 / 16  # 1 / sqrt(KEY_WIDTH), as in attention

KeysAndValues = list[tuple[torch.Tensor, torch.Tensor]]
"""For each layer, the keys and the values of the attention, each ``(abstracts, heads, tokens, 64)``."""
Span = tuple[int, int]
"""The first token of a sentence, and the one after its last."""


class AbstractModel(nn.Module):
    """The layers and the three linear maps. Texts come in as token embeddings, which are not part of it."""

    def __init__(self, layers: int = LAYERS) -> None:
        super().__init__()
        config = LlamaConfig(
            hidden_size=WIDTH,
            intermediate_size=INNER_WIDTH,
            num_hidden_layers=layers,
            num_attention_heads=9,
            num_key_value_heads=3,
            rms_norm_eps=1e-5,
            rope_parameters={"rope_type": "default", "rope_theta": 100_000.0},
            max_position_embeddings=8192,
            vocab_size=1,
            pad_token_id=0,
            bos_token_id=None,
            eos_token_id=None,
        )
        self.llama = LlamaModel(config)
        self.key = nn.Linear(2 * WIDTH, KEY_WIDTH)
        self.query = nn.Linear(WIDTH, KEY_WIDTH)
        self.bias = nn.Linear(WIDTH, 1)

    def read(self, abstracts: torch.Tensor) -> tuple[torch.Tensor, KeysAndValues]:
        """Hidden states ``(abstracts, tokens, 576)`` of embedded abstracts, padded at their ends, and what is kept."""
        output = self.llama(inputs_embeds=abstracts, use_cache=True)
        return output.last_hidden_state, [(layer.keys, layer.values) for layer in output.past_key_values.layers]

    def ask(
        self, kept: KeysAndValues, abstract_lengths: torch.Tensor, questions: torch.Tensor, numbers: torch.Tensor
    ) -> torch.Tensor:
        """Hidden states ``(abstracts, tokens, 576)`` of the questions about each abstract, one after another.

        ``abstract_lengths``: tokens of each abstract. ``numbers`` ``(abstracts, tokens)``: to which question of its
        abstract a token belongs, -1 for padding. A question sees its abstract and itself, and no other question; its
        positions follow those of the abstract.
        """
        count, length = numbers.shape
        abstract_tokens = kept[0][0].shape[2]
        in_abstract = torch.arange(abstract_tokens) < abstract_lengths[:, None]
        is_same = (numbers[:, :, None] == numbers[:, None, :]) & torch.ones(length, length, dtype=torch.bool).tril()
        visible = torch.cat([in_abstract[:, None, :].expand(count, length, abstract_tokens), is_same], dim=2)
        dtype = kept[0][0].dtype
        mask = torch.zeros(count, 1, length, abstract_tokens + length, dtype=dtype)
        mask = mask.masked_fill_(~visible[:, None], torch.finfo(dtype).min)
        place = is_same.sum(dim=2) - 1  # in its own question
        output = self.llama(
            inputs_embeds=questions,
            attention_mask=mask,
            position_ids=abstract_lengths[:, None] + place,
            past_key_values=DynamicCache(kept),
            use_cache=True,
        )
        hidden: torch.Tensor = output.last_hidden_state
        return hidden

    def keys_of(self, hidden: torch.Tensor, sentences: Sequence[Span]) -> torch.Tensor:
        """Keys ``(sentences, 256)`` from the hidden states ``(tokens, 576)`` of one abstract."""
        states = [torch.cat([hidden[end - 1], hidden[start:end].mean(dim=0)]) for start, end in sentences]
        keys: torch.Tensor = self.key(torch.stack(states))
        return keys

    def scores(self, keys: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
        """Logits ``(questions, sentences)``; ``last`` ``(questions, 576)``: the last hidden state of each question."""
        logits: torch.Tensor = self.query(last).float() @ keys.float().T * _SCALE + self.bias(last).float()
        return logits
