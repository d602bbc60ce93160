# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Whether an alias moves from one key to another, and whether other aliases of the key are removed. Pure.

Everything that uses an alias uses another key once it has moved, and fails where that key is of no use to it. So the
key must be usable, and of a kind that KMS takes in the place of the other.
"""

from __future__ import annotations

import typing as t

from .._errors import Refusal
from .._key.facts import KeyFacts

if t.TYPE_CHECKING:
    from .plan import Found, WantedKey

__all__ = ("plan_alias_changes", "refuse_alias_options", "refuse_foreign_aliases", "refuse_move")


def refuse_alias_options(wanted: WantedKey, key_id: str | None, state: str) -> None:
    """:raises Refusal: the options do not belong together."""
    if wanted.move_alias_from is not None and not wanted.move_alias:
        raise Refusal(
            "move_alias_from says which key the alias moves from, and move_alias is not true. Set it as well."
        )
    if wanted.move_alias and (wanted.alias is None or key_id is None):
        raise Refusal("move_alias needs both alias, which moves, and key_id, the key that it moves to.")
    if wanted.move_alias and state == "absent":
        raise Refusal("move_alias is for state: present. An alias is not moved to a key that is to be deleted.")
    if wanted.remove_aliases and key_id is None:
        raise Refusal("remove_aliases needs key_id: an alias is only removed from a key that is named by itself.")
    if wanted.replica_regions and (wanted.move_alias or wanted.remove_aliases):
        raise Refusal(
            "move_alias and remove_aliases are for one Region, and replica_regions lists others. Give the replica key"
            " in each Region a task of its own, with its key ARN in key_id."
        )
    if wanted.alias in wanted.remove_aliases:
        raise Refusal(f"{wanted.alias} is in alias and in remove_aliases. Take it out of one of them.")


def refuse_foreign_aliases(found: Found) -> None:
    """:raises Refusal: an alias that is to be removed names another key."""
    arn = found.facts.arn
    foreign = {alias: named for alias, named in found.removable.items() if named not in (None, arn)}
    if foreign:
        shown = ", ".join(f"{alias} names {named}" for alias, named in sorted(foreign.items()))
        raise Refusal(
            f"remove_aliases removes aliases of {arn}, and {shown}. Nothing was touched. Take it out of the list, or"
            " name the key that it belongs to."
        )


def refuse_move(wanted: WantedKey, found: Found) -> None:
    """:raises Refusal: the alias is to move, and that would be refused by KMS, or break what uses the alias."""
    if not wanted.move_alias or found.alias_is_there:
        return
    alias, target, other, expected = wanted.alias, found.facts, found.alias_target, wanted.move_alias_from
    if other is None:
        if expected is not None:
            raise Refusal(
                f"{alias} does not exist, and move_alias_from says that it names {expected}. Nothing was touched. Find"
                " out who deleted it (DeleteAlias in CloudTrail). To have it created, leave move_alias_from out."
            )
        return
    # Of an ARN the key ID: a multi-Region key has one in every Region, and its alias may move in each of them.
    if expected is not None and expected.rpartition("/")[2] != other.key_id:
        raise Refusal(
            f"{alias} names {other.arn}, and move_alias_from says that it names {expected}. Nothing was touched."
            " Somebody else moved it (UpdateAlias in CloudTrail): find out why before you move it again."
        )
    if (_kind(target), target.key_usage) != (_kind(other), other.key_usage):
        raise Refusal(
            f"{alias} names {other.arn}, which is {other.key_spec} for {other.key_usage}, and {target.arn} is"
            f" {target.key_spec} for {target.key_usage}. KMS moves an alias only between keys of one type (symmetric,"
            " asymmetric or HMAC) and one key usage. Nothing was touched. Choose another key, or another alias for it."
        )
    if target.key_state != "Enabled":
        raise Refusal(
            f"{target.arn} is {target.key_state}, and whatever uses {alias} would fail with it. Nothing was touched."
            " An alias moves only to a key that is Enabled: import its key material or enable it first, then run again."
        )
    if wanted.enabled is False:
        raise Refusal(
            f"enabled is false, and whatever uses {alias} would fail with {target.arn}. Nothing was touched. An alias"
            " moves only to a key that is Enabled."
        )


def plan_alias_changes(
    wanted: WantedKey, found: Found, before: dict[str, t.Any], after: dict[str, t.Any]
) -> list[tuple[str, dict[str, str]]]:
    """The last changes of a key, so that it is as declared when it is used by another name.

    :param before: of the diff, to be added to; *after* as well.
    :returns: each action with its parameters; to move first, so that the key always has a name.
    """
    changes: list[tuple[str, dict[str, str]]] = []
    arn, other = found.facts.arn, found.alias_target
    if wanted.move_alias:
        before["alias_target"] = arn if found.alias_is_there else other.arn if other else None
        after["alias_target"] = arn
        if other is not None:
            before["alias"] = wanted.alias
            changes.append(("update_alias", {"AliasName": str(wanted.alias)}))
    if wanted.remove_aliases:
        there = [alias for alias in wanted.remove_aliases if found.removable.get(alias) == arn]
        before["aliases_to_remove"], after["aliases_to_remove"] = there, []
        changes += [("delete_alias", {"AliasName": alias}) for alias in there]
    return changes


def _kind(facts: KeyFacts) -> str:
    """What KMS calls the type of a key (UpdateAlias, API Reference)."""
    if facts.symmetric:
        return "symmetric"
    return "HMAC" if facts.key_spec.startswith("HMAC_") else "asymmetric"
