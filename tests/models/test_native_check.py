"""If llama.cpp crashes on this processor, it runs without its extra buffers, or the user gets one line."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.models import native_check
from assistant.models.locate import gguf_file
from assistant.models.native_check import extra_buffers_work, library_is_safe
from assistant.settings import Settings

CRASH = "import os, signal; os.kill(os.getpid(), signal.SIGILL)"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """The folder of an installed library."""
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "libllama.so").write_bytes(b"\x7fELF")
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(folder))
    return folder


@pytest.fixture
def child(tmp_path):
    """Makes the command of a child that records its arguments and then runs the given code."""

    def child(code: str = "") -> list[str]:
        note = f"import sys; open({str(tmp_path / 'runs')!r}, 'a').write(sys.argv[-1] + '\\n')"
        return [sys.executable, "-S", "-c", f"{note}\n{code}"]

    return child


@pytest.fixture
def runs(tmp_path):
    """Which buffers the children were asked to try, in order."""
    return lambda: (tmp_path / "runs").read_text().split() if (tmp_path / "runs").exists() else []


def kept(settings: Settings) -> list[Path]:
    return list(settings.cache_folder.glob("*.json"))


def test_a_library_that_works_is_tried_once(settings, child, runs):
    assert extra_buffers_work(settings, child())
    assert extra_buffers_work(settings, child())
    assert runs() == ["extra"]


def test_a_library_whose_extra_buffers_crash_runs_without_them(settings, child, runs):
    saved = child(f"if sys.argv[-1] == 'extra': {CRASH}")
    assert not extra_buffers_work(settings, saved)
    assert not extra_buffers_work(settings, saved)
    assert runs() == ["extra", "plain"]


def test_a_library_that_crashes_with_and_without_extra_buffers_is_one_line_each_time(settings, child, runs, folder):
    for _ in range(2):  # not stored: a repair of the machine that does not change the library must be noticed
        with pytest.raises(ModelError, match="SIGILL") as raised:
            extra_buffers_work(settings, child(CRASH))
    said = str(raised.value)
    assert "\n" not in said
    assert str(folder) in said
    assert native_check.processor()[0] in said
    assert f"{sys.executable} -m assistant.models.llama_build" in said
    assert runs() == ["extra", "plain"] * 2
    assert extra_buffers_work(settings, child())


def test_another_build_is_tried_again(settings, child, runs, folder):
    extra_buffers_work(settings, child())
    (folder / "libllama.so").write_bytes(b"\x7fELF, another")
    extra_buffers_work(settings, child())
    assert runs() == ["extra", "extra"]


def test_another_processor_is_tried_again(settings, child, runs, monkeypatch):
    extra_buffers_work(settings, child())
    monkeypatch.setattr(native_check, "processor", lambda: ("Xeon", "avx512f amx_int8"))
    extra_buffers_work(settings, child())
    assert runs() == ["extra", "extra"]


def test_a_child_that_hangs_is_ended_and_reported(settings, child, monkeypatch):
    monkeypatch.setattr(native_check, "_TIME_LIMIT_SECONDS", 0.5)
    started = time.monotonic()
    with pytest.raises(ModelError, match="wrote nothing in"):
        extra_buffers_work(settings, child("import time; time.sleep(60)"))
    assert time.monotonic() - started < 20
    assert kept(settings) == []


def test_a_child_that_the_system_ends_is_not_called_a_crash(settings, child, runs):
    with pytest.raises(ModelError, match="stopped by the system"):
        extra_buffers_work(settings, child("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    assert runs() == ["extra"]
    assert kept(settings) == []


def test_a_library_that_does_not_load_is_reported_with_its_reason(settings, child):
    with pytest.raises(ModelError, match=r"cannot be used \(RuntimeError: no libgomp\)"):
        extra_buffers_work(settings, child("raise RuntimeError('no libgomp')"))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"extra_buffers_work": 3}', "\0\0"])
def test_a_damaged_result_is_replaced_by_a_new_trial(settings, child, runs, content):
    extra_buffers_work(settings, child())
    kept(settings)[0].write_text(content)
    assert extra_buffers_work(settings, child())
    assert runs() == ["extra", "extra"]
    assert json.loads(kept(settings)[0].read_text())["extra_buffers_work"] is True


def test_a_result_that_cannot_be_read_or_written_does_no_harm(settings, child, runs):
    extra_buffers_work(settings, child())
    path = kept(settings)[0]
    path.unlink()
    path.mkdir()
    assert extra_buffers_work(settings, child())
    assert runs() == ["extra", "extra"]


def test_a_cache_folder_that_cannot_be_made_does_no_harm(settings, child):
    settings.home.mkdir()
    settings.cache_folder.write_text("a file where the folder should be")
    assert extra_buffers_work(settings, child())


def test_a_process_that_cannot_be_started_does_no_harm(settings, tmp_path):
    assert extra_buffers_work(settings, [str(tmp_path / "no-such-python")])


def test_processes_that_start_at_the_same_time_all_get_the_result(settings, child):
    slow = child("import time; time.sleep(0.2)")
    found = []
    threads = [threading.Thread(target=lambda: found.append(extra_buffers_work(settings, slow))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8
    assert [path.suffix for path in settings.cache_folder.iterdir()] == [".json"]


def test_a_large_model_of_the_user_is_not_loaded_for_the_trial(settings, child, tmp_path):
    model = tmp_path / "huge-8B.gguf"
    model.write_bytes(b"GGUF")
    seen = tmp_path / "seen"
    extra_buffers_work(settings.changed(model=str(model)), child(f"open({str(seen)!r}, 'w').write(sys.argv[1])"))
    assert "SmolLM2-135M" in seen.read_text()


def test_doctor_names_amx_where_it_would_crash(folder, monkeypatch):
    monkeypatch.setattr("assistant.models.llama_build.is_x86_64", lambda: True)
    assert library_is_safe()[0]
    (folder / "libggml-cpu.so").write_bytes(b"\xc4\xe2\x78\x49\x07")
    monkeypatch.setattr(native_check, "processor", lambda: ("Xeon", "avx512f amx_int8"))
    is_safe, said = library_is_safe()
    assert not is_safe
    assert "-m assistant.models.llama_build" in said
    monkeypatch.setattr(native_check, "processor", lambda: ("Zen", "avx512f"))
    assert library_is_safe()[0]


@pytest.mark.models
def test_the_installed_library_runs_here_with_and_without_its_extra_buffers(settings, monkeypatch):
    monkeypatch.delenv("LLAMA_CPP_LIB_PATH")
    assert extra_buffers_work(settings)
    program = [*native_check._CHILD, str(gguf_file("packaged")), str(settings.cache_folder), "0", "plain"]
    assert native_check._crash(program, Path()) == ""
