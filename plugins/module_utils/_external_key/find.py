# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The key of a ``kms_external_key`` task: the key with its name, or one that an earlier run left incomplete.

A key is found by its name, and a key without a name by the tag that it was created with.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from .._errors import CloudKeysError, Refusal
from .._key.reading import read_if_possible, read_key
from .._kms.client import Kms
from .._kms.errors import KmsError
from .._kms.identifiers import alias_hint
from .._kms.polling import poll
from .alias import refuse_foreign_aliases
from .keys_without_alias import KeysWithoutAlias
from .plan import MARKER, Found, WantedKey, could_be_adopted

__all__ = ("Finder",)

# Time for another run that is creating the same key at this moment.
_A_MOMENT = 4.0


@dataclass(frozen=True)
class Finder:
    """Find one key.

    :ivar seconds: how long to wait for a key that KMS is still creating or updating.
    :ivar unnamed: the keys among which a key without a name is searched.
    """

    kms: Kms
    wanted: WantedKey
    key_id: str | None
    seconds: float
    unnamed: KeysWithoutAlias

    def find(self) -> Found | None:
        """The key with the name that the task declares.

        :raises Refusal: key_id and alias name different keys and the alias is not to move, or an alias to be removed
            points to another key.
        """
        arn = self.arn_of(self.key_id or str(self.wanted.alias))
        if arn is None:
            return None
        named = arn if self.key_id is None or self.wanted.alias is None else self.arn_of(self.wanted.alias)
        if named not in (None, arn) and not self.wanted.move_alias:
            raise Refusal(
                f"{self.wanted.alias} points to {named}, but key_id is {arn}. Without move_alias, this module does"
                " not move an alias to another key, because everything that uses the alias would then use the other"
                " key. Correct one of the two options, or set move_alias: true."
            )
        found = self.look(arn, named == arn, None if named == arn else named)
        refuse_foreign_aliases(found)
        return found

    def arn_of(self, name: str) -> str | None:
        """The key ARN of a key ID or alias; None if KMS does not find the key."""
        try:
            return read_key(self.kms, name, with_materials=False).facts.arn
        except KmsError as error:
            # A name without alias/ is not an identifier. That KMS does not find it has no significance.
            if error.code == "NotFoundException" and not alias_hint(name):
                return None
            raise

    def look(self, arn: str, alias_is_there: bool, other: str | None = None) -> Found:
        """Read the facts about a key that the decision requires, and no others: each reading requires a permission.

        :param other: the ARN of the key that the alias points to, if it is to move from that key.
        :raises CloudKeysError: the key stays in a state in which KMS changes nothing.
        """
        facts, _now, metadata = poll(
            lambda: read_key(self.kms, arn, with_materials=False),
            lambda reading: reading.facts.key_state not in ("Creating", "Updating"),
            self.seconds,
        )
        if facts.key_state in ("Creating", "Updating"):
            raise CloudKeysError(
                f"{arn} is {facts.key_state}, and KMS does not change a key in this state. The state ends after a"
                " short time. Run the task again, or set a longer wait_timeout."
            )
        tags = policy = None
        if self.wanted.tags is not None:
            tags = self.kms.list_resource_tags(arn)
        elif self.wanted.alias and facts.key_state == "PendingImport":
            # Its tag may identify it as a key whose creation is not complete.
            tags, _unread = read_if_possible(lambda: self.kms.list_resource_tags(arn))
        if self.wanted.policy is not None:
            policy = json.loads(self.kms.get_key_policy(arn))
        target = None if other is None else read_key(self.kms, other, with_materials=False).facts
        removable = {alias: self.arn_of(alias) for alias in self.wanted.remove_aliases}
        return Found(facts, metadata.get("Description", ""), alias_is_there, tags, policy, target, removable)

    def unfinished(self, unnamed: KeysWithoutAlias | None = None) -> tuple[Found | None, dict[str, str]]:
        """The key that an interrupted run created for the same alias.

        :returns: the key; and the keys that might be it, with the reason why their tags could not be read, as a clause.
        :raises Refusal: there are several.
        """
        unnamed = unnamed or self.unnamed
        candidates = [facts.arn for facts in unnamed.facts() if could_be_adopted(self.wanted, facts)]
        tags = unnamed.tags(candidates)
        unread = {arn: why for arn, (_shown, why) in sorted(tags.items()) if why is not None}
        marked = sorted(arn for arn, (shown, _why) in tags.items() if (shown or {}).get(MARKER) == self.wanted.alias)
        if len(marked) > 1:
            # Two runs may be creating them at this moment. In that case, one of the keys soon has the alias.
            found = poll(self.find, lambda key: key is not None, _A_MOMENT)
            if found is None:
                raise Refusal(_several(str(self.wanted.alias), marked))
            return found, unread
        return (self.look(marked[0], alias_is_there=False) if marked else None), unread

    def unfinished_soon(self) -> Found | None:
        """The same, for a request that was sent just now."""
        found, _unread = poll(
            lambda: self.unfinished(KeysWithoutAlias(self.kms)), lambda answer: answer[0] is not None, _A_MOMENT
        )
        return found


def _several(alias: str, marked: t.Sequence[str]) -> str:
    return (
        f"{alias} does not exist, and {len(marked)} keys were created for it but have neither the alias nor key"
        f" material: {', '.join(marked)}. Nothing was changed. Give the alias to one of them (set key_id and alias)."
        f" Remove the tag {MARKER} from the others, or delete them (set key_id and state: absent)."
    )
