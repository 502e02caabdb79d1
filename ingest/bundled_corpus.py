"""The bundled corpus: 75 abstracts about pre-training language models, and example questions about them."""

from __future__ import annotations

from pathlib import Path

CORPUS = Path(__file__).parent / "corpus" / "hf-papers.txt"
_END_OF_NAME = CORPUS.parts[-3:]  # the folders above depend on the installation
EXAMPLE_QUESTIONS = (
    "How does MiniPLM refine the distribution of its training data?",
    "Which papers are about continual pre-training?",
    "Can text that was used in pre-training be detected afterwards?",
    "Is a single prompt enough to make large models reason?",
)


def is_bundled(source: str) -> bool:
    """Is this the stored source name of the bundled corpus, from this or an earlier installation?"""
    return Path(source).parts[-len(_END_OF_NAME) :] == _END_OF_NAME
