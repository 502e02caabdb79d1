"""Builds a wheel of llama-cpp-python that other machines can install too, and checks the instructions in it.

    python -m assistant.models.llama_wheel REQUIREMENT FOLDER

REQUIREMENT is a file with the entry of llama-cpp-python in the lock file; the wheel is written to FOLDER. On x86-64 it
needs a processor with AVX2, FMA and F16C, which Intel has sold since 2013 and AMD since 2015, and uses nothing newer;
elsewhere it needs what the compiler assumes without options. OpenMP is off, because not every system has its library.
CMAKE_ARGS and the other variables of ``llama_build`` are used too, and the check refuses what is newer.

Only the standard library is used: this module runs before anything is installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from assistant.models.llama_build import asked, build_environment, is_x86_64

_PORTABLE = "-DGGML_NATIVE=OFF -DGGML_OPENMP=OFF"
_AVX2 = (
    "-DGGML_SSE42=ON -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON -DGGML_AVX_VNNI=OFF "
    "-DGGML_AVX512=OFF -DGGML_AMX_TILE=OFF -DGGML_AMX_INT8=OFF -DGGML_AMX_BF16=OFF"
)
_LIBRARY = re.compile(r".*\.(so|dylib)[\d.]*")
# A line of objdump: address, bytes in hexadecimal, mnemonic and operands, up to the name of a place.
_INSTRUCTION = re.compile(r"\s*[0-9a-f]+:\s+((?:[0-9a-f]{2} )+)\s*\t([^<\n]+)")
# In 64-bit code the byte 62 begins every EVEX instruction and no other (Intel's manual, volume 2): AVX-512, AVX10 and
# APX. Prefixes of a segment or of the size of an address may stand before it.
_EVEX = re.compile(r"(?:(?:26|2e|36|3e|64|65|67) )*62 ")
_NEWER_VEX = re.compile(r"%tmm|\b(?:ldtilecfg|sttilecfg|tilerelease|tdp|vpdp|v?gf2p8)")  # AMX, VNNI, GFNI


def main(arguments: Sequence[str]) -> int:
    requirement, folder = (Path(argument) for argument in arguments)
    print(f"Building a wheel of llama-cpp-python with {_options()}: 4-5 minutes on two cores.", flush=True)
    environment = build_environment({**asked(), "CMAKE_ARGS": f"{asked().get('CMAKE_ARGS', '')} {_options()}".strip()})
    with tempfile.TemporaryDirectory() as name:
        code = subprocess.run(_pip(requirement, Path(name)), env=environment, check=False).returncode  # noqa: S603
        wheels = list(Path(name).glob("llama_cpp_python-*.whl"))
        if code or not wheels:
            print("footnote: llama-cpp-python could not be built; the reason is above.", file=sys.stderr)
            return 1
        problem = problem_of(wheels[0]) if is_x86_64() else ""
        if problem:
            print(f"footnote: the wheel of llama-cpp-python cannot be used elsewhere: {problem}", file=sys.stderr)
            return 1
        folder.mkdir(parents=True, exist_ok=True)
        (folder / wheels[0].name).write_bytes(wheels[0].read_bytes())
    return 0


def problem_of(wheel: Path) -> str:
    """Why a processor with AVX2 and nothing newer cannot run the libraries in a wheel; empty if it can."""
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(wheel) as archive:
        files = [file for file in archive.infolist() if _LIBRARY.fullmatch(file.filename)]
        if not files:
            return "it holds no library."
        for library in {file.CRC: file.filename for file in files}.values():  # each is there under several names
            try:
                found = newer_instruction(_disassembled(Path(archive.extract(library, name))))
            except (OSError, subprocess.CalledProcessError) as error:
                return f"objdump could not read {library} ({error}): install binutils."
            if found:
                return f"{library} contains `{found}`: remove the options that ask for newer instructions than AVX2."
    return ""


def newer_instruction(lines: Iterable[str]) -> str:
    """The first instruction newer than AVX2, FMA and F16C in the lines that objdump prints; empty if there is none."""
    for line in lines:
        match = _INSTRUCTION.match(line)
        if match and (_EVEX.match(match[1]) or _NEWER_VEX.search(match[2])):
            return " ".join(match[2].split())
    return ""


def _options() -> str:
    return f"{_PORTABLE} {_AVX2}" if is_x86_64() else _PORTABLE


def _pip(requirement: Path, folder: Path) -> list[str]:
    """No cache, as in ``llama_build``: it would give a wheel that was built with other options."""
    options = "--quiet --disable-pip-version-check --no-cache-dir --no-deps --require-hashes"
    source = ["--no-binary", "llama-cpp-python", "--requirement", str(requirement), "--wheel-dir", str(folder)]
    return [sys.executable, "-m", "pip", "wheel", *options.split(), *source]


def _disassembled(library: Path) -> Iterator[str]:
    """The lines of objdump, one for each instruction. Raises OSError and CalledProcessError."""
    command = ["objdump", "--disassemble", "--wide", str(library)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as process:  # noqa: S603
        yield from process.stdout or ()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m assistant.models.llama_wheel REQUIREMENT FOLDER")
    sys.exit(main(sys.argv[1:]))
