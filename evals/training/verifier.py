"""Trains the aligner of the verifier (``assistant/models/aligner.py``) into weights.

``python -m evals.training.verifier ABSTRACTS...``.

``ABSTRACTS`` are public files of abstracts, as for the reranker; ``evals/training/verifier_data/README.md`` says which.
Claims are ours, in ``evals/training/verifier_data/claims.jsonl``: supported ones, and false ones that differ from them
in a word or two. The source does not support that difference, so a false claim also teaches which word is wrong. Takes
about seven minutes on two cores.
"""

from __future__ import annotations

import argparse
import difflib
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from tqdm import tqdm

from assistant.answering.verification import source_text
from assistant.models import weights
from assistant.models.aligner import Aligned, AlignmentNetwork, PieceEncoder, Pieces, align, pad_batch
from assistant.models.sentence_transformer import SentenceTransformerEmbedding
from assistant.settings import PACKAGED
from assistant.text.sentences import sentences
from evals.files import read_abstracts

FOLDER = Path(__file__).with_name("verifier_data")
SEED = 0
EPOCHS, LEARNING_RATE, WEIGHT_DECAY, CLIP, DROPOUT = 4, 1.5e-3, 0.02, 1.0, 0.4
CLAIMS_PER_BATCH = 64
_HELD_OUT = 0.1  # of the documents
_NEAR = 5  # sources of other documents from which one is drawn for a claim it does not support
_WIDENED, _MORE_SENTENCES = 0.6, 3  # share of the groups whose source gets up to three more sentences of its document
_EDITED_WEIGHT = 3.0  # weight of an unsupported word; there are few of them
_ALIKE = 0.6  # least likeness of a false claim to a true one for the difference to say which words are wrong
_TOKEN = re.compile(r"\w+(?:[.,]\d+)*|[^\w\s]")

Document = tuple[str, list[str]]
"""A title and sentences."""


@dataclass(frozen=True, slots=True)
class Example:
    """``wrong``: where the claim differs from a supported one, as offsets; None when that is not known.

    ``kind``: what is wrong with the claim, as ``verifier_data/README.md`` lists it; empty if nothing is or that is not
    known. ``is_written``: the claim was written about this source, and not brought together with it by chance.
    """

    document: str
    source: str
    claim: str
    is_supported: bool
    wrong: tuple[tuple[int, int], ...] | None
    is_written: bool = True
    kind: str = ""


def load_examples(abstracts: Sequence[Path]) -> tuple[list[Example], set[str]]:
    """All examples, and the documents held out. Raises KeyError for a document not in ``abstracts``."""
    groups, documents, held_out = verifier_documents(abstracts)
    chance = random.Random(SEED)
    written = [example for group in groups for example in written_examples(group, documents[group["doc"]], chance)]
    return written + list(_mismatched(groups, documents, held_out, chance)), held_out


def verifier_documents(abstracts: Sequence[Path]) -> tuple[list[dict[str, Any]], dict[str, Document], set[str]]:
    """The groups of claims, the documents that they are about, and the names of those held out."""
    groups = [json.loads(line) for line in (FOLDER / "claims.jsonl").read_text(encoding="utf-8").splitlines()]
    wanted = {group["doc"] for group in groups}
    own = [json.loads(line) for line in (FOLDER / "documents.jsonl").read_text(encoding="utf-8").splitlines()]
    documents: dict[str, Document] = {record["doc"]: (record["title"], record["sentences"]) for record in own}
    for path in abstracts:
        for name, title, abstract in read_abstracts(path):
            if name in wanted:
                documents[name] = (title, sentences(abstract))
    names = sorted(wanted)
    random.Random(1).shuffle(names)
    return groups, documents, set(names[: int(len(names) * _HELD_OUT)])


def written_examples(group: dict[str, Any], document: Document, chance: random.Random) -> Iterator[Example]:
    """The claims of a group, about its sentences or a little more of the document."""
    places = set(group["s"])
    is_widened = chance.random() < _WIDENED
    if is_widened:
        places |= _more_places(places, document, chance)
    source = source_of(document, places)
    for claim in group["true"]:
        yield Example(group["doc"], source, claim, True, ())
    for false in group["false"]:
        if not (is_widened and false["k"] == "other"):  # another sentence may well say it
            wrong = _edits(false["c"], group["true"])
            yield Example(group["doc"], source, false["c"], False, wrong, kind=false["k"])


def _mismatched(
    groups: Sequence[dict[str, Any]], documents: dict[str, Document], held_out: set[str], chance: random.Random
) -> Iterator[Example]:
    """True claims paired with sources that they are not about, and with more of their own document."""
    sources = [source_of(documents[group["doc"]], set(group["s"])) for group in groups]
    for group, near in zip(groups, near_groups(groups, sources, held_out, _NEAR), strict=True):
        name = group["doc"]
        yield Example(name, sources[chance.choice(near)], chance.choice(group["true"]), False, None, False)
        apart = [
            place
            for place, other in enumerate(groups)
            if other["doc"] == name and not set(other["s"]) & set(group["s"])
        ]
        if apart:
            yield Example(name, sources[chance.choice(apart)], chance.choice(group["true"]), False, None, False)
        places = set(group["s"])
        wider = source_of(documents[name], places | _more_places(places, documents[name], chance))
        yield Example(name, wider, chance.choice(group["true"]), True, (), False)


def near_groups(
    groups: Sequence[dict[str, Any]], sources: Sequence[str], held_out: set[str], count: int
) -> Iterator[list[int]]:
    """For each group, the numbers of the groups about other documents of the same part whose sources are nearest."""
    vectors = np.array(SentenceTransformerEmbedding(PACKAGED).get_text_embedding_batch(sources))
    names = np.array([group["doc"] for group in groups])
    is_held = np.isin(names, list(held_out))
    for number, vector in enumerate(vectors):
        is_other = (is_held == is_held[number]) & (names != names[number])
        nearest: list[int] = np.argsort(-np.where(is_other, vectors @ vector, -np.inf))[:count].tolist()
        yield nearest


def _more_places(places: set[int], document: Document, chance: random.Random) -> set[int]:
    rest = [place for place in range(len(document[1])) if place not in places]
    return set(chance.sample(rest, min(len(rest), chance.randint(1, _MORE_SENTENCES))))


def source_of(document: Document, places: set[int]) -> str:
    title, own = document
    return source_text([own[place] for place in sorted(places)], title)


def _edits(claim: str, true_claims: Sequence[str]) -> tuple[tuple[int, int], ...] | None:
    """Where a false claim differs from the true one it is most like; a word left out counts as its neighbours."""
    found = list(_TOKEN.finditer(claim))
    own = [match.group().casefold() for match in found]
    matchers = [
        difflib.SequenceMatcher(
            None, own, [match.group().casefold() for match in _TOKEN.finditer(text)], autojunk=False
        )
        for text in true_claims
    ]
    best = max(matchers, key=lambda matcher: matcher.ratio())
    if best.ratio() <= _ALIKE:
        return None
    places: set[int] = set()
    for kind, first, last, _, _ in best.get_opcodes():
        if kind != "equal":
            places |= set(range(first, last)) if first < last else {first - 1, first} & set(range(len(own)))
    return tuple(found[place].span() for place in sorted(places))


def encode(examples: Sequence[Example]) -> list[tuple[Aligned, Tensor]]:
    """Each claim aligned with its source, in 16-bit floats, and which of its pieces are wrong (NaN if unknown)."""
    encoder = PieceEncoder()
    texts = sorted({text for example in examples for text in (example.source, example.claim)}, key=len)
    pieces: dict[str, Pieces] = {}
    for first in tqdm(range(0, len(texts), 32), desc="reading"):
        part = texts[first : first + 32]
        pieces |= dict(zip(part, encoder.encode(part), strict=True))
    encoded = []
    for example in tqdm(examples, desc="aligning"):
        item = align(pieces[example.claim], pieces[example.source])
        offsets = pieces[example.claim].offsets
        wrong = torch.full((len(offsets),), float("nan"))
        if example.wrong is not None:
            spans = example.wrong
            wrong = torch.tensor(
                [float(any(start < last and first < end for first, last in spans)) for start, end in offsets.tolist()]
            )
        encoded.append((_cast(item, torch.half), wrong))
    return encoded


def train(encoded: Sequence[tuple[Aligned, Tensor]], examples: Sequence[Example]) -> AlignmentNetwork:
    torch.manual_seed(SEED)
    chance = random.Random(SEED)
    model = AlignmentNetwork(DROPOUT)
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    batches = -(-len(examples) // CLAIMS_PER_BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=EPOCHS * batches)
    for epoch in range(EPOCHS):
        order = chance.sample(range(len(examples)), len(examples))
        losses = []
        for first in tqdm(range(0, len(order), CLAIMS_PER_BATCH), desc=f"epoch {epoch + 1} of {EPOCHS}"):
            places = order[first : first + CLAIMS_PER_BATCH]
            supported = torch.tensor([float(examples[place].is_supported) for place in places])
            loss = _loss(model, [encoded[place] for place in places], supported)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}")
    return model.eval()


def _loss(model: AlignmentNetwork, batch: Sequence[tuple[Aligned, Tensor]], supported: Tensor) -> Tensor:
    """Cross-entropy of the claims, and of their words where it is known which are wrong."""
    doubts, logits = model(_floats([item for item, _ in batch]))
    wrong = nn.utils.rnn.pad_sequence([wrong for _, wrong in batch], batch_first=True, padding_value=float("nan"))
    is_known = ~wrong.isnan()
    cross_entropy = nn.functional.binary_cross_entropy_with_logits
    by_word = cross_entropy(doubts[is_known], wrong[is_known], pos_weight=torch.tensor(_EDITED_WEIGHT))
    return cross_entropy(logits, supported) + by_word


def _floats(items: Sequence[Aligned]) -> Aligned:
    return _cast(pad_batch(items), torch.float)


def _cast(item: Aligned, dtype: torch.dtype) -> Aligned:
    """The same with its vectors, which are most of it, in another precision."""
    return item._replace(
        claim=tuple(layer.to(dtype) for layer in item.claim), source=tuple(layer.to(dtype) for layer in item.source)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("abstracts", nargs="+", type=Path)
    options = parser.parse_args()
    examples, held_out = load_examples(options.abstracts)
    encoded = encode(examples)
    is_held = [example.document in held_out for example in examples]
    kept = [place for place, held in enumerate(is_held) if not held]
    model = train([encoded[place] for place in kept], [examples[place] for place in kept])
    # Judged on the written claims alone: that a claim about another paper is not supported is easily told.
    held = [place for place, is_out in enumerate(is_held) if is_out and examples[place].is_written]
    with torch.inference_mode():
        logits = [float(model(_floats([encoded[place][0]]))[1]) for place in held]
    labels = [examples[place].is_supported for place in held]
    print(f"held out, {len(labels)} claims: AUROC {roc_auc_score(labels, logits):.3f}")
    save_file({name: value.half() for name, value in model.state_dict().items()}, weights.VERIFIER)
    print(f"Wrote {weights.VERIFIER}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
