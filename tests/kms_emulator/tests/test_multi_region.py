# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Multi-Region keys: the properties and limitations of a replica of a key with imported material."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.external_key import ExternalKey
from support.materials import ASYMMETRIC, IMPORTABLE, OTHER_THAN_SYMMETRIC, SYMMETRIC, new_material, other_material

from .answers import pending_import, refused, unexpected_material

if TYPE_CHECKING:
    from support.emulator import Emulator

PRIMARY_REGION, REPLICA_REGION = "us-east-1", "us-west-2"


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_a_primary_key_of_every_spec(kms: Any, spec: str) -> None:
    """Documented: CreateKey, MultiRegion; observed: stackd imports_multi_region.json, multi_create."""
    key = ExternalKey.create(kms, spec, MultiRegion=True)
    metadata = key.describe()
    assert key.id.startswith("mrk-")
    assert metadata["MultiRegion"] is True
    assert metadata["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": key.arn, "Region": PRIMARY_REGION},
        "ReplicaKeys": [],
    }


def test_a_key_without_material_cannot_be_replicated(kms: Any) -> None:
    """Observed: stackd imports_multi_region.json, replicate_pending_import."""
    key = ExternalKey.create(kms, MultiRegion=True)
    with pending_import(key.arn):
        kms.replicate_key(KeyId=key.id, ReplicaRegion=REPLICA_REGION)


def test_the_answer_of_replicate_key(kms: Any) -> None:
    """Observed: stackd imports_multi_region.json, replicate_imported_primary.

    The answer contains Creating, the primary key's ExpirationModel, and no CurrentKeyMaterialId.
    """
    key = ExternalKey.imported(kms, MultiRegion=True, Description="of the primary")
    answer = kms.replicate_key(KeyId=key.id, ReplicaRegion=REPLICA_REGION)
    metadata = answer["ReplicaKeyMetadata"]
    arn = key.arn.replace(PRIMARY_REGION, REPLICA_REGION)
    assert (metadata["KeyId"], metadata["Arn"]) == (key.id, arn)
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Creating", False)
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert "CurrentKeyMaterialId" not in metadata
    assert (metadata["Origin"], metadata["KeySpec"], metadata["Description"]) == ("EXTERNAL", SYMMETRIC, "")
    assert metadata["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "REPLICA",
        "PrimaryKey": {"Arn": key.arn, "Region": PRIMARY_REGION},
        "ReplicaKeys": [{"Arn": arn, "Region": REPLICA_REGION}],
    }
    assert "kms:*" in answer["ReplicaPolicy"]
    assert "ReplicaTags" not in answer


def test_the_tags_in_the_answer_of_replicate_key(kms: Any) -> None:
    """Documented: ReplicateKey, ReplicaTags; absent if the request has no tags (observed: stackd multi_region.json)."""
    tags = [{"TagKey": "owner", "TagValue": "treasury"}]
    key = ExternalKey.imported(kms, MultiRegion=True)
    answer = kms.replicate_key(KeyId=key.id, ReplicaRegion=REPLICA_REGION, Tags=tags)
    assert answer["ReplicaTags"] == tags


def test_a_new_replica_has_no_material(kms: Any, emulator: Emulator) -> None:
    """Documented: Replicate multi-Region keys; observed: stackd imports_multi_region.json, replica_pending_poll.

    It has the material's ID and description, but no ExpirationModel.
    """
    key = ExternalKey.create(kms, MultiRegion=True)
    key.put(new_material(SYMMETRIC), KeyMaterialDescription="primary first")
    replica = emulator.replicate(key)
    metadata = replica.describe()
    assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingImport", False)
    assert metadata["CurrentKeyMaterialId"] == key.current_id
    assert not {"ExpirationModel", "ValidTo"} & set(metadata)
    assert replica.history() == [
        {
            "KeyId": replica.arn,
            "KeyMaterialId": key.current_id,
            "KeyMaterialDescription": "primary first",
            "ImportState": "PENDING_IMPORT",
            "KeyMaterialState": "CURRENT",
        }
    ]


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_the_same_material_enables_a_replica(kms: Any, emulator: Emulator, spec: str) -> None:
    """Documented: Importing key material into multi-Region keys; the ID is that of the primary key (observed:
    imports_rotation_replica.json).
    """
    key = ExternalKey.imported(kms, spec, MultiRegion=True)
    replica = emulator.replicate(key)
    answer = replica.put(key.material)
    assert (replica.state, answer["KeyId"]) == ("Enabled", replica.arn)
    if spec == SYMMETRIC:
        assert answer["KeyMaterialId"] == key.current_id
    else:
        assert "KeyMaterialId" not in answer


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_a_replica_takes_no_other_material_even_at_first(kms: Any, emulator: Emulator, spec: str) -> None:
    """Observed for symmetric keys: stackd imports_multi_region.json, replica_wrong_first; documented for the others."""
    key = ExternalKey.imported(kms, spec, MultiRegion=True)
    replica = emulator.replicate(key)
    with unexpected_material(key.current_id if spec == SYMMETRIC else "[0-9a-f]{64}"):
        replica.put(other_material(spec))


def test_a_replica_takes_no_new_material(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports_multi_region.json, replica_new_type_rejected."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    with refused(
        "ValidationException", "Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys"
    ):
        replica.stage()


def test_a_replica_takes_no_description(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports_multi_region.json, replica_first_import."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    with refused("ValidationException", "Key material description can only be specified on primary Multi-Region keys"):
        replica.put(key.material, KeyMaterialDescription="replica first")


def test_a_replica_may_name_the_existing_material(kms: Any, emulator: Emulator) -> None:
    """Documented: ImportKeyMaterial, ImportType on replicas."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    replica.put(key.material, ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId=key.current_id)
    assert replica.state == "Enabled"


def test_a_description_given_later_reaches_the_replicas(kms: Any, emulator: Emulator) -> None:
    """Documented: Multi-Region keys overview: descriptions of key material are synchronized."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    key.put(key.material, KeyMaterialDescription="named later")
    assert replica.entry(key.current_id)["KeyMaterialDescription"] == "named later"


def test_every_region_has_its_own_expiry(kms: Any, emulator: Emulator) -> None:
    """Documented: Multi-Region keys overview; observed: stackd imports_multi_region.json,
    replica_after_primary_expiry.
    """
    key = ExternalKey.create(kms, MultiRegion=True)
    sooner, later = (emulator.now() + timedelta(days=days) for days in (1, 5))
    key.put(new_material(SYMMETRIC), sooner)
    replica = emulator.replicate(key)
    replica.put(key.material, later)
    assert (key.describe()["ValidTo"], replica.describe()["ValidTo"]) == (sooner, later)
    emulator.advance(days=2)
    assert (key.state, replica.state) == ("PendingImport", "Enabled")
    key.put(key.material)
    emulator.advance(days=4)
    assert (key.state, replica.state) == ("Enabled", "PendingImport")


def test_every_region_loses_its_own_material(kms: Any, emulator: Emulator) -> None:
    """Documented: DeleteImportedKeyMaterial on multi-Region keys; observed: stackd imports_multi_region.json."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    replica.put(key.material)
    key.lose_material()
    assert (key.state, replica.state) == ("PendingImport", "Enabled")
    key.put(key.material)
    replica.lose_material()
    assert (key.state, replica.state) == ("Enabled", "PendingImport")


def test_deleting_material_that_a_replica_never_had_succeeds(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports_multi_region.json, delete_replica_pending."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    assert replica.lose_material(key.current_id)["KeyMaterialId"] == key.current_id
    assert (replica.state, key.state) == ("PendingImport", "Enabled")


def test_one_region_decrypts_ciphertext_of_another(kms: Any, emulator: Emulator) -> None:
    """Documented: Multi-Region keys overview; observed: stackd multi_region.json, decrypt_replica_implicit."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    replica.put(key.material)
    blob = kms.encrypt(KeyId=key.arn, Plaintext=b"both")["CiphertextBlob"]
    answer = replica.kms.decrypt(CiphertextBlob=blob)
    assert (answer["Plaintext"], answer["KeyId"]) == (b"both", replica.arn)


@pytest.mark.parametrize("spec", ASYMMETRIC)
def test_both_regions_have_the_same_public_key(kms: Any, emulator: Emulator, spec: str) -> None:
    """Documented: Multi-Region keys overview: same key material."""
    key = ExternalKey.imported(kms, spec, MultiRegion=True)
    replica = emulator.replicate(key)
    replica.put(key.material)
    public_keys = [one.kms.get_public_key(KeyId=one.arn)["PublicKey"] for one in (key, replica)]
    assert public_keys[0] == public_keys[1]


def test_policy_tags_aliases_and_enabled_state_are_not_shared(kms: Any, emulator: Emulator) -> None:
    """Documented: Multi-Region keys overview, independent properties; observed: stackd multi_region.json."""
    key = ExternalKey.imported(
        kms, MultiRegion=True, Description="primary", Tags=[{"TagKey": "region", "TagValue": "primary"}]
    )
    kms.create_alias(AliasName=f"alias/{key.id}", TargetKeyId=key.id)
    replica = emulator.replicate(key)
    replica.put(key.material)
    assert replica.describe()["Description"] == ""
    assert replica.kms.list_resource_tags(KeyId=replica.id)["Tags"] == []
    assert replica.kms.list_aliases(KeyId=replica.id)["Aliases"] == []
    kms.disable_key(KeyId=key.arn)
    assert (key.state, replica.state) == ("Disabled", "Enabled")


def test_a_primary_names_its_replicas(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd multi_region.json, primary_after_replicate: by Region name."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    replicas = [emulator.replicate(key, region) for region in ("us-west-2", "eu-central-1")]
    listed = key.describe()["MultiRegionConfiguration"]["ReplicaKeys"]
    assert listed == [
        {"Arn": replicas[1].arn, "Region": "eu-central-1"},
        {"Arn": replicas[0].arn, "Region": "us-west-2"},
    ]


def test_one_replica_per_region(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd multi_region.json, replicate_existing and replicate_region_us-east-1."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    emulator.replicate(key)
    with refused("AlreadyExistsException", "You can create only one replica of each primary key in each AWS Region."):
        kms.replicate_key(KeyId=key.id, ReplicaRegion=REPLICA_REGION)
    with refused("ValidationException", "us-east-1 cannot have a replica because it contains the primary."):
        kms.replicate_key(KeyId=key.id, ReplicaRegion=PRIMARY_REGION)


def test_a_replica_stays_in_its_partition(kms: Any) -> None:
    """Observed: stackd multi_region.json, replicate_region_cn-north-1."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    with refused(
        "ValidationException", "The replica key Region must be in the same AWS partition as the primary key Region."
    ):
        kms.replicate_key(KeyId=key.id, ReplicaRegion="cn-north-1")


@pytest.mark.parametrize("region", ["us-invalid-1", "mars-north-1", "cn-invalid-1", "us-gov-invalid-1", "x"])
def test_a_region_that_does_not_exist(kms: Any, region: str) -> None:
    """Observed: stackd multi_region.json, replicate_region_us-invalid-1; assumed for other names."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    with refused(
        "ValidationException",
        f"Region {region} is not a valid Region or multi-Region keys are not supported in Region {region}.",
    ):
        kms.replicate_key(KeyId=key.arn, ReplicaRegion=region)
    assert key.describe()["MultiRegionConfiguration"]["ReplicaKeys"] == []


def test_a_request_for_a_region_that_does_not_exist(emulator: Emulator) -> None:
    """Documented: Signature Version 4, "Credential should be scoped to a valid Region"; KMS's exact text is not."""
    with refused("InvalidSignatureException", "Credential should be scoped to a valid Region."):
        emulator.client("us-invalid-1").list_keys()


def test_only_a_primary_can_be_replicated(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd multi_region.json, replicate_replica; the same answer is assumed for a single-Region key."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    replica.put(key.material)
    single = ExternalKey.imported(kms)
    for one in (replica, single):
        with refused("UnsupportedOperationException", f"{one.arn} is not a multi-region primary key."):
            one.kms.replicate_key(KeyId=one.arn, ReplicaRegion="eu-west-1")


def test_a_primary_is_deleted_after_its_replicas(kms: Any, emulator: Emulator) -> None:
    """Documented: ScheduleKeyDeletion; fields observed: stackd multi_region.json: no DeletionDate until the last
    replica is deleted.
    """
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    answer = kms.schedule_key_deletion(KeyId=key.arn, PendingWindowInDays=7)
    del answer["ResponseMetadata"]
    assert answer == {"KeyId": key.arn, "KeyState": "PendingReplicaDeletion", "PendingWindowInDays": 7}
    metadata = key.describe()
    assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingReplicaDeletion", False)
    assert metadata["PendingDeletionWindowInDays"] == 7
    assert "DeletionDate" not in metadata

    replica.kms.schedule_key_deletion(KeyId=replica.arn, PendingWindowInDays=7)
    emulator.advance(days=7, hours=1)
    with refused("NotFoundException", f"Key '{replica.arn}' does not exist"):
        replica.describe()
    metadata = key.describe()
    assert metadata["KeyState"] == "PendingDeletion"
    assert "DeletionDate" in metadata
    emulator.advance(days=7, hours=1)
    with refused("NotFoundException", f"Key '{key.arn}' does not exist"):
        key.describe()


def test_the_primary_role_can_move(kms: Any, emulator: Emulator) -> None:
    """Documented: UpdatePrimaryRegion; observed: stackd multi_region.json. Both keys are Updating for some time."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    replica.put(key.material)
    kms.update_primary_region(KeyId=key.id, PrimaryRegion=REPLICA_REGION)
    assert (key.state, replica.state) == ("Updating", "Updating")
    assert not key.describe()["Enabled"]
    emulator.settle()
    assert (key.state, replica.state) == ("Enabled", "Enabled")
    roles = [one.describe()["MultiRegionConfiguration"]["MultiRegionKeyType"] for one in (key, replica)]
    assert roles == ["REPLICA", "PRIMARY"]
    replica.stage()
    with refused(
        "ValidationException", "Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys"
    ):
        key.stage()


def test_the_primary_role_moves_between_enabled_keys(kms: Any, emulator: Emulator) -> None:
    """Documented: Change the primary key; texts observed: stackd multi_region.json (Disabled), key states page
    (PendingImport).
    """
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    with pending_import(replica.arn):
        kms.update_primary_region(KeyId=key.id, PrimaryRegion=REPLICA_REGION)
    replica.put(key.material)
    replica.kms.disable_key(KeyId=replica.id)
    with refused("DisabledException", f"{replica.arn} is disabled."):
        kms.update_primary_region(KeyId=key.id, PrimaryRegion=REPLICA_REGION)
    with refused("KMSInvalidStateException", f"{replica.arn} is not a multi-Region primary key."):
        replica.kms.enable_key(KeyId=replica.id)
        replica.kms.update_primary_region(KeyId=replica.id, PrimaryRegion=PRIMARY_REGION)
    with refused("ValidationException", f"{key.id} does not have a replica key in the specified Region."):
        kms.update_primary_region(KeyId=key.id, PrimaryRegion="eu-west-1")


@pytest.mark.parametrize("spec", OTHER_THAN_SYMMETRIC)
def test_replicas_of_other_keys_know_no_material_id(kms: Any, emulator: Emulator, spec: str) -> None:
    """Documented: DescribeKey, CurrentKeyMaterialId is for symmetric encryption keys."""
    replica = emulator.replicate(ExternalKey.imported(kms, spec, MultiRegion=True))
    assert "CurrentKeyMaterialId" not in replica.describe()
