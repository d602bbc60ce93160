# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial."""

from __future__ import annotations

import base64
import re
from typing import Any

from .errors import Refused, invalid, wrong_origin
from .key import EXPIRES, FOR_EVER, EmulatedKey, Held
from .lineage import Material
from .material_checks import accepted
from .operations import Answer, Call, operation
from .unwrapping import TOKEN_LIFE, Token, allowed, unwrap

LONGEST_BLOB = 6144
_LONGEST_VALIDITY = 365 * 24 * 60 * 60
_DESCRIPTION = re.compile(r"[a-zA-Z0-9:/_\s.-]{0,256}")
# Parameters that only symmetric keys accept, as KMS's error messages name them.
_ROTATION_PARAMETERS = {
    "ImportType": "importType",
    "KeyMaterialId": "keyMaterialId",
    "KeyMaterialDescription": "keyMaterialDescription",
}
NEW = "NEW_KEY_MATERIAL"


def _external_key(call: Call) -> EmulatedKey:
    key = call.named_key()
    if key.origin != "EXTERNAL":
        raise wrong_origin(key.arn, key.origin)
    return call.key()


@operation("GetParametersForImport")
def get_parameters_for_import(call: Call) -> Answer:
    key = _external_key(call)
    algorithm, spec = call.request["WrappingAlgorithm"], call.request["WrappingKeySpec"]
    if not allowed(key.key_spec, algorithm, spec, key.region):
        raise invalid(
            f"Wrapping algorithm {algorithm} and wrapping key spec {spec} cannot be used to import a"
            f" {key.key_spec} key."
        )
    world, now = call.kms.world, call.kms.now
    name = world.wrapping_keys.next(spec)
    token = world.tokens.seal(Token(key.arn, name, algorithm, now + TOKEN_LIFE))
    return {
        "KeyId": key.arn,
        "ImportToken": token,
        "PublicKey": world.wrapping_keys.public(name),
        "ParametersValidTo": round(now + TOKEN_LIFE, 3),
    }


@operation("ImportKeyMaterial")
def import_key_material(call: Call) -> Answer:
    key, request, now = _external_key(call), call.request, call.kms.now
    ciphertext, sealed = (base64.b64decode(request[name]) for name in ("EncryptedKeyMaterial", "ImportToken"))
    if len(ciphertext) > LONGEST_BLOB or len(sealed) > LONGEST_BLOB:
        raise invalid(f"1 validation error detected: a value must have length less than or equal to {LONGEST_BLOB}")
    _check_rotation_parameters(key, request)
    valid_to = _valid_to(request, now)
    world = call.kms.world
    token = world.tokens.open(sealed, key.arn, now)
    data = unwrap(ciphertext, token.algorithm, world.wrapping_keys.private(token.wrapping_key))
    data = accepted(data, key.key_spec, key.region)
    material = _identified(key, data, request)
    key.held[material.id] = Held(data, valid_to)
    key.lately_expired.pop(material.id, None)
    if request.get("KeyMaterialDescription"):
        material.description = request["KeyMaterialDescription"]
    # "When this operation is successful, the state of the KMS key changes to Enabled."
    key.disabled = False
    return {"KeyId": key.arn, **({"KeyMaterialId": material.id} if key.symmetric else {})}


def _check_rotation_parameters(key: EmulatedKey, request: dict[str, Any]) -> None:
    if not key.symmetric:
        for parameter, told in _ROTATION_PARAMETERS.items():
            if parameter in request:
                raise invalid(f"Input parameter {told} cannot be used with {key.key_spec} imported keys.")
    if not _DESCRIPTION.fullmatch(request.get("KeyMaterialDescription", "")):
        raise invalid("1 validation error detected: Value at 'keyMaterialDescription' failed to satisfy constraint")
    new = request.get("ImportType") == NEW
    if new and "KeyMaterialId" in request:
        raise invalid("Input parameter keyMaterialId cannot be used with NEW_KEY_MATERIAL importType.")
    if key.is_replica and new:
        raise invalid("Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys")
    if key.is_replica and request.get("KeyMaterialDescription"):
        raise invalid("Key material description can only be specified on primary Multi-Region keys")


def _valid_to(request: dict[str, Any], now: float) -> int | None:
    model, valid_to = request.get("ExpirationModel", EXPIRES), request.get("ValidTo")
    if model == FOR_EVER:
        if valid_to is not None:
            raise invalid("A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE")
        return None
    if valid_to is None:
        raise invalid("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
    if valid_to <= now:
        raise invalid("ValidTo must be in the future")
    if valid_to - now >= _LONGEST_VALIDITY:
        raise invalid("ValidTo must be less than 365 days in the future")
    return int(valid_to)


def _identified(key: EmulatedKey, data: bytes, request: dict[str, Any]) -> Material:
    """Return the key material. It is added to the key if the key has none yet, or if the request imports new
    material.
    """
    lineage = key.lineage
    material_id = lineage.identify(data)
    if not lineage.materials:
        return lineage.add_first(material_id)
    if request.get("ImportType") == NEW:
        return lineage.stage(material_id, key.arn)
    known = lineage.find(material_id)
    expected = request.get("KeyMaterialId")
    if known is None or (expected and expected != material_id):
        told = expected or (lineage.current.id if lineage.current else "")
        raise Refused(
            "IncorrectKeyMaterialException", f"Imported key material does not have the expected identifier ({told})."
        )
    return known


@operation("DeleteImportedKeyMaterial")
def delete_imported_key_material(call: Call) -> Answer:
    key = _external_key(call)
    lineage, wanted = key.lineage, call.request.get("KeyMaterialId")
    material = lineage.find(wanted) if wanted else lineage.current
    if material is None:
        if wanted:
            raise invalid(f"Key material (id: {wanted}) has never been imported into KMS key {key.arn}.")
        return {"KeyId": key.arn}
    key.held.pop(material.id, None)
    key.lately_expired.pop(material.id, None)
    if not material.associated and not key.is_replica:
        # KMS also removes it from the replicas, and the key forgets it.
        lineage.forget(material)
        for member in key.family.keys.values():
            member.held.pop(material.id, None)
    return {"KeyId": key.arn, **({"KeyMaterialId": material.id} if key.symmetric else {})}
