# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of the key material of one symmetric encryption key."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from support.wrapping import wrap

from ..bench import PATIENCE, Bench, expect
from . import Scenario

ALGORITHM: Final = "RSAES_OAEP_SHA_256"
LONGER: Final = {"valid_for": "60d", "renew_before": "1d"}


def first_import(bench: Bench) -> None:
    key = bench.main_key()
    imported, used = bench.play("Import the key material", bench.material(key), bench.use(key)).results
    expect(imported["changed"], "the import is a change")
    expect(imported["actions"] == ["import"], "the task imports once", imported["actions"])
    metadata = bench.check_expiration(key.arn, 30)
    expect(metadata["KeyState"] == "Enabled", "the key is Enabled", metadata["KeyState"])
    key.proof, key.imported = used["proof"], True
    bench.check_use(key)


def second_run(bench: Bench) -> None:
    key = bench.ready_key()
    before = len(bench.calls())
    again = bench.play("Import the key material", bench.material(key)).last
    expect(not again["changed"], "nothing changes", again["actions"])
    expect(again["material_match"] == "same", "the key material is recognized", again["material_match"])
    asked = {call["operation"] for call in bench.calls()[before:]}
    expect("DescribeKey" in asked, "the calls of the task are recorded", ", ".join(sorted(asked)))
    written = asked & {"GetParametersForImport", "ImportKeyMaterial"}
    expect(not written, "nothing is imported", ", ".join(sorted(written)))


def renewal(bench: Bench) -> None:
    key = bench.ready_key()
    before = bench.kms.describe_key(KeyId=key.arn)["KeyMetadata"]["ValidTo"]
    task = bench.material(key, valid_for="60d", renew_before="45d")
    renewed, _used = bench.play("Renew the key material", task, bench.use(key)).results
    expect(renewed["actions"] == ["reimport"], "the key material is imported again", renewed["actions"])
    after = bench.kms.describe_key(KeyId=key.arn)["KeyMetadata"]["ValidTo"]
    expect(after - before > timedelta(days=20), "the key material expires later", f"{before} and {after}")
    bench.check_expiration(key.arn, 60)
    bench.check_use(key)


def loss_and_restore(bench: Bench) -> None:
    key = bench.ready_key()
    bench.lose(key)
    restored, used = bench.play("Restore the key material", bench.material(key), bench.use(key)).results
    expect(restored["actions"] == ["import"], "the key material is imported", restored["actions"])
    expect(used["verified"], "the key decrypts what it encrypted before")
    bench.check_expiration(key.arn, 30)
    bench.check_use(key)
    key.imported = True


def disabled(bench: Bench) -> None:
    key = bench.ready_key()
    key.imported = False
    bench.kms.disable_key(KeyId=key.arn)
    bench.wait_for(lambda: bench.state(key) == "Disabled", "the key is disabled")
    before = bench.kms.describe_key(KeyId=key.arn)["KeyMetadata"]["ValidTo"]
    due = {"valid_for": "90d", "renew_before": "80d"}
    tasks = (bench.material(key, **LONGER), bench.material(key, **due))
    unchanged, refused = bench.play("Declare the key material, and a renewal", *tasks, fails=True).results
    expect(not unchanged["changed"], "a disabled key stays as it is", unchanged["actions"])
    expect("enabled" in refused["msg"], "the refusal names the option enabled", refused["msg"])
    expect(bench.state(key) == "Disabled", "the key is still disabled")
    after = bench.kms.describe_key(KeyId=key.arn)["KeyMetadata"]["ValidTo"]
    expect(after == before, "its key material expires as before", f"{before} and {after}")
    tasks = (bench.material(key, enabled=True, **due), bench.use(key))
    renewed, _used = bench.play("Renew and enable", *tasks).results
    expect("reimport" in renewed["actions"], "the key material is imported again", renewed["actions"])
    bench.check_expiration(key.arn, 90)
    bench.check_use(key)
    key.imported = True


def absent(bench: Bench) -> None:
    key = bench.ready_key()
    key.imported = False
    remove = bench.material(key, state="absent")
    before = len(bench.calls())
    removed, again = bench.play("Remove the key material", remove, remove).results
    expect(removed["actions"] == ["delete"], "the key material is deleted", removed["actions"])
    expect(not again["changed"], "a second removal changes nothing", again["actions"])
    bench.wait_for(lambda: bench.state(key) == "PendingImport", "the key waits for its key material")
    deletions = bench.accepted(before, "DeleteImportedKeyMaterial")
    expect(deletions == 1, "the key material is deleted once", deletions)
    restored, used = bench.play("Restore the key material", bench.material(key), bench.use(key)).results
    expect(restored["actions"] == ["import"], "the key material is imported", restored["actions"])
    expect(used["verified"], "the key decrypts what it encrypted before")
    bench.check_use(key)
    key.imported = True


def encrypted_pair(bench: Bench) -> None:
    """Import the two files of AWS's own procedure, which are made without the collection."""
    key = bench.ready_key()
    bench.lose(key)
    parameters = bench.kms.get_parameters_for_import(
        KeyId=key.arn, WrappingAlgorithm=ALGORITHM, WrappingKeySpec="RSA_4096"
    )
    pair = {
        "EncryptedKeyMaterial.bin": wrap(ALGORITHM, parameters["PublicKey"], key.material.read_bytes()),
        "ImportToken.bin": parameters["ImportToken"],
    }
    for name, content in pair.items():
        (bench.player.work / name).write_bytes(content)
    task = {
        "kms_key_material": {
            "key_id": key.arn,
            "encrypted_key_material_src": "EncryptedKeyMaterial.bin",
            "import_token_src": "ImportToken.bin",
            "expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        }
    }
    before = len(bench.calls())
    imported, again, used = bench.play("Import the pair", task, task, bench.use(key)).results
    expect(imported["actions"] == ["import"], "the pair is imported", imported["actions"])
    expect(not again["changed"], "a second run changes nothing", again["actions"])
    expect(used["verified"], "the key decrypts what it encrypted before")
    imports = bench.accepted(before, "ImportKeyMaterial")
    expect(imports == 1, "the pair is imported once", imports)
    bench.check_expiration(key.arn, None)
    bench.check_use(key)


def rotation(bench: Bench) -> None:
    key = bench.ready_key()
    former = bench.kms.describe_key(KeyId=key.arn)["KeyMetadata"]["CurrentKeyMaterialId"]
    key.older, key.material = [key.material], bench.new_material("main-next")
    task = bench.material(key, wait_timeout=PATIENCE)
    rotated, again, used = bench.play("Rotate to new key material", task, task, bench.use(key)).results
    expect(rotated["actions"][-1] == "rotate", "the key is rotated", rotated["actions"])
    expect(not again["changed"], "a second run changes nothing", again["actions"])
    expect(used["verified"], "the key decrypts what it encrypted before the rotation")
    entries = bench.kms.list_key_rotations(KeyId=key.arn, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    states = sorted(entry["KeyMaterialState"] for entry in entries)
    expect(states == ["CURRENT", "NON_CURRENT"], "the key has a current and an older key material", states)
    older = [entry["KeyMaterialId"] for entry in entries if entry["KeyMaterialState"] == "NON_CURRENT"]
    expect(older == [former], "the older key material is the one from before")
    bench.check_use(key)


SCENARIOS = (
    Scenario("first-import", "lifecycle", "the first import makes a key usable", first_import),
    Scenario("second-run", "lifecycle", "a second run changes nothing and imports nothing", second_run),
    Scenario("renewal", "lifecycle", "key material is renewed before it expires", renewal),
    Scenario(
        "loss-and-restore", "lifecycle", "lost key material is restored; old ciphertexts decrypt", loss_and_restore
    ),
    Scenario("disabled", "lifecycle", "a disabled key is enabled only where that is declared", disabled),
    Scenario("absent", "lifecycle", "key material is removed, and can be restored", absent),
    Scenario("encrypted-pair", "lifecycle", "key material that was encrypted elsewhere is imported", encrypted_pair),
)
ROTATION = Scenario(
    "rotation", "lifecycle", "a key rotates to new key material; old ciphertexts decrypt", rotation, rotations=1
)
