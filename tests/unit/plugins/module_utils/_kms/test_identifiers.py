# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key identifiers, according to the rules of CreateAlias in the API Reference."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.identifiers import (
    account_of_arn,
    alias_name,
    arn_in_region,
    pinned_region,
    refuse_region,
    region_of_arn,
)

KEY = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"


@pytest.mark.parametrize("given", ["payments/eu_1-a", "alias/payments/eu_1-a"])
def test_the_prefix_may_be_left_out(given: str) -> None:
    assert alias_name(given) == "alias/payments/eu_1-a"


@pytest.mark.parametrize("given", ["", "alias/", "a b", "a:b", "ä", "a\n", "a" * 251, "alias/aws/kms", "aws/kms"])
def test_what_is_no_name(given: str) -> None:
    with pytest.raises(Refusal, match="alias"):
        alias_name(given)


def test_the_longest_name() -> None:
    assert len(alias_name("a" * 250)) == 256


def test_regions() -> None:
    assert region_of_arn(KEY) == "us-gov-west-1"
    assert account_of_arn(KEY) == "111122223333"
    assert [account_of_arn(name) for name in ("alias/a", "1234abcd", "")] == [None] * 3
    assert [region_of_arn(name) for name in ("alias/a", "1234abcd", "arn:aws:iam::111122223333:root", "")] == [None] * 4


@pytest.mark.parametrize("declared", ["us-gov-west-1", None, ""])
def test_the_region_of_an_arn_counts(declared: str | None) -> None:
    assert pinned_region([KEY], declared, lambda: "us-east-1") == "us-gov-west-1"


@pytest.mark.parametrize("keys", [[], ["alias/payments"], ["alias/payments", "1234abcd"]])
def test_names_have_no_region(keys: list[str]) -> None:
    assert pinned_region(keys, "us-east-1") is None


def test_names_beside_an_arn_are_looked_for_in_its_region() -> None:
    names = ["alias/payments", KEY]
    assert pinned_region(names, "us-gov-west-1") == "us-gov-west-1"
    assert pinned_region(names, None, lambda: "us-gov-west-1") == "us-gov-west-1"


@pytest.mark.parametrize(
    ("keys", "declared", "default", "told"),
    [
        ([KEY], "us-east-1", None, "us-gov-west-1, but region is us-east-1"),
        ([KEY, KEY.replace("west", "east")], None, None, "several Regions .us-gov-east-1, us-gov-west-1."),
        (["alias/payments", KEY], None, "us-east-1", "alias/payments, which would be resolved in us-east-1"),
        (["alias/payments", KEY], None, None, "would be resolved in no Region"),
    ],
)
def test_regions_that_do_not_agree(keys: list[str], declared: str | None, default: str | None, told: str) -> None:
    with pytest.raises(Refusal, match=told) as refused:
        pinned_region(keys, declared, lambda: default, "key_ids")
    assert refused.value.sentence.startswith("key_ids")


def test_the_same_key_in_another_region() -> None:
    """Only the Region differs, also if the name of the partition contains a part of the Region's name."""
    key = "key/mrk-1234abcd12ab34cd56ef1234567890ab"
    beijing, ningxia = (f"arn:aws-cn:kms:{region}:111122223333:{key}" for region in ("cn-north-1", "cn-northwest-1"))
    assert arn_in_region(beijing, "cn-northwest-1") == ningxia
    assert arn_in_region(ningxia, "cn-north-1") == beijing


@pytest.mark.parametrize("region", ["eu-central-1", "us-iso-east-1", "local"])
def test_a_region_can_have_this_name(region: str) -> None:
    refuse_region(region)


@pytest.mark.parametrize(
    ("region", "profile", "told"),
    [
        (None, None, "No AWS Region is set. Set region"),
        ("", "payments", "set: the profile payments does not set one, or does not exist"),
        ("eu west", None, "eu west is not a valid AWS Region name"),
        ("-eu", None, "is not a valid AWS Region name"),
        ("eu\n", None, "is not a valid AWS Region name"),
        ("a" * 64, None, "is not a valid AWS Region name"),
        ("us_east_1", None, "is not a valid AWS Region name"),
        ("us-east-1-", None, "is not a valid AWS Region name"),
        ("1", None, "is not a valid AWS Region name"),
    ],
)
def test_no_region_can_have_this_name(region: str | None, profile: str | None, told: str) -> None:
    with pytest.raises(Refusal, match=told):
        refuse_region(region, profile)
