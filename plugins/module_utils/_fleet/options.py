# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The options of ``kms_imported_keys``: of one key, of all keys, and of the task. Pure data.

They are the options of ``kms_external_key`` and ``kms_key_material``, except those that delete something or move
aliases, and those with secret values: a list is displayed and stored, and callbacks receive it with the task.
"""

from __future__ import annotations

import typing as t

from .._external_key.options import EXTERNAL_KEY
from .._material.options import KEY_MATERIAL, PREVIOUS, SECRETS

__all__ = ("DEFAULTS", "IMPORTED_KEYS", "KEY", "KEY_ONLY", "MATERIAL_ONLY", "OF_ONE_KEY", "RUN", "TASK")

_Spec = dict[str, dict[str, t.Any]]

# A list names files (key_material_src) instead of secret values.
_LEFT_OUT = (
    "state", "move_alias", "move_alias_from", "remove_aliases", "pending_window", "key_material_id", "all_materials",
    *SECRETS,
)  # fmt: skip


def _without(left_out: t.Container[str], spec: _Spec) -> _Spec:
    return {name: option for name, option in spec.items() if name not in left_out}


def _without_default(option: dict[str, t.Any]) -> dict[str, t.Any]:
    return {name: value for name, value in option.items() if name not in ("default", "required")}


# Both modules have key_id, enabled, wait and wait_timeout, with the same meaning.
_OF_BOTH: _Spec = {**_without(_LEFT_OUT, KEY_MATERIAL), **_without(_LEFT_OUT, EXTERNAL_KEY)}

KEY_ONLY = frozenset(EXTERNAL_KEY).difference(KEY_MATERIAL, _LEFT_OUT)
"""Options of a key that do not concern its key material."""
MATERIAL_ONLY = frozenset(KEY_MATERIAL).difference(EXTERNAL_KEY, _LEFT_OUT)
"""Options of a key that concern only its key material."""
OF_ONE_KEY = frozenset(
    {"alias", "key_id", "expected_check_code", PREVIOUS, *(name for name in _OF_BOTH if name.endswith("_src"))}
)
"""Options that name one key or its files, and so do not apply to all keys."""

DEFAULTS: _Spec = {
    name: {"type": "bool"} if name == "replicas" else option
    for name, option in _OF_BOTH.items()
    if name not in OF_ONE_KEY
}
"""Options that a task can set for every key. ``replicas`` defaults to whether ``replica_regions`` lists any Region."""

KEY: _Spec = {
    "region": {"type": "str", "aliases": ["aws_region"]},
    **{name: _without_default(option) for name, option in _OF_BOTH.items()},
    PREVIOUS: {**KEY_MATERIAL[PREVIOUS], "options": _without(SECRETS, KEY_MATERIAL[PREVIOUS]["options"])},
}
"""Options of an entry of the list. They have no defaults: an entry inherits the task's value or its default."""

RUN: _Spec = {
    "kms_keys_src": {"type": "path", "no_log": False},
    "folder": {"type": "path"},
    "max_failures": {"type": "str"},
    "canary": {"type": "raw"},
    "spread": {"type": "bool", "default": False},
    "quotas": {"type": "dict"},
}
"""Options of the run, not of a key."""

TASK: _Spec = {"kms_keys": {"type": "raw", "no_log": False}, **RUN, **DEFAULTS}
"""The options of the action plugin. It validates ``RUN``; ``_key_list.entries`` reads the list and the options for all
keys, and reports all of their errors.
"""

IMPORTED_KEYS: _Spec = {
    **TASK,
    "kms_keys": {"type": "list", "elements": "dict", "no_log": False, "options": KEY},
}
"""The argument spec of the module, in which ``kms_keys`` and ``kms_keys_src`` are mutually exclusive."""
