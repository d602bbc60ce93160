# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The best available proof for each key spec, and the message if no proof exists."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import MacVerdict, Seen, VerifyMac
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.evidence import Evidence
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.compare import compare
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.sources import Sources

from ...module_utils.keys import IMPORTED, LABEL, NOW, OTHER_LABEL
from ..scripts import PROVENANCE, play

PLAINTEXT, CIPHERTEXT = Sources(content=b"x"), Sources(encrypted_key_material=b"x", import_token=b"y")
OTHER = {"current_key_material_id": None, "materials": None}
ECC = IMPORTED._replace(key_spec="ECC_NIST_P256", key_usage="SIGN_VERIFY", **OTHER)
HMAC = IMPORTED._replace(key_spec="HMAC_256", key_usage="GENERATE_VERIFY_MAC", **OTHER)
MAC = Evidence(mac=(b"message", b"mac"))


def public_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def matched(facts: KeyFacts, evidence: Evidence, *answers: Any, sources: Sources = PLAINTEXT, **seen: Any) -> Any:
    match, asked = play(compare(sources, evidence, Seen(facts, NOW, PROVENANCE, **seen), "eu-central-1"), *answers)
    assert len(asked) == len(answers)
    return match


@pytest.mark.parametrize(("label", "verdict"), [(LABEL, "same"), (OTHER_LABEL, "different")])
def test_a_label_tells_of_a_symmetric_key(label: str, verdict: str) -> None:
    match = matched(IMPORTED, Evidence(label=label))
    assert (match.verdict, match.by) == (verdict, "label")


@pytest.mark.parametrize("same", [True, False])
def test_public_keys_are_compared(same: bool) -> None:
    of_kms = public_key()
    match = matched(ECC, Evidence(public_key=of_kms if same else public_key()), public_key=of_kms)
    assert (match.verdict, match.by) == ("same" if same else "different", "public_key")


def test_a_public_key_that_cannot_be_read_is_no_difference() -> None:
    match = matched(ECC, Evidence(public_key=public_key()), public_key_unread="kms:GetPublicKey is denied")
    assert (match.verdict, match.reason) == ("unknown", "kms:GetPublicKey is denied")


@pytest.mark.parametrize(
    ("valid", "verdict", "by"), [(True, "same", "mac"), (False, "different", "mac"), (None, "unknown", "none")]
)
def test_kms_verifies_a_mac(valid: bool | None, verdict: str, by: str) -> None:
    match = matched(HMAC, MAC, MacVerdict(valid, "kms:VerifyMac is denied", PROVENANCE))
    assert (match.verdict, match.by) == (verdict, by)


def test_what_is_asked_for_a_mac() -> None:
    verdict = MacVerdict(True, None, PROVENANCE)
    _match, asked = play(compare(PLAINTEXT, MAC, Seen(HMAC, NOW, PROVENANCE), "eu-central-1"), verdict)
    assert asked == [VerifyMac(HMAC.arn, "eu-central-1", b"message", b"mac", "HMAC_SHA_256")]


@pytest.mark.parametrize(
    ("facts", "evidence", "sources", "reason"),
    [
        (HMAC._replace(key_state="Disabled"), MAC, PLAINTEXT, "the key is Disabled"),
        (
            HMAC._replace(key_state="PendingImport", expiration_model=None),
            MAC,
            PLAINTEXT,
            "currently holds no key material",
        ),
        (ECC, Evidence(), CIPHERTEXT, "given encrypted"),
        (ECC, Evidence(), Sources(), "no key material was given"),
    ],
)
def test_where_there_is_no_proof_it_says_why(
    facts: KeyFacts, evidence: Evidence, sources: Sources, reason: str
) -> None:
    match = matched(facts, evidence, sources=sources)
    assert match.verdict == "unknown"
    assert reason in match.reason
