# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""One key in one Region, as far as the task knows it: its state in KMS, the given key materials, and the plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from ...module_utils._errors import CloudKeysError
from ...module_utils._key.facts import KeyFacts
from ...module_utils._material.foreseen import NEW, foreseen, identified
from ...module_utils._material.match import Match, located, match_previous
from ...module_utils._material.plan import Plan, make_plan
from ...module_utils._material.rotation import foretell_question
from ...module_utils._messages import Applied, Seen, Step
from .._controller.conversations import Conversation
from .compare import compare
from .declaration import Declaration
from .given import Given, labeled, read_given
from .look import look
from .outcome import Outcome

__all__ = ("OneKey",)


@dataclass
class OneKey:
    """The knowledge about one key, which grows during the conversation.

    :ivar given: by the places of :class:`GivenMaterial`, like *matches*.
    :ivar proven: the key materials that KMS accepted in this run, by place; None for one without an ID.
    :ivar told: for check mode, those that KMS will identify in the primary key.
    :ivar refused: those that KMS found to be different in this run.
    :ivar token_replaced: whether KMS rejected an import token in this run, so that another one was downloaded.
    :ivar stage_refused: whether KMS already knew new key material, as it does after a response was lost.
    :ivar finished: its part is done, or has failed. It is only read from now on.
    """

    declaration: Declaration
    outcome: Outcome = field(default_factory=Outcome)
    last_seen: Seen | None = None
    given: tuple[Given, ...] = ()
    matches: tuple[Match, ...] = ()
    decided: Plan | None = None
    proven: dict[int, str | None] = field(default_factory=dict)
    told: frozenset[int] = frozenset()
    refused: set[tuple[int, str | None]] = field(default_factory=set)
    finished: bool = False
    token_replaced: bool = False
    stage_refused: bool = False

    @property
    def seen(self) -> Seen:
        if self.last_seen is None:
            raise CloudKeysError(f"{self.declaration.key} was not read. This is a bug in the collection. Report it.")
        return self.last_seen

    @property
    def named(self) -> Declaration:
        """The declaration with the ARN of the key that was read first. Its alias may be moved to another key in the
        meantime, and the knowledge about this key does not apply to that one.
        """
        return self.declaration if self.last_seen is None else replace(self.declaration, key=self.facts.arn)

    @property
    def facts(self) -> KeyFacts:
        return self.seen.facts

    @property
    def plan(self) -> Plan:
        if self.decided is None:
            raise CloudKeysError(
                f"{self.declaration.key}: no decision was made. This is a bug in the collection. Report it."
            )
        return self.decided

    @property
    def undecided(self) -> bool:
        """Whether it waits for an answer of KMS about another Region."""
        return not self.finished and self.decided is None

    @property
    def due(self) -> bool:
        """Whether there is a step to carry out, or a rotation to wait for."""
        return not self.finished and self.decided is not None and bool(self.plan.steps or self.plan.rotating)

    @property
    def due_before_rotation(self) -> bool:
        """Whether there are steps other than to rotate the key or to wait for the rotation."""
        return self.due and bool(self.plan.until_rotation().steps)

    @property
    def asks(self) -> bool:
        """Whether its imports let KMS identify a given key material, which then applies to every Region."""
        return (
            self.due
            and self.facts.symmetric
            and any(self.matches[step.place].verdict == "unknown" for step in self.plan.imports)
        )

    @property
    def restored(self) -> set[str]:
        """The key materials that the plan imports; none without a plan."""
        return set() if self.decided is None else {str(step.key_material_id) for step in self.decided.imports}

    def conclude(self) -> None:
        """Register that nothing is left to do or, in check mode, nothing is done."""
        if not self.finished and self.decided is not None:
            self.outcome.foresee(self.plan)

    def look(self) -> Conversation[None]:
        """:raises Refusal: the given key material cannot be for this key."""
        self.last_seen = yield from look(self.named, self.outcome, first=self.last_seen is None)
        self.given = self.given or read_given(self.declaration, self.facts)

    def match(self) -> Conversation[None]:
        """:raises Refusal: two key materials of the key have the same label."""
        own = yield from compare(self.given[0].sources, self.given[0].evidence, self.seen, self.declaration.region)
        wanted = labeled(self.declaration.wanted, self.given)
        self._know(
            (
                self._in_this_run(0, own),
                *(self._in_this_run(one.place, match_previous(self.facts, one)) for one in wanted.previous),
            )
        )

    def match_as(self, primary: OneKey) -> None:
        """Match like the primary key: a replica key of a symmetric key has the same key materials with the same IDs."""
        self._know(
            tuple(
                match
                if (found := self.facts.material(match.key_material_id)) is None or place
                else located(self.facts, found, match.by)
                for place, match in enumerate(primary.matches)
            )
        )

    def _know(self, matches: tuple[Match, ...]) -> None:
        staged = self.facts.staged_material
        if self.stage_refused and staged is not None and staged.key_material_id == matches[0].key_material_id:
            # The response to its own request was lost.
            self.stage_refused = False
            self.outcome.done.append("stage")
        self.matches = matches
        self.outcome.match, self.outcome.previous = matches[0], matches[1:]

    def _in_this_run(self, place: int, match: Match) -> Match:
        """Prefer KMS's answer from this run to a label, which KMS may not return yet."""
        if place in self.proven:
            found = self.facts.material(self.proven[place]) if self.facts.symmetric else None
            if found is not None and not place:
                return located(self.facts, found, "kms_import")
            return Match("same", "kms_import", key_material_id=self.proven[place])
        target = match.key_material_id or (None if place else self.facts.current_key_material_id)
        if match.verdict == "unknown" and (place, target) in self.refused:
            return Match("different", "kms_import", _found_different(target))
        return match

    def decide(self, *, without_own: bool = False) -> None:
        """:param without_own: whether the task's own key material is not for this key yet.
        :raises Refusal: a required import is impossible. Check mode also reports this.
        """
        declaration, outcome = self.declaration, self.outcome
        own = None if without_own else self.matches[0]
        wanted = replace(labeled(declaration.wanted, self.given), compared=tuple(self.proven), told=self.told)
        if self.stage_refused and wanted.material == "wrapped":
            # KMS knows it. An import determines whether it is the current one.
            wanted = replace(wanted, on_unknown_material="reimport")
        plan = self.decided = make_plan(self.facts, wanted, own, self.seen.now, self.matches[1:])
        outcome.decide(plan)
        if declaration.check_mode and own is not None:
            outcome.warn(foretell_question(self.facts, wanted, own, plan.steps))
        imports = [self.given[step.place].sources for step in plan.imports]
        for sources in imports:
            if sources.bundle is None:
                continue
            sources.bundle.refuse_expired(self.seen.now, timedelta(0), sources.origin, "Start again with an export.")
            if not sources.check_code_compared:
                outcome.warn(
                    f"{sources.origin} is imported without expected_check_code: anyone who could have replaced it"
                    " could choose the key material. Compare the check code with the person who created the bundle."
                )
        if any(given.sources.kind == "given" for given in self.given):
            # Checked even if nothing is due, because the next import would fail.
            declaration.wrapping_algorithm_for(self.facts)
        if any(sources.kind == "given" for sources in imports):
            from .._trust import check_provenance

            outcome.warn(check_provenance(self.seen.provenance, declaration.wrapping_key_trust))

    def learn(self, steps: tuple[Step, ...], applied: Applied) -> None:
        """Record the given key materials that KMS has accepted or rejected."""
        for step, imported in applied.taken(steps):
            self.proven[step.place] = imported.key_material_id
        failure = applied.failure
        if failure is not None and failure.code == "IncorrectKeyMaterialException" and applied.failed_step is not None:
            failed = steps[applied.failed_step]
            self.refused.add((failed.place, failed.key_material_id))

    def match_as_foreseen(self, primary: OneKey) -> None:
        """Match for check mode: KMS's answers to the primary key's imports also apply here, and KMS copies their
        descriptions, including the labels.
        """
        previous = labeled(primary.declaration.wanted, primary.given).previous
        steps = identified(primary.facts, previous, primary.plan.steps)
        after = foreseen(primary.facts, steps, primary.seen.now)
        copies = {one.key_material_id: one.description for one in after.materials or ()}
        materials = self.facts.materials and tuple(
            one._replace(description=copies.get(one.key_material_id, one.description)) for one in self.facts.materials
        )
        self.last_seen = self.seen._replace(facts=self.facts._replace(materials=materials))
        self.match_as(primary)
        asked = {step.place: step.key_material_id for step in steps if step.imports}
        self.told = frozenset(place for place in asked if primary.matches[place].verdict == "unknown")
        # The reported match is not predicted, because nothing has been compared yet.
        self.matches = tuple(
            Match("same", "kms_import", key_material_id=asked[place])
            if place in self.told and self.facts.material(asked[place])
            else match
            for place, match in enumerate(self.matches)
        )

    def foresee_staged(self, primary: OneKey) -> None:
        """Plan for check mode: the primary key gets new key material, so this replica key also gets it."""
        staged = next(step for step in primary.plan.steps if step.action == "stage")
        copied = staged._replace(action="import", import_type="EXISTING_KEY_MATERIAL", key_material_id=NEW)
        # The rotation itself belongs to the primary key.
        rotated = (Step("rotate", proof=True),) if primary.plan.rotating else ()
        self.decided = replace(self.plan, steps=(*self.plan.steps, copied, *rotated))


def _found_different(key_material_id: str | None) -> str:
    return f"KMS compared it with {key_material_id or 'those of the key'} and found that it is different"
