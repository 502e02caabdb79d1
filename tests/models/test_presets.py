from __future__ import annotations

import pytest

from assistant.errors import InputError
from assistant.models.presets import PRESETS, PresetModel, preset, rows, size_of
from assistant.settings import PACKAGED, Settings

MODELS = [model for models in PRESETS.values() for model in models]
DOWNLOADED = [model for model in MODELS if not model.is_packaged]
ENCODERS = [model for model in DOWNLOADED if model.setting != "model"]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_an_embedding_model_a_reranker_and_a_language_model(name):
    settings = Settings().changed(**{model.setting: model.value for model in preset(name)})
    assert [model.setting for model in preset(name)] == ["embedding", "reranker", "model"]
    assert (settings.embedding == PACKAGED) == (name == PACKAGED)


def test_the_packaged_preset_is_the_default_of_the_settings():
    default = Settings()
    assert [getattr(default, model.setting) for model in preset(PACKAGED)] == [
        model.value for model in preset(PACKAGED)
    ]


@pytest.mark.parametrize("model", DOWNLOADED, ids=lambda model: model.repository)
def test_a_model_has_a_repository_a_licence_without_conditions_on_use_and_a_size(model):
    assert len(model.repository.split("/")) == 2
    assert model.licence in ("Apache-2.0", "MIT")
    assert model.memory_megabytes > model.megabytes > 100
    assert model.needs(model.file)


def test_of_a_language_model_only_the_named_file_is_needed():
    model = preset("gpu")[2]
    assert model.value == f"hf:{model.repository}/{model.file}"
    assert not model.needs("config.json")
    assert not model.needs(model.file.replace("Q4_K_M", "Q8_0"))


@pytest.mark.parametrize("model", ENCODERS, ids=lambda model: model.repository)
@pytest.mark.parametrize(
    ("name", "is_needed"),
    [
        ("config.json", True),
        ("2_Dense/model.safetensors", True),
        ("vocab.txt", True),
        ("sentencepiece.bpe.model", True),
        ("pytorch_model.bin", False),
        ("onnx/config.json", False),
        ("openvino/openvino_model.bin", False),
        ("README.md", False),
        ("modeling.py", False),
    ],
)
def test_of_an_encoder_the_weights_and_the_tokenizer_are_needed(model, name, is_needed):
    assert model.needs(name) == is_needed


def test_the_table_has_a_row_for_each_model():
    assert len(rows()) == len(MODELS)
    assert ("laptop", "embedding", "BAAI/bge-small-en-v1.5", "about 134 MB", "MIT", "English", "201 MB") in rows()


def test_memory_is_the_size_and_what_is_computed_or_the_context():
    assert PresetModel("embedding", "owner/repo", "model.safetensors", 200, "MIT", "English").memory_megabytes == 300
    assert PresetModel("model", "owner/repo", "small.gguf", 300, "MIT", "English").memory_megabytes == 600
    assert PresetModel("model", "owner/repo", "large.gguf", 5_000, "MIT", "English").memory_megabytes == 6_000


@pytest.mark.parametrize(("megabytes", "text"), [(134.4, "134 MB"), (999, "999 MB"), (2_292, "2.3 GB")])
def test_sizes_are_rounded(megabytes, text):
    assert size_of(megabytes) == text


def test_an_unknown_preset_is_refused_with_the_names_that_exist():
    with pytest.raises(InputError, match="use packaged, laptop, multilingual, gpu"):
        preset("huge")
