# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a key in a list, and the source of each option."""

from __future__ import annotations

from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.options import EXTERNAL_KEY
from ansible_collections.cloudkeys.aws.plugins.module_utils._fleet.options import (
    DEFAULTS,
    IMPORTED_KEYS,
    KEY,
    KEY_ONLY,
    MATERIAL_ONLY,
    OF_ONE_KEY,
    TASK,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.options import KEY_MATERIAL, PREVIOUS, SECRETS

NOT_OF_A_LIST = {
    "state", "move_alias", "move_alias_from", "remove_aliases", "pending_window", "key_material_id", "all_materials",
}  # fmt: skip


def test_a_key_has_the_options_of_both_modules_but_what_deletes_moves_or_is_secret() -> None:
    assert set(KEY) == {"region", *EXTERNAL_KEY, *KEY_MATERIAL} - NOT_OF_A_LIST - set(SECRETS)
    assert set(SECRETS) == {
        "key_material", "key_material_passphrase", "encrypted_key_material", "import_token", "wrapped_bundle",
    }  # fmt: skip
    assert not any(spec.get("no_log") for spec in KEY.values())
    assert set(KEY[PREVIOUS]["options"]) == set(KEY_MATERIAL[PREVIOUS]["options"]) - set(SECRETS)


def test_a_key_has_no_defaults_which_would_hide_what_the_task_says() -> None:
    assert not any("default" in spec or "required" in spec for spec in KEY.values())


def test_each_secret_value_has_its_file() -> None:
    assert {f"{name}_src" for name in SECRETS} <= set(KEY)


def test_the_task_says_for_all_keys_what_does_not_name_one_or_its_files() -> None:
    assert set(DEFAULTS) == set(KEY) - OF_ONE_KEY - {"region"}
    for name, spec in DEFAULTS.items():
        single = {**KEY_MATERIAL, **EXTERNAL_KEY}[name]
        assert spec == ({"type": "bool"} if name == "replicas" else single)
        assert {**spec, "default": None} == {**KEY[name], "default": None}


def test_every_option_of_a_key_is_of_one_module_or_of_both() -> None:
    of_both = set(EXTERNAL_KEY) & set(KEY_MATERIAL) - NOT_OF_A_LIST
    assert of_both == {"key_id", "enabled", "wait", "wait_timeout"}
    assert set(KEY) == {"region"} | of_both | KEY_ONLY | MATERIAL_ONLY
    assert not KEY_ONLY & MATERIAL_ONLY


def test_the_task_and_the_module_have_the_same_options() -> None:
    assert set(TASK) == set(IMPORTED_KEYS)
    of_the_run = {"kms_keys", "kms_keys_src", "folder", "max_failures", "canary", "spread", "quotas"}
    assert of_the_run == set(TASK) - set(DEFAULTS)
