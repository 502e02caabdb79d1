"""Programs that people use ask a running ``footnote serve``: ``openai`` and ``llm``, in an environment of their own."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import MINIPLM, ingest, running_page

pytestmark = pytest.mark.models
OPENAI = """
import json, sys
from openai import OpenAI

client = OpenAI(base_url=sys.argv[1] + "v1", api_key="none")
asked = {"model": "footnote", "messages": [{"role": "user", "content": sys.argv[2]}]}
message = client.chat.completions.create(**asked).choices[0].message
streamed = [chunk.choices[0].delta.content or "" for chunk in client.chat.completions.create(stream=True, **asked)]
place = message.annotations[0].url_citation
print(json.dumps({
    "models": [model.id for model in client.models.list()],
    "content": message.content,
    "streamed": "".join(streamed),
    "cited": message.content[place.start_index : place.end_index],
    "title": place.title,
}))
"""


@pytest.fixture(scope="module")
def clients(tmp_path_factory) -> Path:
    """The programs of an environment in which both clients are installed."""
    folder = tmp_path_factory.mktemp("clients")
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    install = [programs / "python", "-m", "pip", "install", "--quiet", "openai", "llm"]
    if subprocess.run(install, check=False).returncode:
        if os.environ.get("CI"):
            pytest.fail("the clients cannot be installed")
        pytest.skip("the clients cannot be installed without a package index")
    return programs


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    ingest(home, "--bundled")
    with running_page(home, command="serve", ready="api/v1/ready") as address:
        yield address


def test_the_client_of_openai_gets_an_answer_with_its_sources(clients, address):
    program = [clients / "python", "-c", OPENAI, address, MINIPLM]
    found = json.loads(subprocess.run(program, capture_output=True, text=True, check=True).stdout)
    assert "footnote" in found["models"]
    assert found["streamed"] == found["content"]
    assert found["cited"].endswith("[1]")
    assert found["title"] in found["content"]
    assert "MiniPLM" in found["title"]


def test_llm_gets_an_answer_with_its_sources(clients, address, tmp_path):
    model = f"- model_id: footnote\n  model_name: footnote\n  api_base: {address}v1\n  api_key_name: none\n"
    (tmp_path / "extra-openai-models.yaml").write_text(model)
    environment = {**os.environ, "LLM_USER_PATH": str(tmp_path), "OPENAI_API_KEY": "none"}
    program = [clients / "llm", "-m", "footnote", "--key", "none", MINIPLM]
    done = subprocess.run(program, capture_output=True, text=True, check=True, env=environment)
    assert "MiniPLM" in done.stdout
    assert "[1]" in done.stdout
