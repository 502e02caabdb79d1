"""An assistant keeps working when its settings change."""

from __future__ import annotations

import weakref
from dataclasses import fields

import pytest

import assistant.assistant
from assistant.assistant import Assistant
from assistant.errors import ModelError
from assistant.pipeline import AnswerPipeline
from assistant.system.memory import garbage_collection_paused
from tests.support.fakes import ScriptedModel

QUESTION = "How much does sparse training reduce the cost on the Pile?"
WRITTEN = "Sparse training reduces the cost by 2.5x on the Pile."


class Model(ScriptedModel):
    """A model that takes memory while it is open and cannot write once it is closed."""

    def __init__(self, name: str, events: list[str]) -> None:
        super().__init__([WRITTEN] * 9)
        self.label, self.events, self.is_open = name, events, True
        events.append(f"open {name}")

    def write(self, prompt, stop):
        assert self.is_open
        yield from super().write(prompt, stop)

    def close(self):
        self.is_open = False
        self.events.append(f"close {self.label}")


@pytest.fixture
def events(monkeypatch) -> list[str]:
    """Which models were opened and closed, in order.

    A model with ``missing`` in its name cannot be opened; ``fault`` raises an unexpected error, and ``ctrl-c`` a
    KeyboardInterrupt. While the list contains ``full``, no model can be opened.
    """
    events: list[str] = []

    def open_language_model(settings):
        if "full" in events:
            raise ModelError(f"{settings.model} does not fit in memory: close other programs.")
        if "missing" in settings.model:
            raise ModelError(f"The model {settings.model} cannot be read: check the path.")
        if "fault" in settings.model:
            raise ValueError("a bug")
        if "ctrl-c" in settings.model:
            raise KeyboardInterrupt
        return Model(settings.model, events)

    monkeypatch.setattr(assistant.assistant, "open_language_model", open_language_model)
    return events


@pytest.fixture
def made(make_assistant, events) -> Assistant:
    """An assistant over the three papers, as it is right after it was opened."""
    pipeline = make_assistant()
    made = Assistant(*(getattr(pipeline, part.name) for part in fields(AnswerPipeline)))
    made.language_model = Model("packaged", events)
    events.clear()
    return made


def test_another_model_answers_once_the_old_one_is_closed(made, events):
    made.change(made.settings.changed(model="other.gguf"))
    assert events == ["close packaged", "open other.gguf"]  # two at once may not fit in memory
    answer = made.ask(QUESTION)
    assert answer.model == "other.gguf"
    assert answer.claims[0].text == WRITTEN


def test_a_model_that_was_changed_leaves_nothing_in_memory(made):
    with garbage_collection_paused():
        object.__setattr__(made.language_model, "itself", made.language_model)  # as llama.cpp's callbacks do
    model = weakref.ref(made.language_model)
    made.change(made.settings.changed(model="other.gguf"))
    assert model() is None


def test_a_model_that_is_missing_is_refused_and_the_old_one_answers(made):
    before = made.settings
    with pytest.raises(ModelError, match=r"missing.gguf cannot be read"):
        made.change(before.changed(model="missing.gguf", answer_above=1.0))
    assert made.settings == before
    answer = made.ask(QUESTION)
    assert answer.model == "packaged"
    assert answer.claims[0].text == WRITTEN


def test_a_missing_model_leaves_no_model_open_but_the_old_one(made, events):
    with pytest.raises(ModelError):
        made.change(made.settings.changed(model="missing.gguf"))
    assert events == ["close packaged", "open packaged"]


@pytest.mark.parametrize(("model", "error"), [("fault.gguf", ValueError), ("ctrl-c.gguf", KeyboardInterrupt)])
def test_the_old_model_answers_after_any_failure_to_load_another(made, events, model, error):
    before = made.settings
    with pytest.raises(error):
        made.change(before.changed(model=model))
    assert made.settings == before
    assert made.ask(QUESTION).claims[0].text == WRITTEN
    assert events == ["close packaged", "open packaged"]


@pytest.fixture
def without_model(made, events) -> Assistant:
    """An assistant after a change in which neither the new model nor the old one could be opened."""
    events.append("full")
    with pytest.raises(ModelError, match=r"other.gguf does not fit"):
        made.change(made.settings.changed(model="other.gguf"))
    return made


def test_without_a_model_a_question_says_why_and_the_next_one_tries_again(without_model, events):
    with pytest.raises(ModelError, match=r"packaged does not fit in memory"):
        without_model.ask(QUESTION)
    events.remove("full")
    answer = without_model.ask(QUESTION)
    assert answer.model == "packaged"
    assert answer.claims[0].text == WRITTEN


def test_without_a_model_another_one_can_still_be_chosen(without_model, events):
    events.remove("full")
    without_model.change(without_model.settings.changed(model="small.gguf"))
    assert without_model.ask(QUESTION).model == "small.gguf"


def test_without_a_model_saving_the_same_settings_opens_it_again(without_model, events):
    events.remove("full")
    without_model.change(without_model.settings)
    assert without_model.ask(QUESTION).claims[0].text == WRITTEN


@pytest.mark.parametrize("setting", ["gpu_layers", "threads", "context_tokens", "answer_tokens"])
def test_how_a_model_runs_takes_effect_by_loading_it_again(made, events, setting):
    made.change(made.settings.changed(**{setting: getattr(made.settings, setting) + 1}))
    assert events == ["close packaged", "open packaged"]


def test_another_prompt_takes_effect_by_opening_the_model_that_is_asked_with_it(made, events):
    made.change(made.settings.changed(prompt="large"))
    assert events == ["close packaged", "open packaged"]


def test_a_changed_threshold_takes_effect_at_the_next_question_without_loading_anything(made, events):
    answer = made.ask(QUESTION)
    assert not answer.abstained
    stricter = (1 + answer.confidence) / 2
    made.change(made.settings.changed(answer_above=stricter))
    assert made.ask(QUESTION).abstained
    made.change(made.settings.changed(answer_above=0.0))
    assert not made.ask(QUESTION).abstained
    assert events == []


def test_a_changed_number_of_words_takes_effect_at_the_next_question(made, events):
    question = "What of sparse training of small models?"
    made.change(made.settings.changed(answer_words=400))
    longer = made.ask(question)
    made.change(made.settings.changed(answer_words=20))
    shorter = made.ask(question)
    assert len(shorter.claims) < len(longer.claims)
    assert events == []
