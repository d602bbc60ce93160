# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next run finishes a run that was interrupted before or after any call to KMS."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, fresh_client, result_of, run_one
from support.materials import SYMMETRIC, new_material

from .interruptions import Cut, cut

Prepare = Callable[[Any, ExternalKey, bytes], None]


def _nothing(_kms: Any, _key: ExternalKey, _material: bytes) -> None:
    pass


def _imported(kms: Any, key: ExternalKey, content: bytes) -> None:
    run_one(kms, key, content, **NEVER)


def _disabled(kms: Any, key: ExternalKey, content: bytes) -> None:
    run_one(kms, key, content, **NEVER)
    kms.disable_key(KeyId=key.arn)


def _lost(kms: Any, key: ExternalKey, content: bytes) -> None:
    run_one(kms, key, content, **NEVER)
    key.lose_material()


CASES: dict[str, tuple[Prepare, dict[str, Any], str]] = {
    "first import": (_nothing, {"days": 20}, "Enabled"),
    "first import, disabled": (_nothing, {"days": 20, "enabled": False}, "Disabled"),
    "after a loss": (_lost, {"days": 20}, "Enabled"),
    "another expiration": (_imported, {"days": 20}, "Enabled"),
    "another expiration, disabled": (_disabled, {"days": 20, "enabled": False}, "Disabled"),
    "another expiration, to be enabled": (_disabled, {"days": 20, "enabled": True}, "Enabled"),
    "absent": (_imported, {"state": "absent"}, "PendingImport"),
}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("spec", [SYMMETRIC, "HMAC_256", "ECC_NIST_P256"])
def test_cut_at_every_call(kms: Any, emulator: Emulator, spec: str, case: str, moment: str) -> None:
    prepare, declared, state = CASES[case]
    for number in itertools.count(1):
        key, content = ExternalKey.create(kms, spec), new_material(spec)
        prepare(kms, key, content)
        options = dict(declared)
        if "days" in options:
            options["valid_to"] = (emulator.now() + timedelta(days=options.pop("days"))).isoformat()
        client = fresh_client(kms)
        cut(client, moment, number)
        try:
            run_one(client, key, content, **options)
        except Cut:
            pass
        else:
            break
        finished = result_of(kms, key, content, **options)
        assert not finished.get("failed"), f"cut {moment} call {number}: {finished['msg']}"
        assert key.state == state
        again = run_one(kms, key, content, **options)
        assert again["changed"] is False
        assert again["kms_key"]["valid_to"] == options.get("valid_to")
    assert number > 2, "no call was cut"
