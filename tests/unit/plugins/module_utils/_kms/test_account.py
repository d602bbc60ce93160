# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The expected account, and what is refused because of it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.account import (
    Caller,
    expected_account,
    refuse_caller,
    refuse_named_key,
    refuse_shown_key,
)

OWN, OTHER = "111122223333", "444455556666"
KEY = "arn:aws:kms:eu-central-1:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NAMES = [
    KEY,
    "arn:aws-cn:kms:cn-north-1:{}:alias/payments",
    "arn:aws-us-gov:kms:us-gov-west-1:{}:key/mrk-1234abcd12ab34cd56ef1234567890ab",
]


@given(some.from_regex(r"[0-9]{12}", fullmatch=True))
def test_twelve_digits(account: str) -> None:
    assert expected_account(account) == account
    assert expected_account(yaml.safe_load(f'"{account}"')) == account


@given(some.from_regex(r"[0-9]{12}", fullmatch=True))
def test_digits_without_quotes(account: str) -> None:
    """YAML 1.1 reads them as a number, with a leading zero as an octal one. They never become another account."""
    value = yaml.safe_load(account)
    if isinstance(value, int) and account.startswith("0"):
        with pytest.raises(Refusal, match="Quote the value"):
            expected_account(value)
    else:
        assert expected_account(value) == account


@pytest.mark.parametrize("given_value", [0o12345670123, 12345678901, 1, "12345678901"])
def test_zeros_that_got_lost(given_value: Any) -> None:
    with pytest.raises(Refusal, match=rf"^expected_account_id is {given_value}, .* 12 digits.*Quote the value"):
        expected_account(given_value)


@pytest.mark.parametrize(
    "given_value",
    [f" {OWN}", f"{OWN}\n", f"{OWN}0", "1111-2222-3333", "\u0661" * 12, "payments", True, 1.11122223333e11, [OWN]],
    ids=str,
)
def test_what_is_no_account(given_value: Any) -> None:
    with pytest.raises(Refusal, match=r"(?s)^expected_account_id is .*12 digits, without hyphens\. Correct it"):
        expected_account(given_value)


@pytest.mark.parametrize("given_value", ["", " "], ids=repr)
def test_what_is_empty_by_mistake_is_no_consent(given_value: str) -> None:
    with pytest.raises(Refusal, match=r"^expected_account_id is empty"):
        expected_account(given_value)


def test_what_is_not_given_expects_nothing() -> None:
    assert expected_account(None) is None
    refuse_named_key(KEY.format(OTHER), None)
    refuse_shown_key("alias/payments", KEY.format(OTHER), None)


def test_the_credentials() -> None:
    arn = f"arn:aws:sts::{OTHER}:assumed-role/KeyImporter/night"
    refuse_caller(Caller(OWN, arn), OWN)
    with pytest.raises(Refusal) as caught:
        refuse_caller(Caller(OTHER, arn), OWN)
    assert caught.value.sentence.startswith(
        f"The credentials belong to account {OTHER} ({arn}), but expected_account_id is {OWN}. No request was"
        " sent to KMS"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_the_task_names(name: str) -> None:
    refuse_named_key(name.format(OWN), OWN)
    with pytest.raises(Refusal, match=rf"^bundles, .*, is in account {OTHER}, but expected_account_id is {OWN}"):
        refuse_named_key(name.format(OTHER), OWN, "bundles")


@pytest.mark.parametrize(
    "name", [None, "alias/payments", "mrk-1234abcd12ab34cd56ef1234567890ab", "arn:", "alias/a:b:c"]
)
def test_a_name_without_an_account_says_nothing(name: str | None) -> None:
    """STS has returned the account of the credentials, and such a name refers to a key in that account."""
    refuse_named_key(name, OWN)


@pytest.mark.parametrize("shown", [KEY.format(OTHER), "1234abcd-12ab-34cd-56ef-1234567890ab", ""])
def test_a_key_that_is_shown(shown: str) -> None:
    refuse_shown_key("alias/payments", KEY.format(OWN), OWN)
    returned = (
        f"^alias/payments: KMS returned the key {shown}, which is not in the account of expected_account_id, {OWN}"
    )
    with pytest.raises(Refusal, match=returned):
        refuse_shown_key("alias/payments", shown, OWN)
