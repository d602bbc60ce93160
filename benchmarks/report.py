# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of every key in a Region."""

from __future__ import annotations

import sys

from bench import THREADS, Bench
from contenders import Contender, compared, measure
from fleet import make_fleet
from single_keys import INFO

KEYS, SAMPLE = 1000, 50
REPORT = "cloudkeys.aws.kms_key_material_info"

# A Python script without Ansible that reads the same facts, with as many threads as the module.
POOL = f"""\
from concurrent.futures import ThreadPoolExecutor
import boto3
from botocore.config import Config

kms = boto3.client("kms", config=Config(max_pool_connections={THREADS}))

def read(key):
    metadata = kms.describe_key(KeyId=key["KeyArn"])["KeyMetadata"]
    if metadata["Origin"] == "EXTERNAL":
        pages = kms.get_paginator("list_key_rotations").paginate(
            KeyId=key["KeyArn"], IncludeKeyMaterial="ALL_KEY_MATERIAL"
        )
        return metadata, [entry for page in pages for entry in page["Rotations"]]

aliases = [entry for page in kms.get_paginator("list_aliases").paginate() for entry in page["Aliases"]]
keys = [entry for page in kms.get_paginator("list_keys").paginate() for entry in page["Keys"]]
with ThreadPoolExecutor({THREADS}) as pool:
    assert len(list(filter(None, pool.map(read, keys)))) >= {KEYS}
"""


def report(bench: Bench, times: int) -> None:
    half = KEYS // 2
    keys = [*make_fleet(bench, half), *make_fleet(bench, KEYS - half, material=False)]
    sample = [key.arn for key in keys[:: KEYS // SAMPLE]]
    contenders = [
        Contender(
            f"a pool of {THREADS} boto3 threads, without Ansible",
            lambda _: bench.call([sys.executable, "-c", POOL]),
            items=KEYS,
        ),
        Contender(f"`{REPORT}`", lambda _: bench.task(REPORT, {}), items=KEYS),
        Contender(
            f"a loop of `{INFO}`, over {SAMPLE} keys",
            lambda _: bench.task(INFO, {"key_id": "{{ item }}"}, sample),
            items=SAMPLE,
        ),
    ]
    measure(bench, contenders, max(1, times // 2))
    compared(f"All of {KEYS:,} keys, compared with a pool of threads; the ratio is per key", contenders, contenders[0])
