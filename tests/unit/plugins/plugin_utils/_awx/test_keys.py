# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys with their fields: the input of users, and its use in a job."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.keys import (
    KeyEntry,
    field_name,
    is_path_of_field,
    path_of,
    read_keys,
    same_fields,
)

from .settings import ACCOUNTS, CANARY

SECRET = "c2VjcmV0IGtleSBtYXRlcmlhbCBvZiAzMiBieXRlcy4="


def one(**entry: Any) -> KeyEntry:
    keys, faults = read_keys([entry], ACCOUNTS)
    assert faults == []
    return keys[0]


def faults(*entries: Any) -> str:
    return " ".join(read_keys(list(entries), ACCOUNTS)[1])


@pytest.mark.parametrize("key_spec", ["SYMMETRIC_DEFAULT", "HMAC_256"])
def test_raw_bytes_are_typed_in_base64(key_spec: str) -> None:
    key = one(alias="payments", key_spec=key_spec)
    assert [(field.id, field.credential) for field in key.fields] == [("key_payments", "key material")]
    assert key.options["key_material_src"] == "{{ cloudkeys_file_key_payments }}"
    assert key.options["key_material_format"] == "base64"
    assert one(alias="payments", key_material_format="hex").options["key_material_format"] == "hex"


def test_a_private_key_is_pem() -> None:
    key = one(alias="alias/app/Releases-2", key_spec="RSA_3072", has_passphrase=True)
    assert [field.id for field in key.fields] == ["key_app_releases_2", "passphrase_app_releases_2"]
    assert "key_material_format" not in key.options
    assert key.options["key_material_passphrase_src"] == "{{ cloudkeys_file_passphrase_app_releases_2 }}"


@pytest.mark.parametrize("source", ["key_material_src", "encrypted_key_material_src", "wrapped_bundle_src"])
def test_an_entry_with_a_file_of_its_own_needs_no_field(source: str) -> None:
    key = one(alias="archive", **{source: "keys/archive"})
    assert key.fields == ()
    assert key.options[source] == "keys/archive"
    assert "key_material_format" not in key.options


def test_older_key_materials_have_fields_too() -> None:
    older = [{"name": "payments"}, {"key_material_src": "keys/2025.key"}, {"name": "p24", "credential": "old ones"}]
    key = one(alias="payments", name="payments_2027", credential="key material 2027", previous_key_materials=older)
    assert [(field.id, field.credential) for field in key.fields] == [
        ("key_payments_2027", "key material 2027"),
        # The field that already contains this key material.
        ("key_payments", "key material"),
        ("key_p24", "old ones"),
    ]
    assert key.renewed()["previous_key_materials"] == [
        {"key_material_src": "{{ cloudkeys_file_key_payments }}", "key_material_format": "base64"},
        {"key_material_src": "keys/2025.key"},
        {"key_material_src": "{{ cloudkeys_file_key_p24 }}", "key_material_format": "base64"},
    ]


def test_a_renewal_makes_nothing() -> None:
    key = one(alias="x", multi_region=True, replica_regions=["eu-west-1"], tags={"a": "b"}, valid_for="9d")
    assert key.renewed() == {
        "key_id": "alias/x",
        "replicas": True,
        "valid_for": "9d",
        "key_material_src": "{{ cloudkeys_file_key_x }}",
        "key_material_format": "base64",
    }
    assert key.renews
    assert not one(alias="x", expiration_model="KEY_MATERIAL_DOES_NOT_EXPIRE").renews
    assert not one(alias="x", valid_to="2030-01-01T00:00:00Z").renews


def test_only_symmetric_keys_rotate_in_place() -> None:
    assert "on_different_material" not in one(alias="x").provisioned()
    assert one(alias="x", key_spec="HMAC_256").provisioned()["on_different_material"] == "fail"
    assert one(alias="x").provisioned()["alias"] == "alias/x"


def test_a_key_arn_says_which_account_it_is_of() -> None:
    assert one(key_id=CANARY, name="canary").hosts == {"treasury"}
    elsewhere = CANARY.replace("eu-central-1", "eu-west-1")
    assert "is of account 444455556666 in eu-west-1" in faults({"key_id": elsewhere, "name": "canary"})
    assert "none of its accounts" in faults({"key_id": CANARY, "name": "canary", "accounts": ["retail"]})


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("payments", "must be a dictionary with an alias"),
        ({}, "has no alias"),
        ({"alias": ""}, "has no alias"),
        ({"key_id": "1234abcd-12ab-34cd-56ef-1234567890ab"}, "requires a name"),
        ({"alias": "x", "misspelt": 1}, "has unknown options: misspelt."),
        ({"alias": "x", "has_passphrase": "yes"}, "has_passphrase must be true or false"),
        ({"alias": "x", "credential": "a, b"}, "credential must be the title"),
        ({"alias": "x", "credential": "more", "key_material_src": "x.key"}, "this entry names a file"),
        ({"alias": "x", "accounts": ["nowhere"]}, "names nowhere, which"),
        ({"alias": "x", "previous_key_materials": "x"}, "must be a list of dictionaries"),
        ({"alias": "x", "previous_key_materials": [{}]}, "previous_key_materials[0] requires a name"),
        ({"alias": "x", "previous_key_materials": [{"name": "y", "accounts": []}]}, "has unknown options: accounts."),
    ],
)
def test_what_is_refused(entry: Any, said: str) -> None:
    assert said in faults(entry)


@pytest.mark.parametrize("name", ["key_material", "key_material_passphrase", "encrypted_key_material", "import_token"])
def test_key_material_is_refused_and_not_shown(name: str) -> None:
    for entry in (
        {"alias": "x", name: SECRET},
        {"alias": "x", "previous_key_materials": [{"name": "y", name: SECRET}]},
    ):
        said = faults(entry)
        assert f"has {name}. This role does not accept key material" in said
        assert SECRET not in said
    assert SECRET not in faults({"alias": "x", "misspelt_key_material": SECRET})


def test_two_keys_never_share_a_field() -> None:
    keys, _faults = read_keys([{"alias": "a-b"}, {"alias": "a_b"}, {"alias": "c"}], ACCOUNTS)
    (said,) = same_fields([field for key in keys for field in key.fields])
    assert "a-b" in said
    assert "key_a_b" in said


@given(st.text(max_size=300))
def test_the_name_of_a_field_is_an_identifier(text: str) -> None:
    name = field_name(text)
    assert name == "" or f"key_{name}".isidentifier()
    assert field_name(name) == name
    assert is_path_of_field(path_of(f"key_{name}"))
