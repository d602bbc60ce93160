# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A minimum version is the same in all files that contain it, and this version is tested."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.cloudkeys.aws.plugins.module_utils._versions import (
    COLLECTION_NAME,
    COLLECTION_VERSION,
    MINIMUM_BOTOCORE_VERSION,
    MINIMUM_CRYPTOGRAPHY_VERSION,
)

COLLECTION = Path(__file__).resolve().parents[2]


def _versions(path: str, operator: str) -> dict[str, str]:
    """The packages of a requirements file, with their versions."""
    text = (COLLECTION / path).read_text("utf-8")
    return dict(re.findall(rf"^([a-z0-9-]+){re.escape(operator)}([0-9.]+)$", text, re.MULTILINE))


def _yaml(path: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((COLLECTION / path).read_text("utf-8"))
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


def test_the_execution_environment_for_awx_asks_for_the_same() -> None:
    dependencies = _yaml("docs/awx/execution-environment.yml")["dependencies"]
    promised = [f"{name}>={version}" for name, version in _versions("meta/ee-requirements.txt", ">=").items()]
    assert dependencies["python"] == promised
    assert dependencies["ansible_core"]["package_pip"] == f"ansible-core{_yaml('meta/runtime.yml')['requires_ansible']}"
    tested = re.findall(
        r"^ansible-runner(>=[0-9.]+),", (COLLECTION / "dev/requirements/tests.txt").read_text("utf-8"), re.MULTILINE
    )
    assert [dependencies["ansible_runner"]["package_pip"]] == [f"ansible-runner{minimum}" for minimum in tested]


def test_what_awx_installs_is_what_galaxy_yml_asks_for() -> None:
    galaxy = _yaml("galaxy.yml")
    wanted = [
        {"name": "amazon.aws", "version": galaxy["dependencies"]["amazon.aws"]},
        {"name": COLLECTION_NAME, "version": f">={COLLECTION_VERSION}"},
    ]
    assert _yaml("docs/awx/execution-environment.yml")["dependencies"]["galaxy"] == {"collections": wanted}
    assert _yaml("docs/awx/project/collections/requirements.yml") == {"collections": wanted}


@pytest.mark.parametrize("path", ["execution-environment.yml", "project/collections/requirements.yml"])
def test_the_ways_without_galaxy_name_this_version(path: str) -> None:
    text = (COLLECTION / "docs" / "awx" / path).read_text("utf-8")
    by_tag = re.findall(r'^ +# +version: "([0-9.]+)"$', text, re.MULTILINE)
    by_file = re.findall(r"/download/([0-9.]+)/cloudkeys-aws-([0-9.]+)\.tar\.gz$", text, re.MULTILINE)
    assert (by_tag, by_file) == ([COLLECTION_VERSION], [(COLLECTION_VERSION, COLLECTION_VERSION)])
