"""Unusual exports that real tools write, in a few lines each: title and abstract must be read."""

from __future__ import annotations

import json

import pytest

from assistant.errors import InputError
from ingest.readers import read_papers

IVY = {"title": "Ivy", "abstract": "Ivy grows on walls."}
REFERENCE = {"paperId": "b", "title": "Moss", "abstract": "Moss."}
VARIANTS = {
    "BibTeX key with spaces": "@article{van der Berg 2010, title={Ivy}, abstract={Ivy grows on walls.}, year=2010}\n",
    "BibTeX without a key": "@article{,\n title={Ivy},\n abstract={Ivy grows on walls.}}\n",
    "BibTeX in capitals": "@ARTICLE{8012345,\n  TITLE={Ivy}, \n  ABSTRACT={Ivy grows on walls.}}\n",
    "BibTeX in parentheses": '@article(b,\n title = "Ivy",\n abstract = "Ivy grows on walls."\n)\n',
    "HAL's BibTeX": "@article{b:hal,\n TITLE = {{Ivy}},\n HAL_ID = {hal},\n ABSTRACT = {Ivy grows on walls.},\n}\n",
    "Citavi's RIS, wrapped": "TY  - JOUR\nTI  - Ivy\nAB  - Ivy grows\non walls.\nER  - ",
    "IEEE's RIS": "TY  - JOUR\nTI  - Ivy\nT2  - IEEE Walls\nAB  - Ivy grows on walls.\nER  - \n\n\n",
    "RIS after a number": "1.\n\nTY  - JOUR\nTI  - Ivy\nAB  - Ivy grows on walls.\nER  - \n",
    "RIS without TY or ER": "UI  - 1\nTI  - Ivy\nAB  - Ivy grows on walls.\n",
    "a line of Semantic Scholar's downloads": json.dumps({"corpusid": 1, "openaccessinfo": {"externalids": {}}, **IVY}),
    "one paper of CSL": json.dumps({"type": "article-journal", **IVY}, indent=2),
    "one paper of Crossref": json.dumps(
        {"status": "ok", "message": {**IVY, "title": ["Ivy"], "reference": [{"key": "1"}]}}
    ),
    "a paper with its references": json.dumps({**IVY, "references": [REFERENCE]}, indent=1),
    "a paper after its references": json.dumps({"references": [REFERENCE], **IVY}, indent=1),
    "a feed as JSON": json.dumps({"feed": {"entry": [{"title": "Ivy", "summary": "Ivy grows on walls."}]}}),
    "papers by key": json.dumps({"papers": {"P1": IVY}}, indent=1),
    "medRxiv's collection": json.dumps({"collection": [{"rel_title": "Ivy", "rel_abs": "Ivy grows on walls."}]}),
    "EBSCO's CSV": '"Article Title","Author","Publication Date","Abstract"\nIvy,T,Mar2011,"Ivy grows on walls."\n',
    "ProQuest's CSV": "Title,Abstract,StoreId,pubdate,pubtitle,year\nIvy,Ivy grows on walls.,1,Mar 2011,Walls,2011\n",
    "Web of Science's Excel as CSV": "Publication Type,Authors,Article Title,Abstract\nJ,T,Ivy,Ivy grows on walls.\n",
    "ASReview's CSV": "record_id,title,abstract,authors,included\n0,Ivy,Ivy grows on walls.,\"['Berg, T']\",1\n",
    "Elicit's CSV": "Title,Authors,DOI link,Abstract summary,Abstract\nIvy,T. Berg,,Ivy,Ivy grows on walls.\n",
    "a CSV with bars": "Title|Authors|Abstract\nIvy|T. Berg|Ivy grows on walls.\n",
    "a CSV after a note": '"About the data: Exported"\n\nRank,Title,Abstract,DOI\n1,Ivy,Ivy grows on walls.,\n',
    "EndNote XML without styles": "<xml><records><record><titles><title>Ivy</title></titles>"
    "<abstract>Ivy grows on walls.</abstract></record></records></xml>",
    "Web of Science without its header": "PT J\nTI Ivy\nAB Ivy grows\n   on walls.\nER\n",
    "RefWorks": "RT Journal Article\nT1 Ivy\nAB Ivy grows\non walls.\n",
    "refer without types": "%A Berg, T\n%T Ivy\n%X Ivy grows on walls.\n",
}


@pytest.mark.parametrize("name", VARIANTS)
def test_unusual_exports_of_real_tools_are_read(name):
    result = read_papers(VARIANTS[name].encode(), "export")
    assert [(paper.title, paper.abstract) for paper in result.papers] == [("Ivy", "Ivy grows on walls.")]
    assert result.skipped == ()


def test_a_year_is_found_in_ebscos_dates_and_names_in_asreviews_lists():
    (paper,) = read_papers(VARIANTS["EBSCO's CSV"].encode(), "a.csv").papers
    assert paper.year == 2011
    (paper,) = read_papers(VARIANTS["ASReview's CSV"].replace("T']", "T', 'Lund, O']").encode(), "a.csv").papers
    assert paper.authors == ("Berg, T", "Lund, O")


def test_an_unknown_format_is_refused_and_not_read_as_another():
    with pytest.raises(InputError, match="is in no known format"):
        read_papers(b"{Title}: Ivy\n{Abstract}: Ivy grows.\n", "export.txt")
