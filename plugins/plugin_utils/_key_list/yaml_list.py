# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A list of keys as YAML: a list, or a dictionary with ``kms_keys``; and the line of each entry and each option. Pure.

Values keep their text: ``0123`` for a check code, or ``yes`` for a tag, means this text.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

import yaml

from ...module_utils._errors import Refusal
from ...module_utils._fleet.options import KEY
from ...module_utils._material.options import PREVIOUS
from .given import Fault, Given, KeyList, all_names

__all__ = ("read_yaml",)

# libyaml, if PyYAML has it, is ten times as fast.
_Loader: t.Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 40
# More than any list requires. Aliases of aliases can turn a few values into any number.
_MOST_VALUES = 1_000_000
_TAG = "tag:yaml.org,2002:"
_MERGE, _NULL, _TIME = _TAG + "merge", _TAG + "null", _TAG + "timestamp"
_PLAIN = {_TAG + kind for kind in ("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value")}
_POLICY, _VALID_TO = "policy", "valid_to"
_OF_KEY, _OF_PREVIOUS = all_names(KEY), all_names(KEY[PREVIOUS]["options"])


def read_yaml(text: str, name: str) -> KeyList:
    """:param name: of the file, for messages.
    :raises Refusal: the content is not YAML, or not a list of keys.
    """
    root = _compose(text, name)
    return _Tree(name).keys(root)


def _compose(text: str, name: str) -> yaml.Node:
    try:
        depth = values = 0
        for event in yaml.parse(text, Loader=_Loader):
            values += isinstance(event, yaml.NodeEvent)
            if values > _MOST_VALUES:
                raise _too_many(name)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise _too_deep(name, event)
        root: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Refusal(f"{name}{where}: the content from here on is not YAML. Correct it.") from None
    except yaml.YAMLError:
        raise Refusal(
            f"{name} is not YAML: it contains a character that YAML does not allow. Remove the character."
        ) from None
    if root is None:
        raise Refusal(f"{name} is empty. Write a list of keys, each with alias or key_id.")
    return root


def _too_deep(name: str, node: t.Any) -> Refusal:
    return Refusal(
        f"{name}, line {_line(node)}: lists and dictionaries are nested too deeply for a list of keys. Remove the"
        " nesting."
    )


def _too_many(name: str) -> Refusal:
    return Refusal(
        f"{name} has more than {_MOST_VALUES} values, counting aliases each time they are used. Split the list."
    )


def _line(node: t.Any) -> int:
    line: int = node.start_mark.line + 1
    return line


class _Tree:
    """Read the nodes of one file, and collect their errors."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._faults: list[Fault] = []
        self._values = 0
        # The nodes that are being read: a node within itself would never end.
        self._open: set[int] = set()

    def keys(self, root: yaml.Node) -> KeyList:
        """:raises Refusal: there is no list of keys."""
        if isinstance(root, yaml.MappingNode):
            root = self._list_in(root)
        if not isinstance(root, yaml.SequenceNode):
            raise Refusal(
                f"{self._name}, line {_line(root)}: this is not a list. Write a list of keys, each with alias or"
                " key_id, or a dictionary with such a list in kms_keys."
            )
        entries = []
        for place, node in enumerate(root.value):
            if isinstance(node, yaml.MappingNode):
                entries.append(self._entry(place, node))
            else:
                self._fault(node, "The entry must be a dictionary with alias or key_id.")
        return KeyList(self._name, tuple(entries), tuple(self._faults))

    def _list_in(self, root: yaml.MappingNode) -> yaml.Node:
        found = None
        for name, at, node in self._pairs(root):
            if name == "kms_keys":
                found = node
            else:
                self._fault(at, "Only kms_keys is read from this file. Set options for all keys in the task.")
        return root if found is None else found

    def _entry(self, place: int, node: yaml.MappingNode) -> Given:
        lines: dict[str, int] = {}
        options = self._options(node, _OF_KEY, lines)
        return Given(place, options, _line(node), lines)

    def _options(
        self, node: yaml.MappingNode, known: t.Container[str], lines: dict[str, int], within: str = ""
    ) -> dict[str, t.Any]:
        """Options that are not *known* are returned without their values, which may be secret."""
        options: dict[str, t.Any] = {}
        for name, at, value in self._pairs(node):
            lines[within + name] = _line(at)
            options[name] = self._option(name, value, lines) if name in known else None
        return options

    def _option(self, name: str, node: yaml.Node, lines: dict[str, int]) -> t.Any:
        if name == PREVIOUS and isinstance(node, yaml.SequenceNode):
            return [self._previous(place, one, lines) for place, one in enumerate(node.value)]
        if name == _VALID_TO and node.tag == _TIME:
            return _constructed(node)
        return self._value(node, typed=name == _POLICY and not isinstance(node, yaml.ScalarNode))

    def _previous(self, place: int, node: yaml.Node, lines: dict[str, int]) -> t.Any:
        within = f"{PREVIOUS}[{place}]"
        lines[within] = _line(node)
        if isinstance(node, yaml.MappingNode):
            return self._options(node, _OF_PREVIOUS, lines, f"{within}.")
        return self._value(node)

    def _value(self, node: yaml.Node, *, typed: bool = False) -> t.Any:
        """:param typed: for JSON, which distinguishes text from numbers."""
        self._count(node)
        if node.tag not in _PLAIN:
            tag = node.tag if len(node.tag) <= 20 and node.tag[1:].isalpha() else "a tag"
            self._fault(
                node,
                f"The value has {tag}, but a list of keys must be plain YAML. To give a secret, name a file instead.",
            )
            return None
        if isinstance(node, yaml.ScalarNode):
            if node.tag == _NULL:
                return None
            return _constructed(node) if typed and node.tag != _TIME else node.value
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self._value(one, typed=typed) for one in node.value]
            pairs = self._pairs(t.cast(yaml.MappingNode, node))
            return {name: self._value(one, typed=typed) for name, _at, one in pairs}
        finally:
            self._open.discard(id(node))

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """The names, their nodes, and the values. Merged values come first and are overridden."""
        own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            self._count(key)
            if key.tag == _MERGE:
                merged = {**self._merged(value), **merged}
            elif not isinstance(key, yaml.ScalarNode) or key.tag not in _PLAIN:
                self._fault(key, "A name must be text.")
            elif key.value in own:
                first = _line(own[key.value][0])
                self._fault(key, f"The same name is already in line {first}. Remove one of them.")
            else:
                own[key.value] = (key, value)
        for name, (key, value) in {**merged, **own}.items():
            yield name, key, value

    def _merged(self, node: yaml.Node) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """If there are several, the first one counts."""
        self._count(node)
        self._open.add(id(node))
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for one in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if isinstance(one, yaml.MappingNode):
                merged = {**{name: (at, value) for name, at, value in self._pairs(one)}, **merged}
            else:
                self._fault(one, "<< must be followed by an alias of a dictionary, or a list of such aliases.")
        self._open.discard(id(node))
        return merged

    def _count(self, node: yaml.Node) -> None:
        """:raises Refusal: the node contains itself, or there are too many nodes or levels; aliases can create any
        depth.
        """
        self._values += 1
        if id(node) in self._open:
            raise Refusal(f"{self._name}, line {_line(node)}: a value contains itself, by an alias. Remove the alias.")
        if len(self._open) > _DEEPEST:
            raise _too_deep(self._name, node)
        if self._values > _MOST_VALUES:
            raise _too_many(self._name)

    def _fault(self, node: yaml.Node, sentence: str) -> None:
        self._faults.append(Fault(f"{self._name}, line {_line(node)}", sentence, _line(node)))


def _constructed(node: yaml.Node) -> t.Any:
    """YAML's value of a scalar; its text if that is invalid, such as a date that does not exist."""
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    except (yaml.YAMLError, ValueError, LookupError):
        return node.value
