# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a ceremony, and the fields for the wrapped key material."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.ceremony_keys import read_ceremony_keys

from .settings import ACCOUNTS

LEDGER = {"name": "ledger", "key_id": "alias/ledger"}


def test_a_key_of_a_ceremony() -> None:
    (key,), faults = read_ceremony_keys([{**LEDGER, "accounts": ["treasury"], "valid_for": "90d"}], ACCOUNTS)
    assert faults == []
    assert key.hosts == {"treasury"}
    assert (key.bundle_field, key.code_field) == ("wrapped_ledger", "check_code_ledger")
    # The export job does not have this file.
    bundle = "{{ cloudkeys_file_wrapped_ledger | default('') }}"
    assert key.options == {**LEDGER, "valid_for": "90d", "wrapped_bundle_src": bundle}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("ledger", "must be a list of dictionaries"),
        ([1], "[0] must be a dictionary"),
        ([{"name": "ledger"}], "has no key_id"),
        ([{"name": "a/b", "key_id": "x"}], "name must consist of"),
        ([{**LEDGER, "wrapped_bundle_src": "x"}], "has unknown options: wrapped_bundle_src."),
        ([{**LEDGER, "accounts": ["x"]}], "names x, which"),
        ([LEDGER, {**LEDGER, "name": "Ledger"}], "Ledger and ledger would share a field"),
    ],
)
def test_what_is_refused(given: Any, said: str) -> None:
    assert said in " ".join(read_ceremony_keys(given, ACCOUNTS)[1])
