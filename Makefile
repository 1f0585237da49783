# `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
OUT ?= runs/study
WORKERS ?= 2

.PHONY: help setup study test test-all findings lint format bench docs notebook clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make the environment, .venv

study: $(STAMP) ## run the study, quick preset, offline; writes runs/study/report.html
	$(BIN)/unroll study --preset quick --out $(OUT)

test: $(STAMP) ## run the tests
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

test-all: $(STAMP) ## run the tests, the slow ones too
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not hours"

findings: $(STAMP) ## run as written what takes minutes to hours each (hours)
	$(BIN)/pytest -n 0 -m hours

lint: $(STAMP) ## check format, style, types and import rules
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## bring the code into format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(STAMP) ## measure speed against peers, as ratios (half an hour)
	$(BIN)/python -m benchmarks

docs: $(STAMP) ## build the documentation, strictly, into build/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "documentation: build/docs/index.html"

notebook: $(STAMP) ## run every cell of docs/notebook.ipynb again, in place (three minutes)
	$(BIN)/python scripts/notebook.py

clean: ## remove the environment, caches and build output; runs/ stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

$(STAMP): pyproject.toml constraints.txt scripts/setup.sh
	PYTHON="$(PYTHON)" bash scripts/setup.sh $(VENV)
	@touch $@
