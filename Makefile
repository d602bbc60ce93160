# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Each target sets up what it needs, inside this checkout. Python 3.11 or newer, git, make and PyPI are enough.
# ARGS goes to the tool behind a target: make unit ARGS="-k expiration -x"

.DEFAULT_GOAL := help
PARTS := lint unit unit-oldest emulator awx-model acceptance-tests engine system system-cores sanity units integration build docs awx
.PHONY: help demo test venv format bench soak acceptance clean $(PARTS)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## import key material into a key of the KMS emulator, and show it
	@dev/python dev run python dev/demo.py $(ARGS)

test: ## run every part, two at a time, and sum up; this is what CI runs
	@dev/python dev test

venv: ## make or update .venv, and .collections with those of others and this collection
	@dev/python dev venv

lint: ## ruff, mypy, YAML, ansible-lint, documentation, changelog, licences, action groups
unit: ## tests of single functions and plugins
unit-oldest: ## the same with the oldest ansible-core and libraries
emulator: ## the KMS emulator, through boto3
awx-model: ## the model of AWX, against recorded answers and through awx.awx
acceptance-tests: ## `make acceptance`, with the emulator in the role of AWS
engine: ## the code of actions and modules in one process, against the emulator
system: ## whole ansible-playbook processes against the emulator
system-cores: ## those of them that concern every ansible-core, on the newest and the oldest
sanity: ## ansible-test sanity
units: ## the unit tests, as ansible-test runs them
integration: ## ansible-test integration, on the newest and the oldest ansible-core
build: ## build the artifact, look into it, install it, read its documentation, have Galaxy's importer read it
awx: ## the execution environment, installed, and the rulebook for Event-Driven Ansible
docs: ## build the documentation's web site
$(PARTS):
	@dev/python dev $@ $(ARGS)

format: ## put the Python files into shape, and mend what ruff can mend
	@dev/python dev run ruff check --fix-only $(ARGS)
	@dev/python dev run ruff format $(ARGS)

bench: ## measure the modules, against the emulator
	@dev/python dev run python benchmarks $(ARGS)

soak: ## many keys in one task while calls fail and the playbook is killed, against the emulator
	@dev/python dev run python tests/soak $(ARGS)

acceptance: ## the collection against a real AWS account, with your consent and at your cost
	@dev/python dev acceptance $(ARGS)

clean: ## remove everything that make has made
	@dev/python dev clean
