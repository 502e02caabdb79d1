"""The command line: messages of one line, exit codes, and nothing but results on standard output."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import app
from assistant.command_line import add_setting_options, settings_of
from assistant.settings import ABOUT
from tests.support.paths import ROOT


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments, "--home", str(home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )


def assert_one_clear_line(done: subprocess.CompletedProcess[str], *said: str) -> None:
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("footnote: ")]
    assert len(errors) == 1, done.stderr
    for words in said:
        assert words in errors[0]


@pytest.mark.parametrize(
    "command",
    [
        "chat",
        "ask",
        "batch",
        "saved",
        "ingest",
        "index",
        "doctor",
        "feedback",
        "remove",
        "models",
        "watch",
        "mcp",
        "serve",
        "key",
    ],
)
def test_every_command_has_a_help_text(command, capsys):
    with pytest.raises(SystemExit) as exit_:
        app.main([command, "--help"])
    assert exit_.value.code == 0
    assert command in capsys.readouterr().out


@pytest.mark.parametrize("setting", ["home", "model", "gpu_layers", "embedding", "verifier", "host", "port", "auth"])
def test_option_of_a_setting_has_its_help_and_sets_it(setting, tmp_path):
    parser = argparse.ArgumentParser()
    add_setting_options(parser, setting)
    value = str(tmp_path) if setting == "home" else "2"
    options = parser.parse_args([f"--{setting.replace('_', '-')}", value])
    assert str(getattr(settings_of(options), setting)) == value
    assert ABOUT[setting].plain_help.split(".")[0] in " ".join(parser.format_help().split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", "  "], "contains no words"),
        (["chat", "--host", "192.0.2.1"], "--auth user:password-file"),
        (["chat", "--auth", "ann:missing.txt"], "missing.txt cannot be read"),
        (["feedback", "export"], "No answer was rated yet"),
        (["ask", "word " * 10_000], "has 10,000 words"),
        (["batch", "missing.jsonl", "-o", "answers.jsonl"], "missing.jsonl cannot be read"),
        (["batch", "missing.jsonl", "-o", "no/such/folder.jsonl"], "There is no folder no/such: create it"),
        (["batch", "two\nlines.jsonl", "-o", "answers.jsonl"], "two\\nlines.jsonl cannot be read"),
        (["ingest"], "--bundled"),
        (["watch"], "give one as `footnote watch PATH`"),
        (["watch", "no/such/folder"], "There is no folder 'no/such/folder'"),
        (["watch", "--collection", "Birds"], "give PATH too"),
        (["watch", ".", "--collection", " "], "needs a name"),
        (["watch", "--list"], "footnote ingest PATH"),
        (["ingest", "papers.csv", "--columns", "title"], "title=Name,abstract=Text"),
        (["chat", "--port", "99999"], "out of range"),
    ],
)
def test_bad_input_is_refused_in_one_line_before_any_model_loads(arguments, said, tmp_path, capsys):
    code = app.main([*arguments, "--home", str(tmp_path)])
    lines = capsys.readouterr().err.splitlines()
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith("footnote: ")
    assert said in lines[0]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the bundled papers indexed by the real models."""
    home = tmp_path_factory.mktemp("home")
    done = run("ingest", "--bundled", home=home)
    assert done.returncode == 0, done.stderr
    assert "75 papers read: 75 new, 0 changed, 0 unchanged; 0 without abstract, 0 skipped, 5 lines" in done.stderr
    return home


@pytest.mark.models
def test_a_second_ingest_changes_nothing_and_says_so(home):
    done = run("ingest", "--bundled", home=home)
    assert done.returncode == 0
    assert "0 new, 0 changed, 75 unchanged" in done.stderr


@pytest.mark.models
def test_an_export_is_merged_listed_removed_and_the_index_verified(home, tmp_path):
    bib, ris = tmp_path / "zotero.bib", tmp_path / "mendeley.ris"
    bib.write_text(
        "@article{hen, title={{W}ombats in burrows}, author={Hen, Ada}, doi={10.1/W}, year=2020,"
        " abstract={Wombats dig burrows of 30 metres.}}"
    )
    ris.write_text(
        "TY  - JOUR\nTI  - Wombats in Burrows\nDO  - https://doi.org/10.1/w\nPY  - 2020\nJO  - Burrows\n"
        "AB  - Wombats dig burrows of 30 metres.\nER  - \n"
    )
    done = run("ingest", str(tmp_path), "--json", home=home)
    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert len(report["new"]) == len(report["merged"]) == 1
    assert "10.1/w" in report["merged"][0]["why"]
    assert json.loads(run("index", "sources", "--json", home=home).stdout)[str(bib)] == 1
    assert run("index", "verify", home=home).returncode == 0
    assert json.loads(run("remove", "--file", str(bib), "--json", home=home).stdout)["removed"] == 0
    assert json.loads(run("remove", "--query", "wombats", "--json", home=home).stdout)["removed"] == 1
    assert run("index", "verify", home=home).returncode == 0


@pytest.mark.models
def test_standard_input_and_named_columns_are_read(home):
    done = subprocess.run(
        [sys.executable, "-m", "app", "ingest", "-", "--columns", "title=Name,abstract=Text", "--home", str(home)],
        cwd=ROOT,
        input="Name,Text\nKiwis at night,Kiwis walk 5 km a night.\n",
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "1 new" in done.stderr
    assert json.loads(run("remove", "--query", "kiwis", "--json", home=home).stdout)["removed"] == 1


@pytest.mark.models
def test_ask_prints_an_answer_with_its_footnotes(home):
    done = run("ask", "Can text that was used in pre-training be detected afterwards?", home=home)
    assert done.returncode == 0, done.stderr
    assert "[1] Detecting Pretraining Data from Large Language Models" in done.stdout
    assert "Min-K% Prob" in done.stdout


@pytest.mark.models
def test_ask_as_json_quotes_the_exact_text(home):
    done = run("ask", "--json", "What is MiniPLM?", home=home)
    answer = json.loads(done.stdout)
    page = (ROOT / "ingest/corpus/hf-papers.txt").read_text(encoding="utf-8")
    assert answer["citations"]
    for citation in answer["citations"]:
        for quote in citation["quotes"]:
            assert quote["text"] in page
            assert quote["end"] - quote["start"] == len(quote["text"])


@pytest.mark.models
def test_batch_reports_bad_lines_answers_the_rest_and_resumes(home, tmp_path):
    questions, answers = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    questions.write_text(
        '{"id": "a", "question": "What is MiniPLM?"}\n{"id": "b", "quest\n'
        '{"id": "c", "question": "Which papers are about diffusion models?"}\n'
    )
    done = run("batch", str(questions), "-o", str(answers), home=home)
    assert done.returncode == 1
    assert "questions.jsonl, line 2" in done.stderr
    assert "2 answered, 0 already there, 1 left out" in done.stderr
    whole = answers.read_text().splitlines()
    assert [json.loads(line)["id"] for line in whole] == ["a", "c"]
    answers.write_text(whole[0] + "\n" + whole[1][:40])
    done = run("batch", str(questions), "-o", str(answers), home=home)
    assert "1 answered, 1 already there" in done.stderr
    resumed = [json.loads(line) for line in answers.read_text().splitlines()]
    assert [answer["answer"] for answer in resumed] == [json.loads(line)["answer"] for line in whole]


@pytest.mark.models
@pytest.mark.parametrize(
    ("content", "said"),
    [(b"GGUF" + b"\0" * 100, "does not load"), (b"not a model at all", "is not a GGUF file")],
)
def test_a_broken_model_file_is_refused_in_one_line(home, tmp_path, content, said):
    model = tmp_path / "model.gguf"
    model.write_bytes(content)
    assert_one_clear_line(run("ask", "What is MiniPLM?", "--model", str(model), home=home), said, "model.gguf")


@pytest.mark.models
def test_a_truncated_model_file_is_refused_in_one_line(home, tmp_path):
    from assistant.models.locate import gguf_file
    from assistant.settings import PACKAGED

    model = tmp_path / "cut.gguf"
    with gguf_file(PACKAGED).open("rb") as whole:
        model.write_bytes(whole.read(3_000_000))
    assert_one_clear_line(run("ask", "What is MiniPLM?", "--model", str(model), home=home), "does not load", "cut.gguf")


@pytest.mark.models
def test_an_unreachable_model_server_is_reported_in_one_line(home):
    done = run("ask", "What is MiniPLM?", "--model", "http://127.0.0.1:9/v1", home=home)
    assert_one_clear_line(done, "No model server answers")


@pytest.mark.models
@pytest.mark.skipif(not shutil.which("cc"), reason="compiles a library")
@pytest.mark.parametrize("command", [["ask", "What is MiniPLM?"], ["doctor"]])
def test_a_llama_cpp_that_kills_its_process_is_reported_in_one_line(home, tmp_path, monkeypatch, command):
    source = tmp_path / "stub.c"
    source.write_text("__attribute__((constructor)) static void load(void) { __builtin_trap(); }\n")
    subprocess.run(["cc", "-shared", "-fPIC", str(source), "-o", str(tmp_path / "libllama.so")], check=True)
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path))
    done = run(*command, home=home)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    said = [line for line in (done.stdout + done.stderr).splitlines() if "crashes" in line]
    assert len(said) == 1, done.stderr
    assert f"llama.cpp ({tmp_path}) crashes on this processor" in said[0]
    assert "SIG" in said[0]
    assert "-m assistant.models.llama_build`" in said[0]


@pytest.mark.models
def test_doctor_finds_nothing_wrong_with_a_fresh_home(home):
    done = run("doctor", home=home)
    assert done.returncode == 0, done.stdout
    assert "75 papers" in done.stdout
    assert "tokens/s" in done.stdout
    assert "WRONG" not in done.stdout


@pytest.mark.models
def test_doctor_names_the_command_that_fixes_an_empty_home(tmp_path):
    done = run("doctor", home=tmp_path)
    assert done.returncode == 1
    assert "WRONG index: empty: run `footnote ingest" in done.stdout
