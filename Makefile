# Each target makes and reuses .venv by itself. PYTHON chooses the interpreter a new one is made with.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# the other interpreters that the nightly job needs
PYTHONS ?= python3.12 python3.13
CONSTRAINTS := $(if $(wildcard constraints.txt),-c constraints.txt)
# or each worker, and each program that a test starts, compiles everything anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: verify test lint mutate mutants bench models canaries schedules kill-test pythons nightly clean

verify: $(VENV)/.run ## check the bundled core with every explorer; writes report.json and report.html
	$(BIN)/hedgecheck verify --json report.json --html report.html

test: $(VENV)/.dev ## the test suite
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/.dev ## style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

mutate: $(VENV)/.dev ## mutation score of each module of src/core, 90 % at least, and the survivors; writes mutation-report.json
	$(BIN)/hedgecheck mutate --at-least 90 --json mutation-report.json

mutants: $(VENV)/.dev ## mutants of the trade and of the gate, judged by exhaustive search; writes mutants-report.json
	$(BIN)/hedgecheck explore --mutants core.trade core.risk --json mutants-report.json

bench: $(VENV)/.dev ## every benchmark
	$(BIN)/python -m benchmarks

models: $(VENV)/.dev ## every execution of two trades, two faults of each kind and one crash; counts as pinned
	$(BIN)/python -m specs.models --large --check

canaries: $(VENV)/.dev ## how soon each planted defect is found, by fuzz and by Hypothesis
	$(BIN)/python -m tests.canary

schedules: $(VENV)/.dev ## broken bots: how soon their defects are found; correct ones: 10,000 executions each
	$(BIN)/python -m tests.schedules
	$(BIN)/python -m tests.schedules --correct 10000

kill-test: $(VENV)/.dev ## the real process killed at 500 random moments, on SQLite and on PostgreSQL; most of an hour
	$(BIN)/python -m tests.quality.kill --store sqlite --times 500
	$(BIN)/python -m tests.quality.kill --store postgresql --times 500

pythons: ## CPython's own asyncio tests, and ours, on the simulated loop of the other interpreters
	for python in $(PYTHONS); do \
		venv=.venv-$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])') && \
		$$python -m venv $$venv && $$venv/bin/python -m pip install -q $(CONSTRAINTS) -e '.[dev]' && \
		$$venv/bin/python -m pytest -n auto tests/schedules || exit 1; \
	done

nightly: $(VENV)/.dev ## what takes longer than a CI run
	HEDGECHECK_PROFILE=nightly $(BIN)/python -m pytest -n auto
	$(BIN)/python -m tests.canary
	$(MAKE) schedules
	$(MAKE) kill-test
	$(BIN)/hedgecheck fuzz --executions 5000000 --seed 0
	$(BIN)/python -m tests.quality.worst_case --steps 10000000
	$(MAKE) models
	$(MAKE) pythons
	$(BIN)/python -m specs.contracts --check
	$(MAKE) mutate
	$(MAKE) mutants

clean: ## everything that was made here
	rm -rf $(VENV) .venv-* mutants build dist report.json report.html mutation-report.json mutants-report.json .hypothesis .pytest_cache \
		.mypy_cache .ruff_cache .import_linter_cache .coverage src/*.egg-info

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q $(CONSTRAINTS) -e '.[prices]'
	touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q $(CONSTRAINTS) -e '.[dev]'
	touch $@ $(VENV)/.run
