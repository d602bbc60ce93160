# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation, a staging or a restoration that is cut off anywhere is finished by the next run, and nothing twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, result_of, run_one
from support.materials import SYMMETRIC, new_material

from .interruptions import Process
from .predictions import in_days

Materials = Sequence[bytes]
REPLICAS = ("eu-central-1", "us-west-2")


@dataclass
class Regions:
    """A key in its Regions, the primary one first; or in its one."""

    kms: Any
    emulator: Emulator
    keys: list[ExternalKey]

    @property
    def primary(self) -> ExternalKey:
        return self.keys[0]

    def put(self, content: bytes) -> None:
        """By other means than this collection's, so without a label."""
        for key in self.keys:
            key.put(content)

    def rotate(self, content: bytes) -> None:
        """By other means, too."""
        self.primary.stage(content)
        for key in self.keys[1:]:
            key.put(content)
        self.emulator.rotate(self.primary)

    def lose(self) -> None:
        for key in self.keys:
            for entry in key.history():
                key.lose_material(entry["KeyMaterialId"])

    def end(self) -> list[Any]:
        """What the key is like, in each Region; the key materials by their places, since each key has others."""
        return [(key.state, [_shown(entry) for entry in key.history()]) for key in self.keys]


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    described = entry.get("KeyMaterialDescription", "").partition("cloudkeys.aws/v1:")
    return {
        **{name: entry.get(name) for name in ("KeyMaterialState", "ImportState", "ExpirationModel", "RotationType")},
        "ValidTo": str(entry.get("ValidTo")),
        "text": described[0],
        "labelled": bool(described[2]),
    }


Prepare = Callable[[Regions, Materials], None]


def _first_of(regions: Regions, materials: Materials) -> None:
    """The key has the oldest one, with its label."""
    for key in regions.keys:
        run_one(key.kms, key, materials[-1], **NEVER)


def _first_without_label(regions: Regions, materials: Materials) -> None:
    regions.put(materials[-1])


def _staged(regions: Regions, materials: Materials) -> None:
    _first_of(regions, materials)
    run_one(regions.kms, regions.primary, materials[0], on_different_material="stage", **NEVER)


def _rotated(regions: Regions, materials: Materials) -> None:
    """The key has all of them, with their labels."""
    regions.put(materials[-1])
    for content in reversed(materials[:-1]):
        regions.rotate(content)
    replicas = {"replicas": True} if regions.keys[1:] else {}
    run_one(regions.kms, regions.primary, materials[0], previous=materials[1:], **IDENTIFY, **NEVER, **replicas)


def _rotated_without_labels(regions: Regions, materials: Materials) -> None:
    regions.put(materials[-1])
    for content in reversed(materials[:-1]):
        regions.rotate(content)


def _rotated_and_lost(regions: Regions, materials: Materials) -> None:
    _rotated(regions, materials)
    regions.lose()


IDENTIFY = {"on_unknown_material": "reimport"}
ROTATE = {"on_different_material": "rotate"}


@dataclass
class Case:
    """What is there, what the task declares, and what it may do to each key material.

    :ivar materials: how many the task gives, with the older ones.
    :ivar days: until each of them expires; None for never.
    :ivar rotations: how many the key has had at the end.
    :ivar asks: whether KMS is to tell what nothing else can, by imports: one more may be needed after a cut.
    """

    prepare: Prepare
    materials: int
    declared: dict[str, Any] = field(default_factory=dict)
    days: int | None = None
    rotations: int = 0
    asks: bool = False

    def expiration(self, emulator: Emulator) -> dict[str, Any]:
        return NEVER if self.days is None else {"valid_to": in_days(emulator, self.days)}


ONE_REGION = {
    "rotation": Case(_first_of, 2, ROTATE, days=20, rotations=1),
    "rotation to what is staged": Case(_staged, 2, ROTATE, rotations=1),
    "rotation, then disabled": Case(_first_of, 2, {**ROTATE, "enabled": False}, rotations=1),
    "rotation from an unlabelled one": Case(_first_without_label, 1, ROTATE, rotations=1, asks=True),
    "staging": Case(_first_of, 2, {"on_different_material": "stage"}, days=20),
    "restoration": Case(_rotated_and_lost, 3, days=20, rotations=2),
    "renewal": Case(_rotated, 3, days=20, rotations=2),
    "identification": Case(_rotated_without_labels, 3, ROTATE, rotations=2, asks=True),
    "deletion": Case(_rotated, 2, {"state": "absent", "all_materials": True}, rotations=1),
}
THREE_REGIONS = {
    "rotation": Case(_first_of, 2, {**ROTATE, "replicas": True}, rotations=1),
    "restoration": Case(_rotated_and_lost, 2, {"replicas": True}, days=20, rotations=1),
}


def one_region(kms: Any, emulator: Emulator) -> Regions:
    return Regions(kms, emulator, [ExternalKey.create(kms)])


def three_regions(kms: Any, emulator: Emulator) -> Regions:
    primary = ExternalKey.create(kms, MultiRegion=True)
    account = kms._request_signer._credentials.access_key
    keys = [primary]
    for region in REPLICAS:
        answer = kms.replicate_key(KeyId=primary.arn, ReplicaRegion=region)
        keys.append(ExternalKey(emulator.client(region, account), answer["ReplicaKeyMetadata"]))
    emulator.settle()
    return Regions(kms, emulator, keys)


@pytest.fixture(autouse=True)
def _short_rotations(emulator: Emulator) -> None:
    emulator.control.rotation(0.05)


def changes(emulator: Emulator, since: int) -> dict[tuple[str, str], int]:
    """How often KMS did what changes a key, by Region and operation."""
    counted: dict[tuple[str, str], int] = {}
    for call in emulator.control.calls()[since:]:
        if call["status"] == 200 and call["operation"] in ("ImportKeyMaterial", "DeleteImportedKeyMaterial"):
            counted[call["region"], call["operation"]] = counted.get((call["region"], call["operation"]), 0) + 1
    return counted


def cut_at_every_call(
    make: Callable[[Any, Emulator], Regions], kms: Any, emulator: Emulator, case: Case
) -> None:
    expiration = case.expiration(emulator)
    ends, done = [], []
    for requests in itertools.count(1):
        regions, materials = make(kms, emulator), [new_material(SYMMETRIC) for _one in range(case.materials)]
        case.prepare(regions, materials)
        options = {**case.declared, **expiration, "previous": materials[1:]}
        before = len(emulator.control.calls())
        whole = Process(requests).run(kms, regions.primary, materials[0], **options)
        finished = result_of(kms, regions.primary, materials[0], **options)
        assert not finished.get("failed"), f"cut at request {requests}: {finished['msg']}"
        done.append(changes(emulator, before))
        ends.append(regions.end())
        again = run_one(kms, regions.primary, materials[0], **options)
        assert (again["changed"], again["actions"]) == (False, [])
        if whole:
            break
    assert requests > 5, "hardly a request was cut"
    _states, listed = ends[-1][0]
    assert sum(entry["RotationType"] is not None for entry in listed) == case.rotations
    for place, (end, changed) in enumerate(zip(ends, done, strict=True), 1):
        assert end == ends[-1], f"cut at request {place}, it ends otherwise"
        if not case.asks:
            assert changed == done[-1], f"cut at request {place}, something was done twice"


@pytest.mark.parametrize("case", ONE_REGION)
def test_one_region(kms: Any, emulator: Emulator, case: str) -> None:
    cut_at_every_call(one_region, kms, emulator, ONE_REGION[case])


@pytest.mark.parametrize("case", THREE_REGIONS)
def test_three_regions(kms: Any, emulator: Emulator, case: str) -> None:
    cut_at_every_call(three_regions, kms, emulator, THREE_REGIONS[case])
