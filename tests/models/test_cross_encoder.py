"""A sentence-transformers CrossEncoder that a user names ranks passages; other models are refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.models.cross_encoder import PairRanker


@pytest.mark.parametrize("name", ["/no/such/folder", "no-such-folder"])
def test_a_missing_reranker_is_one_clear_line(name):
    with pytest.raises(ModelError, match=rf"^No reranker at {name}: give a folder, hf:owner/repo, or packaged\.$"):
        PairRanker(name)


@pytest.mark.models
def test_a_folder_without_a_model_is_one_clear_line(tmp_path):
    with pytest.raises(ModelError, match=r"^The reranker .* does not load \(.*\): give another with `reranker`\.$"):
        PairRanker(str(tmp_path))


def tiny_cross_encoder(folder: Path, outputs: int) -> str:
    """A BERT of one small layer with random weights, saved as sentence-transformers saves a CrossEncoder."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(0)
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hens", "lay", "oats"]))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, num_labels=outputs
    )
    model = BertForSequenceClassification(config)
    model.classifier.bias.data += 5  # a sigmoid would bring it below 1
    model.save_pretrained(folder)
    saved = folder / "cross-encoder"
    CrossEncoder(str(folder)).save_pretrained(str(saved))
    return str(saved)


@pytest.mark.models
def test_a_users_cross_encoder_scores_each_pair_by_itself_and_without_a_sigmoid(tmp_path):
    ranker = PairRanker(tiny_cross_encoder(tmp_path, outputs=1))
    pairs = [("hens", "lay"), ("hens", "oats lay oats lay oats"), ("lay", "hens")]
    scores = ranker.scores(pairs)
    assert scores == pytest.approx([ranker.scores([pair])[0] for pair in pairs], abs=1e-5)
    assert len(set(scores)) == 3
    assert min(scores) > 1
    assert ranker.scores([]) == []


@pytest.mark.models
def test_a_classifier_with_several_outputs_is_refused(tmp_path):
    name = tiny_cross_encoder(tmp_path, outputs=3)
    with pytest.raises(ModelError, match=r"gives 3 scores for a pair, not one"):
        PairRanker(name)
