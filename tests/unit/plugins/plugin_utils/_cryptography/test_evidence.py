# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence that can be compared with the key material in KMS, for each type of key."""

from __future__ import annotations

import os

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.offline_wrapping import (
    from_ciphertext,
    wrap_offline,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.evidence import Evidence

from ..bundles import KEY, SPECS, material, parameters


def parts(evidence: Evidence) -> tuple[bool, bool, bool]:
    return evidence.label is not None, evidence.public_key is not None, evidence.mac is not None


KINDS = dict(zip(SPECS, [(True, False, False), (False, False, True), (False, True, False)], strict=True))


@pytest.mark.parametrize("key_spec", SPECS)
def test_of_key_material(key_spec: str) -> None:
    mine = material(key_spec)
    evidence = Evidence.of_material(mine, KEY)
    assert parts(evidence) == KINDS[key_spec]
    assert not evidence.nothing
    assert evidence.verifiable == (key_spec != "SYMMETRIC_DEFAULT")
    if evidence.mac is not None:
        message, mac = evidence.mac
        assert mac == mine.mac(message)
        assert Evidence.of_material(mine, KEY).mac != evidence.mac, "each message is different"


def test_the_label_is_of_the_material_and_the_key() -> None:
    mine = material("SYMMETRIC_DEFAULT")
    label = Evidence.of_material(mine, KEY).label
    assert label == Evidence.of_material(mine, KEY).label
    assert label != Evidence.of_material(mine, KEY.replace("1234", "4321")).label
    assert label != Evidence.of_material(material("SYMMETRIC_DEFAULT"), KEY).label


def test_of_a_ciphertext() -> None:
    ciphertext = os.urandom(256)
    evidence = Evidence.of_ciphertext(ciphertext)
    assert (parts(evidence), evidence.verifiable) == ((True, False, False), False)
    assert evidence == Evidence.of_ciphertext(ciphertext) != Evidence.of_ciphertext(os.urandom(256))


@pytest.mark.parametrize("key_spec", SPECS)
def test_of_what_a_bundle_claims(key_spec: str) -> None:
    """A bundle for a symmetric key contains no claims, and a ciphertext from another tool has no claims."""
    evidence = wrap_offline(parameters(key_spec), material(key_spec)).claims
    symmetric = key_spec == "SYMMETRIC_DEFAULT"
    assert parts(evidence) == (parts(Evidence()) if symmetric else KINDS[key_spec])
    asked = parameters(key_spec, wrapping_algorithm="RSAES_OAEP_SHA_256")
    assert from_ciphertext(asked, os.urandom(256), "It").claims.nothing
