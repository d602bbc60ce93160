# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The identifiers of a KMS key: key ID, key ARN, alias name, alias ARN. Pure."""

from __future__ import annotations

import re
import typing as t

from .._errors import Refusal

__all__ = (
    "MOST_NAMES", "account_of_arn", "alias_hint", "alias_name", "arn_in_region", "name_some", "partition_of_arn",
    "pinned_region", "refuse_region", "region_of_arn",
)  # fmt: skip

# The most names that a message lists.
MOST_NAMES = 10
# AliasNameType of the API Reference, CreateAlias, without its prefix.
_AFTER_PREFIX = r"[a-zA-Z0-9/_-]{1,250}"
_KEY_ID = r"mrk-[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

# The pattern that botocore accepts as a part of a host name (validate_region_name). It creates no client for any other
# name, and one such name would end the request for all keys.
_REGION = r"(?!-)(?![0-9]+\Z)[a-zA-Z0-9-]{1,63}(?<!-)"


def alias_name(alias: str) -> str:
    """*alias* with the prefix ``alias/``, which can be omitted, as in amazon.aws.

    :raises Refusal: KMS does not accept the name, or reserves it for AWS managed keys (CreateAlias, API Reference).
    """
    name = alias if alias.startswith("alias/") else f"alias/{alias}"
    if name.startswith("alias/aws/"):
        raise Refusal(
            f"alias, {alias}, begins with alias/aws/, which is reserved for AWS managed keys. Choose another name."
        )
    if not re.fullmatch(_AFTER_PREFIX, name[len("alias/") :]):
        raise Refusal(
            f"alias, {alias}, is not an alias name. An alias name consists of letters, digits, slashes, underscores"
            " and hyphens, at most 250 of them after alias/. For an ARN, use key_id."
        )
    return name


def alias_hint(key: str) -> str:
    """A suggestion if *key* is not a KMS identifier but looks like a part of one; otherwise empty."""
    of_arn = key.removeprefix("key/")
    if of_arn != key and re.fullmatch(_KEY_ID, of_arn):
        return f" Did you mean the key ID {of_arn}?"
    if re.fullmatch(_KEY_ID, key) or key.startswith(("alias/", "arn:")) or not re.fullmatch(_AFTER_PREFIX, key):
        return ""
    return f" Did you mean the alias alias/{key}?"


def name_some(names: t.Sequence[str], rest: str = "") -> str:
    """The first ten names, and the number of the others.

    :param rest: where the others are listed.
    """
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    where = f", {rest}" if rest else ""
    return f"{', '.join(names[:MOST_NAMES])}, and {len(names) - MOST_NAMES} more{where}"


def partition_of_arn(arn: str) -> str:
    """The AWS partition of an ARN: ``aws``, ``aws-cn`` for China, ``aws-us-gov`` for GovCloud, and others."""
    return arn.split(":")[1]


def region_of_arn(key: str) -> str | None:
    """The Region of a key ARN or alias ARN; None for other names."""
    parts = key.split(":")
    return parts[3] or None if parts[0] == "arn" and len(parts) >= 6 else None


def account_of_arn(key: str) -> str | None:
    """The account ID of a key ARN or alias ARN, 12 digits; None for a name that is not an ARN."""
    parts = key.split(":")
    return parts[4] if parts[0] == "arn" and len(parts) >= 6 else None


def arn_in_region(arn: str, region: str) -> str:
    """The ARN of the same multi-Region key in *region*: its keys in all Regions have the same key ID."""
    parts = arn.split(":")
    return ":".join((*parts[:3], region, *parts[4:]))


_WHERE_A_REGION_COMES_FROM = (
    "Set region, name keys by their ARNs, or set AWS_REGION or a Region in the AWS configuration on the target."
)


def refuse_region(region: str | None, profile: str | None = None, advice: str = _WHERE_A_REGION_COMES_FROM) -> None:
    """:param profile: the AWS profile, which could have set a Region.
    :param advice: a sentence with the remedy if there is no Region.
    :raises Refusal: there is no Region, or its name is invalid.
    """
    if not region:
        why = f": the profile {profile} does not set one, or does not exist" if profile else ""
        raise Refusal(f"No AWS Region is set{why}. {advice}")
    if not re.fullmatch(_REGION, region):
        raise Refusal(f"{region} is not a valid AWS Region name. Correct region, or the ARN that contains it.")


def pinned_region(
    keys: t.Sequence[str],
    declared: str | None,
    default: t.Callable[[], str | None] = lambda: None,
    option: str = "key_id",
) -> str | None:
    """The Region of *keys*, from their ARNs, which take precedence over all settings; None if no key is an ARN.

    :param declared: the Region that the task itself sets.
    :param default: returns the Region for names without a Region.
    :param option: the option that names the keys, for messages.
    :raises Refusal: the ARNs are in several Regions, the task declares another Region, or names without a Region would
        be resolved in another Region than that of the ARNs.
    """
    by_region = {region: key for key in keys if (region := region_of_arn(key)) is not None}
    if not by_region:
        return None
    if len(by_region) > 1:
        raise Refusal(
            f"{option} names keys in several Regions ({', '.join(sorted(by_region))}), but a task uses only one. Use"
            " a separate task for each Region."
        )
    ((of_keys, key),) = by_region.items()
    if declared and declared != of_keys:
        raise Refusal(
            f"{option}, {key}, is in Region {of_keys}, but region is {declared}. Remove region, because a key ARN"
            " already contains it, or correct one of the two options."
        )
    without = [name for name in keys if region_of_arn(name) is None]
    if without and (otherwise := declared or default()) != of_keys:
        raise Refusal(
            f"{option} names {key}, which is in Region {of_keys}, and {without[0]}, which would be resolved in"
            f" {otherwise or 'no Region'}. Name all keys by ARN, or set region to {of_keys}."
        )
    return of_keys
