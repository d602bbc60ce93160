# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries of lists: fields, relations, and comparisons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from .errors import Refused, model_name, not_found
from .kinds import KINDS
from .showing import Showing
from .store import Item, Store

_RESERVED: Final = ("page", "page_size", "order_by", "order", "search", "type", "format", "count_disabled")
_COMPARED: Final[dict[str, Callable[[str, str], bool]]] = {
    "exact": lambda value, wanted: value == wanted,
    "iexact": lambda value, wanted: value.lower() == wanted.lower(),
    "contains": lambda value, wanted: wanted in value,
    "icontains": lambda value, wanted: wanted.lower() in value.lower(),
    "startswith": lambda value, wanted: value.startswith(wanted),
    "istartswith": lambda value, wanted: value.lower().startswith(wanted.lower()),
    "endswith": lambda value, wanted: value.endswith(wanted),
    "gt": lambda value, wanted: _order(value) > _order(wanted),
    "gte": lambda value, wanted: _order(value) >= _order(wanted),
    "lt": lambda value, wanted: _order(value) < _order(wanted),
    "lte": lambda value, wanted: _order(value) <= _order(wanted),
    "in": lambda value, wanted: value in wanted.split(","),
}
Query = list[tuple[str, str]]


def _order(text: str) -> tuple[float, str]:
    return (float(text), "") if text.lstrip("-").isdigit() else (0.0, text)


class Filters:
    def __init__(self, store: Store, showing: Showing) -> None:
        self._store = store
        self._showing = showing

    def page(self, path: str, items: list[Item], query: Query) -> dict[str, Any]:
        """One page of a list.

        :raises Refused: the query names a field or a page that does not exist.
        """
        items = self._ordered(self._chosen(items, query), dict(query).get("order_by", ""))
        size = min(int(dict(query).get("page_size", 25)), 200)
        number = int(dict(query).get("page", 1))
        if number < 1 or (number > 1 and (number - 1) * size >= len(items)):
            raise Refused(404, {"detail": "Invalid page."})
        shown = items[(number - 1) * size : number * size]

        def link(page: int) -> str | None:
            if page < 1 or (page - 1) * size >= len(items):
                return None
            rest = [(name, value) for name, value in query if name != "page"]
            return f"{path}?{urlencode([*rest, ('page', str(page))])}"

        return {
            "count": len(items),
            "next": link(number + 1),
            "previous": link(number - 1),
            "results": [self._showing.listed(item) for item in shown],
        }

    def _chosen(self, items: list[Item], query: Query) -> list[Item]:
        together: Query = []
        alternatives: Query = []
        for name, wanted in query:
            if name == "type":
                kinds = wanted.split(",")
                items = [item for item in items if item.kind.type in kinds]
            elif name == "search":
                items = [item for item in items if wanted.lower() in str(item.fields.get("name", "")).lower()]
            elif name not in _RESERVED:
                (alternatives if name.startswith("or__") else together).append((name.removeprefix("or__"), wanted))
        chosen = [item for item in items if all(self._fits(item, *one) for one in together)]
        if alternatives:
            chosen = [item for item in chosen if any(self._fits(item, *one) for one in alternatives)]
        return chosen

    def _fits(self, item: Item, name: str, wanted: str) -> bool:
        negated = name.startswith("not__")
        parts = name.removeprefix("not__").removeprefix("chain__").split("__")
        comparison = "exact"
        if len(parts) > 1 and parts[-1] in (*_COMPARED, "isnull"):
            comparison = parts.pop()
        values = self._values(item, parts)
        if comparison == "isnull":
            fits = any(value is None for value in values) == (wanted.lower() in ("true", "1"))
        else:
            fits = any(_COMPARED[comparison](_text(value), _text_wanted(value, wanted)) for value in values)
        return fits != negated

    def _values(self, item: Item, parts: list[str]) -> list[Any]:
        """The values of a field, or of a field of a related object."""
        name, rest = parts[0], parts[1:]
        if name in ("id", "pk"):
            return [item.id]
        if rest and name in item.kind.references:
            target = self._store.target(item, name)
            return self._values(target, rest) if target else [None]
        if name in item.kind.links:
            linked = self._store.linked(item, name)
            return [value for one in linked for value in (self._values(one, rest) if rest else [one.id])]
        fields = self._showing.fields(item) | {"created": item.created, "modified": item.modified}
        if name not in fields and item.collection not in (
            "projects",
            "inventory_sources",
            "workflow_approval_templates",
        ):
            raise Refused(400, {"detail": f"{model_name(item.kind.type)} has no field named '{name}'"})
        return [fields.get(name)]

    def _ordered(self, items: list[Item], order: str) -> list[Item]:
        for name in reversed([one for one in order.split(",") if one]):
            field = name.removeprefix("-")
            items = sorted(items, key=lambda item: _order(_text(self._values(item, field.split("__"))[0])))
            if name.startswith("-"):
                items.reverse()
        return items

    def named(self, collection: str, name: str) -> Item:
        """:raises Refused: no object has this named URL."""
        for item in self._store.all(collection):
            url = self._showing.named_url(item)
            if url and url.split("/")[-2] == name:
                return item
        raise not_found(model_name(KINDS[collection].type))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _text_wanted(value: Any, wanted: str) -> str:
    if isinstance(value, bool):
        return str(wanted.lower() in ("true", "1"))
    return wanted
