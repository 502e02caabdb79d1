"""What is fitted to the models in use: the scale of the reranker's scores, and the gate.

The packaged models come with theirs. ``footnote calibrate`` fits both to other models and writes them into
``calibration.json`` in the home folder. A calibration holds for the embedding model and the reranker that it was fitted
with, and for no others.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from math import isfinite
from pathlib import Path
from typing import Any

from assistant.answering.gate import PACKAGED_GATE
from assistant.answering.log_odds import LogisticModel
from assistant.errors import SettingsError
from assistant.settings import PACKAGED, Settings
from assistant.system.disk import translating_full_disk, write_file
from assistant.system.named_class import public

NOT_CALIBRATED = (
    "the gate, which decides which questions are declined, is fitted to other models than yours: "
    "run `footnote calibrate`"
)


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns a reranker's score into the log-odds that the abstract answers: slope * score + intercept (Platt, 1999)."""

    slope: float
    intercept: float


UNSCALED = Scale(1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Calibration:
    """``is_fitted``: to the models that the settings name."""

    scale: Scale = UNSCALED
    gate: LogisticModel = PACKAGED_GATE
    is_fitted: bool = True


PACKAGED_CALIBRATION = Calibration()


def calibration_file(settings: Settings) -> Path:
    return settings.home / "calibration.json"


def models_of(settings: Settings) -> dict[str, Any]:
    """The models whose scores a calibration is fitted to, without secrets."""
    return {
        "embedding": settings.embedding,
        "embedding_options": public(settings.embedding_options),
        "reranker": settings.reranker,
        "footnote": version("footnote"),  # the packaged models and the signals change with it
    }


def load_calibration(settings: Settings) -> Calibration:
    """The calibration for the models of the settings; that of the packaged ones where there is no better.

    Raises SettingsError when the file is damaged.
    """
    packaged = replace(PACKAGED_CALIBRATION, is_fitted=settings.embedding == settings.reranker == PACKAGED)
    path = calibration_file(settings)
    if not path.exists():
        return packaged
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["models"] != models_of(settings):
            return packaged
        gate = LogisticModel(_numbers(stored["gate"]["coefficients"]), _number(stored["gate"]["intercept"]))
        if gate.coefficients.keys() != PACKAGED_GATE.coefficients.keys():
            raise ValueError("it has other signals")
        return Calibration(Scale(**_numbers(stored["scale"])), gate)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"{path} cannot be read ({error}): run `footnote calibrate` again, or delete it."
        ) from error


def save_calibration(calibration: Calibration, settings: Settings) -> None:
    """Write it into the home folder, for the models of the settings. Raises StoreError when the disk is full."""
    content = {"models": models_of(settings), "scale": asdict(calibration.scale), "gate": asdict(calibration.gate)}
    with translating_full_disk(settings.home):
        write_file(calibration_file(settings), (json.dumps(content, indent=2) + "\n").encode())


def _numbers(values: Any) -> dict[str, float]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: Any) -> float:
    """Raises ValueError for anything but a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return float(value)
