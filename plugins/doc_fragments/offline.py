# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations


class ModuleDocFragment:
    """The attributes of what is done on the controller alone."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and say what it would do, without changing anything.
    support: full
  diff_mode:
    description: Returns details on what has changed, or would be changed in check mode, in diff mode.
    support: none
    details: Two ciphertexts have nothing to compare.
  async:
    description: Supports being used with the C(async) keyword.
    support: none
    details: Nothing runs on the target.
  platform:
    description: Target operating systems that can be used. There is no target.
    support: full
    platforms: posix
  idempotent:
    description: When run twice in a row outside check mode, with the same options, the second run changes nothing.
    support: none
    details: Every encryption gives another ciphertext, and a file that is there is never taken for what this run was to
      make. Only handing out a wrapping public key changes nothing when the same key is there.
"""
