# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Which key a task of ``kms_external_key`` means: the one of its name, or one that a run before it left half made.

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

# For another run that is creating the same key at this moment.
_A_MOMENT = 4.0


@dataclass(frozen=True)
class Finder:
    """Finds one key.

    :ivar seconds: to wait for a key that KMS is still creating or updating.
    :ivar unnamed: where a key without a name is looked for.
    """

    kms: Kms
    wanted: WantedKey
    key_id: str | None
    seconds: float
    unnamed: KeysWithoutAlias

    def find(self) -> Found | None:
        """The key by the name that the task gives it.

        :raises Refusal: key_id and alias name different keys, and the alias is not to move; or an alias that is to be
            removed names another key.
        """
        arn = self.arn_of(self.key_id or str(self.wanted.alias))
        if arn is None:
            return None
        named = arn if self.key_id is None or self.wanted.alias is None else self.arn_of(self.wanted.alias)
        if named not in (None, arn) and not self.wanted.move_alias:
            raise Refusal(
                f"{self.wanted.alias} names {named}, and key_id names {arn}. Without move_alias this module never moves"
                " an alias from one key to another, since everything that uses the alias uses the other key from then"
                " on. Correct one of them, or set move_alias."
            )
        found = self.look(arn, named == arn, None if named == arn else named)
        refuse_foreign_aliases(found)
        return found

    def arn_of(self, name: str) -> str | None:
        """The key ARN of a key ID or alias; None where KMS knows no such key."""
        try:
            return read_key(self.kms, name, with_materials=False).facts.arn
        except KmsError as error:
            # A name without alias/ is no identifier: KMS knows no such key, and nothing follows from that.
            if error.code == "NotFoundException" and not alias_hint(name):
                return None
            raise

    def look(self, arn: str, alias_is_there: bool, other: str | None = None) -> Found:
        """What the decision needs of a key, and no more: each reading is a permission.

        :param other: the ARN of the key that the alias names, where it is to move from that one.
        :raises CloudKeysError: it stays in a state in which KMS changes nothing.
        """
        facts, _now, metadata = poll(
            lambda: read_key(self.kms, arn, with_materials=False),
            lambda reading: reading.facts.key_state not in ("Creating", "Updating"),
            self.seconds,
        )
        if facts.key_state in ("Creating", "Updating"):
            raise CloudKeysError(
                f"{arn} is {facts.key_state}, and KMS changes nothing of such a key. That takes some moments: run"
                " again, or set a longer wait_timeout."
            )
        tags = policy = None
        if self.wanted.tags is not None:
            tags = self.kms.list_resource_tags(arn)
        elif self.wanted.alias and facts.key_state == "PendingImport":
            # It may be one that is still in the making, by its tag.
            tags, _unread = read_if_possible(lambda: self.kms.list_resource_tags(arn))
        if self.wanted.policy is not None:
            policy = json.loads(self.kms.get_key_policy(arn))
        target = None if other is None else read_key(self.kms, other, with_materials=False).facts
        removable = {alias: self.arn_of(alias) for alias in self.wanted.remove_aliases}
        return Found(facts, metadata.get("Description", ""), alias_is_there, tags, policy, target, removable)

    def unfinished(self, unnamed: KeysWithoutAlias | None = None) -> tuple[Found | None, dict[str, str]]:
        """The key that a run for the same alias created before it was cut off.

        :returns: the key; and the ones that might be it, with why their tags cannot be read, as a clause.
        :raises Refusal: there are several.
        """
        unnamed = unnamed or self.unnamed
        candidates = [facts.arn for facts in unnamed.facts() if could_be_adopted(self.wanted, facts)]
        tags = unnamed.tags(candidates)
        unread = {arn: why for arn, (_shown, why) in sorted(tags.items()) if why is not None}
        marked = sorted(arn for arn, (shown, _why) in tags.items() if (shown or {}).get(MARKER) == self.wanted.alias)
        if len(marked) > 1:
            # Two runs may be creating them at this moment; then one of the keys soon has the alias.
            found = poll(self.find, lambda key: key is not None, _A_MOMENT)
            if found is None:
                raise Refusal(_several(str(self.wanted.alias), marked))
            return found, unread
        return (self.look(marked[0], alias_is_there=False) if marked else None), unread

    def unfinished_soon(self) -> Found | None:
        """The same, of a request that was sent just now."""
        found, _unread = poll(
            lambda: self.unfinished(KeysWithoutAlias(self.kms)), lambda answer: answer[0] is not None, _A_MOMENT
        )
        return found


def _several(alias: str, marked: t.Sequence[str]) -> str:
    return (
        f"{alias} does not exist, and there are {len(marked)} keys that were created for it and never got it, nor any"
        f" key material: {', '.join(marked)}. Nothing was touched. Give the alias to one of them (key_id together with"
        f" alias does), and remove the tag {MARKER} from the others or delete them (key_id together with state: absent"
        " does)."
    )
