# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of the modules that call KMS."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: In C(module_defaults), C(group/cloudkeys.aws.aws) also includes the modules of C(amazon.aws).
    support: full
    membership:
      - cloudkeys.aws.aws
      - cloudkeys.aws.kms
  check_mode:
    description: Can run in check mode and return the expected changes without making them.
    support: full
  diff_mode:
    description: Returns the changes, or the expected changes in check mode, in diff mode.
    support: full
  async:
    description: Supports the C(async) keyword.
    support: none
    details: The action plugin on the controller communicates with the target several times.
  platform:
    description: Target operating systems. The target is usually the controller.
    support: full
    platforms: posix
  idempotent:
    description: A second run with the same options, outside check mode, changes nothing.
    support: full
"""
