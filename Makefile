# Two commands for newcomers, `make demo` and `make test`; the rest is for CI and developers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint package examples check clean

demo: $(VENV)/.installed
	$(BIN)/python examples/demo.py

test: $(VENV)/.developing
	$(BIN)/pytest

lint: $(VENV)/.developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

package: $(VENV)/.developing
	$(BIN)/python .ci/check_package.py

examples: $(VENV)/.developing
	set -e; for script in examples/*.py; do echo "== $$script"; $(BIN)/python $$script > /dev/null; done

check: lint test package examples

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# torch first and alone: the pin must decide which build is taken
$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.developing: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
