"""Fits the packaged judge (``assistant/answering/judge.py``) on claims held out from the training of its models.

``python -m evals.training.judge ABSTRACTS...`` prints the coefficients, and for some thresholds how many claims of each
kind are accepted, with the rules of refusal.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from tqdm import tqdm

from assistant.answering.judge import JUDGE, PackagedJudge
from assistant.answering.rules.all_rules import refusal_reason
from evals.training.claim_rows import CONTRADICTED, NOT_SUPPORTED, NOT_TOLD, SUPPORTED, Row, claim_rows

_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_KINDS = {"supported": SUPPORTED, "contradicted": CONTRADICTED, "not told": NOT_TOLD, "one of both": NOT_SUPPORTED}


def report(rows: Sequence[Row]) -> str:
    """The coefficients and the table, as text."""
    judge = PackagedJudge()
    pairs = [(row.source, claim) for row in rows for claim in row.claims]
    signals = [judge.signals(source, claim.text).values for source, claim in tqdm(pairs, desc="judging")]
    names = list(JUDGE.coefficients)
    matrix = np.array([[values[name] for name in names] for values in signals])
    verdicts = np.array([claim.verdict for _, claim in pairs])
    is_refused = np.array([bool(refusal_reason(claim.text, [source], "", "")) for source, claim in pairs])
    fitted = LogisticRegression().fit(matrix, verdicts == SUPPORTED)
    found = fitted.predict_proba(matrix)[:, 1]
    lines = [
        f"coefficients {dict(zip(names, fitted.coef_[0].round(4).tolist(), strict=True))}",
        f"intercept {fitted.intercept_[0]:.4f}",
        f"AUROC {roc_auc_score(verdicts == SUPPORTED, found):.3f} of {len(pairs)} claims",
    ]
    for threshold in _THRESHOLDS:
        accepted = (found >= threshold) & ~is_refused
        shares = ", ".join(f"{name} {accepted[verdicts == number].mean():.3f}" for name, number in _KINDS.items())
        balanced = balanced_accuracy_score(verdicts == SUPPORTED, accepted)
        lines.append(f"threshold {threshold}: balanced accuracy {balanced:.3f}; accepted: {shares}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("abstracts", nargs="+", type=Path)
    options = parser.parse_args()
    print(report([row for row in claim_rows(options.abstracts) if row.is_held_out]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
