# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode, the run that applies its prediction, and another run, which changes nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import result_of, run_one


def predicted(kms: Any, key: ExternalKey, material: bytes | None, **options: Any) -> dict[str, Any]:
    """Check mode, then the successful run of the same task, then a run that changes nothing."""
    result = _as_predicted(kms, key, material, **options)
    assert not result.get("failed"), result["msg"]
    if not options.get("force"):
        again = run_one(kms, key, material, **copy.deepcopy(options))
        assert (again["changed"], again["actions"]) == (False, [])
        assert again["diff"]["before"] == again["diff"]["after"]
    return result


def _as_predicted(kms: Any, key: ExternalKey, material: bytes | None, **options: Any) -> dict[str, Any]:
    before = key.describe()
    foretold = result_of(kms, key, material, check_mode=True, **copy.deepcopy(options))
    assert key.describe() == before, "check mode changed the key"
    result = result_of(kms, key, material, **copy.deepcopy(options))
    assert result["actions"] == foretold["actions"]
    assert result["changed"] == foretold["changed"]
    assert result.get("diff") == foretold.get("diff")
    assert result.get("msg") == foretold.get("msg")
    return result


def refused(kms: Any, key: ExternalKey, material: bytes | None, **options: Any) -> str:
    """A failure that check mode predicts and that changes nothing."""
    before = key.describe()
    result = _as_predicted(kms, key, material, **options)
    assert result["failed"]
    assert not result["changed"]
    assert key.describe() == before, "a refusal changed the key"
    return str(result["msg"])


@contextmanager
def time_standing_still(emulator: Emulator) -> Iterator[None]:
    """The expiration predicted from valid_for is exact to the second."""
    emulator.control.stop_clock()
    try:
        yield
    finally:
        emulator.control.run_clock()


def in_days(emulator: Emulator, days: float) -> str:
    return (emulator.now() + timedelta(days=days)).isoformat()


def fails_usefully(kms: Any, key: ExternalKey, material: bytes | None, **options: Any) -> dict[str, Any]:
    """A failure that check mode predicts, with the changes that are possible in spite of it."""
    result = _as_predicted(kms, key, material, **options)
    assert result["failed"]
    return result
