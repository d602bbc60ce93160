# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS with its quotas: a visit respects them, is slower if other users exceed them, and does not fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, declaration, patient_client, run
from support.materials import SYMMETRIC, new_material
from support.wrapping import wrap

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms import traffic as code
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.quotas import read_quotas
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.traffic import Traffic
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    Answer,
    Applied,
    Apply,
    GetParameters,
    GivenParameters,
    Look,
    Postponed,
    Request,
    Seen,
    Step,
    Watch,
    Watched,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._requests.answer import answer_all

QUOTAS = {"GetParametersForImport": 50, "ImportKeyMaterial": 100, "DescribeKey": 400, "ListKeyRotations": 400}
WRAPPING = ("RSAES_OAEP_SHA_256", "RSA_3072")
COLLECTIONS = Path(code.__file__).parents[6]
THROTTLED = "ThrottlingException"


def visit(client: Any, requests: list[Request], traffic: Traffic | None = None) -> list[Answer]:
    kms = Kms(client, traffic=traffic or Traffic(read_quotas(QUOTAS)))
    return answer_all({None: kms}, requests)


def download(key: ExternalKey) -> GetParameters:
    return GetParameters(key.arn, None, *WRAPPING)


def statuses(emulator: Emulator, operation: str, keys: list[ExternalKey]) -> Counter[int]:
    """What became of the requests for these keys."""
    names = {name for key in keys for name in (key.arn, key.id)}
    calls = (call for call in emulator.control.calls() if call["operation"] == operation and call["key"] in names)
    return Counter(call["status"] for call in calls)


@pytest.fixture
def keys(kms: Any) -> list[ExternalKey]:
    return [ExternalKey.create(kms) for _number in range(40)]


def test_many_keys_within_the_quotas(kms: Any, emulator: Emulator, keys: list[ExternalKey]) -> None:
    """On a busy machine KMS may throttle a few requests. All quotas are respected nevertheless."""
    emulator.control.quotas(QUOTAS)
    answers = visit(kms, [download(key) for key in keys])
    assert [type(answer) for answer in answers] == [GivenParameters] * len(keys)
    assert statuses(emulator, "GetParametersForImport", keys)[200] == len(keys)


def test_throttling_by_others_fails_nothing(kms: Any, emulator: Emulator) -> None:
    """Any number of requests of any operation may be throttled at the same time."""
    keys = [ExternalKey.create(kms) for _number in range(12)]
    refused = {"DescribeKey": 60, "ListKeyRotations": 30, "ImportKeyMaterial": 20, "GetParametersForImport": 3}
    emulator.control.faults([{"operation": name, "error": THROTTLED, "times": n} for name, n in refused.items()])
    content = new_material(SYMMETRIC)
    results = run(patient_client(kms, **QUOTAS), *(declaration(key.arn, content, **NEVER) for key in keys))
    assert [result["actions"] for result in results] == [["import"]] * len(keys)


def test_hundreds_of_failures_of_the_server_fail_nothing(
    kms: Any, emulator: Emulator, keys: list[ExternalKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore itself repeats 35 of them at a time, for all requests of a client together."""
    monkeypatch.setattr(code, "LONGEST_PAUSE_OF_FAILURES", 0.2)
    faults: list[dict[str, Any]] = [{"operation": "DescribeKey", "error": "KMSInternalException", "times": 30}]
    faults += [{"operation": "DescribeKey", "body": "", "status": status, "times": 10} for status in (502, 503)]
    faults += [{"operation": "DescribeKey", "drop": "before", "times": 10}]
    emulator.control.faults(faults)
    answers = visit(kms, [Look(key.arn, None, materials=False) for key in keys])
    assert [type(answer) for answer in answers] == [Seen] * len(keys)


def test_a_visit_whose_time_is_over_says_what_it_did_not_do(
    kms: Any, emulator: Emulator, keys: list[ExternalKey]
) -> None:
    """A read omits the import parameters. Downloads and imports must be requested again."""
    (given,) = visit(kms, [download(keys[0])])
    assert isinstance(given, GivenParameters)
    emulator.control.faults([{"operation": "ImportKeyMaterial", "error": THROTTLED, "times": 100_000}])
    traffic = Traffic(read_quotas({"GetParametersForImport": 0.001}), patience=0)
    requests: list[Request] = [
        Look(keys[0].arn, None, parameters="always", wrapping_key_spec="RSA_3072"),
        Look(keys[1].arn, None, parameters="always", wrapping_key_spec="RSA_3072"),
        *map(download, keys[:3]),
        _import_of(keys[0], given),
        Watch(keys[0].arn, None, {"key_state": "PendingImport"}, 600),
    ]
    first, second, *downloads, applied, watched = visit(kms, requests, traffic)
    assert isinstance(first, Seen)
    assert isinstance(second, Seen)
    assert (first.parameters_failure, second.parameters_failure) == (None, None)
    got = [first.parameters, second.parameters, *(isinstance(one, GivenParameters) or None for one in downloads)]
    assert sum(one is not None for one in got) == 1, "one of them had its turn at once"
    for answer in (*(one for one in downloads if not isinstance(one, GivenParameters)), applied):
        assert isinstance(answer, Postponed)
        assert " was postponed, because " in answer.failure.sentence
        assert answer.failure.kms_error is None
    assert isinstance(watched, Watched), "what need not wait for KMS is not postponed"
    assert keys[0].state == "PendingImport"
    emulator.control.faults([])
    (again,) = visit(kms, [_import_of(keys[0], given)])
    assert isinstance(again, Applied)
    assert again.done == ("import",)


def _import_of(key: ExternalKey, given: GivenParameters, *first: Step) -> Apply:
    parameters = given.parameters
    ciphertext = wrap(parameters.wrapping_algorithm, parameters.wrapping_public_key, new_material(SYMMETRIC))
    step = Step("import", expiration=Expiration(None))
    return Apply(
        key.arn, None, None, (*first, step), {"key_state": "Enabled"}, 0, (ciphertext,), (parameters.import_token,)
    )


def test_what_was_begun_is_brought_to_its_end(kms: Any, emulator: Emulator) -> None:
    """A visit finishes a key that it has disabled, even at its time limit and when KMS throttles."""
    key = ExternalKey.imported(kms)
    given = visit(kms, [download(key)])[0]
    assert isinstance(given, GivenParameters)
    emulator.control.faults(
        [{"operation": name, "error": THROTTLED, "times": 3} for name in ("EnableKey", "ListKeyRotations")]
    )
    steps = (Step("disable"), Step("enable"))
    (applied,) = visit(
        kms, [Apply(key.arn, None, None, steps, {"key_state": "Enabled"}, 0)], Traffic(read_quotas(QUOTAS), patience=0)
    )
    # The list of key materials was throttled before anything was done.
    assert isinstance(applied, Postponed)
    emulator.control.faults([{"operation": "EnableKey", "error": THROTTLED, "times": 3}])
    (applied,) = visit(
        kms, [Apply(key.arn, None, None, steps, {"key_state": "Enabled"}, 0)], Traffic(read_quotas(QUOTAS), patience=0)
    )
    assert isinstance(applied, Applied)
    assert (applied.done, applied.failure) == (("disable", "enable"), None)
    assert key.state == "Enabled"


def test_an_import_is_not_postponed_when_kms_may_have_done_it(kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.create(kms)
    (given,) = visit(kms, [download(key)])
    assert isinstance(given, GivenParameters)
    emulator.control.faults(
        [
            {"operation": "ImportKeyMaterial", "drop": True, "times": 1},
            {"operation": "ImportKeyMaterial", "error": THROTTLED, "times": 3},
        ]
    )
    (applied,) = visit(kms, [_import_of(key, given)], Traffic(read_quotas(QUOTAS), patience=0))
    assert isinstance(applied, Applied)
    assert (applied.done, applied.failure) == (("import",), None)


PROCESS = """\
import json, sys
import boto3
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms, client_config
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.quotas import read_quotas
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.traffic import Traffic
from ansible_collections.cloudkeys.aws.plugins.module_utils._requests.answer import answer_all
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import GetParameters

url, account, quotas, *keys = json.loads(sys.argv[1])
client = boto3.client("kms", endpoint_url=url, region_name="us-east-1", aws_access_key_id=account,
                      aws_secret_access_key="not-a-secret", config=client_config())
kms = Kms(client, traffic=Traffic(read_quotas(quotas)))
requests = [GetParameters(key, None, "RSAES_OAEP_SHA_256", "RSA_3072") for key in keys]
print(json.dumps([type(answer).__name__ for answer in answer_all({None: kms}, requests)]))
"""


def test_eight_visits_at_once(emulator: Emulator, account: str, keys: list[ExternalKey]) -> None:
    """A task with forks: each process is independent, and each uses the full quota."""
    quotas = {"GetParametersForImport": 20}
    emulator.control.quotas(quotas)
    arns = [key.arn for key in keys]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, json.dumps([emulator.url, account, quotas, *arns[number::8]])],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(COLLECTIONS)},
        )
        for number in range(8)
    ]
    answers = [name for process in processes for name in json.loads(process.communicate()[0])]
    assert answers == ["GivenParameters"] * len(keys)
    assert statuses(emulator, "GetParametersForImport", keys)[200] == len(keys)
