# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the role expiry_report, for reports of one's own making, too."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ..plugin_utils._report.expiry_report import ReportError, make_report, to_csv


def expiry_report(
    sources: dict[str, t.Any],
    title: str = "Key material in AWS KMS",
    warn_within_days: int = 30,
    fail_within_days: int | None = None,
) -> dict[str, t.Any]:
    if not isinstance(sources, Mapping) or not all(isinstance(result, Mapping) for result in sources.values()):
        raise AnsibleFilterError(
            "cloudkeys.aws.expiry_report takes a dictionary of results of cloudkeys.aws.kms_key_material_info, by the"
            " names of what they are about."
        )
    try:
        report = make_report(
            sources,
            title=title,
            warn_within_days=int(warn_within_days),
            fail_within_days=None if fail_within_days is None else int(fail_within_days),
        )
    except ReportError as error:
        raise AnsibleFilterError(str(error)) from None
    # Descriptions and tags are anybody's text. Before ansible-core 2.19 a text without this mark may be taken for a
    # template when it is used again.
    unsafe: dict[str, t.Any] = wrap_var(report)
    return unsafe


def expiry_report_csv(report: dict[str, t.Any]) -> str:
    if not isinstance(report, Mapping) or "keys" not in report:
        raise AnsibleFilterError("cloudkeys.aws.expiry_report_csv takes what cloudkeys.aws.expiry_report returns.")
    return to_csv(report)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"expiry_report": expiry_report, "expiry_report_csv": expiry_report_csv}
