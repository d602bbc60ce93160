# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Comparison of public keys by value, not by encoding."""

from __future__ import annotations

import typing as t

from .library import require_cryptography

__all__ = ("same_public_key",)


def same_public_key(one: bytes, other: bytes) -> bool:
    """Whether two SubjectPublicKeyInfo, DER, represent the same key. The keys are compared, not their encodings."""
    if one == other:
        return True
    require_cryptography()
    from cryptography.exceptions import InternalError, UnsupportedAlgorithm

    try:
        return bool(_numbers(one) == _numbers(other))
    except (ValueError, InternalError, UnsupportedAlgorithm):
        return False


def _numbers(public_key: bytes) -> t.Any:
    """The value of the key, independent of its encoding: a point may be compressed, for example."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    loaded: t.Any = load_der_public_key(public_key)
    if hasattr(loaded, "public_numbers"):
        return loaded.public_numbers()
    return loaded.public_bytes(Encoding.Raw, PublicFormat.Raw)
