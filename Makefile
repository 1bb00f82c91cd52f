# make demo    a payee's statement, from nothing but Python and make
# make test    the whole test suite          make check   what is not a test: style, types, layers
# make accept  take over changed output      make bench   how fast it is; bench-f: (f) alone
# make laws    the laws on many more plans           make conformance  other people's rows
# make parity  both engines on 20,000 generated plans and a million lines; runs that continue another on 500;
#              one row through a prepared plan on 3,000
# make lock    renew the locked versions     make clean   remove everything that was made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PLANS ?= 20000
LINES ?= 1000000
CONTINUED ?= 500
PREPARED ?= 3000
DEMO_PERIOD := 2026-03
DEMO_PAYEE := linden-systems
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check accept laws parity conformance bench lock clean

demo: $(VENV)/run.installed
	@$(BIN)/rulesengine run rules/partner_program --facts fixtures/partner_program \
	    --period $(DEMO_PERIOD) --out out/demo
	@echo
	@$(BIN)/rulesengine explain out/demo $(DEMO_PAYEE)
	@echo
	@echo "The run folder is out/demo: lines, statements (text, JSON, CSV, HTML), rejects, run.json."

test: $(VENV)/dev.installed
	$(BIN)/pytest -n auto --dist loadgroup

check: $(VENV)/dev.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

accept: $(VENV)/dev.installed
	$(BIN)/pytest --accept tests/cases tests/docs tests/cli tests/letter tests/gallery tests/vectors
	@git diff --stat -- tests README.md docs rulesengine/cli/new_project || true

laws: $(VENV)/dev.installed
	LAW_EXAMPLES=1000 $(BIN)/pytest -n auto tests/properties

parity: $(VENV)/dev.installed
	$(BIN)/python -m tests.parity.campaign $(PLANS) 0 $(LINES)
	$(BIN)/python -m tests.parity.since_folders $(CONTINUED)
	$(BIN)/python -m tests.parity.one_row $(PREPARED)
	ALL_CASES=1 $(BIN)/pytest -n auto --dist loadgroup tests/statements/test_by_sql.py tests/parity/test_on_spark.py

conformance: $(VENV)/dev.installed
	@$(BIN)/python -m tests.vectors.conformance

bench: $(VENV)/dev.installed
	$(BIN)/python -m benchmarks.run

bench-%: $(VENV)/dev.installed
	$(BIN)/python -m benchmarks.run $*

# Stamps: an install is repeated only when what it was made from has changed.
$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3 demo"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "$(PYTHON) cannot make environments; install its venv package (Debian: apt-get install python3-venv)"; exit 1; }
	@echo "Making the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run.installed: $(VENV)/made requirements/run.txt pyproject.toml
	@echo "Installing into $(VENV), once; this takes a minute"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.installed: $(VENV)/run.installed requirements/dev.txt
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

LOCK := build/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --build-deps-for editable \
    --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --upgrade

lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet pip-tools
	$(LOCK) -o requirements/run.txt pyproject.toml
	$(LOCK) --extra dev -o requirements/dev.txt pyproject.toml
	sed -i '1i # What the product needs to run and to be built. Locked by `make lock`; do not edit.' requirements/run.txt
	sed -i '1i # What the product needs, and what its tests and checks need. Locked by `make lock`; do not edit.' requirements/dev.txt

clean:
	rm -rf $(VENV) build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
