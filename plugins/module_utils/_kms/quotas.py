# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How many requests of an operation KMS takes a second, for an account and Region. Pure."""

from __future__ import annotations

import math
import typing as t

from .._errors import Refusal

__all__ = ("QUOTAS", "read_quotas")

# AWS KMS Developer Guide, "Request quotas" (requests-per-second.html), as of November 2026: the default values of the
# operations that this collection uses. AWS raises them on request, and counts each of them by itself.
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
    # The page says 5. But each "counts as one ReplicateKey request in the primary key's Region and two CreateKey
    # requests in the replica's Region", of which there are 5.
    "ReplicateKey": 2.5,
    "RotateKeyOnDemand": 5,
    "ScheduleKeyDeletion": 15,
    "TagResource": 10,
    "UntagResource": 5,
    "UpdateAlias": 5,
    "UpdateKeyDescription": 5,
    # Cryptographic operations share quotas: 10,000 for symmetric and HMAC keys, more in large Regions, 1,000 for RSA
    # keys and 1,000 for elliptic curves. The smallest that one may count against.
    "Decrypt": 1000,
    "DeriveSharedSecret": 1000,
    "Encrypt": 1000,
    "GenerateMac": 10000,
    "Sign": 1000,
    "Verify": 1000,
    "VerifyMac": 10000,
}


def read_quotas(given: t.Mapping[str, t.Any] | None) -> dict[str, float]:
    """All quotas: those of the option ``quotas``, and AWS's defaults for the others.

    :param given: requests a second, by operation.
    :raises Refusal: an operation has none, or a value is no number above 0.
    """
    quotas = dict(QUOTAS)
    for operation, value in (given or {}).items():
        if operation not in QUOTAS:
            raise Refusal(
                f"quotas: {operation} is no operation of KMS that has a quota here. These have one:"
                f" {', '.join(sorted(QUOTAS))}."
            )
        quotas[operation] = _requests_a_second(operation, value)
    return quotas


def _requests_a_second(operation: str, value: t.Any) -> float:
    try:
        # Templates make text of numbers, depending on the version of Ansible. True is a number for Python alone.
        number = math.nan if isinstance(value, bool) else float(value)
    except (OverflowError, TypeError, ValueError):
        number = math.nan
    if not 0 < number < math.inf:
        raise Refusal(
            f"quotas: {operation} must be a number of requests a second, more than 0, such as {QUOTAS[operation]:g}."
            f" {value!r} is not."
        )
    return number
