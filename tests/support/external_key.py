# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS key with origin EXTERNAL, and the calls that most tests make on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .materials import ED25519, RSA_BITS, SYMMETRIC, USAGES, new_material
from .wrapping import wrap

if TYPE_CHECKING:
    from datetime import datetime

Answer = dict[str, Any]


class ExternalKey:
    """One key in one Region. The object stores only its name, its spec, and the material of the last import."""

    def __init__(self, kms: Any, metadata: Answer) -> None:
        self.kms = kms
        self.arn: str = metadata["Arn"]
        self.id: str = metadata["KeyId"]
        self.spec: str = metadata["KeySpec"]
        self.material: bytes = b""

    @classmethod
    def create(cls, kms: Any, spec: str = SYMMETRIC, usage: str | None = None, **request: Any) -> ExternalKey:
        created = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage or USAGES[spec][0], **request)
        return cls(kms, created["KeyMetadata"])

    @classmethod
    def imported(cls, kms: Any, spec: str = SYMMETRIC, usage: str | None = None, **request: Any) -> ExternalKey:
        """Create a key that is Enabled, with material that does not expire."""
        key = cls.create(kms, spec, usage, **request)
        key.put(new_material(spec))
        return key

    def describe(self) -> Answer:
        metadata: Answer = self.kms.describe_key(KeyId=self.arn)["KeyMetadata"]
        return metadata

    @property
    def state(self) -> str:
        return str(self.describe()["KeyState"])

    @property
    def current_id(self) -> str:
        return str(self.describe()["CurrentKeyMaterialId"])

    def history(self) -> list[Answer]:
        """The entries of ListKeyRotations for all material, oldest first."""
        answer = self.kms.list_key_rotations(KeyId=self.arn, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        entries: list[Answer] = answer["Rotations"]
        return entries

    def entry(self, material_id: str) -> Answer:
        return next(entry for entry in self.history() if entry["KeyMaterialId"] == material_id)

    def states(self) -> list[tuple[str, str]]:
        """(KeyMaterialState, ImportState) of all material, oldest first."""
        return [(entry["KeyMaterialState"], entry["ImportState"]) for entry in self.history()]

    def wrapping(self) -> tuple[str, str]:
        """The smallest wrapping key spec that KMS allows for this spec, because it is the fastest, and
        its algorithm.
        """
        if self.spec in RSA_BITS:
            return "RSA_AES_KEY_WRAP_SHA_256", "RSA_2048"
        if self.spec in ("ECC_NIST_P521", ED25519):
            return "RSAES_OAEP_SHA_256", "RSA_3072"
        return "RSAES_OAEP_SHA_256", "RSA_2048"

    def parameters(self, algorithm: str | None = None, wrapping_key_spec: str | None = None) -> Answer:
        """Call GetParametersForImport. The algorithm is added to the answer."""
        default_algorithm, default_spec = self.wrapping()
        algorithm = algorithm or default_algorithm
        answer: Answer = self.kms.get_parameters_for_import(
            KeyId=self.arn, WrappingAlgorithm=algorithm, WrappingKeySpec=wrapping_key_spec or default_spec
        )
        return answer | {"algorithm": algorithm}

    def send(self, ciphertext: bytes, token: bytes, **request: Any) -> Answer:
        """Call ImportKeyMaterial with exactly these inputs."""
        answer: Answer = self.kms.import_key_material(
            KeyId=self.arn, EncryptedKeyMaterial=ciphertext, ImportToken=token, **request
        )
        return answer

    def put(
        self, material: bytes, valid_to: datetime | None = None, *, parameters: Answer | None = None, **request: Any
    ) -> Answer:
        """Wrap and import material. Without ``valid_to``, it does not expire."""
        used = parameters or self.parameters()
        request |= (
            {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": valid_to}
            if valid_to
            else {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
        )
        answer = self.send(wrap(used["algorithm"], used["PublicKey"], material), used["ImportToken"], **request)
        self.material = material
        return answer

    def put_encrypted(self, ciphertext: bytes, parameters: Answer) -> Answer:
        """Import this ciphertext without an expiration."""
        return self.send(ciphertext, parameters["ImportToken"], ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")

    def stage(self, material: bytes | None = None, valid_to: datetime | None = None, **request: Any) -> str:
        """Import as NEW_KEY_MATERIAL. Return the KeyMaterialId, which is now pending rotation."""
        answer = self.put(material or new_material(SYMMETRIC), valid_to, ImportType="NEW_KEY_MATERIAL", **request)
        return str(answer["KeyMaterialId"])

    def lose_material(self, material_id: str | None = None) -> Answer:
        """Call DeleteImportedKeyMaterial, by default for the current material."""
        named = {"KeyMaterialId": material_id} if material_id else {}
        answer: Answer = self.kms.delete_imported_key_material(KeyId=self.arn, **named)
        return answer
