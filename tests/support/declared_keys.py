# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_external_key`` in this process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kms_emulator.process import LONGEST

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.apply import DeclaredKey
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.plan import WantedKey
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.replication import (
    DeclaredReplicas,
    PrimaryKey,
)

from .external_key import ExternalKey
from .in_process import kms_of
from .materials import new_material

ALIAS = "alias/payments"
OPTIONS: dict[str, Any] = {"description": "one", "tags": {"a": "1"}, "key_spec": "HMAC_256"}
WRITES = {
    "CancelKeyDeletion", "CreateAlias", "CreateKey", "DisableKey", "EnableKey", "PutKeyPolicy", "ReplicateKey",
    "ScheduleKeyDeletion", "TagResource", "UntagResource", "UpdateKeyDescription",
}  # fmt: skip


def policy(account: str, *actions: str) -> dict[str, Any]:
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Sid": "Administration", "Effect": "Allow", "Principal": root, "Action": actions, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [json.loads(json.dumps(statement))]}


def declare(
    client: Any, *, state: str = "present", key_id: str | None = None, check_mode: bool = False, **options: Any
) -> dict[str, Any]:
    """As a task would; raises what the module turns into a failure."""
    options.setdefault("alias", None if key_id else ALIAS)
    key = DeclaredKey(kms_of(client), WantedKey(**options), key_id, check_mode, LONGEST)
    key.present() if state == "present" else key.absent()
    return {**key.to_result(), "warnings": key.warnings}


def declare_in(
    clients: Mapping[str, Any],
    *,
    state: str = "present",
    key_id: str | None = None,
    check_mode: bool = False,
    wait_timeout: float | None = LONGEST,
    **options: Any,
) -> dict[str, Any]:
    """The same for a key with replica keys, with the failure in ``failed``.

    :param clients: by Region; the Region of the primary key is the first.
    """
    own, *others = clients.values()
    wanted = WantedKey(**{"alias": None if key_id else ALIAS, "replica_regions": tuple(clients)[1:], **options})
    elsewhere = {client.meta.region_name: kms_of(client) for client in others}
    key = DeclaredReplicas(PrimaryKey(kms_of(own), wanted, key_id, check_mode, wait_timeout), elsewhere)
    failed = None
    try:
        key.present() if state == "present" else key.absent()
    except CloudKeysError as error:
        failed = error
    warnings = tuple(warning for warning in (*key.warnings, key.waiting) if warning)
    return {**key.to_result(), "warnings": warnings, "failed": failed and failed.sentence}


def keys(client: Any) -> list[str]:
    return [entry["KeyArn"] for entry in client.list_keys()["Keys"]]


def tags(client: Any, arn: str) -> dict[str, str]:
    return {entry["TagKey"]: entry["TagValue"] for entry in client.list_resource_tags(KeyId=arn)["Tags"]}


def import_into(client: Any, arn: str) -> ExternalKey:
    key = ExternalKey(client, client.describe_key(KeyId=arn)["KeyMetadata"])
    key.put(new_material(key.spec))
    return key
