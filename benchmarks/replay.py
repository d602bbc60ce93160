# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``replay.py <calls.json>``: the floor. A bare pool of boto3 threads makes the calls that somebody else has made.

The file holds the emulator's log of those calls, which only read.
"""

from __future__ import annotations

import json
import sys
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
    calls = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    clients = {
        region: boto3.client("kms", region_name=region, config=Config(max_pool_connections=THREADS))
        for region in {call["region"] for call in calls}
    }

    def repeat(call: dict[str, Any]) -> None:
        named = {"KeyId": call["key"]} if call["key"] else {}
        request = getattr(clients[call["region"]], xform_name(call["operation"]))
        request(**named, **PARAMETERS.get(call["operation"], {}))

    with ThreadPoolExecutor(THREADS) as pool:
        for _answer in pool.map(repeat, calls):
            pass


if __name__ == "__main__":
    main()
