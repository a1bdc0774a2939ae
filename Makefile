# Everything needs only make and Python 3.11 or newer; the first target that runs makes .venv.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
STAMP := .venv/.installed
MONEY := bot/core/*,bot/store/*,bot/gateway/*
# Two for each core: much of what the tests do is waiting.
WORKERS := $(shell expr $$(nproc 2>/dev/null || echo 2) \* 2)

.PHONY: run test check format bench storm chromium

run: $(STAMP)
	@if [ -f .env ]; then exec $(BIN)/python -m bot run; else exec $(BIN)/python -m sandbox; fi

# The tests' own closing line comes last, after the coverage they reached.
test: check chromium
	@rm -f .coverage .coverage.* .pytest.log
	@{ $(BIN)/python -m coverage run -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder; echo $$? > .pytest.status; } 2>&1 | tee .pytest.log
	@$(BIN)/python -m coverage combine -q
	@$(BIN)/python -m coverage report
	@$(BIN)/python -m coverage report --include='$(MONEY)' --fail-under=100
	@tail -n 1 .pytest.log; exit $$(cat .pytest.status)

check: $(STAMP)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

bench: $(STAMP)
	$(BIN)/python -m bench

# The proofs that take long; what each one is, tests/storm/README.md tells.
storm: $(STAMP)
	$(BIN)/python -m tests.storm simulate
	$(BIN)/python -m tests.storm differ
	$(BIN)/python -m tests.storm mutants
	@for proof in kills presses views connections pictures zones; do $(BIN)/python -m tests.storm.$$proof || exit 1; done

# The page's tests drive a Chromium; where none is found and none can be installed they say so.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
	  echo "No Chromium found or installable: the page's tests will be skipped."

$(STAMP): constraints.txt
	@[ -n "$(PYTHON)" ] || { echo "Easel needs Python 3.11 or newer."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r constraints.txt
	@touch $@
