# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof of identity for each type of key."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.specs import KEY_SPECS
from ansible_collections.cloudkeys.aws.plugins.module_utils._proof.scheme import KINDS, scheme_for


def facts(spec: str, usage: str, state: str = "Enabled") -> KeyFacts:
    return KeyFacts("id", "the ARN", "us-east-1", spec, usage, "EXTERNAL", state)


@pytest.mark.parametrize(
    ("spec", "usage"), [(one.name, usage) for one in KEY_SPECS.values() for usage in one.key_usages]
)
def test_every_key_that_takes_key_material_has_one(spec: str, usage: str) -> None:
    scheme = scheme_for(facts(spec, usage))
    kinds = dict(zip(("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"), KINDS, strict=True))
    assert scheme.kind == kinds[usage]
    assert (scheme.algorithm is None) == (usage == "KEY_AGREEMENT")


@pytest.mark.parametrize("state", ["Disabled", "PendingImport", "PendingDeletion"])
def test_a_key_that_cannot_be_used(state: str) -> None:
    with pytest.raises(Refusal, match=f"the ARN is {state}, but only an Enabled key can be used"):
        scheme_for(facts("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", state))


def test_a_key_spec_that_takes_no_key_material() -> None:
    with pytest.raises(Refusal, match="ML_DSA_44"):
        scheme_for(facts("ML_DSA_44", "SIGN_VERIFY"))
