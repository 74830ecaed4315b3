# The ways in. `make demo` and `make test` prepare all they need on a fresh Debian or Ubuntu, and say so.
# One thing after another: each step says what it does, and their lines should not mix.
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help setup engine images demo test check bench picture clean

PYTHON := .venv/bin/python

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## .venv with the pinned packages and Longshore
	@scripts/setup

engine: setup ## a container engine: the one at hand, else Debian's
	@scripts/engine

images: engine ## the base image: there, from a registry, or made here
	@scripts/images

demo: images ## the main job, step by step, on a real engine and a simulated estate
	@$(PYTHON) scripts/demo.py

check: setup ## style, layers of rooms, types
	.venv/bin/ruff check --quiet
	.venv/bin/ruff format --check --quiet
	.venv/bin/lint-imports
	.venv/bin/mypy

test: check images ## check, then every test
	@$(PYTHON) -m pytest

bench: images ## the numbers, as a table and in build/bench.json
	@$(PYTHON) bench/run.py

picture: images ## the picture in the README, from real output
	@$(PYTHON) scripts/picture.py

clean: ## take back all of it but Debian packages, and name those
	@scripts/clean
