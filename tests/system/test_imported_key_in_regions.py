# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role ``imported_key`` with replica keys: one run in KMS's order, with files of older key materials."""

from __future__ import annotations

from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, Run, call, changes

PLAYBOOK = "cloudkeys.aws.provision_key"
ALIAS = "alias/payments"
HOME, NEAR, FAR = "us-east-1", "eu-west-1", "us-west-2"
HAVE = ["Create or update the key and import its key material"]
PAYMENTS: dict[str, Any] = {
    "imported_key_alias": ALIAS,
    "imported_key_multi_region": True,
    "imported_key_replica_regions": [NEAR, FAR],
    "imported_key_description": "For payments",
    "imported_key_key_material_src": "payments.key",
    "imported_key_key_material_format": "raw",
    "imported_key_valid_for": "60d",
    "imported_key_renew_before": "20d",
}


@pytest.fixture(autouse=True)
def _payments(project: Project) -> None:
    (project.folder / "payments.key").write_bytes(new_material(SYMMETRIC))


def states(emulator: Emulator, account: str) -> dict[str, str]:
    clients = {region: emulator.client(region, account) for region in (HOME, NEAR, FAR)}
    return {region: client.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyState"] for region, client in clients.items()}


def provision(project: Project, wanted: dict[str, Any], *arguments: str) -> Run:
    return call(project, PLAYBOOK, wanted, *arguments)


@pytest.mark.every_core
def test_create_import_replicate(project: Project, emulator: Emulator, account: str) -> None:
    foretold = provision(project, PAYMENTS, "--check").ok()
    assert changes(foretold) == HAVE
    assert emulator.client(HOME, account).list_keys()["Keys"] == []
    first = provision(project, PAYMENTS).ok()
    assert changes(first) == HAVE
    assert set(states(emulator, account).values()) == {"Enabled"}
    again = provision(project, {**PAYMENTS, "imported_key_replicas": False}).ok()
    assert changes(again) == []
    kept = again.results[-1]["kms_keys"][0]
    assert kept["arn"] == emulator.client(HOME, account).describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"]
    assert (kept["changed"], kept["failed"], kept["msg"]) == (False, False, None)


def test_a_rotation_in_every_region_and_then_one_more_region(
    project: Project, emulator: Emulator, account: str
) -> None:
    """The files of the older and the new key material are in the same folder."""
    emulator.control.rotation(0.01)
    provision(project, PAYMENTS).ok()
    home = emulator.client(HOME, account)
    before = home.describe_key(KeyId=ALIAS)["KeyMetadata"]["CurrentKeyMaterialId"]
    (project.folder / "payments-2027.key").write_bytes(new_material(SYMMETRIC))
    this_year = {
        **PAYMENTS,
        "imported_key_key_material_src": "payments-2027.key",
        "imported_key_on_different_material": "rotate",
        "imported_key_previous_key_materials": [{"key_material_src": "payments.key", "key_material_format": "raw"}],
        "imported_key_rotation_timeout": 3600,
    }
    assert changes(provision(project, this_year).ok()) == HAVE
    assert home.describe_key(KeyId=ALIAS)["KeyMetadata"]["CurrentKeyMaterialId"] != before
    assert set(states(emulator, account).values()) == {"Enabled"}
    wider = {**this_year, "imported_key_replica_regions": [NEAR, FAR, "eu-north-1"]}
    assert changes(provision(project, wider).ok()) == HAVE
    north = emulator.client("eu-north-1", account).describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert north["KeyState"] == "Enabled"
    assert changes(provision(project, wider).ok()) == []


def test_a_region_that_fails_does_not_keep_the_key_material_from_being_renewed(
    project: Project, emulator: Emulator, account: str
) -> None:
    alone = {**PAYMENTS, "imported_key_replicas": False}
    provision(project, alone).ok()
    far = emulator.client(FAR, account)
    far.update_alias(AliasName=ALIAS, TargetKeyId=ExternalKey.create(far).id)
    longer = {**alone, "imported_key_valid_for": "90d", "imported_key_renew_before": "70d"}
    (kept,) = provision(project, longer).failed().results[-1]["kms_keys"]
    assert (kept["changed"], kept["actions"]) == (True, ["reimport"])
    assert [(entry["region"], bool(entry["failure"])) for entry in kept["replicas"]] == [(NEAR, False), (FAR, True)]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"imported_key_multi_region": False}, "replica_regions requires a multi-Region key"),
        (
            {"imported_key_previous_key_materials": [{"key_material_src": "a", "key_material": "c2VjcmV0"}]},
            "previous_key_materials[0]: key_material is a secret value",
        ),
    ],
    ids=["a single-Region key", "a secret value"],
)
def test_what_the_role_leaves_to_the_module_to_refuse(
    project: Project, kms: Any, wrong: dict[str, Any], told: str
) -> None:
    refused = provision(project, {**PAYMENTS, **wrong}).failed()
    assert told in refused.results[-1]["msg"]
    assert kms.list_keys()["Keys"] == []
