"""Superscripts and subscripts survive in every format and notation: each combination gives the same abstract."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest

from ingest.readers import read_papers

ABSTRACT = (
    "In March we counted 10^6 eggs of the lake snail in a litre of water, and in June only 3 × 10^4 of them were left. "
    "The eggs sank at 10^-5 m s^-1, since their shells consist of CaCO3, as those of all the other snails are."
)
TEMPLATE = (
    "In March we counted {million} eggs of the lake snail in a litre of water, and in June only {times} of them were "
    "left. The eggs sank at {small} {speed}, since their shells consist of {chalk}, as those of all the other snails "
    "are."
)


def spelled(million: str, times: str, small: str, speed: str, chalk: str) -> str:
    return TEMPLATE.format(million=million, times=times, small=small, speed=speed, chalk=chalk)


def with_tags(raise_: str, lower: str, times: str = "3 × 10") -> str:
    """``raise_`` and ``lower`` are templates for a superscript and a subscript."""
    up, down = raise_.format, lower.format
    return spelled(f"10{up('6')}", f"{times}{up('4')}", f"10{up('−5')}", f"m s{up('−1')}", f"CaCO{down('3')}")


def power(base: str, exponent: str) -> str:
    return f"<mml:math><mml:msup><mml:mn>{base}</mml:mn>{exponent}</mml:msup></mml:math>"


TAGS = with_tags("<sup>{}</sup>", "<sub>{}</sub>")
MATHML = spelled(
    power("10", "<mml:mn>6</mml:mn>"),
    "<mml:math><mml:mn>3</mml:mn><mml:mo>×</mml:mo><mml:msup><mml:mn>10</mml:mn><mml:mn>4</mml:mn></mml:msup></mml:math>",
    power("10", "<mml:mrow><mml:mo>−</mml:mo><mml:mn>5</mml:mn></mml:mrow>"),
    "<mml:math><mml:mi>m</mml:mi></mml:math> "
    + power("s", "<mml:mrow><mml:mo>−</mml:mo><mml:mn>1</mml:mn></mml:mrow>"),
    "<mml:math><mml:msub><mml:mi>CaCO</mml:mi><mml:mn>3</mml:mn></mml:msub></mml:math>",
)
SPELLINGS = {
    "HTML": TAGS,
    "HTML with attributes": with_tags('<sup class="x">{}</sup>', "<SUB style='y'>{}</SUB>"),
    "JATS": f"<jats:p>{with_tags('<jats:sup>{}</jats:sup>', '<jats:sub>{}</jats:sub>')}</jats:p>",
    "escaped HTML": html.escape(TAGS),
    "HTML escaped twice": html.escape(html.escape(TAGS)),
    "HTML escaped in JATS": f"<jats:p>{html.escape(TAGS)}</jats:p>",
    "entities": with_tags("<sup>{}</sup>", "<sub>{}</sub>", "3&nbsp;&times; 10").replace("−", "&minus;"),
    "MathML": MATHML,
    "MathML without prefix": MATHML.replace("mml:", ""),
    "MathML with TeX": MATHML.replace(
        "<mml:math>", r"<inline-formula><alternatives><tex-math>\mathrm{x}^{7}</tex-math><mml:math>"
    ).replace("</mml:math>", "</mml:math></alternatives></inline-formula>"),
    "TeX in JATS": spelled(
        "<tex-math>10^{6}</tex-math>",
        r"<tex-math>$3\times10^4$</tex-math>",
        r"<tex-math>\documentclass{m}\begin{document}$$10^{-5}$$\end{document}</tex-math>",
        "<tex-math>m</tex-math> <tex-math>s^{-1}</tex-math>",
        r"<tex-math>\mathrm{CaCO_3}</tex-math>",
    ),
    "TeX commands": with_tags(r"\textsuperscript{{{}}}", r"\textsubscript{{{}}}"),
    "TeX formulas": spelled("$10^{6}$", r"$3\times 10^{4}$", "$10^{-5}$", r"m $\mathrm{s}^{-1}$", r"$\mathrm{CaCO_3}$"),
    "TeX exponents": with_tags("$^{{{}}}$", "$_{{{}}}$", r"3$\times$10").replace("−", "-"),
    "TeX parentheses": spelled(r"\(10^6\)", r"\(3\times10^4\)", r"\(10^{-5}\)", r"m \(s^{-1}\)", r"\ce{CaCO3}"),
    "bare TeX": with_tags("^{{{}}}", "_{{{}}}", r"3 \times 10").replace("−", "-"),
    "Unicode": spelled("10⁶", "3×10⁴", "10⁻⁵", "m s⁻¹", "CaCO₃"),
    "plain": ABSTRACT,
}


def as_crossref(abstract: str) -> str:
    return json.dumps({"message": {"items": [{"title": ["Eggs"], "abstract": abstract}]}})


def as_openalex(abstract: str) -> str:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(abstract.split()):
        places.setdefault(word, []).append(place)
    return json.dumps({"results": [{"title": "Eggs", "abstract_inverted_index": places, "authorships": []}]})


def as_arxiv_snapshot(abstract: str) -> str:
    return json.dumps({"id": "2101.00001", "title": "Eggs", "abstract": f"  {abstract}\n", "authors_parsed": []})


def as_table(abstract: str) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([["Title", "Abstract", "Year"], ["Eggs", abstract, "2020"]])
    return text.getvalue()


def in_xml(abstract: str) -> str:
    """The abstract as XML elements if it is well formed, else as text."""
    namespaces = 'xmlns:jats="j" xmlns:mml="m"'
    try:
        ET.fromstring(f"<a {namespaces}>{abstract}</a>")  # noqa: S314 - made here
    except ET.ParseError:
        return escape(abstract)
    return abstract


def as_pubmed(abstract: str) -> str:
    return (
        '<PubmedArticleSet xmlns:jats="j" xmlns:mml="m"><PubmedArticle><MedlineCitation><PMID>1</PMID><Article>'
        f"<ArticleTitle>Eggs</ArticleTitle><Abstract><AbstractText>{in_xml(abstract)}</AbstractText></Abstract>"
        "</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )


def as_endnote(abstract: str) -> str:
    return (
        "<xml><records><record><titles><title><style>Eggs</style></title></titles>"
        f"<abstract><style>{escape(abstract)}</style></abstract></record></records></xml>"
    )


def as_atom(abstract: str) -> str:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><link href="http://arxiv.org/api/q"/><entry>'
        f"<id>http://arxiv.org/abs/2401.01234v2</id><title>Eggs</title><summary>{escape(abstract)}</summary>"
        "</entry></feed>"
    )


FORMATS: dict[str, Callable[[str], str]] = {
    "plain JSON": lambda abstract: json.dumps({"title": "Eggs", "abstract": abstract}),
    "Semantic Scholar": lambda abstract: json.dumps({"externalIds": {}, "title": "Eggs", "abstract": abstract}),
    "Crossref": as_crossref,
    "OpenAlex": as_openalex,
    "arXiv snapshot": as_arxiv_snapshot,
    "RIS": lambda abstract: f"TY  - JOUR\nTI  - Eggs\nAB  - {abstract}\nER  - \n",
    "BibTeX": lambda abstract: f"@article{{k,\n  title = {{Eggs}},\n  abstract = {{{abstract}}},\n}}\n",
    "Web of Science": lambda abstract: f"FN Clarivate\nVR 1.0\nPT J\nTI Eggs\nAB {abstract}\nPY 2020\nER\n\nEF\n",
    "refer": lambda abstract: f"%0 Journal Article\n%T Eggs\n%D 2020\n%X {abstract}\n\n",
    "EndNote XML": as_endnote,
    "NBIB": lambda abstract: f"PMID- 1\nTI  - Eggs\nAB  - {abstract}\nSO  - J\n",
    "PubMed XML": as_pubmed,
    "Atom": as_atom,
    "CSV": as_table,
    "Markdown": lambda abstract: f"# Eggs\n\n{abstract}\n",
    "page": lambda abstract: f"Eggs\n\n{abstract}\n\nMore\n\n{abstract}\n",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", FORMATS)
def test_abstract_is_the_same_in_every_format_and_notation(name, spelling):
    data = FORMATS[name](SPELLINGS[spelling]).encode()
    paper = read_papers(data, "papers").papers[0]
    assert (paper.title, paper.abstract) == ("Eggs", ABSTRACT)
