"""Papers, answers and hostile texts for tests of exports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assistant.records import Answer, Claim, Evidence, Paper

SPARSE = Paper(
    "sparse",
    "Sparse Training of Small Models",
    "Cost falls. Accuracy stays.",
    authors=("Ada Smith", "Ludwig van Beethoven"),
    year=2023,
    venue="Journal of Sparsity",
    doi="10.1000/182_x",
)
TABLES = Paper("tables", "Tables are Hard", "Tables are hard.", arxiv_id="arXiv:2301.00001v2")
COST = Claim("Costs fall.", (Evidence(SPARSE, 0, 11),), "supported", 0.8)
ACCURACY = Claim("Accuracy stays.", (Evidence(SPARSE, 12, 27),), "quoted", 1.0)
HARD = Claim("Tables are hard.", (Evidence(TABLES, 0, 16),), "quoted", 1.0)
HOSTILE = [
    "<script>alert(1)</script> <!-- hidden",
    "![image](http://evil.example/a.png) [link](javascript:alert(1))",
    "www.evil.example and https://evil.example",
    "A title\n\n# A heading\n- an item",
    "``` code",
    "~~~ code",
    "1. one",
    "- one",
    "> one",
    "--- ===",
    "*a* _b_ ~~c~~ $d$ &copy; | e |",
    "[^1]: a note [^1]",
    "Wow!",
    "Half {a brace",
    "Half a} brace\\",
    "x},\n@article{evil, title = {Evil}}\n@comment{",
    "50% off @home # now",
    "x\nER  - \n\nTY  - JOUR\nTI  - Evil",
    "x\r\nAU  - Evil\u2028TI  - Evil\x00\x1b",
]


def done(*claims: Claim, **changes: Any) -> Answer:
    return replace(Answer("q", stage="done", claims=claims), **changes)


def one_line(text: str) -> str:
    return " ".join(text.replace("\x00", " ").replace("\x1b", " ").split())
