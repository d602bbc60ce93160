# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options for the expiration of key material."""

    DOCUMENTATION = r"""
options:
  expiration_model:
    description:
      - Whether the key material expires.
      - V(KEY_MATERIAL_EXPIRES) is implied when O(valid_to) or O(valid_for) is set. V(KEY_MATERIAL_DOES_NOT_EXPIRE) must
        be set explicitly; there is no default.
      - If this option, O(valid_to), and O(valid_for) are all omitted, an existing expiration is not changed. The task
        fails if an import is required and KMS has no expiration to keep.
    type: str
    choices: [KEY_MATERIAL_EXPIRES, KEY_MATERIAL_DOES_NOT_EXPIRE]
  valid_to:
    description:
      - The date and time at which KMS deletes the key material, in ISO 8601, for example V(2027-09-17T12:00:00-08:00).
        The time is UTC if it has no offset. Fractions of a second are dropped. A date without a time is refused.
      - It must be less than 365 days in the future when an import is required.
      - If KMS reports a different expiration, the same key material is reimported to change it.
    type: str
  valid_for:
    description:
      - The lifetime of the key material after an import, at most 365 days minus one minute. Use whole numbers with the
        units V(w), V(d), V(h), V(m), and V(s), for example V(90d) or V(1d12h). Requires O(renew_before).
    type: str
  renew_before:
    description:
      - The key material is reimported if its remaining lifetime is shorter than this, or longer than O(valid_for). Uses
        the format of O(valid_for), and must be shorter.
    type: str
"""
