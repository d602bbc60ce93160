# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of keys, by the rules of CreateAlias in the API Reference."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.identifiers import (
    alias_name,
    refuse_other_region,
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
    assert [region_of_arn(name) for name in ("alias/a", "1234abcd", "arn:aws:iam::111122223333:root", "")] == [None] * 4
    for region in ("us-gov-west-1", None):
        refuse_other_region(KEY, region)
    with pytest.raises(Refusal, match="us-gov-west-1, and region is us-east-1"):
        refuse_other_region(KEY, "us-east-1")
