# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How a key would look if a run in check mode had been none. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from datetime import datetime

from ...module_utils._key.facts import IMPORTED, PENDING_IMPORT
from ...module_utils._key.snapshot import OTHERS

__all__ = ("as_foretold", "unidentified")

Json = dict[str, t.Any]


def as_foretold(key: Mapping[str, t.Any], result: Mapping[str, t.Any], now: str) -> Json:
    """*key* with what the *result* of ``kms_key_material`` says of it in each Region.

    :param key: an entry of ``kms_key_material_info``.
    :param now: the time of *key*, in ISO 8601.
    """
    told = result.get("diff") or ()
    after = {one["after_header"]: one["after"] for one in ([told] if isinstance(told, Mapping) else told)}
    regions = key["regions"]
    if regions is not None:
        regions = [_in_region(region, after.get(region["arn"]), now) for region in regions]
    return {**_in_region(key, after.get(key["arn"]), now), "regions": regions}


def unidentified(task: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> int:
    """Of how many older key materials that are imported only KMS can tell which they are."""
    if "diff" not in result or task.get("own", {}).get("on_unknown_material", "reimport") != "reimport":
        return 0
    told = result.get("previous_key_materials") or ()
    return sum(one["key_material_id"] is None and one["material_match"] == "unknown" for one in told)


def _in_region(key: Mapping[str, t.Any], after: Mapping[str, t.Any] | None, now: str) -> Json:
    if after is None:
        return dict(key)
    if not key["materials"]:
        return {**key, **_state(after, now)}
    others = after.get(OTHERS, {})
    materials = []
    for one in key["materials"]:
        own = after if one["state"] == "CURRENT" else others.get(one["key_material_id"])
        materials.append(dict(one) if own is None else {**one, **_state(own, now)})
    return {**key, "materials": materials}


def _state(after: Mapping[str, t.Any], now: str) -> Json:
    there = after["expiration_model"] is not None
    end = after["valid_to"] if there else None
    days = None if end is None else max(0, (datetime.fromisoformat(end) - datetime.fromisoformat(now)).days)
    return {"import_state": IMPORTED if there else PENDING_IMPORT, "valid_to": end, "days_left": days}
