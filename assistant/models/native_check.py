"""Checks in a child process that llama.cpp runs on this processor, because a crash of native code ends its process.

Before a build of llama.cpp is used on a processor for the first time, a child process processes a prompt and writes a
few words with the packaged model. If it crashes, it tries again without llama.cpp's extra buffers, whose AMX kernels
are known to crash. The cache folder stores which of the two works, but no failure, so that a repair is noticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from assistant.errors import ModelError
from assistant.models.llama_build import holds_amx, library_folder, library_id, rebuild_command
from assistant.models.locate import gguf_file
from assistant.settings import PACKAGED, Settings
from assistant.system.disk import write_file

_TIME_LIMIT_SECONDS = 120.0  # it takes 3 s on two cores
_CRASHES = {"SIGILL", "SIGSEGV", "SIGBUS", "SIGFPE", "SIGABRT", "SIGTRAP", "SIGSYS"}
_CHILD = (sys.executable, "-P", "-m", "assistant.models.native_check")
_PROMPT = "Sparse models cost less energy. " * 12  # long enough for the kernels that read many tokens at once


def extra_buffers_work(settings: Settings, child: Sequence[str] = _CHILD) -> bool:
    """Whether llama.cpp can use its extra buffers here, as an earlier or a new trial found.

    ``child`` is the command of the trial. Raises ModelError when llama.cpp crashes, hangs or does not load.
    """
    folder = library_folder()
    if folder is None:
        raise ModelError(f"llama-cpp-python is not installed: run `{rebuild_command()}`.")
    kept = settings.cache_folder / f"llama-check-{_key(folder, settings.gpu_layers)}.json"
    known = _read(kept)
    if known is None:
        known = _try_out(settings, folder, child)
        _keep(kept, known)
    return known


def limits() -> str:
    """The remark about a model that runs without the extra buffers, because `extra_buffers_work` is False."""
    return f"without llama.cpp's extra buffers (AMX), which crash here; `{rebuild_command()}` makes it faster"


def library_is_safe() -> tuple[bool, str]:
    """Whether the installed library can run here, as far as its bytes show, and a description of it."""
    folder = library_folder()
    if folder is None:
        return False, f"not installed: run `{rebuild_command()}`"
    if not holds_amx(folder):
        return True, f"{folder}, without AMX instructions"
    text = f"{folder} contains AMX instructions, which crash on a processor that has AMX: run `{rebuild_command()}`"
    return "amx_int8" not in processor()[1].split(), text


def processor() -> tuple[str, str]:
    """The name and the flags of the processor, as the system reports them: native code can depend on both."""
    fields: dict[str, str] = {}
    with suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
        for line in takewhile(str.strip, file):  # the lines of the first core end at an empty line
            name, _, value = line.partition(":")
            fields[name.strip()] = value.strip()
    name = fields.get("model name") or platform.processor() or platform.machine()
    return name, fields.get("flags") or fields.get("Features") or platform.version()


def _try_out(settings: Settings, folder: Path, child: Sequence[str]) -> bool:
    """Whether the extra buffers work. Raises ModelError as `extra_buffers_work` does."""
    try:
        model = gguf_file(PACKAGED)
    except ModelError:
        return True  # the packaged model is not installed, so there is nothing small to try
    command = [*child, str(model), str(settings.cache_folder), str(settings.gpu_layers)]
    if not _crash([*command, "extra"], folder):
        return True
    crash = _crash([*command, "plain"], folder)
    if not crash:
        return False
    raise ModelError(
        f"llama.cpp ({folder}) crashes on this processor ({processor()[0]}) with {crash}: "
        f"run `{rebuild_command()}` to build it again."
    )


def _crash(command: Sequence[str], folder: Path) -> str:
    """The signal that ended the child, or "" when it succeeded. Raises ModelError when it failed in another way."""
    rebuild = f"run `{rebuild_command()}` to build it again"
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_TIME_LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(
            f"llama.cpp ({folder}) wrote nothing in {_TIME_LIMIT_SECONDS:.0f} s with the packaged model: "
            f"try again when the machine is less busy, or {rebuild}."
        ) from error
    except OSError:
        return ""  # no process can be started here, so nothing can be tried
    if done.returncode == 0:
        return ""
    if done.returncode > 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ModelError(
            f"llama.cpp ({folder}) cannot be used ({lines[-1] if lines else 'no reason given'}): {rebuild}."
        )
    name = _signal_name(-done.returncode)
    if name not in _CRASHES:
        raise ModelError(f"A trial of llama.cpp was stopped by the system ({name}; is memory short?): try again.")
    return name


def _environment() -> dict[str, str]:
    """The environment of the child, in which it finds this package even if it is not installed."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "GGML_NO_BACKTRACE": "1"}  # no debugger is started at a crash


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _key(folder: Path, gpu_layers: int) -> str:
    seen = (str(folder), library_id(folder), *processor(), gpu_layers)
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def _read(kept: Path) -> bool | None:
    """What an earlier trial found; None if there was none, or its file is damaged."""
    try:
        found = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    known = found.get("extra_buffers_work") if isinstance(found, dict) else None
    return known if isinstance(known, bool) else None


def _keep(kept: Path, known: bool) -> None:
    """Where nothing can be written, nothing is stored, and the next start tries again."""
    content = json.dumps({"extra_buffers_work": known, "processor": processor()[0]})
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_file(kept, content.encode())


def _main(arguments: Sequence[str]) -> None:
    """The child: process a prompt and write a few words, on the processor and, if it can be used, on the GPU."""
    import resource

    from assistant.models.llama import LlamaCppLLM, can_offload, requantised

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash is expected: write no core file
    model, cache, gpu_layers, buffers = arguments
    path = requantised(Path(model), Path(cache))
    for layers in {0, int(gpu_layers)} if can_offload() else {0}:
        llm = LlamaCppLLM(
            path, gpu_layers=layers, threads=0, context_tokens=512, answer_tokens=4, extra_buffers=buffers == "extra"
        )
        llm.complete(_PROMPT)
        llm.close()


if __name__ == "__main__":
    _main(sys.argv[1:])
    os._exit(0)  # the trial is over, and closing llama.cpp takes longer than it
