# One command each: demo, up, test, check, bench. Every target does its own set-up in .venv, without root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export ONETHING_DATA_DIR ?= $(CURDIR)/.onething

.PHONY: demo up test check bench lock clean
.DEFAULT_GOAL := help

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; v=sys.version_info[:2]; sys.exit(0 if (3,11)<=v<(3,15) else "OneThing Hub needs Python 3.11 to 3.14; this is %d.%d. Try: make PYTHON=python3.12" % v)'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python lacks venv. On Debian: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) && touch $@

$(VENV)/.run: requirements.lock pyproject.toml $(VENV)/.python
	@echo "installing the locked dependencies into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "installing the locked development tools into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run ## a simulated city, its archives, and one bundle answered; ends by itself
	@$(BIN)/onething demo

up: $(VENV)/.run ## everything running under one supervisor, until Ctrl-C
	@$(BIN)/onething up

test: $(VENV)/.dev ## the whole test suite
	@$(BIN)/python -m pytest -n auto --dist loadfile

check: $(VENV)/.dev ## ruff, mypy strict, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev ## every figure, each beside its raw limit or peer
	@$(BIN)/onething bench all

lock: $(VENV)/.dev ## resolve the dependencies anew
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group build --group dev pyproject.toml -o requirements-dev.lock

clean: ## remove the environment and the local hub's data
	@rm -rf $(VENV) .onething
