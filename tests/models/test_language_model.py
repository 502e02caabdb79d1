"""Any language model of llama-index can be named in the settings."""

from __future__ import annotations

import threading

import pytest

from assistant.errors import ModelError, SettingsError, Stopped
from assistant.models.language_model import LlamaIndexModel, llama_index_llm, open_language_model
from prompts import Prompt
from tests.support.fakes import ScriptedModel
from tests.support.named_classes import PLACE, EchoLLM

ECHO = f"{PLACE}:EchoLLM"
PROMPT = Prompt("You repeat.", ("Hens lay eggs every day.",))


def opened(settings, name: str = ECHO, **options) -> LlamaIndexModel:
    model = open_language_model(settings.changed(model=name, model_options=options))
    assert isinstance(model, LlamaIndexModel)
    return model


def test_it_answers_piece_by_piece(settings):
    pieces = list(opened(settings).write(PROMPT, threading.Event()))
    assert pieces == ["Hens ", "lay ", "eggs ", "every ", "day. "]


def test_it_is_named_in_answers_and_gets_whole_abstracts(settings):
    model = opened(settings)
    assert model.label == f"echo by {ECHO}"
    assert model.style == "large"
    assert opened(settings.changed(prompt="small")).style == "small"


def test_a_class_of_llama_index_itself_answers(settings):
    model = opened(settings, "llama_index.core.llms:MockLLM", max_tokens=3)
    assert "".join(model.write(PROMPT, threading.Event())).strip()


def test_settings_that_the_class_knows_reach_it_unless_its_options_say_otherwise(settings):
    llm = llama_index_llm(opened(settings.changed(answer_tokens=50, context_tokens=2000), temperature=0.5))
    assert isinstance(llm, EchoLLM)
    assert (llm.temperature, llm.max_tokens, llm.context_window) == (0.5, 50, 2000)


def test_its_methods_get_no_arguments_that_they_may_not_know(settings):
    model = opened(settings)
    list(model.write(PROMPT, threading.Event()))
    assert isinstance(model.llm, EchoLLM)
    assert model.llm.calls == [{}]


def test_an_answer_ends_where_it_is_as_long_as_the_settings_allow(settings):
    model = opened(settings.changed(answer_tokens=16))
    long = Prompt("You repeat.", (" ".join(map(str, range(100))),))
    assert len(list(model.write(long, threading.Event()))) == 16


def test_it_stops_between_two_pieces(settings):
    stop = threading.Event()
    writing = opened(settings).write(PROMPT, stop)
    assert next(writing) == "Hens "
    stop.set()
    with pytest.raises(Stopped):
        next(writing)


def test_a_failure_while_it_answers_is_one_line_without_its_key(settings):
    model = opened(settings, fails_after=2, api_key="sk-a-secret")
    writing = model.write(PROMPT, threading.Event())
    assert [next(writing), next(writing)] == ["Hens ", "lay "]
    with pytest.raises(ModelError, match=r"EchoLLM failed to answer \(timed out with key \*\*\*\)"):
        next(writing)
    assert "sk-a-secret" not in repr(model) + model.label + model.offload


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        (ECHO, {"tempertaure": 1.0}, "has no option 'tempertaure': did you mean temperature?"),
        (f"{PLACE}:NoisyEmbedding", {}, "is not a LLM of llama-index"),
        ("llama_index.llms.nowhere:Model", {}, "pip install llama-index-llms-nowhere"),
    ],
)
def test_what_is_wrong_with_the_setting_is_one_line(settings, name, options, said):
    with pytest.raises(SettingsError) as raised:
        opened(settings, name, **options)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_language_model_of_another_kind_has_no_llm():
    with pytest.raises(ModelError, match="scripted is not a language model of llama-index"):
        llama_index_llm(ScriptedModel())
