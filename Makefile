# Every target that needs the environment makes it first. `make help` lists them all.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help

.PHONY: help
help:  ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Set up
.PHONY: install
install: $(INSTALLED)  ## the pinned packages and the command bookstream, in .venv

$(INSTALLED): requirements/dev.txt pyproject.toml
	@if command -v uv >/dev/null; then \
	  { [ -x $(BIN)/python ] || uv venv --quiet --python $(PYTHON) .venv; } && \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	  { [ -x $(BIN)/pip ] || $(PYTHON) -m venv .venv; } && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $@

.PHONY: requirements
requirements: $(INSTALLED)  ## compile requirements/ anew, with hashes, for Python 3.11 to 3.13
	$(BIN)/uv pip compile --quiet --no-header --universal --generate-hashes --python-version 3.11 pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --no-header --universal --generate-hashes --python-version 3.11 pyproject.toml --group dev -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --no-header --universal --generate-hashes --python-version 3.11 --group build -o requirements/build.txt

##@ Try
.PHONY: demo
demo: $(INSTALLED)  ## the whole way of a booking on real Kafka and PostgreSQL, checked, then stopped
	@$(BIN)/python -m devstack demo

.PHONY: up
up: $(INSTALLED)  ## the same system left running, with addresses, a token and three things to try
	@$(BIN)/python -m devstack up

##@ Check
.PHONY: test
test: $(INSTALLED) lint  ## all tests: unit, integration, end to end, architecture
	$(BIN)/python -m pytest

.PHONY: lint
lint: $(INSTALLED)  ## style, types and the arrows between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

##@ Measure
.PHONY: bench
bench: $(INSTALLED)  ## the project beside its baselines, on real Kafka and PostgreSQL; BENCH="live rebuild" for some only
	@$(BIN)/python -m benchmarks $(BENCH)
