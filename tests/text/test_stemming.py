from __future__ import annotations

from assistant.text.stemming import stem, stems


def test_stems_join_the_forms_of_a_word():
    assert stem("training") == stem("trained") == stem("trains") == "train"


def test_stems_keep_order_and_repeats():
    assert stems("Models train the model") == ["model", "train", "model"]
