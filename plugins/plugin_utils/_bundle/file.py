# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The file format of a bundle: canonical JSON with a digest, and the check code that two people compare. Pure.

The file is the canonical JSON of one object whose values are text or null, without anything after it: keys sorted, no
white space, ASCII only. So the SHA-256 of the file is that of the canonical JSON, and ``sha256sum`` displays the value
that the check code is derived from. ``sha256`` is the SHA-256 of the canonical JSON without that field. Like every
digest inside a file, it detects damage but not tampering: anyone who changes the file can change the digest. The check
code, which is sent separately from the file, detects both.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import typing as t

from ...module_utils._errors import Refusal

__all__ = (
    "BundleError",
    "check_code",
    "content_of",
    "has_check_code",
    "is_of_format",
    "open_bundle",
    "serialize",
    "sha256",
)

_DIGEST = "sha256"
_GROUP = 4
_CODE_CHARACTERS = 20
"""Five bits each, 100 bits in total: it is infeasible to make a bundle for a given code. Two bundles with one code take
about 2^50 attempts, and only help someone who makes both: the exporter or the custodian, whom no code can stop.
"""
_CODE = re.compile(r"[A-Z2-7]{20}")
_FORMAT = re.compile(r"cloudkeys\.aws/(?:import-parameters|wrapped-key-material)/v[0-9]{1,3}")


class BundleError(Refusal):
    """A message about a bundle. It contains nothing of the bundle that must not be displayed."""


def serialize(values: t.Mapping[str, str | None]) -> bytes:
    """The content of the file with these values."""
    digest = sha256(_canonical(values))
    return _canonical({**values, _DIGEST: digest})


def content_of(value: t.Any, what: str) -> bytes:
    """The content of the file from a value: the text, or the dictionary that templates made of it.

    :raises BundleError: it is neither.
    """
    try:
        return value.encode("ascii") if isinstance(value, str) else _canonical({**value})
    except (TypeError, ValueError, RecursionError):
        raise BundleError(f"{what} is not a bundle. Give the value of bundle from a result.") from None


def open_bundle(content: bytes, expected_format: str, what: str) -> dict[str, t.Any]:
    """The values of a bundle. Every byte counts: different white space is also damage.

    :param what: the bundle, for example by its file, as the subject of a sentence.
    :raises BundleError: it is not a bundle, has another format, or is damaged.
    """
    try:
        values = json.loads(content.decode("ascii"))
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or not isinstance(values.get("format"), str):
        raise BundleError(
            f"{what} is not a bundle of this collection, or is damaged. Give the file that the collection has written."
        )
    if values["format"] != expected_format:
        # Other content is not displayed: the file may be any file, read through a link.
        found = values["format"] if _FORMAT.fullmatch(values["format"]) else "unknown to this collection"
        raise BundleError(
            f"{what} is a bundle of format {found}, but a bundle of format {expected_format} is required. Give the"
            " other bundle."
        )
    digest = values.pop(_DIGEST, None)
    if serialize(values) != content:
        raise BundleError(
            f"{what} is damaged: it is not as it was written"
            + (", and its digest does not match." if digest != sha256(_canonical(values)) else " byte for byte.")
            + " Copy it again from its source, as binary data."
        )
    return values


def check_code(content: bytes) -> str:
    """The first 100 bits of the file's SHA-256 in base32 (RFC 4648, section 6): five groups of four characters."""
    code = base64.b32encode(hashlib.sha256(content).digest()).decode("ascii")[:_CODE_CHARACTERS]
    return "-".join(code[start : start + _GROUP] for start in range(0, _CODE_CHARACTERS, _GROUP))


def has_check_code(content: bytes, expected: str) -> bool:
    """Whether the file has the given code. Case, spaces and hyphens are ignored.

    :raises BundleError: the given text is not a check code.
    """
    if not _CODE.fullmatch(_plain(expected)):
        raise BundleError(
            f"expected_check_code, {expected[:60]!r}, is not a check code. A check code has five groups of four"
            " characters, letters and the digits 2 to 7, such as A2BC-3DEF-GHI4-JKL5-MNO6. Correct it."
        )
    return _plain(expected) == _plain(check_code(content))


def is_of_format(content: bytes, expected_format: str) -> bool:
    """Whether it is a bundle of this format, damaged or not."""
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(values, dict) and values.get("format") == expected_format


def sha256(content: bytes) -> str:
    """In hex."""
    return hashlib.sha256(content).hexdigest()


def _canonical(values: t.Mapping[str, t.Any]) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).upper()
