from __future__ import annotations

import pytest

from assistant.records import ROLES
from assistant.text.headings import abstract_sentences


def divided(abstract: str) -> list[tuple[str, str]]:
    """The sentences with the roles that their headings allow; an empty text if they allow all."""
    return [
        (abstract[one.start : one.end], " ".join(sorted(one.roles)) if len(one.roles) <= 2 else "")
        for one in abstract_sentences(abstract)
    ]


@pytest.mark.parametrize(
    ("heading", "roles"),
    [
        ("OBJECTIVE: ", "aim"),
        ("Methods: ", "method"),
        ("BACKGROUND ", "background"),
        ("RESULTS AND CONCLUSION: ", "conclusion result"),
        ("Aims and background. ", "aim background"),
        ("MATERIALS AND METHODS ", "method"),
        ("Patients & methods: ", "method"),
        ("METHODOLOGY/PRINCIPAL FINDINGS ", "method result"),
        ("MAIN OUTCOME MEASURES ", "method"),
        ("DESIGN, SETTING, AND PARTICIPANTS ", "method"),
        ("CONCLUSION(S): ", "conclusion"),
        ("Design/methodology/approach – ", "method"),
        ("Data Sources.—", "method"),
        ("Results The ", "result"),
        ("Purpose of the study: ", "aim"),
        ("FUNDING ", ""),
        ("UNLABELLED: OBJECTIVE ", "aim"),
    ],
)
def test_a_heading_gives_the_role_of_its_sentences_and_is_not_part_of_them(heading, roles):
    kept = heading.split()[-1] + " " if heading.endswith("The ") else ""
    assert divided(f"{heading}Hens of 3 farms lay eggs. They also sit.") == [
        (f"{kept}Hens of 3 farms lay eggs.", roles),
        ("They also sit.", roles),
    ]


def test_a_heading_ends_what_the_one_before_it_says():
    abstract = "Hens are known. METHODS 12 hens sat. RESULTS: They laid. Conclusion. Hens lay."
    assert divided(abstract) == [
        ("Hens are known.", ""),
        ("12 hens sat.", "method"),
        ("They laid.", "result"),
        ("Hens lay.", "conclusion"),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Results show that hens lay.",
        "Methods for keeping hens are old.",
        "Conclusion drawn from hens are few.",
        "Background noise: hens hear it.",
        "Study: a hen.",
        "Data from hens are few.",
        "RESULTS OF HENS AND OTHER BIRDS ON THE ISLANDS OF THE NORTHERN SEAS",
        "results: hens lay.",
        "Data-driven methods: a survey of hens.",
        "Goal-directed hens lay.",
        "We give methods: hens and cocks.",
        "AIM2 senses DNA.",
    ],
)
def test_a_sentence_that_only_begins_like_a_heading_stays_whole(sentence):
    assert divided(sentence) == [(sentence, "")]


def test_a_heading_without_a_sentence_is_no_sentence():
    assert divided("Hens lay. RESULTS:") == [("Hens lay.", "")]
    assert divided("Conclusions") == []


def test_a_long_run_of_the_words_of_headings_takes_no_long_time():
    assert abstract_sentences("Methods and " * 20_000)


@pytest.mark.parametrize("sentence", ["We keep hens.", "In this study, hens sat.", "Our hens lay."])
def test_a_sentence_about_its_own_paper_is_not_background(sentence):
    (found,) = abstract_sentences(sentence)
    assert found.roles == ROLES - {"background"}
    assert divided(f"AIMS AND BACKGROUND {sentence}") == [(sentence, "aim")]


@pytest.mark.parametrize("sentence", ["The aim of this trial was to find eggs.", "We aimed to keep hens."])
def test_a_sentence_that_says_what_the_paper_aims_at_is_an_aim(sentence):
    assert divided(sentence) == [(sentence, "aim")]


def test_a_question_is_an_aim_or_background_and_never_a_finding():
    (own,) = abstract_sentences("We ask: can hens fly?")
    (general,) = abstract_sentences("But “can hens fly?”")
    assert own.roles == {"aim"}
    assert general.roles == {"aim", "background"}


def test_a_heading_decides_whatever_the_sentence_says():
    assert divided("BACKGROUND: We keep hens.") == [("We keep hens.", "background")]
