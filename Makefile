# Two commands to know: `make demo` and `make test`. Everything lives in .venv; nothing is installed outside of it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help demo run test check docs format bench bench-peers fuzz torture lock clean
help:            ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.hub: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "CPFR Hub needs Python 3.11 or newer; try: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the hub into $(VENV) (once, about half a minute)"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.hub
	@echo "installing what the tests need into $(VENV) (once)"
	@$(PIP) --editable '.[dev,models,ray]'
	@touch $@

demo: $(VENV)/.hub   ## set up and run the main job on four example partners
	@$(BIN)/hub demo $(ARGS)

run: $(VENV)/.hub    ## a hub that stays up: gRPC + HTTP and one worker, supervised
	@$(BIN)/hub run $(ARGS)

# A test process that dies, or stands still for twenty minutes (it shows where), ends the run as a failure.
ENDS := --max-worker-restart 0 -o faulthandler_timeout=1200 -o faulthandler_exit_on_timeout=true
test: $(VENV)/.dev   ## the whole suite, the same random documents every time; ARGS go to pytest
	@PYTHONHASHSEED=0 $(BIN)/python -m pytest -n 2 --dist loadgroup $(ENDS) $(ARGS)

torture: $(VENV)/.dev ## kill the hub and PostgreSQL at every point and at random, ROUNDS (1) times; about 20 minutes
	@HUB_TORTURE=$(or $(ROUNDS),1) $(BIN)/python -m pytest tests/torture -s $(ARGS)

check: $(VENV)/.dev  ## style, types, layers, protos
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m hub.rpc.generate --check
	@$(BIN)/python -m hub.rpc.buf

docs: $(VENV)/.dev   ## write docs/api, and the code of the protos, from their comments
	@$(BIN)/python -m hub.rpc.generate

format: $(VENV)/.dev ## sort imports and mend what can be mended
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.dev  ## figures, each beside its limit
	@$(BIN)/python -m bench $(ARGS)

bench-peers: $(VENV)/.dev ## other readers of EDI beside ours, in one run
	@$(BIN)/python -m bench.peers $(ARGS)

fuzz: $(VENV)/.dev    ## whatever may come, for SECONDS (600) of CPU time, and CALLS (20000) to gRPC; what breaks is kept as a test
	@$(PIP) --editable '.[dev,models,fuzz]'
	@$(BIN)/python -m fuzz --seconds $(or $(SECONDS),600) $(ARGS)
	@HUB_FUZZ_CALLS=$(or $(CALLS),20000) $(BIN)/python -m pytest tests/rpc/test_fuzz.py

lock:            ## write constraints.txt anew (needs uv)
	@uv pip compile --universal --python-version 3.11 --all-extras --no-header --no-annotate --quiet --upgrade -o constraints.txt pyproject.toml

clean:           ## forget the environment and the caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
