# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of modules that run only on the controller."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and return the expected changes without making them.
    support: full
  diff_mode:
    description: Returns the changes, or the expected changes in check mode, in diff mode.
    support: none
    details: Two ciphertexts cannot be compared.
  async:
    description: Supports the C(async) keyword.
    support: none
    details: Nothing runs on the target.
  platform:
    description: Target operating systems. This module has no target.
    support: full
    platforms: posix
  idempotent:
    description: A second run with the same options, outside check mode, changes nothing.
    support: none
    details: Every encryption produces a different ciphertext, and an existing file is never reused. Only writing a
      wrapping public key changes nothing if the file already contains the same key.
"""
