"""What a question shows with its answer: waiting, growing, finished, declined or failed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.presentation import DECLINED
from assistant.records import Answer, Claim, Dropped, Evidence, Paper, RankedPaper, Seconds, ShortAnswer
from assistant.web.rendering import (
    paper_html,
)
from tests.support.html import ParsedHtml
from tests.support.rendering import (
    ABSTRACT,
    COST,
    MODELS,
    TABLES,
    actions,
    answered,
    claim_of,
    drawn,
    paper_of,
)


def test_answer_that_cites_a_retracted_paper_warns_before_its_first_claim_and_marks_the_footnote():
    other = claim_of((0, 11), paper=Paper("o", "Other", "Costs rise."))
    page = drawn(answered(other, claim_of(paper=paper_of(is_retracted=True)), notice="Read this first."))
    assert page.one(class_="fn-warning").visible_text == "This answer cites a retracted paper: 2."
    assert page.text.index("This answer cites") < page.text.index("Read this first.") < page.text.index("Costs fall.")
    assert [item.visible_text for item in page.all("li")] == ["Other", "T Retracted"]


def test_declined_answer_marks_the_nearest_papers_that_are_retracted():
    near = (RankedPaper(paper_of(is_retracted=True), 1.0), RankedPaper(Paper("o", "Other", ""), 0.5))
    page = drawn(Answer("q", stage="done", abstained=True, retrieved=near))
    assert [item.visible_text for item in page.all("li")] == ["T Retracted", "Other"]
    assert page.all(class_="fn-warning") == []


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        ("searching", "Searching"),
        ("reading", "Reading 6 papers"),
        ("writing", "Writing"),
        ("checking", "Checking"),
    ],
)
def test_a_growing_answer_shows_its_stage(stage, message):
    page = drawn(Answer("q", stage=stage, papers_read=6), is_done=False)
    later = ["Writing", "Checking"] if stage in ("writing", "checking") else []  # quotations need neither
    assert [item.visible_text for item in page.all("li")] == ["Searching", "Reading 6 papers", *later]
    assert page.one(aria_current="step").visible_text == message


@pytest.mark.parametrize(("count", "message"), [(0, "Reading"), (1, "Reading 1 paper"), (2, "Reading 2 papers")])
def test_the_number_of_papers_is_shown_when_it_is_known(count, message):
    page = drawn(Answer("q", stage="searching", papers_read=count), is_done=False)
    assert page.one(class_="fn-stage-reading").visible_text == message


@pytest.mark.parametrize(
    ("ahead", "message"),
    [(0, "Starting …"), (1, "Waiting for 1 earlier question …"), (2, "Waiting for 2 earlier questions …")],
)
def test_a_waiting_question_says_how_many_are_ahead(ahead, message):
    page = drawn(None, is_done=False, ahead=ahead)
    assert page.one(class_="fn-status").visible_text == message
    assert page.all("button") == []


def test_a_draft_is_labelled_as_unchecked():
    page = drawn(Answer("q", stage="writing", draft="Hens lay"), is_done=False)
    assert page.one(class_="fn-draft").visible_text == "Draft, not yet checked Hens lay"
    assert page.one(class_="fn-label").visible_text == "Draft, not yet checked"


def test_an_answer_without_a_draft_shows_none():
    assert drawn(Answer("q", stage="reading"), is_done=False).all(class_="fn-draft") == []


def test_a_growing_answer_has_no_buttons():
    assert drawn(Answer("q", stage="writing", draft="Hens lay"), is_done=False).all("button") == []


def test_a_finished_answer_can_be_copied_asked_again_and_rated():
    assert actions(drawn(answered())) == ["copy", "edit", "retry", "up", "down", "save"]


def test_a_stopped_answer_says_so_and_cannot_be_copied_or_rated():
    page = drawn(answered(draft="Half", stopped=True))
    assert page.visible_text == "Does cost fall? Stopped. Edit Retry"
    assert actions(page) == ["edit", "retry"]


def test_an_unfinished_question_says_how_to_ask_it_again():
    page = drawn(None)
    assert page.one(class_="fn-problem").visible_text == "This question has no complete answer. Retry asks it again."
    assert actions(page) == ["edit", "retry"]


def test_a_failed_question_says_why_instead_of_showing_a_draft():
    page = drawn(Answer("q", stage="writing", draft="Hens lay"), problem="The model failed: start it.")
    assert page.one(class_="fn-problem").visible_text == "The model failed: start it."
    assert "Hens lay" not in page.text
    assert page.one(data_action="retry")


@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_a_declined_question_lists_up_to_three_nearest_papers(count):
    nearest = tuple(RankedPaper(Paper(f"p{number}", f"T{number}", ""), 1.0) for number in range(count))
    page = drawn(Answer("q", stage="done", abstained=True, retrieved=nearest))
    assert page.one(class_="fn-declined").visible_text == DECLINED
    shown = [(button.attributes["data-paper"], button.text) for button in page.all("button", class_="fn-link")]
    assert shown == [("p0", "T0"), ("p1", "T1"), ("p2", "T2")][:count]
    assert len(page.all("ul")) == bool(count)


def test_a_declined_question_offers_the_nearest_sentences_and_their_places():
    nearest = (Evidence(paper_of(), *TABLES), Evidence(Paper("o", "Other", "Hens lay."), 0, 9))
    page = drawn(Answer("q", stage="done", abstained=True, nearest=nearest))
    assert page.one("summary").visible_text == "Show the nearest sentences"
    assert [item.visible_text for item in page.all("q")] == ["Tables are hard.", "Hens lay."]
    markers = [button.attributes for button in page.all("button", class_="fn-marker")]
    assert [(one["data-marker"], one["data-start"]) for one in markers] == [("1", "12"), ("2", "0")]
    assert markers[0]["aria-label"] == "Open “T” at these words"
    assert page.all(class_="fn-claim") == []


def test_a_declined_question_without_near_sentences_offers_none():
    assert drawn(Answer("q", stage="done", abstained=True)).all("details") == []


def test_a_reason_replaces_the_general_refusal_and_a_notice_comes_first():
    page = drawn(Answer("q", stage="done", abstained=True, reason="No paper is by Jones.", notice="Read this first."))
    assert page.one(class_="fn-declined").visible_text == "No paper is by Jones."
    assert page.text.index("Read this first.") < page.text.index("No paper is by Jones.")


def test_a_short_answer_stands_first_and_says_whose_word_it_is():
    evidence = (Evidence(paper_of(), *TABLES, role="result"),)
    page = drawn(replace(answered(claim_of()), short=ShortAnswer("no", evidence, 0.876)))
    short = page.one(class_="fn-short")
    assert short.visible_text == "No 1 ✓ by this paper"
    assert page.text.index("No") < page.text.index("Costs fall.")
    (tip,) = [button.attributes["data-tip"] for button in page.all("button", class_="fn-badge")][:1]
    assert "88%" in tip
    assert "not that of the field" in tip
    assert page.all("button", class_="fn-marker")[0].attributes["data-start"] == str(TABLES[0])


def test_a_claim_from_a_record_says_so_and_its_footnote_marks_the_record():
    paper = Paper("p", "Paper P", ABSTRACT, ("Ada Lovelace",), 1843, "Notes")
    claim = Claim("Ada Lovelace. Notes, 1843", (Evidence(paper, 0, 0),), "record", 1.0, lead="Paper P")
    page = drawn(Answer("q", stage="done", form="list", claims=(claim,)))
    assert page.one(class_="fn-badge").visible_text == "▤ record"
    marker = page.one(class_="fn-marker").attributes
    assert (marker["data-start"], marker["data-tip"]) == ("-1", "Ada Lovelace. Notes, 1843")
    source = ParsedHtml(paper_html(paper, is_record_cited=True))
    assert [text for text, is_marked in source.pieces if is_marked] == ["Ada Lovelace", "Notes, 1843"]
    assert not any(is_marked for _, is_marked in ParsedHtml(paper_html(paper)).pieces)


def test_retrieved_papers_are_not_listed_under_an_answer():
    page = drawn(answered(retrieved=(RankedPaper(Paper("other", "Other", ""), 1.0),)))
    assert "Other" not in page.text


def test_checked_and_quoted_claims_differ_in_text_and_class():
    page = drawn(answered(claim_of(), claim_of(TABLES, text="Tables are hard.", support="quoted", score=1.0)))
    checked, quoted = page.all("p", class_="fn-claim")
    assert checked.attributes["class"] == "fn-claim fn-supported"
    assert checked.visible_text.startswith("Costs fall.")
    assert checked.visible_text.endswith("✓ checked 0.87")
    assert quoted.attributes["class"] == "fn-claim fn-quoted"
    assert quoted.visible_text.startswith("“Tables are hard.”")
    assert quoted.visible_text.endswith("❝ quoted")


def test_a_badge_has_an_explanation_and_its_sign_is_hidden_from_screen_readers():
    page = drawn(answered(claim_of(score=1.0), claim_of(TABLES, support="quoted", score=1.0)))
    checked, quoted = page.all("button", class_="fn-badge")
    assert "1.00 is how well the footnote supports the sentence" in checked.attributes["data-tip"]
    assert quoted.attributes["data-tip"] == "The paper's own words, quoted from its abstract."
    assert [sign.text for sign in page.all(aria_hidden="true")] == ["✓", "❝"]


def test_the_title_of_a_paper_stands_before_its_quotations():
    page = drawn(replace(answered(claim_of(lead="T"), claim_of(TABLES)), form="list"))
    assert [lead.visible_text for lead in page.all(class_="fn-lead")] == ["T"]


def test_in_prose_a_quotation_says_whose_it_is_in_the_same_line():
    page = drawn(answered(claim_of(TABLES, text="Tables are hard.", support="quoted", lead="The T paper reports")))
    assert page.one("p", class_="fn-claim").visible_text.startswith("The T paper reports: “Tables are hard.”")
    assert page.all(class_="fn-lead") == []


def test_what_only_adds_to_an_answer_is_folded_behind_more():
    page = drawn(answered(claim_of(), claim_of(TABLES, text="Tables are hard.", support="quoted", is_more=True)))
    folded = page.one("details", class_="fn-more")
    assert folded.visible_text.startswith("More: 1 sentence ")
    assert "Tables are hard." in folded.visible_text
    assert "Costs fall." not in folded.visible_text
    assert "More" not in drawn(answered(claim_of())).visible_text


def test_a_marker_has_its_number_its_offset_and_the_quotation():
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


def test_the_cited_papers_are_listed_by_number_and_open_at_their_first_quotation():
    other = Paper("o", "Other", "Hens lay eggs.")
    page = drawn(answered(claim_of(TABLES, COST, paper=paper_of(year=2020)), claim_of((0, 14), paper=other)))
    assert page.one("ol", class_="fn-notes").attributes["aria-label"] == "Footnotes"
    assert [(item.attributes["value"], item.visible_text) for item in page.all("li")] == [
        ("1", "T (2020)"),
        ("2", "Other"),
    ]
    notes = [button.attributes for button in page.all("button", class_="fn-link")]
    assert [(note["data-marker"], note["data-start"]) for note in notes] == [("1", "12"), ("2", "0")]
    assert page.one(class_="fn-answer").attributes["data-cited"] == "p o"


def test_dropped_sentences_are_counted_and_listed_with_their_reasons():
    page = drawn(answered(dropped=(Dropped("Whales sing.", "no whale"), Dropped("Cows fly.", "no wings"))))
    assert page.one("summary").visible_text == "Left out as unsupported: 2"
    assert [item.visible_text for item in page.all("li")][1:] == ["Whales sing. no whale", "Cows fly. no wings"]
    assert [item.text for item in page.all("q")] == ["Whales sing.", "Cows fly."]


def test_without_dropped_sentences_none_are_mentioned():
    assert "Left out" not in drawn(answered()).text


@pytest.mark.parametrize(
    ("within", "message"),
    [((), []), (("a",), ["Asked about 1 selected paper"]), (("a", "b", "c"), ["Asked about 3 selected papers"])],
)
def test_a_filtered_question_says_how_many_papers_it_is_about(within, message):
    assert [line.visible_text for line in drawn(answered(), within=within).all(class_="fn-filtered")] == message


@pytest.mark.parametrize(("rating", "pressed"), [(1, ["up"]), (-1, ["down"]), (0, [])])
def test_the_button_of_the_given_rating_is_pressed(rating, pressed):
    page = drawn(answered(), rating=rating)
    assert [thumb.attributes["data-action"] for thumb in page.all(aria_pressed="true")] == pressed
    assert len(page.all(aria_pressed="true") + page.all(aria_pressed="false")) == 2


def test_a_note_is_shown_under_its_answer():
    assert drawn(answered(), note="Too short.").one(class_="fn-note").visible_text == "Your note Too short."
    assert drawn(answered()).all(class_="fn-note") == []


def test_a_tooltip_gives_the_times_the_model_and_the_index_of_an_answer():
    page = drawn(answered(seconds=Seconds(0.25, 1.5, 12.34), model="scripted", index="3 papers"))
    how = page.one("button", class_="fn-timing")
    assert how.visible_text == "12.3 s"
    tip = "Found in 0.25 s, first words after 1.50 s, done in 12.34 s, by scripted over 3 papers."
    assert how.attributes["data-tip"] == tip


def test_a_question_names_the_collection_it_was_asked_in_whatever_became_of_it():
    for page in (
        drawn(answered(), collection="Birds"),
        drawn(Answer("q", stage="done", abstained=True), collection="Birds"),
        drawn(None, problem="There is no collection 'Birds'.", collection="Birds"),
        drawn(None, is_done=False, ahead=1, collection="Birds"),
    ):
        assert page.one(class_="fn-collection").visible_text == "From the collection Birds"
    assert drawn(answered()).all(class_="fn-collection") == []


def test_a_footnote_lists_the_collections_of_its_paper():
    page = drawn(answered(collections=(("p", ("Birds", "Farm")), ("other", ("Zoo",)))))
    assert [item.visible_text for item in page.all("li")] == ["T Collections: Birds, Farm"]
    assert "Collection: Birds" in drawn(answered(collections=(("p", ("Birds",)),))).visible_text
