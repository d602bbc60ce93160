# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The options of ``kms_import_parameters``, for its module and its action plugin alike."""

from __future__ import annotations

import typing as t

from .._material.options import WRAPPING

__all__ = ("ARGUMENT_SPEC", "DECLARED")

_BUNDLE: dict[str, dict[str, t.Any]] = {
    "key_id": {"type": "str", "required": True, "aliases": ["key_arn"], "no_log": False},
    "dest": {"type": "path"},
    "public_key_dest": {"type": "path", "no_log": False},
    "import_token_dest": {"type": "path", "no_log": False},
}

DECLARED: dict[str, dict[str, t.Any]] = {
    "bundles": {"type": "list", "elements": "dict", "required": True, "options": _BUNDLE},
    "return_bundles": {"type": "bool", "default": False},
    **WRAPPING,
}

_KEY: dict[str, dict[str, t.Any]] = {
    "key_id": {"type": "str", "required": True, "no_log": False},
    "wrapping_algorithm": {"type": "str"},
    "wrapping_key_spec": {"type": "str", "no_log": False},
}

ARGUMENT_SPEC: dict[str, dict[str, t.Any]] = {
    **DECLARED,
    "controller": {
        "type": "dict",
        "options": {
            "visit": {"type": "str", "required": True, "choices": ["look", "get"]},
            "keys": {"type": "list", "elements": "dict", "required": True, "no_log": False, "options": _KEY},
        },
    },
}
