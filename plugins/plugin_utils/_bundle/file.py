# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The form of a bundle's file: canonical JSON with a digest in it, and the check code that two people compare. Pure.

The file is the canonical JSON of one object whose values are text or null, and nothing after it: keys sorted, no white
space, ASCII only. So the SHA-256 of the file is that of the canonical JSON, and ``sha256sum`` shows where the check
code comes from. ``sha256`` is the SHA-256 of the canonical JSON without that field. Like every digest inside a file it
shows damage, not tampering: whoever changes the file can change the digest. The check code, which travels another way
than the file, shows both.
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
"""Of five bits each: 100 bits, so that nobody can make two bundles with one code, or one for a given code."""
_CODE = re.compile(r"[A-Z2-7]{20}")
_FORMAT = re.compile(r"cloudkeys\.aws/(?:import-parameters|wrapped-key-material)/v[0-9]{1,3}")


class BundleError(Refusal):
    """A sentence about a bundle. It contains nothing of the bundle that could not be shown."""


def serialize(values: t.Mapping[str, str | None]) -> bytes:
    """The content of the file that holds these values."""
    digest = sha256(_canonical(values))
    return _canonical({**values, _DIGEST: digest})


def content_of(value: t.Any, what: str) -> bytes:
    """The content of the file, out of a value: the text, or what it was read into on its way through templates.

    :raises BundleError: it is neither.
    """
    try:
        return value.encode("ascii") if isinstance(value, str) else _canonical({**value})
    except (TypeError, ValueError, RecursionError):
        raise BundleError(f"{what} is not a bundle. Give what bundle of a result holds.") from None


def open_bundle(content: bytes, expected_format: str, what: str) -> dict[str, t.Any]:
    """The values that were sealed. Every byte counts: other white space is damage, too.

    :param what: the bundle, by its file for example, as the subject of a sentence.
    :raises BundleError: it is no bundle, one of another format, or damaged.
    """
    try:
        values = json.loads(content.decode("ascii"))
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or not isinstance(values.get("format"), str):
        raise BundleError(f"{what} is not a bundle of this collection, or is damaged. Take the file that was written.")
    if values["format"] != expected_format:
        # Whatever else stands there is not shown: the file may be anybody's, and read through a link.
        found = values["format"] if _FORMAT.fullmatch(values["format"]) else "that this collection does not know"
        raise BundleError(
            f"{what} is a bundle of the format {found}, and one of the format {expected_format} is needed here. Give"
            " the other bundle."
        )
    digest = values.pop(_DIGEST, None)
    if serialize(values) != content:
        raise BundleError(
            f"{what} is damaged: it is not as it was written"
            + (", its digest does not fit." if digest != sha256(_canonical(values)) else " any more, to the byte.")
            + " Copy it again from where it was made, as binary data."
        )
    return values


def check_code(content: bytes) -> str:
    """The first 100 bits of the file's SHA-256 in base32 (RFC 4648, section 6): five groups of four characters."""
    code = base64.b32encode(hashlib.sha256(content).digest()).decode("ascii")[:_CODE_CHARACTERS]
    return "-".join(code[start : start + _GROUP] for start in range(0, _CODE_CHARACTERS, _GROUP))


def has_check_code(content: bytes, expected: str) -> bool:
    """Whether this is the file whose code somebody heard or typed. Case, spaces and hyphens do not count.

    :raises BundleError: what was typed is no code.
    """
    if not _CODE.fullmatch(_plain(expected)):
        raise BundleError(
            f"expected_check_code, {expected[:60]!r}, is not a check code. It has five groups of four characters,"
            " letters and the digits 2 to 7, such as A2BC-3DEF-GHI4-JKL5-MNO6."
        )
    return _plain(expected) == _plain(check_code(content))


def is_of_format(content: bytes, expected_format: str) -> bool:
    """Whether it is such a bundle, damaged or not."""
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
