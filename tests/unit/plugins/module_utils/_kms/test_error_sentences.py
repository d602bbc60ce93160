# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error messages: the source of an error and the remedy, in cases that test_errors.py does not cover."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.error_sentences import (
    _SENTENCES,
    explain,
)

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OPERATIONS = ("CreateAlias", "CreateKey", "GetPublicKey", "ImportKeyMaterial", "ListKeys", "VerifyMac")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("code", [*_SENTENCES, "500", "InvalidAction", "SomethingNewException"])
def test_every_sentence_names_the_key_and_ends(code: str, operation: str) -> None:
    sentence = explain(operation, code, "", key=KEY, region="eu-central-1")
    assert sentence.startswith(KEY)
    assert sentence.endswith(".")
    assert not {"{", "}"} & set(sentence)


def test_a_region_that_does_not_exist_is_a_wrong_signature_for_aws() -> None:
    """If endpoint_url serves every Region, AWS reports "Credential should be scoped to a valid Region."."""
    told = explain("DescribeKey", "InvalidSignatureException", "", key=KEY, region="eu-west-9")
    assert "Region eu-west-9" in told
    assert "the Region name" in told


@pytest.mark.parametrize(
    ("code", "status", "speaker"),
    [
        ("ValidationException", 400, "KMS"),
        ("ExpiredTokenException", 400, "AWS"),
        ("SignatureDoesNotMatch", 403, "AWS"),
        ("InvalidAction", 400, "The endpoint"),
        ("InternalFailure", 501, "The endpoint"),
    ],
)
def test_who_said_it(code: str, status: int, speaker: str) -> None:
    told = explain("DescribeKey", code, "no", key=KEY, region="eu-central-1", status=status)
    assert told.endswith(f" {speaker} reports: no")
