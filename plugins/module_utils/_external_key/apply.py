# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""``kms_external_key`` on the target: find the key, make the decision, and carry it out."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._errors import CloudKeysError, Refusal
from .._key.facts import KeyFacts
from .._kms.client import Kms
from .._kms.errors import KmsError
from .._kms.identifiers import name_some
from .._kms.polling import poll
from .find import Finder
from .keys_without_alias import KeysWithoutAlias
from .plan import (
    PENDING_DELETION,
    Found,
    KeyPlan,
    KeyStep,
    WantedKey,
    foreseen,
    plan_absent,
    plan_new,
    plan_present,
)

__all__ = ("DeclaredKey", "declared_key")

# "typically less than a few seconds" (KMS developer guide, eventual consistency), with a margin for rare cases.
_CONSISTENT_AFTER = 15.0


@dataclass
class DeclaredKey:
    """One key and one task. After :meth:`present` or :meth:`absent`, even a failed one, it knows the outcome.

    :ivar wait_timeout: seconds to wait until KMS reports the new state; None not to wait.
    :ivar unnamed: the keys among which a key left incomplete by an earlier run is searched.
    :ivar expected: the ARN of the key if the task has found it before; None for any.
    :ivar done: the actions that were carried out, in order.
    :ivar first: the plan before anything was done.
    :ivar notes: warnings that no plan could predict.
    """

    kms: Kms
    wanted: WantedKey
    key_id: str | None
    check_mode: bool = False
    wait_timeout: float | None = 300
    unnamed: KeysWithoutAlias | None = None
    expected: str | None = None
    done: list[str] = field(default_factory=list)
    found: Found | None = None
    first: KeyPlan | None = None
    notes: list[str] = field(default_factory=list)
    _moved_from: str | None = None
    waiting: t.ClassVar[str | None] = None

    def __post_init__(self) -> None:
        unnamed = self.unnamed or KeysWithoutAlias(self.kms)
        self._finder = Finder(self.kms, self.wanted, self.key_id, self.wait_timeout or 0, unnamed)

    def present(self) -> None:
        """:raises CloudKeysError: with a sentence; :raises Refusal: the same, and nothing was done."""
        found = self._finder.find()
        if found is None and self.key_id is not None:
            raise Refusal(
                f"{self.key_id}: KMS found no such key in Region {self.kms.region} of this account. KMS chooses the"
                " IDs of new keys itself, so a key with this ID cannot be created. To create a key, set alias and"
                " omit key_id. To use an alias name, set alias."
            )
        unread: dict[str, str] = {}
        if found is None:
            found, unread = self._finder.unfinished()
        self._refuse_another(None if found is None else found.facts.arn)
        if found is None:
            self._create(unread)
        else:
            self._make_as_wanted(found)

    def absent(self) -> None:
        """:raises CloudKeysError: with a sentence; :raises Refusal: the same, and nothing was done."""
        self.found = found = self._finder.find()
        if found is None:
            return
        plan = self.first = plan_absent(self.wanted, found)
        if self.check_mode or not plan.steps:
            return
        arn = found.facts.arn
        self._carry_out(plan.steps, arn)
        # It does not matter which key the alias points to after this.
        self._wait(arn, _ended, alias=None)

    def _refuse_another(self, arn: str | None) -> None:
        """:raises Refusal: the name no longer refers to the expected key."""
        if self.expected not in (None, arn):
            raise Refusal(
                f"{self.wanted.alias or self.key_id} pointed to {self.expected} when this task first read it, but now"
                f" points to {arn or 'no key'}: another user is changing it at the same time. Nothing was changed. Find"
                " out who moved or deleted it (UpdateAlias or DeleteAlias in CloudTrail), then run the task again."
            )

    def _create(self, unread: t.Mapping[str, str]) -> None:
        plan = self.first = plan_new(self.wanted)
        alias = str(self.wanted.alias)
        if unread:
            self.notes.append(_of_unread_tags(alias, unread))
        if self.check_mode:
            return
        create, *rest = plan.steps
        try:
            metadata = self.kms.create_key(alias, **create.parameters)
            self.found = Found(KeyFacts.from_kms(metadata), metadata.get("Description", ""), alias_is_there=False)
        except KmsError as error:
            # The request is not repeated, because that might create another key. However, it may have created one.
            self.found = self._finder.unfinished_soon() if error.uncertain else None
            if self.found is None:
                raise
        self.done.append(create.action)
        self._carry_out_and_wait(rest, self.found.facts.arn)

    def _make_as_wanted(self, found: Found) -> None:
        self.found = found
        plan = self.first = plan_present(self.wanted, found)
        self._moved_from = None if found.alias_target is None else found.alias_target.arn
        if self.check_mode or not plan.steps:
            return
        arn = found.facts.arn
        if found.facts.key_state in PENDING_DELETION:
            # KMS decides which state follows, and that state determines the remaining steps.
            self._carry_out(plan.steps[:1], arn)
            self._wait_for(
                arn, lambda key: key.facts.key_state not in PENDING_DELETION, self.wanted.alias, _CONSISTENT_AFTER
            )
            plan = plan_present(self.wanted, self.found)
        self._carry_out_and_wait(plan.steps, arn)

    def _carry_out_and_wait(self, steps: t.Iterable[KeyStep], arn: str) -> None:
        try:
            self._carry_out(steps, arn)
        except _AliasTaken as taken:
            self._leave_alias(arn, taken.winner)
        else:
            self._wait(arn, self._as_wanted, self.wanted.alias)

    def _carry_out(self, steps: t.Iterable[KeyStep], arn: str) -> None:
        for step in steps:
            if step.action == "create_alias":
                self._create_alias(arn, step.parameters["AliasName"])
            elif step.action == "update_alias":
                self._change_alias(arn, step, str(self._moved_from))
            elif step.action == "delete_alias":
                self._change_alias(arn, step, arn)
            else:
                getattr(self.kms, step.action)(arn, **step.parameters)
            self.done.append(step.action)

    def _create_alias(self, arn: str, alias: str) -> None:
        """:raises _AliasTaken: another key has the alias."""
        try:
            self.kms.create_alias(arn, alias)
        except KmsError as error:
            if error.code != "AlreadyExistsException":
                raise
            # Either a response was lost and the request repeated, or another run was faster.
            named = poll(lambda: self._finder.arn_of(alias), lambda one: one is not None, _CONSISTENT_AFTER)
            if named is None:
                raise CloudKeysError(
                    f"{alias}: KMS reports that the alias exists, but does not return the key that it points to. {arn}"
                    " was created for it and has no alias. Run the task again; it checks the current state first. If"
                    " the alias then points to another key, delete this one (kms_external_key with key_id and state:"
                    " absent)."
                ) from None
            if named != arn:
                raise _AliasTaken(named) from None

    def _change_alias(self, arn: str, step: KeyStep, expected: str) -> None:
        """Check the alias again immediately before the change: KMS moves and deletes it whichever key it points to.

        :param expected: the ARN of the key that the alias pointed to when the plan was made.
        """
        alias = step.parameters["AliasName"]
        named = self._finder.arn_of(alias)
        if named != expected:
            raise CloudKeysError(
                f"{alias} pointed to {expected} when this task read it, but now points to {named or 'no key'}: another"
                " user is changing it at the same time. The alias was not changed. Find out who moved or deleted it"
                " (CloudTrail), then run the task again."
            )
        getattr(self.kms, step.action)(arn, **step.parameters)

    def _leave_alias(self, arn: str, winner: str) -> None:
        """Continue with *winner*, the key to which another run gave the alias while this run created *arn* for it."""
        alias = self.wanted.alias
        if self.key_id is not None:
            raise CloudKeysError(
                f"{alias} was given to another key, {winner}, by another run at the same time, but key_id is"
                f" {arn}. The alias was not changed. Correct one of them, or move the alias (move_alias)."
            )
        self.notes.append(
            f"{alias} was given to another key, {winner}, by another run at the same time. The alias was not"
            f" changed. {arn}, which was created for it, is left over: it has no key material and is not used. To"
            f" delete it, run this task: cloudkeys.aws.kms_external_key: {{key_id: '{arn}', state: absent}}"
        )
        try:
            self._make_as_wanted(self._finder.look(winner, alias_is_there=True))
        except Refusal as refusal:
            # A change was made before this refusal.
            raise CloudKeysError(refusal.sentence) from None

    def _as_wanted(self, key: Found) -> bool:
        return not plan_present(self.wanted, key).steps

    def _wait(self, arn: str, shown: t.Callable[[Found], bool], alias: str | None) -> None:
        """Wait as the task declares: until KMS reports the new state, or for one reading."""
        if self.wait_timeout is None:
            self.found = self._read_after_change(arn, alias) or self.found
        else:
            self._wait_for(arn, shown, alias, self.wait_timeout)

    def _wait_for(self, arn: str, shown: t.Callable[[Found], bool], alias: str | None, seconds: float) -> None:
        """Wait until KMS, which is eventually consistent, reports the new state."""
        key = poll(lambda: self._read_after_change(arn, alias), lambda one: one is not None and shown(one), seconds)
        self.found = key or self.found
        if key is None or not shown(key):
            raise CloudKeysError(
                f"{arn}: KMS accepted {', '.join(self.done)}, but does not report the new state after {seconds:g} s."
                " This takes seconds, in rare cases minutes. Run the task again, which checks the current state"
                " first, or set a longer wait_timeout."
            )

    def _read_after_change(self, arn: str, alias: str | None) -> Found | None:
        """The key after a change; None if KMS does not return it yet.

        :param alias: the alias that is to name it.
        :raises CloudKeysError: the alias was moved to another key, so waiting is useless.
        """
        try:
            named = self._finder.arn_of(alias) if alias is not None else None
            # The alias still points to this key while KMS does not report the move.
            before = self._moved_from if named == self._moved_from else None
            key = self._finder.look(arn, named == arn, before)
        except KmsError as error:
            if error.code != "NotFoundException":
                raise
            return None
        if named not in (None, arn, before):
            self.found = key
            raise CloudKeysError(
                f"{alias} was moved to another key, {named}, while this task waited for KMS to report its changes to"
                f" {arn} ({', '.join(self.done)}). Everything that uses the alias now uses the other key. Find out"
                " who moved it. Then declare that key, or move the alias back (UpdateAlias)."
            )
        return key

    def to_result(self) -> dict[str, t.Any]:
        """The fields of the result, including those of a failed one."""
        plan = self.first
        actions = list(plan.actions) if self.check_mode and plan else list(self.done)
        result: dict[str, t.Any] = {"changed": bool(actions), "actions": actions}
        name = self.wanted.alias or self.key_id
        found = self.found
        if self.check_mode and found is not None and plan is not None:
            found = foreseen(found, plan)
        if found is not None:
            facts = found.facts.to_result()
            # kms_key contains facts about the key itself; kms_key_material and kms_key_material_info return the key
            # materials.
            for left_out in ("materials", "materials_unread", "rotation_started"):
                del facts[left_out]
            tags = None if found.tags is None else dict(found.tags)
            result["kms_key"] = {**facts, "description": found.description, "tags": tags}
            name = facts["arn"]
        if plan is not None:
            after = dict(plan.after)
            if self.done and self.found is not None:
                after["key_state"] = self.found.facts.key_state
            if "update_alias" in actions:
                result["alias_moved_from"] = self._moved_from
            result["diff"] = {"before_header": name, "after_header": name, "before": dict(plan.before), "after": after}
        return result

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*(self.first.warnings if self.first is not None else ()), *self.notes)


def declared_key(
    kms: Kms,
    elsewhere: t.Mapping[str, Kms],
    wanted: WantedKey,
    options: t.Mapping[str, t.Any],
    *,
    check_mode: bool,
    unnamed: KeysWithoutAlias | None = None,
    expected: str | None = None,
) -> t.Any:
    """One key and one task, with the interface of :class:`DeclaredKey`.

    :param elsewhere: KMS in the Regions that have replica keys of the key.
    :param options: of the module.
    :param expected: the ARN that the key must have; None for any.
    """
    wait = options["wait_timeout"] if options["wait"] else None
    task = (kms, wanted, options["key_id"], check_mode, wait, unnamed, expected)
    if not elsewhere:
        return DeclaredKey(*task)
    # Imported here because most keys are in one Region.
    from .replication import DeclaredReplicas, PrimaryKey

    return DeclaredReplicas(PrimaryKey(*task), elsewhere)


def _ended(key: Found) -> bool:
    return key.facts.key_state in PENDING_DELETION and key.facts.arn not in key.removable.values()


class _AliasTaken(Exception):
    """The alias already exists and points to another key."""

    def __init__(self, winner: str) -> None:
        super().__init__(winner)
        self.winner = winner


def _of_unread_tags(alias: str, unread: t.Mapping[str, str]) -> str:
    return (
        f"{alias} does not exist, so a key is created for it. The following keys have no alias and no key material"
        f" yet, and their tags could not be read ({next(iter(unread.values()))}): {name_some(list(unread))}. If an"
        f" interrupted run created one of them for {alias}, that key is left over. Check these keys, and delete it."
    )
