# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""replicas: true: one task for the primary key and every replica key, with the settings of each Region."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, result_of, run_failing, run_one
from support.materials import SYMMETRIC, new_material, other_material

from .predictions import in_days

pytestmark = pytest.mark.usefixtures("short_rotations")

REGIONS = ("eu-west-1", "us-west-2")
ROTATE = {"on_different_material": "rotate", "replicas": True, **NEVER}
STAGE = {**ROTATE, "on_different_material": "stage"}
KEEP = {"replicas": True, **NEVER}


class Family(NamedTuple):
    primary: ExternalKey
    replicas: tuple[ExternalKey, ...]
    content: bytes

    @property
    def everyone(self) -> tuple[ExternalKey, ...]:
        return (self.primary, *self.replicas)


def make_family(kms: Any, emulator: Emulator, spec: str = SYMMETRIC) -> Family:
    """Three Regions, of which the primary key alone has its key material."""
    primary, content = ExternalKey.create(kms, spec, MultiRegion=True), new_material(spec)
    run_one(kms, primary, content, **NEVER)
    return Family(primary, tuple(emulator.replicate(primary, region) for region in REGIONS), content)


@pytest.fixture
def family(kms: Any, emulator: Emulator) -> Family:
    return make_family(kms, emulator)


def actions(result: dict[str, Any]) -> dict[str, list[str]]:
    return {entry["kms_key"]["region"]: entry["actions"] for entry in result["kms_keys"]}


def unchanged(kms: Any, family: Family, content: bytes, **options: Any) -> dict[str, Any]:
    result = run_one(kms, family.primary, content, **options)
    assert (result["changed"], set(map(tuple, actions(result).values()))) == (False, {()})
    assert all(diff["before"] == diff["after"] for diff in result["diff"])
    return result


@pytest.mark.parametrize("spec", [SYMMETRIC, "HMAC_256", "ECC_NIST_P256"])
def test_every_replica_key_gets_the_material(kms: Any, emulator: Emulator, spec: str) -> None:
    family = make_family(kms, emulator, spec)
    foretold = result_of(kms, family.primary, family.content, check_mode=True, **KEEP)
    result = run_one(kms, family.primary, family.content, **KEEP)
    assert actions(result) == actions(foretold) == {"us-east-1": [], "eu-west-1": ["import"], "us-west-2": ["import"]}
    assert (result["diff"], result["changed"]) == (foretold["diff"], True)
    assert [one.state for one in family.everyone] == ["Enabled"] * 3
    again = unchanged(kms, family, family.content, **KEEP)
    assert {entry["material_match"] for entry in again["kms_keys"]} == {"same"}


def test_each_region_has_its_own_expiration(kms: Any, emulator: Emulator, family: Family) -> None:
    run_one(kms, family.primary, family.content, **KEEP)
    end = in_days(emulator, 30)
    run_one(family.replicas[0].kms, family.replicas[0], family.content, valid_to=end)
    result = run_one(kms, family.primary, family.content, replicas=True, valid_to=end)
    assert actions(result) == {"us-east-1": ["reimport"], "eu-west-1": [], "us-west-2": ["reimport"]}
    assert {one.describe()["ValidTo"].isoformat() for one in family.everyone} == {end}


def test_one_task_rotates_in_every_region(kms: Any, family: Family) -> None:
    run_one(kms, family.primary, family.content, **KEEP)
    second = new_material(SYMMETRIC)
    foretold = result_of(kms, family.primary, second, previous=[family.content], check_mode=True, **ROTATE)
    result = run_one(kms, family.primary, second, previous=[family.content], **ROTATE)
    expected = {"us-east-1": ["stage", "rotate"], "eu-west-1": ["import"], "us-west-2": ["import"]}
    assert actions(result) == actions(foretold) == expected
    assert result["actions"] == ["stage", "rotate"]
    assert len({one.current_id for one in family.everyone}) == 1
    assert family.primary.current_id == result["import"]["key_material_id"]
    for one in family.everyone:
        assert one.states() == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "IMPORTED")]
    unchanged(kms, family, second, previous=[family.content], **ROTATE)


def test_stage_in_every_region_and_rotate_later(kms: Any, family: Family) -> None:
    run_one(kms, family.primary, family.content, **KEEP)
    second = new_material(SYMMETRIC)
    result = run_one(kms, family.primary, second, **STAGE)
    assert actions(result) == {"us-east-1": ["stage"], "eu-west-1": ["import"], "us-west-2": ["import"]}
    assert family.primary.states()[1] == ("PENDING_ROTATION", "IMPORTED")
    unchanged(kms, family, second, **STAGE)
    result = run_one(kms, family.primary, second, **ROTATE)
    assert actions(result) == {"us-east-1": ["rotate"], "eu-west-1": [], "us-west-2": []}
    unchanged(kms, family, second, **ROTATE)


def test_each_replica_key_by_a_task_of_its_own(kms: Any, family: Family) -> None:
    """A replica key that is named directly is independent. The task sends no request that only primary keys accept."""
    second = new_material(SYMMETRIC)
    for one in family.replicas:
        assert run_one(one.kms, one, family.content, **NEVER)["actions"] == ["import"]
    stage = {**NEVER, "on_different_material": "stage"}
    rotate = {**NEVER, "on_different_material": "rotate"}
    refused = run_failing(family.replicas[0].kms, family.replicas[0], second, **rotate)
    assert "us-east-1" in refused["msg"]
    assert "replicas: true" in run_failing(kms, family.primary, second, **rotate)["msg"]
    assert run_one(kms, family.primary, second, **stage)["actions"] == ["stage"]
    assert "eu-west-1" in run_failing(kms, family.primary, second, **rotate)["msg"]
    for one in family.replicas:
        assert run_one(one.kms, one, second, **rotate)["actions"] == ["import"]
        assert run_one(one.kms, one, second, **rotate)["changed"] is False
    assert run_one(kms, family.primary, second, **rotate)["actions"] == ["rotate"]
    assert len({one.current_id for one in family.everyone}) == 1


def test_a_replica_key_made_after_rotations_gets_every_older_material(
    kms: Any, emulator: Emulator, family: Family
) -> None:
    run_one(kms, family.primary, family.content, **KEEP)
    second = new_material(SYMMETRIC)
    run_one(kms, family.primary, second, previous=[family.content], **ROTATE)
    late = emulator.replicate(family.primary, "ap-southeast-2")
    result = run_one(kms, family.primary, second, previous=[family.content], **KEEP)
    assert actions(result)["ap-southeast-2"] == ["import", "import"]
    assert late.state == "Enabled"
    unchanged(kms, family, second, previous=[family.content], **KEEP)


def test_a_region_that_fails_leaves_the_others_done_and_said(kms: Any, emulator: Emulator, family: Family) -> None:
    """The next run finishes."""
    unlucky = family.replicas[0]
    emulator.control.denied([{"operation": "GetParametersForImport", "key": unlucky.arn}])
    result = run_failing(kms, family.primary, family.content, **KEEP)
    assert actions(result) == {"us-east-1": [], "eu-west-1": [], "us-west-2": ["import"]}
    assert result["changed"]
    assert unlucky.arn in result["msg"]
    assert [entry["failed"] for entry in result["kms_keys"]] == [False, True, False]
    emulator.control.denied([])
    result = run_one(kms, family.primary, family.content, **KEEP)
    assert actions(result) == {"us-east-1": [], "eu-west-1": ["import"], "us-west-2": []}


def test_no_rotation_while_a_region_cannot_follow(kms: Any, emulator: Emulator, family: Family) -> None:
    run_one(kms, family.primary, family.content, **KEEP)
    second, unlucky = new_material(SYMMETRIC), family.replicas[1]
    emulator.control.denied([{"operation": "ImportKeyMaterial", "key": unlucky.arn}])
    result = run_failing(kms, family.primary, second, previous=[family.content], **ROTATE)
    assert actions(result) == {"us-east-1": ["stage"], "eu-west-1": ["import"], "us-west-2": []}
    assert "us-west-2" in result["msg"]
    emulator.control.denied([])
    result = run_one(kms, family.primary, second, previous=[family.content], **ROTATE)
    assert actions(result) == {"us-east-1": ["rotate"], "eu-west-1": [], "us-west-2": ["import"]}
    unchanged(kms, family, second, previous=[family.content], **ROTATE)


@pytest.mark.parametrize("trouble", ["unseen", "lost", "disabled", "pending deletion"])
def test_nothing_is_written_when_a_replica_key_is_not_ready(
    kms: Any, emulator: Emulator, family: Family, trouble: str
) -> None:
    run_one(kms, family.primary, family.content, **KEEP)
    unlucky = family.replicas[0]
    if trouble == "unseen":
        emulator.control.denied([{"operation": "DescribeKey", "key": unlucky.arn}])
    elif trouble == "lost":
        run_one(kms, family.primary, new_material(SYMMETRIC), previous=[family.content], **ROTATE)
        unlucky.lose_material(unlucky.history()[0]["KeyMaterialId"])
    elif trouble == "disabled":
        unlucky.kms.disable_key(KeyId=unlucky.arn)
    else:
        unlucky.kms.schedule_key_deletion(KeyId=unlucky.arn, PendingWindowInDays=7)
    before = family.primary.history()
    for options in (ROTATE, STAGE):
        result = run_failing(kms, family.primary, other_material(SYMMETRIC), **options)
        assert not result["changed"]
        assert "eu-west-1" in result["msg"]
    assert family.primary.history() == before


def test_the_primary_alone_is_not_rotated_over_a_replica_that_lacks_an_older_material(kms: Any, family: Family) -> None:
    """KMS would rotate it."""
    run_one(kms, family.primary, family.content, **KEEP)
    second, third = new_material(SYMMETRIC), new_material(SYMMETRIC)
    run_one(kms, family.primary, second, previous=[family.content], **ROTATE)
    run_one(kms, family.primary, third, previous=[second, family.content], **STAGE)
    unlucky = family.replicas[0]
    unlucky.lose_material(unlucky.history()[0]["KeyMaterialId"])
    alone = {**NEVER, "on_different_material": "rotate"}
    assert unlucky.arn in run_failing(kms, family.primary, third, previous=[second, family.content], **alone)["msg"]
    result = run_one(kms, family.primary, third, previous=[second, family.content], **ROTATE)
    assert actions(result) == {"us-east-1": ["rotate"], "eu-west-1": ["import"], "us-west-2": []}


def test_replicas_begin_with_a_primary_key(kms: Any, family: Family) -> None:
    replica, single = family.replicas[0], ExternalKey.create(kms)
    assert "primary key, which is in us-east-1" in run_failing(replica.kms, replica, family.content, **KEEP)["msg"]
    assert "single-Region key" in run_failing(kms, single, family.content, **KEEP)["msg"]


def test_the_material_is_deleted_in_every_region(kms: Any, family: Family) -> None:
    run_one(kms, family.primary, family.content, **KEEP)
    foretold = result_of(kms, family.primary, family.content, state="absent", replicas=True, check_mode=True)
    result = run_one(kms, family.primary, family.content, state="absent", replicas=True)
    assert actions(result) == actions(foretold) == {region: ["delete"] for region in ("us-east-1", *REGIONS)}
    assert [one.state for one in family.everyone] == ["PendingImport"] * 3
    unchanged(kms, family, family.content, state="absent", replicas=True)


def test_a_primary_key_without_replica_keys_is_the_only_entry(kms: Any) -> None:
    key, content = ExternalKey.create(kms, MultiRegion=True), new_material(SYMMETRIC)
    result = run_one(kms, key, content, **KEEP)
    assert actions(result) == {"us-east-1": ["import"]}


@pytest.fixture
def unlabeled(kms: Any, emulator: Emulator) -> tuple[Family, bytes]:
    """Rotated once. Neither the current nor the older key material has a label."""
    primary, first, second = ExternalKey.create(kms, MultiRegion=True), new_material(SYMMETRIC), new_material(SYMMETRIC)
    primary.put(first)
    replicas = tuple(emulator.replicate(primary, region) for region in REGIONS)
    for one in replicas:
        one.put(first)
    primary.stage(second)
    for one in replicas:
        one.put(second, KeyMaterialId=primary.history()[1]["KeyMaterialId"], ImportType="EXISTING_KEY_MATERIAL")
    emulator.rotate(primary)
    assert [one.state for one in (primary, *replicas)] == ["Enabled"] * 3
    return Family(primary, replicas, second), first


def test_without_labels_the_primary_key_is_asked_before_its_replica_keys(kms: Any, unlabeled: Any) -> None:
    """KMS identifies the key materials of the primary key. Their new labels identify them in every Region."""
    (family, first), third = unlabeled, new_material(SYMMETRIC)
    older = [family.content, first]
    result = run_one(kms, family.primary, third, previous=older, **ROTATE)
    assert actions(result)["us-east-1"][-2:] == ["stage", "rotate"]
    assert len({one.current_id for one in family.everyone}) == 1
    assert [one.state for one in family.everyone] == ["Enabled"] * 3
    unchanged(kms, family, third, previous=older, **ROTATE)


def test_without_labels_lost_material_is_restored_in_every_region(kms: Any, unlabeled: Any) -> None:
    family, first = unlabeled
    lost = family.primary.history()[0]["KeyMaterialId"]
    for one in family.everyone:
        one.lose_material(lost)
    result = run_one(kms, family.primary, family.content, previous=[first], on_unknown_material="reimport", **KEEP)
    assert [one.state for one in family.everyone] == ["Enabled"] * 3, actions(result)
    unchanged(kms, family, family.content, previous=[first], **KEEP)


@pytest.mark.parametrize("spec", [SYMMETRIC, "HMAC_256", "ECC_NIST_P256"])
def test_force_compares_in_every_region_once(kms: Any, emulator: Emulator, spec: str) -> None:
    family = make_family(kms, emulator, spec)
    run_one(kms, family.primary, family.content, **KEEP)
    result = run_one(kms, family.primary, family.content, force=True, **KEEP)
    assert actions(result) == {region: ["reimport"] for region in ("us-east-1", *REGIONS)}


def foretold(kms: Any, family: Family, content: bytes | None, **options: Any) -> dict[str, Any]:
    """The result of a run that does and says what check mode said."""
    told = run_one(kms, family.primary, content, check_mode=True, **options)
    result = run_one(kms, family.primary, content, **options)
    assert (actions(result), result["diff"]) == (actions(told), told["diff"])
    return result


@pytest.mark.parametrize(
    "options", [{"force": True}, {"on_unknown_material": "reimport"}, ROTATE], ids=["force", "reimport", "rotate"]
)
def test_check_mode_knows_that_replica_keys_take_the_labels_of_their_primary_key(
    kms: Any, emulator: Emulator, options: dict[str, Any]
) -> None:
    primary = ExternalKey.create(kms, MultiRegion=True)
    content = new_material(SYMMETRIC)
    primary.put(content)
    family = Family(primary, tuple(emulator.replicate(primary, region) for region in REGIONS), content)
    result = foretold(kms, family, content, **{**KEEP, **options})
    assert actions(result)["us-east-1"] == ["reimport"]
    assert [one.state for one in family.everyone] == ["Enabled"] * 3


def test_what_a_deletion_does_is_said_of_every_region(kms: Any, family: Family) -> None:
    run_one(kms, family.primary, family.content, **KEEP)
    result = foretold(kms, family, family.content, state="absent", replicas=True)
    said = [warning for warning in result["warnings"] if "stops working" in warning]
    assert [one.arn in warning for one, warning in zip(family.everyone, said, strict=True)] == [True] * 3


def test_what_is_staged_in_the_primary_key_alone_waits_for_its_replica_keys(kms: Any, family: Family) -> None:
    options = {"on_different_material": "stage", **NEVER}
    told = run_one(kms, family.primary, other := other_material(SYMMETRIC), check_mode=True, **options)
    result = run_one(kms, family.primary, other, **options)
    (foreseen,) = told["diff"]["after"]["other_key_materials"].values()
    (done,) = result["diff"]["after"]["other_key_materials"].values()
    assert foreseen == done
    assert done["state"] == "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"


def foretold_of_replicas(kms: Any, family: Family, content: bytes | None, **options: Any) -> dict[str, Any]:
    """A run that does what check mode said. Which older key material gets which label is not foretold."""
    told = run_one(kms, family.primary, content, check_mode=True, **options)
    result = run_one(kms, family.primary, content, **options)
    assert actions(result) == actions(told)
    states = [[diff["after"]["key_state"] for diff in one["diff"][1:]] for one in (told, result)]
    assert states[0] == states[1]
    assert {one["material_match_by"] for one in told["previous_key_materials"]} == {"none"}
    return result


@pytest.mark.parametrize("lost", [(), (0,), (1,), (0, 1)], ids=["nothing", "the older", "the current", "both"])
@pytest.mark.parametrize("newest", [False, True], ids=["previous", "rotate"])
def test_check_mode_knows_that_what_kms_says_of_the_primary_key_holds_for_its_replica_keys(
    kms: Any, unlabeled: Any, newest: bool, lost: tuple[int, ...]
) -> None:
    """No label identifies the older key material, or the current one if unknown key material is not accepted."""
    family, first = unlabeled
    if not newest:
        run_one(kms, family.primary, family.content, on_unknown_material="reimport", **NEVER)
    history = family.primary.history()
    for one in family.everyone[: 2 if lost else None]:
        for place in lost:
            one.lose_material(history[place]["KeyMaterialId"])
    foretold_of_replicas(kms, family, family.content, previous=[first], **(ROTATE if newest else KEEP))
    assert [one.state for one in family.everyone] == ["Enabled"] * 3
    unchanged(kms, family, family.content, previous=[first], **KEEP)


def test_check_mode_does_not_ask_which_of_several_older_key_materials_is_which(kms: Any, unlabeled: Any) -> None:
    family, first = unlabeled
    third = new_material(SYMMETRIC)
    run_one(kms, family.primary, third, **ROTATE)
    family.replicas[0].lose_material(family.primary.history()[0]["KeyMaterialId"])
    result = foretold_of_replicas(kms, family, third, previous=[family.content, first], **KEEP)
    assert actions(result) == {"us-east-1": ["reimport"] * 2, "eu-west-1": ["import"], "us-west-2": []}
