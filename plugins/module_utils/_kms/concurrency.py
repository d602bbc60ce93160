# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Concurrent calls to KMS."""

from __future__ import annotations

import typing as t

__all__ = ("WORKERS", "concurrently")

# boto3 clients may be shared between threads (boto3 guide, "Multithreading or multiprocessing with clients"). The KMS
# quota for DescribeKey is 2,000 requests per second (AWS KMS Developer Guide, "Request quotas"); this number stays well
# below it.
WORKERS = 16

_Item = t.TypeVar("_Item")
_Answer = t.TypeVar("_Answer")


def concurrently(
    function: t.Callable[[_Item], _Answer], items: t.Sequence[_Item], workers: int = WORKERS
) -> list[_Answer]:
    """The results of *function* for each item, in the order of the items. The first exception is raised."""
    if len(items) < 2:
        return [function(item) for item in items]
    # Imported here because most tasks are about one key.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(workers, len(items))) as pool:
        return list(pool.map(function, items))
