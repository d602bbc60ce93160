# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The key materials that a task gives, parsed for the key that they are for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...module_utils._errors import Refusal
from ...module_utils._key.facts import KeyFacts
from ...module_utils._key.specs import KEY_SPECS
from ...module_utils._material.wanted import GivenMaterial, Wanted
from .._cryptography.evidence import Evidence
from .._cryptography.key_material import KeyMaterial
from .declaration import Declaration
from .sources import Sources

__all__ = ("Given", "labeled", "read_given")


@dataclass(frozen=True)
class Given:
    """One given key material.

    :ivar material: the plaintext; None if it was encrypted elsewhere, or none is given.
    """

    sources: Sources
    material: KeyMaterial | None
    evidence: Evidence


def read_given(declaration: Declaration, facts: KeyFacts) -> tuple[Given, ...]:
    """The given key materials by the places of :class:`GivenMaterial`.

    :raises Refusal: one cannot be parsed for this key spec, is for another key, or is given twice.
    """
    given = tuple(_read(declaration, sources, facts) for sources in declaration.all_sources)
    labels: dict[str | None, int] = {}
    for place, one in enumerate(given):
        first = labels.setdefault(one.evidence.label, place)
        if one.evidence.label is not None and first != place:
            names = [GivenMaterial(which).name for which in (place, first)]
            raise Refusal(f"{names[0]} is the same key material as {names[1]}. Remove one of them.")
    return given


def labeled(wanted: Wanted, given: tuple[Given, ...]) -> Wanted:
    """The declaration with the values derived from the key materials that may leave the controller."""
    previous = tuple(
        replace(one, label=its_given.evidence.label) for one, its_given in zip(wanted.previous, given[1:], strict=True)
    )
    return replace(wanted, material_label=given[0].evidence.label, previous=previous)


def _read(declaration: Declaration, sources: Sources, facts: KeyFacts) -> Given:
    material = None
    # The plan refuses other keys with its own message.
    if facts.origin == "EXTERNAL" and facts.key_spec in KEY_SPECS:
        material = sources.key_material(facts.key_spec, facts.region)
    return Given(sources, material, _evidence(declaration, sources, facts, material))


def _evidence(declaration: Declaration, sources: Sources, facts: KeyFacts, material: KeyMaterial | None) -> Evidence:
    """:raises Refusal: the bundle is for another key, or for another kind of key."""
    bundle = sources.bundle
    if bundle is not None and bundle.key_arn != facts.arn:
        raise Refusal(
            f"{sources.origin} is for the key {bundle.key_arn}, but {declaration.key} is {facts.arn}. KMS accepts an"
            " import token for only one key in one Region. Give the bundle that was created for this key."
        )
    if bundle is not None and bundle.key_spec != facts.key_spec:
        raise Refusal(
            f"{sources.origin} claims that {facts.arn} has the key spec {bundle.key_spec}, but it has"
            f" {facts.key_spec}. The bundle is forged or damaged. Find out who created it."
        )
    if material is not None:
        return Evidence.of_material(material, facts.key_id)
    if sources.encrypted_key_material is not None and facts.symmetric:
        return Evidence.of_ciphertext(sources.encrypted_key_material)
    return Evidence() if bundle is None else bundle.claims
