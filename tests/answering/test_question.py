"""Questions are cleaned, classified by their wording, and searched with or without the conversation."""

from __future__ import annotations

import pytest

from assistant.answering.question import (
    asks_for_finding,
    checked_question,
    clean,
    compared_count,
    kind_of,
    names_in_question,
    question_type,
    search_queries,
    standalone_question,
)
from assistant.errors import QuestionError

HISTORY = [("What is T5?", "T5 is a model."), ("Who made Sparse GPT?", "Nobody knows.")]
ALONE = "How much energy do sparse models save while training longer?"


@pytest.mark.parametrize("question", ["", "  \n", "?!", "\u200b", "🎉"])
def test_a_question_without_words_is_refused(question):
    with pytest.raises(QuestionError, match="no words"):
        checked_question(question)


def test_a_question_of_two_thousand_words_is_accepted_and_one_more_word_is_refused():
    assert len(checked_question("why " * 2000).split()) == 2000
    with pytest.raises(QuestionError, match="2,001 words"):
        checked_question("why " * 2001)


def test_a_very_long_word_is_refused():
    with pytest.raises(QuestionError, match="has 40,001 characters: ask in at most 40,000 characters"):
        checked_question("a" * 40_001)


def test_control_characters_and_broken_surrogates_are_removed():
    assert clean(" a\nb\x00\tc \ud800") == "a b c"


def test_letters_of_any_language_are_kept():
    assert clean("Qué es 注意力?") == "Qué es 注意力?"


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Which papers are about tables?", "list"),
        ("Papers on LoRA", "list"),
        ("show me work on pruning", "list"),
        ("I am looking for sparse models", "list"),
        ("Who has studied forgetting?", "list"),
        ("Which of these use GLUE?", "list"),
        ("Are there surveys of continual learning?", "list"),
        ("distillation for retrieval, any papers?", "list"),
        ("papers using a curriculum", "list"),
        ("which ones report results on GLUE?", "list"),
        ("What do you have on forgetting?", "list"),
        ("Are there any randomised trials of naps?", "list"),
        ("Give me everything on tides", "list"),
        ("What has been written about moss?", "list"),
        ("Does any study look at hens?", "list"),
        ("Could you suggest some reading on moss?", "list"),
        ("Is there a way to grade everything that hens do?", "prose"),
        ("What are the trade-offs between naps and sleep?", "comparison"),
        ("Which is louder: a hen or a goose?", "comparison"),
        ("What distinguishes moss from lichen?", "comparison"),
        ("Does a nap help, or does it harm?", "prose"),
        ("Compare LoRA and adapters", "comparison"),
        ("How does LoRA differ from adapters?", "comparison"),
        ("LoRA vs. adapters", "comparison"),
        ("What do the T5 paper and the BERT one train on?", "comparison"),
        ("How do pruning and distillation each save energy?", "comparison"),
        ("What is lost in one method and gained in the other?", "comparison"),
        ("How is each word chosen?", "prose"),
        ("What accuracy does it reach compared to T5?", "prose"),
        ("What is attention?", "prose"),
        ("Can one model handle many different tasks?", "prose"),
        ("Do hens and geese harm each other?", "prose"),
        ("What is different in hens and geese?", "comparison"),
        ("Does pruning help?", "prose"),
        ("¿Qué es la atención?", "prose"),
    ],
)
def test_the_kind_of_a_question_follows_from_its_wording(question, kind):
    assert kind_of(question) == kind


@pytest.mark.parametrize(
    ("question", "compared"),
    [
        ("Compare LoRA and adapters", 2),
        ("LoRA vs. adapters vs. prompts", 3),
        ("How do LoRA, adapters and prompts each save memory?", 3),
        ("Compare A, B, C, and D", 4),
        ("Compare A, B, C, D, E and F", 4),
        ("What do the three papers on pruning say, each?", 3),
        ("How does 'Past, Present and Future' differ from LoRA?", 2),
        ("Who plans in the PDDL paper, and in the other one?", 2),
    ],
)
def test_a_comparison_compares_as_many_things_as_it_counts_or_names(question, compared):
    assert compared_count(question) == compared


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("How many hens are there?", True),
        ("by how much is it faster", True),
        ("What percentage of the hens lay?", True),
        ("What is the median age of the hens?", True),
        ("At which temperature do eggs hatch?", True),
        ("What role does the temperature of the nest play?", False),
        ("Which method scores best?", False),
        ("How do hens lay?", False),
        ("What is counted?", False),
    ],
)
def test_a_question_may_ask_for_a_number(question, number):
    assert question_type(question).asks_for_number is number


@pytest.mark.parametrize(
    ("question", "access"),
    [
        ("Is the code out?", True),
        ("Where do I get the model?", True),
        ("nice, do they give those away?", True),
        ("Is there a list online?", True),
        ("Can it be downloaded?", True),
        ("What license does it have?", True),
        ("Are the checkpoints publicly available", True),
        ("How do hens lay?", False),
        ("What does openness mean for hens?", False),
    ],
)
def test_a_question_may_ask_where_to_get_something(question, access):
    assert question_type(question).asks_for_access is access


def test_the_first_question_is_searched_unchanged():
    assert search_queries("Does it work?") == [("Does it work?", 1.0)]


def test_a_standalone_question_is_searched_without_the_conversation():
    assert search_queries(ALONE, HISTORY) == [(ALONE, 1.0)]


@pytest.mark.parametrize("question", ["Does it work?", "And LoRA?", "Why?", f"{ALONE[:-1]} in these?"])
def test_a_follow_up_is_searched_with_the_conversation(question):
    assert search_queries(question, HISTORY) == [
        (f"Who made Sparse GPT? {question}", 0.5),
        ("What is T5? T5 is a model. Who made Sparse GPT? Nobody knows.", 0.5),
    ]


def test_a_long_question_is_searched_by_its_first_two_hundred_words():
    ((text, weight),) = search_queries("word " * 300)
    assert (len(text.split()), weight) == (200, 1.0)


def test_a_standalone_question_includes_the_previous_one_only_for_a_follow_up():
    assert standalone_question("Does it work?", HISTORY) == "Who made Sparse GPT? Does it work?"
    assert standalone_question(ALONE, HISTORY) == ALONE
    assert standalone_question("Does it work?") == "Does it work?"


@pytest.mark.parametrize(
    "question",
    [
        "Does it work on GLUE?",
        "and on tables?",
        "what about larger models",
        "How long does that take?",
        "which data sets?",
        "How do they compare on Pile?",
        "Is the second paper any better?",
        "Is it slow to train?",
        "Is it able to generate code from natural language?",
        "Was it evaluated for gender bias on news?",
        "Does it take images as input for question answering?",
        "Does it help with long documents and large tables?",
        "Do they need labels?",
        "Which data sets did their method need?",
        "Can I get the weights and the script they ran?",
    ],
)
def test_a_follow_up_is_recognised(question):
    assert standalone_question(question, HISTORY) == f"{HISTORY[-1][0]} {question}"


@pytest.mark.parametrize(
    "question",
    [
        "Which papers are about continual pre-training?",
        "What is the capital of Peru?",
        "GLUE accuracy of SparseNet?",
        "How was SparseNet trained, and what did it cost?",  # it: what the question names itself
        "Is there a method that removes toxic text?",
        "Skill-It on LEGO: how much better?",
        "Why do bats avoid lit streets in winter?",
        "Is it bad to repeat the same training data many times?",
        "Does it matter whether old papers are in the training data?",
        "Is it true that more data helps small models?",
        "Do agents learn from their mistakes?",
        "Will a chatbot say nasty things even when you talk to it nicely?",
    ],
)
def test_a_new_topic_is_not_a_follow_up(question):
    assert standalone_question(question, HISTORY) == question
    assert search_queries(question, HISTORY) == [(question, 1.0)]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Compare DataMan, Skill-It and (BERT)", ["DataMan", "Skill-It", "BERT"]),
        ("What does 'A Little Help Goes a Long Way' say about LLM2LLM?", ["A Little Help Goes a Long Way", "LLM2LLM"]),
        ("“Past and Present” or ‘Future Work’", ["Past and Present", "Future Work"]),
        ("Why don't sparse models' weights matter, and isn't it odd?", []),
        ("Do Sparse models learn?", []),
    ],
)
def test_names_are_words_spelled_as_names_and_quoted_phrases(question, names):
    assert names_in_question(question) == names


def test_at_most_eight_names_are_searched():
    assert names_in_question(" ".join(f"A{number}B" for number in range(20))) == [f"A{number}B" for number in range(8)]


@pytest.mark.parametrize(
    "question",
    [
        "Is early feeding safe after surgery?",
        "Does repeating data hurt?",
        "Xanthogranulomatous cholecystitis: a premalignant condition?",
        "Small tumours--are they early cancer?",
        "What is the effect of repeated data on loss?",
        "Which works better, cleaning or repeating?",
        "How much faster does it train?",
        "I train a small model. Is early stopping useful?",
    ],
)
def test_a_question_whether_something_is_so_or_what_came_of_it_asks_for_a_finding(question):
    assert asks_for_finding(question)


@pytest.mark.parametrize(
    "question",
    [
        "continual pre-training",
        "Describe the method of MiniPLM",
        "Does MiniPLM help? How does it do that?",
        "What is EntiGraph?",
        "Why do models forget?",
        "How does Skill-It order its data?",
        "Can you explain how SOBert was made?",
    ],
)
def test_a_question_how_or_why_does_not_ask_for_a_finding(question):
    assert not asks_for_finding(question)
