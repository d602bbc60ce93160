# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Whether KMS holds the given key material, by the best proof that the key spec offers."""

from __future__ import annotations

from ...module_utils._key.specs import KEY_SPECS
from ...module_utils._material.match import Match, match_label
from ...module_utils._messages import MacVerdict, Seen, VerifyMac
from .._controller.conversations import Conversation, ask
from .._cryptography.evidence import Evidence
from .._cryptography.key_material import same_public_key
from .sources import Sources

__all__ = ("compare",)


def compare(sources: Sources, evidence: Evidence, seen: Seen, region: str | None) -> Conversation[Match]:
    """:raises Refusal: two key materials of the key have the same label."""
    facts = seen.facts
    if evidence.nothing:
        if sources.kind == "wrapped":
            return Match.unknown("the key material was given encrypted and cannot be compared")
        return Match.unknown("no key material was given to compare with")
    if evidence.label is not None:
        return match_label(facts, evidence.label)
    if not facts.material_present:
        return Match.unknown("KMS currently holds no key material")
    if evidence.public_key is not None:
        return _compare_public_keys(evidence.public_key, seen)
    if evidence.mac is None or facts.key_state != "Enabled":
        return Match.unknown(f"KMS verifies MACs only with Enabled keys, and the key is {facts.key_state}")
    message, mac = evidence.mac
    algorithm = KEY_SPECS[facts.key_spec].mac_algorithm or ""
    answer = yield from ask(VerifyMac(facts.arn, region, message, mac, algorithm), MacVerdict)
    if answer.valid is None:
        return Match.unknown(answer.unread or "the MAC could not be verified")
    if answer.valid:
        return Match("same", "mac")
    return Match("different", "mac", "VerifyMac does not accept a MAC made with the given key material")


def _compare_public_keys(public_key: bytes, seen: Seen) -> Match:
    if seen.public_key is None:
        return Match.unknown(seen.public_key_unread or "the public key could not be read")
    if same_public_key(seen.public_key, public_key):
        return Match("same", "public_key")
    return Match(
        "different", "public_key", "GetPublicKey returns another public key than that of the given private key"
    )
