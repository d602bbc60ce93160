# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Key material prepared for an import: encrypted here under KMS's wrapping public key, or by another tool."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ...module_utils._key.expiration import format_time
from ...module_utils._material.plan import Plan
from ...module_utils._messages import GetParameters, GivenParameters, Parameters
from .._controller.conversations import Conversation, Unanswered, ask_all
from .._cryptography.key_material import KeyMaterial
from .._cryptography.wrapping import public_key_sha256, refuse_other_wrapping, wrap
from .._trust import check_provenance
from .given import Given
from .one_key import OneKey

__all__ = ("Encrypted", "encrypt")

_SUMMARY = ("wrapping_algorithm", "wrapping_key_spec", "wrapping_public_key_sha256", "parameters_valid_to")


@dataclass(frozen=True)
class Encrypted:
    """The values that the imports of a plan send, in their order; empty for a plan without an import.

    :ivar summaries: the result's fields about the encryption of each.
    """

    encrypted_key_materials: tuple[bytes, ...] = field(default=(), repr=False)
    import_tokens: tuple[bytes, ...] = field(default=(), repr=False)
    summaries: tuple[t.Mapping[str, t.Any], ...] = ()


def encrypt(key: OneKey, plan: Plan) -> Conversation[Encrypted]:
    """Encrypt each key material with separate import parameters: those that came with the facts, and new ones.

    :raises Refusal: a wrapping public key may not be KMS's own.
    :raises Unanswered: KMS returned no import parameters.
    """
    given = [key.given[step.place] for step in plan.imports]
    parameters = yield from _download(key, sum(one.material is not None for one in given))
    encrypted = [
        _encrypted(one) if one.material is None else _wrapped(one.material, parameters.pop(0)) for one in given
    ]
    return Encrypted(*zip(*encrypted, strict=True)) if encrypted else Encrypted()


def _download(key: OneKey, number: int) -> Conversation[list[Parameters]]:
    declaration, outcome, seen = key.declaration, key.outcome, key.seen
    if not number:
        return []
    if seen.parameters is None and seen.parameters_failure is not None:
        raise Unanswered(seen.parameters_failure, None)
    algorithm = declaration.wrapping_algorithm_for(seen.facts)
    came = [] if seen.parameters is None else [(seen.parameters, seen.provenance)]
    request = GetParameters(seen.facts.arn, declaration.region, algorithm, declaration.wrapping_key_spec)
    given = yield from ask_all([request] * (number - len(came)), GivenParameters)
    came += [(one.parameters, one.provenance) for one in given]
    for parameters, provenance in came:
        outcome.warn(check_provenance(provenance, declaration.wrapping_key_trust))
        refuse_other_wrapping(
            seen.facts.arn,
            (algorithm, declaration.wrapping_key_spec),
            (parameters.wrapping_algorithm, parameters.wrapping_key_spec),
        )
    # An import token is used for only one import.
    key.last_seen = seen._replace(parameters=None)
    return [parameters for parameters, _provenance in came]


def _wrapped(material: KeyMaterial, parameters: Parameters) -> tuple[bytes, bytes, t.Mapping[str, t.Any]]:
    encrypted = wrap(
        material.data,
        wrapping_public_key=parameters.wrapping_public_key,
        wrapping_algorithm=parameters.wrapping_algorithm,
        wrapping_key_spec=parameters.wrapping_key_spec,
    )
    values = (
        parameters.wrapping_algorithm,
        parameters.wrapping_key_spec,
        public_key_sha256(parameters.wrapping_public_key),
        format_time(parameters.valid_to),
    )
    return encrypted, parameters.import_token, dict(zip(_SUMMARY, values, strict=True))


def _encrypted(given: Given) -> tuple[bytes, bytes, t.Mapping[str, t.Any]]:
    """Key material that was encrypted elsewhere."""
    bundle = given.sources.bundle
    summary = {} if bundle is None else {name: bundle.summary[name] for name in _SUMMARY}
    return given.sources.encrypted_key_material or b"", given.sources.import_token or b"", summary
