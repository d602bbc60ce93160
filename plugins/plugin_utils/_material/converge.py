# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""One key on its way to what the task declares: look, decide, encrypt, apply; and again if the key moved meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ...module_utils._errors import CloudKeysError, Refusal
from ...module_utils._key.facts import KeyFacts
from ...module_utils._key.specs import KEY_SPECS
from ...module_utils._material.plan import Plan, make_plan
from ...module_utils._messages import Seen
from .._controller.conversations import Conversation, concluded
from .._cryptography.evidence import Evidence
from .._cryptography.key_material import KeyMaterial
from .compare import compare
from .declaration import Declaration
from .look import look
from .outcome import Outcome

__all__ = ("converge",)

# How often the key may change under the task's hands before it gives up.
ROUNDS = 4


def converge(declaration: Declaration) -> Conversation[Outcome]:
    """The conversation for one key. Its return value is the outcome; it raises nothing of its own."""
    outcome = Outcome()
    return (yield from concluded(_converge(declaration, outcome), outcome))


def _converge(declaration: Declaration, outcome: Outcome) -> Conversation[None]:
    for _round in range(ROUNDS):
        seen = yield from look(declaration, outcome)
        material = _read_material(declaration, seen.facts)
        evidence = _evidence(declaration, seen.facts, material)
        outcome.match = yield from compare(declaration.sources, evidence, seen, declaration.region)
        plan = _decide(declaration, outcome, evidence, seen)
        if declaration.check_mode or not plan.steps:
            outcome.foresee(plan)
            return
        # Not above: what a task imports is compiled anew in every task, and most of them change nothing.
        from .carry_out import carry_out

        if (yield from carry_out(declaration, outcome, seen, material, evidence, plan)):
            return
    raise CloudKeysError(
        f"{declaration.key} kept changing while the task looked at it, {ROUNDS} times: something else works on the key"
        " at the same time. Run again when it has ended."
    )


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
            from .._trust import check_provenance

            outcome.warn(check_provenance(seen.provenance, declaration.wrapping_key_trust))
    return plan
