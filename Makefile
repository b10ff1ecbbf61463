PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
LOCK := uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate --quiet

.PHONY: demo run test check lint bench faults lock messages
.SILENT:

# The site with all it needs, on this machine. PORT=8000 and DEMO_DIR=.demo unless given.
demo: $(INSTALLED)
	exec $(BIN)/python -m nenconnect.demo

# The same services and data, with a site and a worker that reload when code changes, and DEBUG on.
run: $(INSTALLED)
	exec $(BIN)/python -m nenconnect.demo.development

# Everything: unit, database, worker, mail, browser. Part of it: make test T=tests/requests
test: $(INSTALLED)
	$(BIN)/python -m nenconnect.translations compile
	$(BIN)/python -m pytest $(if $(T),$(T),-n 2 --dist loadfile)

# What needs no database: seconds, once mypy has its cache.
check: $(INSTALLED)
	.ci/check

lint: $(INSTALLED)
	$(BIN)/python -m nenconnect.demo.with_services .ci/lint

bench: $(INSTALLED)
	$(BIN)/python -m nenconnect.demo.with_services $(BIN)/python -m bench

# 10,000 mails while everything that can die does so; 5 to 10 minutes.
faults: $(INSTALLED)
	$(BIN)/python -m bench.faults

# Texts for translation: brings locale/ up to date with the code. Then fill in what came in empty.
messages: $(INSTALLED)
	$(BIN)/python -m nenconnect.translations update
	$(BIN)/python -m nenconnect.translations compile

# The exact versions of everything, with their hashes, out of pyproject.toml; needs uv. Add to it: LOCK_WITH=--upgrade
lock:
	command -v uv >/dev/null || { echo "make lock needs uv: pip install uv." >&2; exit 1; }
	$(LOCK) $(LOCK_WITH) --extra demo --extra dev --extra bench --output-file requirements.lock
	$(LOCK) $(LOCK_WITH) --constraint requirements.lock --output-file requirements-web.lock

# The last step says that all steps before it were done: cut off halfway, the next make does them again.
$(INSTALLED): requirements.lock
	command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) found: install Python 3.11 or newer, or name one: make $(MAKECMDGOALS) PYTHON=python3.12." >&2; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old: NEN Connect needs Python 3.11 or newer. Name another one: make $(MAKECMDGOALS) PYTHON=python3.12." >&2; exit 1; }
	echo "Filling .venv (only the first time, and when requirements.lock changes) …"
	[ "$$($(BIN)/python -c 'import pip, sys; print(sys.version)' 2>&1)" = "$$($(PYTHON) -c 'import sys; print(sys.version)')" ] || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	touch $@
