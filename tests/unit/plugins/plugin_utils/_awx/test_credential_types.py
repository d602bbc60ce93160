# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credential types in the form that AWX requires, and AWX's conversion of the input."""

from __future__ import annotations

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.ceremony_keys import read_ceremony_keys
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.credential_types import (
    accounts_type,
    ceremony_type,
    key_material_types,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.keys import Field, read_keys

from .settings import ACCOUNTS


def fields(*entries: dict[str, str]) -> list[Field]:
    keys, faults = read_keys(list(entries), ACCOUNTS)
    assert faults == []
    return [field for key in keys for field in key.fields]


def test_a_type_for_each_title() -> None:
    first, second = key_material_types(fields({"alias": "a"}, {"alias": "b", "credential": "new"}, {"alias": "c"}))
    assert [field["id"] for field in first["inputs"]["fields"]] == ["key_a", "key_c"]
    assert all(field["secret"] and field["multiline"] for field in first["inputs"]["fields"])
    assert first["injectors"] == {
        "file": {"template.key_a": "{{ key_a }}", "template.key_c": "{{ key_c }}"},
        "extra_vars": {
            "cloudkeys_file_key_a": "{{ tower.filename.key_a }}",
            "cloudkeys_file_key_c": "{{ tower.filename.key_c }}",
        },
    }
    assert second["title"] == "new"


def test_no_key_material_is_in_the_environment() -> None:
    """AWX displays the environment of a job to every user who may read the job."""
    (material,) = key_material_types(fields({"alias": "a"}))
    assert "env" not in material["injectors"]
    environment = accounts_type()["injectors"]["env"]
    assert all(value.startswith("{{ tower.filename.") for value in environment.values())


@pytest.mark.parametrize("typed", ["{}\n", "{}", "{}\r\n", "\n{}\n\n", " {} "])
def test_a_bundle_keeps_its_digest_whatever_a_browser_does_to_its_ends(typed: str) -> None:
    keys, _faults = read_ceremony_keys([{"name": "ledger", "key_id": "alias/ledger"}], ACCOUNTS)
    (template,) = ceremony_type(keys)["injectors"]["file"].values()
    rendered = ImmutableSandboxedEnvironment().from_string(template).render(wrapped_ledger=typed)
    assert rendered == "{}"


def test_codes_are_not_secret() -> None:
    keys, _faults = read_ceremony_keys([{"name": "ledger", "key_id": "alias/ledger"}], ACCOUNTS)
    bundle, code = ceremony_type(keys)["inputs"]["fields"]
    assert bundle["secret"]
    assert not code.get("secret")
    template = ceremony_type(keys)["injectors"]["extra_vars"]["cloudkeys_check_code_ledger"]
    assert ImmutableSandboxedEnvironment().from_string(template).render() == ""
