# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the AWS KMS Developer Guide, "Encrypt key material", run unchanged."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from support.external_key import ExternalKey
from support.materials import HMAC_SHORTEST

from .answers import invalid_ciphertext

if TYPE_CHECKING:
    from pathlib import Path

OAEP_SHA_256 = """
openssl pkeyutl -encrypt -in PlaintextKeyMaterial.bin -out EncryptedKeyMaterial.bin
  -inkey WrappingPublicKey.bin -keyform DER -pubin
  -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256
"""
OAEP_SHA_1 = OAEP_SHA_256.replace("sha256", "sha1")
OAEP_BY_DEFAULT = OAEP_SHA_256.replace(" -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256", "")

RSA_AES_SHA_256 = (
    """
    openssl rand -out aes-key.bin 32
    """,
    """
    openssl enc -id-aes256-wrap-pad -K "$(od -An -v -tx1 < aes-key.bin | tr -d ' \\n')" -iv A65959A6
      -in PlaintextKeyMaterial.bin -out key-material-wrapped.bin
    """,
    """
    openssl pkeyutl -encrypt -in aes-key.bin -out aes-key-wrapped.bin
      -inkey WrappingPublicKey.bin -keyform DER -pubin
      -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256
    """,
    """
    cat aes-key-wrapped.bin key-material-wrapped.bin > EncryptedKeyMaterial.bin
    """,
)
RSA_AES_SHA_1 = tuple(
    command.replace("sha256 ", "sha1 ").replace("md:sha256", "md:sha1") for command in RSA_AES_SHA_256
)


def run(folder: Path, *commands: str) -> None:
    for command in commands:
        subprocess.run(" ".join(command.split("\n")), cwd=folder, shell=True, check=True, capture_output=True)


def import_with(folder: Path, key: ExternalKey, parameters: dict[str, Any], *commands: str) -> None:
    (folder / "WrappingPublicKey.bin").write_bytes(parameters["PublicKey"])
    run(folder, *commands)
    key.put_encrypted((folder / "EncryptedKeyMaterial.bin").read_bytes(), parameters)


@pytest.mark.parametrize(
    ("algorithm", "command"), [("RSAES_OAEP_SHA_256", OAEP_SHA_256), ("RSAES_OAEP_SHA_1", OAEP_SHA_1)]
)
@pytest.mark.parametrize("wrapping_key_spec", ["RSA_2048", "RSA_4096"])
def test_symmetric_material_from_openssl(
    kms: Any, tmp_path: Path, algorithm: str, command: str, wrapping_key_spec: str
) -> None:
    """Documented: Encrypt key material, RSAES_OAEP."""
    key = ExternalKey.create(kms)
    run(tmp_path, "openssl rand -out PlaintextKeyMaterial.bin 32")
    import_with(tmp_path, key, key.parameters(algorithm, wrapping_key_spec), command)
    assert key.state == "Enabled"


@pytest.mark.parametrize(("spec", "length"), HMAC_SHORTEST.items())
def test_hmac_material_from_openssl(kms: Any, tmp_path: Path, spec: str, length: int) -> None:
    """Documented: Encrypt key material, RSAES_OAEP."""
    key = ExternalKey.create(kms, spec)
    run(tmp_path, f"openssl rand -out PlaintextKeyMaterial.bin {length}")
    import_with(tmp_path, key, key.parameters("RSAES_OAEP_SHA_256", "RSA_4096"), OAEP_SHA_256)
    assert key.state == "Enabled"


def test_openssl_hashes_with_sha_1_when_not_told_otherwise(kms: Any, tmp_path: Path) -> None:
    """Documented: re:Post on InvalidCiphertextException."""
    key = ExternalKey.create(kms)
    run(tmp_path, "openssl rand -out PlaintextKeyMaterial.bin 32")
    with invalid_ciphertext():
        import_with(tmp_path, key, key.parameters("RSAES_OAEP_SHA_256", "RSA_4096"), OAEP_BY_DEFAULT)
    import_with(tmp_path, key, key.parameters("RSAES_OAEP_SHA_1", "RSA_4096"), OAEP_BY_DEFAULT)
    assert key.state == "Enabled"


@pytest.mark.parametrize(
    ("algorithm", "commands"),
    [("RSA_AES_KEY_WRAP_SHA_256", RSA_AES_SHA_256), ("RSA_AES_KEY_WRAP_SHA_1", RSA_AES_SHA_1)],
)
@pytest.mark.parametrize(
    ("spec", "generate"),
    [
        ("RSA_2048", "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
        ("ECC_NIST_P256", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
        ("ECC_NIST_P521", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521"),
        ("ECC_SECG_P256K1", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1"),
        ("ECC_NIST_EDWARDS25519", "openssl genpkey -algorithm ED25519"),
    ],
)
def test_private_keys_from_openssl(
    kms: Any, tmp_path: Path, spec: str, generate: str, algorithm: str, commands: tuple[str, ...]
) -> None:
    """Documented: Encrypt key material, RSA_AES_KEY_WRAP. GetPublicKey and ``openssl pkey -pubout`` return the same."""
    key = ExternalKey.create(kms, spec)
    run(
        tmp_path,
        f"{generate} | openssl pkcs8 -topk8 -outform der -nocrypt > PlaintextKeyMaterial.bin",
        "openssl pkey -inform der -in PlaintextKeyMaterial.bin -pubout -outform der -out PublicKey.bin",
    )
    import_with(tmp_path, key, key.parameters(algorithm, "RSA_4096"), *commands)
    assert kms.get_public_key(KeyId=key.arn)["PublicKey"] == (tmp_path / "PublicKey.bin").read_bytes()
