# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""``kms_external_key`` on the target: finds the key, has the decision made, and carries it out.

A key is found by its name, and a key without a name, left by a run that was cut off, by the tag it was created with.
"""

from __future__ import annotations

import json
import time
import typing as t
from dataclasses import dataclass, field

from .._errors import CloudKeysError, Refusal
from .._key.facts import KeyFacts
from .._kms.client import CONSISTENCY_PAUSES, Kms
from .._kms.concurrency import concurrently
from .._kms.error_sentences import alias_hint
from .._kms.errors import DENIED, KmsError
from .._report.entry import name_some
from .plan import (
    MARKER,
    PENDING_DELETION,
    Found,
    KeyPlan,
    Step,
    WantedKey,
    could_be_adopted,
    foreseen,
    plan_absent,
    plan_new,
    plan_present,
)

__all__ = ("DeclaredKey",)

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0


@dataclass
class DeclaredKey:
    """One key and one task. After :meth:`present` or :meth:`absent`, also a failed one, it knows what became of it.

    :ivar done: the actions that were carried out, in order.
    :ivar first: the plan as it was made before anything was done.
    :ivar notes: warnings that no plan could foresee.
    """

    kms: Kms
    wanted: WantedKey
    key_id: str | None
    check_mode: bool = False
    wait_timeout: float | None = 300
    done: list[str] = field(default_factory=list)
    found: Found | None = None
    first: KeyPlan | None = None
    notes: list[str] = field(default_factory=list)
    _unread: list[str] = field(default_factory=list)

    def present(self) -> None:
        """:raises CloudKeysError: with a sentence; :raises Refusal: the same, and nothing was done."""
        self.found = self._find()
        if self.found is None and self.key_id is not None:
            raise Refusal(
                f"{self.key_id}: KMS knows no such key in Region {self.kms.region} of this account, and KMS chooses the"
                " IDs of new keys itself. To have one created, give alias and no key_id. The name of an alias belongs"
                " in alias, too."
            )
        if self.found is None:
            self.found = self._unnamed()
        if self.found is None:
            self._create()
            return
        self._make_as_wanted()

    def _make_as_wanted(self) -> None:
        """The key that was found."""
        if self.found is None:
            return
        plan = self.first = plan_present(self.wanted, self.found)
        if self.check_mode or not plan.steps:
            return
        if self.found.facts.key_state in PENDING_DELETION:
            # KMS decides which state follows, and that decides what else is possible.
            arn = self.found.facts.arn
            self._carry_out(plan.steps[:1], arn)
            self._wait(arn, lambda found: found.facts.key_state not in PENDING_DELETION, "cancel_key_deletion")
            plan = plan_present(self.wanted, self.found)
        self._carry_out_and_wait(plan.steps, self.found.facts.arn)

    def absent(self) -> None:
        """:raises CloudKeysError: with a sentence; :raises Refusal: the same, and nothing was done."""
        self.found = self._find()
        if self.found is None:
            return
        plan = self.first = plan_absent(self.wanted, self.found)
        if self.check_mode or not plan.steps:
            return
        arn = self.found.facts.arn
        self._carry_out(plan.steps, arn)
        self._wait(arn, lambda found: found.facts.key_state in PENDING_DELETION, "schedule_key_deletion")

    def _create(self) -> None:
        plan = self.first = plan_new(self.wanted)
        self.notes += _of_unread_tags(str(self.wanted.alias), self._unread)
        if self.check_mode:
            return
        create, *rest = plan.steps
        try:
            arn = self.kms.create_key(str(self.wanted.alias), **create.parameters)["Arn"]
        except KmsError as error:
            arn = self._created_all_the_same(error)
        self.done.append(create.action)
        self._carry_out_and_wait(rest, arn)

    def _created_all_the_same(self, error: KmsError) -> str:
        """The key of a request whose answer was lost. The request is not repeated: it might create another."""
        if not error.uncertain:
            raise error
        for pause in CONSISTENCY_PAUSES[:3]:
            time.sleep(pause)
            found = self._unnamed()
            if found is not None:
                return found.facts.arn
        raise error

    def _carry_out_and_wait(self, steps: t.Iterable[Step], arn: str) -> None:
        try:
            self._carry_out(steps, arn)
        except _AliasTaken as taken:
            self._give_way(arn, taken.key)
            return
        self._wait(arn, lambda found: not plan_present(self.wanted, found).steps, *self.done)

    def _give_way(self, arn: str, winner: KeyFacts) -> None:
        """Another run gave the alias to its own key, while this one made *arn* for it: from here on, as if it had been
        found.
        """
        alias = self.wanted.alias
        if self.key_id is not None:
            raise CloudKeysError(
                f"{alias} was given to another key, {winner.arn}, by another run at the same time, and key_id names"
                f" {arn}. This module never moves an alias from one key to another. Correct one of them."
            )
        self.notes.append(
            f"{alias} was given to another key, {winner.arn}, by another run at the same time. The alias stays as it"
            f" is, and {arn}, which was created for it, is left over: it has no key material, and nothing uses it. To"
            f" have it deleted, run this task: cloudkeys.aws.kms_external_key: {{key_id: '{arn}', state: absent}}"
        )
        try:
            self.found = self._look(winner.arn, alias_is_there=True)
            self._make_as_wanted()
        except Refusal as refusal:
            raise CloudKeysError(str(refusal)) from None

    def _carry_out(self, steps: t.Iterable[Step], arn: str) -> None:
        for step in steps:
            if step.action == "create_alias":
                self._create_alias(arn, step.parameters["AliasName"])
            else:
                getattr(self.kms, step.action)(arn, **step.parameters)
            self.done.append(step.action)

    def _create_alias(self, arn: str, alias: str) -> None:
        try:
            self.kms.create_alias(arn, alias)
        except KmsError as error:
            if error.code != "AlreadyExistsException":
                raise
            # Either an answer was lost and the request repeated, or another run was quicker.
            key = self._named(alias, arn)
            if key.arn != arn:
                raise _AliasTaken(key) from None

    def _named(self, alias: str, arn: str) -> KeyFacts:
        """The key of an alias that exists, also if KMS does not show it at once."""
        for pause in (*CONSISTENCY_PAUSES, None):
            key = self._describe(alias)
            if key is not None:
                return key
            if pause is not None:
                time.sleep(pause)
        raise CloudKeysError(
            f"{alias}: KMS says that the alias exists, and does not show the key that it names. {arn} was created for"
            " it, and has no alias. Run again, which looks first. If the alias then names another key, delete this one"
            " (kms_external_key with key_id and state: absent)."
        )

    def _find(self) -> Found | None:
        """The key by the name that the task gives it."""
        wanted = self.wanted
        facts = self._describe(self.key_id or str(wanted.alias))
        if facts is None:
            return None
        alias_is_there = True
        if self.key_id is not None and wanted.alias is not None:
            named = self._describe(wanted.alias)
            alias_is_there = named is not None
            if named is not None and named.arn != facts.arn:
                raise Refusal(
                    f"{wanted.alias} names {named.arn}, and key_id names {facts.arn}. This module never moves an alias"
                    " from one key to another, since everything that uses the alias would use the other key from then"
                    " on. Correct one of them, or call UpdateAlias yourself."
                )
        return self._look(facts.arn, alias_is_there)

    def _look(self, arn: str, alias_is_there: bool) -> Found:
        wanted = self.wanted
        metadata = self._settled(arn)
        facts = KeyFacts.from_kms(metadata)
        tags = policy = None
        try:
            # A key without material may be one that is still in the making, by its tag.
            if wanted.tags is not None or (wanted.alias and facts.key_state == "PendingImport"):
                tags = self.kms.list_resource_tags(arn)
        except KmsError as error:
            if error.code not in DENIED or wanted.tags is not None:
                raise
        if wanted.policy is not None:
            policy = json.loads(self.kms.get_key_policy(arn))
        return Found(facts, metadata.get("Description", ""), alias_is_there, tags, policy)

    def _settled(self, arn: str) -> dict[str, t.Any]:
        deadline = time.monotonic() + (self.wait_timeout or 0)
        pause = FIRST_PAUSE
        while True:
            metadata = self.kms.describe_key(arn).metadata
            if metadata["KeyState"] not in ("Creating", "Updating"):
                return metadata
            if time.monotonic() + pause >= deadline:
                raise CloudKeysError(
                    f"{arn} is {metadata['KeyState']}, and KMS changes nothing of such a key. That takes some moments:"
                    " run again, or set a longer wait_timeout."
                )
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _describe(self, name: str) -> KeyFacts | None:
        try:
            return KeyFacts.from_kms(self.kms.describe_key(name).metadata)
        except KmsError as error:
            # A name without alias/ is no identifier: KMS knows no such key, and nothing follows from that.
            if error.code == "NotFoundException" and not alias_hint(name):
                return None
            raise

    def _unnamed(self) -> Found | None:
        """The key that a run for the same alias created before it was cut off.

        :raises Refusal: there are several.
        """
        wanted = self.wanted
        named = {entry.get("TargetKeyId") for entry in self.kms.list_aliases()}
        unnamed = [entry["KeyArn"] for entry in self.kms.list_keys() if entry["KeyId"] not in named]
        candidates = [arn for arn in concurrently(self._candidate, unnamed) if arn]
        tags = dict(zip(candidates, concurrently(self._readable_tags, candidates)))
        self._unread = sorted(arn for arn, shown in tags.items() if shown is None)
        marked = [arn for arn, shown in tags.items() if shown is not None and shown.get(MARKER) == wanted.alias]
        if len(marked) > 1:
            for pause in CONSISTENCY_PAUSES[:3]:
                # Two runs may be creating them at this moment; then one of the keys soon has the alias.
                time.sleep(pause)
                found = self._find()
                if found is not None:
                    return found
            raise Refusal(
                f"{wanted.alias} does not exist, and there are {len(marked)} keys that were created for it and never"
                f" got it, nor any key material: {', '.join(sorted(marked))}. Nothing was touched. Give the alias to"
                f" one of them (key_id together with alias does), and remove the tag {MARKER} from the others or"
                " delete them (key_id together with state: absent does)."
            )
        return self._look(marked[0], alias_is_there=False) if marked else None

    def _candidate(self, arn: str) -> str | None:
        try:
            facts = KeyFacts.from_kms(self.kms.describe_key(arn).metadata)
        except KmsError as error:
            # A key that may not be looked at was not made by a run with the same permissions.
            if error.code in (*DENIED, "NotFoundException"):
                return None
            raise
        return arn if could_be_adopted(self.wanted, facts) else None

    def _readable_tags(self, arn: str) -> dict[str, str] | None:
        """None where they may not be read, so that somebody else's key does not keep this one from being created."""
        try:
            return self.kms.list_resource_tags(arn)
        except KmsError as error:
            if error.code in DENIED:
                return None
            if error.code == "NotFoundException":
                return {}
            raise

    def _wait(self, arn: str, shown: t.Callable[[Found], bool], *actions: str) -> None:
        """Until KMS, which is eventually consistent, shows what it was told."""
        deadline = time.monotonic() + (self.wait_timeout or 0)
        pause = FIRST_PAUSE
        while True:
            try:
                named = self._describe(self.wanted.alias) if self.wanted.alias else None
                self.found = self._look(arn, named is not None and named.arn == arn)
                if shown(self.found) or self.wait_timeout is None:
                    return
            except KmsError as error:
                if error.code != "NotFoundException":
                    raise
            if time.monotonic() + pause >= deadline:
                raise CloudKeysError(
                    f"{arn}: KMS accepted {', '.join(actions)}, and does not show it after {self.wait_timeout} s. KMS"
                    " shows changes after seconds, in rare cases minutes: run again, which looks first, or set a longer"
                    " wait_timeout."
                )
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def to_result(self) -> dict[str, t.Any]:
        """The fields of the result, also of a failed one."""
        plan = self.first
        actions = list(plan.actions) if self.check_mode and plan else list(self.done)
        result: dict[str, t.Any] = {"changed": bool(actions), "actions": actions}
        name = self.wanted.alias or self.key_id
        found = self.found
        if self.check_mode and found is not None and plan is not None:
            found = foreseen(found, plan)
        if found is not None:
            facts = found.facts.to_result()
            # Of the key itself; kms_key_material and kms_key_material_info tell the materials.
            for left_out in ("materials", "materials_unread"):
                del facts[left_out]
            result["kms_key"] = {**facts, "description": found.description, "tags": _shown(found.tags)}
            name = facts["arn"]
        if plan is not None:
            after = dict(plan.after)
            if self.done and self.found is not None:
                after["key_state"] = self.found.facts.key_state
            result["diff"] = {"before_header": name, "after_header": name, "before": dict(plan.before), "after": after}
        return result

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*(self.first.warnings if self.first is not None else ()), *self.notes)


class _AliasTaken(Exception):
    """The alias exists already, and names another key."""

    def __init__(self, key: KeyFacts) -> None:
        super().__init__(key.arn)
        self.key = key


def _of_unread_tags(alias: str, keys: t.Sequence[str]) -> list[str]:
    if not keys:
        return []
    return [
        f"{alias} does not exist, so a key is created for it. These keys have no alias and wait for their first key"
        f" material, and kms:ListResourceTags is denied for them: {name_some(keys)}. If one of them"
        f" was created for {alias} by a run that was cut off, it is left over. Look at them, and delete it."
    ]


def _shown(tags: t.Mapping[str, str] | None) -> dict[str, str] | None:
    return None if tags is None else dict(tags)
