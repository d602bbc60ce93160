# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of one key has the same results, messages, and requests to KMS as the modules for one key."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from support.declared_keys import declare
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fleet import LASTS, Fleet, calls, denied, now
from support.in_process import NEVER, result_of, run_one, with_days
from support.materials import SAMPLES, SYMMETRIC, new_material, other_material

# As the fleet has them.
ALWAYS = {"wrapping_key_spec": "RSA_3072"}


Options = dict[str, Any]
Prepare = Callable[[ExternalKey, Emulator], Options]


def _new(_key: ExternalKey, _emulator: Emulator) -> Options:
    return NEVER


def _no_expiration(_key: ExternalKey, _emulator: Emulator) -> Options:
    return {}


def _declared(key: ExternalKey, _emulator: Emulator) -> Options:
    run_one(key.kms, key, key.material, **NEVER)
    return NEVER


def _due(key: ExternalKey, emulator: Emulator) -> Options:
    end = (emulator.now() + timedelta(days=10)).isoformat()
    run_one(key.kms, key, key.material, valid_to=end)
    return LASTS


def _to_be_enabled(key: ExternalKey, emulator: Emulator) -> Options:
    return {**_due(key, emulator), **_disabled(key)}


def _disabled(key: ExternalKey) -> Options:
    key.kms.disable_key(KeyId=key.arn)
    return {"enabled": True}


def _undeclared_disabled(key: ExternalKey, emulator: Emulator) -> Options:
    options = _due(key, emulator)
    _disabled(key)
    return options


def _lost(key: ExternalKey, emulator: Emulator) -> Options:
    options = _declared(key, emulator)
    key.lose_material()
    return options


def _without_label(key: ExternalKey, _emulator: Emulator) -> Options:
    key.put(key.material)
    return NEVER


def _reimported(key: ExternalKey, _emulator: Emulator) -> Options:
    key.put(key.material)
    return {"on_unknown_material": "reimport", **NEVER}


def _another(key: ExternalKey, emulator: Emulator) -> Options:
    options = _declared(key, emulator)
    key.material = other_material(key.spec)
    return options


def _another_without_label(key: ExternalKey, _emulator: Emulator) -> Options:
    key.put(key.material)
    key.material = other_material(key.spec)
    return {"on_unknown_material": "reimport", **NEVER}


def _forced(key: ExternalKey, emulator: Emulator) -> Options:
    return {**_declared(key, emulator), "force": True}


def _wrong(key: ExternalKey, _emulator: Emulator) -> Options:
    key.material = b"\x01\x02\x03"
    return NEVER


def _pending_deletion(key: ExternalKey, emulator: Emulator) -> Options:
    options = _declared(key, emulator)
    key.kms.schedule_key_deletion(KeyId=key.arn)
    return options


def _import_denied(key: ExternalKey, emulator: Emulator) -> Options:
    emulator.control.denied([denied("ImportKeyMaterial", key)])
    return NEVER


def _parameters_denied(key: ExternalKey, emulator: Emulator) -> Options:
    emulator.control.denied([denied("GetParametersForImport", key)])
    return NEVER


def _look_denied(key: ExternalKey, emulator: Emulator) -> Options:
    emulator.control.denied([denied("DescribeKey", key)])
    return NEVER


def _single_region(_key: ExternalKey, _emulator: Emulator) -> Options:
    return {"replicas": True, **NEVER}


SITUATIONS: dict[str, Prepare] = {
    "new": _new,
    "no expiration": _no_expiration,
    "as declared": _declared,
    "due": _due,
    "due and to be enabled": _to_be_enabled,
    "due and disabled": _undeclared_disabled,
    "lost": _lost,
    "without a label": _without_label,
    "without a label, reimported": _reimported,
    "another": _another,
    "another without a label": _another_without_label,
    "forced": _forced,
    "wrong": _wrong,
    "pending deletion": _pending_deletion,
    "import denied": _import_denied,
    "parameters denied": _parameters_denied,
    "look denied": _look_denied,
    "single Region": _single_region,
}


@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "run"])
@pytest.mark.parametrize("spec", [SYMMETRIC, "HMAC_256", "ECC_NIST_P256"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_same_as_the_module(
    fleet: Fleet, kms: Any, emulator: Emulator, situation: str, spec: str, check_mode: bool
) -> None:
    pair = [ExternalKey.create(kms, spec) for _which in range(2)]
    results = []
    for which, key in enumerate(pair):
        key.material = new_material(spec)
        options = SITUATIONS[situation](key, emulator)
        if which:
            entry = {"key_id": key.arn, "key_material_src": fleet.file(key.material)}
            told = fleet.run(entry, check_mode=check_mode, **options)
            results.append(told.entries[0])
        else:
            results.append(result_of(kms, key, key.material, check_mode=check_mode, **ALWAYS, **copy.deepcopy(options)))
        emulator.control.denied([])
    single, one_of_many = results
    for name in ("actions", "changed", "material_match", "material_match_by"):
        assert single.get(name) == one_of_many.get(name), name
    assert ("import" in single) == ("import" in one_of_many)
    assert bool(single.get("failed")) == one_of_many["failed"]
    said = (single.get("msg") or "").replace("the test's material", str(fleet.folder / "0.key"))
    assert _alike(one_of_many["msg"] or "", pair[1]) == _alike(said, pair[0])
    shown = [str(result.get("kms_key") or None) for result in results]
    assert _alike(shown[0], pair[0]) == _alike(shown[1], pair[1])
    assert pair[0].state == pair[1].state


def _alike(text: str, key: ExternalKey) -> str:
    """Without what two keys never have in common: their names, IDs of key material, labels, and times."""
    for name in (key.arn, key.id):
        text = text.replace(name, "KEY")
    return re.sub(r"[0-9a-f]{32,}|\d{4}-\d\d-\d\d[T ][\d:+]+", "...", text)


@pytest.mark.parametrize("spec", SAMPLES)
def test_a_key_that_is_as_declared_costs_what_the_module_costs(
    fleet: Fleet, kms: Any, emulator: Emulator, spec: str
) -> None:
    content = new_material(spec)
    key = with_days(kms, emulator, None, 80, content, spec=spec)
    since = now(emulator)
    run_one(kms, key, content, **LASTS)
    single = calls(emulator, since)
    since = now(emulator)
    fleet.run({"key_id": key.arn, "key_material_src": fleet.file(content)}, **LASTS).ok()
    assert calls(emulator, since) == single
    if spec == SYMMETRIC:
        assert single == ["DescribeKey", "ListKeyRotations"]


def test_a_key_with_alias_and_tags_costs_what_both_modules_cost(fleet: Fleet, kms: Any, emulator: Emulator) -> None:
    content = new_material(SYMMETRIC)
    options: Options = {"alias": "alias/payments", "description": "one", "tags": {"a": "1"}}
    entry = {**options, "key_material_src": fleet.file(content)}
    fleet.run(entry, **LASTS).ok()
    since = now(emulator)
    declare(kms, **options)
    run_one(kms, "alias/payments", content, **LASTS)
    single = Counter(calls(emulator, since))
    since = now(emulator)
    fleet.run(entry, **LASTS).ok()
    assert Counter(calls(emulator, since)) == single


def test_new_keys_share_the_list_of_keys(fleet: Fleet, kms: Any, emulator: Emulator) -> None:
    """A visit lists the keys without an alias once, not once for each key."""
    number = 30
    entries = [{"alias": f"key-{place}"} for place in range(number)]
    since = now(emulator)
    fleet.run(*entries).ok()
    counted = Counter(calls(emulator, since))
    assert counted["CreateKey"] == number
    visits = 1 + -(-number // 8)
    assert counted["ListKeys"] <= visits
    assert counted["ListAliases"] <= visits
    assert len(kms.list_keys()["Keys"]) == number


def test_no_import_parameters_are_downloaded_in_vain(fleet: Fleet, kms: Any, emulator: Emulator) -> None:
    """KMS gives one a second: of a key that is new, of one that is due, and of one that gets a description, too."""
    content = [new_material(SYMMETRIC) for _number in range(3)]
    for place in (1, 2):
        with_days(kms, emulator, f"key-{place}", 10, content[place])
    entries = [
        {"alias": f"key-{place}", "key_material_src": fleet.file(material)} for place, material in enumerate(content)
    ]
    entries[2]["description"] = "new"
    since = now(emulator)
    fleet.run(*entries, **LASTS).ok()
    counted = Counter(calls(emulator, since))
    assert (counted["GetParametersForImport"], counted["ImportKeyMaterial"]) == (3, 3)
