# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """When key material expires."""

    DOCUMENTATION = r"""
options:
  expiration_model:
    description:
      - V(KEY_MATERIAL_DOES_NOT_EXPIRE) must be written to get it.
      - V(KEY_MATERIAL_EXPIRES) is implied by O(valid_to) and O(valid_for).
      - When neither this nor O(valid_to) nor O(valid_for) is given, an existing expiration is left alone, and the
        task fails when an import is unavoidable and KMS has no expiration to keep.
    type: str
    choices: [KEY_MATERIAL_EXPIRES, KEY_MATERIAL_DOES_NOT_EXPIRE]
  valid_to:
    description:
      - When KMS deletes the key material, in ISO 8601 with an offset, for example V(2027-09-17T12:00:00-08:00).
        Without an offset it is UTC. Fractions of a second are cut off. A date without a time is refused. Must be
        less than 365 days in the future when an import is due.
      - When KMS shows another expiration, the same key material is imported again, which resets it.
    type: str
  valid_for:
    description:
      - How long the key material lives after an import, as whole numbers with the units V(w), V(d), V(h), V(m) and
        V(s), for example V(90d) or V(1d12h). At most a minute less than 365 days. Requires O(renew_before).
    type: str
  renew_before:
    description:
      - The key material is imported again when less than this is left of its life, or more than O(valid_for). Same
        form; must be shorter than O(valid_for).
    type: str
"""
