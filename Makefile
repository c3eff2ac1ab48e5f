# make run    installs, prepares the data, serves the product and says where
# make test   installs and runs the tests
# make lint   checks style; make format mends it
# make try-installation   as root: boots a clean Debian and carries out docs/installation.md in it
# make audit  asks the advisory services about the packages, and says so where they do not answer
# make sbom   writes what the product is made of, as CycloneDX
# make lock   resolves the packages anew, within pyproject.toml
# Each may be run again at any time; what is done already is skipped.

PORT ?= 8000
HOST ?= 127.0.0.1
PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

.PHONY: run test lint format lock assets assets-tests install install-dev try-installation audit sbom
.DEFAULT_GOAL := run

run: install assets
	@$(BIN)/python -c 'import socket, sys; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("$(HOST)", $(PORT)))' 2>/dev/null \
	  || { echo "Port $(PORT) is taken. Choose another: make run PORT=8001"; exit 1; }
	@mkdir -p staticfiles
	@echo "== Preparing the database"
	@$(BIN)/python manage.py migrate --verbosity 0
	@echo "== Loading the published plans (manage.py seed)"
	@$(BIN)/python manage.py seed
	@echo "== Loading the demonstration (manage.py demo)"
	@$(BIN)/python manage.py demo
	@echo
	@echo "== Open http://$(subst 127.0.0.1,localhost,$(HOST)):$(PORT)/ and sign in as one of the above. Ctrl+C stops it."
	@exec $(BIN)/gunicorn send_tracker.wsgi --bind $(HOST):$(PORT) --workers 1 --threads 4 --no-control-socket --log-level warning

test: install-dev assets-tests
	@$(BIN)/python -m pytest -n 2 $(ARGS)

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --lint --quiet

format: install-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: install-dev
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml -o requirements/base.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --extra dev -c requirements/base.txt pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --group node -o requirements/node.txt

audit: install-dev
	@$(BIN)/python scripts/audit.py

sbom: install-dev
	@$(BIN)/python scripts/sbom.py

try-installation: install
	@$(BIN)/python scripts/try_installation.py $(ARGS)

install: $(MADE)/base
install-dev: $(MADE)/dev

assets: install
	@$(BIN)/python scripts/assets.py

assets-tests: install
	@$(BIN)/python scripts/assets.py --tests

$(MADE)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not that. Debian: apt-get install python3 python3-venv. Another one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv is missing. Debian and Ubuntu: apt-get install python3-venv. Then: make $(MAKECMDGOALS)"; exit 1; }
	@echo "== Making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(MADE) && touch $@

$(MADE)/base: requirements/base.txt | $(MADE)/venv
	@echo "== Installing the product's packages"
	@$(PIP) -r requirements/base.txt
	@touch $@

$(MADE)/dev: requirements/dev.txt $(MADE)/base
	@echo "== Installing what tests and checks need"
	@$(PIP) -r requirements/dev.txt
	@touch $@
