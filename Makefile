# Everything needs only make and Python 3.11 or newer; the first target that runs makes .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test check format bench chromium

run: $(STAMP)
	@if [ -f .env ]; then exec $(BIN)/python -m bot run; else exec $(BIN)/python -m sandbox; fi

test: check chromium
	@rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest > .pytest.log 2>&1; status=$$?; \
	  $(BIN)/coverage combine -q; \
	  $(BIN)/coverage report || status=1; \
	  $(BIN)/coverage report --include='bot/core/*,bot/store/*,bot/gateway/*' --fail-under=100 || status=1; \
	  cat .pytest.log; exit $$status

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)
	$(BIN)/python -m bench

# The page's tests drive a Chromium; where none is found and none can be installed they say so.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
	  echo "No Chromium found or installable: the page's tests will be skipped."

$(STAMP): constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Easel needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r constraints.txt
	@touch $@
