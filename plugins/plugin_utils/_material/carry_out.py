# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What follows a decision: encrypting the key material, applying the plan, and checking what a bundle claims."""

from __future__ import annotations

import typing as t

from ...module_utils._errors import CloudKeysError
from ...module_utils._key.facts import KeyFacts
from ...module_utils._material.match import Match
from ...module_utils._material.plan import Plan
from ...module_utils._messages import Applied, Apply, Seen
from .._controller.conversations import Conversation
from .._cryptography.evidence import Evidence
from .._cryptography.key_material import KeyMaterial
from .apply import apply
from .compare import compare
from .declaration import Declaration
from .encrypt import Encrypted, encrypt
from .look import look
from .outcome import Outcome
from .sources import Sources

__all__ = ("carry_out",)

_STALE_TOKEN = ("ExpiredImportTokenException", "InvalidImportTokenException")


def carry_out(
    declaration: Declaration,
    outcome: Outcome,
    seen: Seen,
    material: KeyMaterial | None,
    evidence: Evidence,
    plan: Plan,
) -> Conversation[bool]:
    """:returns: False where the key has changed since it was looked at, and nothing was done."""
    bundle = declaration.sources.bundle
    # KMS verifies MACs only while the key is enabled.
    verify_first = bundle is not None and evidence.mac is not None
    first, rest = plan.split_after_import() if verify_first else (plan, None)
    encrypted = (yield from encrypt(declaration, outcome, seen, material)) if plan.import_step else Encrypted()
    applied = yield from _apply(declaration, outcome, seen.facts, first, encrypted)
    if applied.failure is not None and applied.failure.code in _STALE_TOKEN and material is not None:
        encrypted = yield from encrypt(declaration, outcome, seen._replace(parameters=None), material)
        applied = yield from _apply(declaration, outcome, applied.facts, first, encrypted)
    if applied.changed:
        return False
    if applied.failure is not None:
        outcome.failure = applied.failure
        _explain_refused_import(outcome, declaration.sources, material)
        return True
    if bundle is not None and plan.import_step is not None:
        yield from _verify_claims(declaration, outcome, evidence)
    if rest is not None and rest.steps:
        applied = yield from _apply(declaration, outcome, None, rest, Encrypted())
    if applied.failure is None:
        outcome.conclude(plan)
    else:
        outcome.failure = applied.failure
    return True


def _apply(
    declaration: Declaration, outcome: Outcome, seen: KeyFacts | None, plan: Plan, encrypted: Encrypted
) -> Conversation[Applied]:
    facts = t.cast(KeyFacts, outcome.facts)
    applied = yield from apply(
        Apply(
            facts.arn,
            declaration.region,
            seen,
            plan.steps,
            plan.after,
            wait=None,
            encrypted_key_material=encrypted.encrypted_key_material,
            import_token=encrypted.import_token,
        ),
        declaration.wait_timeout,
        outcome,
    )
    if outcome.imported is not None:
        outcome.imported.update(encrypted.summary)
    return applied


def _explain_refused_import(outcome: Outcome, sources: Sources, material: KeyMaterial | None) -> None:
    """KMS compared the bytes, and that is an answer to whether they match."""
    failure = outcome.failure
    if failure is None or failure.code != "IncorrectKeyMaterialException":
        return
    same = outcome.match.verdict == "same"
    if material is not None and outcome.match.by == "public_key" and same:
        outcome.failure = failure._replace(
            sentence=f"{failure.sentence} The public keys agree, so it is the same key in another encoding than the one"
            " that was imported first"
            + ("; it was re-encoded here, so give the PKCS#8 file that was used then." if material.reencoded else "."),
        )
        return
    if sources.bundle is not None and same:
        outcome.failure = failure._replace(
            sentence=f"{failure.sentence} {sources.origin} claims to hold the key material of this key, and its"
            " ciphertext holds other bytes: other key material, or another encoding of the same private key. Find out"
            " who made it.",
        )
    outcome.match = Match("different", "kms_import", "KMS compared the bytes with those imported before")


def _verify_claims(declaration: Declaration, outcome: Outcome, evidence: Evidence) -> Conversation[None]:
    """Asks KMS whether it now holds what the bundle says of itself: anyone can encrypt under a public key.

    :raises CloudKeysError: it holds something else. An HMAC key is then left Enabled, so that later runs can see it.
    """
    if not evidence.verifiable:
        return
    origin = declaration.sources.origin
    seen = yield from look(declaration, outcome)
    outcome.match = yield from compare(declaration.sources, evidence, seen, declaration.region)
    if outcome.match.verdict == "unknown":
        outcome.warn(
            f"{seen.facts.arn}: KMS imported the ciphertext of {origin}, and whether it holds what the bundle says"
            f" could not be verified: {outcome.match.reason}. Run again when it can, before the key is used."
        )
    elif outcome.match.verdict == "different":
        raise CloudKeysError(
            f"{seen.facts.arn}: KMS imported the ciphertext of {origin}, and it is not the key material that the bundle"
            f" says it is: {outcome.match.reason}. The bundle is forged or damaged. Do not use the key. Nothing was"
            " deleted: find out who made the bundle, then delete the key (kms_external_key with state: absent), because"
            " KMS never accepts other key material for it."
        )
