# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ReplicateKey and UpdatePrimaryRegion. Both take time, and the keys are Creating or Updating meanwhile."""

from __future__ import annotations

from .errors import Refused, invalid, unsupported, wrong_state
from .key import EmulatedKey, Held
from .operations import Answer, Call, check_state, operation
from .specs import partition

CREATING_SECONDS = 3.0
UPDATING_SECONDS = 3.0


@operation("ReplicateKey")
def replicate_key(call: Call) -> Answer:
    key, region, now = call.key(), call.request["ReplicaRegion"], call.kms.now
    if not key.multi_region or key.is_replica:
        raise unsupported(f"{key.arn} is not a multi-region primary key.")
    if region == key.region:
        raise invalid(f"{region} cannot have a replica because it contains the primary.")
    if not call.kms.is_region(region):
        raise invalid(
            f"Region {region} is not a valid Region or multi-Region keys are not supported in Region {region}."
        )
    if partition(region) != partition(key.region):
        raise invalid("The replica key Region must be in the same AWS partition as the primary key Region.")
    if region in key.family.keys:
        raise Refused(
            "AlreadyExistsException", "You can create only one replica of each primary key in each AWS Region."
        )
    replica = EmulatedKey(
        account_id=key.account_id,
        region=region,
        spec=key.key_spec,
        usage=key.key_usage,
        origin=key.origin,
        now=round(now, 3),
        description=call.request.get("Description", ""),
        policy=call.request.get("Policy"),
        multi_region=True,
        key_id=key.id,
    )
    replica.lineage, replica.family = key.lineage, key.family
    key.family.keys[region] = replica
    if key.origin == "AWS_KMS":
        replica.held = {material_id: Held(held.data) for material_id, held in key.held.items()}
    replica.creating_until = now + CREATING_SECONDS
    call.kms.elsewhere(region).add(replica, call.request.get("Tags"))
    # The answer contains the primary key's expiration, but no KeyMaterialId yet.
    metadata = {**replica.metadata(now), **(key.expiration() if key.origin == "EXTERNAL" else {})}
    metadata.pop("CurrentKeyMaterialId", None)
    tags = {"ReplicaTags": call.request["Tags"]} if call.request.get("Tags") else {}
    return {"ReplicaKeyMetadata": metadata, "ReplicaPolicy": replica.policy, **tags}


@operation("UpdatePrimaryRegion")
def update_primary_region(call: Call) -> Answer:
    key, region, now = call.key(), call.request["PrimaryRegion"], call.kms.now
    if not key.multi_region or key.is_replica:
        raise wrong_state(f"{key.arn} is not a multi-Region primary key.")
    if region == key.region:
        return {}
    replica = key.family.keys.get(region)
    if replica is None:
        raise invalid(f"{key.id} does not have a replica key in the specified Region.")
    check_state(call.operation, replica, now)
    key.family.primary_region = region
    key.updating_until = replica.updating_until = now + UPDATING_SECONDS
    return {}
