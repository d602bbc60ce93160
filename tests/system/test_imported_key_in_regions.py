# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role ``imported_key`` with replica keys: KMS's order in one run, and older key materials by their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, Run, call, changes

PLAYBOOK = "cloudkeys.aws.provision_key"
ALIAS = "alias/payments"
HOME, NEAR, FAR = "us-east-1", "eu-west-1", "us-west-2"
VARIABLES = Path(__file__).resolve().parents[2] / "roles" / "imported_key" / "vars" / "main.yml"
HAVE_KEY, HAVE_REPLICAS, HAVE_MATERIAL = "Have the key", "Have the replica keys", "Have the key material in it"
HAVE_MATERIAL_FIRST = "Have the key material in the primary key, which KMS replicates only then"
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
#: The same without an import into the replica keys.
PRIMARY_ALONE = {**PAYMENTS, "imported_key_replicas": False}


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
    foretold = provision(project, PRIMARY_ALONE, "--check").ok()
    assert changes(foretold) == [HAVE_KEY]
    first = provision(project, PRIMARY_ALONE).ok()
    assert changes(first) == [HAVE_KEY, HAVE_MATERIAL_FIRST, HAVE_REPLICAS]
    assert "no replica key yet" not in first.output, "none is asked for before KMS can make it"
    assert states(emulator, account) == {HOME: "Enabled", NEAR: "PendingImport", FAR: "PendingImport"}
    again = provision(project, PRIMARY_ALONE).ok()
    assert changes(again) == []
    assert HAVE_MATERIAL_FIRST not in [task["task"] for task in again.tasks], "one import is enough"
    # What is declared is kept in every Region.
    described = provision(project, {**PRIMARY_ALONE, "imported_key_description": "For all payments"}).ok()
    assert changes(described) == [HAVE_KEY, HAVE_REPLICAS]
    shown = emulator.client(FAR, account).describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert shown["Description"] == "For all payments"


def test_the_key_material_is_in_every_region(project: Project, emulator: Emulator, account: str) -> None:
    first = provision(project, PAYMENTS).ok()
    assert changes(first) == [HAVE_KEY, HAVE_MATERIAL_FIRST, HAVE_REPLICAS, HAVE_MATERIAL]
    assert set(states(emulator, account).values()) == {"Enabled"}
    assert changes(provision(project, PAYMENTS).ok()) == []
    replica = emulator.client(NEAR, account)
    replica.delete_imported_key_material(KeyId=replica.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"])
    assert changes(provision(project, PAYMENTS, "--check").ok()) == [HAVE_MATERIAL]
    assert changes(provision(project, PAYMENTS).ok()) == [HAVE_MATERIAL]
    assert set(states(emulator, account).values()) == {"Enabled"}


def test_a_rotation_in_every_region_and_then_one_more_region(
    project: Project, emulator: Emulator, account: str
) -> None:
    """The older key material is a file of the folder, as the new one is."""
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
    assert changes(provision(project, this_year).ok()) == [HAVE_MATERIAL]
    assert home.describe_key(KeyId=ALIAS)["KeyMetadata"]["CurrentKeyMaterialId"] != before
    assert set(states(emulator, account).values()) == {"Enabled"}
    assert changes(provision(project, this_year).ok()) == []
    wider = {**this_year, "imported_key_replica_regions": [NEAR, FAR, "eu-north-1"]}
    assert changes(provision(project, wider).ok()) == [HAVE_REPLICAS, HAVE_MATERIAL]
    north = emulator.client("eu-north-1", account).describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert north["KeyState"] == "Enabled"
    assert changes(provision(project, wider).ok()) == []


def test_a_key_that_is_to_be_disabled_is_replicated_first(project: Project, emulator: Emulator, account: str) -> None:
    wanted = {**PRIMARY_ALONE, "imported_key_enabled": False}
    assert changes(provision(project, wanted).ok()) == [HAVE_KEY, HAVE_MATERIAL_FIRST, HAVE_REPLICAS, HAVE_MATERIAL]
    assert states(emulator, account)[HOME] == "Disabled"
    assert changes(provision(project, wanted).ok()) == []


def test_a_region_that_fails_does_not_keep_the_key_material_from_being_renewed(
    project: Project, emulator: Emulator, account: str
) -> None:
    provision(project, PRIMARY_ALONE).ok()
    far = emulator.client(FAR, account)
    far.update_alias(AliasName=ALIAS, TargetKeyId=ExternalKey.create(far).id)
    longer = {**PRIMARY_ALONE, "imported_key_valid_for": "90d", "imported_key_renew_before": "70d"}
    run = provision(project, longer).failed()
    assert changes(run) == [HAVE_MATERIAL]
    (replicas,) = [task["result"]["replicas"] for task in run.tasks if task["outcome"] == "failed"]
    assert [(entry["region"], bool(entry["failure"])) for entry in replicas] == [(NEAR, False), (FAR, True)]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"imported_key_multi_region": False}, "imported_key_replica_regions needs a multi-Region key"),
        (
            {"imported_key_previous_key_materials": [{"key_material_src": "a"}, {"key_material_source": "b"}]},
            "has no key_material_source in imported_key_previous_key_materials",
        ),
        *(
            (
                {"imported_key_previous_key_materials": [{"key_material_src": "a", name: "c2VjcmV0"}]},
                f"so no {name} in imported_key_previous_key_materials.",
            )
            for name in ("key_material", "key_material_passphrase", "encrypted_key_material", "wrapped_bundle")
        ),
    ],
)
def test_what_the_role_refuses(project: Project, kms: Any, wrong: dict[str, Any], told: str) -> None:
    refused = provision(project, {**PAYMENTS, **wrong}).failed()
    assert told in refused.results[-1]["msg"]
    assert kms.list_keys()["Keys"] == []


@pytest.mark.every_core
def test_files_of_older_key_materials_begin_in_the_folder(project: Project) -> None:
    """As the role hands them on, whatever else an entry has."""
    entries = [
        {"key_material_src": "2025.key", "valid_to": "2027-03-01T00:00:00Z"},
        {"key_material_src": "/vault/2026.pem", "key_material_passphrase_src": "deep/pass phrase's"},
        {"key_material_src": "~/2024.key", "key_material_id": "0" * 64, "key_material_format": "raw"},
    ]
    tasks = [
        {"ansible.builtin.include_vars": str(VARIABLES)},
        {"ansible.builtin.debug": {"var": "imported_key_previous"}},
    ]
    variables = {"imported_key_folder": "/srv/it's here", "imported_key_previous_key_materials": entries}
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
    shown = project.run_text(yaml.safe_dump([play])).ok().results[-1]["imported_key_previous"]
    expected = ["/srv/it's here/2025.key", "/vault/2026.pem", str(project.home / "2024.key")]
    assert [entry["key_material_src"] for entry in shown] == expected
    assert shown[1]["key_material_passphrase_src"] == "/srv/it's here/deep/pass phrase's"
    paths = ("key_material_src", "key_material_passphrase_src")
    for before, after in zip(entries, shown, strict=True):
        assert before.keys() == after.keys()
        assert {name: after[name] for name in before if name not in paths} == {
            name: value for name, value in before.items() if name not in paths
        }
