# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Validation of the options of one key, as far as that is possible without KMS. Pure.

The checks are those of ``kms_external_key`` and ``kms_key_material``. These modules stop at the first error; a list
reports all errors.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from ...module_utils._errors import Refusal
from ...module_utils._external_key.declaration import read_policy, read_tags
from ...module_utils._external_key.plan import WantedKey
from ...module_utils._external_key.replicas import refuse_regions
from ...module_utils._fleet.options import MATERIAL_ONLY
from ...module_utils._key.expiration_options import want_expiration
from ...module_utils._key.specs import DEFAULT_WRAPPING_KEY_SPEC, choose_wrapping_algorithm, refuse_key_usage
from ...module_utils._kms.identifiers import alias_name, pinned_region, refuse_region, region_of_arn
from .._material.combinations import (
    refuse_combinations_of_entry,
    refuse_combinations_of_previous,
    refuse_empty_key,
    refuse_no_code,
    refuse_no_time,
    source_of,
)

__all__ = ("EXPIRATION", "faults_of_defaults", "faults_of_key", "faults_of_previous", "region_of_entry")

Options = Mapping[str, t.Any]

EXPIRATION = ("expiration_model", "valid_to", "valid_for", "renew_before")
_NO_NAME = "The entry names no key. Set alias, which is created if it does not exist, or key_id."
_NO_MATERIAL = (
    "The entry gives no key material, which is allowed only for an entry with alias. Set key_material_src,"
    " encrypted_key_material_src with import_token_src, or wrapped_bundle_src."
)


def faults_of_defaults(options: Options) -> Iterator[str]:
    """The errors in options for all keys. Each entry that does not override them has the same errors.

    :param options: with their types.
    """
    yield from _faults(options, _OF_ALL)


def faults_of_key(options: Options, own: Options, wrong: AbstractSet[str], otherwise: str | None) -> Iterator[str]:
    """The errors of one entry.

    :param options: with their types, including the task's.
    :param own: the options of the entry itself, including expected_check_code if it is null.
    :param wrong: options without a usable value.
    :param otherwise: the Region of the task, if it sets one.
    """
    if not {"alias", "key_id"} & (options.keys() | wrong):
        yield _NO_NAME
    yield from _faults(options, _OF_ALL + _OF_ONE, wrong)
    own_region = None if "region" in wrong else region_of_entry(options) or otherwise
    yield from _faults({**options, "own_region": own_region}, ((("replica_regions",), _own_region),), wrong)
    yield from _faults(own, ((("expected_check_code",), refuse_no_code),), wrong)
    yield from _faults_of_material(options, own, wrong)


def region_of_entry(options: Options) -> str | None:
    """The Region that an entry names, directly or by an ARN."""
    region: str | None = options.get("region") or region_of_arn(str(options.get("key_id", "")).strip())
    return region


def _faults_of_material(options: Options, own: Options, wrong: AbstractSet[str]) -> Iterator[str]:
    if any(name.endswith("_src") for name in wrong):
        return
    given = {name for name, value in options.items() if value is not False}
    if options.get("replica_regions") and "replicas" not in options:
        given.add("replicas")
    # A check code that is null is refused separately.
    if "expected_check_code" in own:
        given.add("expected_check_code")
    try:
        refuse_combinations_of_entry(given)
    except Refusal as refusal:
        yield refusal.sentence
        return
    there = source_of(given)
    about_material = sorted(MATERIAL_ONLY & own.keys())
    if not there and "alias" not in options.keys() | wrong:
        # An entry that also lacks a name has another error.
        yield from [_NO_MATERIAL] if "key_id" in options.keys() | wrong else []
    elif not there and about_material:
        yield (
            f"{about_material[0]} concerns key material, but the entry gives none. Set key_material_src, or remove"
            f" {about_material[0]}."
        )


def faults_of_previous(options: Options, own: Options, wrong: AbstractSet[str]) -> Iterator[str]:
    """The errors of an entry of ``previous_key_materials``; the parameters are those of :func:`faults_of_key`."""
    yield from _faults(own, ((("expected_check_code",), refuse_no_code),), wrong)
    yield from _faults(options, ((EXPIRATION, _expiration),), wrong)
    if not any(name.endswith("_src") for name in wrong):
        given = {*options, *({"expected_check_code"} & own.keys())}
        yield from _sentence(lambda _options: refuse_combinations_of_previous(given, values=False), options)


_Check = tuple[tuple[str, ...], Callable[[Options], t.Any]]


def _faults(options: Options, checks: tuple[_Check, ...], wrong: AbstractSet[str] = frozenset()) -> Iterator[str]:
    """Run the checks whose first option is set; for the expiration, any of its options."""
    for names, check in checks:
        there = names[0] in options or (names == EXPIRATION and any(name in options for name in names))
        if there and not wrong & {*names}:
            yield from _sentence(check, options)


def _sentence(check: Callable[[Options], t.Any], options: Options) -> Iterator[str]:
    try:
        check(options)
    except Refusal as refusal:
        yield refusal.sentence


def _expiration(options: Options) -> None:
    want_expiration(*(options.get(name) for name in EXPIRATION))


def _replicas(options: Options) -> None:
    refuse_regions(_wanted(options))
    if options["replica_regions"] and not options.get("multi_region") and "key_id" not in options:
        raise Refusal(
            "replica_regions requires a multi-Region key, and an existing key cannot be converted to one. Also set"
            " multi_region: true, or remove replica_regions."
        )


def _own_region(options: Options) -> None:
    if options["own_region"] in options["replica_regions"]:
        refuse_regions(_wanted(options), options["own_region"])


def _wanted(options: Options) -> WantedKey:
    return WantedKey(replica_regions=tuple(options["replica_regions"]), multi_region=options.get("multi_region"))


def _usage(options: Options) -> None:
    if "key_usage" in options:
        refuse_key_usage(options["key_spec"], options["key_usage"], "key_usage")


def _wrapping(options: Options) -> None:
    if "key_spec" in options:
        # The Region may be unknown. Everything that is refused outside China is also refused there.
        wrapping_key_spec = options.get("wrapping_key_spec", DEFAULT_WRAPPING_KEY_SPEC)
        choose_wrapping_algorithm(
            "wrapping_algorithm", options["key_spec"], "", wrapping_key_spec, options["wrapping_algorithm"]
        )


def _region(options: Options) -> None:
    refuse_region(options["region"])
    if "key_id" in options:
        pinned_region((options["key_id"],), options["region"])


_OF_ALL: tuple[_Check, ...] = (
    (("policy",), lambda options: read_policy(options["policy"])),
    (("tags",), lambda options: read_tags(options["tags"])),
    (("replica_regions", "multi_region"), _replicas),
    (("key_spec", "key_usage"), _usage),
    (("wrapping_algorithm", "wrapping_key_spec", "key_spec"), _wrapping),
    (("wait_timeout",), lambda options: refuse_no_time("wait_timeout", options["wait_timeout"])),
    (("rotation_timeout",), lambda options: refuse_no_time("rotation_timeout", options["rotation_timeout"])),
    (EXPIRATION, _expiration),
)
_OF_ONE: tuple[_Check, ...] = (
    (("alias",), lambda options: alias_name(options["alias"])),
    (("key_id",), lambda options: refuse_empty_key(options["key_id"])),
    (("region", "key_id"), _region),
)
