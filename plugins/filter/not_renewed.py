# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter of the playbook renew_expiring, also for your own renewal playbooks."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence

from ..plugin_utils._report import renewal
from ..plugin_utils._templating import as_filter

Json = dict[str, t.Any]


@as_filter
def not_renewed(keys: list[Json], days: int, kept: Sequence[Json] = ()) -> list[Json]:
    return renewal.not_renewed(keys, int(days), kept)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"not_renewed": not_renewed}
