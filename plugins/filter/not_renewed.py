# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter of the playbook renew_expiring, for renewals of one's own making, too."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ..plugin_utils._report import renewal

Json = dict[str, t.Any]


def not_renewed(keys: list[Json], days: int, kept: Sequence[Json] = ()) -> list[Json]:
    try:
        found = renewal.not_renewed(keys, int(days), kept)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(
            "cloudkeys.aws.not_renewed takes the kms_keys that cloudkeys.aws.kms_key_material_info returns, a number of"
            f" days, and the kms_keys of cloudkeys.aws.kms_imported_keys ({type(error).__name__}: {error})."
        ) from None
    # Descriptions and tags are anybody's text. Before ansible-core 2.19 a text without this mark may be taken for a
    # template when it is used again.
    unsafe: list[Json] = wrap_var(found)
    return unsafe


class FilterModule:
    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"not_renewed": not_renewed}
