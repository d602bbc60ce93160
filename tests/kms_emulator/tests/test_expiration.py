# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ExpirationModel and ValidTo: accepted values, DescribeKey, and the expiration itself."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.external_key import ExternalKey
from support.materials import IMPORTABLE, SYMMETRIC, new_material, other_material
from support.wrapping import wrap

from .answers import pending_import, refused, unexpected_material

if TYPE_CHECKING:
    from support.emulator import ClientFor, Emulator

EXPIRES = "KEY_MATERIAL_EXPIRES"
FOR_EVER = "KEY_MATERIAL_DOES_NOT_EXPIRE"


def send(key: ExternalKey, **request: Any) -> None:
    """Call ImportKeyMaterial with exactly these expiration parameters."""
    parameters = key.parameters()
    material = key.material or new_material(key.spec)
    key.send(wrap(parameters["algorithm"], parameters["PublicKey"], material), parameters["ImportToken"], **request)
    key.material = material


def expiration(key: ExternalKey) -> tuple[str | None, datetime | None]:
    metadata = key.describe()
    return metadata.get("ExpirationModel"), metadata.get("ValidTo")


@pytest.mark.parametrize("request_", [{}, {"ExpirationModel": EXPIRES}])
def test_material_expires_by_default_so_a_date_is_needed(kms: Any, request_: dict[str, Any]) -> None:
    """Observed: stackd imports.json, missing_valid_to; documented: ImportKeyMaterial, ExpirationModel."""
    with refused("ValidationException", "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"):
        send(ExternalKey.create(kms), **request_)


def test_material_that_does_not_expire_takes_no_date(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports.json, no_expiry_with_valid_to."""
    with refused(
        "ValidationException", "A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE"
    ):
        send(ExternalKey.create(kms), ExpirationModel=FOR_EVER, ValidTo=emulator.now() + timedelta(days=1))


@pytest.mark.parametrize("back", [timedelta(seconds=2), timedelta(hours=1), timedelta(days=4000)])
def test_the_date_must_be_in_the_future(kms: Any, emulator: Emulator, back: timedelta) -> None:
    """Observed: stackd imports.json, expired_valid_to; documented: ImportKeyMaterial, ValidTo."""
    with refused("ValidationException", "ValidTo must be in the future"):
        send(ExternalKey.create(kms), ValidTo=emulator.now() - back)


@pytest.mark.parametrize("ahead", [timedelta(days=365, minutes=1), timedelta(days=3650)])
def test_the_date_must_be_within_365_days(kms: Any, emulator: Emulator, ahead: timedelta) -> None:
    """Observed: stackd imports.json, excessive_valid_to; documented: ImportKeyMaterial, ValidTo."""
    with refused("ValidationException", "ValidTo must be less than 365 days in the future"):
        send(ExternalKey.create(kms), ValidTo=emulator.now() + ahead)


@pytest.mark.parametrize("ahead", [timedelta(seconds=30), timedelta(days=180), timedelta(days=365, minutes=-1)])
def test_any_date_between_now_and_365_days_is_taken(kms: Any, emulator: Emulator, ahead: timedelta) -> None:
    """Documented: Import key material, "no minimum, but the time must be in the future"; ImportKeyMaterial, ValidTo."""
    key = ExternalKey.create(kms)
    valid_to = emulator.now() + ahead
    send(key, ValidTo=valid_to)
    assert expiration(key) == (EXPIRES, valid_to)


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_describe_key_shows_the_date(kms: Any, emulator: Emulator, spec: str) -> None:
    """Documented: DescribeKey, ValidTo and ExpirationModel."""
    key = ExternalKey.create(kms, spec)
    valid_to = emulator.now() + timedelta(days=90)
    key.put(new_material(spec), valid_to)
    assert expiration(key) == (EXPIRES, valid_to)


def test_fractions_of_a_second_are_cut_off(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports.json, set_short_expiry (1789209320.955686 became :20); no page documents it.

    The test puts the fraction into the request itself, because some versions of botocore omit it.
    """
    key = ExternalKey.create(kms)
    valid_to = emulator.now() + timedelta(days=1)

    def add_fraction(params: dict[str, Any], **_: Any) -> None:
        body = json.loads(params["body"])
        params["body"] = json.dumps(body | {"ValidTo": int(body["ValidTo"]) + 0.955686}).encode()

    events = kms.meta.events
    events.register("before-call.kms.ImportKeyMaterial", add_fraction)
    try:
        send(key, ValidTo=valid_to)
    finally:
        events.unregister("before-call.kms.ImportKeyMaterial", add_fraction)
    assert expiration(key) == (EXPIRES, valid_to)


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_expired_material_is_gone(kms: Any, emulator: Emulator, spec: str) -> None:
    """Documented: ImportKeyMaterial; fields observed: stackd imports.json, material_expiry_poll.

    The key is in the same state as before its first import, except that a symmetric key keeps its CurrentKeyMaterialId.
    """
    key = ExternalKey.create(kms, spec)
    unused = key.describe()
    key.put(new_material(spec), emulator.now() + timedelta(hours=1))
    kept = {"CurrentKeyMaterialId": key.current_id} if spec == SYMMETRIC else {}
    emulator.advance(minutes=59)
    assert key.state == "Enabled"
    emulator.advance(minutes=2)
    assert key.describe() == unused | kept


def test_an_expired_key_cannot_be_used(kms: Any, emulator: Emulator) -> None:
    """Documented: Importing key material, expiration; text observed: stackd imports.json."""
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), emulator.now() + timedelta(hours=1))
    emulator.advance(hours=2)
    with pending_import(key.arn):
        kms.encrypt(KeyId=key.arn, Plaintext=b"plaintext")


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_only_the_same_material_brings_an_expired_key_back(kms: Any, emulator: Emulator, spec: str) -> None:
    """Documented: ImportKeyMaterial, "you must reimport the same key material"."""
    key = ExternalKey.create(kms, spec)
    material = new_material(spec)
    key.put(material, emulator.now() + timedelta(hours=1))
    emulator.advance(hours=2)
    with unexpected_material(key.current_id if spec == SYMMETRIC else "[0-9a-f]{64}"):
        key.put(other_material(spec))
    key.put(material)
    assert (key.state, expiration(key)) == ("Enabled", (FOR_EVER, None))


def test_earlier_ciphertext_can_be_decrypted_after_a_reimport(kms: Any, emulator: Emulator) -> None:
    """Documented: Importing key material: the key is usable again after the same material is reimported."""
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), emulator.now() + timedelta(hours=1))
    blob = kms.encrypt(KeyId=key.arn, Plaintext=b"kept")["CiphertextBlob"]
    emulator.advance(hours=2)
    key.put(key.material)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"


@pytest.mark.parametrize("spec", IMPORTABLE)
@pytest.mark.parametrize(("was", "becomes"), [(1, 2), (2, 1), (1, None), (None, 1), (1, 1)])
def test_a_reimport_sets_moves_and_removes_the_date(
    kms: Any, emulator: Emulator, spec: str, was: int | None, becomes: int | None
) -> None:
    """Documented: ImportKeyMaterial and Import key material, "reimporting", without deleting first; observed: stackd
    imports.json.
    """
    key = ExternalKey.create(kms, spec)
    dates = {days: emulator.now() + timedelta(days=days) if days else None for days in (was, becomes)}
    key.put(new_material(spec), dates[was])
    key.put(key.material, dates[becomes])
    assert expiration(key) == (EXPIRES if becomes else FOR_EVER, dates[becomes])
    assert key.state == "Enabled"


@pytest.mark.parametrize("becomes", [30, None])
def test_a_date_that_was_moved_away_does_nothing(kms: Any, emulator: Emulator, becomes: int | None) -> None:
    """Documented: Import key material, "turn expiration on and off, or set a new expiration time"."""
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), emulator.now() + timedelta(days=1))
    key.put(key.material, emulator.now() + timedelta(days=becomes) if becomes else None)
    emulator.advance(days=2)
    assert key.state == "Enabled"


def test_a_date_that_was_moved_closer_counts(kms: Any, emulator: Emulator) -> None:
    """Documented: Import key material, "set a new expiration time"."""
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), emulator.now() + timedelta(days=30))
    key.put(key.material, emulator.now() + timedelta(days=1))
    emulator.advance(days=2)
    assert key.state == "PendingImport"


def test_the_material_of_a_disabled_key_expires_too(kms: Any, emulator: Emulator) -> None:
    """Documented: Importing key material: KMS deletes expired material. That the key is no longer Disabled is
    assumed.
    """
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), emulator.now() + timedelta(hours=1))
    kms.disable_key(KeyId=key.arn)
    emulator.advance(hours=2)
    assert (key.state, expiration(key)) == ("PendingImport", (None, None))


def test_the_list_of_materials_follows_an_expiry_in_the_end(kms: Any, emulator: Emulator) -> None:
    """Documented: ListKeyRotations, ImportState. Observed to lag behind DescribeKey (stackd imports.json). The delay is
    not known, so the test allows a day.
    """
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), emulator.now() + timedelta(hours=1))
    emulator.advance(days=1)
    entry = key.entry(key.current_id)
    assert entry["ImportState"] == "PENDING_IMPORT"
    assert not {"ExpirationModel", "ValidTo"} & set(entry)


def test_the_list_of_materials_shows_each_date(kms: Any, emulator: Emulator) -> None:
    """Documented: ListKeyRotations, ValidTo; observed without a fraction: stackd imports_edges.json."""
    key = ExternalKey.create(kms)
    valid_to = emulator.now() + timedelta(days=3)
    key.put(new_material(SYMMETRIC), valid_to)
    entry = key.entry(key.current_id)
    assert (entry["ExpirationModel"], entry["ValidTo"]) == (EXPIRES, valid_to)


def test_the_clock_of_the_reply_is_the_clock_of_expiry(emulator: Emulator) -> None:
    """The emulator's own promise: the Date header follows its clock, so a client can read KMS's time."""
    before = emulator.now()
    emulator.advance(days=10)
    assert timedelta(days=10) <= emulator.now() - before < timedelta(days=10, minutes=1)


def test_each_region_keeps_its_own_keys(kms: Any, kms_in: ClientFor) -> None:
    """Documented: a KMS key belongs to one Region."""
    key = ExternalKey.create(kms)
    with refused("NotFoundException", f"Key '{key.arn.replace('us-east-1', 'eu-west-1')}' does not exist"):
        kms_in("eu-west-1").describe_key(KeyId=key.id)
