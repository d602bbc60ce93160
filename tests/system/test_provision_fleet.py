# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook provision_fleet: a list in its three forms, over several hosts, and one line that sums up each."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, Run, call, changes

PLAYBOOK = "cloudkeys.aws.provision_fleet"
HAVE = "Create or update the keys and import their key material"
REGIONS = ("us-east-1", "eu-west-1")
ALL = {"provision_fleet_valid_for": "90d", "provision_fleet_renew_before": "30d"}


def materials(project: Project, *specs: str) -> None:
    """Files in the folder ``lists``, by the names of the specs."""
    (project.folder / "lists").mkdir(exist_ok=True)
    for spec in specs:
        (project.folder / "lists" / f"{spec}.key").write_bytes(new_material(spec))


def provision(project: Project, hosts: dict[str, dict[str, Any]], *arguments: str, **variables: Any) -> Run:
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), "utf-8")
    return call(project, PLAYBOOK, variables, "-i", "inventory.yml", *arguments)


def summed_up(run: Run) -> list[str]:
    """The line of each host, up to the expiration."""
    lines = [
        task["result"]["msg"] for task in run.tasks if task["task"] == "Display the summary" and task["outcome"] == "ok"
    ]
    return [line.partition(" on ")[0] for line in lines]


@pytest.mark.every_core
def test_a_csv_file_in_two_regions(project: Project, emulator: Emulator, account: str) -> None:
    materials(project, SYMMETRIC, "HMAC_256")
    (project.folder / "lists" / "keys.csv").write_text(
        "alias;key_spec;key_material_src;key_material_format;tags.owner\n"
        f"payments;;{SYMMETRIC}.key;raw;treasury\n"
        "webhooks;HMAC_256;HMAC_256.key;raw;\n",
        "utf-8",
    )
    hosts = {region: {"cloudkeys_region": region} for region in REGIONS}
    clients = [emulator.client(region, account) for region in REGIONS]
    wanted = {**ALL, "provision_fleet_file": "lists/keys.csv", "provision_fleet_tags": {"made-by": "cloudkeys"}}
    foretold = provision(project, hosts, "--check", **wanted).ok()
    assert [kms.list_keys()["Keys"] for kms in clients] == [[], []]
    first = provision(project, hosts, **wanted).ok()
    assert changes(foretold) == changes(first) == [HAVE, HAVE]
    assert summed_up(first) == ["Keys: 2, changed: 2, failed: 0; the first key material expires"] * 2
    for kms in clients:
        described = [kms.describe_key(KeyId=f"alias/{name}")["KeyMetadata"] for name in ("payments", "webhooks")]
        assert [key["KeyState"] for key in described] == ["Enabled", "Enabled"]
        tags = kms.list_resource_tags(KeyId=described[0]["KeyId"])["Tags"]
        assert {tag["TagKey"]: tag["TagValue"] for tag in tags} == {"owner": "treasury", "made-by": "cloudkeys"}
    again = provision(project, hosts, **wanted).ok()
    assert changes(again) == []
    assert summed_up(again) == ["Keys: 2, changed: 0, failed: 0; the first key material expires"] * 2


def test_lists_in_variables_and_in_yaml(project: Project, emulator: Emulator, account: str) -> None:
    """The paths of one list are relative to the current folder, those of the other to its own."""
    materials(project, SYMMETRIC, "HMAC_256")
    payments = {"alias": "payments", "key_material_src": f"{SYMMETRIC}.key", "key_material_format": "raw"}
    hooks = {**payments, "alias": "webhooks", "key_spec": "HMAC_256", "key_material_src": "lists/HMAC_256.key"}
    gone = {**payments, "key_id": "alias/gone", "alias": None}
    (project.folder / "lists" / "keys.yml").write_text(yaml.safe_dump([payments, gone]), "utf-8")
    hosts: dict[str, dict[str, Any]] = {
        "file": {"cloudkeys_region": REGIONS[0], "provision_fleet_file": "lists/keys.yml"},
        "variable": {"cloudkeys_region": REGIONS[1], "provision_fleet_kms_keys": [hooks]},
    }
    run = provision(project, hosts, **ALL).failed()
    ends = "; the first key material expires"
    assert sorted(summed_up(run)) == [f"Keys: 1, changed: 1, failed: 0{ends}", f"Keys: 2, changed: 1, failed: 1{ends}"]
    for region, alias in zip(REGIONS, ("payments", "webhooks"), strict=True):
        shown = emulator.client(region, account).describe_key(KeyId=f"alias/{alias}")["KeyMetadata"]
        assert shown["KeyState"] == "Enabled"


def test_what_is_wrong_is_told_before_kms_is_asked(project: Project, emulator: Emulator) -> None:
    materials(project, SYMMETRIC)
    entry = {"alias": "payments", "key_material_src": f"lists/{SYMMETRIC}.key"}
    (project.folder / "keys.yml").write_text(yaml.safe_dump([entry, {**entry, "tag": "x"}]), "utf-8")
    (project.folder / "keys.csv").write_text("alias,key_material_src\npayments,lists/none.key\n", "utf-8")
    wrong: dict[str, dict[str, Any]] = {
        "keys.yml, line 5 (payments): The option tag does not exist": {"provision_fleet_file": "keys.yml"},
        "keys.csv, line 2 (payments): The file": {"provision_fleet_file": "keys.csv"},
        "kms_keys[0]: The entry names no key": {"provision_fleet_kms_keys": [{"description": "x"}]},
        "are mutually exclusive": {"provision_fleet_file": "keys.yml", "provision_fleet_kms_keys": [entry]},
        "The task names no keys": {},
        "Unknown variables: provision_fleet_renew.": {"provision_fleet_renew": "30d"},
        "max_failures is 'some'": {"provision_fleet_kms_keys": [entry], "provision_fleet_max_failures": "some"},
    }
    hosts = {f"host-{place}": variables for place, variables in enumerate(wrong.values())}
    before = len(emulator.control.calls())
    run = provision(project, hosts, provision_fleet_valid_for="90d", provision_fleet_renew_before="30d").failed()
    assert len(emulator.control.calls()) == before
    told = [task["result"]["msg"] for task in run.tasks if task["outcome"] == "failed"]
    assert len(told) == len(wrong)
    for sentence in wrong:
        assert [message for message in told if sentence in message], (sentence, *told)
    assert summed_up(run) == []
