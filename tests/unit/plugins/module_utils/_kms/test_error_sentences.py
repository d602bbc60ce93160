# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who said what, and what follows from it, where test_errors.py does not say it already."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.error_sentences import (
    _SENTENCES,
    explain,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import quotable

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OPERATIONS = ("CreateAlias", "CreateKey", "GetPublicKey", "ImportKeyMaterial", "ListKeys", "VerifyMac")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("code", [*_SENTENCES, "500", "InvalidAction", "SomethingNewException"])
def test_every_sentence_names_the_key_and_ends(code: str, operation: str) -> None:
    sentence = explain(operation, code, "", key=KEY, region="eu-central-1")
    assert sentence.startswith(KEY)
    assert sentence.endswith(".")
    assert not {"{", "}"} & set(sentence)


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
    assert told.endswith(f" {speaker} says: no")


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
