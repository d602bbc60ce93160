# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    """Options of the internal modules."""

    DOCUMENTATION = r"""
options:
  requests:
    description: The requests to KMS.
    type: list
    elements: dict
    required: true
    suboptions:
      kind:
        description: The kind of request.
        type: str
        required: true
        choices: [look, parameters, verify_mac, apply, watch, ensure_key]
      body:
        description: The fields of the request.
        type: dict
        required: true
      encrypted_key_materials:
        description: Internal.
        type: list
        elements: str
      import_tokens:
        description: Internal.
        type: list
        elements: str
      mac:
        description: Internal.
        type: str
  quotas:
    description: Internal.
    type: dict
  patience:
    description: Internal.
    type: float
  paced:
    description: Internal.
    type: dict
requirements:
  - python >= 3.9
  - botocore >= 1.38.31 and boto3 >= 1.38.31
seealso:
  - module: cloudkeys.aws.kms_key_material
  - module: cloudkeys.aws.kms_imported_keys
author:
  - The cloudkeys.aws authors (@cloudkeys)
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
"""
