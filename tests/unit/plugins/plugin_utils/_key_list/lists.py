# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of keys from a task or a file, and their entries or faults."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.options import SECRETS
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.entries import Entry, read_entries
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.given import of_task
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.list_file import read_list

ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
PAYMENTS = {"alias": "alias/payments", "key_material_src": "payments.key"}
QUARTER = {"valid_for": "90d", "renew_before": "30d"}
UNTIL = "2027-09-17T12:00:00-08:00"
SECRET = "c2VjcmV0LWtleS1tYXRlcmlhbA=="

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=8), values, max_size=3),
    max_leaves=4,
)
NAMES = st.sampled_from([*PAYMENTS, *QUARTER, *SECRETS, "previous_key_materials", "policy", "tags", "wait", "x"])
OLDER = st.lists(st.dictionaries(NAMES, JSON, max_size=3), max_size=2)
ENTRIES = st.lists(JSON | st.dictionaries(NAMES, JSON | OLDER, max_size=4), max_size=2)
"""Any value that YAML can contain in place of a list."""


def read(*entries: Any, region: str | None = None, **task: Any) -> tuple[Entry, ...]:
    """The entries of a list in a task."""
    return read_entries(of_task(list(entries)), task, region)


def options(entry: dict[str, Any], **task: Any) -> dict[str, Any]:
    (there,) = read(entry, **task)
    return dict(there.options)


def faults(*entries: Any, region: str | None = None, **task: Any) -> list[str]:
    """The faults of these entries."""
    with pytest.raises(Refusal) as refused:
        read(*entries, region=region, **task)
    return _sentences(refused.value.sentence, "kms_keys")


def read_file(content: str | bytes, name: str) -> tuple[Entry, ...]:
    data = content.encode() if isinstance(content, str) else content
    return read_entries(read_list(data, name), {})


def options_of_file(content: str | bytes, name: str) -> dict[str, Any]:
    (entry,) = read_file(content, name)
    return dict(entry.options)


def refusal_of_file(content: str | bytes, name: str) -> str:
    with pytest.raises(Refusal) as refused:
        read_file(content, name)
    assert SECRET not in refused.value.sentence
    return refused.value.sentence


def faults_of_file(content: str | bytes, name: str) -> list[str]:
    return _sentences(refusal_of_file(content, name), name)


def _sentences(sentence: str, name: str) -> list[str]:
    title, *told = sentence.splitlines()
    count = f"{len(told)} errors" if len(told) > 1 else "an error"
    assert title == f"{name} has {count}. Nothing was changed. Correct the list."
    return told
