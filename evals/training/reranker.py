"""Trains the reranker (``assistant/answering/reranking.py``) from the lower half of SmolLM2, and writes its weights.

``python -m evals.training.reranker --abstracts FILES... --sections FILES... --checkpoint FILE``. README.md lists the
public files. A run that is interrupted goes on from its checkpoint.

The loss of a question about an abstract is the cross-entropy of a softmax over its sentences and a constant 0 that
stands for "none of them". Each step reads four abstracts of similar length, each with eight questions about it and
eight about near abstracts: the abstract, most of the cost, is read once for all of them. About 100 minutes on one core
with AVX512-BF16, which computes 16-bit products four times as fast as 32-bit ones.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from assistant.models import weights
from assistant.models.abstract_model import AbstractModel
from assistant.models.abstract_scorer import abstract_tokens, question_tokens
from assistant.models.abstract_weights import save_model
from assistant.models.locate import gguf_file
from assistant.models.smollm2 import VOCABULARY, packaged_embeddings
from assistant.settings import PACKAGED
from evals.metrics import auroc
from evals.training.reranker_rows import NEAR_QUESTIONS, OWN_QUESTIONS, Document, Question, load
from evals.training.smoothing import smooth

SEED = 0
LEARNING_RATE, LAST_RATE, WARM_UP = 1.5e-4, 0.05, 0.05  # LAST_RATE and WARM_UP as shares
WEIGHT_DECAY, BETAS, CLIP = 0.01, (0.9, 0.98), 1.0
DOCUMENTS_PER_STEP = 4
SECTIONS_USED = 0.6  # of SelQA's and COVID-QA's sections
_SORTED_TOGETHER = 64  # documents, so that those of a step are of similar length
CHECKPOINT_STEPS = 100
_SMOOTHED_ON = 40  # documents

Row = tuple[Document, list[Question], int]
"""A document, the questions asked in this step, and how many of them, the first ones, are its own."""


def initial_model() -> AbstractModel:
    """The lower layers of the packaged SmolLM2, and randomly initialised linear maps."""
    from transformers import AutoModelForCausalLM

    path = gguf_file(PACKAGED)
    base = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).model
    model = AbstractModel()
    kept = {name: value for name, value in base.state_dict().items() if not name.startswith("embed_tokens")}
    missing, _ = model.llama.load_state_dict(kept, strict=False)
    if missing != ["embed_tokens.weight"]:
        raise RuntimeError(f"SmolLM2 lacks {missing}")
    for layer in (model.key, model.query):
        nn.init.normal_(layer.weight, std=0.02)
        nn.init.zeros_(layer.bias)
    nn.init.zeros_(model.bias.weight)
    nn.init.zeros_(model.bias.bias)
    return model


class Batches:
    """Texts as tensors, with the whole table of token embeddings in memory."""

    def __init__(self) -> None:
        self.embeddings = packaged_embeddings()
        self.table = torch.from_numpy(self.embeddings.vectors([range(VOCABULARY)])[0])

    def scores(self, model: AbstractModel, rows: Sequence[Row]) -> list[torch.Tensor]:
        """Logits ``(questions, sentences)`` of each row."""
        texts = [abstract_tokens(self.embeddings, document.abstract) for document, _, _ in rows]
        hidden, kept = model.read(self.embedded([tokens for tokens, _ in texts]))
        asked = [[question_tokens(self.embeddings, one.text) for one in questions] for _, questions, _ in rows]
        lengths = torch.tensor([len(tokens) for tokens, _ in texts])
        answered = model.ask(kept, lengths, *self.packed(asked))
        found = []
        for row, (_, spans) in enumerate(texts):
            last = torch.tensor(np.cumsum([len(tokens) for tokens in asked[row]]) - 1)
            found.append(model.scores(model.keys_of(hidden[row], spans), answered[row][last]))
        return found

    def packed(self, asked: Sequence[Sequence[list[int]]]) -> tuple[torch.Tensor, torch.Tensor]:
        """The texts about each source, one after another: embedded, and to which of them a token belongs (-1: none)."""
        flat = [[token for tokens in one for token in tokens] for one in asked]
        numbers = [[number for number, tokens in enumerate(one) for _ in tokens] for one in asked]
        width = max(map(len, flat))
        return self.embedded(flat), torch.tensor([row + [-1] * (width - len(row)) for row in numbers])

    def embedded(self, texts: Sequence[list[int]]) -> torch.Tensor:
        width = max(map(len, texts))
        return self.table[torch.tensor([tokens + [0] * (width - len(tokens)) for tokens in texts])]


def loss_of(logits: torch.Tensor, questions: Sequence[Question]) -> torch.Tensor:
    """The loss of each question about one abstract, from logits ``(questions, sentences)``."""
    shares = torch.cat([torch.zeros(len(logits), 1), logits], dim=1).log_softmax(dim=1)
    count = logits.shape[1]
    losses = []
    for row, question in zip(shares, questions, strict=True):
        right = [number + 1 for number in sorted(question.answers) if number < count] or [0]
        losses.append(-torch.logsumexp(row[right], dim=0))
    return torch.stack(losses)


def plan(documents: Sequence[Document], sections: Sequence[Document], passes: float) -> list[list[Document]]:
    """The documents of each step."""
    chance = random.Random(SEED)
    steps: list[list[Document]] = []
    while passes > 0:
        part = min(1.0, passes)
        for items, share in ((documents, part), (sections, part * SECTIONS_USED)):
            chosen = chance.sample(list(items), int(len(items) * share))
            steps += _of_similar_length(chosen)
        passes -= part
    chance.shuffle(steps)
    return steps


def _of_similar_length(documents: Sequence[Document]) -> list[list[Document]]:
    groups = []
    for first in range(0, len(documents), _SORTED_TOGETHER):
        ranked = sorted(
            documents[first : first + _SORTED_TOGETHER], key=lambda one: sum(map(len, one.abstract.sentences))
        )
        groups += [ranked[at : at + DOCUMENTS_PER_STEP] for at in range(0, len(ranked), DOCUMENTS_PER_STEP)]
    return groups


def row_of(document: Document, chance: random.Random) -> Row:
    own = chance.sample(document.own, min(OWN_QUESTIONS, len(document.own)))
    near = chance.sample(document.near, min(NEAR_QUESTIONS, len(document.near)))
    return document, own + near, len(own)


def train(model: AbstractModel, batches: Batches, steps: Sequence[Sequence[Document]], checkpoint: Path) -> None:
    """Train in place, from the checkpoint if there is one."""
    parameters = [value for name, value in model.named_parameters() if "embed_tokens" not in name]
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, betas=BETAS)
    first = resume(model, optimizer, checkpoint)
    model.train()
    losses: dict[str, list[float]] = {"own": [], "near": []}
    progress = tqdm(range(first, len(steps)), initial=first, total=len(steps), desc="training")
    for number in progress:
        chance = random.Random(1000 * SEED + number)
        rows = [row_of(document, chance) for document in steps[number]]
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * rate(number, len(steps))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = batches.scores(model, rows)
        found = [loss_of(logits, questions) for logits, (_, questions, _) in zip(scores, rows, strict=True)]
        optimizer.zero_grad()
        torch.cat(found).mean().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, CLIP)
        optimizer.step()
        for loss, (_, _, own) in zip(found, rows, strict=True):
            losses["own"] += loss[:own].tolist()
            losses["near"] += loss[own:].tolist()
        progress.set_postfix({name: f"{np.mean(values[-1000:]):.3f}" for name, values in losses.items() if values})
        if number % CHECKPOINT_STEPS == CHECKPOINT_STEPS - 1:
            save_checkpoint(model.state_dict(), optimizer, number + 1, checkpoint)


def rate(step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine down to ``LAST_RATE``."""
    warm_up = max(1, int(WARM_UP * steps))
    fall = 0.5 * (1 + math.cos(math.pi * max(0, step - warm_up) / (steps - warm_up)))
    return min((step + 1) / warm_up, LAST_RATE + (1 - LAST_RATE) * fall)


def save_checkpoint(state: Mapping[str, torch.Tensor], optimizer: torch.optim.Optimizer, step: int, path: Path) -> None:
    """``state``: the weights that are trained, by name; ``step``: the first one that is left to do."""
    unfinished = path.with_suffix(".tmp")
    trained = {name: value.detach() for name, value in state.items()}
    torch.save({"model": trained, "optimizer": optimizer.state_dict(), "step": step}, unfinished)
    unfinished.replace(path)


def resume(model: nn.Module, optimizer: torch.optim.Optimizer, path: Path, *, strict: bool = True) -> int:
    """The first step that is left to do, after loading the checkpoint; ``strict``: it must have all weights."""
    if not path.exists():
        return 0
    saved: dict[str, Any] = torch.load(path, weights_only=True)
    model.load_state_dict(saved["model"], strict=strict)
    optimizer.load_state_dict(saved["optimizer"])
    return int(saved["step"])


def held_out_scores(model: AbstractModel, batches: Batches, documents: Sequence[Document]) -> str:
    model.eval()
    is_right: list[bool] = []
    totals: dict[bool, list[float]] = {True: [], False: []}
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for document in documents:
            (logits,) = batches.scores(model, [(document, list(document.own), len(document.own))])
            for row, question in zip(logits, document.own, strict=True):
                totals[bool(question.answers)].append(float(torch.logsumexp(row, dim=0)))
                if question.answers:
                    is_right.append(int(row.argmax()) in question.answers)
    return f"right sentence first {np.mean(is_right):.3f}, AUROC {auroc(totals[True], totals[False]):.3f}"


def _read_some(model: AbstractModel, batches: Batches, documents: Sequence[Document]) -> None:
    chance = random.Random(SEED)
    with torch.inference_mode():
        for document in chance.sample(documents, _SMOOTHED_ON):
            batches.scores(model, [row_of(document, chance)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--abstracts", nargs="+", type=Path, required=True)
    parser.add_argument("--sections", nargs="+", type=Path, required=True, help="SelQA and COVID-QA")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--passes", type=float, default=1.0)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    data = load(options.abstracts, options.sections)
    model, batches = initial_model(), Batches()
    train(model, batches, plan(data.documents, data.sections, options.passes), options.checkpoint)
    for part, documents in data.held_out.items():
        print(f"held out ({part}): {held_out_scores(model, batches, documents)}")
    smooth(model, lambda: _read_some(model, batches, data.documents))
    save_model(model, weights.RERANKER)
    print(f"Wrote {weights.RERANKER}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
