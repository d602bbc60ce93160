# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``replay.py <calls.json> <quotas.json>``: the floor. A bare pool of boto3 threads makes calls that a task has made.

The one file holds the emulator's log of those calls, which only read. The other says how many of an operation may be
made a second, where that is limited. Nothing is retried but what boto3 retries by itself.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config

THREADS = 16
# What a request says besides the key.
PARAMETERS: dict[str, dict[str, Any]] = {
    "GetKeyPolicy": {"PolicyName": "default"},
    "ListAliases": {"Limit": 100},
    "ListKeyRotations": {"IncludeKeyMaterial": "ALL_KEY_MATERIAL"},
    "ListKeys": {"Limit": 1000},
}


def main() -> None:
    calls, quotas = (json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:])
    clients = {
        region: boto3.client("kms", region_name=region, config=Config(max_pool_connections=THREADS))
        for region in {call["region"] for call in calls}
    }

    # Each call when its turn has come, and no call waits for those of another operation.
    turns: Counter[tuple[str, str]] = Counter()
    due = []
    for call in calls:
        turn = (call["operation"], call["region"])
        due.append(turns[turn] / quotas.get(call["operation"], math.inf))
        turns[turn] += 1
    began = time.monotonic()

    def repeat(entry: tuple[float, dict[str, Any]]) -> None:
        moment, call = entry
        time.sleep(max(0.0, began + moment - time.monotonic()))
        named = {"KeyId": call["key"]} if call["key"] else {}
        request = getattr(clients[call["region"]], xform_name(call["operation"]))
        request(**named, **PARAMETERS.get(call["operation"], {}))

    with ThreadPoolExecutor(THREADS) as pool:
        for _answer in pool.map(repeat, sorted(zip(due, calls, strict=True), key=lambda entry: entry[0])):
            pass


if __name__ == "__main__":
    main()
