"""Trains the classifier of sentences by role (``assistant/models/role_classifier.py``) and writes its weights.

``python -m evals.training.roles --labelled CSABSTRUCT --structured ABSTRACTS... --held-out PUBMEDQA``, all JSON lines,
plain or gzip; ``evals/training/README.md`` says where they come from.

``CSABSTRUCT``: abstracts of ``{split, sentences, roles}``, where results and conclusions are one class; its ``train``
split is trained on. ``ABSTRACTS``: ``{id, title, abstract}`` or SciFact's ``{_id, title, text}``; the headings of
structured ones are the labels, and the classifier does not see them. ``PUBMEDQA``: ``{sections}``, pairs of heading and
text, only measured. Fits without chance, so that there is no seed. Takes 10 minutes on two cores, mostly to embed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression

from assistant.interfaces import Embedder
from assistant.models import weights
from assistant.models.role_classifier import KINDS, RoleClassifier, features
from assistant.models.sentence_transformer import SentenceTransformerEmbedding
from assistant.records import Role
from assistant.settings import PACKAGED
from assistant.text.headings import abstract_sentences, possible_roles
from evals.files import numbered_lines, read_abstracts
from evals.metrics import auroc

INVERSE_RIDGE = 1.0  # scikit-learn's C; 0.1 and 3 were worse on both fields
LABELLED_WEIGHT = 2.0  # of an abstract whose sentences were labelled by people, against one with headings
LEAST_ROLES = 3  # that the headings of a structured abstract name: one or two may be words of a sentence
_ROLE_OF_LABEL: dict[str, Role] = {
    "background": "background", "objective": "aim", "method": "method", "result": "result"
}  # fmt: skip
_FINDING = KINDS[-1]


@dataclass(frozen=True, slots=True)
class Labelled:
    """The sentences of an abstract with their roles, None where the role is unknown."""

    sentences: tuple[str, ...]
    roles: tuple[Role | None, ...]
    weight: float = 1.0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--labelled", type=Path, required=True)
    parser.add_argument("--structured", type=Path, nargs="+", required=True)
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=weights.ROLES)
    options = parser.parse_args()
    structured = [one for path in options.structured for one in structured_abstracts(path)]
    sets = {
        "train": [*labelled_abstracts(options.labelled, "train"), *structured],
        "CSAbstruct": labelled_abstracts(options.labelled, "test"),
        "PubMedQA": sectioned_abstracts(options.held_out),
    }
    train(sets, structured, SentenceTransformerEmbedding(PACKAGED), options.output)
    return 0


def train(sets: dict[str, list[Labelled]], structured: Sequence[Labelled], embedder: Embedder, output: Path) -> None:
    """Fit on the set ``train``, and conclusions on the structured abstracts; write the weights; measure the rest."""
    texts = list(dict.fromkeys(text for found in sets.values() for one in found for text in one.sentences))
    vectors = dict(zip(texts, embedder.vectors_of(texts).astype(np.float16), strict=True))
    kind = fit(sets["train"], vectors, [_kind_of(role) for one in sets["train"] for role in one.roles])
    of_finding = [role if role in _FINDING else None for one in structured for role in one.roles]
    finding = fit(structured, vectors, [None if role is None else _FINDING.index(role) for role in of_finding])
    save_file({"kind": kind.astype(np.float16), "finding": finding[:, 0].astype(np.float16)}, output)
    classifier = RoleClassifier(output)
    for name, found in sets.items():
        print(f"{name}: {measure(classifier, found, vectors)}")


def fit(
    found: Sequence[Labelled], vectors: dict[str, NDArray[np.float16]], labels: Sequence[int | None]
) -> NDArray[np.float64]:
    """Weights ``(features + 1, classes)`` of a logistic regression, the intercept last; one column for two classes.

    ``labels``: the class of each sentence of the abstracts, in order; None for a sentence that is left out.
    """
    matrix = np.concatenate([_features(one, vectors) for one in found])
    weight = np.array([one.weight for one in found for _ in one.sentences])
    known = np.array([label is not None for label in labels])
    classes = np.array([label for label in labels if label is not None])
    model = LogisticRegression(C=INVERSE_RIDGE, max_iter=200)
    model.fit(matrix[known], classes, sample_weight=weight[known])
    fitted: NDArray[np.float64] = np.vstack([model.coef_.T, model.intercept_])
    return fitted


def measure(classifier: RoleClassifier, found: Sequence[Labelled], vectors: dict[str, NDArray[np.float16]]) -> str:
    """Accuracy of four classes, which is micro-F1, of five roles, and AUROC of results and conclusions."""
    pairs: list[tuple[Role, Role, float]] = []
    for one in found:
        of_abstract = np.stack([vectors[text] for text in one.sentences])
        chosen = classifier.roles(of_abstract, [*map(possible_roles, one.sentences)])
        shares = classifier.probabilities(of_abstract)[:, -len(_FINDING) :].sum(axis=1)
        pairs += [
            (role, found_role, float(share))
            for role, found_role, share in zip(one.roles, chosen, shares, strict=True)
            if role
        ]
    four = np.mean([_kind_of(role) == _kind_of(chosen) for role, chosen, _ in pairs])
    five = np.mean([role == chosen for role, chosen, _ in pairs])
    findings = [share for role, _, share in pairs if role in _FINDING]
    others = [share for role, _, share in pairs if role not in _FINDING]
    return (
        f"{len(pairs)} sentences, micro-F1 of four classes {four:.3f}, of five roles {five:.3f}, "
        f"AUROC of findings {auroc(findings, others):.3f}"
    )


def labelled_abstracts(path: Path, split: str) -> list[Labelled]:
    """Abstracts of CSAbstruct; sentences that are labelled ``other`` have no role."""
    records = [json.loads(line) for line, _ in numbered_lines(path)]
    return [
        Labelled(tuple(one["sentences"]), tuple(map(_ROLE_OF_LABEL.get, one["roles"])), LABELLED_WEIGHT)
        for one in records
        if one["split"] == split
    ]


def structured_abstracts(path: Path) -> list[Labelled]:
    """The abstracts of a file whose headings name at least three roles."""
    return list(_structured(abstract for _, _, abstract in read_abstracts(path)))


def sectioned_abstracts(path: Path) -> list[Labelled]:
    """Abstracts that are stored as pairs of heading and text."""
    sections = [json.loads(line)["sections"] for line, _ in numbered_lines(path)]
    return list(_structured(" ".join(f"{heading}: {text}" for heading, text in one) for one in sections))


def _structured(abstracts: Iterator[str]) -> Iterator[Labelled]:
    for abstract in abstracts:
        sentences = abstract_sentences(abstract)
        roles = tuple(next(iter(one.roles)) if len(one.roles) == 1 else None for one in sentences)
        if len({*roles} - {None}) >= LEAST_ROLES:
            yield Labelled(tuple(abstract[one.start : one.end] for one in sentences), roles)


def _features(one: Labelled, vectors: dict[str, NDArray[np.float16]]) -> NDArray[np.float32]:
    return features(np.stack([vectors[text] for text in one.sentences]))


def _kind_of(role: Role | None) -> int | None:
    return next((number for number, kind in enumerate(KINDS) if role in kind), None)


if __name__ == "__main__":
    sys.exit(main())
