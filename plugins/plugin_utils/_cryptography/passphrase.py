# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The passphrase of an encrypted private key, from a value or a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from .errors import KeyMaterialError

__all__ = ("LONGEST", "Passphrase", "passphrase_from_file", "passphrase_from_value")

LONGEST = 1024
"""In bytes. A longer passphrase is another file, or the private key itself."""


@dataclass(frozen=True)
class Passphrase:
    """:ivar origin: the source, for messages."""

    content: bytes = field(repr=False)
    origin: str


def passphrase_from_file(content: bytes, src: str) -> Passphrase:
    """The content of the file, without one newline at its end, which editors and ``echo`` add.

    :raises KeyMaterialError: with a message.
    """
    for newline in (b"\r\n", b"\n"):
        if content.endswith(newline):
            content = content.removesuffix(newline)
            break
    return _checked(content, f"the file {src}")


def passphrase_from_value(value: str) -> Passphrase:
    """:raises KeyMaterialError: with a message."""
    return _checked(value.encode("utf-8"), "key_material_passphrase")


def _checked(content: bytes, origin: str) -> Passphrase:
    if not content:
        raise KeyMaterialError(
            f"The passphrase in {origin} is empty. A private key without a passphrase does not require one. Remove"
            " the option, or give the passphrase."
        )
    if len(content) > LONGEST:
        raise KeyMaterialError(
            f"The passphrase in {origin} has more than {LONGEST} bytes, so it is not a passphrase. Check that it"
            " is the intended file or value."
        )
    return Passphrase(content, origin)
