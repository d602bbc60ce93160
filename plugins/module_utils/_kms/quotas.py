# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The request quotas of KMS: requests per second and operation, for an account and Region. Pure."""

from __future__ import annotations

import math
import typing as t

from .._errors import Refusal

__all__ = ("QUOTAS", "read_quotas")

# AWS KMS Developer Guide, "Request quotas" (requests-per-second.html), as of November 2026: the default values for the
# operations that this collection uses. AWS raises them on request and counts each operation separately.
QUOTAS: t.Mapping[str, float] = {
    "CancelKeyDeletion": 5,
    "CreateAlias": 5,
    "CreateKey": 5,
    "DeleteAlias": 15,
    "DeleteImportedKeyMaterial": 15,
    "DescribeKey": 2000,
    "DisableKey": 5,
    "EnableKey": 5,
    "GetKeyPolicy": 1000,
    "GetKeyRotationStatus": 1000,
    "GetParametersForImport": 1,
    "GetPublicKey": 2000,
    "ImportKeyMaterial": 15,
    "ListAliases": 500,
    "ListKeyRotations": 100,
    "ListKeys": 500,
    "ListResourceTags": 2000,
    "PutKeyPolicy": 15,
    # The page lists 5. However, each "counts as one ReplicateKey request in the primary key's Region and two CreateKey
    # requests in the replica's Region", whose quota is 5.
    "ReplicateKey": 2.5,
    "RotateKeyOnDemand": 5,
    "ScheduleKeyDeletion": 15,
    "TagResource": 10,
    "UntagResource": 5,
    "UpdateAlias": 5,
    "UpdateKeyDescription": 5,
    # Cryptographic operations share quotas: 10,000 for symmetric and HMAC keys (more in large Regions), 1,000 for RSA
    # keys and 1,000 for elliptic curve keys. These are the smallest quotas that can apply.
    "Decrypt": 1000,
    "DeriveSharedSecret": 1000,
    "Encrypt": 1000,
    "GenerateMac": 10000,
    "Sign": 1000,
    "Verify": 1000,
    "VerifyMac": 10000,
}


def read_quotas(given: t.Mapping[str, t.Any] | None) -> dict[str, float]:
    """All quotas: the values of the option ``quotas``, and the AWS defaults for the other operations.

    :param given: requests per second, by operation.
    :raises Refusal: an operation has no quota, or a value is not a number above 0.
    """
    quotas = dict(QUOTAS)
    for operation, value in (given or {}).items():
        if operation not in QUOTAS:
            raise Refusal(
                f"quotas: {operation} is not a KMS operation with a quota here. Use one of these:"
                f" {', '.join(sorted(QUOTAS))}."
            )
        quotas[operation] = _requests_a_second(operation, value)
    return quotas


def _requests_a_second(operation: str, value: t.Any) -> float:
    try:
        # Templates may turn numbers into text, depending on the Ansible version. True is a number only in Python.
        number = math.nan if isinstance(value, bool) else float(value)
    except (OverflowError, TypeError, ValueError):
        number = math.nan
    if not 0 < number < math.inf:
        raise Refusal(
            f"quotas: {operation} must be a number of requests per second greater than 0, such as"
            f" {QUOTAS[operation]:g}, not {value!r}. Correct it."
        )
    return number
