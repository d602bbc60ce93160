# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What the target does for one key in one visit: look at it, let KMS compare a MAC, or carry out a plan.

The controller decides; here KMS is asked and told. Nothing in plain comes this way: key material arrives encrypted
under KMS's wrapping public key.
"""

from __future__ import annotations

import base64
import contextlib
import time
import typing as t

from .._errors import CloudKeysError, Refusal
from .._import_parameters.download import parameters_of
from .._json import from_json, to_json
from .._key.expiration import ExpirationError, format_time
from .._key.facts import KeyFacts
from .._key.reading import KeyReading, read_if_possible, read_key
from .._key.snapshot import snapshot
from .._key.specs import (
    KEY_SPECS,
    choose_wrapping_algorithm,
)
from .._kms.client import Kms
from .._kms.errors import KmsError
from .._kms.polling import FIRST_PAUSE, LONGEST_PAUSE, poll
from .match import Match
from .plan import Step, explain_missing, make_plan
from .wanted import Wanted

__all__ = ("endpoint_of", "visit_key")

# Seconds for a list that is behind: an endpoint that never shows the current key material is not waited for.
SETTLING = 10


def visit_key(
    kms: Kms,
    visit: str,
    key: str,
    request: t.Mapping[str, t.Any],
    secrets: t.Mapping[str, bytes],
    answer: dict[str, t.Any],
) -> None:
    """Does what the controller asks for one key.

    :param visit: ``look``, ``verify_mac`` or ``apply``.
    :param answer: filled as things get done, so that it is true at any moment, also when an error ends the visit.
    :raises CloudKeysError: a sentence for the user.
    """
    if visit == "look":
        _look(kms, key, answer, Wanted.from_json(request["wanted"]), request)
    elif visit == "verify_mac":
        _verify_mac(kms, key, answer, base64.b64decode(request["message"]), secrets["mac"], request["mac_algorithm"])
    else:
        _apply(kms, key, answer, request, secrets)


def _look(kms: Kms, key: str, answer: dict[str, t.Any], wanted: Wanted, request: t.Mapping[str, t.Any]) -> None:
    """The facts, the public key to compare with, and import parameters if an import is due.

    Of *request*: ``compare``, whether the controller has material to compare with the key's; ``parameters``, ``never``,
    ``due`` (when the facts alone call for an import) or ``always``; ``wait_timeout``, seconds to wait for a key in
    Creating or Updating.
    """
    wait = request["wait_timeout"]
    reading = poll(
        lambda: read_key(kms, key), lambda shown: shown.facts.key_state not in ("Creating", "Updating"), wait
    )
    if reading.facts.unsettled:
        reading = poll(lambda: read_key(kms, key), lambda shown: not shown.facts.unsettled, min(SETTLING, wait))
    facts = _tell(answer, reading)
    if request["compare"] and facts.origin == "EXTERNAL" and facts.material_present:
        answer.update(_public_key(kms, facts))
    if request["parameters"] == "always" or (request["parameters"] == "due" and _import_due(reading, wanted)):
        answer["parameters"] = _import_parameters(
            kms, facts, request["wrapping_algorithm"], request["wrapping_key_spec"]
        )


def _public_key(kms: Kms, facts: KeyFacts) -> dict[str, t.Any]:
    spec = KEY_SPECS.get(facts.key_spec)
    if spec is None or spec.kind not in ("rsa", "ecc"):
        return {}
    public_key, unread = read_if_possible(lambda: kms.get_public_key(facts.arn))
    return {"proof_unread": unread} if public_key is None else {"public_key": _base64(public_key)}


def _tell(answer: dict[str, t.Any], reading: KeyReading) -> KeyFacts:
    answer.update(facts=to_json(reading.facts), now=format_time(reading.now))
    return reading.facts


def _import_due(reading: KeyReading, wanted: Wanted) -> bool:
    """Whether even the best news of the controller, that the material is the same, leaves an import to be done."""
    try:
        return make_plan(reading.facts, wanted, Match("same"), reading.now).import_step is not None
    except (Refusal, ExpirationError):
        return False  # The controller, which knows more, makes the refusal's sentence.


def _import_parameters(
    kms: Kms, facts: KeyFacts, wrapping_algorithm: str | None, wrapping_key_spec: str
) -> dict[str, t.Any] | None:
    try:
        algorithm = choose_wrapping_algorithm(
            facts.arn, facts.key_spec, facts.region, wrapping_key_spec, wrapping_algorithm
        )
    except Refusal:
        return None  # Likewise: the controller has the sentence.
    given = kms.get_parameters_for_import(facts.arn, algorithm, wrapping_key_spec)
    return parameters_of(given, algorithm, wrapping_key_spec)


def _verify_mac(kms: Kms, key: str, answer: dict[str, t.Any], message: bytes, mac: bytes, algorithm: str) -> None:
    valid, unread = read_if_possible(lambda: kms.verify_mac(key, message, mac, algorithm))
    answer.update({"proof_unread": unread} if valid is None else {"mac_valid": valid})


def _apply(
    kms: Kms,
    key: str,
    answer: dict[str, t.Any],
    request: t.Mapping[str, t.Any],
    secrets: t.Mapping[str, bytes],
) -> None:
    """Carries out the steps if the key is still as the controller saw it, and waits until KMS shows what is to be.

    Of *request*: ``seen``, the facts behind the decision; ``steps``; ``after``, what KMS is to show; ``wait_timeout``,
    seconds, or None not to wait.
    """
    facts = _tell(answer, read_key(kms, key))
    answer["done"] = []
    if facts != from_json(KeyFacts, request["seen"]):
        answer["facts_changed"] = True
        return
    try:
        _carry_out(kms, key, answer, map(Step.from_json, request["steps"]), secrets)
        _wait_until_shown(kms, key, request["after"], request["wait_timeout"], answer)
    except CloudKeysError as error:
        if answer["done"] or (isinstance(error, KmsError) and error.uncertain):
            # The facts from before are no longer true.
            with contextlib.suppress(CloudKeysError):
                _tell(answer, read_key(kms, key))
        raise


def _carry_out(
    kms: Kms, key: str, answer: dict[str, t.Any], steps: t.Iterable[Step], secrets: t.Mapping[str, bytes]
) -> None:
    for step in steps:
        if step.action in ("import", "reimport"):
            answer["import"] = _import(
                kms, key, step, secrets.get("encrypted_key_material"), secrets.get("import_token")
            )
        elif step.action == "delete":
            named = {"KeyMaterialId": step.key_material_id} if step.key_material_id else {}
            kms.delete_imported_key_material(key, **named)
        elif step.action == "enable":
            kms.enable_key(key)
        else:
            kms.disable_key(key)
        if not step.proof:
            answer["done"].append(step.action)


def _import(
    kms: Kms, key: str, step: Step, encrypted_key_material: bytes | None, import_token: bytes | None
) -> dict[str, t.Any]:
    if step.expiration is None or not encrypted_key_material or not import_token:
        raise CloudKeysError(f"{key}: an import was asked for without an expiration, ciphertext or import token.")
    parameters = {
        "EncryptedKeyMaterial": encrypted_key_material,
        "ImportToken": import_token,
        "ExpirationModel": step.expiration.model,
        "ValidTo": step.expiration.valid_to,
        "ImportType": step.import_type,
        "KeyMaterialId": step.key_material_id,
        "KeyMaterialDescription": step.description,
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    answer = kms.import_key_material(key, **given)
    return {
        "request_id": answer["ResponseMetadata"].get("RequestId"),
        "key_material_id": answer.get("KeyMaterialId"),
    }


def _wait_until_shown(
    kms: Kms, key: str, after: t.Mapping[str, t.Any], wait_timeout: int | None, answer: dict[str, t.Any]
) -> None:
    began = time.monotonic()
    deadline = began + (wait_timeout or 0)
    pause = FIRST_PAUSE
    while True:
        facts = _tell(answer, read_key(kms, key))
        shown = snapshot(facts)
        settled = not facts.unsettled or time.monotonic() + pause >= min(deadline, began + SETTLING)
        if wait_timeout is None or (settled and not _differences(shown, after)):
            return
        others = [one for one in facts.missing_materials if one.key_material_id != facts.current_key_material_id]
        if others and after["key_state"] != "PendingImport":
            # Lost meanwhile. It does not come back by waiting.
            raise CloudKeysError(explain_missing(facts, others))
        if time.monotonic() + pause >= deadline:
            raise CloudKeysError(_sentence_not_shown(facts, shown, after, wait_timeout))
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _differences(shown: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> list[str]:
    """What is not yet as it is to be. A field that cannot be read of the key is in neither, or no longer in *shown*."""
    return [
        f"{name} {shown[name]} instead of {value}"
        for name, value in after.items()
        if name in shown and shown[name] != value
    ]


def _sentence_not_shown(
    facts: KeyFacts, shown: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any], wait_timeout: int
) -> str:
    differences = ", ".join(_differences(shown, after))
    if facts.materials_unread and facts.current_key_material_id:
        return (
            f"{facts.arn}: KMS accepted the change, and after {wait_timeout} s DescribeKey shows {differences}."
            " DescribeKey shows the earliest expiration of all key materials of a key, and PendingImport while any of"
            f" them is missing; the list of them cannot be read ({facts.materials_unread}). Repeating the"
            " import would change nothing."
        )
    return (
        f"{facts.arn}: KMS accepted the change, and after {wait_timeout} s it still shows {differences}. KMS shows"
        " changes after seconds, in rare cases minutes: run again, which looks first, or set a longer wait_timeout."
    )


def endpoint_of(kms: Kms) -> dict[str, t.Any]:
    """How the answers came, but for Ansible's connection, which the target does not know."""
    return {name: value for name, value in to_json(kms.provenance).items() if name != "connection"}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
