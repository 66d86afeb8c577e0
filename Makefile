# `make` lists the targets. Everything is set up by tests/provision.sh, below this directory.
BIN := .venv/bin
PYTEST_ARGS ?=

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

setup:  ## the development environment
	@sh tests/provision.sh base

demo: setup  ## the main job end to end, against the embedded sandbox
	@PATH="$(CURDIR)/$(BIN):$$PATH" nucliactl sandbox -- sh tests/demo.sh

test:  ## set everything up (real servers too) and run the tests
	@sh tests/provision.sh
	@$(BIN)/pytest -n auto --dist worksteal $(PYTEST_ARGS)

torture:  ## the full matrices of hostile inputs, signals and kills, which take long
	@sh tests/provision.sh
	@TORTURE=1 $(BIN)/pytest -n auto --dist worksteal $(PYTEST_ARGS)

check: setup  ## format, lint, types, imports, and that generated code is what its source makes
	$(BIN)/python docs/twin.py --check
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32
	$(BIN)/lint-imports --no-cache | grep -E 'KEPT|BROKEN|->|kept'

format: setup  ## format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

generate: setup  ## write the generated code and reference
	$(BIN)/python docs/twin.py
	@sh tests/provision.sh base
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/screens.py

docs:  ## build the documentation into .cache/site; links, marks and accessibility are checked
	@sh tests/provision.sh docs
	@$(MAKE) -s docs-pages

docs-pages:
	@$(BIN)/python docs/generate.py
	@$(BIN)/python docs/pictures.py
	@.cache/docs/bin/mkdocs -q build
	@$(BIN)/python docs/check_site.py
	@echo "the documentation is in .cache/site/index.html"

bench: setup  ## measure us beside our peers; writes the table and the chart of the documentation
	@sh tests/provision.sh bench
	.cache/bench/nucliactl/bin/python benchmarks/bench.py
	$(BIN)/python docs/generate.py

bench-instructions: setup  ## count the instructions of each light command, and hold them to the budget
	@$(BIN)/python benchmarks/instructions.py

release:  ## build and check what is uploaded, into dist/ (REHEARSE=1: where version, changelog and tag differ, too)
	@sh tests/provision.sh release
	@$(BIN)/python release/release.py $(if $(REHEARSE),--rehearse)

frozen:  ## the command without Python (PyInstaller), and in one file for any Python, into build/frozen/
	@sh tests/provision.sh release
	@$(BIN)/python release/frozen.py

image:  ## build the container images, and print their sizes and how long they take (ENGINE, BASE, BUILD_FLAGS)
	@sh tests/provision.sh release
	@$(BIN)/python container/build.py

clean:  ## remove everything that was set up
	rm -rf dist build docs/pictures docs/assets .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache


herd: setup  ## a thousand pullers at one Redis and one Vault
	$(BIN)/python benchmarks/herd.py

.PHONY: image help setup demo test torture check format generate docs docs-pages bench bench-instructions herd release frozen clean
