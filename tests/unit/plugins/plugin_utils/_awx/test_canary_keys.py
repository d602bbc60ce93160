# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canary keys of the drill: only ARNs, each key in its own account."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.canary_keys import read_canaries

from .settings import ACCOUNTS, CANARY


def test_a_canary_in_its_account() -> None:
    (canary,), faults = read_canaries([{"key_arn": CANARY, "name": "canary", "key_spec": "RSA_2048"}], ACCOUNTS)
    assert faults == []
    assert canary.hosts == {"treasury"}
    assert canary.options == {"key_arn": CANARY, "key_material_src": "{{ cloudkeys_file_key_canary }}"}
    assert [field.id for field in canary.fields] == ["key_canary"]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("canary", "must be a list of dictionaries with key_arn"),
        ({"name": "canary"}, "must have key_arn"),
        ({"key_arn": CANARY, "alias": "alias/canary"}, "no key_id, alias or accounts"),
        ({"key_arn": CANARY, "accounts": ["treasury"]}, "no key_id, alias or accounts"),
        ({"key_arn": CANARY}, "awx_setup_canary_keys[0] requires a name"),
        (
            {"key_arn": CANARY.replace("4444", "9999"), "name": "x"},
            "awx_setup_canary_keys[0]: its key_id is of account",
        ),
    ],
)
def test_what_is_refused(entry: Any, said: str) -> None:
    canaries, faults = read_canaries([entry], ACCOUNTS)
    assert canaries == ()
    assert said in " ".join(faults)
