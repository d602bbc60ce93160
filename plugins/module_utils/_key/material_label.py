# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The label at the end of KMS's KeyMaterialDescription, which identifies symmetric key material.

A description consists of the user's own text, one space, and a label: a prefix and 32 hexadecimal digits.

* ``cloudkeys.aws/v1:`` and the fingerprint of plaintext key material.
* ``cloudkeys.aws/v1c:`` and the start of the SHA-256 of a ciphertext. Key material that was encrypted elsewhere has
  this label: the controller never has its plaintext, and a fingerprint supplied with the ciphertext is only a claim.

A label is a note, not a proof: anyone who may import key material can copy it.
"""

from __future__ import annotations

import hashlib
import re

from .._errors import OptionError

__all__ = (
    "MAXIMUM_DESCRIPTION",
    "ciphertext_label",
    "fingerprint_label",
    "join_description",
    "names_ciphertext",
    "room_beside",
    "split_description",
)

_OF_MATERIAL, _OF_CIPHERTEXT = "cloudkeys.aws/v1:", "cloudkeys.aws/v1c:"
# KeyMaterialDescription: 1 to 256 characters of this alphabet (ImportKeyMaterial, API reference).
MAXIMUM_DESCRIPTION = 256
_ALPHABET = re.compile(r"[a-zA-Z0-9:/_\s.-]*", re.ASCII)
_LABEL = re.compile(
    r"(?:^|(?<=\s))((?:" + re.escape(_OF_MATERIAL) + "|" + re.escape(_OF_CIPHERTEXT) + r")[0-9a-f]{32})\s*$", re.ASCII
)


def fingerprint_label(fingerprint: str) -> str:
    """The label of plaintext key material; *fingerprint* has 32 hexadecimal digits."""
    return _OF_MATERIAL + fingerprint


def ciphertext_label(ciphertext: bytes) -> str:
    """The label of key material that was encrypted elsewhere: the first 16 bytes of the ciphertext's SHA-256."""
    return _OF_CIPHERTEXT + hashlib.sha256(ciphertext).hexdigest()[:32]


def names_ciphertext(label: str) -> bool:
    """Whether *label* identifies the imported ciphertext, and not the plaintext."""
    return label.startswith(_OF_CIPHERTEXT)


def split_description(description: str | None) -> tuple[str, str | None]:
    """Split a description into the user's own text and the label, which is None if there is none.

    If several labels are at the end, the last one counts, and none of them is text: they could not be written again.
    """
    text, label = description or "", None
    while match := _LABEL.search(text):
        text, label = text[: match.start()].rstrip(), label or match.group(1)
    return text, label


def room_beside(label: str | None) -> int:
    """The number of characters available for the user's own text."""
    return MAXIMUM_DESCRIPTION - (len(label) + 1 if label else 0)


def join_description(text: str, label: str | None) -> str:
    """Join *text* and, if given, *label* to a description.

    :raises OptionError: characters or a length that KMS does not accept, or text that already ends with a label.
    """
    text = text.strip()
    if not _ALPHABET.fullmatch(text):
        wrong = sorted({character for character in text if not _ALPHABET.fullmatch(character)})
        raise OptionError(
            f"key_material_description contains {', '.join(map(repr, wrong))}, but KMS accepts only letters, digits,"
            " white space and the characters : / _ . -. Remove the other characters."
        )
    if split_description(text)[1] is not None:
        raise OptionError(
            "key_material_description ends with a label of this collection, which adds the label itself. Remove the"
            " label from the text."
        )
    description = " ".join(part for part in (text, label) if part)
    if len(description) > MAXIMUM_DESCRIPTION:
        raise OptionError(
            f"key_material_description has {len(text)} characters, but at most {room_beside(label)} are available"
            + (" because the collection adds a label. Shorten it." if label else ". Shorten it.")
        )
    return description
