# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenarios, in the order in which they run. Each is a promise of the collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..arguments import Refused
from ..bench import Bench


@dataclass(frozen=True)
class Scenario:
    """:ivar promise: what the scenario shows, in a few words.
    :ivar keys: how many keys it creates, without the main key.
    :ivar main_key: whether it uses the key that most scenarios share.
    """

    name: str
    group: str
    promise: str
    run: Callable[[Bench], None]
    keys: int = 0
    rotations: int = 0
    main_key: bool = True
    needs_replica_region: bool = False


def every_scenario() -> tuple[Scenario, ...]:
    from . import ceremony, lifecycle, multi_region, permissions, specs

    return (
        *lifecycle.SCENARIOS,
        *ceremony.SCENARIOS,
        *permissions.SCENARIOS,
        # The last scenario that shares the main key, which has an older key material afterwards.
        lifecycle.ROTATION,
        *specs.SCENARIOS,
        *multi_region.SCENARIOS,
    )


def chosen(only: Sequence[str], replica_region: str | None) -> list[Scenario]:
    """Those that the user names, by themselves or by their group; all when none is named.

    :raises Refused: a name is unknown, or a scenario needs a Region that is not named.
    """
    every = every_scenario()
    known = {scenario.name for scenario in every} | {scenario.group for scenario in every}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise Refused(f"There is no scenario or group {', '.join(unknown)}. AWS was not called. --list shows them.")
    named = [scenario for scenario in every if not only or scenario.name in only or scenario.group in only]
    possible = [scenario for scenario in named if replica_region or not scenario.needs_replica_region]
    if only and len(possible) < len(named):
        left_out = ", ".join(scenario.name for scenario in named if scenario not in possible)
        raise Refused(f"{left_out} needs a second Region. AWS was not called. Name it with --replica-region.")
    return possible


def keys_of(scenarios: Sequence[Scenario]) -> tuple[int, int]:
    """How many keys these scenarios create in all, and how often they rotate one."""
    main = any(scenario.main_key for scenario in scenarios)
    return sum(one.keys for one in scenarios) + main, sum(one.rotations for one in scenarios)
