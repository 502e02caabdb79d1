from __future__ import annotations

import numpy as np
import pytest

from assistant.errors import ModelError
from assistant.models.role_classifier import RoleClassifier, features, packaged_classifier
from assistant.records import ROLES, Role
from assistant.text.headings import possible_roles

VECTORS = np.random.default_rng(0).normal(size=(4, 384)) / 20


def test_the_probabilities_of_the_roles_of_a_sentence_add_up_to_one():
    found = packaged_classifier().probabilities(VECTORS)
    assert found.shape == (4, 5)
    assert found.sum(axis=1) == pytest.approx(np.ones(4))


def test_only_allowed_roles_are_given():
    aim: frozenset[Role] = frozenset(["aim"])
    findings: frozenset[Role] = frozenset(["result", "conclusion"])
    roles = packaged_classifier().roles(VECTORS, [aim, findings, ROLES, aim])
    assert roles[0] == roles[3] == "aim"
    assert roles[1] in findings
    assert roles[2] in ROLES


def test_a_sentence_is_seen_with_half_of_its_neighbours_and_its_place():
    found = features(np.array([[1.0], [2.0], [4.0]]))
    assert found.tolist() == [
        [1.0, 0.0, 1.0, pytest.approx(1 / 6), 1, 0, 0, 0, 0, 1, 0],
        [2.0, 0.5, 2.0, 0.5, 0, 0, 1, 0, 0, 0, 0],
        [4.0, 1.0, 0.0, pytest.approx(5 / 6), 0, 0, 0, 0, 1, 0, 1],
    ]


def test_roles_do_not_depend_on_whether_vectors_were_stored_in_16_bits():
    assert (features(VECTORS) == features(VECTORS.astype(np.float16))).all()


def test_damaged_weights_are_refused_in_one_line(tmp_path):
    path = tmp_path / "roles.safetensors"
    path.write_bytes(b"garbage")
    with pytest.raises(ModelError, match=r"cannot be used .*: reinstall footnote") as raised:
        RoleClassifier(path)
    assert "\n" not in str(raised.value)


@pytest.mark.models
def test_the_packaged_model_tells_what_a_paper_found_from_the_rest_of_its_abstract():
    from assistant.models.sentence_transformer import SentenceTransformerEmbedding
    from assistant.settings import PACKAGED

    sentences = [
        "Wound infection after surgery of the bowel is frequent and costly.",
        "The aim of this trial was to assess whether a new dressing prevents infection.",
        "We randomly assigned 240 patients to the new dressing or to gauze.",
        "Infection occurred in 8% of patients with the dressing and in 19% with gauze (p = 0.01).",
        "We conclude that the dressing prevents infection and should be used routinely.",
    ]
    vectors = SentenceTransformerEmbedding(PACKAGED).vectors_of(sentences)
    findings = packaged_classifier().probabilities(vectors)[:, -2:].sum(axis=1)
    assert max(findings[:3]) < min(findings[3:])
    background, aim, *_, conclusion = packaged_classifier().roles(vectors, [*map(possible_roles, sentences)])
    assert (background, aim, conclusion) == ("background", "aim", "conclusion")
