# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A multi-Region key: its key material in two Regions, and a rotation of both."""

from __future__ import annotations

from ..bench import EXPIRATION, PATIENCE, Bench, expect
from . import Scenario

NAME = "multi-region"
MESSAGE = b"acceptance"


def multi_region(bench: Bench) -> None:
    """:raises AssertionError: there is no Region for the replica key."""
    replica_region = bench.replica_region
    assert replica_region
    declared = {
        "alias": bench.alias(NAME),
        "key_material_src": str(bench.new_material(NAME)),
        "key_material_format": "raw",
        "multi_region": True,
        "replica_regions": [replica_region],
        **bench.mine,
    }
    options = {**EXPIRATION, "wait_timeout": PATIENCE}
    bench.budget.take([NAME, f"{NAME} in {replica_region}"])
    task = {"kms_imported_keys": {"kms_keys": [declared], **options}}
    _created, again = bench.play("Create, import, replicate", task, task).results
    expect(not again["changed"], "a second run changes nothing")
    encrypted = _decrypts_elsewhere(bench)
    rotated = {
        **declared,
        "key_material_src": str(bench.new_material(f"{NAME}-next")),
        "on_different_material": "rotate",
        "previous_key_materials": [
            {"key_material_src": declared["key_material_src"], "key_material_format": declared["key_material_format"]}
        ],
    }
    task = {"kms_imported_keys": {"kms_keys": [rotated], **options}}
    former = _current(bench, bench.region)
    changed, again = bench.play("Rotate in both Regions", task, task).results
    expect(changed["changed"], "the key is rotated")
    expect(not again["changed"], "a second run changes nothing")
    current = _current(bench, bench.region)
    expect(current != former, f"{bench.region} has new key material")
    expect(_current(bench, replica_region) == current, f"{replica_region} has the same key material")
    _decrypts_elsewhere(bench, encrypted)
    bench.schedule_deletion(NAME, regions=(replica_region,))


def _current(bench: Bench, region: str) -> str:
    """The ID of the current key material in a Region. It expires as declared."""
    arn = bench.kms.describe_key(KeyId=bench.alias(NAME))["KeyMetadata"]["Arn"]
    metadata = bench.check_expiration(arn.replace(f":{bench.region}:", f":{region}:"), 30, region)
    return str(metadata["CurrentKeyMaterialId"])


def _decrypts_elsewhere(bench: Bench, earlier: bytes | None = None) -> bytes:
    """Check that the other Region decrypts what this one encrypts. Return a ciphertext.

    :param earlier: an earlier ciphertext, which is also decrypted.
    """
    assert bench.replica_region
    replica = bench.account.kms(bench.replica_region)
    encrypted: bytes = bench.kms.encrypt(KeyId=bench.alias(NAME), Plaintext=MESSAGE)["CiphertextBlob"]
    arn = bench.kms.describe_key(KeyId=bench.alias(NAME))["KeyMetadata"]["Arn"]
    there = arn.replace(f":{bench.region}:", f":{bench.replica_region}:")
    for ciphertext in (encrypted, *([earlier] if earlier else [])):
        decrypted = replica.decrypt(KeyId=there, CiphertextBlob=ciphertext)["Plaintext"]
        expect(decrypted == MESSAGE, f"{bench.replica_region} decrypts what {bench.region} encrypted")
    return encrypted


SCENARIOS = (
    Scenario(
        NAME,
        "multi-region",
        "both Regions have the same key material, and rotate together",
        multi_region,
        keys=2,
        # A rotation is charged in each Region.
        rotations=2,
        main_key=False,
        needs_replica_region=True,
    ),
)
