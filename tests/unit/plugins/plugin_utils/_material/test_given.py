# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task's key materials are read for their key, and only their labels leave the controller."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.material_label import ciphertext_label
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import GivenMaterial, Wanted
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.declaration import Declaration
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.given import labeled, read_given
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.sources import Sources

from ...module_utils.keys import IMPORTED

FIRST, SECOND, THIRD = (
    Sources(content=bytes(range(start, start + 32)), key_material_format="raw") for start in (0, 32, 64)
)
WRAPPED = Sources(encrypted_key_material=b"ciphertext", import_token=b"token")


def declare(own: Sources, *previous: Sources) -> Declaration:
    older = tuple(GivenMaterial(place, one.kind) for place, one in enumerate(previous, 1))
    return Declaration(IMPORTED.arn, Wanted(material=own.kind, previous=older), own, previous)


def test_each_has_its_label_by_its_place() -> None:
    declaration = declare(THIRD, SECOND, FIRST)
    given = read_given(declaration, IMPORTED)
    assert [one.material and one.material.data for one in given] == [THIRD.content, SECOND.content, FIRST.content]
    wanted = labeled(declaration.wanted, given)
    labels = [wanted.material_label, *(one.label for one in wanted.previous)]
    assert labels == [one.evidence.label for one in given]
    assert len(set(labels)) == 3
    assert replace(wanted, material_label=None, previous=declaration.wanted.previous) == declaration.wanted


def test_a_label_is_for_one_key() -> None:
    """Otherwise, equal labels would reveal that two keys have the same key material."""
    (here,) = read_given(declare(FIRST), IMPORTED)
    (there,) = read_given(declare(FIRST), IMPORTED._replace(key_id="another"))
    assert here.evidence.label != there.evidence.label


def test_what_was_encrypted_elsewhere_has_the_label_of_its_ciphertext() -> None:
    (given,) = read_given(declare(WRAPPED), IMPORTED)
    assert given.material is None
    assert given.evidence.label == ciphertext_label(b"ciphertext")


def test_of_no_key_material_nothing_is_told() -> None:
    (given,) = read_given(declare(Sources()), IMPORTED)
    assert given.material is None
    assert given.evidence.nothing


@pytest.mark.parametrize("change", [{"origin": "AWS_KMS"}, {"key_spec": "ML_DSA_65"}], ids=str)
def test_for_a_key_that_takes_none_it_is_not_read(change: dict[str, Any]) -> None:
    """The plan reports the reason, and an unsuitable file is not the cause."""
    (given,) = read_given(declare(Sources(content=b"x")), IMPORTED._replace(**change))
    assert given.material is None


@pytest.mark.parametrize(
    ("own", "previous", "told"),
    [
        (FIRST, (FIRST,), "previous_key_materials[0] is the same key material as the given key material"),
        (FIRST, (SECOND, THIRD, SECOND), "previous_key_materials[2] is the same key material as"),
        (WRAPPED, (FIRST, WRAPPED), "previous_key_materials[1] is the same key material as the given"),
    ],
    ids=["as its own", "among the older ones", "as ciphertext"],
)
def test_no_key_material_is_given_twice(own: Sources, previous: tuple[Sources, ...], told: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_given(declare(own, *previous), IMPORTED)
    assert told in refused.value.sentence
