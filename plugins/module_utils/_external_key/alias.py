# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Moving an alias from one key to another, and removing other aliases of a key. Pure.

Everything that uses an alias uses the other key after a move, and fails if that key is unsuitable. So the new key must
be usable, and of a kind that KMS accepts in place of the old one.
"""

from __future__ import annotations

import typing as t

from .._errors import Refusal
from .._key.facts import KeyFacts

if t.TYPE_CHECKING:
    from .plan import Found, WantedKey

__all__ = ("plan_alias_changes", "refuse_alias_options", "refuse_foreign_aliases", "refuse_move")


def refuse_alias_options(wanted: WantedKey, key_id: str | None, state: str) -> None:
    """:raises Refusal: the options contradict each other."""
    if wanted.move_alias_from is not None and not wanted.move_alias:
        raise Refusal(
            "move_alias_from is the key that the alias moves from, but move_alias is not true. Set move_alias: true."
        )
    if wanted.move_alias and (wanted.alias is None or key_id is None):
        raise Refusal("move_alias requires alias, which moves, and key_id, the key that it moves to. Set both options.")
    if wanted.move_alias and state == "absent":
        raise Refusal(
            "move_alias requires state: present. An alias cannot be moved to a key that is scheduled for deletion."
            " Remove move_alias."
        )
    if wanted.remove_aliases and key_id is None:
        raise Refusal(
            "remove_aliases requires key_id: an alias is removed only from a key that is named explicitly. Set key_id."
        )
    if wanted.replica_regions and (wanted.move_alias or wanted.remove_aliases):
        raise Refusal(
            "move_alias and remove_aliases apply to one Region, but replica_regions lists others. Use a separate"
            " task for the replica key in each Region, with its key ARN in key_id."
        )
    if wanted.alias in wanted.remove_aliases:
        raise Refusal(f"{wanted.alias} is in both alias and remove_aliases. Remove it from one of them.")


def refuse_foreign_aliases(found: Found) -> None:
    """:raises Refusal: an alias that is to be removed points to another key."""
    arn = found.facts.arn
    foreign = {alias: named for alias, named in found.removable.items() if named not in (None, arn)}
    if foreign:
        shown = ", ".join(f"{alias} points to {named}" for alias, named in sorted(foreign.items()))
        raise Refusal(
            f"remove_aliases removes aliases of {arn}, but {shown}. Nothing was changed. Remove the alias from the"
            " list, or name the key that it belongs to."
        )


def refuse_move(wanted: WantedKey, found: Found) -> None:
    """:raises Refusal: KMS would reject the move of the alias, or the move would break the users of the alias."""
    if not wanted.move_alias or found.alias_is_there:
        return
    alias, target, other, expected = wanted.alias, found.facts, found.alias_target, wanted.move_alias_from
    if other is None:
        if expected is not None:
            raise Refusal(
                f"{alias} does not exist, but move_alias_from expects it to point to {expected}. Nothing was changed."
                " Find out who deleted it (DeleteAlias in CloudTrail). To create it, omit move_alias_from."
            )
        return
    # Compare only the key ID: a multi-Region key has an ARN in every Region, and its alias may move in each of them.
    if expected is not None and expected.rpartition("/")[2] != other.key_id:
        raise Refusal(
            f"{alias} points to {other.arn}, but move_alias_from expects it to point to {expected}. Nothing was"
            " changed. Another user moved the alias (UpdateAlias in CloudTrail): find out why before you move it again."
        )
    if (_kind(target), target.key_usage) != (_kind(other), other.key_usage):
        raise Refusal(
            f"{alias} points to {other.arn}, which is {other.key_spec} for {other.key_usage}, but {target.arn} is"
            f" {target.key_spec} for {target.key_usage}. KMS moves an alias only between keys of the same type"
            " (symmetric, asymmetric or HMAC) and key usage. Nothing was changed. Choose another key, or another"
            " alias for it."
        )
    if target.key_state != "Enabled":
        raise Refusal(
            f"{target.arn} is {target.key_state}, so everything that uses {alias} would fail. Nothing was changed."
            " An alias can be moved only to an Enabled key: import its key material or enable it first, then run the"
            " task again."
        )
    if wanted.enabled is False:
        raise Refusal(
            f"enabled is false, so everything that uses {alias} would fail with {target.arn}. Nothing was changed."
            " An alias can be moved only to an Enabled key. Set enabled: true."
        )


def plan_alias_changes(
    wanted: WantedKey, found: Found, before: dict[str, t.Any], after: dict[str, t.Any]
) -> list[tuple[str, dict[str, str]]]:
    """The last changes to a key: the key is complete before another name is used for it.

    :param before: the *before* of the diff, extended here, like *after*.
    :returns: each action with its parameters. The move comes first, so that the key always has a name.
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
    """KMS's type of a key (UpdateAlias, API Reference)."""
    if facts.symmetric:
        return "symmetric"
    return "HMAC" if facts.key_spec.startswith("HMAC_") else "asymmetric"
