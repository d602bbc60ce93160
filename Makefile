# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Each target installs its requirements inside this checkout. Python 3.11 or later, git, make, and PyPI are sufficient.
# ARGS is passed to the tool behind a target: make unit ARGS="-k expiration -x"

.DEFAULT_GOAL := help
PARTS := lint unit unit-oldest emulator awx-model acceptance-tests engine system system-cores sanity units integration build docs awx release third-parties
.PHONY: help demo test venv format bench soak acceptance clean $(PARTS)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## show the collection against the KMS emulator, step by step; ARGS=--short takes a minute
	@dev/python dev run python dev/demo $(ARGS)

test: ## run all parts, two at a time, and print a summary; CI runs this
	@dev/python dev test

venv: ## create or update .venv, and .collections with this collection and its dependencies
	@dev/python dev venv

lint: ## ruff, mypy, YAML, ansible-lint, prose, documentation, changelog, licenses, action groups
unit: ## tests of single functions and plugins
unit-oldest: ## the unit tests with the oldest ansible-core and libraries
emulator: ## the KMS emulator, through boto3
awx-model: ## the model of AWX, against recorded answers and through awx.awx
acceptance-tests: ## `make acceptance`, with the emulator in the role of AWS
engine: ## the code of actions and modules in one process, against the emulator
system: ## complete ansible-playbook processes, against the emulator
system-cores: ## the system tests for every ansible-core, on the newest and the oldest one
sanity: ## ansible-test sanity
units: ## the unit tests, as ansible-test runs them
integration: ## ansible-test integration, on the newest and the oldest ansible-core
build: ## build the artifact, check its content, install it, display its documentation, run Galaxy's importer
awx: ## the requirements of the execution environment, and the rulebook for Event-Driven Ansible
docs: ## build the website of the documentation
third-parties: ## the core scenarios against MiniStack and LocalStack, installed from PyPI
release: ## check that a release can be made; ARGS="--version X.Y.Z" prepares one. Publishes nothing
$(PARTS):
	@dev/python dev $@ $(ARGS)

format: ## format the Python files, and fix the findings that ruff can fix
	@dev/python dev run ruff check --fix-only $(ARGS)
	@dev/python dev run ruff format $(ARGS)

bench: ## measure the modules, against the emulator
	@dev/python dev run python benchmarks $(ARGS)

soak: ## many keys in one task while calls fail and the playbook is killed, against the emulator
	@dev/python dev run python tests/soak $(ARGS)

acceptance: ## the collection against a real AWS account, with your consent and at your cost
	@dev/python dev acceptance $(ARGS)

clean: ## remove everything that make has created
	@dev/python dev clean
