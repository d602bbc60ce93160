# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error of KMS has a message: the key, the Region or operation, and the remedy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.error_sentences import explain
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError, quotable

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
IMPORT = ("GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial")
# The errors of the three operations and the common errors in the API Reference, with required words of the message.
CODES = {
    "InvalidArnException": "Region",
    "NotFoundException": "Check the identifier",
    "UnsupportedOperationException": "EXTERNAL",
    "KMSInvalidStateException": "DescribeKey",
    "DependencyTimeoutException": "Run the task again",
    "KMSInternalException": "Run the task again",
    "AccessDeniedException": "must allow",
    "ThrottlingException": "Run the task again later",
    "ValidationException": "rejected a parameter",
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
    "ReadTimeoutError": "Run the task again",
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
    assert sentence.endswith(".")


def test_kms_own_words_come_after_ours() -> None:
    sentence = explain("ImportKeyMaterial", "ValidationException", "ValidTo must be in the future", key=KEY, region="x")
    assert sentence.endswith("KMS reports: ValidTo must be in the future")


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


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("payments", "Did you mean the alias alias/payments?"),
        ("team/payments", "Did you mean the alias alias/team/payments?"),
        ("key/1234abcd-12ab-34cd-56ef-1234567890ab", "the key ID 1234abcd-12ab-34cd-56ef-1234567890ab?"),
        ("1234abcd-12ab-34cd-56ef-1234567890ab", ""),
        ("mrk-1234abcd12ab34cd56ef1234567890ab", ""),
        ("alias/payments", ""),
        (KEY, ""),
        ("The keys of the account", ""),
    ],
)
@pytest.mark.parametrize("code", ["NotFoundException", "InvalidArnException", "ValidationException"])
def test_the_advice_for_a_name_that_is_not_an_identifier(key: str, hint: str, code: str) -> None:
    sentence = explain("DescribeKey", code, "", key=key, region="eu-central-1")
    assert hint in sentence
    assert ("Did you mean" in sentence) is bool(hint)
    assert "Did you mean" not in explain("DescribeKey", "DisabledException", "", key=key, region="eu-central-1")


@pytest.mark.parametrize(
    ("operation", "told"),
    [("CreateKey", "for the resource *"), ("ListKeys", "for the resource *"), ("CreateAlias", "for the alias")],
)
def test_what_no_key_policy_can_allow(operation: str, told: str) -> None:
    sentence = explain(operation, "AccessDeniedException", "", key="alias/payments", region="eu-central-1")
    assert told in sentence
    assert "for this key" not in sentence


@pytest.mark.parametrize(
    ("code", "status", "unreadable", "uncertain"),
    [
        ("AccessDeniedException", 400, True, False),
        ("NotFoundException", 400, True, False),
        ("InvalidAction", 400, True, False),
        ("InternalFailure", 501, True, False),
        ("InternalFailure", 500, False, True),
        ("404", 404, True, False),
        ("500", 500, True, True),
        ("503", 503, False, True),
        ("KMSInternalException", 500, False, True),
        ("ThrottlingException", 400, False, False),
        ("ExpiredTokenException", 400, False, False),
        ("ReadTimeoutError", None, False, True),
        ("EndpointConnectionError", None, False, True),
        ("NoCredentialsError", None, False, False),
    ],
)
def test_what_follows_from_an_error(code: str, status: int | None, unreadable: bool, uncertain: bool) -> None:
    error = KmsError("DescribeKey", code, "", key=KEY, region="eu-central-1", status=status)
    assert (error.unreadable, error.uncertain) == (unreadable, uncertain)


def test_a_quote_is_one_line_without_passwords() -> None:
    assert quotable("a\x1b[31m\nb https://me:secret@proxy:3128/ TOKEN", "TOKEN") == (
        "a [31m b https://proxy:3128/ (omitted)"
    )
    assert len(quotable("x" * 5000)) < 1100


@given(words=st.text(), secret=st.text(alphabet="abcdef0123456789", min_size=12, max_size=40))
def test_a_quote_has_no_secret_and_no_second_line(words: str, secret: str) -> None:
    quote = quotable(f"{words}{secret}\n{words} https://me:{secret}@proxy:3128/", secret)
    assert secret not in quote
    assert quote.isprintable()
    assert len(quote) <= 1004


def test_a_long_quote_is_cut() -> None:
    assert quotable("x" * 1000) == "x" * 1000
    assert quotable("x" * 1001) == "x" * 1000 + " ..."


@given(password=st.text(alphabet=st.characters(codec="ascii", categories=("L", "N")), min_size=1))
def test_passwords_of_addresses_are_left_out(password: str) -> None:
    assert quotable(f"Failed to connect to http://me:{password}@proxy") == "Failed to connect to http://proxy"


def test_a_password_with_an_at_sign_is_left_out() -> None:
    quote = quotable('Could not connect to the endpoint URL: "http://me:wJ@lr@kms.example.com/" at https://b.example/')
    assert quote == 'Could not connect to the endpoint URL: "http://kms.example.com/" at https://b.example/'
