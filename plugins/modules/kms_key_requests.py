#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_requests
version_added: 0.1.0
short_description: Internal to this collection, not for use in tasks
description:
  - The action plugin of M(cloudkeys.aws.kms_imported_keys) runs this module on the target, for keys and key material.
  - Its options can change at any time, and a task that calls it fails.
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - cloudkeys.aws.account
  - cloudkeys.aws.requests
"""

EXAMPLES = r"""
# This module is not for use in tasks.
"""

RETURN = r"""
answers:
  description: Internal.
  returned: success
  type: list
  elements: dict
paced:
  description: Internal.
  returned: success
  type: dict
"""

from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.answer import EnsureKeyHandler
from ansible_collections.cloudkeys.aws.plugins.module_utils._requests.module import answer_requests


def main() -> None:
    answer_requests(EnsureKeyHandler)


if __name__ == "__main__":
    main()
