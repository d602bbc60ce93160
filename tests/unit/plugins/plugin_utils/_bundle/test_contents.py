# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import parameters and wrapped key material in bundles, and what is made of the one with the other."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError, Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.contents import ImportParameters, WrappedKeyMaterial
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.file import BundleError, seal, sha256
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.import_parameters import (
    Request,
    bundle_of,
    earlier,
    read_min_validity,
    refuse_overwriting,
    refuse_overwriting_token,
    request_for,
    told,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.offline_wrapping import (
    judge_recorded_way,
    take_in,
    wrap_offline,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.key_material import (
    KeyMaterial,
    parse_key_material,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.wrapping import public_key_file
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._trust import Way

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:eu-central-1:111122223333:key/{KEY}"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
END = NOW + timedelta(hours=24)
DIRECT = Way("local", "https://kms.eu-central-1.amazonaws.com", "verified")
HOUR = timedelta(hours=1)
SPECS = ("SYMMETRIC_DEFAULT", "HMAC_384", "ECC_NIST_P256")


@cache
def wrapping_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def parameters(key_spec: str = "SYMMETRIC_DEFAULT", **changed: Any) -> ImportParameters:
    public_key = wrapping_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    bundle = ImportParameters(
        key_arn=ARN,
        key_id=KEY,
        key_spec=key_spec,
        region="eu-central-1",
        wrapping_algorithm="RSA_AES_KEY_WRAP_SHA_256" if key_spec.startswith("ECC") else "RSAES_OAEP_SHA_256",
        wrapping_key_spec="RSA_2048",
        wrapping_public_key_sha256=sha256(public_key),
        import_token=b"a token",
        parameters_valid_to=END,
        endpoint=DIRECT.url,
        connection=DIRECT.connection,
        certificates=DIRECT.certificates,
        wrapping_public_key=public_key,
    )
    return replace(bundle, **changed)


def material(key_spec: str) -> KeyMaterial:
    content = os.urandom(31 if not key_spec.startswith("HMAC") else 47) + b"\xfe"
    if key_spec.startswith("ECC"):
        private_key = ec.generate_private_key(ec.SECP256R1())
        content = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return parse_key_material(
        content, key_spec=key_spec, key_material_format="auto", passphrase=None, origin="it", region="eu-central-1"
    )


def facts(**changed: Any) -> KeyFacts:
    metadata = {
        "KeyId": KEY,
        "Arn": ARN,
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "Origin": "EXTERNAL",
        "KeyManager": "CUSTOMER",
        "KeyState": "PendingImport",
        "Enabled": False,
        "MultiRegion": False,
    }
    return KeyFacts.from_kms({**metadata, **changed}, None, None)


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
    with pytest.raises(BundleError, match="is a bundle of the format"):
        ImportParameters.from_content(wrapped.content, "It")
    with pytest.raises(BundleError, match="is a bundle of the format"):
        WrappedKeyMaterial.from_content(parameters().content, "It")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"region": "eu-west-1"}, "its key ARN is not that of"),
        ({"key_id": "0987dcba-09fe-87dc-65ba-ab0987654321"}, "its key ARN is not that of"),
        ({"key_spec": "ML_DSA_44"}, "its key spec is none of"),
        ({"wrapping_algorithm": "RSAES_PKCS1_V1_5"}, "its wrapping algorithm or"),
        ({"wrapping_key_spec": "RSA_512"}, "its wrapping algorithm or"),
        ({"wrapping_public_key": b"another"}, "wrapping_public_key_sha256 is not that of"),
        ({"import_token": bytes(6145)}, "its import token has 6145 bytes"),
    ],
)
def test_a_bundle_must_agree_with_itself(changed: dict[str, Any], sentence: str) -> None:
    """A digest that fits says only that nothing was damaged."""
    with pytest.raises(BundleError, match=f"contradicts itself: .*{sentence}"):
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
        ImportParameters.from_content(seal({**parameters().to_json(), **changed}), "It")


def test_a_ciphertext_that_kms_would_not_take() -> None:
    wrapped = replace(wrap_offline(parameters(), material("SYMMETRIC_DEFAULT")), encrypted_key_material=bytes(6145))
    with pytest.raises(BundleError, match="its encrypted key material has 6145 bytes"):
        WrappedKeyMaterial.from_content(wrapped.content, "It")


def test_a_missing_field() -> None:
    values = parameters().to_json()
    del values["connection"]
    with pytest.raises(BundleError, match="does not have the fields"):
        ImportParameters.from_content(seal(values), "It")


LONGEST = 24 * 60 * 60 + 10 * 60


@given(st.integers(-100_000, 100_000), st.integers(0, 86_000))
@example(LONGEST, 0)
@example(LONGEST + 1, 0)
def test_validity(left: int, wanted: int) -> None:
    """Expired at the very second at which KMS stops taking it, and never valid for longer than KMS makes it."""
    now, minimum = END - timedelta(seconds=left), timedelta(seconds=wanted)
    if max(wanted, 1) <= left <= LONGEST:
        parameters().refuse_expired(now, minimum, "It", "Begin again.")
        return
    said = "has expired" if left <= 0 else "expires too soon" if left < wanted else "KMS gives 24 hours"
    with pytest.raises(BundleError, match=said):
        parameters().refuse_expired(now, minimum, "It", "Begin again.")


def test_wrapped_key_material_is_not_valid_for_longer_either() -> None:
    wrapped = replace(
        wrap_offline(parameters(), material("SYMMETRIC_DEFAULT")), parameters_valid_to=END + 365 * 24 * HOUR
    )
    with pytest.raises(BundleError, match="It claims that KMS takes its import token until 2028"):
        wrapped.refuse_expired(NOW, timedelta(0), "It", "Begin again.")


def test_kms_would_unwrap_it() -> None:
    mine = material("SYMMETRIC_DEFAULT")
    bundle = wrap_offline(parameters(), mine)
    padding = OAEP(MGF1(SHA256()), SHA256(), None)
    assert wrapping_key().decrypt(bundle.encrypted_key_material, padding) == mine.data


@pytest.mark.parametrize("key_spec", SPECS)
def test_the_bundle_does_not_show_the_key_material(key_spec: str) -> None:
    mine = material(key_spec)
    content = wrap_offline(parameters(key_spec), mine).content
    assert mine.data not in content
    assert mine.data.hex().encode() not in content


@pytest.mark.parametrize(
    ("algorithm", "length", "right"),
    [
        ("RSAES_OAEP_SHA_256", 256, True),
        ("RSAES_OAEP_SHA_256", 255, False),
        ("RSAES_OAEP_SHA_256", 384, False),
        ("RSA_AES_KEY_WRAP_SHA_256", 256, False),
        ("RSA_AES_KEY_WRAP_SHA_256", 256 + 16, True),
        ("RSA_AES_KEY_WRAP_SHA_256", 256 + 20, False),
        ("RSA_AES_KEY_WRAP_SHA_256", 256 + 144, True),
    ],
)
def test_the_length_of_what_another_tool_made(algorithm: str, length: int, right: bool) -> None:
    asked = parameters(wrapping_algorithm=algorithm)
    encrypted = os.urandom(length)
    if right:
        bundle = take_in(asked, encrypted, "It")
        assert (bundle.encrypted_key_material, bundle.public_key, bundle.mac) == (encrypted, None, None)
    else:
        with pytest.raises(CloudKeysError, match=f"^It has {length} bytes. Encrypted with {algorithm}"):
            take_in(asked, encrypted, "It")


@pytest.mark.parametrize(
    ("changed", "trust", "refused", "warned"),
    [
        ({}, "kms_direct", False, False),
        ({"connection": "ssh"}, "kms_direct", True, False),
        ({"connection": "ssh"}, "target", False, False),
        ({"endpoint": "https://kms.example.com"}, "kms_direct", True, False),
        ({"certificates": "unverified"}, "kms_direct", True, False),
        ({"endpoint": "http://127.0.0.1:4599"}, "kms_direct", False, True),
    ],
)
def test_the_way_that_a_bundle_came(changed: dict[str, str], trust: str, refused: bool, warned: bool) -> None:
    refusal, warning = judge_recorded_way(parameters(**changed), trust, "It")
    assert (refusal is not None, warning is not None) == (refused, warned)


def test_what_is_asked_for() -> None:
    assert request_for(facts(), None, "RSA_4096").wrapping_algorithm == "RSAES_OAEP_SHA_256"
    for changed, algorithm in (
        ({"Origin": "AWS_KMS"}, None),
        ({"KeyManager": "AWS"}, None),
        ({"KeySpec": "ML_DSA_44"}, None),
        ({"KeyState": "PendingDeletion"}, None),
        ({}, "RSA_AES_KEY_WRAP_SHA_256"),
    ):
        with pytest.raises(Refusal):
            request_for(facts(**changed), algorithm, "RSA_4096")


def test_what_kms_gave_becomes_the_bundle() -> None:
    bundle = parameters()
    values = bundle.to_json()
    names = ("wrapping_public_key", "import_token", "parameters_valid_to", "wrapping_algorithm", "wrapping_key_spec")
    given = {name: values[name] for name in names}
    request = Request(facts(), "RSAES_OAEP_SHA_256", "RSA_2048")
    assert bundle_of(request, given, DIRECT) == bundle
    with pytest.raises(CloudKeysError, match="answered for another wrapping"):
        bundle_of(request, {**given, "wrapping_key_spec": "RSA_4096"}, DIRECT)
    for name in ("wrapping_public_key", "import_token"):
        with pytest.raises(CloudKeysError, match="did not come whole"):
            bundle_of(request, {**given, name: f"{values[name]}****"}, DIRECT)


@pytest.mark.parametrize("content", [b"", b"somebody's notes", b"{}", b"[]", b"[" * 60_000, b"\x00\xff"])
def test_a_file_of_somebody_else_is_not_overwritten(content: bytes) -> None:
    with pytest.raises(Refusal, match="It is not overwritten"):
        refuse_overwriting(content, ImportParameters, "it")


def test_a_bundle_may_be_overwritten_and_the_other_kind_not() -> None:
    refuse_overwriting(None, ImportParameters, "it")
    refuse_overwriting(parameters().content, ImportParameters, "it")
    with pytest.raises(Refusal):
        refuse_overwriting(parameters().content, WrappedKeyMaterial, "it")


@pytest.mark.parametrize("content", [b"", b"another token", bytes(range(224, 256))])
def test_an_import_token_is_recognised_by_its_bundle_alone(content: bytes) -> None:
    refuse_overwriting_token(None, None, "it")
    refuse_overwriting_token(parameters().import_token, parameters(), "it")
    for bundle in (parameters(), None):
        with pytest.raises(Refusal, match="It is not overwritten"):
            refuse_overwriting_token(content, bundle, "it")


@pytest.mark.parametrize("text", ["24h", "2d", "soon", "", "-1h"])
def test_a_min_validity_that_cannot_be(text: str) -> None:
    with pytest.raises(Refusal, match="min_validity"):
        read_min_validity(text)


def test_results_tell_neither_token_nor_ciphertext() -> None:
    bundle = wrap_offline(parameters(import_token=os.urandom(64)), material("SYMMETRIC_DEFAULT"))
    values = bundle.to_json()
    for secret in ("import_token", "encrypted_key_material"):
        assert values[secret] not in told(bundle).values()
    assert earlier(parameters().content) == parameters()
    assert earlier(b"rubbish") is None


def test_the_wrapping_public_key_for_another_tool() -> None:
    der = parameters().wrapping_public_key
    assert public_key_file(der, pem=False) == der
    pem = public_key_file(der, pem=True)
    assert load_pem_public_key(pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == der
    assert pem == load_pem_public_key(pem).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


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
    """They would be imported, and then only warned of, as what could not be verified this time."""
    forged = WrappedKeyMaterial.of(parameters(key_spec), b"a ciphertext", **claims)
    with pytest.raises(BundleError, match="contradicts itself"):
        WrappedKeyMaterial.from_content(forged.content, "The bundle")
