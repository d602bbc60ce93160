# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The label at the end of KMS's KeyMaterialDescription, by which symmetric key material is recognised.

A description is the user's own text, then, after one space, ``cloudkeys.aws/v1:`` and a fingerprint of 32 hexadecimal
digits. The label is a note, not a proof: whoever may import key material can copy it.
"""

from __future__ import annotations

import re

__all__ = ("LABEL_PREFIX", "MAXIMUM_DESCRIPTION", "DescriptionError", "join_description", "split_description")

LABEL_PREFIX = "cloudkeys.aws/v1:"
# KeyMaterialDescription: 1 to 256 characters of this alphabet (ImportKeyMaterial, API reference).
MAXIMUM_DESCRIPTION = 256
_ALPHABET = re.compile(r"[a-zA-Z0-9:/_\s.-]*", re.ASCII)
_LABEL = re.compile(r"(?:^|(?<=\s))" + re.escape(LABEL_PREFIX) + r"([0-9a-f]{32})\s*$", re.ASCII)


class DescriptionError(Exception):
    """A sentence about a description that KMS would refuse."""


def split_description(description: str | None) -> tuple[str, str | None]:
    """The user's own text and the fingerprint of the label, or None where there is no label."""
    text = description or ""
    match = _LABEL.search(text)
    if not match:
        return text, None
    return text[: match.start()].rstrip(), match.group(1)


def join_description(text: str, fingerprint: str | None) -> str:
    """The description that carries *text* and, if given, the label of *fingerprint*.

    :raises DescriptionError: characters or a length that KMS does not accept, or text that already ends in a label.
    """
    text = text.strip()
    if not _ALPHABET.fullmatch(text):
        wrong = sorted({character for character in text if not _ALPHABET.fullmatch(character)})
        raise DescriptionError(
            f"key_material_description contains {', '.join(map(repr, wrong))}; KMS accepts letters, digits,"
            " white space and the characters : / _ . - only."
        )
    if split_description(text)[1] is not None:
        raise DescriptionError(
            "key_material_description ends in a label of this collection, which it writes itself. Remove the label"
            " from the text."
        )
    label = LABEL_PREFIX + fingerprint if fingerprint else ""
    description = " ".join(part for part in (text, label) if part)
    if len(description) > MAXIMUM_DESCRIPTION:
        room = MAXIMUM_DESCRIPTION - (len(label) + 1 if label else 0)
        raise DescriptionError(
            f"key_material_description has {len(text)} characters; there is room for {room}"
            + (" beside the label that the collection adds." if label else ".")
        )
    return description
