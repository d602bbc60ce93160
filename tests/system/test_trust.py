# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target or endpoint with its own wrapping public key gets no key material, unless the user trusts it."""

from __future__ import annotations

from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material

from .playbooks import SYSTEM, Project, Task, material


@pytest.fixture
def task(project: Project, kms: Any) -> Task:
    key = ExternalKey.create(kms)
    source = project.write("k", new_material(SYMMETRIC))
    return material(key_id=key.arn, key_material_src=source, **NEVER)


def _trusting(task: Task) -> Task:
    options = task["cloudkeys.aws.kms_key_material"]
    return {**task, "cloudkeys.aws.kms_key_material": {**options, "wrapping_key_trust": "target"}}


def _imports(emulator: Emulator, task: Task) -> int:
    key = task["cloudkeys.aws.kms_key_material"]["key_id"]
    calls = emulator.control.calls()
    return len([call for call in calls if (call["operation"], call["key"]) == ("ImportKeyMaterial", key)])


@pytest.fixture
def elsewhere() -> dict[str, str]:
    return {"ANSIBLE_CONNECTION_PLUGINS": str(SYSTEM / "connection_plugins")}


@pytest.mark.every_core
def test_another_machine_gets_nothing(
    project: Project, emulator: Emulator, task: Task, elsewhere: dict[str, str]
) -> None:
    there = {**task, "vars": {"ansible_connection": "elsewhere"}}
    refused = project.run(there, variables=elsewhere).failed().only
    assert "connection elsewhere" in refused["msg"]
    assert "wrapping_key_trust: target" in refused["msg"]
    assert _imports(emulator, task) == 0
    project.run({**_trusting(task), "vars": {"ansible_connection": "elsewhere"}}, variables=elsewhere).ok()
    assert _imports(emulator, task) == 1
    assert project.run(there, variables=elsewhere).ok().changed == [False], "to look needs no trust"


def test_check_mode_foretells_the_refusal(project: Project, task: Task, elsewhere: dict[str, str]) -> None:
    there = {**task, "vars": {"ansible_connection": "elsewhere"}}
    assert "connection elsewhere" in project.run(there, variables=elsewhere, check=True).failed().only["msg"]
    trusting = {**_trusting(task), "vars": {"ansible_connection": "elsewhere"}}
    assert project.run(trusting, variables=elsewhere, check=True).ok().changed == [True]


@pytest.mark.parametrize("how", ["environment", "option"])
def test_an_endpoint_that_is_not_kms_gets_nothing(project: Project, emulator: Emulator, task: Task, how: str) -> None:
    """It gives a public key of its own, over a name that is not AWS's; here a proxy leads to the emulator."""
    url = "http://kms.example.test"
    through = {"HTTP_PROXY": emulator.url, "http_proxy": emulator.url, "NO_PROXY": "", "no_proxy": ""}
    if how == "environment":
        through["AWS_ENDPOINT_URL_KMS"] = url
    else:
        options = task["cloudkeys.aws.kms_key_material"]
        task = {**task, "cloudkeys.aws.kms_key_material": {**options, "endpoint_url": url}}
    refused = project.run(task, variables=through).failed().only
    assert url in refused["msg"]
    assert "Nothing was wrapped" in refused["msg"]
    assert _imports(emulator, task) == 0
    project.run(_trusting(task), variables=through).ok()
    assert _imports(emulator, task) == 1


@pytest.mark.parametrize("how", ["environment", "option"])
def test_the_loopback_address_of_a_proxy_is_not_this_machine(
    project: Project, emulator: Emulator, task: Task, how: str
) -> None:
    """Port 1 has no server. The proxy answers, as any host between it and this machine could."""
    through = {"AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1", "NO_PROXY": "", "no_proxy": ""}
    if how == "environment":
        proxy = emulator.url.replace("http://", "http://jane:secret-of-the-proxy@")
        through |= {"HTTP_PROXY": proxy, "http_proxy": proxy}
    else:
        options = task["cloudkeys.aws.kms_key_material"]
        proxied = {**options, "aws_config": {"proxies": {"http": emulator.url}}}
        task = {**task, "cloudkeys.aws.kms_key_material": proxied}
    run = project.run(task, variables=through).failed()
    assert f"http://127.0.0.1:1 over the proxy {emulator.url} is not https" in run.only["msg"]
    assert "secret-of-the-proxy" not in run.output
    assert _imports(emulator, task) == 0
    project.run(_trusting(task), variables=through).ok()
    assert _imports(emulator, task) == 1


@pytest.mark.every_core
def test_loopback_is_allowed_with_a_warning(project: Project, task: Task) -> None:
    output = project.run(task).ok().output
    assert "emulator" in output.replace("\n", " ")
