# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The replica keys of a multi-Region key: possible Regions, the time of replication, and the requests.

Pure. In KMS, the keys in all Regions share the key ID, key spec, key usage and origin. Each of them has its own key
policy, tags, description, aliases and enabled state (AWS KMS Developer Guide, "Multi-Region keys in AWS KMS").
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

from .._errors import Refusal
from .._key.facts import KeyFacts
from .._kms.identifiers import arn_in_region, name_some, refuse_region
from .plan import KeyPlan, KeyStep, WantedKey, enabled_later, tag_list

__all__ = (
    "outcome_in_words",
    "plan_replica",
    "refuse_key",
    "refuse_new_key",
    "refuse_regions",
    "waiting",
    "wanted_replica",
)


def refuse_regions(wanted: WantedKey, own: str | None = None) -> None:
    """:param own: the Region of the primary key, if it is known.
    :raises Refusal: *wanted* lists Regions that cannot all have a replica key.
    """
    regions = wanted.replica_regions
    impossible = [region for region in regions if not _can_be_a_region(region)]
    if impossible:
        raise Refusal(f"replica_regions contains {impossible[0]!r}, which is not a valid AWS Region name. Correct it.")
    twice = sorted({region for region in regions if regions.count(region) > 1})
    if twice:
        raise Refusal(f"replica_regions lists {', '.join(twice)} more than once. Remove the duplicates.")
    if own in regions:
        raise Refusal(
            f"replica_regions lists {own}, the Region of the primary key itself. Remove it from the list; or, if the"
            " primary key is in another Region, correct region."
        )
    if regions and wanted.multi_region is False:
        raise Refusal(
            "replica_regions requires a multi-Region key, but multi_region is false. Remove one of the two options."
        )


def _can_be_a_region(name: str) -> bool:
    try:
        refuse_region(name)
    except Refusal:
        return False
    return True


def refuse_new_key(wanted: WantedKey) -> None:
    """:raises Refusal: the key to be created could not have replica keys."""
    if not wanted.multi_region:
        raise Refusal(
            f"{wanted.alias} does not exist, and only a multi-Region key can have the replica keys in"
            " replica_regions. KMS cannot convert a key to a multi-Region key later. To create a multi-Region key,"
            " set multi_region: true."
        )


def refuse_key(facts: KeyFacts) -> None:
    """:raises Refusal: this key cannot have replica keys."""
    if not facts.multi_region:
        raise Refusal(
            f"{facts.arn} is a single-Region key. KMS cannot replicate it or convert it to a multi-Region key."
            " Nothing was changed. Remove replica_regions, or create a multi-Region key under another alias"
            " (multi_region: true)."
        )
    if facts.replica:
        raise Refusal(
            f"{facts.arn} is a replica key, but KMS replicates only primary keys. Nothing was changed. Set"
            f" replica_regions for the primary key in Region {facts.primary_region}; or remove it here to manage only"
            " this replica key."
        )


def wanted_replica(wanted: WantedKey) -> WantedKey:
    """The declaration for a replica key: that of its primary key, without replica keys of its own."""
    return replace(wanted, replica_regions=())


def plan_replica(wanted: WantedKey, region: str, primary_arn: str, primary_state: str) -> KeyPlan:
    """The plan for a missing replica key in *region*. It has no steps while the primary key cannot be replicated.

    :param wanted: from :func:`wanted_replica`.
    :param primary_state: the key state of the primary key when the plan is carried out.
    :raises Refusal: KMS does not replicate a key in this state, and an import does not change that.
    """
    if primary_state == "PendingImport":
        # "Key states of AWS KMS keys" (AWS KMS Developer Guide): ReplicateKey fails with KMSInvalidStateException.
        return KeyPlan()
    if primary_state != "Enabled":
        raise Refusal(
            f"KMS replicates only Enabled keys, but {primary_arn} is {primary_state}, so {region} has no replica key"
            " yet. Set enabled: true until all replica keys exist."
        )
    request: dict[str, t.Any] = {"ReplicaRegion": region}
    after: dict[str, t.Any] = {
        "description": wanted.description or "",
        "key_state": "PendingImport",
        "tags": dict(wanted.tags or {}),
    }
    if wanted.description:
        request["Description"] = wanted.description
    if wanted.tags:
        request["Tags"] = tag_list(wanted.tags)
    if wanted.policy is not None:
        request["Policy"] = json.dumps(wanted.policy)
        after["policy"] = wanted.policy
    if wanted.bypass_policy_lockout_safety_check:
        request["BypassPolicyLockoutSafetyCheck"] = True
    steps = [KeyStep("replicate_key", request)]
    if wanted.alias is not None:
        after["alias"] = wanted.alias
        steps.append(KeyStep("create_alias", {"AliasName": wanted.alias}))
    return KeyPlan(tuple(steps), {}, after, enabled_later(wanted, arn_in_region(primary_arn, region)))


def waiting(name: str, regions: t.Sequence[str]) -> str:
    """The warning that *regions* have no replica key yet.

    :param name: of the primary key.
    """
    return (
        f"{name} has no key material yet, and KMS replicates a key only after its key material is imported. Replica"
        f" keys are missing in {name_some(regions)}. Import the key material, then run this task again to create"
        f" {'it' if len(regions) == 1 else 'them'}. The role cloudkeys.aws.imported_key performs these steps in this"
        " order."
    )


def outcome_in_words(name: str, failures: t.Mapping[str, str]) -> str:
    """The outcome of a task with failures.

    :param name: of the primary key.
    :param failures: by Region, a sentence each.
    """
    region, sentence = next(iter(failures.items()))
    if len(failures) == 1:
        return f"{name}: the replica key in {region} is not as declared. {sentence}"
    return (
        f"{name}: the replica keys in {name_some(list(failures))} are not as declared. The first reason, for"
        f" {region}: {sentence} See replicas in the result for the others."
    )
