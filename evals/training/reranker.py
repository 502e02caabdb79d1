"""Trains the reranker (``assistant/answering/reranking.py``) and writes its weights.

``python -m evals.training.reranker ABSTRACTS...``.

``ABSTRACTS`` are public files of abstracts, JSON lines of ``{id, title, abstract}`` or ``{_id, title, text}``, plain or
gzip; ``evals/training/reranker_data/README.md`` says which. Questions are ours, in
``evals/training/reranker_data/questions.jsonl``: each names its
document and the numbers of the sentences that answer it, or none. The invented abstracts are ours, too.

The loss of a question is the cross-entropy of a softmax over its sentences and a constant 0 that stands for "none of
them": it learns to choose a sentence and to say that there is none by one number. Own sentences are the hard
negatives; three sentences of other abstracts that MiniLM finds near are added. Takes about 40 minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from tqdm import tqdm

from assistant.models import weights
from assistant.models.minilm import load_minilm
from assistant.models.sentence_transformer import SentenceTransformerEmbedding
from assistant.settings import PACKAGED
from assistant.text.sentences import sentences
from evals.files import read_abstracts

_FOLDER = Path(__file__).with_name("reranker_data")
_INVENTED = _FOLDER / "abstracts.jsonl"
SEED = 0
LEARNING_RATE, WEIGHT_DECAY, WARM_UP, CLIP = 1e-4, 0.01, 0.16, 1.0
LAST_RATE = 0.54  # of the learning rate, after the last question
QUESTIONS_PER_BATCH = 12
OWN_NEGATIVES, OTHER_NEGATIVES = 4, 3
LONGEST_PAIR_TOKENS = 160  # few training pairs are longer; when reading, 256
_MINED = range(2, 40)  # ranks of near sentences of other abstracts; the two nearest may well answer, too
_HELD_OUT = 0.08  # of the documents

Pair = tuple[str, str]
"""A title and a sentence."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the sentences of its own abstract, which of them answer, and near ones of others."""

    document: str
    question: str
    own: tuple[Pair, ...]
    answers: frozenset[int]
    others: tuple[Pair, ...]


class ReaderModel(nn.Module):
    """MiniLM over question and sentence, mean pooled, and one linear output. Word embeddings stay as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.tokenizer, self.encoder = load_minilm()
        for parameter in self.encoder.embeddings.parameters():
            parameter.requires_grad = False
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(self.encoder.config.hidden_size, 1)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, question: list[str], texts: list[str]) -> torch.Tensor:
        batch = self.tokenizer(
            question,
            texts,
            truncation="longest_first",
            max_length=LONGEST_PAIR_TOKENS,
            padding=True,
            return_tensors="pt",
        )
        hidden = self.encoder(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        logits: torch.Tensor = self.head(self.dropout(pooled)).squeeze(-1)
        return logits


def load_examples(abstracts: Sequence[Path]) -> list[Example]:
    """All questions with their sentences and mined negatives. Raises KeyError for a document not in ``abstracts``."""
    questions = [json.loads(line) for line in (_FOLDER / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    asked_of: dict[str, set[str]] = defaultdict(set)  # a comparison is asked of several documents
    for question in questions:
        asked_of[question["q"]].add(question["doc"])
    wanted = dict.fromkeys(question["doc"] for question in questions)
    wanted |= dict.fromkeys((_FOLDER / "distractors.txt").read_text(encoding="utf-8").split())
    documents = {
        name: [(title, sentence) for sentence in sentences(abstract)]
        for path in (*abstracts, _INVENTED)
        for name, title, abstract in read_abstracts(path)
        if name in wanted
    }
    pool = [(name, pair) for name in wanted for pair in documents[name]]
    pool = random.Random(SEED).sample(pool, len(pool) // 2)
    embedding = SentenceTransformerEmbedding(PACKAGED)
    names = np.array([name for name, _ in pool])
    matrix = np.array(embedding.get_text_embedding_batch([f"{title}. {text}" for _, (title, text) in pool]))
    vectors = np.array(embedding.get_text_embedding_batch([question["q"] for question in questions]))
    examples = []
    for question, vector in zip(tqdm(questions, desc="mining"), vectors, strict=True):
        is_own = np.isin(names, list(asked_of[question["q"]]))
        near = np.argsort(-np.where(is_own, -np.inf, matrix @ vector))
        others = tuple(pool[int(near[rank])][1] for rank in _MINED)
        own = tuple(documents[question["doc"]])
        examples.append(Example(question["doc"], question["q"], own, frozenset(question["a"]), others))
    return examples


def train(examples: Sequence[Example], held_out: Sequence[Example]) -> ReaderModel:
    """The trained model, after one pass; prints the loss and what it reaches on ``held_out``."""
    torch.manual_seed(SEED)
    chance = random.Random(SEED)
    model = ReaderModel()
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    order = chance.sample(list(examples), len(examples))
    batches = [order[first : first + QUESTIONS_PER_BATCH] for first in range(0, len(order), QUESTIONS_PER_BATCH)]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, len(batches)))
    model.train()
    losses = []
    for batch in tqdm(batches, desc="training"):
        loss = _loss(model, [_candidates(example, chance) for example in batch])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, CLIP)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    print(f"loss {np.mean(losses):.3f}; {_held_out_scores(model, held_out)}")
    return model


def _candidates(example: Example, chance: random.Random) -> tuple[str, list[tuple[Pair, bool]]]:
    right = [(example.own[place], True) for place in sorted(example.answers)]
    wrong = [(pair, False) for place, pair in enumerate(example.own) if place not in example.answers]
    wrong = chance.sample(wrong, min(OWN_NEGATIVES, len(wrong)))
    others = [(pair, False) for pair in chance.sample(example.others, OTHER_NEGATIVES)]
    return example.question, right + wrong + others


def _loss(model: ReaderModel, batch: Sequence[tuple[str, list[tuple[Pair, bool]]]]) -> torch.Tensor:
    logits = _logits(model, [(question, pair) for question, candidates in batch for pair, _ in candidates])
    losses = []
    first = 0
    for _, candidates in batch:
        own = torch.cat([torch.zeros(1), logits[first : first + len(candidates)]]).log_softmax(dim=0)
        right = [place for place, (_, is_right) in enumerate(candidates, start=1) if is_right] or [0]
        losses.append(-torch.logsumexp(own[right], dim=0))
        first += len(candidates)
    return torch.stack(losses).mean()


def _logits(model: ReaderModel, pairs: Sequence[tuple[str, Pair]], parts: int = 8) -> torch.Tensor:
    """Logits of all pairs, in parts of like length, which holds padding down; bfloat16 where the processor has it."""
    texts = [(question, f"{title}. {sentence}") for question, (title, sentence) in pairs]
    order = sorted(range(len(texts)), key=lambda place: len(texts[place][0]) + len(texts[place][1]))
    size = math.ceil(len(order) / parts)
    found = []
    for first in range(0, len(order), size):
        part = [texts[place] for place in order[first : first + size]]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found.append(model([question for question, _ in part], [text for _, text in part]).float())
    place_of = torch.empty(len(order), dtype=torch.long)
    place_of[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(found)[place_of]


def _held_out_scores(model: ReaderModel, examples: Sequence[Example]) -> str:
    from evals.metrics import auroc

    model.eval()
    chosen_right: list[bool] = []
    totals: dict[bool, list[float]] = {True: [], False: []}
    with torch.inference_mode():
        for example in examples:
            logits = _logits(model, [(example.question, pair) for pair in example.own], parts=1)
            totals[bool(example.answers)].append(float(torch.logsumexp(logits, dim=0)))
            if example.answers:
                chosen_right.append(int(logits.argmax()) in example.answers)
    return f"held out: right sentence first {np.mean(chosen_right):.3f}, AUROC {auroc(totals[True], totals[False]):.3f}"


def _rate(step: int, steps: int) -> float:
    """Linear warm-up over the share ``WARM_UP`` of the steps, then a linear fall to ``LAST_RATE``."""
    warm_up = WARM_UP * steps
    return min((step + 1) / warm_up, 1 - (1 - LAST_RATE) * (step - warm_up) / (steps - warm_up))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("abstracts", nargs="+", type=Path)
    options = parser.parse_args()
    examples = load_examples(options.abstracts)
    documents = sorted({example.document for example in examples})
    random.Random(1).shuffle(documents)
    held = set(documents[: int(len(documents) * _HELD_OUT)])
    model = train(
        [example for example in examples if example.document not in held],
        [example for example in examples if example.document in held],
    )
    state = {name: value for name, value in model.encoder.state_dict().items() if not name.startswith("embeddings")}
    state |= {f"head.{name}": value for name, value in model.head.state_dict().items()}
    save_file({name: value.half().contiguous() for name, value in state.items()}, weights.RERANKER)
    print(f"Wrote {weights.RERANKER}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
