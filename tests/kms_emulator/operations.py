# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations that the emulator implements itself, and the checks before each of them: the key and its state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import Refused, denied_by_policy, not_found, wrong_state
from .key import EmulatedKey
from .key_policy import denies
from .world import RegionView

Request = dict[str, Any]
Answer = dict[str, Any]

CRYPTOGRAPHIC = {
    "Encrypt",
    "Decrypt",
    "ReEncrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "Sign",
    "Verify",
    "DeriveSharedSecret",
}
IMPORT = {"GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial"}
READS = {"DescribeKey", "ListKeyRotations", "GetPublicKey", "GetKeyRotationStatus"}
"""Operations that may read an earlier state of the key: the KMS API is eventually consistent."""
_UNALTERED = {
    *READS,
    *CRYPTOGRAPHIC,
    "GetParametersForImport",
    "GetKeyPolicy",
    "ListAliases",
    "ListGrants",
    "ListKeyPolicies",
    "ListResourceTags",
}
_TAKES_ALIAS = {"DescribeKey", "GetPublicKey", *CRYPTOGRAPHIC}

# Developer Guide, "Key states of AWS KMS keys": the states that each operation refuses. Live answers take precedence
# over the page: see tests/test_key_states.py in this folder.
_AUTOMATIC_ROTATION = {"EnableKeyRotation", "DisableKeyRotation"}
_WANTS_ENABLED = {"RotateKeyOnDemand", "ReplicateKey", "UpdatePrimaryRegion", "CreateGrant", *CRYPTOGRAPHIC}
_REFUSED_WHEN = {
    "Disabled": _WANTS_ENABLED | _AUTOMATIC_ROTATION,
    "PendingImport": {"GetPublicKey", "EnableKey", "DisableKey", *_WANTS_ENABLED},
    "Creating": {"GetPublicKey", "EnableKey", "DisableKey", *IMPORT, *_AUTOMATIC_ROTATION, *_WANTS_ENABLED},
    "Updating": {
        "GetParametersForImport",
        "DeleteImportedKeyMaterial",
        "EnableKey",
        "DisableKey",
        "ScheduleKeyDeletion",
        "ReplicateKey",
    },
}
_TAKEN_WHEN_PENDING_DELETION = {
    "DeleteImportedKeyMaterial",
    "DescribeKey",
    "ListKeyRotations",
    "GetKeyRotationStatus",
    "CancelKeyDeletion",
    "DeleteAlias",
    "PutKeyPolicy",
    "GetKeyPolicy",
    "ListKeyPolicies",
    "ListResourceTags",
    "ListAliases",
    "ListGrants",
    "RevokeGrant",
    "RetireGrant",
}
_STATE_IN_WORDS = {
    "Disabled": "disabled",
    "PendingImport": "pending import",
    "Creating": "creating",
    "Updating": "updating",
    "PendingDeletion": "pending deletion",
    "PendingReplicaDeletion": "pending replica deletion",
}


@dataclass(frozen=True)
class Call:
    """One request, as its operation receives it."""

    kms: RegionView
    operation: str
    request: Request

    def key(self, parameter: str = "KeyId") -> EmulatedKey:
        """Return the key that a parameter names. Its state must allow the operation."""
        key = self.named_key(parameter)
        check_state(self.operation, key, self.kms.now)
        return key

    def named_key(self, parameter: str = "KeyId") -> EmulatedKey:
        key = self.kms.find(self.request[parameter], alias_allowed=self.operation in _TAKES_ALIAS)
        if denies(key.denied_actions, self.operation):
            raise denied_by_policy(self.kms.account, self.operation, key.arn)
        world = self.kms.world
        if self.operation in READS:
            seen = world.as_read(key)
            seen.settle(self.kms.now)
            return seen
        if self.operation in IMPORT and world.seems_missing(key):
            raise not_found(key.arn)
        if self.operation not in _UNALTERED:
            world.about_to_change(key)
        return key


Operation = Callable[[Call], Answer]
OPERATIONS: dict[str, Operation] = {}


def operation(name: str) -> Callable[[Operation], Operation]:
    def register(function: Operation) -> Operation:
        OPERATIONS[name] = function
        return function

    return register


def check_state(operation_name: str, key: EmulatedKey, now: float) -> None:
    state = key.state(now)
    pending_deletion = state in ("PendingDeletion", "PendingReplicaDeletion")
    if operation_name == "CancelKeyDeletion" and not pending_deletion:
        raise wrong_state(f"{key.arn} is not pending deletion.")
    if pending_deletion:
        refused = operation_name not in _TAKEN_WHEN_PENDING_DELETION
    else:
        refused = operation_name in _REFUSED_WHEN.get(state, ())
    if refused:
        code = "DisabledException" if state == "Disabled" else "KMSInvalidStateException"
        raise Refused(code, f"{key.arn} is {_STATE_IN_WORDS[state]}.")
