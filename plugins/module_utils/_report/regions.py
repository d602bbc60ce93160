# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A multi-Region key in all of its Regions. Pure.

Its Regions share the key ID, the IDs and the descriptions of its key materials, and the history of its rotations. Each
Region has copies of the key materials of its own, which are imported, expire and are deleted there alone (AWS KMS
Developer Guide, "Multi-Region keys with imported key material").
"""

from __future__ import annotations

import typing as t

from .._key.facts import IMPORTED, KeyFacts
from .._kms.identifiers import arn_in_region, region_of_arn

__all__ = ("describe_regions", "import_state_in", "imported_in", "other_regions")

# What differs between the Regions of one key.
_FIELDS = (
    "region", "arn", "exists", "multi_region_key_type", "key_state", "import_state", "expiration_model", "valid_to",
    "days_left", "materials", "unread",
)  # fmt: skip


def other_regions(facts: KeyFacts) -> dict[str, str]:
    """The key ARN of each Region but its own, the primary key first. None of them is known for a single-Region key."""
    regions = [region for region in (facts.primary_region, *facts.replica_regions) if region and region != facts.region]
    return {region: arn_in_region(facts.arn, region) for region in regions}


def describe_regions(entry: t.Mapping[str, t.Any], others: t.Sequence[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """What each Region has, the primary key first.

    :param entry: what is told of the key in the Region that was asked for.
    :param others: the same in the other Regions. One that could not be described has its name, and why.
    """
    found = []
    for one in (entry, *others):
        fields = {name: one[name] for name in _FIELDS}
        if one["region"] is None:
            fields["region"] = region_of_arn(one["arn"])
            primary = fields["region"] == entry["primary_region"]
            fields["multi_region_key_type"] = "PRIMARY" if primary else "REPLICA"
        if one["materials"] is not None:
            # A list of its own: what is added to the materials of the entry is about all Regions.
            fields["materials"] = [
                {name: value for name, value in material.items() if name != "regions_imported"}
                for material in one["materials"]
            ]
        found.append({**fields, "unread": dict(one["unread"])})
    return sorted(found, key=lambda one: (one["multi_region_key_type"] != "PRIMARY", one["region"]))


def imported_in(regions: t.Sequence[t.Mapping[str, t.Any]], key_material_id: str | None = None) -> int | None:
    """In how many Regions KMS holds this key material; without a name, all that the key needs.

    None where that of a Region is not known.
    """
    states = [import_state_in(region, key_material_id) for region in regions]
    return None if None in states else states.count(IMPORTED)


def import_state_in(region: t.Mapping[str, t.Any], key_material_id: str | None) -> str | None:
    """Whether KMS holds this key material there; without a name, all that the key needs. None if it is unknown.

    :param region: the key in this Region, as ``kms_key_material_info`` tells it.
    """
    if key_material_id is None:
        state: str | None = region["import_state"]
        return state
    for material in region["materials"] or ():
        if material["key_material_id"] == key_material_id:
            found: str = material["import_state"]
            return found
    return None
