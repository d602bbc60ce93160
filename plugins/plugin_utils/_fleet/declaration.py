# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The declarations of a list's entries. Their files are read, and all invalid ones are reported."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ansible.plugins.action import ActionBase

from ...module_utils._errors import Refusal
from ...module_utils._external_key.options import EXTERNAL_KEY
from ...module_utils._fleet.options import KEY_ONLY, MATERIAL_ONLY
from ...module_utils._kms.identifiers import alias_name
from ...module_utils._material.options import KEY_MATERIAL, PREVIOUS
from .._controller.arguments import Arguments
from .._key_list.checks import region_of_entry
from .._key_list.entries import Entry
from .._key_list.given import Fault, refuse
from .._material.declaration import Declaration, declare
from .fleet_key import FleetKey

__all__ = ("declare_fleet",)

_Options = dict[str, t.Any]
# Options about how a key is changed. On their own, they declare nothing.
_MANNERS = ("purge_tags", "bypass_policy_lockout_safety_check")


def declare_fleet(
    action: ActionBase,
    entries: Sequence[Entry],
    name: str,
    *,
    folder: Path | None,
    spread: bool,
    check_mode: bool,
) -> list[FleetKey]:
    """:param name: of the list, for messages.
    :param folder: the base directory of relative paths in the list; None for Ansible's search path for files.
    :raises Refusal: with the errors in the files of all entries.
    """
    keys, faults = [], []
    for entry in entries:
        options = dict(entry.options) if folder is None else _with_paths(entry.options, folder)
        try:
            material = _material(action, options, check_mode) if _gives_material(options) else None
        except Refusal as refusal:
            faults.append(Fault(entry.where, refusal.sentence, entry.place))
            continue
        if material is not None and spread:
            material = _spread(material, entry.place, len(entries))
        keys.append(
            FleetKey(
                entry.place,
                entry.where,
                _name(options),
                region_of_entry(options),
                _of_key(options, with_material=material is not None),
                material,
                check_mode,
            )
        )
    refuse(name, faults)
    return keys


def _with_paths(options: Mapping[str, t.Any], folder: Path) -> _Options:
    # A path with ~ is absolute by now, unless the user does not exist. In that case, it is a file name.
    paths = {name: str(folder / value) for name, value in options.items() if name.endswith("_src")}
    previous = {PREVIOUS: [_with_paths(one, folder) for one in options[PREVIOUS]]} if options.get(PREVIOUS) else {}
    return {**options, **paths, **previous}


def _gives_material(options: Mapping[str, t.Any]) -> bool:
    return any(name.endswith("_src") for name in options)


def _name(options: Mapping[str, t.Any]) -> str:
    """KMS's identifier of the key: its ID or ARN if the entry has one."""
    return str(options["key_id"]).strip() if "key_id" in options else alias_name(options["alias"])


def _of_key(options: Mapping[str, t.Any], *, with_material: bool) -> _Options | None:
    """The options of ``kms_external_key``; None for an entry that declares only key material."""
    if "alias" not in options and not KEY_ONLY.difference(_MANNERS) & options.keys():
        return None
    own = {name: value for name, value in options.items() if name in EXTERNAL_KEY}
    if with_material:
        # An import enables a key, so the key material's declaration handles this option.
        own.pop("enabled", None)
    return own


def _material(action: ActionBase, options: Mapping[str, t.Any], check_mode: bool) -> Declaration:
    """:raises Refusal: a file or an option is invalid."""
    both = {name: options[name] for name in ("enabled", "wait", "wait_timeout") if name in options}
    own = {name: options[name] for name in MATERIAL_ONLY & options.keys()}
    replicas = options.get("replicas", bool(options.get("replica_regions")))
    given = {"key_id": _name(options), **both, **own, "replicas": replicas}
    known = {name: value for name, value in given.items() if name in KEY_MATERIAL}
    declaration = declare(action, Arguments(known, {}, {}), check_mode=check_mode)
    return replace(declaration, region=region_of_entry(options))


def _spread(material: Declaration, place: int, total: int) -> Declaration:
    wanted = material.wanted
    previous = tuple(replace(one, expiration=one.expiration.spread(place, total)) for one in wanted.previous)
    return replace(
        material, wanted=replace(wanted, expiration=wanted.expiration.spread(place, total), previous=previous)
    )
