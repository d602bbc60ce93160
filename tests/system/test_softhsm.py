# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key material that is made in an HSM and encrypted by it: SoftHSM, over PKCS#11, as far as its mechanisms go.

SoftHSM 2.6 knows RSA-OAEP with SHA-1 alone, and no CKM_RSA_AES_KEY_WRAP; that is put together from its two halves here,
as an HSM's own tool does where the HSM has them apart.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from pkcs11 import MGF, Attribute, KeyType, Mechanism
from pkcs11.util.ec import encode_ecdsa_signature, encode_named_curve_parameters
from pkcs11.util.rsa import decode_rsa_public_key
from support.external_key import ExternalKey

from .on_time import emulator_on_time
from .playbooks import Project

emulator = emulator_on_time
PIN = "2718281828"
LIBRARIES = (
    "usr/lib/softhsm/libsofthsm2.so",
    "usr/lib64/softhsm/libsofthsm.so",
    "opt/homebrew/lib/softhsm/libsofthsm2.so",
)
OAEP_SHA_1 = (Mechanism.SHA_1, MGF.SHA1, None)


def _found(root: Path) -> tuple[Path, str] | None:
    library = next((root / name for name in LIBRARIES if (root / name).exists()), None)
    util = shutil.which("softhsm2-util") or shutil.which("softhsm2-util", path=str(root / "usr" / "bin"))
    return (library, util) if library and util else None


def _softhsm(cache: Path) -> tuple[Path, str]:
    """The library and softhsm2-util: installed, or out of Debian's packages, unpacked in the tests' cache.

    PyPI has no SoftHSM, and a machine with nothing but Python and PyPI must be able to run the tests: there, and only
    there, these are skipped.
    """
    found = _found(Path("/")) or _found(cache)
    if found is None and shutil.which("apt-get") and shutil.which("dpkg"):
        asked = ["apt-get", "download", "-qq", "softhsm2", "libsofthsm2"]
        subprocess.run(asked, cwd=cache, capture_output=True, check=False)
        for package in cache.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package.name, "."], cwd=cache, check=True)
        found = _found(cache)
    if found is None:
        pytest.skip("SoftHSM is not installed on this machine, and apt-get cannot download its package softhsm2")
    return found


@pytest.fixture
def hsm(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A session with an empty token."""
    library, util = _softhsm(request.config.cache.mkdir("softhsm"))
    tokens = tmp_path / "tokens"
    tokens.mkdir()
    settings = tmp_path / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n", "utf-8")
    monkeypatch.setenv("SOFTHSM2_CONF", str(settings))
    labeled = ["--init-token", "--free", "--label", "ceremony", "--pin", PIN, "--so-pin", PIN]
    subprocess.run([util, "--module", str(library), *labeled], check=True, capture_output=True)
    loaded = pkcs11.lib(str(library))
    loaded.reinitialize()
    with loaded.get_token(token_label="ceremony").open(user_pin=PIN, rw=True) as session:
        yield session


class Office:
    """The tasks of the ceremony for one key."""

    def __init__(self, project: Project, key: ExternalKey, algorithm: str) -> None:
        self.project = project
        self.key = key
        self.algorithm = algorithm
        self.bundle = str(project.folder / "parameters.json")

    def _wrap(self, **options: Any) -> dict[str, Any]:
        given = {"parameters_bundle_src": self.bundle, **options}
        return self.project.run({"cloudkeys.aws.kms_wrapped_key_material": given}).ok().only

    def wrapping_public_key(self) -> dict[Any, Any]:
        """As the HSM takes it."""
        exported = {"bundles": [{"key_id": self.key.arn, "dest": self.bundle}], "wrapping_algorithm": self.algorithm}
        self.project.run({"cloudkeys.aws.kms_import_parameters": exported}).ok()
        path = self.project.folder / "PublicKey.pem"
        assert self._wrap(wrapping_public_key_dest=str(path))["wrapping_algorithm"] == self.algorithm
        der = load_pem_public_key(path.read_bytes()).public_bytes(Encoding.DER, PublicFormat.PKCS1)
        return {**decode_rsa_public_key(der), Attribute.WRAP: True}

    def take_in_and_import(self, encrypted: bytes) -> dict[str, Any]:
        source, dest = self.project.folder / "encrypted.bin", self.project.folder / "wrapped.json"
        source.write_bytes(encrypted)
        taken = self._wrap(encrypted_key_material_src=str(source), dest=str(dest))
        task = {
            "key_id": self.key.arn,
            "wrapped_bundle_src": str(dest),
            "expected_check_code": taken["check_code"],
            "expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            "on_unknown_material": "reimport",
        }
        assert json.loads(dest.read_bytes())["public_key"] is None, "its content is unknown"
        return self.project.run({"cloudkeys.aws.kms_key_material": task}).ok().only


def test_a_symmetric_key_never_leaves_the_hsm(project: Project, kms: Any, hsm: Any) -> None:
    """The key is imported. KMS then compares it with a second encryption of the same key."""
    key = ExternalKey.create(kms)
    office = Office(project, key, "RSAES_OAEP_SHA_1")
    made = hsm.generate_key(KeyType.AES, 256, template={Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: True})
    for action in ("import", "reimport"):
        wrapping = hsm.create_object(office.wrapping_public_key())
        encrypted = wrapping.wrap_key(made, mechanism=Mechanism.RSA_PKCS_OAEP, mechanism_param=OAEP_SHA_1)
        result = office.take_in_and_import(encrypted)
        assert (result["actions"], result["material_match_by"]) == ([action], "kms_import")
        assert key.state == "Enabled"


def test_a_signing_key_never_leaves_the_hsm(project: Project, kms: Any, hsm: Any) -> None:
    """What the HSM signs, KMS verifies.

    Before it wraps, SoftHSM fills up with zero bytes what is not a multiple of 8 bytes long, and after these it is no
    PKCS#8 any more. That of a P-384 key has 80 bytes.
    """
    key = ExternalKey.create(kms, "ECC_NIST_P384", "SIGN_VERIFY")
    office = Office(project, key, "RSA_AES_KEY_WRAP_SHA_1")
    curve = hsm.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters("secp384r1")}, local=True
    )
    _public, private = curve.generate_keypair(private_template={Attribute.EXTRACTABLE: True})
    aes = hsm.generate_key(KeyType.AES, 256, template={Attribute.EXTRACTABLE: True, Attribute.WRAP: True})
    wrapping = hsm.create_object(office.wrapping_public_key())
    encrypted = wrapping.wrap_key(aes, mechanism=Mechanism.RSA_PKCS_OAEP, mechanism_param=OAEP_SHA_1)
    encrypted += aes.wrap_key(private, mechanism=Mechanism.AES_KEY_WRAP_PAD)
    assert office.take_in_and_import(encrypted)["actions"] == ["import"]
    signature = private.sign(hashlib.sha384(b"a message").digest(), mechanism=Mechanism.ECDSA)
    der = encode_ecdsa_signature(signature)
    verified = kms.verify(KeyId=key.arn, Message=b"a message", Signature=der, SigningAlgorithm="ECDSA_SHA_384")
    assert verified["SignatureValid"] is True
