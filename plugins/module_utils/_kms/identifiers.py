# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What names a KMS key: key ID, key ARN, alias name, alias ARN. Pure."""

from __future__ import annotations

import re

from .._errors import Refusal

__all__ = ("alias_name", "partition_of_arn", "region_of_arn", "refuse_other_region")

# AliasNameType of the API Reference, CreateAlias.
_ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]{1,250}\Z")


def alias_name(alias: str) -> str:
    """*alias* with its prefix ``alias/``, which may be left out, as in amazon.aws.

    :raises Refusal: KMS takes no such name, or keeps it for AWS managed keys (CreateAlias, API Reference).
    """
    name = alias if alias.startswith("alias/") else f"alias/{alias}"
    if name.startswith("alias/aws/"):
        raise Refusal(f"alias, {alias}, begins with alias/aws/, which AWS keeps for its own keys. Choose another name.")
    if not _ALIAS.match(name):
        raise Refusal(
            f"alias, {alias}, is not the name of an alias. It consists of letters, digits, slashes, underscores and"
            " hyphens, at most 250 of them after alias/. For an ARN, use key_id."
        )
    return name


def partition_of_arn(arn: str) -> str:
    """The part of AWS that an ARN belongs to: ``aws``, ``aws-cn`` for China, ``aws-us-gov`` for GovCloud, and more."""
    return arn.split(":")[1]


def region_of_arn(key: str) -> str | None:
    """The Region of a key ARN or alias ARN; None for a name that has none."""
    parts = key.split(":")
    return parts[3] or None if parts[0] == "arn" and len(parts) >= 6 else None


def refuse_other_region(key: str, region: str | None, option: str = "key_id") -> None:
    """:raises Refusal: *region*, as the task gives it, is not that of the ARN *key*."""
    of_key = region_of_arn(key)
    if of_key is not None and region and region != of_key:
        raise Refusal(
            f"{option}, {key}, is in the Region {of_key}, and region is {region}. Remove region, which a key ARN makes"
            " superfluous, or correct one of them."
        )
