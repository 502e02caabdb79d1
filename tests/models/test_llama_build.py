"""Every way of installing builds llama.cpp without AMX, and checks that the installed build contains none."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from assistant.models import llama_build
from tests.support.paths import ROOT

LDTILECFG = {
    "(rdi)": b"\xc4\xe2\x78\x49\x07",
    "0x40(rsp)": b"\xc4\xe2\x78\x49\x44\x24\x40",
    "(r12)": b"\xc4\xc2\x78\x49\x04\x24",
    "0x1000(rip)": b"\xc4\xe2\x78\x49\x05\x00\x10\x00\x00",
    "0x80(rax,r9,4)": b"\xc4\xa2\x78\x49\x84\x88\x80\x00\x00\x00",
}
OTHERS = {
    "tilerelease": b"\xc4\xe2\x78\x49\xc0",  # registers only; it sets up nothing
    "sttilecfg (rdi)": b"\xc4\xe2\x79\x49\x07",
    "bextr": b"\xc4\xe2\x78\xf7\x07",
}
needs_x86_64 = pytest.mark.skipif(not llama_build.is_x86_64(), reason="AMX is an extension of x86-64")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The folder of an installed llama.cpp of the right version, with a library without AMX instructions."""
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "libggml-cpu.so").write_bytes(b"\x7fELF, no tiles")
    for name in ("CMAKE_ARGS", "CC", "CXX", "CFLAGS", "CXXFLAGS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(folder))
    monkeypatch.setattr(llama_build, "_installed_version", lambda: llama_build.VERSION)
    monkeypatch.setattr(llama_build, "is_x86_64", lambda: True)
    return folder


@pytest.fixture
def builds(folder, monkeypatch) -> list[dict[str, str]]:
    """The environment of each build; each build writes a different library."""
    builds: list[dict[str, str]] = []

    def run(command, *, env, **_):
        assert "--no-cache-dir" in command  # a cached wheel could contain AMX instructions
        assert "--force-reinstall" in command
        builds.append(env)
        (folder / "libggml-cpu.so").write_bytes(b"\x7fELF, build %d" % len(builds))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return builds


def install() -> int:
    return llama_build.main(["--if-needed"])


def test_the_version_is_the_one_that_is_pinned():
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert f"llama-cpp-python=={llama_build.VERSION}" in pinned
    assert f"\nllama-cpp-python=={llama_build.VERSION} " in (ROOT / "requirements.lock").read_text(encoding="utf-8")


@needs_x86_64
def test_the_installed_library_contains_no_amx_instruction():
    folder = llama_build.library_folder()
    assert folder
    assert any(path.name.startswith("libggml-cpu") for path in folder.iterdir())
    assert not llama_build.holds_amx(folder)


@pytest.mark.parametrize("code", LDTILECFG.values(), ids=LDTILECFG)
def test_an_instruction_that_sets_up_amx_is_found_in_any_addressing_mode(folder, code):
    (folder / "libggml-cpu.so").write_bytes(b"\x90" * 1000 + code + b"\xc3")
    assert llama_build.holds_amx(folder)


@pytest.mark.parametrize("code", OTHERS.values(), ids=OTHERS)
def test_other_instructions_are_not_mistaken_for_it(folder, code):
    (folder / "libggml-cpu.so").write_bytes(b"\x90" * 1000 + code + b"\xc3")
    assert not llama_build.holds_amx(folder)


def test_a_million_random_bytes_contain_no_such_instruction_by_chance(folder):
    (folder / "libggml-cpu.so").write_bytes(os.urandom(1 << 20))
    assert not llama_build.holds_amx(folder)


@needs_x86_64
@pytest.mark.skipif(not shutil.which("cmake"), reason="needs CMake")
@pytest.mark.parametrize("with_our_file", [False, True])
@pytest.mark.parametrize(("c", "cpp"), [("gcc", "g++"), ("clang", "clang++")])
def test_the_cmake_file_keeps_amx_out_of_a_compiled_library(folder, tmp_path, c, cpp, with_our_file):
    if not shutil.which(c):
        pytest.skip(f"{c} is not installed")
    code = (  # Clang had a macro of its own until version 16
        "#include <immintrin.h>\n#if defined(__AMX_INT8__) || defined(__AMXINT8__)\n"
        "void NAME(const void *at) { _tile_loadconfig(at); }\n#endif\nint NAME_flag = USER;\n"
    )
    (tmp_path / "one.c").write_text(code.replace("NAME", "one"))
    (tmp_path / "two.cpp").write_text(code.replace("NAME", "two"))
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.21)\nproject(llama_cpp)\nadd_library(ggml-cpu SHARED one.c two.cpp)\n"
        "target_compile_options(ggml-cpu PRIVATE -march=sapphirerapids)\n"
    )
    ours = llama_build.build_environment({})["CMAKE_ARGS"].strip("'")
    environment = {**os.environ, "CC": c, "CXX": cpp, "CFLAGS": "-DUSER=1", "CXXFLAGS": "-DUSER=2"}
    build = ["cmake", "-S", str(tmp_path), "-B", str(folder), *([ours] if with_our_file else [])]
    for command in (build, ["cmake", "--build", str(folder)]):
        subprocess.run(command, env=environment, check=True, capture_output=True)
    assert llama_build.holds_amx(folder) is not with_our_file


def test_a_library_without_amx_is_kept(builds):
    assert install() == 0
    assert install() == 0
    assert builds == []


def test_a_library_with_amx_is_built_again_without_the_cache(folder, builds):
    (folder / "libggml-cpu.so").write_bytes(LDTILECFG["(rdi)"])
    assert install() == 0
    assert len(builds) == 1
    assert "-DCMAKE_PROJECT_llama_cpp_INCLUDE=" in builds[0]["CMAKE_ARGS"]
    assert install() == 0
    assert len(builds) == 1


def test_a_library_of_another_version_is_built_again(builds, monkeypatch):
    monkeypatch.setattr(llama_build, "_installed_version", lambda: "0.3.1")
    assert install() == 0
    assert len(builds) == 1


def test_another_recipe_builds_again(builds, monkeypatch, tmp_path):
    install()
    changed = tmp_path / "other.cmake"
    changed.write_text("# another recipe")
    monkeypatch.setattr(llama_build, "_CMAKE_FILE", changed)
    install()
    assert len(builds) == 1


def test_flags_of_the_user_are_kept_and_remembered_until_others_are_given(builds, monkeypatch):
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=on")
    monkeypatch.setenv("CFLAGS", "-O2 -g")
    install()
    assert builds[0]["CMAKE_ARGS"].startswith("-DGGML_CUDA=on ")
    assert builds[0]["CFLAGS"] == "-O2 -g"
    install()
    monkeypatch.delenv("CMAKE_ARGS")
    install()
    assert len(builds) == 1  # without the variable, the build stays as it is
    llama_build.main([])
    assert builds[1]["CMAKE_ARGS"].startswith("-DGGML_CUDA=on ")
    monkeypatch.setenv("CMAKE_ARGS", "")
    install()
    assert builds[2]["CMAKE_ARGS"].startswith("-DCMAKE_PROJECT_llama_cpp_INCLUDE=")


def test_a_gpu_build_by_other_means_is_built_again_for_that_gpu(folder, builds):
    (folder / "libggml-cpu.so").write_bytes(LDTILECFG["(rdi)"])
    (folder / "libggml-cuda.so").write_bytes(b"\x7fELF")
    install()
    assert builds[0]["CMAKE_ARGS"].startswith("-DGGML_CUDA=on ")


def test_a_library_that_was_replaced_by_hand_is_checked_again(folder, builds):
    install()
    (folder / "libggml-cpu.so").write_bytes(LDTILECFG["(r12)"])
    install()
    assert len(builds) == 1


def test_an_environment_that_uv_made_has_no_pip_and_is_built_by_uv(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    command = llama_build._install_command()
    assert command[:5] == ["/bin/uv", "pip", "install", "--python", sys.executable]
    assert {"--no-cache", "--reinstall", f"llama-cpp-python=={llama_build.VERSION}"} <= set(command)


def test_a_damaged_record_is_ignored(folder, builds):
    install()
    for content in ("{", "[]", json.dumps({"chosen": 3})):
        (folder / "footnote-build.json").write_text(content)
        assert install() == 0
    assert builds == []


def test_a_build_that_fails_is_reported_and_not_recorded(folder, monkeypatch, capsys):
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1))
    assert llama_build.main([]) == 1
    assert "could not be built" in capsys.readouterr().err
    assert not (folder / "footnote-build.json").exists()


def test_a_new_library_that_still_contains_amx_is_reported(folder, monkeypatch, capsys):
    def run(command, **_):
        (folder / "libggml-cpu.so").write_bytes(LDTILECFG["(rdi)"])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    assert llama_build.main([]) == 1
    assert "still contains AMX" in capsys.readouterr().err


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
@pytest.mark.parametrize("target", ["install", "lock"])
def test_make_builds_it_before_pip_could(target, tmp_path):
    said = subprocess.run(
        ["make", "-n", target, f"VENV={tmp_path}/venv"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    builds = said.index("-m assistant.models.llama_build")
    assert builds < re.search(r"/pip .*install", said).start()
