# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the role expiry_report. Other templates can use them to make their own reports."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping

from ..module_utils._errors import Refusal
from ..plugin_utils._report.expiry_report import make_report
from ..plugin_utils._report.maker import describe_maker
from ..plugin_utils._report.page import make_page
from ..plugin_utils._report.summary import summarize
from ..plugin_utils._report.table import to_csv
from ..plugin_utils._templating import as_filter


@as_filter
def expiry_report(
    sources: dict[str, t.Any],
    title: str = "Key material in AWS KMS",
    warn_within_days: int = 30,
    fail_within_days: int | None = None,
    job: dict[str, t.Any] | None = None,
    selections: dict[str, dict[str, t.Any]] | None = None,
    limit: str | None = None,
) -> dict[str, t.Any]:
    if not isinstance(sources, Mapping) or not all(isinstance(result, Mapping) for result in sources.values()):
        raise Refusal(
            "It takes a dictionary of results of cloudkeys.aws.kms_key_material_info, by the names of what they are"
            " about."
        )
    warn, fail = int(warn_within_days), None if fail_within_days is None else int(fail_within_days)
    if warn < 1 or (fail is not None and fail < 0):
        raise Refusal(
            f"warn_within_days is {warn}, and fail_within_days is {fail}. Set them to at least 1 and 0 days, because no"
            " key has fewer days left than 0."
        )
    return make_report(
        sources,
        title=title,
        warn_within_days=warn,
        fail_within_days=fail,
        made_by=describe_maker(job or {}),
        selections=selections,
        limit=limit,
    )


@as_filter
def expiry_report_csv(report: dict[str, t.Any]) -> str:
    return to_csv(_checked(report))


@as_filter
def expiry_report_page(report: dict[str, t.Any]) -> dict[str, t.Any]:
    return make_page(_checked(report))


@as_filter
def expiry_report_summary(report: dict[str, t.Any]) -> dict[str, t.Any]:
    return summarize(_checked(report))


def _checked(report: dict[str, t.Any]) -> dict[str, t.Any]:
    if not isinstance(report, Mapping) or "keys" not in report:
        raise Refusal("It takes what cloudkeys.aws.expiry_report returns.")
    return report


class FilterModule:
    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {
            function.__name__: function
            for function in (expiry_report, expiry_report_csv, expiry_report_page, expiry_report_summary)
        }
