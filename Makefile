# make run     installs what is needed into .venv, runs the pipeline over seeds/, shows what it found
# make test    installs what the tests need, runs the whole suite
# make lint    style and types        make wheel    builds the wheel        make lock    pins every version anew

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock

.PHONY: run test lint wheel benchmark docs lock clean

run: .venv/.run
	$(BIN)/opclaims run
	$(BIN)/opclaims show

test: .venv/.test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: .venv/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

wheel: .venv/.lint
	rm -rf dist
	$(BIN)/python -m build --wheel --outdir dist .

benchmark: .venv/.test
	$(BIN)/python benchmarks/throughput.py

docs: .venv/.run
	$(BIN)/python -m pipeline.cli.reference > docs/cli.md

lock:
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/python -m pip install --quiet uv
	.venv/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --all-extras --upgrade \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Opclaims needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv .venv
	touch $@

.venv/.run: .venv/.python pyproject.toml requirements.lock
	$(PIP) --editable .
	touch $@

.venv/.test: .venv/.run
	$(PIP) --editable '.[train,test]'
	touch $@

.venv/.lint: .venv/.run
	$(PIP) --editable '.[lint]'
	touch $@
