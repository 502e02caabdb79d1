from __future__ import annotations

from dataclasses import replace

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware, SeparateCoAuthors, SplitNameParts
from markdown_it import MarkdownIt

from assistant.export import as_bibtex, as_markdown, as_ris, cited_papers, link
from assistant.records import Answer, Claim, Evidence, Paper, RankedPaper

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


def done(*claims: Claim, **changes) -> Answer:
    return replace(Answer("q", stage="done", claims=claims), **changes)


def one_line(text: str) -> str:
    return " ".join(text.replace("\x00", " ").replace("\x1b", " ").split())


def as_latex_prints(text: str) -> str:
    for typed, printed in (("---", "—"), ("--", "–"), ("``", "“"), ("^", "ˆ")):
        text = text.replace(typed, printed)
    return text


def bibtex_entries(bibtex: str) -> list[dict[str, str]]:
    """What a BibTeX reader finds, with LaTeX decoded; it must find nothing else."""
    library = parse_string(bibtex, append_middleware=[LatexDecodingMiddleware()])
    assert len(library.blocks) == len(library.entries)
    return [
        {"type": entry.entry_type, "key": entry.key} | {field.key: field.value for field in entry.fields}
        for entry in library.entries
    ]


# The link of a paper


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"url": "https://a.b/c?d=e&f", "doi": "10.1000/182"}, "https://a.b/c?d=e&f"),
        ({"url": "javascript:alert(1)", "doi": "10.1000/182"}, "https://doi.org/10.1000/182"),
        ({"url": "http://[", "arxiv_id": "2301.00001"}, "https://arxiv.org/abs/2301.00001"),
        ({"doi": "https://doi.org/10.1000/a<b>#c"}, "https://doi.org/10.1000/a%3Cb%3E%23c"),
        ({"arxiv_id": "arXiv:math.GT/0309136v1"}, "https://arxiv.org/abs/math.GT/0309136v1"),
        ({"url": "https:only", "doi": "unknown", "arxiv_id": "none"}, ""),
    ],
)
def test_a_paper_is_linked_by_its_web_address_or_else_by_its_id(fields, expected):
    assert link(Paper("a", "A", "", **fields)) == expected


def test_an_address_cannot_end_the_place_it_stands_in():
    assert link(Paper("a", "A", "", url="https://a.b/> x\n{y};z")) == "https://a.b/%3E%20x%20%7By%7D%3Bz"


# Markdown


def test_a_conversation_has_its_questions_as_headings_and_its_footnotes_at_the_end():
    turns = [("Why?", done(COST, HARD)), ("Is it accurate?", done(ACCURACY))]
    assert as_markdown("Sparse models", turns) == (
        "# Sparse models\n\n"
        "## Why?\n\n"
        "Costs fall.[^1] “Tables are hard.”[^2]\n\n"
        "## Is it accurate?\n\n"
        "“Accuracy stays.”[^1]\n\n"
        "[^1]: Ada Smith, Ludwig van Beethoven: *Sparse Training of Small Models* (2023). "
        "<https://doi.org/10.1000/182_x>\n\n"
        "    “Cost falls.”\n\n"
        "    “Accuracy stays.”\n\n"
        "[^2]: *Tables are Hard*. <https://arxiv.org/abs/2301.00001v2>\n\n"
        "    “Tables are hard.”\n"
    )


def test_footnotes_are_numbered_through_the_whole_conversation():
    markdown = as_markdown("T", [("One?", done(HARD)), ("Two?", done(COST, HARD))])
    assert "Costs fall.[^2] “Tables are hard.”[^1]" in markdown


def test_a_claim_on_two_papers_has_two_footnotes():
    both = replace(COST, evidence=COST.evidence + HARD.evidence)
    assert "Costs fall.[^1][^2]\n" in as_markdown("T", [("Why?", done(both))])


def test_a_list_names_each_paper_before_its_words():
    listed = done(replace(HARD, lead="Tables are Hard"), COST, form="list")
    assert "- **Tables are Hard**: “Tables are hard.”[^1]\n- Costs fall.[^2]\n" in as_markdown(
        "T", [("Which?", listed)]
    )


def test_a_refusal_names_the_nearest_papers():
    refusal = done(abstained=True, retrieved=(RankedPaper(TABLES, 1.0),))
    expected = "The indexed papers do not answer this question. Nearest papers: “Tables are Hard”."
    assert as_markdown("T", [("Why?", refusal)]) == f"# T\n\n## Why?\n\n{expected}\n"


def test_a_reason_replaces_the_general_refusal_and_a_notice_is_a_paragraph_before_the_answer():
    refusal = done(abstained=True, reason="No paper is by *Jones*.", notice="Read this first.")
    assert (
        as_markdown("T", [("Why?", refusal)]) == "# T\n\n## Why?\n\nRead this first.\n\nNo paper is by \\*Jones\\*.\n"
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [(None, "*No answer.*"), (Answer("q"), "*No answer.*"), (done(COST, stopped=True), "*Stopped.*")],
)
def test_a_question_without_an_answer_says_so(answer, said):
    assert as_markdown("T", [("Why?", answer)]) == f"# T\n\n## Why?\n\n{said}\n"


def test_an_empty_conversation_is_its_title():
    assert as_markdown("T", []) == "# T\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_markdown(text):
    refusal = done(abstained=True, retrieved=(RankedPaper(Paper("p", text, ""), 1.0),))
    claims = done(Claim(text, (), "supported", 1.0), Claim(text, (), "quoted", 1.0, lead=text), form="list")
    prose = done(Claim(text, (), "supported", 1.0))
    tokens = MarkdownIt("commonmark").parse(as_markdown(text, [(text, prose), (text, claims), ("q", refusal)]))
    said = ["".join(part.content for part in token.children) for token in tokens if token.type == "inline"]
    line = one_line(text)
    assert said[:4] == [line, line, line, line]
    assert said[4:6] == [line, f"{line}: “{line}”"]
    assert said[7] == one_line(f"The indexed papers do not answer this question. Nearest papers: “{text}”.")


def test_a_footnote_of_a_record_names_the_venue():
    claim = Claim("It is there.", (Evidence(SPARSE, 0, 0),), "record", 1.0)
    note = as_markdown("T", [("Who?", done(claim))]).rstrip().splitlines()[-1]
    assert f" {SPARSE.venue}." in note
    assert note.startswith("[^1]: ")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_makes_nothing_of_its_own_in_a_footnote(text):
    paper = Paper("p", text, text, authors=(text,), url=f"https://a.b/{text}")
    markdown = as_markdown("T", [("q", done(Claim("C.", (Evidence(paper, 0, len(text)),), "supported", 1.0)))])
    footnote = markdown.strip().split("\n\n[^1]: ")[1].split("\n\n    ")
    parts = [token for item in footnote for token in MarkdownIt("commonmark").parseInline(item)[0].children]
    assert len(footnote) == 2
    assert {token.tag for token in parts if token.tag} == {"em", "a"}
    assert [token.attrs["href"][:12] for token in parts if token.type == "link_open"] == ["https://a.b/"]
    assert "".join(token.content for token in parts if token.type == "text").count(one_line(text)) >= 3


def test_footnotes_at_an_exclamation_mark_make_no_image():
    assert "Costs fall\\![^1]" in as_markdown("T", [("q", done(replace(COST, text="Costs fall!")))])


# The papers cited


def test_cited_papers_are_distinct_and_in_the_order_of_their_first_citation():
    answers = [done(HARD), done(COST, HARD, ACCURACY)]
    assert cited_papers(answers) == [TABLES, SPARSE]


def test_an_answer_that_is_not_shown_cites_nothing():
    assert cited_papers([done(COST, stopped=True), done(HARD, abstained=True), Answer("q")]) == []


# Retracted papers


def test_markdown_says_above_an_answer_and_in_the_footnote_that_a_paper_is_retracted():
    gone = replace(COST, evidence=(Evidence(replace(SPARSE, is_retracted=True), 0, 11),))
    markdown = as_markdown("T", [("first", done(HARD)), ("second", done(gone))])
    assert "## second\n\n**This answer cites a retracted paper: [^2].**\n\nCosts fall.[^2]" in markdown
    assert "## first\n\n“Tables are hard.”[^1]" in markdown
    assert "\n[^2]: **Retracted.** Ada Smith, " in markdown


def test_bibtex_and_ris_note_that_a_paper_is_retracted():
    papers = [replace(SPARSE, is_retracted=True), TABLES]
    assert [entry.get("note") for entry in bibtex_entries(as_bibtex(papers))] == ["Retracted", None]
    assert [entry.get("notes") for entry in rispy.loads(as_ris(papers))] == [["Retracted"], None]


# BibTeX


def test_a_paper_with_a_venue_is_an_article():
    assert bibtex_entries(as_bibtex([SPARSE])) == [
        {
            "type": "article",
            "key": "smith2023sparse",
            "title": "Sparse Training of Small Models",
            "author": "Smith, Ada and van Beethoven, Ludwig",
            "journal": "Journal of Sparsity",
            "year": "2023",
            "doi": "10.1000/182_x",
            "url": "https://doi.org/10.1000/182_x",
        }
    ]


def test_a_paper_without_a_venue_is_misc_with_its_arxiv_id():
    assert bibtex_entries(as_bibtex([TABLES])) == [
        {
            "type": "misc",
            "key": "tables",
            "title": "Tables are Hard",
            "eprint": "2301.00001v2",
            "archivePrefix": "arXiv",
            "url": "https://arxiv.org/abs/2301.00001v2",
        }
    ]


def test_letters_beyond_ascii_are_written_as_latex():
    bibtex = as_bibtex([replace(SPARSE, title="Über α", authors=("Élie Müller",))])
    assert r"title = {{\"U}ber {\ensuremath{\alpha}}}" in bibtex
    assert r"author = {M{\"u}ller, {\'E}lie}" in bibtex
    assert bibtex_entries(bibtex)[0]["title"] == "Über α"


def test_capitals_within_a_word_of_a_title_are_kept():
    bibtex = as_bibtex([replace(SPARSE, title="BERT and GPT-3: Reading iPhone Texts")])
    assert "title = {{BERT} and {GPT-3:} Reading {iPhone} Texts}" in bibtex


def test_keys_that_would_be_the_same_get_a_letter():
    papers = [replace(SPARSE, paper_id=str(number)) for number in range(28)]
    keys = [entry["key"] for entry in bibtex_entries(as_bibtex(papers))]
    assert keys[:3] == ["smith2023sparse", "smith2023sparsea", "smith2023sparseb"]
    assert keys[-1] == "smith2023sparseaa"
    assert len(set(keys)) == 28


@pytest.mark.parametrize(
    ("paper", "key"),
    [
        (Paper("p", "On the Attention Span", "", ("José García-López", "Bo Li"), 2017), "garcialopez2017attention"),
        (Paper("p", "注意力 Models", "", authors=("王小明",)), "models"),
        (Paper("p", "What is it?", ""), "paper"),
    ],
)
def test_a_key_is_the_first_family_name_the_year_and_a_word_of_the_title_in_ascii(paper, key):
    assert bibtex_entries(as_bibtex([paper]))[0]["key"] == key


@pytest.mark.parametrize(
    ("author", "last", "first"),
    [
        ("Ada Smith", "Smith", "Ada"),
        ("Smith, Ada B.", "Smith", "Ada B."),
        ("Ludwig van Beethoven", "van Beethoven", "Ludwig"),
        ("van Gogh", "van Gogh", ""),
        ("OpenAI", "OpenAI", ""),
        ("王小明", "王小明", ""),
        ("World Health Organization,", "World Health Organization", ""),
        ("Barnes and, Noble", "Barnes and", "Noble"),
        ("King, Martin Luther, Jr.", "King", "Martin Luther, Jr."),
    ],
)
def test_an_author_stays_one_person_with_the_same_parts(author, last, first):
    bibtex = as_bibtex([replace(SPARSE, authors=(author, "Bo Li"))])
    read = parse_string(bibtex, append_middleware=[SeparateCoAuthors(), SplitNameParts(), LatexDecodingMiddleware()])
    person, other = read.entries[0]["author"]
    assert " ".join(person.von + person.last).strip("{}") == last
    assert " ".join(person.first).strip("{}") == first
    assert other.last == ["Li"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_neither_breaks_a_bibtex_entry_nor_adds_one(text):
    paper = Paper("p", text, text, (text, "Bo Li"), 2020, text, f"https://a.b/{text}", f"10.1000/{text}", text)
    entries = bibtex_entries(as_bibtex([paper, SPARSE]))
    assert len(entries) == 2
    assert entries[0]["title"] == entries[0]["journal"] == as_latex_prints(one_line(text))
    assert entries[0]["author"].endswith(" and Li, Bo")
    assert entries[1]["title"] == SPARSE.title


@pytest.mark.parametrize("text", HOSTILE)
def test_braces_in_bibtex_are_balanced_whether_or_not_a_backslash_stands_before_them(text):
    bibtex = as_bibtex([Paper("p", text, text, (text,), 2020, text, f"https://a.b/{text}", f"10.1000/{text}", text)])
    assert "\\{" not in bibtex
    assert "\\}" not in bibtex
    assert bibtex.count("{") == bibtex.count("}")


def test_no_papers_are_empty_bibtex():
    assert as_bibtex([]) == ""


# RIS


def test_a_paper_reads_the_same_from_ris():
    assert rispy.loads(as_ris([SPARSE, TABLES])) == [
        {
            "type_of_reference": "JOUR",
            "title": "Sparse Training of Small Models",
            "authors": ["Smith, Ada", "van Beethoven, Ludwig"],
            "secondary_title": "Journal of Sparsity",
            "year": "2023",
            "doi": "10.1000/182_x",
            "urls": ["https://doi.org/10.1000/182_x"],
        },
        {
            "type_of_reference": "GEN",
            "title": "Tables are Hard",
            "urls": ["https://arxiv.org/abs/2301.00001v2"],
        },
    ]


def test_ris_begins_with_the_type_and_has_one_author_a_line():
    lines = as_ris([SPARSE]).splitlines()
    assert lines[0] == "TY  - JOUR"
    assert lines[2:4] == ["AU  - Smith, Ada", "AU  - van Beethoven, Ludwig"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_starts_no_tag_and_no_entry_in_ris(text):
    paper = Paper("p", text, text, (text, "Bo Li"), 2020, text, f"https://a.b/{text}", f"10.1000/{text}", text)
    first, second = rispy.loads(as_ris([paper, SPARSE]))
    assert first["title"] == first["secondary_title"] == one_line(text)
    assert len(first["authors"]) == 2
    assert first["urls"] == [link(paper)]
    assert "unknown_tag" not in first
    assert second["title"] == SPARSE.title


def test_no_papers_are_empty_ris():
    assert as_ris([]) == ""
