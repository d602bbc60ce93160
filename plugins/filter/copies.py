# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters of the roles recovery_drill and verify_copies."""

from __future__ import annotations

import getpass
import typing as t
from collections.abc import Callable
from pathlib import Path

from ..plugin_utils._copies.drill import find_faults, make_imports, make_turns, options_of, read_notes
from ..plugin_utils._copies.drill_report import make_report
from ..plugin_utils._copies.entries import read_entries
from ..plugin_utils._copies.verification import summarize
from ..plugin_utils._templating import as_filter

Json = dict[str, t.Any]


@as_filter
def copies_in_custody(entries: t.Any, variable: str, folder: str = "", drill: bool = False) -> Json:
    def resolve(path: str) -> str:
        return str(Path(folder) / Path(path).expanduser())

    faults, keys = read_entries(entries, variable, drill=drill, resolve=resolve)
    return {"faults": faults, "keys": keys, "tasks": [options_of(key, {}) for key in keys]}


@as_filter
def recovery_drill_plan(
    keys: list[Json], looked: list[Json], notes: list[str] | None = None, imported: list[Json] | None = None
) -> Json:
    shown = _shown(looked)
    faults = find_faults(keys, shown)
    plan: Json = {"faults": faults, "imports": [], "turns": []}
    if faults:
        return plan
    if imported is None:
        plan["faults"], known = read_notes(notes or [], keys)
        plan["imports"] = make_imports(keys, shown, known)
    else:
        plan["faults"], plan["turns"] = make_turns(keys, shown, imported)
    return plan


@as_filter
def recovery_drill_report(keys: list[Json], looked: list[Json], **told: t.Any) -> Json:
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):
        user = None
    by = {"user": user, **(told.pop("by", None) or {})}
    at = [result["read_at"] for result in looked if result.get("read_at")]
    return make_report(keys, looked=_shown(looked), by=by, ended_at=max(at, default=None), **told)


@as_filter
def verified_copies(keys: list[Json], results: list[Json], reimport: bool = False, allow_unknown: bool = False) -> Json:
    return summarize(keys, results, reimport=bool(reimport), allow_unknown=bool(allow_unknown))


def _shown(looked: list[Json]) -> list[Json]:
    """Return the keys from results of kms_key_material_info, each for one key."""
    return [entry for result in looked for entry in result.get("kms_keys") or ()]


class FilterModule:
    def filters(self) -> dict[str, Callable[..., t.Any]]:
        own = (copies_in_custody, recovery_drill_plan, recovery_drill_report, verified_copies)
        return {function.__name__: function for function in own}
