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
import time
import typing as t

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError, KmsError
from ansible_collections.cloudkeys.aws.plugins.module_utils._expiration import ExpirationError, format_time
from ansible_collections.cloudkeys.aws.plugins.module_utils._facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._key_specs import (
    KEY_SPECS,
    default_wrapping_algorithm,
    refuse_wrapping,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms import Kms
from ansible_collections.cloudkeys.aws.plugins.module_utils._match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._plan import (
    Refusal,
    Step,
    make_plan,
    snapshot,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._wanted import Wanted

__all__ = ("apply", "look", "read_facts", "verify_mac")

# Codes that say "you will not learn this": the run goes on without the proof.
UNREADABLE = (
    "AccessDenied",
    "AccessDeniedException",
    "DisabledException",
    "KMSInvalidStateException",
    "UnknownOperationException",
    "UnsupportedOperationException",
)
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0


def read_facts(kms: Kms, key: str) -> KeyFacts:
    """DescribeKey and, for a symmetric key with imported material, ListKeyRotations.

    :param key: a key id, key ARN, alias name or alias ARN.
    :raises KmsError: the key cannot be described. A list of materials that cannot be read is a fact of its own.
    """
    metadata = kms.describe_key(key)
    rotations, unread = None, None
    if metadata.get("Origin") == "EXTERNAL" and metadata.get("KeySpec") == "SYMMETRIC_DEFAULT":
        try:
            # Only DescribeKey takes an alias.
            rotations = kms.list_key_materials(metadata["Arn"])
        except KmsError as error:
            if error.code not in UNREADABLE:
                raise
            unread = _clause(error)
    return KeyFacts.from_kms(metadata, rotations, unread)


def look(
    kms: Kms,
    key: str,
    *,
    wanted: Wanted,
    compare: bool,
    parameters: str,
    wrapping_algorithm: t.Optional[str],
    wrapping_key_spec: str,
    wait_timeout: int,
) -> t.Dict[str, t.Any]:
    """The facts, the public key to compare with, and import parameters if an import is due.

    :param compare: whether the controller has material to compare with the key's.
    :param parameters: ``never``; ``due``: when the facts alone call for an import; ``always``.
    :param wait_timeout: seconds to wait for a key in Creating or Updating.
    """
    deadline = time.monotonic() + wait_timeout
    facts = read_facts(kms, key)
    pause = FIRST_PAUSE
    while facts.key_state in ("Creating", "Updating") and time.monotonic() + pause < deadline:
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
        facts = read_facts(kms, key)
    seen: t.Dict[str, t.Any] = {"facts": facts.to_json(), "now": format_time(kms.now)}
    if compare and facts.origin == "EXTERNAL" and facts.material_present:
        seen.update(_public_key(kms, facts))
    if parameters == "always" or (parameters == "due" and _import_due(kms, facts, wanted)):
        seen["parameters"] = _import_parameters(kms, facts, wrapping_algorithm, wrapping_key_spec)
    return seen


def _public_key(kms: Kms, facts: KeyFacts) -> t.Dict[str, t.Any]:
    spec = KEY_SPECS.get(facts.key_spec)
    if spec is None or spec.kind not in ("rsa", "ecc"):
        return {}
    try:
        return {"public_key": _base64(kms.get_public_key(facts.arn))}
    except KmsError as error:
        if error.code not in UNREADABLE:
            raise
        return {"proof_unread": _clause(error)}


def _import_due(kms: Kms, facts: KeyFacts, wanted: Wanted) -> bool:
    """Whether even the best news of the controller, that the material is the same, leaves an import to be done."""
    try:
        return make_plan(facts, wanted, Match("same"), kms.now).import_step is not None
    except (Refusal, ExpirationError):
        return False  # The controller, which knows more, makes the refusal's sentence.


def _import_parameters(
    kms: Kms, facts: KeyFacts, wrapping_algorithm: t.Optional[str], wrapping_key_spec: str
) -> t.Optional[t.Dict[str, t.Any]]:
    algorithm = wrapping_algorithm or default_wrapping_algorithm(facts.key_spec)
    if refuse_wrapping(facts.key_spec, algorithm, wrapping_key_spec, facts.region):
        return None  # Likewise: the controller has the sentence.
    answer = kms.get_parameters_for_import(facts.arn, algorithm, wrapping_key_spec)
    return {
        "wrapping_public_key": _base64(answer["PublicKey"]),
        "import_token": _base64(answer["ImportToken"]),
        "parameters_valid_to": format_time(answer["ParametersValidTo"]),
        "wrapping_algorithm": algorithm,
        "wrapping_key_spec": wrapping_key_spec,
    }


def verify_mac(kms: Kms, key: str, *, message: bytes, mac: bytes, algorithm: str) -> t.Dict[str, t.Any]:
    try:
        return {"mac_valid": kms.verify_mac(key, message, mac, algorithm)}
    except KmsError as error:
        if error.code not in UNREADABLE:
            raise
        return {"proof_unread": _clause(error)}


def apply(
    kms: Kms,
    key: str,
    *,
    seen: KeyFacts,
    steps: t.Sequence[Step],
    after: t.Mapping[str, t.Any],
    encrypted_key_material: t.Optional[bytes],
    import_token: t.Optional[bytes],
    wait_timeout: t.Optional[int],
    progress: t.Dict[str, t.Any],
) -> None:
    """Carries out *steps* if the key is still as *seen*, and waits until KMS shows *after*.

    :param wait_timeout: seconds; None not to wait.
    :param progress: filled as things get done, so that it is true at any moment, also when an error ends the visit.
    """
    facts = read_facts(kms, key)
    progress.update(facts=facts.to_json(), now=format_time(kms.now), done=[])
    if facts != seen:
        progress["facts_changed"] = True
        return
    for step in steps:
        if step.action in ("import", "reimport"):
            progress["import"] = _import(kms, key, step, encrypted_key_material, import_token)
        elif step.action == "delete":
            named = {"KeyMaterialId": step.key_material_id} if step.key_material_id else {}
            kms.delete_imported_key_material(key, **named)
        elif step.action == "enable":
            kms.enable_key(key)
        else:
            kms.disable_key(key)
        if not step.proof:
            progress["done"].append(step.action)
    facts = _wait_until_shown(kms, key, after, wait_timeout, progress)
    progress.update(facts=facts.to_json(), now=format_time(kms.now))


def _import(
    kms: Kms, key: str, step: Step, encrypted_key_material: t.Optional[bytes], import_token: t.Optional[bytes]
) -> t.Dict[str, t.Any]:
    if step.expiration is None or not encrypted_key_material or not import_token:
        raise CloudKeysError(f"{key}: an import was asked for without an expiration, ciphertext or import token.")
    parameters: t.Dict[str, t.Any] = {
        "EncryptedKeyMaterial": encrypted_key_material,
        "ImportToken": import_token,
        "ExpirationModel": step.expiration.model,
    }
    if step.expiration.valid_to is not None:
        parameters["ValidTo"] = step.expiration.valid_to
    for name, value in (
        ("ImportType", step.import_type),
        ("KeyMaterialId", step.key_material_id),
        ("KeyMaterialDescription", step.description),
    ):
        if value is not None:
            parameters[name] = value
    answer = kms.import_key_material(key, **parameters)
    return {
        "request_id": answer["ResponseMetadata"].get("RequestId"),
        "key_material_id": answer.get("KeyMaterialId"),
    }


def _wait_until_shown(
    kms: Kms, key: str, after: t.Mapping[str, t.Any], wait_timeout: t.Optional[int], progress: t.Dict[str, t.Any]
) -> KeyFacts:
    deadline = time.monotonic() + (wait_timeout or 0)
    pause = FIRST_PAUSE
    while True:
        facts = read_facts(kms, key)
        shown = snapshot(facts)
        if wait_timeout is None or all(shown.get(name) == value for name, value in after.items()):
            return facts
        if time.monotonic() + pause >= deadline:
            progress.update(facts=facts.to_json(), now=format_time(kms.now))
            raise CloudKeysError(_sentence_not_shown(facts, shown, after, wait_timeout))
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _sentence_not_shown(
    facts: KeyFacts, shown: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any], wait_timeout: int
) -> str:
    differences = ", ".join(
        f"{name} {shown.get(name)} instead of {value}" for name, value in after.items() if shown.get(name) != value
    )
    if facts.materials_unread and set(after) and shown.get("key_state") == after.get("key_state"):
        return (
            f"{facts.arn}: KMS accepted the change, and after {wait_timeout} s DescribeKey shows {differences}."
            " DescribeKey shows the earliest expiration of all key materials of a key, and the list of them cannot be"
            f" read ({facts.materials_unread}). Allow kms:ListKeyRotations; repeating the import would change nothing."
        )
    return (
        f"{facts.arn}: KMS accepted the change, and after {wait_timeout} s it still shows {differences}. KMS shows"
        " changes after some seconds, in rare cases minutes: run again, which looks first, or set a longer wait_timeout."
    )


def _clause(error: KmsError) -> str:
    """Why something could not be read, to stand after a colon or in parentheses."""
    own_words = f": {error.message}" if error.message else ""
    if error.code in ("AccessDenied", "AccessDeniedException"):
        return f"kms:{error.operation} is denied"
    return f"KMS answers {error.operation} with {error.code}{own_words}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
