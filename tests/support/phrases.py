"""Refuses phrases that many readers of English would have to read twice: ``python -m tests.support.phrases``.

The list grew out of reviews of this project: phrases that are archaic, idiomatic, or have no subject or verb. Each has
a plain replacement. Texts that other people wrote (the corpus, samples, labelled data) are not checked.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.paths import ROOT

SUFFIXES = frozenset({".css", ".html", ".js", ".md", ".py", ".sh", ".toml", ".txt", ".yml"})
NAMES = frozenset({"Makefile", "run"})
# Between two words of a phrase: white space, and the marks of a comment or a string that is continued.
GAP = r"""(?>["']?[ "']*\n\s*(?:[#*]+ *|[rf]{0,2}["'] *)?|[ ])"""
# Written by others, or labelled text; and this list itself.
EXCLUDED = (
    "evals/data/",
    "evals/training/reranker_data/",
    "evals/training/verifier_data/",
    "ingest/corpus/",
    "tests/golden/",
    "tests/samples/",
    "tests/stored/",
    "tests/project/test_phrases.py",
    "tests/support/phrases.py",
)
FINE_AFTER_NO = "longer|more|less|fewer|other|further|need|reason|slower|faster|better|worse|larger|smaller"
# A regular expression, in which a space also matches a line break, and what to write instead.
PLAIN_WORDS = {
    r"anew": "again",
    r"(?:tells|telling|told) of": "describes, reports",
    r"told so": "informed, warned",
    r"speaks? of": "mentions, describes",
    r"by now": "now, already, so far",
    r"for (?:him |those |them |one )?who": "for a user who, for a process that",
    r"who is alone": "the only process",
    r"whoever": "a user who, a process that",
    r"(?:let|lets|letting) (?:it |them )?go": "release",
    r"(?:bear|bears|bore|borne|bearing) out": "support",
    r"(?:mend|mends|mended|mending)": "fix, repair",
    r"beside": "next to, with, in addition to",
    r"raised figures?": "superscript",
    r"page furniture": "boilerplate",
    r"(?:at|to|near) hand": "available",
    r"of (?:its|their) own accord": "automatically",
    r"(?:go|goes|going|went) round": "repeats itself",
    r"(?:break|breaks|broke|breaking) off": "is incomplete, stops",
    r"so many": "that many",
    r"(?:is|are|was|were) made of": "consists of, is computed from",
    rf"(?<!there\s)(?:is|are) no (?!{FINE_AFTER_NO})[a-z]+": "is not a",
    r"the truth that": "the source from which",
    r"but for": "except for",
    r"(?:give|gives|gave|given|giving) way": "is replaced by",
    r"(?:passes|passed) over": "ignores, skips",
    r"(?:see|sees|saw) to (?:it|that)": "ensures",
    r"to be had": "available",
    r"at fault": "wrong, the cause",
    r"(?:for ever|for good)": "permanently",
    r"(?:who|what) (?:asks|reads|writes|opens|looks) (?:for|in|on|at|it|them|meanwhile)": "a user who, a process that",
    r"be gone": "exit, be removed",
    r"(?:lest|thence|thereof|therein|hitherto|henceforth|naught|ere long)": "a current word",
    r"(?:need|needs) not": "does not need to",
    r"no small|not a few": "many",
    r"as good as (?:all|every|no|any)": "nearly",
    r"(?:is|are|was|be) at work": "is active, takes effect",
    r"(?:a|an|one|each|object|vectors|bytes|kB|ms|s) (?:[a-z]+ )?an? (?:line|row|query)": "per line",
    r"\d+ (?:s|ms|MB|GB|kB) an? [a-z]+": "per",
    r"knows? nothing of": "does not depend on",
}
PATTERNS = {
    re.compile(rf"(?<![\w-])(?:{phrase.replace(' ', GAP)})(?![\w-])", re.IGNORECASE): instead
    for phrase, instead in PLAIN_WORDS.items()
}


class Finding(NamedTuple):
    path: str
    line: int
    phrase: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: “{self.phrase}”: write {self.instead}"


def findings(path: str, text: str) -> Iterator[Finding]:
    """The phrases of a text, in the order of the list."""
    for pattern, instead in PATTERNS.items():
        for match in pattern.finditer(text):
            yield Finding(path, text.count("\n", 0, match.start()) + 1, re.sub(GAP, " ", match.group()), instead)


def checked_files() -> list[str]:
    """Names, relative to the project, of the files in git that are checked."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.splitlines() if (ROOT / name).is_file() and not name.startswith(EXCLUDED)]
    return [name for name in names if Path(name).suffix in SUFFIXES or Path(name).name in NAMES]


def main(arguments: list[str]) -> int:
    """Print what is found below the paths given, or in the whole tree; ``--count``: only a number per folder."""
    below = tuple(argument for argument in arguments if argument != "--count") or ("",)
    found = [
        finding
        for name in checked_files()
        if name.startswith(below)
        for finding in findings(name, (ROOT / name).read_text(encoding="utf-8"))
    ]
    if "--count" in arguments:
        folders = Counter("/".join(finding.path.split("/")[:2]) for finding in found)
        print(*(f"{count:5} {folder}" for folder, count in sorted(folders.items())), sep="\n")
    else:
        print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
