"""A claim has to pass the rules and the judge; the judge is the packaged model or a classifier that a user names."""

from __future__ import annotations

import pytest

from assistant.answering.verification import SUPPORT_THRESHOLD, Verifier, open_verifier
from assistant.errors import ModelError
from assistant.models.aligner import Aligner
from assistant.settings import PACKAGED

COST = "Sparse training reduces the cost by 2.5x on the Pile."


class Constant:
    """A judge that gives every claim the same probability, and records what it was asked."""

    def __init__(self, probability: float, doubtful: str = "") -> None:
        self.answer = (probability, doubtful)
        self.asked: list[tuple[str, str]] = []

    def probability(self, source: str, claim: str) -> tuple[float, str]:
        self.asked.append((source, claim))
        return self.answer


def test_a_claim_that_a_rule_refuses_is_not_supported_and_keeps_a_score_of_at_most_the_threshold():
    verdict = Verifier(Constant(1.0), "constant").verify("Sparse training reduces the cost by 9x.", [COST])
    assert (verdict.supported, verdict.score) == (False, 0.4)
    assert verdict.reason == "the number 9x is not in the evidence"


def test_the_judge_compares_a_claim_with_title_and_evidence():
    judge = Constant(0.9)
    verdict = Verifier(judge, "constant").verify("Sparse training is cheap.", [COST, "It is green."], "Sparse Training")
    assert (verdict.supported, verdict.score) == (True, 0.9)
    assert judge.asked == [(f"Sparse Training. {COST} It is green.", "Sparse training is cheap.")]


@pytest.mark.parametrize("claim", [COST, "sparse training reduces the cost", "The cost, by 2.5x."])
def test_a_claim_that_the_evidence_contains_word_for_word_needs_no_judge(claim):
    judge = Constant(0.0)
    verdict = Verifier(judge, "constant").verify(claim, ["Accuracy does not fall.", COST])
    assert (verdict.supported, verdict.score, judge.asked) == (True, 1.0, [])


def test_the_end_of_one_sentence_with_the_beginning_of_the_next_is_not_a_quotation():
    judge = Constant(0.0)
    evidence = ["No drug helps mice.", "Cured rats ate more."]
    assert not Verifier(judge, "constant").verify("The mice cured rats.", evidence).supported
    assert not Verifier(judge, "constant").verify("Mice cured rats.", evidence).supported
    assert len(judge.asked) == 2


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [("It is stable at 10^5.", "It is stable at 10^-5."), ("The share is 12.", "The share is 12%.")],
)
def test_the_same_words_with_another_number_are_not_a_quotation(claim, evidence):
    assert not Verifier(Constant(1.0), "constant").verify(claim, [evidence]).supported


def test_a_number_without_a_noun_counts_what_the_question_asks_for():
    verifier = Verifier(Constant(1.0), "constant")
    fences = ["We watched the fences of 90 gardens."]
    assert not verifier.verify("The answer is 90.", fences, question="How many papers are about hedgehogs?").supported
    assert verifier.verify("The answer is 90.", fences, question="How many gardens were watched?").supported


@pytest.mark.parametrize("claim", ["Sparse training reduces the costs.", "training reduces the co", "cost reduces"])
def test_other_word_forms_or_another_order_are_not_a_quotation(claim):
    assert not Verifier(Constant(0.0), "constant").verify(claim, [COST]).supported


@pytest.mark.parametrize(
    ("probability", "is_supported"), [(SUPPORT_THRESHOLD, True), (SUPPORT_THRESHOLD - 0.01, False)]
)
def test_a_claim_is_supported_from_the_threshold_on(probability, is_supported):
    verdict = Verifier(Constant(probability), "constant").verify("Sparse training is cheap.", [COST])
    assert (verdict.supported, verdict.score) == (is_supported, probability)


def test_a_refusal_names_the_word_that_is_supported_least():
    verdict = Verifier(Constant(0.2, "cheap"), "constant").verify("Sparse training is cheap.", [COST])
    assert verdict.reason == "the evidence does not support it (20%), least of all 'cheap'"


@pytest.mark.parametrize("name", ["/no/such/folder", "no-such-folder"])
def test_a_missing_verifier_is_one_clear_line(name):
    with pytest.raises(ModelError, match=rf"^No verifier at {name}: give a folder, hf:owner/repo, or packaged\.$"):
        open_verifier(name)


def test_a_folder_without_a_model_is_one_clear_line(tmp_path):
    with pytest.raises(ModelError, match=r"^The verifier .* does not load \(.*\): give another with `verifier`\.$"):
        open_verifier(str(tmp_path))


@pytest.fixture
def make_classifier(tmp_path):
    """Saves a tiny BERT with these labels that gives logits of 0, 2, 4 ... for them, whatever the text is."""

    def make(*labels: str) -> str:
        import torch
        from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

        (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hens", "lay"]))
        BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
        config = BertConfig(
            vocab_size=7, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
            id2label=dict(enumerate(labels)), label2id={label: number for number, label in enumerate(labels)},
        )  # fmt: skip
        model = BertForSequenceClassification(config)
        with torch.no_grad():
            model.classifier.weight.zero_()
            model.classifier.bias.copy_(torch.arange(len(labels)) * 2.0)
        model.save_pretrained(tmp_path)
        return str(tmp_path)

    return make


@pytest.mark.models
@pytest.mark.parametrize(
    ("labels", "probability"),
    [
        (("CONTRADICTION", "NEUTRAL", "ENTAILMENT"), 0.867),  # softmax of 0, 2, 4
        (("entailment", "neutral", "contradiction"), 0.016),
        (("LABEL_0", "LABEL_1"), 0.881),  # softmax of 0, 2
        (("hallucinated", "consistent"), 0.881),
        (("LABEL_0",), 0.5),  # sigmoid of 0
    ],
)
def test_the_probability_of_a_users_classifier_is_that_of_its_label_for_support(make_classifier, labels, probability):
    verdict = open_verifier(make_classifier(*labels)).verify("Hens often lay.", ["Hens lay."])
    assert verdict.score == pytest.approx(probability, abs=1e-3)


@pytest.mark.models
def test_a_users_classifier_without_such_a_label_is_refused(make_classifier):
    with pytest.raises(ModelError, match=r"no output for support \(its labels are joy, anger\)"):
        open_verifier(make_classifier("joy", "anger"))


@pytest.fixture(scope="module")
def packaged() -> Verifier:
    return open_verifier(PACKAGED)


@pytest.mark.models
@pytest.mark.parametrize(
    ("claim", "changed"),
    [
        ("Sparse training lowers the cost 2.5 times.", "Sparse training raises the cost 2.5 times."),
        ("Training sparsely on the Pile is cheaper.", "Training sparsely on the Pile is slower."),
        ("The expense of training falls with sparsity.", "The accuracy of training falls with sparsity."),
    ],
)
def test_the_packaged_verifier_scores_a_claim_higher_than_the_same_with_a_changed_word(packaged, claim, changed):
    one, other = (packaged.verify(text, [COST]) for text in (claim, changed))
    assert one.score > other.score


@pytest.mark.models
def test_the_packaged_verifier_names_the_wrong_word(packaged):
    verdict = packaged.verify("We train sparse models to translate poems.", ["We train sparse models to read tables."])
    assert not verdict.supported
    assert verdict.reason.endswith(("'translate'", "'poems'"))


@pytest.mark.models
@pytest.mark.parametrize("claim", ["", "...", "中文", "word " * 2_000, "\x00 \u202e"])
def test_the_packaged_verifier_accepts_any_text(packaged, claim):
    assert 0.0 <= packaged.verify(claim, [COST]).score <= 1.0
    assert 0.0 <= packaged.verify(COST, [claim]).score <= 1.0


@pytest.mark.models
@pytest.mark.parametrize("data", [b"", b"no weights", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_damaged_weights_are_one_clear_line(tmp_path, data):
    path = tmp_path / "verifier.safetensors"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=r"cannot be used \(.*\): reinstall footnote\.$"):
        Aligner(path)
