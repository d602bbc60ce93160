# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every key spec in every expiration mode converges in one run, as predicted. The next run changes nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, run_one
from support.materials import USAGES, new_material

from .predictions import in_days, predicted, time_standing_still

# Of many keys; to make RSA keys takes time.
some_material = functools.cache(new_material)


@pytest.fixture
def stopped(emulator: Emulator) -> Iterator[Emulator]:
    with time_standing_still(emulator):
        yield emulator


@pytest.mark.parametrize("mode", ["valid_to", "valid_for", "never"])
@pytest.mark.parametrize(("spec", "usage"), [(spec, usage) for spec, usages in USAGES.items() for usage in usages])
def test_converges(kms: Any, stopped: Emulator, spec: str, usage: str, mode: str) -> None:
    key, material = ExternalKey.create(kms, spec, usage), some_material(spec)
    expiration = {
        "valid_to": {"valid_to": in_days(stopped, 100)},
        "valid_for": {"valid_for": "12w", "renew_before": "30d12h"},
        "never": NEVER,
    }[mode]
    assert predicted(kms, key, material, **expiration)["actions"] == ["import"]
    # Without an expiration declared, the one that is there is left alone.
    again = run_one(kms, key, material)
    assert (again["changed"], again["material_match"]) == (False, "same")
