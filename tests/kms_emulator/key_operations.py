# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lifecycle of a key: create, describe, enable, disable, and delete it."""

from __future__ import annotations

import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from .clock import DAY
from .errors import Refused, invalid
from .key import EmulatedKey, Held
from .operations import Answer, Call, operation
from .specs import ASYMMETRIC, CURVES, ED25519, HMAC, ML_DSA, RSA, SYMMETRIC, USAGES
from .world import RegionView


@operation("CreateKey")
def create_key(call: Call) -> Answer:
    request = call.request
    spec = request.get("KeySpec") or request.get("CustomerMasterKeySpec") or SYMMETRIC
    origin = request.get("Origin", "AWS_KMS")
    if spec not in USAGES:
        raise invalid(f"KeySpec {spec} is not supported")
    usage = request.get("KeyUsage")
    if usage is None:
        if spec != SYMMETRIC:
            raise invalid("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
        usage = "ENCRYPT_DECRYPT"
    if usage not in USAGES[spec]:
        raise invalid(f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    if origin == "EXTERNAL" and spec in ML_DSA:
        raise invalid(f"KeySpec {spec} is not supported for Origin EXTERNAL")
    if origin not in ("AWS_KMS", "EXTERNAL"):
        raise invalid(f"Origin {origin} is not supported by this emulator")
    key = _make(call.kms, spec, usage, origin, request)
    call.kms.add(key, request.get("Tags"))
    return {"KeyMetadata": key.metadata(call.kms.now)}


def _make(kms: RegionView, spec: str, usage: str, origin: str, request: dict[str, Any]) -> EmulatedKey:
    waiting = kms.world.next_key_ids
    key = EmulatedKey(
        account_id=kms.account,
        region=kms.region,
        spec=spec,
        usage=usage,
        origin=origin,
        now=round(kms.now, 3),
        description=request.get("Description", ""),
        policy=request.get("Policy"),
        multi_region=request.get("MultiRegion", False),
        key_id=waiting.pop(0) if waiting else None,
    )
    if origin == "AWS_KMS":
        material = generated_material(spec)
        first = key.lineage.add_first(key.lineage.identify(material))
        key.held[first.id] = Held(material)
    return key


def generated_material(spec: str) -> bytes:
    """Key material that KMS generates itself."""
    if spec in HMAC:
        return os.urandom(HMAC[spec])
    if spec not in ASYMMETRIC:
        return os.urandom(32)
    private: Any
    if spec in RSA:
        private = rsa.generate_private_key(65537, RSA[spec])
    else:
        private = ed25519.Ed25519PrivateKey.generate() if spec == ED25519 else ec.generate_private_key(CURVES[spec]())
    made: bytes = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return made


@operation("DescribeKey")
def describe_key(call: Call) -> Answer:
    return {"KeyMetadata": call.key().metadata(call.kms.now)}


@operation("ListKeys")
def list_keys(call: Call) -> Answer:
    page = paged(call.kms.alive_keys(), "Keys", call.request, default=100)
    return page | {"Keys": [{"KeyId": key.id, "KeyArn": key.arn} for key in page["Keys"]]}


def paged(entries: list[Any], name: str, request: dict[str, Any], default: int) -> Answer:
    """Return one page. The marker is the index at which the next page starts."""
    marker = request.get("Marker", "0")
    if not marker.isdigit() or int(marker) > len(entries):
        raise Refused("InvalidMarkerException")
    start, limit = int(marker), request.get("Limit", default)
    page = entries[start : start + limit]
    truncated = start + limit < len(entries)
    return {name: page, "Truncated": truncated, **({"NextMarker": str(start + limit)} if truncated else {})}


@operation("EnableKey")
def enable_key(call: Call) -> Answer:
    call.key().disabled = False
    return {}


@operation("DisableKey")
def disable_key(call: Call) -> Answer:
    call.key().disabled = True
    return {}


@operation("ScheduleKeyDeletion")
def schedule_key_deletion(call: Call) -> Answer:
    key = call.key()
    days = call.request.get("PendingWindowInDays", 30)
    if not 7 <= days <= 30:
        raise invalid(f"PendingWindowInDays {days} must be between 7 and 30 (inclusive).")
    key.deletion_window = days
    if not key.is_replica and key.family.replicas:
        key.deletion_time = None
        return {"KeyId": key.arn, "KeyState": "PendingReplicaDeletion", "PendingWindowInDays": days}
    key.deletion_time = round(call.kms.now + days * DAY, 3)
    return {
        "KeyId": key.arn,
        "KeyState": "PendingDeletion",
        "DeletionDate": key.deletion_time,
        "PendingWindowInDays": days,
    }


@operation("CancelKeyDeletion")
def cancel_key_deletion(call: Call) -> Answer:
    key = call.key()
    key.deletion_window = key.deletion_time = None
    # Documented: the key is Disabled after the cancellation. If key material is missing, it is PendingImport instead.
    key.disabled = True
    return {"KeyId": key.arn}


@operation("GetKeyPolicy")
def get_key_policy(call: Call) -> Answer:
    return {"Policy": call.key().policy, "PolicyName": "default"}


@operation("PutKeyPolicy")
def put_key_policy(call: Call) -> Answer:
    call.key().put_policy(call.request["Policy"])
    return {}
