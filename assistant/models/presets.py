"""Models that work together, by the name of the preset: the source of ``footnote models`` and of the table in the docs.

Chosen: a licence without conditions on use, files that are not gated, weights as safetensors, embedding models whose
cards ask for no instruction before a text, and language models that answer at once: the text of a model that first
thinks aloud would be cut at ``answer_tokens``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from assistant.errors import InputError
from assistant.settings import PACKAGED

EMBEDDING, RERANKER, MODEL = "embedding", "reranker", "model"  # names of settings
_WEIGHTS = "model.safetensors"
_SUFFIXES = (".safetensors", ".json", ".txt", ".model")  # .model: a vocabulary of SentencePiece
_OTHER_RUNTIMES = {"onnx", "openvino", "coreml"}  # folders of the same weights once more
_CONTEXT_MEGABYTES = 1_000


@dataclass(frozen=True, slots=True)
class PresetModel:
    setting: str
    """The setting that names it, which is also its role."""
    repository: str
    """``owner/repo`` of the hub, or where a packaged model comes from."""
    file: str
    """What holds the weights: it is downloaded last, so that all other files are there if it is."""
    megabytes: int
    """Of 1,000,000 bytes, all needed files together."""
    licence: str
    languages: str
    is_packaged: bool = False

    @property
    def value(self) -> str:
        """What the setting is set to."""
        if self.is_packaged:
            return PACKAGED
        return f"hf:{self.repository}/{self.file}" if self.setting == MODEL else f"hf:{self.repository}"

    @property
    def memory_megabytes(self) -> int:
        """An estimate: the weights, and half as much for what is computed or up to 1 GB for 4,096 tokens of context."""
        working = min(self.megabytes, _CONTEXT_MEGABYTES) if self.setting == MODEL else self.megabytes // 2
        return self.megabytes + working

    def needs(self, name: str) -> bool:
        """Is this file of the repository needed?"""
        if self.setting == MODEL:
            return name == self.file
        path = PurePosixPath(name)
        return path.suffix in _SUFFIXES and not _OTHER_RUNTIMES & set(path.parts)


def _encoder(setting: str, repository: str, megabytes: int, licence: str, languages: str) -> PresetModel:
    return PresetModel(setting, repository, _WEIGHTS, megabytes, licence, languages)


def _gguf(repository: str, file: str, megabytes: int, languages: str) -> PresetModel:
    return PresetModel(MODEL, repository, file, megabytes, "Apache-2.0", languages)


# Sizes are rounded. The source of each, read in November 2026, is "files", the repository's list of files on
# huggingface.co; "card", its model card; or "code", public programs that download the file and state its size. A size
# from parameters is about 4 bytes for each.
PRESETS: dict[str, tuple[PresetModel, ...]] = {
    "packaged": (
        # Sizes on the disk. Licences: the packages, and assistant/models/weights/README.md.
        PresetModel(EMBEDDING, "all-MiniLM-L6-v2", _WEIGHTS, 91, "Apache-2.0", "English", is_packaged=True),
        PresetModel(RERANKER, "Footnote's own", "reranker.safetensors", 54, "MIT", "English", is_packaged=True),
        PresetModel(MODEL, "SmolLM2-135M-Instruct", "Q4_1.gguf", 98, "Apache-2.0", "English", is_packaged=True),
    ),
    "laptop": (
        # files: weights of 133 MB, tokenizer of 1 MB, MIT. card: "without instruction in all cases for convenience".
        _encoder(EMBEDDING, "BAAI/bge-small-en-v1.5", 134, "MIT", "English"),
        # collection of cross-encoder: 31.9M parameters. The announcement on huggingface.co/blog: Apache-2.0, English.
        _encoder(RERANKER, "cross-encoder/ettin-reranker-32m-v1", 130, "Apache-2.0", "English"),
        # code: 1,055,609,536 bytes. card: Apache-2.0, English.
        _gguf(
            "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF",
            "smollm2-1.7b-instruct-q4_k_m.gguf",
            1_056,
            "English",
        ),
    ),
    "multilingual": (
        # files: weights of 556 MB, tokenizer of 14 MB, Apache-2.0, "12 languages".
        _encoder(EMBEDDING, "ibm-granite/granite-embedding-278m-multilingual", 570, "Apache-2.0", "12 languages"),
        # code: weights of 2.27 GB. files: tokenizer of 22 MB in copies of it, Apache-2.0, "multilingual".
        _encoder(RERANKER, "BAAI/bge-reranker-v2-m3", 2_292, "Apache-2.0", "multilingual"),
        # code: 2,497,281,120 bytes, Apache-2.0. card of Qwen3: "100+ languages". Instruct-2507 does not think aloud.
        _gguf(
            "unsloth/Qwen3-4B-Instruct-2507-GGUF",
            "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
            2_497,
            "over 100 languages",
        ),
    ),
    "gpu": (
        # files: weights of 1.34 GB, tokenizer of 1 MB, MIT. card: as that of bge-small-en-v1.5.
        _encoder(EMBEDDING, "BAAI/bge-large-en-v1.5", 1_341, "MIT", "English"),
        # The name: 150M parameters. Licence: as that of ettin-reranker-32m-v1.
        _encoder(RERANKER, "cross-encoder/ettin-reranker-150m-v1", 600, "Apache-2.0", "English"),
        # code: 4.94 GB, Apache-2.0. card of Granite 3.1: 12 languages. It thinks aloud only if told to.
        _gguf(
            "ibm-granite/granite-3.3-8b-instruct-GGUF",
            "granite-3.3-8b-instruct-Q4_K_M.gguf",
            4_940,
            "12 languages",
        ),
    ),
}

COLUMNS = ("preset", "setting", "repository", "download", "licence", "languages", "memory (estimate)")


def preset(name: str) -> tuple[PresetModel, ...]:
    """Raises InputError for a name that is not a preset's."""
    if name not in PRESETS:
        raise InputError(f"There is no preset {name!r}: use {', '.join(PRESETS)}.")
    return PRESETS[name]


def rows() -> list[tuple[str, ...]]:
    """The table of presets, without its heading: ``COLUMNS`` for each model."""
    return [
        (
            name,
            model.setting,
            model.repository,
            "installed" if model.is_packaged else f"about {size_of(model.megabytes)}",
            model.licence,
            model.languages,
            size_of(model.memory_megabytes),
        )
        for name, models in PRESETS.items()
        for model in models
    ]


def markdown() -> str:
    """The table in the docs."""
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *rows()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def size_of(megabytes: float) -> str:
    """With two digits or more: "134 MB", "2.3 GB"."""
    return f"{megabytes:,.0f} MB" if megabytes < 1_000 else f"{megabytes / 1_000:,.1f} GB"
