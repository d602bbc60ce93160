# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The options of ``kms_external_key``, shared by its module and lists of keys."""

from __future__ import annotations

import typing as t

from .._key.specs import KEY_SPECS

__all__ = ("EXTERNAL_KEY",)

EXTERNAL_KEY: dict[str, dict[str, t.Any]] = {
    "alias": {"type": "str", "aliases": ["key_alias"]},
    "move_alias": {"type": "bool", "default": False},
    "move_alias_from": {"type": "str"},
    "remove_aliases": {"type": "list", "elements": "str", "default": []},
    "key_id": {"type": "str", "aliases": ["key_arn"]},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "key_spec": {"type": "str", "choices": list(KEY_SPECS)},
    "key_usage": {
        "type": "str",
        "choices": ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"],
    },
    "multi_region": {"type": "bool"},
    "replica_regions": {"type": "list", "elements": "str"},
    "description": {"type": "str"},
    "policy": {"type": "json"},
    "bypass_policy_lockout_safety_check": {"type": "bool", "default": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    "enabled": {"type": "bool"},
    "pending_window": {"type": "int", "aliases": ["deletion_delay"]},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
}
