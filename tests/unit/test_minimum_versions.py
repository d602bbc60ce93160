# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A minimum that is written in several places is the same in all of them, and is the one that is tested."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from ansible_collections.cloudkeys.aws.plugins.module_utils._versions import (
    COLLECTION_NAME,
    COLLECTION_VERSION,
    MINIMUM_BOTOCORE_VERSION,
    MINIMUM_CRYPTOGRAPHY_VERSION,
)

COLLECTION = Path(__file__).resolve().parents[2]


def _versions(path: str, operator: str) -> dict[str, str]:
    """Package to version, out of a requirements file."""
    text = (COLLECTION / path).read_text("utf-8")
    return dict(re.findall(rf"^([a-z0-9-]+){re.escape(operator)}([0-9.]+)$", text, re.MULTILINE))


def _yaml(path: str) -> dict[str, str]:
    content: dict[str, str] = yaml.safe_load((COLLECTION / path).read_text("utf-8"))
    return content


def test_execution_environments_ask_for_what_is_tested() -> None:
    promised, tested = _versions("meta/ee-requirements.txt", ">="), _versions("dev/requirements/oldest.txt", "==")
    assert promised == tested
    assert promised["botocore"] == MINIMUM_BOTOCORE_VERSION
    assert promised["cryptography"] == MINIMUM_CRYPTOGRAPHY_VERSION


def test_the_oldest_ansible_core_is_tested() -> None:
    promised = _yaml("meta/runtime.yml")["requires_ansible"]
    tested = re.findall(r'"ansible-core==([0-9.]+)"', (COLLECTION / "dev" / "interpreters.py").read_text("utf-8"))
    assert [promised] == [f">={version}" for version in tested]


def test_the_collection_is_called_what_galaxy_yml_says() -> None:
    galaxy = _yaml("galaxy.yml")
    assert f"{galaxy['namespace']}.{galaxy['name']}" == COLLECTION_NAME
    assert galaxy["version"] == COLLECTION_VERSION
