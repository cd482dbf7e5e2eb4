# Pledge: everything a person types. `make help` lists it.

PYTHON  ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
PY      := .venv/bin/python
INFRA   := var/infra
SERVICE ?= all
COMPOSE ?= docker compose
PHASES  ?= checks distributed e2e embedded asyncio openapi chaos
IN_INFRA = set -a; eval "$$($(PY) -m deploy.run.infra env --dir $(INFRA))"; set +a;

export PYTHONWARNINGS := ignore::DeprecationWarning
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help run infra infra-down up demo practice film pictures bench bench-peers keys chaos chaos-money migrate dead-letters redrive remap verify notarize \
        backup restore replay doctor compose-up compose-deploy compose-test \
        audit sbom test test-checks test-embedded test-distributed test-e2e test-openapi test-asyncio test-chaos settings texts lint fmt clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.run: requirements.txt
	@test -x $(PY) || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@echo "installing what the platform runs on"
	@$(PY) -m pip install -q -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.run
	@echo "installing what the tests need"
	@$(PY) -m pip install -q -r requirements-dev.txt
	@touch $@

run: .venv/.run  ## the whole platform in one process (SERVICE=orders: one service, on `make infra`)
ifeq ($(SERVICE),all)
	@PLEDGE_LOG_LEVEL=$${PLEDGE_LOG_LEVEL:-WARNING} PLEDGE_LOG_FORMAT=$${PLEDGE_LOG_FORMAT:-text} \
		$(PY) -m deploy.run.embedded
else
	@$(IN_INFRA) $(PY) -m deploy.run.prepare && PLEDGE_LOG_FORMAT=$${PLEDGE_LOG_FORMAT:-text} exec $(PY) -m services $(SERVICE)
endif

infra: .venv/.run  ## private RabbitMQ and PostgreSQL, data in var/infra; says what to do next
	@$(PY) -m deploy.run.infra up --dir $(INFRA)

infra-down: .venv/.run  ## stop both; the data stays
	@$(PY) -m deploy.run.infra down --dir $(INFRA)

up: .venv/.run  ## every service as a process of its own, on private RabbitMQ and PostgreSQL; Ctrl-C stops all
	@$(PY) -m deploy.run.up --dir $(INFRA)

demo: .venv/.run  ## one order's whole life, over HTTP, against the platform that runs
	@$(PY) -m deploy.demo

practice: .venv/.run  ## something to do for every role of the desk (docs/staff-guide.md), on the platform that runs
	@$(PY) -m deploy.demo.practice

film: .venv/.dev  ## the same as people see it, in two windows: pictures in docs/film
	@PLEDGE_FILM=docs/film PLEDGE_NO_PATCH=1 $(PY) -m pytest -q tests/e2e/test_film.py

pictures: .venv/.dev  ## take the pictures of docs/staff-guide.md anew, from the real pages; needs Chromium
	@$(PY) -m deploy.demo.pictures

bench: .venv/.run  ## what it costs, beside stock nameko (BENCH="--quick", "--growth 10000,100000" …; see deploy/lab/bench)
	@$(PY) -m deploy.lab.bench $(BENCH)

bench-peers: .venv/.run  ## the same story beside Vendure, from npm (BENCH="--clients 4 --turns 1"; see deploy/lab/bench/peers)
	@$(PY) -m deploy.lab.bench.peers $(BENCH)

keys: .venv/.dev  ## how soon each key of the desk shows, median and 95 % (KEYS="--rounds 5"); needs Chromium
	@$(PY) -m deploy.lab.keys $(KEYS)

chaos: .venv/.run  ## faults under load, and what must hold after them (CHAOS="--quick", "--seed 7" …; see deploy/lab/chaos)
	@$(PY) -m deploy.lab.chaos $(CHAOS)

chaos-money: .venv/.dev  ## orders killed between every two steps of a capture, refund and dispute; cents lost (CHAOS="--list", "--lives refund")
	@$(PY) -m deploy.lab.chaos.steps $(CHAOS)

migrate: .venv/.run  ## bring databases, queues and first data up to date on `make infra`
	@$(IN_INFRA) $(PY) -m deploy.run.prepare

dead-letters: .venv/.run  ## list the messages that were given up (FORM=infra: of `make infra`)
	@$(if $(FORM),$(IN_INFRA)) $(PY) -m deploy.operate dead-letters

redrive: .venv/.run  ## give them another chance (FORM=infra: of `make infra`)
	@$(if $(FORM),$(IN_INFRA)) $(PY) -m deploy.operate redrive

remap: .venv/.run  ## have read again what carriers sent, with what we know of their codes by now (CARRIER, FORM=infra)
	@$(if $(FORM),$(IN_INFRA)) $(PY) -m deploy.operate remap $(CARRIER)

verify: .venv/.run  ## check the journal's hash chains (FORM=infra: of `make infra`)
	@$(if $(FORM),$(IN_INFRA)) $(PY) -m deploy.operate verify

notarize: .venv/.run  ## sign the journals' ends, where no service can write (FORM=infra, PLEDGE_NOTARY_DIR)
	@$(if $(FORM),$(IN_INFRA)) $(PY) -m deploy.operate.notary

backup: .venv/.run  ## one file per service and a manifest (TO=folder, FORM=infra)
	@$(if $(FORM),$(IN_INFRA)) $(PY) -m deploy.operate.backup take $(if $(TO),--to $(TO))

restore: .venv/.run  ## go back to FROM=folder: all services, or SERVICE=logistics; stop them first (FORM=infra)
	@$(if $(FORM),$(IN_INFRA)) $(PY) -m deploy.operate.backup restore $(if $(FROM),--from $(FROM)) $(if $(filter-out all,$(SERVICE)),--service $(SERVICE))

replay: .venv/.run  ## have published again what a service missed SINCE=time, or since FROM=folder (SERVICE, FORM=infra)
	@$(if $(FORM),$(IN_INFRA)) $(PY) -m deploy.operate.backup replay $(if $(SINCE),--since $(SINCE)) $(if $(FROM),--from $(FROM)) \
		$(if $(filter-out all,$(SERVICE)),--service $(SERVICE))

doctor: .venv/.run  ## say what is wrong, and what to do about it (FORM=infra: with `make infra`)
	@$(if $(FORM),$(IN_INFRA)) $(PY) -m deploy.operate.doctor

compose-up: .venv/.run  ## the whole platform as containers, with secrets of their own (COMPOSE="docker-compose" for 1.29)
	@$(PY) -m deploy.compose.make_secrets
	@$(COMPOSE) up -d --build

compose-deploy: .venv/.run  ## SERVICE=orders: its new version beside the old one, then instead of it, without a pause
	@$(PY) -m deploy.compose.roll --build $(SERVICE)

compose-test: .venv/.run  ## containers for real: built, scaled, hurt, checked, taken down; needs Docker, or root to start it
	@$(PY) -m deploy.compose.test

audit: .venv/.dev  ## known holes in what we run, and whether what is installed is what was locked (AUDIT="--must-look")
	@$(PY) -m deploy.operate.audit $(AUDIT)

sbom: .venv/.dev  ## what the images run, as CycloneDX JSON, in deploy/operate/sbom.cdx.json
	@$(PY) -m deploy.operate.sbom

test: .venv/.dev  ## everything: checks, the suite on both forms, end to end, two minutes of faults (PHASES="… compose": containers too)
	@$(PY) -m deploy.checks $(PHASES)

test-checks test-embedded test-distributed test-e2e test-openapi test-asyncio test-chaos: test-%: .venv/.dev
	@$(PY) -m deploy.checks $*

settings: .venv/.dev  ## write what is derived: settings in README, .env.example, docker-compose.yml; broker's rights, front pages of services, docs/privacy.md, texts
	@$(PY) -m deploy.checks.configuration
	@$(PY) -m deploy.checks.broker_rights
	@$(PY) -m deploy.checks.front_pages
	@$(PY) -m deploy.checks.privacy_page
	@$(PY) -m deploy.checks.texts

texts: .venv/.dev  ## collect the texts for customers; LANGUAGE=de begins a new language (docs/recipes/language.md)
	@$(PY) -m deploy.checks.texts $(LANGUAGE)

lint: .venv/.dev  ## ruff, mypy
	@$(PY) -m deploy.checks checks

fmt: .venv/.dev  ## format the code
	@.venv/bin/ruff check --fix-only -q . && .venv/bin/ruff format .

clean: infra-down  ## stop what runs and remove everything that is not source
	@rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .hypothesis tests/openapi/node_modules
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
