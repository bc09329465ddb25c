# Every target makes .venv and installs what it lacks first; a second run reuses all of it.
VENV := .venv
BIN := $(VENV)/bin
export QT_QPA_PLATFORM ?= offscreen
export MPLBACKEND ?= Agg

.PHONY: train test lint bench clean

train: $(VENV)/.installed
	$(BIN)/python -m fstmuse.train

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest $(TESTS)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

bench: $(VENV)/.installed-test
	$(BIN)/python tests/benchmarks/run.py

clean:
	rm -rf $(VENV) build *.egg-info runs

$(VENV)/.installed: setup.cfg pyproject.toml .ci/venv
	.ci/venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[test]"
	touch $@
