"""Downloads files of the Hugging Face hub into the cache that its library shares with other programs.

``huggingface_hub`` keeps whole files of an interrupted download, but not the part of a file. ``Hub.download`` keeps
that part too, and puts a large file into the cache only after its SHA-256 has been compared with the hub's.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ModelError
from assistant.system.disk import is_disk_full_error, sha256_of

_MODEL_FILES = ("config.json", "model.safetensors", "tokenizer.json")
_LOCK_SECONDS = 10  # longer waits mean that another process downloads the same file


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository, as the hub lists it."""

    name: str
    size: int
    sha256: str
    """Empty for a small file, which the hub keeps in git without a SHA-256."""


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub and the cache of its files; the defaults are those of ``huggingface_hub`` and its environment variables.

    Every method that raises raises ModelError: one line about what could not be downloaded, and why.
    """

    endpoint: str | None = None
    cache: Path | None = None

    @property
    def address(self) -> str:
        from huggingface_hub import constants

        return self.endpoint or str(constants.ENDPOINT)

    @property
    def folder(self) -> Path:
        """The folder of the cache, which may not exist yet."""
        from huggingface_hub import constants

        return self.cache or Path(constants.HF_HUB_CACHE)

    def files(self, repository: str) -> list[HubFile]:
        """What the hub lists for the newest version of a repository."""
        from huggingface_hub import HfApi

        with _translated(f"The list of files of {repository}", self.address):
            found = HfApi(endpoint=self.endpoint).model_info(repository, files_metadata=True)
        return [HubFile(one.rfilename, one.size or 0, one.lfs.sha256 if one.lfs else "") for one in found.siblings]

    def cached(self, repository: str, name: str) -> Path | None:
        """The file in the cache, without asking the hub; None if it is not there or no repository can have the name."""
        from huggingface_hub import try_to_load_from_cache
        from huggingface_hub.errors import HFValidationError

        try:
            found = try_to_load_from_cache(repository, name, cache_dir=self.folder)
        except HFValidationError:
            return None
        return Path(found) if isinstance(found, str) else None

    def has_model(self, repository: str) -> bool:
        """Is all of an embedding model, a reranker or a classifier in the cache?

        Another program may have put only some files there. Loaded without the hub and without ``modules.json``, an
        embedding model would get the wrong pooling and a reranker an untrained last layer, and no error would say so.
        """
        if not all(self.cached(repository, name) for name in _MODEL_FILES):
            return False
        try:
            if modules := self._json(repository, "modules.json"):
                return all(self.cached(repository, f"{folder}/config.json") for folder in _configured(modules))
            architectures = self._json(repository, "config.json")["architectures"]
            return any(str(name).endswith("ForSequenceClassification") for name in architectures)
        except (OSError, ValueError, KeyError, TypeError):
            return False  # a file that is not what it should be: the hub is asked for it

    def fetch(self, repository: str, name: str) -> Path:
        """The newest version of a file; the cached one if the hub does not answer."""
        from huggingface_hub import hf_hub_download

        with _translated(f"hf:{repository}/{name}", self.address):
            return Path(hf_hub_download(repository, name, endpoint=self.endpoint, cache_dir=self.folder))

    def download(self, repository: str, file: HubFile) -> Path:
        """The file, downloaded if it is not in the cache; a file with another SHA-256 than the hub's is removed.

        A file that is in the cache is compared with its SHA-256 too. What an interrupted call has downloaded is kept,
        and the next call downloads the rest.
        """
        if file.sha256:
            self._download_large(repository, file)
        path = self.fetch(repository, file.name)  # links a large file, and downloads a small one
        if file.sha256 and path.is_symlink() and path.resolve().name != file.sha256:
            raise ModelError(f"{repository} was changed on the hub during the download: run the same command again.")
        return path

    def bytes_to_download(self, repository: str, file: HubFile) -> int:
        """How much of the file is neither in the cache nor left by an interrupted download."""
        if self.cached(repository, file.name):
            return 0
        partial = self._partial(repository, file)
        return file.size - partial.stat().st_size if file.sha256 and partial.exists() else file.size

    def free_bytes(self) -> int:
        """The free space on the disk of the cache."""
        existing = next(
            folder for folder in (self.folder.absolute(), *self.folder.absolute().parents) if folder.exists()
        )
        return shutil.disk_usage(existing).free

    def _json(self, repository: str, name: str) -> Any:
        """The content of a file in the cache; None if it is not there."""
        path = self.cached(repository, name)
        return json.loads(path.read_text(encoding="utf-8")) if path else None

    def _download_large(self, repository: str, file: HubFile) -> None:
        """Put the file where the hub's library expects its content: ``blobs/`` and its SHA-256."""
        from huggingface_hub.utils import WeakFileLock

        blob = self._blob(repository, file)
        lock = self.folder / ".locks" / blob.parent.parent.name / f"{blob.name}.lock"  # that of the hub's library
        with _translated(f"{repository}/{file.name}", self.address):
            blob.parent.mkdir(parents=True, exist_ok=True)
            lock.parent.mkdir(parents=True, exist_ok=True)
            with WeakFileLock(lock, timeout=_LOCK_SECONDS):
                if blob.exists():
                    _check_sha256(blob, repository, file)
                    return
                partial = self._partial(repository, file)
                self._download_rest(repository, file, partial)
                _check_sha256(partial, repository, file)
                partial.replace(blob)

    def _download_rest(self, repository: str, file: HubFile, partial: Path) -> None:
        from huggingface_hub import hf_hub_url
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils import build_hf_headers, logging

        logging.set_verbosity_error()  # it tries again after a lost connection, and would print several lines each time
        with partial.open("ab") as written:
            if written.tell() > file.size:  # damaged: no server can send what follows the end
                written.truncate(0)
                written.seek(0)
            http_get(
                hf_hub_url(repository, file.name, endpoint=self.endpoint),
                written,
                resume_size=written.tell(),
                headers=build_hf_headers(),
                expected_size=file.size,
                displayed_filename=Path(file.name).name,
            )

    def _blob(self, repository: str, file: HubFile) -> Path:
        from huggingface_hub.file_download import repo_folder_name

        folder: str = repo_folder_name(repo_id=repository, repo_type="model")
        return self.folder / folder / "blobs" / file.sha256

    def _partial(self, repository: str, file: HubFile) -> Path:
        return self._blob(repository, file).with_suffix(".incomplete")


def _check_sha256(path: Path, repository: str, file: HubFile) -> None:
    """Remove the file and raise ModelError if it is not what the hub describes."""
    found = sha256_of(path)
    if found != file.sha256:
        path.unlink()
        raise ModelError(
            f"{repository}/{file.name} was damaged (SHA-256 {found[:12]}, the hub states {file.sha256[:12]}) and is "
            "removed: run the same command again."
        )


def _configured(modules: list[dict[str, str]]) -> list[str]:
    """The folders of the modules of sentence-transformers that have a configuration: ``Normalize`` has none."""
    return [one["path"] for one in modules if one["path"] and not str(one["type"]).endswith("Normalize")]


@contextmanager
def _translated(what: str, address: str) -> Iterator[None]:
    from huggingface_hub.errors import HFValidationError, HTTPError

    try:
        yield
    except (HTTPError, HFValidationError, OSError) as error:
        reason = (str(error) or type(error).__name__).split("\n")[0]
        advice = "check the name and the network"
        if is_disk_full_error(error):
            advice = "free some space and run the same command again"
        elif isinstance(error, OSError) and error.filename:
            advice = "allow writing there, or set HF_HOME to another folder"
        raise ModelError(f"{what} could not be downloaded from {address} ({reason}): {advice}.") from error
