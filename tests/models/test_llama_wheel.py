"""A wheel of llama.cpp for other machines holds no instruction that a processor with AVX2 may lack."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from assistant.models import llama_wheel
from assistant.models.llama_build import is_x86_64

AVX2 = """
libggml-cpu.so:     file format elf64-x86-64

Disassembly of section .text:

0000000000015a20 <ggml_vec_dot_q62@@Base>:
   15a20:\tc5 fc 28 c8          \tvmovaps %ymm0,%ymm1
   15a24:\tc4 e2 75 b8 c2       \tvfmadd231ps %ymm2,%ymm1,%ymm0
   15a29:\tc4 e2 7d 13 06       \tvcvtph2ps (%rsi),%ymm0
   15a2e:\t48 8b 62 10          \tmov    0x10(%rdx),%rsp
   15a32:\te8 62 fc ff ff       \tcall   15699 <vpdpbusd@plt>
   15a37:\t62 00 00 \n""".splitlines()
NEWER = {
    "AVX-512": "   1:\t62 f1 7c 48 28 c8    \tvmovaps %zmm0,%zmm1",
    "AVX-512 with short registers": "   1:\t62 f3 75 28 25 c2 96 \tvpternlogd $0x96,%ymm2,%ymm1,%ymm0",
    "AVX-512 after a prefix": "   1:\t67 62 f1 7c 48 28 00 \tvmovaps (%eax),%zmm0",
    "as LLVM prints it": "       1: 62 f1 7c 48 28 c8            \tvmovaps\t%zmm0, %zmm1",
    "AMX, set up": "   1:\tc4 e2 78 49 07       \tldtilecfg (%rdi)",
    "AMX, multiplied": "   1:\tc4 e2 6b 5e c1       \ttdpbssd %tmm2,%tmm1,%tmm0",
    "VNNI": "   1:\tc4 e2 75 50 c2       \t{vex} vpdpbusd %ymm2,%ymm1,%ymm0",
}


@pytest.fixture
def requirement(tmp_path) -> Path:
    path = tmp_path / "llama.txt"
    path.write_text("llama-cpp-python==0.3.36 --hash=sha256:00\n")
    return path


@pytest.fixture
def builds(monkeypatch) -> list[tuple[list[str], dict[str, str]]]:
    """Command and environment of each build; each writes a wheel with a library."""
    builds: list[tuple[list[str], dict[str, str]]] = []

    def run(command, *, env, **_):
        builds.append((command, env))
        folder = Path(command[command.index("--wheel-dir") + 1])
        with zipfile.ZipFile(folder / "llama_cpp_python-0.3.36-py3-none-linux_x86_64.whl", "w") as wheel:
            wheel.writestr("llama_cpp/lib/libggml-cpu.so.0", b"\x7fELF")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(llama_wheel, "is_x86_64", lambda: True)
    monkeypatch.setattr(llama_wheel, "_disassembled", lambda _: AVX2)
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=on")
    return builds


def test_avx2_and_what_came_with_it_are_not_newer():
    assert llama_wheel.newer_instruction(AVX2) == ""


@pytest.mark.parametrize("line", NEWER.values(), ids=NEWER)
def test_a_newer_instruction_is_found(line):
    found = llama_wheel.newer_instruction([*AVX2, line])
    assert found
    assert line.split()[-1] in found


def test_a_wheel_is_built_from_the_locked_file_for_any_processor_with_avx2(requirement, builds, tmp_path):
    assert llama_wheel.main([str(requirement), str(tmp_path / "out")]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["llama_cpp_python-0.3.36-py3-none-linux_x86_64.whl"]
    command, environment = builds[0]
    assert {"--require-hashes", "--no-cache-dir", str(requirement)} <= set(command)
    options = environment["CMAKE_ARGS"].split()
    assert {"-DGGML_NATIVE=OFF", "-DGGML_AVX2=ON", "-DGGML_AVX512=OFF", "-DGGML_CUDA=on"} <= set(options)
    assert "no_amx.cmake" in environment["CMAKE_ARGS"]


def test_another_architecture_gets_what_its_compiler_takes_for_granted(requirement, builds, tmp_path, monkeypatch):
    monkeypatch.setattr(llama_wheel, "is_x86_64", lambda: False)
    assert llama_wheel.main([str(requirement), str(tmp_path / "out")]) == 0
    assert "-DGGML_NATIVE=OFF" in builds[0][1]["CMAKE_ARGS"]
    assert "AVX" not in builds[0][1]["CMAKE_ARGS"]


@pytest.mark.usefixtures("builds")
def test_a_wheel_with_a_newer_instruction_is_not_kept(requirement, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(llama_wheel, "_disassembled", lambda _: [*AVX2, NEWER["AVX-512"]])
    assert llama_wheel.main([str(requirement), str(tmp_path / "out")]) == 1
    assert "llama_cpp/lib/libggml-cpu.so.0 contains `vmovaps %zmm0,%zmm1`" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("builds")
def test_a_wheel_that_cannot_be_checked_is_not_kept(requirement, tmp_path, monkeypatch, capsys):
    def no_objdump(_):
        raise FileNotFoundError("objdump")

    monkeypatch.setattr(llama_wheel, "_disassembled", no_objdump)
    assert llama_wheel.main([str(requirement), str(tmp_path / "out")]) == 1
    assert "install binutils" in capsys.readouterr().err


def test_a_build_that_fails_is_one_line(requirement, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1))
    assert llama_wheel.main([str(requirement), str(tmp_path / "out")]) == 1
    assert "could not be built" in capsys.readouterr().err


@pytest.mark.skipif(not is_x86_64() or not shutil.which("objdump") or not shutil.which("gcc"), reason="needs binutils")
@pytest.mark.parametrize(("march", "is_newer"), [("haswell", False), ("skylake-avx512", True)])
def test_a_compiled_library_is_judged_by_its_instructions(tmp_path, march, is_newer):
    code = "void add(float *a, const float *b) { for (int i = 0; i < 4096; i++) a[i] += b[i] * 3.0f; }\n"
    (tmp_path / "add.c").write_text(code)
    library = tmp_path / "libadd.so"
    options = f"-O3 -march={march} -mprefer-vector-width=512 -shared -fPIC -o".split()
    subprocess.run(["gcc", *options, str(library), "add.c"], cwd=tmp_path, check=True)
    with zipfile.ZipFile(tmp_path / "one.whl", "w") as wheel:
        wheel.write(library, "llama_cpp/lib/libadd.so")
    assert bool(llama_wheel.problem_of(tmp_path / "one.whl")) is is_newer


def test_a_wheel_without_a_library_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "one.whl", "w") as wheel:
        wheel.writestr("llama_cpp/llama.py", "")
    assert "no library" in llama_wheel.problem_of(tmp_path / "one.whl")
