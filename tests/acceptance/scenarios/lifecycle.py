# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of the key material of one symmetric encryption key."""

from __future__ import annotations

from datetime import timedelta

from ..bench import Bench, expect
from . import Scenario


def first_import(bench: Bench) -> None:
    key = bench.main_key()
    imported = bench.play("Import the key material", bench.material(key)).last
    expect(imported["changed"], "the import is a change")
    expect(imported["actions"] == ["import"], "the task imports once", imported["actions"])
    metadata = bench.kms.describe_key(KeyId=key.arn)["KeyMetadata"]
    expect(metadata["KeyState"] == "Enabled", "the key is Enabled", metadata["KeyState"])
    expect(metadata["ExpirationModel"] == "KEY_MATERIAL_EXPIRES", "the key material expires")
    bench.proof(key)
    key.imported = True


def second_run(bench: Bench) -> None:
    key = bench.ready_key()
    before = len(bench.calls())
    again = bench.play("Import the key material", bench.material(key)).last
    expect(not again["changed"], "nothing changes", again["actions"])
    expect(again["material_match"] == "same", "the key material is recognized", again["material_match"])
    asked = {call["operation"] for call in bench.calls()[before:]}
    written = asked & {"GetParametersForImport", "ImportKeyMaterial"}
    expect(not written, "nothing is imported", ", ".join(sorted(written)))


def renewal(bench: Bench) -> None:
    key = bench.ready_key()
    proof = bench.proof(key)
    before = bench.kms.describe_key(KeyId=key.arn)["KeyMetadata"]["ValidTo"]
    task = bench.material(key, valid_for="60d", renew_before="45d")
    renewed = bench.play("Renew the key material", task).last
    expect(renewed["actions"] == ["reimport"], "the key material is imported again", renewed["actions"])
    after = bench.kms.describe_key(KeyId=key.arn)["KeyMetadata"]["ValidTo"]
    expect(after - before > timedelta(days=20), "the key material expires later", f"{before} and {after}")
    bench.proof(key, proof)


def loss_and_restore(bench: Bench) -> None:
    key = bench.ready_key()
    proof = bench.proof(key)
    key.imported = False
    bench.kms.delete_imported_key_material(KeyId=key.arn)
    bench.wait_for(lambda: bench.state(key) == "PendingImport", "the key material is deleted")
    restored = bench.play("Restore the key material", bench.material(key)).last
    expect(restored["actions"] == ["import"], "the key material is imported", restored["actions"])
    bench.proof(key, proof)
    key.imported = True


SCENARIOS = (
    Scenario("first-import", "lifecycle", "the first import makes a key usable", first_import),
    Scenario("second-run", "lifecycle", "a second run changes nothing and imports nothing", second_run),
    Scenario("renewal", "lifecycle", "key material is renewed before it expires", renewal),
    Scenario(
        "loss-and-restore", "lifecycle", "lost key material is restored, and old ciphertexts decrypt", loss_and_restore
    ),
)
