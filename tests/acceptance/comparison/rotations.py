# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the rotations of a record took, as its reads show. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ..record import Call
from .calls import inner, subject


def rotation_seconds(rotation: Call, later: Sequence[Call]) -> float:
    """Return the estimated duration of a rotation, in seconds.

    The rotation ended between the last read during the rotation and the next read after it. The estimate is the middle.
    A read that shows no rotation is from before the rotation if a later one shows that the rotation is in progress.

    :param rotation: the call of RotateKeyOnDemand.
    :param later: the calls after it.
    """
    reads: list[Call] = []
    for call in later:
        if subject(call) == subject(rotation) and "answer" in call:
            if call["operation"] == "RotateKeyOnDemand":
                break
            reads.append(call)
    former = _former_material(reads)
    running, end = rotation["at"], None
    for call in reads:
        ended = _shows_end(call, former)
        if ended is False:
            running, end = call["at"], None
        elif ended and end is None:
            end = call["at"]
    return max(running - rotation["at"], 0.0) + 1 if end is None else max((running + end) / 2 - rotation["at"], 0.0)


def _former_material(reads: Sequence[Call]) -> dict[str, str]:
    """Return the ID of the replaced key material for each Region whose reads show two different ones."""
    shown: dict[str, list[str]] = defaultdict(list)
    for call in reads:
        current = inner(call, "answer", "KeyMetadata", "CurrentKeyMaterialId")
        if isinstance(current, str):
            shown[call["region"]].append(current)
    return {region: materials[0] for region, materials in shown.items() if len(set(materials)) > 1}


def _shows_end(read: Call, former: dict[str, str]) -> bool | None:
    """Return whether the read shows that the rotation has ended. None if it shows neither."""
    answer = read["answer"]
    if read["operation"] == "GetKeyRotationStatus":
        return "OnDemandRotationStartDate" not in answer
    if read["operation"] == "ListKeyRotations":
        rotations = inner(answer, "Rotations")
        if not isinstance(rotations, list):
            return None
        return not any("PENDING" in str(inner(one, "KeyMaterialState")) for one in rotations)
    if read["operation"] == "DescribeKey" and read["region"] in former:
        return bool(inner(answer, "KeyMetadata", "CurrentKeyMaterialId") != former[read["region"]])
    return None
