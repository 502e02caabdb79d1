"""The bundled corpus: a page of 75 abstracts on pre-training language models, and what to ask of it."""

from __future__ import annotations

from pathlib import Path

CORPUS = Path(__file__).parent / "corpus" / "hf-papers.txt"
EXAMPLE_QUESTIONS = (
    "How large a share of web text is needed when every example is refined by a small model?",
    "Which papers are about continual pre-training?",
    "Can text that was used in pre-training be detected afterwards?",
    "How far does adding “Let's think step by step” raise accuracy on MultiArith?",
)
