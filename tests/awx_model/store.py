# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All objects of one AWX, in memory."""

from __future__ import annotations

import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .errors import model_name, not_found
from .kinds import KINDS, REQUIRED, UNIONS, Kind


def now() -> str:
    return written(datetime.now(UTC))


def written(moment: datetime) -> str:
    """A time in AWX's format."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text.removesuffix(".000000") + "Z"


@dataclass(eq=False)
class Item:
    """One object.

    :ivar collection: its place in the URL, as in ``job_templates``.
    :ivar links: the IDs of its associated objects.
    :ivar roles: the IDs of its roles.
    :ivar private: data that the API never returns directly: unencrypted inputs, survey, playbooks, output.
    """

    collection: str
    id: int
    fields: dict[str, Any]
    links: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    roles: dict[str, int] = field(default_factory=dict)
    private: dict[str, Any] = field(default_factory=dict)
    created: str = field(default_factory=now)
    modified: str = field(default_factory=now)
    created_by: int | None = 1
    ansible_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def kind(self) -> Kind:
        return KINDS[self.collection]

    @property
    def url(self) -> str:
        return f"/api/v2/{self.collection}/{self.id}/"

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.fields[name] = value


class Store:
    def __init__(self) -> None:
        self._items: dict[str, dict[int, Item]] = {name: {} for name in KINDS}
        self._numbers: dict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))

    def count_from(self, collection: str, number: int) -> None:
        """:param number: the ID of the next object of the kind."""
        self._numbers[_sequence(collection)] = itertools.count(number)

    def add(self, collection: str, fields: dict[str, Any]) -> Item:
        """Store a new object. Missing fields get the defaults of the kind."""
        kind = KINDS[collection]
        defaults = {name: value for name, value in kind.fields.items() if value is not REQUIRED}
        item = Item(collection, next(self._numbers[_sequence(collection)]), {**defaults, **kind.shown, **fields})
        self._items[collection][item.id] = item
        for name, (label, description) in kind.roles.items():
            role = self.add("roles", {"name": label, "description": description})
            role.private.update(owner=item, field=name)
            item.roles[name] = role.id
        return item

    def all(self, collection: str) -> list[Item]:
        """The objects of a kind, or of a group of kinds, in the order of their IDs."""
        members = UNIONS.get(collection, (collection,))
        return sorted((item for name in members for item in self._items[name].values()), key=lambda item: item.id)

    def find(self, collection: str, id_: Any) -> Item | None:
        return next(
            (self._items[name][id_] for name in UNIONS.get(collection, (collection,)) if id_ in self._items[name]), None
        )

    def get(self, collection: str, id_: Any) -> Item:
        """:raises Refused: the object does not exist."""
        item = self.find(collection, id_)
        if item is None:
            raise not_found(
                model_name(collection.removesuffix("s") if collection in UNIONS else KINDS[collection].type)
            )
        return item

    def where(self, collection: str, **fields: Any) -> list[Item]:
        return [
            item
            for item in self.all(collection)
            if all(item.fields.get(name) == value for name, value in fields.items())
        ]

    def target(self, item: Item, name: str) -> Item | None:
        """The object that a field refers to."""
        id_ = item.fields.get(name)
        return None if id_ is None else self.find(item.kind.references[name], id_)

    def linked(self, item: Item, name: str) -> list[Item]:
        """The associated objects, in AWX's order."""
        found = [self.get(item.kind.links[name], id_) for id_ in item.links[name]]
        ordered = name in ("instance_groups", "galaxy_credentials")
        return found if ordered else sorted(found, key=lambda one: (str(one.fields.get("name", "")), one.id))

    def remove(self, item: Item) -> None:
        """Delete an object, the objects that belong to it, and all references to it."""
        del self._items[item.collection][item.id]
        for role in item.roles.values():
            self._items["roles"].pop(role, None)
        for other in [one for items in self._items.values() for one in list(items.values())]:
            self._forget(other, item)

    def _forget(self, other: Item, gone: Item) -> None:
        for name, kind in other.kind.references.items():
            if gone.collection not in UNIONS.get(kind, (kind,)) or other.fields.get(name) != gone.id:
                continue
            if name in other.kind.cascade:
                if other.id in self._items[other.collection]:
                    self.remove(other)
                return
            other[name] = None
        for name, kind in other.kind.links.items():
            if kind == gone.collection and gone.id in other.links[name]:
                other.links[name].remove(gone.id)


def _sequence(collection: str) -> str:
    return KINDS[collection].sequence or collection
