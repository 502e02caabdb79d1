from __future__ import annotations

import math

import pytest

from assistant.errors import IndexDamaged
from assistant.index.bm25 import WordIndex

TEXTS = {"hens": "Hens lay eggs. Hens sit.", "oats": "Oats grow in fields.", "eggs": "Eggs break."}


@pytest.fixture
def words() -> WordIndex:
    return WordIndex.build(TEXTS.items())


def test_score_is_okapi_bm25(words):
    # "grow" is in 1 of 3 texts: idf = ln(1 + 2.5 / 1.5). The text has 3 stems, the mean is (5 + 3 + 2) / 3.
    idf = math.log(1 + 2.5 / 1.5)
    weight = 1 / (1 + 1.2 * (1 - 0.75 + 0.75 * 3 / (10 / 3)))
    assert words.scores_of("growing", ["oats"]) == pytest.approx({"oats": idf * weight})


def test_a_word_of_one_text_is_the_rarest(words):
    assert words.rarest_word_score == words.idf("oat") > words.idf("egg")


def test_best_come_first_and_strangers_stay_out(words):
    found = words.best("Do eggs break?", 5)
    assert list(found) == ["eggs", "hens"]
    assert found["eggs"] > found["hens"] > 0


def test_no_more_than_asked_for_are_found(words):
    assert list(words.best("eggs", 1)) == ["eggs"]


def test_equal_scores_keep_the_order_of_ids():
    words = WordIndex.build([("b", "same words"), ("a", "same words")])
    assert list(words.best("same words", 2)) == ["b", "a"]


@pytest.mark.parametrize("question", ["", "the of and", "zebra", "¿?"])
def test_question_without_known_words_finds_nothing(words, question):
    assert words.best(question, 5) == {}
    assert words.scores_of(question, ["hens"]) == {"hens": 0.0}
    assert words.max_score(question) == 1.0


def test_unknown_id_scores_zero(words):
    assert words.scores_of("eggs", ["nobody"]) == {}


def test_repeating_a_word_in_the_question_changes_nothing(words):
    assert words.best("eggs eggs eggs", 5) == words.best("eggs", 5)


def test_no_text_scores_more_than_the_most_possible(words):
    asked = "hens lay eggs and sit"
    assert 0 < max(words.best(asked, 3).values()) < words.max_score(asked)


def test_idf_is_lucenes(words):
    assert words.idf("egg") == pytest.approx(math.log(1 + 1.5 / 2.5))  # in 2 of 3
    assert words.idf("zebra") == pytest.approx(math.log(1 + 3.5 / 0.5))  # in none


@pytest.mark.parametrize("texts", [{}, {"a": "", "b": "the of"}])
def test_texts_without_words_can_be_built_saved_and_searched(texts, tmp_path):
    WordIndex.build(texts.items()).save(tmp_path / "words")
    loaded = WordIndex.load(tmp_path / "words")
    assert loaded.best("anything", 5) == {}
    assert loaded.scores_of("anything", list(texts)) == dict.fromkeys(texts, 0.0)


def test_saved_index_is_loaded_with_the_same_scores(words, tmp_path):
    words.save(tmp_path / "words")
    assert WordIndex.load(tmp_path / "words").best("hens and eggs", 5) == words.best("hens and eggs", 5)


def test_saving_replaces_what_was_there(words, tmp_path):
    words.save(tmp_path / "words")
    WordIndex.build([]).save(tmp_path / "words")
    assert WordIndex.load(tmp_path / "words").best("eggs", 5) == {}
    assert [path.name for path in tmp_path.iterdir()] == ["words"]


def test_half_written_save_of_an_earlier_run_is_no_hindrance(words, tmp_path):
    (tmp_path / "words.new").mkdir()
    (tmp_path / "words.new" / "data.csc.index.npy").write_bytes(b"half")
    words.save(tmp_path / "words")
    assert list(WordIndex.load(tmp_path / "words").best("oats", 5)) == ["oats"]


@pytest.mark.parametrize("pattern", ["ids.json", "data*", "indices*", "indptr*", "vocab*", "params*"])
@pytest.mark.parametrize("damage", ["cut", "emptied", "removed"])
def test_damaged_file_is_refused_with_advice(words, tmp_path, pattern, damage):
    words.save(tmp_path / "words")
    (path,) = (tmp_path / "words").glob(pattern)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"")
    if damage == "removed":
        path.unlink()
    with pytest.raises(IndexDamaged, match="footnote index rebuild") as raised:
        WordIndex.load(tmp_path / "words")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("ids", ['["hens"]', "5", '{"a": 1, "b": 2, "c": 3}'])
def test_ids_that_do_not_fit_the_scores_are_refused(words, tmp_path, ids):
    words.save(tmp_path / "words")
    (tmp_path / "words" / "ids.json").write_text(ids)
    with pytest.raises(IndexDamaged, match="footnote index rebuild"):
        WordIndex.load(tmp_path / "words")


def test_index_without_its_arrays_is_not_taken_for_an_empty_one(words, tmp_path):
    words.save(tmp_path / "words")
    for path in (tmp_path / "words").glob("*.npy"):
        path.unlink()
    with pytest.raises(IndexDamaged, match="footnote index rebuild"):
        WordIndex.load(tmp_path / "words")


def test_index_whose_replacement_was_interrupted_is_the_last_one_that_was_saved(words, tmp_path):
    folder = tmp_path / "words"
    assert WordIndex.load_last(folder).ids == []
    words.save(folder)
    folder.rename(tmp_path / "words.last")
    (tmp_path / "words.new").mkdir()
    assert WordIndex.load_last(folder).best("eggs", 5) == words.best("eggs", 5)
    words.save(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["words"]
