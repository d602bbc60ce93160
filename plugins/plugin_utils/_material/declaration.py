# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A task's declaration about one key, validated as far as that is possible without KMS."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible.plugins.action import ActionBase

from ...module_utils._errors import Refusal
from ...module_utils._key.expiration import WantedExpiration
from ...module_utils._key.expiration_options import want_expiration
from ...module_utils._key.facts import KeyFacts
from ...module_utils._key.specs import DEFAULT_WRAPPING_KEY_SPEC, choose_wrapping_algorithm
from ...module_utils._material.options import KEY_MATERIAL, PREVIOUS
from ...module_utils._material.wanted import GivenMaterial, Wanted
from .._controller.arguments import Arguments, region_of_key, validate
from .._controller.secrets import of_entry
from .combinations import (
    refuse_combinations_of_import,
    refuse_combinations_of_previous,
    refuse_empty_key,
    refuse_no_code,
    refuse_no_time,
)
from .sources import Sources, read_sources

__all__ = ("Declaration", "declare")


@dataclass(frozen=True)
class Declaration:
    """The declaration about one key: the key materials, how to wrap them, and the state of the key.

    :ivar region: the Region of the key; None for the Region of the task.
    :ivar sources: of the task's own key material.
    :ivar previous: of the older ones, in the order of ``wanted.previous``.
    :ivar wait_timeout: seconds; None not to wait until KMS reports the new state.
    :ivar rotation_timeout: seconds; None not to wait for the end of a rotation.
    """

    key: str
    wanted: Wanted
    sources: Sources
    previous: tuple[Sources, ...] = ()
    region: str | None = None
    wrapping_algorithm: str | None = None
    wrapping_key_spec: str = DEFAULT_WRAPPING_KEY_SPEC
    wrapping_key_trust: str = "kms_direct"
    wait_timeout: int | None = 300
    rotation_timeout: int | None = 900
    check_mode: bool = False

    @property
    def all_sources(self) -> tuple[Sources, ...]:
        """The sources by the places of :class:`GivenMaterial`."""
        return (self.sources, *self.previous)

    def wrapping_algorithm_for(self, facts: KeyFacts) -> str:
        """:raises Refusal: KMS does not accept key material for this key with the declared wrapping."""
        return choose_wrapping_algorithm(
            facts.arn, facts.key_spec, facts.region, self.wrapping_key_spec, self.wrapping_algorithm
        )

    def for_replica(self, arn: str, region: str) -> Declaration:
        """The declaration for a replica key of the key that is named here."""
        return replace(self, key=arn, region=region)


def declare(action: ActionBase, arguments: Arguments, *, check_mode: bool) -> Declaration:
    """:raises Refusal: an option, a combination of options, or a file is invalid."""
    refuse_no_code(arguments.options)
    given = validate(arguments.options, KEY_MATERIAL)
    key = given["key_id"].strip()
    refuse_empty_key(key)
    for option in ("wait_timeout", "rotation_timeout"):
        refuse_no_time(option, given[option])
    refuse_combinations_of_import(given["state"], arguments.given(given))
    expiration = _expiration(given)
    region = region_of_key(key, arguments.forwarded)
    sources = read_sources(action, given, arguments.secrets)
    previous = _previous(action, arguments, given, expiration)
    return Declaration(
        key=key,
        region=region,
        wanted=Wanted(
            state=given["state"],
            expiration=expiration,
            material=sources.kind,
            enabled=given.get("enabled"),
            force=given["force"],
            on_unknown_material=given.get("on_unknown_material"),
            on_different_material=given["on_different_material"],
            description=given.get("key_material_description"),
            label=given["key_material_label"],
            previous=tuple(wanted for _sources, wanted in previous),
            replicas=given["replicas"],
            key_material_id=given.get("key_material_id"),
            all_materials=given["all_materials"],
        ),
        sources=sources,
        previous=tuple(read for read, _wanted in previous),
        wrapping_algorithm=given.get("wrapping_algorithm"),
        wrapping_key_spec=given["wrapping_key_spec"],
        wrapping_key_trust=given["wrapping_key_trust"],
        wait_timeout=given["wait_timeout"] if given["wait"] else None,
        rotation_timeout=given["rotation_timeout"] if given["wait"] else None,
        check_mode=check_mode,
    )


def _previous(
    action: ActionBase, arguments: Arguments, given: t.Mapping[str, t.Any], otherwise: WantedExpiration
) -> list[tuple[Sources, GivenMaterial]]:
    """:param otherwise: the expiration for an entry that does not declare one.
    :raises Refusal: an entry is invalid; the message contains its place.
    """
    previous = []
    for place, entry in enumerate(given.get(PREVIOUS) or ()):
        secrets = of_entry(arguments.secrets, PREVIOUS, place)
        try:
            refuse_no_code((arguments.options.get(PREVIOUS) or ())[place])
            refuse_combinations_of_previous({name for name, value in {**entry, **secrets}.items() if value is not None})
            sources = read_sources(action, entry, secrets)
            expiration = _expiration(entry)
        except Refusal as refusal:
            raise Refusal(f"{PREVIOUS}[{place}]: {refusal.sentence}") from None
        wanted = GivenMaterial(
            place + 1,
            sources.kind,
            expiration if expiration.declared else otherwise,
            key_material_id=entry.get("key_material_id"),
        )
        previous.append((sources, wanted))
    return previous


def _expiration(options: t.Mapping[str, t.Any]) -> WantedExpiration:
    return want_expiration(
        options.get("expiration_model"),
        options.get("valid_to"),
        options.get("valid_for"),
        options.get("renew_before"),
    )
