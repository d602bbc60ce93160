# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations


class ModuleDocFragment:
    """The attributes that the modules of this collection share."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Is part of the action group C(cloudkeys.aws.aws), which C(module_defaults) can name to set the
      connection options of the modules of C(amazon.aws) and of this collection with one entry.
    support: full
    membership:
      - cloudkeys.aws.aws
      - cloudkeys.aws.kms
  check_mode:
    description: Can run in check mode and say what it would do, without changing anything.
    support: full
  diff_mode:
    description: Returns details on what has changed, or would be changed in check mode, in diff mode.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: none
    details: The action plugin on the controller talks to the target several times.
  platform:
    description: Target operating systems that can be used. The target is usually the controller itself.
    support: full
    platforms: posix
  idempotent:
    description: When run twice in a row outside check mode, with the same options, the second run changes nothing.
    support: full
"""
