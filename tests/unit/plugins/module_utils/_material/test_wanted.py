# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declaration of key material in a task."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import WantedExpiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import GivenMaterial, Wanted


@pytest.mark.parametrize(
    ("material", "declared", "effective"),
    [
        ("given", None, "fail"),
        ("wrapped", None, "accept"),
        ("none", None, "accept"),
        ("given", "reimport", "reimport"),
        ("wrapped", "fail", "fail"),
    ],
)
def test_the_policy_for_unknown_key_material(material: str, declared: str | None, effective: str) -> None:
    """For plaintext, the match can always be determined. A ciphertext can be compared only by its own label."""
    wanted = Wanted(material=material, on_unknown_material=declared)
    assert wanted.unknown_material(wanted.own) == effective


@pytest.mark.parametrize("policy", ["stage", "rotate"])
@pytest.mark.parametrize(("material", "effective"), [("given", "reimport"), ("wrapped", "accept"), ("none", "accept")])
def test_a_task_with_a_use_for_the_answer_has_kms_asked(policy: str, material: str, effective: str) -> None:
    wanted = Wanted(material=material, on_different_material=policy)
    assert wanted.rotates
    assert wanted.unknown_material(wanted.own) == effective
    declared = Wanted(material=material, on_different_material=policy, on_unknown_material="fail")
    assert declared.unknown_material(declared.own) == "fail", "the declaration takes precedence"


@pytest.mark.parametrize("source", ["given", "wrapped"])
def test_which_of_them_an_older_one_is_only_kms_can_tell(source: str) -> None:
    older = GivenMaterial(1, source)
    assert Wanted().unknown_material(older) == "reimport"
    assert Wanted(on_unknown_material="accept").unknown_material(older) == "accept"


def test_the_tasks_own_key_material_is_at_place_0() -> None:
    expiration = WantedExpiration(valid_for=timedelta(90), renew_before=timedelta(30))
    wanted = Wanted(expiration=expiration, material="wrapped", description="payments", material_label="label")
    assert wanted.own == GivenMaterial(0, "wrapped", expiration, "label", "payments")
    assert wanted.own.name == "the given key material"
    assert GivenMaterial(2).name == "previous_key_materials[1]", "numbered as in the task"
