"""What the page is drawn from: is it HTML, does it say what it should, and does text stay text?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import product

import pytest

from assistant.conversations.store import Exchange
from assistant.presentation import DECLINED
from assistant.records import Answer, Claim, Dropped, Evidence, Paper, RankedPaper, Seconds
from assistant.web.rendering import (
    counted,
    exchange_html,
    paper_html,
    problem_html,
    progress_html,
    report_html,
    rows_html,
)

ATTACK = "<img src=x onerror=alert(1)>\"><script>alert(2)</script>' onclick='alert(3) {{ 7*7 }} %s &lt;b&gt; & co"
ABSTRACT = "Cost falls. Tables are hard. Models read."
COST, TABLES, MODELS = (0, 11), (12, 28), (29, 41)
VOID = {"input", "img", "br", "hr", "meta", "link"}
BLOCKS = {"p", "div", "ul", "ol", "li", "h3", "h4", "details", "article", "progress"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    """All text inside, as a person reads it but for white space."""

    @property
    def said(self) -> str:
        return " ".join(self.text.split())


@dataclass
class Reader(HTMLParser):
    """The elements of a page as a browser would make them.

    It insists on what browsers would otherwise mend: every element closed in order, none in one that cannot hold it,
    no attribute twice.
    """

    html: str
    elements: list[Element] = field(default_factory=list)
    pieces: list[tuple[str, bool]] = field(default_factory=list)
    """The text in order, and whether it is marked."""

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[Element] = []
        self.feed(self.html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        around = {element.tag for element in self.open}
        assert not (tag in BLOCKS and "p" in around), f"{tag} in a paragraph"
        assert not (tag in {"button", "a", "input"} and around & {"button", "a"}), f"{tag} in a control"
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in {attrs}"
        self.elements.append(Element(tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag

    def handle_data(self, data):
        self.pieces.append((data, any(element.tag == "mark" for element in self.open)))
        for element in self.open:
            element.text += data

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)

    @property
    def said(self) -> str:
        return " ".join(self.text.split())

    @property
    def shape(self) -> list[tuple[str, list[str]]]:
        """The tags with the names of their attributes: all that a text must not change."""
        return [(element.tag, sorted(element.attributes)) for element in self.elements]

    def times(self, words: str) -> int:
        """How often words stand in the text and in attributes."""
        values = [value or "" for element in self.elements for value in element.attributes.values()]
        return sum(text.count(words) for text in [self.text, *values])

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """The elements of a tag with these attributes; ``class_`` is one of its classes, ``_`` stands for ``-``."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if tag in ("", element.tag)
            and all(
                value in (element.attributes.get(name) or "").split()
                if name == "class"
                else element.attributes.get(name) == value
                for name, value in wanted.items()
            )
        ]

    def one(self, tag: str = "", **attributes: str) -> Element:
        (element,) = self.all(tag, **attributes)
        return element


def exchange(answer: Answer | None = None, **changes) -> Exchange:
    return Exchange("e", "c", "Does cost fall?", "2026-01-01T00:00:00+00:00", answer, **changes)


def drawn(answer: Answer | None, *, is_done: bool = True, ahead=None, problem="", **changes) -> Reader:
    asked = exchange(answer, **changes)
    return Reader(exchange_html(asked, answer, is_done=is_done, ahead=ahead, problem=problem))


def paper_of(abstract: str = ABSTRACT, **changes) -> Paper:
    return Paper("p", "T", abstract, **changes)


def claim_of(*spans: tuple[int, int], paper: Paper | None = None, text: str = "Costs fall.", **changes) -> Claim:
    evidence = tuple(Evidence(paper or paper_of(), *span) for span in spans or [COST])
    return Claim(text, evidence, **{"support": "supported", "score": 0.8666, **changes})


def answered(*claims: Claim, **changes) -> Answer:
    return Answer("q", stage="done", claims=claims or (claim_of(),), **changes)


# Retracted papers.


def test_answer_that_cites_a_retracted_paper_warns_before_its_first_claim_and_marks_the_footnote():
    other = claim_of((0, 11), paper=Paper("o", "Other", "Costs rise."))
    page = drawn(answered(other, claim_of(paper=paper_of(is_retracted=True)), notice="Read this first."))
    assert page.one(class_="fn-warning").said == "This answer cites a retracted paper: 2."
    assert page.text.index("This answer cites") < page.text.index("Read this first.") < page.text.index("Costs fall.")
    assert [item.said for item in page.all("li")] == ["Other", "T Retracted"]


def test_list_of_papers_and_a_paper_say_that_it_is_retracted():
    gone = paper_of(is_retracted=True)
    rows = Reader(rows_html([gone, Paper("o", "Other", "")]))
    assert rows.one(class_="fn-flag").text == "Retracted"
    page = Reader(paper_html(gone, nearest=[replace(gone, title="Near"), Paper("o", "Other", "")]))
    assert page.one(class_="fn-warning").said == "This paper is retracted."
    assert [item.said for item in page.all("li")] == ["Near Retracted", "Other"]
    assert Reader(paper_html(paper_of())).all(class_="fn-warning") == []


def test_declined_answer_marks_the_nearest_papers_that_are_retracted():
    near = (RankedPaper(paper_of(is_retracted=True), 1.0), RankedPaper(Paper("o", "Other", ""), 0.5))
    page = drawn(Answer("q", stage="done", abstained=True, retrieved=near))
    assert [item.said for item in page.all("li")] == ["T Retracted", "Other"]
    assert page.all(class_="fn-warning") == []


# Text stays text.


def paper_full_of(text: str) -> Paper:
    return Paper(text, text, text, (text,) * 4, 2020, text, text, text, text)


def answer_full_of(text: str) -> Answer:
    paper = paper_full_of(text)
    evidence = (Evidence(paper, 0, len(text)),)
    claims = (Claim(text, evidence, "quoted", 1.0, lead=text), Claim(text, evidence, "supported", 0.5, lead=text))
    dropped = (Dropped(text, text),)
    return Answer(text, "done", claims=claims, dropped=dropped, seconds=Seconds(1, 2, 3), model=text, index=text)


def exchange_full_of(text: str) -> Exchange:
    return Exchange(text, text, text, text, within=(text,), verdict=1, note=text)


FULL: dict[str, Callable[[str], str]] = {
    "answer": lambda text: exchange_html(exchange_full_of(text), answer_full_of(text), is_done=True),
    "draft": lambda text: exchange_html(
        exchange_full_of(text), Answer(text, stage="writing", draft=text), is_done=False
    ),
    "declined": lambda text: exchange_html(
        exchange_full_of(text),
        Answer(
            text,
            stage="done",
            abstained=True,
            reason=text,
            notice=text,
            retrieved=(RankedPaper(paper_full_of(text), 1.0),),
        ),
        is_done=True,
    ),
    "failed": lambda text: exchange_html(exchange_full_of(text), None, is_done=True, problem=text),
    "waiting": lambda text: exchange_html(exchange_full_of(text), None, is_done=False, ahead=1),
    "paper": lambda text: paper_html(
        paper_full_of(text),
        can_remove=True,
        quotes=[Evidence(paper_full_of(text), 0, len(text))],
        nearest=[paper_full_of(text)],
    ),
    "removed paper": lambda text: paper_html(paper_full_of(text), is_indexed=False),
    "rows": lambda text: rows_html([paper_full_of(text)] * 2),
    "report": lambda text: report_html(text, [(text, [text, text])]),
    "problem": problem_html,
}


@pytest.mark.parametrize("make", FULL.values(), ids=FULL)
def test_markup_in_any_text_changes_nothing_but_the_text(make):
    attacked, harmless = Reader(make(ATTACK)), Reader(make("Hens"))
    assert attacked.shape == harmless.shape
    assert attacked.times(ATTACK) == harmless.times("Hens") > 0
    assert attacked.text.replace(ATTACK, "Hens") == harmless.text


@pytest.mark.parametrize("make", FULL.values(), ids=FULL)
def test_no_element_acts_by_itself(make):
    page = Reader(make(ATTACK))
    assert not {"script", "style", "img", "iframe", "form", "object"} & {element.tag for element in page.elements}
    assert [name for _, names in page.shape for name in names if name.startswith("on") or name == "style"] == []


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "//evil.example",
        "http://[broken",
        "",
    ],
)
def test_an_address_that_is_not_of_the_web_is_not_linked(url):
    page = Reader(paper_html(paper_of(url=url)))
    assert page.all("a") == []
    assert [element for element in page.elements if "href" in element.attributes] == []


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://a.b/c?x=1&y=2", "https://a.b/c?x=1&y=2"),
        ("http://a.b", "http://a.b"),
        ('https://a.b/"onclick="alert(1)', "https://a.b/%22onclick=%22alert(1)"),
        ("https://a.b/<script>", "https://a.b/%3Cscript%3E"),
    ],
)
def test_an_address_of_the_web_is_linked_and_opens_apart(url, linked):
    link = Reader(paper_html(paper_of(url=url))).one("a")
    assert link.attributes == {"href": linked, "target": "_blank", "rel": "noopener noreferrer"}
    assert link.text == linked


# A question and what becomes of it.


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("searching", "Searching"),
        ("reading", "Reading 6 papers"),
        ("writing", "Writing"),
        ("checking", "Checking"),
    ],
)
def test_a_growing_answer_says_which_of_its_stages_it_is_at(stage, said):
    page = drawn(Answer("q", stage=stage, papers_read=6), is_done=False)
    assert [item.said for item in page.all("li")] == ["Searching", "Reading 6 papers", "Writing", "Checking"]
    assert page.one(aria_current="step").said == said


@pytest.mark.parametrize(("count", "said"), [(0, "Reading"), (1, "Reading 1 paper"), (2, "Reading 2 papers")])
def test_what_is_read_is_counted_once_it_is_known(count, said):
    page = drawn(Answer("q", stage="searching", papers_read=count), is_done=False)
    assert page.one(class_="fn-stage-reading").said == said


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(0, "Starting …"), (1, "Waiting: 1 question first …"), (2, "Waiting: 2 questions first …")],
)
def test_a_question_in_line_says_how_many_stand_before_it(ahead, said):
    page = drawn(None, is_done=False, ahead=ahead)
    assert page.one(class_="fn-status").said == said
    assert page.all("button") == []


def test_a_draft_is_labelled_as_unchecked():
    page = drawn(Answer("q", stage="writing", draft="Hens lay"), is_done=False)
    assert page.one(class_="fn-draft").said == "Draft, not yet checked Hens lay"
    assert page.one(class_="fn-label").said == "Draft, not yet checked"


def test_an_answer_without_a_draft_shows_none():
    assert drawn(Answer("q", stage="reading"), is_done=False).all(class_="fn-draft") == []


def test_a_growing_answer_cannot_be_acted_on_yet():
    assert drawn(Answer("q", stage="writing", draft="Hens lay"), is_done=False).all("button") == []


def actions(page: Reader) -> list[str | None]:
    return [button.attributes["data-action"] for button in page.all("button") if "data-action" in button.attributes]


def test_a_finished_answer_can_be_copied_asked_again_and_judged():
    assert actions(drawn(answered())) == ["copy", "edit", "retry", "up", "down"]


def test_a_stopped_answer_says_so_and_is_neither_copied_nor_judged():
    page = drawn(answered(draft="Half", stopped=True))
    assert page.said == "Does cost fall? Stopped. Edit Retry"
    assert actions(page) == ["edit", "retry"]


def test_a_question_that_was_never_finished_says_how_to_go_on():
    page = drawn(None)
    assert page.one(class_="fn-problem").said == "This question was not answered to the end. Retry asks it again."
    assert actions(page) == ["edit", "retry"]


def test_a_question_that_failed_says_why_whatever_there_is_of_an_answer():
    page = drawn(Answer("q", stage="writing", draft="Hens lay"), problem="The model failed: start it.")
    assert page.one(class_="fn-problem").said == "The model failed: start it."
    assert "Hens lay" not in page.text
    assert page.one(data_action="retry")


@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_a_declined_question_names_up_to_three_nearest_papers_that_open(count):
    nearest = tuple(RankedPaper(Paper(f"p{number}", f"T{number}", ""), 1.0) for number in range(count))
    page = drawn(Answer("q", stage="done", abstained=True, retrieved=nearest))
    assert page.one(class_="fn-declined").said == DECLINED
    shown = [(button.attributes["data-paper"], button.text) for button in page.all("button", class_="fn-link")]
    assert shown == [("p0", "T0"), ("p1", "T1"), ("p2", "T2")][:count]
    assert len(page.all("ul")) == bool(count)


def test_a_reason_replaces_the_general_refusal_and_a_notice_comes_first():
    page = drawn(Answer("q", stage="done", abstained=True, reason="No paper is by Jones.", notice="Read this first."))
    assert page.one(class_="fn-declined").said == "No paper is by Jones."
    assert page.text.index("Read this first.") < page.text.index("No paper is by Jones.")


def test_a_claim_on_a_record_says_so_and_its_footnote_marks_the_record():
    paper = Paper("p", "Paper P", ABSTRACT, ("Ada Lovelace",), 1843, "Notes")
    claim = Claim("Ada Lovelace. Notes, 1843", (Evidence(paper, 0, 0),), "record", 1.0, lead="Paper P")
    page = drawn(Answer("q", stage="done", form="list", claims=(claim,)))
    assert page.one(class_="fn-badge").said == "▤ record"
    marker = page.one(class_="fn-marker").attributes
    assert (marker["data-start"], marker["data-tip"]) == ("-1", "Ada Lovelace. Notes, 1843")
    source = Reader(paper_html(paper, is_record_cited=True))
    assert [text for text, is_marked in source.pieces if is_marked] == ["Ada Lovelace", "Notes, 1843"]
    assert not any(is_marked for _, is_marked in Reader(paper_html(paper)).pieces)


def test_papers_that_were_found_are_not_listed_under_an_answer():
    page = drawn(answered(retrieved=(RankedPaper(Paper("other", "Other", ""), 1.0),)))
    assert "Other" not in page.text


def test_checked_words_and_quoted_words_are_told_apart_by_words_as_well_as_by_class():
    page = drawn(answered(claim_of(), claim_of(TABLES, text="Tables are hard.", support="quoted", score=1.0)))
    checked, quoted = page.all("p", class_="fn-claim")
    assert checked.attributes["class"] == "fn-claim fn-supported"
    assert checked.said.startswith("Costs fall.")
    assert checked.said.endswith("✓ checked 0.87")
    assert quoted.attributes["class"] == "fn-claim fn-quoted"
    assert quoted.said.startswith("“Tables are hard.”")
    assert quoted.said.endswith("❝ quoted")


def test_a_badge_explains_itself_and_its_sign_is_not_read_aloud():
    page = drawn(answered(claim_of(score=1.0), claim_of(TABLES, support="quoted", score=1.0)))
    checked, quoted = page.all("button", class_="fn-badge")
    assert "1.00 is how well the footnote bears them out" in checked.attributes["data-tip"]
    assert quoted.attributes["data-tip"] == "The paper's own words, cut from its abstract."
    assert [sign.text for sign in page.all(aria_hidden="true")] == ["✓", "❝"]


def test_a_title_leads_the_quotations_of_its_paper():
    page = drawn(answered(claim_of(lead="T"), claim_of(TABLES)))
    assert [lead.said for lead in page.all(class_="fn-lead")] == ["T"]


def test_a_marker_carries_its_number_where_its_words_start_and_the_words():
    page = drawn(answered(claim_of(TABLES)))
    marker = page.one(class_="fn-marker")
    assert marker.text == "1"
    assert marker.attributes["data-marker"] == "1"
    assert marker.attributes["data-start"] == "12"
    assert marker.attributes["data-tip"] == "“Tables are hard.”"
    assert marker.attributes["aria-label"] == "Footnote 1: T"


def test_a_marker_for_two_sentences_quotes_both_and_opens_at_the_first_of_the_claim():
    marker = drawn(answered(claim_of(MODELS, COST))).one(class_="fn-marker")
    assert marker.attributes["data-tip"] == "“Models read.” … “Cost falls.”"
    assert marker.attributes["data-start"] == "29"


def test_a_claim_of_two_papers_has_a_marker_for_each_with_its_own_words():
    other = Paper("o", "Other", "Hens lay eggs.")
    both = Claim("Costs fall.", (Evidence(paper_of(), *TABLES), Evidence(other, 0, 14)), "supported", 0.9)
    page = drawn(answered(claim_of((0, 4), paper=other), both))
    markers = [(marker.text, marker.attributes["data-tip"]) for marker in page.all(class_="fn-marker")]
    assert markers == [("1", "“Hens”"), ("1", "“Hens lay eggs.”"), ("2", "“Tables are hard.”")]


def test_the_papers_stand_under_the_answer_by_number_and_open_at_their_first_words():
    other = Paper("o", "Other", "Hens lay eggs.")
    page = drawn(answered(claim_of(TABLES, COST, paper=paper_of(year=2020)), claim_of((0, 14), paper=other)))
    assert page.one("ol", class_="fn-notes").attributes["aria-label"] == "Footnotes"
    assert [(item.attributes["value"], item.said) for item in page.all("li")] == [("1", "T (2020)"), ("2", "Other")]
    notes = [button.attributes for button in page.all("button", class_="fn-link")]
    assert [(note["data-marker"], note["data-start"]) for note in notes] == [("1", "12"), ("2", "0")]
    assert page.one(class_="fn-answer").attributes["data-cited"] == "p o"


def test_sentences_left_out_are_counted_and_listed_with_their_reasons():
    page = drawn(answered(dropped=(Dropped("Whales sing.", "no whale"), Dropped("Cows fly.", "no wings"))))
    assert page.one("summary").said == "Left out as unsupported: 2"
    assert [item.said for item in page.all("li")][1:] == ["Whales sing. no whale", "Cows fly. no wings"]
    assert [item.text for item in page.all("q")] == ["Whales sing.", "Cows fly."]


def test_nothing_left_out_is_not_mentioned():
    assert "Left out" not in drawn(answered()).text


@pytest.mark.parametrize(
    ("within", "said"),
    [((), []), (("a",), ["Asked of 1 chosen paper"]), (("a", "b", "c"), ["Asked of 3 chosen papers"])],
)
def test_a_narrowed_question_says_to_how_many_papers(within, said):
    assert [line.said for line in drawn(answered(), within=within).all(class_="fn-within")] == said


@pytest.mark.parametrize(("verdict", "pressed"), [(1, ["up"]), (-1, ["down"]), (0, [])])
def test_the_thumb_that_was_given_is_pressed(verdict, pressed):
    page = drawn(answered(), verdict=verdict)
    assert [thumb.attributes["data-action"] for thumb in page.all(aria_pressed="true")] == pressed
    assert len(page.all(aria_pressed="true") + page.all(aria_pressed="false")) == 2


def test_a_note_stands_under_the_answer_it_is_of():
    assert drawn(answered(), note="Too short.").one(class_="fn-note").said == "Your note Too short."
    assert drawn(answered()).all(class_="fn-note") == []


def test_how_long_an_answer_took_and_what_made_it_can_be_asked():
    page = drawn(answered(seconds=Seconds(0.25, 1.5, 12.34), model="scripted", index="3 papers"))
    how = page.one("button", class_="fn-how")
    assert how.said == "12.3 s"
    tip = "Found in 0.25 s, first words after 1.50 s, done in 12.34 s, by scripted over 3 papers."
    assert how.attributes["data-tip"] == tip


# A paper.


def opened(*spans: tuple[int, int], abstract: str = ABSTRACT, now: int = -1) -> Reader:
    paper = paper_of(abstract)
    return Reader(paper_html(paper, quotes=[Evidence(paper, *span) for span in spans], now=now))


def abstract_of(page: Reader) -> str:
    return page.one("p", class_="fn-abstract").text


def test_exactly_the_cited_words_are_marked_in_the_whole_abstract():
    page = opened(MODELS, COST)
    assert [mark.text for mark in page.all("mark")] == ["Cost falls.", "Models read."]
    assert abstract_of(page) == ABSTRACT


def test_only_the_words_that_were_asked_for_are_the_ones_shown_now():
    page = opened(COST, TABLES, MODELS, now=12)
    assert [mark.text for mark in page.all("mark")] == ["Cost falls.", "Tables are hard.", "Models read."]
    assert page.one("mark", class_="fn-now").text == "Tables are hard."


def test_a_paper_opened_from_a_list_has_nothing_marked():
    assert opened().all("mark") == []
    assert opened(COST, MODELS).all("mark", class_="fn-now") == []


_SHORT = "<a> &"  # every letter of it is one to escape, to skip or to confuse


def test_overlapping_or_unordered_quotations_never_change_the_abstract():
    spans = [(start, end) for start, end in product(range(7), repeat=2) if start <= end]  # some end beyond it
    for first, second in product(spans, repeat=2):
        page = opened(first, second, abstract=_SHORT, now=first[0])
        assert abstract_of(page) == _SHORT
        cited = {*range(*first), *range(*second)} & {*range(len(_SHORT))}
        assert sum(len(text) for text, is_marked in page.pieces if is_marked) == len(cited)
        assert "".join(mark.text for mark in page.all("mark")) == "".join(_SHORT[place] for place in sorted(cited))


@pytest.mark.parametrize("abstract", ["", "  two  spaces \n\n and lines\t", ATTACK, "é注意力 \U0001f413"])
def test_any_abstract_comes_back_as_it_is(abstract):
    assert abstract_of(opened((1, 4), abstract=abstract)) == abstract


def test_what_is_known_of_a_paper_is_shown():
    page = Reader(paper_html(paper_of(authors=("Ada", "Grace"), year=2020, venue="JMLR", doi="10.1000/1")))
    assert page.one("h3").attributes == {"tabindex": "-1"}
    assert page.one("h3").text == "T"
    assert page.one(class_="fn-authors").said == "Ada, Grace"
    assert page.one(class_="fn-when").said == "JMLR, 2020"
    assert page.one("a").attributes["href"] == page.one(class_="fn-where").said == "https://doi.org/10.1000/1"
    assert page.one("article").attributes["data-paper"] == "p"


@pytest.mark.parametrize(
    ("known", "said"), [({"year": 2020}, ["2020"]), ({"venue": "JMLR"}, ["JMLR"]), ({}, [])], ids=str
)
def test_what_is_not_known_of_a_paper_leaves_no_gap(known, said):
    page = Reader(paper_html(paper_of(**known)))
    assert [line.said for line in page.all(class_="fn-when")] == said
    assert page.all(class_="fn-authors") == page.all(class_="fn-where") == []


def test_the_nearest_papers_open_from_a_paper():
    page = Reader(paper_html(paper_of(), nearest=[Paper("o", "Other", ""), Paper("h", "Hens", "")]))
    assert page.one("h4").said == "Nearest papers"
    shown = [(button.attributes["data-paper"], button.text) for button in page.all("button", class_="fn-link")]
    assert shown == [("o", "Other"), ("h", "Hens")]
    assert "Nearest" not in Reader(paper_html(paper_of())).text


def test_a_paper_can_be_asked_about_and_removed_only_where_that_is_offered():
    assert actions(Reader(paper_html(paper_of()))) == ["narrow"]
    assert actions(Reader(paper_html(paper_of(), can_remove=True))) == ["narrow", "remove"]


def test_a_paper_that_is_no_longer_indexed_says_so_and_keeps_its_words():
    paper = paper_of()
    page = Reader(paper_html(paper, is_indexed=False, can_remove=True, quotes=[Evidence(paper, *COST)], now=0))
    assert "no longer indexed" in page.one(class_="fn-gone").said
    assert actions(page) == []
    assert page.one("mark", class_="fn-now").text == "Cost falls."


# Lists, reports and progress.


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [
        (0, "paper", "0 papers"),
        (1, "paper", "1 paper"),
        (32_159, "paper", "32,159 papers"),
        (1, "group", "1 group"),
        (2, "group", "2 groups"),
    ],
)
def test_what_is_counted_is_one_or_many_and_its_thousands_are_told_apart(count, noun, said):
    assert counted(count, noun) == said


@pytest.mark.parametrize(
    ("authors", "year", "byline"),
    [
        (("A", "B", "C"), 2020, "A, B, C · 2020"),
        (("A", "B", "C", "D"), 2020, "A, B, C et al. · 2020"),
        (("A",), None, "A"),
        ((), 2020, "2020"),
        ((), None, ""),
    ],
)
def test_a_row_names_a_few_authors_and_the_year(authors, year, byline):
    row = Reader(rows_html([paper_of(authors=authors, year=year)]))
    assert row.one(class_="fn-byline").said == byline


def test_a_row_opens_its_paper_and_can_be_chosen():
    page = Reader(rows_html([paper_of(), Paper("o", "Other", "")]))
    boxes = [(box.attributes["value"], box.attributes["aria-label"]) for box in page.all("input", type="checkbox")]
    assert boxes == [("p", "Choose T"), ("o", "Choose Other")]
    assert [button.attributes["data-paper"] for button in page.all("button")] == ["p", "o"]
    assert len(page.all("li")) == 2


def test_a_report_is_a_line_with_lists_to_unfold():
    page = Reader(report_html("2 papers read.", [("New", ["Hens", "Cows"]), ("Skipped", ["line 3: no title"])]))
    assert page.one(role="status").said.startswith("2 papers read.")
    assert [summary.said for summary in page.all("summary")] == ["New: 2", "Skipped: 1"]
    assert [item.said for item in page.all("li")] == ["Hens", "Cows", "line 3: no title"]


def test_a_report_without_lists_is_only_its_line():
    page = Reader(report_html("Saved."))
    assert page.said == "Saved."
    assert page.all("details") == []


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (None, ""),
        (12.3, ", about 12 s left"),
        (89.4, ", about 89 s left"),
        (240, ", about 4 min left"),
        (3600, ", about 60 min left"),
    ],
)
def test_progress_counts_papers_and_says_how_long_is_left(left, said):
    page = Reader(progress_html(3, 10, left))
    assert page.one("progress").attributes == {"max": "10", "value": "3", "aria-label": "Papers indexed"}
    assert page.said == f"3 of 10 papers done{said} …"


def test_progress_before_anything_is_counted_says_only_that_it_reads():
    page = Reader(progress_html(0, 0, None))
    assert page.one("progress").attributes == {"aria-label": "Reading"}
    assert page.said == "Reading …"


def test_a_problem_is_a_line():
    page = Reader(problem_html("It failed: try again."))
    assert page.one("p", class_="fn-problem").said == page.said == "It failed: try again."
