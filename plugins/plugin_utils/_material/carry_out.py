# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The steps after a decision: encrypt the key materials, apply the plan, and verify the claims of a bundle."""

from __future__ import annotations

import typing as t

from ...module_utils._errors import CloudKeysError
from ...module_utils._key.facts import KeyFacts
from ...module_utils._material.match import Match
from ...module_utils._material.plan import Plan
from ...module_utils._material.rotation import requires_comparison
from ...module_utils._messages import Applied, Apply, Step
from .._controller.conversations import Conversation
from .apply import apply
from .compare import compare
from .encrypt import Encrypted, encrypt
from .look import look
from .one_key import OneKey

__all__ = ("Progress", "carry_out", "rotate")

# The end of a plan: done as decided; moved, which means not begun because the key or the import token had changed; or
# failed. ``learned`` is a failure that answers a question: the key material is another one than the current one and
# must be staged.
Progress = t.Literal["done", "moved", "learned", "failed"]
_STALE_TOKEN = ("ExpiredImportTokenException", "InvalidImportTokenException")


def carry_out(key: OneKey) -> Conversation[Progress]:
    """Carry out all steps of this key's plan before a rotation."""
    plan = key.plan.until_rotation()
    if key.declaration.wanted.state == "absent":
        # The warnings about a deletion are still valid when the key is read again.
        for warning in plan.warnings:
            key.outcome.warn(warning)
    bundle, evidence = key.declaration.sources.bundle, key.given[0].evidence
    # KMS verifies MACs only while the key is enabled.
    verify_first = bundle is not None and evidence.mac is not None
    first, rest = plan.split_after_import() if verify_first else (plan, None)
    encrypted = yield from encrypt(key, plan)
    applied = yield from _apply(key, key.facts, first, encrypted)
    key.learn(first.steps, applied)
    if applied.changed:
        return "moved"
    if applied.failure is not None:
        return _failed(key, first, applied)
    if bundle is not None and plan.import_step is not None:
        yield from _verify_claims(key)
    if rest is not None and rest.steps:
        applied = yield from _apply(key, None, rest, Encrypted())
    key.outcome.failure = applied.failure
    return "done" if applied.failure is None else "failed"


def rotate(key: OneKey) -> Conversation[Progress]:
    """Call RotateKeyOnDemand. KMS's acceptance does not mean that the rotation is complete."""
    step = key.plan.rotate_step
    if step is None or step.proof:
        return "done"
    request = Apply(key.facts.arn, key.declaration.region, key.facts, (step,), {}, wait=None)
    applied = yield from apply(request, None, key.outcome)
    if applied.changed:
        return "moved"
    key.outcome.failure = applied.failure
    return "done" if applied.failure is None else "failed"


def _apply(key: OneKey, seen: KeyFacts | None, plan: Plan, encrypted: Encrypted) -> Conversation[Applied]:
    request = Apply(
        key.facts.arn,
        key.declaration.region,
        seen,
        plan.steps,
        plan.shown,
        wait=None,
        encrypted_key_materials=encrypted.encrypted_key_materials,
        import_tokens=encrypted.import_tokens,
    )
    return (yield from apply(request, key.declaration.wait_timeout, key.outcome, encrypted.summaries))


def _failed(key: OneKey, plan: Plan, applied: Applied) -> Progress:
    failure = applied.failure
    failed = plan.steps[applied.failed_step or 0 :]
    if failure is None or applied.failed_step is None or not failed or not failed[0].imports:
        key.outcome.failure = failure
        return "failed"
    step = failed[0]
    if failure.code in _STALE_TOKEN and key.given[step.place].material is not None and not key.token_replaced:
        key.token_replaced = True
        return "moved"
    if failure.code == "IncorrectKeyMaterialException":
        if step.action == "stage" and not key.stage_refused:
            key.stage_refused = True
            return "moved"
        if requires_comparison(key.facts, key.declaration.wanted, key.matches[0], step):
            return "learned"
        failure = failure._replace(sentence=f"{failure.sentence}{_why_refused(key, step)}")
        # KMS compared the bytes, which also determines whether they match.
        reason = "KMS compared the bytes with those imported before"
        key.outcome.compared(step.place, Match("different", "kms_import", reason, step.key_material_id))
    key.outcome.failure = failure
    return "failed"


def _why_refused(key: OneKey, step: Step) -> str:
    given, match = key.given[step.place], key.matches[step.place]
    if step.action == "stage":
        return (
            " It is an older key material of this key, and KMS never makes an older one the current one again. Give"
            " it in previous_key_materials."
        )
    if step.place:
        return f" previous_key_materials[{step.place - 1}] is not the key material that KMS had. Give the right copy."
    if match.verdict != "same":
        return ""
    if given.material is not None and match.by == "public_key":
        remedy = (
            "; it was re-encoded here, so give the PKCS#8 file from the first import."
            if given.material.reencoded
            else "."
        )
        return (
            " The public keys match, so it is the same key in another encoding than the one that was imported"
            f" first{remedy}"
        )
    if given.sources.bundle is None:
        return ""
    return (
        f" {given.sources.origin} claims to hold the key material of this key, but its ciphertext contains other"
        " bytes: other key material, or another encoding of the same private key. Find out who created it."
    )


def _verify_claims(key: OneKey) -> Conversation[None]:
    """Verify with KMS that the key now holds what the bundle claims: anyone can encrypt under a public key.

    :raises CloudKeysError: it holds something else. An HMAC key stays Enabled in this case, so that later runs can
        detect it.
    """
    evidence, outcome = key.given[0].evidence, key.outcome
    if not evidence.verifiable:
        return
    origin = key.declaration.sources.origin
    seen = yield from look(key.named, outcome)
    outcome.match = yield from compare(key.declaration.sources, evidence, seen, key.declaration.region)
    if outcome.match.verdict == "unknown":
        outcome.warn(
            f"{seen.facts.arn}: KMS imported the ciphertext of {origin}, but it could not be verified that it is the"
            f" key material that the bundle claims: {outcome.match.reason}. Run the task again when this is possible,"
            " before the key is used."
        )
    elif outcome.match.verdict == "different":
        raise CloudKeysError(
            f"{seen.facts.arn}: KMS imported the ciphertext of {origin}, but it is not the key material that the"
            f" bundle claims: {outcome.match.reason}. The bundle is forged or damaged. Nothing was deleted. Do not"
            " use the key. Find out who created the bundle, then delete the key (kms_external_key with state:"
            " absent), because KMS never accepts other key material for it."
        )
