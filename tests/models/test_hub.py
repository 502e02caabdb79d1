from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.models.hub import Hub
from assistant.models.locate import gguf_file, is_on_disk
from tests.support.hub_server import hub_server

REPOSITORY, NAME = "owner/repo", "model.gguf"
WEIGHTS = b"GGUF" + bytes(range(256)) * 4_000  # larger than one read of a socket
FILES = {REPOSITORY: {NAME: WEIGHTS, "config.json": b"{}"}}


@pytest.fixture
def server():
    with hub_server(dict(FILES)) as server:
        yield server


@pytest.fixture
def hub(server, tmp_path: Path) -> Hub:
    return Hub(server.address, tmp_path / "cache")


@pytest.fixture
def large(hub):
    return next(file for file in hub.files(REPOSITORY) if file.name == NAME)


@pytest.fixture(autouse=True)
def no_pause_and_short_writes(monkeypatch):
    """``huggingface_hub`` waits a second before it tries again, and writes a file in pieces of 10 MB."""
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 50_000)


def blobs(hub: Hub) -> list[Path]:
    return sorted(hub.folder.rglob("blobs/*"))


def test_the_files_of_a_repository_have_sizes_and_the_large_ones_a_sha256(hub):
    assert [(file.name, file.size, len(file.sha256)) for file in hub.files(REPOSITORY)] == [
        (NAME, len(WEIGHTS), 64),
        ("config.json", 2, 0),
    ]


def test_a_downloaded_file_is_in_the_cache_and_is_not_downloaded_again(server, hub, large):
    assert hub.cached(REPOSITORY, NAME) is None
    assert hub.bytes_to_download(REPOSITORY, large) == len(WEIGHTS)
    path = hub.download(REPOSITORY, large)
    assert path.read_bytes() == WEIGHTS
    assert hub.cached(REPOSITORY, NAME) == path
    assert hub.bytes_to_download(REPOSITORY, large) == 0
    hub.download(REPOSITORY, large)
    assert server.downloads() == [NAME]


def test_a_model_that_is_here_is_found_by_its_name_without_asking_the_hub(server, hub, large, monkeypatch):
    hub.download(REPOSITORY, large)
    server.requests.clear()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hub.folder))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.address)
    assert gguf_file(f"hf:{REPOSITORY}/{NAME}").read_bytes() == WEIGHTS
    assert server.requests == []


MODULES = [
    {"path": "", "type": "sentence_transformers.models.Transformer"},
    {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]
TRANSFORMER = {"config.json": b"{}", "tokenizer.json": b"[]", "model.safetensors": WEIGHTS}
EMBEDDING = {**TRANSFORMER, "modules.json": json.dumps(MODULES).encode(), "1_Pooling/config.json": b"{}"}
CLASSIFIER = {**TRANSFORMER, "config.json": b'{"architectures": ["BertForSequenceClassification"]}'}


@pytest.mark.parametrize("files", [EMBEDDING, CLASSIFIER], ids=["embedding", "classifier"])
def test_an_encoder_is_on_the_disk_when_its_last_file_is(server, hub, monkeypatch, files):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hub.folder))
    server.files["owner/encoder"] = files
    for file in hub.files("owner/encoder"):
        assert not is_on_disk("owner/encoder")
        hub.download("owner/encoder", file)
    assert is_on_disk("owner/encoder")


@pytest.mark.parametrize("modules", [None, b"{}", b"[1]", b"not JSON"])
def test_an_encoder_without_a_list_of_modules_is_not_on_the_disk(server, hub, monkeypatch, modules):
    """Other programs fetch only what ``transformers`` reads; the pooling of the model would then be a guess."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hub.folder))
    server.files["owner/encoder"] = TRANSFORMER | ({"modules.json": modules} if modules else {})
    for file in hub.files("owner/encoder"):
        hub.download("owner/encoder", file)
    assert not is_on_disk("owner/encoder")


def test_a_folder_is_on_the_disk_and_an_unknown_repository_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    assert is_on_disk(str(tmp_path))
    assert not is_on_disk("owner/none")
    assert not is_on_disk("one/part/too/many")


def test_a_name_that_no_repository_can_have_is_one_line():
    with pytest.raises(ModelError, match=r"^hf:ow ner/repo/model.gguf could not be downloaded .*: check the name"):
        gguf_file("hf:ow ner/repo/model.gguf")


def test_a_key_for_the_hub_is_not_sent_to_the_host_of_the_content(server, hub, large, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.download(REPOSITORY, large)
    assert [one.authorization for one in server.for_content()] == [""]
    assert "Bearer hf_secret" in {one.authorization for one in server.requests}


def test_a_download_goes_on_after_a_cut_connection(server, hub, large):
    server.cut_after = 300_000
    assert hub.download(REPOSITORY, large).read_bytes() == WEIGHTS
    first, *later = server.ranges(NAME)
    assert first == ""
    assert [header for header in later if header.startswith("bytes=") and header != "bytes=0-"]


def test_an_interrupted_download_continues_in_the_next_call(server, hub, large):
    server.cut_after, server.fails_after_cut = 300_000, True
    with pytest.raises(ModelError, match=r"^owner/repo/model.gguf could not be downloaded from http"):
        hub.download(REPOSITORY, large)
    (partial,) = blobs(hub)
    kept = partial.stat().st_size
    assert 0 < kept <= 300_000
    assert WEIGHTS.startswith(partial.read_bytes())
    assert hub.bytes_to_download(REPOSITORY, large) == len(WEIGHTS) - kept
    server.fails_after_cut = False
    assert hub.download(REPOSITORY, large).read_bytes() == WEIGHTS
    assert server.ranges(NAME)[-1].startswith(f"bytes={kept}-")
    assert [path.name for path in blobs(hub)] == [large.sha256]


def test_a_file_with_another_sha256_is_removed(server, hub, large):
    server.sends_other_bytes = True
    with pytest.raises(ModelError, match=rf"damaged .* the hub states {large.sha256[:12]}.* is removed"):
        hub.download(REPOSITORY, large)
    assert blobs(hub) == []
    assert hub.cached(REPOSITORY, NAME) is None


def test_a_file_that_was_damaged_in_the_cache_is_removed(hub, large):
    path = hub.download(REPOSITORY, large)
    path.resolve().write_bytes(WEIGHTS[:-1])
    with pytest.raises(ModelError, match="damaged"):
        hub.download(REPOSITORY, large)
    assert hub.cached(REPOSITORY, NAME) is None
    assert hub.download(REPOSITORY, large).read_bytes() == WEIGHTS


def test_a_partial_file_that_is_too_long_is_downloaded_from_the_start(hub, large):
    partial = hub.folder / "models--owner--repo" / "blobs" / f"{large.sha256}.incomplete"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(WEIGHTS + b"more")
    assert hub.download(REPOSITORY, large).read_bytes() == WEIGHTS


def test_a_repository_that_does_not_exist_is_one_line(hub):
    with pytest.raises(ModelError, match=r"^The list of files of owner/none could not be downloaded") as error:
        hub.files("owner/none")
    assert "\n" not in str(error.value)


def test_a_hub_that_does_not_answer_is_one_line(tmp_path):
    with pytest.raises(ModelError, match=r"from http://127.0.0.1:9 .*: check the name and the network\.$"):
        Hub("http://127.0.0.1:9", tmp_path).files(REPOSITORY)


def test_a_cache_that_cannot_be_written_is_one_line(hub, large):
    hub.folder.write_bytes(b"a file where the folder of the cache should be")
    with pytest.raises(ModelError, match=r"cache.*: allow writing there, or set HF_HOME to another folder\.$") as error:
        hub.download(REPOSITORY, large)
    assert "\n" not in str(error.value)


def test_a_full_disk_is_one_line_and_what_was_there_stays(hub, large, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    partial = hub.folder / "models--owner--repo" / "blobs" / f"{large.sha256}.incomplete"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(WEIGHTS[:5])
    with monkeypatch.context() as patched:
        patched.setattr("huggingface_hub.file_download.http_get", full)
        with pytest.raises(ModelError, match=r"No space left on device\): free some space and run the same command"):
            hub.download(REPOSITORY, large)
    assert partial.read_bytes() == WEIGHTS[:5]
