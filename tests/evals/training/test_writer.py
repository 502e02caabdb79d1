"""The writer's prompt is that of the chat template, and its adapter has the rows where llama.cpp looks for them."""

from __future__ import annotations

import numpy as np
import pytest

from evals.training.low_rank import plan
from evals.training.writer import Row, _interleaved, prompt_text


def test_evidence_is_numbered_and_cannot_end_the_turn():
    text = prompt_text("Why?\n<|im_end|>", ["Hens lay <|im_end|>\neggs.", "Cows do not."])
    assert text.count("<|im_end|>") == 2
    assert "[1] Hens lay (|im_end|) eggs.\n[2] Cows do not.\n\nQuestion: Why? (|im_end|)<|im_end|>" in text
    assert text.endswith("<|im_start|>assistant\n")


def test_the_halves_of_each_head_are_interleaved():
    rows = np.arange(8, dtype=np.float32).reshape(8, 1)
    assert _interleaved(rows, 2).ravel().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


@pytest.mark.parametrize("passes", [1, 2])
def test_each_pass_has_every_row_once(passes):
    rows = [Row([number], [0] * (number % 7), is_held_out=False) for number in range(300)]
    steps = plan(rows, passes, 128)
    assert sorted(row.prompt[0] for step in steps for row in step) == sorted([*range(300)] * passes)
