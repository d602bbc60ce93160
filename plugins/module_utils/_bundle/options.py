# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The options of the actions that write bundles, ``kms_import_parameters`` and ``kms_wrapped_key_material``."""

from __future__ import annotations

import typing as t

from .._material.options import KEY_MATERIAL, WRAPPING

__all__ = ("IMPORT_PARAMETERS", "WRAPPED_KEY_MATERIAL")

_BUNDLE: dict[str, dict[str, t.Any]] = {
    "key_id": KEY_MATERIAL["key_id"],
    "dest": {"type": "path"},
    "public_key_dest": {"type": "path", "no_log": False},
    "import_token_dest": {"type": "path", "no_log": False},
}

IMPORT_PARAMETERS: dict[str, dict[str, t.Any]] = {
    "bundles": {"type": "list", "elements": "dict", "required": True, "options": _BUNDLE},
    "return_bundles": {"type": "bool", "default": False},
    "quotas": {"type": "dict"},
    **WRAPPING,
}

WRAPPED_KEY_MATERIAL: dict[str, dict[str, t.Any]] = {
    "parameters_bundle_src": {"type": "path"},
    "parameters_bundle": {"type": "raw"},
    "dest": {"type": "path"},
    "return_bundle": {"type": "bool", "default": False},
    "wrapping_public_key_dest": {"type": "path"},
    "min_validity": {"type": "str", "default": "1h"},
    **{
        name: KEY_MATERIAL[name]
        for name in (
            "key_material_src",
            "key_material",
            "key_material_format",
            "key_material_passphrase_src",
            "key_material_passphrase",
            "encrypted_key_material_src",
            "encrypted_key_material",
            "expected_check_code",
            "wrapping_key_trust",
        )
    },
}
