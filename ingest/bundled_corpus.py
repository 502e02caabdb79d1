"""The bundled corpus: a page of 75 abstracts on pre-training language models, and what to ask of it."""

from __future__ import annotations

from pathlib import Path

CORPUS = Path(__file__).parent / "corpus" / "hf-papers.txt"
_END_OF_NAME = CORPUS.parts[-3:]  # the folders before it change with the installation
EXAMPLE_QUESTIONS = (
    "How does MiniPLM refine the distribution of its training data?",
    "Which papers are about continual pre-training?",
    "Can text that was used in pre-training be detected afterwards?",
    "Is a single prompt enough to make large models reason?",
)


def is_bundled(source: str) -> bool:
    """Is this the stored name of the bundled corpus, wherever the program was installed when it was read?"""
    return Path(source).parts[-len(_END_OF_NAME) :] == _END_OF_NAME
