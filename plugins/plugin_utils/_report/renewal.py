# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Which keys lack key material, or have some that expires soon, and what an entry of the list must have to renew it.

All key materials of a key and all of its Regions count, where they were read. Pure.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...module_utils._key.facts import ASSOCIATED
from ...module_utils._key.material_label import names_ciphertext
from .foretold import as_foretold, unidentified

__all__ = ("not_renewed",)

Json = dict[str, t.Any]
_Task = Mapping[str, t.Any]
_NOTHING: Json = {}


@dataclass(frozen=True)
class _Fault:
    """What is wrong with a key in one Region.

    :ivar elsewhere: the Region; None for the one that the list is for.
    :ivar cure: what may end it: an import; or another look, which a task begins with; or nothing that a task does.
    :ivar material: the key material; None where it is not about one of several.
    """

    sentence: str
    elsewhere: str | None = None
    cure: t.Literal["import", "look"] | None = None
    material: Mapping[str, t.Any] | None = None

    @property
    def words(self) -> str:
        return f"in {self.elsewhere} {self.sentence}" if self.elsewhere else self.sentence

    @property
    def older(self) -> bool:
        return self.material is not None and self.material["state"] == "NON_CURRENT"


def not_renewed(
    keys: Sequence[Mapping[str, t.Any]],
    days: int,
    tasks: Sequence[_Task] = (),
    results: Sequence[Mapping[str, t.Any]] = (),
    foretold_at: str | None = None,
) -> list[Json]:
    """Each key that is not renewed: its ``place`` in *keys*, ``key_id``, ``arn``, ``name``, ``why`` and a ``sentence``.

    ``due`` says whether what its task gives may renew something of it. ``add`` is what the entry of the list lacks.

    :param keys: what ``kms_key_material_info`` returned of them.
    :param days: key material with less than so many days left is not renewed.
    :param tasks: what is given for each of *keys*, see :func:`.read_renewals`; nothing where nobody renews them.
    :param results: of ``kms_key_material``, each with its ``place``.
    :param foretold_at: in check mode, the time of *keys*; what the *results* foretell counts as done then.
    """
    of_place = {result["place"]: result for result in results if "place" in result}
    found = []
    for place, shown in enumerate(keys):
        task = tasks[place] if tasks else _NOTHING
        result = of_place.get(place, _NOTHING)
        key = as_foretold(shown, result, foretold_at) if foretold_at else shown
        faults = [*_faults(key, days), *_faults_elsewhere(key, days)]
        if foretold_at:
            faults = _without_unidentified(key, faults, task, result)
        faults += _faults_of_task(key, task)
        if not faults:
            continue
        name = next(iter(key["aliases"] or ()), key["key_id"])
        which = f"{name} ({key['arn']})" if key["arn"] else name
        why = ", ".join(fault.words for fault in faults)
        add = _additions(key, faults, task, result) if tasks else []
        advice = f" Add to its entry: {', '.join(add)}." if add else ""
        found.append(
            {
                "place": place,
                "key_id": key["key_id"],
                "arn": key["arn"],
                "name": which,
                "why": why,
                "due": any(fault.cure and not _lacking(key, fault, task, result) for fault in faults),
                "add": add,
                "sentence": f"{which} is not renewed: {why}.{advice}",
            }
        )
    return found


def _faults_elsewhere(key: Mapping[str, t.Any], days: int) -> list[_Fault]:
    return [
        _Fault(fault.sentence, region["region"], fault.cure, fault.material)
        for region in key["regions"] or ()
        if region["arn"] != key["arn"]
        for fault in _faults({**key, "deletion_date": None, **region}, days)
    ]


def _faults(key: Mapping[str, t.Any], days: int) -> list[_Fault]:
    if "key" in key["unread"]:
        return [_Fault(f"it cannot be described ({key['unread']['key']})", cure="look")]
    if key["import_state"] is None:
        return [_Fault(f"its origin is {key['origin']}, so it takes no imported key material")]
    if key["key_state"] in ("PendingDeletion", "PendingReplicaDeletion"):
        when = f", on {key['deletion_date']}" if key["deletion_date"] else ""
        return [_Fault(f"KMS will delete the key{when}, and imports nothing until then")]
    # Key material that waits for a rotation can expire without harm to the key.
    needed = [one for one in key["materials"] or () if one["state"] in ASSOCIATED]
    if not needed:
        why = _fault(key, days)
        return [_Fault(f"its key material {why}", cure="import")] if why else []
    return [
        _Fault(f"key material {one['key_material_id']} ({one['state']}) {why}", cure="import", material=one)
        for one in needed
        if (why := _fault(one, days))
    ]


def _fault(material: Mapping[str, t.Any], days: int) -> str | None:
    if material["import_state"] != "IMPORTED":
        return "is missing"
    if material["days_left"] is not None and material["days_left"] < days:
        return f"expires on {material['valid_to']}"
    return None


def _faults_of_task(key: Mapping[str, t.Any], task: _Task) -> list[_Fault]:
    """What would refuse every renewal, and so is said before one is due."""
    if "key" in key["unread"] or key["import_state"] is None:
        return []
    found = []
    if task.get("replicas") and not key["multi_region"]:
        found.append(_Fault("it is a single-Region key, so its entry must not have replicas: true"))
    elif task.get("replicas") and key["multi_region_key_type"] != "PRIMARY":
        found.append(_Fault(f"it is a replica key, and replicas: true is for its primary key, {_primary(key)}"))
    if task.get("previous") and key["key_spec"] != "SYMMETRIC_DEFAULT":
        found.append(
            _Fault(
                f"it is a {key['key_spec']} key, so its entry must not have previous_key_materials: it has no others"
            )
        )
    return found


def _primary(key: Mapping[str, t.Any]) -> str:
    parts = key["arn"].split(":")
    return ":".join((*parts[:3], str(key["primary_region"]), *parts[4:]))


def _lacking(
    key: Mapping[str, t.Any], fault: _Fault, task: _Task, result: Mapping[str, t.Any]
) -> list[t.Literal["older", "replicas"]]:
    """What the entry would need so that this is renewed."""
    lacking: list[t.Literal["older", "replicas"]] = []
    if fault.older and not _given(fault.material or _NOTHING, task, result):
        lacking.append("older")
    if fault.elsewhere and not (task.get("replicas") and key["multi_region_key_type"] == "PRIMARY"):
        lacking.append("replicas")
    return lacking


def _given(material: Mapping[str, t.Any], task: _Task, result: Mapping[str, t.Any]) -> bool:
    """Whether one of the older key materials of the entry is, or may be, this one."""
    known = result.get("previous_key_materials")
    if known:
        ids = {one["key_material_id"] for one in known if one["material_match"] != "different"}
    else:
        ids = {one.get("key_material_id") for one in task.get("previous", ())}
    return material["key_material_id"] in ids or None in ids


def _additions(
    key: Mapping[str, t.Any], faults: Sequence[_Fault], task: _Task, result: Mapping[str, t.Any]
) -> list[str]:
    curable = [fault for fault in faults if fault.cure == "import"]
    lacking = [(fault, what) for fault in curable for what in _lacking(key, fault, task, result)]
    ids = [fault.material["key_material_id"] for fault, what in lacking if what == "older" and fault.material]
    found = [f"key material {one} in previous_key_materials" for one in dict.fromkeys(ids)]
    if any(what == "replicas" for _fault_, what in lacking):
        primary = key["multi_region_key_type"] == "PRIMARY"
        found.append("replicas: true" if primary else f"replicas: true, with its primary key {_primary(key)} as key_id")
    return found


def _recognizable(material: Mapping[str, t.Any]) -> bool:
    """Whether its label tells it apart from every plaintext key material that is another one."""
    return bool(material["label"]) and not names_ciphertext(material["label"])


def _without_unidentified(
    key: Mapping[str, t.Any], faults: Sequence[_Fault], task: _Task, result: Mapping[str, t.Any]
) -> list[_Fault]:
    """KMS will find out which of the older key materials some of the given ones are, of those without a fingerprint.

    Where as many are given as there are of these, all of them count as renewed, as ``kms_key_material`` has it.
    """
    identified = {one["key_material_id"] for one in result.get("previous_key_materials") or ()}
    maybe = [
        one["key_material_id"]
        for one in key["materials"] or ()
        if one["state"] == "NON_CURRENT" and not _recognizable(one) and one["key_material_id"] not in identified
    ]
    if len(maybe) > unidentified(task, result):
        return list(faults)
    return [
        fault
        for fault in faults
        if not (fault.older and fault.material and fault.material["key_material_id"] in maybe)
        or (fault.elsewhere and not task.get("replicas"))
    ]
