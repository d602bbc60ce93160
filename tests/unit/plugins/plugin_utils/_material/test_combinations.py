# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Valid and invalid combinations of options."""

from __future__ import annotations

import functools

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.combinations import (
    refuse_combinations_of_import,
    refuse_combinations_of_previous,
    refuse_combinations_of_wrapping,
    refuse_no_code,
    source_of,
)

PARAMETERS = "parameters_bundle_src"


@pytest.mark.parametrize(
    "given",
    [
        {"key_material"},
        {"key_material_src", "key_material_passphrase"},
        {"encrypted_key_material_src", "import_token"},
        {"wrapped_bundle", "expected_check_code"},
        {"wrapped_bundle_src"},
    ],
    ids=lambda names: " ".join(sorted(names)),
)
def test_an_import(given: set[str]) -> None:
    refuse_combinations_of_import("present", given)


def test_a_deletion_needs_no_key_material() -> None:
    refuse_combinations_of_import("absent", set())
    with pytest.raises(Refusal, match="gives no key material"):
        refuse_combinations_of_import("present", {"key_id"})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"key_material", "key_material_src"}, "key_material_src and key_material are mutually exclusive"),
        ({"wrapped_bundle", "wrapped_bundle_src"}, "are mutually exclusive"),
        (
            {"key_material", "key_material_passphrase", "key_material_passphrase_src"},
            "key_material_passphrase_src and key_material_passphrase are mutually exclusive",
        ),
        ({"wrapped_bundle", "key_material_src"}, "Keep only the bundle, or only the others"),
        ({"wrapped_bundle", "import_token"}, "Keep only the bundle, or only the others"),
        ({"key_material_src", "expected_check_code"}, "requires a wrapped bundle"),
        ({"key_material_src", "import_token"}, "both as plaintext"),
        ({"encrypted_key_material"}, "encrypted_key_material requires import_token"),
        ({"import_token_src"}, "import_token requires encrypted_key_material"),
        ({"wrapped_bundle", "key_material_passphrase"}, "key_material_passphrase requires an encrypted private key"),
    ],
)
@pytest.mark.parametrize("state", ["present", "absent", "of an entry"])
def test_an_import_that_cannot_be_meant(state: str, given: set[str], sentence: str) -> None:
    refuse = (
        refuse_combinations_of_previous
        if state == "of an entry"
        else functools.partial(refuse_combinations_of_import, state)
    )
    with pytest.raises(Refusal, match=sentence):
        refuse(given)


@pytest.mark.parametrize("given", [{"key_material"}, {"wrapped_bundle_src", "key_material_id"}])
def test_an_entry(given: set[str]) -> None:
    refuse_combinations_of_previous(given)


@pytest.mark.parametrize("given", [set(), {"key_material_id", "valid_for"}])
def test_an_entry_gives_key_material(given: set[str]) -> None:
    with pytest.raises(Refusal, match="The entry gives no key material"):
        refuse_combinations_of_previous(given)


@pytest.mark.parametrize("option", ["key_material_id", "all_materials"])
def test_which_key_material_is_deleted(option: str) -> None:
    refuse_combinations_of_import("absent", {option})
    with pytest.raises(Refusal, match=f"{option} selects what state: absent deletes"):
        refuse_combinations_of_import("present", {option, "key_material_src"})
    with pytest.raises(Refusal, match="key_material_id and all_materials are mutually exclusive"):
        refuse_combinations_of_import("absent", {"key_material_id", "all_materials"})


@pytest.mark.parametrize("given", [{"wrapped_bundle"}, {"encrypted_key_material", "import_token_src"}])
def test_an_import_token_is_for_one_region(given: set[str]) -> None:
    refuse_combinations_of_import("present", {"replicas", "key_material"})
    with pytest.raises(Refusal, match="replicas: true requires plaintext key material"):
        refuse_combinations_of_import("present", {"replicas", *given})


def test_a_check_code_without_a_value() -> None:
    refuse_no_code({})
    refuse_no_code({"expected_check_code": "1234"})
    with pytest.raises(Refusal, match="expected_check_code is null"):
        refuse_no_code({"expected_check_code": None})


@pytest.mark.parametrize(
    "given",
    [
        {PARAMETERS, "key_material", "dest"},
        {"parameters_bundle", "key_material_src", "key_material_passphrase_src", "return_bundle"},
        {PARAMETERS, "encrypted_key_material", "dest", "return_bundle"},
        {PARAMETERS, "wrapping_public_key_dest"},
    ],
    ids=lambda names: " ".join(sorted(names)),
)
def test_a_wrapping(given: set[str]) -> None:
    refuse_combinations_of_wrapping(given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"key_material", "dest"}, "gives no import parameters"),
        ({PARAMETERS, "parameters_bundle", "key_material", "dest"}, "are mutually exclusive"),
        ({PARAMETERS, "dest"}, "gives no key material"),
        ({PARAMETERS, "key_material", "key_material_src", "dest"}, "are mutually exclusive"),
        ({PARAMETERS, "key_material", "encrypted_key_material", "dest"}, "are mutually exclusive"),
        ({PARAMETERS, "key_material", "wrapping_public_key_dest"}, "are mutually exclusive"),
        (
            {PARAMETERS, "wrapping_public_key_dest", "key_material_passphrase_src"},
            "key_material_passphrase_src requires an encrypted private key",
        ),
        ({PARAMETERS, "key_material"}, "neither writes nor returns the bundle"),
    ],
)
def test_a_wrapping_that_cannot_be_meant(given: set[str], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        refuse_combinations_of_wrapping(given)


@pytest.mark.parametrize(
    ("given", "source"),
    [
        (set(), None),
        ({"key_material_src", "key_material_passphrase"}, "plaintext"),
        ({"key_material"}, "plaintext"),
        ({"encrypted_key_material", "import_token_src"}, "wrapped"),
        ({"wrapped_bundle_src", "expected_check_code"}, "wrapped"),
        ({"expected_check_code", "import_token"}, None),
    ],
    ids=lambda one: " ".join(sorted(one)) if isinstance(one, set) else str(one),
)
def test_how_the_key_material_is_given(given: set[str], source: str | None) -> None:
    assert source_of(given) == source
