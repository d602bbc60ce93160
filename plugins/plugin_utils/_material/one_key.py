# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""One key in one Region, as far as the task knows it: what KMS shows, what is given for it, and what follows."""

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
from .given import Given, labelled, read_given
from .look import look
from .outcome import Outcome

__all__ = ("OneKey",)


@dataclass
class OneKey:
    """It grows with the conversation.

    :ivar given: by the places of :class:`GivenMaterial`; and so the *matches*.
    :ivar proven: the key materials that KMS took in this run, by these places; None for one without an ID.
    :ivar told: for check mode, those of which KMS is to say in the primary key which ones they are.
    :ivar refused: those of which KMS said in this run that the given one is another.
    :ivar token_replaced: whether KMS refused an import token in this run, so that another one was downloaded.
    :ivar stage_refused: whether KMS said of new key material that it knows it, which is so when a reply was lost.
    :ivar finished: its part is done, or has failed: nothing more is asked of it but how it is.
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
            raise CloudKeysError(f"{self.declaration.key} was not looked at. That is a fault of the collection.")
        return self.last_seen

    @property
    def named(self) -> Declaration:
        """The declaration with the ARN of the key that was seen first. Its alias may go to another key meanwhile, and
        what is known of this one says nothing of that.
        """
        return self.declaration if self.last_seen is None else replace(self.declaration, key=self.facts.arn)

    @property
    def facts(self) -> KeyFacts:
        return self.seen.facts

    @property
    def plan(self) -> Plan:
        if self.decided is None:
            raise CloudKeysError(f"{self.declaration.key}: nothing was decided. That is a fault of the collection.")
        return self.decided

    @property
    def undecided(self) -> bool:
        """Whether it still waits for what KMS says elsewhere."""
        return not self.finished and self.decided is None

    @property
    def due(self) -> bool:
        """Whether something is to be done, or to be awaited."""
        return not self.finished and self.decided is not None and bool(self.plan.steps or self.plan.rotating)

    @property
    def due_before_rotation(self) -> bool:
        """Whether there is more to do than to rotate the key, or to await that."""
        return self.due and bool(self.plan.until_rotation().steps)

    @property
    def asks(self) -> bool:
        """Whether its imports let KMS say which key material a given one is, which holds in every Region."""
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
        """Nothing is left to do or, in check mode, nothing is done."""
        if not self.finished and self.decided is not None:
            self.outcome.foresee(self.plan)

    def look(self) -> Conversation[None]:
        """:raises Refusal: what is given cannot be for this key."""
        self.last_seen = yield from look(self.named, self.outcome, first=self.last_seen is None)
        self.given = self.given or read_given(self.declaration, self.facts)

    def match(self) -> Conversation[None]:
        """:raises Refusal: two key materials of the key carry one label."""
        own = yield from compare(self.given[0].sources, self.given[0].evidence, self.seen, self.declaration.region)
        wanted = labelled(self.declaration.wanted, self.given)
        self._know(
            (
                self._in_this_run(0, own),
                *(self._in_this_run(one.place, match_previous(self.facts, one)) for one in wanted.previous),
            )
        )

    def match_as(self, primary: OneKey) -> None:
        """A replica key of a symmetric key has the key materials of its primary key, by the same IDs."""
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
            # Its own reply was lost.
            self.stage_refused = False
            self.outcome.done.append("stage")
        self.matches = matches
        self.outcome.match, self.outcome.previous = matches[0], matches[1:]

    def _in_this_run(self, place: int, match: Match) -> Match:
        """What KMS said in this run counts more than a label, which it may not show yet."""
        if place in self.proven:
            found = self.facts.material(self.proven[place]) if self.facts.symmetric else None
            if found is not None and not place:
                return located(self.facts, found, "kms_import")
            return Match("same", "kms_import", key_material_id=self.proven[place])
        target = match.key_material_id or (None if place else self.facts.current_key_material_id)
        if match.verdict == "unknown" and (place, target) in self.refused:
            return Match("different", "kms_import", _told(target))
        return match

    def decide(self, *, without_own: bool = False) -> None:
        """:param without_own: the task's own key material is not for this key yet.
        :raises Refusal: what would be imported cannot be, which is said in check mode, too.
        """
        declaration, outcome = self.declaration, self.outcome
        own = None if without_own else self.matches[0]
        wanted = replace(labelled(declaration.wanted, self.given), compared=tuple(self.proven), told=self.told)
        if self.stage_refused and wanted.material == "wrapped":
            # KMS knows it. Whether it is the current one, an import tells.
            wanted = replace(wanted, on_unknown_material="reimport")
        plan = self.decided = make_plan(self.facts, wanted, own, self.seen.now, self.matches[1:])
        outcome.decide(plan)
        if declaration.check_mode and own is not None:
            outcome.warn(foretell_question(self.facts, wanted, own, plan.steps))
        imports = [self.given[step.place].sources for step in plan.imports]
        for sources in imports:
            if sources.bundle is None:
                continue
            sources.bundle.refuse_expired(self.seen.now, timedelta(0), sources.origin, "Begin again with an export.")
            if not sources.check_code_compared:
                outcome.warn(
                    f"{sources.origin} is imported without expected_check_code: anyone who could replace it chose the"
                    " key material. Compare the check code with the person who made the bundle."
                )
        if any(given.sources.kind == "given" for given in self.given):
            # Also when nothing is due: the next import would fail.
            declaration.wrapping_algorithm_for(self.facts)
        if any(sources.kind == "given" for sources in imports):
            from .._trust import check_provenance

            outcome.warn(check_provenance(self.seen.provenance, declaration.wrapping_key_trust))

    def learn(self, steps: tuple[Step, ...], applied: Applied) -> None:
        """What KMS has said of the given key materials by taking them, or by refusing one."""
        for step, imported in applied.taken(steps):
            self.proven[step.place] = imported.key_material_id
        failure = applied.failure
        if failure is not None and failure.code == "IncorrectKeyMaterialException" and applied.failed_step is not None:
            failed = steps[applied.failed_step]
            self.refused.add((failed.place, failed.key_material_id))

    def match_as_foreseen(self, primary: OneKey) -> None:
        """For check mode: what KMS says of the primary key's imports holds here, too; and it copies their descriptions,
        and so the labels.
        """
        previous = labelled(primary.declaration.wanted, primary.given).previous
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
        # What is shown as the match is not foretold: nothing has been compared yet.
        self.matches = tuple(
            Match("same", "kms_import", key_material_id=asked[place])
            if place in self.told and self.facts.material(asked[place])
            else match
            for place, match in enumerate(self.matches)
        )

    def foresee_staged(self, primary: OneKey) -> None:
        """For check mode: the primary key is to get new key material, and then so is this replica key."""
        staged = next(step for step in primary.plan.steps if step.action == "stage")
        copied = staged._replace(action="import", import_type="EXISTING_KEY_MATERIAL", key_material_id=NEW)
        # The rotation itself is the primary key's.
        rotated = (Step("rotate", proof=True),) if primary.plan.rotating else ()
        self.decided = replace(self.plan, steps=(*self.plan.steps, copied, *rotated))


def _told(key_material_id: str | None) -> str:
    return f"KMS compared it with {key_material_id or 'those of the key'}, and it is another"
