# The verbs of the project; CONTRIBUTING.md says when to use which.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT

.DEFAULT_GOAL := help
.PHONY: help install start test test-fast check fix bench eval train lock messages openapi system clean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# Two environments in one folder: what runs the product, and on top of it what tests it.
$(VENV)/.installed: requirements/base.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: requirements/dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

install: $(VENV)/.installed ## Put everything into .venv; the command is .venv/bin/luister

start: install ## Start the demo desk (PORT=8000, LUISTER_HOME=data folder)
	@exec $(BIN)/luister start --demo

system: ## As root on Debian: install the browser, mail, message and database servers that tests use
	@tools/system-packages

test: $(VENV)/.installed-dev system ## Run every test, installing what they need
	tools/run-tests

test-fast: $(VENV)/.installed-dev ## Run the tests that need no server (under 30 s)
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not db and not browser and not mail and not nats" tests

check: $(VENV)/.installed-dev ## Format, lint, types, import contracts, migrations, translations
	tools/check

fix: $(VENV)/.installed-dev ## Format and repair what ruff can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev ## Measure speed and robustness (BENCH=part, DATA=FOLDER with real posts)
	$(BIN)/python -m bench $(BENCH) $(if $(DATA),--data $(DATA))

eval: $(VENV)/.installed-dev ## Measure on real data: make eval DATA=FOLDER
	$(BIN)/python -m eval $(if $(DATA),--data $(DATA))

train: $(VENV)/.installed-dev ## Train the models of texts anew: make train DATA=FOLDER
	$(BIN)/python -m train --data $(DATA)

messages: $(VENV)/.installed-dev ## Collect the texts to translate and compile the Dutch ones
	$(BIN)/python tools/messages.py update

openapi: $(VENV)/.installed-dev ## Write docs/reference/openapi.json after a change of the API
	DJANGO_SETTINGS_MODULE=luister.config.settings $(BIN)/python -W ignore tools/openapi.py

lock: ## Rewrite the locked dependencies (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q pyproject.toml -o requirements/base.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q --extra dev pyproject.toml -o requirements/dev.lock

clean: ## Remove the environment and caches, not your data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
