# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cryptographic operations with imported key material: encryption, MACs, signatures, key agreement."""

from __future__ import annotations

import base64
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from .errors import Refused, invalid, unsupported
from .key import EmulatedKey
from .operations import Answer, Call, operation
from .specs import SYMMETRIC, algorithms
from .unwrapping import is_asymmetric

_MAGIC = b"emulated"
_DATA_KEY_BYTES = {"AES_256": 32, "AES_128": 16}
_HASHES: dict[str, Any] = {
    "1": hashes.SHA1,
    "256": hashes.SHA256,
    "384": hashes.SHA384,
    "512": hashes.SHA512,
}


def _used(call: Call, usage: str, algorithm: str | None = None, parameter: str = "KeyId") -> EmulatedKey:
    """Return the key if its usage and key spec allow the operation. KMS checks the key state first."""
    key = call.key(parameter)
    if key.key_usage != usage:
        raise Refused(
            "InvalidKeyUsageException",
            f"{key.arn} key usage is {key.key_usage} which is not valid for {call.operation}.",
        )
    if algorithm and algorithm not in next(iter(algorithms(key.key_spec, usage).values())):
        raise Refused(
            "InvalidKeyUsageException", f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}."
        )
    return key


def _material(key: EmulatedKey) -> bytes:
    current = key.lineage.current
    if current is None:
        raise Refused("KMSInternalException")
    return key.held[current.id].data


def _private(key: EmulatedKey) -> Any:
    return load_der_private_key(_material(key), None)


def _dry_run(call: Call) -> None:
    if call.request.get("DryRun"):
        raise Refused("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")


def _decoded(call: Call, name: str) -> bytes:
    return base64.b64decode(call.request[name])


@operation("GetPublicKey")
def get_public_key(call: Call) -> Answer:
    key = call.key()
    if not is_asymmetric(key.key_spec):
        raise unsupported(f"{key.arn} is a {key.key_spec} key, which has no public key.")
    public = _private(key).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "KeyId": key.arn,
        "PublicKey": public,
        "CustomerMasterKeySpec": key.key_spec,
        "KeySpec": key.key_spec,
        "KeyUsage": key.key_usage,
        **algorithms(key.key_spec, key.key_usage),
    }


@operation("GenerateMac")
def generate_mac(call: Call) -> Answer:
    algorithm = call.request["MacAlgorithm"]
    key = _used(call, "GENERATE_VERIFY_MAC", algorithm)
    _dry_run(call)
    return {"Mac": _mac(key, algorithm, _decoded(call, "Message")), "MacAlgorithm": algorithm, "KeyId": key.arn}


@operation("VerifyMac")
def verify_mac(call: Call) -> Answer:
    algorithm = call.request["MacAlgorithm"]
    key = _used(call, "GENERATE_VERIFY_MAC", algorithm)
    if not hmac.compare_digest(_mac(key, algorithm, _decoded(call, "Message")), _decoded(call, "Mac")):
        raise Refused("KMSInvalidMacException")
    _dry_run(call)
    return {"MacValid": True, "MacAlgorithm": algorithm, "KeyId": key.arn}


def _mac(key: EmulatedKey, algorithm: str, message: bytes) -> bytes:
    return hmac.digest(_material(key), message, algorithm.replace("HMAC_SHA_", "sha"))


@operation("Sign")
def sign(call: Call) -> Answer:
    algorithm = call.request["SigningAlgorithm"]
    key = _used(call, "SIGN_VERIFY", algorithm)
    _dry_run(call)
    private, message = _private(key), _decoded(call, "Message")
    if isinstance(private, ed25519.Ed25519PrivateKey):
        signature = private.sign(message)
    else:
        signature = private.sign(message, *_scheme(private, algorithm, call.request.get("MessageType")))
    return {"KeyId": key.arn, "Signature": signature, "SigningAlgorithm": algorithm}


@operation("Verify")
def verify(call: Call) -> Answer:
    algorithm = call.request["SigningAlgorithm"]
    key = _used(call, "SIGN_VERIFY", algorithm)
    public, message, signature = _private(key).public_key(), _decoded(call, "Message"), _decoded(call, "Signature")
    try:
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, message)
        else:
            public.verify(signature, message, *_scheme(public, algorithm, call.request.get("MessageType")))
    except InvalidSignature:
        raise Refused("KMSInvalidSignatureException") from None
    _dry_run(call)
    return {"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": algorithm}


def _scheme(key: Any, algorithm: str, message_type: str | None) -> tuple[Any, ...]:
    digest = _HASHES[algorithm.rpartition("_")[2]]()
    hashed = utils.Prehashed(digest) if message_type == "DIGEST" else digest
    if not isinstance(key, (rsa.RSAPrivateKey, rsa.RSAPublicKey)):
        return (ec.ECDSA(hashed),)
    if "PSS" in algorithm:
        return padding.PSS(padding.MGF1(digest), digest.digest_size), hashed
    return padding.PKCS1v15(), hashed


@operation("DeriveSharedSecret")
def derive_shared_secret(call: Call) -> Answer:
    key = _used(call, "KEY_AGREEMENT", call.request["KeyAgreementAlgorithm"])
    try:
        peer = load_der_public_key(_decoded(call, "PublicKey"))
        secret = _private(key).exchange(ec.ECDH(), peer)
    except (TypeError, ValueError):
        raise invalid("The public key does not fit the key.") from None
    _dry_run(call)
    return {"KeyId": key.arn, "SharedSecret": secret, "KeyAgreementAlgorithm": "ECDH", "KeyOrigin": key.origin}


@operation("Encrypt")
def encrypt(call: Call) -> Answer:
    algorithm = call.request.get("EncryptionAlgorithm", SYMMETRIC)
    key = _used(call, "ENCRYPT_DECRYPT", algorithm)
    _dry_run(call)
    blob = _encrypted(key, algorithm, _decoded(call, "Plaintext"), call.request.get("EncryptionContext"))
    return {"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": algorithm}


@operation("Decrypt")
def decrypt(call: Call) -> Answer:
    plaintext, key, material_id = _decrypted(call, "KeyId", "EncryptionAlgorithm", "EncryptionContext")
    _dry_run(call)
    algorithm = call.request.get("EncryptionAlgorithm", SYMMETRIC)
    named = {"KeyMaterialId": material_id} if material_id else {}
    return {"KeyId": key.arn, "Plaintext": plaintext, "EncryptionAlgorithm": algorithm, **named}


@operation("ReEncrypt")
def re_encrypt(call: Call) -> Answer:
    plaintext, source, source_id = _decrypted(
        call, "SourceKeyId", "SourceEncryptionAlgorithm", "SourceEncryptionContext"
    )
    algorithm = call.request.get("DestinationEncryptionAlgorithm", SYMMETRIC)
    destination = _used(call, "ENCRYPT_DECRYPT", algorithm, "DestinationKeyId")
    blob = _encrypted(destination, algorithm, plaintext, call.request.get("DestinationEncryptionContext"))
    _dry_run(call)
    current = destination.lineage.current
    return {
        "CiphertextBlob": blob,
        "SourceKeyId": source.arn,
        "KeyId": destination.arn,
        "SourceEncryptionAlgorithm": call.request.get("SourceEncryptionAlgorithm", SYMMETRIC),
        "DestinationEncryptionAlgorithm": algorithm,
        **({"SourceKeyMaterialId": source_id} if source_id else {}),
        **({"DestinationKeyMaterialId": current.id} if current and destination.symmetric else {}),
    }


@operation("GenerateDataKey")
def generate_data_key(call: Call) -> Answer:
    key = _used(call, "ENCRYPT_DECRYPT", SYMMETRIC)
    _dry_run(call)
    size = call.request.get("NumberOfBytes") or _DATA_KEY_BYTES[call.request["KeySpec"]]
    plaintext = os.urandom(size)
    blob = _encrypted(key, SYMMETRIC, plaintext, call.request.get("EncryptionContext"))
    current = key.lineage.current
    return {
        "CiphertextBlob": blob,
        "Plaintext": plaintext,
        "KeyId": key.arn,
        **({"KeyMaterialId": current.id} if current else {}),
    }


@operation("GenerateDataKeyWithoutPlaintext")
def generate_data_key_without_plaintext(call: Call) -> Answer:
    answer = generate_data_key(call)
    del answer["Plaintext"]
    return answer


def _encrypted(key: EmulatedKey, algorithm: str, plaintext: bytes, context: dict[str, str] | None) -> bytes:
    if algorithm != SYMMETRIC:
        try:
            blob: bytes = _private(key).public_key().encrypt(plaintext, _oaep(algorithm))
        except ValueError:
            raise invalid("The plaintext is too long for the key.") from None
        return blob
    # KMS does not publish its format. This one is the key and the material, then AES-GCM bound to the same data as in
    # KMS.
    current = key.lineage.current
    head = json.dumps({"key": key.id, "material": current.id if current else ""}).encode()
    nonce = os.urandom(12)
    sealed = AESGCM(_material(key)).encrypt(nonce, plaintext, _bound(head, context))
    return _MAGIC + len(head).to_bytes(2, "big") + head + nonce + sealed


def _decrypted(call: Call, key_name: str, algorithm_name: str, context: str) -> tuple[bytes, EmulatedKey, str | None]:
    blob, algorithm = _decoded(call, "CiphertextBlob"), call.request.get(algorithm_name, SYMMETRIC)
    if algorithm != SYMMETRIC:
        key = _used(call, "ENCRYPT_DECRYPT", algorithm, key_name)
        try:
            return _private(key).decrypt(blob, _oaep(algorithm)), key, None
        except ValueError:
            raise Refused("InvalidCiphertextException") from None
    if not blob.startswith(_MAGIC):
        raise Refused("InvalidCiphertextException")
    start = len(_MAGIC) + 2
    end = start + int.from_bytes(blob[start - 2 : start], "big")
    head = blob[start:end]
    said = json.loads(head)
    if key_name in call.request and call.named_key(key_name).id != said["key"]:
        raise Refused(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        )
    named = Call(call.kms, call.operation, {"KeyId": said["key"]})
    key = named.key()
    # The key material is present. Otherwise the key would be PendingImport.
    data = key.held[said["material"]].data
    try:
        plaintext = AESGCM(data).decrypt(
            blob[end : end + 12], blob[end + 12 :], _bound(head, call.request.get(context))
        )
    except InvalidTag:
        raise Refused("InvalidCiphertextException") from None
    return plaintext, key, said["material"]


def _bound(head: bytes, context: dict[str, str] | None) -> bytes:
    return head + json.dumps(context or {}, sort_keys=True).encode()


def _oaep(algorithm: str) -> padding.OAEP:
    digest = _HASHES[algorithm.rpartition("_")[2]]
    return padding.OAEP(padding.MGF1(digest()), digest(), None)
