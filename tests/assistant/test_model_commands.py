"""``footnote models`` against a small hub on this machine: the real one is never asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import tomllib
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

import app
from assistant import model_commands
from assistant.models.hub import Hub
from assistant.models.presets import PRESETS
from assistant.settings import Settings
from tests.support.hub_server import hub_server
from tests.support.paths import ROOT

EMBEDDING, RERANKER, MODEL = PRESETS["laptop"]
WEIGHTS, SCORES, TEXTS = (letter * 300_000 for letter in (b"weights", b"scores!", b"GGUFtxt"))
NEEDED = {
    EMBEDDING.repository: [
        "1_Pooling/config.json",
        "config.json",
        "modules.json",
        "tokenizer.json",
        "vocab.txt",
        "model.safetensors",
    ],
    RERANKER.repository: ["config.json", "sentencepiece.bpe.model", "tokenizer.json", "model.safetensors"],
    MODEL.repository: [MODEL.file],
}
OTHERS = ["README.md", "pytorch_model.bin", "onnx/model.onnx", "onnx/config.json", "openvino/openvino_model.bin"]
CONTENT = {EMBEDDING.repository: WEIGHTS, RERANKER.repository: SCORES, MODEL.repository: TEXTS}
JSON = {
    "config.json": b'{"architectures": ["BertForSequenceClassification"]}',
    "modules.json": b'[{"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]',
}


def small_repositories() -> dict[str, dict[str, bytes]]:
    """The repositories of the preset, with little in their files, and files that are not needed."""
    return {
        repository: {
            name: CONTENT[repository] if name in ("model.safetensors", MODEL.file) else JSON.get(name, name.encode())
            for name in [*OTHERS, "other-q8_0.gguf", *reversed(names)]
        }
        for repository, names in NEEDED.items()
    }


@pytest.fixture
def server():
    with hub_server(small_repositories()) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def run(server, tmp_path, home, monkeypatch, capsys):
    """Runs ``footnote models`` with the small hub; gives the exit code and what was printed."""
    hub = Hub(server.address, tmp_path / "cache")
    monkeypatch.setattr(app, "add_model_commands", partial(model_commands.add_commands, hub=hub))
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 50_000)

    def command(*arguments: str) -> SimpleNamespace:
        code = app.main(["models", *arguments, "--home", str(home)])
        printed = capsys.readouterr()
        return SimpleNamespace(code=code, out=printed.out, err=printed.err)

    return command


def refused(done: SimpleNamespace) -> str:
    """The one line with which a command ended."""
    assert done.code == 1
    (line,) = [line for line in done.err.splitlines() if line.startswith("footnote: ")]
    assert done.err.splitlines()[-1] == line
    assert done.out == ""
    return line


def is_here(printed: str, preset: str) -> list[str]:
    """The last column of the rows of a preset."""
    return [line.split()[-1] for line in printed.splitlines() if line.startswith(f"{preset} ")]


def test_the_list_names_each_model_and_what_is_here(run, server):
    printed = run("list").out
    assert printed.splitlines()[0].split("  ")[0] == "preset"
    for models in PRESETS.values():
        for model in models:
            (line,) = [line for line in printed.splitlines() if f" {model.repository} " in line]
            assert model.setting in line
            assert model.licence in line
            assert model.languages in line
    assert is_here(printed, "packaged") == ["yes"] * 3
    assert is_here(printed, "laptop") == ["no"] * 3
    assert server.requests == []
    assert run().out == printed


def test_get_says_first_what_it_downloads_and_prints_the_settings_last(run, server, home):
    done = run("get", "laptop")
    assert done.code == 0
    first = done.err.splitlines()[0]
    assert first.startswith(f"{server.address}/{EMBEDDING.repository}: 2 MB of 2 MB to download (")
    assert "model.safetensors" in first
    assert "onnx" not in done.err
    assert tomllib.loads(done.out) == {
        "embedding": f"hf:{EMBEDDING.repository}",
        "reranker": f"hf:{RERANKER.repository}",
        "model": f"hf:{MODEL.repository}/{MODEL.file}",
    }
    assert "footnote models use laptop" in done.err
    assert "footnote index rebuild" in done.err
    assert "footnote calibrate" in done.err
    assert not (home / "settings.toml").exists()


def test_only_needed_files_are_downloaded_and_the_weights_last(run, server):
    run("get", "laptop")
    downloads = server.downloads()
    assert sorted(downloads) == sorted(name for names in NEEDED.values() for name in names)
    places = [place for place, name in enumerate(downloads) if name == "model.safetensors"]
    assert places == [len(NEEDED[EMBEDDING.repository]) - 1, len(downloads) - 2]


def test_a_downloaded_preset_is_here_and_is_not_downloaded_again(run, server):
    run("get", "laptop")
    assert is_here(run("list").out, "laptop") == ["yes"] * 3
    before = server.downloads()
    done = run("get", "laptop")
    assert done.code == 0
    assert "0 MB in all" in done.err
    assert server.downloads() == before


def test_get_continues_after_a_cut_connection(run, server):
    server.cut_after, server.fails_after_cut = 200_000, True
    assert f"{EMBEDDING.repository}/model.safetensors could not be downloaded" in refused(run("get", "laptop"))
    assert is_here(run("list").out, "laptop") == ["no"] * 3
    server.fails_after_cut = False
    assert run("get", "laptop").code == 0
    assert is_here(run("list").out, "laptop") == ["yes"] * 3
    assert [header for header in server.ranges("model.safetensors") if header.startswith("bytes=200000-")]


def test_a_file_with_another_sha256_is_refused(run, server):
    server.sends_other_bytes = True
    assert "damaged (SHA-256" in refused(run("get", "laptop"))
    assert is_here(run("list").out, "laptop") == ["no"] * 3


def test_a_repository_without_its_weights_is_refused(run, server):
    del server.files[MODEL.repository][MODEL.file]
    assert f"{MODEL.repository} no longer contains {MODEL.file}" in refused(run("get", "laptop"))
    assert server.downloads() == []


def test_a_disk_with_too_little_space_is_refused_before_the_download(run, server, monkeypatch):
    monkeypatch.setattr("assistant.models.hub.shutil.disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    assert "has 1 MB free: free some space" in refused(run("get", "laptop"))
    assert server.downloads() == []


def test_an_unknown_preset_is_refused_with_the_names_that_exist(run, server):
    for action in ("get", "use"):
        assert "no preset 'huge': use packaged, laptop, multilingual, gpu." in refused(run(action, "huge"))
    assert server.requests == []


def test_a_hub_that_does_not_answer_is_one_line(run, tmp_path, monkeypatch):
    hub = Hub("http://127.0.0.1:9", tmp_path / "cache")
    monkeypatch.setattr(app, "add_model_commands", partial(model_commands.add_commands, hub=hub))
    assert "check the name and the network" in refused(run("get", "laptop"))


def test_use_is_refused_until_the_files_are_here(run, server, home):
    line = refused(run("use", "laptop"))
    assert "run `footnote models get laptop`" in line
    assert MODEL.repository in line
    assert not (home / "settings.toml").exists()
    assert server.requests == []


def test_use_writes_the_settings_and_names_what_must_be_run(run, home):
    (home / "settings.toml").write_text('# mine\ntheme = "dark"\n')
    run("get", "laptop")
    done = run("use", "laptop")
    assert done.code == 0
    written = (home / "settings.toml").read_text()
    assert written.startswith('# mine\ntheme = "dark"\n')
    settings = Settings.load({}, home=home)
    assert (settings.embedding, settings.reranker, settings.model) == (EMBEDDING.value, RERANKER.value, MODEL.value)
    assert "footnote index rebuild" in done.err
    assert "footnote calibrate" in done.err
    assert "index rebuild" not in run("use", "laptop").err


def test_use_of_the_packaged_models_needs_no_calibration(run, server, home):
    run("get", "laptop")
    run("use", "laptop")
    server.requests.clear()
    done = run("use", "packaged")
    assert tomllib.loads((home / "settings.toml").read_text()) == dict.fromkeys(
        ("embedding", "reranker", "model"), "packaged"
    )
    assert "footnote index rebuild" in done.err
    assert "calibrate" not in done.err
    assert server.requests == []


def test_get_of_the_packaged_models_downloads_nothing(run, server):
    done = run("get", "packaged")
    assert done.code == 0
    assert "nothing is downloaded" in done.err
    assert server.requests == []


def test_use_says_when_the_environment_hides_a_setting(run, monkeypatch):
    run("get", "laptop")
    monkeypatch.setenv("FOOTNOTE_MODEL", "packaged")
    assert "FOOTNOTE_MODEL in the environment" in run("use", "laptop").err


def test_use_makes_no_folder_that_the_user_named(run, home):
    home.rmdir()
    assert "There is no folder" in refused(run("use", "packaged"))
    assert not home.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_stops_a_download_in_one_line_and_keeps_what_was_downloaded(server, tmp_path, home):
    server.files[EMBEDDING.repository]["model.safetensors"] = b"weights!" * 2_000_000  # more than one piece of 10 MB
    server.cut_after, server.wait_when_cut = 12_000_000, threading.Event()
    cache = tmp_path / "cache"
    environment = {**os.environ, "HF_ENDPOINT": server.address, "HF_HUB_CACHE": str(cache)}
    command = [sys.executable, "-m", "app", "models", "get", "laptop", "--home", str(home)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        wait_for_bytes(cache, process)
        process.send_signal(signal.SIGINT)
        _, printed = process.communicate(timeout=30)
    finally:
        process.kill()
        server.wait_when_cut.set()
    assert process.returncode == 130
    assert printed.splitlines()[-1] == "footnote: stopped."
    assert "Traceback" not in printed
    (partial_file,) = cache.rglob("*.incomplete")
    assert partial_file.stat().st_size >= 10_000_000


def wait_for_bytes(cache: Path, process: subprocess.Popen[str]) -> None:
    """Until a part of a large file is on the disk."""
    pause = threading.Event()
    for _ in range(2_400):
        if any(path.stat().st_size for path in cache.rglob("*.incomplete")) or process.poll() is not None:
            return
        pause.wait(0.05)
