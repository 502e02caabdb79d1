"""Builds llama-cpp-python so that it runs on every x86-64 processor: without Intel's AMX instructions.

    python -m assistant.models.llama_build              build and install it
    python -m assistant.models.llama_build --if-needed  only if the installed build was not built this way

`no_amx.cmake` explains why and how. CMAKE_ARGS, CC, CXX, CFLAGS and CXXFLAGS of the environment are used and saved with
the build, so that a later build for the same environment uses them again. This module runs before anything is
installed, so it uses only the standard library.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import mmap
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from assistant.system.disk import write_file

VERSION = "0.3.36"  # as pinned in pyproject.toml
_CMAKE_FILE = Path(__file__).with_name("no_amx.cmake")
_RECORD = "footnote-build.json"
_VARIABLES = ("CMAKE_ARGS", "CC", "CXX", "CFLAGS", "CXXFLAGS")
_NOTHING_ASKED = dict.fromkeys(_VARIABLES, "")
_LIBRARY = re.compile(r"lib(ggml|llama|mtmd)[\w.-]*\.(so|dylib)[\d.]*")
_PLAIN_BACKENDS = {"base", "cpu"}
# LDTILECFG, the first instruction of every use of AMX: VEX.128.NP.0F38.W0 49 /0 with an operand in memory (Intel's
# manual, volume 2). The first byte after C4 has three free bits, the last byte any addressing mode but the register's.
_LDTILECFG = re.compile(rb"\xc4[\x02\x22\x42\x62\x82\xa2\xc2\xe2]\x78\x49[\x00-\x07\x40-\x47\x80-\x87]", re.DOTALL)


def main(arguments: Sequence[str]) -> int:
    folder = library_folder()
    if "--if-needed" in arguments and folder and is_current(folder):
        return 0
    chosen = {**_remembered(folder), **asked()}
    options = " ".join(f"{name}={shlex.quote(value)}" for name, value in chosen.items() if value)
    print(
        f"Building llama-cpp-python {VERSION} {options or 'for this processor'}: 4-5 minutes on two cores.", flush=True
    )
    code = subprocess.run(_install_command(), env=build_environment(chosen), check=False).returncode  # noqa: S603 - our own command
    importlib.invalidate_caches()
    folder = library_folder()
    if code or not folder:
        print("footnote: llama-cpp-python could not be built; the reason is above.", file=sys.stderr)
        return 1
    if holds_amx(folder):
        print(
            "footnote: the new llama.cpp library still contains AMX instructions, which crash: remove the options "
            f"that ask for them from {options}.",
            file=sys.stderr,
        )
        return 1
    _remember(folder, chosen)
    return 0


def rebuild_command() -> str:
    """The command that builds llama.cpp so that it runs on this machine."""
    return f"{shlex.quote(sys.executable)} -m assistant.models.llama_build"


def library_folder() -> Path | None:
    """The folder of llama-cpp-python's libraries, found without loading them; None when it is not installed."""
    named = os.environ.get("LLAMA_CPP_LIB_PATH")  # llama-cpp-python's own variable
    if named:
        return Path(named)
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or not spec.origin:
        return None
    return Path(spec.origin).parent / "lib"


def library_id(folder: Path) -> str:
    """Changes with every build. Computed from sizes and times, because a GPU library can be a gigabyte."""
    files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in _libraries(folder)]
    return hashlib.sha256(repr(files).encode()).hexdigest()[:16]


def holds_amx(folder: Path) -> bool:
    """Whether one of the libraries contains an instruction that sets up AMX; always False if not on x86-64.

    Searches all bytes. Four and a half are fixed, so data match by chance in about one of 10^5 libraries.
    """
    return is_x86_64() and any(_holds_ldtilecfg(path) for path in _libraries(folder))


def is_x86_64() -> bool:
    return platform.machine().lower() in ("x86_64", "amd64")


def asked() -> dict[str, str]:
    """The variables of a build that the environment sets."""
    return {name: os.environ[name] for name in _VARIABLES if name in os.environ}


def build_environment(chosen: dict[str, str]) -> dict[str, str]:
    """The environment of a build with these variables, and without AMX."""
    include = shlex.quote(f"-DCMAKE_PROJECT_llama_cpp_INCLUDE={_CMAKE_FILE}")
    return {**os.environ, **chosen, "CMAKE_ARGS": f"{chosen.get('CMAKE_ARGS', '')} {include}".strip()}


def is_current(folder: Path) -> bool:
    """Whether the installed build is of this version, without AMX, and built with the options asked for.

    A build that another program made is recorded if it passes, so that its bytes are searched only once.
    """
    record, wanted = _record(folder), asked()
    if record.get("library") == library_id(folder):
        return record.get("recipe") == _recipe() and wanted.items() <= {**_NOTHING_ASKED, **record["chosen"]}.items()
    if wanted.get("CMAKE_ARGS") or _installed_version() != VERSION or holds_amx(folder):
        return False
    _remember(folder, {**_remembered(folder), **wanted})
    return True


def _install_command() -> list[str]:
    """pip, or uv in an environment that uv made, which has no pip.

    No cache: a wheel is cached by its name only, so that one that was built with other options would be installed.
    """
    package = ["--no-binary", "llama-cpp-python", f"llama-cpp-python=={VERSION}"]
    uv = None if importlib.util.find_spec("pip") else shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--python", sys.executable, *"--no-cache --no-deps --reinstall".split(), *package]
    options = "--quiet --disable-pip-version-check --no-cache-dir --no-deps --force-reinstall"
    return [sys.executable, "-m", "pip", "install", *options.split(), *package]


def _libraries(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _LIBRARY.fullmatch(path.name) and path.is_file())


def _holds_ldtilecfg(path: Path) -> bool:
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _LDTILECFG.search(content) is not None


def _recipe() -> str:
    return hashlib.sha256(VERSION.encode() + _CMAKE_FILE.read_bytes()).hexdigest()[:16]


def _remember(folder: Path, chosen: dict[str, str]) -> None:
    record = {"library": library_id(folder), "recipe": _recipe(), "chosen": chosen}
    with suppress(OSError):  # an environment that this user cannot write: its libraries are searched again next time
        write_file(folder / _RECORD, json.dumps(record).encode())


def _remembered(folder: Path | None) -> dict[str, str]:
    """The variables of the last build by this module; of another build, the GPU backends that its file names show."""
    if folder is None:
        return {}
    record = _record(folder)
    if record.get("library") == library_id(folder):
        return dict(record["chosen"])
    names = (re.fullmatch(r"libggml-([a-z]+)\.(so|dylib)", path.name) for path in _libraries(folder))
    backends = [name[1].upper() for name in names if name and name[1] not in _PLAIN_BACKENDS]
    return {"CMAKE_ARGS": " ".join(f"-DGGML_{backend}=on" for backend in backends)} if backends else {}


def _record(folder: Path) -> dict[str, Any]:
    """What a build saved next to its libraries; empty if there is no such file, or it cannot be read."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) and isinstance(record.get("chosen"), dict) else {}


def _installed_version() -> str:
    try:
        return version("llama-cpp-python")
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
