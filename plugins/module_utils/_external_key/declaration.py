# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A task's declaration about one key, validated as far as that is possible without KMS. Pure."""

from __future__ import annotations

import json
import typing as t

from .._errors import Refusal
from .._kms.identifiers import alias_name
from .alias import refuse_alias_options
from .plan import CANARY, WantedKey
from .replicas import refuse_regions

__all__ = ("declared", "read_policy", "read_tags")


def declared(options: t.Mapping[str, t.Any]) -> WantedKey:
    """:param options: all of ``EXTERNAL_KEY``, with None for an option that is omitted and has no default.
    :raises Refusal: KMS would reject an option.
    """
    window = options["pending_window"]
    if window is not None and not 7 <= window <= 30:
        raise Refusal(
            f"pending_window is {window}, but KMS waits at least 7 and at most 30 days. Set a value from 7 to 30."
        )
    same = (
        "key_spec", "key_usage", "multi_region", "description", "purge_tags", "enabled", "move_alias",
        "move_alias_from",
    )  # fmt: skip
    wanted = WantedKey(
        alias=None if options["alias"] is None else alias_name(options["alias"]),
        policy=None if options["policy"] is None else read_policy(options["policy"]),
        bypass_policy_lockout_safety_check=options["bypass_policy_lockout_safety_check"],
        tags=None if options["tags"] is None else read_tags(options["tags"]),
        pending_window=window,
        replica_regions=tuple(options["replica_regions"] or ()),
        remove_aliases=tuple(alias_name(alias) for alias in dict.fromkeys(options["remove_aliases"])),
        **{name: options[name] for name in same},
    )
    refuse_regions(wanted)
    refuse_alias_options(wanted, options["key_id"], options["state"])
    return wanted


def read_policy(text: str) -> dict[str, t.Any]:
    """:raises Refusal: not a policy document."""
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"policy is not JSON: {error}. Correct it.") from None
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise Refusal("policy is not a policy document. Set a JSON object with Version and Statement.")
    return policy


def read_tags(tags: t.Mapping[t.Any, t.Any]) -> dict[str, str]:
    """:raises Refusal: tags that users cannot set."""
    reserved = sorted(str(name) for name in tags if name != CANARY and str(name).startswith(("cloudkeys.aws/", "aws:")))
    if reserved:
        raise Refusal(
            f"tags contains {', '.join(reserved)}. Tags that begin with aws: are reserved for AWS, and tags that"
            f" begin with cloudkeys.aws/ are reserved for this collection. You can set only {CANARY}. Choose other"
            " names."
        )
    return {str(name): "" if value is None else str(value) for name, value in tags.items()}
