# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented IAM policies are sufficient and minimal: each of their actions is needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from support.declared_keys import ALIAS, declare, declare_in, import_into, policy
from support.documentation import policy_actions
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, fresh_client, result_of, run_one, visits
from support.materials import new_material

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.export import export
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.export_declaration import Export
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import Runtime, converse

KINDS = ("SYMMETRIC_DEFAULT", "HMAC_256", "RSA_2048", "ECC_NIST_P256")


def _life(kms: Any, emulator: Emulator, spec: str, *denied: str) -> list[tuple[bool, list[str], str]]:
    """A first import, nothing to do, another expiration: whether each failed, its actions, and its match."""
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    soon, later = ((emulator.now() + timedelta(days=days)).isoformat() for days in (10, 20))
    allowed = policy_actions() - set(denied)
    emulator.control.denied([name for name in kms.meta.service_model.operation_names if name not in allowed])
    results = [result_of(kms, key, material, valid_to=end, wrapping_key_spec="RSA_4096") for end in (soon, soon, later)]
    emulator.control.denied([])
    return [(bool(result.get("failed")), result["actions"], result["material_match"]) for result in results]


@pytest.mark.parametrize("spec", KINDS)
def test_it_is_sufficient(kms: Any, emulator: Emulator, spec: str) -> None:
    assert _life(kms, emulator, spec) == [
        (False, ["import"], "same"),
        (False, [], "same"),
        (False, ["reimport"], "same"),
    ]


@pytest.mark.parametrize("action", sorted(policy_actions()))
def test_it_is_minimal(kms: Any, emulator: Emulator, action: str) -> None:
    lost = [spec for spec in KINDS if _life(kms, emulator, spec, action) != _life(kms, emulator, spec)]
    assert lost, f"{action} is not needed"


@pytest.mark.parametrize(
    ("options", "action"),
    [
        ({"enabled": False}, "DisableKey"),
        ({"state": "absent"}, "DeleteImportedKeyMaterial"),
        ({"on_different_material": "rotate", **NEVER}, "RotateKeyOnDemand"),
    ],
)
def test_what_else_an_option_needs(kms: Any, emulator: Emulator, options: dict[str, Any], action: str) -> None:
    emulator.control.rotation(0.05)
    for more, failed in (([], True), ([action], False)):
        key, material = ExternalKey.create(kms), new_material("SYMMETRIC_DEFAULT")
        run_one(kms, key, material, valid_for="90d", renew_before="30d")
        allowed = policy_actions() | set(more)
        emulator.control.denied([name for name in kms.meta.service_model.operation_names if name not in allowed])
        given = new_material("SYMMETRIC_DEFAULT") if "on_different_material" in options else material
        result = result_of(kms, key, given, **options)
        emulator.control.denied([])
        assert bool(result.get("failed")) is failed
        assert failed is ("is denied" in result.get("msg", "") or f"kms:{action}" in result.get("msg", ""))


def _in_two_regions(client: Any, **options: Any) -> dict[str, Any]:
    regions = (client.meta.region_name, "eu-west-1")
    result = declare_in({region: fresh_client(client, region) for region in regions}, **options)
    assert result["failed"] is None, result["failed"]
    return result


def _life_of_a_key(client: Any, emulator: Emulator, *denied: str) -> list[str]:
    """What fails of everything the module does, under the documented policy without the actions *denied*."""
    allowed = policy_actions("kms_external_key") - set(denied)
    others = [name for name in client.meta.service_model.operation_names if name not in allowed]
    failed: list[str] = []

    def step(name: str, function: Callable[..., dict[str, Any]] = declare, **options: Any) -> dict[str, Any]:
        emulator.control.denied(others)
        try:
            return function(client, **options)
        except Exception as error:
            failed.append(f"{name}: {error}")
            return {}
        finally:
            emulator.control.denied([])

    made = step("create", tags={"a": "1"}, description="one", multi_region=True)
    if not made:
        return failed
    arn = made["kms_key"]["arn"]
    step("describe", description="two")
    step("tag", tags={"a": "2"})
    step("untag", tags={})
    step("policy", policy=policy(arn.split(":")[4], "kms:*"))
    step("the same policy", policy=policy(arn.split(":")[4], "kms:*"))
    import_into(client, arn)
    step("replicate", _in_two_regions)
    step("disable", enabled=False)
    client.disable_key(KeyId=arn)
    step("enable", enabled=True)
    client.create_alias(AliasName="alias/old", TargetKeyId=ExternalKey.create(client).id)
    client.create_alias(AliasName="alias/spare", TargetKeyId=arn)
    step("move", key_id=arn, alias="alias/old", move_alias=True, remove_aliases=("alias/spare",))
    step("end", _in_two_regions, state="absent")
    step("cancel", alias=ALIAS)
    return failed


def test_that_of_kms_external_key_is_sufficient(kms: Any, emulator: Emulator) -> None:
    assert _life_of_a_key(kms, emulator) == []


@pytest.mark.parametrize("action", sorted(policy_actions("kms_external_key")))
def test_that_of_kms_external_key_is_minimal(kms: Any, emulator: Emulator, action: str) -> None:
    assert _life_of_a_key(kms, emulator, action), f"{action} is not needed"


@pytest.mark.parametrize("lost", [None, *sorted(policy_actions("kms_import_parameters"))])
def test_that_of_kms_import_parameters_is_sufficient_and_minimal(
    kms: Any, emulator: Emulator, lost: str | None
) -> None:
    key = ExternalKey.create(kms)
    allowed = policy_actions("kms_import_parameters") - {lost}
    emulator.control.denied([name for name in kms.meta.service_model.operation_names if name not in allowed])
    (outcome,) = converse([export(Export(key.arn))], Runtime(visits(kms)))
    emulator.control.denied([])
    if lost is None:
        assert (outcome.failure, outcome.bundle is None) == (None, False)
    else:
        assert f"kms:{lost}" in str(outcome.failure)
