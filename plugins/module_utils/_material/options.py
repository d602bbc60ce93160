# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The options of ``kms_key_material``, shared by its module and its action plugin."""

from __future__ import annotations

import typing as t

from .._key.specs import DEFAULT_WRAPPING_KEY_SPEC, WRAPPING_ALGORITHMS, WRAPPING_KEY_SPECS

__all__ = ("KEY_MATERIAL", "PREVIOUS", "SECRETS", "WRAPPING")

WRAPPING: dict[str, dict[str, t.Any]] = {
    "wrapping_algorithm": {"type": "str", "choices": list(WRAPPING_ALGORITHMS)},
    "wrapping_key_spec": {
        "type": "str",
        "choices": list(WRAPPING_KEY_SPECS),
        "default": DEFAULT_WRAPPING_KEY_SPEC,
        "no_log": False,
    },
    "wrapping_key_trust": {
        "type": "str",
        "choices": ["kms_direct", "target"],
        "default": "kms_direct",
        "no_log": False,
    },
}

# How one key material is given: as a file or as a value, as plaintext or encrypted elsewhere.
_SOURCES: dict[str, dict[str, t.Any]] = {
    "key_material_src": {"type": "path", "no_log": False},
    "key_material": {"type": "str", "no_log": True},
    "key_material_format": {
        "type": "str",
        "choices": ["auto", "raw", "base64", "hex", "pem", "der"],
        "default": "auto",
        "no_log": False,
    },
    "key_material_passphrase_src": {"type": "path", "no_log": False},
    "key_material_passphrase": {"type": "str", "no_log": True},
    "encrypted_key_material_src": {"type": "path", "no_log": False},
    "encrypted_key_material": {"type": "str", "no_log": True},
    "import_token_src": {"type": "path", "no_log": False},
    "import_token": {"type": "str", "no_log": True},
    "wrapped_bundle_src": {"type": "path", "no_log": False},
    "wrapped_bundle": {"type": "raw", "no_log": True},
    "expected_check_code": {"type": "str", "no_log": False},
}
_EXPIRATION: dict[str, dict[str, t.Any]] = {
    "expiration_model": {"type": "str", "choices": ["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"]},
    "valid_to": {"type": "str"},
    "valid_for": {"type": "str"},
    "renew_before": {"type": "str"},
}
PREVIOUS = "previous_key_materials"

KEY_MATERIAL: dict[str, dict[str, t.Any]] = {
    "key_id": {"type": "str", "required": True, "aliases": ["key_arn"], "no_log": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **_SOURCES,
    **_EXPIRATION,
    "enabled": {"type": "bool"},
    "force": {"type": "bool", "default": False},
    "on_unknown_material": {"type": "str", "choices": ["accept", "fail", "reimport"]},
    "on_different_material": {"type": "str", "choices": ["fail", "stage", "rotate"], "default": "fail"},
    "rotation_timeout": {"type": "int", "default": 900},
    PREVIOUS: {
        "type": "list",
        "elements": "dict",
        "no_log": False,
        "options": {**_SOURCES, "key_material_id": {"type": "str", "no_log": False}, **_EXPIRATION},
    },
    "replicas": {"type": "bool", "default": False},
    "key_material_id": {"type": "str", "no_log": False},
    "all_materials": {"type": "bool", "default": False},
    "key_material_description": {"type": "str", "no_log": False},
    "key_material_label": {"type": "bool", "default": True, "no_log": False},
    **WRAPPING,
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
}

SECRETS: tuple[str, ...] = tuple(name for name, spec in KEY_MATERIAL.items() if spec.get("no_log"))
"""Options with secret values. Entries of ``previous_key_materials`` have the same options."""
