# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the playbook renew_expiring, for renewals of one's own making, too."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence
from pathlib import Path

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ..plugin_utils._copies.renewals import read_renewals
from ..plugin_utils._report import renewal

Json = dict[str, t.Any]


def renewals(entries: t.Any, variable: str, days: int, valid_for: str, folder: str = "") -> Json:
    def resolve(path: str) -> str:
        return str(Path(folder) / Path(path).expanduser())

    try:
        faults, tasks = read_renewals(entries, variable, days=int(days), valid_for=str(valid_for), resolve=resolve)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # Without its text, which may quote a value.
        raise AnsibleFilterError(
            f"cloudkeys.aws.renewals was given something else than its documentation says ({type(error).__name__})."
        ) from None
    return {"faults": faults, "tasks": tasks}


def not_renewed(
    keys: list[Json],
    days: int,
    tasks: Sequence[Json] = (),
    results: Sequence[Json] = (),
    foretold_at: str | None = None,
) -> list[Json]:
    try:
        found = renewal.not_renewed(keys, int(days), tasks, results, foretold_at or None)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(
            "cloudkeys.aws.not_renewed takes the kms_keys that cloudkeys.aws.kms_key_material_info returns, and a"
            f" number of days ({type(error).__name__}: {error})."
        ) from None
    # Descriptions and tags are anybody's text. Before ansible-core 2.19 a text without this mark may be taken for a
    # template when it is used again.
    unsafe: list[Json] = wrap_var(found)
    return unsafe


class FilterModule:
    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"not_renewed": not_renewed, "renewals": renewals}
