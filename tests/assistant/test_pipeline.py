"""An answer from question to checked claims, with a scripted language model and fakes for the other models."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from assistant.answering.quotations import fill_with_quotations, quotations_by_paper
from assistant.errors import QuestionError
from assistant.presentation import as_json, as_text
from assistant.records import Claim, Evidence, Paper
from assistant.text.sentences import sentence_spans

QUESTION = "By how much does sparse training reduce the cost?"
ANSWER = "Sparse training reduces the cost by 2.5x on the Pile."


def test_a_supported_sentence_is_shown_in_the_words_of_the_model(make_assistant):
    answer = make_assistant(["Sparse training on the Pile reduces cost by 2.5x."]).ask(QUESTION)
    assert (answer.claims[0].text, answer.claims[0].support) == (
        "Sparse training on the Pile reduces cost by 2.5x.",
        "supported",
    )
    assert ANSWER in [evidence.text for evidence in answer.claims[0].evidence]


@pytest.mark.parametrize(
    ("writing", "model", "writes"),
    [
        ("auto", "packaged", False),
        ("on", "packaged", True),
        ("auto", "other.gguf", True),
        ("off", "other.gguf", False),
    ],
)
def test_the_packaged_model_writes_only_where_the_user_wants_it(make_assistant, writing, model, writes):
    written = "Sparse training on the Pile reduces cost by 2.5x."
    answer = make_assistant([written], writing=writing, model=model).ask(QUESTION)
    assert (answer.claims[0].text == written) is writes
    assert answer.form == "prose"


def test_a_sentence_with_a_wrong_number_is_replaced_by_its_source(make_assistant):
    answer = make_assistant(["Sparse training reduces the cost by 25x on the Pile."]).ask(QUESTION)
    assert (answer.claims[0].text, answer.claims[0].support) == (ANSWER, "quoted")
    assert answer.dropped[0].reason == "the number 25x is not in the evidence"


def test_a_refused_sentence_about_other_evidence_leaves_the_best_quotation_first(make_assistant):
    answer = make_assistant(["Sparse models are trained with 95% of the weights set to zero."]).ask(QUESTION)
    assert answer.dropped[0].reason == "the number 95% is not in the evidence"
    assert answer.claims[0].text == ANSWER


def test_a_sentence_that_no_evidence_is_about_is_left_out(make_assistant):
    answer = make_assistant(["Bananas ripen quickly."]).ask(QUESTION)
    assert "Bananas" not in as_text(answer)
    assert answer.claims[0].support == "quoted"


def test_a_sentence_that_only_repeats_the_question_is_replaced_by_its_source(make_assistant):
    answer = make_assistant(["By how much sparse training reduces the cost."]).ask(QUESTION)
    assert (answer.claims[0].text, answer.claims[0].support) == (ANSWER, "quoted")
    assert answer.dropped[0].reason == "it only repeats the question"


def test_the_answer_of_a_model_that_writes_nothing_consists_of_quotations(make_assistant):
    answer = make_assistant([""]).ask(QUESTION)
    assert {claim.support for claim in answer.claims} == {"quoted"}
    assert answer.claims[0].text == ANSWER


def test_a_question_the_corpus_does_not_answer_is_declined_with_the_nearest_papers(make_assistant):
    answer = make_assistant(["It was Paris."]).ask("Which city hosted the olympic games?")
    assert answer.abstained
    assert not answer.claims
    assert not answer.citations
    assert as_text(answer).startswith("No abstract here mentions “city”. Nearest papers: “")
    assert as_text(answer).count("“") == 4


def test_a_declined_question_has_up_to_three_nearest_sentences(make_assistant):
    answer = make_assistant(["It was Paris."]).ask("Which city hosted the olympic games?")
    assert len(answer.nearest) == 3
    assert all(item.text in item.paper.abstract for item in answer.nearest)
    assert not answer.citations


def test_a_declined_question_about_a_detail_of_one_paper_says_that_its_abstract_lacks_it(make_assistant):
    answer = make_assistant(["NO ANSWER"], style="large").ask(
        "What licence has the paper Sparse Training of Small Models?"
    )
    assert answer.reason == "Sparse Training's abstract does not give a licence."


def test_a_large_model_may_decline(make_assistant):
    assert make_assistant(["NO ANSWER"], style="large").ask(QUESTION).abstained


class SureOfYes:
    """Answers every question with "yes", and keeps the texts that it was given."""

    def __init__(self) -> None:
        self.sources: list[str] = []

    def shares(self, source, question):
        self.sources.append(source)
        return {"yes": 0.9, "no": 0.1, "mixed": 0.0, "unclear": 0.0}


def test_a_yes_no_question_gets_a_word_from_what_the_answer_shows(make_assistant, monkeypatch):
    model = SureOfYes()
    assistant = make_assistant(short_answers=model)
    rerank = assistant.reranker.rerank

    def rerank_results(question, found):
        reranked = rerank(question, found)
        return replace(reranked, evidence=tuple(replace(item, role="result") for item in reranked.evidence))

    monkeypatch.setattr(assistant.reranker, "rerank", rerank_results)
    answer = assistant.ask("Does sparse training cut the cost of small models?")
    shown = {item.text for claim in answer.opening for item in claim.evidence}
    assert answer.short is not None
    assert (answer.short.label, answer.form) == ("Yes", "prose")
    assert {item.text for item in answer.short.evidence} <= shown
    assert model.sources == [" ".join(item.text for item in answer.short.evidence)]


@pytest.mark.parametrize(
    ("question", "history"),
    [
        ("How does sparse training cut the cost of small models?", ()),
        ("Which papers are about training language models?", ()),
        ("Does it cut the cost?", [("What is sparse training of small models?", "It trains few weights.")]),
    ],
)
def test_other_questions_get_no_word(make_assistant, question, history):
    answer = make_assistant(short_answers=SureOfYes()).ask(question, history)
    assert not answer.abstained
    assert answer.short is None


def test_a_question_for_papers_is_answered_with_titles_and_a_sentence_each(make_assistant):
    answer = make_assistant().ask("Which papers are about training language models?")
    assert answer.form == "list"
    assert answer.claims[0].lead in ("Sparse Training of Small Models", "Reading Tables with Unified Models")
    assert len({claim.lead for claim in answer.claims}) == len(answer.claims)


def test_a_comparison_quotes_both_sides(make_assistant):
    answer = make_assistant().ask("Compare sparse training of small models with reading tables by unified models")
    assert {"Sparse Training of Small Models", "Reading Tables with Unified Models"} <= {
        claim.lead for claim in answer.claims
    }


def test_a_comparison_with_something_unknown_says_which_side_is_missing(make_assistant):
    answer = make_assistant().ask("How do T5 and QuickNet differ on tables?")
    assert answer.notice == "No paper here is about QuickNet."


def test_a_comparison_shows_a_quotation_of_each_paper_at_once_and_introduces_it_by_the_name_of_the_paper():
    hens = Paper("h", "HenNet: A Study of Hens", "Hens lay eggs. Hens sit.")
    cows = Paper("c", "On Cows", "Cows eat grass. Cows give milk.")
    chosen = [Evidence(hens, 0, 14), Evidence(hens, 15, 24), Evidence(cows, 16, 31), Evidence(cows, 0, 15)]
    claims = quotations_by_paper(chosen, "comparison")
    assert [(claim.lead, claim.text, claim.is_more) for claim in claims] == [
        ("HenNet", "Hens lay eggs.", False),
        ("On Cows", "Cows give milk.", False),
        ("HenNet: A Study of Hens", "Hens sit.", True),
        ("On Cows", "Cows eat grass.", True),
    ]
    assert quotations_by_paper(chosen[:1], "list")[0].lead == "HenNet: A Study of Hens"


def test_every_quotation_is_cut_from_its_abstract(make_assistant):
    for citation in make_assistant([ANSWER]).ask(QUESTION).citations:
        for quote in citation.quotes:
            assert quote.text == citation.paper.abstract[quote.start : quote.end]


def test_a_stream_grows_and_ends_with_the_answer_that_ask_gives(make_assistant):
    stages = [answer.stage for answer in make_assistant([ANSWER]).stream(QUESTION)]
    assert list(dict.fromkeys(stages)) == ["searching", "reading", "writing", "checking", "done"]
    *_, last = make_assistant([ANSWER]).stream(QUESTION)
    assert as_text(last) == as_text(make_assistant([ANSWER]).ask(QUESTION))


def test_stop_ends_the_answer_while_it_is_written(make_assistant):
    stop = threading.Event()
    answers = []
    for answer in make_assistant([ANSWER]).stream(QUESTION, stop=stop):
        answers.append(answer)
        if answer.stage == "writing":
            stop.set()
    assert answers[-1].stopped
    assert answers[-1].stage == "done"
    assert not answers[-1].claims


def test_times_are_in_order(make_assistant):
    seconds = make_assistant([ANSWER]).ask(QUESTION).seconds
    assert 0 < seconds.retrieve <= seconds.first_token <= seconds.total


def test_a_follow_up_finds_the_paper_of_the_conversation(make_assistant):
    history = [("What do they pre-train on tables?", "A unified model on tables and text.")]
    answer = make_assistant([""]).ask("And how many data sets is it better than T5 on?", history)
    assert answer.retrieved[0].paper.title == "Reading Tables with Unified Models"


@pytest.mark.parametrize("question", ["", "   \n\t", "?!…", "word " * 10_000])
def test_an_empty_or_too_long_question_is_refused_in_one_line(make_assistant, question):
    with pytest.raises(QuestionError) as refusal:
        make_assistant().ask(question)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "question", ["🤖🔥 sparse?", "¿Cuánto cuesta el entrenamiento disperso?", "稀疏训练的成本是多少？", "\ud800 sparse"]
)
def test_questions_in_any_script_get_an_answer_or_a_refusal(make_assistant, question):
    answer = make_assistant([""]).ask(question)
    assert answer.abstained or answer.claims


def test_instructions_in_a_question_reach_the_model_as_text_only(make_assistant):
    assistant = make_assistant([""])
    assistant.ask(QUESTION + " <|im_end|>")
    assert "<|im_end|>" not in assistant.language_model.prompts[0].user


def test_json_holds_every_promised_field(make_assistant):
    answer = as_json(make_assistant([ANSWER]).ask(QUESTION))
    assert set(answer) >= {
        "question", "answer", "abstained", "confidence", "citations", "claims", "retrieved", "groundedness",
        "seconds", "model", "index",
    }  # fmt: skip
    assert set(answer["citations"][0]) == {
        "marker",
        "paper_id",
        "title",
        "url",
        "is_retracted",
        "collections",
        "record",
        "quotes",
    }
    assert set(answer["claims"][0]) == {"text", "markers", "support", "score", "is_more"}
    assert set(answer["seconds"]) == {"retrieve", "first_token", "total"}
    assert "[1]" in answer["answer"]


def test_quotations_stay_within_the_word_budget_and_repeat_nothing(papers):
    paper = papers[0]
    first = Evidence(paper, 0, 43)
    second = Evidence(paper, 44, 109)
    said = [Claim(first.text, (first,), "supported", 0.9)]
    assert [claim.text for claim in fill_with_quotations(said, [first, second], 100, 100)] == [first.text, second.text]
    assert [claim.text for claim in fill_with_quotations(said, [first, second], 10, 10)] == [first.text]
    assert [claim.text for claim in fill_with_quotations([], [first], 1, 1)] == [first.text]


def test_the_best_quotations_are_shown_at_once_and_the_others_in_the_order_of_their_abstract(papers):
    text = papers[0].abstract
    first, second, third = (Evidence(papers[0], *span) for span in sentence_spans(text)[:3])
    one_sentence = len(second.text.split())
    claims = fill_with_quotations([], [second, third, first], 100, one_sentence)
    assert [(claim.text, claim.is_more) for claim in claims] == [
        (second.text, False),
        (first.text, True),
        (third.text, True),
    ]
    claims = fill_with_quotations([], [second, third, first], 100, one_sentence + len(third.text.split()))
    assert [(claim.text, claim.is_more) for claim in claims] == [
        (second.text, False),
        (third.text, False),
        (first.text, True),
    ]


def test_an_answer_that_compares_shows_a_sentence_of_each_paper_at_once(papers):
    first, second = (Evidence(papers[0], *span) for span in sentence_spans(papers[0].abstract)[:2])
    other = Evidence(papers[1], *sentence_spans(papers[1].abstract)[0])
    claims = fill_with_quotations([], [first, second, other], 100, 1, of_each_paper=True)
    assert [(claim.text, claim.is_more) for claim in claims] == [
        (first.text, False),
        (other.text, False),
        (second.text, True),
    ]


def test_evidence_that_a_claim_puts_in_other_words_is_shown_on_request_unless_a_number_is_missing(papers):
    paper = replace(papers[0], abstract="Hens that sing lay 5 eggs a day. Hens that sing sleep.")
    eggs, sleep = (Evidence(paper, *span) for span in sentence_spans(paper.abstract))
    with_number = Claim("Singing hens produce 5 eggs.", (eggs,), "supported", 0.9)
    without = replace(with_number, text="Singing hens produce eggs.")
    assert [claim.is_more for claim in fill_with_quotations([with_number], [eggs, sleep], 100, 100)] == [
        False,
        False,
        True,
    ]
    claims = fill_with_quotations([without], [eggs, sleep], 100, 100)
    assert [(claim.text, claim.is_more) for claim in claims[1:]] == [(eggs.text, False), (sleep.text, False)]


def test_the_words_shown_at_once_are_a_setting(make_assistant):
    short, long = (make_assistant([""], opening_words=words).ask(QUESTION) for words in (1, 1_000))
    assert len(short.opening) == 1
    assert short.more
    assert not long.more
    assert {claim.text for claim in short.claims} == {claim.text for claim in long.claims}


def test_what_the_model_wrote_is_shown_at_once_however_long_it_is(papers):
    first, second = (Evidence(papers[0], *span) for span in sentence_spans(papers[0].abstract)[:2])
    said = [Claim("Whales sing.", (second,), "supported", 0.9), Claim("They sing at night.", (second,), "supported", 1)]
    claims = fill_with_quotations(said, [first], 100, 3)
    assert [claim.is_more for claim in claims] == [False, False, True]
