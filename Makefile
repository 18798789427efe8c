# Every command of the README and of .ci/run. `make` alone lists them.

PYTHON ?= python3
PORT ?= 8501
# Test processes run side by side: make test JOBS=8
JOBS ?= 2
# Pages run the tests of benchmarks, in boxes: make dashboard ALLOW_EXECUTION=1
ALLOW_EXECUTION ?=
# How long `make soak` lasts.
MINUTES ?= 30

MAKEFLAGS += --no-print-directory
# Where it is set, each command that a test starts compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE
PIP_INSTALL = -m pip install --disable-pip-version-check --no-input --progress-bar off
DEV = .venv/bin/python
DASHBOARD = .venv-dashboard/bin/python

.PHONY: help dashboard install chromium test test-full check mutate features screenshots notebooks lab docs perf soak constraints clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  PORT=8502 moves the dashboard, ALLOW_EXECUTION=1 lets its pages run tests, in boxes;"
	@echo "  PYTHON=python3.12 picks the interpreter of a new environment."

dashboard: .venv-dashboard/.installed  ## install what the dashboard needs, then open it on http://localhost:8501
	@$(DASHBOARD) -c 'import socket; socket.create_server(("localhost", $(PORT)))' 2>/dev/null || { \
		echo "Port $(PORT) is taken or cannot be used. Choose another: make dashboard PORT=8502" >&2; exit 1; }
	@echo "LintSeq explorer: http://localhost:$(PORT)   (Ctrl-C ends it)"
	@trap 'exit 0' INT TERM; $(if $(ALLOW_EXECUTION),LINTSEQ_DASHBOARD_EXECUTION=1) \
		$(DASHBOARD) -m streamlit run dashboard/streamlit_app.py \
		--server.address localhost --server.port $(PORT) --server.headless true \
		--server.fileWatcherType none --browser.gatherUsageStats false

install: .venv/.installed  ## build .venv with everything development needs

test: install chromium  ## run all tests but the long ones
	@$(DEV) -m pytest -q -n $(JOBS) --dist loadfile -m "not full and not timing"
	@$(DEV) -m pytest -q -m "timing and not full" || test $$? -eq 5

test-full: install chromium  ## run all tests, the long ones too (hours)
	@HYPOTHESIS_PROFILE=full \
		$(DEV) -m pytest -q -n $(JOBS) --dist loadfile -m "not timing" --timeout 0
	@$(DEV) -m pytest -q -m timing --timeout 0 || test $$? -eq 5

check: install  ## formatting, lint, types, import directions
	@$(DEV) -m ruff format --check
	@$(DEV) -m ruff check
	@$(DEV) -m mypy
	@PATH=.venv/bin:$$PATH lint-imports

adversarial: install  ## run the attacks on one backend: make adversarial BACKEND=podman
	@LINTSEQ_TEST_BACKEND=$(BACKEND) $(DEV) -m pytest -q --timeout 1800 tests/adversarial/execution/test_cases.py

mutate: install  ## switch off each mechanism of the box in turn: which attacks get through?
	@$(DEV) tests/adversarial/mutate.py

features: install chromium  ## run the explorer's tests and list what they show in docs/features.md
	@$(DEV) -m pytest -q -n $(JOBS) --dist loadfile -m "not full and not timing" \
		tests/dashboard tests/notebooks/test_lab_browser.py --features docs/features.md

screenshots: install chromium  ## renew assets/figures/ and take every page, three sizes, both themes: build/screenshots/
	@$(DEV) assets/make/figures.py

notebooks: install chromium  ## run all notebooks again and keep their outputs (NOTEBOOKS="01 06" for some)
	@$(DEV) notebooks/make.py $(NOTEBOOKS)

lab: install chromium  ## open JupyterLab on the notebooks
	@.venv/bin/jupyter lab --notebook-dir notebooks

# Every warning is an error: a link that leads nowhere, a page that no list leads to.
docs: install  ## make a book of docs/, the notebooks and the docstrings: build/docs/index.html
	@$(DEV) -m sphinx -q -W --keep-going -c docs -b html . build/docs
	@echo "The book: build/docs/index.html"

perf: install chromium  ## time the library against named peers (half an hour; PARTS="metrics explorer" for some)
	@$(DEV) perf/measure.py $(PARTS)

soak: install chromium  ## half an hour of mixed load, kills and resumes; the report: docs/reliability.md
	@$(DEV) -m tests.soak --minutes $(MINUTES) --write

# Debian's browser, for the tests that drive a real one. Never an error: without it they skip.
chromium:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
		|| command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests."; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
		|| echo "Chromium could not be installed: the browser tests will be skipped."; \
	else \
		echo "No Chromium found: the browser tests will be skipped (Debian: sudo apt install chromium)."; \
	fi

# The newest versions that fit together on Python 3.11 and later, torch held at 2.13.0.
# Commit the result after `make clean check test`.
constraints:  ## renew constraints.txt (needs the network)
	@$(call environment,.venv-constraints)
	@.venv-constraints/bin/python $(PIP_INSTALL) -q uv
	@{ sed -n '/^[^#]/q;p' constraints.txt; \
	   echo 'torch==2.13.0' | .venv-constraints/bin/uv pip compile -q --upgrade --universal \
		--python-version 3.11 --fork-strategy fewest --no-header --no-annotate \
		--extra dev --extra train --extra scale --extra wasm pyproject.toml -; } > .venv-constraints/new.txt
	@mv .venv-constraints/new.txt constraints.txt

clean:  ## remove the environments and caches that these commands made
	rm -rf .venv .venv-dashboard .venv-constraints build dist
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# A finished environment notes the folder it was made in: a copied checkout makes its own.
made_here = $(filter $(CURDIR),$(shell cat $(1)/.installed 2>/dev/null))
.PHONY: made-elsewhere

.venv/.installed: pyproject.toml constraints.txt $(if $(call made_here,.venv),,made-elsewhere)
	@$(call environment,.venv)
	@echo "Installing the development tools into .venv (two to four minutes the first time)."
	@$(call install_here,.venv,dev)
	@echo '$(CURDIR)' > $@

.venv-dashboard/.installed: pyproject.toml constraints.txt \
		$(if $(call made_here,.venv-dashboard),,made-elsewhere)
	@$(call environment,.venv-dashboard)
	@echo "Installing the dashboard into .venv-dashboard (about a minute the first time)."
	@$(call install_here,.venv-dashboard,dashboard)
	@echo '$(CURDIR)' > $@

# $(call environment,FOLDER): a virtual environment that works, or one line on what is missing.
define environment
if [ -z '$(call made_here,$(1))' ] || ! $(1)/bin/python -c 'import pip' 2>/dev/null; then \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "$(PYTHON) is not Python 3.11 or later ($$($(PYTHON) --version 2>&1 | head -n 1))." >&2; \
		echo "Name one that is, for example: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments." >&2; \
		echo "On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }; \
	$(PYTHON) -m venv --clear $(1) || exit 1; \
fi
endef

# $(call install_here,FOLDER,EXTRA): silent when it works; else the end of what pip said.
define install_here
$(1)/bin/python $(PIP_INSTALL) -c constraints.txt -e '.[$(2)]' >$(1)/install.log 2>&1 || { \
	tail -n 25 $(1)/install.log >&2; \
	echo "The installation failed; all of pip's words are in $(1)/install.log." >&2; exit 1; }
endef
