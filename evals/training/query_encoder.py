"""Trains the encoder of questions (``assistant/models/minilm.py``) and writes its weights.

``python -m evals.training.query_encoder ABSTRACTS...``. README.md lists the public files.

Papers keep the vectors of the packaged MiniLM, so that an index stays valid: only a copy of it that embeds questions is
trained. A question must be nearest to the passages of its own abstract among those of all abstracts, and to the
sentence that answers it among 3,000 others (InfoNCE: van den Oord et al., 2018), and must stay near its former vector.
What is shipped lies ``BLEND`` of the way from the former weights to the trained ones, which carries over better to
other fields (Wortsman et al., 2022).
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from assistant.index.chunking import chunks_of, embedded_text
from assistant.models import weights
from assistant.models.matrices import save_matrices
from assistant.models.minilm import load_minilm, mean_of
from assistant.models.sentence_transformer import SentenceTransformerEmbedding
from assistant.records import Paper
from assistant.settings import PACKAGED
from assistant.text.sentences import sentences
from evals.training.reranker_rows import held_out_names, question_lines, texts_of

SEED = 0
LEARNING_RATE, LAST_RATE, WARM_UP_STEPS, WEIGHT_DECAY, CLIP = 3e-5, 0.05, 100, 0.01, 1.0
EPOCHS, QUESTIONS_PER_BATCH, OTHER_SENTENCES = 2, 64, 3_000
TEMPERATURE = 0.05
STAY_NEAR = 1.0  # weight of the distance to the former vector
BLEND = 0.75
LONGEST_QUESTION_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Item:
    """A question, the numbers of the documents it is about, its own document's first, and the sentence that answers."""

    question: str
    documents: tuple[int, ...]
    sentence: int


@dataclass(frozen=True, slots=True)
class Papers:
    """Vectors of all passages and sentences, with the number of the document of each."""

    passages: torch.Tensor
    passage_of: torch.Tensor
    sentences: torch.Tensor
    sentence_of: torch.Tensor


def load(paths: Sequence[Path]) -> tuple[Papers, list[Item], list[Item]]:
    """The papers, and the answered questions to train on and those held out."""
    lines = question_lines()
    names = list(dict.fromkeys(line["doc"] for line in lines))
    number_of = {name: number for number, name in enumerate(names)}
    texts = {name: (title, abstract) for name, title, abstract in texts_of(paths) if name in number_of}
    passages: list[str] = []
    single: list[str] = []
    passage_of: list[int] = []
    sentence_of: list[int] = []
    first_sentence: list[int] = []
    for number, name in enumerate(names):
        title, abstract = texts[name]
        paper = Paper(name, title, abstract)
        own = [embedded_text(paper, chunk) for chunk in chunks_of(paper) if chunk.grain == "passage"]
        passages += own
        passage_of += [number] * len(own)
        first_sentence.append(len(single))
        single += sentences(abstract)
        sentence_of += [number] * (len(single) - first_sentence[-1])
    embedding = SentenceTransformerEmbedding(PACKAGED)
    papers = Papers(
        torch.from_numpy(embedding.vectors_of(passages)),
        torch.tensor(passage_of),
        torch.from_numpy(embedding.vectors_of(single)),
        torch.tensor(sentence_of),
    )
    asked_of: dict[str, list[int]] = {}
    for line in lines:
        asked_of.setdefault(line["q"], []).append(number_of[line["doc"]])
    held = set().union(*held_out_names().values())
    parts: dict[bool, list[Item]] = {False: [], True: []}
    for line in lines:
        if line["a"]:
            number = number_of[line["doc"]]
            documents = (number, *(other for other in asked_of[line["q"]] if other != number))
            parts[line["doc"] in held].append(Item(line["q"], documents, first_sentence[number] + line["a"][0]))
    return papers, parts[False], parts[True]


class Encoder(nn.Module):
    """The packaged MiniLM; its word embeddings stay as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.tokenizer, self.encoder = load_minilm()
        for parameter in self.encoder.embeddings.parameters():
            parameter.requires_grad = False

    def forward(self, questions: list[str]) -> torch.Tensor:
        """Unit vectors ``(questions, 384)``."""
        batch = self.tokenizer(
            questions, truncation=True, max_length=LONGEST_QUESTION_TOKENS, padding=True, return_tensors="pt"
        )
        mean = mean_of(self.encoder(**batch).last_hidden_state.float(), batch["attention_mask"])
        return nn.functional.normalize(mean, dim=1)


def train(model: Encoder, papers: Papers, items: Sequence[Item]) -> None:
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    former = Encoder()
    chance = random.Random(SEED)
    batches = [*_batches(items, chance)]
    progress = tqdm(batches, desc="training")
    for step, batch in enumerate(progress):
        for group in optimizer.param_groups:
            fall = 1 - (1 - LAST_RATE) * step / len(batches)
            group["lr"] = LEARNING_RATE * min((step + 1) / WARM_UP_STEPS, 1) * fall
        with torch.autocast("cpu", dtype=torch.bfloat16):
            vectors = model([item.question for item in batch])
            with torch.no_grad():
                before = former([item.question for item in batch])
        loss = _loss(vectors, papers, batch, chance) + STAY_NEAR * (1 - (vectors * before).sum(dim=1)).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, CLIP)
        optimizer.step()
        progress.set_postfix(loss=f"{loss.item():.2f}")


def _batches(items: Sequence[Item], chance: random.Random) -> Iterator[list[Item]]:
    for _ in range(EPOCHS):
        order = chance.sample(list(items), len(items))
        for first in range(0, len(order) - QUESTIONS_PER_BATCH + 1, QUESTIONS_PER_BATCH):
            yield order[first : first + QUESTIONS_PER_BATCH]


def _loss(vectors: torch.Tensor, papers: Papers, batch: Sequence[Item], chance: random.Random) -> torch.Tensor:
    own = torch.tensor([item.documents[0] for item in batch])
    also_right = torch.zeros(len(batch), int(papers.passage_of.max()) + 1)
    for row, item in enumerate(batch):
        also_right[row, list(item.documents[1:])] = -torch.inf
    by_document = best_of_document(vectors @ papers.passages.T, papers.passage_of) + also_right
    answers = [item.sentence for item in batch]
    others = chance.sample(range(len(papers.sentences)), OTHER_SENTENCES)
    by_sentence = vectors @ papers.sentences[answers + others].T
    return nn.functional.cross_entropy(by_document / TEMPERATURE, own) + nn.functional.cross_entropy(
        by_sentence / TEMPERATURE, torch.arange(len(batch))
    )


def best_of_document(similarities: torch.Tensor, document_of: torch.Tensor) -> torch.Tensor:
    """``(questions, documents)``: the largest similarity among the chunks of each document."""
    count = int(document_of.max()) + 1
    start = torch.full((len(similarities), count), -1.0)
    return start.scatter_reduce(1, document_of.expand(len(similarities), -1), similarities, "amax")


def held_out_scores(model: Encoder, papers: Papers, items: Sequence[Item]) -> str:
    model.eval()
    ranks = []
    with torch.inference_mode():
        for first in range(0, len(items), QUESTIONS_PER_BATCH):
            batch = items[first : first + QUESTIONS_PER_BATCH]
            vectors = model([item.question for item in batch])
            similarity = best_of_document(vectors @ papers.passages.T, papers.passage_of)
            similarity += best_of_document(vectors @ papers.sentences.T, papers.sentence_of)
            for row, item in zip(similarity, batch, strict=True):
                ranks.append(int((row > row[item.documents[0]]).sum()))
    model.train()
    shares = ", ".join(f"{np.mean(np.array(ranks) < depth):.3f} among {depth}" for depth in (1, 5, 10))
    return f"right abstract of {int(papers.passage_of.max()) + 1}: {shares}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("abstracts", nargs="+", type=Path)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    papers, items, held_out = load(options.abstracts)
    model = Encoder()
    former: dict[str, Any] = {name: value.clone() for name, value in model.encoder.state_dict().items()}
    print(f"before: {held_out_scores(model, papers, held_out)}")
    train(model, papers, items)
    state = {
        name: torch.lerp(former[name], value, BLEND)
        for name, value in model.encoder.state_dict().items()
        if not name.startswith("embeddings")
    }
    model.encoder.load_state_dict(state, strict=False)
    print(f"after: {held_out_scores(model, papers, held_out)}")
    save_matrices(state, weights.QUERY_ENCODER)
    print(f"Wrote {weights.QUERY_ENCODER}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
