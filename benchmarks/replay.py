# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``replay.py <calls.json> <quotas.json>``: the floor. A bare pool of boto3 threads makes calls that a task has made.

The one file holds the emulator's log of those calls, which only read. The other says how many of an operation may be
made a second, where that is limited.
"""

from __future__ import annotations

import json
import math
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config

THREADS = 16
# So that a call that was late on its way does not make the next ones too many.
_MARGIN = 1.01
# What a request says besides the key.
PARAMETERS: dict[str, dict[str, Any]] = {
    "GetKeyPolicy": {"PolicyName": "default"},
    "ListAliases": {"Limit": 100},
    "ListKeyRotations": {"IncludeKeyMaterial": "ALL_KEY_MATERIAL"},
    "ListKeys": {"Limit": 1000},
}


class Pace:
    """The calls of one operation in one Region, each when its turn has come."""

    def __init__(self, quota: float) -> None:
        """:param quota: calls a second."""
        self._between = _MARGIN / quota
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            turn = max(time.monotonic(), self._next)
            self._next = turn + self._between
        time.sleep(max(0.0, turn - time.monotonic()))


def main() -> None:
    calls, quotas = (json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:])
    config = Config(max_pool_connections=THREADS, retries={"mode": "standard", "total_max_attempts": 10})
    clients = {region: boto3.client("kms", region_name=region, config=config) for region in _different(calls, "region")}
    paces = {
        (operation, region): Pace(quotas.get(operation, math.inf))
        for operation in _different(calls, "operation")
        for region in clients
    }

    def repeat(call: dict[str, Any]) -> None:
        paces[call["operation"], call["region"]].wait()
        named = {"KeyId": call["key"]} if call["key"] else {}
        request = getattr(clients[call["region"]], xform_name(call["operation"]))
        request(**named, **PARAMETERS.get(call["operation"], {}))

    # Calls with the highest quota first, so that no call waits behind a slower one.
    ordered = sorted(calls, key=lambda call: -quotas.get(call["operation"], 0))
    with ThreadPoolExecutor(THREADS) as pool:
        for _answer in pool.map(repeat, ordered):
            pass


def _different(calls: list[dict[str, Any]], name: str) -> set[str]:
    return {call[name] for call in calls}


if __name__ == "__main__":
    main()
