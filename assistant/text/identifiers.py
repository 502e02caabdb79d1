"""The grammar of DOIs, arXiv ids and PubMed ids (PMIDs): how each is found in a text, normalised and linked.

Sources: the DOI Handbook (https://www.doi.org/the-identifier/resources/handbook/2_numbering), arXiv's page on
identifiers (https://info.arxiv.org/help/arxiv_identifier.html), and PubMed's help on PMIDs
(https://pubmed.ncbi.nlm.nih.gov/help/#pmid).
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from urllib.parse import quote

Kind = Literal["doi", "arxiv", "pmid"]

ARXIV_DOI_PREFIX = "10.48550/"
"""The prefix of the DOIs that arXiv registers for its preprints."""
_NAMES: dict[str, str] = {"doi": "DOI", "arxiv": "arXiv id", "pmid": "PMID"}

# The standard allows every printable character in a DOI. Those left out here are hardly ever used, and they end a field
# of BibTeX, JSON or HTML.
_DOI_PATTERN = r'10\.\d{1,9}(?:\.\d{1,9}){0,4}/[^\s"{}\\]+'
_CLOSING_BRACKETS = {")": "(", "]": "[", ">": "<"}
# Ids since April 2007 are YYMM.NNNNN (four digits until 2014); before, ARCHIVE/YYMMNNN, with an optional subject class
# as in math.GT. No archive was added to the old form since, so this list is complete.
_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga|"
    "funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|"
    "q-alg|q-bio|quant-ph|solv-int|supr-con"
)
_ARXIV_PATTERN = (
    r"(?:\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
    rf"|(?:{_ARCHIVES})(?:\.[a-z][a-z-]{{1,10}})?/\d{{2}}(?:0[1-9]|1[0-2])\d{{3}})(?:v\d{{1,3}})?(?!\w|\.\d)"
)
_ARXIV_MARK = r"(?:\barxiv:\s*|\barxiv\.org/(?:abs|pdf|html)/|\b10\.48550/arxiv\.|\babs/)"
_PMID_PATTERN = r"(?<![^\W_])\d{1,8}(?!\w)"

_DOI = re.compile(rf"(?<![\d.]){_DOI_PATTERN}")
_ARXIV_FIELD = re.compile(rf"(?:.*?{_ARXIV_MARK})?\s*({_ARXIV_PATTERN})(?:\.pdf)?", re.IGNORECASE)
_MARKED_ARXIV = re.compile(rf"{_ARXIV_MARK}({_ARXIV_PATTERN})", re.IGNORECASE)
_ARXIV_PARTS = re.compile(r"(?P<archive>[a-z-]+)?(?:\.[a-z-]+)?(?P<number>/?[\d.]+)(?:v\d+)?")
_PMID = re.compile(_PMID_PATTERN)
_MARKED_PMID = re.compile(
    rf"(?:(?:https?://)?pubmed\.ncbi\.nlm\.nih\.gov/|\b(?:pmid|pubmed(?:\s+id)?):?\s*)(?P<id>{_PMID_PATTERN})/?",
    re.IGNORECASE,
)

# In running text an id counts with the word or the address that announces it, or where it can be nothing else.
_IN_RUNNING_TEXT: dict[Kind, re.Pattern[str]] = {
    "arxiv": re.compile(
        rf"(?:(?:https?://)?(?:www\.|export\.)?{_ARXIV_MARK}|\barxiv:?\s*|(?:https?://)?(?:dx\.)?doi\.org/10\.48550/arxiv\."
        rf"|(?<![\w./]))(?P<id>{_ARXIV_PATTERN})(?:\.pdf)?(?!%)",
        re.IGNORECASE,
    ),
    "doi": re.compile(
        rf"(?:(?:https?://)?(?:dx\.)?doi\.org/|\bdoi:?\s*|(?<![\w./])(?=10\.\d{{4}}))(?P<id>{_DOI_PATTERN})",
        re.IGNORECASE,
    ),
    "pmid": _MARKED_PMID,
}


class Identifier(NamedTuple):
    """An identifier in running text: ``text[start:end]`` is its value with the word that announces it."""

    kind: Kind
    value: str
    start: int
    end: int

    @property
    def key(self) -> str:
        return key_of(self.kind, self.value)


def find_doi(text: str) -> str:
    """The first DOI in a text, in lower case and without the punctuation that follows it; empty if there is none."""
    match = _DOI.search(text)
    return _without_punctuation(match.group()).lower() if match else ""


def parse_arxiv_id(field: str) -> str:
    """The arXiv id in a field that is meant for one, with its version; empty if it contains anything else.

    The id may stand after ``arXiv:`` or in an address.
    """
    match = _ARXIV_FIELD.match(field.strip())
    return match[1] if match else ""


def find_marked_arxiv_id(text: str) -> str:
    """The first arXiv id, with its version, in a text that marks it by ``arXiv:``, an address or arXiv's DOI."""
    match = _MARKED_ARXIV.search(text)
    return match[1] if match else ""


def find_pmid(field: str) -> str:
    """The first number of at most eight digits in a field that is meant for a PMID; empty if there is none."""
    match = _PMID.search(field)
    return match.group() if match else ""


def find_marked_pmid(text: str) -> str:
    """The first PMID in a text that is marked as one, by ``PMID:`` or an address; empty if there is none."""
    match = _MARKED_PMID.search(text)
    return match["id"] if match else ""


def first_identifier(text: str) -> Identifier | None:
    """The identifier that a sentence names: an arXiv id (arXiv's DOI too) before another DOI before a PMID."""
    for kind, pattern in _IN_RUNNING_TEXT.items():
        if match := pattern.search(text):
            value, end = match["id"], match.end()
            if kind == "doi":
                value = _without_punctuation(value)
                end = match.start("id") + len(value)
            return Identifier(kind, value, match.start(), end)
    return None


def key_of(kind: Kind, identifier: str) -> str:
    """The text by which papers are looked up, such as ``doi:10.1234/x`` or ``arxiv:2001.00001``.

    All versions of an arXiv id have one key, and an old id has the same one with and without its subject class.
    """
    if kind == "arxiv" and (parts := _ARXIV_PARTS.fullmatch(identifier.lower())):
        identifier = f"{parts['archive'] or ''}{parts['number']}"
    return f"{kind}:{identifier.lower()}"


def name_of_key(key: str) -> str:
    """A key as people read it, as in "DOI 10.1234/x"."""
    kind, _, identifier = key.partition(":")
    return f"{_NAMES[kind]} {identifier}"


def doi_address(doi: str) -> str:
    return f"https://doi.org/{quote(doi, safe='/')}"


def arxiv_address(arxiv_id: str) -> str:
    return f"https://arxiv.org/abs/{arxiv_id}"


def pubmed_address(pmid: str) -> str:
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"


def _without_punctuation(doi: str) -> str:
    """Without full stops, quotation marks and unmatched closing brackets at the end, which belong to the sentence."""
    while doi:
        last = doi[-1]
        opening = _CLOSING_BRACKETS.get(last)
        if last not in ".,;:?!'’”" and not (opening and doi.count(last) > doi.count(opening)):
            break
        doi = doi[:-1]
    return doi
