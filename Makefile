PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
LOCK := uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate --quiet

.PHONY: demo run test check lint bench faults lock messages
.SILENT:

# Run the site and its services on this machine. PORT is 8000 and DEMO_DIR is .demo by default.
demo: $(INSTALLED)
	exec $(BIN)/python -m nenconnect.demo

# Run the same with DEBUG on; site and worker reload when code changes.
run: $(INSTALLED)
	exec $(BIN)/python -m nenconnect.demo.development

# Run all tests: unit, database, worker, mail, browser. To run some: make test T=tests/requests
test: $(INSTALLED)
	$(BIN)/python -m nenconnect.translations compile
	$(BIN)/python -m pytest $(if $(T),$(T),-n 2 --dist loadfile)

# Run the checks that need no database; takes seconds once mypy has its cache.
check: $(INSTALLED)
	.ci/check

lint: $(INSTALLED)
	$(BIN)/python -m nenconnect.demo.with_services .ci/lint

bench: $(INSTALLED)
	$(BIN)/python -m nenconnect.demo.with_services $(BIN)/python -m bench

# Send 10,000 mails while workers, Redis, Postgres and the mail server are killed; takes 5 to 10 minutes.
faults: $(INSTALLED)
	$(BIN)/python -m bench.faults

# Update the texts in locale/ from the code. Then translate the texts that are new.
messages: $(INSTALLED)
	$(BIN)/python -m nenconnect.translations update
	$(BIN)/python -m nenconnect.translations compile

# Write the exact versions and hashes of all packages in pyproject.toml; needs uv. To upgrade: LOCK_WITH=--upgrade
lock:
	command -v uv >/dev/null || { echo "make lock needs uv: pip install uv." >&2; exit 1; }
	$(LOCK) $(LOCK_WITH) --extra demo --extra dev --extra bench --output-file requirements.lock
	$(LOCK) $(LOCK_WITH) --constraint requirements.lock --output-file requirements-web.lock

# The last step marks the installation as complete: after an interruption the next make starts it again.
$(INSTALLED): requirements.lock
	command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) found: install Python 3.11 or newer, or name one: make $(MAKECMDGOALS) PYTHON=python3.12." >&2; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old: NEN Connect needs Python 3.11 or newer. Name another one: make $(MAKECMDGOALS) PYTHON=python3.12." >&2; exit 1; }
	echo "Filling .venv (only the first time, and when requirements.lock changes) …"
	[ "$$($(BIN)/python -c 'import pip, sys; print(sys.version)' 2>&1)" = "$$($(PYTHON) -c 'import sys; print(sys.version)')" ] || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	touch $@
