# `make help` lists the targets. Everything a target needs it sets up by itself, into .venv.
PYTHON ?= python3
PY := .venv/bin/python
PIP := .venv/bin/pip --disable-pip-version-check --quiet
STAGES := $(PY) -m stages
ARGS ?=
# Root installs Debian packages directly, others through sudo when that asks for no password.
APT := $(if $(filter 0,$(shell id -u)),apt-get,sudo -n apt-get)
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-train build-dataset review vqa train evaluate report sample test test-slow bench check clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: .setup/core .setup/tesseract ## install what building a dataset needs (.venv, tesseract)
setup-train: setup .setup/train .setup/wordnet ## also install what training, evaluation and tests need

build-dataset: setup build/sample/synthetic-pocket-guide.pdf ## build a dataset from manifests/sources.csv (at first: the built-in sample book)
	$(STAGES) build --report $(ARGS)

review: setup ## label uncertain pictures on a local web page
	$(STAGES) review $(ARGS)

vqa: setup ## regenerate questions, splits and the release; extraction is left alone
	$(STAGES) build --from label $(ARGS)

train: setup-train ## train on the release (default: a tiny demonstration model, on the CPU)
	$(STAGES) train $(ARGS)

evaluate: setup-train ## score the trained model on the test split
	$(STAGES) evaluate $(ARGS)

report: setup ## write build/report/index.html
	$(STAGES) report $(ARGS)

sample: setup build/sample/synthetic-pocket-guide.pdf ## typeset the built-in synthetic sample books

build/sample/synthetic-pocket-guide.pdf: .setup/core $(wildcard mmskin_build/sample/*.py mmskin_build/sample/*.yaml)
	$(STAGES) sample

test: setup-train ## run the checks and the tests
	$(MAKE) --no-print-directory check
	$(PY) -m pytest

test-slow: setup-train ## run all tests, the long proofs too
	$(PY) -m pytest --runslow

bench: setup ## pages per second and peak memory per stage; milliseconds per picture
	$(STAGES) bench $(ARGS)
	$(STAGES) bench-pictures

check: setup-train ## ruff, mypy --strict and the import contract
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

clean: ## delete the build folder
	rm -rf build

.setup/core: pyproject.toml configs/constraints.txt
	@echo "Installing mmskin-build and its Python packages into .venv ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; found `$(PYTHON) --version`. Try: make PYTHON=python3.11 ..."; exit 7; }
	@test -x $(PY) || $(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; echo "Installing the Debian package python3-venv ..."; $(APT) update -qq && $(APT) install -y -qq python3-venv && $(PYTHON) -m venv .venv; } || { echo "Could not make a virtual environment. Install it once with: sudo apt-get install python3-venv"; exit 7; }
	@$(PIP) install -c configs/constraints.txt -e .
	@mkdir -p .setup && touch $@

.setup/train: .setup/core
	@echo "Installing training and test packages (PyTorch and others) into .venv ..."
	@$(PIP) install -c configs/constraints.txt torch==2.13.0
	@$(PIP) install -c configs/constraints.txt -e '.[train,dev]'
	@touch $@

.setup/wordnet: # METEOR looks synonyms up in it; the other metrics do without
	@test -f /usr/share/wordnet/data.noun || { echo "Installing the Debian package wordnet-base (for METEOR) ..."; $(APT) update -qq && $(APT) install -y -qq wordnet-base; } || echo "wordnet-base could not be installed: METEOR will be left out. Later: sudo apt-get install wordnet-base"
	@mkdir -p .setup && touch $@

.setup/tesseract:
	@command -v tesseract >/dev/null || { echo "Installing the Debian package tesseract-ocr ..."; $(APT) update -qq && $(APT) install -y -qq tesseract-ocr; } || { echo "tesseract is missing. Install it once with: sudo apt-get install tesseract-ocr"; exit 7; }
	@mkdir -p .setup && touch $@
