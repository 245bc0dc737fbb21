# `make demo` and `make test` need Python 3.11 or newer, and nothing else that is not installed here.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo docs test test-slow test-all lint format lock schema api-coverage lifecycle-diagrams images-page cli-pages settings-page picture clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml
	$(PYTHON) -m venv "$(VENV)"
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch "$@"

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch "$@"

demo: $(VENV)/.runtime ## Run a pod and a replica set on three nodes, and show how they got there
	"$(BIN)/python" -m kubemu demo examples/first-pod.yaml examples/web-replicaset.yaml

test: $(VENV)/.dev ## Run the quick tests, a module at a time on each processor
	"$(BIN)/python" -m pytest --numprocesses auto --dist loadfile

test-slow: $(VENV)/.dev ## Run the tests that take long, and no others, in the same way
	"$(BIN)/python" -m pytest --numprocesses auto --dist loadfile -m slow

test-all: test test-slow ## Run all tests

lint: $(VENV)/.dev ## Check style, types and import contracts
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/mypy"
	"$(BIN)/lint-imports"

format: $(VENV)/.dev ## Format the code
	"$(BIN)/ruff" format .
	"$(BIN)/ruff" check --fix .

lock: $(VENV)/.dev ## Resolve the dependencies anew
	"$(BIN)/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml --group build --output-file requirements/runtime.txt
	"$(BIN)/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml --extra dev --group build --output-file requirements/dev.txt

api-coverage: $(VENV)/.dev ## Generate the page that lists the served API
	"$(BIN)/python" tools/api_coverage.py

lifecycle-diagrams: $(VENV)/.dev ## Draw the state machines of docs/pod-lifecycle.md
	"$(BIN)/python" -m tools.lifecycle_diagrams

images-page: $(VENV)/.dev ## List images and annotations in docs/images.md, with the definition of FakeImage
	"$(BIN)/python" -m tools.build_fake_image_definition
	"$(BIN)/python" -m tools.images_page

cli-pages: $(VENV)/.dev ## Write down what the command lines take
	"$(BIN)/python" -m tools.cli_page

settings-page: $(VENV)/.dev ## Write down what else can be set
	"$(BIN)/python" -m tools.settings_page

picture: $(VENV)/.dev ## Record `kubemu up` for docs/images/kubemu-up.svg
	"$(BIN)/python" -m tools.up_picture

docs: $(VENV)/.dev ## Build the documentation's site in build/site
	"$(BIN)/python" -m zensical build --strict

schema: $(VENV)/.dev ## Generate the schema bundle anew
	"$(BIN)/python" tools/build_schema.py

protobuf: $(VENV)/.dev ## Generate the numbers of protobuf fields anew, from PROGRAMS="path/to/kubectl path/to/helm"
	"$(BIN)/python" -m tools.build_protobuf $(PROGRAMS)

clean: ## Remove the environment and caches
	rm -rf "$(VENV)" .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
