# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every field that ``kms_key_material`` returns is in its documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from support.documentation import returned
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, result_of, run_one
from support.materials import SYMMETRIC, new_material

# Ansible's own.
COMMON = {"changed", "failed", "msg", "warnings"}


def undocumented(values: Any, fields: dict[str, Any], where: str = "") -> Iterator[str]:
    for name, value in values.items():
        if name not in fields:
            yield f"{where}{name}"
            continue
        contains = fields[name].get("contains")
        for entry in value if isinstance(value, list) else [value]:
            if contains is not None and isinstance(entry, dict):
                yield from undocumented(entry, contains, f"{where}{name}.")


def results_of_a_life(kms: Any, emulator: Emulator) -> Iterator[dict[str, Any]]:
    emulator.control.rotation(0.05)
    key = ExternalKey.create(kms, MultiRegion=True)
    first, second = new_material(SYMMETRIC), new_material(SYMMETRIC)
    yield result_of(kms, key, first, check_mode=True, **NEVER)
    yield run_one(kms, key, first, **NEVER)
    yield result_of(kms, key, second, **NEVER)
    emulator.replicate(key, "eu-west-1")
    yield run_one(kms, key, second, previous=[first], on_different_material="rotate", replicas=True, **NEVER)
    key.lose_material(key.history()[0]["KeyMaterialId"])
    yield run_one(kms, key, second, previous=[first], replicas=True, **NEVER)
    emulator.control.faults([{"operation": "DeleteImportedKeyMaterial", "error": "KMSInvalidStateException"}])
    yield result_of(kms, key, second, state="absent")
    emulator.control.faults([])
    yield run_one(kms, key, second, state="absent")


def test_every_returned_field_is_documented(kms: Any, emulator: Emulator) -> None:
    results = list(results_of_a_life(kms, emulator))
    documented = returned("kms_key_material")
    of_a_key = documented["kms_key"]
    # Its description refers to the fields of the other page by their names.
    named = set(re.findall(r"C\((\w+)\)", " ".join(of_a_key["description"])))
    elsewhere = returned("kms_key_material_info")["kms_keys"]["contains"]
    of_a_key["contains"] |= {name: elsewhere[name] for name in named}
    fields: dict[str, Any] = {**documented, **{name: {} for name in COMMON}}
    of_a_region = {name: field for name, field in fields.items() if name not in ("diff", "warnings", "kms_keys")}
    assert [name for result in results for name in undocumented(result, fields)] == []
    regions = [entry for result in results for entry in result.get("kms_keys", ())]
    assert [name for entry in regions for name in undocumented(entry, of_a_region)] == []
    seen = {name for result in results for name in result}
    assert set(documented) - seen == {"actions_unconfirmed"}, "what this life does not show"


def test_a_field_that_is_missing_is_found() -> None:
    fields: dict[str, Any] = {"kms_key": {"contains": {"arn": {}}}}
    assert list(undocumented({"kms_key": {"arn": "", "new": 1}}, fields)) == ["kms_key.new"]
