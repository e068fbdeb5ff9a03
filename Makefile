# Everything runs in .venv, which `make` builds from pyproject.toml and constraints.txt. Begin with `make help`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
INSTALLED := .venv/installed
export HF_HUB_OFFLINE = 1

.DEFAULT_GOAL := help
.PHONY: help install demo test chaos bench bench-full lint format samples tree constraints clean

help: ## say what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(INSTALLED) ## build the virtual environment (again only when its pins change)

# The stamp comes last, so an interrupted install is simply run again; what pip had fetched is in its cache.
$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 is missing: install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
		|| { echo "Winnow's embedded Postgres and Redis need Python 3.11; name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	$(BIN)/pip install -c constraints.txt -e '.[all]'
	@touch $@

demo: $(INSTALLED) ## screen the sample applicants end to end on this machine, and show the ranking
	@$(BIN)/python -m local.demo

test: $(INSTALLED) ## run the whole test suite on embedded servers
	@$(BIN)/python -m pytest

chaos: RUNS ?= 1
chaos: $(INSTALLED) ## inject every fault into the running system for 20 minutes at most, and write what it cost (RUNS=5: five times)
	@$(BIN)/python -m benchmarks.chaos --runs $(RUNS) --write

bench: $(INSTALLED) ## measure Winnow against its peers, reduced, in 30 minutes at most (DATA=FOLDER: on the public data sets)
	@$(BIN)/python -m benchmarks.performance --minutes 30 --row-minutes 10 $(if $(DATA),--data $(DATA))

bench-full: $(INSTALLED) ## the same in full sizes, into docs/PERFORMANCE.md; goes on where it was stopped
	@$(BIN)/python -m benchmarks.performance --size full --write $(if $(DATA),--data $(DATA))

lint: $(INSTALLED) ## check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --allow-untyped-defs --allow-incomplete-defs --allow-untyped-calls --allow-any-generics --no-warn-unused-ignores tests

format: $(INSTALLED) ## rewrite the code in its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

samples: $(INSTALLED) ## make the generated sample files anew from samples/source
	$(BIN)/python samples/build.py

tree: $(INSTALLED) ## write the tree of docs/ARCHITECTURE.md anew
	$(BIN)/python docs/tree.py

constraints: ## write down every installed version (after adding a dependency to pyproject.toml)
	$(BIN)/pip install -e '.[all]'
	$(BIN)/pip freeze --all --exclude pip --exclude-editable | sed 's/+cpu$$//' | LC_ALL=C sort -f > constraints.txt

clean: ## remove the environment, caches and the local servers' data
	rm -rf .venv .winnow build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
