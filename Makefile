# Every target makes .venv and installs what it lacks first; a second run reuses all of it.
VENV := .venv
BIN := $(VENV)/bin
export MPLBACKEND ?= Agg
# Tests need no display; `make gui` takes the one that is there.
test bench screenshots: export QT_QPA_PLATFORM ?= offscreen

.PHONY: train gui test lint bench screenshots clean

train: $(VENV)/.installed
	$(BIN)/python -m fstmuse.train

gui: $(VENV)/.installed-gui
	$(BIN)/python -m gui $(CLIPS)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

bench: $(VENV)/.installed-test
	$(BIN)/python tests/benchmarks/run.py

# Of the window, into build/screenshots; those of the README are written anew. Shows the demo model: after `make train`.
screenshots: $(VENV)/.installed-gui
	$(BIN)/python tests/screenshots.py

clean:
	rm -rf $(VENV) build *.egg-info runs

$(VENV)/.installed: setup.cfg pyproject.toml .ci/venv
	.ci/venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-gui: $(VENV)/.installed .ci/qt
	.ci/qt $(BIN)/python window
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[gui]"
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed .ci/qt
	.ci/qt $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[test]"
	touch $@
