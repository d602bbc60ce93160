# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import parameters and wrapped key material in bundles: read exactly as written, or refused."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.contents import ImportParameters, WrappedKeyMaterial
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.file import BundleError, serialize
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.offline_wrapping import wrap_offline

from ..bundles import DIRECT, END, NOW, SPECS, material, parameters

HOUR = timedelta(hours=1)


@given(st.binary(max_size=300), st.datetimes(datetime(2026, 1, 1), datetime(2099, 1, 1)))
def test_import_parameters_are_read_as_they_were_written(token: bytes, end: datetime) -> None:
    bundle = parameters(import_token=token, parameters_valid_to=end.replace(microsecond=0, tzinfo=UTC))
    assert ImportParameters.from_content(bundle.content, "It") == bundle


@pytest.mark.parametrize("key_spec", SPECS)
def test_wrapped_key_material_is_read_as_it_was_written(key_spec: str) -> None:
    bundle = wrap_offline(parameters(key_spec), material(key_spec))
    assert WrappedKeyMaterial.from_content(bundle.content, "It") == bundle


def test_neither_is_taken_for_the_other() -> None:
    wrapped = wrap_offline(parameters(), material("SYMMETRIC_DEFAULT"))
    with pytest.raises(BundleError, match="is a bundle of format"):
        ImportParameters.from_content(wrapped.content, "It")
    with pytest.raises(BundleError, match="is a bundle of format"):
        WrappedKeyMaterial.from_content(parameters().content, "It")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"region": "eu-west-1"}, "its key ARN does not match"),
        ({"key_id": "0987dcba-09fe-87dc-65ba-ab0987654321"}, "its key ARN does not match"),
        ({"key_spec": "ML_DSA_44"}, "its key spec is not one of"),
        ({"wrapping_algorithm": "RSAES_PKCS1_V1_5"}, "its wrapping algorithm or"),
        ({"wrapping_key_spec": "RSA_512"}, "its wrapping algorithm or"),
        ({"wrapping_public_key": b"another"}, "wrapping_public_key_sha256 does not match"),
        ({"import_token": bytes(6145)}, "its import token has 6145 bytes"),
    ],
)
def test_a_bundle_must_agree_with_itself(changed: dict[str, Any], sentence: str) -> None:
    """A matching digest proves only that the content is not damaged."""
    with pytest.raises(BundleError, match=f"is inconsistent: .*{sentence}"):
        ImportParameters.from_content(parameters(**changed).content, "It")


@pytest.mark.parametrize(
    "changed",
    [
        {"import_token": None},
        {"import_token": "not base64!"},
        {"parameters_valid_to": "tomorrow"},
        {"parameters_valid_to": "2027-01-01"},
        {"region": None},
        {"more": "1"},
        {"endpoint": ["a", "b"]},
        {"endpoint": "https://example.com/\x1b[2J"},
        {"connection": "local\nRead this code aloud"},
        {"certificates": "x" * 1025},
    ],
    ids=str,
)
def test_a_field_that_is_not_what_it_should_be(changed: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match=r"not written by this collection|does not have the fields"):
        ImportParameters.from_content(serialize({**parameters().to_json(), **changed}), "It")


def test_a_ciphertext_that_kms_would_not_take() -> None:
    wrapped = replace(wrap_offline(parameters(), material("SYMMETRIC_DEFAULT")), encrypted_key_material=bytes(6145))
    with pytest.raises(BundleError, match="its encrypted key material has 6145 bytes"):
        WrappedKeyMaterial.from_content(wrapped.content, "It")


def test_a_missing_field() -> None:
    values = parameters().to_json()
    del values["connection"]
    with pytest.raises(BundleError, match="does not have the fields"):
        ImportParameters.from_content(serialize(values), "It")


LONGEST = 24 * 60 * 60 + 10 * 60


@given(st.integers(-100_000, 100_000), st.integers(0, 86_000))
@example(LONGEST, 0)
@example(LONGEST + 1, 0)
def test_validity(left: int, wanted: int) -> None:
    """A bundle expires in the same second as in KMS. It is never valid for longer than KMS allows."""
    now, minimum = END - timedelta(seconds=left), timedelta(seconds=wanted)
    if max(wanted, 1) <= left <= LONGEST:
        parameters().refuse_expired(now, minimum, "It", "Begin again.")
        return
    said = "has expired" if left <= 0 else "expires too soon" if left < wanted else "KMS grants 24 hours"
    with pytest.raises(BundleError, match=said):
        parameters().refuse_expired(now, minimum, "It", "Begin again.")


def test_wrapped_key_material_is_not_valid_for_longer_either() -> None:
    wrapped = replace(
        wrap_offline(parameters(), material("SYMMETRIC_DEFAULT")), parameters_valid_to=END + 365 * 24 * HOUR
    )
    with pytest.raises(BundleError, match="It claims that its import token is valid until 2028"):
        wrapped.refuse_expired(NOW, timedelta(0), "It", "Begin again.")


@pytest.mark.parametrize(
    ("key_spec", "claims"),
    [
        ("HMAC_384", {"public_key": b"one"}),
        ("SYMMETRIC_DEFAULT", {"public_key": b"one"}),
        ("SYMMETRIC_DEFAULT", {"mac_message": b"one", "mac": b"two"}),
        ("ECC_NIST_P256", {"mac_message": b"one", "mac": b"two"}),
        ("HMAC_384", {"mac_message": b"one"}),
        ("HMAC_384", {"mac": b"two"}),
    ],
)
def test_claims_that_kms_could_never_confirm(key_spec: str, claims: dict[str, bytes]) -> None:
    """The key material would be imported, with only a warning that it could not be verified this time."""
    forged = WrappedKeyMaterial.of(parameters(key_spec), b"a ciphertext", **claims)
    with pytest.raises(BundleError, match="is inconsistent"):
        WrappedKeyMaterial.from_content(forged.content, "The bundle")


def test_a_summary_tells_neither_token_nor_ciphertext() -> None:
    bundle = wrap_offline(parameters(import_token=os.urandom(64)), material("SYMMETRIC_DEFAULT"))
    values = bundle.to_json()
    for secret in ("import_token", "encrypted_key_material"):
        assert values[secret] not in bundle.summary.values()
    assert bundle.summary["check_code"] == bundle.check_code


def test_the_provenance_is_what_the_bundle_says() -> None:
    assert parameters().provenance == DIRECT
