# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a renewal leaves: keys that lack key material, or have some that expires soon, and that it does not keep.

What ``kms_imported_keys`` keeps, it answers for: it renews or fails. That leaves the keys of no entry, and of the keys
that have one, the Regions that the entry is not for. Pure.
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ...module_utils._key.facts import ASSOCIATED
from ...module_utils._kms.identifiers import arn_in_region

__all__ = ("not_renewed",)

Json = dict[str, t.Any]


@dataclass(frozen=True)
class _Fault:
    """What is wrong with a key in one Region.

    :ivar elsewhere: the Region; None for the one that was looked at.
    :ivar curable: whether an import ends it.
    :ivar material: the key material; None where it is not about one of several.
    """

    sentence: str
    elsewhere: str | None = None
    curable: bool = False
    material: Mapping[str, t.Any] | None = None

    @property
    def words(self) -> str:
        return f"in {self.elsewhere} {self.sentence}" if self.elsewhere else self.sentence

    @property
    def older(self) -> str | None:
        """The ID of the older key material that it is about."""
        older = self.material is not None and self.material["state"] == "NON_CURRENT"
        return str(self.material["key_material_id"]) if self.material and older else None


def not_renewed(keys: Sequence[Mapping[str, t.Any]], days: int, kept: Sequence[Mapping[str, t.Any]] = ()) -> list[Json]:
    """Each key that is not renewed in some Region: its ``key_id``, ``arn``, ``name``, ``why`` and a ``sentence``.

    ``listed`` says whether it has an entry all the same, and ``add`` what that entry lacks.

    :param keys: what ``kms_key_material_info`` returned of them.
    :param days: key material with less than so many days left is not renewed.
    :param kept: what ``kms_imported_keys`` returned of the keys that it keeps.
    """
    # One that could not be looked at has no ARN.
    names = {str(one["arn"] or one["name"]) for one in kept}
    given = {name: one for one in kept for name in _arns(one)}
    found = []
    for key in keys:
        listed = bool(names & {key["arn"], key["key_id"], *(key["aliases"] or ())})
        own = [] if listed or key["arn"] in given else _faults(key, days)
        faults = [*own, *_faults_elsewhere(key, days, given)]
        if not faults:
            continue
        name = next(iter(key["aliases"] or ()), key["key_id"])
        which = f"{name} ({key['arn']})" if key["arn"] else name
        why = ", ".join(fault.words for fault in faults)
        add = _additions(key, faults, given[key["arn"]]) if listed and key["arn"] in given else []
        advice = f" Add to its entry: {', '.join(add)}." if add else ""
        found.append(
            {
                "key_id": key["key_id"],
                "arn": key["arn"],
                "name": which,
                "why": why,
                "listed": listed,
                "add": add,
                "sentence": f"{which} is not renewed: {why}.{advice}",
            }
        )
    return found


def _arns(kept: Mapping[str, t.Any]) -> list[str]:
    """The key in each Region that its entry is for."""
    regions = [one["kms_key"]["arn"] for one in kept.get("regions") or () if "kms_key" in one]
    return [kept["arn"], *regions] if kept["arn"] else regions


def _faults_elsewhere(key: Mapping[str, t.Any], days: int, given: Collection[str]) -> list[_Fault]:
    return [
        _Fault(fault.sentence, region["region"], fault.curable, fault.material)
        for region in key["regions"] or ()
        if region["arn"] != key["arn"] and region["arn"] not in given
        for fault in _faults({**key, "deletion_date": None, **region}, days)
    ]


def _faults(key: Mapping[str, t.Any], days: int) -> list[_Fault]:
    if "key" in key["unread"]:
        return [_Fault(f"it cannot be described ({key['unread']['key']})")]
    if key["import_state"] is None:
        return [_Fault(f"its origin is {key['origin']}, so it takes no imported key material")]
    if key["key_state"] in ("PendingDeletion", "PendingReplicaDeletion"):
        when = f", on {key['deletion_date']}" if key["deletion_date"] else ""
        return [_Fault(f"KMS will delete the key{when}, and imports nothing until then")]
    # Key material that waits for a rotation can expire without harm to the key.
    needed = [one for one in key["materials"] or () if one["state"] in ASSOCIATED]
    if not needed:
        why = _fault(key, days)
        return [_Fault(f"its key material {why}", curable=True)] if why else []
    return [
        _Fault(f"key material {one['key_material_id']} ({one['state']}) {why}", curable=True, material=one)
        for one in needed
        if (why := _fault(one, days))
    ]


def _fault(material: Mapping[str, t.Any], days: int) -> str | None:
    if material["import_state"] != "IMPORTED":
        return "is missing"
    if material["days_left"] is not None and material["days_left"] < days:
        return f"expires on {material['valid_to']}"
    return None


def _additions(key: Mapping[str, t.Any], faults: Sequence[_Fault], kept: Mapping[str, t.Any]) -> list[str]:
    """What the entry of the key would need so that this is renewed."""
    curable = [fault for fault in faults if fault.curable]
    known = {one["key_material_id"] for one in kept.get("previous_key_materials") or ()}
    ids = dict.fromkeys(fault.older for fault in curable if fault.older and fault.older not in known)
    found = [f"key material {one} in previous_key_materials" for one in ids]
    if any(fault.elsewhere for fault in curable):
        primary = key["multi_region_key_type"] == "PRIMARY"
        primary_arn = arn_in_region(key["arn"], str(key["primary_region"]))
        found.append("replicas: true" if primary else f"replicas: true, with its primary key {primary_arn} as key_id")
    return found
