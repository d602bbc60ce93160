# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""``kms_key_proof``: make a value that only this key can make, and later verify it with the same key."""

from __future__ import annotations

import base64
import os
import typing as t
from datetime import datetime

from .._errors import CloudKeysError, Refusal
from .._key.reading import read_key
from .._kms.client import Kms, KmsAnswer
from .._kms.errors import KmsError
from .scheme import Kind, Scheme, scheme_for

__all__ = ("Proof", "prove", "proof_from_options")

MESSAGE_BYTES = 32
# KMS is not used to sign or encrypt a message with this prefix for other purposes, so a proof cannot be confused with
# other data.
PREFIX = b"cloudkeys.aws/proof/v1:"


class Proof(t.NamedTuple):
    """A value, made from a random message, that only one key can make.

    :ivar content: the ciphertext, signature, MAC, or public key (SubjectPublicKeyInfo, DER).
    :ivar at: KMS's time when it was made or verified.
    :ivar key_material_id: the key material that was used; None if KMS does not report it.
    """

    kind: Kind
    algorithm: str | None
    message: bytes
    content: bytes
    at: datetime | None = None
    key_material_id: str | None = None


def prove(kms: Kms, key: str, earlier: Proof | None) -> tuple[str, Proof]:
    """Verify *earlier*, and always make and verify a new proof, to show that both directions work.

    :returns: the key ARN, and the new proof.
    :raises CloudKeysError: the earlier proof was not made by this key.
    :raises Refusal: the key is not usable, or the earlier proof belongs to another kind of key.
    :raises KmsError: KMS rejected a request.
    """
    reading = read_key(kms, key, with_materials=False)
    facts = reading.facts
    scheme = scheme_for(facts)
    if earlier is not None:
        if (earlier.kind, earlier.algorithm) != tuple(scheme):
            raise CloudKeysError(
                f"{facts.arn}: the proof is a {earlier.kind} ({earlier.algorithm}), but this key makes a"
                f" {scheme.kind} ({scheme.algorithm}). The proof was made by another key. Give the proof of this key."
            )
        _verify(kms, facts.arn, earlier)
    new = _make(kms, facts.arn, scheme, PREFIX + os.urandom(MESSAGE_BYTES), reading.now)
    return facts.arn, _verify(kms, facts.arn, new)


def _make(kms: Kms, arn: str, scheme: Scheme, message: bytes, now: datetime) -> Proof:
    if scheme.kind == "public_key":
        return Proof(scheme.kind, None, b"", kms.get_public_key(arn), now)
    answer, member = _MAKERS[scheme.kind](kms, arn, str(scheme.algorithm), message)
    return Proof(scheme.kind, scheme.algorithm, message, answer[member], answer.now)


def _encrypt(kms: Kms, arn: str, algorithm: str, message: bytes) -> tuple[KmsAnswer, str]:
    return kms.use("Encrypt", arn, Plaintext=message, EncryptionAlgorithm=algorithm), "CiphertextBlob"


def _sign(kms: Kms, arn: str, algorithm: str, message: bytes) -> tuple[KmsAnswer, str]:
    return kms.use("Sign", arn, Message=message, MessageType="RAW", SigningAlgorithm=algorithm), "Signature"


def _generate_mac(kms: Kms, arn: str, algorithm: str, message: bytes) -> tuple[KmsAnswer, str]:
    return kms.use("GenerateMac", arn, Message=message, MacAlgorithm=algorithm), "Mac"


_MAKERS: dict[Kind, t.Callable[[Kms, str, str, bytes], tuple[KmsAnswer, str]]] = {
    "ciphertext": _encrypt,
    "signature": _sign,
    "mac": _generate_mac,
}
_REFUSED = (
    "IncorrectKeyException", "InvalidCiphertextException", "KMSInvalidMacException", "KMSInvalidSignatureException",
)  # fmt: skip


def _verify(kms: Kms, arn: str, proof: Proof) -> Proof:
    """:returns: the proof with KMS's time and, if KMS reports it, the key material that was used.
    :raises CloudKeysError: it was not made by this key.
    """
    try:
        verified = _ask(kms, arn, proof)
    except KmsError as error:
        if error.code not in _REFUSED:
            raise
        verified = None
    if verified is None:
        raise CloudKeysError(
            f"{arn} did not make this {proof.kind.replace('_', ' ')}, or not for this message: the key is not the"
            " same as when the proof was made."
        )
    return verified


def _ask(kms: Kms, arn: str, proof: Proof) -> Proof | None:
    if proof.kind == "public_key":
        return proof if kms.get_public_key(arn) == proof.content else None
    if proof.kind == "ciphertext":
        answer = kms.use("Decrypt", arn, CiphertextBlob=proof.content, EncryptionAlgorithm=proof.algorithm)
        if answer["Plaintext"] != proof.message:
            return None
        return proof._replace(at=answer.now, key_material_id=answer.get("KeyMaterialId"))
    if proof.kind == "signature":
        answer = kms.use(
            "Verify",
            arn,
            Message=proof.message,
            MessageType="RAW",
            Signature=proof.content,
            SigningAlgorithm=proof.algorithm,
        )
        return proof._replace(at=answer.now) if answer["SignatureValid"] else None
    answer = kms.use("VerifyMac", arn, Message=proof.message, Mac=proof.content, MacAlgorithm=proof.algorithm)
    return proof._replace(at=answer.now) if answer["MacValid"] else None


def proof_from_options(options: t.Mapping[str, t.Any]) -> Proof:
    """:param options: the value that an earlier task returned as ``proof``.
    :raises Refusal: this module did not return it.
    """
    message, content = (_decoded(options, name) for name in ("random_message", "content"))
    return Proof(options["kind"], options["algorithm"], message, content)


def _decoded(options: t.Mapping[str, t.Any], name: str) -> bytes:
    """:raises Refusal: it is not base64."""
    try:
        return base64.b64decode(options[name] or "", validate=True)
    except ValueError:
        raise Refusal(f"proof.{name} is not base64. Give the proof that an earlier task returned.") from None
