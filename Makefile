# Every target does its own set-up; the only thing asked of the machine is Python ≥ 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := $(if $(wildcard web/package.json),src/ridecode/api/web/index.html)
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/test/*' 2>/dev/null)

.PHONY: demo test lint bench soak web browser docs clean

demo: $(VENV)/.installed $(WEB)
	$(BIN)/ridecode demo

test: $(VENV)/.installed-dev $(WEB) browser lint
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations 15

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(if $(wildcard src/ridecode/rides/__init__.py),$(BIN)/lint-imports)

bench: $(VENV)/.installed-dev
	$(BIN)/ridecode bench

soak: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 -m soak --timeout 0

docs: $(VENV)/.installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "site/index.html"

web: $(WEB)

browser: $(if $(wildcard tools/browser.py),$(VENV)/.installed-dev)
	$(if $(wildcard tools/browser.py),$(BIN)/python tools/browser.py)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ridecode needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,docs]'
	@touch $@ $(VENV)/.installed

src/ridecode/api/web/index.html: $(WEB_SOURCES) tools/build_web.py | $(VENV)/bin/python
	$(BIN)/python tools/build_web.py
	@touch $@

clean:
	rm -rf $(VENV) site web/node_modules src/ridecode/api/web .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
