"""Trains what the packaged SmolLM2 writes: one or two plain sentences with markers, from a few sentences of evidence.

``python -m evals.training.writer --abstracts FILE... --checkpoint FILE --out FILE``; the README of this folder says
which files. The model stays as it is, and low-rank additions to the linear maps of its thirty layers are trained (LoRA)
on the written answers of ``verifier_data``. They are stored as an adapter in GGUF, which llama.cpp adds while it
computes (``lora_path`` of llama-cpp-python). An experiment: no adapter is shipped (evals/LOG.md).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from assistant.answering.prompting import numbered, plain
from assistant.models import weights
from assistant.models.claim_reader import RANK
from assistant.models.locate import gguf_file
from assistant.models.low_rank import ADDED, LowRankLinear
from assistant.settings import PACKAGED
from assistant.text.sentences import sentences
from evals.training.claim_rows import held_out_documents, lines_of
from evals.training.low_rank import SEED, plan, train
from evals.training.reranker_rows import texts_of

SYSTEM = "Answer in one or two short sentences, with the number of each sentence that you use."
PASSES = 1
_SORTED_TOGETHER = 128  # rows
_IGNORED = -100  # torch's label of a token without a loss
# The names of the linear maps of a layer: in transformers, and in GGUF files.
_GGUF_NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A prompt and the answer to it, in tokens."""

    prompt: list[int]
    answer: list[int]
    is_held_out: bool

    @property
    def length(self) -> int:
        return len(self.prompt) + len(self.answer)


def prompt_text(question: str, evidence: Sequence[str]) -> str:
    """The request as SmolLM2's chat template writes it, up to where the answer begins."""
    turns = (
        f"system\n{SYSTEM}<|im_end|>\n<|im_start|>user\nSentences:\n{numbered(evidence)}\n\nQuestion: {plain(question)}"
    )
    return f"<|im_start|>{turns}<|im_end|>\n<|im_start|>assistant\n"


def load(abstracts: Sequence[Path]) -> list[Row]:
    """Raises KeyError for a document that is not in ``abstracts``."""
    from tokenizers import Tokenizer

    tokenizer: Any = Tokenizer.from_file(str(weights.TOKENIZER))

    def tokens(text: str) -> list[int]:
        found: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return found

    texts = {name: sentences(text) for name, _, text in texts_of(abstracts)}
    lines = lines_of("written_answers.jsonl")
    held_out = held_out_documents({line["evidence"][0][0] for line in lines})
    rows = []
    for line in lines:
        evidence = [texts[doc][number] for doc, number in line["evidence"]]
        prompt = tokens(prompt_text(line["q"], evidence))
        answer = tokens(f"{' '.join(line['a'].split())}<|im_end|>")
        rows.append(Row(prompt, answer, line["evidence"][0][0] in held_out))
    return rows


def initial_model() -> Any:
    """The packaged SmolLM2 in 32 bits, with additions to its linear maps that are zero."""
    from transformers import AutoModelForCausalLM

    path = gguf_file(PACKAGED)
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    model.requires_grad_(False)
    for layer in model.model.layers:
        for name in _GGUF_NAMES:
            owner, attribute = name.split(".")
            linear: nn.Linear = getattr(getattr(layer, owner), attribute)
            added = LowRankLinear(linear, linear.in_features, linear.out_features, RANK, linear.weight.dtype)
            nn.init.zeros_(added.up.weight)
            setattr(getattr(layer, owner), attribute, added)
    return model


def losses_of(model: Any, rows: Sequence[Row]) -> torch.Tensor:
    """The cross-entropy in nats of each token of the answers."""
    width = max(row.length for row in rows)
    tokens = torch.tensor([row.prompt + row.answer + [0] * (width - row.length) for row in rows])
    labels = torch.tensor(
        [[_IGNORED] * len(row.prompt) + row.answer + [_IGNORED] * (width - row.length) for row in rows]
    )
    mask = torch.tensor([[1] * row.length + [0] * (width - row.length) for row in rows])
    hidden = model.model(input_ids=tokens, attention_mask=mask).last_hidden_state[:, :-1]
    asked = labels[:, 1:] != _IGNORED
    logits = model.lm_head(hidden[asked])
    return nn.functional.cross_entropy(logits.float(), labels[:, 1:][asked], reduction="none")


def step_loss(model: Any, rows: Sequence[Row]) -> torch.Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return losses_of(model, rows).mean()


def held_out_loss(model: Any, rows: Sequence[Row]) -> float:
    """The mean cross-entropy of a token, in nats."""
    model.eval()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        return float(torch.cat([losses_of(model, [row]) for row in tqdm(rows, desc="held out")]).mean())


def save_adapter(state: Mapping[str, torch.Tensor], heads: Mapping[str, int], path: Path) -> None:
    """Write the additions in 16 bits as llama.cpp reads them. ``heads``: by the GGUF names of queries and keys.

    GGUF keeps the rows of queries and keys in another order than transformers: the halves of a head that are rotated
    together lie next to each other.
    """
    from gguf import GGUFWriter

    writer = GGUFWriter(str(path), "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", ADDED * RANK)
    for name, value in sorted(state.items()):
        _, _, layer, owner, attribute, part, _ = name.split(".")  # model.layers.0.self_attn.q_proj.up.weight
        gguf_name = _GGUF_NAMES[f"{owner}.{attribute}"]
        matrix = value.detach().float().numpy()
        if part == "up" and gguf_name in heads:
            matrix = _interleaved(matrix, heads[gguf_name])
        kind = {"down": "lora_a", "up": "lora_b"}[part]
        writer.add_tensor(f"blk.{layer}.{gguf_name}.weight.{kind}", np.ascontiguousarray(matrix.astype(np.float16)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _interleaved(matrix: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    halves = matrix.reshape(heads, 2, len(matrix) // heads // 2, -1)
    return halves.swapaxes(1, 2).reshape(matrix.shape)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--abstracts", nargs="+", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the adapter, in GGUF")
    options = parser.parse_args()
    torch.manual_seed(SEED)
    rows = load(options.abstracts)
    model = initial_model()
    held_out = [row for row in rows if row.is_held_out]
    print(f"held out, before: {held_out_loss(model, held_out):.3f} nats a token of {len(held_out)} answers")
    steps = plan([row for row in rows if not row.is_held_out], PASSES, _SORTED_TOGETHER)
    train(model, lambda rows: step_loss(model, rows), steps, options.checkpoint)
    print(f"held out: {held_out_loss(model, held_out):.3f} nats a token")
    config = model.config
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    state = {name: value for name, value in model.named_parameters() if value.requires_grad}
    save_adapter(state, heads, options.out)
    print(f"Wrote {options.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
