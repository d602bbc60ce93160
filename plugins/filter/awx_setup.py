# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the role awx_setup."""

from __future__ import annotations

import importlib.util
import typing as t
from collections.abc import Callable

from ..plugin_utils._awx import existing
from ..plugin_utils._awx.plan import make_plan
from ..plugin_utils._templating import as_filter

Json = dict[str, t.Any]


@as_filter
def awx_setup_plan(settings: Json) -> Json:
    return {**make_plan(settings), "awx_awx": _is_installed("ansible_collections.awx.awx")}


@as_filter
def awx_setup_types(wanted: list[Json], types: list[Json], credentials: list[Json]) -> list[Json]:
    in_use = {one["summary_fields"]["credential_type"]["name"] for one in credentials}
    return existing.types_to_change(wanted, types, in_use)


@as_filter
def awx_setup_missing(plan: Json, there: dict[str, list[str]], organization: str) -> list[str]:
    return existing.missing_things(plan, there, organization)


@as_filter
def awx_setup_unfilled(types: list[Json], credentials: list[Json]) -> list[Json]:
    return existing.unfilled_fields(types, credentials)


@as_filter
def awx_setup_nodes(workflow: Json, organization: str, nodes: list[Json] | None = None) -> list[Json]:
    """Return an empty list if AWX already has the nodes."""
    if existing.nodes_are_alike(workflow, nodes or ()):
        return []
    return existing.workflow_nodes(workflow, organization)


def _is_installed(collection: str) -> bool:
    try:
        return importlib.util.find_spec(collection) is not None
    except ModuleNotFoundError:
        # The namespace does not exist.
        return False


class FilterModule:
    def filters(self) -> dict[str, Callable[..., t.Any]]:
        own = (awx_setup_plan, awx_setup_types, awx_setup_missing, awx_setup_unfilled, awx_setup_nodes)
        return {function.__name__: function for function in own}
