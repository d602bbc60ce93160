# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Which keys a renewal has left without key material, or with some that expires soon. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Iterable, Mapping

__all__ = ("not_renewed",)

# A key needs all of these. Key material that waits for a rotation can expire without harm to the key.
_NEEDED = ("CURRENT", "NON_CURRENT")

Json = dict[str, t.Any]


def not_renewed(keys: Iterable[Mapping[str, t.Any]], days: int, foretold: Collection[int] = ()) -> list[Json]:
    """Each key that is not renewed: its ``key_id``, its ``arn`` and a ``sentence`` why.

    :param keys: what ``kms_key_material_info`` returned of them.
    :param days: key material with less than so many days left is not renewed.
    :param foretold: the places in *keys* of those whose (current) key material check mode would have imported.
    """
    found = []
    for place, key in enumerate(keys):
        reasons = [*_reasons(key, days, place in foretold), *_reasons_elsewhere(key, days)]
        if reasons:
            name = next(iter(key["aliases"] or ()), key["key_id"])
            which = f"{name} ({key['arn']})" if key["arn"] else name
            sentence = f"{which} is not renewed: {', '.join(reasons)}."
            found.append({"key_id": key["key_id"], "arn": key["arn"], "sentence": sentence})
    return found


def _reasons_elsewhere(key: Mapping[str, t.Any], days: int) -> list[str]:
    """The same of a multi-Region key in its other Regions, where they were read. A renewal there is not foretold."""
    return [
        f"in {region['region']} {reason}"
        for region in key["regions"] or ()
        if region["arn"] != key["arn"]
        for reason in _reasons({**key, "deletion_date": None, **region}, days, False)
    ]


def _reasons(key: Mapping[str, t.Any], days: int, foretold: bool) -> list[str]:
    if "key" in key["unread"]:
        return [f"it cannot be described ({key['unread']['key']})"]
    if key["import_state"] is None:
        return [f"its origin is {key['origin']}, so it takes no imported key material"]
    if key["key_state"] in ("PendingDeletion", "PendingReplicaDeletion"):
        when = f", on {key['deletion_date']}" if key["deletion_date"] else ""
        return [f"KMS will delete the key{when}, and imports nothing until then"]
    needed = [one for one in key["materials"] or () if one["state"] in _NEEDED]
    if not needed:
        why = None if foretold else _fault(key, days)
        return [f"its key material {why}"] if why else []
    return [
        f"key material {one['key_material_id']} ({one['state']}) {why}"
        for one in needed
        if not (foretold and one["state"] == "CURRENT") and (why := _fault(one, days))
    ]


def _fault(material: Mapping[str, t.Any], days: int) -> str | None:
    if material["import_state"] != "IMPORTED":
        return "is missing"
    if material["days_left"] is not None and material["days_left"] < days:
        return f"expires on {material['valid_to']}"
    return None
