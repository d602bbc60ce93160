# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The speed of the emulator, the operations that it limits, and the client's own time."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import THREADS, Bench
from contenders import table
from support.wrapping import wrap

SIZES, CALLS = (10, 1_000, 10_000), 1_000
_WRAPPING = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_4096"}
# Quotas that refuse no call, so that the measurement includes the counting.
_QUOTAS = dict.fromkeys(
    ("CreateKey", "DescribeKey", "ListKeyRotations", "GetParametersForImport", "ImportKeyMaterial"), 10**6
)


@dataclass
class Speed:
    operation: str
    keys: int
    each_second: float
    of_emulator: float
    """Processor time per call, in seconds."""
    of_client: float


def emulator_speed(bench: Bench, times: int) -> None:
    """Measure a pool of threads in this process that sends calls as fast as it can."""
    taken: dict[tuple[str, int], list[Speed]] = {}
    for _turn in range(times):
        for size in SIZES:
            bench.emulator.reset()
            bench.emulator.control("PUT", "quotas", _QUOTAS)
            for speed in _speeds(bench, size):
                taken.setdefault((speed.operation, size), []).append(speed)
    table(
        f"The emulator with {THREADS} boto3 threads in one process, with quotas that are not exceeded",
        ["operation", "keys", "calls per second", "emulator's processor time", "client's processor time"],
        [
            [operation, f"{size:,}", f"{_median(of, 'each_second'):,.0f}", *_times(of)]
            for (operation, size), of in sorted(taken.items(), key=lambda item: item[0][0])
        ],
    )


def _median(speeds: list[Speed], of: str) -> float:
    return statistics.median(getattr(speed, of) for speed in speeds)


def _times(speeds: list[Speed]) -> list[str]:
    return [f"{1000 * _median(speeds, of):.2f} ms" for of in ("of_emulator", "of_client")]


def _speeds(bench: Bench, size: int) -> Iterable[Speed]:
    kms = bench.client()
    pid = bench.emulator.pid

    def ask(operation: str, call: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        items = list(items)
        before, mine, began = _processor_time(pid), time.process_time(), time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            answers = list(pool.map(call, items))
        seconds, number = time.perf_counter() - began, len(items)
        speed = Speed(
            operation,
            size,
            number / seconds,
            (_processor_time(pid) - before) / number,
            (time.process_time() - mine) / number,
        )
        # The kernel counts in hundredths of a second, so a few calls are not enough.
        speeds.extend([speed] if number >= CALLS else [])
        return answers

    speeds: list[Speed] = []
    keys = ask("CreateKey", lambda _: kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"], range(size))
    asked = [keys[number % size] for number in range(CALLS)]
    # The emulator generates its wrapping keys on first use.
    for _number in range(2):
        kms.get_parameters_for_import(KeyId=keys[0], **_WRAPPING)
    parameters = ask(
        "GetParametersForImport (RSA_4096)", lambda key: kms.get_parameters_for_import(KeyId=key, **_WRAPPING), asked
    )
    contents = {key: os.urandom(32) for key in keys}
    requests = [
        {
            "KeyId": key,
            "ImportToken": one["ImportToken"],
            "EncryptedKeyMaterial": wrap(_WRAPPING["WrappingAlgorithm"], one["PublicKey"], contents[key]),
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        }
        for key, one in zip(asked, parameters, strict=True)
    ]
    ask("ImportKeyMaterial (RSA_4096)", lambda request: kms.import_key_material(**request), requests)
    ask("DescribeKey", lambda key: kms.describe_key(KeyId=key), asked)
    ask(
        "ListKeyRotations",
        lambda key: kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL"),
        asked,
    )
    ask("CreateAlias", lambda key: kms.create_alias(AliasName=f"alias/{key}", TargetKeyId=key), keys[:CALLS])
    ask("ListAliases of a key", lambda key: kms.list_aliases(KeyId=key), asked)
    return speeds


def _processor_time(pid: int) -> float:
    """The processor time in seconds: utime and stime of proc_pid_stat(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
