"""Exports conversations as Markdown with footnotes, and papers as BibTeX and RIS.

Titles, names, questions and answers are untrusted text. Each is put on one line and escaped for its format, so that it
can neither format anything nor end the entry that contains it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, product
from string import ascii_lowercase
from typing import Any
from urllib.parse import quote, urlsplit

import rispy
from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Block, Entry, Field
from pylatexenc.latexencode import RULE_DICT, UnicodeToLatexConversionRule, UnicodeToLatexEncoder

from assistant.presentation import decline, in_form, retraction_warning
from assistant.records import Answer, Citation, Claim, Form, Paper
from assistant.text.author_names import split_name
from assistant.text.identifiers import arxiv_address, doi_address, find_doi, parse_arxiv_id
from assistant.text.tokens import content_words

Turns = Sequence[tuple[str, Answer | None]]
"""The questions of a conversation with their answers."""

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")  # white space, and characters that no format allows
_URL_SAFE = "%/:?#@!&'()*+,=~"  # not what ends an address: < > in Markdown, { } in BibTeX, ; in RIS

_MARKUP = re.compile(
    r"""[\\`*_{}\[\]<>&#|~^$@!]   # has a meaning anywhere
    |   ([=%])(?=\1)              # ==highlight== and %%comment%% in Obsidian
    |   :(?=\S) | (?<=www)\.      # would make a bare address a link
    |   ^[-+:]                    # would begin a list or a definition""",
    re.VERBOSE | re.IGNORECASE,
)
_ENUMERATOR = re.compile(r"^(\(?\w+)([.)])(?=\s|$)")

# BibTeX counts braces even after a backslash, so an escaped brace without its partner would break the entry.
_BRACES = {ord("{"): r"\ensuremath{\lbrace}", ord("}"): r"\ensuremath{\rbrace}"}
_LATEX = UnicodeToLatexEncoder(
    conversion_rules=[UnicodeToLatexConversionRule(RULE_DICT, _BRACES), "defaults"],
    replacement_latex_protection="braces-all",  # BibTeX sorts and abbreviates {\'E} as one letter
    unknown_char_warning=False,
)


def link(paper: Paper) -> str:
    """The address of the paper on the web: its own if it has one, otherwise that of its DOI or its arXiv page."""
    if address := _web_address(paper.url):
        return quote(address, safe=_URL_SAFE)
    if doi := _doi(paper):
        return doi_address(doi)
    arxiv_id = _arxiv_id(paper)
    return arxiv_address(arxiv_id) if arxiv_id else ""


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(_one_line(url))
    except ValueError:  # http://[
        return ""
    return parts.geturl() if parts.scheme in ("http", "https") and parts.netloc else ""


def _doi(paper: Paper) -> str:
    return find_doi(_one_line(paper.doi))


def _arxiv_id(paper: Paper) -> str:
    return parse_arxiv_id(_one_line(paper.arxiv_id))


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()


def _split_names(paper: Paper) -> list[tuple[str, str]]:
    """Family and given names of the authors; the given name of an author with a single name is empty."""
    return [name for name in map(split_name, paper.authors) if name[0]]


def as_markdown(title: str, turns: Turns) -> str:
    """Questions with their answers. Each paper has one footnote, and the numbers run through all answers."""
    whole = _combined(answer for _, answer in turns if answer)
    collections = {paper_id: names for _, answer in turns if answer for paper_id, names in answer.collections}
    blocks = [f"# {escaped_markdown(title)}"]
    for question, answer in turns:
        blocks += [f"## {escaped_markdown(question)}", _answer_markdown(answer, whole)]
    blocks += [
        _footnote_markdown(citation, collections.get(citation.paper.paper_id, ())) for citation in whole.citations
    ]
    return "\n\n".join(blocks) + "\n"


def cited_papers(answers: Iterable[Answer]) -> list[Paper]:
    """The cited papers without repeats, in the order in which they are first cited."""
    return [citation.paper for citation in _combined(answers).citations]


def _combined(answers: Iterable[Answer]) -> Answer:
    """One answer with the claims of all, which numbers the papers of all."""
    return Answer("", stage="done", claims=tuple(claim for answer in answers for claim in _shown_claims(answer)))


def _shown_claims(answer: Answer) -> tuple[Claim, ...]:
    return () if answer.stopped or answer.abstained else answer.claims


def _answer_markdown(answer: Answer | None, whole: Answer) -> str:
    if answer and answer.stopped:
        return "*Stopped.*"
    if not (answer and (answer.abstained or answer.claims or answer.notice)):
        return "*No answer.*"
    said = escaped_markdown(decline(answer)) if answer.abstained else _claims_markdown(answer, whole)
    asked = f"*{escaped_markdown(f'From the collection {answer.collection}:')}*" if answer.collection else ""
    before = [_retraction_markdown(answer, whole), escaped_markdown(answer.notice), asked]
    return "\n\n".join(filter(None, [*before, said]))


def _retraction_markdown(answer: Answer, whole: Answer) -> str:
    cited = {citation.paper.paper_id for citation in answer.retracted}
    warning = retraction_warning([f"[^{one.marker}]" for one in whole.citations if one.paper.paper_id in cited])
    return f"**{warning}**" if warning else ""


def _claims_markdown(answer: Answer, whole: Answer) -> str:
    """The claims that are shown at once, and in a paragraph of their own those that are shown on request."""
    opening, more = (
        in_form([_claim_markdown(claim, whole.markers_of(claim), answer.form) for claim in claims], answer.form)
        for claims in (answer.opening, answer.more)
    )
    if answer.short:
        opening = f"**{answer.short.label}**{_markers_markdown(whole.markers_of(answer.short))}: {opening}"
    return "\n\n".join(filter(None, [opening, "More:" if more else "", more]))


def _claim_markdown(claim: Claim, markers: Iterable[int], form: Form) -> str:
    words = f"“{escaped_markdown(claim.text)}”" if claim.support == "quoted" else escaped_markdown(claim.text)
    strong = "**" if form == "list" else ""
    lead = f"{strong}{escaped_markdown(claim.lead)}{strong}: " if claim.lead else ""
    purpose = f"{claim.purpose}: " if claim.purpose else ""
    return lead + purpose + words + _markers_markdown(markers)


def _markers_markdown(markers: Iterable[int]) -> str:
    return "".join(f"[^{marker}]" for marker in markers)


def _footnote_markdown(citation: Citation, collections: Sequence[str]) -> str:
    """The paper with its collections, and in further paragraphs of the footnote the words that are cited from it."""
    paper = citation.paper
    authors = ", ".join(escaped_markdown(author) for author in paper.authors)
    year = f" ({paper.year})" if paper.year else ""
    address = f" <{link(paper)}>" if link(paper) else ""
    retracted = "**Retracted.** " if paper.is_retracted else ""
    venue = f" {escaped_markdown(paper.venue)}." if citation.rests_on_record and paper.venue else ""
    found_in = "".join(f" · {escaped_markdown(name)}" for name in collections)
    source = f"{authors}: " * bool(authors) + f"*{escaped_markdown(paper.title)}*{year}.{venue}{address}{found_in}"
    quotations = [f"“{escaped_markdown(quotation.text)}”" for quotation in citation.quotes]
    return "\n\n    ".join([f"[^{citation.marker}]: {retracted}{source}", *quotations])


def escaped_markdown(text: str) -> str:
    """The text on one line, with every character escaped that CommonMark, GitHub, Obsidian or pandoc would interpret.

    One exception: GitHub makes an e-mail address a link even if it is escaped.
    """
    return _ENUMERATOR.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", _one_line(text)))


def as_bibtex(papers: Sequence[Paper]) -> str:
    entries: list[Block] = [
        Entry(
            "article" if paper.venue else "misc",
            key,
            [Field(name, value) for name, value in _bibtex_fields(paper).items()],
        )
        for paper, key in zip(papers, _bibtex_keys(papers), strict=True)
    ]
    return write_string(Library(entries))


def _bibtex_fields(paper: Paper) -> dict[str, str]:
    """The fields that are known. Ids and the address are not escaped, because LaTeX reads them verbatim."""
    fields = {
        "title": " ".join(map(_title_word, _one_line(paper.title).split())),
        "author": " and ".join(_bibtex_name(*name) for name in _split_names(paper)),
        "journal": _latex(paper.venue),
        "year": str(paper.year or ""),
        "doi": _doi(paper),
        "eprint": _arxiv_id(paper),
        "archivePrefix": "arXiv" if _arxiv_id(paper) else "",
        "url": link(paper),
        "note": "Retracted" if paper.is_retracted else "",
    }
    return {name: value for name, value in fields.items() if value}


def _title_word(word: str) -> str:
    """In braces if it has a capital after the first letter, as in BERT, which most bibliography styles would lower."""
    return f"{{{_latex(word)}}}" if any(letter.isupper() for letter in word[1:]) else _latex(word)


def _bibtex_name(family: str, given: str) -> str:
    return f"{_name_part(family)}, {_name_part(given)}" if given else f"{{{_latex(family)}}}"


def _name_part(part: str) -> str:
    """In braces if it contains a comma or "and", which separate parts of a name and persons in BibTeX."""
    return f"{{{_latex(part)}}}" if re.search(r",|\band\b", part, re.IGNORECASE) else _latex(part)


def _latex(text: str) -> str:
    return str(_LATEX.unicode_to_latex(_one_line(text)))


def _bibtex_keys(papers: Iterable[Paper]) -> list[str]:
    """A citation key per paper, such as ``smith2023attention``; a letter is added if the key is taken."""
    keys: dict[str, None] = {}
    for key in map(_bibtex_key, papers):
        keys[next(key + suffix for suffix in _suffixes() if key + suffix not in keys)] = None
    return list(keys)


def _bibtex_key(paper: Paper) -> str:
    families = [_ascii(family) for family, _ in _split_names(paper)[:1]]
    title_words = [_ascii(word) for word in content_words(paper.title)]
    return "".join([*families, str(paper.year or ""), *list(filter(None, title_words))[:1]]) or "paper"


def _suffixes() -> Iterator[str]:
    """The empty text, a, b, …, z, aa, ab, …"""
    return ("".join(letters) for length in count() for letters in product(ascii_lowercase, repeat=length))


def _ascii(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]", "", letters.lower())


class _RisWriter(rispy.RisWriter):  # type: ignore[misc]  # rispy has no types
    def set_header(self, count: int) -> str:  # noqa: ARG002
        """No header: rispy would number the entries in lines that are not part of the format."""
        return ""


def as_ris(papers: Sequence[Paper]) -> str:
    return str(rispy.dumps([_ris_fields(paper) for paper in papers], implementation=_RisWriter))


def _ris_fields(paper: Paper) -> dict[str, Any]:
    reference = {
        "type_of_reference": "JOUR" if paper.venue else "GEN",
        "title": _one_line(paper.title),
        "authors": [", ".join(filter(None, name)) for name in _split_names(paper)],
        "secondary_title": _one_line(paper.venue),
        "year": str(paper.year or ""),
        "doi": _doi(paper),
        "urls": [link(paper)] if link(paper) else [],
        "notes": ["Retracted"] if paper.is_retracted else [],
    }
    return {name: value for name, value in reference.items() if value}


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format in which the page exports a conversation. ``write`` takes the title of a conversation and its turns."""

    label: str
    suffix: str
    write: Callable[[str, Turns], str]


def _cited_in(turns: Turns) -> list[Paper]:
    return cited_papers(answer for _, answer in turns if answer)


FORMATS = {
    "markdown": ExportFormat("Markdown", "md", as_markdown),
    "bibtex": ExportFormat("BibTeX", "bib", lambda _, turns: as_bibtex(_cited_in(turns))),
    "ris": ExportFormat("RIS", "ris", lambda _, turns: as_ris(_cited_in(turns))),
}
"""By the name that a button of ``web/static/chat.html`` has as ``data-format``."""
