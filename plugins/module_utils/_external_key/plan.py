# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The decision of ``kms_external_key``: the required calls, from the state in KMS and the task's declaration.

Pure. Changes that KMS cannot make are refused before anything is changed.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field, replace

from .._errors import Refusal
from .._key.facts import KeyFacts
from .._key.specs import KEY_SPECS, refuse_key_spec, refuse_key_usage
from .._kms.identifiers import name_some, partition_of_arn
from .alias import plan_alias_changes, refuse_move
from .policy import same_policy

__all__ = (
    "CANARY",
    "Found",
    "KeyPlan",
    "KeyStep",
    "WantedKey",
    "could_be_adopted",
    "enabled_later",
    "foreseen",
    "plan_absent",
    "plan_new",
    "plan_present",
    "tag_list",
)

# A tag of a key from CreateKey until its alias exists; its value is the alias. CreateKey has no idempotency token. If a
# run is interrupted between the two calls, the next run finds the key by this tag.
MARKER = "cloudkeys.aws/created-for"
# With this tag, the owner of a key allows a recovery drill to delete its key material.
CANARY = "cloudkeys.aws/canary"
PENDING_DELETION = ("PendingDeletion", "PendingReplicaDeletion")


@dataclass(frozen=True)
class WantedKey:
    """The task's declaration; None leaves a property unchanged.

    :ivar alias: with its prefix ``alias/``.
    :ivar pending_window: in days.
    :ivar replica_regions: the Regions with replica keys of the key.
    :ivar move_alias: whether the alias may move from another key to this one.
    :ivar move_alias_from: the key ID or key ARN of the only key that it may move from.
    :ivar remove_aliases: aliases to remove from the key, with their prefix.
    """

    alias: str | None = None
    key_spec: str | None = None
    key_usage: str | None = None
    multi_region: bool | None = None
    description: str | None = None
    policy: t.Mapping[str, t.Any] | None = None
    bypass_policy_lockout_safety_check: bool = False
    tags: t.Mapping[str, str] | None = None
    purge_tags: bool = True
    enabled: bool | None = None
    pending_window: int | None = None
    replica_regions: tuple[str, ...] = ()
    move_alias: bool = False
    move_alias_from: str | None = None
    remove_aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """The present state in KMS.

    :ivar alias_is_there: whether the declared alias points to this key.
    :ivar tags: None if they were not read, because nothing depends on them.
    :ivar policy: the same.
    :ivar alias_target: the other key that the alias points to, if it is to move from that key.
    :ivar removable: the aliases to remove, each with the ARN of the key that it points to, or None.
    """

    facts: KeyFacts
    description: str = ""
    alias_is_there: bool = True
    tags: t.Mapping[str, str] | None = None
    policy: t.Mapping[str, t.Any] | None = None
    alias_target: KeyFacts | None = None
    removable: t.Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyStep:
    """One call that makes a change: the operation in snake case, and its parameters except the key."""

    action: str
    parameters: t.Mapping[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyPlan:
    """The required calls, in order, with *before* and *after* for the diff, and *warnings*."""

    steps: tuple[KeyStep, ...] = ()
    before: t.Mapping[str, t.Any] = field(default_factory=dict)
    after: t.Mapping[str, t.Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(step.action for step in self.steps)


def plan_new(wanted: WantedKey) -> KeyPlan:
    """The plan for a key that is to be created with an alias.

    :raises Refusal: KMS does not support such a key with imported key material, or the task must declare a choice.
    """
    spec, usage = _spec_and_usage(wanted)
    request: dict[str, t.Any] = {"Origin": "EXTERNAL", "KeySpec": spec, "KeyUsage": usage}
    tags = {**(wanted.tags or {}), MARKER: wanted.alias}
    request["Tags"] = tag_list(tags)
    if wanted.description:
        request["Description"] = wanted.description
    if wanted.policy is not None:
        request["Policy"] = json.dumps(wanted.policy)
    if wanted.bypass_policy_lockout_safety_check:
        request["BypassPolicyLockoutSafetyCheck"] = True
    if wanted.multi_region:
        request["MultiRegion"] = True
    after: dict[str, t.Any] = {
        "alias": wanted.alias,
        "description": wanted.description or "",
        "key_spec": spec,
        "key_state": "PendingImport",
        "key_usage": usage,
        "multi_region": bool(wanted.multi_region),
        "origin": "EXTERNAL",
        "tags": dict(wanted.tags or {}),
    }
    if wanted.policy is not None:
        after["policy"] = wanted.policy
    steps = (
        KeyStep("create_key", request),
        KeyStep("create_alias", {"AliasName": wanted.alias}),
        KeyStep("untag_resource", {"TagKeys": [MARKER]}),
    )
    return KeyPlan(steps, {}, after, enabled_later(wanted, "The new key"))


def plan_present(wanted: WantedKey, found: Found) -> KeyPlan:
    """The plan for an existing key.

    :raises Refusal: it differs from the declaration in a property that KMS cannot change.
    """
    facts = found.facts
    refuse_unchangeable(wanted, found)
    refuse_move(wanted, found)
    steps: list[KeyStep] = []
    before: dict[str, t.Any] = {}
    after: dict[str, t.Any] = {}
    warnings: list[str] = []

    state = before["key_state"] = facts.key_state
    if state in PENDING_DELETION:
        # First, because KMS rejects most other changes to a key that is pending deletion.
        steps.append(KeyStep("cancel_key_deletion"))
        state = "Disabled" if facts.material_present else "PendingImport"
        if wanted.enabled is None and state == "Disabled":
            warnings.append(
                f"{facts.arn}: after its deletion is canceled, the key is Disabled. To enable it, set enabled: true."
            )

    # Early, so that the following changes are made under the declared policy, in this run and in the next one.
    _plan_policy(wanted, found, steps, before, after)

    if wanted.alias is not None:
        before["alias"], after["alias"] = wanted.alias if found.alias_is_there else None, wanted.alias
        if not found.alias_is_there and found.alias_target is None:
            steps.append(KeyStep("create_alias", {"AliasName": wanted.alias}))

    if wanted.description is not None:
        before["description"], after["description"] = found.description, wanted.description
        if found.description != wanted.description:
            steps.append(KeyStep("update_key_description", {"Description": wanted.description}))

    _plan_tags(wanted, found, steps, before, after)

    if state == "PendingImport":
        warnings += enabled_later(wanted, facts.arn)
    elif wanted.enabled is not None and state in ("Enabled", "Disabled"):
        aim = "Enabled" if wanted.enabled else "Disabled"
        if state != aim:
            steps.append(KeyStep("enable_key" if wanted.enabled else "disable_key"))
        state = aim
    after["key_state"] = state
    # Last, so that users of the alias find the key as it is declared.
    steps += [KeyStep(*change) for change in plan_alias_changes(wanted, found, before, after)]
    return KeyPlan(tuple(steps), before, after, tuple(warnings))


def plan_absent(wanted: WantedKey, found: Found) -> KeyPlan:
    """The plan for an existing key whose deletion is to be scheduled.

    :raises Refusal: it is not the declared kind of key, does not have the alias, or would leave replica keys behind.
    """
    refuse_unchangeable(wanted, found)
    if wanted.alias is not None and not found.alias_is_there:
        raise Refusal(
            f"{found.facts.arn} is the key in key_id, but {wanted.alias} does not exist. A key is deleted"
            " only if all its declared names match: this may be another key than the intended one. Correct alias, or"
            " remove it."
        )
    before: dict[str, t.Any] = {"key_state": found.facts.key_state}
    after = dict(before)
    changes = [KeyStep(*change) for change in plan_alias_changes(wanted, found, before, after)]
    if found.facts.key_state in PENDING_DELETION:
        return KeyPlan(tuple(changes), before, after)
    state = "PendingDeletion"
    if found.facts.multi_region_key_type == "PRIMARY" and found.facts.replica_regions:
        _refuse_to_leave_replicas(wanted, found.facts)
        # Its waiting period begins after the deletion of the last replica key (KeyMetadata, API Reference).
        state = "PendingReplicaDeletion"
    window = {} if wanted.pending_window is None else {"PendingWindowInDays": wanted.pending_window}
    return KeyPlan((*changes, KeyStep("schedule_key_deletion", window)), before, {**after, "key_state": state})


def foreseen(found: Found, plan: KeyPlan) -> Found:
    """The state that KMS would report after the plan, for check mode. The date of a deletion is unknown in advance."""
    if not plan.steps:
        return found
    state = plan.after["key_state"]
    date = found.facts.deletion_date if state == found.facts.key_state else None
    tags = dict(found.tags or {})
    for step in plan.steps:
        tags.update((tag["TagKey"], tag["TagValue"]) for tag in step.parameters.get("Tags", ()))
        for name in step.parameters.get("TagKeys", ()):
            tags.pop(name, None)
    return replace(
        found,
        facts=found.facts._replace(key_state=state, deletion_date=date),
        description=plan.after.get("description", found.description),
        alias_is_there=found.alias_is_there or not {"create_alias", "update_alias"}.isdisjoint(plan.actions),
        tags=None if found.tags is None else tags,
        policy=plan.after.get("policy", found.policy),
    )


def could_be_adopted(wanted: WantedKey, facts: KeyFacts) -> bool:
    """Whether a run for the same declaration may have created this key without alias. Its tags are not considered.

    For keys that are not symmetric, KMS does not report whether they ever had key material. The tag does: it is removed
    before anything can be imported.
    """
    spec, usage = _spec_and_usage(wanted)
    return (
        facts.origin == "EXTERNAL"
        and facts.key_state == "PendingImport"
        and facts.current_key_material_id is None
        and not facts.replica
        and (facts.key_spec, facts.key_usage, facts.multi_region) == (spec, usage, bool(wanted.multi_region))
    )


def refuse_unchangeable(wanted: WantedKey, found: Found) -> None:
    """:raises Refusal: the key is not of the declared kind, and KMS cannot change that."""
    facts = found.facts
    name = f"{facts.arn} ({wanted.alias})" if wanted.alias and found.alias_is_there else facts.arn
    if facts.key_manager != "CUSTOMER":
        raise Refusal(
            f"{name} is an AWS managed key, which does not accept imported key material. Choose another alias."
        )
    if facts.origin != "EXTERNAL":
        raise Refusal(
            f"{name} has the origin {facts.origin}. KMS cannot change the origin of a key, and this module never"
            " replaces a key, because data that was encrypted under it would be lost to its users. Choose another"
            " alias, or move this alias to another key yourself."
        )
    differences = [
        f"{option} is {present}, not {declared}"
        for option, declared, present in (
            ("key_spec", wanted.key_spec, facts.key_spec),
            ("key_usage", wanted.key_usage, facts.key_usage),
            ("multi_region", wanted.multi_region, facts.multi_region),
        )
        if declared is not None and declared != present
    ]
    if differences:
        raise Refusal(
            f"{name}: {', '.join(differences)}. KMS cannot change these properties of an existing key. Nothing was"
            " changed. Declare the properties that the key has, or create another key under another alias."
        )


def _refuse_to_leave_replicas(wanted: WantedKey, facts: KeyFacts) -> None:
    left = [region for region in facts.replica_regions if region not in wanted.replica_regions]
    if left:
        raise Refusal(
            f"{facts.arn} has replica keys that replica_regions does not list, in {name_some(left)}. KMS would make"
            " the primary key unusable immediately and keep it until its last replica key is deleted"
            " (PendingReplicaDeletion). Nothing was changed. To also delete these replica keys, list their Regions"
            " in replica_regions. To keep them, make one of them the primary key first (UpdatePrimaryRegion)."
        )


def _plan_policy(
    wanted: WantedKey, found: Found, steps: list[KeyStep], before: dict[str, t.Any], after: dict[str, t.Any]
) -> None:
    if wanted.policy is None:
        return
    before["policy"] = found.policy
    if found.policy is not None and same_policy(found.policy, wanted.policy, partition_of_arn(found.facts.arn)):
        # Two spellings of the same policy are not a difference.
        after["policy"] = found.policy
        return
    after["policy"] = wanted.policy
    request: dict[str, t.Any] = {"Policy": json.dumps(wanted.policy)}
    if wanted.bypass_policy_lockout_safety_check:
        request["BypassPolicyLockoutSafetyCheck"] = True
    steps.append(KeyStep("put_key_policy", request))


def _plan_tags(
    wanted: WantedKey, found: Found, steps: list[KeyStep], before: dict[str, t.Any], after: dict[str, t.Any]
) -> None:
    if found.tags is None:
        return
    others = {name: value for name, value in found.tags.items() if name != MARKER}
    to_set: dict[str, str] = {}
    to_remove: list[str] = []
    if wanted.tags is not None:
        # Imported here because kms_imported_keys loads this file on the controller also. If amazon.aws is not installed
        # there, the task can then report it.
        from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

        to_set, to_remove = compare_aws_tags(others, dict(wanted.tags), wanted.purge_tags)
        before["tags"] = others
        after["tags"] = {name: value for name, value in {**others, **to_set}.items() if name not in to_remove}
    if wanted.alias is not None and found.tags.get(MARKER) == wanted.alias:
        to_remove = [*to_remove, MARKER]
    if to_set:
        steps.append(KeyStep("tag_resource", {"Tags": tag_list(to_set)}))
    if to_remove:
        steps.append(KeyStep("untag_resource", {"TagKeys": sorted(to_remove)}))


def _spec_and_usage(wanted: WantedKey) -> tuple[str, str]:
    name = wanted.key_spec or "SYMMETRIC_DEFAULT"
    refuse_key_spec(name, f"{wanted.alias}: the key to be created")
    spec = KEY_SPECS[name]
    usage = wanted.key_usage or spec.default_key_usage
    if usage is None:
        raise Refusal(
            f"{wanted.alias}: a key with the key spec {name} is for either {' or '.join(spec.key_usages)}, and KMS"
            " cannot change the key usage later. Set key_usage."
        )
    refuse_key_usage(name, usage, str(wanted.alias))
    return name, usage


def enabled_later(wanted: WantedKey, key: str) -> tuple[str, ...]:
    """The warning that a key cannot be disabled yet although that is declared, because it has no key material.

    :param key: the name of the key in messages.
    """
    if wanted.enabled is not False:
        return ()
    return (
        f"{key} has no key material yet, and KMS cannot enable or disable such a key. An import enables it. To have"
        " it disabled after the import, also set enabled: false for kms_key_material.",
    )


def tag_list(tags: t.Mapping[str, t.Any]) -> list[dict[str, str]]:
    """The tags in the form of KMS's requests."""
    from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list

    # KMS has its own names for the fields that other services call Key and Value.
    return ansible_dict_to_boto3_tag_list(tags, "TagKey", "TagValue")
