# What one types: make run, make demo, make test, make lint. Everything is made inside the checkout.
# Settings: make run PORT=8100 HOST=127.0.0.1 DATA=/srv/jemput-bola, or JEMPUTBOLA_* (.env.example).

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check
LOCKED := $(PIP) --require-hashes --only-binary :all: --requirement
# Node of the environment comes first; where there is none, the machine's is new enough.
NPM := cd app/web && PATH="$(CURDIR)/$(BIN):$$PATH" npm
WEB_SOURCES := $(shell find app/web -type d \( -name node_modules -o -name dist \) -prune -o -type f -print)

# Only what stands on the command line counts: shells and hosting platforms export HOST and PORT too.
ifeq ($(origin PORT),command line)
export JEMPUTBOLA_PORT := $(PORT)
endif
ifeq ($(origin HOST),command line)
export JEMPUTBOLA_HOST := $(HOST)
endif
ifeq ($(origin DATA),command line)
export JEMPUTBOLA_DATA_DIR := $(DATA)
endif

.PHONY: help run demo test lint lock clean
.DELETE_ON_ERROR:

help:
	@echo 'make run    set up, plan the demo regency, serve it   [PORT=8000] [HOST=127.0.0.1] [DATA=folder]'
	@echo 'make demo   the same without serving: plans, prints, ends'
	@echo 'make test   set up what the tests need and run all of them   [ARGS="-k name"]'
	@echo 'make lint   formatters, linters, types, import directions, locks'
	@echo 'make lock   make the lock files again   [ARGS=--upgrade]'
	@echo 'make clean  remove what make made; data stays'

# exec: Ctrl-C and a kill reach the server itself, and make has nothing to complain about.
run: .venv/run.stamp app/web/dist/index.html
	@exec $(BIN)/jemput-bola serve --with-demo

demo: .venv/run.stamp app/web/dist/index.html
	@exec $(BIN)/jemput-bola demo

test: .venv/dev.stamp app/web/dist/index.html
	@.ci/packages
	$(NPM) run check
	$(NPM) test
	$(BIN)/python -m pytest -n auto $(ARGS)

lint: .venv/dev.stamp app/web/node_modules/.package-lock.json
	$(BIN)/pre-commit run --all-files --show-diff-on-failure

lock: .venv/dev.stamp
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python requirements/lock.py $(ARGS)

clean:
	rm -rf .venv app/web/node_modules app/web/dist artifacts *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A stamp is written last: an interrupted or refused step runs again.
.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'jemput bola needs Python 3.11 or newer; "$(PYTHON)" is $(shell $(PYTHON) --version 2>&1 || true)' >&2; \
	  echo 'name another one: make $(MAKECMDGOALS) PYTHON=python3.11' >&2; exit 1; }
	@echo 'Making .venv ...'
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run.stamp: .venv/made.stamp requirements/run.lock pyproject.toml
	@echo 'Installing requirements/run.lock ...'
	@$(LOCKED) requirements/run.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@echo 'Compiling the planner ...'
	@$(BIN)/python -m routing.warm
	@touch $@

# The peers of the benchmarks come too: their adapters are tested like anything else.
.venv/dev.stamp: .venv/run.stamp requirements/dev.lock requirements/bench.lock
	@echo 'Installing requirements/dev.lock and requirements/bench.lock ...'
	@$(LOCKED) requirements/dev.lock
	@$(LOCKED) requirements/bench.lock
	@touch $@

.venv/node.stamp: .venv/made.stamp requirements/node.lock
	@major=$$(node --version 2>/dev/null | sed 's/^v//; s/\..*//'); \
	if [ "$${major:-0}" -lt 22 ] || ! command -v npm >/dev/null; then \
	  echo 'Installing requirements/node.lock ...'; $(LOCKED) requirements/node.lock; fi
	@touch $@

app/web/node_modules/.package-lock.json: app/web/package-lock.json .venv/node.stamp
	@echo 'Installing app/web/package-lock.json ...'
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

app/web/dist/index.html: app/web/node_modules/.package-lock.json $(WEB_SOURCES)
	@echo 'Building the web client ...'
	@$(NPM) run --silent build
	@touch $@
