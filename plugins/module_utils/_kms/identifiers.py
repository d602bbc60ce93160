# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What names a KMS key: key ID, key ARN, alias name, alias ARN. Pure."""

from __future__ import annotations

import re
import typing as t

from .._errors import Refusal

__all__ = (
    "MOST_NAMES", "account_of_arn", "alias_hint", "alias_name", "arn_in_region", "name_some", "partition_of_arn",
    "pinned_region", "refuse_region", "region_of_arn",
)  # fmt: skip

# As many names as a reader takes in; a message with more of them is a list that nobody reads.
MOST_NAMES = 10
# Patterns as text: the target compiles one when it is used, and most tasks use none or one of them.
# AliasNameType of the API Reference, CreateAlias, without its prefix.
_AFTER_PREFIX = r"[a-zA-Z0-9/_-]{1,250}"
_KEY_ID = r"mrk-[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

# What botocore accepts as a part of a host name (validate_region_name). It makes no client for anything else, and one
# such name would end the visit for all keys.
_REGION = r"(?!-)(?![0-9]+\Z)[a-zA-Z0-9-]{1,63}(?<!-)"


def alias_name(alias: str) -> str:
    """*alias* with its prefix ``alias/``, which may be left out, as in amazon.aws.

    :raises Refusal: KMS takes no such name, or keeps it for AWS managed keys (CreateAlias, API Reference).
    """
    name = alias if alias.startswith("alias/") else f"alias/{alias}"
    if name.startswith("alias/aws/"):
        raise Refusal(f"alias, {alias}, begins with alias/aws/, which AWS keeps for its own keys. Choose another name.")
    if not re.fullmatch(_AFTER_PREFIX, name[len("alias/") :]):
        raise Refusal(
            f"alias, {alias}, is not the name of an alias. It consists of letters, digits, slashes, underscores and"
            " hyphens, at most 250 of them after alias/. For an ARN, use key_id."
        )
    return name


def alias_hint(key: str) -> str:
    """What may have been meant by *key*, if it is no identifier of KMS but looks like a part of one; or nothing."""
    of_arn = key.removeprefix("key/")
    if of_arn != key and re.fullmatch(_KEY_ID, of_arn):
        return f" Did you mean the key ID {of_arn}?"
    if re.fullmatch(_KEY_ID, key) or key.startswith(("alias/", "arn:")) or not re.fullmatch(_AFTER_PREFIX, key):
        return ""
    return f" Did you mean the alias alias/{key}?"


def name_some(names: t.Sequence[str], rest: str = "") -> str:
    """The first ten, and how many more there are.

    :param rest: where the others can be found.
    """
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    where = f", {rest}" if rest else ""
    return f"{', '.join(names[:MOST_NAMES])}, and {len(names) - MOST_NAMES} more{where}"


def partition_of_arn(arn: str) -> str:
    """The part of AWS that an ARN belongs to: ``aws``, ``aws-cn`` for China, ``aws-us-gov`` for GovCloud, and more."""
    return arn.split(":")[1]


def region_of_arn(key: str) -> str | None:
    """The Region of a key ARN or alias ARN; None for a name that has none."""
    parts = key.split(":")
    return parts[3] or None if parts[0] == "arn" and len(parts) >= 6 else None


def account_of_arn(key: str) -> str | None:
    """The ID of the account of a key ARN or alias ARN, 12 digits; None for a name that is no ARN."""
    parts = key.split(":")
    return parts[4] if parts[0] == "arn" and len(parts) >= 6 else None


def arn_in_region(arn: str, region: str) -> str:
    """The ARN of the same multi-Region key in *region*: its Regions share the key ID."""
    parts = arn.split(":")
    return ":".join((*parts[:3], region, *parts[4:]))


_WHERE_A_REGION_COMES_FROM = (
    "Set region, name keys by their ARNs, or set AWS_REGION or a Region in the AWS configuration on the target."
)


def refuse_region(region: str | None, profile: str | None = None, advice: str = _WHERE_A_REGION_COMES_FROM) -> None:
    """:param profile: of AWS credentials, which could have named a Region.
    :param advice: what to do when there is none, a sentence.
    :raises Refusal: there is no Region, or none can have this name.
    """
    if not region:
        why = f": the profile {profile} names none, or does not exist" if profile else ""
        raise Refusal(f"No AWS Region is known{why}. {advice}")
    if not re.fullmatch(_REGION, region):
        raise Refusal(f"{region} cannot be the name of an AWS Region. Correct region, or the ARN that names it.")


def pinned_region(
    keys: t.Sequence[str],
    declared: str | None,
    default: t.Callable[[], str | None] = lambda: None,
    option: str = "key_id",
) -> str | None:
    """The Region to ask for *keys*: that of their ARNs, whatever else would have set one; None where none is an ARN.

    :param declared: the Region that the task itself gives.
    :param default: the Region in which names without one would be looked for.
    :param option: which names the keys, for the sentence.
    :raises Refusal: the ARNs are of several Regions, or the task declares another one; or the names without a Region
        would be looked for in the Region of the ARNs, which is not the task's own.
    """
    by_region = {region: key for key in keys if (region := region_of_arn(key)) is not None}
    if not by_region:
        return None
    if len(by_region) > 1:
        raise Refusal(
            f"{option} names keys of several Regions ({', '.join(sorted(by_region))}), and a task looks at one. Give"
            " each Region its own task."
        )
    ((of_keys, key),) = by_region.items()
    if declared and declared != of_keys:
        raise Refusal(
            f"{option}, {key}, is in the Region {of_keys}, and region is {declared}. Remove region, which a key ARN"
            " makes superfluous, or correct one of them."
        )
    without = [name for name in keys if region_of_arn(name) is None]
    if without and (otherwise := declared or default()) != of_keys:
        raise Refusal(
            f"{option} names {key}, which is in the Region {of_keys}, and {without[0]}, which would be looked for in"
            f" {otherwise or 'no Region'}. Name all keys by ARN, or set region to {of_keys}."
        )
    return of_keys
