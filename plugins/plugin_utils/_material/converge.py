# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""One key on its way to what the task declares: look, decide, encrypt, apply; and again if the key moved meanwhile."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from datetime import timedelta

from ...module_utils._errors import CloudKeysError, Refusal
from ...module_utils._key.facts import KeyFacts
from ...module_utils._key.specs import KEY_SPECS
from ...module_utils._material.match import Match
from ...module_utils._material.plan import Plan, make_plan
from ...module_utils._messages import (
    Applied,
    Apply,
    Look,
    Seen,
    WhenParameters,
)
from .._controller.conversations import Conversation, ask, concluded
from .._cryptography.evidence import Evidence
from .._cryptography.key_material import KeyMaterial
from .._trust import check_provenance
from .apply import LONGEST_WAIT, apply
from .compare import compare
from .declaration import Declaration
from .encrypt import Encrypted, encrypt
from .outcome import Outcome
from .sources import Sources

__all__ = ("converge",)

# How often the key may change under the task's hands before it gives up.
ROUNDS = 4
_STALE_TOKEN = ("ExpiredImportTokenException", "InvalidImportTokenException")


def converge(declaration: Declaration) -> Conversation[Outcome]:
    """The conversation for one key. Its return value is the outcome; it raises nothing of its own."""
    outcome = Outcome()
    return (yield from concluded(_converge(declaration, outcome), outcome))


def _converge(declaration: Declaration, outcome: Outcome) -> Conversation[None]:
    for _round in range(ROUNDS):
        seen = yield from _look(declaration, outcome)
        material = _read_material(declaration, seen.facts)
        evidence = _evidence(declaration, seen.facts, material)
        outcome.match = yield from compare(declaration.sources, evidence, seen, declaration.region)
        plan = _decide(declaration, outcome, evidence, seen)
        if declaration.check_mode or not plan.steps:
            outcome.foresee(plan)
            return
        if (yield from _carry_out(declaration, outcome, seen, material, evidence, plan)):
            return
    raise CloudKeysError(
        f"{declaration.key} kept changing while the task looked at it, {ROUNDS} times: something else works on the key"
        " at the same time. Run again when it has ended."
    )


def _look(declaration: Declaration, outcome: Outcome) -> Conversation[Seen]:
    """Until the key is ready, which takes some moments after it was created, or the time is over."""
    timeout = declaration.wait_timeout or 0
    waited = 0
    while True:
        wait = min(LONGEST_WAIT, timeout - waited)
        request = Look(
            declaration.key,
            declaration.region,
            public_key=declaration.sources.kind == "given" or declaration.sources.bundle is not None,
            parameters=_when_parameters(declaration),
            expiration=declaration.wanted.expiration,
            wrapping_algorithm=declaration.wrapping_algorithm,
            wrapping_key_spec=declaration.wrapping_key_spec,
            wait=wait,
        )
        seen = yield from ask(request, Seen)
        outcome.facts = seen.facts
        waited += wait
        if seen.facts.key_state not in ("Creating", "Updating") or waited >= timeout:
            return seen


def _when_parameters(declaration: Declaration) -> WhenParameters:
    if declaration.check_mode or declaration.sources.kind != "given" or declaration.wanted.state == "absent":
        return "never"
    return "always" if declaration.wanted.force else "due"


def _read_material(declaration: Declaration, facts: KeyFacts) -> KeyMaterial | None:
    if facts.origin != "EXTERNAL" or facts.key_spec not in KEY_SPECS:
        return None  # The plan refuses such a key in words of its own.
    return declaration.sources.key_material(facts.key_spec, declaration.key_material_format, facts.region)


def _evidence(declaration: Declaration, facts: KeyFacts, material: KeyMaterial | None) -> Evidence:
    """:raises Refusal: the bundle is for another key, or for another kind of key."""
    sources = declaration.sources
    bundle = sources.bundle
    if bundle is not None and bundle.key_arn != facts.arn:
        raise Refusal(
            f"{sources.origin} is for the key {bundle.key_arn}, and {declaration.key} is {facts.arn}: KMS accepts an"
            " import token for one key in one Region. Give the bundle that was made for this key."
        )
    if bundle is not None and bundle.key_spec != facts.key_spec:
        raise Refusal(
            f"{sources.origin} says that {facts.arn} has the key spec {bundle.key_spec}, and it has {facts.key_spec}."
            " The bundle is forged or damaged. Find out who made it."
        )
    if material is not None:
        return Evidence.of_material(material, facts.key_id)
    if sources.encrypted_key_material is not None and facts.symmetric:
        return Evidence.of_ciphertext(sources.encrypted_key_material)
    return Evidence() if bundle is None else bundle.claims


def _decide(declaration: Declaration, outcome: Outcome, evidence: Evidence, seen: Seen) -> Plan:
    """:raises Refusal: what would be imported cannot be, which is said in check mode, too."""
    facts, sources = seen.facts, declaration.sources
    wanted = replace(declaration.wanted, material_label=evidence.label)
    plan = make_plan(facts, wanted, outcome.match, seen.now)
    outcome.warnings = list(plan.warnings)
    outcome.before = plan.before
    if sources.bundle is not None and plan.import_step is not None:
        sources.bundle.refuse_expired(seen.now, timedelta(0), sources.origin, "Begin again with an export.")
        if not sources.check_code_compared:
            outcome.warn(
                f"{sources.origin} is imported without expected_check_code: anyone who could replace it chose the key"
                " material. Compare the check code with the person who made the bundle."
            )
    if sources.kind == "given":
        # Also when nothing is due: the next import would fail.
        declaration.wrapping_algorithm_for(facts)
        if plan.import_step is not None:
            outcome.warn(check_provenance(seen.provenance, declaration.wrapping_key_trust))
    return plan


def _carry_out(
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
    seen = yield from _look(declaration, outcome)
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
