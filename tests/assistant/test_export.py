"""Markdown of conversations, links to papers, and which papers are cited."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from assistant.export import FORMATS, as_markdown, cited_papers, link
from assistant.records import Answer, Claim, Evidence, Paper, RankedPaper, ShortAnswer
from tests.support.export import ACCURACY, COST, HARD, HOSTILE, SPARSE, TABLES, done, one_line
from tests.support.paths import ROOT

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


def test_address_has_no_character_that_ends_a_link_or_a_field():
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


def test_a_short_answer_opens_the_paragraph():
    answer = done(COST, HARD, short=ShortAnswer("mixed", HARD.evidence, 0.8))
    assert "**Mixed**[^2]: Costs fall.[^1] “Tables are hard.”[^2]\n" in as_markdown("T", [("Why?", answer)])


def test_a_list_names_each_paper_before_its_words():
    listed = done(replace(HARD, lead="Tables are Hard"), COST, form="list")
    assert "- **Tables are Hard**: “Tables are hard.”[^1]\n- Costs fall.[^2]\n" in as_markdown(
        "T", [("Which?", listed)]
    )


def test_what_only_adds_to_an_answer_is_a_paragraph_of_its_own():
    answer = done(COST, replace(HARD, is_more=True))
    assert "Costs fall.[^1]\n\nMore:\n\n“Tables are hard.”[^2]\n" in as_markdown("T", [("Why?", answer)])


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
def test_hostile_text_adds_no_markup_to_a_footnote(text):
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


# The formats of the page


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_has_a_button_on_the_page_and_writes_a_conversation(name):
    page = (ROOT / "assistant" / "web" / "static" / "chat.html").read_text(encoding="utf-8")
    assert f'data-format="{name}">{FORMATS[name].label}</button>' in page
    assert "Tables are Hard" in FORMATS[name].write("T", [("Why?", done(HARD)), ("And?", None)])


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


@pytest.mark.parametrize("name", ["Birds", *HOSTILE])
def test_markdown_names_the_collection_above_an_answer_and_those_of_a_paper_in_its_footnote(name):
    answer = done(COST, collection=name, collections=(("sparse", (name, "Farm")),))
    text = as_markdown("Title", [("Why?", answer)])
    shown = "".join(
        token.content for block in MarkdownIt().parse(text) for token in block.children or () if token.type == "text"
    )
    assert f"From the collection {one_line(name)}" in shown
    assert f" · {one_line(name)} · Farm" in shown
