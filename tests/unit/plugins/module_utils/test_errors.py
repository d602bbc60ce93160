# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error that KMS can give has a sentence: which key, which Region or operation, and what to do."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import KmsError, explain

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
IMPORT = ("GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial")
# API Reference, errors of the three operations, and Common Errors; what must be in the sentence.
CODES = {
    "InvalidArnException": "Region",
    "NotFoundException": "Check the identifier",
    "UnsupportedOperationException": "EXTERNAL",
    "KMSInvalidStateException": "DescribeKey",
    "DependencyTimeoutException": "run again",
    "KMSInternalException": "run again",
    "AccessDeniedException": "must be allowed",
    "ThrottlingException": "run again later",
    "ValidationException": "refuses a parameter",
}
CODES_OF_IMPORT = {
    "InvalidCiphertextException": "Download new import parameters",
    "IncorrectKeyMaterialException": "Give the key material that was imported first",
    "ExpiredImportTokenException": "24 hours",
    "InvalidImportTokenException": "one GetParametersForImport call",
}
OTHERS = {
    "DisabledException": "Disabled",
    "LimitExceededException": "quota",
    "ExpiredTokenException": "session token",
    "UnrecognizedClientException": "access_key",
    "InvalidSignatureException": "clock",
    "NoCredentialsError": "profile",
    "EndpointConnectionError": "network",
    "ReadTimeoutError": "run again",
}


@pytest.mark.parametrize(
    ("operation", "code", "told"),
    [
        *((operation, code, told) for operation in IMPORT for code, told in CODES.items()),
        *(("ImportKeyMaterial", code, told) for code, told in CODES_OF_IMPORT.items()),
        *(("DescribeKey", code, told) for code, told in OTHERS.items()),
    ],
)
def test_a_sentence_even_where_kms_has_none(operation: str, code: str, told: str) -> None:
    sentence = explain(operation, code, "", key=KEY, region="eu-central-1")
    assert told in sentence
    assert KEY in sentence
    assert "{" not in sentence
    assert sentence.endswith((".", "follow."))


def test_kms_own_words_come_after_ours() -> None:
    sentence = explain("ImportKeyMaterial", "ValidationException", "ValidTo must be in the future", key=KEY, region="x")
    assert sentence.endswith("KMS says: ValidTo must be in the future")


@pytest.mark.parametrize(
    ("operation", "conditions"),
    [
        ("GetParametersForImport", ("kms:WrappingAlgorithm", "kms:WrappingKeySpec")),
        ("ImportKeyMaterial", ("kms:ExpirationModel", "kms:ValidTo")),
        ("DescribeKey", ()),
    ],
)
def test_a_denied_action_is_named_with_the_conditions_that_may_be_why(
    operation: str, conditions: tuple[str, ...]
) -> None:
    sentence = explain(operation, "AccessDeniedException", "", key=KEY, region="eu-central-1")
    assert f"kms:{operation}" in sentence
    assert all(condition in sentence for condition in conditions)
    assert ("conditions" in sentence) is bool(conditions)


def test_an_unknown_error_is_still_told() -> None:
    error = KmsError("ImportKeyMaterial", "BrandNewException", "", key=KEY, region="eu-central-1", request_id="r")
    assert "BrandNewException" in error.sentence
    assert error.to_json() == {
        "operation": "ImportKeyMaterial",
        "code": "BrandNewException",
        "message": "",
        "request_id": "r",
    }
