# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next run finishes a rotation, staging, or restore that was interrupted anywhere, and repeats no change."""

from __future__ import annotations

import itertools
from collections import Counter
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

pytestmark = pytest.mark.usefixtures("short_rotations")

Materials = Sequence[bytes]
REPLICAS = ("eu-central-1", "us-west-2")


@dataclass
class World:
    """A key in its Regions, the primary one first; or in its one."""

    kms: Any
    emulator: Emulator
    replicas: tuple[str, ...]
    keys: list[ExternalKey] = field(default_factory=list)

    @property
    def primary(self) -> ExternalKey:
        return self.keys[0]

    def create(self, first: bytes) -> None:
        """With its first key material, imported by other means than this collection's, so without a label."""
        self.keys.append(ExternalKey.create(self.kms, MultiRegion=bool(self.replicas)))
        self.primary.put(first)
        account = self.kms._request_signer._credentials.access_key
        for region in self.replicas:
            answer = self.kms.replicate_key(KeyId=self.primary.arn, ReplicaRegion=region)
            self.keys.append(ExternalKey(self.emulator.client(region, account), answer["ReplicaKeyMetadata"]))
        if self.replicas:
            self.emulator.settle()
        for key in self.keys[1:]:
            key.put(first)

    def rotate(self, content: bytes) -> None:
        """Also by means other than this collection."""
        self.primary.stage(content)
        for key in self.keys[1:]:
            key.put(content)
        self.emulator.rotate(self.primary)

    def label(self, materials: Materials) -> None:
        """By a task, in the primary key; KMS passes labels on."""
        run_one(self.kms, self.primary, materials[0], previous=materials[1:], on_unknown_material="reimport", **NEVER)

    def lose_everything(self) -> None:
        for key in self.keys:
            for entry in key.history():
                key.lose_material(entry["KeyMaterialId"])

    def shown(self) -> list[Any]:
        """What the key is like, in each Region; the key materials by their places, since each key has others."""
        return [(key.state, [_entry(one) for one in key.history()]) for key in self.keys]


def _entry(listed: dict[str, Any]) -> dict[str, Any]:
    names = ("KeyMaterialState", "ImportState", "ExpirationModel", "ValidTo", "RotationType")
    labeled = "cloudkeys.aws/v1:" in listed.get("KeyMaterialDescription", "")
    return {**{name: listed.get(name) for name in names}, "labeled": labeled}


def first(world: World, materials: Materials) -> None:
    """The key has the oldest key material, with its label."""
    world.create(materials[-1])
    world.label(materials[-1:])


def first_without_label(world: World, materials: Materials) -> None:
    world.create(materials[-1])


def rotated_without_labels(world: World, materials: Materials) -> None:
    """The key has all key materials."""
    world.create(materials[-1])
    for content in reversed(materials[:-1]):
        world.rotate(content)


def rotated(world: World, materials: Materials) -> None:
    rotated_without_labels(world, materials)
    world.label(materials)


def rotated_and_lost(world: World, materials: Materials) -> None:
    rotated(world, materials)
    world.lose_everything()


@dataclass(frozen=True)
class Case:
    """What is there, and what the task declares.

    :ivar materials: how many the task gives, with the older ones.
    :ivar expires: whether they do.
    :ivar rotations: how many the key has had in the end.
    :ivar asks: whether KMS is to tell by imports what nothing else can, so that a cut may need one of them again.
    """

    prepare: Callable[[World, Materials], None]
    materials: int
    declared: dict[str, Any]
    expires: bool = False
    rotations: int = 0
    asks: bool = False


ROTATE = {"on_different_material": "rotate"}
ONE_REGION = {
    "rotation": Case(first, 2, ROTATE, expires=True, rotations=1),
    "rotation of a key that is to be Disabled": Case(first, 2, {**ROTATE, "enabled": False}, rotations=1),
    "rotation away from what has no label": Case(first_without_label, 2, ROTATE, rotations=1, asks=True),
    "staging": Case(first, 2, {"on_different_material": "stage"}, expires=True),
    "restoration": Case(rotated_and_lost, 3, {}, expires=True, rotations=2),
    "renewal": Case(rotated, 3, {}, expires=True, rotations=2),
    "identification": Case(rotated_without_labels, 3, ROTATE, rotations=2, asks=True),
    "deletion": Case(rotated, 2, {"state": "absent", "all_materials": True}, rotations=1),
}
THREE_REGIONS = {
    "rotation": Case(first, 2, {**ROTATE, "replicas": True}, rotations=1),
    "restoration": Case(rotated_and_lost, 2, {"replicas": True}, expires=True, rotations=1),
}


# Operations that change a key. An interruption between two of them has the same effect as one at the first.
CHANGES = ("ImportKeyMaterial", "DeleteImportedKeyMaterial", "RotateKeyOnDemand")


def changes(emulator: Emulator, since: int) -> Counter[tuple[str, str]]:
    """The number of changes that KMS made, by Region and operation."""
    told = (call for call in emulator.control.calls()[since:] if call["status"] == 200)
    return Counter((call["region"], call["operation"]) for call in told if call["operation"] in CHANGES)


@dataclass
class Attempt:
    """A task in a world of its own, which does not come to its end, and then another one, which does."""

    case: Case
    world: World
    options: dict[str, Any]
    materials: list[bytes] = field(default_factory=list)

    @classmethod
    def prepared(cls, case: Case, world: World, expiration: dict[str, Any]) -> Attempt:
        materials = [new_material(SYMMETRIC) for _one in range(case.materials)]
        case.prepare(world, materials)
        return cls(case, world, {**case.declared, **expiration, "previous": materials[1:]}, materials)

    def finish(self) -> list[Any]:
        """The final state of the key. Another run changes nothing."""
        kms, key = self.world.kms, self.world.primary
        finished = result_of(kms, key, self.materials[0], **self.options)
        assert not finished.get("failed"), finished["msg"]
        end = self.world.shown()
        again = run_one(kms, key, self.materials[0], **self.options)
        assert (again["changed"], again["actions"]) == (False, [])
        for _state, listed in end:
            assert sum(entry["RotationType"] is not None for entry in listed) == self.case.rotations
        return end


def cut_everywhere(
    case: Case,
    kms: Any,
    emulator: Emulator,
    replicas: tuple[str, ...] = (),
    counted: tuple[str, ...] | None = None,
) -> None:
    """:param counted: the operations to cut at; None for all."""
    expiration = {"valid_to": in_days(emulator, 30)} if case.expires else NEVER
    ends, done = [], []
    for requests in itertools.count(1):
        attempt = Attempt.prepared(case, World(kms, emulator, replicas), expiration)
        before = len(emulator.control.calls())
        whole = Process(requests, counted).run(kms, attempt.world.primary, attempt.materials[0], **attempt.options)
        try:
            ends.append(attempt.finish())
        except AssertionError as error:
            raise AssertionError(f"cut at request {requests}") from error
        done.append(changes(emulator, before))
        if whole:
            break
    assert len(ends) > 3, "hardly a request was cut"
    for place, (end, changed) in enumerate(zip(ends, done, strict=True), 1):
        assert end == ends[-1], f"cut at request {place} it ends otherwise"
        assert case.asks or changed == done[-1], f"cut at request {place} something was done twice"


@pytest.mark.parametrize("case", ONE_REGION)
def test_one_region(kms: Any, emulator: Emulator, case: str) -> None:
    cut_everywhere(ONE_REGION[case], kms, emulator)


@pytest.mark.parametrize("case", THREE_REGIONS)
def test_three_regions(kms: Any, emulator: Emulator, case: str) -> None:
    cut_everywhere(THREE_REGIONS[case], kms, emulator, REPLICAS, CHANGES)


LOSABLE = ("DescribeKey", "ListKeyRotations", "GetParametersForImport", "ImportKeyMaterial", "RotateKeyOnDemand")


# A lost response to a read changes nothing, in any number of Regions.
@pytest.mark.parametrize(
    ("replicas", "operation"),
    [
        *(pytest.param((), operation, id=f"one Region-{operation}") for operation in LOSABLE),
        *(pytest.param(REPLICAS, operation, id=f"three Regions-{operation}") for operation in LOSABLE[-2:]),
    ],
)
def test_every_lost_reply_in_turn(kms: Any, emulator: Emulator, replicas: tuple[str, ...], operation: str) -> None:
    """KMS has completed the request, but the task, which does not retry here, does not receive the response."""
    case = (THREE_REGIONS if replicas else ONE_REGION)["rotation"]
    expiration = {"valid_to": in_days(emulator, 30)} if case.expires else NEVER
    done = []
    for number in itertools.count(1):
        attempt = Attempt.prepared(case, World(kms, emulator, replicas), expiration)
        before = len(emulator.control.calls())
        # A fault without a kind lets a call pass.
        passing = [{"operation": operation, "times": number - 1}]
        emulator.control.faults([*passing, {"operation": operation, "drop": True, "times": 1}])
        result_of(kms, attempt.world.primary, attempt.materials[0], **attempt.options)
        asked = [call["operation"] for call in emulator.control.calls()[before:]]
        emulator.control.faults([])
        attempt.finish()
        done.append(changes(emulator, before))
        if asked.count(operation) < number:
            break
    assert number > 1, "no reply was lost"
    for place, changed in enumerate(done, 1):
        assert changed == done[-1], f"without reply {place} something was done twice"
