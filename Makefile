# Each target makes its own virtual environment; needs Python 3.11 or newer, and make. Nothing else.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check bench fault-test kill-test mutants read-report migration requirements clean

run: .venv/run
	$(BIN)/python main.py serve --demo

test: .venv/test
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --ignore tests/benchmarks --ignore tests/journeys/test_lost_replies.py --ignore tests/faults/test_kill.py --ignore tests/faults/test_points.py --ignore tests/faults/test_zombies.py

# How quick things are, against a floor of plain work in the same run. By hand: other work on the machine shows in it.
bench: .venv/test
	$(BIN)/python -m pytest -p no:xdist -s tests/benchmarks

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

# Some ten minutes: killed at every named point and 200 times at random, stopped, without a carrier for a day, and
# thousands of steps against a model.
fault-test: .venv/test
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 tests/journeys/test_lost_replies.py tests/faults/test_kill.py tests/faults/test_points.py tests/faults/test_zombies.py
	$(BIN)/python -m tests.faults.outage --texts 2000
	$(BIN)/python -m tests.faults.kill --kills 200
	$(BIN)/python -m tests.faults.stop --stops 10
	$(BIN)/python -m pytest tests/flow/test_sending_machine.py --hypothesis-profile long --hypothesis-seed 1

# By hand: half an hour, and a quarter of one.
kill-test: .venv/test
	$(BIN)/python -m tests.faults.outage --texts 20000
	$(BIN)/python -m tests.faults.kill --kills 1000 --seed 1000

mutants: .venv/test
	$(BIN)/python -m tests.faults.mutants

# How well replies are read, with confidence intervals. The second reader is trained by tests/readers/train.py.
read-report: .venv/test
	$(BIN)/python -m tests.readers.report

.venv/run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make run PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/test: .venv/run tests/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $@

# A new migration from what the tables say: make migration NAME="remember when a case was held"
migration: .venv/test
	$(BIN)/python -m tests.make_migration "$(NAME)"

# The exact versions, from the ranges in pyproject.toml. Needs uv on the PATH.
requirements:
	uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet -o requirements.txt
	uv pip compile pyproject.toml --extra test -c requirements.txt --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet -o tests/requirements.txt

clean:
	rm -rf .venv
