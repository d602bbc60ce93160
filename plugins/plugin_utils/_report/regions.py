# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The Regions of multi-Region keys, and which of them a report has seen. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Iterator, Mapping

from ...module_utils._kms.identifiers import arn_in_region
from .row import Regions

__all__ = ("in_other_regions", "regions_of")

_Key = Mapping[str, t.Any]


def in_other_regions(key: _Key) -> Iterator[dict[str, t.Any]]:
    """The same key in its other Regions, where ``kms_key_material_info`` has read them, as entries of their own.

    Aliases, descriptions and tags are each Region's own, and were not read. The name is that of the key that was asked
    for.
    """
    aliases = key["aliases"] or ()
    for region in key["regions"] or ():
        if region["arn"] != key["arn"]:
            own = {"aliases": None, "description": None, "tags": None}
            yield {**key, **own, **region, "name": aliases[0].removeprefix("alias/") if aliases else None}


def regions_of(key: _Key, seen: Mapping[str, _Key]) -> Regions | None:
    """Every Region of *key*, the primary key first. None for a single-Region key, and for one that takes no imports.

    :param seen: the keys of the report, by ARN.
    """
    if not key["multi_region"] or key["origin"] != "EXTERNAL":
        return None
    names: Iterable[str | None] = dict.fromkeys((key["primary_region"], *(key["replica_regions"] or ())))
    return {name: seen.get(arn_in_region(key["arn"], name)) for name in names if name}
