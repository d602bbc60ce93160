# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The target's side of the conversation: reads facts from KMS for the controller, and performs the decided steps.

No plaintext key material reaches the target: it arrives encrypted under KMS's wrapping public key.
"""

from __future__ import annotations

import contextlib
import typing as t
from datetime import datetime

from .._errors import CloudKeysError, Refusal
from .._key.facts import KeyFacts
from .._key.reading import KeyReading, read_if_possible, read_key
from .._key.snapshot import cannot_come_about, differences, snapshot
from .._key.specs import KEY_SPECS, choose_wrapping_algorithm
from .._kms.client import Kms
from .._kms.errors import KmsError
from .._kms.polling import poll
from .._kms.traffic import PatienceExceeded
from .._messages import (
    Action,
    Answer,
    Applied,
    Apply,
    Failure,
    GetParameters,
    GivenParameters,
    Imported,
    Look,
    MacVerdict,
    Parameters,
    Request,
    Seen,
    Step,
    VerifyMac,
    Watch,
    Watched,
    may_download,
)

__all__ = ("answer",)

# Seconds to wait for a list that lags behind. There is no longer wait for an endpoint that never returns the current
# key material.
SETTLING = 10


def answer(kms: Kms, request: Request) -> Answer:
    """The answer to a request about key material.

    :raises Exception: the error from KMS or from the connection to it; see :meth:`.Failure.of`.
    """
    if isinstance(request, Look):
        return _look(kms, request)
    if isinstance(request, GetParameters):
        return _get_parameters(kms, request)
    if isinstance(request, VerifyMac):
        return _verify_mac(kms, request)
    if isinstance(request, Apply):
        return _apply(kms, request)
    return _watch(kms, t.cast(Watch, request))


def _look(kms: Kms, request: Look) -> Seen:
    def read() -> KeyReading:
        return read_key(kms, request.key, request.materials)

    reading = poll(read, lambda one: one.facts.key_state not in ("Creating", "Updating"), request.wait)
    if reading.facts.unsettled:
        reading = poll(read, lambda one: not one.facts.unsettled, min(request.wait, SETTLING))
    public_key, unread = _public_key(kms, reading.facts) if request.public_key else (None, None)
    parameters, failure = None, None
    if may_download(request) and _import_possible(reading.facts) and _import_due(reading, request):
        try:
            parameters = _download(kms, reading.facts, request)
        except PatienceExceeded:
            pass  # The controller requests them separately, as if it had not requested them here.
        except CloudKeysError as error:
            # The controller has more information and decides whether this failure matters.
            failure = Failure.of(error)
    return Seen(reading.facts, reading.now, kms.provenance, public_key, unread, parameters, failure)


def _public_key(kms: Kms, facts: KeyFacts) -> tuple[bytes | None, str | None]:
    """The public key; or the reason why it could not be read."""
    spec = KEY_SPECS.get(facts.key_spec)
    if spec is None or spec.kind not in ("rsa", "ecc") or facts.origin != "EXTERNAL" or not facts.material_present:
        return None, None
    return read_if_possible(lambda: kms.get_public_key(facts.arn))


def _import_possible(facts: KeyFacts) -> bool:
    return facts.origin == "EXTERNAL" and facts.key_state in ("Enabled", "Disabled", "PendingImport")


def _import_due(reading: KeyReading, request: Look) -> bool:
    """Whether the key needs an import even if it holds the right key material.

    This guess saves a visit to the target. The controller decides about the import in :mod:`.plan`.
    """
    present = reading.facts.expiration
    if request.parameters == "always":
        return True
    return present is None or present.past(reading.now) or not request.expiration.satisfied_by(present, reading.now)


def _download(kms: Kms, facts: KeyFacts, request: Look) -> Parameters | None:
    try:
        algorithm = choose_wrapping_algorithm(
            facts.arn, facts.key_spec, facts.region, request.wrapping_key_spec, request.wrapping_algorithm
        )
    except Refusal:
        return None  # The controller also refuses this.
    return _parameters(kms, facts.arn, algorithm, request.wrapping_key_spec)[0]


def _get_parameters(kms: Kms, request: GetParameters) -> GivenParameters:
    parameters, now = _parameters(kms, request.key, request.wrapping_algorithm, request.wrapping_key_spec)
    return GivenParameters(parameters, now, kms.provenance)


def _parameters(kms: Kms, key: str, algorithm: str, wrapping_key_spec: str) -> tuple[Parameters, datetime]:
    given = kms.get_parameters_for_import(key, algorithm, wrapping_key_spec)
    valid_to = given["ParametersValidTo"]
    return Parameters(given["PublicKey"], given["ImportToken"], valid_to, algorithm, wrapping_key_spec), given.now


def _verify_mac(kms: Kms, request: VerifyMac) -> MacVerdict:
    valid, unread = read_if_possible(
        lambda: kms.verify_mac(request.key, request.message, request.mac, request.mac_algorithm)
    )
    return MacVerdict(valid, unread, kms.provenance)


def _apply(kms: Kms, request: Apply) -> Applied:
    reading = read_key(kms, request.key)
    if request.seen is not None and reading.facts != request.seen:
        return Applied(reading.facts, reading.now, kms.provenance, changed=True)
    done: list[Action] = []
    imports: list[Imported] = []
    unconfirmed = failure = None
    shown = False
    finished = 0
    try:
        for step in request.steps:
            _carry_out(kms, request, step, imports)
            finished += 1
            # Complete an operation that has begun.
            kms = kms.with_unlimited_patience()
            if not step.proof:
                done.append(step.action)
        reading, shown = _until_shown(kms, request.key, request.after, request.wait)
    except Exception as error:
        if isinstance(error, PatienceExceeded) and not finished:
            raise
        kms = kms.with_unlimited_patience()
        failure = Failure.of(error)
        failed = request.steps[finished : finished + 1]
        if _uncertain(error):
            unconfirmed = next((step.action for step in failed if not step.proof), None)
        if done or unconfirmed:
            # The earlier facts are no longer true.
            with contextlib.suppress(Exception):
                reading = read_key(kms, request.key)
    return Applied(
        reading.facts,
        reading.now,
        kms.provenance,
        tuple(done),
        unconfirmed,
        tuple(imports),
        failed_step=None if failure is None else finished,
        shown=shown,
        failure=failure,
    )


def _uncertain(error: Exception) -> bool:
    """Whether KMS may have performed the request although this error was raised."""
    return error.uncertain if isinstance(error, KmsError) else not isinstance(error, CloudKeysError)


def _carry_out(kms: Kms, request: Apply, step: Step, imports: list[Imported]) -> None:
    """:param imports: of the steps before; this step appends its own."""
    if step.imports:
        imports.append(_import(kms, request, step, len(imports)))
    elif step.action == "delete":
        named = {"KeyMaterialId": step.key_material_id} if step.key_material_id else {}
        kms.delete_imported_key_material(request.key, **named)
    elif step.action == "rotate":
        kms.rotate_key_on_demand(request.key)
    elif step.action == "enable":
        kms.enable_key(request.key)
    else:
        kms.disable_key(request.key)


def _import(kms: Kms, request: Apply, step: Step, place: int) -> Imported:
    """:param place: among the steps that import."""
    given = (request.encrypted_key_materials, request.import_tokens)
    if step.expiration is None or any(len(values) <= place for values in given):
        raise Refusal(
            f"{request.key}: an import was requested without an expiration, ciphertext or import token. This is a"
            " bug in the collection. Report it."
        )
    parameters = {
        "EncryptedKeyMaterial": request.encrypted_key_materials[place],
        "ImportToken": request.import_tokens[place],
        "ExpirationModel": step.expiration.model,
        "ValidTo": step.expiration.valid_to,
        "ImportType": step.import_type,
        "KeyMaterialId": step.key_material_id,
        "KeyMaterialDescription": step.description,
    }
    sent = {name: value for name, value in parameters.items() if value is not None}
    answered = kms.import_key_material(request.key, **sent)
    return Imported(answered["ResponseMetadata"].get("RequestId"), answered.get("KeyMaterialId"))


def _watch(kms: Kms, request: Watch) -> Watched:
    reading, shown = _until_shown(kms, request.key, request.after, request.wait)
    return Watched(reading.facts, reading.now, kms.provenance, shown)


def _until_shown(kms: Kms, key: str, after: t.Mapping[str, t.Any], wait: int | None) -> tuple[KeyReading, bool]:
    """:param wait: seconds; None to read once.
    :returns: the last reading, and whether it has the expected state.
    """

    def read() -> KeyReading:
        return read_key(kms, key)

    def as_wanted(reading: KeyReading) -> bool:
        return not differences(snapshot(reading.facts), after)

    settling = min(wait or 0, SETTLING)
    reading = poll(
        read, lambda one: cannot_come_about(one.facts, after) or (as_wanted(one) and not one.facts.unsettled), settling
    )
    if not as_wanted(reading) and not cannot_come_about(reading.facts, after) and (wait or 0) > settling:
        reading = poll(read, lambda one: cannot_come_about(one.facts, after) or as_wanted(one), (wait or 0) - settling)
    return reading, as_wanted(reading)
