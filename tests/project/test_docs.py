"""The documents describe what exists: commands, make targets, files, settings and tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import app
from assistant import settings_reference
from assistant.conversations import schema as conversation_schema
from assistant.index import schema
from assistant.models import presets
from tests.support.paths import ROOT, TESTS

README, CONTRIBUTING, DESIGN, GLOSSARY = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "CONTRIBUTING.md", "docs/design.md", "docs/glossary.md")
)
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
TARGETS = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
PATH = re.compile(r"`((?:assistant|ingest|prompts|evals|tests|docs)/[\w./-]*)`")


def test_the_readme_has_at_most_150_lines():
    assert len(README.splitlines()) <= 150


def test_the_table_of_settings_is_up_to_date():
    message = "run `python -m assistant.settings_reference`"
    assert settings_reference.FILE.read_text(encoding="utf-8") == settings_reference.markdown(), message


def test_the_table_of_presets_is_the_one_in_the_code():
    text = (ROOT / "docs/models.md").read_text(encoding="utf-8")
    table = text.split("## Presets", 1)[1].split("\n## ", 1)[0]
    assert "\n".join(line for line in table.splitlines() if line.startswith("|")) == presets.markdown()


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_is_documented(target):
    assert re.search(rf"[`$ ]make {target}\b", CONTRIBUTING)


def test_the_readme_names_every_command(capsys):
    with pytest.raises(SystemExit):
        app.main(["--help"])
    commands = re.findall(r"^    ([a-z]+) ", capsys.readouterr().out, re.MULTILINE)
    assert len(commands) >= 6
    assert [command for command in commands if f"footnote {command}" not in README] == []


def test_every_path_in_the_tree_exists():
    tree = CONTRIBUTING.split("```text\n", 1)[1].split("```", 1)[0]
    paths = re.findall(r"^(\S+)", tree, re.MULTILINE)
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_exists(document):
    text = document.read_text(encoding="utf-8")
    named = [name for name in PATH.findall(text) if "NAME" not in name]
    linked = [link.partition("#")[0] for link in re.findall(r"\]\((?!https?:)([^)#]+)", text)]
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert [link for link in linked if not (document.parent / link).exists()] == []


def test_every_module_of_the_table_of_stages_exists():
    table = DESIGN.split("## Stages", 1)[1].split("##", 1)[0]
    modules = re.findall(r"`([\w/]+(?:\.py|/))`", table)
    assert len(modules) > 12
    assert [module for module in modules if not (ROOT / "assistant" / module).exists()] == []


def test_every_test_that_the_design_names_exists():
    named = set(re.findall(r"`(test_\w+)`", DESIGN))
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in TESTS.rglob("test_*.py")]
    existing = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert len(named) > 30
    assert named - existing == set()


def test_every_section_of_the_design_names_a_test():
    sections = re.split(r"^## ", DESIGN, flags=re.MULTILINE)[1:]
    assert [section.splitlines()[0] for section in sections if "`test_" not in section] == ["Stages"]


def test_every_word_of_the_glossary_is_used_where_it_says():
    rows = [row.split("|")[1:4] for row in GLOSSARY.splitlines() if row.startswith("| ")][1:]
    assert len(rows) >= 20
    for words, _, where in rows:
        place = ROOT / where.strip().strip("`")
        files = [place] if place.is_file() else [*place.rglob("*.py")]
        text = " ".join(Path(file).read_text(encoding="utf-8") for file in files).casefold()
        assert any(word.strip() in text for word in words.split(",")), f"{words} is not used in {place}"


@pytest.mark.parametrize(
    ("file", "version"), [("papers.sqlite", schema.VERSION), ("conversations.sqlite", conversation_schema._VERSION)]
)
def test_the_formats_state_the_version_of_each_database(file, version):
    assert f"| `{file}` | {version}, in `PRAGMA user_version` |" in (ROOT / "docs/formats.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("document", "phrase", "data"),
    [
        ("docs/quality.md", "{} questions over the bundled papers", "questions"),
        ("docs/quality.md", "{} sentences labelled by reading", "sentences"),
        ("docs/quality.md", "{} paraphrases of sentences", "paraphrases"),
        ("evals/README.md", "{} questions over the bundled corpus", "questions"),
        ("evals/README.md", "`gate.jsonl` holds {} more", "gate"),
        ("evals/README.md", "`plain.jsonl` holds {} written", "plain"),
        ("evals/README.md", "`comparisons.jsonl` holds {} that", "comparisons"),
        ("evals/README.md", "{} questions from many fields", "question_kinds"),
        ("evals/README.md", "{} abstracts with", "sentence_boundaries"),
    ],
)
def test_the_documents_state_how_many_labelled_items_there_are(document, phrase, data):
    count = len((ROOT / f"evals/data/{data}.jsonl").read_text(encoding="utf-8").splitlines())
    assert phrase.format(count) in (ROOT / document).read_text(encoding="utf-8")


def test_the_changelog_keeps_its_headings():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", text, re.MULTILINE)
    assert [name for name, _ in releases] == ["Unreleased", "0.2.0", "0.1.0"]
    assert all(date for _, date in releases[1:])
    headings = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert headings <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
