# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ListKeyRotations, RotateKeyOnDemand, GetKeyRotationStatus, and automatic rotation, which imported keys refuse."""

from __future__ import annotations

from .errors import Refused, invalid, unsupported, wrong_origin, wrong_state
from .key import EmulatedKey, Held
from .key_operations import generated_material, paged
from .lineage import MOST_ROTATIONS
from .operations import Answer, Call, operation

ALL = "ALL_KEY_MATERIAL"


@operation("ListKeyRotations")
def list_key_rotations(call: Call) -> Answer:
    key = call.key()
    everything = call.request.get("IncludeKeyMaterial") == ALL
    if everything and not key.symmetric:
        raise invalid("Input parameter includeKeyMaterial can only be used with symmetric keys.")
    entries = key.rotations_listed(call.kms.now, everything) if key.symmetric else []
    return paged(entries, "Rotations", call.request, default=1000)


@operation("GetKeyRotationStatus")
def get_key_rotation_status(call: Call) -> Answer:
    key = call.key()
    answer: Answer = {"KeyId": key.arn, "KeyRotationEnabled": False}
    if key.lineage.rotation_started is not None:
        answer["OnDemandRotationStartDate"] = key.lineage.rotation_started
    return answer


@operation("RotateKeyOnDemand")
def rotate_key_on_demand(call: Call) -> Answer:
    key = call.key()
    if not key.symmetric:
        raise unsupported()
    _refuse_replica(key, call.operation)
    lineage = key.lineage
    if lineage.rotations >= MOST_ROTATIONS:
        raise Refused(
            "LimitExceededException",
            "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be"
            f" performed for this key: {key.arn}",
        )
    if lineage.rotation_started is not None:
        # Observed: KMS accepts a second request directly after the first, and does not rotate twice.
        return {"KeyId": key.arn}
    if key.origin == "AWS_KMS":
        material = generated_material(key.key_spec)
        key.held[lineage.stage(lineage.identify(material), key.arn).id] = Held(material)
    pending = lineage.pending
    if pending is None:
        raise wrong_state(f"No available key material pending rotation for the key: {key.arn}.")
    if any(pending.id not in member.held for member in key.family.replicas):
        raise wrong_state(
            "Cannot perform key material rotation: Key material has not been imported for replicas of the Multi-Region"
            " key."
        )
    lineage.start_rotation(round(call.kms.now, 3), call.kms.world.rotation_seconds)
    return {"KeyId": key.arn}


@operation("EnableKeyRotation")
def enable_key_rotation(call: Call) -> Answer:
    return _set_automatic_rotation(call)


@operation("DisableKeyRotation")
def disable_key_rotation(call: Call) -> Answer:
    return _set_automatic_rotation(call)


def _set_automatic_rotation(call: Call) -> Answer:
    key = call.key()
    _refuse_replica(key, call.operation)
    if key.origin != "AWS_KMS":
        raise wrong_origin(key.arn, key.origin)
    if not key.symmetric and call.operation == "EnableKeyRotation":
        raise unsupported()
    return {}


def _refuse_replica(key: EmulatedKey, operation_name: str) -> None:
    if key.is_replica:
        raise unsupported(f"{key.arn} is a multi-region replica key which is not valid for {operation_name}.")
